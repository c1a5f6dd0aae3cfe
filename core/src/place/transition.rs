//! What the tracker tells: visits and their turning points.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::consent::PurposeKind;

/// How far a visit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitPhase {
    /// At the place.
    Inside,
    /// At the place for as long as the place counts as a stay.
    Dwelling,
}

/// A visit that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// UUIDv7, made at entry; of a visit that goes on as a scanned code's, after whoever saw the shopper come may be
    /// believed no more, a UUIDv8 in its place.
    pub id: Uuid,
    /// The place's id.
    pub place: String,
    /// The place's name.
    pub place_name: String,
    /// The place's partner; `None` for the retailer's own.
    pub partner: Option<String>,
    /// How far it has come.
    pub phase: VisitPhase,
    /// Wall clock of the device, milliseconds since the Unix epoch.
    pub entered_at_ms: i64,
    /// The shopper was there already when it was first looked: nobody saw an arrival.
    pub initial: bool,
    /// Who said so first: the visit is known under the consent that goes with it.
    pub by: Witness,
}

/// What happened to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// The shopper arrived.
    Entered,
    /// The shopper stayed for as long as counts as a stay.
    Dwelt,
    /// The shopper left, or the place is no longer published.
    Left,
    /// The shopper crossed the place between two fixes, without a stop that was seen.
    Passed,
}

/// A turning point of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Which.
    pub kind: TransitionKind,
    /// The place's id.
    pub place: String,
    /// The place's name.
    pub place_name: String,
    /// The place's partner; `None` for the retailer's own.
    pub partner: Option<String>,
    /// The visit; a crossing has one of its own.
    pub visit: Uuid,
    /// Wall clock of the device, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The id of the event to record it as; the same whenever the transition is told again.
    pub event: Option<Uuid>,
    /// Of a visit that nobody saw begin: the shopper was there already when it was first looked.
    pub initial: bool,
    /// A position that someone made up had a part in it, as the platform says.
    pub mock: bool,
    /// Who said first that the shopper is there.
    pub by: Witness,
}

/// Who says that a shopper is at a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// Positions, looked at under `PreciseLocation`.
    #[default]
    Position,
    /// A beacon of the place is heard, under `Beacons`.
    Beacon,
    /// The shopper scanned the place's code. That takes no consent; recording it takes `Engagement`.
    CheckIn,
}

impl Witness {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Position, Self::Beacon, Self::CheckIn];

    /// What a visit that it began is recorded under, and forgotten with.
    pub fn purpose(self) -> PurposeKind {
        match self {
            Self::Position => PurposeKind::PreciseLocation,
            Self::Beacon => PurposeKind::Beacons,
            Self::CheckIn => PurposeKind::Engagement,
        }
    }
}

impl TransitionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Entered, Self::Dwelt, Self::Left, Self::Passed];

    /// The id of the event that tells of this turn of `visit`.
    ///
    /// Derived and not drawn, so that a replay after a crash makes the same event again.
    pub(crate) fn event_id(self, visit: Uuid) -> Uuid {
        let name = match self {
            Self::Entered => "entered",
            Self::Dwelt => "dwelt",
            Self::Left => "left",
            Self::Passed => "passed",
        };
        derived(visit, name)
    }
}

/// The shopper scanned a code at a place where a visit was under way already: an act of its own, and no turn of the visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeScan {
    /// The place's id.
    pub(crate) place: String,
    /// The place's partner; `None` for the retailer's own.
    pub(crate) partner: Option<String>,
    /// The visit, by the name that the shopper's scans know it by.
    pub(crate) visit: Uuid,
    /// The id of the event to record it as.
    pub(crate) event: Uuid,
}

impl CodeScan {
    /// The id of the event of a visit's scan of that number, counted from 1.
    pub(super) fn event_id(visit: Uuid, count: u32) -> Uuid {
        derived(visit, &format!("checked_in {count}"))
    }
}

/// What a visit is called that another witness began, as far as the shopper's scans know it. Nothing of the other's
/// name can be read from it.
pub(super) fn checked_in_visit(visit: Uuid) -> Uuid {
    derived(visit, "by check-in")
}

fn derived(visit: Uuid, name: &str) -> Uuid {
    let hash = Sha256::new().chain_update(visit.as_bytes()).chain_update(name.as_bytes()).finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    Uuid::new_v8(id)
}
