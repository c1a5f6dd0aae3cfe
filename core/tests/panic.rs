//! A panic in what the host gave (its clock, its log sink), on a caller's thread and on Patron's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use patron_core::clock::{Clock, ManualClock, Now};
use patron_core::consent::{PlainVault, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::log::{Level, Log, LogSink};
use patron_core::{Config, Edges, Error, Patron, Threads};
use support::{MONDAY_10, Model, wait};

/// Panics when it is armed, on the thread of this name.
struct Trap {
    clock: ManualClock,
    thread: &'static str,
    armed: AtomicBool,
}

impl Trap {
    fn on(thread: &'static str) -> Arc<Self> {
        Arc::new(Self { clock: ManualClock::at(MONDAY_10), thread, armed: AtomicBool::new(false) })
    }
}

impl Clock for Trap {
    fn now(&self) -> Now {
        let here = std::thread::current().name().is_some_and(|name| name == self.thread);
        assert!(!(here && self.armed.load(Ordering::SeqCst)), "the host's clock failed");
        self.clock.now()
    }

    fn sleep_until(&self, _: i64) -> Option<Duration> {
        None
    }
}

struct Throwing;

impl LogSink for Throwing {
    fn log(&self, _: Level, _: &str) {
        panic!("the host's log failed");
    }
}

fn open(folder: &std::path::Path, model: &Model, clock: Arc<dyn Clock>, log: Log) -> Patron {
    let config = Config::new(folder, "https://model.invalid", "pk_test");
    let transport = Arc::new(model.clone());
    Patron::open(
        config,
        Edges { clock, transport, seed: Some(7), vault: PlainVault::shared(), log, threads: Threads::default() },
    )
    .unwrap()
}

fn saved(n: usize) -> Engagement {
    Engagement::Saved { offer: format!("offer-{n}") }
}

#[test]
fn a_clock_that_panics_inside_track_costs_that_call_alone() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    // Libtest names the thread of a test by the test.
    let trap = Trap::on("a_clock_that_panics_inside_track_costs_that_call_alone");
    let patron = open(folder.path(), &model, trap.clone(), Log::silent());
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved(0)), Ok(Tracked::Recorded));
    trap.armed.store(true, Ordering::SeqCst);
    for n in 1..4 {
        assert!(catch_unwind(AssertUnwindSafe(|| patron.track(&saved(n)))).is_err());
    }
    trap.armed.store(false, Ordering::SeqCst);
    assert_eq!(patron.track(&saved(4)), Ok(Tracked::Recorded));
    assert!(wait(patron.drain(Duration::from_secs(60), None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered, model.stored()), (2, 2, 2));
}

#[test]
fn a_log_sink_that_panics_is_the_hosts_loss_alone() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let log = Log::to(Arc::new(Throwing), Level::Debug);
    let patron = open(folder.path(), &model, Arc::new(ManualClock::at(MONDAY_10)), log);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    model.fail("/v1/events", support::Fault::LostReply);
    (0..30).for_each(|n| assert_eq!(patron.track(&saved(n)), Ok(Tracked::Recorded)));
    assert_eq!(wait(patron.withdraw(Purpose::Engagement)).unwrap().receipt.epoch, 2);
    assert!(wait(patron.diagnostics()).unwrap().account.balances());
}

#[test]
fn a_panic_on_the_engines_thread_closes_the_handle_and_loses_nothing() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let trap = Trap::on("patron-engine");
    let patron = open(folder.path(), &model, trap.clone(), Log::silent());
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    wait(patron.flush()).unwrap();
    trap.armed.store(true, Ordering::SeqCst);
    let mut recorded = 0;
    // Whatever was recorded until the handle knew of it is in the ring.
    while patron.track(&saved(recorded)) == Ok(Tracked::Recorded) {
        recorded += 1;
        let _ = patron.set_online(false);
    }
    assert_eq!(patron.track(&saved(recorded)), Err(Error::Closed));
    assert_eq!(wait(patron.flush()), Err(Error::Closed));
    patron.close();
    let patron = open(folder.path(), &model, Arc::new(ManualClock::at(MONDAY_10)), Log::silent());
    assert!(wait(patron.drain(Duration::from_secs(60), None)).unwrap().done);
    assert_eq!(model.stored(), recorded);
}
