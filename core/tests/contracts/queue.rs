//! What is sent when nothing fails, in which order, and what the queue keeps.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::desk::Desk;
use crate::support::{Fault, wait};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn every_event_has_an_id_of_its_own() {
    let desk = Desk::new();
    desk.track(vec!["the same".to_owned(); 700]);
    wait(desk.patron().drain(60 * SECOND, None)).unwrap();
    desk.delivered();
    let ids: Vec<_> = desk.sent().iter().flat_map(|sent| &sent.batch.events).map(|event| event.id).collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (700, 700));
}

#[test]
fn a_batch_travels_packed() {
    let desk = Desk::new();
    desk.send(100);
    desk.delivered();
    let packed = ("content-encoding".to_owned(), "zstd".to_owned());
    assert!(desk.sent().iter().all(|sent| sent.headers.contains(&packed)));
}

#[test]
fn nothing_to_deliver_sends_nothing() {
    let desk = Desk::new();
    wait(desk.patron().flush()).unwrap();
    assert!(wait(desk.patron().drain(60 * SECOND, None)).unwrap().done);
    desk.pass(60 * SECOND);
    assert_eq!(desk.attempts(), 0);
}

#[test]
fn a_batch_goes_at_twenty_events_or_after_half_a_minute() {
    let desk = Desk::new();
    desk.track((0..19).map(|i| format!("offer-{i}")));
    wait(desk.patron().flush()).unwrap();
    desk.pass(29 * SECOND);
    assert_eq!(desk.attempts(), 0, "too early for company");
    desk.pass(SECOND);
    assert_eq!(desk.delivered().delivered, 19);
    desk.track((0..20).map(|i| format!("offer-{i}")));
    assert_eq!(desk.delivered().delivered, 39);
}

#[test]
fn events_travel_in_the_order_in_which_they_were_tracked() {
    let desk = Desk::new();
    desk.send(1_200);
    desk.delivered();
    let offers: Vec<String> = desk.sent().iter().flat_map(|sent| sent.offers()).collect();
    assert_eq!(offers, (0..1_200).map(|i| format!("offer-{i}")).collect::<Vec<_>>());
    assert!(desk.attempts() <= 4, "{} requests for 1,200 events", desk.attempts());
}

#[test]
fn one_request_is_under_way_at_a_time() {
    let desk = Desk::new();
    desk.send(3_000);
    for i in 0..50 {
        desk.track([format!("more-{i}")]);
        desk.patron().set_online(true).unwrap();
    }
    wait(desk.patron().drain(60 * SECOND, None)).unwrap();
    assert_eq!(desk.heard.most_under_way.load(Ordering::SeqCst), 1);
}

#[test]
fn batches_go_in_order_past_a_failure() {
    let desk = Desk::new();
    desk.answers([(500, None)]);
    desk.send(1_200);
    desk.pass(desk.wait_behind(1));
    desk.delivered();
    let sent = desk.sent();
    assert_eq!(sent[0].offers(), sent[1].offers(), "what failed goes first");
    let offers: Vec<String> = sent[1..].iter().flat_map(|sent| sent.offers()).collect();
    assert_eq!(offers, (0..1_200).map(|i| format!("offer-{i}")).collect::<Vec<_>>());
}

#[test]
fn what_was_delivered_is_not_sent_again_by_the_next_process() {
    let mut desk = Desk::new();
    desk.send(30);
    desk.delivered();
    let before = desk.attempts();
    desk.reopen();
    assert!(wait(desk.patron().drain(60 * SECOND, None)).unwrap().done);
    desk.pass(60 * SECOND);
    assert_eq!(desk.attempts(), before);
}

#[test]
fn a_bounded_queue_gives_up_the_oldest_and_says_so() {
    let desk = Desk::with_room_for(2);
    desk.patron().set_online(false).unwrap();
    for offer in ["first", "second", "third"] {
        desk.track([offer.to_owned()]);
        wait(desk.patron().flush()).unwrap();
    }
    let account = desk.account();
    assert_eq!((account.accepted, account.queued, account.evicted), (3, 2, 1));
    assert!(desk.lines.0.lock().unwrap().iter().any(|line| line.contains("given up")), "nothing was said");
    desk.patron().set_online(true).unwrap();
    desk.delivered();
    assert_eq!(desk.sent()[0].offers(), ["second", "third"]);
}

#[test]
fn what_comes_while_a_full_queue_is_on_its_way_is_kept() {
    let mut desk = Desk::with_room_for(3);
    // It arrives; its answer comes never, so the batch stays on its way.
    desk.model.fail("/v1/events", Fault::Hang);
    desk.send(3);
    desk.until(|desk| (desk.model.stored() == 3).then_some(()));
    desk.track((0..3).map(|i| format!("replacement-{i}")));
    wait(desk.patron().flush()).unwrap();
    let account = desk.account();
    assert_eq!((account.accepted, account.queued, account.evicted), (6, 6, 0));
    desk.reopen();
    assert!(wait(desk.patron().drain(60 * SECOND, None)).unwrap().done);
    assert_eq!((desk.account().delivered, desk.model.stored()), (6, 6));
}
