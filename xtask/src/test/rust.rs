//! Rust's tests: units, integration tests and the examples in the docs, of every crate but the benchmarks.

use anyhow::Result;

use super::{Suite, output};
use crate::build::{self, cargo};
use crate::step::{Step, say};

pub fn run(long: bool) -> Result<Vec<Suite>> {
    let step = Step::begin("rust tests")?;
    let mut command = cargo();
    command.arg("test").args(build::PACKAGES).arg("--no-fail-fast");
    if long {
        command.args(["--", "--include-ignored"]);
    }
    let (text, code) = step.run_any(&mut command)?;
    let mut suites = output::cargo(&text);
    if code == Some(0) {
        step.done("");
    } else {
        step.failed(&output::cargo_failures(&text));
        if suites.iter().all(|suite| suite.failed == 0) {
            let took = suites.iter().map(|suite| suite.took).sum();
            suites.push(Suite::broken("rust", took, "cargo test failed outside a test; see above"));
        }
    }
    if suites.is_empty() {
        say("rust: cargo test ran no test");
    }
    Ok(suites)
}
