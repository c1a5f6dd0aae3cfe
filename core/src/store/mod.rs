//! Keeps what must outlive the process: two SQLite files, a lock and the hand-over ring.
//!
//! Decides nothing: the engine says what is written together, and owns the only connection.

pub(crate) mod consents;
mod database;
pub(crate) mod events;
mod lock;
pub(crate) mod meta;
pub(crate) mod offers;
pub mod ring;

pub(crate) use database::{Durability, Store, StoreError, sqlite_version};
pub(crate) use events::{Batch, Imported, Purge, QueuedEvent};
pub(crate) use lock::Lock;
pub(crate) use offers::CachedBody;

/// The main database's file name in the store's folder.
pub const MAIN_FILE: &str = "patron.db";
/// The offer catalogue's file name.
pub const OFFERS_FILE: &str = "offers.db";
/// The hand-over ring's file name.
pub const RING_FILE: &str = "handover.ring";
/// The lock's file name.
pub const LOCK_FILE: &str = "lock";
