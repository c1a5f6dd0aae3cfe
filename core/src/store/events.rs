//! The event queue in the database. Each function keeps the account's counters in its transaction.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Store, StoreError, meta};
use crate::clock::Now;
use crate::consent::{Consents, PurposeKind};
use crate::event::Record;

/// A batch is a range of the queue under a name. Rows may leave the range (delivered, withdrawn),
/// none ever enters it: so a retry carries the same events, and freezing writes no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) id: Uuid,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// An event in the queue.
#[derive(Debug, Clone)]
pub(crate) struct QueuedEvent {
    pub(crate) seq: i64,
    pub(crate) subject: Option<String>,
    pub(crate) record: Record,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) queued: u64,
    pub(crate) purged: u64,
}

/// What a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Purge {
    pub(crate) events: u64,
    /// Those in a batch that was sent and not settled: they may have arrived.
    pub(crate) in_doubt: u64,
}

/// The newest dead letters are kept to be looked at; the account counts all.
const MAX_DEAD_LETTERS: i64 = 1_000;

const COLUMNS: &str = "id, kind, purpose, partner, subject, epoch, wall_ms, mono_ms, boot, session, data";

/// Queues `record`, unless it is there already or the consent it rests on is gone.
///
/// `consents` is the state inside this very transaction: a withdrawal between the call and the
/// import wins, even where a new yes has followed, and the event is counted as purged.
pub(crate) fn import(
    tx: &Transaction<'_>,
    consents: &Consents,
    record: &Record,
    subject: Option<&str>,
    imported: &mut Imported,
) -> Result<(), StoreError> {
    if !consents.covers(record.purpose, record.epoch) {
        meta::count(tx, "accepted", 1)?;
        meta::count(tx, "purged", 1)?;
        imported.purged += 1;
        return Ok(());
    }
    let inserted = insert(tx, record, subject, 0).map_err(StoreError::sql("import"))?;
    imported.queued += inserted as u64;
    Ok(())
}

/// Enters what [`import`] queued into the account; once per transaction, not once per row.
pub(crate) fn count_imported(tx: &Transaction<'_>, imported: Imported) -> Result<(), StoreError> {
    meta::count(tx, "accepted", imported.queued as i64)
}

fn insert(db: &Connection, r: &Record, subject: Option<&str>, tries: i64) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO event (id, kind, purpose, partner, subject, epoch, wall_ms, mono_ms, boot, session, data, tries)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(rusqlite::params![
        r.id,
        r.kind,
        r.purpose as u8,
        r.partner,
        subject,
        r.epoch as i64,
        r.at.wall_ms,
        r.at.mono_ms as i64,
        r.at.boot,
        r.session,
        r.data,
        tries,
    ])
}

/// Deletes every event and dead letter of `purpose`; `None` means of all purposes.
pub(crate) fn purge(
    tx: &Transaction<'_>,
    purpose: Option<PurposeKind>,
    sent: Option<Batch>,
) -> Result<Purge, StoreError> {
    let sql = StoreError::sql("purge");
    let code = purpose.map(|p| p as u8);
    let in_doubt: i64 = match sent {
        None => 0,
        Some(batch) => tx
            .query_row(
                "SELECT count(*) FROM event WHERE seq BETWEEN ?1 AND ?2 AND (?3 IS NULL OR purpose = ?3)",
                (batch.first, batch.last, code),
                |row| row.get(0),
            )
            .map_err(&sql)?,
    };
    let events = tx.execute("DELETE FROM event WHERE ?1 IS NULL OR purpose = ?1", [code]).map_err(&sql)?;
    let letters = tx.execute("DELETE FROM dead_letter WHERE ?1 IS NULL OR purpose = ?1", [code]).map_err(&sql)?;
    // A dead letter was counted as dead; now it is gone by the shopper's word.
    meta::count(tx, "dead", -(letters as i64))?;
    meta::count(tx, "purged", (events + letters) as i64)?;
    Ok(Purge { events: (events + letters) as u64, in_doubt: in_doubt.max(0) as u64 })
}

/// The backend took every event of the range.
pub(crate) fn deliver_all(tx: &Transaction<'_>, batch: Batch) -> Result<u64, StoreError> {
    let gone = tx
        .prepare_cached("DELETE FROM event WHERE seq BETWEEN ?1 AND ?2")
        .and_then(|mut delete| delete.execute((batch.first, batch.last)))
        .map_err(StoreError::sql("deliver"))?;
    meta::count(tx, "delivered", gone as i64)?;
    Ok(gone as u64)
}

/// The backend took this one.
pub(crate) fn deliver(tx: &Transaction<'_>, id: Uuid) -> Result<u64, StoreError> {
    let gone = delete(tx, id)?;
    meta::count(tx, "delivered", gone)?;
    Ok(gone as u64)
}

/// The backend will never take this one.
pub(crate) fn bury(tx: &Transaction<'_>, id: Uuid, reason: &str) -> Result<u64, StoreError> {
    tx.execute(
        "INSERT OR IGNORE INTO dead_letter (id, kind, purpose, reason, data)
         SELECT id, kind, purpose, ?2, data FROM event WHERE id = ?1",
        (id, reason),
    )
    .map_err(StoreError::sql("bury"))?;
    // Their ids begin with their time.
    tx.execute(
        "DELETE FROM dead_letter WHERE id NOT IN (SELECT id FROM dead_letter ORDER BY id DESC LIMIT ?1)",
        [MAX_DEAD_LETTERS],
    )
    .map_err(StoreError::sql("bury"))?;
    let gone = delete(tx, id)?;
    meta::count(tx, "dead", gone)?;
    Ok(gone as u64)
}

/// Counts a refusal; answers how many there were.
pub(crate) fn refuse(tx: &Transaction<'_>, id: Uuid) -> Result<u32, StoreError> {
    let tries: Option<u32> = tx
        .query_row("UPDATE event SET tries = tries + 1 WHERE id = ?1 RETURNING tries", [id], |row| row.get(0))
        .optional()
        .map_err(StoreError::sql("refuse"))?;
    Ok(tries.unwrap_or(0))
}

/// Gives up the oldest events above `max_events` and those older than `oldest_ms`.
/// A batch that was sent and not settled is left alone.
pub(crate) fn evict(
    tx: &Transaction<'_>,
    max_events: u64,
    oldest_ms: i64,
    sent: Option<Batch>,
) -> Result<u64, StoreError> {
    let (first, last) = sent.map_or((0, -1), |b| (b.first, b.last));
    let gone = tx
        .execute(
            "DELETE FROM event WHERE seq NOT BETWEEN ?1 AND ?2 AND (wall_ms < ?3 OR seq IN (
                 SELECT seq FROM event ORDER BY seq DESC LIMIT -1 OFFSET ?4))",
            (first, last, oldest_ms, max_events as i64),
        )
        .map_err(StoreError::sql("evict"))?;
    meta::count(tx, "evicted", gone as i64)?;
    Ok(gone as u64)
}

fn delete(tx: &Transaction<'_>, id: Uuid) -> Result<i64, StoreError> {
    tx.prepare_cached("DELETE FROM event WHERE id = ?1")
        .and_then(|mut delete| delete.execute([id]))
        .map(|n| n as i64)
        .map_err(StoreError::sql("delete"))
}

impl Store {
    /// The oldest events, in order, up to both bounds; at least one if there is any.
    pub(crate) fn oldest(
        &self,
        max_events: usize,
        max_bytes: usize,
        size: impl Fn(&Record) -> usize,
    ) -> Result<Vec<QueuedEvent>, StoreError> {
        self.select(i64::MIN, i64::MAX, max_events, max_bytes, size)
    }

    /// What is left of `batch`.
    pub(crate) fn events_of(&self, batch: Batch) -> Result<Vec<QueuedEvent>, StoreError> {
        self.select(batch.first, batch.last, usize::MAX, usize::MAX, |_| 0)
    }

    /// How many events wait.
    pub(crate) fn queued(&self) -> Result<u64, StoreError> {
        self.main
            .prepare_cached("SELECT count(*) FROM event")
            .and_then(|mut select| select.query_row([], |row| row.get::<_, i64>(0)))
            .map(|count| count.max(0) as u64)
            .map_err(StoreError::sql("queued"))
    }

    /// When the event that waits longest was recorded, wall clock.
    pub(crate) fn oldest_wall_ms(&self) -> Result<Option<i64>, StoreError> {
        self.main
            .prepare_cached("SELECT wall_ms FROM event ORDER BY seq LIMIT 1")
            .and_then(|mut select| select.query_row([], |row| row.get(0)).optional())
            .map_err(StoreError::sql("oldest"))
    }

    fn select(
        &self,
        first: i64,
        last: i64,
        max_events: usize,
        max_bytes: usize,
        size: impl Fn(&Record) -> usize,
    ) -> Result<Vec<QueuedEvent>, StoreError> {
        let sql = StoreError::sql("events");
        let mut select = self
            .main
            .prepare_cached(&format!("SELECT {COLUMNS}, seq FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"))
            .map_err(&sql)?;
        let mut rows = select.query((first, last)).map_err(&sql)?;
        let (mut events, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(&sql)? {
            let event = from_row(row).map_err(&sql)?;
            bytes += size(&event.record);
            if !events.is_empty() && bytes > max_bytes {
                break;
            }
            events.push(event);
            if events.len() == max_events {
                break;
            }
        }
        Ok(events)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<QueuedEvent> {
    let code: u8 = row.get(2)?;
    let purpose = PurposeKind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, i64::from(code)))?;
    Ok(QueuedEvent {
        seq: row.get(11)?,
        subject: row.get(4)?,
        record: Record {
            id: row.get(0)?,
            kind: row.get(1)?,
            purpose,
            partner: row.get(3)?,
            epoch: row.get::<_, i64>(5)? as u64,
            at: Now { wall_ms: row.get(6)?, mono_ms: row.get::<_, i64>(7)? as u64, boot: row.get(8)? },
            session: row.get(9)?,
            data: row.get(10)?,
        },
    })
}

/// Carries over what can still be read of a damaged file's queue and counters, row by row: a page
/// that is gone takes its own rows along and no others.
pub(super) fn salvage(old: &Path, fresh: &Connection, same_person: bool) -> Result<(), StoreError> {
    let sql = StoreError::sql("salvage");
    let Ok(db) = Connection::open_with_flags(old, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return Ok(()) };
    let tx = fresh.unchecked_transaction().map_err(&sql)?;
    let mut saved: i64 = 0;
    if let Ok(mut select) = db.prepare(&format!("SELECT {COLUMNS}, seq FROM event ORDER BY seq"))
        && let Ok(mut rows) = select.query([])
    {
        while let Ok(Some(row)) = rows.next() {
            let Ok(event) = from_row(row) else { continue };
            // The trigger refuses what no salvaged decision covers, and that is right.
            saved += insert(&tx, &event.record, event.subject.as_deref(), 0).unwrap_or(0) as i64;
        }
    }
    let mut settled = 0;
    for name in ["delivered", "dead", "evicted", "purged"] {
        let value = meta::counter(&db, name).unwrap_or(0);
        meta::count(&tx, name, value)?;
        settled += value;
    }
    // What could not be carried over is a loss, and the account says so.
    let accepted = meta::counter(&db, "accepted").unwrap_or(0).max(settled + saved);
    meta::count(&tx, "accepted", accepted)?;
    meta::count(&tx, "evicted", accepted - settled - saved)?;
    // Without the decisions the numbers of their epochs begin anew, so the pseudonym must too.
    for key in ["installation", "identity"] {
        if same_person && let Ok(Some(value)) = meta::get::<serde_json::Value>(&db, key) {
            meta::set(&tx, key, &value)?;
        }
    }
    tx.commit().map_err(sql)
}
