//! A process killed behind `track`: real processes, real SIGKILL, the whole core.

mod support;

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use support::{MONDAY_10, Model, open, wait};

const CALLS: usize = 1_000;

/// Set for the child: the store's folder.
const VICTIM: &str = "PATRON_TEST_VICTIM";

/// The child's side. As a test of its own, without the variable, it has nothing to do.
#[test]
fn victim() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let patron = open(Path::new(&folder), &Model::town(), &Arc::new(ManualClock::at(MONDAY_10)));
    // Offline from the start: this process's backend dies with it.
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    for i in 0..CALLS {
        assert_eq!(patron.track(&Engagement::Saved { offer: format!("offer-{i}") }), Ok(Tracked::Recorded));
    }
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_process_killed_right_behind_track_has_lost_nothing() {
    for run in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim"])
            .env(VICTIM, folder.path())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(9), "run {run}: the victim ended by {status}");
        let model = Model::town();
        let patron = open(folder.path(), &model, &Arc::new(ManualClock::at(MONDAY_10)));
        let account = wait(patron.diagnostics()).unwrap().account;
        // It is online, and may have delivered a batch by now.
        let there = account.queued + account.delivered;
        assert_eq!((account.accepted, there), (CALLS as u64, CALLS as u64), "run {run}");
        assert!(wait(patron.drain(std::time::Duration::from_secs(60), None)).unwrap().done);
        assert_eq!((model.stored(), model.0.lock().unwrap().duplicates), (CALLS, 0), "run {run}");
    }
}
