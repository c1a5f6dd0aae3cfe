//! A track through the core's own tracker.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use patron_core::clock::{Now, rfc3339};
use patron_core::consent::{Beacons, Gate, PreciseLocation, PurposeKind};
use patron_core::place::beacon::Ranging;
use patron_core::place::plan::{Limits, Looking, WakePlan};
use patron_core::place::{Circle, Fix, FixInput, Place, Places, Transition, TransitionKind, VisitTracker};
use serde_json::json;
use uuid::Uuid;

use super::beacons::Heard;
use super::track::{Track, TrackFix};

/// What [`Told::kind`] is of a shopper who has come within a fence's `approach_m`.
pub(super) const APPROACHING: &str = "approaching";

/// A transition, or that a fence came near, and the fix that made it known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) kind: &'static str,
    pub(super) fence: String,
    pub(super) name: String,
    pub(super) at_ms: i64,
    /// As [`super::track::TrackFix::index`].
    pub(super) fix: usize,
    /// Of a visit that nobody saw begin: the walk begins in the fence, or was found there after an hour.
    pub(super) initial: bool,
    /// A position that was made up had a part in it.
    pub(super) mock: bool,
}

impl Told {
    /// A line for programs. What is not so is left out; what comes near is no transition.
    pub(super) fn json(&self) -> String {
        // Written by hand for the order: a map would sort its keys.
        let (fence, at, fix) = (json!(self.fence), rfc3339(self.at_ms), self.fix);
        let initial = if self.initial { r#","initial":true"# } else { "" };
        let mock = if self.mock { r#","mock":true"# } else { "" };
        if self.kind == APPROACHING {
            return format!(r#"{{"approaching":{fence},"at":"{at}","fix":{fix}{mock}}}"#);
        }
        format!(r#"{{"transition":"{}","fence":{fence},"at":"{at}","fix":{fix}{initial}{mock}}}"#, self.kind)
    }

    /// A line for people.
    pub(super) fn words(&self) -> String {
        let there = if self.initial && self.kind == "enter" { " (there already)" } else { "" };
        let made_up = if self.mock { " (made up)" } else { "" };
        let name = if self.name == self.fence { String::new() } else { format!("  {}", self.name) };
        let at = rfc3339(self.at_ms);
        format!("{at}  {:5}  {}{name}{there}{made_up}  fix {}", self.kind, self.fence, self.fix)
    }
}

/// What became of a track.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) told: Vec<Told>,
    pub(super) places: Places,
    /// What a phone would watch at the end.
    pub(super) plan: Option<WakePlan>,
    ignored: u64,
}

impl Replay {
    /// Replays the fixes, made up or not, and what was heard between them.
    pub(super) fn of(track: &Track, heard: &[Heard], places: Vec<Place>, mock: bool) -> Result<Self> {
        let mut phone = Phone { mock, ..Phone::new(track, places) };
        let mut heard = heard.iter().peekable();
        for fix in &track.fixes {
            while let Some(earlier) = heard.next_if(|heard| heard.at_ms <= fix.at_ms) {
                phone.hear(earlier)?;
            }
            phone.see(fix)?;
        }
        for later in heard {
            phone.hear(later)?;
        }
        let ignored = phone.tracker.ignored();
        let places = phone.places;
        let plan = track.fixes.last().map(|fix| {
            WakePlan::new(&places, (fix.latitude, fix.longitude), fix.accuracy_m.unwrap_or(15.0), Limits::IOS)
        });
        Ok(Self { told: phone.told, places, plan, ignored: ignored.poor + ignored.stale + ignored.out_of_order })
    }

    /// The safe circle of the plan at the end; `None` where fences leave none.
    pub(super) fn safe(&self) -> Option<&Circle> {
        self.plan.as_ref().filter(|plan| plan.looking != Some(Looking::Crowded)).map(|plan| &plan.safe)
    }

    /// What was met, counted.
    pub(super) fn words(&self) -> String {
        let mut counts = BTreeMap::<&str, usize>::new();
        for told in &self.told {
            *counts.entry(told.kind).or_default() += 1;
        }
        let counts: Vec<String> = counts.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let met = if counts.is_empty() { "no transition".to_owned() } else { counts.join(", ") };
        let unused = if self.ignored == 0 { String::new() } else { format!("; {} fixes said nothing", self.ignored) };
        format!("{} fences; {met}{unused}", self.places.index().len())
    }
}

/// The core's parts of a phone, each grant given.
struct Phone {
    gate: Gate,
    tracker: VisitTracker,
    ranging: Ranging,
    places: Places,
    told: Vec<Told>,
    begin_ms: i64,
    fix: usize,
    ids: u128,
    mock: bool,
}

impl Phone {
    fn new(track: &Track, places: Vec<Place>) -> Self {
        Self {
            gate: Gate::new(1, [PurposeKind::PreciseLocation, PurposeKind::Beacons]),
            tracker: VisitTracker::new(places.clone()),
            ranging: Ranging::default(),
            places: Places::new(places),
            told: Vec::new(),
            begin_ms: track.fixes.first().map_or(0, |fix| fix.at_ms),
            fix: track.fixes.first().map_or(0, |fix| fix.index),
            ids: 0,
            mock: false,
        }
    }

    fn at(&self, wall_ms: i64) -> Now {
        Now { wall_ms, mono_ms: u64::try_from(wall_ms - self.begin_ms).unwrap_or(0), boot: Uuid::nil() }
    }

    fn see(&mut self, fix: &TrackFix) -> Result<()> {
        let permit = self.gate.permit::<PreciseLocation>().context("the gate gives no permit")?;
        let TrackFix { latitude, longitude, accuracy_m, .. } = *fix;
        let input = FixInput { latitude, longitude, accuracy_m, age_ms: 0, mock: self.mock };
        let seen = Fix::new(input, self.at(fix.at_ms))?;
        let ids = &mut self.ids;
        let before: Vec<String> = self.tracker.approaching().map(str::to_owned).collect();
        let told = self.tracker.update(&permit, &seen, &mut |_| next(ids));
        self.fix = fix.index;
        self.tell(told);
        let near = self.tracker.approaching().filter(|id| !before.iter().any(|known| known == id));
        self.told.extend(near.filter_map(|id| self.places.get(id)).map(|place| Told {
            kind: APPROACHING,
            fence: place.id.clone(),
            name: place.name.clone(),
            at_ms: fix.at_ms,
            fix: fix.index,
            initial: false,
            mock: self.mock,
        }));
        Ok(())
    }

    /// A visit lasts while any beacon of its place is heard.
    fn hear(&mut self, heard: &Heard) -> Result<()> {
        let permit = self.gate.permit::<Beacons>().context("the gate gives no permit")?;
        let now = self.at(heard.at_ms);
        let mut told = Vec::new();
        let received: Vec<_> = heard.beacon.into_iter().collect();
        self.ranging.scanned(&permit, &received, heard.listened_ms, now);
        if let Some((advert, _)) = heard.beacon {
            // Once is chance; what is confirmed is present.
            let present = self.ranging.present().any(|beacon| *beacon == advert.id);
            if let Some(place) = self.places.of_beacon(&advert.id).filter(|_| present) {
                let ids = &mut self.ids;
                told.extend(self.tracker.heard(&permit, &place.id, now, &mut |_| next(ids)));
            }
        }
        if self.ranging.has_listened() {
            let places = self.ranging.present().filter_map(|beacon| self.places.of_beacon(beacon));
            let present = places.map(|place| place.id.as_str()).collect();
            told.extend(self.tracker.heard_only(&present, now));
        }
        self.tell(told);
        Ok(())
    }

    fn tell(&mut self, transitions: Vec<Transition>) {
        let fix = self.fix;
        self.told.extend(transitions.into_iter().map(|transition| Told {
            kind: match transition.kind {
                TransitionKind::Entered => "enter",
                TransitionKind::Dwelt => "dwell",
                TransitionKind::Left => "exit",
                TransitionKind::Passed => "pass",
            },
            fence: transition.place,
            name: transition.place_name,
            at_ms: transition.at_ms,
            fix,
            initial: transition.initial,
            mock: transition.mock,
        }));
    }
}

fn next(ids: &mut u128) -> Uuid {
    *ids += 1;
    Uuid::from_u128(*ids)
}
