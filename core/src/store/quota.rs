//! What the queue gives up when it is over its quota or too old. Each loss is counted by its reason.

use rusqlite::Connection;

use super::transaction::{Backlog, Tx};
use super::{Batch, Store, StoreError, account, events};
use crate::account::{Fate, reason};
use crate::clock::Now;
use crate::event::Priority;

/// How much the queue may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

impl Quota {
    /// Whether `backlog` is more than that.
    pub(crate) fn is_exceeded_by(&self, backlog: Backlog) -> bool {
        backlog.events > self.events || backlog.bytes > self.bytes
    }

    /// Down to here, once it is exceeded: making room means looking through the queue, and must
    /// not be asked of every group that arrives while the network is away.
    fn after(self) -> Self {
        Self { events: self.events - self.events / 32, bytes: self.bytes - self.bytes / 32 }
    }
}

/// What was given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Evicted {
    pub(crate) for_count: u64,
    pub(crate) for_bytes: u64,
    pub(crate) for_age: u64,
}

/// Gives up events until the queue is within `quota` again: those of the lowest priority first,
/// the oldest of them first. A batch that was sent and not settled is left alone, and does not
/// count: it is on its way out, and what came since must not go in its place.
pub(crate) fn make_room(tx: &Tx<'_>, quota: Quota, sent: Option<Batch>) -> Result<Evicted, StoreError> {
    let mut evicted = Evicted::default();
    let backlog = tx.tail(|tail| tail.backlog);
    if !quota.is_exceeded_by(backlog) {
        return Ok(evicted);
    }
    let (first, last) = range(sent);
    let mut left = backlog;
    left.take(count(tx, "WHERE seq BETWEEN ?1 AND ?2", (first, last))?);
    let over_count = left.events > quota.events;
    if !quota.is_exceeded_by(left) {
        return Ok(evicted);
    }
    for priority in Priority::ALL {
        let Some(upto) = prefix(tx, priority, (first, last), &mut left, quota.after())? else { continue };
        let gone = events::remove(
            tx,
            "priority = ?1 AND seq <= ?2 AND seq NOT BETWEEN ?3 AND ?4",
            (priority as u8, upto, first, last),
        )?;
        if over_count {
            evicted.for_count += gone;
        } else {
            evicted.for_bytes += gone;
        }
    }
    tx.gave_up();
    account::lost(tx, Fate::Evicted, reason::COUNT, evicted.for_count)?;
    account::lost(tx, Fate::Evicted, reason::BYTES, evicted.for_bytes)?;
    Ok(evicted)
}

/// The number up to which events of `priority` must go so that `left` is within `quota`, or as far
/// as there are any; `None` when none must.
fn prefix(
    tx: &Tx<'_>,
    priority: Priority,
    (first, last): (i64, i64),
    left: &mut Backlog,
    quota: Quota,
) -> Result<Option<i64>, StoreError> {
    let sql = StoreError::sql("quota");
    let mut upto = None;
    let mut select = tx
        .prepare_cached(&format!(
            "SELECT seq, {} FROM event WHERE priority = ?1 AND seq NOT BETWEEN ?2 AND ?3 ORDER BY seq",
            events::WEIGHT
        ))
        .map_err(&sql)?;
    let mut rows = select.query((priority as u8, first, last)).map_err(&sql)?;
    while quota.is_exceeded_by(*left)
        && let Some(row) = rows.next().map_err(&sql)?
    {
        upto = Some(row.get(0).map_err(&sql)?);
        left.take(Backlog { events: 1, bytes: row.get::<_, i64>(1).map_err(&sql)?.max(0) as u64 });
    }
    Ok(upto)
}

/// Gives up the oldest events as long as `is_old` says so of when they were recorded. What was sent and
/// not settled goes as well: by then a backend may have forgotten its id, and would store it again.
pub(crate) fn expire(tx: &Tx<'_>, is_old: impl Fn(Now) -> bool) -> Result<Evicted, StoreError> {
    let sql = StoreError::sql("age");
    let mut upto: Option<i64> = None;
    {
        let mut select = tx
            .prepare_cached("SELECT seq, wall_ms, mono_ms, boot FROM event LEFT JOIN run ON run.id = run ORDER BY seq")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let at = (|| Ok(Now { wall_ms: row.get(1)?, mono_ms: row.get::<_, i64>(2)? as u64, boot: row.get(3)? }))();
            if !is_old(at.map_err(&sql)?) {
                break;
            }
            upto = Some(row.get(0).map_err(&sql)?);
        }
    }
    let Some(upto) = upto else { return Ok(Evicted::default()) };
    let gone = events::remove(tx, "seq <= ?1", [upto])?;
    tx.gave_up();
    account::lost(tx, Fate::Evicted, reason::AGE, gone)?;
    Ok(Evicted { for_age: gone, ..Evicted::default() })
}

/// The numbers of `sent`; an empty range for none.
fn range(sent: Option<Batch>) -> (i64, i64) {
    sent.map_or((0, -1), |batch| (batch.first, batch.last))
}

impl Store {
    /// What waits, as of the last commit. Costs nothing.
    pub(crate) fn backlog(&self) -> Backlog {
        self.tail().backlog
    }

    /// Sets right what is kept in memory, should it ever differ from the rows.
    pub(crate) fn recount(&mut self) -> Result<(), StoreError> {
        self.tail.backlog = self.count_backlog()?;
        Ok(())
    }

    /// What waits, counted row by row.
    pub(crate) fn count_backlog(&self) -> Result<Backlog, StoreError> {
        count(&self.main, "", [])
    }
}

/// The rows that `condition` names.
pub(super) fn count(db: &Connection, condition: &str, params: impl rusqlite::Params) -> Result<Backlog, StoreError> {
    let sql = format!("SELECT count(*), coalesce(sum({}), 0) FROM event {condition}", events::WEIGHT);
    db.prepare_cached(&sql)
        .and_then(|mut select| {
            select.query_row(params, |row| {
                Ok(Backlog { events: row.get::<_, i64>(0)?.max(0) as u64, bytes: row.get::<_, i64>(1)?.max(0) as u64 })
            })
        })
        .map_err(StoreError::sql("queued"))
}
