//! Running this program's commands as another program would.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a module of tests, shared by path")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn xtask(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// The objects that a command printed, its exit code, and its words.
pub fn spoken(args: &[&str]) -> (Vec<Value>, i32, String) {
    let Output { status, stdout, stderr } = xtask(args).output().unwrap();
    let words = String::from_utf8(stderr).unwrap();
    let lines = String::from_utf8(stdout).unwrap();
    let objects = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")));
    (objects.collect(), status.code().unwrap(), words)
}

/// Interrupts, terminates and kills a command that is under way with a device and a backend.
pub fn interrupted_leaves_nothing(args: &[&str]) {
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::TERM, Some(143)), (Signal::KILL, None)] {
        let home = tempfile::tempdir().unwrap();
        let mut command =
            xtask(args).env("TMPDIR", home.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The device makes its folder when backend, network and device are all there.
        let at_work = || walk(home.path()).iter().any(|path| path.ends_with("device"));
        wait_for("the command to be under way", at_work);
        kill_process(Pid::from_raw(command.id() as i32).unwrap(), signal).unwrap();
        assert_eq!(command.wait().unwrap().code(), code);
        wait_for("its folder to be gone", || walk(home.path()).is_empty());
        // Each of its processes has a path below its folder on its command line, but for the
        // device, which ends with its orders.
        wait_for("its processes to be gone", || processes_about(home.path()).is_empty());
    }
}

/// Every path below `folder`.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| std::iter::once(path.clone()).chain(walk(&path))).collect()
}

fn processes_about(folder: &Path) -> Vec<PathBuf> {
    let name = folder.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    processes.filter(|p| std::fs::read_to_string(p.join("cmdline")).is_ok_and(|line| line.contains(name))).collect()
}

/// Other processes' doings have no injected clock.
fn wait_for(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
