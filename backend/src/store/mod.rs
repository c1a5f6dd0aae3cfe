//! One SQLite file. One thread writes to it and commits in groups; reads have a connection of their own.
//!
//! Everything is acknowledged after its commit alone, and commits are on disk (`synchronous=FULL`):
//! a kill or a power cut loses nothing that a device was told is stored.

mod accounts;
mod consents;
mod events;
mod export;
mod identities;
mod open;
mod partners;
mod past;
mod preferences;
mod publishing;
mod reach;
mod reader;
mod retention;
mod rights;
mod signing;
mod standing;
mod tenants;
mod writer;

pub(crate) use open::{Opened, open};
pub(crate) use publishing::{Change, change, shelf};
pub(crate) use reader::Reader;
pub use retention::Keep;
pub(crate) use retention::run as forget_the_old;
pub(crate) use signing::public_keys;
pub(crate) use tenants::{add_key, add_partner_key, add_publisher_key, keys, publish_words};
pub(crate) use writer::{StoreError, Work, Writer};

/// Why nothing came of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// More is waiting than the writer takes.
    #[error("the queue to the database is full")]
    Busy,
    /// The disk or the database refused. What and where is in the log; it may name files.
    #[error("the database could not store this; nothing of it was acknowledged")]
    Storage,
    /// An id that stands for something else.
    #[error("{0}")]
    Conflict(String),
}

/// The backend's wall clock, milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The same as RFC 3339.
pub(crate) fn now() -> String {
    patron_core::clock::rfc3339(now_ms())
}

/// What leaves no row is counted, in the same transaction.
fn count(connection: &rusqlite::Connection, name: &str, more: usize) -> rusqlite::Result<()> {
    if more > 0 {
        connection
            .prepare_cached("UPDATE counter SET value = value + ?2 WHERE name = ?1")?
            .execute(rusqlite::params![name, more as i64])?;
    }
    Ok(())
}
