//! Keeping the queue within its bounds, and the files small.

use super::Engine;
use crate::clock::Now;
use crate::log::Level;
use crate::store::quota::{self, Evicted};
use crate::store::{Durability, Quota, StoreError, Tidiness, events};
use crate::sync::age_ms;

/// A phone in a drawer still delivers last month's events; older ones tell nobody anything.
const EVENT_TTL_MS: u64 = 30 * 86_400_000;

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

    /// Gives up what is older than any backend would want.
    pub(super) fn expire(&mut self, now: Now) -> Result<(), StoreError> {
        let known = self.sync.kept.true_time;
        let is_old = |at| age_ms(at, now, known).is_some_and(|age| age > EVENT_TTL_MS);
        let oldest = match self.store.oldest_at() {
            Err(_) if self.mend()? > 0 => self.store.oldest_at()?,
            oldest => oldest?,
        };
        if !oldest.is_some_and(is_old) {
            return Ok(());
        }
        let sent = self.sync.sent();
        let evicted = self.store.transact(Durability::Normal, |tx| quota::expire(tx, is_old, sent))?;
        self.gave_up(evicted);
        Ok(())
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
