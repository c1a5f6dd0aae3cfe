//! One place as seen by one shopper: the state machine.
//!
//! `Unknown → Outside → Entering → Inside → Dwelling → Exiting → Outside`. Unknown is a place of
//! which nothing is kept before the first fix, Outside one of which nothing needs to be kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::crossing::{Approach, Sighting, Way};
use super::evidence::{Evidence, Sign};
use super::tracker::elapsed_ms;
use super::{Place, Transition, TransitionKind, Visit, VisitPhase};
use crate::clock::Now;

/// Longer than a shopping trip and shorter than a night: a visit of which nothing was seen for so
/// long is over, whatever became of the phone.
const SILENCE_MS: u64 = 6 * 3_600_000;

/// Makes the id of a visit that begins.
pub(super) type Ids<'a> = dyn FnMut(&Now) -> Uuid + 'a;

/// Where the shopper stands with one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Outside,
    Entering,
    Inside(Stay),
    Dwelling(Stay),
    Exiting(Stay),
}

/// A visit that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stay {
    id: Uuid,
    place_name: String,
    partner: Option<String>,
    entered_at_ms: i64,
    /// From when the stay is counted: the entry, unless a reboot lost the count.
    since: Now,
    /// The last fix that leaned inside.
    seen: Now,
    dwelt: bool,
}

/// A place that the shopper is at, or near enough to keep an eye on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Nearby {
    /// `None` before the first fix.
    evidence: Option<Evidence>,
    phase: Phase,
    /// Since the last fix that was surely outside; `None` when none was.
    approach: Option<Approach>,
}

impl Nearby {
    /// A place of which nothing was kept: after `last` it is one that the shopper was outside of.
    pub(super) fn unseen(last: Option<Sighting>) -> Self {
        Self { evidence: last.map(|_| Evidence::OUTSIDE), phase: Phase::Outside, approach: last.map(Approach::from) }
    }

    /// One more fix, of which `sign` is what it says of this place.
    pub(super) fn step(
        &mut self,
        place: &Place,
        sign: Sign,
        here: &Sighting,
        way: Option<&Way>,
        ids: &mut Ids<'_>,
    ) -> Option<Transition> {
        let evidence = match self.evidence {
            Some(evidence) => evidence.after(sign, way.and_then(Way::elapsed_s)),
            None => Evidence::first(sign),
        };
        self.evidence = Some(evidence);
        let phase = std::mem::replace(&mut self.phase, Phase::Outside);
        let (phase, told) = match phase {
            Phase::Outside | Phase::Entering => {
                if evidence.has_entered(sign) {
                    let stay = Stay::begin(place, here.at, ids);
                    let told = stay.tell(TransitionKind::Entered, &place.id, here.at.wall_ms);
                    self.approach = None;
                    (Phase::Inside(stay), Some(told))
                } else {
                    let told = self.approach(place, sign, here, way, ids);
                    (if sign.leans_inside() { Phase::Entering } else { Phase::Outside }, told)
                }
            }
            Phase::Inside(mut stay) | Phase::Dwelling(mut stay) | Phase::Exiting(mut stay) => {
                if sign.leans_inside() {
                    stay.seen = here.at;
                }
                if evidence.has_left(sign) {
                    self.approach = Some(Approach::from(*here));
                    (Phase::Outside, Some(stay.tell(TransitionKind::Left, &place.id, here.at.wall_ms)))
                } else if evidence.leans_outside() {
                    (Phase::Exiting(stay), None)
                } else {
                    (stay.into_phase(), None)
                }
            }
        };
        self.phase = phase;
        told
    }

    /// Follows a walk that may be one through the fence; tells when it turns out to have been.
    fn approach(
        &mut self,
        place: &Place,
        sign: Sign,
        here: &Sighting,
        way: Option<&Way>,
        ids: &mut Ids<'_>,
    ) -> Option<Transition> {
        let (centre, radius_m) = (place.circle.centre(), place.circle.radius_m);
        let approach = self.approach.zip(way).and_then(|(approach, way)| approach.along(way, centre, radius_m));
        if !sign.is_outside() {
            self.approach = approach;
            return None;
        }
        self.approach = Some(Approach::from(*here));
        let crossed = approach.is_some_and(|approach| approach.is_crossing(here, radius_m));
        crossed.then(|| Stay::begin(place, here.at, ids).tell(TransitionKind::Passed, &place.id, here.at.wall_ms))
    }

    /// What time alone has brought by `now`.
    pub(super) fn expire(&mut self, place: &Place, now: &Now) -> Vec<Transition> {
        let phase = std::mem::replace(&mut self.phase, Phase::Outside);
        let mut told = Vec::new();
        self.phase = match phase {
            Phase::Inside(mut stay) => {
                match elapsed_ms(&stay.since, now) {
                    // The clock was set back over a reboot: the stay is counted anew.
                    None => stay.since = *now,
                    Some(stayed) => {
                        if let Some(over) = stayed.checked_sub(dwell_ms(place)) {
                            stay.dwelt = true;
                            told.push(stay.tell(
                                TransitionKind::Dwelt,
                                &place.id,
                                now.wall_ms.saturating_sub_unsigned(over),
                            ));
                        }
                    }
                }
                stay.into_phase()
            }
            other => other,
        };
        if let Some(stay) = self.stay()
            && elapsed_ms(&stay.seen, now).is_some_and(|silent| silent >= SILENCE_MS)
        {
            told.push(stay.tell(TransitionKind::Left, &place.id, stay.seen.wall_ms.max(stay.entered_at_ms)));
            *self = Self { evidence: None, phase: Phase::Outside, approach: None };
        }
        told
    }

    /// How long until [`Nearby::expire`] tells something.
    pub(super) fn remaining_ms(&self, place: &Place, now: &Now) -> Option<u64> {
        let stay = self.stay()?;
        let left_of = |span: u64, from: &Now| span.saturating_sub(elapsed_ms(from, now).unwrap_or(0));
        let silence = left_of(SILENCE_MS, &stay.seen);
        Some(match self.phase {
            Phase::Inside(_) => silence.min(left_of(dwell_ms(place), &stay.since)),
            _ => silence,
        })
    }

    /// The visit, while one is open.
    pub(super) fn visit(&self, place: &str) -> Option<Visit> {
        let stay = self.stay()?;
        Some(Visit {
            id: stay.id,
            place: place.to_owned(),
            place_name: stay.place_name.clone(),
            partner: stay.partner.clone(),
            phase: if stay.dwelt { VisitPhase::Dwelling } else { VisitPhase::Inside },
            entered_at_ms: stay.entered_at_ms,
        })
    }

    /// Ends the visit, if one is open, because its place is no longer published.
    pub(super) fn close(&self, place: &str, at_ms: i64) -> Option<Transition> {
        Some(self.stay()?.tell(TransitionKind::Left, place, at_ms))
    }

    /// Nothing is to be kept but that the shopper is outside.
    pub(super) fn is_forgettable(&self, sign: Sign) -> bool {
        matches!(self.phase, Phase::Outside) && sign.is_floor() && self.evidence.is_none_or(Evidence::is_floor)
    }

    fn stay(&self) -> Option<&Stay> {
        match &self.phase {
            Phase::Outside | Phase::Entering => None,
            Phase::Inside(stay) | Phase::Dwelling(stay) | Phase::Exiting(stay) => Some(stay),
        }
    }
}

impl Stay {
    fn begin(place: &Place, at: Now, ids: &mut Ids<'_>) -> Self {
        Self {
            id: ids(&at),
            place_name: place.name.clone(),
            partner: place.partner.clone(),
            entered_at_ms: at.wall_ms,
            since: at,
            seen: at,
            dwelt: false,
        }
    }

    fn into_phase(self) -> Phase {
        if self.dwelt { Phase::Dwelling(self) } else { Phase::Inside(self) }
    }

    fn tell(&self, kind: TransitionKind, place: &str, at_ms: i64) -> Transition {
        Transition {
            kind,
            place: place.to_owned(),
            place_name: self.place_name.clone(),
            partner: self.partner.clone(),
            visit: self.id,
            at_ms,
            event: Some(kind.event_id(self.id)),
        }
    }
}

fn dwell_ms(place: &Place) -> u64 {
    u64::from(place.dwell_s) * 1_000
}
