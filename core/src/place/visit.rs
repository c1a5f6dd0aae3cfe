//! One place as seen by one shopper: the state machine.
//!
//! `Unknown → Outside → Entering → Inside → Dwelling → Exiting → Outside`. Unknown is a place of
//! which nothing is kept before the first fix, Outside one of which nothing needs to be kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::crossing::{Approach, Sighting, Way};
use super::evidence::{Evidence, Sign, sigma_m};
use super::stay::{CheckIns, Stay, dwell_ms};
use super::tracker::elapsed_ms;
use super::{CodeScan, Fence, Place, Transition, TransitionKind, Visit, VisitPhase, Witness};
use crate::clock::Now;

/// Longer than a shopping trip and shorter than a night: a visit of which nothing was seen for so
/// long is over, whatever became of the phone.
const SILENCE_MS: u64 = 6 * 3_600_000;

/// Nobody sees a shopper leave who gave no position: after so long a check-in has done its work.
const CHECK_IN_MS: u64 = 3_600_000;

/// Makes the id of a visit that begins.
pub(super) type Ids<'a> = dyn FnMut(&Now) -> Uuid + 'a;

/// Where the shopper stands with one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Outside,
    Entering,
    Inside(Stay),
    Dwelling(Stay),
    Exiting(Stay),
}

/// What one fix says of one place.
pub(super) struct Look<'a> {
    pub(super) place: &'a Place,
    pub(super) fence: &'a Fence,
    pub(super) edge_m: f64,
    pub(super) here: &'a Sighting,
    pub(super) way: Option<&'a Way>,
}

impl Look<'_> {
    fn sign(&self) -> Sign {
        Sign::new(self.edge_m, self.here.accuracy_m)
    }
}

/// A place that the shopper is at, or near enough to keep an eye on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Nearby {
    /// `None` before the first fix.
    evidence: Option<Evidence>,
    phase: Phase,
    /// Since the last fix that was surely outside; `None` when none was.
    approach: Option<Approach>,
    /// Whether the shopper was there before anyone looked is not known yet.
    #[serde(default)]
    unknown: bool,
    /// Within the place's approach threshold.
    #[serde(default)]
    approaching: bool,
    /// Where the place stands among those of the catalogue: nothing to look up with each fix.
    #[serde(skip)]
    pub(super) at: usize,
}

impl Nearby {
    /// A place of which nothing was kept, and that the shopper was last seen outside of, if at all.
    pub(super) fn unseen(at: usize, outside: Option<Sighting>) -> Self {
        Self {
            at,
            evidence: outside.map(|_| Evidence::OUTSIDE),
            phase: Phase::Outside,
            approach: outside.map(Approach::from),
            unknown: outside.is_none(),
            approaching: false,
        }
    }

    /// Nobody has looked for long: whoever is found inside may have come at any time.
    pub(super) fn lose_sight(&mut self) {
        self.unknown = true;
    }

    /// One more fix.
    pub(super) fn step(&mut self, look: &Look<'_>, ids: &mut Ids<'_>) -> Option<Transition> {
        let Look { place, here, way, .. } = *look;
        let sign = look.sign();
        let evidence = match self.evidence {
            Some(evidence) => evidence.after(sign, way.and_then(Way::elapsed_s)),
            None => Evidence::first(sign),
        };
        self.evidence = Some(evidence);
        self.unknown &= !sign.is_outside();
        let phase = std::mem::replace(&mut self.phase, Phase::Outside);
        let (phase, told) = match phase {
            Phase::Outside | Phase::Entering => {
                if evidence.has_entered(sign) {
                    let stay = Stay::begin(place, here.at, self.unknown, here.mock, ids);
                    let told = stay.tell(TransitionKind::Entered, &place.id, here.at.wall_ms);
                    self.approach = None;
                    (Phase::Inside(stay), Some(told))
                } else {
                    let told = self.approach(look, ids);
                    (if sign.leans_inside() { Phase::Entering } else { Phase::Outside }, told)
                }
            }
            Phase::Inside(mut stay) | Phase::Dwelling(mut stay) | Phase::Exiting(mut stay) => {
                if sign.leans_inside() {
                    stay.seen = here.at;
                }
                let is_witnessed = stay.is_witnessed(&here.at);
                stay.doubted = sign.is_outside() && !is_witnessed;
                if evidence.has_left(sign) && !is_witnessed {
                    self.approach = Some(Approach::from(*here));
                    stay.mock |= here.mock;
                    (Phase::Outside, Some(stay.leave(&place.id, &here.at)))
                } else if evidence.leans_outside() {
                    (Phase::Exiting(stay), None)
                } else {
                    (stay.into_phase(), None)
                }
            }
        };
        self.phase = phase;
        self.follow_approach(look);
        told
    }

    /// Someone other than a position says that the shopper is there.
    pub(super) fn witness(&mut self, place: &Place, by: Witness, at: Now, ids: &mut Ids<'_>) -> Option<Transition> {
        if let Some(stay) = self.stay_mut() {
            stay.hear(by, at);
            return None;
        }
        // Neither a scan nor a beacon that comes into hearing is where the shopper was before.
        let mut stay = Stay { by, ..Stay::begin(place, at, false, false, ids) };
        stay.hear(by, at);
        let told = stay.tell(TransitionKind::Entered, &place.id, at.wall_ms);
        (self.phase, self.approach, self.approaching) = (Phase::Inside(stay), None, false);
        Some(told)
    }

    /// The place's beacons are heard no more, as of `now`. That ends the visit, unless positions speak for it or the
    /// shopper's own scan does; as of the last sign of it, for nobody heard the shopper go.
    pub(super) fn unwitness(&mut self, place: &Place, now: &Now) -> Option<Transition> {
        let evidence = self.evidence;
        let stay = self.stay_mut()?;
        stay.heard.take()?;
        let upheld = match evidence {
            // Without any position a check-in ends by itself, and not before.
            None => stay.has_checked_in(now, CHECK_IN_MS),
            Some(evidence) => !evidence.leans_outside() || stay.is_witnessed(now),
        };
        if upheld {
            return None;
        }
        let told = stay.leave(&place.id, &stay.seen);
        self.phase = Phase::Outside;
        Some(told)
    }

    /// Follows a walk that may be one through the fence; tells when it turns out to have been.
    fn approach(&mut self, look: &Look<'_>, ids: &mut Ids<'_>) -> Option<Transition> {
        let Look { place, fence, here, way, .. } = *look;
        let approach = self.approach.zip(way).and_then(|(approach, way)| approach.along(way, fence));
        if !look.sign().is_outside() {
            self.approach = approach;
            return None;
        }
        self.approach = Some(Approach::from(*here));
        let crossed = approach.is_some_and(|approach| approach.is_crossing(here, fence));
        let passed = || Stay::begin(place, here.at, false, here.mock, ids);
        crossed.then(passed).map(|stay| stay.tell(TransitionKind::Passed, &place.id, here.at.wall_ms))
    }

    /// Near enough by more than the noise, or no more so by more than the noise.
    fn follow_approach(&mut self, look: &Look<'_>) {
        let Some(threshold_m) = look.place.approach_m.map(f64::from) else { return };
        let noise_m = sigma_m(look.here.accuracy_m);
        let within =
            if self.approaching { look.edge_m - noise_m <= threshold_m } else { look.edge_m + noise_m <= threshold_m };
        self.approaching = within && self.stay().is_none();
    }

    pub(super) fn is_approaching(&self) -> bool {
        self.approaching
    }

    /// What time alone has brought by `now`.
    pub(super) fn expire(&mut self, place: &Place, now: &Now) -> Vec<Transition> {
        let mut told = Vec::new();
        if let Some(stay) = self.stay_mut() {
            told.extend(stay.dwell(place, now));
        }
        self.phase = match std::mem::replace(&mut self.phase, Phase::Outside) {
            Phase::Inside(stay) => stay.into_phase(),
            // Whoever hovers at the edge may have stayed for long and be about to leave.
            other => other,
        };
        let silence_ms = self.silence_ms();
        let Some(stay) = self.stay_mut() else { return told };
        if stay.closes_at_ms.is_some_and(|closes| closes <= now.wall_ms) {
            // Hours look a week ahead at most; what is open still goes on.
            stay.closes_at_ms = place.open_until(now.wall_ms).or(stay.closes_at_ms);
        }
        let left = if elapsed_ms(&stay.seen, now).is_some_and(|silent| silent >= silence_ms) {
            Some(stay.leave(&place.id, &stay.seen))
        } else {
            let closes_at_ms = stay.closes_at_ms.filter(|closes| *closes <= now.wall_ms);
            closes_at_ms.map(|at_ms| stay.tell(TransitionKind::Left, &place.id, at_ms.max(stay.entered_at_ms)))
        };
        if left.is_some() {
            told.extend(left);
            *self = Self::unseen(self.at, None);
        }
        told
    }

    /// How long until [`Nearby::expire`] tells something.
    pub(super) fn remaining_ms(&self, place: &Place, now: &Now) -> Option<u64> {
        let stay = self.stay()?;
        let left_of = |span: u64, from: &Now| span.saturating_sub(elapsed_ms(from, now).unwrap_or(0));
        let until = |at_ms: i64| u64::try_from(at_ms.saturating_sub(now.wall_ms)).unwrap_or(0);
        let over = left_of(self.silence_ms(), &stay.seen).min(stay.closes_at_ms.map_or(u64::MAX, until));
        Some(if stay.dwelt || stay.doubted { over } else { over.min(left_of(dwell_ms(place), &stay.since)) })
    }

    fn silence_ms(&self) -> u64 {
        if self.evidence.is_none() { CHECK_IN_MS } else { SILENCE_MS }
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
            initial: stay.initial,
            by: stay.by,
        })
    }

    /// The place has other hours by now: a visit under way ends with those.
    pub(super) fn take_hours(&mut self, place: &Place, now: &Now) {
        if let Some(stay) = self.stay_mut() {
            let closes_at_ms = place.open_until(now.wall_ms).unwrap_or(now.wall_ms);
            stay.closes_at_ms = Some(closes_at_ms).filter(|closes| *closes < i64::MAX);
        }
    }

    /// Ends the visit, if one is open, because its place is no longer published, or closed.
    pub(super) fn close(&self, place: &str, at_ms: i64) -> Option<Transition> {
        Some(self.stay()?.tell(TransitionKind::Left, place, at_ms))
    }

    /// Nothing is to be kept but that the shopper is outside.
    pub(super) fn is_forgettable(&self, look: &Look<'_>) -> bool {
        matches!(self.phase, Phase::Outside)
            && !self.approaching
            && look.sign().is_floor()
            && self.evidence.is_none_or(Evidence::is_floor)
    }

    /// What was known through `by` alone is known no more; answers whether an open visit went with
    /// it. A visit that someone else began stays, as far as that one knows, and one during which the shopper scanned
    /// a code goes on as that scan's.
    pub(super) fn forget(&mut self, by: Witness) -> bool {
        if by == Witness::Position {
            (self.evidence, self.approach, self.unknown, self.approaching) = (None, None, true, false);
        }
        let Some(stay) = self.stay_mut() else { return false };
        match by {
            Witness::Position => stay.mock = false,
            Witness::Beacon => stay.heard = None,
            Witness::CheckIn => stay.checked_in = None,
        }
        if stay.by != by {
            return false;
        }
        if let Some(known) = stay.as_checked_in() {
            self.phase = Phase::Inside(known);
            return false;
        }
        // Whoever is found there next did not come just then.
        (self.phase, self.unknown) = (Phase::Outside, true);
        true
    }

    /// A visit is open.
    pub(super) fn is_open(&self) -> bool {
        self.stay().is_some()
    }

    /// There is something that a fence is not needed for.
    pub(super) fn is_witnessed(&self) -> bool {
        self.stay().is_some_and(|stay| stay.heard.is_some() || stay.checked_in.is_some())
    }

    /// Takes over what was stored while beacons and codes had one time between them.
    pub(super) fn renew(&mut self) {
        let Some(stay) = self.stay_mut() else { return };
        match stay.witness.take() {
            Some((Witness::Beacon, at)) => stay.heard = stay.heard.or(Some(at)),
            Some((Witness::CheckIn, at)) => stay.checked_in = stay.checked_in.or(Some(CheckIns::once(at))),
            Some((Witness::Position, _)) | None => {}
        }
    }

    /// When a beacon was last received here and a code last scanned.
    pub(super) fn words(&self) -> (Option<Now>, Option<Now>) {
        self.stay().map_or((None, None), |stay| (stay.heard, stay.checked_in.map(|scans| scans.last)))
    }

    /// The scan at `now`, where the visit had begun before it.
    pub(super) fn code_scan(&self, place: &str, now: &Now) -> Option<CodeScan> {
        let stay = self.stay()?;
        let scans = stay.checked_in.filter(|scans| scans.last == *now)?;
        let begins = stay.by == Witness::CheckIn && scans.count == 1;
        (!begins).then(|| CodeScan {
            place: place.to_owned(),
            partner: stay.partner.clone(),
            visit: stay.checked_in_id(),
            event: CodeScan::event_id(stay.checked_in_id(), scans.count),
        })
    }

    fn stay_mut(&mut self) -> Option<&mut Stay> {
        match &mut self.phase {
            Phase::Outside | Phase::Entering => None,
            Phase::Inside(stay) | Phase::Dwelling(stay) | Phase::Exiting(stay) => Some(stay),
        }
    }

    fn stay(&self) -> Option<&Stay> {
        match &self.phase {
            Phase::Outside | Phase::Entering => None,
            Phase::Inside(stay) | Phase::Dwelling(stay) | Phase::Exiting(stay) => Some(stay),
        }
    }
}
