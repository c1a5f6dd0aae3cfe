//! Spelling, and the style of Kotlin and Swift.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::setup::swift::Swift;
use crate::setup::{maven, pypi};
use crate::step::Step;

/// Folders with hand-written Kotlin, Swift or both.
const FOLDERS: &[&str] = &["bindings/kotlin", "bindings/swift", "android-sample", "ios-sample", "xtask/bench-jvm"];

pub fn spelling(name: &str, fix: bool) -> Result<String> {
    let typos = pypi::ensure(&pypi::TYPOS)?.join("bin/typos");
    let mut command = Command::new(typos);
    command.current_dir(paths::root()).args(["--config", "typos.toml", "--force-exclude"]);
    if fix {
        command.arg("--write-changes");
    }
    Step::with(name, |step| step.run(&mut command))?;
    Ok(String::new())
}

pub fn swift(name: &str, swift: &Swift, fix: bool) -> Result<String> {
    let files = sources("swift")?;
    let mut command = swift.command(&paths::root(), "swift", &[]);
    command.arg("format");
    command.args(if fix { ["format", "--in-place"] } else { ["lint", "--strict"] });
    command.arg("--parallel").args(&files);
    Step::with(name, |step| step.run(&mut command))?;
    Ok(format!("{} files", files.len()))
}

pub fn kotlin(name: &str, fix: bool) -> Result<String> {
    let files = sources("kt")?;
    Step::with(name, |step| {
        let classes = class_path(step, "ktlint")?;
        let mut command = Command::new("java");
        command.current_dir(paths::root()).arg("-cp").arg(classes).args(["com.pinterest.ktlint.Main", "--relative"]);
        if fix {
            command.arg("--format");
        }
        step.run(command.args(&files))
    })?;
    Ok(format!("{} files", files.len()))
}

/// The class path of a Java tool: `xtask/tools/<tool>/pom.xml` says what it is made of.
pub fn class_path(step: &Step, tool: &str) -> Result<String> {
    let pom = paths::root().join("xtask/tools").join(tool).join("pom.xml");
    let out = paths::target().join(format!("xtask/{tool}.classpath"));
    step.run(
        maven::mvn()
            .args(["--quiet", "--file"])
            .arg(pom)
            .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
            .arg(format!("-Dmdep.outputFile={}", out.display())),
    )?;
    let text = std::fs::read_to_string(&out).with_context(|| format!("cannot read {}", paths::shown(&out)))?;
    Ok(text.trim().to_owned())
}

/// Hand-written files with this extension, as paths from the root. None at all is an error: a gate that
/// looks at nothing holds nothing.
fn sources(extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&paths::root().join(folder), extension, &mut files)?;
    }
    if files.is_empty() {
        bail!("found no .{extension} file in {}", FOLDERS.join(", "));
    }
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            // What was built, and stand-ins for declarations that are not ours to shape.
            let passed_over = name.starts_with('.') || ["target", "build", "Stubs"].contains(&name.as_ref());
            if !passed_over {
                collect(&path, extension, files)?;
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path.strip_prefix(paths::root())?.to_path_buf());
        }
    }
    Ok(())
}
