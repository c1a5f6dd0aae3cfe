//! The whole device in one thread and from one seed: engine, store and ring are real, time and
//! network are not. A seed that fails prints what it did and replays it exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Command, Effects, Engine, Opening};
use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::consent::{self, Purpose};
use crate::error::Error;
use crate::event::{Engagement, Record};
use crate::ids::Ids;
use crate::log::Log;
use crate::place::FixInput;
use crate::store::RING_FILE;
use crate::store::ring::Ring;
use crate::sync::wire::{BatchReply, ConsentAck, ConsentReport, EventBatch, Verdict, VerdictKind};
use crate::sync::{Network, Request, Response, Ticket, TransportError};

const SEEDS: u64 = 150;
const STEPS: usize = 250;
const MONDAY: i64 = 1_795_420_800_000;

/// The town's market square, where its first places are.
const SQUARE: (f64, f64) = (60.1675, 24.9525);

type Reply = Result<Response, TransportError>;

/// What the backend holds, and what it must never see.
#[derive(Default)]
struct Backend {
    stored: BTreeSet<Uuid>,
    /// Per installation: the highest epoch held.
    epochs: BTreeMap<Uuid, u64>,
    /// Purposes that are withdrawn at this moment: none of theirs may arrive.
    forbidden: BTreeSet<crate::consent::PurposeKind>,
}

impl Backend {
    fn answer(&mut self, request: &Request) -> Response {
        let packed = request.headers.iter().any(|(name, _)| name == "content-encoding");
        let body = if packed { zstd::decode_all(request.body.as_slice()).unwrap() } else { request.body.clone() };
        let json = |value: &[u8]| Response { status: 200, headers: vec![], body: value.to_vec() };
        if request.url.ends_with("/catalogue") {
            return json(crate::sandbox::TOWN_JSON.as_bytes());
        }
        if request.url.ends_with("/identity") {
            return Response { status: 204, headers: vec![], body: vec![] };
        }
        if request.url.ends_with("/consent") {
            let report: ConsentReport = serde_json::from_slice(&body).unwrap();
            for decision in &report.decisions {
                assert!(["granted", "denied", "withdrawn"].contains(&decision.status.as_str()), "{decision:?}");
            }
            let held = self.epochs.entry(report.installation).or_default();
            *held = report.decisions.iter().map(|d| d.epoch).max().unwrap_or(0).max(*held);
            return json(&serde_json::to_vec(&ConsentAck { epoch: *held }).unwrap());
        }
        let batch: EventBatch = serde_json::from_slice(&body).unwrap();
        let held = self.epochs.get(&batch.installation).copied().unwrap_or(0);
        let verdicts = batch.events.iter().map(|event| {
            assert!(event.consentepoch <= held, "an event arrived before the consent it rests on");
            assert!(!self.forbidden.contains(&event.purpose), "an event arrived after its consent was withdrawn");
            let verdict = if self.stored.insert(event.id) { VerdictKind::Ok } else { VerdictKind::Duplicate };
            Verdict { id: event.id, verdict, reason: None }
        });
        let reply = BatchReply { batch: batch.batch, verdicts: verdicts.collect(), server_time: String::new() };
        json(&serde_json::to_vec(&reply).unwrap())
    }
}

/// One device and its world.
struct World {
    seed: u64,
    rng: fastrand::Rng,
    clock: ManualClock,
    folder: tempfile::TempDir,
    lives: u64,
    engine: Option<Engine>,
    ring: Arc<Ring>,
    ids: Arc<Ids>,
    backend: Backend,
    in_flight: Option<(Ticket, Request)>,
    healed: bool,
    /// Calls that answered "recorded", and visits that were told.
    accepted: u64,
    /// Events that a purge may have left at the backend.
    in_doubt: u64,
    log: String,
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(MONDAY);
        let (engine, ring, ids) = boot(folder.path(), seed, &clock);
        Self {
            seed,
            rng: fastrand::Rng::with_seed(seed),
            clock,
            folder,
            lives: 0,
            engine: Some(engine),
            ring,
            ids,
            backend: Backend::default(),
            in_flight: None,
            healed: false,
            accepted: 0,
            in_doubt: 0,
            log: String::new(),
        }
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    /// Hands a command over as the driver does, and answers it.
    fn ask<T: 'static>(&mut self, command: impl FnOnce(super::Answer<T>) -> Command) -> Result<T, Error> {
        let (answer, mut answered) = oneshot::channel();
        let now = self.clock.now();
        let effects = self.engine().handle(command(answer), now);
        self.carry_out(effects);
        // A drain or a refresh answers later, or never if the process dies.
        answered.try_recv().unwrap_or(Err(Error::Busy))
    }

    fn carry_out(&mut self, effects: Effects) {
        if let Some(ticket) = effects.abort
            && self.in_flight.as_ref().is_some_and(|(flying, _)| *flying == ticket)
        {
            self.in_flight = None;
        }
        effects.answers.into_iter().for_each(|answer| answer());
        if effects.send.is_some() {
            assert!(self.in_flight.is_none(), "two requests in flight");
            self.in_flight = effects.send;
        }
        let visits = effects
            .changes
            .iter()
            .filter(|change| matches!(change, crate::Change::Visit(transition) if transition.event.is_some()));
        self.accepted += visits.count() as u64;
    }

    /// The network does something with what is in flight.
    fn network(&mut self) {
        let Some((ticket, request)) = self.in_flight.clone() else { return };
        let lost = |why: &str| Reply::Err(TransportError::Network(why.into()));
        let fate = if self.healed { 9 } else { self.rng.u32(0..10) };
        let reply = match fate {
            0 => lost("refused"),
            1 => {
                let _ = self.backend.answer(&request);
                lost("reset")
            }
            2 => Ok(Response { status: 503, headers: vec![("retry-after".into(), "7".into())], body: vec![] }),
            3 => Ok(Response { status: 200, headers: vec![], body: b"<html>captive portal</html>".to_vec() }),
            // It arrived, and the answer is still on its way.
            4 => {
                let _ = self.backend.answer(&request);
                return;
            }
            5 => {
                let _ = self.backend.answer(&request);
                Ok(self.backend.answer(&request))
            }
            _ => Ok(self.backend.answer(&request)),
        };
        let _ = writeln!(self.log, "network: fate {fate}");
        self.in_flight = None;
        let now = self.clock.now();
        let effects = self.engine().handle(Command::Returned(ticket, reply), now);
        self.carry_out(effects);
    }

    fn track(&mut self) {
        let gate = self.engine().snapshot().gate;
        let Some(permit) = gate.permit::<consent::Engagement>() else { return };
        let now = self.clock.now();
        let event = if self.rng.u32(0..20) == 0 {
            Engagement::Dismissed { offer: "offer".into() }
        } else {
            Engagement::Saved { offer: format!("offer-{}", self.rng.u32(..)) }
        };
        let data = event.to_json().unwrap();
        let record = Record::new(&permit, self.ids.v7(now), event.type_name(), None, now, Uuid::nil(), data);
        if self.ring.push(&record.encode()).is_ok() {
            self.accepted += 1;
        }
    }

    fn import(&mut self) {
        let mut effects = Effects::default();
        self.engine().import(&mut effects).unwrap();
        let now = self.clock.now();
        self.engine().plan(now, &mut effects);
        self.carry_out(effects);
    }

    /// The process dies between two steps, and the next one opens the same folder.
    fn kill(&mut self) {
        let _ = writeln!(self.log, "kill");
        self.engine = None;
        self.in_flight = None;
        self.lives += 1;
        let (engine, ring, ids) = boot(self.folder.path(), self.seed ^ (self.lives << 32), &self.clock);
        (self.engine, self.ring, self.ids) = (Some(engine), ring, ids);
        let mut effects = Effects::default();
        let now = self.clock.now();
        self.engine().plan(now, &mut effects);
        self.carry_out(effects);
    }

    fn withdraw(&mut self, purpose: Purpose) {
        let kind = purpose.kind();
        let gone = self.ask(|answer| Command::Withdraw(purpose, answer)).unwrap();
        self.in_doubt += gone.in_doubt;
        self.backend.forbidden.insert(kind);
    }

    fn grant(&mut self, purpose: Purpose) {
        self.backend.forbidden.remove(&purpose.kind());
        self.ask(|answer| Command::Grant(vec![purpose], answer)).unwrap();
    }

    fn walk(&mut self) {
        let near = |rng: &mut fastrand::Rng, centre: f64| centre + (rng.f64() - 0.5) * 0.004;
        let (latitude, longitude) = (near(&mut self.rng, SQUARE.0), near(&mut self.rng, SQUARE.1));
        for _ in 0..4 {
            self.clock.advance(Duration::from_secs(10));
            let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
            let _ = self.ask(|answer| Command::Fix(fix, answer));
        }
    }

    fn step(&mut self) {
        let choice = self.rng.u32(0..100);
        let _ = writeln!(self.log, "step {choice}");
        match choice {
            0..35 => self.track(),
            35..50 => self.import(),
            50..70 => self.network(),
            70..76 => self.walk(),
            76..82 => {
                self.clock.advance(Duration::from_secs(self.rng.u64(1..400)));
                let now = self.clock.now();
                let effects = self.engine().tick(now);
                self.carry_out(effects);
            }
            82..85 => self.grant(Purpose::Engagement),
            85..87 => self.grant(Purpose::PreciseLocation),
            87..89 => self.withdraw(Purpose::Engagement),
            89..90 => self.withdraw(Purpose::PreciseLocation),
            90..93 => {
                let online = self.rng.bool();
                let now = self.clock.now();
                let effects = self
                    .engine()
                    .handle(Command::Network(if online { Network::Unmetered } else { Network::Offline }), now);
                self.carry_out(effects);
            }
            93..94 => drop(self.ask(|answer| Command::Identify("token".into(), answer))),
            94..95 => {
                let gone = self.ask(Command::SignOut).unwrap();
                self.in_doubt += gone.in_doubt;
            }
            95..97 => drop(self.ask(Command::Refresh)),
            _ => self.kill(),
        }
        if self.rng.u32(0..8) == 0 {
            self.settle_account();
        }
    }

    fn settle_account(&mut self) {
        while !self.ring.is_empty() {
            self.import();
        }
        let account = self.engine().store.account().unwrap();
        assert!(account.balances(), "{account:?}");
        assert_eq!(account.accepted, self.accepted, "what callers were told, and what the store says");
    }

    /// The world becomes kind: everything that is left must arrive, once.
    fn heal(&mut self) {
        self.healed = true;
        let now = self.clock.now();
        let effects = self.engine().handle(Command::Network(Network::Unmetered), now);
        self.carry_out(effects);
        self.settle_account();
        for _ in 0..500 {
            self.network();
            self.clock.advance(Duration::from_secs(60));
            let now = self.clock.now();
            let effects = self.engine().tick(now);
            self.carry_out(effects);
        }
        self.settle_account();
        let account = self.engine().store.account().unwrap();
        assert_eq!((account.queued, account.dead, account.evicted), (0, 0, 0));
        let stored = self.backend.stored.len() as u64;
        assert!(
            (account.delivered..=account.delivered + self.in_doubt).contains(&stored),
            "delivered {}, in doubt {}, stored {stored}",
            account.delivered,
            self.in_doubt
        );
    }
}

fn boot(folder: &Path, seed: u64, clock: &ManualClock) -> (Engine, Arc<Ring>, Arc<Ids>) {
    let (ring, recovered) = Ring::open(&folder.join(RING_FILE)).unwrap();
    let (ring, ids) = (Arc::new(ring), Arc::new(Ids::new(Some(seed))));
    let config = Config::new(folder, "https://model.invalid", "pk");
    let opening = Opening {
        config,
        ring: Arc::clone(&ring),
        recovered,
        ids: Arc::clone(&ids),
        session: ids.v4(),
        log: Log::silent(),
        vfs: None,
    };
    let engine = Engine::open(opening, clock.now());
    (engine.unwrap(), ring, ids)
}

#[test]
fn nothing_is_lost_sent_twice_or_sent_without_consent_whatever_happens() {
    let only = std::env::var("PATRON_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..SEEDS, |seed| seed..seed + 1);
    for seed in seeds {
        let mut world = World::new(seed);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..STEPS).for_each(|_| world.step());
            world.heal();
        }));
        if let Err(panic) = outcome {
            eprintln!("{}\nseed {seed} failed; PATRON_SEED={seed} replays it", world.log);
            std::panic::resume_unwind(panic);
        }
    }
}
