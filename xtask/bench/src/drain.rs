//! How fast a full queue empties over real HTTP, and what an event weighs on the wire.

use std::time::{Duration, Instant};

use patron_core::consent::Purpose;
use patron_core::event::Tracked;
use patron_core::{Config, Edges, Patron};

use crate::backend::{self, Backend};
use crate::row::{Bench, Row, Target};
use crate::sink::Sink;
use crate::track::wait;
use crate::{events, stats};

pub const BENCH: Bench = Bench {
    title: "drain of 10,000 events to a loopback sink that parses and answers each",
    ids: &["drain_per_s", "wire_bytes_per_event"],
    run,
};

const EVENTS: usize = 10_000;
const RUNS: usize = 5;

fn run() -> anyhow::Result<Vec<Row>> {
    let (mut rates, mut to_backend, mut bytes) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..RUNS {
        let (rate, per_event) = to_a_sink()?;
        rates.push(rate);
        bytes = per_event;
        to_backend.push(to_the_backend()?);
    }
    Ok(vec![
        Row {
            id: "drain_per_s",
            value: stats::median(rates),
            unit: "events/s",
            target: Target::AtLeast(50_000.0),
            peers: vec![("(to the real backend, each batch behind its FULL commit)".into(), stats::median(to_backend))],
        },
        Row { id: "wire_bytes_per_event", value: bytes, unit: "B", target: Target::AtMost(40.0), peers: vec![] },
    ])
}

/// Events a second, and bytes of bodies for each.
fn to_a_sink() -> anyhow::Result<(f64, f64)> {
    let sink = Sink::start()?;
    let rate = drain(&sink.endpoint, "pk_bench")?;
    let held = sink.held();
    anyhow::ensure!((held.unique(), held.events) == (EVENTS as u64, EVENTS as u64), "the sink holds {}", held.events);
    Ok((rate, held.bytes as f64 / EVENTS as f64))
}

/// The same queue, to a process that judges each event, stores it and syncs its disk before it answers.
fn to_the_backend() -> anyhow::Result<f64> {
    let data = tempfile::tempdir()?;
    let backend = Backend::start(data.path())?;
    let rate = drain(&format!("http://{}", backend.address), backend::KEY)?;
    let stored = backend::stored(data.path())?;
    anyhow::ensure!(stored == EVENTS as i64, "the backend holds {stored}");
    Ok(rate)
}

/// Fills a queue while offline; answers how many of its events a second are delivered.
fn drain(endpoint: &str, key: &str) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let config = Config::new(folder.path(), endpoint, key);
    let patron = Patron::open(config.clone(), Edges::system(&config)?)?;
    patron.set_online(false)?;
    wait(patron.grant(vec![Purpose::Engagement]))?;
    for i in 0..EVENTS {
        anyhow::ensure!(patron.track(&events::event(i))? == Tracked::Recorded, "event {i} was refused");
        if i % 1_000 == 0 {
            wait(patron.flush())?;
        }
    }
    wait(patron.flush())?;
    // The decisions go first and are not what is measured.
    let start = Instant::now();
    patron.set_online(true)?;
    let drained = wait(patron.drain(Duration::from_secs(60), None))?;
    let elapsed = start.elapsed().as_secs_f64();
    anyhow::ensure!(drained.done && drained.left == 0, "not drained: {drained:?}");
    Ok(EVENTS as f64 / elapsed)
}
