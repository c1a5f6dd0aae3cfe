//! A process that outlives this one by a moment, and ends and removes what this one left behind.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};

/// The guard's own process: ends a backend, and clears up, when its standard input ends.
#[derive(clap::Args)]
pub(crate) struct GuardArgs {
    /// Ends this process when standard input ends
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// ... and removes this folder
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
}

/// Waits for its standard input to end.
pub(crate) fn run(args: GuardArgs) -> anyhow::Result<ExitCode> {
    std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).context("watching over a run")?;
    args.pid.into_iter().for_each(terminate);
    clear(&args.home);
    Ok(ExitCode::SUCCESS)
}

/// Clears `home`, and ends process `id`, when this process ends without having done so itself, as
/// by SIGKILL. To be ended by whoever ends that process first.
pub(crate) fn guard(home: &Path, id: Option<u32>) -> anyhow::Result<Child> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command.arg("lab-guard").arg("--home").arg(home);
    command.args(id.map(|id| format!("--pid={id}")));
    // The pipe is what it watches: it closes with this process, however that ends.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().context("starting a guard")
}

/// Removes a run's folder; a process that was just ended may still be closing its files.
pub(crate) fn clear(home: &Path) {
    for _ in 0..40 {
        if std::fs::remove_dir_all(home).is_ok() || !home.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// SIGTERM: what it is doing it may finish.
pub(super) fn terminate(id: u32) {
    if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}
