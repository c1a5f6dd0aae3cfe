//! The account's counters: what became of events, by reason.
//!
//! They count for as long as the store lives. What an installation tells of itself is its own part of them: a number
//! that went on under the next pseudonym would tie the two together. So each counter stands written down as it was when
//! the present one began, and the difference is reported.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::transaction::Tx;
use super::{Store, StoreError};
use crate::account::{Account, Fate, Loss, reason};
use crate::sync::wire::AccountReport;

/// The counter of events that the backend has acknowledged.
const DELIVERED: &str = "delivered";
/// See [`Store::account`].
const ACCEPTED: &str = "accepted";
const COUNTED: &str = "counted";
/// Before the name of a counter: what it had when the present installation began.
const BEFORE: &str = "before:";

/// Enters `events` as delivered.
pub(super) fn delivered(tx: &Tx<'_>, events: u64) -> Result<(), StoreError> {
    add(tx, DELIVERED, events as i64)
}

/// Enters `events` as lost.
pub(super) fn lost(tx: &Tx<'_>, fate: Fate, reason: &str, events: u64) -> Result<(), StoreError> {
    add(tx, &name(fate, reason), events as i64)
}

/// Takes back one event that had been entered as dead: it is to be entered anew under another name. Answers whether it
/// had been, for a counter that was damaged is not carried over.
pub(super) fn no_more_dead(tx: &Tx<'_>, reason: &str) -> Result<bool, StoreError> {
    for reason in [reason, reason::EARLIER] {
        let counter = name(Fate::Dead, reason);
        if read(tx, &counter)? > 0 {
            add(tx, &counter, -1)?;
            // What an earlier installation had counted is this one's from here on.
            let before = format!("{BEFORE}{counter}");
            if read(tx, &before)? > read(tx, &counter)? {
                add(tx, &before, -1)?;
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// Enters one event as accepted that gets no number, since it never enters the queue.
pub(super) fn accepted_and_lost(tx: &Tx<'_>, fate: Fate, reason: &str) -> Result<(), StoreError> {
    add(tx, ACCEPTED, 1)?;
    lost(tx, fate, reason, 1)
}

/// From here on what is counted is another installation's. What waits is sent by it, and so is its own: what had been
/// accepted before is no more than what has been settled, which is why no counter says it.
pub(crate) fn begin_anew(tx: &Tx<'_>) -> Result<(), StoreError> {
    let sql = StoreError::sql("counter");
    tx.execute("DELETE FROM counter WHERE name GLOB ?1 || '*'", [BEFORE]).map_err(&sql)?;
    tx.execute(
        "INSERT INTO counter (name, value)
         SELECT ?1 || name, value FROM counter WHERE (name = ?2 OR name LIKE '%:%') AND value > 0",
        [BEFORE, DELIVERED],
    )
    .map_err(&sql)?;
    Ok(())
}

/// Whether that is what a counter had before, and of which; for a salvage.
pub(super) fn of_before(name: &str) -> Option<&str> {
    name.strip_prefix(BEFORE)
}

/// Carries over what the counter `of` had before: at most what it has.
pub(super) fn adopt_before(tx: &Tx<'_>, of: &str, value: i64) -> Result<(), StoreError> {
    add(tx, &format!("{BEFORE}{of}"), value.min(read(tx, of)?))
}

/// Before numbered rows go, their numbers go into the counter: the highest may be among them.
pub(super) fn fold(db: &Connection, last: i64, counted: i64) -> Result<(), StoreError> {
    if last > counted {
        let more = last.saturating_sub(counted);
        add(db, ACCEPTED, more)?;
        add(db, COUNTED, more)?;
    }
    Ok(())
}

/// The number up to which `accepted` has been counted.
pub(super) fn counted(db: &Connection) -> Result<i64, StoreError> {
    read(db, COUNTED)
}

/// Every counter, for a salvage; what cannot be read is missing.
pub(super) fn all(db: &Connection) -> Vec<(String, i64)> {
    let Ok(mut select) = db.prepare("SELECT name, value FROM counter") else { return Vec::new() };
    let Ok(rows) = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))) else { return Vec::new() };
    rows.filter_map(Result::ok).collect()
}

/// Adds to a counter, which begins at 0.
pub(super) fn add(db: &Connection, name: &str, by: i64) -> Result<(), StoreError> {
    if by == 0 {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2",
    )
    .and_then(|mut upsert| upsert.execute((name, by)))
    .map_err(StoreError::sql("counter"))?;
    Ok(())
}

fn read(db: &Connection, name: &str) -> Result<i64, StoreError> {
    db.prepare_cached("SELECT coalesce((SELECT value FROM counter WHERE name = ?1), 0)")
        .and_then(|mut select| select.query_row([name], |row| row.get(0)))
        .map_err(StoreError::sql("counter"))
}

fn name(fate: Fate, reason: &str) -> String {
    format!("{}:{reason}", fate.as_str())
}

impl Store {
    /// The account. The number given last says how many were accepted, rows are counted as
    /// queued, counters say the rest.
    pub(crate) fn account(&self) -> Result<Account, StoreError> {
        self.account_of(self.count_backlog()?.events, &self.losses()?)
    }

    /// This installation's account, as it goes along with every batch: `queued` is the number kept in memory,
    /// since counting a long queue for each batch would cost more than sending it.
    pub(crate) fn account_report(&self) -> Result<AccountReport, StoreError> {
        let losses = self.losses()?;
        let account = self.account_of(self.backlog().events, &losses)?;
        let before = self.before()?;
        let since = |name: &str, now: u64| now.saturating_sub(before.get(name).copied().unwrap_or(0));
        let of = |fate: Fate| -> BTreeMap<String, u64> {
            let own = |loss: &Loss| (loss.reason.clone(), since(&name(loss.fate, &loss.reason), loss.events));
            losses.iter().filter(|loss| loss.fate == fate).map(own).filter(|(_, events)| *events > 0).collect()
        };
        Ok(AccountReport {
            accepted: account.accepted.saturating_sub(before.values().fold(0, |sum, one| sum.saturating_add(*one))),
            delivered: since(DELIVERED, account.delivered),
            queued: account.queued,
            dead: of(Fate::Dead),
            evicted: of(Fate::Evicted),
            purged: of(Fate::Purged),
        })
    }

    /// What the counters had when the present installation began.
    fn before(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = StoreError::sql("counter");
        let mut select = self
            .main
            .prepare_cached("SELECT substr(name, length(?1) + 1), value FROM counter WHERE name GLOB ?1 || '*'")
            .map_err(&sql)?;
        let rows =
            select.query_map([BEFORE], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0) as u64))).map_err(&sql)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql)
    }

    fn account_of(&self, queued: u64, losses: &[Loss]) -> Result<Account, StoreError> {
        let on_top = self.tail().last.saturating_sub(counted(&self.main)?);
        let accepted = read(&self.main, ACCEPTED)?.saturating_add(on_top);
        let of = |fate| losses.iter().filter(move |loss| loss.fate == fate).map(|loss| loss.events);
        let sum = |fate| of(fate).fold(0, u64::saturating_add);
        Ok(Account {
            accepted: accepted.max(0) as u64,
            delivered: read(&self.main, DELIVERED)?.max(0) as u64,
            queued,
            dead: sum(Fate::Dead),
            evicted: sum(Fate::Evicted),
            purged: sum(Fate::Purged),
        })
    }

    /// Everything that was accepted and never delivered, by reason.
    pub(crate) fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        let sql = StoreError::sql("losses");
        let mut select = self
            .main
            .prepare_cached("SELECT name, value FROM counter WHERE name LIKE '%:%' AND value > 0 ORDER BY name")
            .map_err(&sql)?;
        let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).map_err(&sql)?;
        let mut losses = Vec::new();
        for row in rows {
            let (name, events) = row.map_err(&sql)?;
            let Some((fate, reason)) = name.split_once(':') else { continue };
            let Some(fate) = Fate::ALL.into_iter().find(|known| known.as_str() == fate) else { continue };
            losses.push(Loss { fate, reason: reason.to_owned(), events: events.max(0) as u64 });
        }
        Ok(losses)
    }
}
