//! Small values that must outlive the process, and the counters of the account.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError};
use crate::account::Account;

/// Reads the value kept under `key`; one that no longer reads counts as missing.
pub(crate) fn get<T: DeserializeOwned>(db: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")
        .and_then(|mut select| select.query_row([key], |row| row.get(0)).optional())
        .map_err(StoreError::sql("meta"))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
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

/// Adds to a counter of the account.
pub(crate) fn count(db: &Connection, name: &str, by: i64) -> Result<(), StoreError> {
    if by == 0 {
        return Ok(());
    }
    db.prepare_cached("UPDATE counter SET value = value + ?2 WHERE name = ?1")
        .and_then(|mut update| update.execute((name, by)))
        .map_err(StoreError::sql("counter"))?;
    Ok(())
}

pub(crate) fn counter(db: &Connection, name: &str) -> Result<i64, StoreError> {
    db.prepare_cached("SELECT value FROM counter WHERE name = ?1")
        .and_then(|mut select| select.query_row([name], |row| row.get(0)))
        .map_err(StoreError::sql("counter"))
}

impl Store {
    /// See [`get`].
    pub(crate) fn meta<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        get(&self.main, key)
    }

    /// The account. `queued` is counted from the rows, all else by the counters: so the two sides
    /// of its equation come from different places, and a lost row cannot hide.
    pub(crate) fn account(&self) -> Result<Account, StoreError> {
        let read = |name| counter(&self.main, name).map(|value| value.max(0) as u64);
        Ok(Account {
            accepted: read("accepted")?,
            delivered: read("delivered")?,
            queued: self.queued()?,
            dead: read("dead")?,
            evicted: read("evicted")?,
            purged: read("purged")?,
        })
    }
}
