//! From nothing to ready with a full catalogue and a full queue.

use std::sync::Arc;
use std::time::Instant;

use patron_core::clock::SystemClock;
use patron_core::consent::{PlainVault, Purpose};
use patron_core::log::Log;
use patron_core::sync::{Pending, Request, Response, Transport};
use patron_core::{Config, Edges, Patron, Threads};

use crate::row::{Bench, Row, Target};
use crate::track::wait;
use crate::{events, shelf, stats};

pub const BENCH: Bench = Bench { title: "open with 10,000 offers and 10,000 queued events", ids: &["open_ms"], run };

const RUNS: usize = 15;

/// Answers everything with the same catalogue.
struct Shelf(Vec<u8>);

impl Transport for Shelf {
    fn send(&self, _: Request) -> Pending<'_> {
        let response = Response { status: 200, headers: vec![("etag".into(), "\"10k\"".into())], body: self.0.clone() };
        Box::pin(async move { Ok(response) })
    }
}

fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let shelf = Arc::new(Shelf(shelf::catalogue()));
    let open = || {
        let transport = Arc::clone(&shelf) as Arc<dyn Transport>;
        let edges = Edges {
            clock: Arc::new(SystemClock::new()),
            transport,
            seed: None,
            vault: PlainVault::shared(),
            log: Log::silent(),
            threads: Threads::default(),
        };
        Patron::open(Config::new(folder.path(), "https://shelf.invalid", "pk_bench"), edges)
    };
    let patron = open()?;
    wait(patron.refresh())?;
    patron.set_online(false)?;
    wait(patron.grant(vec![Purpose::Engagement]))?;
    for i in 0..10_000 {
        let _ = patron.track(&events::event(i))?;
        if i % 1_000 == 0 {
            wait(patron.flush())?;
        }
    }
    wait(patron.flush())?;
    anyhow::ensure!(patron.offers("home")?.len() == 10_000, "{} offers show", patron.offers("home")?.len());
    drop(patron);
    let (mut ready, mut on_caller) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let start = Instant::now();
        let patron = open()?;
        on_caller.push(start.elapsed().as_secs_f64() * 1e3);
        wait(patron.ready())?;
        ready.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(vec![Row {
        id: "open_ms",
        value: stats::median(ready),
        unit: "ms",
        target: Target::AtMost(30.0),
        peers: vec![("(of it on the caller's thread)".into(), stats::median(on_caller))],
    }])
}
