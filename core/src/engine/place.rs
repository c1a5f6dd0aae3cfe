//! From positions, beacons and codes to visits, and from visits to events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{Beacons, CoarseLocation, PreciseLocation, Purpose, verify_key};
use crate::error::Error;
use crate::event::{Engagement, Record};
use crate::log::Level;
use crate::observe::Change;
use crate::offer::{Moments, Position};
use crate::place::beacon::{BeaconId, Heard, Ranged, Scan, ZoneChange};
use crate::place::checkin::{CheckedIn, Code, FIXED_AGAIN_MS};
use crate::place::{Fix, FixInput, Pace, Places, Point, Transition, Visit, VisitTracker, Witness};
use crate::store::{Durability, StoreError, events, meta};
use crate::sync::{TrueTime, age_ms};

/// What a look at the world led to.
#[derive(Default)]
struct Seen {
    transitions: Vec<Transition>,
    /// What is recorded beside the visits.
    records: Vec<Record>,
    /// When each fixed code last counted, if that changed, by place.
    codes: Option<BTreeMap<String, Counted>>,
    /// The place whose code was scanned.
    code: Option<String>,
}

impl From<Vec<Transition>> for Seen {
    fn from(transitions: Vec<Transition>) -> Self {
        Self { transitions, ..Self::default() }
    }
}

/// When a fixed code counted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Counted {
    /// By the monotonic clock, and by the backend's where that was known, which is the store's.
    At(Now),
    /// By the wall clock alone, as it was stored at first.
    Wall(i64),
}

/// A wall clock that someone may have set is not believed before that it is so long ago.
const SURELY_SPENT_MS: i64 = 86_400_000;

impl Counted {
    /// How long ago that was, milliseconds. A wall clock that someone sets says so only where no other clock can.
    fn ago_ms(self, now: Now, known: Option<TrueTime>) -> i64 {
        self.known_ago_ms(now, known).unwrap_or_else(|| now.wall_ms.saturating_sub(self.wall_ms()))
    }

    fn known_ago_ms(self, now: Now, known: Option<TrueTime>) -> Option<i64> {
        match self {
            Self::At(at) => age_ms(at, now, known).and_then(|ms| i64::try_from(ms).ok()),
            Self::Wall(_) => None,
        }
    }

    /// It matters to nobody any more.
    fn is_spent(self, now: Now, known: Option<TrueTime>) -> bool {
        let lasts_ms = if self.known_ago_ms(now, known).is_some() { FIXED_AGAIN_MS } else { SURELY_SPENT_MS };
        !(0..lasts_ms).contains(&self.ago_ms(now, known))
    }

    /// Wall clock, milliseconds since the Unix epoch.
    pub(super) fn wall_ms(self) -> i64 {
        match self {
            Self::At(at) => at.wall_ms,
            Self::Wall(at_ms) => at_ms,
        }
    }
}

/// So long a position says where the shopper is, for distances: a walk of ten minutes leads past everything near it.
pub(super) const POSITION_HOLDS_MS: u64 = 600_000;

/// So often, while positions come, it is written down when the shopper was last seen: far less than the hour that it says
/// something for, and no burden to a battery.
const SIGHTING_KEPT_MS: u64 = 5 * 60_000;

/// Who has moved on so far stands elsewhere for offers too: distances are told in steps of this size and more, and
/// rules ask for hundreds of metres. Reading them anew for every step costs a battery and shows nothing new.
const MOVED_M: f64 = 50.0;

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
        // What says nothing of visits is not where the shopper is, either.
        let is_used = tracker.ignored() == self.tracker.ignored();
        let transitions = self.see(tracker, transitions.into(), now, effects)?;
        if is_used {
            self.pace = Some(Pace::after(self.pace, (fix.latitude, fix.longitude), fix.accuracy_m, fix.at.mono_ms));
            self.stand_at(&fix, effects);
            self.hold_plan(effects);
        }
        let mut since_the_last_fix = std::mem::take(&mut self.since_fix);
        since_the_last_fix.extend(transitions);
        Ok(since_the_last_fix)
    }

    /// Takes in what the phone heard of beacons.
    pub(super) fn listen(&mut self, scan: &Scan, now: Now, effects: &mut Effects) -> Result<Heard, Error> {
        let gate = self.gate();
        let permit = gate.permit::<Beacons>().ok_or(Error::NotPermitted { purpose: Purpose::Beacons })?;
        let mut beacons = scan.beacons()?;
        let mut tracker = self.tracker.clone();
        let mut ranging = self.ranging.clone();
        let places = Arc::clone(tracker.known());
        // A stranger's beacon is nobody's business here.
        beacons.retain(|(advert, _)| places.of_beacon(&advert.id).is_some());
        let ranged = ranging.scanned(&permit, &beacons, scan.listened_ms, now);
        let places_of = |beacons: &mut dyn Iterator<Item = &BeaconId>| -> BTreeSet<&str> {
            beacons.filter_map(|beacon| Some(places.of_beacon(beacon)?.id.as_str())).collect()
        };
        let received = |beacon: &&BeaconId| beacons.iter().any(|(advert, _)| advert.id == **beacon);
        let present = places_of(&mut ranging.present());
        let mut transitions = Vec::new();
        // That a beacon is not lost yet is no word of it: only what this scan received is.
        for place in places_of(&mut ranging.present().filter(received)) {
            transitions.extend(tracker.heard(&permit, place, now, &mut |now| self.ids.v7(*now)));
        }
        if ranging.has_listened() {
            transitions.extend(tracker.heard_only(&present, now));
        }
        let mut zones: Vec<ZoneChange> = ranged.iter().filter_map(|ranged| zone_change(ranged, &places)).collect();
        let mut records = Vec::new();
        // An event of a zone names the place: of a visit that goes unseen there is none.
        let silent = self.is_sampled_out() || self.own.moments.unseen();
        for zone in zones.iter_mut().filter(|_| !silent) {
            let record = zone_event(zone).record(&gate, self.ids.v7(now), now, self.session)?;
            zone.event = record.as_ref().map(Record::id);
            records.extend(record);
        }
        let visits = self.see(tracker, Seen { transitions, records, ..Seen::default() }, now, effects)?;
        let nearest = ranging
            .nearest(now.mono_ms)
            .and_then(|(ranged, at_ms)| Some((zone_change(&ranged, &places)?, Now { mono_ms: at_ms, ..now })));
        if nearest != self.nearest {
            self.nearest = nearest;
            self.touch();
        }
        self.ranging = ranging;
        effects.changes.extend(zones.iter().cloned().map(Change::Zone));
        zones.iter().for_each(|change| self.speak_of_zone(change));
        Ok(Heard { visits, zones })
    }

    /// The shopper scanned a code in a store.
    pub(super) fn check_in(&mut self, text: &str, now: Now, effects: &mut Effects) -> Result<CheckedIn, Error> {
        let refused = |why: String| Error::invalid("code", why);
        let code = Code::read(text).map_err(|flaw| refused(flaw.to_string()))?;
        let Some(shown) = self.shown.as_ref().filter(|shown| !shown.catalogue.sdk.off) else {
            return Err(refused("cannot be checked before the catalogue is here".to_owned()));
        };
        let mut codes = self.codes(now)?;
        // A phone's clock may be wrong by hours; the backend's is the store's.
        let true_ms = self.sync.kept.true_time.and_then(|known| known.at(now)).unwrap_or(now.wall_ms);
        let before = codes.get(code.place()).map(|at| true_ms.saturating_sub(at.ago_ms(now, self.sync.kept.true_time)));
        let keys = &shown.catalogue.check_in_keys;
        let check_in = code
            .check(true_ms, before, |bytes, signature| keys.iter().any(|key| verify_key(key, bytes, signature)))
            .map_err(|flaw| refused(flaw.to_string()))?;
        let mut tracker = self.tracker.clone();
        let place = tracker.known().get(&check_in.place);
        let Some(place_name) = place.map(|place| place.name.clone()) else {
            return Err(refused("is of a place that is not in the catalogue on this device".to_owned()));
        };
        if place.is_some_and(|place| place.open_until(now.wall_ms).is_none()) {
            return Err(refused("is of a place that is closed now".to_owned()));
        }
        let transitions = tracker.checked_in(&check_in.place, now, &mut |now| self.ids.v7(*now));
        if !check_in.fresh {
            codes.insert(check_in.place.clone(), Counted::At(Now { wall_ms: true_ms, ..now }));
        }
        let codes = (!check_in.fresh).then_some(codes);
        let (gate, silent) = (self.gate(), self.is_sampled_out() || self.own.moments.unseen());
        let scans = tracker.code_scans(&now);
        let recorded = scans.iter().filter(|_| !silent);
        let records: Vec<Record> =
            recorded.filter_map(|scan| Record::of_code_scan(&gate, scan, now, self.session)).collect();
        let untold = records.len() as u64;
        let seen = Seen { transitions, records, codes, code: Some(check_in.place.clone()) };
        let visits = self.see(tracker, seen, now, effects)?;
        effects.unsaid += untold;
        Ok(CheckedIn { place: check_in.place, place_name, fresh: check_in.fresh, visits })
    }

    /// When fixed codes counted last, of those that still matter.
    pub(super) fn codes(&self, now: Now) -> Result<BTreeMap<String, Counted>, StoreError> {
        let mut codes: BTreeMap<String, Counted> = self.store.meta(key::CODES)?.unwrap_or_default();
        codes.retain(|_, at| !at.is_spent(now, self.sync.kept.true_time));
        Ok(codes)
    }

    /// Where the shopper scanned a code is kept no longer than it is needed.
    pub(super) fn forget_codes(&mut self, now: Now) -> Result<(), StoreError> {
        if self.store.has_meta(key::CODES)? && self.codes(now)?.is_empty() {
            self.store.transact(Durability::Normal, |tx| meta::remove(tx, key::CODES))?;
        }
        Ok(())
    }

    /// Records the dwells that came due without a fix.
    pub(super) fn dwell(&mut self, now: Now, effects: &mut Effects) {
        if self.tracker.deadline(&now).is_none_or(|due| due > now.wall_ms) {
            return;
        }
        let mut tracker = self.tracker.clone();
        let transitions = tracker.expire(now);
        match self.see(tracker, transitions.into(), now, effects) {
            Ok(told) => self.since_fix.extend(told),
            // Tried again with the next step: the tracker that was kept still has it due.
            Err(error) => self.log.line(Level::Error, || format!("place: {error}")),
        }
    }

    /// Puts a new set of places under the visits; a visit whose place is gone ends.
    pub(super) fn swap_places(&mut self, now: Now, effects: &mut Effects) -> Result<(), StoreError> {
        let Some(shown) = &self.shown else { return Ok(()) };
        // Most catalogues come with the places of before: nobody has to plan anew for those.
        let others = self.tracker.known().all() != shown.catalogue.places.as_slice();
        let mut tracker = self.tracker.clone();
        let transitions = tracker.swap_catalogue(shown.catalogue.places.clone(), &now);
        if others {
            self.outdate_plan(effects);
        }
        self.see(tracker, transitions.into(), now, effects).map(drop)
    }

    /// Visits that ended because their places were gone when the store was opened.
    pub(super) fn record_left(&mut self, left: Vec<Transition>, now: Now) -> Result<(), StoreError> {
        if left.is_empty() {
            return Ok(());
        }
        self.see(self.tracker.clone(), left.into(), now, &mut Effects::default()).map(drop)
    }

    /// The tracker's new state and the events that follow from it are one transaction: a kill in
    /// between can neither repeat a visit nor lose one. Answers what may be told of it.
    fn see(
        &mut self,
        tracker: VisitTracker,
        seen: Seen,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Vec<Transition>, StoreError> {
        let (consents, subject, gate) = (&self.consents, self.subject(), self.gate());
        let (off, sampled_out) = (self.is_off(), self.is_sampled_out());
        let mut records = seen.records;
        // A check-in is the shopper's own act, and takes no consent but to be recorded.
        let may_tell = |by: Witness| if by == Witness::CheckIn { !off } else { gate.allows(by.purpose()) };
        let mut told: Vec<Transition> = seen.transitions.into_iter().filter(|told| may_tell(told.by)).collect();
        let unseen = self.unseen_among(&told);
        for transition in &mut told {
            let is_unseen = unseen.contains(&transition.visit);
            let record = Record::of_visit(&gate, transition, now, self.session).filter(|_| !sampled_out && !is_unseen);
            transition.event = record.as_ref().map(Record::id);
            records.extend(record);
        }
        let moments = self.moments_after(unseen, &tracker);
        let person = self.learn(&records, &told);
        // Evidence that has decided nothing yet is not worth a write for each fix: after a kill it is gathered anew.
        // When the shopper was last seen or heard is, now and then: by it an arrival is told from someone who was there, and
        // a visit that falls silent ends.
        let is_new = tracker.has_new_signs(&self.tracker);
        let is_due = self.sighting_kept_ms.is_none_or(|at| now.mono_ms >= at.saturating_add(SIGHTING_KEPT_MS));
        let is_told = !told.is_empty() || !records.is_empty() || moments.is_some();
        if is_told || seen.codes.is_some() || is_new && is_due {
            self.store.transact(Durability::Normal, |tx| {
                meta::set(tx, key::VISITS, tracker.state())?;
                seen.codes.as_ref().map_or(Ok(()), |codes| meta::set(tx, key::CODES, codes))?;
                moments.as_ref().map_or(Ok(()), |moments| meta::set(tx, key::MOMENTS, moments))?;
                person.as_ref().map_or(Ok(()), |person| meta::set(tx, key::PERSON, person))?;
                records.iter().try_for_each(|record| events::import(tx, consents, record, subject))
            })?;
            self.sighting_kept_ms = Some(now.mono_ms);
            if !records.is_empty() {
                self.make_room();
            }
        }
        let near: BTreeSet<&str> = self.tracker.approaching().collect();
        let come_near: Vec<String> =
            tracker.approaching().filter(|place| !near.contains(place)).map(str::to_owned).collect();
        if !told.is_empty() || !come_near.is_empty() || near.len() != tracker.approaching().count() {
            self.touch();
            effects.changes.extend(come_near.into_iter().map(Change::Approaching));
        }
        if !told.is_empty() {
            effects.changes.extend(told.iter().cloned().map(Change::Visit));
            effects.changes.push(Change::Offers);
        }
        self.tracker = tracker;
        if moments.is_some() || person.is_some() {
            let own = Arc::make_mut(&mut self.own);
            own.moments = moments.unwrap_or_else(|| own.moments.clone());
            own.person = person.unwrap_or_else(|| own.person.clone());
            self.touch();
        }
        self.speak_of_events(records.iter().map(Record::kind));
        if let Some(place) = seen.code {
            self.speak_of_code(&place);
        }
        self.speak_of_visits(&told);
        Ok(told)
    }

    fn stand_at(&mut self, fix: &Fix, effects: &mut Effects) {
        let Fix { latitude, longitude, accuracy_m, at, .. } = *fix;
        self.position = Some((Position { latitude, longitude, accuracy_m }, at));
        self.touch();
        let here = Point::at(fix.latitude, fix.longitude);
        if self.stood_at.is_none_or(|there| there.distance_m(here) > MOVED_M) {
            self.stood_at = Some(here);
            effects.changes.push(Change::Offers);
        }
    }

    /// In how many milliseconds the position says no more where the shopper is.
    pub(super) fn position_ends_ms(&self, now: Now) -> Option<u64> {
        let (_, taken) = self.position?;
        Some(now.since(&taken).map_or(0, |ago| POSITION_HOLDS_MS.saturating_sub(ago.as_millis() as u64)))
    }

    /// Where the shopper was a while ago decides nothing any more.
    pub(super) fn outlive_position(&mut self, now: Now, effects: &mut Effects) {
        if self.position_ends_ms(now) == Some(0) {
            self.position = None;
            self.touch();
            effects.changes.push(Change::Offers);
        }
    }
}

/// A visit that goes on under another name goes on unseen, if it did. Answers whether one does.
pub(super) fn keep_unseen(moments: &mut Moments, before: &VisitTracker, after: &VisitTracker) -> bool {
    let renamed = |was: &Visit| after.visits().into_iter().find(|is| is.place == was.place && is.id != was.id);
    let mut kept = false;
    for was in before.visits() {
        let Some(is) = renamed(&was).filter(|_| moments.is_unseen(was.id)) else { continue };
        moments.left(was.id);
        kept |= moments.go_unseen([is.id]).is_ok();
    }
    kept
}

fn zone_change(ranged: &Ranged, places: &Places) -> Option<ZoneChange> {
    let place = places.of_beacon(&ranged.beacon)?;
    Some(ZoneChange {
        beacon: ranged.beacon.to_string(),
        zone: ranged.zone,
        place: place.id.clone(),
        place_name: place.name.clone(),
        partner: place.partner.clone(),
        event: None,
    })
}

fn zone_event(change: &ZoneChange) -> Engagement {
    Engagement::BeaconZone {
        beacon: change.beacon.clone(),
        zone: change.zone,
        place: Some(change.place.clone()),
        partner: change.partner.clone(),
    }
}
