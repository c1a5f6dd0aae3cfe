//! Decides when an event truly happened, although the phone's clock may be wrong.
//!
//! A phone's wall clock may stand years off and may be set at any time; its monotonic clock never
//! jumps, and starts anew with every boot. The backend's own clock is taken to be right. So:
//!
//! 1. *Same boot as the sending*: receipt, less the uptime that passed between event and sending.
//! 2. *Another boot, or a device that does not tell its uptime*: the event's wall time, moved by how
//!    far that clock stood off when the batch was sent. Wrong by as much as the clock was set meanwhile.
//! 3. *No readable time of sending*: the event's wall time, as it came.
//!
//! Both corrections count the time of the request's way as time since the event. Nothing happens after
//! its receipt, or before 1970. Pure; [`crate::store`] asks, and keeps the raw time beside the answer.

use patron_core::sync::wire::SentClock;
use uuid::Uuid;

/// When an event happened, by the clocks of its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since the Unix epoch, by the wall clock.
    pub(crate) wall_ms: i64,
    /// Milliseconds since boot.
    pub(crate) mono_ms: u64,
    /// Under which boot `mono_ms` counts.
    pub(crate) boot: Uuid,
}

/// What the same clocks said when the batch was sent, as far as that could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Milliseconds since the Unix epoch, by the wall clock.
    pub(crate) wall_ms: Option<i64>,
    /// The monotonic clock; older devices do not tell it.
    pub(crate) clock: Option<SentClock>,
}

/// When it happened, milliseconds since the Unix epoch, within `0..=received_ms`.
pub(crate) fn at(event: Stamp, sent: Sent, received_ms: i64) -> i64 {
    by_uptime(event, sent, received_ms)
        .or_else(|| by_wall_clock(event, sent, received_ms))
        .unwrap_or(event.wall_ms)
        .clamp(0, received_ms.max(0))
}

/// `None` when the uptime says nothing: another boot, or a claim that cannot be true.
fn by_uptime(event: Stamp, sent: Sent, received_ms: i64) -> Option<i64> {
    let clock = sent.clock.filter(|clock| clock.bootid == event.boot)?;
    let ago_ms = i64::try_from(clock.monotonicms.checked_sub(event.mono_ms)?).ok()?;
    received_ms.checked_sub(ago_ms).filter(|at| *at >= 0)
}

fn by_wall_clock(event: Stamp, sent: Sent, received_ms: i64) -> Option<i64> {
    let off_ms = received_ms.checked_sub(sent.wall_ms?)?;
    event.wall_ms.checked_add(off_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOOT: Uuid = Uuid::from_u128(7);
    /// 2026-11-22.
    const RECEIVED: i64 = 1_795_000_000_000;
    const HOUR: i64 = 3_600_000;
    const YEAR: i64 = 31_557_600_000;

    fn stamp(wall_ms: i64, mono_ms: u64) -> Stamp {
        Stamp { wall_ms, mono_ms, boot: BOOT }
    }

    fn sent(wall_ms: i64, mono_ms: u64, boot: Uuid) -> Sent {
        Sent { wall_ms: Some(wall_ms), clock: Some(SentClock { monotonicms: mono_ms, bootid: boot }) }
    }

    #[test]
    fn a_clock_that_is_set_between_event_and_sending_moves_nothing_within_a_boot() {
        // An hour before sending, by a clock in 1970; meanwhile the network has set it right.
        let event = stamp(5_000, 1_000);
        assert_eq!(at(event, sent(RECEIVED, 1_000 + HOUR as u64, BOOT), RECEIVED), RECEIVED - HOUR);
    }

    #[test]
    fn across_a_boot_a_clock_that_is_years_off_is_off_by_as_much_at_both_ends() {
        let event = stamp(RECEIVED - 3 * YEAR - HOUR, 90_000_000);
        let sending = sent(RECEIVED - 3 * YEAR, 1_000, Uuid::from_u128(8));
        assert_eq!(at(event, sending, RECEIVED), RECEIVED - HOUR);
        assert_eq!(at(event, Sent { clock: None, ..sending }, RECEIVED), RECEIVED - HOUR, "an older device");
    }

    #[test]
    fn uptime_that_cannot_be_true_is_not_believed() {
        let event = stamp(RECEIVED - HOUR, 5_000);
        for nonsense in [4_999, u64::MAX, (RECEIVED + 5_001) as u64] {
            assert_eq!(at(event, sent(RECEIVED, nonsense, BOOT), RECEIVED), RECEIVED - HOUR, "{nonsense}");
        }
    }

    #[test]
    fn without_a_time_of_sending_the_raw_time_stands() {
        assert_eq!(at(stamp(RECEIVED - HOUR, 0), Sent::default(), RECEIVED), RECEIVED - HOUR);
        assert_eq!(at(stamp(RECEIVED + HOUR, 0), Sent::default(), RECEIVED), RECEIVED, "nothing is of tomorrow");
        assert_eq!(at(stamp(-HOUR, 0), Sent::default(), RECEIVED), 0);
    }

    fn any_sent() -> impl Strategy<Value = Sent> {
        let clock = (any::<u64>(), prop_oneof![Just(BOOT), Just(Uuid::nil())])
            .prop_map(|(monotonicms, bootid)| SentClock { monotonicms, bootid });
        (any::<Option<i64>>(), proptest::option::of(clock)).prop_map(|(wall_ms, clock)| Sent { wall_ms, clock })
    }

    proptest! {
        #[test]
        fn whatever_is_claimed_the_answer_lies_between_1970_and_receipt(
            wall_ms: i64, mono_ms: u64, sending in any_sent(), received_ms: i64,
        ) {
            let at = at(stamp(wall_ms, mono_ms), sending, received_ms);
            prop_assert!((0..=received_ms.max(0)).contains(&at), "{}", at);
        }

        #[test]
        fn no_wall_clock_has_a_say_within_a_boot(
            event_wall: i64, sent_wall: Option<i64>, mono_ms in 0..1u64 << 40, ago_ms in 0..YEAR,
        ) {
            let clock = Some(SentClock { monotonicms: mono_ms + ago_ms as u64, bootid: BOOT });
            let sending = Sent { wall_ms: sent_wall, clock };
            prop_assert_eq!(at(stamp(event_wall, mono_ms), sending, RECEIVED), RECEIVED - ago_ms);
        }

        #[test]
        fn a_clock_that_keeps_its_error_across_a_boot_does_no_harm(off_ms in -60 * YEAR..60 * YEAR, ago_ms in 0..YEAR) {
            let event = stamp(RECEIVED - ago_ms + off_ms, 0);
            prop_assert_eq!(at(event, sent(RECEIVED + off_ms, 0, Uuid::nil()), RECEIVED), RECEIVED - ago_ms);
        }
    }
}
