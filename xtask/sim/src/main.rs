//! Runs many seeds of the simulation on all cores, and says which broke a promise.
//!
//! `cargo xtask sim` builds this optimised and runs it. What a seed does is the core's to say
//! ([`patron_core::simulation`]); here is only the counting.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use patron_core::simulation::{self, DEFAULT_STEPS, Failure, Options, Report};

/// The logs of so many failures are shown; of the others, the seeds.
const SHOWN: usize = 3;

/// Runs whole devices on a simulated disk, network and clock, each from a seed.
///
/// Exit code 0: every promise held. 1: a seed broke one. 2: bad arguments.
#[derive(Parser)]
#[command(name = "cargo xtask sim", max_term_width = 100)]
struct Args {
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    first: u64,
    /// Steps of a run before its world becomes kind
    #[arg(long, value_name = "N", default_value_t = DEFAULT_STEPS, hide = true)]
    steps: usize,
    /// One JSON object on standard output; words go to standard error
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Tally {
    failures: Vec<Failure>,
    failed: u64,
    sum: Report,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let tally = run(&args);
    let told = if args.json {
        format!(r#"{{"seeds":{},"failed":{},"operations":{}}}"#, args.seeds, tally.failed, tally.sum.operations)
    } else {
        words(&args, &tally)
    };
    let written = writeln!(std::io::stdout(), "{told}");
    if tally.failed == 0 && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(args: &Args) -> Tally {
    let bar = ProgressBar::new(args.seeds);
    let look = "{bar:40.cyan} {pos}/{len} seeds, {per_sec:.0}, {eta} left {msg:.red}";
    bar.set_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let options = Options { steps: args.steps };
    let next = AtomicU64::new(0);
    let tally = Mutex::new(Tally::default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= args.seeds {
                        break;
                    }
                    let outcome = simulation::run(args.first.wrapping_add(n), &options);
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    match outcome {
                        Ok(report) => tally.add(&report),
                        Err(failure) => {
                            tally.failed += 1;
                            bar.set_message(format!("{} failed", tally.failed));
                            bar.suspend(|| show(&failure, tally.failures.len() < SHOWN));
                            tally.failures.push(failure);
                        }
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn show(failure: &Failure, whole: bool) {
    if whole {
        eprintln!("{failure}\n");
    } else {
        eprintln!("seed {}: {}", failure.seed, failure.why);
    }
}

fn words(args: &Args, tally: &Tally) -> String {
    let sum = &tally.sum;
    format!(
        "{} seeds, {} failed: {} operations, {} events in {} requests, {} kills, {} power losses, {} faults of the disk",
        args.seeds,
        tally.failed,
        sum.operations,
        sum.accepted,
        sum.requests,
        sum.kills,
        sum.power_losses,
        sum.disk_faults
    )
}

impl Tally {
    fn add(&mut self, report: &Report) {
        let sum = &mut self.sum;
        sum.accepted += report.accepted;
        sum.stored += report.stored;
        sum.operations += report.operations;
        sum.requests += report.requests;
        sum.kills += report.kills;
        sum.power_losses += report.power_losses;
        sum.disk_faults += report.disk_faults;
    }
}
