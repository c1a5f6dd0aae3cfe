//! What a long queue costs: memory, and disk for each event.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;
use patron_core::event::{Engagement, Tracked};
use patron_core::{Config, Edges, Patron};

use crate::row::{Bench, Row, Target};
use crate::track::{quiet, wait};

pub const BENCH: Bench = Bench { title: "a queue of 1,000,000", ids: &["queue_1m_mib", "disk_bytes_per_event"], run };

const EVENTS: usize = 1_000_000;

/// The data of each, JSON and all.
const DATA: usize = 434;

/// How many are drained again, to see what is left of the files.
const DRAINED: usize = 50_000;

fn run() -> anyhow::Result<Vec<Row>> {
    // Memory is told of a process that does nothing else.
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?;
    let output = Command::new(program).args(["--victim", "queue"]).arg(folder.path()).output()?;
    anyhow::ensure!(output.status.success(), "the process with the queue ended with {}", output.status);
    let measured: Measured = serde_json::from_slice(&output.stdout).context("what the process said")?;
    Ok(vec![
        Row {
            id: "queue_1m_mib",
            value: measured.grown_kib as f64 / 1024.0,
            unit: "MiB",
            target: Target::AtMost(12.0),
            peers: vec![("(the process when idle)".into(), measured.idle_kib as f64 / 1024.0)],
        },
        Row {
            id: "disk_bytes_per_event",
            value: measured.disk_bytes as f64 / EVENTS as f64,
            unit: "B",
            target: Target::AtMost(560.0),
            peers: vec![("(MiB after a drain)".into(), after_a_drain()? as f64 / f64::from(1 << 20))],
        },
    ])
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Measured {
    idle_kib: u64,
    grown_kib: u64,
    disk_bytes: u64,
}

/// The process that holds the queue.
pub fn be_the_queue(folder: &Path) -> anyhow::Result<ExitCode> {
    let patron = quiet_for(folder, u64::MAX)?;
    fill(&patron, 1_000)?;
    let idle_kib = resident_kib()?;
    fill(&patron, EVENTS - 1_000)?;
    let grown_kib = resident_kib()?.saturating_sub(idle_kib);
    let diagnostics = wait(patron.diagnostics())?;
    anyhow::ensure!(diagnostics.account.queued == EVENTS as u64, "{:?}", diagnostics.account);
    patron.close();
    let disk_bytes = std::fs::metadata(folder.join(patron_core::store::MAIN_FILE))?.len();
    serde_json::to_writer(std::io::stdout(), &Measured { idle_kib, grown_kib, disk_bytes })?;
    Ok(ExitCode::SUCCESS)
}

fn quiet_for(folder: &Path, max_bytes: u64) -> anyhow::Result<Patron> {
    let config = Config { max_events: 5_000_000, max_bytes, ..Config::sandbox(folder) };
    let patron = Patron::open(config.clone(), Edges::system(&config)?)?;
    patron.set_online(false)?;
    wait(patron.grant(vec![patron_core::consent::Purpose::Engagement]))?;
    Ok(patron)
}

fn fill(patron: &Patron, events: usize) -> anyhow::Result<()> {
    for i in 0..events {
        while patron.track(&event(i))? == Tracked::Busy {
            std::thread::yield_now();
        }
    }
    Ok(wait(patron.flush())?)
}

/// An event whose data is as long as the target says.
fn event(i: usize) -> Engagement {
    const AROUND: usize = r#"{"name":"noted","properties":{"text":""}}"#.len();
    let text = format!("{i:0width$}", width = DATA - AROUND);
    Engagement::Custom { name: "noted".into(), properties: BTreeMap::from([("text".into(), text)]) }
}

/// How long the files are once a queue was delivered.
fn after_a_drain() -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let patron = quiet(folder.path())?;
    fill(&patron, DRAINED)?;
    patron.set_online(true)?;
    anyhow::ensure!(wait(patron.drain(Duration::from_secs(60), None))?.done, "not drained");
    std::thread::sleep(Duration::from_millis(500));
    Ok(wait(patron.diagnostics())?.disk_bytes)
}

fn resident_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.trim().trim_end_matches(" kB").parse().context("VmRSS")
}
