//! What time it really is, as far as the backend has told.
//!
//! Pure. A phone's wall clock may be wrong by years and is changed by hand; the monotonic clock
//! counts well but from an arbitrary start. One answer of the backend ties the two together for as
//! long as the phone stays on.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Now;

/// No queue is older than that; a greater age is a clock that stood at its makers' default.
const NONSENSE_MS: i64 = 5 * 366 * 86_400_000;

/// The backend's time at one moment of this boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueTime {
    server_ms: i64,
    mono_ms: u64,
    boot: Uuid,
}

impl TrueTime {
    /// The backend said `server_ms` in an answer that was `received` then. Half a round trip off,
    /// which is nothing beside what it corrects.
    pub fn told(server_ms: i64, received: Now) -> Self {
        Self { server_ms, mono_ms: received.mono_ms, boot: received.boot }
    }

    /// The true time at `at`, milliseconds since the Unix epoch; `None` for a moment of another
    /// boot, of which this says nothing.
    pub fn at(&self, at: Now) -> Option<i64> {
        let since = i128::from(at.mono_ms) - i128::from(self.mono_ms);
        let since = i64::try_from(since).unwrap_or(if since < 0 { i64::MIN } else { i64::MAX });
        (at.boot == self.boot).then(|| self.server_ms.saturating_add(since))
    }

    /// How far the wall clock is ahead of the truth, milliseconds; negative when it is behind.
    pub fn skew_ms(&self, now: Now) -> Option<i64> {
        self.at(now).map(|truth| now.wall_ms.saturating_sub(truth))
    }
}

/// How long ago something happened, milliseconds; `None` when no clock can be trusted with it.
///
/// Under one boot the monotonic clock knows. Across boots the wall clock of then is compared with
/// the true time of now, never with the wall clock of now: setting that one forward must not make
/// a month of events old.
pub fn age_ms(then: Now, now: Now, known: Option<TrueTime>) -> Option<u64> {
    if then.boot == now.boot {
        return Some(now.mono_ms.saturating_sub(then.mono_ms));
    }
    let age = known?.at(now)?.saturating_sub(then.wall_ms);
    (0..NONSENSE_MS).contains(&age).then_some(age as u64)
}

/// How long ago something happened at the least, milliseconds; `None` when no clock can be trusted with it.
///
/// As [`age_ms`]; where that does not know what time it is now, what the backend said last before the
/// device went off still bounds it: that moment is past.
pub fn least_age_ms(then: Now, now: Now, known: Option<TrueTime>) -> Option<u64> {
    age_ms(then, now, known).or_else(|| {
        let age = known?.server_ms.saturating_sub(then.wall_ms);
        (0..NONSENSE_MS).contains(&age).then_some(age as u64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(wall_ms: i64, mono_ms: u64, boot: u128) -> Now {
        Now { wall_ms, mono_ms, boot: Uuid::from_u128(boot) }
    }

    #[test]
    fn setting_the_wall_clock_changes_neither_truth_nor_age() {
        let known = TrueTime::told(1_000_000, at(77, 500, 1));
        assert_eq!(known.at(at(i64::MAX, 1_500, 1)), Some(1_001_000));
        assert_eq!(known.skew_ms(at(1_002_000, 1_500, 1)), Some(1_000));
        assert_eq!(age_ms(at(5, 500, 1), at(i64::MIN, 1_500, 1), None), Some(1_000));
    }

    #[test]
    fn across_a_boot_only_the_backends_time_tells_an_age() {
        let (then, now) = (at(1_000_000, 5, 1), at(9_000_000_000, 50, 2));
        assert_eq!(age_ms(then, now, None), None);
        let known = TrueTime::told(1_600_000, at(0, 40, 2));
        assert_eq!(age_ms(then, now, Some(known)), Some(600_010));
    }

    #[test]
    fn an_age_of_decades_is_a_clock_that_was_never_set() {
        let known = TrueTime::told(1_795_341_600_000, at(0, 0, 2));
        assert_eq!(age_ms(at(0, 0, 1), at(0, 0, 2), Some(known)), None);
        assert_eq!(age_ms(at(i64::MAX, 0, 1), at(0, 0, 2), Some(known)), None);
    }

    #[test]
    fn what_the_backend_said_before_a_reboot_still_tells_the_least_age() {
        let (then, now) = (at(1_000_000, 5, 1), at(0, 50, 3));
        let known = TrueTime::told(1_600_000, at(0, 40, 2));
        assert_eq!((age_ms(then, now, Some(known)), least_age_ms(then, now, Some(known))), (None, Some(600_000)));
        assert_eq!(least_age_ms(at(1_700_000, 5, 1), now, Some(known)), None, "it was recorded later than that");
        assert_eq!(least_age_ms(then, now, None), None);
    }

    proptest! {
        #[test]
        fn any_clocks_are_an_age_or_none(a in any::<(i64, u64, bool)>(), b in any::<(i64, u64, bool)>(), server in any::<i64>()) {
            let (then, now) = (at(a.0, a.1, u128::from(a.2)), at(b.0, b.1, u128::from(b.2)));
            let known = TrueTime::told(server, then);
            let _ = (known.at(now), known.skew_ms(now), age_ms(then, now, Some(known)), least_age_ms(then, now, Some(known)));
        }
    }
}
