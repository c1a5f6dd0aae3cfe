//! Positions, beacons and codes in, visits and plans out, as they cross.

use std::time::Duration;

use patron_core::event::Proximity;
use patron_core::place::beacon::{Heard, Received, Scan, Signal, ZoneChange};
use patron_core::place::checkin::CheckedIn;
use patron_core::place::plan::{Limits, Looking, Wake};
use patron_core::place::{FixInput, Plan, Transition, TransitionKind, Visit, VisitPhase, WakeRegion, Witness};
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
    pub by: Witness,
}

/// Who says that a shopper is at a place.
#[uniffi::remote(Enum)]
pub enum Witness {
    Position,
    Beacon,
    CheckIn,
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
    pub by: Witness,
}

/// What a phone received while it listened.
#[uniffi::remote(Record)]
pub struct Scan {
    pub listened_ms: u64,
    pub received: Vec<Received>,
}

/// One advertisement.
#[uniffi::remote(Record)]
pub struct Received {
    pub signal: Signal,
    pub rssi_dbm: i16,
}

/// Whose advertisement it is.
#[uniffi::remote(Enum)]
pub enum Signal {
    Raw { advertisement: Vec<u8> },
    Beacon { beacon: String, power_dbm: Option<i8> },
}

/// A beacon came nearer, went farther or was lost.
#[uniffi::remote(Record)]
pub struct ZoneChange {
    pub beacon: String,
    pub zone: Proximity,
    pub place: String,
    pub place_name: String,
    pub partner: Option<String>,
    pub event: Option<Uuid>,
}

/// What followed from a scan.
#[uniffi::remote(Record)]
pub struct Heard {
    pub visits: Vec<Transition>,
    pub zones: Vec<ZoneChange>,
}

/// What a scanned code led to.
#[uniffi::remote(Record)]
pub struct CheckedIn {
    pub place: String,
    pub place_name: String,
    pub fresh: bool,
    pub visits: Vec<Transition>,
}

/// What a platform can watch at once.
#[uniffi::remote(Record)]
pub struct Limits {
    pub regions: u32,
    pub least_radius_m: f64,
}

/// A circle for the platform to watch.
#[uniffi::remote(Record)]
pub struct WakeRegion {
    pub id: String,
    pub latitude: f64,
    pub longitude: f64,
    pub radius_m: f64,
    pub places: Vec<String>,
}

/// Why positions must be asked for.
#[uniffi::remote(Enum)]
pub enum Looking {
    InRegion,
    Crowded,
    Unsure,
}

/// What to watch while the app sleeps.
#[uniffi::remote(Record)]
pub struct Plan {
    pub regions: Vec<WakeRegion>,
    pub safe: WakeRegion,
    pub outside: u32,
    pub looking: Option<Looking>,
    pub next_fix: Duration,
}

/// What a wake is good for.
#[uniffi::remote(Record)]
pub struct Wake {
    pub look: bool,
    pub replan: bool,
}
