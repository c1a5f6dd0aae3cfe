//! The engine's thread: waits, steps, carries out effects. Nothing is decided here.

use std::sync::atomic::{AtomicBool, AtomicU16, Ordering, fence};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use uuid::Uuid;

use super::{Command, Effects, Engine, Opening, Snapshot};
use crate::clock::Clock;
use crate::config::{Config, Edges};
use crate::consent::PurposeKind;
use crate::error::Error;
use crate::ids::Ids;
use crate::log::{Level, Log};
use crate::observe::{Change, Listeners};
use crate::origin::Origin;
use crate::store::Lock;
use crate::store::ring::{Recovered, Ring};
use crate::sync::Courier;

/// More waiting than this is a caller in a loop; it gets [`Error::Busy`].
const CHANNEL: usize = 1_024;

/// While events keep coming the engine looks for them at this pace instead of being woken by each:
/// a wake-up costs the caller 2 µs, and what is in the ring is safe already.
const POLL: Duration = Duration::from_millis(2);

/// How long after the last event it goes on looking before it sleeps for good.
const LINGER: Duration = Duration::from_millis(10);

/// A disk that refused a write is asked again after this. What is in the ring is safe meanwhile.
const DISK_REST: Duration = Duration::from_secs(1);

/// What the callers' threads and the engine's share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Log,
    pub(crate) ring: Arc<Ring>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) listeners: Arc<Listeners>,
    origin: Origin,
    /// Which refusals the log has: a bit for each purpose of each kind.
    refused: [AtomicU16; 2],
    closed: AtomicBool,
    idle: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Why an event was refused at the door.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// Nobody allows it.
    NotPermitted,
    /// The hand-over is full.
    Busy,
}

impl Shared {
    /// Says in the log that events of `purpose` are refused, once for each reason: an app that never asked for consent
    /// is to see why nothing comes, and one that tracks on and on is not to fill its log with it.
    pub(crate) fn tell_refusal(&self, refusal: Refusal, purpose: PurposeKind) {
        let (told, bit) = (&self.refused[refusal as usize], 1 << purpose as u8);
        if told.load(Ordering::Relaxed) & bit != 0 || told.fetch_or(bit, Ordering::Relaxed) & bit != 0 {
            return;
        }
        self.log.line(Level::Warn, || {
            let why = match refusal {
                Refusal::NotPermitted => "there is no consent, or the publisher has switched recording off",
                Refusal::Busy => "more was handed over than the queue has taken yet; see the diagnostics",
            };
            format!("track: an event of {} is not recorded: {why}. The next ones are not told", purpose.as_str())
        });
    }

    /// Wakes the engine if it sleeps; `urgent` even if it polls.
    pub(crate) fn nudge(&self, urgent: bool) {
        // The push must be visible before the flag is read: the engine sets the flag first and
        // looks into the ring after, so one of the two sees the other.
        fence(Ordering::SeqCst);
        if (urgent || (self.idle.load(Ordering::Relaxed) && self.idle.swap(false, Ordering::AcqRel)))
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    /// Also in a child that was forked from the process of this handle.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.is_foreign()
    }

    /// Whether this is such a child: no lock may be taken here, no thread be waited for.
    pub(crate) fn is_foreign(&self) -> bool {
        !self.origin.is_here()
    }
}

/// The running engine, from the outside.
pub(crate) struct Driver {
    commands: Mutex<Option<SyncSender<Command>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Driver {
    /// Starts the thread; the database opens on it.
    pub(crate) fn start(
        config: Config,
        edges: Edges,
        lock: Lock,
        ring: Ring,
        recovered: Recovered,
    ) -> Result<(Self, Arc<Shared>), Error> {
        let (commands, inbox) = sync_channel(CHANNEL);
        let ids = Arc::new(Ids::new(edges.seed));
        let session = ids.v7(edges.clock.now());
        let shared = Arc::new(Shared {
            clock: Arc::clone(&edges.clock),
            log: edges.log.clone(),
            snapshot: ArcSwap::from_pointee(Snapshot::opening(ring.gate(), session, &config.consent_catalogue)),
            ring: Arc::new(ring),
            ids,
            listeners: Arc::default(),
            origin: Origin::here(),
            refused: Default::default(),
            closed: AtomicBool::new(false),
            idle: AtomicBool::new(false),
            thread: OnceLock::new(),
            config,
        });
        let thread = edges.threads.clone().spawn("patron-engine", {
            let shared = Arc::clone(&shared);
            move || {
                // Held until the thread ends: whoever opens next finds the store at rest.
                let _lock = lock;
                let _last = Last(Arc::clone(&shared));
                run(&shared, &edges, &inbox, recovered, session);
            }
        })?;
        let _ = shared.thread.set(thread.thread().clone());
        Ok((Self { commands: Mutex::new(Some(commands)), thread: Mutex::new(Some(thread)) }, shared))
    }

    /// Hands `command` over; never waits.
    pub(crate) fn send(&self, shared: &Shared, command: Command) -> Result<(), Error> {
        if shared.is_closed() {
            return Err(Error::Closed);
        }
        let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(commands) = commands.as_ref().filter(|_| !shared.is_closed()) else { return Err(Error::Closed) };
        commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Closed,
        })?;
        shared.nudge(true);
        Ok(())
    }

    /// Stops the thread and waits for it: what was handed over is stored. Idempotent.
    pub(crate) fn stop(&self, shared: &Shared) {
        shared.closed.store(true, Ordering::Release);
        if shared.is_foreign() {
            return;
        }
        // A call that passed the check above it ends before this returns; none pushes after it, so
        // the next handle on the file has it alone.
        shared.ring.seal();
        drop(self.commands.lock().unwrap_or_else(PoisonError::into_inner).take());
        shared.nudge(true);
        if shared.thread.get().is_some_and(|engine| engine.id() == std::thread::current().id()) {
            // A listener closed the handle from its own call: the loop ends after it.
            return;
        }
        // Held while waiting: whoever closes as well returns when it is done, and not before.
        let mut running = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = running.take() {
            let _ = thread.join();
        }
        drop(running);
        shared.listeners.clear();
    }
}

/// However the engine's thread ends, by a panic too: nobody pushes into the ring behind it, where it
/// would meet the handle that comes next.
struct Last(Arc<Shared>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.ring.seal();
    }
}

fn run(shared: &Arc<Shared>, edges: &Edges, inbox: &Receiver<Command>, recovered: Recovered, session: Uuid) {
    let now = shared.clock.now();
    let opening = Opening {
        config: shared.config.clone(),
        ring: Arc::clone(&shared.ring),
        recovered,
        ids: Arc::clone(&shared.ids),
        session,
        log: shared.log.clone(),
        vault: Arc::clone(&edges.vault),
        vfs: None,
    };
    let mut engine = match Engine::open(opening, now) {
        Ok(engine) => engine,
        Err(error) => return refuse_all(shared, inbox, &error.into()),
    };
    shared.snapshot.store(engine.snapshot());
    // Whoever subscribed before the database was open has read the picture of an empty store.
    shared.listeners.tell(&[Change::Consent, Change::Offers, Change::Sync]);
    // A lane of its own: a reply must not be lost because callers have filled theirs. At most one
    // request of sync and one for a picture are in flight, so it never holds more than a few.
    let (back, replies) = std::sync::mpsc::channel();
    let ring = Arc::clone(&shared.ring);
    let epoch = Box::new(move || ring.gate().epoch());
    let courier = Courier::start(&edges.threads, Arc::clone(&edges.transport), shared.log.clone(), epoch, {
        let shared = Arc::downgrade(shared);
        Box::new(move |ticket, result| {
            // A closed handle needs no reply: the batch is sent again by the next one.
            let _ = back.send(Command::Returned(ticket, result));
            if let Some(shared) = shared.upgrade() {
                shared.nudge(true);
            }
        })
    });
    let courier = match courier {
        Ok(courier) => courier,
        Err(error) => return refuse_all(shared, inbox, &error),
    };
    let mut last_event = Instant::now();
    let mut disk_rest: Option<Instant> = None;
    engine.set_heard(shared.listeners.takes_notices());
    let first = engine.tick(shared.clock.now());
    carry_out(&mut engine, shared, &courier, first);
    while !shared.is_closed() {
        let mut busy = false;
        while let Ok(command) = replies.try_recv().or_else(|_| inbox.try_recv()) {
            busy = true;
            engine.set_heard(shared.listeners.takes_notices());
            let effects = engine.handle(command, shared.clock.now());
            carry_out(&mut engine, shared, &courier, effects);
        }
        let mut committed = Effects::default();
        engine.commit_for_all(&mut committed);
        carry_out(&mut engine, shared, &courier, committed);
        // What ran out meanwhile is no longer taken in, also where nobody asks for anything else.
        let now = shared.clock.now();
        if engine.runs_out(now) {
            let effects = engine.tick(now);
            carry_out(&mut engine, shared, &courier, effects);
        }
        if disk_rest.is_none_or(|until| Instant::now() >= until) {
            match take_events(&mut engine, shared, &courier) {
                Taking::Nothing => disk_rest = None,
                Taking::Some => {
                    disk_rest = None;
                    busy = true;
                    last_event = Instant::now();
                }
                Taking::Failed => disk_rest = Some(Instant::now() + DISK_REST),
            }
        }
        let now = shared.clock.now();
        engine.set_heard(shared.listeners.takes_notices());
        let due = engine.deadline(now);
        if due.is_some_and(|due| due <= now.wall_ms) && disk_rest.is_none() {
            let effects = engine.tick(now);
            carry_out(&mut engine, shared, &courier, effects);
            if engine.deadline(now).is_some_and(|due| due <= now.wall_ms) {
                // What was due could not be written and is due still.
                disk_rest = Some(Instant::now() + DISK_REST);
            }
        }
        if busy || engine.tidy() {
            continue;
        }
        if last_event.elapsed() < LINGER {
            std::thread::park_timeout(POLL);
            continue;
        }
        shared.idle.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let rest = disk_rest.map(|until| until.saturating_duration_since(Instant::now()));
        if shared.ring.is_empty() || rest.is_some() {
            let until_due = due.and_then(|due| shared.clock.sleep_until(due));
            match rest.or(until_due) {
                Some(wait) => std::thread::park_timeout(wait.max(Duration::from_millis(1))),
                None => std::thread::park(),
            }
        }
        shared.idle.store(false, Ordering::SeqCst);
    }
    // Closing is no reason to lose what was handed over.
    while take_events(&mut engine, shared, &courier) == Taking::Some {}
    let mut committed = Effects::default();
    engine.commit_for_all(&mut committed);
    carry_out(&mut engine, shared, &courier, committed);
    drop(courier);
    inbox.try_iter().for_each(|command| command.refuse(Error::Closed));
}

/// What became of an attempt to empty the ring.
#[derive(PartialEq, Eq)]
enum Taking {
    Nothing,
    Some,
    Failed,
}

fn take_events(engine: &mut Engine, shared: &Arc<Shared>, courier: &Courier) -> Taking {
    let mut effects = Effects::default();
    match engine.import(&mut effects) {
        Ok(false) => Taking::Nothing,
        Ok(true) => {
            let now = shared.clock.now();
            engine.plan(now, &mut effects);
            carry_out(engine, shared, courier, effects);
            Taking::Some
        }
        Err(error) => {
            // The ring keeps them, and they go when the disk has room again.
            shared.log.line(Level::Error, || format!("queue: {error}"));
            Taking::Failed
        }
    }
}

/// In the order that the effects promise: nothing is answered before a broken-off request is
/// gone, and readers see the new picture before a caller hears that it is done.
fn carry_out(engine: &mut Engine, shared: &Shared, courier: &Courier, effects: Effects) {
    if let Some(ticket) = effects.abort {
        courier.abort(ticket).wait();
    }
    if let Some(ticket) = effects.abort_fetch {
        courier.abort(ticket).wait();
    }
    let snapshot = engine.snapshot();
    if !Arc::ptr_eq(&snapshot, &shared.snapshot.load()) {
        shared.snapshot.store(snapshot);
    }
    #[cfg(test)]
    if !effects.answers.is_empty() {
        crate::stop::behind(crate::stop::Step::Unanswered);
    }
    effects.answers.into_iter().for_each(|answer| answer());
    if let Some((ticket, request)) = effects.send {
        courier.send(ticket, request, effects.rests_on);
    }
    if let Some((ticket, request, rests_on)) = effects.fetch {
        courier.send(ticket, request, rests_on);
    }
    shared.listeners.tell(&effects.changes);
}

/// The store did not open: every call says so until the handle is closed.
fn refuse_all(shared: &Shared, inbox: &Receiver<Command>, error: &Error) {
    shared.log.line(Level::Error, || format!("open: {error}"));
    let failed = Snapshot { failure: Some(error.clone()), ..Snapshot::clone(&shared.snapshot.load()) };
    shared.snapshot.store(Arc::new(failed));
    // Asleep between calls: closing the handle lets go of the other end.
    while let Ok(command) = inbox.recv() {
        command.refuse(error.clone());
    }
}
