//! What time it is: in truth, by the phone and by the backend; and what one may conclude from another's word.
//!
//! A phone's wall clock is set by whoever holds it, and a backend's may be off and jump. Truth runs evenly, and nobody
//! but the oracles here knows it.

use uuid::Uuid;

use super::backend::Arrived;
use super::{Held, ensure};
use crate::clock::{Now, parse_rfc3339, rfc3339};
use crate::sync::wire::{CloudEvent, EventBatch};

/// One moment, by the phone's clocks and in truth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Now,
    pub(super) truth_ms: i64,
}

impl Moment {
    /// How far the wall clock is ahead of the truth.
    fn ahead_ms(&self) -> i64 {
        self.now.wall_ms - self.truth_ms
    }

    /// Whether a device that learns the time from a backend may take something of this moment to be older than
    /// `ttl_ms` at `now`. The backend is off by `widest_ms` at most.
    ///
    /// Under one boot the age is exact. Across a boot the wall clock of then counts, against what the backend said: a
    /// wall clock that stood far back then makes things old, and one that is set forward later makes nothing so.
    pub(super) fn may_be_older(&self, ttl_ms: i64, now: &Self, widest_ms: i64) -> bool {
        let age = now.truth_ms - self.truth_ms;
        let by_wall = age - self.ahead_ms();
        age > ttl_ms || self.now.boot != now.now.boot && by_wall + widest_ms > ttl_ms
    }

    /// Holds when the backend found this to have happened against the truth. What it cannot know is how long the
    /// request was on its way and, across a boot, by how much the wall clock was set between event and sending.
    pub(super) fn is_found(&self, arrived: &Arrived) -> Held {
        let late = arrived.receipt.truth_ms - arrived.sent.truth_ms;
        let set = if self.now.boot == arrived.sent.now.boot { 0 } else { self.ahead_ms() - arrived.sent.ahead_ms() };
        let expected = arrived.receipt.clamp(self.truth_ms + late + set + arrived.receipt.ahead_ms());
        ensure(arrived.happened_ms == expected, || {
            let (id, found) = (arrived.id, rfc3339(arrived.happened_ms));
            format!("{id} happened at {}, and its envelope makes it {found}", rfc3339(expected))
        })
    }
}

/// When a request reached the backend, in truth and by the backend's own clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Receipt {
    truth_ms: i64,
    clock_ms: i64,
}

impl Receipt {
    fn ahead_ms(&self) -> i64 {
        self.clock_ms - self.truth_ms
    }

    /// Never after the receipt, never before 1970.
    fn clamp(&self, happened_ms: i64) -> i64 {
        happened_ms.clamp(0, self.clock_ms)
    }

    /// When an event happened, as the protocol has a backend work it out.
    pub(super) fn happened(&self, event: &CloudEvent, batch: &EventBatch) -> i64 {
        let of_its_boot = |clock: &crate::sync::wire::SentClock| {
            clock.bootid == event.bootid && clock.monotonicms >= event.monotonicms
        };
        let by_boot = batch.sent_clock.filter(of_its_boot);
        let time = parse_rfc3339(&event.time).unwrap_or(0);
        self.clamp(match (by_boot, parse_rfc3339(&batch.sent_at)) {
            (Some(clock), _) => self.clock_ms - (clock.monotonicms - event.monotonicms) as i64,
            (None, Some(sent_at)) => time + (self.clock_ms - sent_at),
            (None, None) => time,
        })
    }
}

/// The backend's clock.
#[derive(Default)]
pub(super) struct BackendClock {
    /// What everyone would like to know.
    pub(super) truth_ms: i64,
    ahead_ms: i64,
    /// The farthest it ever was from the truth.
    pub(super) widest_ms: i64,
    /// It does not tell its time.
    pub(super) is_silent: bool,
}

impl BackendClock {
    /// It jumps.
    pub(super) fn set_ahead(&mut self, ms: i64) {
        self.ahead_ms = ms;
        self.widest_ms = self.widest_ms.max(ms.abs());
    }

    pub(super) fn receipt(&self) -> Receipt {
        Receipt { truth_ms: self.truth_ms, clock_ms: self.truth_ms + self.ahead_ms }
    }

    /// As an answer has it.
    pub(super) fn told(&self) -> String {
        if self.is_silent { String::new() } else { rfc3339(self.truth_ms + self.ahead_ms) }
    }
}

/// What the backend has told a device of the time, in this boot.
#[derive(Default)]
pub(super) struct Heard {
    boot: Uuid,
    /// How far each answer was ahead of the truth.
    ahead_ms: Vec<i64>,
    /// Nothing kept the last one from being written down.
    is_certain: bool,
}

impl Heard {
    /// An answer reaches the device; `is_certain`: over a network that garbles none.
    pub(super) fn hear(&mut self, body: &[u8], at: Moment, is_certain: bool) {
        if self.boot != at.now.boot {
            *self = Self { boot: at.now.boot, ..Self::default() };
        }
        let reply = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        if let Some(told) = reply.get("server_time").and_then(|time| parse_rfc3339(time.as_str()?)) {
            self.ahead_ms.push(told - at.truth_ms);
            self.is_certain = is_certain;
        }
    }

    /// Holds what the device believes of its wall clock against what it was told; `settled`: every answer was taken.
    ///
    /// It may believe an earlier answer than the last one: of an answer that a full disk or a kill kept it from writing
    /// down it knows nothing. It never believes what no answer said, and never its own wall clock.
    pub(super) fn explains(&self, skew_ms: Option<i64>, at: Moment, settled: bool) -> Held {
        let told: &[i64] = if self.boot == at.now.boot { &self.ahead_ms } else { &[] };
        let settled = settled && self.is_certain;
        let believed = skew_ms.map(|skew| at.ahead_ms() - skew);
        let may = match believed {
            Some(ahead) if settled => told.last() == Some(&ahead),
            Some(ahead) => told.contains(&ahead),
            None => !settled || told.is_empty(),
        };
        ensure(may, || format!("it takes the time to be {believed:?} ms ahead of the truth, and was told {told:?}"))
    }
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
