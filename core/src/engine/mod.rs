//! Owns the store and takes every step: one command, one import, one deadline at a time.
//!
//! [`Engine`] is a step function: what happens depends on its state, the command and the time
//! passed in. It never sleeps, reads no clock and touches no network; what must happen outside
//! comes back as [`Effects`], and [`driver`] carries them out. The simulator drives the same
//! steps. Rules live in the pure folders; here is the order in which their outcomes are written.

mod command;
mod consent;
mod drain;
mod driver;
mod import;
mod lanes;
mod place;
mod presence;
mod replies;
mod snapshot;
mod sync;
mod upkeep;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

pub(crate) use command::{Answer, Command};
pub(crate) use driver::{Driver, Shared};
pub(crate) use snapshot::{Shown, Snapshot};

use crate::clock::Now;
use crate::config::Config;
use crate::consent::{Consents, Gate};
use crate::error::Error;
use crate::ids::Ids;
use crate::log::{Level, Log};
use crate::observe::Change;
use crate::offer::{OfferCatalogue, Position};
use crate::place::{Transition, VisitTracker};
use crate::store::ring::{Recovered, Ring};
use crate::store::{Durability, Store, StoreError, meta};
use crate::sync::{Request, Ticket};

/// Keys of small values in the store.
mod key {
    pub(super) const INSTALLATION: &str = "installation";
    pub(super) const IDENTITY: &str = "identity";
    pub(super) const VISITS: &str = "visits";
    pub(super) const SYNC: &str = "sync";
    pub(super) const FLUSHED: &str = "flushed";
    pub(super) const FALLEN: &str = "fallen";
}

/// What the outside must do after a step, in this order.
#[derive(Default)]
pub(crate) struct Effects {
    /// Break off this request; go on when nothing more of it is written.
    pub(crate) abort: Option<Ticket>,
    /// Answer these callers: what they asked for is done.
    pub(crate) answers: Vec<Box<dyn FnOnce() + Send>>,
    /// Send this.
    pub(crate) send: Option<(Ticket, Request)>,
    /// Tell the listeners.
    pub(crate) changes: Vec<Change>,
}

impl Effects {
    fn answer<T: Send + 'static>(&mut self, to: Answer<T>, result: Result<T, Error>) {
        self.answers.push(Box::new(move || drop(to.send(result))));
    }
}

/// What an engine is opened with.
pub(crate) struct Opening<'a> {
    pub(crate) config: Config,
    pub(crate) ring: Arc<Ring>,
    /// What a killed process left in it.
    pub(crate) recovered: Recovered,
    pub(crate) ids: Arc<Ids>,
    pub(crate) session: Uuid,
    pub(crate) log: Log,
    /// See [`Store::open`].
    pub(crate) vfs: Option<&'a str>,
}

/// The state behind one open handle.
pub(crate) struct Engine {
    config: Config,
    store: Store,
    ring: Arc<Ring>,
    ids: Arc<Ids>,
    log: Log,
    consents: Consents,
    tracker: VisitTracker,
    /// What time alone brought to visits; the next fix's answer has it. As many as open visits.
    since_fix: Vec<Transition>,
    position: Option<Position>,
    shown: Option<Shown>,
    /// When time alone changes what shows, wall clock.
    offers_change_at: Option<i64>,
    dismissed: BTreeSet<String>,
    installation: Uuid,
    session: Uuid,
    /// Since when the app has been out of sight.
    away_since: Option<Now>,
    /// Events left the queue: the files can be made smaller.
    untidy: bool,
    identity: Option<consent::Identity>,
    sync: lanes::Lanes,
    /// Callers that wait for a commit; see [`Engine::commit_for_all`].
    flushes: Vec<(Durability, Answer<()>)>,
    published: Option<Arc<Snapshot>>,
}

impl Engine {
    /// Opens the store and takes in what a killed process left in the ring.
    pub(crate) fn open(opening: Opening<'_>, now: Now) -> Result<Self, StoreError> {
        let Opening { config, ring, recovered, ids, session, log, vfs } = opening;
        let mut store = Store::open(&config.folder, vfs)?;
        for path in &store.set_aside {
            log.line(Level::Error, || format!("store: a damaged file was set aside as {}", file_name(path)));
        }
        let installation = match store.meta(key::INSTALLATION)? {
            Some(known) => known,
            None => {
                let new = ids.v4();
                store.transact(Durability::Normal, |tx| meta::set(tx, key::INSTALLATION, &new))?;
                new
            }
        };
        let shown = match store.cached_catalogue()? {
            None => None,
            Some(cached) => match OfferCatalogue::parse(&cached.body) {
                Ok((catalogue, quarantined)) => Some(Shown {
                    catalogue: Arc::new(catalogue),
                    etag: cached.etag,
                    fetched_at_ms: cached.fetched_at_ms,
                    quarantined: Arc::new(quarantined.iter().map(ToString::to_string).collect()),
                }),
                Err(error) => {
                    // Cached by another version; the next refresh replaces it.
                    log.line(Level::Warn, || format!("offers: the cached catalogue does not read: {error}"));
                    None
                }
            },
        };
        // Before the first catalogue there are no places, and no visits to lose.
        let places = shown.as_ref().map(|shown| shown.catalogue.places.clone()).unwrap_or_default();
        let (tracker, left) = VisitTracker::restore(places, store.meta(key::VISITS)?.unwrap_or_default(), &now);
        let consents = store.consents()?;
        let remembered: lanes::Remembered = store.meta(key::SYNC)?.unwrap_or_default();
        let mut engine = Self {
            sync: lanes::Lanes::new(remembered, consents.epoch()),
            consents,
            tracker,
            since_fix: Vec::new(),
            position: None,
            shown,
            offers_change_at: None,
            dismissed: store.dismissed()?,
            installation,
            session,
            away_since: None,
            untidy: false,
            identity: store.meta(key::IDENTITY)?,
            flushes: Vec::new(),
            published: None,
            config,
            store,
            ring,
            ids,
            log,
        };
        engine.mirror_gate();
        engine.foresee_offers(now);
        engine.import_recovered(&recovered)?;
        // Behind the import, which knows by what is queued what it had imported before the kill.
        engine.expire(now)?;
        engine.record_left(&left, now)?;
        Ok(engine)
    }

    /// Does what `command` asks. Deadlines that passed before `now` come first.
    pub(crate) fn handle(&mut self, command: Command, now: Now) -> Effects {
        let mut effects = self.tick(now);
        match command {
            Command::Ready(answer) => effects.answer(answer, Ok(())),
            Command::Grant(purposes, answer) => {
                let result = self.grant(&purposes, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Deny(purposes, answer) => {
                let result = self.deny(&purposes, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Withdraw(purpose, answer) => {
                let result = self.withdraw(&purpose, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Fix(input, answer) => {
                let result = self.locate(input, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Identify(token, answer) => {
                let result = self.identify(token, now);
                effects.answer(answer, result);
            }
            Command::SignOut(answer) => {
                let result = self.sign_out(now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Refresh(answer) => self.refresh(answer),
            Command::Drain { deadline, max_bytes, answer } => {
                self.begin_drain(deadline, max_bytes, answer, now, &mut effects);
            }
            Command::Flush { durability, answer } => self.flushes.push((durability, answer)),
            Command::Diagnostics(answer) => {
                // What was tracked a moment ago counts: the account is of now.
                let result = self.commit(Durability::Normal, &mut effects).and_then(|()| self.diagnostics(now));
                effects.answer(answer, result);
            }
            Command::Network(network) => self.set_network(network, &mut effects),
            Command::Foreground(foreground) => self.set_foreground(foreground, now),
            Command::RenewKey(key) => self.renew_key(key, &mut effects),
            Command::Returned(ticket, result) => self.returned(ticket, result, now, &mut effects),
        }
        self.plan(now, &mut effects);
        effects
    }

    /// Does what time alone asks for: dwells that came due, and whatever sync wants to send.
    pub(crate) fn tick(&mut self, now: Now) -> Effects {
        let mut effects = Effects::default();
        self.dwell(now, &mut effects);
        if self.offers_change_at.is_some_and(|at| at <= now.wall_ms) {
            self.foresee_offers(now);
            effects.changes.push(Change::Offers);
        }
        self.plan(now, &mut effects);
        effects
    }

    /// When [`Engine::tick`] has something to do by itself, wall clock.
    pub(crate) fn deadline(&self, now: Now) -> Option<i64> {
        let catalogue = self.catalogue_due_at().filter(|due| *due > now.wall_ms && self.sync.online());
        let dues = [self.tracker.deadline(&now), self.sync.deadline(now), self.offers_change_at, catalogue];
        dues.into_iter().flatten().min()
    }

    /// The picture for readers; the same one while nothing changed.
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        let current = self.published.take().unwrap_or_else(|| {
            Arc::new(Snapshot {
                gate: self.gate(),
                session: self.session,
                consents: Arc::new(self.consents.clone()),
                shown: self.shown.clone(),
                visits: Arc::new(self.tracker.visits()),
                position: self.position,
                dismissed: Arc::new(self.dismissed.clone()),
                online: self.sync.online(),
                key_refused: self.sync.key_refused(),
                failure: None,
            })
        });
        self.published = Some(Arc::clone(&current));
        current
    }

    /// Something that readers see is about to change.
    fn touch(&mut self) {
        self.published = None;
    }

    /// The ring's header carries the gate, so that the next process gates its first call by it.
    fn mirror_gate(&self) {
        let gate = self.gate();
        self.ring.set_gate(if self.is_sampled_out() { Gate::new(gate.epoch(), []) } else { gate });
    }

    /// Whether the publisher samples and this installation is not in the sample: it shows offers and
    /// knows where it is, and records nothing.
    fn is_sampled_out(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| !shown.catalogue.sdk.samples(self.installation))
    }

    /// What may be recorded now: what the shopper allows, and nothing while the publisher has
    /// switched Patron off.
    fn gate(&self) -> Gate {
        let off = self.shown.as_ref().is_some_and(|shown| shown.catalogue.sdk.off);
        if off { Gate::new(self.consents.epoch(), []) } else { self.consents.gate() }
    }

    /// Reckons when time alone next opens or ends an offer: once, for it looks at every offer.
    fn foresee_offers(&mut self, now: Now) {
        self.offers_change_at =
            self.shown.as_ref().and_then(|shown| crate::offer::next_change_ms(&shown.catalogue, now.wall_ms));
    }
}

/// A path's last part: log lines name files, never folders.
fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
