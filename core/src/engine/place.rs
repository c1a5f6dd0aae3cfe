//! From a position to visits, and from visits to events.

use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{CoarseLocation, PreciseLocation, Purpose};
use crate::error::Error;
use crate::event::Record;
use crate::log::Level;
use crate::observe::Change;
use crate::offer::Position;
use crate::place::{Fix, FixInput, Transition, VisitTracker};
use crate::store::{Durability, StoreError, events, meta};

impl Engine {
    /// Takes in a position. Coarse consent coarsens it before anything else sees it.
    pub(super) fn locate(
        &mut self,
        input: FixInput,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Vec<Transition>, Error> {
        let gate = self.gate();
        let fix = Fix::new(input, now)?;
        let Some(permit) = gate.permit::<PreciseLocation>() else {
            let Some(permit) = gate.permit::<CoarseLocation>() else {
                return Err(Error::NotPermitted { purpose: Purpose::PreciseLocation });
            };
            self.stand_at(&fix.coarse(&permit), effects);
            return Ok(Vec::new());
        };
        let mut tracker = self.tracker.clone();
        let transitions = tracker.update(&permit, &fix, &mut |now| self.ids.v7(*now));
        self.record_visits(tracker, &transitions, now, effects)?;
        self.stand_at(&fix, effects);
        let mut since_the_last_fix = std::mem::take(&mut self.since_fix);
        since_the_last_fix.extend(transitions);
        Ok(since_the_last_fix)
    }

    /// Records the dwells that came due without a fix.
    pub(super) fn dwell(&mut self, now: Now, effects: &mut Effects) {
        if self.tracker.deadline(&now).is_none_or(|due| due > now.wall_ms) {
            return;
        }
        let mut tracker = self.tracker.clone();
        let transitions = tracker.expire(now);
        match self.record_visits(tracker, &transitions, now, effects) {
            Ok(()) => self.since_fix.extend(transitions),
            // Tried again with the next step: the tracker that was kept still has it due.
            Err(error) => self.log.line(Level::Error, || format!("place: {error}")),
        }
    }

    /// Puts a new set of places under the visits; a visit whose place is gone ends.
    pub(super) fn swap_places(&mut self, now: Now, effects: &mut Effects) -> Result<(), StoreError> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let mut tracker = self.tracker.clone();
        let transitions = tracker.swap_catalogue(shown.catalogue.places.clone(), &now);
        self.record_visits(tracker, &transitions, now, effects)
    }

    /// Visits that ended because their places were gone when the store was opened.
    pub(super) fn record_left(&mut self, left: &[Transition], now: Now) -> Result<(), StoreError> {
        if left.is_empty() {
            Ok(())
        } else {
            self.record_visits(self.tracker.clone(), left, now, &mut Effects::default())
        }
    }

    /// The tracker's new state and the events that follow from it are one transaction: a kill in
    /// between can neither repeat a visit nor lose one.
    fn record_visits(
        &mut self,
        tracker: VisitTracker,
        transitions: &[Transition],
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let gate = self.gate();
        let Some(permit) = gate.permit::<PreciseLocation>().filter(|_| !transitions.is_empty()) else {
            // Evidence that has decided nothing yet is not worth a write for each fix: after a
            // kill it is gathered anew.
            self.tracker = tracker;
            return Ok(());
        };
        let (consents, subject) = (&self.consents, self.subject());
        let recorded = if self.is_sampled_out() { &[] } else { transitions };
        let records: Vec<Record> =
            recorded.iter().filter_map(|t| Record::of_visit(&permit, t, now, self.session)).collect();
        self.store.transact(Durability::Normal, |tx| {
            meta::set(tx, key::VISITS, tracker.state())?;
            records.iter().try_for_each(|record| events::import(tx, consents, record, subject))
        })?;
        self.tracker = tracker;
        if !transitions.is_empty() {
            self.touch();
            effects.changes.extend(transitions.iter().cloned().map(Change::Visit));
            effects.changes.push(Change::Offers);
        }
        self.make_room();
        Ok(())
    }

    fn stand_at(&mut self, fix: &Fix, effects: &mut Effects) {
        let first = self.position.is_none();
        self.position = Some(Position { latitude: fix.latitude, longitude: fix.longitude, accuracy_m: fix.accuracy_m });
        self.touch();
        if first {
            effects.changes.push(Change::Offers);
        }
    }
}
