//! The device's clocks, in a hurry.

use std::time::{Duration, Instant};

use patron_core::clock::{Clock, Now};
use uuid::Uuid;

/// So many seconds pass for the device in each of ours: a retry that waits five minutes is due in
/// half a second, and a run of minutes has lived through a day.
pub(super) const HURRY: u32 = 600;

/// 2026-11-23 10:00 in Helsinki.
const BEGIN_MS: i64 = 1_795_420_800_000;

/// Runs on from `mono_ms`. The wall clock stands wrong by `wall_off_ms`, the monotonic never does.
pub(super) struct HurriedClock {
    begun: Instant,
    mono_ms: u64,
    wall_off_ms: i64,
}

impl HurriedClock {
    pub(super) fn new(mono_ms: u64, wall_off_ms: i64) -> Self {
        Self { begun: Instant::now(), mono_ms, wall_off_ms }
    }

    /// What the device's monotonic clock says so long after the beginning of the run.
    pub(super) fn mono_ms(run: Duration) -> u64 {
        (run * HURRY).as_millis() as u64
    }
}

impl Clock for HurriedClock {
    fn now(&self) -> Now {
        let mono_ms = self.mono_ms + Self::mono_ms(self.begun.elapsed());
        // The phone does not boot anew when its app is killed.
        Now { wall_ms: BEGIN_MS + mono_ms as i64 + self.wall_off_ms, mono_ms, boot: Uuid::from_u128(1) }
    }

    fn sleep_until(&self, wall_ms: i64) -> Option<Duration> {
        let wait = Duration::from_millis((wall_ms - self.now().wall_ms).max(0) as u64) / HURRY;
        Some(wait.max(Duration::from_millis(1)))
    }
}
