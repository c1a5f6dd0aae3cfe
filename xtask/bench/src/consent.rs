//! What the gate costs, and how long a shopper waits for a no with ten thousand events queued.

use std::time::Instant;

use patron_core::consent::{Engagement, Gate, Purpose, PurposeKind};
use patron_core::event::Tracked;
use patron_core::store::ring::Ring;

use crate::row::{Bench, Row, Target};
use crate::track::{quiet, wait};
use crate::{events, stats};

pub const BENCH: Bench = Bench { title: "consent", ids: &["permit_p99_us", "withdraw_10k_p99_ms"], run };

const PERMITS: usize = 1_000_000;

const QUEUED: usize = 10_000;

const WITHDRAWALS: usize = 100;

fn run() -> anyhow::Result<Vec<Row>> {
    let row = |id, value, unit, bound, told: (&str, f64)| Row {
        id,
        value,
        unit,
        target: Target::AtMost(bound),
        peers: vec![(told.0.to_owned(), told.1)],
    };
    let (permit_p50, permit_p99) = permits()?;
    let (withdraw_p50, withdraw_p99) = withdrawals()?;
    Ok(vec![
        row("permit_p99_us", permit_p99, "µs", 5.0, ("(p50)", permit_p50)),
        row("withdraw_10k_p99_ms", withdraw_p99, "ms", 20.0, ("(p50)", withdraw_p50)),
    ])
}

/// As `track` asks: the mirror in the ring, checked, and a permit of its gate.
fn permits() -> anyhow::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let (ring, _) = Ring::open(&folder.path().join("ring"))?;
    ring.set_gate(Gate::new(1, [PurposeKind::Engagement]));
    let mut took = Vec::with_capacity(PERMITS);
    for _ in 0..PERMITS {
        let start = Instant::now();
        let gate = std::hint::black_box(&ring).gate();
        let permitted = gate.permit::<Engagement>().is_some();
        took.push(start.elapsed().as_nanos() as u64);
        anyhow::ensure!(permitted, "the gate is open");
    }
    Ok((stats::percentile(&mut took, 0.5) as f64 / 1e3, stats::percentile(&mut took, 0.99) as f64 / 1e3))
}

/// From the call to its answer: the decision, the purge, the files rid of what was deleted.
fn withdrawals() -> anyhow::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let patron = quiet(folder.path())?;
    let mut took = Vec::with_capacity(WITHDRAWALS);
    for _ in 0..WITHDRAWALS {
        wait(patron.grant(vec![Purpose::Engagement]))?;
        for i in 0..QUEUED {
            while patron.track(&events::event(i))? == Tracked::Busy {
                std::thread::yield_now();
            }
        }
        wait(patron.flush())?;
        let start = Instant::now();
        let gone = wait(patron.withdraw(Purpose::Engagement))?;
        took.push(start.elapsed().as_micros() as u64);
        anyhow::ensure!(gone.purged_events == QUEUED as u64, "{} were purged", gone.purged_events);
    }
    Ok((stats::percentile(&mut took, 0.5) as f64 / 1e3, stats::percentile(&mut took, 0.99) as f64 / 1e3))
}
