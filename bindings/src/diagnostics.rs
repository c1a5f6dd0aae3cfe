//! The account and the state of sync, as they cross.

use patron_core::{Account, Diagnostics, Drained, SignedOut};
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

/// The state of one store.
#[uniffi::remote(Record)]
pub struct Diagnostics {
    pub account: Account,
    pub consent_epoch: u64,
    pub acknowledged_epoch: u64,
    pub catalogue_version: Option<String>,
    pub catalogue_age_ms: Option<i64>,
    pub quarantined: Vec<String>,
    pub online: bool,
    pub last_error: Option<String>,
    pub next_attempt_at_ms: Option<i64>,
    pub busy: u64,
    pub sqlite_version: String,
    pub installation: Uuid,
    pub account_alias: Option<Uuid>,
    pub set_aside: Vec<String>,
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
