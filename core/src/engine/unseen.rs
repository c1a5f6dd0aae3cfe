//! Visits that the shopper wants unrecorded: what joins them, what of them is taken back, and when it is over.
//!
//! The rule is [`crate::offer::Moments`]'s, and names visits by their ids. Which visits those are is known here, where
//! the places are: who goes unseen in a store does so in its departments and in the mall around it. A visit ends in
//! more ways than by leaving (a yes is taken back, a permission goes), so after every change of what is open only open
//! visits are left in the rule, in the same transaction.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use super::{Effects, Engine, key};
use crate::event::{Kind, VISIT_KINDS};
use crate::log::Level;
use crate::offer::{Moments, Person};
use crate::place::{Transition, TransitionKind, Visit, VisitTracker, ancestors};
use crate::store::{Durability, StoreError, Tx, dead_letters, events, meta};

/// What of visits is not to be known of.
pub(super) struct Unseen {
    visits: Vec<Uuid>,
    /// Their places, those that these are parts of and the parts of them, each with when the visit began.
    places: BTreeMap<String, i64>,
    /// When the first of them began, wall clock.
    since_ms: i64,
}

/// What is read of the event of a visit or a zone.
#[derive(Deserialize)]
struct Whereabouts {
    visit: Option<Uuid>,
    place: Option<String>,
}

impl Unseen {
    /// Whether an event tells of them: a turn of theirs or of a visit within them, and every look and every zone since
    /// the first of them began.
    fn tells(&self, kind: &str, at_ms: i64, data: &[u8]) -> bool {
        match Kind::named(kind) {
            Some(Kind::Impression | Kind::BeaconZone) => at_ms >= self.since_ms,
            _ if kind.starts_with(VISIT_KINDS) => {
                let Ok(told) = serde_json::from_slice::<Whereabouts>(data) else { return false };
                let within = told.place.and_then(|place| self.places.get(&place));
                told.visit.is_some_and(|visit| self.visits.contains(&visit))
                    || within.is_some_and(|since_ms| at_ms >= *since_ms)
            }
            _ => false,
        }
    }

    /// What was learnt of them.
    pub(super) fn unlearn(&self, person: &mut Person) {
        for (place, since_ms) in &self.places {
            person.forget_visits_since(place, *since_ms);
        }
        let looks = [Kind::Impression, Kind::BeaconZone].map(Kind::name);
        person.forget_events_since(self.since_ms, |kind| kind.starts_with(VISIT_KINDS) || looks.contains(&kind));
    }

    /// Takes what tells of them out of the queue, the dead letters and the decisions that are kept; answers which events
    /// left the queue.
    pub(super) fn erase(&self, tx: &Tx<'_>) -> Result<Vec<Uuid>, StoreError> {
        let gone = events::forget(tx, |kind, at_ms, data| self.tells(kind, at_ms, data))?;
        dead_letters::forget(tx, |kind, at_ms, data| self.tells(kind, at_ms, data))?;
        Ok(gone)
    }

    /// When the first of them began, wall clock.
    pub(super) fn since_ms(&self) -> i64 {
        self.since_ms
    }
}

impl Engine {
    /// What of the visits that are open now is not to be known of; `None` without any.
    pub(super) fn to_go_unseen(&self) -> Option<Unseen> {
        let visits = self.tracker.visits();
        let since_ms = visits.iter().map(|visit| visit.entered_at_ms).min()?;
        let mut places = BTreeMap::new();
        for place in self.tracker.places() {
            let within = visits.iter().filter(|visit| self.is_one_place(&visit.place, &place.id));
            if let Some(since_ms) = within.map(|visit| visit.entered_at_ms).min() {
                places.insert(place.id.clone(), since_ms);
            }
        }
        // Of a place that has no fence any more, and is known by its visit alone.
        places.extend(visits.iter().map(|visit| (visit.place.clone(), visit.entered_at_ms)));
        Some(Unseen { visits: visits.into_iter().map(|visit| visit.id).collect(), places, since_ms })
    }

    /// Breaks off a request that carries any of these events, which are gone, and rids the files of them.
    pub(super) fn follow_unseen(&mut self, gone: &[Uuid], effects: &mut Effects) {
        let carries = |sent: &[(Uuid, i64)]| sent.iter().any(|(id, _)| gone.contains(id));
        if self.sync.in_flight.as_ref().is_some_and(|in_flight| carries(&in_flight.sent)) {
            self.break_off(effects);
        }
        if let Err(error) = self.store.scrub() {
            // SQLite has overwritten them in place; a copy may be left in its log until that is begun anew.
            self.log.line(Level::Error, || format!("offers: {error}"));
        }
    }

    /// Which of these turns are of visits that go unseen. One that begins at a part of the place of such a visit, or
    /// around it, while that is open, goes unseen with it.
    pub(super) fn unseen_among(&self, told: &[Transition]) -> Vec<Uuid> {
        if !self.own.moments.unseen() {
            return Vec::new();
        }
        let is_unseen = |visit: &Visit| self.own.moments.is_unseen(visit.id);
        let mut open: Vec<(Uuid, String)> =
            self.tracker.visits().into_iter().filter(is_unseen).map(|visit| (visit.id, visit.place)).collect();
        // One whose place is gone has left the tracker already, when the store is opened.
        let known = told.iter().map(|turn| turn.visit).filter(|visit| self.own.moments.is_unseen(*visit));
        let mut unseen: Vec<Uuid> = open.iter().map(|(visit, _)| *visit).chain(known).collect();
        for turn in told {
            match turn.kind {
                TransitionKind::Entered | TransitionKind::Passed => {
                    if open.iter().any(|(_, place)| self.is_one_place(place, &turn.place)) {
                        unseen.push(turn.visit);
                        open.push((turn.visit, turn.place.clone()));
                    }
                }
                TransitionKind::Left => open.retain(|(visit, _)| *visit != turn.visit),
                TransitionKind::Dwelt => {}
            }
        }
        unseen
    }

    /// The rules, once these visits go unseen and `tracker` says which are open; `None` where nothing changes.
    pub(super) fn moments_after(&self, unseen: Vec<Uuid>, tracker: &VisitTracker) -> Option<Moments> {
        if !self.own.moments.unseen() {
            return None;
        }
        let mut moments = self.own.moments.clone();
        // An error says that there are none, which was asked before.
        let _ = moments.go_unseen(unseen);
        let moments = with_open_only(&moments, tracker).unwrap_or(moments);
        (moments != self.own.moments).then_some(moments)
    }

    /// Whether one of two places is a part of the other.
    fn is_one_place(&self, one: &str, other: &str) -> bool {
        let places = self.tracker.places();
        let is_part = |part: &str, of: &str| ancestors(places, part).any(|place| place.id == of);
        one == other || is_part(one, other) || is_part(other, one)
    }

    /// A store of before may name visits that ended without a word.
    pub(super) fn end_unseen(&mut self) -> Result<(), StoreError> {
        let Some(moments) = with_open_only(&self.own.moments, &self.tracker) else { return Ok(()) };
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::MOMENTS, &moments))?;
        std::sync::Arc::make_mut(&mut self.own).moments = moments;
        self.touch();
        Ok(())
    }
}

/// The rules, where a visit that went unseen is open no more; `None` where nothing changes.
pub(super) fn with_open_only(moments: &Moments, tracker: &VisitTracker) -> Option<Moments> {
    if !moments.unseen() {
        return None;
    }
    let open: Vec<Uuid> = tracker.visits().iter().map(|visit| visit.id).collect();
    let mut kept = moments.clone();
    kept.keep_open(&open).then_some(kept)
}
