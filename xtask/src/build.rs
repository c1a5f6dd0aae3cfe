//! The one build that bindings, tests and gates share.
//!
//! Cargo picks the features of every dependency from the packages it is asked for. Asking always for the
//! same ones keeps it from building the world a second time with a slightly different choice.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::paths;
use crate::step::Step;

/// The packages of a shared build: all but the benchmarks, which bring peers of their own, and the
/// simulation, which would put its disk into every core.
pub const PACKAGES: &[&str] = &["--workspace", "--exclude", "patron-bench", "--exclude", "patron-sim"];

/// Where Cargo put what a shared build makes.
pub struct Built {
    folder: PathBuf,
}

/// Builds everything, tests included, with debug settings, or with those of the `fast` profile.
pub fn everything(step: &Step, optimised: bool) -> Result<Built> {
    let profile = if optimised { "fast" } else { "dev" };
    step.run(cargo().arg("build").args(PACKAGES).args(["--all-targets", "--profile", profile]))?;
    Ok(Built { folder: paths::target().join(if optimised { "fast" } else { "debug" }) })
}

/// Cargo at the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(paths::root());
    command
}

impl Built {
    /// The shared library that the JVM loads, and that the generators read.
    pub fn shared_library(&self) -> Result<PathBuf> {
        self.file(if cfg!(target_os = "macos") { "libpatron.dylib" } else { "libpatron.so" })
    }

    /// The static library that Swift links.
    pub fn static_library(&self) -> Result<PathBuf> {
        self.file("libpatron.a")
    }

    /// The reference backend.
    pub fn backend(&self) -> Result<PathBuf> {
        self.file("patron-backend")
    }

    /// The generator of Kotlin and Swift.
    pub fn bindgen(&self) -> Result<PathBuf> {
        self.file("patron-bindgen")
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let file = self.folder.join(name);
        if !file.exists() {
            bail!("the build did not make {}", paths::shown(&file));
        }
        Ok(file)
    }
}
