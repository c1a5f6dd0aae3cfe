//! Keeping the queue within its bounds, and the files small.

use super::Engine;
use crate::clock::Now;
use crate::log::Level;
use crate::store::quota::{self, Evicted};
use crate::store::{Durability, Quota, StoreError, Tidiness, events};
use crate::sync::{age_ms, least_age_ms};

/// A phone in a drawer still delivers last month's events; older ones tell nobody anything.
const EVENT_TTL_MS: u64 = 30 * 86_400_000;

/// Days are kept, so hours do.
const EXPIRE_EVERY_MS: u64 = 3_600_000;

impl Engine {
    /// Keeps the queue within the quota, the batch under way apart.
    ///
    /// What was stored before is stored, whether or not this succeeds; the next import tries again.
    pub(super) fn make_room(&mut self) {
        let quota = Quota { events: self.config.max_events, bytes: self.config.max_bytes };
        if !quota.is_exceeded_by(self.store.backlog()) {
            return;
        }
        let sent = self.sync.sent();
        match self.store.transact(Durability::Normal, |tx| quota::make_room(tx, quota, sent)) {
            Ok(evicted) => self.gave_up(evicted),
            Err(error) => self.log.line(Level::Error, || format!("queue: {error}")),
        }
    }

    /// Gives up what is older than any backend would want. Not while events are on the wire: their
    /// answer is about to come.
    pub(super) fn expire(&mut self, now: Now) -> Result<(), StoreError> {
        if self.sync.is_sending_events() {
            return Ok(());
        }
        self.expired_at = Some(now);
        let known = self.sync.kept.true_time;
        let is_old = |at| least_age_ms(at, now, known).is_some_and(|age| age > EVENT_TTL_MS);
        self.oldest = match self.store.oldest_at() {
            Err(_) if self.mend()? > 0 => self.store.oldest_at()?,
            oldest => oldest?,
        };
        if !self.oldest.is_some_and(is_old) {
            return Ok(());
        }
        let evicted = self.store.transact(Durability::Normal, |tx| quota::expire(tx, is_old))?;
        self.gave_up(evicted);
        self.oldest = self.store.oldest_at().unwrap_or(None);
        Ok(())
    }

    /// The same once an hour, and when the oldest comes of that age: a process may live for longer than any event, never
    /// be online, and do nothing else.
    pub(super) fn expire_in_time(&mut self, now: Now) {
        let is_recent = |last: Now| last.boot == now.boot && now.mono_ms.saturating_sub(last.mono_ms) < EXPIRE_EVERY_MS;
        let is_due = self.expires_at(now).is_some_and(|at| at <= now.wall_ms);
        if !is_due && self.expired_at.is_some_and(is_recent) {
            return;
        }
        if let Err(error) = self.expire(now) {
            self.log.line(Level::Error, || format!("queue: {error}"));
        }
    }

    /// When an event comes of that age, by the wall clock as it stands now. What is known of the oldest may be of one that has
    /// left since: then it is looked up once too often, in a month.
    pub(super) fn expires_at(&self, now: Now) -> Option<i64> {
        // Their answer is about to come, and is looked at first.
        if self.sync.is_sending_events() {
            return None;
        }
        let age = least_age_ms(self.oldest?, now, self.sync.kept.true_time)?;
        let (left, over) = ((EVENT_TTL_MS + 1).saturating_sub(age), age.saturating_sub(EVENT_TTL_MS + 1));
        let tried = self.expired_at.filter(|last| last.boot == now.boot);
        let wait = match tried.map(|last| now.mono_ms.saturating_sub(last.mono_ms)) {
            // It was too old then, and is there still: a disk that refused is asked again in an hour.
            Some(since) if left == 0 && over >= since => EXPIRE_EVERY_MS.saturating_sub(since),
            _ => left,
        };
        Some(now.wall_ms.saturating_add_unsigned(wait))
    }

    /// Which event waits longest, for [`Engine::expires_at`]; looked up once, for what comes in is younger.
    pub(super) fn know_oldest(&mut self) {
        if self.store.backlog().events == 0 {
            self.oldest = None;
        } else if self.oldest.is_none() {
            self.oldest = self.store.oldest_at().unwrap_or(None);
        }
    }

    /// Whether an event of then is too old by a wall clock that nothing bears out. It costs no event:
    /// it may be the clock that is wrong, and the answer to a single event tells.
    pub(super) fn is_perhaps_old(&self, then: Now, now: Now) -> bool {
        let by_wall = now.wall_ms.saturating_sub(then.wall_ms);
        by_wall > EVENT_TTL_MS as i64 && age_ms(then, now, self.sync.kept.true_time).is_none()
    }

    /// Gives up the rows of the queue that do not read; answers how many there were.
    pub(super) fn mend(&mut self) -> Result<u64, StoreError> {
        let gone = self.store.transact(Durability::Normal, events::give_up_unreadable)?;
        if gone > 0 {
            self.log.line(Level::Error, || format!("queue: {gone} events do not read, and are given up"));
        }
        Ok(gone)
    }

    fn gave_up(&mut self, evicted: Evicted) {
        let Evicted { for_count, for_bytes, for_age } = evicted;
        if evicted != Evicted::default() {
            self.untidy = true;
            self.log.line(Level::Error, || {
                format!("queue: given up: {for_count} above the count, {for_bytes} above the bytes, {for_age} for age")
            });
        }
    }

    /// Keeps the files small; to be called when nothing else is at hand. Answers whether there is
    /// more to do.
    pub(crate) fn tidy(&mut self) -> bool {
        // Free pages are used again while there is something to store in them.
        if !self.untidy || self.store.backlog().events > 0 {
            self.keep_log_short(true);
            return false;
        }
        match self.store.tidy() {
            Ok(Tidiness::More) => return true,
            Ok(Tidiness::Tidy) => {}
            Err(error) => self.log.line(Level::Warn, || format!("store: {error}")),
        }
        self.untidy = false;
        false
    }

    /// Folds the log into its file where that is due. A disk that refuses is asked again with the
    /// next group: the log may grow meanwhile, and nothing is lost.
    pub(super) fn keep_log_short(&self, pausing: bool) {
        if let Err(error) = self.store.checkpoint(pausing) {
            self.log.line(Level::Warn, || format!("store: {error}"));
        }
    }
}
