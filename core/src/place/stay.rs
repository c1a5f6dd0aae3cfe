//! A visit that is open: who says that the shopper is there, since when, and what was told of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tracker::{elapsed_ms, is_after};
use super::transition::checked_in_visit;
use super::visit::{Ids, Phase};
use super::{Place, Transition, TransitionKind, Witness};
use crate::clock::Now;

/// For so long a position cannot end a visit that the shopper's own scan began: a code hangs at a
/// till, deep in a house where receivers see few satellites.
const CHECK_IN_OUTRANKS_MS: u64 = 30 * 60_000;

/// Heard this long ago, a beacon still outranks a position; scans come a few times a minute.
const BEACON_OUTRANKS_MS: u64 = 60_000;

/// A visit that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stay {
    pub(super) id: Uuid,
    pub(super) place_name: String,
    pub(super) partner: Option<String>,
    pub(super) entered_at_ms: i64,
    /// From when the stay is counted: the entry, unless a reboot lost the count.
    pub(super) since: Now,
    /// The last fix that leaned inside.
    pub(super) seen: Now,
    pub(super) dwelt: bool,
    /// When the stay had become long, once that was told: nobody left before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dwelt_at: Option<Now>,
    /// The last fix was surely outside, which is not yet an exit.
    #[serde(default)]
    pub(super) doubted: bool,
    #[serde(default)]
    pub(super) initial: bool,
    #[serde(default)]
    pub(super) mock: bool,
    /// Who said so first.
    #[serde(default)]
    pub(super) by: Witness,
    /// When a beacon of the place was last received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) heard: Option<Now>,
    /// When the shopper scanned the place's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checked_in: Option<CheckIns>,
    /// The later of the two, as it was stored while they had one place between them: read, and not written.
    #[serde(default, skip_serializing)]
    pub(super) witness: Option<(Witness, Now)>,
    /// The wall clock at which the place closes; `None` for never.
    #[serde(default)]
    pub(super) closes_at_ms: Option<i64>,
}

/// The scans of a code during a visit. Each witness has a time of its own, for each can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct CheckIns {
    pub(super) first: Now,
    pub(super) last: Now,
    pub(super) count: u32,
}

impl Stay {
    pub(super) fn begin(place: &Place, at: Now, initial: bool, mock: bool, ids: &mut Ids<'_>) -> Self {
        Self {
            id: ids(&at),
            place_name: place.name.clone(),
            partner: place.partner.clone(),
            entered_at_ms: at.wall_ms,
            since: at,
            seen: at,
            dwelt: false,
            dwelt_at: None,
            doubted: false,
            initial,
            mock,
            by: Witness::Position,
            heard: None,
            checked_in: None,
            witness: None,
            closes_at_ms: place.open_until(at.wall_ms).filter(|closes| *closes < i64::MAX),
        }
    }

    /// Takes in that a witness says so at that moment.
    pub(super) fn hear(&mut self, by: Witness, at: Now) {
        match by {
            Witness::Position => {}
            Witness::Beacon => self.heard = Some(at),
            Witness::CheckIn => {
                self.checked_in = Some(self.checked_in.map_or(CheckIns::once(at), |scans| CheckIns {
                    last: at,
                    count: scans.count.saturating_add(1),
                    ..scans
                }));
            }
        }
        (self.seen, self.doubted) = (at, false);
    }

    /// Someone in the store outranks what a position says from outside.
    pub(super) fn is_witnessed(&self, now: &Now) -> bool {
        self.heard.is_some_and(|at| elapsed_ms(&at, now).is_some_and(|ago| ago <= BEACON_OUTRANKS_MS))
            || self.has_checked_in(now, CHECK_IN_OUTRANKS_MS)
    }

    pub(super) fn has_checked_in(&self, now: &Now, within_ms: u64) -> bool {
        self.checked_in.is_some_and(|scans| elapsed_ms(&scans.last, now).is_some_and(|ago| ago <= within_ms))
    }

    /// What the visit is called as far as the shopper's scans know it. Another name than the one that rests on another
    /// consent: that has the moment in it at which that witness saw the shopper come.
    pub(super) fn checked_in_id(&self) -> Uuid {
        if self.by == Witness::CheckIn { self.id } else { checked_in_visit(self.id) }
    }

    /// The visit as the shopper's scans alone know it.
    pub(super) fn as_checked_in(&self) -> Option<Self> {
        let scans = self.checked_in?;
        Some(Self {
            id: self.checked_in_id(),
            entered_at_ms: scans.first.wall_ms,
            since: scans.first,
            seen: scans.last,
            dwelt: false,
            dwelt_at: None,
            doubted: false,
            initial: false,
            mock: false,
            by: Witness::CheckIn,
            ..self.clone()
        })
    }

    /// The stay has become long by `now`, if it has and that was not told yet.
    ///
    /// By deadline, also for someone who hovers at the edge: who has not left is there. After a fix
    /// that is surely outside the next one decides, for an exit is confirmed a minute after someone
    /// walked out, and that is no stay. What was told is not taken back.
    pub(super) fn dwell(&mut self, place: &Place, now: &Now) -> Option<Transition> {
        if self.dwelt || self.doubted {
            return None;
        }
        let Some(stayed) = elapsed_ms(&self.since, now) else {
            // The clock was set back over a reboot: the stay is counted anew.
            self.since = *now;
            return None;
        };
        let over_ms = stayed.checked_sub(dwell_ms(place))?;
        let due = Now {
            wall_ms: now.wall_ms.saturating_sub_unsigned(over_ms),
            mono_ms: now.mono_ms.saturating_sub(over_ms),
            boot: now.boot,
        };
        // Whoever stayed beyond closing time did not dwell after it.
        if self.closes_at_ms.is_some_and(|closes| closes <= due.wall_ms) {
            return None;
        }
        (self.dwelt, self.dwelt_at) = (true, Some(due));
        Some(self.tell(TransitionKind::Dwelt, &place.id, due.wall_ms))
    }

    /// The shopper left at that moment. Where a dwell was told meanwhile (the fix comes late, or the
    /// last sign of a silent phone was long ago) it is told as of the dwell: an exit never comes
    /// before it.
    pub(super) fn leave(&self, place: &str, at: &Now) -> Transition {
        let at = self.dwelt_at.as_ref().filter(|dwelt| !is_after(at, dwelt)).unwrap_or(at);
        self.tell(TransitionKind::Left, place, at.wall_ms)
    }

    pub(super) fn into_phase(self) -> Phase {
        if self.dwelt { Phase::Dwelling(self) } else { Phase::Inside(self) }
    }

    pub(super) fn tell(&self, kind: TransitionKind, place: &str, at_ms: i64) -> Transition {
        Transition {
            kind,
            place: place.to_owned(),
            place_name: self.place_name.clone(),
            partner: self.partner.clone(),
            visit: self.id,
            at_ms,
            event: Some(kind.event_id(self.id)),
            initial: self.initial,
            mock: self.mock,
            by: self.by,
        }
    }
}

impl CheckIns {
    pub(super) fn once(at: Now) -> Self {
        Self { first: at, last: at, count: 1 }
    }
}

pub(super) fn dwell_ms(place: &Place) -> u64 {
    u64::from(place.dwell_s) * 1_000
}
