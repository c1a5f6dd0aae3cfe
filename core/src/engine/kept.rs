//! Decisions that are kept: what stood behind a notice or behind cards that were seen, to be taken again.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Engine, key};
use crate::clock::Now;
use crate::consent::{PurposeSet, Sha};
use crate::error::Error;
use crate::log::Level;
use crate::offer::{DecisionRecord, decide};
use crate::store::{Durability, StoreError, meta};

/// The newest of so many.
const MOST: usize = 20;

/// Cards that are seen one after another come from one decision: behind looks, one a minute is kept.
const LOOK_MS: u64 = 60_000;

/// The decisions that are kept, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Kept(Vec<DecisionRecord>);

impl Kept {
    pub(crate) fn records(&self) -> &[DecisionRecord] {
        &self.0
    }

    /// Without those that were taken at `since_ms` or later; whether there were any.
    pub(super) fn forget_since(&mut self, since_ms: i64) -> bool {
        let before = self.0.len();
        self.0.retain(|record| record.at_ms < since_ms);
        self.0.len() < before
    }

    /// Without those that looked at what may not be looked at any more; whether there were any.
    fn forget_beyond(&mut self, allowed: PurposeSet) -> bool {
        let before = self.0.len();
        self.0.retain(|record| record.rested_on().without(allowed).is_empty());
        self.0.len() < before
    }

    fn add(&mut self, record: DecisionRecord) {
        self.0.push(record);
        let old = self.0.len().saturating_sub(MOST);
        self.0.drain(..old);
    }
}

impl Engine {
    /// What is kept.
    pub(super) fn kept(&self) -> Result<Kept, StoreError> {
        Ok(self.store.meta(key::DECISIONS)?.unwrap_or_default())
    }

    /// A yes ran out or means less than is asked now, or a permission is gone: what was looked at under it leaves the
    /// disk, as the last position does. A purge takes all of them.
    pub(super) fn shed_decisions(&mut self) {
        let allowed = self.terms.allowed;
        let shed = self.kept().and_then(|mut kept| {
            if !kept.forget_beyond(allowed) {
                return Ok(());
            }
            self.store.transact(Durability::Normal, |tx| meta::set(tx, key::DECISIONS, &kept))?;
            self.store.scrub()
        });
        if let Err(error) = shed {
            // Done anew when the store is opened next.
            self.log.line(Level::Error, || format!("offers: {error}"));
        }
    }

    /// Takes the decision as it stands and keeps it.
    pub(super) fn keep_decision(&mut self, placement: Option<&str>, asked: bool, now: Now) -> Result<Uuid, Error> {
        let id = self.ids.v7(now);
        // The catalogue as it lies on the disk: whoever takes the decision again has that one.
        let cached = self.store.cached_catalogue()?;
        let snapshot = self.snapshot();
        let input = snapshot.decision(&snapshot.gate, now, placement, &self.config.locale);
        let (Some(cached), Some(input)) = (cached, input) else {
            return Err(Error::invalid("placement", "cannot be decided on before there is a catalogue"));
        };
        let shopper = self.own.side(self.installation, asked);
        let decision = decide(&input, &shopper);
        let record = DecisionRecord::new(id, Sha::of(&cached.body), &input, &shopper, &decision);
        let mut kept = self.kept()?;
        kept.add(record);
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::DECISIONS, &kept))?;
        Ok(id)
    }

    /// The same behind what showed by itself: it shows, whether it could be kept or not. Of a visit that goes unseen
    /// none is kept, for it says where the shopper is.
    pub(super) fn keep_behind(&mut self, asked: bool, now: Now) {
        if self.own.moments.unseen() {
            return;
        }
        if let Err(error) = self.keep_decision(None, asked, now) {
            self.log.line(Level::Warn, || format!("offers: a decision was not kept: {error}"));
        }
    }

    /// Behind a look, once a minute.
    pub(super) fn keep_behind_look(&mut self, asked: bool, now: Now) {
        if self.look_kept_mono_ms.is_some_and(|at| now.mono_ms.saturating_sub(at) < LOOK_MS) {
            return;
        }
        self.look_kept_mono_ms = Some(now.mono_ms);
        self.keep_behind(asked, now);
    }
}
