//! What a Kotlin caller feels, measured on the JVM with the optimised library.

use anyhow::{Result, bail};

use super::row::Row;
use crate::build::{self, cargo};
use crate::setup::{jdk, maven};
use crate::step::Step;
use crate::{bindings, paths, test};

pub const IDS: &[&str] = &["kotlin_start_ms"];

pub fn measure() -> Result<Vec<Row>> {
    maven::ensure()?;
    let java = jdk::ensure()?;
    let built = Step::with("bench: build for the JVM", |step| {
        step.run(cargo().args(["build", "--profile", "fast", "--package", "patron"]))?;
        build::everything(step, false)
    })?;
    Step::with("bench: bindings", |step| bindings::generate(step, &built))?;
    let library = paths::target().join("fast/libpatron.so");
    let output = Step::with("bench: Kotlin", |step| {
        step.run(
            maven::mvn()
                .current_dir(paths::root().join("bindings/kotlin"))
                .args(["--projects", "sdk", "test", "-Dtest=StartBench"])
                .args(test::kotlin::properties(&built, &java)?)
                .arg(format!("-Dpatron.library={}", library.display())),
        )
    })?;
    let rows: Vec<Row> = output
        .lines()
        .filter_map(|line| line.find("{\"id\":\"kotlin_").map(|at| &line[at..]))
        .map(Row::read)
        .collect::<Result<_>>()?;
    if rows.is_empty() {
        bail!("the JVM measured nothing; see target/xtask/logs");
    }
    Ok(rows)
}
