//! `cargo xtask sim`: the seeded simulation, on all cores.
//!
//! A program of its own runs it (`patron-sim`), so that it is optimised while this one is built in
//! a moment, and so that nothing which ships is ever built with a simulated disk in it.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::build::cargo;
use crate::step::{self, Step};

/// Run whole devices on a simulated disk, network and clock, each from a seed
///
/// Kills, power losses, full disks, lost replies and wrong clocks at every step; a seed that breaks
/// a promise replays exactly. Exit code 0: none did. 1: one did, or something failed. 2: bad arguments.
#[derive(clap::Args)]
pub struct Args {
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    first: u64,
    /// One JSON object on standard output, {"seeds":N,"failed":N,"operations":N}; words go to standard error
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    let profile = ["--profile", "fast", "--package", "patron-sim"];
    Step::with("sim: build", |step| step.run(cargo().arg("build").args(profile)))?;
    let program = crate::paths::target().join("fast/patron-sim");
    let mut command = Command::new(program);
    command.args(["--seeds", &args.seeds.to_string(), "--first", &args.first.to_string()]);
    if args.json {
        command.arg("--json");
    }
    let status = command.status().context("cannot run patron-sim")?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
