//! A disk that is really full: a small file system of its own, in a mount namespace of its own.
//!
//! The scenarios run in children of this test binary, under `unshare`; as a test of its own, without
//! the variable, a scenario has nothing to do. A machine that allows no such namespace, even to a user
//! that is root only inside it, cannot run these, and they fail and say so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::{Error, Patron};
use support::{MONDAY_10, Model, open, try_open, wait};

/// Set for the child: where its small file system is mounted.
const DISK: &str = "PATRON_TEST_DISK";
const HOUR: Duration = Duration::from_secs(3_600);

/// Runs `scenario` of this binary with `mib` MiB of disk.
fn on_a_disk_of(mib: u32, scenario: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={mib}m tmpfs '{}'", folder.path().display());
    let inside = |rights: &str, then: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args([rights, "sh", "-c", &format!("{mount} && {then}"), "sh"]);
        unshare
    };
    let allowed = |rights: &&&str| inside(rights, "true").output().is_ok_and(|output| output.status.success());
    let Some(rights) = ["-m", "-Urm"].iter().find(|rights| allowed(rights)) else {
        panic!("this machine lets nobody mount a small disk: `unshare -m` and `unshare -Urm` both fail here");
    };
    let mut child = inside(rights, "exec \"$@\"");
    child.arg(std::env::current_exe().unwrap()).args(["--exact", scenario, "--nocapture"]);
    let output = child.env(DISK, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // A SIGBUS would show here as the end by a signal.
    assert!(output.status.success(), "{scenario} ended by {}: {said}", output.status);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{scenario} did not run");
}

/// The small disk, in a child; `None` for a scenario that runs as a test of its own.
fn disk() -> Option<PathBuf> {
    std::env::var_os(DISK).map(PathBuf::from)
}

/// Takes all that is left of the disk but `leave` bytes.
fn fill(disk: &Path, leave: u64) -> PathBuf {
    let path = disk.join("ballast");
    let mut ballast = OpenOptions::new().create(true).append(true).open(&path).unwrap();
    while ballast.write(&[1; 4_096]).is_ok_and(|written| written > 0) {}
    let len = ballast.metadata().unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(len.saturating_sub(leave)).unwrap();
    path
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

/// Some 3 KB, none like the other.
fn event(n: usize) -> Engagement {
    let properties = BTreeMap::from([("page".to_owned(), format!("{n}-").repeat(600))]);
    Engagement::Custom { name: "read".into(), properties }
}

/// Tracks until neither the disk nor the ring takes any more; how many were recorded.
fn track_until_full(patron: &Patron) -> usize {
    let mut recorded = 0;
    loop {
        while patron.track(&event(recorded)) == Ok(Tracked::Recorded) {
            recorded += 1;
        }
        // Busy: the engine was slower than this loop, or it has no room to put anything.
        match wait(patron.flush()) {
            Ok(()) => assert!(recorded < 100_000, "the disk never was full"),
            Err(Error::Storage { .. }) => break,
            Err(other) => panic!("flush answered {other}"),
        }
    }
    assert_eq!(patron.track(&event(recorded)), Ok(Tracked::Busy));
    recorded
}

#[test]
fn opening_on_a_full_disk_is_a_typed_error_at_once() {
    on_a_disk_of(1, "scenario_no_room_for_the_ring");
}

#[test]
fn scenario_no_room_for_the_ring() {
    let Some(disk) = disk() else { return };
    let opened = try_open(&disk.join("store"), &Model::town(), &clock());
    assert!(matches!(&opened, Err(Error::Storage { why }) if why.contains("no space")), "{opened:?}");
    // And again, on what the first try left behind.
    assert!(matches!(try_open(&disk.join("store"), &Model::town(), &clock()), Err(Error::Storage { .. })));
}

#[test]
fn a_disk_with_room_for_the_ring_alone_is_a_typed_error_of_every_call() {
    on_a_disk_of(5, "scenario_no_room_for_the_database");
}

#[test]
fn scenario_no_room_for_the_database() {
    let Some(disk) = disk() else { return };
    let (store, model, clock) = (disk.join("store"), Model::town(), clock());
    // The ring is made while there is room, the database while there is none.
    drop(patron_core::store::ring::Ring::open(&{
        std::fs::create_dir(&store).unwrap();
        store.join(patron_core::store::RING_FILE)
    }));
    let ballast = fill(&disk, 0);
    let patron = open(&store, &model, &clock);
    assert!(matches!(wait(patron.ready()), Err(Error::Storage { .. })));
    assert!(matches!(wait(patron.diagnostics()), Err(Error::Storage { .. })));
    assert!(matches!(patron.offers("home"), Err(Error::Storage { .. })));
    assert_eq!(patron.track(&event(0)), Ok(Tracked::NotPermitted), "nobody has consented");
    patron.close();
    std::fs::remove_file(ballast).unwrap();
    let patron = open(&store, &model, &clock);
    wait(patron.ready()).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&event(0)), Ok(Tracked::Recorded));
    assert!(wait(patron.drain(HOUR, None)).unwrap().done);
}

#[test]
fn a_look_that_found_no_room_is_a_look_when_it_is_told_again() {
    on_a_disk_of(24, "scenario_a_look_finds_no_room");
}

#[test]
fn scenario_a_look_finds_no_room() {
    let Some(disk) = disk() else { return };
    let (model, clock) = (Model::town(), clock());
    let patron = open(&disk.join("store"), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.refresh()).unwrap();
    let offer = patron.offers("home").unwrap().remove(0).id;
    patron.set_online(false).unwrap();
    let ballast = fill(&disk, 3 << 20);
    track_until_full(&patron);
    let _ = fill(&disk, 0);
    // What is left of the files takes some looks yet.
    let refused = (0..500).find_map(|_| {
        clock.advance(HOUR);
        wait(patron.saw(offer.clone(), true)).err()
    });
    assert!(matches!(refused, Some(Error::Storage { .. })), "{refused:?}");
    std::fs::remove_file(ballast).unwrap();
    assert_eq!(wait(patron.saw(offer.clone(), true)), Ok(true), "it was not noted, either");
    assert_eq!(wait(patron.saw(offer, true)), Ok(false));
}

#[test]
fn a_disk_that_fills_up_loses_nothing_and_delivers_all_when_there_is_room_again() {
    on_a_disk_of(24, "scenario_the_queue_fills_the_disk");
}

#[test]
fn scenario_the_queue_fills_the_disk() {
    let Some(disk) = disk() else { return };
    let (store, model, clock) = (disk.join("store"), Model::town(), clock());
    let patron = open(&store, &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    let ballast = fill(&disk, 3 << 20);
    // The queue takes what room there is, then the ring what it has of its own.
    let recorded = track_until_full(&patron);
    // Whoever asks why nothing happens is told just that, with the account of what the disk has.
    let told = wait(patron.diagnostics()).unwrap();
    let error = told.last_error.clone().unwrap_or_default();
    assert!(error.contains("bytes that were handed over wait") && error.contains("full"), "{told:?}");
    assert!(told.account.balances() && told.account.queued > 0 && told.account.accepted < recorded as u64, "{told:?}");
    let drained = wait(patron.drain(HOUR, None)).unwrap();
    assert_eq!((drained.done, drained.left), (false, told.account.queued));
    std::fs::remove_file(ballast).unwrap();
    wait(patron.flush()).unwrap();
    let told = wait(patron.diagnostics()).unwrap();
    assert_eq!((told.account.accepted, told.account.queued), (recorded as u64, recorded as u64));
    assert_eq!(told.last_error, None);
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(HOUR, None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances() && account.delivered == recorded as u64, "{account:?}");
    assert_eq!(model.stored(), recorded);
}

#[test]
fn what_a_full_disk_makes_no_more_durable_is_recorded_and_counts_once() {
    on_a_disk_of(24, "scenario_durable_on_a_full_disk");
}

#[test]
fn scenario_durable_on_a_full_disk() {
    let Some(disk) = disk() else { return };
    let (model, clock) = (Model::town(), clock());
    let patron = open(&disk.join("store"), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    let ballast = fill(&disk, 64 << 10);
    let mut recorded = 0;
    loop {
        let tracked = wait(patron.track_durable(&event(recorded)));
        recorded += 1;
        match tracked {
            Ok(Tracked::Recorded) => assert!(recorded < 1_000, "the disk never was full"),
            Ok(Tracked::NotYetDurable) => break,
            other => panic!("{other:?} invites a second call"),
        }
    }
    std::fs::remove_file(ballast).unwrap();
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(HOUR, None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered), (recorded as u64, recorded as u64));
    assert_eq!(model.stored(), recorded);
}

#[test]
fn a_full_disk_survives_closing_and_opening_in_between() {
    on_a_disk_of(24, "scenario_reopened_while_full");
}

#[test]
fn scenario_reopened_while_full() {
    let Some(disk) = disk() else { return };
    let (store, model, clock) = (disk.join("store"), Model::town(), clock());
    let patron = open(&store, &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    let ballast = fill(&disk, 2 << 20);
    let recorded = track_until_full(&patron);
    patron.close();
    let patron = open(&store, &model, &clock);
    let ready = wait(patron.ready());
    assert!(matches!(ready, Ok(()) | Err(Error::Storage { .. })), "{ready:?}");
    patron.close();
    std::fs::remove_file(ballast).unwrap();
    let patron = open(&store, &model, &clock);
    assert!(wait(patron.drain(HOUR, None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances() && account.delivered == recorded as u64, "{account:?}, {recorded} recorded");
    assert_eq!(model.stored(), recorded);
}
