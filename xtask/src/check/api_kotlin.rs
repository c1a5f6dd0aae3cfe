//! The Kotlin API as its callers see it, read from class files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::{snapshot, style};
use crate::build::Built;
use crate::paths;
use crate::setup::maven;
use crate::step::Step;
use crate::test::kotlin_properties;

/// Generated code is not API: what is public there is our own layer's to hide.
const GENERATED: &str = "dev.patron.ffi.**";

pub fn hold(name: &str, built: &Built, java: &Path, update: bool) -> Result<String> {
    let kotlin = paths::root().join("bindings/kotlin");
    let seen = Step::with(name, |step| {
        step.run(maven::mvn().current_dir(&kotlin).args(["--quiet", "compile"]).args(kotlin_properties(built, java)?))?;
        let classes = style::class_path(step, "kotlin-api")?;
        let dump = paths::root().join("xtask/tools/kotlin-api/ApiDump.java");
        let mut seen = BTreeMap::new();
        for entry in std::fs::read_dir(&kotlin)? {
            let module = entry?.path();
            let output = module.join("target/classes");
            if !module.join("pom.xml").exists() || !module.join("src/main").exists() {
                continue;
            }
            if !output.exists() {
                bail!("{} has no classes after `mvn compile`", paths::shown(&module));
            }
            let mut command = Command::new("java");
            let text = step.run(command.arg("-cp").arg(&classes).arg(&dump).arg(&output).arg(GENERATED))?;
            let module = module.file_name().unwrap_or_default().to_string_lossy();
            seen.insert(format!("{module}.api"), text);
        }
        Ok(seen)
    })?;
    snapshot::hold(&kotlin.join("api"), &seen, update)
}
