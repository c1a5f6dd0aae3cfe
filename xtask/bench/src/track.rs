//! `track` on the caller's thread.

use patron_core::consent::Purpose;
use patron_core::event::Tracked;
use patron_core::{Config, Edges, Patron};

use crate::row::{Bench, Row, Target};
use crate::{events, peer, stats};

pub const BENCH: Bench = Bench { title: "track, 10,000 a second", ids: &["track_p50_us", "track_p99_us"], run };

const CALLS: usize = 50_000;

/// A store that may record and does not send.
pub fn quiet(folder: &std::path::Path) -> anyhow::Result<Patron> {
    let mut config = Config::sandbox(folder);
    config.max_events = 5_000_000;
    let patron = Patron::open(config.clone(), Edges::system(&config)?)?;
    wait(patron.grant(vec![Purpose::Engagement]))?;
    patron.set_online(false)?;
    Ok(patron)
}

pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let patron = quiet(folder.path())?;
    let events: Vec<_> = (0..1_024).map(events::event).collect();
    let mut refused = 0;
    let mut measure = |calls, rate| {
        let mut taken = stats::paced(calls, rate, |i| {
            refused += usize::from(!matches!(patron.track(&events[i % 1_024]), Ok(Tracked::Recorded)));
        });
        (stats::percentile(&mut taken, 0.5) as f64 / 1e3, stats::percentile(&mut taken, 0.99) as f64 / 1e3)
    };
    measure(CALLS / 5, 10_000);
    let (p50, p99) = measure(CALLS, 10_000);
    let (slow_p50, slow_p99) = measure(3_000, 1_000);
    anyhow::ensure!(refused == 0, "{refused} calls were refused: the numbers would not count");
    drop(patron);

    let folder = tempfile::tempdir()?;
    let metric = peer::start(folder.path());
    let mut record = |i: usize| metric.record_with_time(i as u64, events::plain(i));
    stats::paced(CALLS / 5, 10_000, &mut record);
    let mut taken = stats::paced(CALLS, 10_000, &mut record);
    let glean = (stats::percentile(&mut taken, 0.5) as f64 / 1e3, stats::percentile(&mut taken, 0.99) as f64 / 1e3);
    Ok(vec![
        Row {
            id: "track_p50_us",
            value: p50,
            unit: "µs",
            target: Target::AtMost(1.0),
            peers: vec![("glean".into(), glean.0), ("(at 1,000 a second)".into(), slow_p50)],
        },
        Row {
            id: "track_p99_us",
            value: p99,
            unit: "µs",
            target: Target::AtMost(10.0),
            peers: vec![("glean".into(), glean.1), ("(at 1,000 a second)".into(), slow_p99)],
        },
    ])
}
