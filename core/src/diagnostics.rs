//! What an app developer or QA asks when nothing happens.

use uuid::Uuid;

use crate::account::{Account, Loss};
use crate::sync::Network;

/// The state of one store, read in one piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// Every event that was ever accepted, and where it is.
    pub account: Account,
    /// Why events were lost, by reason; they sum up to the account's `dead`, `evicted`, `purged`.
    pub losses: Vec<Loss>,
    /// Bytes that count against the queue's quota.
    pub queued_bytes: u64,
    /// How long the oldest queued event has waited, milliseconds; `None` for an empty queue, or
    /// when no clock can be trusted with the answer.
    pub oldest_queued_ms: Option<u64>,
    /// Bytes of the files on disk, the hand-over ring apart.
    pub disk_bytes: u64,
    /// Counts the shopper's decisions.
    pub consent_epoch: u64,
    /// The epoch that the backend has acknowledged; events wait while it is lower.
    pub acknowledged_epoch: u64,
    /// The cached offer catalogue.
    pub catalogue_version: Option<String>,
    /// How long ago it was fetched or confirmed, milliseconds.
    pub catalogue_age_ms: Option<i64>,
    /// Entries of the catalogue that were left out, each with its place and reason.
    pub quarantined: Vec<String>,
    /// What the host last said of the network.
    pub network: Network,
    /// How far the wall clock is ahead of the backend's, milliseconds; `None` until the backend
    /// has told its time in this boot.
    pub clock_skew_ms: Option<i64>,
    /// The session that events belong to now.
    pub session: Uuid,
    /// The publisher samples, and this installation is not in the sample: nothing is recorded.
    pub sampled_out: bool,
    /// The last thing that went wrong in sync, in words; cleared by success.
    pub last_error: Option<String>,
    /// When sync tries next, wall clock; `None` when there is nothing to do or it must not.
    pub next_attempt_at_ms: Option<i64>,
    /// Calls to track that were refused because the hand-over was full.
    pub busy: u64,
    /// The SQLite that is built in.
    pub sqlite_version: String,
    /// This installation's pseudonym; a new one begins with every sign-out.
    pub installation: Uuid,
    /// The signed-in account's alias on this installation.
    pub account_alias: Option<Uuid>,
    /// What the shopper asked of the backend and it has not done yet: erasures, an export.
    pub pending_rights: u32,
    /// Files that were found damaged and set aside when the store was opened.
    pub set_aside: Vec<String>,
}

/// What a drain achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Events that the backend acknowledged meanwhile.
    pub delivered: u64,
    /// Events that still wait.
    pub left: u64,
    /// Bytes of request bodies sent meanwhile.
    pub sent_bytes: u64,
    /// Everything went. `false`: the deadline, the byte budget or the network ended it.
    pub done: bool,
}

/// What signing out removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedOut {
    /// Events that were queued; drain first to have them delivered.
    pub purged_events: u64,
    /// Those among them that were sent, and of which no answer came: they may have arrived.
    pub in_doubt: u64,
    /// Visits that were forgotten.
    pub purged_visits: u64,
}

/// What an erasure removed from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// The request to the backend; it is asked until it has done the same.
    pub request: Uuid,
    /// Events that were queued.
    pub purged_events: u64,
    /// Those among them that were sent, and of which no answer came: they may have arrived.
    pub in_doubt: u64,
    /// Visits that were forgotten.
    pub purged_visits: u64,
}
