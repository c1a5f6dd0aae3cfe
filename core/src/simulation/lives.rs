//! How a device's processes end and begin: closed, killed, cut off in the middle of a write, with the
//! power or without; and how all ends well.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::backend::MAX_EVENTS;
use super::books::Standing;
use super::content::Outcome;
use super::device::{Device, Life, waits};
use super::disk::{Cut, Faults};
use super::network::Mood;
use super::{Broken, Held, broken, ensure, rules};
use crate::clock::Now;
use crate::config::Config;
use crate::engine::{Command, Engine, Opening};
use crate::ids::Ids;
use crate::log::Log;
use crate::store::ring::Ring;
use crate::sync::Network;

/// Deadlines that a healed device may need to deliver everything: bisecting takes a few each.
const PATIENCE: usize = 10_000;

/// A backend may ask each lane for a day's patience, and a halved batch grows again slowly.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 86_400);

impl Device {
    /// The process is to die at some write from now: like that, or with the power.
    pub(super) fn arm(&mut self, after: u64, halfway: bool, power: bool) {
        let (camera, photograph) = (self.mapped.camera(), Arc::clone(&self.photograph));
        self.cut_is_power = power;
        self.disk.arm(Cut {
            after,
            halfway,
            hook: Box::new(move || *photograph.lock().unwrap_or_else(PoisonError::into_inner) = Some(camera())),
        });
    }

    /// If the process died in the last step, the next one starts.
    pub(super) fn rise(&mut self) -> Held {
        if self.disk.is_dead() { self.crash(self.cut_is_power) } else { Ok(()) }
    }

    /// The process ends here: like that, or with the power.
    pub(super) fn crash(&mut self, power: bool) -> Held {
        self.end(power)?;
        self.boot()
    }

    fn end(&mut self, power: bool) -> Held {
        let photograph = self.photograph.lock().unwrap_or_else(PoisonError::into_inner).take();
        let taken = photograph.is_some();
        let ring = photograph.unwrap_or_else(|| self.mapped.camera()())?;
        self.look_at_ring(Some(&ring))?;
        self.disk.die();
        self.report.operations += 1;
        self.stop();
        if !power {
            self.report.kills += 1;
            self.note("killed");
            if taken {
                self.mapped.restore(&ring)?;
            }
            self.disk.restart();
            return Ok(());
        }
        let by_chance = self.rng.choice(&Outcome::ALL).copied().unwrap_or(Outcome::Vanished);
        let outcome = self.outcome.unwrap_or(by_chance);
        self.report.power_losses += 1;
        self.note(format!("power lost: {outcome:?}"));
        self.disk.lose_power(outcome);
        self.mapped.lose_power(&ring, &mut self.rng)?;
        self.books.power_lost();
        self.words.forget();
        self.pass(60_000);
        self.now = Now { mono_ms: 0, boot: Uuid::from_u128(self.rng.u128(..)), ..self.now };
        Ok(())
    }

    pub(super) fn stop(&mut self) {
        // What was open may end because its place is gone, and that is told to no one.
        if let Some(mut life) = self.life.take() {
            self.untold += life.engine.snapshot().visits.len() as u64;
        }
        self.network.hang_up();
        self.drains.clear();
        self.refreshes.clear();
    }

    /// Closes the store as a caller does, and opens it again.
    pub(super) fn reopen(&mut self) -> Held {
        self.note("closed");
        while !self.life()?.ring.is_empty() && self.import().is_ok() {
            if self.is_disk_unwell() {
                break;
            }
        }
        self.stop();
        if self.disk.is_dead() { self.crash(self.cut_is_power) } else { self.boot() }
    }

    /// Starts a process, and more of them until one lives; holds what it finds against the books.
    pub(super) fn boot(&mut self) -> Held {
        loop {
            self.lives += 1;
            match self.open()? {
                Some(life) => self.life = Some(life),
                None if self.disk.is_dead() => {
                    self.end(self.cut_is_power)?;
                    continue;
                }
                None => {
                    self.note("opening failed; the disk is well again");
                    self.disk.set_faults(Faults::default());
                    continue;
                }
            }
            let now = self.now;
            let effects = self.life()?.engine.tick(now);
            self.carry_out(effects)?;
            let found = if self.disk.is_dead() { None } else { self.diagnostics()? };
            if self.disk.is_dead() {
                self.end(self.cut_is_power)?;
                continue;
            }
            let Some(found) = found else {
                self.disk.set_faults(Faults::default());
                continue;
            };
            ensure(found.set_aside.is_empty(), || format!("found damaged: {:?}", found.set_aside))?;
            let snapshot = self.life()?.engine.snapshot();
            let signals = snapshot.terms.signals.clone();
            let stands = Standing::found(&snapshot.consents, found.account_alias.is_some(), signals);
            self.books.reopened(&found.account, stands, found.installation, self.untold)?;
            self.untold = 0;
            return Ok(());
        }
    }

    /// A new process on what the last one left; `None` when the disk would not have it.
    fn open(&mut self) -> Result<Option<Life>, Broken> {
        self.stop();
        let (ring, recovered) = match Ring::open(self.mapped.path()) {
            Ok(opened) => opened,
            Err(error) => return broken(format!("the ring does not open: {error}")),
        };
        ensure(recovered.foreign.is_none(), || "our own ring was taken for another's".to_owned())?;
        let ring = Arc::new(ring);
        self.ring = Some((Arc::clone(&ring), 0));
        let ids = Arc::new(Ids::new(Some(self.seed ^ (self.lives << 40))));
        let session = ids.v4();
        let mut config = Config::new(self.folder.path(), "https://model.invalid", "pk");
        config.max_events = self.max_events;
        let opening = Opening {
            config,
            ring: Arc::clone(&ring),
            recovered,
            ids: Arc::clone(&ids),
            session,
            log: Log::silent(),
            vault: crate::consent::PlainVault::shared(),
            vfs: Some(self.vfs.name()),
        };
        match Engine::open(opening, self.now) {
            Ok(engine) => Ok(Some(Life { engine, ring, ids, session })),
            Err(_) if self.is_disk_unwell() => Ok(None),
            Err(error) => broken(format!("the store does not open: {error}")),
        }
    }

    /// The kernel writes pages of the ring back when it likes.
    pub(super) fn write_back(&mut self) -> Held {
        Ok(self.mapped.write_back(&mut self.rng)?)
    }

    // -- the end --

    /// The world becomes kind: everything that is left must arrive.
    pub(super) fn heal(&mut self) -> Held {
        self.disk.set_faults(Faults::default());
        self.mood = Mood::Kind;
        self.backend.max_events = MAX_EVENTS;
        self.backend.puts_off = false;
        self.note("the world becomes kind");
        self.hand_over(Command::Network(Network::Unmetered))?;
        self.refresh()?;
        self.rise()?;
        self.settle()?;
        self.rise()?;
        // A cut that was armed and never reached is called off.
        self.disk.restart();
        let begun = self.now.mono_ms;
        for _ in 0..PATIENCE {
            if self.network.is_busy() {
                self.network_step()?;
                continue;
            }
            let Some(found) = self.diagnostics()? else { return broken("a healthy disk refuses") };
            let told = found.account_alias.is_none_or(|alias| self.backend.knows(&alias));
            // One that goes on anew is tied to no account until the shopper signs in again.
            let linked = found.account_alias.filter(|_| self.backend.is_linked(&found.installation));
            let agreed = rules::are_agreed(self, linked)?;
            let asked = found.pending_rights == 0;
            let all = found.account.queued == 0 && found.acknowledged_epoch == found.consent_epoch;
            let done = told && agreed && asked && all;
            if done && !self.network.is_busy() {
                let took = Duration::from_millis(self.now.mono_ms - begun);
                ensure(took < LONGEST_WAIT, || format!("all was delivered, after {took:?}"))?;
                self.refreshes.retain_mut(waits);
                ensure(self.refreshes.is_empty(), || "a refresh is never answered".to_owned())?;
                self.report.accepted = self.books.accepted();
                self.report.stored = self.backend.stored();
                self.heard.explains(found.clock_skew_ms, self.moment(), true)?;
                // One that sends nothing asks for nothing: it hears of a no with the first event that is refused.
                let has_heard = self.backend.heard_since.contains(&found.installation);
                self.brings_nothing_back(has_heard)?;
                let closed = self.books.close(&found, &self.backend, self.moment());
                return closed.map_err(|Broken(why)| Broken(format!("{why}; {:?}", found.losses)));
            }
            if !self.network.is_busy() {
                let now = self.now;
                let Some(due) = self.life()?.engine.deadline(now) else {
                    return broken(format!("nothing is due, and all is not delivered: {found:?}"));
                };
                self.wait((due - now.wall_ms).max(1) as u64)?;
            }
        }
        let found = self.diagnostics()?;
        broken(format!("no end of trying: {found:?}"))
    }
}
