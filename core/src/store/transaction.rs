//! One transaction of the main file, and what of it must be in memory as well.
//!
//! The queue's tail (the number given last, how much waits) is kept in memory so that a commit of
//! events writes nothing but events. It changes inside a transaction and counts only behind its
//! commit: a transaction that fails leaves both as they were.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use rusqlite::{Connection, TransactionBehavior};
use uuid::Uuid;

use super::{Store, StoreError, account, events};

/// How a commit treats a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Survives the death of the process; a power failure may take the last moments.
    Normal,
    /// Survives a power failure: what the shopper decided.
    Full,
}

/// How much waits in the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    pub(crate) events: u64,
    /// Their data and names, and a fixed sum for each; see [`super::events::weight`].
    pub(crate) bytes: u64,
}

impl Backlog {
    pub(super) fn add(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
    }

    pub(super) fn take(&mut self, other: Self) {
        self.events = self.events.saturating_sub(other.events);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }
}

/// What the events of one run of the app share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) boot: Uuid,
    pub(super) session: Uuid,
    pub(super) subject: Option<Uuid>,
}

/// The end of the queue, as of the last commit.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    /// The number given last.
    pub(super) last: i64,
    /// Up to which number the counter of the accepted reaches.
    pub(super) counted: i64,
    pub(super) backlog: Backlog,
    /// The run of the event that came last, and its row.
    pub(super) run: Option<(Run, i64)>,
}

/// A transaction under way.
pub(crate) struct Tx<'a> {
    sql: rusqlite::Transaction<'a>,
    tail: RefCell<Tail>,
    rows_left: Cell<bool>,
    gave_up: Cell<bool>,
}

impl Tx<'_> {
    /// Looks at the tail, or changes it.
    pub(super) fn tail<T>(&self, f: impl FnOnce(&mut Tail) -> T) -> T {
        f(&mut self.tail.borrow_mut())
    }

    /// Rows left the queue: their numbers must be counted before the transaction ends.
    pub(super) fn left(&self, gone: Backlog) {
        self.tail(|tail| tail.backlog.take(gone));
        self.rows_left.set(true);
    }

    /// Rows were given up that may have been the last of their runs, and others stay.
    pub(super) fn gave_up(&self) {
        self.gave_up.set(true);
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.sql
    }
}

impl Store {
    /// Runs `work` in one transaction of the main file.
    ///
    /// Full durability is switched on for this commit alone: the one fsync of a decision must not
    /// become the price of every event.
    pub(crate) fn transact<T>(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if durability == Durability::Full {
            self.main.pragma_update(None, "synchronous", "FULL").map_err(StoreError::sql("durability"))?;
        }
        let done = run(&mut self.main, &mut self.tail, work);
        if durability == Durability::Full {
            // What is committed is committed; a commit more durable than need be harms nobody.
            let _ = self.main.pragma_update(None, "synchronous", "NORMAL");
        }
        done
    }
}

/// See [`Store::transact`]; apart, because a salvage has no store yet.
pub(super) fn run<T>(
    main: &mut Connection,
    tail: &mut Tail,
    work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let sql = main.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::sql("begin"))?;
    let tx = Tx { sql, tail: RefCell::new(tail.clone()), rows_left: Cell::new(false), gave_up: Cell::new(false) };
    let result = work(&tx)?;
    let Tx { sql, tail: after, rows_left, gave_up } = tx;
    let mut after = after.into_inner();
    if rows_left.get() {
        account::fold(&sql, after.last, after.counted)?;
        after.counted = after.last;
        if after.backlog.events == 0 || gave_up.get() {
            events::forget_runs(&sql)?;
            after.run = None;
        }
    }
    sql.commit().map_err(StoreError::sql("commit"))?;
    *tail = after;
    Ok(result)
}
