//! The size of the library that apps carry.
//!
//! `xtask/size.lock` holds what was measured: the Android library, linked in full, and this machine's own,
//! both with the settings of a release and stripped. A full link for Android takes minutes, so it is done
//! only when dependencies or profiles are not those of the lock; otherwise our own code is what changed, and
//! the host's library shows that as well.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::build::cargo;
use crate::paths;
use crate::setup::cross::Cross;
use crate::setup::rust;
use crate::step::Step;

/// What an app developer is promised: the Android library with TLS.
const BUDGET_KIB: u64 = 4096;
/// Growth of one change that nobody decided on.
const TOLERANCE_PERCENT: u64 = 5;
/// Android 15 and later map libraries in pages of this size.
const PAGE: u64 = 16 * 1024;

/// What `size.lock` holds.
#[derive(Debug, PartialEq, Eq)]
struct Lock {
    /// Hash of Cargo.lock and of the profiles.
    inputs: String,
    android_kib: u64,
    host_kib: u64,
}

pub fn hold(name: &str, cross: &Cross, update: bool) -> Result<String> {
    let file = paths::root().join("xtask/size.lock");
    let inputs = inputs()?;
    Step::with(name, |step| {
        if update {
            let (android_kib, host_kib) = (android(step, cross, &[])?, host(step)?);
            let lock = Lock { inputs, android_kib, host_kib };
            std::fs::write(&file, lock.text())?;
            return Ok(format!("Android {}, host {host_kib} KiB, written down", against_budget(android_kib)));
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", paths::shown(&file)))?;
        let lock = Lock::parse(&text)
            .context("xtask/size.lock is not readable; `cargo xtask check --only size --update` writes it")?;
        if lock.inputs == inputs {
            let kib = host(step)?;
            grown("the host's library", lock.host_kib, kib)?;
            let android = against_budget(lock.android_kib);
            Ok(format!("host {kib} KiB, {} when written down, with Android {android}", lock.host_kib))
        } else {
            let kib = android(step, cross, &[])?;
            grown("the Android library", lock.android_kib, kib)?;
            Ok(format!(
                "Android {kib} KiB of {BUDGET_KIB}; dependencies changed: `check --only size --update` spares this link"
            ))
        }
    })
}

/// Growth is what the gate stops; the distance to the promise it tells, `docs/benchmarks.md` explains it.
fn against_budget(android_kib: u64) -> String {
    match android_kib.checked_sub(BUDGET_KIB) {
        Some(over) if over > 0 => format!("{android_kib} KiB, {over} more than the {BUDGET_KIB} promised"),
        _ => format!("{android_kib} KiB of {BUDGET_KIB}"),
    }
}

fn grown(what: &str, before: u64, now: u64) -> Result<()> {
    if now * 100 > before * (100 + TOLERANCE_PERCENT) {
        bail!(
            "{what} grew from {before} to {now} KiB, more than {TOLERANCE_PERCENT} %; \
             if it should, `cargo xtask check --only size --update` writes it down"
        );
    }
    Ok(())
}

/// The library of this machine, in KiB.
fn host(step: &Step) -> Result<u64> {
    step.run(cargo().args(["build", "--release", "--package", "patron"]))?;
    stripped_kib(step, &paths::target().join("release/libpatron.so"), "host")
}

/// The Android library, in KiB. Linked against empty stand-ins for the system's libraries: right in size and
/// layout, useless on a phone.
///
/// `features` goes to Cargo: without the default ones the host brings the transport.
pub fn android(step: &Step, cross: &Cross, features: &[&str]) -> Result<u64> {
    let stubs = paths::target().join("xtask/android-stubs");
    std::fs::create_dir_all(&stubs)?;
    for name in ["c", "m", "dl", "log", "unwind"] {
        let library = format!("lib{name}.so");
        let mut clang = Command::new("clang-19");
        clang.args([
            "--target=aarch64-linux-android26",
            "-fuse-ld=lld",
            "-nostdlib",
            "-shared",
            "-x",
            "c",
            "/dev/null",
        ]);
        step.run(clang.arg(format!("-Wl,-soname,{library}")).arg("-o").arg(stubs.join(&library)))?;
    }
    let flags = [
        "-Clinker-flavor=ld.lld".to_owned(),
        "-Clink-arg=--unresolved-symbols=ignore-all".to_owned(),
        format!("-Clink-arg=-zmax-page-size={PAGE}"),
        // Android has read them since API 23; they are a twentieth of what they stand for.
        "-Clink-arg=--pack-dyn-relocs=android".to_owned(),
        // A sequence that is moved into a function of its own costs an entry in the tables for unwinding, which the
        // compiler does not count.
        "-Cllvm-args=-outliner-benefit-threshold=32".to_owned(),
        format!("-Clink-arg=-L{}", stubs.display()),
    ];
    let mut command = cross.cargo();
    command
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER", "rust-lld")
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_RUSTFLAGS", flags.join(" "))
        .args([
            "rustc",
            "--release",
            "--package",
            "patron",
            "--lib",
            "--crate-type",
            "cdylib",
            "--target",
            rust::ANDROID,
        ])
        .args(features);
    step.run(&mut command)?;
    let library = paths::target().join(rust::ANDROID).join("release/libpatron.so");
    aligned(step, &library)?;
    stripped_kib(step, &library, "android")
}

/// Every loaded segment stands on a 16 KiB page.
fn aligned(step: &Step, library: &Path) -> Result<()> {
    let headers = step.run(Command::new("llvm-readelf-19").args(["--program-headers", "--wide"]).arg(library))?;
    let segments: Vec<&str> = headers.lines().map(str::trim).filter(|line| line.starts_with("LOAD")).collect();
    let on_page = |line: &&str| {
        let alignment = line.split_whitespace().last().and_then(|word| word.strip_prefix("0x"));
        alignment.and_then(|hex| u64::from_str_radix(hex, 16).ok()).is_some_and(|alignment| alignment >= PAGE)
    };
    if segments.is_empty() || !segments.iter().all(on_page) {
        bail!("not every segment of {} is aligned to 16 KiB", paths::shown(library));
    }
    Ok(())
}

fn stripped_kib(step: &Step, library: &Path, name: &str) -> Result<u64> {
    let out: PathBuf = paths::target().join(format!("xtask/stripped-{name}.so"));
    step.run(Command::new("llvm-strip-19").arg("-o").arg(&out).arg(library))?;
    Ok(out.metadata()?.len().div_ceil(1024))
}

/// Hash of all that decides a size and is not our code: Cargo.lock and the profiles.
fn inputs() -> Result<String> {
    let lock = std::fs::read_to_string(paths::root().join("Cargo.lock"))?;
    let manifest = std::fs::read_to_string(paths::root().join("Cargo.toml"))?;
    let hash = Sha256::new().chain_update(lock).chain_update(profiles(&manifest)).finalize();
    Ok(hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// The lines of a manifest that stand in a `[profile…]` section, comments left out.
fn profiles(manifest: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in manifest.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if line.starts_with('[') {
            inside = line.starts_with("[profile");
        }
        if inside && !line.is_empty() {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

impl Lock {
    fn text(&self) -> String {
        format!(
            "# Written by `cargo xtask check --only size --update`; see xtask/src/check/size.rs.\n\
             inputs = {}\nandroid_kib = {}\nhost_kib = {}\n",
            self.inputs, self.android_kib, self.host_kib
        )
    }

    fn parse(text: &str) -> Option<Lock> {
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| name.trim() == key)
                .map(|(_, value)| value.trim())
        };
        Some(Lock {
            inputs: value("inputs")?.to_owned(),
            android_kib: value("android_kib")?.parse().ok()?,
            host_kib: value("host_kib")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reads_back_as_it_was_written() {
        let lock = Lock { inputs: "0a".into(), android_kib: 3500, host_kib: 4100 };
        assert_eq!(Lock::parse(&lock.text()), Some(lock));
        assert_eq!(Lock::parse("inputs = 1\n"), None);
    }

    #[test]
    fn only_growth_beyond_the_tolerance_fails() {
        assert!(grown("it", 1000, 1050).is_ok());
        assert!(grown("it", 1000, 1051).is_err());
        assert!(grown("it", 1000, 500).is_ok());
    }

    #[test]
    fn a_library_over_its_budget_says_by_how_much() {
        assert_eq!(against_budget(BUDGET_KIB), "4096 KiB of 4096");
        assert_eq!(against_budget(BUDGET_KIB + 4), "4100 KiB, 4 more than the 4096 promised");
    }

    #[test]
    fn a_comment_in_a_profile_does_not_force_a_link() {
        let plain = "[package]\nname = \"x\"\n[profile.release]\nlto = \"fat\"\n[lints]\na = 1\n";
        let commented = plain.replace("lto = \"fat\"", "lto = \"fat\"   # smaller\n# why");
        assert_eq!(profiles(plain), profiles(&commented));
        assert_ne!(profiles(plain), profiles(&plain.replace("fat", "thin")));
        assert_eq!(profiles(plain), profiles(&plain.replace("a = 1", "a = 2")));
    }
}
