//! Debian packages.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::paths;
use crate::step::Step;

/// Where a package shows: a program on the PATH, or a file.
pub struct Package {
    name: &'static str,
    shows: Shows,
}

enum Shows {
    Program(&'static str),
    File(&'static str),
}

const fn program(name: &'static str, program: &'static str) -> Package {
    Package { name, shows: Shows::Program(program) }
}

/// Runs the Kotlin build.
pub const MAVEN: Package = program("maven", "mvn");
/// Compiles the sample's resource class, and runs Maven.
pub const JAVAC: Package = program("openjdk-17-jdk-headless", "javac");
/// Compiles Android resources (Debian puts `aapt2` into this package).
pub const AAPT: Package = program("aapt", "aapt2");
/// Compile C for phones.
pub const CLANG: Package = program("clang-19", "clang-19");
pub const LLVM: Package = program("llvm-19", "llvm-ar-19");
pub const LLD: Package = program("lld-19", "ld.lld-19");
/// Makes the Swift tree.
pub const DEBOOTSTRAP: Package = program("debootstrap", "debootstrap");
/// The build scripts of SQLite, ring and zstd.
pub const CC: Package = program("gcc", "cc");
/// Compiles libFuzzer.
pub const CXX: Package = program("g++", "c++");
/// Fetches tools from PyPI.
pub const PIP: Package = program("python3-pip", "pip3");
/// TLS roots for Maven and pip.
pub const CERTIFICATES: Package =
    Package { name: "ca-certificates", shows: Shows::File("/etc/ssl/certs/ca-certificates.crt") };
/// apt takes one caller at a time.
static APT: Mutex<()> = Mutex::new(());

/// Installs those of `packages` that are missing.
pub fn ensure(packages: &[Package]) -> Result<()> {
    let _one = APT.lock().unwrap_or_else(PoisonError::into_inner);
    let missing: Vec<&str> = packages.iter().filter(|package| !package.stands()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if paths::program("apt-get").is_none() {
        bail!("missing on this machine, which is not Debian: install what Debian calls {list}");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("missing Debian packages: run `sudo apt-get install {list}`, then this again");
    }
    let step = Step::begin(format!("set-up: apt-get install {list}"))?;
    let result = install(&step, &missing);
    match &result {
        Ok(()) => step.done(""),
        Err(_) => step.failed("apt-get could not install them; its words follow"),
    }
    result
}

fn install(step: &Step, missing: &[&str]) -> Result<()> {
    // An installation that was interrupted before would make this one fail.
    step.run(Command::new("dpkg").args(["--configure", "-a"]))?;
    step.run(apt().args(["update", "-q"]))?;
    step.run(apt().args(["install", "-yq", "--no-install-recommends"]).args(missing))?;
    Ok(())
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=300"]);
    command
}

impl Package {
    fn stands(&self) -> bool {
        match self.shows {
            Shows::Program(name) => paths::program(name).is_some(),
            Shows::File(path) => std::path::Path::new(path).exists(),
        }
    }
}
