//! The event queue in the database: what enters, what is read to be sent, what leaves and how.
//!
//! Each function keeps the account in its transaction. Events are numbered in the order of
//! arrival, in a row; a number is never given twice.

use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::transaction::{Backlog, Run, Tx};
use super::{Store, StoreError, account, dead_letters, quota, upkeep};
use crate::account::{Fate, reason};
use crate::clock::Now;
use crate::consent::{Consents, PurposeKind};
use crate::event::{Draft, Priority, Record};

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
    pub(crate) subject: Option<Uuid>,
    pub(crate) record: Record,
}

/// What a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Purge {
    pub(crate) events: u64,
    /// Those in a batch that was sent and not settled: they may have arrived.
    pub(crate) in_doubt: u64,
}

/// What an event takes up beside its texts and data: id, numbers, its row's head.
const ROW: u64 = 72;

/// SQL for what [`weight`] says of a stored row; 72 is [`ROW`].
pub(super) const WEIGHT: &str =
    "72 + coalesce(octet_length(kind), 0) + coalesce(octet_length(partner), 0) + coalesce(octet_length(data), 0)";

/// The bytes that count against the quota.
pub(super) fn weight(record: &Record) -> u64 {
    let partner = record.partner().map_or(0, str::len);
    ROW + (record.kind().len() + partner + record.data().len()) as u64
}

/// Queues `record`, unless the consent it rests on is gone.
///
/// `consents` is the state inside this very transaction: a withdrawal between the call and the
/// import wins, even where a new yes has followed, and the event is counted as purged. Whether the yes
/// had run out is for who took the record in to say: the engine's own rest on a permit of this moment, and
/// the end of a visit may have happened by a clock that was set back since.
pub(crate) fn import(
    tx: &Tx<'_>,
    consents: &Consents,
    record: &Record,
    subject: Option<Uuid>,
) -> Result<(), StoreError> {
    if !consents.stood_in(record.purpose(), record.epoch()) {
        return import_overtaken(tx);
    }
    let run = run_of(tx, record, subject)?;
    let last = tx.tail(|tail| tail.last);
    let why = || StoreError::Content { what: "queue", why: format!("{last} is the last number that there is") };
    let seq = last.checked_add(1).ok_or_else(why)?;
    insert(tx, seq, run, record, 0).map_err(StoreError::sql("import"))?;
    tx.tail(|tail| {
        tail.last = seq;
        tail.backlog.add(Backlog { events: 1, bytes: weight(record) });
    });
    Ok(())
}

/// A record that was accepted, and whose consent is gone.
pub(crate) fn import_overtaken(tx: &Tx<'_>) -> Result<(), StoreError> {
    account::accepted_and_lost(tx, Fate::Purged, reason::OVERTAKEN)
}

/// A record that was accepted and does not read as one: of a version that knew more.
pub(crate) fn import_unreadable(tx: &Tx<'_>) -> Result<(), StoreError> {
    account::accepted_and_lost(tx, Fate::Dead, reason::UNREADABLE)
}

/// The row that says what the events of this run share.
fn run_of(tx: &Tx<'_>, record: &Record, subject: Option<Uuid>) -> Result<i64, StoreError> {
    let run = Run { boot: record.at().boot, session: record.session(), subject };
    if let Some(id) = tx.tail(|tail| tail.run.as_ref().filter(|(last, _)| *last == run).map(|(_, id)| *id)) {
        return Ok(id);
    }
    let sql = StoreError::sql("run");
    let known = tx
        .prepare_cached("SELECT id FROM run WHERE boot = ?1 AND session = ?2 AND subject IS ?3")
        .and_then(|mut select| select.query_row((run.boot, run.session, run.subject), |row| row.get(0)).optional())
        .map_err(&sql)?;
    let id = match known {
        Some(id) => id,
        None => {
            tx.prepare_cached("INSERT INTO run (boot, session, subject) VALUES (?1, ?2, ?3)")
                .and_then(|mut insert| insert.execute((run.boot, run.session, run.subject)))
                .map_err(&sql)?;
            tx.last_insert_rowid()
        }
    };
    tx.tail(|tail| tail.run = Some((run, id)));
    Ok(id)
}

pub(super) fn insert(tx: &Tx<'_>, seq: i64, run: i64, r: &Record, tries: u32) -> rusqlite::Result<usize> {
    tx.prepare_cached(
        "INSERT INTO event (seq, id, kind, purpose, partner, run, epoch, wall_ms, mono_ms, priority, tries, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(rusqlite::params![
        seq,
        r.id(),
        r.kind(),
        r.purpose() as u8,
        r.partner(),
        run,
        r.epoch() as i64,
        r.at().wall_ms,
        r.at().mono_ms as i64,
        Priority::of(r.kind()) as u8,
        tries,
        r.data(),
    ])
}

/// Deletes every event and dead letter of `purpose`, at the shopper's word.
pub(crate) fn withdraw(tx: &Tx<'_>, purpose: PurposeKind, sent: Option<Batch>) -> Result<Purge, StoreError> {
    purge(tx, Some(purpose), sent, reason::WITHDRAWN)
}

/// Deletes, at the shopper's word, the events that `is_of` names, by type, wall clock and data; answers which. What of
/// them is being sent is for the caller to break off.
pub(crate) fn forget(tx: &Tx<'_>, is_of: impl Fn(&str, i64, &[u8]) -> bool) -> Result<Vec<Uuid>, StoreError> {
    let sql = StoreError::sql("forget");
    let mut gone: Vec<Uuid> = Vec::new();
    {
        let mut select = tx.prepare("SELECT id, kind, wall_ms, data FROM event").map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            // One that does not read is given up when it is to be sent.
            let (Ok(id), Ok(kind), Ok(at_ms), Ok(data)) = (row.get(0), row.get_ref(1), row.get(2), row.get_ref(3))
            else {
                continue;
            };
            if let (Ok(kind), Ok(data)) = (kind.as_str(), data.as_blob())
                && is_of(kind, at_ms, data)
            {
                gone.push(id);
            }
        }
    }
    let mut events = 0;
    for id in &gone {
        events += remove(tx, "id = ?1", [id])?;
    }
    account::lost(tx, Fate::Purged, reason::WITHDRAWN, events)?;
    Ok(gone)
}

/// Deletes every event and dead letter of the shopper who leaves. What is counted behind it is the next installation's.
pub(crate) fn purge_all(tx: &Tx<'_>, sent: Option<Batch>, why: &str) -> Result<Purge, StoreError> {
    purge(tx, None, sent, why)
}

fn purge(tx: &Tx<'_>, purpose: Option<PurposeKind>, sent: Option<Batch>, why: &str) -> Result<Purge, StoreError> {
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
    let (gone, is_whole) = weigh(tx, code)?;
    if !is_whole {
        tx.execute("DELETE FROM event WHERE purpose = ?1", [code]).map_err(&sql)?;
    }
    let letters = dead_letters::purge(tx, code)?;
    let events = gone.events;
    account::lost(tx, Fate::Purged, why, events + letters)?;
    if purpose.is_none() {
        account::begin_anew(tx)?;
    }
    // Of whom nothing is left, nothing is known either: a run names the session and the account.
    let runs = if is_whole { "DELETE FROM run" } else { "DELETE FROM run WHERE id NOT IN (SELECT run FROM event)" };
    tx.execute(runs, []).map_err(&sql)?;
    tx.left(gone);
    if is_whole {
        // A queue that goes whole goes by the page and not by the row. Last: a page that came anew behind the cut
        // could have what was cut off.
        upkeep::cut_queue(tx)?;
    }
    tx.tail(|tail| tail.run = None);
    Ok(Purge { events: events + letters, in_doubt: in_doubt.max(0) as u64 })
}

/// The backend took every event of the range; answers how many there were.
pub(crate) fn deliver_all(tx: &Tx<'_>, batch: Batch) -> Result<u64, StoreError> {
    let gone = remove(tx, "seq BETWEEN ?1 AND ?2", (batch.first, batch.last))?;
    account::delivered(tx, gone)?;
    Ok(gone)
}

/// The backend took this one.
pub(crate) fn deliver(tx: &Tx<'_>, seq: i64) -> Result<u64, StoreError> {
    let gone = remove(tx, "seq = ?1", [seq])?;
    account::delivered(tx, gone)?;
    Ok(gone)
}

/// Counts that the event was put off while others were taken; answers how often that was.
pub(crate) fn put_off(tx: &Tx<'_>, seq: i64) -> Result<u32, StoreError> {
    let tries: Option<u32> = tx
        .query_row("UPDATE event SET tries = tries + 1 WHERE seq = ?1 RETURNING tries", [seq], |row| row.get(0))
        .optional()
        .map_err(StoreError::sql("put off"))?;
    Ok(tries.unwrap_or(0))
}

/// What the events of a purpose come to, or all, and whether there are no others. One walk through the queue.
fn weigh(tx: &Tx<'_>, purpose: Option<u8>) -> Result<(Backlog, bool), StoreError> {
    let those = "FILTER (WHERE ?1 IS NULL OR purpose = ?1)";
    let weight = format!("CAST(total(max(0, {WEIGHT})) {those} AS INTEGER)");
    tx.query_row(&format!("SELECT count(*) {those}, {weight}, count(*) FROM event"), [purpose], |row| {
        let (events, bytes, all): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((Backlog { events: events.max(0) as u64, bytes: bytes.max(0) as u64 }, events == all))
    })
    .map_err(StoreError::sql("weigh"))
}

/// Deletes what runs of the app shared whose events have all gone: it names the session, the boot and the account.
pub(super) fn forget_runs(tx: &rusqlite::Connection) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM run WHERE id NOT IN (SELECT run FROM event)")
        .and_then(|mut delete| delete.execute([]))
        .map_err(StoreError::sql("run"))?;
    Ok(())
}

/// Removes the rows that `condition` names; answers how many there were.
pub(super) fn remove(tx: &Tx<'_>, condition: &str, params: impl rusqlite::Params) -> Result<u64, StoreError> {
    let sql = StoreError::sql("delete");
    let mut gone = Backlog::default();
    let mut delete =
        tx.prepare_cached(&format!("DELETE FROM event WHERE {condition} RETURNING {WEIGHT}")).map_err(&sql)?;
    let mut rows = delete.query(params).map_err(&sql)?;
    while let Some(row) = rows.next().map_err(&sql)? {
        gone.add(Backlog { events: 1, bytes: row.get::<_, i64>(0).map_err(&sql)?.max(0) as u64 });
    }
    tx.left(gone);
    Ok(gone.events)
}

/// Gives up every row that does not read, and counts it as damage: one that stays would stand
/// before all that came later. What waits is counted anew. Answers how many were given up. Looks at
/// the whole queue, so it is for when reading has failed.
pub(crate) fn give_up_unreadable(tx: &Tx<'_>) -> Result<u64, StoreError> {
    let sql = StoreError::sql("unreadable");
    let mut unreadable = Vec::new();
    {
        let mut select =
            tx.prepare(&format!("SELECT {COLUMNS} FROM event LEFT JOIN run ON run.id = run")).map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            if from_row(row).is_err() {
                unreadable.push(row.get::<_, i64>(11).map_err(&sql)?);
            }
        }
    }
    let mut gone = 0;
    for seq in unreadable {
        gone += remove(tx, "seq = ?1", [seq])?;
    }
    account::lost(tx, Fate::Evicted, reason::DAMAGE, gone)?;
    let left = quota::count(tx, "", [])?;
    tx.tail(|tail| tail.backlog = left);
    Ok(gone)
}

/// What [`from_row`] reads.
const COLUMNS: &str = "event.id, kind, purpose, partner, subject, epoch, wall_ms, mono_ms, boot, session, data, seq";

impl Store {
    /// The oldest events with higher numbers than `behind` (0: all), in order, up to both bounds; at
    /// least one if there is any.
    pub(crate) fn oldest(
        &self,
        behind: i64,
        max_events: usize,
        max_bytes: usize,
        size: impl Fn(&Record) -> usize,
    ) -> Result<Vec<QueuedEvent>, StoreError> {
        let first = if behind == 0 { i64::MIN } else { behind.saturating_add(1) };
        self.select(first, i64::MAX, max_events, max_bytes, size)
    }

    /// What is left of `batch`.
    pub(crate) fn events_of(&self, batch: Batch) -> Result<Vec<QueuedEvent>, StoreError> {
        self.select(batch.first, batch.last, usize::MAX, usize::MAX, |_| 0)
    }

    /// When the event that waits longest was recorded, by the clocks of then.
    pub(crate) fn oldest_at(&self) -> Result<Option<Now>, StoreError> {
        self.main
            .prepare_cached(
                "SELECT wall_ms, mono_ms, boot FROM event LEFT JOIN run ON run.id = run ORDER BY seq LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row([], |row| {
                        Ok(Now { wall_ms: row.get(0)?, mono_ms: row.get::<_, i64>(1)? as u64, boot: row.get(2)? })
                    })
                    .optional()
            })
            .map_err(StoreError::sql("oldest"))
    }

    /// The ids of the events that came last, at most so many.
    pub(crate) fn latest_ids(&self, most: usize) -> Result<std::collections::HashSet<Uuid>, StoreError> {
        let sql = StoreError::sql("ids");
        let mut select = self.main.prepare("SELECT id FROM event ORDER BY seq DESC LIMIT ?1").map_err(&sql)?;
        let rows = select.query_map([most as i64], |row| row.get(0)).map_err(&sql)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql)
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
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM event LEFT JOIN run ON run.id = run WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"
            ))
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

/// A row of [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<QueuedEvent> {
    let code: u8 = row.get(2)?;
    let purpose = PurposeKind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, i64::from(code)))?;
    Ok(QueuedEvent {
        seq: row.get(11)?,
        subject: row.get(4)?,
        record: Draft {
            id: row.get(0)?,
            kind: row.get(1)?,
            partner: row.get(3)?,
            at: Now { wall_ms: row.get(6)?, mono_ms: row.get::<_, i64>(7)? as u64, boot: row.get(8)? },
            session: row.get(9)?,
            data: row.get(10)?,
        }
        .stamped(purpose, row.get::<_, i64>(5)? as u64),
    })
}
