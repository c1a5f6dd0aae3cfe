//! Swift's tests: the SDK's package, the sample's models, and a type-check of the sample's screens.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Suite, output};
use crate::build::Built;
use crate::paths;
use crate::setup::swift::Swift;
use crate::step::Step;

/// Packages with tests.
const PACKAGES: &[&str] = &["bindings/swift", "ios-sample/Models"];

/// What the SDK's tests start as a process of its own.
const PROBE: &str = "PatronKillProbe";

/// Folders with a `typecheck.sh`, to be run after the tests have built what it imports.
const TYPE_CHECKS: &[&str] = &["bindings/swift", "ios-sample"];

pub fn run(built: &Built, swift: &Swift, long: bool) -> Result<Vec<Suite>> {
    let variables = variables(built, long)?;
    let mut suites = Vec::new();
    for package in PACKAGES {
        let folder = paths::root().join(package);
        if !folder.join("Package.swift").exists() {
            bail!("{package} has no Package.swift");
        }
        suites.push(package_tests(package, &folder, swift, &variables)?);
    }
    suites.push(type_checks(swift, &variables)?);
    Ok(suites)
}

/// Code that needs Apple's SDK, checked by the compiler against small declarations of our own. It finds our
/// mistakes; it proves nothing about Apple's real signatures.
fn type_checks(swift: &Swift, variables: &[(&str, String)]) -> Result<Suite> {
    let step = Step::begin("swift type-checks")?;
    let mut suite = Suite { problem: None, ..Suite::broken("swift type-checks", step.elapsed(), "") };
    let mut wrong = String::new();
    for folder in TYPE_CHECKS {
        let mut command = swift.command(&paths::root().join(folder), "sh", variables);
        let (text, code) = step.run_any(command.arg("typecheck.sh"))?;
        if code == Some(0) {
            suite.passed += 1;
        } else {
            suite.failed += 1;
            wrong += &format!("{folder}:\n{}\n", failures(&text));
        }
    }
    suite.took = step.elapsed();
    if wrong.is_empty() {
        step.done("")
    } else {
        step.failed(&wrong)
    }
    Ok(suite)
}

fn package_tests(package: &str, folder: &Path, swift: &Swift, variables: &[(&str, String)]) -> Result<Suite> {
    let step = Step::begin(format!("swift tests {package}"))?;
    drop_stale_tests(folder)?;
    let mut command = swift.command(folder, "swift", variables);
    let (text, code) = step.run_any(command.arg("test"))?;
    let mut suite = output::swift(&text, &format!("swift {package}"));
    suite.took = step.elapsed();
    if code == Some(0) {
        step.done("");
    } else {
        if suite.failed == 0 {
            suite.problem = Some("swift test failed outside a test; see above".into());
        }
        step.failed(&failures(&text));
    }
    Ok(suite)
}

/// Removes linked tests, and the program they start, that are older than the library: SwiftPM does not watch what `-l`
/// names.
fn drop_stale_tests(folder: &Path) -> Result<()> {
    let library = paths::static_library().join("libpatron.a").metadata()?.modified()?;
    let Ok(products) = std::fs::read_dir(folder.join(".build/debug")) else { return Ok(()) };
    for product in products {
        let product = product?;
        let linked =
            product.path().extension().is_some_and(|extension| extension == "xctest") || product.file_name() == PROBE;
        if linked && product.metadata()?.modified()? < library {
            std::fs::remove_file(product.path())?;
        }
    }
    Ok(())
}

/// What the packages are told of the world outside them.
pub fn variables(built: &Built, long: bool) -> Result<Vec<(&'static str, String)>> {
    let mut variables = vec![
        ("PATRON_LIB_DIR", paths::static_library().display().to_string()),
        ("PATRON_GENERATED", paths::generated_swift().display().to_string()),
        ("PATRON_BACKEND", built.backend()?.display().to_string()),
        ("PATRON_WERROR", "1".into()), // here, not in an app that embeds the package
    ];
    if long {
        variables.push(("PATRON_LONG", "1".into()));
    }
    Ok(variables)
}

/// The lines of Swift's output that say what is wrong.
fn failures(text: &str) -> String {
    output::telling_lines(text, |line| {
        line.contains(": error:")
            || line.starts_with("error:")
            || line.contains("recorded an issue")
            || line.starts_with('✘')
    })
}
