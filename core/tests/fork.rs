//! A child that is forked and goes on without `exec` must harm neither itself nor its parent: real
//! forks, with threads of the parent in the middle of every call that takes a lock.
#![allow(unsafe_code, reason = "fork is what is tested")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use patron_core::clock::ManualClock;
use patron_core::consent::{Gate, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::store::ring::{Ring, RingError};
use patron_core::{Change, Error, Listener, Patron};
use support::{MONDAY_10, Model, open, try_open, wait};

/// A child of one test holds what every other test has open: they go one by one.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Exit(i32),
    Signal(i32),
    Hangs,
}

/// Runs `child` in a forked process. It answers what was wrong, 0 for nothing; a panic is 99.
fn fork(child: impl FnOnce() -> i32) -> End {
    // SAFETY: the child calls what this test is about, and then `_exit`, which runs no destructor of
    // the parent's.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(99);
        // SAFETY: ends the process; nothing is called behind it.
        unsafe { libc::_exit(code) }
    }
    assert!(pid > 0, "no process to be had");
    // What another process does has no injected clock.
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut status = 0;
    loop {
        // SAFETY: `status` outlives the call.
        let ended = unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) };
        if ended == pid {
            return if libc::WIFEXITED(status) {
                End::Exit(libc::WEXITSTATUS(status))
            } else {
                End::Signal(libc::WTERMSIG(status))
            };
        }
        if Instant::now() > deadline {
            // SAFETY: a child of ours that was not waited for: the number is still its own.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
                libc::waitpid(pid, &raw mut status, 0);
            }
            return End::Hangs;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Forks often enough to catch the other threads anywhere; stops at the first child that fails.
fn rounds(mut round: impl FnMut() -> End) -> Result<(), End> {
    (0..60).map(|_| round()).find(|end| *end != End::Exit(0)).map_or(Ok(()), Err)
}

fn saved(n: u64) -> Engagement {
    Engagement::Saved { offer: format!("offer-{n}") }
}

struct Deaf;

impl Listener for Deaf {
    fn changed(&self, _: &[Change]) {}
}

/// Polls once: in a child nobody would ever wake it.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(done) => Some(done),
        std::task::Poll::Pending => None,
    }
}

/// Every call that the handle has; answers the number of the first that is not `Closed`.
fn every_call_is_closed(patron: &Patron) -> i32 {
    let drain = patron.drain(Duration::from_secs(1), None);
    let answers = [
        patron.track(&saved(0)) == Err(Error::Closed),
        at_once(patron.track_durable(&saved(0))) == Some(Err(Error::Closed)),
        at_once(patron.ready()) == Some(Err(Error::Closed)),
        at_once(patron.flush()) == Some(Err(Error::Closed)),
        at_once(patron.grant(vec![Purpose::Engagement])) == Some(Err(Error::Closed)),
        at_once(patron.withdraw(Purpose::Engagement)) == Some(Err(Error::Closed)),
        at_once(patron.sign_out()) == Some(Err(Error::Closed)),
        at_once(patron.identify("token".into())) == Some(Err(Error::Closed)),
        at_once(patron.refresh()) == Some(Err(Error::Closed)),
        at_once(drain) == Some(Err(Error::Closed)),
        at_once(patron.diagnostics()) == Some(Err(Error::Closed)),
        patron.set_online(true) == Err(Error::Closed),
        patron.offers("home") == Err(Error::Closed),
        patron.why("x", None, true) == Err(Error::Closed),
        patron.blockers(None, false) == Err(Error::Closed),
    ];
    answers.iter().position(|closed| !closed).map_or(0, |at| at as i32 + 1)
}

#[test]
fn a_forked_child_finds_the_handle_closed_and_the_parent_goes_on_unharmed() {
    let _alone = alone();
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let (stop, tracked) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut ends = Ok(());
    std::thread::scope(|scope| {
        // Threads in the middle of calls: what they lock stays locked in a child.
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    if patron.track(&saved(1)) == Ok(Tracked::Recorded) {
                        tracked.fetch_add(1, Ordering::Relaxed);
                    }
                    let _ = patron.set_online(true);
                    drop(patron.subscribe(Arc::new(Deaf)));
                }
            });
        }
        // Asserted behind the threads: a panic in here would wait for them for ever.
        ends = rounds(|| {
            let subscription = patron.subscribe(Arc::new(Deaf));
            let mine = patron.clone();
            fork(|| {
                let wrong = every_call_is_closed(&mine);
                drop(mine.subscribe(Arc::new(Deaf)));
                drop((mine.consents(), mine.visits(), subscription));
                mine.close();
                drop(mine);
                wrong
            })
        });
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(ends, Ok(()));
    // The threads have left the engine a channel full of work.
    while wait(patron.ready()) == Err(Error::Busy) {
        std::thread::yield_now();
    }
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!(account.accepted, tracked.into_inner(), "a child added or took something");
    assert!(wait(patron.drain(Duration::from_secs(60), None)).unwrap().done);
    assert_eq!(model.stored() as u64, account.accepted);
}

#[test]
fn the_last_handle_may_be_dropped_in_a_child() {
    let _alone = alone();
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let mut patron = Some(patron);
    assert_eq!(
        fork(|| {
            drop(patron.take());
            0
        }),
        End::Exit(0)
    );
    let patron = patron.unwrap();
    assert_eq!(patron.track(&saved(1)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
}

#[test]
fn a_child_cannot_open_its_parents_store_and_holds_the_lock_while_it_lives() {
    let _alone = alone();
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    let in_use = || matches!(try_open(folder.path(), &model, &clock), Err(Error::Unavailable { .. }));
    assert_eq!(fork(|| i32::from(!in_use())), End::Exit(0));
    // Closed in the parent while a child lives: still locked, and free when the child is gone.
    let (mut reader, writer) = std::io::pipe().unwrap();
    // SAFETY: the child reads a pipe until it ends, and exits.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        drop(writer);
        let _ = std::io::Read::read(&mut reader, &mut [0]);
        // SAFETY: ends the process.
        unsafe { libc::_exit(0) }
    }
    patron.close();
    assert!(in_use(), "two processes hold the ring's file open");
    drop(writer);
    // SAFETY: a child of ours.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    assert!(!in_use());
}

#[test]
fn a_forked_child_finds_the_ring_sealed_even_while_a_thread_was_in_it() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring");
    let (ring, _) = Ring::open(&path).unwrap();
    let (ring, stop) = (Arc::new(ring), AtomicBool::new(false));
    let mut ends = Ok(());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = ring.push(&[7; 20_000]);
                if let Some(taken) = ring.take(64, 1 << 20, &mut |_| {}) {
                    ring.release(taken);
                }
            }
        });
        ends = rounds(|| {
            let mine = Arc::clone(&ring);
            fork(|| {
                let sealed = mine.push(b"mine") == Err(RingError::Sealed);
                let closed = mine.gate() == Gate::CLOSED && mine.take(1, 1, &mut |_| {}).is_none();
                mine.seal();
                i32::from(!(sealed && closed))
            })
        });
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(ends, Ok(()));
    assert_eq!(ring.damaged_bytes(), 0);
    // A ring of the child's own works.
    let own = folder.path().join("own");
    assert_eq!(fork(|| i32::from(!Ring::open(&own).is_ok_and(|(ring, _)| ring.push(b"mine").is_ok()))), End::Exit(0));
}
