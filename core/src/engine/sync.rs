//! Feeding sync: what it asks for is read from the store and made a request.
//!
//! When to send what is [`crate::sync::SyncState`]'s to decide; what comes back is written down in
//! [`super::replies`].

use super::lanes::{InFlight, Remembered};
use super::{Answer, Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{ConsentStatus, Decision};
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::store::{Batch, Durability, QueuedEvent, StoreError, events, meta};
use crate::sync::wire::MAX_BATCH_BYTES;
use crate::sync::{FLUSH_EVENTS, Facts, Failure, Lane, Next, NotJson, Request, Requests, Ticket, wire_size};

/// Decisions in one report: some 100 KB, well within what the backend takes.
const MAX_REPORTED: usize = 500;

impl Engine {
    /// Lets sync take its next step, and answers whoever waited for the last one.
    pub(crate) fn plan(&mut self, now: Now, effects: &mut Effects) {
        // Before more is sent: a drain whose budget is spent has had its share.
        self.sync.deadline = None;
        self.finish_drains(now, effects);
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
        // The one fact that costs a look into the database, and it matters only where few wait.
        let asks = sync.online && (1..FLUSH_EVENTS).contains(&sync.queued);
        Facts {
            now_ms: now.wall_ms,
            online: sync.online,
            queued: sync.queued,
            oldest_queued_ms: if asks { self.store.oldest_wall_ms().unwrap_or(None) } else { None },
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
                let mut decisions = self.to_report()?;
                in_flight.epoch = decisions.iter().map(|d| d.epoch).max().unwrap_or(self.sync.epoch);
                // What signing out closed is nobody's decision, and not the backend's to hear.
                decisions.retain(|decision| decision.status != ConsentStatus::NotAsked);
                if decisions.is_empty() {
                    self.sync.kept.acked_epoch = in_flight.epoch;
                    self.keep_sync()?;
                    return Ok(None);
                }
                // A commit that failed may be found after a restart, and a power loss undo it yet:
                // what the backend hears must stand.
                self.make_durable()?;
                requests.consent(&decisions)
            }
            Lane::Identity => match self.identity.as_ref().and_then(|i| Some((i.alias, i.token.as_ref()?))) {
                Some((alias, token)) => {
                    in_flight.sent.push(alias);
                    requests.identity(alias, token)
                }
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

    /// All decisions where they fit into one report: a backend that was restored from a copy since
    /// would otherwise have a gap, and judge events by it. Else those that it has not acknowledged.
    fn to_report(&self) -> Result<Vec<Decision>, StoreError> {
        let mut decisions = self.store.decisions_after(0)?;
        if decisions.len() > MAX_REPORTED {
            decisions.retain(|decision| decision.epoch > self.sync.kept.acked_epoch);
            decisions.truncate(MAX_REPORTED);
        }
        Ok(decisions)
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
        let batch = match (events.first(), events.last()) {
            (Some(first), Some(last)) => Some(Batch { id: self.ids.v7(now), first: first.seq, last: last.seq }),
            // The count was off; now it is right.
            _ => {
                self.sync.queued = 0;
                None
            }
        };
        let kept = Remembered { batch, ..self.sync.kept.clone() };
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::SYNC, &kept))?;
        // Behind the commit: a batch that is not written down must not be sent.
        self.sync.kept = kept;
        Ok(events)
    }

    pub(super) fn lane_failed(&mut self, lane: Lane, failure: &Failure, now: Now) {
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

    pub(super) fn keep_sync(&mut self) -> Result<(), StoreError> {
        let kept = &self.sync.kept;
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::SYNC, kept))
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
    ///
    /// What was stored before is stored, whether or not this succeeds; the next import tries again.
    pub(super) fn make_room(&mut self) {
        if self.sync.queued > self.config.max_events
            && let Err(error) = self.evict(i64::MIN)
        {
            self.log.line(Level::Error, || format!("queue: {error}"));
        }
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
