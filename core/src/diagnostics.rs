//! What an app developer or QA asks when nothing happens.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::{Account, Loss};
use crate::consent::Purpose;
use crate::sync::Network;

/// The state of one store, read in one piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// Every event that was ever accepted, and where it is, as far as the disk takes them; see `last_error`.
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
    /// Why the disk does not take what is handed over, with how much of that waits; else the last thing that went wrong
    /// in sync. In words; cleared by success.
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
    /// Database files that could not be used when the store was opened, now or at an earlier start, the newest last;
    /// the last twenty are remembered.
    pub set_aside: Vec<SetAside>,
}

/// A database file that could not be used: it was put out of the way, and a new one took its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// How it is called now, in the store's folder: `patron.db.damaged-1`.
    pub file: String,
    /// What it was.
    pub database: Database,
    /// Why it could not be used.
    pub cause: AsideCause,
    /// When it was set aside, wall clock.
    pub at_ms: i64,
    /// What the new one has of it. `None` where nothing was to be carried over: offers are fetched again, and a
    /// newer version's file is left whole.
    pub carried: Option<CarriedOver>,
}

/// One of the store's two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Database {
    /// Consent, the event queue, visits.
    Main,
    /// The offer catalogue.
    Offers,
}

/// Why a database file could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AsideCause {
    /// It is no database any more, or says what cannot be.
    Damaged,
    /// A newer version wrote it, and does not say that this one can use it.
    Newer,
}

impl AsideCause {
    /// How the names of such files say it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Newer => "newer",
        }
    }
}

/// What was carried over from a damaged file into the new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOver {
    /// The shopper's decisions. `None`: not all could be read, so none counts, and the shopper is asked anew.
    pub decisions: Option<u64>,
    /// Events that go on waiting.
    pub events: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Events that were accepted and are gone, as far as the counters tell: on a page that could not be read, or
    /// without a decision to cover them. `None` when the counters could not be read either.
    pub lost_events: Option<u64>,
}

/// An event that the backend will never take, kept to be looked at; see docs/queue.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id, as the backend was told it.
    pub id: Uuid,
    /// Its type: `dev.patron.offer.saved`.
    pub kind: String,
    /// What the shopper had granted for it.
    pub purpose: Purpose,
    /// The partner whom it concerned; `None` for the retailer's own.
    pub partner: Option<String>,
    /// When it happened, by the device's clock of then.
    pub at_ms: i64,
    /// When it was given up, by the device's clock of then; `None` for one of a version that did not keep it.
    pub given_up_at_ms: Option<i64>,
    /// How often the backend refused it or put it off, the last time included; 0 for one that could not be sent.
    /// `None` for one of a version that did not keep it.
    pub refusals: Option<u32>,
    /// Why, in one word, as in [`Loss::reason`].
    pub reason: String,
    /// What it says, JSON; for `not_json` whatever stood there.
    pub data: String,
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
