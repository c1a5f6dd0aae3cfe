//! Waiting for the queue to empty, and telling how things stand.

use std::time::Duration;

use uuid::Uuid;

use super::{Answer, Effects, Engine};
use crate::clock::Now;
use crate::diagnostics::{Diagnostics, Drained};
use crate::error::Error;
use crate::log::Level;
use crate::store::sqlite_version;
use crate::sync::{Lane, Network, age_ms};

/// A caller that waits for the queue to empty.
pub(super) struct Draining {
    answer: Answer<Drained>,
    until: Now,
    max_bytes: Option<u64>,
    /// What it was begun on.
    network: Network,
    delivered_before: u64,
    sent_before: u64,
}

impl Draining {
    /// When it is over, by the wall clock as it stands now.
    pub(super) fn until_wall_ms(&self, now: Now) -> i64 {
        now.wall_ms.saturating_add_unsigned(self.until.mono_ms.saturating_sub(now.mono_ms))
    }

    pub(super) fn begun_on(&mut self, network: Network) {
        self.network = network;
    }

    /// By the monotonic clock: setting the wall clock neither ends nor stretches the wait.
    fn is_over(&self, now: Now) -> bool {
        now.boot != self.until.boot || now.mono_ms >= self.until.mono_ms
    }
}

impl Engine {
    pub(super) fn begin_drain(
        &mut self,
        deadline: Duration,
        max_bytes: Option<u64>,
        answer: Answer<Drained>,
        now: Now,
        effects: &mut Effects,
    ) {
        // A disk that refuses keeps nothing from going that is queued; the diagnostics say what it has.
        if let Err(error) = self.import_all(effects) {
            self.log.line(Level::Error, || format!("queue: {error}"));
        }
        let ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        let until = Now {
            wall_ms: now.wall_ms.saturating_add_unsigned(ms),
            mono_ms: now.mono_ms.saturating_add(ms),
            boot: now.boot,
        };
        self.sync.drains.push(Draining {
            answer,
            until,
            max_bytes,
            network: self.sync.network,
            delivered_before: self.sync.delivered,
            sent_before: self.sync.sent_bytes,
        });
        let may_fetch = self.may_fetch_catalogue();
        let state = &mut self.sync.kept.state;
        // An offer catalogue that is not to be fetched now would be, as soon as the wait is over.
        if may_fetch {
            state.network_regained()
        } else {
            state.drained_for()
        }
        // A process that was started for this has begun with what was due: nobody waits for it, and it
        // may be more than all that is left of the bytes.
        if !may_fetch && self.sync.in_flight.as_ref().is_some_and(|in_flight| in_flight.lane == Lane::Catalogue) {
            self.sync.catalogue_wanted = true;
            self.break_off(effects);
        }
    }

    /// How many bytes the drains that wait would still have sent; `None` without a bound.
    pub(super) fn byte_budget(&self) -> Option<u64> {
        let sent = self.sync.sent_bytes;
        let left = |drain: &Draining| Some(drain.max_bytes?.saturating_sub(sent - drain.sent_before));
        self.sync.drains.iter().map(left).reduce(|a, b| Some(a?.max(b?)))?
    }

    /// Drops those whose caller has gone, a job that the platform cancelled: nobody is left whose bytes these would be.
    fn drop_cancelled_drains(&mut self, now: Now) {
        let waited = self.sync.drains.len();
        self.sync.drains.retain(|drain| !drain.answer.is_closed());
        if self.sync.drains.len() == waited || !self.sync.drains.is_empty() {
            return;
        }
        let state = &mut self.sync.kept.state;
        if self.is_in_front {
            state.flushed();
        } else if self.store.backlog().events > 0 {
            state.spent(now.wall_ms);
        }
    }

    /// Answers those whose wait is over: all went, or no more will in their time.
    pub(super) fn finish_drains(&mut self, now: Now, effects: &mut Effects) {
        self.drop_cancelled_drains(now);
        if self.sync.drains.is_empty() {
            return;
        }
        let sync = &self.sync;
        let nothing_to_tell = self.identity.as_ref().is_none_or(|identity| identity.token.is_none());
        let is_held_up = self.held_up.is_some();
        let done = self.store.backlog().events == 0
            && !is_held_up
            && !sync.is_sending()
            && sync.acked_epoch() >= self.consents.epoch()
            && !sync.kept.consent_wanted
            && self.rights.is_empty()
            && nothing_to_tell
            && !self.preferences_due(now);
        // What the disk does not take cannot be sent, and may be taken too late for whoever waits.
        let is_rest_held_up = is_held_up && self.store.backlog().events == 0;
        let stuck = !sync.is_sending() && (!sync.online() || sync.key_refused() || is_rest_held_up);
        let (next, sent, delivered) = (sync.next_attempt(), sync.sent_bytes, sync.delivered);
        let left = self.store.backlog().events;
        let (mut is_spent, mut is_too_dear) = (false, false);
        for drain in std::mem::take(&mut self.sync.drains) {
            let spent = sent - drain.sent_before;
            let too_late = !self.sync.is_sending() && next.is_some_and(|at| at > drain.until_wall_ms(now));
            let over_budget = !self.sync.is_sending() && drain.max_bytes.is_some_and(|max| spent >= max);
            let too_dear =
                !self.sync.is_sending() && self.sync.network == Network::Metered && drain.network != Network::Metered;
            if done || stuck || too_late || over_budget || too_dear || drain.is_over(now) {
                is_spent |= over_budget && !done;
                is_too_dear |= too_dear && !done;
                let delivered = delivered - drain.delivered_before;
                effects.answer(drain.answer, Ok(Drained { delivered, left, sent_bytes: spent, done }));
            } else {
                self.sync.drains.push(drain);
            }
        }
        if is_spent && self.sync.drains.is_empty() && !self.is_in_front {
            self.sync.kept.state.spent(now.wall_ms);
        } else if is_too_dear && self.sync.drains.is_empty() {
            self.sync.kept.state.flushed();
        }
    }

    pub(super) fn diagnostics(&self, now: Now) -> Result<Diagnostics, Error> {
        let shown = self.shown.as_ref();
        Ok(Diagnostics {
            account: self.store.account()?,
            losses: self.store.losses()?,
            consent_epoch: self.consents.epoch(),
            acknowledged_epoch: self.sync.acked_epoch(),
            catalogue_version: shown.map(|shown| shown.catalogue.version.clone()),
            catalogue_age_ms: shown.map(|shown| now.wall_ms.saturating_sub(shown.fetched_at_ms)),
            quarantined: shown.map(|shown| shown.quarantined.as_ref().clone()).unwrap_or_default(),
            network: self.sync.network,
            clock_skew_ms: self.sync.kept.true_time.and_then(|known| known.skew_ms(now)),
            session: self.session,
            sampled_out: self.is_sampled_out(),
            queued_bytes: self.store.backlog().bytes,
            disk_bytes: crate::store::disk_bytes(&self.config.folder) + self.images.bytes(),
            oldest_queued_ms: self.store.oldest_at()?.and_then(|at| age_ms(at, now, self.sync.kept.true_time)),
            last_error: self.last_error(),
            next_attempt_at_ms: self.sync.next_attempt(),
            pending_rights: self.rights.len() as u32,
            busy: self.ring.busy(),
            sqlite_version: sqlite_version().to_owned(),
            installation: self.installation,
            account_alias: self.identity.as_ref().map(|identity| -> Uuid { identity.alias }),
            set_aside: self.store.set_aside()?,
        })
    }

    /// What the disk has comes first: whatever else is wrong, it is not in the account.
    fn last_error(&self) -> Option<String> {
        let Some(why) = &self.held_up else { return self.sync.last_error().cloned() };
        let bytes = self.ring.waiting_bytes();
        Some(format!("the queue takes nothing, and {bytes} bytes that were handed over wait: {why}"))
    }
}
