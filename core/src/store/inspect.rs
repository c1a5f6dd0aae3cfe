//! Looks into the files of a store: for tools, on a copy or while no process has it open. Changes nothing.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{MAIN_FILE, OFFERS_FILE, StoreError};
use crate::error::Error;
use crate::offer::DecisionRecord;

/// What a store holds of decisions.
#[derive(Debug, Clone)]
pub struct KeptDecisions {
    /// Oldest first; the newest twenty at most.
    pub records: Vec<DecisionRecord>,
    /// The catalogue's bytes as the device has them now; another one may have come since a decision.
    pub catalogue: Option<Vec<u8>>,
}

/// The decisions in the store at `folder`; see [`crate::Patron::keep_decision`].
///
/// # Errors
/// [`Error::Storage`] when there is no store, or it does not read.
pub fn kept_decisions(folder: &Path) -> Result<KeptDecisions, Error> {
    let kept: Option<String> = open(&folder.join(MAIN_FILE))?
        .query_row("SELECT value FROM meta WHERE key = 'decisions'", [], |row| row.get(0))
        .optional()
        .map_err(StoreError::sql("decisions"))?;
    let records = kept.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text));
    let records = records.map_err(|error| Error::storage(error.to_string()))?;
    let catalogue = open(&folder.join(OFFERS_FILE))?
        .query_row("SELECT body FROM catalogue", [], |row| row.get(0))
        .optional()
        .map_err(StoreError::sql("catalogue"))?;
    Ok(KeptDecisions { records, catalogue })
}

fn open(file: &Path) -> Result<Connection, Error> {
    // Not created where there is none. Its log may want to be read: that takes a writable folder.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(file, flags).map_err(|error| Error::storage(format!("{}: {error}", file.display())))
}
