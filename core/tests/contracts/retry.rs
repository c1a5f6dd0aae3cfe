//! When is tried again, after how long, and what an answer costs.

use std::time::Duration;

use patron_core::clock::Clock;
use patron_core::consent::Purpose;
use patron_core::offer::BlockerKind;

use crate::desk::Desk;
use crate::support::Fault;

const SECOND: Duration = Duration::from_secs(1);
const CEILING: Duration = Duration::from_secs(300);
const LATER: [u16; 9] = [408, 425, 429, 500, 502, 503, 504, 529, 599];

/// A refusal that is the backend's own word on what was sent.
const PROBLEM: &str = r#"{"type":"/problems/malformed","title":"The body cannot be read","status":400}"#;

#[test]
fn a_failure_keeps_the_events_and_a_later_success_delivers_and_removes_them() {
    let desk = Desk::new();
    desk.model.fail("/v1/events", Fault::Unreachable);
    desk.send(3);
    let wait = desk.wait_behind(1);
    assert_eq!((desk.account().queued, desk.model.stored()), (3, 0));
    desk.pass(wait);
    let account = desk.delivered();
    assert_eq!((account.delivered, desk.model.stored()), (3, 3));
}

#[test]
fn every_status_that_says_later_is_tried_again() {
    for status in LATER {
        let desk = Desk::new();
        desk.answers([(status, None)]);
        desk.send(3);
        let wait = desk.wait_behind(1);
        assert!((SECOND..=2 * SECOND).contains(&wait), "{status}: {wait:?}");
        desk.pass(wait);
        let account = desk.delivered();
        assert_eq!((account.delivered, account.dead), (3, 0), "{status}");
    }
}

#[test]
fn a_status_that_may_be_anyones_costs_no_event() {
    for status in [418, 402, 407, 451, 501, 505, 400, 422] {
        let desk = Desk::new();
        desk.answers([(status, None)]);
        desk.send(3);
        desk.pass(desk.wait_behind(1));
        let account = desk.delivered();
        assert_eq!((account.delivered, account.dead), (3, 0), "{status}");
    }
}

#[test]
fn an_address_that_is_gone_pauses_for_an_hour() {
    for status in [404, 405, 410] {
        let desk = Desk::new();
        desk.answers([(status, None)]);
        desk.send(3);
        assert_eq!(desk.wait_behind(1), Duration::from_secs(3_600), "{status}");
        desk.pass(Duration::from_secs(3_600));
        assert_eq!(desk.delivered().delivered, 3, "{status}");
    }
}

#[test]
fn waits_grow_are_spread_and_end_at_five_minutes() {
    let desk = Desk::new();
    desk.answers([(503, None); 40]);
    desk.send(3);
    let waits: Vec<Duration> = (1..=40)
        .map(|n| {
            let wait = desk.wait_behind(n);
            desk.pass(wait);
            wait
        })
        .collect();
    for (tries, wait) in (1_u32..).zip(&waits) {
        let bound = CEILING.min(SECOND * 2_u32.saturating_pow(tries.min(10)));
        assert!((SECOND..=bound).contains(wait), "after {tries} tries: {wait:?}");
    }
    let late = &waits[9..];
    assert!(late.iter().max() > Some(&(200 * SECOND)) && late.iter().min() < Some(&(100 * SECOND)), "{late:?}");
    assert_eq!(desk.delivered().delivered, 3);
}

#[test]
fn the_count_of_failures_outlives_the_process() {
    let mut desk = Desk::new();
    desk.answers([(503, None); 12]);
    desk.send(3);
    for n in 1..=8 {
        desk.pass(desk.wait_behind(n));
    }
    desk.wait_behind(9);
    desk.reopen();
    let before = desk.diagnostics().next_attempt_at_ms;
    assert!(before.is_some(), "the wait itself outlives it too");
    let waits: Vec<Duration> = (9..=12)
        .map(|n| {
            let wait = desk.wait_behind(n);
            desk.pass(wait);
            wait
        })
        .collect();
    // A count that had begun anew could not wait for longer than 16 s at its fourth.
    assert!(waits.iter().max() > Some(&(16 * SECOND)), "{waits:?}");
    assert_eq!(desk.delivered().delivered, 3);
}

#[test]
fn a_success_forgets_the_failures() {
    let desk = Desk::new();
    desk.answers([(503, None); 10]);
    desk.send(3);
    for n in 1..=10 {
        desk.pass(desk.wait_behind(n));
    }
    desk.delivered();
    desk.answers([(503, None)]);
    desk.send(3);
    assert!(desk.wait_behind(12) <= 2 * SECOND);
}

#[test]
fn a_request_to_wait_is_honoured_on_every_status_that_says_later() {
    // A date is read against the answer's own clock or, without one, the device's.
    for (status, after) in LATER.into_iter().zip(["120", "Mon, 23 Nov 2026 08:02:00 GMT"].into_iter().cycle()) {
        let desk = Desk::new();
        desk.answers([(status, Some(after))]);
        desk.send(3);
        let wait = desk.wait_behind(1);
        assert_eq!(wait, 120 * SECOND, "{status}, {after}");
        desk.pass(wait - SECOND);
        assert_eq!(desk.attempts(), 1, "{status}: too early");
        desk.pass(SECOND);
        assert_eq!(desk.delivered().delivered, 3);
    }
}

#[test]
fn a_request_to_wait_ends_after_a_day() {
    let desk = Desk::new();
    desk.answers([(429, Some("99999999"))]);
    desk.send(3);
    assert_eq!(desk.wait_behind(1), Duration::from_secs(86_400));
}

#[test]
fn a_request_to_wait_for_nothing_still_waits_a_second() {
    let desk = Desk::new();
    desk.answers([(529, Some("0"))]);
    desk.send(3);
    assert!(desk.wait_behind(1) >= SECOND);
}

#[test]
fn a_pause_holds_every_batch_and_no_flush_breaks_it() {
    let desk = Desk::new();
    desk.answers([(429, Some("60"))]);
    desk.send(700);
    desk.wait_behind(1);
    desk.track((0..30).map(|i| format!("more-{i}")));
    desk.patron().set_online(true).unwrap();
    let drained = crate::support::wait(desk.patron().drain(10 * SECOND, None)).unwrap();
    assert_eq!((drained.done, drained.sent_bytes, desk.attempts()), (false, 0, 1));
    desk.pass(60 * SECOND);
    assert_eq!(desk.delivered().delivered, 730);
}

#[test]
fn a_pause_outlives_the_process() {
    let mut desk = Desk::new();
    desk.answers([(429, Some("60"))]);
    desk.send(3);
    desk.wait_behind(1);
    desk.reopen();
    // At once: a process that had not read its state yet would send here.
    let drained = crate::support::wait(desk.patron().drain(10 * SECOND, None)).unwrap();
    assert_eq!((drained.done, desk.attempts()), (false, 1));
    desk.pass(60 * SECOND);
    desk.patron().set_online(true).unwrap();
    assert_eq!(desk.delivered().delivered, 3);
}

#[test]
fn a_refused_key_is_asked_once_and_costs_no_event() {
    for status in [401, 403] {
        let desk = Desk::new();
        desk.model.fail("/v1/events", Fault::Answer(status, vec![], PROBLEM));
        desk.send(3);
        desk.until(|desk| {
            desk.patron().blockers(None, false).unwrap().iter().find(|b| b.kind == BlockerKind::KeyRefused).cloned()
        });
        desk.pass(Duration::from_secs(86_400));
        assert_eq!((desk.attempts(), desk.account().queued), (1, 3), "{status}");
    }
}

#[test]
fn one_bad_event_is_a_dead_letter_and_the_others_arrive() {
    for (status, headers) in [(400, vec![]), (422, vec![]), (400, vec![("retry-after", "60")])] {
        let desk = Desk::new();
        let refusal = Fault::Answer(status, headers, PROBLEM);
        *desk.heard.poison.lock().unwrap() = Some(("offer-4".to_owned(), refusal));
        desk.send(7);
        let account = desk.delivered_in_time();
        assert_eq!((account.delivered, account.dead, desk.model.stored()), (6, 1, 6), "{status}");
        // Three times alone, and never again.
        let alone = desk.sent().iter().filter(|sent| sent.offers() == ["offer-4"]).count();
        assert_eq!(alone, 3, "{status}");
    }
}

#[test]
fn a_backend_that_refuses_everything_costs_no_event_and_is_not_asked_without_pause() {
    for (status, body) in [(400, PROBLEM), (422, PROBLEM), (413, ""), (413, PROBLEM)] {
        let desk = Desk::new();
        *desk.heard.poison.lock().unwrap() = Some((String::new(), Fault::Answer(status, vec![], body)));
        desk.send(16);
        // Halved without a pause: 16, 8, 4, 2, 1. From then on one at a time, and with waits that grow.
        desk.wait_behind(5);
        for n in 5..60 {
            desk.pass(desk.wait_behind(n));
        }
        let account = desk.account();
        assert_eq!((account.queued, account.dead), (16, 0), "{status}: {account:?}");
        assert!(desk.diagnostics().last_error.is_some());
        *desk.heard.poison.lock().unwrap() = None;
        let account = desk.delivered_in_time();
        assert_eq!((account.delivered, account.dead), (16, 0), "{status}");
    }
}

#[test]
fn an_event_that_is_refused_for_hours_while_nothing_else_is_there_is_a_dead_letter_at_last() {
    let desk = Desk::new();
    *desk.heard.poison.lock().unwrap() = Some(("offer-0".to_owned(), Fault::Answer(400, vec![], PROBLEM)));
    desk.send(1);
    for n in 1..60 {
        desk.pass(desk.wait_behind(n));
    }
    let account = desk.until(|desk| Some(desk.account()).filter(|account| account.queued == 0));
    assert_eq!((account.dead, desk.attempts()), (1, 60));
}

#[test]
fn a_network_that_comes_and_goes_hurries_no_refusal() {
    let desk = Desk::new();
    *desk.heard.poison.lock().unwrap() = Some((String::new(), Fault::Answer(400, vec![], PROBLEM)));
    desk.send(1);
    desk.wait_behind(1);
    for _ in 0..30 {
        desk.patron().set_online(false).unwrap();
        desk.patron().set_online(true).unwrap();
    }
    assert_eq!((desk.account().queued, desk.attempts()), (1, 1));
}

#[test]
fn an_event_that_no_gateway_lets_through_holds_up_none_of_the_others() {
    let desk = Desk::new();
    *desk.heard.poison.lock().unwrap() = Some(("offer-0".to_owned(), Fault::Answer(413, vec![], "<html>")));
    desk.send(4);
    desk.until(|desk| {
        if let Some(at) = desk.diagnostics().next_attempt_at_ms {
            desk.pass(Duration::from_millis((at - desk.clock.now().wall_ms).max(0) as u64));
        }
        // What is stored is delivered only once the answer has come.
        Some(()).filter(|()| desk.model.stored() == 3 && desk.account().queued == 1)
    });
    assert_eq!((desk.account().queued, desk.account().dead), (1, 0));
}

#[test]
fn an_event_that_is_put_off_for_ever_while_others_are_taken_is_a_dead_letter_at_last() {
    let desk = Desk::new();
    desk.model.0.lock().unwrap().puts_off = Some("\"offer-0\"".to_owned());
    desk.send(1);
    desk.wait_behind(1);
    let mut others = 0;
    while desk.account().dead == 0 {
        others += 1;
        // A hundred batches go within seconds, and whatever holds the one up may take an hour.
        if others > 150 {
            desk.pass(Duration::from_secs(120));
        }
        assert!(others < 300, "{:?}", desk.account());
        desk.track([format!("other-{others}")]);
        desk.until(|desk| {
            if let Some(at) = desk.diagnostics().next_attempt_at_ms {
                desk.pass(Duration::from_millis((at - desk.clock.now().wall_ms).max(0) as u64));
            }
            Some(()).filter(|()| desk.model.stored() == others)
        });
    }
    assert!(others >= 240, "given up after {others}");
    assert_eq!(desk.delivered_in_time().delivered, others as u64);
    assert!(desk.diagnostics().losses.iter().any(|loss| loss.reason == "put_off"));
}

#[test]
fn a_backend_that_puts_everything_off_costs_no_event() {
    let desk = Desk::new();
    desk.model.0.lock().unwrap().puts_off = Some("offer".to_owned());
    desk.send(3);
    for n in 1..300 {
        desk.pass(desk.wait_behind(n));
    }
    desk.wait_behind(300);
    desk.model.0.lock().unwrap().puts_off = None;
    assert_eq!(desk.delivered_in_time().delivered, 3);
}

#[test]
fn a_backend_that_never_holds_the_consent_is_not_asked_without_pause() {
    let desk = Desk::new();
    desk.model.0.lock().unwrap().holds_no_consent = true;
    desk.send(3);
    for n in 1..=12 {
        let wait = desk.wait_behind(n);
        assert!(wait >= SECOND, "{n}: {wait:?}");
        desk.pass(wait);
    }
    desk.wait_behind(13);
    desk.model.0.lock().unwrap().holds_no_consent = false;
    let account = desk.delivered_in_time();
    assert_eq!((account.delivered, account.dead), (3, 0));
}

#[test]
fn what_was_sent_before_a_backup_was_put_back_may_have_arrived_all_the_same() {
    let desk = Desk::new();
    desk.model.fail("/v1/events", Fault::LostReply);
    desk.send(3);
    desk.wait_behind(1);
    let before = desk.diagnostics().installation;
    desk.model.fail("consent", Fault::Answer(409, vec![], PROBLEM));
    desk.model.fail("consent", Fault::Answer(503, vec![], ""));
    crate::support::wait(desk.patron().grant(vec![Purpose::Dialogue])).unwrap();
    desk.until(|desk| Some(()).filter(|()| desk.diagnostics().installation != before));
    assert_eq!(crate::support::wait(desk.patron().sign_out()).unwrap().in_doubt, 3);
}

#[test]
fn a_batch_that_is_too_large_is_halved() {
    let desk = Desk::new();
    desk.answers([(413, None), (413, None)]);
    desk.send(8);
    let account = desk.delivered();
    assert_eq!((account.delivered, account.dead), (8, 0));
    let sizes: Vec<usize> = desk.sent().iter().map(|sent| sent.batch.events.len()).collect();
    assert_eq!(sizes[..3], [8, 4, 2], "{sizes:?}");
}

#[test]
fn no_number_of_tries_costs_an_event() {
    let desk = Desk::new();
    desk.answers([(503, None); 150]);
    desk.send(3);
    // Three days of failures: more than any peer allows in number (100) or time (12 h).
    for n in 1..=150 {
        desk.wait_behind(n);
        desk.pass(Duration::from_secs(1_800));
    }
    let account = desk.delivered();
    assert_eq!((account.delivered, account.dead, account.evicted), (3, 0, 0));
}

#[test]
fn a_retry_is_the_same_batch_word_for_word() {
    let desk = Desk::new();
    desk.model.fail("/v1/events", Fault::LostReply);
    desk.answers([(503, None)]);
    desk.send(5);
    for n in 1..=2 {
        // What comes meanwhile belongs to another batch.
        desk.track([format!("meanwhile-{n}")]);
        desk.pass(desk.wait_behind(n));
    }
    desk.until(|desk| (desk.attempts() >= 3).then_some(()));
    let sent = desk.sent();
    let of = |n: usize| {
        let events = sent[n].batch.events.iter().map(|event| (event.id, event.time.clone()));
        (sent[n].batch.batch, events.collect::<Vec<_>>())
    };
    assert_eq!((of(0), of(0)), (of(1), of(2)));
}

#[test]
fn every_request_carries_the_key() {
    let desk = Desk::new();
    desk.answers([(503, None)]);
    desk.send(3);
    desk.pass(desk.wait_behind(1));
    desk.delivered();
    let keys = desk.heard.keys.lock().unwrap();
    assert!(keys.len() >= 4 && keys.iter().all(|key| key.as_deref() == Some("Bearer pk_test")), "{keys:?}");
}
