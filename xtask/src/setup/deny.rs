//! cargo-deny: bans, licences and sources of every dependency.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::locked;
use crate::paths;
use crate::step::Step;

const VERSION: &str = "0.20.2";

/// The path of `cargo-deny`, built into the cache if it is not there.
///
/// Built without optimisation: it runs for a second, and that halves the build.
pub fn ensure() -> Result<PathBuf> {
    let home = paths::cache()?.join(format!("cargo-deny-{VERSION}"));
    let program = home.join("bin/cargo-deny");
    if program.exists() {
        return Ok(program);
    }
    locked(&home.with_extension("lock"), || {
        if program.exists() {
            return Ok(()); // another checkout was quicker
        }
        Step::with(format!("set-up: cargo-deny {VERSION} from crates.io"), |step| {
            step.run(
                Command::new("cargo")
                    .args(["install", "cargo-deny", "--locked", "--debug", "--version", VERSION, "--root"])
                    .arg(&home)
                    .env("CARGO_PROFILE_DEV_DEBUG", "false")
                    .env_remove("CARGO_TARGET_DIR"),
            )
        })?;
        Ok(())
    })?;
    Ok(program)
}
