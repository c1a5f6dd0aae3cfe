//! Kotlin's tests, all of Maven's modules: the SDK on the JVM, its test doubles, and the Android sample under
//! Robolectric, with the real library behind them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Suite, output};
use crate::build::Built;
use crate::paths;
use crate::setup::maven;
use crate::step::Step;

/// The pom that names all modules.
const AGGREGATOR: &str = "bindings/kotlin";

pub fn run(built: &Built, java: &Path, long: bool) -> Result<Vec<Suite>> {
    let modules = modules()?;
    for module in &modules {
        let _ = std::fs::remove_dir_all(module.join("target/surefire-reports")); // an old report proves nothing
    }

    let step = Step::begin("kotlin tests")?;
    let (text, code) = step.run_any(
        maven::mvn()
            .current_dir(paths::root().join(AGGREGATOR))
            .args(["--fail-at-end", "verify"])
            .args(properties(built, java)?)
            .arg(format!("-Dpatron.long={long}")),
    )?;
    let suites =
        modules.iter().filter(|module| has_tests(module)).map(|module| reports(module)).collect::<Result<Vec<_>>>()?;
    if code == Some(0) {
        step.done("");
        return Ok(suites);
    }
    step.failed(&failures(&text));
    let mut suites = suites;
    if suites.iter().all(Suite::good) {
        suites.push(Suite::broken("kotlin", Default::default(), "mvn failed outside a test; see above"));
    }
    Ok(suites)
}

/// What the poms are told of the world outside them.
pub fn properties(built: &Built, java: &Path) -> Result<Vec<String>> {
    let properties = [
        ("patron.library", built.shared_library()?),
        ("patron.backend", built.backend()?),
        ("patron.generated", paths::generated_kotlin()),
        ("test.jvm", java.to_path_buf()),
    ];
    Ok(properties.map(|(name, path)| format!("-D{name}={}", path.display())).to_vec())
}

/// The folders of all modules that Maven runs: the aggregator's, and below.
fn modules() -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    let mut waiting = vec![paths::root().join(AGGREGATOR)];
    while let Some(folder) = waiting.pop() {
        let pom = folder.join("pom.xml");
        let text = std::fs::read_to_string(&pom).with_context(|| format!("cannot read {}", paths::shown(&pom)))?;
        let named = text.split("<module>").skip(1).filter_map(|rest| rest.split("</module>").next());
        for module in named {
            let module = folder.join(module.trim());
            waiting.push(module.canonicalize().with_context(|| format!("{} names {module:?}", paths::shown(&pom)))?);
        }
        modules.push(folder);
    }
    modules.sort();
    Ok(modules)
}

fn has_tests(module: &Path) -> bool {
    module.join("src/test").is_dir()
}

/// The reports of one module as one suite.
fn reports(module: &Path) -> Result<Suite> {
    let mut total =
        Suite { problem: None, ..Suite::broken(&format!("kotlin {}", paths::shown(module)), Default::default(), "") };
    let folder = module.join("target/surefire-reports");
    let mut classes = BTreeMap::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(&folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "xml") {
                let xml = std::fs::read_to_string(&file)?;
                let suite =
                    output::surefire(&xml).with_context(|| format!("{} is no test report", paths::shown(&file)))?;
                classes.insert(suite.name.clone(), suite);
            }
        }
    }
    for suite in classes.values() {
        total.passed += suite.passed;
        total.failed += suite.failed;
        total.skipped += suite.skipped;
        total.took += suite.took;
    }
    Ok(total)
}

/// The lines of Maven's output that say what is wrong.
fn failures(text: &str) -> String {
    output::telling_lines(text, |line| line.starts_with("[ERROR]"))
}
