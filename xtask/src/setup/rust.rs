//! Rust's own parts: targets for phones, formatter and linter.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::step::Step;

/// Android on 64-bit ARM.
pub const ANDROID: &str = "aarch64-linux-android";
/// iOS on devices.
pub const IOS: &str = "aarch64-apple-ios";

/// Adds the standard library of each of `targets` that is missing.
pub fn ensure_targets(targets: &[&str]) -> Result<()> {
    add("target", targets)
}

/// Adds rustfmt and clippy if this toolchain came without.
pub fn ensure_components() -> Result<()> {
    if paths::program("cargo-fmt").is_some() && paths::program("cargo-clippy").is_some() {
        let works =
            |tool: &str| Command::new("cargo").args([tool, "--version"]).output().is_ok_and(|out| out.status.success());
        if works("fmt") && works("clippy") {
            return Ok(());
        }
    }
    add("component", &["rustfmt", "clippy"])
}

/// The triple of this machine, as the compiler in use calls it.
pub fn host() -> Result<String> {
    let told = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    told.lines().find_map(|line| line.strip_prefix("host: ").map(str::to_owned)).context("rustc names no host")
}

fn add(kind: &str, names: &[&str]) -> Result<()> {
    let list = Command::new("rustup").args([kind, "list", "--installed"]).output();
    let Ok(list) = list else {
        bail!("rustup is missing, and with it the {kind}s {}: install Rust by rustup", names.join(" "));
    };
    let installed = String::from_utf8_lossy(&list.stdout).into_owned();
    let missing: Vec<&str> =
        names.iter().copied().filter(|name| !installed.lines().any(|line| line.starts_with(name))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Step::with(format!("set-up: rustup {kind} add {}", missing.join(" ")), |step| {
        step.run(Command::new("rustup").args([kind, "add"]).args(&missing))
    })
    .with_context(|| format!("rustup could not add {}", missing.join(" ")))?;
    Ok(())
}
