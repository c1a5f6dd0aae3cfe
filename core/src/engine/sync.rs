//! Feeding sync: what it asks for is read from the store, what comes back is written there.
//!
//! When to send what is [`SyncState`]'s to decide, and what a reply means its interpreters'. Here
//! the two meet the database.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drain::Draining;
use super::{Answer, Effects, Engine, Shown, key};
use crate::clock::Now;
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::offer::OfferCatalogue;
use crate::store::{Batch, CachedBody, Durability, QueuedEvent, Store, StoreError, events, meta};
use crate::sync::wire::MAX_BATCH_BYTES;
use crate::sync::{
    CatalogueOutcome, ConsentOutcome, EventsOutcome, Facts, Failure, IdentityOutcome, Lane, Next, NotJson, Request,
    Requests, Response, Settlement, SyncState, Ticket, TransportError, interpret_catalogue, interpret_consent,
    interpret_events, interpret_identity, wire_size,
};

/// An event that was refused alone so often will never be taken.
const MAX_REFUSALS: u32 = 3;

/// What sync must remember across processes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Remembered {
    state: SyncState,
    /// The batch that was sent last and not settled: it goes again under the same id.
    batch: Option<Batch>,
    acked_epoch: u64,
}

/// What the engine knows of sync.
pub(super) struct Lanes {
    kept: Remembered,
    in_flight: Option<InFlight>,
    tickets: u64,
    online: bool,
    epoch: u64,
    queued: u64,
    pub(super) delivered: u64,
    pub(super) sent_bytes: u64,
    last_error: Option<String>,
    deadline: Option<i64>,
    catalogue_wanted: bool,
    pub(super) drains: Vec<Draining>,
    refreshes: Vec<Answer<()>>,
}

struct InFlight {
    ticket: Ticket,
    lane: Lane,
    /// The events of a batch.
    sent: Vec<Uuid>,
    /// The highest epoch of a consent report.
    epoch: u64,
}

impl Lanes {
    pub(super) fn new(kept: Remembered, epoch: u64, queued: u64) -> Self {
        Self {
            // Decisions that were lost with a damaged file are decided anew under the same numbers.
            kept: Remembered { acked_epoch: kept.acked_epoch.min(epoch), ..kept },
            in_flight: None,
            tickets: 0,
            online: true,
            epoch,
            queued,
            delivered: 0,
            sent_bytes: 0,
            last_error: None,
            deadline: None,
            catalogue_wanted: false,
            drains: Vec::new(),
            refreshes: Vec::new(),
        }
    }

    pub(super) fn online(&self) -> bool {
        self.online
    }

    pub(super) fn key_refused(&self) -> bool {
        self.kept.state.key_refused()
    }

    pub(super) fn last_error(&self) -> Option<&String> {
        self.last_error.as_ref()
    }

    pub(super) fn acked_epoch(&self) -> u64 {
        self.kept.acked_epoch
    }

    pub(super) fn queued(&self) -> u64 {
        self.queued
    }

    pub(super) fn is_sending(&self) -> bool {
        self.in_flight.is_some()
    }

    /// When to be asked again, wall clock.
    pub(super) fn deadline(&self) -> Option<i64> {
        self.drains.iter().map(Draining::until_wall_ms).chain(self.deadline).min()
    }

    /// When sync itself tries again.
    pub(super) fn next_attempt(&self) -> Option<i64> {
        self.deadline
    }

    pub(super) fn queue_grew(&mut self, by: u64) {
        self.queued += by;
    }

    pub(super) fn consent_changed(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Whether events are on the wire at this moment.
    pub(super) fn is_sending_events(&self) -> bool {
        self.in_flight.as_ref().is_some_and(|in_flight| in_flight.lane == Lane::Events)
    }

    /// The batch that was sent and not settled: on the wire now, or its answer was lost. Its
    /// events may have arrived.
    pub(super) fn sent(&self) -> Option<Batch> {
        self.kept.batch
    }

    /// Gives up on what is in flight; the caller sees to it that the courier does too.
    pub(super) fn break_off(&mut self) -> Option<Ticket> {
        self.in_flight.take().map(|in_flight| in_flight.ticket)
    }

    /// Someone waits: what failed for want of a network is tried now. What the backend asked for
    /// stands.
    pub(super) fn lift_backoff(&mut self) {
        self.kept.state.network_regained();
    }

    /// A new installation that has told the backend nothing, and has nothing to tell.
    pub(super) fn start_over(&mut self, epoch: u64) {
        self.kept = Remembered { acked_epoch: epoch, ..Remembered::default() };
        self.epoch = epoch;
        self.last_error = None;
    }

    /// The queue changed by other means than sync's.
    pub(super) fn recount(&mut self, store: &Store) -> Result<(), StoreError> {
        self.queued = store.queued()?;
        Ok(())
    }
}

impl Engine {
    /// Lets sync take its next step, and answers whoever waited for the last one.
    pub(crate) fn plan(&mut self, now: Now, effects: &mut Effects) {
        while !self.sync.is_sending() {
            self.sync.deadline = None;
            match self.sync.kept.state.next(&self.facts(now)) {
                Next::Send(lane) => match self.compose(lane, now) {
                    Ok(Some((request, in_flight))) => {
                        self.sync.sent_bytes += request.body.len() as u64;
                        effects.send = Some((in_flight.ticket, request));
                        self.sync.in_flight = Some(in_flight);
                    }
                    Ok(None) => {}
                    Err(error) => self.lane_failed(lane, &Failure::Later { after: None, why: error.to_string() }, now),
                },
                Next::WaitUntil(at) => {
                    self.sync.deadline = Some(at);
                    break;
                }
                Next::Idle => break,
            }
        }
        self.finish_drains(now, effects);
        self.fail_refreshes(now, effects);
    }

    fn facts(&self, now: Now) -> Facts {
        let sync = &self.sync;
        Facts {
            now_ms: now.wall_ms,
            online: sync.online,
            queued: sync.queued,
            oldest_queued_ms: if sync.queued > 0 { self.store.oldest_wall_ms().unwrap_or(None) } else { None },
            pending_decisions: sync.kept.acked_epoch < sync.epoch,
            identity_pending: self.identity.as_ref().is_some_and(|identity| identity.token.is_some()),
            acked_epoch: sync.kept.acked_epoch,
            epoch: sync.epoch,
            catalogue_due: sync.catalogue_wanted || self.is_catalogue_old(now),
            in_flight: sync.is_sending(),
            draining: !sync.drains.is_empty(),
        }
    }

    /// Not there, not fresh, or of a future that a clock which was set back since had told.
    fn is_catalogue_old(&self, now: Now) -> bool {
        let of_the_future = self.shown.as_ref().is_some_and(|shown| shown.fetched_at_ms > now.wall_ms);
        of_the_future || self.catalogue_due_at().is_none_or(|due| due <= now.wall_ms)
    }

    /// When the cached catalogue stops being fresh; `None` while there is none.
    pub(super) fn catalogue_due_at(&self) -> Option<i64> {
        self.shown.as_ref().map(|shown| shown.fetched_at_ms + i64::from(shown.catalogue.ttl_s) * 1_000)
    }

    /// The request that `lane` is due; `None` when it turns out to have nothing to say.
    fn compose(&mut self, lane: Lane, now: Now) -> Result<Option<(Request, InFlight)>, StoreError> {
        let requests = Requests::new(&self.config.endpoint, &self.config.key, self.installation);
        self.sync.tickets += 1;
        let mut in_flight = InFlight { ticket: Ticket(self.sync.tickets), lane, sent: Vec::new(), epoch: 0 };
        let request = match lane {
            Lane::Consent => {
                let decisions = self.store.decisions_after(self.sync.kept.acked_epoch)?;
                in_flight.epoch = decisions.iter().map(|d| d.epoch).max().unwrap_or(self.sync.epoch);
                requests.consent(&decisions)
            }
            Lane::Identity => match self.identity.as_ref().and_then(|i| Some((i.alias, i.token.as_ref()?))) {
                Some((alias, token)) => requests.identity(alias, token),
                None => return Ok(None),
            },
            Lane::Catalogue => {
                self.sync.catalogue_wanted = false;
                requests.catalogue(self.shown.as_ref().and_then(|shown| shown.etag.as_deref()))
            }
            Lane::Events => {
                let events = self.freeze(now)?;
                let Some(batch) = self.sync.kept.batch else { return Ok(None) };
                let with_alias: Vec<_> =
                    events.iter().map(|e| (&e.record, e.subject.as_deref().and_then(|s| s.parse().ok()))).collect();
                match requests.events(batch.id, now.wall_ms, &with_alias) {
                    Ok(request) => {
                        in_flight.sent = events.iter().map(|e| e.record.id).collect();
                        request
                    }
                    Err(NotJson(id)) => {
                        self.sync.kept.batch = None;
                        self.store.transact(Durability::Normal, |tx| events::bury(tx, id, "its data is not JSON"))?;
                        self.sync.recount(&self.store)?;
                        return Ok(None);
                    }
                }
            }
        };
        Ok(Some((request, in_flight)))
    }

    /// The events of the batch under way, or of a new one. Its range is kept before anything is
    /// sent: a process that dies in between sends the same batch again.
    fn freeze(&mut self, now: Now) -> Result<Vec<QueuedEvent>, StoreError> {
        if let Some(batch) = self.sync.kept.batch {
            let left = self.store.events_of(batch)?;
            if !left.is_empty() {
                return Ok(left);
            }
        }
        let events = self.store.oldest(self.sync.kept.state.batch_limit(), MAX_BATCH_BYTES, wire_size)?;
        self.sync.kept.batch = match (events.first(), events.last()) {
            (Some(first), Some(last)) => Some(Batch { id: self.ids.v7(now), first: first.seq, last: last.seq }),
            // The count was off; now it is right.
            _ => {
                self.sync.queued = 0;
                None
            }
        };
        let kept = &self.sync.kept;
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::SYNC, kept))?;
        Ok(events)
    }

    /// Takes in what the courier brought.
    pub(super) fn returned(
        &mut self,
        ticket: Ticket,
        reply: Result<Response, TransportError>,
        now: Now,
        effects: &mut Effects,
    ) {
        // A late answer to a request that was broken off is nobody's.
        if self.sync.in_flight.as_ref().is_none_or(|in_flight| in_flight.ticket != ticket) {
            return;
        }
        let Some(in_flight) = self.sync.in_flight.take() else { return };
        let lane = in_flight.lane;
        let done = match lane {
            Lane::Consent => self.consent_returned(&reply, in_flight.epoch, now),
            Lane::Identity => self.identity_returned(&reply, now),
            Lane::Catalogue => self.catalogue_returned(&reply, now, effects),
            Lane::Events => self.events_returned(&reply, &in_flight.sent, now),
        };
        match done {
            Ok(None) => {
                self.sync.last_error = None;
                self.log.line(Level::Debug, || format!("sync: {lane:?} done"));
            }
            Ok(Some(failure)) => self.lane_failed(lane, &failure, now),
            Err(error) => self.lane_failed(lane, &Failure::Later { after: None, why: error.to_string() }, now),
        }
        effects.changes.push(Change::Sync);
    }

    fn lane_failed(&mut self, lane: Lane, failure: &Failure, now: Now) {
        let why = match failure {
            Failure::Later { why, .. } => why.clone(),
            Failure::KeyRefused { status } => format!("the backend refused the key (status {status})"),
            Failure::Gone { status, .. } => format!("the backend has no such address (status {status})"),
        };
        self.log.line(Level::Warn, || format!("sync: {lane:?}: {why}"));
        self.sync.last_error = Some(why);
        let state = &mut self.sync.kept.state;
        self.ids.draw(|rng| state.failed(lane, failure, now.wall_ms, rng));
        if self.sync.key_refused() {
            self.touch();
        }
        if let Err(error) = self.keep_sync() {
            self.log.line(Level::Error, || format!("sync: {error}"));
        }
    }

    fn keep_sync(&mut self) -> Result<(), StoreError> {
        let kept = &self.sync.kept;
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::SYNC, kept))
    }

    fn consent_returned(
        &mut self,
        reply: &Result<Response, TransportError>,
        sent_epoch: u64,
        now: Now,
    ) -> Result<Option<Failure>, StoreError> {
        match interpret_consent(reply, now.wall_ms) {
            ConsentOutcome::Failed(failure) => Ok(Some(failure)),
            ConsentOutcome::Acknowledged { epoch } if epoch < sent_epoch => Ok(Some(Failure::Later {
                after: None,
                why: format!("the backend acknowledged consent up to {epoch} of {sent_epoch}"),
            })),
            ConsentOutcome::Acknowledged { .. } => {
                self.sync.kept.acked_epoch = sent_epoch;
                self.sync.kept.state.succeeded(Lane::Consent);
                self.keep_sync()?;
                Ok(None)
            }
        }
    }

    fn identity_returned(
        &mut self,
        reply: &Result<Response, TransportError>,
        now: Now,
    ) -> Result<Option<Failure>, StoreError> {
        match interpret_identity(reply, now.wall_ms) {
            IdentityOutcome::Failed(failure) => return Ok(Some(failure)),
            IdentityOutcome::Linked => {}
            IdentityOutcome::Refused(why) => self.log.line(Level::Error, || format!("identify: {why}")),
        }
        self.sync.kept.state.succeeded(Lane::Identity);
        if let Some(identity) = &mut self.identity {
            // It has served: a secret that is not there cannot leak.
            identity.token = None;
            let identity = identity.clone();
            self.store.transact(Durability::Full, |tx| meta::set(tx, key::IDENTITY, &identity))?;
            self.store.scrub()?;
        }
        Ok(None)
    }

    fn catalogue_returned(
        &mut self,
        reply: &Result<Response, TransportError>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        match interpret_catalogue(reply, now.wall_ms) {
            CatalogueOutcome::Failed(failure) => return Ok(Some(failure)),
            CatalogueOutcome::NotModified => {
                self.store.touch_catalogue(now.wall_ms)?;
                if let Some(shown) = &mut self.shown {
                    shown.fetched_at_ms = now.wall_ms;
                }
            }
            CatalogueOutcome::New { body, etag } => {
                let (catalogue, quarantined) = match OfferCatalogue::parse(&body) {
                    Ok(parsed) => parsed,
                    Err(error) => return Ok(Some(Failure::Later { after: None, why: error.to_string() })),
                };
                for entry in &quarantined {
                    self.log.line(Level::Warn, || format!("offers: left out {entry}"));
                }
                self.store.cache_catalogue(&CachedBody { etag: etag.clone(), fetched_at_ms: now.wall_ms, body })?;
                self.shown = Some(Shown {
                    catalogue: catalogue.into(),
                    etag,
                    fetched_at_ms: now.wall_ms,
                    quarantined: quarantined.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
                });
                self.foresee_offers(now);
                if let Err(error) = self.swap_places(now, effects) {
                    self.log.line(Level::Error, || format!("place: {error}"));
                }
            }
        }
        self.touch();
        self.sync.kept.state.succeeded(Lane::Catalogue);
        effects.changes.push(Change::Offers);
        for answer in std::mem::take(&mut self.sync.refreshes) {
            effects.answer(answer, Ok(()));
        }
        Ok(None)
    }

    fn events_returned(
        &mut self,
        reply: &Result<Response, TransportError>,
        sent: &[Uuid],
        now: Now,
    ) -> Result<Option<Failure>, StoreError> {
        let Some(batch) = self.sync.kept.batch else { return Ok(None) };
        match interpret_events(reply, batch.id, sent, now.wall_ms) {
            EventsOutcome::Failed(failure) => Ok(Some(failure)),
            EventsOutcome::Bisect => {
                self.sync.kept.state.bisect(sent.len());
                self.sync.kept.batch = None;
                self.keep_sync()?;
                Ok(None)
            }
            EventsOutcome::Settled { verdicts, .. } => {
                let mut kept = self.sync.kept.clone();
                kept.batch = None;
                // A backend that says `retry` to everything has failed, and the waits must grow.
                if verdicts.iter().any(|(_, settlement)| *settlement != Settlement::Retry) {
                    kept.state.succeeded(Lane::Events);
                } else {
                    self.ids.draw(|rng| kept.state.settled_nothing(now.wall_ms, rng));
                }
                let (delivered, gone) = self.store.transact(Durability::Normal, |tx| {
                    let settled = settle(tx, batch, &verdicts)?;
                    meta::set(tx, key::SYNC, &kept)?;
                    Ok(settled)
                })?;
                self.sync.kept = kept;
                self.sync.delivered += delivered;
                self.sync.queued = self.sync.queued.saturating_sub(gone);
                if self.sync.queued == 0 {
                    self.sync.kept.state.flushed();
                }
                Ok(None)
            }
        }
    }

    /// The host's word on the network.
    pub(super) fn set_online(&mut self, online: bool, effects: &mut Effects) {
        if online {
            self.sync.kept.state.network_regained();
        }
        if self.sync.online != online {
            self.sync.online = online;
            self.touch();
            effects.changes.extend([Change::Sync, Change::Offers]);
        }
    }

    /// Fetches the catalogue as soon as sync is free. Someone asks, so a refused key is tried again.
    pub(super) fn refresh(&mut self, answer: Answer<()>) {
        self.sync.kept.state.key_renewed();
        self.sync.kept.state.network_regained();
        self.sync.catalogue_wanted = true;
        self.touch();
        self.sync.refreshes.push(answer);
    }

    /// Whoever waits for a catalogue that is not coming soon hears so.
    fn fail_refreshes(&mut self, now: Now, effects: &mut Effects) {
        if self.sync.refreshes.is_empty() || self.sync.is_sending() {
            return;
        }
        let why = if self.sync.online { self.sync.last_error.clone() } else { Some("the device is offline".into()) };
        let wait = self.sync.deadline.map(|at| std::time::Duration::from_millis((at - now.wall_ms).max(0) as u64));
        let error = Error::Unavailable { why: why.unwrap_or_else(|| "sync is not free".into()), retry_after: wait };
        for answer in std::mem::take(&mut self.sync.refreshes) {
            effects.answer(answer, Err(error.clone()));
        }
    }

    /// Keeps the queue within the quota, the batch under way apart.
    pub(super) fn make_room(&mut self) -> Result<(), StoreError> {
        if self.sync.queued > self.config.max_events {
            self.evict(i64::MIN)?;
        }
        Ok(())
    }

    /// Gives up what is above the quota or older than `oldest_ms`; each loss is counted.
    pub(super) fn evict(&mut self, oldest_ms: i64) -> Result<(), StoreError> {
        let (max, frozen) = (self.config.max_events, self.sync.sent());
        let gone = self.store.transact(Durability::Normal, |tx| events::evict(tx, max, oldest_ms, frozen))?;
        if gone > 0 {
            self.sync.queued = self.sync.queued.saturating_sub(gone);
            self.log.line(Level::Error, || format!("queue: {gone} events given up for the quota or for age"));
        }
        Ok(())
    }
}

/// Writes the verdicts down; answers how many events were delivered, and how many left the queue.
fn settle(
    tx: &rusqlite::Transaction<'_>,
    batch: Batch,
    verdicts: &[(Uuid, Settlement)],
) -> Result<(u64, u64), StoreError> {
    if verdicts.iter().all(|(_, settlement)| *settlement == Settlement::Delivered) {
        let delivered = events::deliver_all(tx, batch)?;
        return Ok((delivered, delivered));
    }
    let (mut delivered, mut dead) = (0, 0);
    for (id, settlement) in verdicts {
        match settlement {
            Settlement::Delivered => delivered += events::deliver(tx, *id)?,
            Settlement::Dead(reason) => dead += events::bury(tx, *id, reason)?,
            Settlement::Refused(reason) => {
                if events::refuse(tx, *id)? >= MAX_REFUSALS {
                    dead += events::bury(tx, *id, reason)?;
                }
            }
            Settlement::Retry => {}
        }
    }
    Ok((delivered, delivered + dead))
}
