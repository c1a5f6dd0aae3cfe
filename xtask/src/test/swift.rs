//! Swift's tests: the SDK's package, the sample's models, and a type-check of the sample's screens.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Suite, output};
use crate::build::Built;
use crate::paths;
use crate::setup::swift::Swift;
use crate::step::Step;

/// Packages with tests.
const PACKAGES: &[&str] = &["bindings/swift", "ios-sample/Models"];

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
    Ok(suites)
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

/// Removes linked tests that are older than the library: SwiftPM does not watch what `-l` names.
fn drop_stale_tests(folder: &Path) -> Result<()> {
    let library = paths::target().join("bindings/lib/libpatron.a").metadata()?.modified()?;
    let Ok(products) = std::fs::read_dir(folder.join(".build/debug")) else { return Ok(()) };
    for product in products {
        let product = product?;
        let tests = product.path().extension().is_some_and(|extension| extension == "xctest");
        if tests && product.metadata()?.modified()? < library {
            std::fs::remove_file(product.path())?;
        }
    }
    Ok(())
}

/// What the packages are told of the world outside them.
pub fn variables(built: &Built, long: bool) -> Result<Vec<(&'static str, String)>> {
    let mut variables = vec![
        ("PATRON_LIB_DIR", lone_static_library(built)?.display().to_string()),
        ("PATRON_GENERATED", paths::generated_swift().display().to_string()),
        ("PATRON_BACKEND", built.backend()?.display().to_string()),
    ];
    if long {
        variables.push(("PATRON_LONG", "1".into()));
    }
    Ok(variables)
}

/// A folder with the static library and nothing else: beside a shared one, the linker would take that.
fn lone_static_library(built: &Built) -> Result<PathBuf> {
    let library = built.static_library()?;
    let folder = paths::target().join("bindings/lib");
    std::fs::create_dir_all(&folder)?;
    let link = folder.join("libpatron.a");
    let _ = std::fs::remove_file(&link);
    std::fs::hard_link(&library, &link).with_context(|| format!("cannot link {}", paths::shown(&link)))?;
    Ok(folder)
}

/// The lines of Swift's output that say what is wrong.
fn failures(text: &str) -> String {
    let wrong = |line: &&str| line.contains("error:") || line.contains("recorded an issue") || line.starts_with('✘');
    let lines: Vec<&str> = text.lines().filter(wrong).take(80).collect();
    if lines.is_empty() {
        text.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    } else {
        lines.join("\n")
    }
}
