//! What was sent under a name that this installation had before.
//!
//! The backend has it under that name, and takes a request about it only from whoever has the key of its ledger, which
//! goes when the name is changed ([`super::anew`]). So the requests are signed before that, one of each purpose, and
//! kept until the shopper says no to it. They reach up to the last decision that this installation knows of: what
//! another device has recorded since, whose store this one is a copy of, is that one's to ask about.

use super::{Engine, rights};
use crate::clock::Now;
use crate::consent::{ConsentStatus, Decision, Seal};
use crate::engine::rights::Right;
use crate::sync::wire::{RightStatement, SignedRight};

impl Engine {
    /// What may be asked about the present name once it is a former one, and about those before it.
    pub(super) fn requests_at_parting(&self, now: Now) -> Vec<SignedRight> {
        let until = self.consents.epoch();
        let mut requests = self.former.clone();
        for purpose in self.consents.decided() {
            rights::add(&mut requests, self.sign_right(Right::withdrawn_until(purpose, until), now));
        }
        requests
    }

    /// Of those requests the ones that these decisions send on their way, and the ones that stay. Any no does that keeps
    /// nothing: a purpose that was allowed under a former name is asked anew, and refused rather than withdrawn.
    pub(super) fn parted_by(&self, decisions: &[(Decision, Seal)]) -> (Vec<SignedRight>, Vec<SignedRight>) {
        let is_no = |decision: &Decision| decision.status != ConsentStatus::Granted && !decision.keeps_captured;
        let refused = |right: &SignedRight| {
            let asked = serde_json::from_str::<RightStatement>(&right.statement);
            asked.is_ok_and(|asked| {
                decisions.iter().any(|(decision, _)| {
                    let purpose = &decision.purpose;
                    is_no(decision)
                        && Some(purpose.kind()) == asked.purpose
                        && purpose.partner() == asked.partner.as_deref()
                })
            })
        };
        self.former.iter().cloned().partition(refused)
    }
}
