//! What Patron does while nothing happens: wake-ups of its threads, and writes.

use std::fs::read_to_string;
use std::time::Duration;

use anyhow::Context as _;
use patron_core::consent::Purpose;
use patron_core::event::Tracked;
use patron_core::{Config, Edges, Patron};

use crate::events;
use crate::row::{Bench, Row, Target};
use crate::track::wait;

pub const BENCH: Bench = Bench { title: "idle for 60 s", ids: &["idle_wakeups", "idle_writes"], run };

const SPAN: Duration = Duration::from_secs(60);

/// Behind the last call: what it began is done by then.
const SETTLED: Duration = Duration::from_secs(3);

/// All of Patron's. Whole names: this program's own thread, which sleeps through the span, is `patron-bench`.
const THREADS: [&str; 2] = ["patron-engine", "patron-sync"];

fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let config = Config::sandbox(folder.path());
    let patron = Patron::open(config.clone(), Edges::system(&config)?)?;
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation]))?;
    for i in 0..100 {
        anyhow::ensure!(patron.track(&events::event(i))? == Tracked::Recorded, "event {i} was refused");
    }
    anyhow::ensure!(wait(patron.drain(Duration::from_secs(10), None))?.done, "not drained");
    std::thread::sleep(SETTLED);
    let (wakeups, writes) = (wakeups()?, writes()?);
    std::thread::sleep(SPAN);
    let (wakeups, writes) = (self::wakeups()? - wakeups, self::writes()? - writes);
    let row = |id, value: u64, unit| Row { id, value: value as f64, unit, target: Target::AtMost(0.0), peers: vec![] };
    Ok(vec![row("idle_wakeups", wakeups, "in 60 s"), row("idle_writes", writes, "in 60 s")])
}

/// How often a thread of Patron's has gone to sleep so far; the kernel counts.
fn wakeups() -> anyhow::Result<u64> {
    let (mut seen, mut sum) = (0, 0);
    for task in std::fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if !THREADS.contains(&read_to_string(task.join("comm"))?.trim_end()) {
            continue;
        }
        let status = read_to_string(task.join("status"))?;
        let switches = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
        sum += switches.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).sum::<u64>();
        seen += 1;
    }
    anyhow::ensure!(seen == THREADS.len(), "{seen} of the threads {THREADS:?} run: none of their sleep can be told");
    Ok(sum)
}

/// How many writing system calls this process has made so far.
fn writes() -> anyhow::Result<u64> {
    let io = read_to_string("/proc/self/io")?;
    io.lines().find_map(|line| line.strip_prefix("syscw:")).context("no syscw")?.trim().parse().context("syscw")
}
