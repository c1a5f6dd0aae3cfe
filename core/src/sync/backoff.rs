//! How long to wait before another try.
//!
//! Pure: randomness and time are passed in. Full jitter, so that the phones of a whole town that
//! lost the backend in the same second do not come back in the same second.

use std::time::Duration;

/// One try a second is what a backend that is only restarting can bear from everyone.
const FLOOR: Duration = Duration::from_secs(1);

/// Reached at the ninth try. A longer wait would keep events on a phone that has been back on the
/// network for minutes.
const CEILING: Duration = Duration::from_secs(300);

/// A backend may ask for quiet, but not for ever: events expire after 30 days.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait behind the `attempt`th failure in a row (from 1): anything from a second to twice the
/// bound of the attempt before, at most 300 s.
pub fn jitter(attempt: u32, rng: &mut fastrand::Rng) -> Duration {
    let bound = FLOOR.saturating_mul(2_u32.saturating_pow(attempt.min(16))).min(CEILING);
    Duration::from_millis(rng.u64(FLOOR.as_millis() as u64..=bound.as_millis() as u64))
}

/// What a `Retry-After` asks for, seconds or a date, at most [`MAX_RETRY_AFTER`].
///
/// A date is read against `date`, the answer's own `Date`, where there is one: the phone's clock
/// (`now_ms`) may be wrong by years, and the two headers come from the same clock.
pub fn retry_after(value: &str, date: Option<&str>, now_ms: i64) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let until = http_date_ms(value)?;
        let now = date.and_then(http_date_ms).unwrap_or(now_ms);
        Duration::from_millis(until.saturating_sub(now).max(0) as u64)
    };
    Some(asked.min(MAX_RETRY_AFTER))
}

/// RFC 9110's preferred form; the two that it calls obsolete are taken for no date.
fn http_date_ms(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok().map(|t| t.as_millisecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wait_is_never_below_a_second_nor_above_five_minutes(attempt in any::<u32>(), seed in any::<u64>()) {
            let wait = jitter(attempt, &mut fastrand::Rng::with_seed(seed));
            prop_assert!((FLOOR..=CEILING).contains(&wait));
        }

        #[test]
        fn any_header_is_a_bounded_wait_or_none(value in ".{0,40}", date in ".{0,40}", now in any::<i64>()) {
            if let Some(wait) = retry_after(&value, Some(&date), now) {
                prop_assert!(wait <= MAX_RETRY_AFTER);
            }
        }
    }

    #[test]
    fn waits_grow_and_spread_over_their_whole_range() {
        let mut rng = fastrand::Rng::with_seed(1);
        let longest = |attempt: u32, rng: &mut fastrand::Rng| (0..500).map(|_| jitter(attempt, rng)).max().unwrap();
        let shortest = |attempt: u32, rng: &mut fastrand::Rng| (0..500).map(|_| jitter(attempt, rng)).min().unwrap();
        assert!(longest(1, &mut rng) <= Duration::from_secs(2));
        assert!(longest(3, &mut rng) > Duration::from_secs(7));
        assert!(longest(20, &mut rng) > Duration::from_secs(290));
        assert!(shortest(20, &mut rng) < Duration::from_secs(10));
    }

    #[test]
    fn a_backend_may_ask_in_seconds_or_with_a_date() {
        assert_eq!(retry_after("120", None, 0), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("99999999999999999999999", None, 0), Some(MAX_RETRY_AFTER));
        let until = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(retry_after(until, None, 784_111_777_000 - 5_000), Some(Duration::from_secs(5)));
        assert_eq!(retry_after(until, None, 784_111_777_000 + 5_000), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", None, 0), None);
    }

    #[test]
    fn a_wrong_clock_on_the_phone_does_not_stretch_the_wait() {
        let wait = retry_after("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:07 GMT"), 0);
        assert_eq!(wait, Some(Duration::from_secs(30)));
    }
}
