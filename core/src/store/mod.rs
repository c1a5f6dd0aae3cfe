//! Keeps what must outlive the process: two SQLite files, a lock and the hand-over ring.
//!
//! Decides nothing: the engine says what is written together, and owns the only connection.

pub(crate) mod account;
pub(crate) mod aside;
pub(crate) mod consents;
mod database;
pub(crate) mod dead_letters;
mod error;
pub(crate) mod events;
mod file;
mod images;
pub mod inspect;
mod lock;
pub(crate) mod meta;
#[cfg(test)]
mod model_tests;
pub(crate) mod offers;
pub(crate) mod quota;
mod repair;
pub mod ring;
mod salvage;
mod sound;
mod transaction;
mod upkeep;

pub(crate) use database::{Store, sqlite_version};
pub(crate) use error::StoreError;
pub(crate) use events::{Batch, Purge, QueuedEvent};
pub use images::IMAGES_FOLDER;
pub(crate) use images::ImageFiles;
pub(crate) use lock::Lock;
pub(crate) use offers::CachedBody;
pub(crate) use quota::Quota;
pub(crate) use transaction::{Durability, Tx};
pub(crate) use upkeep::{Tidiness, disk_bytes};

/// The main database's file name in the store's folder.
pub const MAIN_FILE: &str = "patron.db";
/// The offer catalogue's file name.
pub const OFFERS_FILE: &str = "offers.db";
/// The hand-over ring's file name.
pub const RING_FILE: &str = "handover.ring";
/// The lock's file name.
pub const LOCK_FILE: &str = "lock";
