//! Decisions that are kept, against the whole core.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::Patron;
use patron_core::clock::ManualClock;
use patron_core::consent::signal::{Declared, LocationPermission, Signals};
use patron_core::consent::{Purpose, Sha};
use patron_core::offer::{DecisionRecord, OfferCatalogue};
use patron_core::store::inspect::{KeptDecisions, kept_decisions};
use support::{MONDAY_10, Model, open, wait};

fn town(folder: &Path) -> (Patron, Arc<ManualClock>) {
    let (model, clock) = (Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder, &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::PartnerOffers, Purpose::Personalisation])).unwrap();
    (patron, clock)
}

/// What a tool finds once the app has let go.
fn found(folder: &Path) -> KeptDecisions {
    kept_decisions(folder).unwrap()
}

fn comes_out_the_same(record: &DecisionRecord, catalogue: &[u8]) -> bool {
    let (parsed, _) = OfferCatalogue::parse(catalogue).unwrap();
    record.replay(&parsed, Sha::of(catalogue)).unwrap().same
}

#[test]
fn a_kept_decision_comes_out_the_same_from_the_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (patron, _clock) = town(folder.path());
    let shown: Vec<String> = patron.offers("home").unwrap().into_iter().map(|card| card.id).collect();
    let id = wait(patron.keep_decision("home".into(), true)).unwrap();
    drop(patron);
    let kept = found(folder.path());
    let record = kept.records.iter().find(|record| record.id == id).unwrap();
    assert_eq!(record.chosen.iter().map(|chosen| chosen.offer.clone()).collect::<Vec<_>>(), shown);
    assert!(!shown.is_empty());
    assert!(comes_out_the_same(record, &kept.catalogue.unwrap()));
}

#[test]
fn behind_looks_one_decision_a_minute_is_kept_and_twenty_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let (patron, clock) = town(folder.path());
    let shown: Vec<String> = patron.offers("home").unwrap().into_iter().map(|card| card.id).take(2).collect();
    for offer in &shown {
        assert!(wait(patron.saw(offer.clone(), true)).unwrap());
    }
    drop(patron);
    assert_eq!((shown.len(), found(folder.path()).records.len()), (2, 1), "two cards of one decision");
    let patron = open(folder.path(), &Model::town(), &clock);
    for _ in 0..25 {
        clock.advance(Duration::from_secs(1));
        wait(patron.keep_decision("home".into(), false)).unwrap();
    }
    drop(patron);
    let times: Vec<i64> = found(folder.path()).records.iter().map(|record| record.at_ms).collect();
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
}

#[test]
fn what_was_decided_leaves_with_any_purpose_and_with_the_shopper() {
    let folder = tempfile::tempdir().unwrap();
    let (patron, _clock) = town(folder.path());
    wait(patron.keep_decision("home".into(), true)).unwrap();
    assert!(wait(patron.export()).unwrap().contains("\"kind\": \"decision\""));
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    assert!(!wait(patron.export()).unwrap().contains("\"kind\": \"decision\""));
    wait(patron.keep_decision("home".into(), true)).unwrap();
    wait(patron.sign_out()).unwrap();
    drop(patron);
    assert!(found(folder.path()).records.is_empty());
}

#[test]
fn what_was_decided_under_a_yes_that_runs_out_or_a_permission_that_goes_leaves_the_disk() {
    for (runs_out, seen) in [(true, true), (true, false), (false, true)] {
        let folder = tempfile::tempdir().unwrap();
        let (patron, clock) = town(folder.path());
        wait(patron.keep_decision("home".into(), true)).unwrap();
        let yes = wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
        clock.advance(Duration::from_secs(1));
        wait(patron.keep_decision("home".into(), true)).unwrap();
        patron.set_online(false).unwrap();
        if !seen {
            patron.close();
        }
        if runs_out {
            clock.advance_to(yes.decisions[0].expires_at_ms.unwrap());
        } else {
            let none = Declared::Is(LocationPermission::None);
            wait(patron.declare_signals(Signals { location: none, ..Signals::default() })).unwrap();
        }
        if seen {
            wait(patron.flush()).unwrap();
            patron.close();
        } else {
            wait(open(folder.path(), &Model::town(), &clock).ready()).unwrap();
        }
        // The first rested on other purposes, which all run out on that day.
        assert_eq!(found(folder.path()).records.len(), usize::from(!runs_out), "{runs_out} {seen}");
    }
}

#[test]
fn where_there_is_nothing_to_decide_on_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let model = Model::town();
    model.0.lock().unwrap().catalogue = b"no catalogue".to_vec();
    let patron = open(folder.path(), &model, &Arc::new(ManualClock::at(MONDAY_10)));
    wait(patron.ready()).unwrap();
    let refused = wait(patron.keep_decision("home".into(), true)).unwrap_err().to_string();
    assert!(refused.contains("catalogue"), "{refused}");
    assert!(wait(patron.keep_decision(String::new(), true)).is_err());
    let nowhere = kept_decisions(&folder.path().join("none")).unwrap_err().to_string();
    assert!(nowhere.contains("patron.db"), "{nowhere}");
}
