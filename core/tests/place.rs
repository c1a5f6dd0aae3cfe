//! Place against the whole core: codes, beacons, plans, and whose consent a visit is known under.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[path = "place/beacons.rs"]
mod beacons;
#[path = "place/plans.rs"]
mod plans;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::{Purpose, PurposeKind, Signer};
use patron_core::event::Proximity;
use patron_core::offer::ShopperAct;
use patron_core::place::beacon::{Received, Scan, Signal};
use patron_core::place::checkin::{Code, ROTATION_MS};
use patron_core::place::plan::{Limits, Looking};
use patron_core::place::{FixInput, Transition, TransitionKind, Witness};
use patron_core::sandbox::{MARKET_BEACON, MARKET_CODE, TOWN_JSON};
use patron_core::{Change, Error, Listener, Patron};
use support::{MONDAY_10, Model, open, wait};

/// Café with a till's beacon and a code on its door.
const MARKET: &str = "lumi-market";
const MARKET_AT: (f64, f64) = (60.1675, 24.9525);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

/// A device with the town's catalogue and these yeses.
fn device(folder: &Path, model: &Model, clock: &Arc<ManualClock>, purposes: &[Purpose]) -> Patron {
    let patron = open(folder, model, clock);
    wait(patron.refresh()).unwrap();
    if !purposes.is_empty() {
        wait(patron.grant(purposes.to_vec())).unwrap();
    }
    patron
}

fn kinds(transitions: &[Transition]) -> Vec<(TransitionKind, Witness)> {
    transitions.iter().map(|told| (told.kind, told.by)).collect()
}

/// Four seconds of listening, in which the market's beacon was received with that strength.
fn scan(rssi_dbm: Option<i16>) -> Scan {
    let signal = || Signal::Beacon { beacon: MARKET_BEACON.to_owned(), power_dbm: Some(-59) };
    let received = rssi_dbm.map(|rssi_dbm| Received { signal: signal(), rssi_dbm });
    Scan { listened_ms: 4_000, received: received.into_iter().collect() }
}

/// Scans, one after the other; what happened to visits and zones.
fn hear(
    patron: &Patron,
    clock: &ManualClock,
    scans: &[Option<i16>],
) -> (Vec<(TransitionKind, Witness)>, Vec<Proximity>) {
    let (mut visits, mut zones) = (Vec::new(), Vec::new());
    for rssi in scans {
        clock.advance(Duration::from_secs(4));
        let heard = wait(patron.hear(scan(*rssi))).unwrap();
        visits.extend(kinds(&heard.visits));
        zones.extend(heard.zones.iter().map(|change| change.zone));
    }
    (visits, zones)
}

fn stand(patron: &Patron, clock: &ManualClock, (latitude, longitude): (f64, f64), accuracy_m: f64) -> Vec<Transition> {
    clock.advance(Duration::from_secs(10));
    let fix = FixInput { latitude, longitude, accuracy_m: Some(accuracy_m), age_ms: 0, mock: false };
    wait(patron.update_location(fix)).unwrap()
}

/// What the events of that kind went out under, by kind.
fn delivered(patron: &Patron, clock: &ManualClock, model: &Model) -> BTreeMap<String, Vec<PurposeKind>> {
    let drain = patron.drain(Duration::from_secs(60), None);
    support::wait_moving(clock, patron, drain).unwrap();
    let mut kinds: BTreeMap<String, Vec<PurposeKind>> = BTreeMap::new();
    for event in model.0.lock().unwrap().batches.iter().flat_map(|batch| &batch.events) {
        kinds.entry(event.kind.to_string()).or_default().push(event.purpose);
    }
    kinds
}

fn what_is_wrong(error: &Error) -> &str {
    let Error::InvalidInput { what, why } = error else { panic!("{error:?}") };
    assert_eq!(what, "code");
    why
}

#[test]
fn a_scanned_code_is_presence_without_any_permission() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PartnerOffers]);
    assert!(!patron.why(&bound_to_market(), None, true).unwrap().shown);
    let checked_in = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
    assert_eq!((checked_in.place.as_str(), checked_in.fresh), (MARKET, false));
    assert_eq!(kinds(&checked_in.visits), [(TransitionKind::Entered, Witness::CheckIn)]);
    assert_eq!(checked_in.visits[0].event, None, "nothing may be recorded");
    assert!(patron.why(&bound_to_market(), None, true).unwrap().shown, "the shopper is there, and chose to say so");
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 0);
    clock.advance(Duration::from_secs(3_700));
    wait(patron.diagnostics()).unwrap();
    assert!(patron.visits().is_empty(), "it ends by itself");
}

/// An offer that is bound to the market alone.
fn bound_to_market() -> String {
    let town: serde_json::Value = serde_json::from_str(TOWN_JSON).unwrap();
    let offers = town["offers"].as_array().unwrap();
    let offer = offers.iter().find(|offer| {
        offer["places"].as_array().is_some_and(|places| places.len() == 1 && places[0] == MARKET)
            && offer["schedule"].is_null()
    });
    offer.expect("an offer of the market")["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_check_in_is_recorded_under_engagement_and_goes_with_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Engagement]);
    assert!(wait(patron.check_in(MARKET_CODE.to_owned())).unwrap().visits[0].event.is_some());
    let out = delivered(&patron, &clock, &model);
    assert_eq!(out["dev.patron.visit.entered"], [PurposeKind::Engagement]);
    let gone = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!(gone.purged_visits, 1);
    assert!(patron.visits().is_empty());
}

#[test]
fn a_visit_that_was_seen_last_by_a_clock_years_ahead_ends_under_the_yes_of_now() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    clock.set_wall(MONDAY_10 + 1_500 * 86_400_000);
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    let seen: Vec<_> = (0..20).flat_map(|_| stand(&patron, &clock, MARKET_AT, 8.0)).collect();
    assert_eq!(seen.iter().map(|told| told.kind).collect::<Vec<_>>(), [TransitionKind::Entered, TransitionKind::Dwelt]);
    clock.set_wall(MONDAY_10);
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    clock.advance(Duration::from_secs(12 * 3_600));
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(patron.visits().is_empty(), "silence ended it, as of when it was seen last");
    assert_eq!((account.accepted, account.purged), (3, 0), "{account:?}");
}

#[test]
fn a_fixed_code_counts_once_in_four_hours_also_after_a_restart() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    let again = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap_err();
    assert!(what_is_wrong(&again).contains("once in four hours"), "{again}");
    assert!(wait(patron.export()).unwrap().contains("scanned_code"));
    clock.advance(Duration::from_secs(4 * 3_600));
    assert!(wait(patron.check_in(MARKET_CODE.to_owned())).is_ok());
    clock.advance(Duration::from_secs(4 * 3_600));
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    assert!(!wait(patron.export()).unwrap().contains("scanned_code"), "kept no longer than it is needed");
}

#[test]
fn a_rotating_code_takes_the_key_of_the_catalogue_and_the_minute_of_the_backend() {
    let signer = Signer::from_seed(&[9; 32]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let mut town: serde_json::Value = serde_json::from_str(TOWN_JSON).unwrap();
    town["check_in_keys"] = serde_json::json!([signer.public()]);
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    let patron = device(folder.path(), &model, &clock, &[]);
    let minute = MONDAY_10 / ROTATION_MS;
    let code = |minute| Code::write(MARKET, Some(minute), |bytes| signer.sign(bytes));
    let stale = wait(patron.check_in(code(minute - 2))).unwrap_err();
    assert!(what_is_wrong(&stale).contains("2 minutes ago"), "{stale}");
    let foreign = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap_err();
    assert!(what_is_wrong(&foreign).contains("not signed by this retailer"), "{foreign}");
    let forged = code(minute).replace(MARKET, "lumi-oodi");
    assert!(wait(patron.check_in(forged)).is_err());
    let unknown = Code::write("nowhere", Some(minute), |bytes| signer.sign(bytes));
    assert!(what_is_wrong(&wait(patron.check_in(unknown)).unwrap_err()).contains("not in the catalogue"));
    assert!(wait(patron.check_in(code(minute))).unwrap().fresh);
    for nonsense in ["", "https://example.com", &"x".repeat(100_000)] {
        assert!(what_is_wrong(&wait(patron.check_in(nonsense.to_owned())).unwrap_err()).contains("no check-in code"));
    }
}

#[test]
fn a_code_during_a_visit_is_recorded_and_keeps_the_visit_when_positions_are_taken_back() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation, Purpose::Engagement]);
    while patron.visits().is_empty() {
        stand(&patron, &clock, MARKET_AT, 5.0);
    }
    let before = patron.visits()[0].clone();
    clock.advance(Duration::from_secs(60));
    assert!(wait(patron.check_in(MARKET_CODE.to_owned())).unwrap().visits.is_empty());
    let out = delivered(&patron, &clock, &model);
    assert_eq!(out["dev.patron.visit.checked_in"], [PurposeKind::Engagement]);
    let gone = wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    assert_eq!(gone.purged_visits, 0);
    let visit = patron.visits()[0].clone();
    assert!(visit.by == Witness::CheckIn && visit.id != before.id && visit.entered_at_ms > before.entered_at_ms);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.visits(), [visit], "and after a restart");
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert!(patron.visits().is_empty());
}

#[test]
fn a_visit_that_goes_unseen_stays_so_when_it_goes_on_as_a_codes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation, Purpose::Engagement]);
    wait(async { patron.set_online(false) }).unwrap();
    while patron.visits().is_empty() {
        stand(&patron, &clock, MARKET_AT, 5.0);
    }
    wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 2, "the arrival and the code");
    wait(patron.act(ShopperAct::Unseen)).unwrap();
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 0);
    wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    clock.advance(Duration::from_secs(4_000));
    wait(patron.ready()).unwrap();
    assert!(patron.visits().is_empty() && !patron.shopper_side().unwrap().unseen);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 2, "nothing of it since");
}

#[test]
fn a_clock_that_is_set_ahead_lets_no_fixed_code_count_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Engagement]);
    wait(async { patron.set_online(false) }).unwrap();
    wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
    clock.set_wall(MONDAY_10 + 5 * 3_600_000);
    let again = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap_err();
    assert!(what_is_wrong(&again).contains("once in four hours"), "{again}");
    // Started anew, the phone hears from the backend what time it is.
    drop(patron);
    clock.reboot();
    model.0.lock().unwrap().server_time = Some("2026-11-23T08:01:00Z".to_owned());
    let patron = open(folder.path(), &model, &clock);
    delivered(&patron, &clock, &model);
    let again = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap_err();
    assert!(what_is_wrong(&again).contains("once in four hours"), "{again}");
    clock.advance(Duration::from_secs(4 * 3_600));
    assert!(wait(patron.check_in(MARKET_CODE.to_owned())).is_ok());
}

#[test]
fn what_says_nothing_of_visits_is_not_where_the_shopper_is() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation, Purpose::PartnerOffers]);
    let distance = || {
        let cards = patron.offers("home").unwrap();
        cards.iter().find(|card| card.id == bound_to_market()).and_then(|card| card.distance_m)
    };
    let fix = |latitude: f64, accuracy_m: f64, age_ms: u64| {
        let fix = FixInput { latitude, longitude: MARKET_AT.1, accuracy_m: Some(accuracy_m), age_ms, mock: false };
        wait(patron.update_location(fix)).unwrap();
    };
    for _ in 0..3 {
        stand(&patron, &clock, MARKET_AT, 5.0);
    }
    let at_the_market = distance();
    assert!(at_the_market.is_some(), "an offer of the market shows");
    let next = wait(patron.next_fix()).unwrap();
    clock.advance(Duration::from_secs(10));
    fix(61.0, 500.0, 0);
    fix(61.0, 5.0, 400_000);
    fix(61.0, 5.0, 60_000);
    assert_eq!((distance(), wait(patron.next_fix()).unwrap()), (at_the_market, next), "poor, stale, out of order");
    clock.advance(Duration::from_secs(600));
    assert_eq!(distance(), None, "ten minutes later nobody knows how far it is");
    assert_eq!(patron.visits().len(), 1, "though the visit goes on");
}

#[test]
fn withdrawing_positions_leaves_the_visit_that_the_shopper_chose() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation, Purpose::Engagement]);
    wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
    stand(&patron, &clock, MARKET_AT, 5.0);
    assert_eq!(patron.visits().len(), 1);
    wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    assert_eq!(patron.visits()[0].by, Witness::CheckIn);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.visits().len(), 1, "and after a restart");
}

#[test]
fn an_arrival_is_told_from_someone_who_was_there_also_if_the_process_died_on_the_way() {
    for was_seen in [true, false] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let fix = |north_m: f64| FixInput {
            latitude: MARKET_AT.0 + north_m / 111_195.0,
            longitude: MARKET_AT.1,
            accuracy_m: Some(5.0),
            age_ms: 0,
            mock: false,
        };
        let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
        if was_seen {
            assert!(wait(patron.update_location(fix(700.0))).unwrap().is_empty());
        }
        drop(patron);
        let patron = open(folder.path(), &model, &clock);
        let mut told = Vec::new();
        for _ in 0..6 {
            clock.advance(Duration::from_secs(10));
            told.extend(wait(patron.update_location(fix(0.0))).unwrap());
        }
        let entered = told.iter().find(|told| told.kind == TransitionKind::Entered).unwrap();
        assert_eq!(entered.initial, !was_seen);
    }
}
