//! What the backend will never take: kept for the developer to look at, newest first, until the shopper's word or the
//! next thousand of them remove it.
//!
//! Decides nothing of what is given up: [`crate::sync`] reads that from the backend's answers.

use rusqlite::Connection;
use uuid::Uuid;

use super::transaction::Tx;
use super::{Store, StoreError, account, events};
use crate::account::{Fate, reason};
use crate::consent::{Purpose, PurposeKind};
use crate::diagnostics::DeadLetter;

/// The newest are kept; the account counts all.
pub(crate) const MAX_KEPT: u32 = 1_000;

/// More often than this nothing is tried; a row that says so is damaged.
const MOST_TRIES: u32 = 1_000;

/// What [`read`] reads of a row, by whether the schema has it; before schema 4 it had less.
const COLUMNS: &str = "id, kind, purpose, partner, wall_ms, given_up_ms, refusals, reason, data";
const COLUMNS_BEFORE_4: &str = "id, kind, purpose, NULL, NULL, NULL, NULL, reason, data";

/// How an event came to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenUp {
    /// By the device's clock.
    pub(crate) at_ms: i64,
    /// How often it was refused, besides the times that its row counts.
    pub(crate) refusals: u32,
}

/// Takes the event out of the queue and keeps it as a dead letter, for that reason; see [`reason::word`]. Answers how
/// many it were: none, where it has left the queue before.
pub(crate) fn bury(tx: &Tx<'_>, seq: i64, why: &str, end: GivenUp) -> Result<u64, StoreError> {
    let sql = StoreError::sql("bury");
    let word = reason::word(why);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO dead_letter (id, kind, purpose, partner, wall_ms, given_up_ms, refusals, reason, data)
         SELECT id, kind, purpose, partner, wall_ms, ?3, max(0, min(tries, ?5)) + ?4, ?2, data FROM event WHERE seq = ?1",
    )
    .and_then(|mut insert| insert.execute((seq, word, end.at_ms, end.refusals, MOST_TRIES)))
    .map_err(&sql)?;
    tx.prepare_cached(
        "DELETE FROM dead_letter WHERE id IN
             (SELECT id FROM dead_letter ORDER BY given_up_ms DESC, id DESC LIMIT -1 OFFSET ?1)",
    )
    .and_then(|mut delete| delete.execute([MAX_KEPT]))
    .map_err(&sql)?;
    let gone = events::remove(tx, "seq = ?1", [seq])?;
    account::lost(tx, Fate::Dead, word, gone)?;
    Ok(gone)
}

/// Deletes those of a purpose, or all, at the shopper's word; answers how many are to be counted as purged. They had
/// been counted as dead.
pub(super) fn purge(tx: &Tx<'_>, purpose: Option<u8>) -> Result<u64, StoreError> {
    let sql = StoreError::sql("purge");
    let mut purged = 0;
    let mut delete =
        tx.prepare("DELETE FROM dead_letter WHERE ?1 IS NULL OR purpose = ?1 RETURNING reason").map_err(&sql)?;
    let mut rows = delete.query([purpose]).map_err(&sql)?;
    while let Some(row) = rows.next().map_err(&sql)? {
        // One that does not read is counted among the earlier ones: it keeps nothing else from going.
        let reason: String = row.get(0).unwrap_or_default();
        purged += u64::from(account::no_more_dead(tx, &reason)?);
    }
    Ok(purged)
}

/// Deletes those that `is_of` names, by type, wall clock and data, at the shopper's word, and counts them as purged.
pub(crate) fn forget(tx: &Tx<'_>, is_of: impl Fn(&str, i64, &[u8]) -> bool) -> Result<(), StoreError> {
    let sql = StoreError::sql("forget");
    let mut gone: Vec<(Uuid, String)> = Vec::new();
    {
        let mut select = tx.prepare("SELECT id, kind, wall_ms, data, reason FROM dead_letter").map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let (Ok(id), Ok(kind), Ok(data)) = (row.get(0), row.get_ref(1), row.get_ref(3)) else { continue };
            // Of one that was given up by an earlier version nobody knows when it was recorded: it may be of it.
            let at_ms = row.get::<_, Option<i64>>(2).ok().flatten().unwrap_or(i64::MAX);
            if let (Ok(kind), Ok(data)) = (kind.as_str(), data.as_blob())
                && is_of(kind, at_ms, data)
            {
                gone.push((id, row.get(4).unwrap_or_default()));
            }
        }
    }
    let mut purged = 0;
    for (id, reason) in &gone {
        tx.execute("DELETE FROM dead_letter WHERE id = ?1", [id]).map_err(&sql)?;
        purged += u64::from(account::no_more_dead(tx, reason)?);
    }
    account::lost(tx, Fate::Purged, reason::WITHDRAWN, purged)
}

/// Keeps a letter of another file.
pub(super) fn adopt(tx: &Tx<'_>, letter: &DeadLetter) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO dead_letter (id, kind, purpose, partner, wall_ms, given_up_ms, refusals, reason, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .and_then(|mut insert| {
        insert.execute(rusqlite::params![
            letter.id,
            letter.kind,
            letter.purpose.kind() as u8,
            letter.partner,
            letter.at_ms,
            letter.given_up_at_ms,
            letter.refusals,
            letter.reason,
            letter.data.as_bytes(),
        ])
    })
    .map_err(StoreError::sql("dead letters"))?;
    Ok(())
}

/// The newest of a file of that schema; ends where it cannot be read on.
pub(super) fn salvage(old: &Connection, schema: i64) -> Vec<DeadLetter> {
    let (columns, order) =
        if schema < 4 { (COLUMNS_BEFORE_4, "id DESC") } else { (COLUMNS, "given_up_ms DESC, id DESC") };
    let mut letters = Vec::new();
    if let Ok(mut select) = old.prepare(&format!("SELECT {columns} FROM dead_letter ORDER BY {order}"))
        && let Ok(mut rows) = select.query([])
    {
        while let Ok(Some(row)) = rows.next() {
            letters.extend(read(row));
        }
    }
    letters
}

/// A row of [`COLUMNS`]; `None` for one that does not read.
fn read(row: &rusqlite::Row<'_>) -> Option<DeadLetter> {
    let id: Uuid = row.get(0).ok()?;
    let data: Vec<u8> = row.get(8).ok()?;
    Some(DeadLetter {
        id,
        kind: row.get(1).ok()?,
        // An event's purpose is never one for each partner.
        purpose: Purpose::from_parts(PurposeKind::from_code(row.get(2).ok()?)?, None)?,
        partner: row.get(3).ok()?,
        at_ms: row.get::<_, Option<i64>>(4).ok()?.unwrap_or_else(|| time_of(id)),
        given_up_at_ms: row.get(5).ok()?,
        refusals: row.get(6).ok()?,
        reason: row.get(7).ok()?,
        data: String::from_utf8_lossy(&data).into_owned(),
    })
}

/// The ids of events begin with their time (RFC 9562, 5.7): 48 bits of milliseconds.
fn time_of(id: Uuid) -> i64 {
    (id.as_u128() >> 80) as i64
}

impl Store {
    /// The letters that were given up last, newest first, at most so many; one that does not read is left out.
    pub(crate) fn dead_letters(&self, most: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = StoreError::sql("dead letters");
        let mut select = self
            .main
            .prepare_cached(&format!("SELECT {COLUMNS} FROM dead_letter ORDER BY given_up_ms DESC, id DESC LIMIT ?1"))
            .map_err(&sql)?;
        let rows = select.query_map([most], |row| Ok(read(row))).map_err(&sql)?;
        Ok(rows.filter_map(|row| row.ok().flatten()).collect())
    }
}
