//! Whether the rows from which everything begins can be what this code wrote.
//!
//! SQLite knows whether the pages of a file hold together, and nothing of what they say. A file of
//! which a decision does not read, or a counter cannot be, is as damaged as one with a torn page,
//! and [`super::Store::open`] salvages it. A row of the queue is not looked at: one that does not
//! read is given up by itself, once someone reads it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rusqlite::Connection;

use super::{StoreError, consents};
use crate::consent::PurposeKind;

/// A phone that recorded an event a millisecond for its whole life does not reach it: a counter or
/// a number above, or below nought, is damage.
pub(super) const PLAUSIBLE: RangeInclusive<i64> = 0..=1 << 48;

/// # Errors
/// One that [`StoreError::is_damage`] when something in `main` cannot be.
pub(super) fn check(main: &Connection) -> Result<(), StoreError> {
    let sql = StoreError::sql("counter");
    let mut counters = main.prepare("SELECT name, value FROM counter").map_err(&sql)?;
    let rows = counters.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).map_err(&sql)?;
    for row in rows {
        let (name, value) = row.map_err(&sql)?;
        if !PLAUSIBLE.contains(&value) {
            return Err(damage(format!("the counter {name} is {value}")));
        }
    }
    let last: i64 = main
        .query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))
        .map_err(StoreError::sql("queue"))?;
    if !PLAUSIBLE.contains(&last) {
        return Err(damage(format!("the last event is number {last}")));
    }
    let granted = consents::fold(&consents::read(main, 0)?).granted();
    let allowed: BTreeSet<i64> = granted.iter().map(|kind| kind as i64).collect();
    // The trigger's copy. A purpose that only a newer version knows is none of this one's business.
    let known: BTreeSet<i64> = PurposeKind::ALL.into_iter().map(|kind| kind as i64).collect();
    let told: BTreeSet<i64> = consents::granted(main)?.intersection(&known).copied().collect();
    if told == allowed { Ok(()) } else { Err(damage("what is granted is not what was decided".to_owned())) }
}

fn damage(why: String) -> StoreError {
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    StoreError::sql("content")(rusqlite::Error::SqliteFailure(corrupt, Some(why)))
}
