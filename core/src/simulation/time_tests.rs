use super::*;

const DAY_MS: i64 = 86_400_000;

fn at(truth_ms: i64, ahead_ms: i64, boot: u128) -> Moment {
    let now = Now { wall_ms: truth_ms + ahead_ms, mono_ms: 0, boot: Uuid::from_u128(boot) };
    Moment { now, truth_ms }
}

#[test]
fn only_a_clock_that_stood_back_makes_a_young_event_old_and_only_across_a_boot() {
    let old = |then: Moment, now: Moment| then.may_be_older(30 * DAY_MS, &now, 0);
    let now = at(100 * DAY_MS, 0, 2);
    assert!(!old(at(99 * DAY_MS, 0, 2), at(100 * DAY_MS, 400 * DAY_MS, 2)), "the clock was set forward since");
    assert!(!old(at(99 * DAY_MS, -60 * DAY_MS, 2), now), "the monotonic clock knows");
    assert!(old(at(99 * DAY_MS, -60 * DAY_MS, 1), now));
    assert!(!old(at(99 * DAY_MS, 60 * DAY_MS, 1), now));
    assert!(old(at(69 * DAY_MS, 0, 2), now));
}

#[test]
fn a_device_believes_what_it_was_told_in_this_boot_and_no_other_time() {
    let mut heard = Heard::default();
    let now = at(5_000, 300, 1);
    assert!(heard.explains(None, now, true).is_ok());
    assert!(heard.explains(Some(0), now, false).is_err(), "nobody told it anything");
    let told = |ms| format!(r#"{{"server_time":"{}"}}"#, rfc3339(ms)).into_bytes();
    heard.hear(&told(5_020), now, true);
    heard.hear(&told(5_040), now, true);
    // 300 ahead of the truth, which is 20 or 40 behind what was told.
    assert!(heard.explains(Some(280), now, false).is_ok());
    assert!(heard.explains(Some(260), now, true).is_ok());
    assert!(heard.explains(Some(280), now, true).is_err(), "the last answer was taken");
    assert!(heard.explains(Some(300), now, false).is_err(), "its own clock");
    assert!(heard.explains(Some(260), at(5_000, 300, 2), false).is_err(), "of another boot");
    heard.hear(br#"{"server_time":"yesterday"}"#, now, true);
    assert!(heard.explains(Some(260), now, true).is_ok(), "no time at all changes nothing");
}
