//! The account and the state of sync, as they cross.

use patron_core::consent::Purpose;
use patron_core::{
    Account, AsideCause, CarriedOver, Database, DeadLetter, Diagnostics, Drained, Fate, Loss, Network, SetAside,
    SignedOut,
};
use uuid::Uuid;

/// Where every event is.
#[uniffi::remote(Record)]
pub struct Account {
    pub accepted: u64,
    pub delivered: u64,
    pub queued: u64,
    pub dead: u64,
    pub evicted: u64,
    pub purged: u64,
}

/// How events ended that were never delivered.
#[uniffi::remote(Enum)]
pub enum Fate {
    Dead,
    Evicted,
    Purged,
}

/// Events that were not delivered, and why.
#[uniffi::remote(Record)]
pub struct Loss {
    pub fate: Fate,
    pub reason: String,
    pub events: u64,
}

/// The network as the platform tells it.
#[uniffi::remote(Enum)]
pub enum Network {
    Offline,
    Metered,
    Unmetered,
}

/// One of the store's two databases.
#[uniffi::remote(Enum)]
pub enum Database {
    Main,
    Offers,
}

/// Why a database file could not be used.
#[uniffi::remote(Enum)]
pub enum AsideCause {
    Damaged,
    Newer,
}

/// What was carried over from a damaged file.
#[uniffi::remote(Record)]
pub struct CarriedOver {
    pub decisions: Option<u64>,
    pub events: u64,
    pub dead_letters: u64,
    pub lost_events: Option<u64>,
}

/// A database file that could not be used.
#[uniffi::remote(Record)]
pub struct SetAside {
    pub file: String,
    pub database: Database,
    pub cause: AsideCause,
    pub at_ms: i64,
    pub carried: Option<CarriedOver>,
}

/// An event that the backend will never take.
#[uniffi::remote(Record)]
pub struct DeadLetter {
    pub id: Uuid,
    pub kind: String,
    pub purpose: Purpose,
    pub partner: Option<String>,
    pub at_ms: i64,
    pub given_up_at_ms: Option<i64>,
    pub refusals: Option<u32>,
    pub reason: String,
    pub data: String,
}

/// The state of one store.
#[uniffi::remote(Record)]
pub struct Diagnostics {
    pub account: Account,
    pub losses: Vec<Loss>,
    pub queued_bytes: u64,
    pub oldest_queued_ms: Option<u64>,
    pub disk_bytes: u64,
    pub consent_epoch: u64,
    pub acknowledged_epoch: u64,
    pub catalogue_version: Option<String>,
    pub catalogue_age_ms: Option<i64>,
    pub quarantined: Vec<String>,
    pub network: Network,
    pub clock_skew_ms: Option<i64>,
    pub session: Uuid,
    pub sampled_out: bool,
    pub last_error: Option<String>,
    pub next_attempt_at_ms: Option<i64>,
    pub busy: u64,
    pub sqlite_version: String,
    pub installation: Uuid,
    pub account_alias: Option<Uuid>,
    pub pending_rights: u32,
    pub set_aside: Vec<SetAside>,
}

/// What a drain achieved.
#[uniffi::remote(Record)]
pub struct Drained {
    pub delivered: u64,
    pub left: u64,
    pub sent_bytes: u64,
    pub done: bool,
}

/// What signing out removed.
#[uniffi::remote(Record)]
pub struct SignedOut {
    pub purged_events: u64,
    pub in_doubt: u64,
    pub purged_visits: u64,
}
