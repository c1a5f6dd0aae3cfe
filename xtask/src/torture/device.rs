//! The tortured device: a process of its own, with the real [`Patron`] under load on several threads.
//!
//! Says each fact to standard output the moment it is one: in one write, so that a kill leaves a
//! line whole or not at all. It ends when its standard input does, so it never outlives the run.

use std::fs::File;
use std::io::{BufRead, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use patron_core::event::{Engagement, Tracked};
use patron_core::place::{Transition, TransitionKind};
use patron_core::{Change, Config, Edges, Error, Listener, Patron};

use super::clock::HurriedClock;
use super::protocol::{CLOSE, FINISH, Fact, Life, Outcome, THREADS, Turn, token};
use super::shopper::Shopper;
use crate::lab::Dice;

/// The last drain of a run takes no longer, on the slowest of machines.
const LAST_DRAIN: Duration = Duration::from_secs(60);

/// What all threads of the device share.
pub(super) struct Device {
    pub(super) patron: Patron,
    pub(super) clock: Arc<HurriedClock>,
    pub(super) dice: Dice,
    pub(super) life: u32,
    /// See [`Fact::Tracked`].
    pub(super) era: AtomicU32,
    out: File,
    stopped: AtomicBool,
}

/// Lives one life.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let mut lines = std::io::stdin().lock().lines();
    let Some(first) = lines.next() else { return Ok(ExitCode::SUCCESS) };
    let life: Life = serde_json::from_str(&first?)?;
    let device = Arc::new(Device::open(life)?);
    let heard = device.patron.subscribe(Arc::new(Heard(Arc::clone(&device))));
    block_on(device.patron.ready()).context("opening the store")?;
    device.say(&Fact::Opened);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let device = Arc::clone(&device);
            std::thread::spawn(move || device.track(thread))
        })
        .collect();
    let shopper = std::thread::spawn({
        let device = Arc::clone(&device);
        move || Shopper::new(&device).live()
    });
    let word = match lines.next() {
        Some(word) => word?,
        // Whoever gave the orders is gone.
        None => std::process::exit(0),
    };
    device.stopped.store(true, Ordering::Release);
    for thread in threads.into_iter().chain([shopper]) {
        anyhow::ensure!(thread.join().is_ok(), "a thread of the device panicked");
    }
    match word.as_str() {
        FINISH => device.deliver(),
        CLOSE => {}
        other => anyhow::bail!("{other:?} is no word to a device"),
    }
    device.patron.close();
    drop(heard);
    device.say(&Fact::Closed);
    Ok(ExitCode::SUCCESS)
}

impl Device {
    fn open(life: Life) -> anyhow::Result<Self> {
        let clock = Arc::new(HurriedClock::new(life.mono_ms, life.wall_off_ms));
        // Nothing may be given up for room: then every loss is a loss.
        let config = Config::new(life.folder, life.endpoint, life.key);
        let config = Config { max_events: 10_000_000, max_bytes: 1 << 40, ..config };
        let edges = Edges { clock: Arc::clone(&clock) as _, seed: Some(life.seed), ..Edges::system(&config)? };
        Ok(Self {
            patron: Patron::open(config, edges)?,
            clock,
            dice: Dice::new(life.seed),
            life: life.number,
            era: AtomicU32::new(life.era),
            out: File::from(std::io::stdout().as_fd().try_clone_to_owned()?),
            stopped: AtomicBool::new(false),
        })
    }

    /// Puts a fact into the pipe. A line is shorter than what a pipe takes in one piece (4 KiB).
    pub(super) fn say(&self, fact: &Fact) {
        let Ok(mut line) = serde_json::to_vec(fact) else { return };
        line.push(b'\n');
        // Nobody listens any more: the end is near, and standard input says so.
        let _ = (&self.out).write_all(&line);
    }

    pub(super) fn wrong(&self, call: &str, error: &Error) {
        self.say(&Fact::Wrong { call: call.to_owned(), why: error.to_string() });
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(super) fn turned(&self, transitions: &[Transition]) {
        for t in transitions.iter().filter(|t| t.event.is_some()) {
            let turn = match t.kind {
                TransitionKind::Entered => Turn::Entered,
                TransitionKind::Dwelt => Turn::Dwelt,
                TransitionKind::Left => Turn::Left,
                TransitionKind::Passed => Turn::Passed,
            };
            self.say(&Fact::Turned { visit: t.visit, turn, era: self.era.load(Ordering::Acquire) });
        }
    }

    /// One thread's load: bursts with pauses between them; the last thread waits for each commit.
    fn track(&self, thread: u8) {
        let (mut n, mut burst) = (0, 0);
        let durable = thread + 1 == THREADS;
        while !self.is_stopped() {
            let roll = self.dice.roll(&format!("burst-{thread}"), burst);
            burst += 1;
            let calls = match roll % 40 {
                0 if !durable => 400,
                _ if durable => 1 + roll % 4,
                _ => 1 + roll % 30,
            };
            for _ in 0..calls {
                n += 1;
                let era = self.era.load(Ordering::Acquire);
                let event = Engagement::Saved { offer: token(self.life, thread, n) };
                let tracked =
                    if durable { block_on(self.patron.track_durable(&event)) } else { self.patron.track(&event) };
                let outcome = match tracked {
                    Ok(Tracked::Recorded | Tracked::NotYetDurable) => Outcome::Recorded,
                    Ok(Tracked::NotPermitted) => Outcome::NotPermitted,
                    Ok(Tracked::Busy) => Outcome::Busy,
                    Err(error) => return self.wrong("track", &error),
                };
                self.say(&Fact::Tracked { thread, n, outcome, era });
            }
            std::thread::sleep(Duration::from_millis(15 + roll / 64 % 90));
        }
    }

    /// Until nothing waits any more, or the patience of [`LAST_DRAIN`] is over.
    fn deliver(&self) {
        let begun = std::time::Instant::now();
        let _ = self.patron.set_online(true);
        while !self.drain(Duration::from_secs(3_600), None) && begun.elapsed() < LAST_DRAIN {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.account();
    }

    /// Answers whether all went.
    pub(super) fn drain(&self, deadline: Duration, bytes: Option<u64>) -> bool {
        self.say(&Fact::Draining);
        match block_on(self.patron.drain(deadline, bytes)) {
            Ok(drained) => {
                self.say(&Fact::Drained { done: drained.done });
                drained.done
            }
            Err(error) => {
                self.wrong("drain", &error);
                false
            }
        }
    }

    pub(super) fn account(&self) {
        match block_on(self.patron.diagnostics()) {
            Ok(diagnostics) => {
                let a = diagnostics.account;
                self.say(&Fact::Account {
                    accepted: a.accepted,
                    delivered: a.delivered,
                    queued: a.queued,
                    dead: a.dead,
                    evicted: a.evicted,
                    purged: a.purged,
                });
            }
            Err(error) => self.wrong("diagnostics", &error),
        }
    }
}

/// Waits on this thread. What Patron returns needs no runtime.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            return done;
        }
        std::thread::park();
    }
}

/// Dwells come by time alone, and no call returns them.
struct Heard(Arc<Device>);

impl Listener for Heard {
    fn changed(&self, changes: &[Change]) {
        for change in changes {
            if let Change::Visit(transition) = change {
                self.0.turned(std::slice::from_ref(transition));
            }
        }
    }
}
