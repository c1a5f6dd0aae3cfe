//! The whole device from one seed: engine, store and ring are real; the disk, the network, the
//! backend, time and chance are not.
//!
//! A run takes steps that a seed chooses: it tracks, walks, consents, signs out, syncs, fills the
//! disk, sets the clock, kills the process in the middle of a write and cuts the power. After each
//! it asks whether something was lost, sent twice or sent without consent, and at the end, when
//! the world has become kind, whether everything arrived. A seed replays exactly, on any thread.
//!
//! `device` is the phone, `effects` what its engine asks for, `audit` what its store says of itself, `lives` how its processes end and begin, `copies` what a backup brings back, `steps` what its
//! user does, `rules` what the shopper's devices have in common, `time` what anyone knows of it, `books` what callers were
//! told. `cargo xtask sim` runs thousands of seeds; the tests run some.

mod acts;
mod audit;
mod backend;
mod books;
mod content;
mod copies;
mod device;
mod disk;
mod effects;
mod folder;
#[cfg(test)]
mod found_tests;
#[cfg(test)]
mod idle_tests;
mod journal;
mod lives;
mod mapped;
mod network;
#[cfg(test)]
mod power_loss_tests;
mod rules;
mod steps;
#[cfg(test)]
mod tests;
mod time;
mod vfs;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use device::Device;
use steps::Profile;

/// Enough for a few lives of a process, and 10,000 seeds fit into CI.
pub const DEFAULT_STEPS: usize = 120;

/// How long a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Steps before the world becomes kind.
    pub steps: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: DEFAULT_STEPS }
    }
}

/// What a run that held all promises went through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Hash of everything that happened: the same seed and options give the same.
    pub trace: String,
    /// Events that callers were told are recorded.
    pub accepted: u64,
    /// Events that the backend holds at the end.
    pub stored: u64,
    /// What was done to the device: calls, answers of the network, passages of time, ends of processes.
    pub operations: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Processes that were killed, some in the middle of a write.
    pub kills: u64,
    /// Power losses.
    pub power_losses: u64,
    /// Calls of the disk that failed.
    pub disk_faults: u64,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The seed that shows it, and always will.
    pub seed: u64,
    /// What was broken.
    pub why: String,
    /// What the run did before.
    pub log: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.log {
            writeln!(f, "  {line}")?;
        }
        write!(f, "seed {}: {}\nreplay it with: cargo xtask sim --first {} --seeds 1", self.seed, self.why, self.seed)
    }
}

impl std::error::Error for Failure {}

/// Runs one device through one seed.
///
/// Blocks for some milliseconds. Makes a folder of its own, in memory where the system has one,
/// and removes it. Any number may run at once on different threads.
///
/// # Errors
/// The promise that was broken, with the log of the run; a panic counts as one.
pub fn run(seed: u64, options: &Options) -> Result<Report, Failure> {
    let fail = |why: String, log| Failure { seed, why, log };
    let mut device = Device::new(seed).map_err(|broken| fail(broken.0, Vec::new()))?;
    let profile = Profile::of(&mut device);
    let done = catch_unwind(AssertUnwindSafe(|| {
        device.boot()?;
        for _ in 0..options.steps {
            steps::step(&mut device, &profile)?;
        }
        device.heal()
    }));
    match done {
        Ok(Ok(())) => Ok(device.report()),
        Ok(Err(Broken(why))) => Err(fail(why, device.into_log())),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
            Err(fail(format!("a panic: {words}"), device.into_log()))
        }
    }
}

/// What was found broken, in words.
#[derive(Debug)]
struct Broken(String);

type Held = Result<(), Broken>;

fn broken<T>(why: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(why.into()))
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(Broken(why())) }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self(format!("the simulation's own files: {error}"))
    }
}
