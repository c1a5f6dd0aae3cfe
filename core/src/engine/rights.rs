//! The shopper's right to see and to leave: done on the device at once, offline too, and asked of
//! the backend until it says that it has done its part.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Effects, Engine, key, secrets};
use crate::account::reason;
use crate::clock::Now;
use crate::consent::{Purpose, Secret, Sha, Signer};
use crate::diagnostics::Erased;
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::store::consents::Stored;
use crate::store::{Durability, StoreError, meta};
use crate::sync::Lane;
use crate::sync::wire::{RightKind, RightStatement, RightsReply, SignedRight};

/// How the backend begins to say that it knows another key of this installation.
const WRONG_KEY: &str = "wrong_key";

/// The key of which the vault keeps the secret.
enum Kept {
    Open(Box<Signer>),
    Closed,
    /// The vault has never taken one: a key serves as long as the process.
    Nothing,
}

/// A right that is to be asked of the backend.
#[derive(Debug, Clone)]
pub(super) struct Right {
    kind: RightKind,
    purpose: Option<Purpose>,
    until: Option<u64>,
}

impl Right {
    /// That what was sent under `purpose` be erased, up to the withdrawal of this moment. The backend looks up which one
    /// that is: told of an epoch that it does not hold, it would refuse what comes under the same number from a copy of
    /// this store that was put back.
    pub(super) fn withdrawn(purpose: &Purpose) -> Self {
        Self { kind: RightKind::ErasePurpose, purpose: Some(purpose.clone()), until: None }
    }

    /// The same up to `epoch`: of what was said on another device and heard here, or sent under a former name.
    pub(super) fn withdrawn_until(purpose: &Purpose, epoch: u64) -> Self {
        Self { until: Some(epoch), ..Self::withdrawn(purpose) }
    }
}

/// What stays when everything is erased: that it was, and the head of the ledger that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// The request's id; the backend's proof has the same.
    pub(super) request: Uuid,
    /// The device's wall clock, RFC 3339.
    pub(super) erased_at: String,
    /// The last entry of the ledger that was erased.
    pub(super) head: Sha,
}

/// An export as the backend gave it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exported {
    /// The device's wall clock, RFC 3339.
    pub(super) received_at: String,
    pub(super) body: serde_json::Value,
}

/// Adds a request. One to erase a purpose reaches up to its withdrawal and takes the place of an earlier
/// one: a shopper who changes her mind a hundred times offline asks once. To see comes last: what is to be
/// erased is not shown any more.
pub(super) fn add(rights: &mut Vec<SignedRight>, right: SignedRight) {
    let scope = |right: &SignedRight| {
        let statement: RightStatement = serde_json::from_slice(right.statement.as_bytes()).ok()?;
        Some((statement.installation, statement.kind, statement.purpose, statement.partner))
    };
    let wanted = scope(&right);
    rights.retain(|earlier| scope(earlier) != wanted);
    rights.push(right);
    rights.sort_by_key(|right| right.kind == RightKind::Export);
}

/// `statement` in words, signed.
fn sign(signer: &Signer, statement: RightStatement) -> SignedRight {
    let statement = RightStatement { key: signer.public(), ..statement };
    // Writing this type to memory cannot fail; an empty statement would be refused.
    let text = serde_json::to_string(&statement).unwrap_or_default();
    SignedRight { id: statement.id, kind: statement.kind, signature: signer.sign(text.as_bytes()), statement: text }
}

impl Engine {
    /// Erases everything that is known, here and now, and asks the backend to do the same.
    pub(super) fn erase(&mut self, now: Now, effects: &mut Effects) -> Result<Erased, Error> {
        let request = self.sign_known(Right { kind: RightKind::Erase, purpose: None, until: None }, now)?;
        let proof = Proof { request: request.id, erased_at: now.rfc3339(), head: self.head() };
        let id = request.id;
        let gone = self.leave(reason::ERASED, Some((request, proof)), now, effects)?;
        Ok(Erased {
            request: id,
            purged_events: gone.purged_events,
            in_doubt: gone.in_doubt,
            purged_visits: gone.purged_visits,
        })
    }

    /// Asks the backend for what it knows; [`Engine::export`] has it once it came.
    pub(super) fn request_export(&mut self, now: Now) -> Result<(), Error> {
        if self.rights.iter().any(|right| self.is_own_export(right)) {
            return Ok(());
        }
        let mut rights = self.rights.clone();
        add(&mut rights, self.sign_known(Right { kind: RightKind::Export, purpose: None, until: None }, now)?);
        self.store.transact(Durability::Full, |tx| meta::set(tx, key::RIGHTS, &rights))?;
        self.rights = rights;
        Ok(())
    }

    /// What the backend is about to give to see is from before the shopper took something back: it is asked
    /// again, behind the request to erase that.
    pub(super) fn outdate_export(&mut self, effects: &mut Effects) {
        let asking = self.sync.in_flight.as_ref().is_some_and(|in_flight| in_flight.lane == Lane::Rights);
        if asking && self.rights.iter().any(|right| right.kind == RightKind::Export) {
            self.break_off(effects);
        }
    }

    /// Whether it asks to see what the backend has of this very installation.
    fn is_own_export(&self, right: &SignedRight) -> bool {
        let own = |statement: RightStatement| statement.installation == self.installation;
        right.kind == RightKind::Export && serde_json::from_str(&right.statement).is_ok_and(own)
    }

    /// As [`Engine::sign_right`], with a key that the backend knows. One that stands in since the vault was closed when
    /// the store was opened is not among them before a decision is signed with it, and what it asks for is refused;
    /// behind an erasure nobody could ask again. Most often the vault is open by now.
    fn sign_known(&self, right: Right, now: Now) -> Result<SignedRight, Error> {
        match self.kept_signer()? {
            Kept::Nothing => return Ok(self.sign_right(right, now)),
            Kept::Open(signer) => return Ok(sign(&signer, self.statement(right, now))),
            Kept::Closed => {}
        }
        let own = self.signer.public();
        let has_signed = |(decision, seal): &Stored| {
            let entry = seal.as_ref().and_then(|seal| seal.read(decision.epoch).ok());
            decision.own && entry.is_some_and(|entry| entry.key == own)
        };
        let is_known = self.sync.kept.acked_epoch == 0 || self.store.decisions_after(0)?.iter().any(has_signed);
        if is_known {
            return Ok(self.sign_right(right, now));
        }
        let why = "the vault is closed, and without its key the backend takes no request".to_owned();
        Err(Error::Unavailable { why, retry_after: None })
    }

    /// The key that outlives the process, as far as the vault gives it.
    fn kept_signer(&self) -> Result<Kept, StoreError> {
        let Some(kept) = self.store.meta::<String>(key::SECRET)?.map(Zeroizing::new) else { return Ok(Kept::Nothing) };
        let secret = secrets::unwrap(&kept, self.vault.as_ref(), &self.log);
        let secret = secret.as_deref().and_then(|secret| Secret::from_bytes(secret));
        Ok(secret.map_or(Kept::Closed, |secret| Kept::Open(Box::new(secret.signer()))))
    }

    /// The request signed with the key under which the decisions were made: whoever asks for a shopper's data, or for
    /// the end of it, must have that shopper's device.
    pub(super) fn sign_right(&self, right: Right, now: Now) -> SignedRight {
        sign(&self.signer, self.statement(right, now))
    }

    fn statement(&self, right: Right, now: Now) -> RightStatement {
        RightStatement {
            version: 1,
            id: self.ids.v7(now),
            installation: self.installation,
            kind: right.kind,
            purpose: right.purpose.as_ref().map(Purpose::kind),
            partner: right.purpose.as_ref().and_then(Purpose::partner).map(str::to_owned),
            until: right.until,
            asked_at: now.rfc3339(),
            key: String::new(), // of whoever signs
        }
    }

    /// A request that was refused for its key, to be asked once more: with the kept key, or, while the vault is closed,
    /// as it is. What another device took back may have been heard while another key stood in, which the backend has
    /// seen in no decision. `None` where nothing better can be asked.
    fn signed_again(&self, right: &SignedRight, now: Now) -> Result<Option<SignedRight>, StoreError> {
        let Ok(statement) = serde_json::from_str::<RightStatement>(&right.statement) else { return Ok(None) };
        if statement.installation != self.installation {
            return Ok(None);
        }
        Ok(match self.kept_signer()? {
            Kept::Closed => Some(right.clone()),
            Kept::Open(signer) if signer.public() != statement.key => {
                Some(sign(&signer, RightStatement { id: self.ids.v7(now), ..statement }))
            }
            Kept::Open(_) | Kept::Nothing => None,
        })
    }

    /// What the backend has done is no longer asked; what it gave is kept for the next export.
    pub(super) fn rights_answered(
        &mut self,
        reply: RightsReply,
        now: Now,
        effects: &mut Effects,
    ) -> Result<bool, StoreError> {
        let mut left = Vec::new();
        for right in self.rights.iter().filter(|right| !reply.done.contains(&right.id)) {
            match reply.refused.iter().find(|refused| refused.id == right.id) {
                None => left.push(right.clone()),
                Some(refused) if refused.reason.starts_with(WRONG_KEY) => left.extend(self.signed_again(right, now)?),
                Some(_) => {}
            }
        }
        // Nobody else's: what was asked for before the last shopper left is not for this one to see.
        let asked = self.rights.iter().any(|right| reply.done.contains(&right.id) && self.is_own_export(right));
        let exported = reply.export.filter(|_| asked).map(|body| Exported { received_at: now.rfc3339(), body });
        for refused in &reply.refused {
            self.log
                .line(Level::Error, || format!("rights: the backend does not do {}: {}", refused.id, refused.reason));
        }
        self.store.transact(Durability::Full, |tx| {
            if let Some(exported) = &exported {
                meta::set(tx, key::EXPORT, exported)?;
            }
            meta::set(tx, key::RIGHTS, &left)
        })?;
        let settled = left.is_empty();
        self.rights = left;
        effects.changes.push(Change::Consent);
        Ok(settled)
    }
}
