//! What the fuzz targets need of the inside: one device, taken step by step, and the checks that
//! an app meets only behind a file.
//!
//! Decides nothing. A device here is the engine that ships, on a clock that stands still and a
//! network that is whoever calls [`Device::answer`]. In no build that ships; `xtask/fuzz` calls it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::consent::{Engagement, PlainVault, Purpose, WithdrawPolicy};
use crate::diagnostics::Diagnostics;
use crate::engine::{Answer, Command, Effects, Engine, Opening};
use crate::error::Error;
use crate::event::Record;
use crate::ids::Ids;
use crate::log::Log;
use crate::place::FixInput;
use crate::store::ring::{Recovered, Ring};
use crate::sync::{Request, Response, Ticket, TransportError};

/// What [`crate::Patron::open`] says of `config` before it touches the disk.
///
/// # Errors
/// [`Error::InvalidInput`] naming the field.
pub fn check_config(config: &Config) -> Result<(), Error> {
    config.check()
}

/// One device: the engine, the ring before it, and what it has on the wire.
pub struct Device {
    engine: Engine,
    ring: Arc<Ring>,
    ids: Arc<Ids>,
    clock: ManualClock,
    in_flight: Option<(Ticket, Request)>,
}

impl Device {
    /// Opens the store in `folder` at `wall_ms`, the first moment of a boot, and lets it say what
    /// it wants to send. `ring` must be empty; a device that is dropped leaves it so.
    ///
    /// # Errors
    /// What the store says of its files.
    pub fn open(folder: &Path, ring: Arc<Ring>, wall_ms: i64) -> Result<Self, Error> {
        let clock = ManualClock::at(wall_ms);
        let ids = Arc::new(Ids::new(Some(wall_ms as u64)));
        let opening = Opening {
            config: Config::new(folder, "https://fuzz.invalid", "pk"),
            ring: Arc::clone(&ring),
            recovered: Recovered::default(),
            ids: Arc::clone(&ids),
            session: Uuid::nil(),
            log: Log::silent(),
            vault: PlainVault::shared(),
            vfs: None,
        };
        let engine = Engine::open(opening, clock.now())?;
        let mut device = Self { engine, ring, ids, clock, in_flight: None };
        device.tick();
        Ok(device)
    }

    /// Lets time pass, and the device do what is due.
    pub fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
        self.tick();
    }

    /// The shopper says yes.
    ///
    /// # Errors
    /// Those of [`crate::Patron::grant`].
    pub fn grant(&mut self, purpose: Purpose) -> Result<(), Error> {
        self.ask(|answer| Command::Decide { purposes: vec![purpose], yes: true, surface: None, answer }).map(drop)
    }

    /// The shopper says no.
    ///
    /// # Errors
    /// Those of [`crate::Patron::withdraw`].
    pub fn withdraw(&mut self, purpose: Purpose) -> Result<(), Error> {
        self.ask(|answer| Command::Withdraw { purpose, policy: WithdrawPolicy::Purge, surface: None, answer }).map(drop)
    }

    /// The shopper signs in, or has the token renewed: it is always the same one.
    ///
    /// # Errors
    /// Those of [`crate::Patron::identify_as`].
    pub fn identify(&mut self, token: &str) -> Result<(), Error> {
        self.ask(|answer| Command::Identify {
            token: token.to_owned(),
            account: Some("the shopper".to_owned()),
            answer,
        })
    }

    /// The shopper signs out.
    ///
    /// # Errors
    /// Those of [`crate::Patron::sign_out`].
    pub fn sign_out(&mut self) -> Result<(), Error> {
        self.ask(Command::SignOut).map(drop)
    }

    /// The platform reports a position.
    ///
    /// # Errors
    /// Those of [`crate::Patron::update_location`].
    pub fn locate(&mut self, latitude: f64, longitude: f64) -> Result<(), Error> {
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        self.ask(|answer| Command::Fix(fix, answer)).map(drop)
    }

    /// Records an event of `kind` where that is permitted, and has it committed; answers whether
    /// it was recorded.
    ///
    /// # Errors
    /// What the ring says, and what the store says to the commit.
    pub fn track(&mut self, kind: &str, data: &[u8]) -> Result<bool, Error> {
        let gate = self.ring.gate();
        let Some(permit) = gate.permit::<Engagement>() else { return Ok(false) };
        let now = self.clock.now();
        let record = Record::new(&permit, self.ids.v7(now), kind, None, now, Uuid::nil(), data.to_vec());
        self.ring.push(&record.encode())?;
        self.diagnostics()?;
        Ok(true)
    }

    /// What is on the wire.
    pub fn request(&self) -> Option<&Request> {
        self.in_flight.as_ref().map(|(_, request)| request)
    }

    /// The network answers what is on the wire.
    pub fn answer(&mut self, reply: Result<Response, TransportError>) {
        let Some((ticket, _)) = self.in_flight.take() else { return };
        let effects = self.engine.handle(Command::Returned(ticket, reply), self.clock.now());
        self.carry_out(effects);
    }

    /// Everything the device says of itself, after a commit of what was tracked.
    ///
    /// # Errors
    /// What the store says.
    pub fn diagnostics(&mut self) -> Result<Diagnostics, Error> {
        self.ask(Command::Diagnostics)
    }

    /// Folds the log into its file and gives free pages back, as an idle engine does.
    pub fn rest(&mut self) {
        // Bounded: each step of a vacuum gives pages back, and a file has no more than that.
        for _ in 0..64 {
            if !self.engine.tidy() {
                break;
            }
        }
    }

    fn tick(&mut self) {
        let effects = self.engine.tick(self.clock.now());
        self.carry_out(effects);
    }

    fn ask<T>(&mut self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, Error> {
        let (answer, mut answered) = oneshot::channel();
        let effects = self.engine.handle(command(answer), self.clock.now());
        self.carry_out(effects);
        answered.try_recv().unwrap_or(Err(Error::Busy))
    }

    fn carry_out(&mut self, effects: Effects) {
        if let Some(ticket) = effects.abort
            && self.in_flight.as_ref().is_some_and(|(flying, _)| *flying == ticket)
        {
            self.in_flight = None;
        }
        let _ = self.engine.snapshot();
        effects.answers.into_iter().for_each(|answer| answer());
        if effects.send.is_some() {
            self.in_flight = effects.send;
        }
    }
}

/// The next device finds the ring as this one did.
impl Drop for Device {
    fn drop(&mut self) {
        while let Some(taken) = self.ring.take(usize::MAX, usize::MAX, &mut |_| {}) {
            self.ring.release(taken);
        }
    }
}
