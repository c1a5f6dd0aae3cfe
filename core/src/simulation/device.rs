//! One phone: what it is asked, what time and the network bring, and its account.
//!
//! Hands over to the engine as its thread does, carries out its effects in their order, and tells
//! the books what callers hear. What its user does is [`super::steps`]' to choose;
//! how its processes end and begin is in [`super::lives`].

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
use super::network::{Event, Mood, Network, Sending};
use super::time::{Heard, Moment};
use super::vfs::Vfs;
use super::{Broken, Held, Report, acts, broken, ensure};
use crate::clock::Now;
use crate::diagnostics::{Diagnostics, Drained};
use crate::engine::{Answer, Command, Effects, Engine};
use crate::error::Error;
use crate::ids::Ids;
use crate::observe::Change;
use crate::store::ring::Ring;
use crate::store::{Durability, MAIN_FILE, RING_FILE};
use crate::sync::Request;
use crate::sync::wire::{EVENTS_PATH, EventBatch};

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

    /// Notes what the ring has made durable since it was last looked at: as it is now, or as `died`
    /// shows it.
    pub(super) fn look_at_ring(&mut self, died: Option<&[u8]>) -> Held {
        let Some((ring, seen)) = &mut self.ring else { return Ok(()) };
        if std::mem::replace(seen, ring.syncs()) == *seen {
            return Ok(());
        }
        match died {
            Some(image) => self.mapped.synced(image),
            None => self.mapped.synced(&self.mapped.camera()()?),
        }
        Ok(())
    }

    pub(super) fn carry_out(&mut self, effects: Effects) -> Held {
        if !self.disk.is_dead() {
            self.look_at_ring(None)?;
        }
        let visits = (effects.changes.iter())
            .filter_map(|change| match change {
                Change::Visit(told) => told.event.map(|event| (event, told.by.purpose())),
                Change::Zone(told) => told.event.map(|event| (event, crate::consent::PurposeKind::Beacons)),
                _ => None,
            })
            .collect::<Vec<_>>();
        if self.disk.is_dead() {
            // It died before it could tell anyone.
            self.untold += visits.len() as u64 + effects.unsaid;
            return Ok(());
        }
        self.books.unsaid(effects.unsaid);
        if let Some(ticket) = effects.abort {
            self.network.abort(ticket);
        }
        let is_silent = self.publisher_forbids()?;
        let was_silent = std::mem::replace(&mut self.is_silent, is_silent);
        ensure(visits.is_empty() || !(was_silent && is_silent), || {
            "a visit was recorded against the publisher's word".to_owned()
        })?;
        effects.answers.into_iter().for_each(|answer| answer());
        for (visit, purpose) in visits {
            ensure(self.books.may_record(purpose), || format!("a visit was recorded without {purpose:?}"))?;
            self.books.visited(visit, purpose);
        }
        if self.life()?.ring.is_empty() {
            self.books.queued();
        }
        if let Some((ticket, request)) = effects.send {
            self.report.requests += 1;
            self.inspect(&request)?;
            let sending = Sending { request, at: self.moment() };
            ensure(self.network.send(ticket, sending), || "two requests are in flight".to_owned())?;
        }
        Ok(())
    }

    fn inspect(&mut self, request: &Request) -> Held {
        let packed = request.headers.iter().any(|(name, _)| name == "content-encoding");
        let body = if packed { zstd::decode_all(request.body.as_slice())? } else { request.body.clone() };
        self.journal.absorb(&body);
        let path = request.url.find("/v1/").map_or("", |at| &request.url[at..]);
        if path != EVENTS_PATH {
            self.note(format!("sends {path}"));
            return Ok(());
        }
        let batch: EventBatch = match serde_json::from_slice(&body) {
            Ok(batch) => batch,
            Err(error) => return broken(format!("a batch that does not read: {error}")),
        };
        let epoch = batch.events.iter().map(|event| event.consentepoch).max();
        self.note(format!("sends {} events of epoch {epoch:?} as {}", batch.events.len(), batch.installation));
        ensure(!batch.events.is_empty(), || "a batch of nothing".to_owned())?;
        self.books.sends(batch.batch, batch.installation, batch.events.iter().map(|event| event.id).collect())
    }

    // -- the account --

    /// What the store says; `None` when the disk refuses, or when the process died over it.
    pub(super) fn diagnostics(&mut self) -> Result<Option<Diagnostics>, Broken> {
        let answer = self.ask(Command::Diagnostics)?;
        match answer {
            Some(Ok(diagnostics)) => Ok(Some(diagnostics)),
            _ if self.is_disk_unwell() => Ok(None),
            other => broken(format!("no account: {other:?}")),
        }
    }

    /// Holds the account against the books.
    pub(super) fn settle(&mut self) -> Held {
        let Some(found) = self.diagnostics()? else { return Ok(()) };
        self.journal.absorb(format!("{:?}", found.account).as_bytes());
        self.books.balance(&found.account)?;
        self.books.installed_as(found.installation);
        self.heard.explains(found.clock_skew_ms, self.moment(), false)?;
        self.brings_nothing_back(false)?;
        if self.is_rid_of_offers && !self.is_disk_unwell() {
            // Nor by what the backend gives to see, however late that comes.
            ensure(!self.disk.holds(MAIN_FILE, acts::MARKER), || "what was purged is back in the database".to_owned())?;
        }
        let (sampled_out, _) = self.publisher_says()?;
        ensure(found.sampled_out == sampled_out, || format!("in the sample or not: {found:?}"))
    }

    /// Whether the publisher leaves this installation out of the sample, and whether Patron is switched off, by the
    /// catalogue that the device has.
    fn publisher_says(&mut self) -> Result<(bool, bool), Broken> {
        let snapshot = self.life()?.engine.snapshot();
        let Some(shown) = &snapshot.shown else { return Ok((false, false)) };
        // By the last 32 bits of its pseudonym an installation is in the sample for good, or out of it.
        let bucket = f64::from(snapshot.installation.as_u128() as u32);
        Ok((bucket >= shown.catalogue.sdk.sampling * 2_f64.powi(32), shown.catalogue.sdk.off))
    }

    /// Whether nothing may be recorded, whatever the shopper allows.
    pub(super) fn publisher_forbids(&mut self) -> Result<bool, Broken> {
        self.publisher_says().map(|(sampled_out, off)| sampled_out || off)
    }

    /// No byte of an event is left where it was queued: they were just purged.
    pub(super) fn is_clean_of(&self, marker: &[u8]) -> Held {
        if self.is_disk_unwell() {
            return Ok(());
        }
        ensure(!self.disk.holds(MAIN_FILE, marker), || "the database holds what was purged".to_owned())?;
        let ring = self.mapped.camera()()?;
        ensure(!ring.windows(marker.len()).any(|window| window == marker), || {
            "the ring holds what was purged".to_owned()
        })
    }

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
