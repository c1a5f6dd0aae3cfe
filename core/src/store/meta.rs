//! Small values that must outlive the process.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError};

/// Reads the value kept under `key`; one that no longer reads counts as missing.
pub(crate) fn get<T: DeserializeOwned>(db: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let value = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")
        .and_then(|mut select| {
            select
                .query_row([key], |row| Ok(serde_json::from_slice(row.get_ref(0)?.as_bytes().unwrap_or_default()).ok()))
                .optional()
        })
        .map_err(StoreError::sql("meta"))?;
    Ok(value.flatten())
}

/// Keeps `value` under `key`.
pub(crate) fn set<T: Serialize>(db: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|e| StoreError::Content { what: "meta", why: e.to_string() })?;
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .and_then(|mut upsert| upsert.execute((key, text)))
    .map_err(StoreError::sql("meta"))?;
    Ok(())
}

/// Forgets what is kept under `key`.
pub(crate) fn remove(db: &Connection, key: &str) -> Result<(), StoreError> {
    db.execute("DELETE FROM meta WHERE key = ?1", [key]).map_err(StoreError::sql("meta"))?;
    Ok(())
}

impl Store {
    /// Whether anything is kept under `key`, whether it reads or not.
    pub(crate) fn has_meta(&self, key: &str) -> Result<bool, StoreError> {
        self.main
            .query_row("SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)", [key], |row| row.get(0))
            .map_err(StoreError::sql("meta"))
    }

    /// See [`get`].
    pub(crate) fn meta<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        get(&self.main, key)
    }
}
