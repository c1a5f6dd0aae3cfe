//! `cargo xtask test`: every test of the project, in Rust, Kotlin and Swift, against the real library and a
//! real backend process.
//!
//! One build serves all three. Slow set-up (the Swift tree, Maven's large jars) runs beside it. A suite that
//! ran no test has failed: a test runner that finds nothing is a broken test runner.

pub mod kotlin;
mod output;
mod rust;
mod swift;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::ValueEnum;

use crate::build::{self, Built};
use crate::setup::{self, swift::Swift};
use crate::step::{self, Later, Step, background, say};
use crate::table::{self, Row};

pub use kotlin::properties as kotlin_properties;
pub use swift::variables as swift_variables;

#[derive(clap::Args)]
pub struct Args {
    /// Run only these, for example `--only rust,swift`
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LANGUAGE")]
    only: Vec<Language>,

    /// Also run what takes long: tests marked `#[ignore]`, and the long ones of Kotlin and Swift
    #[arg(long)]
    long: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Kotlin,
    Swift,
}

/// What one test runner reported.
pub struct Suite {
    name: String,
    passed: u64,
    failed: u64,
    skipped: u64,
    took: Duration,
    /// Why it counts as failed although no test did, if so.
    problem: Option<String>,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    let wants = |language| args.only.is_empty() || args.only.contains(&language);
    let swift = wants(Language::Swift).then(|| background(setup::swift::ensure));
    let kotlin = wants(Language::Kotlin).then(|| {
        background(|| {
            setup::maven::fetch_jars()?;
            setup::jdk::ensure()
        })
    });

    setup::apt::ensure(&[setup::apt::CC])?;
    let built = Step::with("build", |step| build::everything(step, false))?;
    if kotlin.is_some() || swift.is_some() {
        Step::with("bindings", |step| crate::bindings::generate(step, &built))?;
    }

    let mut suites = Vec::new();
    if wants(Language::Rust) {
        suites.extend(or_broken("rust", rust::run(args.long)));
    }
    suites.extend(foreign(kotlin, swift, &built, args.long));
    Ok(report(&suites))
}

/// Kotlin and Swift side by side: each spends most of its time in a compiler that keeps one core busy.
fn foreign(java: Option<Later<PathBuf>>, swift: Option<Later<Swift>>, built: &Built, long: bool) -> Vec<Suite> {
    let kotlin = || java.map(|java| java.wait().and_then(|java| kotlin::run(built, java, long)));
    let swift = || swift.map(|swift| swift.wait().and_then(|swift| swift::run(built, swift, long)));
    std::thread::scope(|scope| {
        let kotlin = scope.spawn(kotlin);
        let swift = swift();
        let kotlin = kotlin.join().unwrap_or_else(|_| Some(Err(anyhow!("the Kotlin runner panicked"))));
        let suites = kotlin.into_iter().flat_map(|result| or_broken("kotlin", result));
        suites.chain(swift.into_iter().flat_map(|result| or_broken("swift", result))).collect()
    })
}

fn or_broken(name: &str, result: Result<Vec<Suite>>) -> Vec<Suite> {
    match result {
        Ok(suites) if suites.is_empty() => vec![Suite::broken(name, Duration::ZERO, "found nothing to test")],
        Ok(suites) => suites,
        Err(error) => {
            say(format!("{name}: {error:#}"));
            vec![Suite::broken(name, Duration::ZERO, "did not run; see above")]
        }
    }
}

fn report(suites: &[Suite]) -> ExitCode {
    let rows: Vec<Row> = suites.iter().map(Suite::row).collect();
    table::print(&rows);
    let passed: u64 = suites.iter().map(|suite| suite.passed).sum();
    // A suite that broke counts as one failure, so that the closing line never looks better than the exit code.
    let failed: u64 = suites.iter().map(|suite| suite.failed + u64::from(suite.failed == 0 && !suite.good())).sum();
    println!("{passed} passed, {failed} failed");
    if suites.iter().all(Suite::good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Suite {
    fn broken(name: &str, took: Duration, problem: &str) -> Suite {
        Suite { name: name.into(), passed: 0, failed: 0, skipped: 0, took, problem: Some(problem.into()) }
    }

    fn good(&self) -> bool {
        self.failed == 0 && self.problem.is_none() && self.passed > 0
    }

    fn row(&self) -> Row {
        let mut words = format!("{:>4} passed", self.passed);
        if self.failed > 0 {
            words += &format!(", {} failed", self.failed);
        }
        if self.skipped > 0 {
            words += &format!(", {} only with --long", self.skipped);
        }
        if let Some(problem) = &self.problem {
            words = problem.clone();
        } else if self.passed + self.failed == 0 {
            words = "ran no test".into();
        }
        Row { name: self.name.clone(), good: self.good(), words, took: self.took }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_without_a_single_test_is_not_good() {
        let suite = Suite { problem: None, ..Suite::broken("swift", Duration::ZERO, "") };
        assert!(!suite.good());
        assert_eq!(suite.row().words, "ran no test");
    }
}
