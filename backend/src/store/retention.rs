//! Forgets events that are older than the operator wants to keep, and what rests on a yes that has run out.
//!
//! An event's row is also the memory of its id, so both go together and not before devices have long
//! given the event up. Removal is the writer's work like any other, in steps so small that no request
//! waits for long, with pauses in between. docs/adr/0013-rows-remember-ids.md says why there is one
//! table and not two. [`crate::Server`] runs it.

use std::time::{Duration, Instant};

use patron_core::clock::rfc3339;
use rusqlite::{Connection, params};

use super::{Failure, Work, Writer, now_ms, preferences};

/// Events removed in one step: some milliseconds of the writer's time.
const STEP: usize = 256;

/// Of the time while there is something to remove, the writer spends one part in this many on it.
const SHARE: u32 = 5;

/// Between two sweeps. Days are kept, so hours do.
const REST: Duration = Duration::from_secs(3_600);

/// After a step that the writer could not take.
const RETRY: Duration = Duration::from_secs(10);

/// For how long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    days: u32,
}

impl Keep {
    /// The fewest days: a device keeps an event for 30 days and a clock may be wrong; an id that is
    /// forgotten before its last try would be stored twice.
    pub const LEAST_DAYS: u32 = 45;

    /// Keeps events for that many days after their receipt; `None` below [`Keep::LEAST_DAYS`].
    pub fn days(days: u32) -> Option<Self> {
        (days >= Self::LEAST_DAYS).then_some(Self { days })
    }

    /// Whether an event that happened then, and comes now, may have come before and been forgotten; all
    /// in milliseconds since the Unix epoch. What looks older than five years is the word of a clock
    /// that was never set, as it is to a device that looks for what is too old to send.
    pub(crate) fn may_be_forgotten(self, happened_ms: i64, now_ms: i64) -> bool {
        const MARGIN_MS: i64 = 7 * 24 * 3_600 * 1_000;
        const NONSENSE_MS: i64 = 5 * 366 * 24 * 3_600 * 1_000;
        let nonsense_before = now_ms.saturating_sub(NONSENSE_MS);
        (nonsense_before..self.before_ms(now_ms).saturating_add(MARGIN_MS)).contains(&happened_ms)
    }

    /// What was received before this is no longer kept at `now_ms`; both in milliseconds since the Unix epoch.
    fn before_ms(self, now_ms: i64) -> i64 {
        const DAY_MS: i64 = 24 * 3_600 * 1_000;
        now_ms.saturating_sub(i64::from(self.days) * DAY_MS)
    }
}

/// Sweeps until it is dropped; without `keep` events stay.
pub(crate) async fn run(writer: Writer, keep: Option<Keep>) {
    loop {
        let began = Instant::now();
        let before = keep.map(|keep| rfc3339(keep.before_ms(now_ms())));
        let pause = match writer.ask(|reply| Work::Forget { before, reply }).await {
            Ok(STEP) => began.elapsed() * (SHARE - 1),
            Ok(_) => REST,
            Err(Failure::Busy | Failure::Storage | Failure::Conflict(_)) => RETRY,
        };
        tokio::time::sleep(pause).await;
    }
}

/// Removes what rests on a yes that has run out, or else the oldest events of those received before `before`, at most a
/// step of either. Returns how many. `erased` tells that a shopper's words went.
pub(crate) fn forget(connection: &Connection, before: Option<&str>, erased: &mut bool) -> rusqlite::Result<usize> {
    let ended = preferences::expire(connection, now_ms(), STEP)?;
    *erased |= ended > 0;
    let Some(before) = before.filter(|_| ended < STEP) else { return Ok(ended) };
    let removed = connection
        .prepare_cached(
            "DELETE FROM event WHERE seq IN
                 (SELECT seq FROM event WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)",
        )?
        .execute(params![before, STEP as i64])?;
    super::count(connection, "forgotten", removed)?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_devices_need_is_not_to_be_had() {
        assert_eq!(Keep::days(44), None);
        let keep = Keep::days(45).unwrap();
        assert_eq!(keep.before_ms(45 * 86_400_000 + 7), 7);
    }

    #[test]
    fn only_what_no_honest_device_sends_any_more_is_too_old() {
        const DAY: i64 = 86_400_000;
        let (keep, now) = (Keep::days(45).unwrap(), 20_000 * DAY);
        let too_old = |days: i64| keep.may_be_forgotten(now - days * DAY, now);
        assert_eq!(
            [0, 30, 38, 39, 45, 1_800, 1_831, 20_000].map(too_old),
            [false, false, false, true, true, true, false, false]
        );
    }
}
