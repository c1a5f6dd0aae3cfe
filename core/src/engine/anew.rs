//! Going on as another installation: the store is a copy of an earlier state (a backup that was put back), and the
//! backend holds what was decided after it.
//!
//! What was refused stays refused. A yes may have been taken back since, and nobody tells: the backend ties the new name
//! to no account before the shopper signs in again, so that the device that this one was is not heard as one of the
//! shopper's others. The shopper is asked again, and what was recorded under that yes goes. A yes that this very process
//! heard is none of the copy's.

use std::collections::{BTreeMap, BTreeSet};

use super::consent::NO_HEAD;
use super::lanes::Remembered;
use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{ConsentStatus, Decision, Purpose, PurposeKind, PurposeSet, Sha};
use crate::observe::Change;
use crate::store::{StoreError, account, consents, meta};

impl Engine {
    /// Goes on under another name. The decisions here stand as they are, but for those that nobody can vouch for, and
    /// enter a ledger of their own.
    pub(super) fn begin_anew(&mut self, now: Now, effects: &mut Effects) -> Result<(), StoreError> {
        let installation = self.ids.v4();
        let (secret, wrapped) = super::secrets::draw(&self.ids, self.vault.as_ref(), &self.log)?;
        let signer = secret.signer();
        let keys = BTreeSet::from([signer.public()]);
        let former = self.requests_at_parting(now);
        let unsure = self.unsure();
        let mut closed: BTreeMap<Purpose, u64> = BTreeMap::new();
        let mut head = NO_HEAD;
        let mut sealed = Vec::new();
        let mut renamed: BTreeMap<Sha, Sha> = BTreeMap::new();
        for (mut decision, _) in self.store.decisions_after(0)? {
            if unsure.contains(&decision.purpose) {
                closed.insert(decision.purpose, decision.epoch);
            } else if decision.own && decision.status.is_decision() {
                let before = decision.hash;
                // It knows of the same under both names: the other devices have the old ones.
                let again: Vec<Sha> = decision.parents.iter().filter_map(|old| renamed.get(old).copied()).collect();
                decision.parents.extend(again);
                decision.parents.push(before);
                let seal = signer.seal(&mut decision, head);
                head = seal.hash();
                renamed.insert(before, head);
                sealed.push((decision.epoch, seal));
            }
        }
        // In the place of the last one, and not behind all: a yes that stays keeps the highest epoch of what is told, and
        // the backend takes no event of a higher one.
        let mut after = self.consents.clone();
        let closing = |(purpose, epoch)| {
            let decision = Decision::new(self.ids.v7(now), purpose, ConsentStatus::NotAsked, now.wall_ms, epoch);
            after.apply(&decision);
            decision
        };
        let closing: Vec<Decision> = closed.into_iter().map(closing).collect();
        // What was kept when a yes was taken back may have been erased since, too.
        let kept = PurposeKind::ALL.into_iter().filter_map(|kind| Purpose::from_parts(kind, None)).filter(|purpose| {
            self.consents.holds_captured(purpose) && !self.consents.granted().contains(purpose.kind())
        });
        let gone: PurposeSet =
            unsure.iter().cloned().chain(kept).filter(|of| of.partner().is_none()).map(|of| of.kind()).collect();
        // What may have arrived under the former name still may have.
        let in_doubt_to = self.sync.sent().map_or(0, |sent| sent.last);
        let fresh = Remembered { in_doubt_to, ..Remembered::from_epoch(0, self.sync.kept.true_time) };
        self.purge(gone, effects, |tx| {
            unsure.iter().try_for_each(|purpose| consents::remove(tx, purpose))?;
            sealed.iter().try_for_each(|(epoch, seal)| consents::adopt(tx, *epoch, seal))?;
            closing.iter().try_for_each(|decision| consents::append(tx, decision, None))?;
            consents::allow(tx, after.granted())?;
            account::begin_anew(tx)?;
            meta::remove(tx, key::ANCHOR)?;
            meta::set(tx, key::SYNC, &fresh)?;
            meta::set(tx, key::INSTALLATION, &installation)?;
            meta::set(tx, key::KEYS, &keys)?;
            meta::set(tx, key::FORMER, &former)?;
            meta::set(tx, key::SECRET, &wrapped.as_deref())
        })?;
        self.installation = installation;
        self.signer = signer;
        self.keys = keys;
        self.former = former;
        self.secret = secret;
        self.head = head;
        self.anchor = None;
        self.begun_anew = true;
        self.sync.start_over(fresh);
        self.consents = consents::fold(&self.store.decisions_after(0)?);
        self.sync.consent_changed(self.consents.epoch());
        self.restand(now);
        self.follow_purge(effects);
        effects.changes.extend([Change::Consent, Change::Offers]);
        Ok(())
    }

    /// What was allowed before this process began.
    fn unsure(&self) -> Vec<Purpose> {
        self.consents.granted_by(self.epoch_at_open)
    }
}
