//! The gates that are Cargo's own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::build::cargo;
use crate::paths;
use crate::setup::cross::Cross;
use crate::setup::rust;
use crate::step::Step;

/// What ships on phones.
const SHIPPED: &[&str] = &["--package", "patron-core", "--package", "patron"];

pub fn fmt(name: &str, fix: bool) -> Result<String> {
    rust::ensure_components()?;
    let mut command = cargo();
    command.args(["fmt", "--all"]);
    if !fix {
        command.arg("--check");
    }
    quiet(name, &mut command)
}

pub fn clippy(name: &str) -> Result<String> {
    rust::ensure_components()?;
    let features = ["--features", "patron-core/schema"]; // what only a tool asks for is read all the same
    quiet(
        name,
        cargo().args(["clippy", "--workspace", "--all-targets"]).args(features).args(["--", "--deny", "warnings"]),
    )
}

pub fn docs(name: &str) -> Result<String> {
    quiet(name, cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

/// A check, not a build: it compiles our Rust and the dependencies' C for the phone, and links nothing.
pub fn phone(name: &str, target: &str, cross: &Cross) -> Result<String> {
    let mut command = cross.cargo();
    command.arg("check").args(SHIPPED).args(["--target", target]).env("RUSTFLAGS", "--deny warnings");
    quiet(name, &mut command)?;
    Ok(target.into())
}

/// Bans, licences and sources. Advisories need a database that is fetched from elsewhere: not here.
pub fn deny(name: &str, program: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).args(["--all-features", "check", "bans", "licenses", "sources"]);
    quiet(name, &mut command)
}

fn quiet(name: &str, command: &mut Command) -> Result<String> {
    Step::with(name, |step| step.run(command))?;
    Ok(String::new())
}
