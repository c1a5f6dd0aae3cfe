//! The ledger must be able to say no: each way to lose, double or invent an event, planted.

use uuid::Uuid;

use super::*;
use crate::torture::protocol::Turn;

fn tracked(n: u32, era: u32) -> Fact {
    Fact::Tracked { thread: 0, n, outcome: Outcome::Recorded, era }
}

fn call(life: u32, n: u32) -> Key {
    Key::Call { life, thread: 0, n }
}

/// A life of three calls, killed; then one that drains, says this account and closes.
fn ledger(between: &[Fact], accepted: u64, delivered: u64) -> Ledger {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.begin(), (1, 0));
    (1..=3).for_each(|n| ledger.hear(tracked(n, 0)));
    between.iter().cloned().for_each(|fact| ledger.hear(fact));
    ledger.end(true);
    ledger.begin();
    ledger.hear(Fact::Draining);
    ledger.hear(Fact::Drained { done: true });
    let purged = accepted - delivered;
    ledger.hear(Fact::Account { accepted, delivered, queued: 0, dead: 0, evicted: 0, purged });
    ledger.hear(Fact::Closed);
    ledger.end(false);
    ledger
}

#[test]
fn what_returned_and_arrived_is_well() {
    let verdict = ledger(&[], 3, 3).judge(&[call(1, 1), call(1, 2), call(1, 3)], 0);
    assert_eq!(verdict, Verdict { accepted: 3, owed: 3, ..Verdict::default() });
}

#[test]
fn an_owed_event_that_is_absent_is_lost_even_if_the_device_is_content() {
    let verdict = ledger(&[], 3, 3).judge(&[call(1, 1), call(1, 2)], 0);
    assert_eq!((verdict.lost, verdict.twice), (1, 0));
    let verdict = ledger(&[], 2, 2).judge(&[call(1, 1), call(1, 2)], 0);
    assert_eq!(verdict.lost, 1, "an event that the store never saw");
}

#[test]
fn the_call_under_way_at_the_kill_may_arrive_and_no_other() {
    let all = [call(1, 1), call(1, 2), call(1, 3), call(1, 4)];
    let verdict = ledger(&[], 4, 4).judge(&all, 0);
    assert_eq!((verdict.lost, verdict.invented, verdict.unheard), (0, 0, 1));
    assert_eq!(verdict.amiss, Vec::<String>::new());
    let verdict = ledger(&[], 4, 4).judge(&[call(1, 1), call(1, 2), call(1, 3), call(1, 5)], 0);
    assert_eq!(verdict.invented, 1);
    // A life that was not killed leaves no call under way.
    let verdict = ledger(&[], 4, 4).judge(&[call(1, 1), call(1, 2), call(1, 3), call(2, 1)], 0);
    assert_eq!(verdict.invented, 1);
}

#[test]
fn a_second_row_of_an_event_is_twice_whatever_its_id() {
    let verdict = ledger(&[], 3, 3).judge(&[call(1, 1), call(1, 2), call(1, 3), call(1, 2)], 0);
    assert_eq!((verdict.lost, verdict.twice), (0, 1));
    assert!(!verdict.amiss.is_empty());
}

#[test]
fn what_a_removal_may_have_reached_may_be_gone_if_the_account_says_so() {
    let left = [Fact::Leaving, Fact::Left { in_doubt: 0 }];
    let verdict = ledger(&left, 3, 0).judge(&[], 0);
    assert_eq!((verdict.lost, verdict.amiss.len()), (0, 0), "{verdict:?}");
    // It arrived, and the account calls it purged: no answer had come. Then the removal knew of it.
    assert!(!ledger(&left, 3, 0).judge(&[call(1, 1)], 0).amiss.is_empty());
    let in_doubt = [Fact::Leaving, Fact::Left { in_doubt: 1 }];
    assert_eq!(ledger(&in_doubt, 3, 0).judge(&[call(1, 1)], 0).amiss, Vec::<String>::new());
    // Called delivered, and not there.
    assert_eq!(ledger(&in_doubt, 3, 2).judge(&[call(1, 1)], 0).lost, 1);
}

#[test]
fn a_removal_that_was_killed_is_over_with_the_next_life() {
    let verdict = ledger(&[Fact::Leaving], 3, 0).judge(&[], 0);
    assert_eq!((verdict.lost, verdict.amiss.len()), (0, 0));
    let mut ledger = Ledger::default();
    ledger.begin();
    ledger.hear(Fact::Leaving);
    ledger.end(true);
    assert_eq!(ledger.begin(), (2, 2));
}

#[test]
fn what_was_delivered_before_a_removal_stays_owed() {
    let drained = [Fact::Draining, Fact::Drained { done: true }, Fact::Leaving, Fact::Left { in_doubt: 9 }];
    let verdict = ledger(&drained, 3, 3).judge(&[call(1, 1), call(1, 2)], 0);
    assert_eq!(verdict.lost, 1);
    // What a drain did not finish is owed by nobody yet.
    let unfinished = [Fact::Draining, Fact::Drained { done: false }, Fact::Leaving, Fact::Left { in_doubt: 9 }];
    assert_eq!(ledger(&unfinished, 3, 2).judge(&[call(1, 1), call(1, 2)], 0).lost, 0);
}

#[test]
fn what_waits_dies_or_is_evicted_at_the_end_is_amiss() {
    for (queued, dead, evicted) in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] {
        let mut ledger = ledger(&[], 3, 3);
        ledger.hear(Fact::Account { accepted: 3, delivered: 2, queued, dead, evicted, purged: 0 });
        assert_eq!(
            ledger.judge(&[call(1, 1), call(1, 2), call(1, 3)], 0).amiss.len(),
            2,
            "and one more than delivered"
        );
    }
}

#[test]
fn a_turn_counts_once_however_often_it_is_told() {
    let turn = Fact::Turned { visit: Uuid::nil(), turn: Turn::Dwelt, era: 0 };
    let verdict = ledger(&[turn.clone(), turn], 4, 4)
        .judge(&[call(1, 1), call(1, 2), call(1, 3), Key::Turn { visit: Uuid::nil(), turn: Turn::Dwelt }], 0);
    assert_eq!((verdict.accepted, verdict.amiss.len()), (4, 0));
}

#[test]
fn what_was_erased_excuses_as_many_as_it_was_of_what_began_before_the_removal_and_nothing_behind_it() {
    let erased = [Fact::Draining, Fact::Drained { done: true }, Fact::Leaving, Fact::Left { in_doubt: 0 }];
    assert_eq!(ledger(&erased, 3, 3).judge(&[], 3).amiss, Vec::<String>::new());
    assert!(ledger(&erased, 3, 3).judge(&[], 2).lost > 0);
    let kept = [Fact::Draining, Fact::Drained { done: true }];
    assert!(ledger(&kept, 3, 3).judge(&[], 3).lost > 0, "nobody had taken anything back");
}
