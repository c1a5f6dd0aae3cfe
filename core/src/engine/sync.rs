//! Feeding sync: what it asks for is read from the store and made a request.
//!
//! When to send what is [`crate::sync::SyncState`]'s to decide; what comes back is written down in
//! [`super::replies`].

use super::lanes::{InFlight, Lanes};
use super::{Answer, Effects, Engine, key};
use crate::account::reason;
use crate::clock::Now;
use crate::error::Error;
use crate::log::Level;
use crate::store::dead_letters::{self, GivenUp};
use crate::store::{Batch, Durability, QueuedEvent, StoreError, consents, meta};
use crate::sync::wire::MAX_BATCH_BYTES;
use crate::sync::{Facts, Failure, Lane, Next, NotJson, Request, Requests, Ticket, age_ms, wire_size};

/// Decisions in one report: some 100 KB, well within what the backend takes.
const MAX_REPORTED: usize = 500;

impl Engine {
    /// Lets sync take its next step, and answers whoever waited for the last one.
    pub(crate) fn plan(&mut self, now: Now, effects: &mut Effects) {
        self.agree_images(effects);
        self.stop_preferences(effects);
        self.stop_pseudonyms(effects);
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
                        let rests =
                            matches!(lane, Lane::Events | Lane::Preferences) || !in_flight.pseudonyms.is_empty();
                        effects.rests_on = rests.then_some(self.consents.epoch());
                        self.sync.in_flight = Some(in_flight);
                    }
                    Ok(None) => {}
                    // What reads is sent at once; what does not is given up.
                    Err(_) if lane == Lane::Events && self.mend().unwrap_or(0) > 0 => {}
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
        if self.store.backlog().events == 0 {
            // Nothing waits, so nothing is left of the hurry; what comes next waits for company again.
            self.sync.kept.state.flushed();
        }
        self.know_oldest();
        self.fail_refreshes(now, effects);
    }

    /// A report that names the shopper to a partner who may not hear of the shopper any more is broken off, and told
    /// anew without that name.
    fn stop_pseudonyms(&mut self, effects: &mut Effects) {
        let Some(in_flight) = self.sync.in_flight.as_ref().filter(|in_flight| !in_flight.pseudonyms.is_empty()) else {
            return;
        };
        let now = self.pseudonyms();
        if !in_flight.pseudonyms.iter().all(|name| now.contains(name)) {
            self.sync.kept.consent_wanted = true;
            self.break_off(effects);
        }
    }

    fn facts(&self, now: Now) -> Facts {
        let sync = &self.sync;
        let queued = self.store.backlog().events;
        // The one fact that costs a look into the database, and it matters only where few wait.
        let asks = sync.online() && (1..sync.network.flush_events()).contains(&queued);
        let oldest = if asks { self.store.oldest_at().unwrap_or(None) } else { None };
        Facts {
            now_ms: now.wall_ms,
            network: sync.network,
            queued,
            // By the clock of now: the wall clock may have been set since.
            oldest_queued_ms: oldest.map(|at| match age_ms(at, now, sync.kept.true_time) {
                Some(age) => now.wall_ms.saturating_sub_unsigned(age),
                None => at.wall_ms,
            }),
            pending_decisions: sync.kept.acked_epoch < sync.epoch,
            consent_wanted: sync.kept.consent_wanted,
            standing_untold: sync.kept.is_standing_untold(),
            rights_pending: !self.rights.is_empty(),
            identity_pending: self.identity.as_ref().is_some_and(|identity| identity.token.is_some()),
            preferences_pending: self.preferences_pending(),
            acked_epoch: sync.kept.acked_epoch,
            epoch: sync.epoch,
            catalogue_due: self.may_fetch_catalogue()
                && (sync.catalogue_wanted || self.lacks_partners() || self.is_catalogue_old(now)),
            in_flight: sync.is_sending(),
            draining: !sync.drains.is_empty(),
        }
    }

    /// A catalogue may be megabytes, and a job that may send some kilobytes has not asked for it.
    pub(super) fn may_fetch_catalogue(&self) -> bool {
        self.byte_budget().is_none() || !self.sync.refreshes.is_empty()
    }

    /// Not there, not fresh, or of a future that a clock which was set back since had told.
    fn is_catalogue_old(&self, now: Now) -> bool {
        let of_the_future = self.shown.as_ref().is_some_and(|shown| shown.fetched_at_ms > now.wall_ms);
        of_the_future || self.catalogue_due_at().is_none_or(|due| due <= now.wall_ms)
    }

    /// When the cached catalogue stops being fresh; `None` while there is none.
    pub(super) fn catalogue_due_at(&self) -> Option<i64> {
        let patience = self.sync.network.freshness_factor() * 1_000;
        self.shown.as_ref().map(|shown| shown.fetched_at_ms.saturating_add(i64::from(shown.catalogue.ttl_s) * patience))
    }

    /// The request that `lane` is due; `None` when it turns out to have nothing to say.
    fn compose(&mut self, lane: Lane, now: Now) -> Result<Option<(Request, InFlight)>, StoreError> {
        let requests = Requests::new(&self.config.endpoint, &self.config.key, self.installation);
        let requests = if self.config.sandbox { requests.unpacked() } else { requests };
        self.sync.tickets += 1;
        let ticket = Ticket(self.sync.tickets);
        let mut in_flight = InFlight {
            key: self.sync.renewals,
            ticket,
            lane,
            sent: Vec::new(),
            epoch: 0,
            told_to: 0,
            standing: 0,
            token: None,
            base: None,
            preferences: None,
            pseudonyms: Vec::new(),
        };
        let request = match lane {
            Lane::Consent => {
                let stored = self.to_report()?;
                in_flight.told_to = stored.iter().map(|(d, _)| d.epoch).max().unwrap_or(self.sync.epoch);
                // What was closed is nobody's decision, and not the backend's to hear.
                let decisions: Vec<_> =
                    stored.into_iter().filter_map(|(decision, seal)| Some((decision.epoch, seal?))).collect();
                in_flight.epoch = decisions.iter().map(|(epoch, _)| *epoch).max().unwrap_or(0);
                in_flight.standing = self.sync.kept.standing;
                if decisions.is_empty() && !self.sync.kept.consent_wanted && !self.sync.kept.is_standing_untold() {
                    self.sync.kept.acked_epoch = in_flight.told_to;
                    self.keep_sync()?;
                    return Ok(None);
                }
                self.sync.kept.consent_wanted = false;
                // A commit that failed may be found after a restart, and a power loss undo it yet:
                // what the backend hears must stand.
                self.make_durable()?;
                let revision = self.terms.catalogue.revision;
                let standing = Some(in_flight.standing).filter(|standing| *standing > 0);
                in_flight.pseudonyms = self.pseudonyms();
                let names = in_flight.pseudonyms.clone();
                // Before the first event there is nothing to tell of any.
                let account = Some(self.store.account_report()?).filter(|account| account.accepted > 0);
                requests.consent(&decisions, self.terms.lowered(), names, revision, standing, account)
            }
            Lane::Rights => requests.rights(&self.rights),
            Lane::Identity => match self.identity.as_ref().and_then(|i| Some((i.alias, i.token.as_ref()?))) {
                Some((alias, token)) => {
                    in_flight.token = Some(token.clone());
                    requests.identity(alias, token)
                }
                None => return Ok(None),
            },
            Lane::Preferences => {
                self.sync.preferences_wanted = false;
                let (told, document) = self.tell_preferences(now)?;
                in_flight.preferences = document;
                requests.preferences(&told)
            }
            Lane::Catalogue => {
                self.ask_for_preferences_too(!self.sync.catalogue_wanted, now);
                self.sync.catalogue_wanted = false;
                let known = self.shown.as_ref().filter(|_| !self.lacks_partners());
                in_flight.base = self.delta_base();
                match &in_flight.base {
                    Some(base) => requests.catalogue_delta(base),
                    None => requests.catalogue(known.and_then(|shown| shown.etag.as_deref())),
                }
            }
            Lane::Events => {
                let events = self.freeze(now)?;
                let Some(batch) = self.sync.kept.batch else {
                    // Something waits, and nothing of it can be found.
                    self.mend()?;
                    return Ok(None);
                };
                let with_alias: Vec<_> = events.iter().map(|e| (&e.record, e.subject)).collect();
                match requests.events(batch.id, now, Some(self.store.account_report()?), &with_alias) {
                    Ok(request) => {
                        in_flight.sent = events.iter().map(|e| (e.record.id(), e.seq)).collect();
                        request
                    }
                    Err(NotJson(id)) => {
                        self.sync.kept.batch = None;
                        let bad = events.iter().find(|e| e.record.id() == id).map_or(batch.first, |e| e.seq);
                        self.store.transact(Durability::Normal, |tx| {
                            let end = GivenUp { at_ms: now.wall_ms, refusals: 0 };
                            dead_letters::bury(tx, bad, reason::NOT_JSON, end)
                        })?;
                        return Ok(None);
                    }
                }
            }
        };
        Ok(Some((request, in_flight)))
    }

    /// All decisions where they fit into one report: a backend that was restored from a copy since
    /// would otherwise have a gap, and judge events by it. Else those that it has not acknowledged.
    fn to_report(&self) -> Result<Vec<consents::Stored>, StoreError> {
        let mut decisions = self.store.decisions_after(0)?;
        if decisions.len() > MAX_REPORTED {
            decisions.retain(|(decision, _)| decision.epoch > self.sync.kept.acked_epoch);
            decisions.truncate(MAX_REPORTED);
        }
        Ok(decisions)
    }

    /// The events of the batch under way, or of a new one. Its range is kept before anything is
    /// sent: a process that dies in between sends the same batch again.
    fn freeze(&mut self, now: Now) -> Result<Vec<QueuedEvent>, StoreError> {
        // First: what was sent a month ago and not answered is not sent again.
        self.expire(now)?;
        if let Some(batch) = self.sync.kept.batch {
            let left = self.store.events_of(batch)?;
            let size: usize = left.iter().map(|event| wire_size(&event.record)).sum();
            if !left.is_empty() && (left.len() == 1 || self.byte_budget().is_none_or(|budget| size as u64 <= budget)) {
                return Ok(left);
            }
            // Some of it goes in a smaller one; all of it may have arrived.
            Lanes::leave_in_doubt(&mut self.sync.kept);
        }
        let budget = self.byte_budget().map_or(MAX_BATCH_BYTES, |left| MAX_BATCH_BYTES.min(left as usize));
        let limit = self.sync.kept.state.batch_limit();
        let mut kept = self.sync.kept.clone();
        let mut events = self.store.oldest(kept.passed_to, limit, budget, wire_size)?;
        if events.is_empty() && kept.passed_to != 0 {
            kept.passed_to = 0;
            events = self.store.oldest(0, limit, budget, wire_size)?;
        }
        if let Some(doubtful) = events.iter().position(|event| self.is_perhaps_old(event.record.at(), now)) {
            // Across a restart only the backend tells how old they are, with its next answer.
            events.truncate(doubtful.max(1));
        }
        if kept.passed_to == 0 {
            // Of what is gone nothing needs to be known.
            let front = events.first().map_or(i64::MAX, |event| event.seq);
            kept.refusals.retain(|seq, _| *seq >= front);
        }
        let batch = match (events.first(), events.last()) {
            (Some(first), Some(last)) => Some(Batch { id: self.ids.v7(now), first: first.seq, last: last.seq }),
            _ => {
                // Expired, or a count that was off: either way sync must not ask again at once.
                self.store.recount()?;
                None
            }
        };
        kept.batch = batch;
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::SYNC, &kept))?;
        // Behind the commit: a batch that is not written down must not be sent.
        self.sync.kept = kept;
        Ok(events)
    }

    pub(super) fn lane_failed(&mut self, lane: Lane, failure: &Failure, now: Now) {
        let why = match failure {
            Failure::Later { why, .. } | Failure::Refused { why } => why.clone(),
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

    /// Fetches the catalogue as soon as sync is free. Someone asks, so a refused key is tried again.
    pub(super) fn refresh(&mut self, answer: Answer<()>) {
        self.sync.kept.state.key_renewed();
        self.sync.kept.state.network_regained();
        self.sync.catalogue_wanted = true;
        self.sync.kept.consent_wanted = true;
        self.touch();
        self.sync.refreshes.push(answer);
    }

    /// Whoever waits for a catalogue that is not coming soon hears so.
    fn fail_refreshes(&mut self, now: Now, effects: &mut Effects) {
        if self.sync.refreshes.is_empty() || self.sync.is_sending() {
            return;
        }
        let why = if self.sync.online() { self.sync.last_error.clone() } else { Some("the device is offline".into()) };
        let wait = self.sync.deadline.map(|at| std::time::Duration::from_millis((at - now.wall_ms).max(0) as u64));
        let error = Error::Unavailable { why: why.unwrap_or_else(|| "sync is not free".into()), retry_after: wait };
        for answer in std::mem::take(&mut self.sync.refreshes) {
            effects.answer(answer, Err(error.clone()));
        }
    }
}
