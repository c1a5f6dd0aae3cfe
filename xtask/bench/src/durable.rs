//! How many events a second are acknowledged behind a commit, with one and with eight producers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use patron_core::event::Tracked;
use rusqlite::Connection;

use crate::events;
use crate::row::{Bench, Row, Target};
use crate::track::{quiet, wait};

pub const BENCH: Bench =
    Bench { title: "acknowledged behind a commit", ids: &["durable_1_per_s", "durable_8_per_s"], run };

const SPAN: Duration = Duration::from_secs(3);

fn run() -> anyhow::Result<Vec<Row>> {
    let (one, eight) = (ours(1, false)?, ours(8, false)?);
    let (full_one, full_eight) = (ours(1, true)?, ours(8, true)?);
    let raw = raw_sqlite()?;
    let row = |id, value, bound, full, peers: Vec<(String, f64)>| Row {
        id,
        value,
        unit: "events/s",
        target: Target::AtLeast(bound),
        peers: peers.into_iter().chain([("(behind a FULL commit)".to_owned(), full)]).collect(),
    };
    Ok(vec![
        row("durable_1_per_s", one, 10_000.0, full_one, vec![("raw SQLite, one insert a commit".into(), raw)]),
        row("durable_8_per_s", eight, 40_000.0, full_eight, vec![]),
    ])
}

/// Each producer tracks one event and waits for its commit, again and again.
fn ours(producers: usize, full: bool) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let patron = quiet(folder.path())?;
    let done = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for producer in 0..producers {
            let (patron, done) = (&patron, &done);
            scope.spawn(move || {
                wait(async {
                    let mut i = producer;
                    while start.elapsed() < SPAN {
                        let event = events::event(i);
                        let acknowledged = if full {
                            patron.track_durable(&event).await == Ok(Tracked::Recorded)
                        } else {
                            patron.track(&event).is_ok() && patron.flush().await.is_ok()
                        };
                        done.fetch_add(usize::from(acknowledged), Ordering::Relaxed);
                        i += producers;
                    }
                });
            });
        }
    });
    let elapsed = start.elapsed().as_secs_f64();
    let count = done.load(Ordering::Relaxed);
    let accepted = wait(patron.diagnostics())?.account.accepted;
    anyhow::ensure!(accepted == count as u64, "acknowledged {count}, in the store {accepted}");
    Ok(count as f64 / elapsed)
}

/// The floor we stand on: SQLite alone, the same pragmas, one insert a transaction.
fn raw_sqlite() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let db = Connection::open(folder.path().join("raw.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE event (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, data BLOB NOT NULL);",
    )?;
    let mut insert = db.prepare("INSERT INTO event (id, data) VALUES (?1, ?2)")?;
    let (start, mut count) = (Instant::now(), 0usize);
    while start.elapsed() < SPAN {
        let data = events::event(count).to_json()?;
        insert.execute((uuid::Uuid::now_v7(), data))?;
        count += 1;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
