//! Positions in, visits out, as they cross.

use patron_core::place::{FixInput, Transition, TransitionKind, Visit, VisitPhase};
use uuid::Uuid;

/// A position, unchecked.
#[uniffi::remote(Record)]
pub struct FixInput {
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy_m: Option<f64>,
    pub age_ms: u64,
    pub mock: bool,
}

/// What happened to a visit.
#[uniffi::remote(Enum)]
pub enum TransitionKind {
    Entered,
    Dwelt,
    Left,
    Passed,
}

/// A turning point of a visit.
#[uniffi::remote(Record)]
pub struct Transition {
    pub kind: TransitionKind,
    pub place: String,
    pub place_name: String,
    pub partner: Option<String>,
    pub visit: Uuid,
    pub at_ms: i64,
    pub event: Option<Uuid>,
    #[uniffi(default = false)]
    pub initial: bool,
    #[uniffi(default = false)]
    pub mock: bool,
}

/// How far a visit has come.
#[uniffi::remote(Enum)]
pub enum VisitPhase {
    Inside,
    Dwelling,
}

/// A visit that is open.
#[uniffi::remote(Record)]
pub struct Visit {
    pub id: Uuid,
    pub place: String,
    pub place_name: String,
    pub partner: Option<String>,
    pub phase: VisitPhase,
    pub entered_at_ms: i64,
    #[uniffi(default = false)]
    pub initial: bool,
}
