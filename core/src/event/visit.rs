//! Visits as events.

use serde::Serialize;
use uuid::Uuid;

use super::kind::Kind;
use super::record::{Draft, Record};
use crate::clock::Now;
use crate::consent::{Beacons, Engagement, Gate, PreciseLocation};
use crate::place::{CodeScan, Transition, TransitionKind, Witness};

/// A turning point of a visit: the shopper came, stayed, left or passed by; or scanned a code during it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct VisitData<'a> {
    /// The same from the entry to the exit.
    visit: Uuid,
    /// The place's id in the offer catalogue.
    place: &'a str,
    /// The shopper was there already when it was first looked: nobody saw an arrival. Absent for no.
    #[serde(skip_serializing_if = "is_no")]
    initial: bool,
    /// A position that someone made up had a part in it, as the platform says. Absent for no.
    #[serde(skip_serializing_if = "is_no")]
    mock: bool,
}

fn is_no(flag: &bool) -> bool {
    !flag
}

impl Record {
    /// The event of a visit's turning point, made with a permit of whoever began the visit
    /// ([`Witness::purpose`]); `None` when `gate` gives none.
    ///
    /// It happened at the transition's time, which may lie before `now`: a dwell came due while
    /// the phone slept.
    pub fn of_visit(gate: &Gate, transition: &Transition, now: Now, session: Uuid) -> Option<Self> {
        let id = transition.event?;
        let kind = match transition.kind {
            TransitionKind::Entered => Kind::VisitEntered,
            TransitionKind::Dwelt => Kind::VisitDwelt,
            TransitionKind::Left => Kind::VisitLeft,
            TransitionKind::Passed => Kind::VisitPassed,
        };
        let Transition { visit, initial, mock, .. } = *transition;
        let data = serde_json::to_vec(&VisitData { visit, place: &transition.place, initial, mock }).ok()?;
        let ago = u64::try_from(now.wall_ms - transition.at_ms).unwrap_or(0);
        let at = Now { wall_ms: transition.at_ms, mono_ms: now.mono_ms.saturating_sub(ago), boot: now.boot };
        let draft = Draft { id, kind: kind.name().to_owned(), partner: transition.partner.clone(), at, session, data };
        match transition.by {
            Witness::Position => draft.under::<PreciseLocation>(gate),
            Witness::Beacon => draft.under::<Beacons>(gate),
            Witness::CheckIn => draft.under::<Engagement>(gate),
        }
    }

    /// The event of a code that was scanned during a visit, now; `None` when `gate` does not allow it.
    pub(crate) fn of_code_scan(gate: &Gate, scan: &CodeScan, now: Now, session: Uuid) -> Option<Self> {
        let CodeScan { place, partner, visit, event: id } = scan;
        let data = serde_json::to_vec(&VisitData { visit: *visit, place, initial: false, mock: false }).ok()?;
        let (kind, partner) = (Kind::VisitCheckedIn.name().to_owned(), partner.clone());
        Draft { id: *id, kind, partner, at: now, session, data }.under::<Engagement>(gate)
    }
}
