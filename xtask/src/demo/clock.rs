//! The simulated phone's clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use patron_core::clock::{Clock, Now};
use uuid::Uuid;

/// While it runs, so many seconds pass for the device in each real one: a retry that waits a
/// minute is due in one second.
pub(crate) const HURRY: u32 = 60;

/// Stands at the walk's time, moves with its fixes, and runs while the device drains.
pub(crate) struct WalkClock {
    state: Mutex<(i64, Option<Instant>)>,
}

impl WalkClock {
    pub(crate) fn at(wall_ms: i64) -> Self {
        Self { state: Mutex::new((wall_ms, None)) }
    }

    /// Moves on to `wall_ms`; never back.
    pub(crate) fn stand_at(&self, wall_ms: i64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.max(wall_ms);
    }

    pub(crate) fn run(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(Instant::now());
    }

    pub(crate) fn stand(&self) {
        let wall_ms = self.now().wall_ms;
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (wall_ms, None);
    }
}

impl Clock for WalkClock {
    fn now(&self) -> Now {
        let (stood_ms, running) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wall_ms = stood_ms + running.map_or(0, |since| (since.elapsed() * HURRY).as_millis() as i64);
        // The phone itself does not boot anew when its app is killed; it carries one boot id, and
        // its monotonic clock goes with the walk.
        Now { wall_ms, mono_ms: wall_ms.max(0) as u64, boot: Uuid::from_u128(1) }
    }

    fn sleep_until(&self, wall_ms: i64) -> Option<Duration> {
        let running = self.state.lock().unwrap_or_else(PoisonError::into_inner).1.is_some();
        let wait = Duration::from_millis((wall_ms - self.now().wall_ms).max(0) as u64) / HURRY;
        running.then_some(wait.max(Duration::from_millis(1)))
    }
}
