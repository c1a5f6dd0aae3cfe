//! One phone: what it is asked, and what time and the network bring.
//!
//! Hands over to the engine as its thread does. What the engine asks for is done in [`super::effects`], what the store
//! says of itself is looked at in [`super::audit`]. What its user does is [`super::steps`]' to choose; how its processes
//! end and begin is in [`super::lives`].

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::backend::Backend;
use super::books::Books;
use super::content::Outcome;
use super::copies::Backup;
use super::disk::{Disk, Faults};
use super::folder::Folder;
use super::journal::Journal;
use super::mapped::Mapped;
#[cfg(test)]
use super::network::Reply;
use super::network::{Event, Mood, Network};
use super::time::{Heard, Moment};
use super::vfs::Vfs;
use super::{Broken, Held, Report, broken, ensure};
use crate::clock::Now;
use crate::diagnostics::Drained;
use crate::engine::{Answer, Command, Effects, Engine};
use crate::error::Error;
use crate::ids::Ids;
use crate::store::ring::Ring;
use crate::store::{Durability, RING_FILE};

/// A Monday in November 2026.
const MONDAY: i64 = 1_795_420_800_000;

/// A photograph of the ring's file at the moment a process died.
pub(super) type Photograph = Arc<Mutex<Option<io::Result<Vec<u8>>>>>;

/// A running process.
pub(super) struct Life {
    pub(super) engine: Engine,
    pub(super) ring: Arc<Ring>,
    pub(super) ids: Arc<Ids>,
    pub(super) session: Uuid,
}

/// One device and its world.
pub(super) struct Device {
    pub(super) rng: fastrand::Rng,
    pub(super) now: Now,
    pub(super) books: Books,
    /// What it was told of the time.
    pub(super) heard: Heard,
    /// The publisher lets nothing be recorded, as of the last step.
    pub(super) is_silent: bool,
    /// What names an offer was purged, and nothing that does was recorded since.
    pub(super) is_rid_of_offers: bool,
    pub(super) backup: Option<Backup>,
    pub(super) words: super::rules::Words,
    pub(super) backend: Backend,
    pub(super) network: Network,
    pub(super) mood: Mood,
    pub(super) journal: Journal,
    /// The queue's quota.
    pub(super) max_events: u64,
    /// What a power loss leaves; `None`: as chance has it.
    pub(super) outcome: Option<Outcome>,
    pub(super) life: Option<Life>,
    pub(super) disk: Arc<Disk>,
    // Behind `life`: its connections are closed before it.
    pub(super) vfs: Vfs,
    pub(super) mapped: Mapped,
    /// The ring that was opened last, and how often it had waited for the disk when that was looked at.
    pub(super) ring: Option<(Arc<Ring>, u64)>,
    pub(super) folder: Folder,
    pub(super) seed: u64,
    pub(super) lives: u64,
    pub(super) photograph: Photograph,
    /// What the cut that is armed is: a power loss, or a kill.
    pub(super) cut_is_power: bool,
    /// Visits that may have been recorded by a process that could tell no one.
    pub(super) untold: u64,
    pub(super) drains: Vec<(Now, oneshot::Receiver<Result<Drained, Error>>)>,
    pub(super) refreshes: Vec<oneshot::Receiver<Result<(), Error>>>,
    pub(super) report: Report,
}

impl Device {
    /// A device that was never started: [`Device::boot`] does.
    pub(super) fn new(seed: u64) -> Result<Self, Broken> {
        let folder = Folder::make()?;
        let mut backend = Backend::new();
        backend.clock.truth_ms = MONDAY;
        let disk = Arc::new(Disk::new(seed ^ 0xD15C));
        Ok(Self {
            rng: fastrand::Rng::with_seed(seed),
            now: Now { wall_ms: MONDAY, mono_ms: 0, boot: Uuid::from_u128(1) },
            books: Books::default(),
            heard: Heard::default(),
            is_silent: false,
            is_rid_of_offers: false,
            backup: None,
            words: super::rules::Words::default(),
            backend,
            network: Network::default(),
            mood: Mood::Hostile,
            journal: Journal::default(),
            max_events: crate::DEFAULT_MAX_EVENTS,
            outcome: None,
            life: None,
            vfs: Vfs::register(&disk).map_err(Broken)?,
            disk,
            mapped: Mapped::new(folder.path().join(RING_FILE)),
            ring: None,
            folder,
            seed,
            lives: 0,
            photograph: Photograph::default(),
            cut_is_power: false,
            untold: 0,
            drains: Vec::new(),
            refreshes: Vec::new(),
            report: Report::default(),
        })
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether a call may be refused for the disk's sake.
    pub(super) fn is_disk_unwell(&self) -> bool {
        self.disk.is_dead() || self.disk.faults() != Faults::default()
    }

    pub(super) fn note(&mut self, line: impl Into<String>) {
        let line = format!("{:>9} s  {}", self.now.mono_ms / 1_000, line.into());
        self.journal.note(line);
    }

    /// This moment.
    pub(super) fn moment(&self) -> Moment {
        Moment { now: self.now, truth_ms: self.backend.clock.truth_ms }
    }

    /// Time passes by every clock, and the engine hears of it with the next call.
    pub(super) fn pass(&mut self, ms: u64) {
        self.now.wall_ms += ms as i64;
        self.now.mono_ms += ms;
        self.backend.clock.truth_ms += ms as i64;
    }

    // -- calls --

    pub(super) fn life(&mut self) -> Result<&mut Life, Broken> {
        self.life.as_mut().map_or_else(|| broken("there is no process"), Ok)
    }

    /// Hands a command over as the handle does. `None` without an answer: it comes later, or the
    /// process died.
    pub(super) fn ask<T>(
        &mut self,
        command: impl FnOnce(Answer<T>) -> Command,
    ) -> Result<Option<Result<T, Error>>, Broken> {
        let (answer, mut answered) = oneshot::channel();
        self.hand_over(command(answer))?;
        Ok(answered.try_recv().ok())
    }

    pub(super) fn hand_over(&mut self, command: Command) -> Held {
        let now = self.now;
        self.report.operations += 1;
        let effects = self.life()?.engine.handle(command, now);
        self.carry_out(effects)
    }

    /// What the engine's thread does when it finds nothing else to do: answers who waits for a commit.
    pub(super) fn flush(&mut self, full: bool) -> Result<Option<Result<(), Error>>, Broken> {
        let (answer, mut answered) = oneshot::channel();
        let durability = if full { Durability::Full } else { Durability::Normal };
        self.hand_over(Command::Flush { durability, answer })?;
        let mut effects = Effects::default();
        self.life()?.engine.commit_for_all(&mut effects);
        self.carry_out(effects)?;
        while self.life()?.engine.tidy() {}
        Ok(answered.try_recv().ok())
    }

    pub(super) fn drain(&mut self, deadline: Duration, max_bytes: Option<u64>) -> Held {
        let (answer, answered) = oneshot::channel();
        let until = Now { mono_ms: self.now.mono_ms + deadline.as_millis() as u64, ..self.now };
        self.drains.push((until, answered));
        self.hand_over(Command::Drain { deadline, max_bytes, answer })
    }

    pub(super) fn refresh(&mut self) -> Held {
        let (answer, answered) = oneshot::channel();
        self.refreshes.push(answered);
        self.hand_over(Command::Refresh(answer))
    }

    /// Pushes into the ring through `call`, as the handle does on its caller's thread.
    pub(super) fn push(&mut self, call: impl FnOnce(&Ring, &Ids, Uuid, Now) -> Option<usize>) -> Held {
        let now = self.now;
        self.report.operations += 1;
        let life = self.life()?;
        let pushed = call(&life.ring, &life.ids, life.session, now);
        self.mapped.pushed(pushed.unwrap_or(0));
        Ok(())
    }

    /// Moves one group from the ring to the queue.
    pub(super) fn import(&mut self) -> Held {
        let now = self.now;
        self.report.operations += 1;
        let engine = &mut self.life()?.engine;
        let mut effects = Effects::default();
        // A disk that refuses leaves the events where they are.
        match engine.import(&mut effects) {
            Ok(_) => engine.plan(now, &mut effects),
            Err(error) => ensure(self.is_disk_unwell(), || format!("the ring does not empty: {error}"))?,
        }
        self.carry_out(effects)
    }

    /// Lets time pass, and the engine do what came due.
    pub(super) fn wait(&mut self, ms: u64) -> Held {
        self.pass(ms);
        self.report.operations += 1;
        let now = self.now;
        let effects = self.life()?.engine.tick(now);
        self.carry_out(effects)?;
        if self.disk.is_dead() {
            return Ok(());
        }
        self.drains.retain_mut(|(_, answered)| waits(answered));
        let late = self.drains.iter().any(|(until, _)| until.mono_ms < now.mono_ms);
        ensure(!late, || "a drain outlives its deadline".to_owned())
    }

    /// Lets the network do one thing.
    pub(super) fn network_step(&mut self) -> Held {
        let event = self.network.step(self.mood, self.now.wall_ms, &mut self.backend, &mut self.rng)?;
        self.hear(event)
    }

    /// What is under way arrives, and its answer is lost.
    #[cfg(test)]
    pub(super) fn lose_answer(&mut self) -> Held {
        match self.network.lose_answer(&mut self.backend)? {
            Some(event) => self.hear(event),
            None => broken("nothing is under way"),
        }
    }

    /// What is under way is answered like that, by no one who has read it.
    #[cfg(test)]
    pub(super) fn answer(&mut self, reply: Reply) -> Held {
        let event = self.network.answer(reply);
        self.hear(event)
    }

    fn hear(&mut self, event: Event) -> Held {
        if !event.fate.is_empty() {
            self.note(format!("network: {}, {} events", event.fate, event.arrived.len()));
        }
        self.books.arrived(&event.arrived, event.fresh)?;
        if event.timed_out {
            self.wait(30_000)?;
        }
        match event.reply {
            Some((ticket, reply)) if !self.disk.is_dead() => {
                if let Ok(response) = &reply {
                    let (at, is_certain) = (self.moment(), self.mood == Mood::Kind);
                    self.heard.hear(&response.body, at, is_certain);
                }
                self.hand_over(Command::Returned(ticket, reply))
            }
            _ => Ok(()),
        }
    }

    // -- the end --

    pub(super) fn report(mut self) -> Report {
        self.report.trace = self.journal.trace();
        self.report.disk_faults = self.disk.failed();
        std::mem::take(&mut self.report)
    }

    pub(super) fn into_log(self) -> Vec<String> {
        self.journal.lines()
    }
}

/// Whether the answer is still to come.
pub(super) fn waits<T>(answered: &mut oneshot::Receiver<T>) -> bool {
    matches!(answered.try_recv(), Err(oneshot::error::TryRecvError::Empty))
}
