//! Time, passed in: nothing in Patron asks the system for it but [`SystemClock`].
//!
//! Two clocks, because each lies in its own way. The wall clock names a moment to people and to
//! the backend, and jumps when someone sets it. The monotonic clock never jumps but means nothing
//! after a reboot; the boot id says when that happened.

mod boot;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Milliseconds since the Unix epoch, by the device's wall clock.
    pub wall_ms: i64,
    /// Milliseconds since boot, counting sleep; comparable only under the same `boot`.
    pub mono_ms: u64,
    /// Changes with every boot of the device.
    pub boot: Uuid,
}

impl Now {
    /// How long ago `earlier` was, by the clock that nobody can set; `None` when the phone was off in between.
    pub fn since(&self, earlier: &Self) -> Option<Duration> {
        (earlier.boot == self.boot).then(|| Duration::from_millis(self.mono_ms.saturating_sub(earlier.mono_ms)))
    }

    /// The wall clock as RFC 3339 in UTC with milliseconds, as it stands on the wire.
    pub fn rfc3339(&self) -> String {
        rfc3339(self.wall_ms)
    }
}

/// `wall_ms` as RFC 3339 in UTC with milliseconds; saturates at the ends of the calendar.
pub fn rfc3339(wall_ms: i64) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(wall_ms).unwrap_or(if wall_ms < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    format!("{timestamp:.3}")
}

/// A time of RFC 3339 in milliseconds since the Unix epoch; `None` for what is none.
pub fn parse_rfc3339(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

/// Where time comes from. Called from any thread; must be quick.
pub trait Clock: Send + Sync + 'static {
    /// Reads both clocks.
    fn now(&self) -> Now;

    /// How long a thread may sleep in real time until `wall_ms` by this clock.
    ///
    /// `None` means: only a wake-up ends the wait. That is what a clock answers which someone
    /// moves by hand, and it is why a replayed day needs no real seconds.
    fn sleep_until(&self, wall_ms: i64) -> Option<Duration>;
}

/// The device's clocks.
#[derive(Debug)]
pub struct SystemClock {
    boot: Uuid,
}

impl SystemClock {
    /// Reads the boot id once.
    ///
    /// Where the platform tells none, each process counts as a boot of its own: order within it
    /// stays exact, and across it only the wall clock speaks.
    pub fn new() -> Self {
        Self { boot: boot::id().unwrap_or_else(Uuid::now_v7) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or_else(|before| -(before.duration().as_millis() as i64), |d| d.as_millis() as i64);
        Now { wall_ms: wall, mono_ms: since_boot_ms(), boot: self.boot }
    }

    fn sleep_until(&self, wall_ms: i64) -> Option<Duration> {
        Some(Duration::from_millis((wall_ms - self.now().wall_ms).max(0) as u64))
    }
}

/// Linux' `CLOCK_MONOTONIC` stops while the phone sleeps, and Apple's does not; a dwell of ten
/// minutes in a pocket must count as ten minutes on both.
fn since_boot_ms() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let id = rustix::time::ClockId::Monotonic;
    let t = rustix::time::clock_gettime(id);
    (t.tv_sec as u64) * 1_000 + (t.tv_nsec as u64) / 1_000_000
}

/// A clock that moves only when told to: for tests, simulation and replayed walks.
#[derive(Debug)]
pub struct ManualClock {
    wall_ms: AtomicI64,
    mono_ms: AtomicU64,
    /// Counts the boots.
    boot: AtomicU64,
}

impl ManualClock {
    /// Stands at `wall_ms`, freshly booted.
    pub fn at(wall_ms: i64) -> Self {
        Self { wall_ms: AtomicI64::new(wall_ms), mono_ms: AtomicU64::new(0), boot: AtomicU64::new(1) }
    }

    /// Moves both clocks on.
    pub fn advance(&self, by: Duration) {
        self.wall_ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        self.mono_ms.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }

    /// Moves both clocks on to `wall_ms`; a moment in the past leaves them where they are.
    pub fn advance_to(&self, wall_ms: i64) {
        let by = wall_ms - self.wall_ms.load(Ordering::SeqCst);
        self.advance(Duration::from_millis(by.max(0) as u64));
    }

    /// Starts the device anew: the monotonic clock counts from nought under another boot id.
    pub fn reboot(&self) {
        self.mono_ms.store(0, Ordering::SeqCst);
        self.boot.fetch_add(1, Ordering::SeqCst);
    }

    /// Sets the wall clock alone, as a shopper does in the settings.
    pub fn set_wall(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        Now {
            wall_ms: self.wall_ms.load(Ordering::SeqCst),
            mono_ms: self.mono_ms.load(Ordering::SeqCst),
            boot: Uuid::from_u128(u128::from(self.boot.load(Ordering::SeqCst))),
        }
    }

    fn sleep_until(&self, _wall_ms: i64) -> Option<Duration> {
        None
    }
}
