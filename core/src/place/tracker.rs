//! The tracker: fixes in, visits and their transitions out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::crossing::{Sighting, Way};
use super::evidence::reach_m;
use super::geometry::Point;
use super::visit::{Ids, Look, Nearby};
use super::{CodeScan, Fix, Place, Places, Transition, TransitionKind, Visit, Witness};
use crate::clock::Now;
use crate::consent::{Beacons, Permit, PreciseLocation};

/// A position this poor spans city blocks: it may come from a cell tower, and says nothing of a
/// shop.
const POOR_M: f64 = 200.0;

/// A position older than this tells where the shopper was, not is.
const STALE_MS: u64 = 300_000;

/// Whoever was outside longer ago may have come long since: nobody saw it.
const LOOKED_MS: u64 = 3_600_000;

/// A wake says that an edge has just been crossed; platforms take minutes to say so, and a receiver
/// some more to find itself.
const WOKEN_MS: u64 = 600_000;

/// Fixes that were not used, since the tracker began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ignored {
    /// Too inaccurate to say anything.
    pub poor: u64,
    /// Taken too long ago.
    pub stale: u64,
    /// Taken before, or at the same moment as, one that was used.
    pub out_of_order: u64,
}

/// What the tracker remembers; to be stored in the transaction that queues what it told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrackerState {
    last: Option<Sighting>,
    /// By place id. A place that is not here is outside; before the first fix, unknown.
    near: BTreeMap<String, Nearby>,
    #[serde(default)]
    ignored: Ignored,
}

/// Follows one shopper past the places of a catalogue.
///
/// Cheap to clone: the places are shared, the state is small. Whoever stores the state together
/// with what follows from it works on a clone, and keeps it once both are stored.
#[derive(Debug, Clone, Default)]
pub struct VisitTracker {
    places: Arc<Places>,
    state: TrackerState,
    /// Where the last sighting was, once it was reckoned.
    last_point: Option<Point>,
    /// The places are others than those that the last fix was held against.
    swapped: bool,
    /// When the platform last said that the shopper is on the move.
    woken: Option<Now>,
}

impl VisitTracker {
    /// Knows these places and nothing of the shopper.
    pub fn new(places: Vec<Place>) -> Self {
        Self { places: Arc::new(Places::new(places)), ..Self::default() }
    }

    /// Goes on from a stored state. Visits to places that are gone meanwhile are left.
    pub fn restore(places: Vec<Place>, state: TrackerState, now: &Now) -> (Self, Vec<Transition>) {
        let mut tracker = Self { state, ..Self::default() };
        tracker.state.near.values_mut().for_each(Nearby::renew);
        let left = tracker.swap_catalogue(places, now);
        (tracker, left)
    }

    /// Whether a position, a beacon or a code said something since the state of `before`.
    pub(crate) fn has_new_signs(&self, before: &Self) -> bool {
        let seen = |tracker: &Self| tracker.state.last.map(|last| last.at);
        let words = |tracker: &Self| tracker.state.near.values().map(Nearby::words).collect::<Vec<_>>();
        seen(self) != seen(before) || words(self) != words(before)
    }

    /// What to store. Small: only places that the shopper is at or near are in it.
    pub fn state(&self) -> &TrackerState {
        &self.state
    }

    /// The places it knows, sorted by id.
    pub fn places(&self) -> &[Place] {
        self.places.all()
    }

    /// The same with their index.
    pub(crate) fn known(&self) -> &Arc<Places> {
        &self.places
    }

    /// The visits that are open, by place id.
    pub fn visits(&self) -> Vec<Visit> {
        self.state.near.iter().filter_map(|(place, nearby)| nearby.visit(place)).collect()
    }

    /// The last position that was used: latitude and longitude in degrees, accuracy in metres.
    ///
    /// ```
    /// # use patron_core::{consent::{Gate, PreciseLocation, PurposeKind}, place::VisitTracker};
    /// let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
    /// let permit = gate.permit::<PreciseLocation>().unwrap();
    /// assert_eq!(VisitTracker::new(Vec::new()).position(&permit), None);
    /// ```
    ///
    /// A yes to be near by some two kilometres reads none:
    ///
    /// ```compile_fail,E0308
    /// # use patron_core::{consent::{CoarseLocation, Gate, PurposeKind}, place::VisitTracker};
    /// let gate = Gate::new(1, [PurposeKind::CoarseLocation]);
    /// let permit = gate.permit::<CoarseLocation>().unwrap();
    /// assert_eq!(VisitTracker::new(Vec::new()).position(&permit), None);
    /// ```
    pub fn position(&self, _permit: &Permit<'_, PreciseLocation>) -> Option<(f64, f64, f64)> {
        self.state.last.map(|last| (last.latitude, last.longitude, last.accuracy_m))
    }

    /// When that position was taken.
    pub fn position_at(&self, _permit: &Permit<'_, PreciseLocation>) -> Option<Now> {
        self.state.last.map(|last| last.at)
    }

    /// How long ago that position was taken; `None` when nobody knows, for the phone was off in between.
    pub fn position_age(&self, permit: &Permit<'_, PreciseLocation>, now: &Now) -> Option<Duration> {
        now.since(&self.position_at(permit)?)
    }

    /// Fixes that were not used.
    pub fn ignored(&self) -> Ignored {
        self.state.ignored
    }

    /// Takes in one more fix; `ids` makes a UUIDv7 for a visit that begins.
    ///
    /// A fix that is poor, stale or not after the one before changes nothing and is counted in
    /// [`VisitTracker::ignored`].
    pub fn update(&mut self, _permit: &Permit<'_, PreciseLocation>, fix: &Fix, ids: &mut Ids<'_>) -> Vec<Transition> {
        if !self.is_usable(fix) {
            return Vec::new();
        }
        // What the time between two fixes brought comes before what the second one brings.
        let mut told = self.expire(fix.at);
        let here = Sighting::of(fix);
        let point = here.point();
        let way = self
            .state
            .last
            .map(|last| Way::new((last.at, self.last_point.unwrap_or_else(|| last.point())), (here.at, point)));
        let by_time = told.len();
        let swapped = std::mem::take(&mut self.swapped);
        let looked = self.state.last.filter(|last| self.has_looked(last, &here.at));
        let looked_from = looked.map(|last| self.last_point.unwrap_or_else(|| last.point()));
        let (places, near) = (Arc::clone(&self.places), &mut self.state.near);
        for at in concerned(&places, near, (&here, point), way.as_ref()) {
            let Some(place) = places.all().get(at) else { continue };
            let Some(fence) = &place.fence else { continue };
            // While it is closed there is no place, and nothing to remember of it.
            if place.open_until(here.at.wall_ms).is_none() {
                told.extend(near.remove(&place.id).and_then(|nearby| nearby.close(&place.id, here.at.wall_ms)));
                continue;
            }
            let look = Look { place, fence, edge_m: fence.edge_from(point), here: &here, way: way.as_ref() };
            if let Some(nearby) = near.get_mut(&place.id) {
                if looked.is_none() {
                    nearby.lose_sight();
                }
                told.extend(nearby.step(&look, ids));
                if nearby.is_forgettable(&look) {
                    near.remove(&place.id);
                }
            } else {
                // Of a place that was there already the last fix was outside, or it would be kept. Around
                // one that is new here, or that was closed, the shopper may have stood.
                let is_new = swapped || place.hours.is_some() || place.starts_at_ms.is_some();
                let was_outside = |(last, from): &(Sighting, Point)| !is_new || last.is_outside(fence.edge_from(*from));
                let outside = looked.zip(looked_from).filter(was_outside).map(|(last, _)| last);
                let mut nearby = Nearby::unseen(at, outside);
                told.extend(nearby.step(&look, ids));
                if !nearby.is_forgettable(&look) {
                    near.insert(place.id.clone(), nearby);
                }
            }
        }
        self.last_point = Some(point);
        self.state.last = Some(here);
        // One leaves before one arrives; places are in the order of their ids already.
        if let Some(by_fix) = told.get_mut(by_time..) {
            by_fix.sort_by_key(|transition| transition.kind != TransitionKind::Left);
        }
        told
    }

    /// The platform woke the app for a region: since the last fix nobody moved far, until now. Makes no
    /// visit; says that one which the next fix makes has just begun.
    pub fn woken(&mut self, now: Now) {
        self.woken = Some(now);
    }

    /// A beacon of the place of that id was received at `now`. It makes an arrival, there and in what the place is
    /// a part of: who is at a shelf is in the store. While it goes on, no position makes an exit: what a
    /// receiver says in a house is worth less.
    pub fn heard(
        &mut self,
        _permit: &Permit<'_, Beacons>,
        place: &str,
        now: Now,
        ids: &mut Ids<'_>,
    ) -> Vec<Transition> {
        self.witness(place, Witness::Beacon, now, ids)
    }

    /// Of all beacons only those of the places of these ids are heard, as of the scan at `now`: visits to
    /// others that a beacon upheld end, unless positions speak for them.
    pub fn heard_only(&mut self, present: &BTreeSet<&str>, now: Now) -> Vec<Transition> {
        let mut told = self.expire(now);
        let places = Arc::clone(&self.places);
        let upheld: BTreeSet<&str> =
            present.iter().flat_map(|id| places.presence(id)).map(|place| place.id.as_str()).collect();
        for (id, nearby) in self.state.near.iter_mut().filter(|(id, _)| !upheld.contains(id.as_str())) {
            told.extend(places.get(id).and_then(|place| nearby.unwitness(place, &now)));
        }
        told
    }

    /// The shopper scanned the code of the place of that id: presence that the shopper chose, there and in
    /// what the place is a part of, for which no permission is asked. An unknown place, or a closed one, changes nothing.
    pub fn checked_in(&mut self, place: &str, now: Now, ids: &mut Ids<'_>) -> Vec<Transition> {
        self.witness(place, Witness::CheckIn, now, ids)
    }

    /// The scan at `now`, at each place where a visit was under way before it.
    pub(crate) fn code_scans(&self, now: &Now) -> Vec<CodeScan> {
        self.state.near.iter().filter_map(|(place, nearby)| nearby.code_scan(place, now)).collect()
    }

    fn witness(&mut self, place: &str, by: Witness, now: Now, ids: &mut Ids<'_>) -> Vec<Transition> {
        let mut told = self.expire(now);
        let places = Arc::clone(&self.places);
        for place in places.presence(place).into_iter().filter(|place| place.open_until(now.wall_ms).is_some()) {
            let Some(at) = places.position(&place.id) else { continue };
            let nearby = self.state.near.entry(place.id.clone()).or_insert_with(|| Nearby::unseen(at, None));
            told.extend(nearby.witness(place, by, now, ids));
        }
        told
    }

    /// Ids of the places within whose approach threshold the shopper is, and not at them.
    pub fn approaching(&self) -> impl Iterator<Item = &str> {
        self.state.near.iter().filter(|(_, nearby)| nearby.is_approaching()).map(|(id, _)| id.as_str())
    }

    /// When [`VisitTracker::expire`] has something to tell if no fix comes: wall clock,
    /// milliseconds since the Unix epoch.
    pub fn deadline(&self, now: &Now) -> Option<i64> {
        let remaining = self.stays().filter_map(|(place, nearby)| nearby.remaining_ms(place, now)).min()?;
        Some(now.wall_ms.saturating_add_unsigned(remaining))
    }

    /// Tells what time alone has brought by `now`: stays that have become long, and visits of
    /// which nothing was seen for hours.
    pub fn expire(&mut self, now: Now) -> Vec<Transition> {
        let (places, near) = (&self.places, &mut self.state.near);
        near.iter_mut()
            .flat_map(|(id, nearby)| places.get(id).map(|place| nearby.expire(place, &now)))
            .flatten()
            .collect()
    }

    /// Goes on with another catalogue's places. Visits to places that are gone are left, those to places that have other
    /// hours now end with these; a place that has moved is judged by the next fix.
    pub fn swap_catalogue(&mut self, places: Vec<Place>, now: &Now) -> Vec<Transition> {
        let before = std::mem::replace(&mut self.places, Arc::new(Places::new(places)));
        self.swapped = true;
        let mut left = Vec::new();
        for (id, mut nearby) in std::mem::take(&mut self.state.near) {
            let (was, is) = (before.get(&id), self.places.get(&id));
            if !nearby.is_open() && was.zip(is).is_some_and(|(was, is)| was.fence != is.fence) {
                continue;
            }
            let stands = |place: &Place| place.fence.is_some() || nearby.is_witnessed();
            match self.places.position(&id).filter(|at| self.places.all().get(*at).is_some_and(stands)) {
                Some(at) => {
                    nearby.at = at;
                    let open_until = |place: Option<&Place>| place.and_then(|place| place.open_until(now.wall_ms));
                    if let Some(place) = is.filter(|_| open_until(was) != open_until(is)) {
                        nearby.take_hours(place, now);
                    }
                    self.state.near.insert(id, nearby);
                }
                None => left.extend(nearby.close(&id, now.wall_ms)),
            }
        }
        left
    }

    /// Forgets what is known through `by`, without a word; returns how many visits went with it.
    pub fn forget(&mut self, by: Witness) -> usize {
        if by == Witness::Position {
            (self.state.last, self.state.ignored) = (None, Ignored::default());
            (self.last_point, self.woken) = (None, None);
        }
        let mut gone = 0;
        self.state.near.retain(|_, nearby| {
            gone += usize::from(nearby.forget(by));
            // Without a position nothing is kept of places but visits.
            nearby.is_open() || by != Witness::Position
        });
        gone
    }

    /// Forgets everything, without a word; returns how many visits were open.
    pub fn forget_all(&mut self) -> usize {
        Witness::ALL.into_iter().map(|by| self.forget(by)).sum()
    }

    fn stays(&self) -> impl Iterator<Item = (&Place, &Nearby)> {
        self.state.near.values().filter_map(|nearby| self.places.all().get(nearby.at).zip(Some(nearby)))
    }

    /// Whether what the last fix said of being outside still holds at `now`, as far as anyone would
    /// have noticed.
    fn has_looked(&self, last: &Sighting, now: &Now) -> bool {
        let within = |at: &Now, ms: u64| elapsed_ms(at, now).is_some_and(|ago| ago <= ms);
        within(&last.at, LOOKED_MS) || self.woken.is_some_and(|woken| within(&woken, WOKEN_MS))
    }

    fn is_usable(&mut self, fix: &Fix) -> bool {
        let ignored = &mut self.state.ignored;
        let counter = if fix.accuracy_m > POOR_M {
            &mut ignored.poor
        } else if fix.age_ms > STALE_MS {
            &mut ignored.stale
        } else if self.state.last.is_some_and(|last| !is_after(&fix.at, &last.at)) {
            &mut ignored.out_of_order
        } else {
            return true;
        };
        *counter += 1;
        false
    }
}

/// The places that the fix says anything of: near it, on the way to it, or already followed.
fn concerned(
    known: &Places,
    near: &BTreeMap<String, Nearby>,
    (here, point): (&Sighting, Point),
    way: Option<&Way>,
) -> Vec<usize> {
    let mut places: Vec<usize> = near.values().map(|nearby| nearby.at).collect();
    let reach = reach_m(here.accuracy_m).max(known.furthest_approach_m());
    let found = |at, _| places.push(at);
    match way.filter(|way| way.is_known()) {
        Some(way) => known.index().near(way.middle(), way.length_m() / 2.0 + reach, found),
        None => known.index().near(point, reach, found),
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Under one boot the monotonic clock decides. Across a boot only the wall clock is left: a fix
/// from a little before the last one is an old one; from long before it, someone set the clock.
pub(super) fn is_after(later: &Now, earlier: &Now) -> bool {
    if later.boot == earlier.boot {
        later.mono_ms > earlier.mono_ms
    } else {
        let behind_ms = earlier.wall_ms.saturating_sub(later.wall_ms);
        behind_ms < 0 || behind_ms.unsigned_abs() > STALE_MS
    }
}

/// Milliseconds from `earlier` to `later`; `None` across a boot with the clock set back.
pub(super) fn elapsed_ms(earlier: &Now, later: &Now) -> Option<u64> {
    if later.boot == earlier.boot {
        Some(later.mono_ms.saturating_sub(earlier.mono_ms))
    } else {
        u64::try_from(later.wall_ms.saturating_sub(earlier.wall_ms)).ok()
    }
}
