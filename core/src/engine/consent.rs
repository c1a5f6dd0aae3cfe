//! Carrying out what the shopper decides, and who the shopper is.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lanes::Remembered;
use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{ConsentStatus, Decision, Purpose, PurposeKind, Receipt, Withdrawal};
use crate::diagnostics::SignedOut;
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::store::{Durability, Purge, StoreError, consents, events, meta, offers};

/// A token longer than this is no token.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The signed-in account. The token goes to the backend once; events carry the alias alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(super) alias: Uuid,
    /// Until the backend has linked it.
    pub(super) token: Option<String>,
}

impl Engine {
    pub(super) fn grant(&mut self, purposes: &[Purpose], now: Now, effects: &mut Effects) -> Result<Receipt, Error> {
        check(purposes)?;
        let decisions = self.decide(purposes, |_| ConsentStatus::Granted, now);
        self.store.transact(Durability::Full, |tx| decisions.iter().try_for_each(|d| consents::append(tx, d)))?;
        Ok(self.decided(decisions, effects))
    }

    /// Saying no to what had been granted is a withdrawal, whatever the button was called.
    pub(super) fn deny(&mut self, purposes: &[Purpose], now: Now, effects: &mut Effects) -> Result<Receipt, Error> {
        check(purposes)?;
        let mut receipt = Receipt { decisions: Vec::new(), epoch: self.consents.epoch() };
        for purpose in purposes {
            let one = self.withdraw(purpose, now, effects)?.receipt;
            receipt.decisions.extend(one.decisions);
            receipt.epoch = one.epoch;
        }
        Ok(receipt)
    }

    /// Ends a purpose: one transaction appends the decision, deletes what was recorded under it
    /// and raises the epoch. A request in flight that may carry some of it is broken off before
    /// the caller gets the answer; see [`Effects::abort`].
    pub(super) fn withdraw(&mut self, purpose: &Purpose, now: Now, effects: &mut Effects) -> Result<Withdrawal, Error> {
        check(std::slice::from_ref(purpose))?;
        let decisions = self.decide(std::slice::from_ref(purpose), |p| self.consents.refusal(p), now);
        let withdrawn = decisions.iter().any(|d| d.status == ConsentStatus::Withdrawn);
        let kind = purpose.kind();
        // What one partner no longer hears is still the retailer's to know.
        let purges = withdrawn && purpose.partner().is_none();
        let sent = self.sync.sent();
        let mut tracker = self.tracker.clone();
        let purged_visits = if purges && kind == PurposeKind::PreciseLocation { tracker.forget() as u64 } else { 0 };
        let purge = self.store.transact(Durability::Full, |tx| {
            for decision in &decisions {
                consents::append(tx, decision)?;
            }
            if !purges {
                return Ok(Purge::default());
            }
            match kind {
                PurposeKind::PreciseLocation => meta::set(tx, key::VISITS, tracker.state())?,
                PurposeKind::Engagement => offers::forget_dismissed(tx)?,
                _ => {}
            }
            events::withdraw(tx, kind, sent)
        })?;
        self.tracker = tracker;
        if purges {
            match kind {
                PurposeKind::PreciseLocation => self.forget_place(effects),
                PurposeKind::CoarseLocation => self.position = None,
                PurposeKind::Engagement => self.dismissed.clear(),
                _ => {}
            }
        }
        let receipt = self.decided(decisions, effects);
        if purge.in_doubt > 0 && self.sync.is_sending_events() {
            self.break_off(effects);
        }
        let purged_events = purge.events + if purges { self.clean_up(effects) } else { 0 };
        self.log.line(Level::Info, || format!("consent: {kind:?} ended, {purged_events} events purged"));
        Ok(Withdrawal { receipt, purged_events, in_doubt: purge.in_doubt, purged_visits })
    }

    /// Gives up on what is on the wire. What this very step was about to send does not leave at all.
    fn break_off(&mut self, effects: &mut Effects) {
        effects.abort = self.sync.break_off();
        if effects.send.as_ref().map(|(ticket, _)| *ticket) == effects.abort {
            effects.send = None;
        }
    }

    /// What this very step had to tell of a place goes unsaid too: the shopper has taken it back.
    fn forget_place(&mut self, effects: &mut Effects) {
        self.position = None;
        self.since_fix.clear();
        effects.changes.retain(|change| !matches!(change, Change::Visit(_)));
    }

    /// After a purge that is committed: what is still in the ring meets the consent as it is now,
    /// and the files are rid of what was deleted. Answers how many more events fell.
    ///
    /// A disk that refuses cannot undo the decision, so it is logged and not told as a failure: the
    /// ring meets the same consent later, and SQLite overwrites what it deletes (`secure_delete`).
    fn clean_up(&mut self, effects: &mut Effects) -> u64 {
        let cleaned = (|| {
            let before = self.store.account()?.purged;
            self.import_all(effects)?;
            self.ring.scrub();
            let fell = self.store.account()?.purged.saturating_sub(before);
            self.store.scrub()?;
            Ok::<_, StoreError>(fell)
        })();
        cleaned.unwrap_or_else(|error| {
            self.log.line(Level::Error, || format!("consent: {error}"));
            0
        })
    }

    pub(super) fn identify(&mut self, token: String, now: Now) -> Result<(), Error> {
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(Error::invalid("token", format!("takes 1 to {MAX_TOKEN_BYTES} bytes, not {}", token.len())));
        }
        // What was handed over before belongs to the shopper as known before.
        self.import_all(&mut Effects::default())?;
        // Until someone signs out it is the same shopper, whose token was renewed.
        let alias = self.identity.as_ref().map_or_else(|| self.ids.v7(now), |known| known.alias);
        let identity = Identity { alias, token: Some(token) };
        self.store.transact(Durability::Full, |tx| meta::set(tx, key::IDENTITY, &identity))?;
        self.identity = Some(identity);
        Ok(())
    }

    /// Leaves nothing of this shopper to the next: queue, visits, decisions and the installation's
    /// own pseudonym go in one transaction.
    pub(super) fn sign_out(&mut self, now: Now, effects: &mut Effects) -> Result<SignedOut, Error> {
        let sent = self.sync.sent();
        self.import_all(effects)?;
        let installation = self.ids.v4();
        let mut tracker = self.tracker.clone();
        let purged_visits = tracker.forget() as u64;
        // The epoch goes on: a record of the last shopper that is still on its way is older.
        let closing: Vec<Purpose> = self.consents.decided().map(|s| s.purpose).collect();
        let closing = self.decide(&closing, |_| ConsentStatus::NotAsked, now);
        let epoch = closing.last().map_or(self.consents.epoch(), |last| last.epoch);
        let fresh = Remembered::from_epoch(epoch, self.sync.kept.true_time);
        let purge = self.store.transact(Durability::Full, |tx| {
            consents::forget(tx)?;
            closing.iter().try_for_each(|decision| consents::append(tx, decision))?;
            offers::forget_dismissed(tx)?;
            meta::remove(tx, key::IDENTITY)?;
            // The new installation has told the backend nothing, and has nothing to tell.
            meta::set(tx, key::SYNC, &fresh)?;
            meta::set(tx, key::VISITS, tracker.state())?;
            meta::set(tx, key::INSTALLATION, &installation)?;
            events::sign_out(tx, sent)
        })?;
        self.break_off(effects);
        self.tracker = tracker;
        self.forget_place(effects);
        self.dismissed.clear();
        self.installation = installation;
        self.identity = None;
        self.visit_anew(now);
        self.decided(closing, effects);
        self.sync.start_over(fresh);
        let purged_events = purge.events + self.clean_up(effects);
        Ok(SignedOut { purged_events, in_doubt: purge.in_doubt, purged_visits })
    }

    /// The `subject` of events recorded now.
    pub(super) fn subject(&self) -> Option<Uuid> {
        self.identity.as_ref().map(|identity| identity.alias)
    }

    fn decide(&self, purposes: &[Purpose], status: impl Fn(&Purpose) -> ConsentStatus, now: Now) -> Vec<Decision> {
        (purposes.iter().zip(self.consents.epoch() + 1..))
            .map(|(purpose, epoch)| Decision {
                id: self.ids.v7(now),
                purpose: purpose.clone(),
                status: status(purpose),
                decided_at_ms: now.wall_ms,
                epoch,
            })
            .collect()
    }

    /// What is stored becomes what stands.
    fn decided(&mut self, decisions: Vec<Decision>, effects: &mut Effects) -> Receipt {
        for decision in &decisions {
            self.consents.apply(decision);
        }
        self.touch();
        self.mirror_gate();
        self.sync.consent_changed(self.consents.epoch());
        effects.changes.extend([Change::Consent, Change::Offers]);
        Receipt { decisions, epoch: self.consents.epoch() }
    }
}

fn check(purposes: &[Purpose]) -> Result<(), Error> {
    if purposes.is_empty() {
        return Err(Error::invalid("purposes", "is empty"));
    }
    match purposes.iter().find_map(|p| p.partner().filter(|id| id.is_empty() || id.len() > 256)) {
        Some(id) => Err(Error::invalid("purpose.partner", format!("takes an id of 1 to 256 bytes, not {}", id.len()))),
        None => Ok(()),
    }
}
