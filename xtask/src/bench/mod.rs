//! `cargo xtask bench`: the numbers of docs/benchmarks.md, each beside its peers in the same run.
//!
//! The Rust rows are measured by the `patron-bench` program, which brings peers along and is built
//! only here. Kotlin's, and its peers', come from a JVM, the library's sizes from full links for Android.

mod jvm;
mod kotlin;
mod row;
mod size;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::build::cargo;
use crate::step::{self, Step};
use row::Row;

/// Rows that `patron-bench` measures.
const RUST: &[&str] = &[
    "track_p50_us",
    "track_p99_us",
    "kill_lost",
    "durable_1_per_s",
    "durable_8_per_s",
    "drain_per_s",
    "wire_bytes_per_event",
    "queue_1m_mib",
    "disk_bytes_per_event",
    "idle_wakeups",
    "idle_writes",
    "open_ms",
    "permit_p99_us",
    "withdraw_10k_p99_ms",
    "consent_string_64k_ms",
    "consent_string_64k_kib",
    "consent_string_typical_us",
    "rule_judge_ns",
    "rule_explain_ns",
    "rule_parse_ns",
    "rule_bytes",
    "decide_10k_ms",
    "decide_250_us",
    "backend_per_s",
    "backend_p99_ms",
    "locate_10_ns",
    "locate_10k_ns",
    "locate_1m_ns",
    "fence_bytes",
    "index_1m_build_ms",
    "nearest_20_ns",
    "polygon_256_ns",
    "polygon_4096_ns",
    "edge_false_per_h_5m",
    "edge_false_per_h_15m",
    "edge_false_per_h_50m",
    "edge_missed",
    "edge_arrival_s_5m",
    "edge_arrival_s_15m",
    "edge_mixed_false",
    "wake_violations",
];

#[derive(clap::Args)]
pub struct Args {
    /// Only these rows, by id
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    only: Vec<String>,
    /// One JSON object a line on standard output instead of a table
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    let known: Vec<&str> = RUST.iter().chain(kotlin::IDS).chain(size::IDS).copied().collect();
    if let Some(unknown) = args.only.iter().find(|id| !known.contains(&id.as_str())) {
        bail!("no row is called {unknown:?}; there are: {}", known.join(", "));
    }
    let wanted = |ids: &'static [&'static str]| -> Vec<&'static str> {
        ids.iter().copied().filter(|id| args.only.is_empty() || args.only.iter().any(|only| only == id)).collect()
    };
    let mut rows = Vec::new();
    let mut take = |row: Row| {
        if args.json {
            println!("{}", row.text());
        }
        rows.push(row);
    };
    let ids = wanted(RUST);
    if !ids.is_empty() {
        rust(&ids, &mut take)?;
    }
    let ids = wanted(kotlin::IDS);
    if !ids.is_empty() {
        kotlin::measure(&ids, &mut take)?;
    }
    let ids = wanted(size::IDS);
    if !ids.is_empty() {
        size::measure(&ids)?.into_iter().for_each(&mut take);
    }
    if !args.json {
        println!("{}", row::table(&rows));
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds `patron-bench` as it should run, and the backend that it measures, and takes its rows as they come.
fn rust(ids: &[&str], take: &mut impl FnMut(Row)) -> Result<()> {
    let profile = ["--profile", "fast", "--package", "patron-bench", "--package", "patron-backend"];
    Step::with("bench: build", |step| step.run(cargo().arg("build").args(profile)))?;
    let program = crate::paths::target().join("fast/patron-bench");
    let mut child = Command::new(program)
        .args(["--only", &ids.join(",")])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run patron-bench")?;
    let output = child.stdout.take().context("patron-bench has no output")?;
    for line in BufReader::new(output).lines() {
        take(Row::read(&line?)?);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("patron-bench ended with {status}");
    }
    Ok(())
}
