//! A track through the core's own tracker.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use patron_core::clock::{Now, rfc3339};
use patron_core::consent::{Gate, PurposeKind};
use patron_core::place::plan::{Limits, WakePlan};
use patron_core::place::{Fix, FixInput, Place, Places, TransitionKind, VisitTracker};
use serde_json::json;
use uuid::Uuid;

use super::track::Track;

/// A transition, and the fix that made it known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) kind: &'static str,
    pub(super) fence: String,
    pub(super) name: String,
    pub(super) at_ms: i64,
    /// As [`super::track::TrackFix::index`].
    pub(super) fix: usize,
    /// The walk begins in the fence: nobody saw an arrival.
    pub(super) initial: bool,
}

impl Told {
    /// A line for programs.
    pub(super) fn json(&self) -> String {
        // Written by hand for the order: a map would sort its keys.
        let fence = json!(self.fence);
        format!(r#"{{"transition":"{}","fence":{fence},"at":"{}","fix":{}}}"#, self.kind, rfc3339(self.at_ms), self.fix)
    }

    /// A line for people.
    pub(super) fn words(&self) -> String {
        let there = if self.initial && self.kind == "enter" { " (there already)" } else { "" };
        let name = if self.name == self.fence { String::new() } else { format!("  {}", self.name) };
        format!("{}  {:5}  {}{name}{there}  fix {}", rfc3339(self.at_ms), self.kind, self.fence, self.fix)
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
    pub(super) fn of(track: &Track, places: Vec<Place>) -> Result<Self> {
        let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
        let permit = gate.permit().context("the gate gives no permit")?;
        let mut tracker = VisitTracker::new(places.clone());
        let mut told = Vec::new();
        let mut ids = 0;
        let begin_ms = track.fixes.first().map_or(0, |fix| fix.at_ms);
        for fix in &track.fixes {
            let mono_ms = u64::try_from(fix.at_ms - begin_ms).unwrap_or(0);
            let now = Now { wall_ms: fix.at_ms, mono_ms, boot: Uuid::nil() };
            let input = FixInput {
                latitude: fix.latitude,
                longitude: fix.longitude,
                accuracy_m: fix.accuracy_m,
                age_ms: 0,
                mock: false,
            };
            let transitions = tracker.update(&permit, &Fix::new(input, now)?, &mut |_| {
                ids += 1;
                Uuid::from_u128(ids)
            });
            told.extend(transitions.into_iter().map(|transition| Told {
                kind: match transition.kind {
                    TransitionKind::Entered => "enter",
                    TransitionKind::Dwelt => "dwell",
                    TransitionKind::Left => "exit",
                    TransitionKind::Passed => "pass",
                },
                fence: transition.place,
                name: transition.place_name,
                at_ms: transition.at_ms,
                fix: fix.index,
                initial: transition.initial,
            }));
        }
        let ignored = tracker.ignored();
        let places = Places::new(places);
        let plan = track.fixes.last().map(|fix| {
            WakePlan::new(&places, (fix.latitude, fix.longitude), fix.accuracy_m.unwrap_or(15.0), Limits::IOS)
        });
        Ok(Self { told, places, plan, ignored: ignored.poor + ignored.stale + ignored.out_of_order })
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
