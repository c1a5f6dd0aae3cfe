//! What a Kotlin caller feels, measured on the JVM with the optimised library, beside the SDKs that an app might use
//! instead.

use anyhow::{Context, Result};
use serde_json::Value;

use super::jvm::Jvm;
use super::row::Row;
use crate::step::Step;

pub const IDS: &[&str] = &[
    "kotlin_track_p50_us",
    "kotlin_track_p99_us",
    "kotlin_drain_10k_ms",
    "kotlin_kill_lost",
    "kotlin_start_ms",
    "kotlin_offers_10k_ms",
];

/// Name in the program, name in the table.
const PEERS: &[(&str, &str)] =
    &[("segment", "Segment"), ("amplitude", "Amplitude"), ("posthog", "PostHog"), ("snowplow", "Snowplow")];

/// How often each is killed: a run takes ten seconds, most of them waiting for a peer to send again.
const KILLS: usize = 3;

/// Takes each row as soon as it is measured: what fails later takes none of them back.
pub fn measure(ids: &[&str], take: &mut impl FnMut(Row)) -> Result<()> {
    let jvm = Jvm::build()?;
    let mut take = |row: Row| {
        if ids.contains(&row.id()) {
            take(row);
        }
    };
    if wants(ids, "kotlin_track_") {
        track(&jvm)?.into_iter().for_each(&mut take);
    }
    if wants(ids, "kotlin_drain_") {
        take(drain(&jvm)?);
    }
    if wants(ids, "kotlin_kill_") {
        take(kill(&jvm)?);
    }
    for (id, name, target) in [("kotlin_start_ms", "start", 2.0), ("kotlin_offers_10k_ms", "offers", 20.0)] {
        if wants(ids, id) {
            take(Row::new(id, figure(&figures(&jvm, name, "patron")?, "ms")?, "ms", target));
        }
    }
    Ok(())
}

fn wants(ids: &[&str], start: &str) -> bool {
    ids.iter().any(|id| id.starts_with(start))
}

/// One measure of one SDK, a step of its own: each takes its ten seconds.
fn figures(jvm: &Jvm, measure: &str, subject: &str) -> Result<Value> {
    Step::with(format!("bench: {measure} on the JVM, {subject}"), |step| jvm.figures(step, measure, subject))
}

/// Everyone tracks at the same pace while sending as it does by default.
fn track(jvm: &Jvm) -> Result<[Row; 2]> {
    let ours = figures(jvm, "track", "patron")?;
    let offline = figures(jvm, "offline", "patron")?;
    let peers: Vec<_> =
        PEERS.iter().map(|(peer, name)| Ok((*name, figures(jvm, "track", peer)?))).collect::<Result<_>>()?;
    let row = |id, share: &str, target| -> Result<Row> {
        let mut row = Row::new(id, figure(&ours, share)?, "µs", target)
            .beside("(offline)", figure(&offline, share)?)
            .beside("(at 1,000 a second)", figure(&ours, &format!("slow_{share}"))?);
        for (name, figures) in &peers {
            row = row.beside(name, figure(figures, share)?);
        }
        Ok(row)
    };
    Ok([row(IDS[0], "p50", 3.0)?, row(IDS[1], "p99", 20.0)?])
}

fn drain(jvm: &Jvm) -> Result<Row> {
    let ours = figures(jvm, "drain", "patron")?;
    anyhow::ensure!(figure(&ours, "missing")? == 0.0 && figure(&ours, "twice")? == 0.0, "not drained once: {ours}");
    let mut row = Row::new(IDS[2], figure(&ours, "ms")?, "ms", 300.0);
    for (peer, name) in PEERS {
        let figures = figures(jvm, "drain", peer)?;
        row = row.beside(name, figure(&figures, "ms")?);
        for (what, told) in [("missing", "never arrived"), ("twice", "arrived twice")] {
            let count = figure(&figures, what)?;
            if count > 0.0 {
                row = row.beside(&format!("{name}, {told}"), count);
            }
        }
    }
    Ok(row)
}

fn kill(jvm: &Jvm) -> Result<Row> {
    let total = |subject: &str| -> Result<(f64, f64)> {
        Step::with(format!("bench: SIGKILL on the JVM, {subject}"), |step| {
            let (mut lost, mut twice) = (0.0, 0.0);
            for _ in 0..KILLS {
                let figures = jvm.figures_behind_a_kill(step, subject)?;
                lost += figure(&figures, "lost")?;
                twice += figure(&figures, "twice")?;
            }
            Ok((lost, twice))
        })
    };
    let (lost, twice) = total("patron")?;
    let mut row = Row::new(IDS[3], lost, &format!("events of {},000", KILLS), 0.0)
        // A batch whose answer the kill took comes again, and is stored once: its ids are the same.
        .beside("(sent again, for the backend to know by their ids)", twice);
    for (peer, name) in PEERS {
        let (lost, twice) = total(peer)?;
        row = row.beside(name, lost).beside(&format!("{name}, sent twice"), twice);
    }
    Ok(row)
}

/// With three significant digits: more would be noise.
fn figure(figures: &Value, name: &str) -> Result<f64> {
    let value = figures[name].as_f64().with_context(|| format!("no {name} in {figures}"))?;
    if value == 0.0 {
        return Ok(value);
    }
    let scale = 10f64.powf(2.0 - value.abs().log10().floor());
    Ok((value * scale).round() / scale)
}
