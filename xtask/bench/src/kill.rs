//! SIGKILL right behind 1,000 calls: what is gone?

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use patron_core::event::Tracked;

use crate::row::{Bench, Row, Target};
use crate::track::{quiet, wait};
use crate::{events, peer};

pub const BENCH: Bench = Bench { title: "SIGKILL right behind 1,000 calls, 200 times", ids: &["kill_lost"], run };

const CALLS: usize = 1_000;
const RUNS: usize = 200;
const PEER_RUNS: usize = 5;

fn run() -> anyhow::Result<Vec<Row>> {
    let mut lost = 0;
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        kill("patron", folder.path())?;
        let patron = quiet(folder.path())?;
        lost += CALLS as u64 - wait(patron.diagnostics())?.account.accepted;
    }
    let mut peer_lost = 0;
    for _ in 0..PEER_RUNS {
        let folder = tempfile::tempdir()?;
        kill("glean", folder.path())?;
        peer_lost += CALLS - on_disk(folder.path())?;
    }
    Ok(vec![Row {
        id: "kill_lost",
        value: lost as f64,
        unit: "events of 200,000",
        target: Target::AtMost(0.0),
        peers: vec![(format!("glean, of {}", PEER_RUNS * CALLS), peer_lost as f64)],
    }])
}

/// Runs a victim until it is dead by its own hand.
fn kill(who: &str, folder: &Path) -> anyhow::Result<()> {
    let status =
        Command::new(std::env::current_exe()?).args(["--victim", who]).arg(folder).stderr(Stdio::null()).status()?;
    anyhow::ensure!(status.signal() == Some(9), "the victim ended by {status} and not by SIGKILL");
    Ok(())
}

/// What Glean keeps of its events: one line each, in a file per ping.
fn on_disk(folder: &Path) -> anyhow::Result<usize> {
    let file = folder.join("events").join("events");
    Ok(std::fs::read_to_string(file).unwrap_or_default().lines().filter(|line| line.contains("\"bench\"")).count())
}

/// The child's side: 1,000 calls, then SIGKILL before anything else.
pub fn be_the_victim(who: &str, folder: &Path) -> anyhow::Result<ExitCode> {
    if who == "patron" {
        let patron = quiet(folder)?;
        for i in 0..CALLS {
            anyhow::ensure!(patron.track(&events::event(i))? == Tracked::Recorded, "call {i} was refused");
        }
    } else {
        let metric = peer::start(folder);
        std::thread::sleep(std::time::Duration::from_millis(500)); // its start-up is not what is measured
        for i in 0..CALLS {
            metric.record_with_time(i as u64, events::plain(i));
        }
    }
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
    anyhow::bail!("SIGKILL did not come")
}
