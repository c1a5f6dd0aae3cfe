//! Visits as events.

use serde::Serialize;
use uuid::Uuid;

use super::Record;
use crate::clock::Now;
use crate::consent::{Permit, PreciseLocation};
use crate::place::{Transition, TransitionKind};

#[derive(Serialize)]
struct VisitData<'a> {
    visit: Uuid,
    place: &'a str,
}

impl Record {
    /// The event of a visit's turning point; `None` for one that is told but not recorded.
    ///
    /// It happened at the transition's time, which may lie before `now`: a dwell came due while
    /// the phone slept.
    pub fn of_visit(
        permit: &Permit<'_, PreciseLocation>,
        transition: &Transition,
        now: Now,
        session: Uuid,
    ) -> Option<Self> {
        let id = transition.event?;
        let kind = match transition.kind {
            TransitionKind::Entered => "dev.patron.visit.entered",
            TransitionKind::Dwelt => "dev.patron.visit.dwelt",
            TransitionKind::Left => "dev.patron.visit.left",
            TransitionKind::Passed => "dev.patron.visit.passed",
        };
        let data = serde_json::to_vec(&VisitData { visit: transition.visit, place: &transition.place }).ok()?;
        let ago = u64::try_from(now.wall_ms - transition.at_ms).unwrap_or(0);
        let at = Now { wall_ms: transition.at_ms, mono_ms: now.mono_ms.saturating_sub(ago), boot: now.boot };
        Some(Self::new(permit, id, kind, transition.partner.clone(), at, session, data))
    }
}
