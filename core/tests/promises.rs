//! Patron's promises, each held against the whole core: real SQLite, real threads, a model backend.

mod support;

use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::offer::BlockerKind;
use patron_core::place::{FixInput, TransitionKind};
use patron_core::{Error, Patron};
use support::{Fault, KEY_REFUSED, MONDAY_10, Model, open, try_open, wait, wait_moving};

const DAY: Duration = Duration::from_secs(86_400);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

fn saved(offer: &str) -> Engagement {
    Engagement::Saved { offer: offer.into() }
}

fn track_all(patron: &Patron, n: usize) {
    for i in 0..n {
        assert_eq!(patron.track(&saved(&format!("offer-{i}"))), Ok(Tracked::Recorded));
    }
}

#[test]
fn nothing_is_recorded_without_consent_and_generic_offers_show_all_the_same() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    assert_eq!(patron.track(&saved("x")), Ok(Tracked::NotPermitted));
    let fix = FixInput { latitude: 60.17, longitude: 24.94, accuracy_m: Some(5.0), age_ms: 0, mock: false };
    assert!(matches!(wait(patron.update_location(fix)), Err(Error::NotPermitted { .. })));
    let cards = patron.offers("home").unwrap();
    assert!(!cards.is_empty() && cards.iter().all(|card| card.partner.is_none()));
    wait(patron.flush()).unwrap();
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!(diagnostics.account, patron_core::Account::default());
    assert!(patron.blockers(None, false).unwrap().iter().any(|b| b.kind == BlockerKind::ConsentMissing));
}

#[test]
fn a_refusal_is_recorded_and_reaches_the_backend() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.deny(vec![Purpose::Engagement, Purpose::PreciseLocation])).unwrap();
    assert_eq!(receipt.epoch, 2);
    assert!(receipt.decisions.iter().all(|d| d.status == ConsentStatus::Denied));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(wait(patron.diagnostics()).unwrap().acknowledged_epoch, 2);
}

#[test]
fn every_event_arrives_once_through_lost_replies_and_refused_connections() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    model.fail("/v1/events", Fault::Unreachable);
    model.fail("/v1/events", Fault::LostReply);
    model.fail("/v1/events", Fault::Answer(503, vec![], "overloaded"));
    model.fail("/v1/events", Fault::Answer(200, vec![], "not json"));
    track_all(&patron, 700);
    let drained = wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap();
    assert!(drained.done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered, account.queued), (700, 700, 0));
    assert_eq!(model.stored(), 700);
    assert!(model.0.lock().unwrap().duplicates > 0, "the lost reply must have been answered by a repeat");
}

#[test]
fn what_was_tracked_is_there_after_reopening() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    track_all(&patron, 100);
    patron.close();
    assert_eq!(patron.track(&saved("late")), Err(Error::Closed));
    let patron = open(folder.path(), &model, &clock);
    assert_eq!(patron.track(&saved("early")), Ok(Tracked::Recorded), "the ring remembers the consent");
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 101);
}

#[test]
fn withdrawing_leaves_no_byte_of_it_on_disk() {
    const CANARY: &str = "canary-7f3a9";
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    track_all(&patron, 50);
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    let gone = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!((gone.purged_events, gone.in_doubt), (51, 0));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes()), "{} still has it", path.display());
    }
    assert_eq!(patron.track(&saved("x")), Ok(Tracked::NotPermitted));
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.purged), (51, 51));
    assert!(account.balances());
}

#[test]
fn withdrawing_in_mid_flight_breaks_the_request_off_and_says_what_may_have_left() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    model.fail("/v1/events", Fault::Hang);
    track_all(&patron, 30);
    wait(async {
        while model.stored() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let gone = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!(gone.purged_events, 30);
    assert!(gone.in_doubt > 0 && gone.in_doubt <= 30);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances());
    assert_eq!(model.stored() as u64, account.delivered + gone.in_doubt);
}

#[test]
fn a_refused_key_stops_sync_and_keeps_the_events() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    model.fail("/v1/events", Fault::Answer(401, vec![], KEY_REFUSED));
    track_all(&patron, 3);
    let drained = wait(patron.drain(DAY, None)).unwrap();
    assert_eq!((drained.done, drained.left), (false, 3));
    assert!(patron.blockers(None, false).unwrap().iter().any(|b| b.kind == BlockerKind::KeyRefused));
}

#[test]
fn a_request_to_wait_is_honoured() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    model.fail("/v1/events", Fault::Answer(429, vec![("retry-after", "120")], ""));
    track_all(&patron, 3);
    let drained = wait_moving(&clock, &patron, patron.drain(Duration::from_secs(60), None)).unwrap();
    assert!(!drained.done);
    let drained = wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap();
    assert!(drained.done);
}

#[test]
fn a_visit_makes_offers_and_events_and_survives_a_restart() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::PartnerOffers, Purpose::PreciseLocation, Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    let town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let offer = (town["offers"].as_array().unwrap().iter())
        .find(|o| o["places"].is_array() && o.get("schedule").is_none() && o["placements"][0] == "home")
        .unwrap();
    let place = (town["places"].as_array().unwrap().iter()).find(|p| p["id"] == offer["places"][0]).unwrap();
    let (lat, lon) = (place["circle"]["latitude"].as_f64().unwrap(), place["circle"]["longitude"].as_f64().unwrap());
    let at = |patron: &Patron, lat, lon| {
        clock.advance(Duration::from_secs(10));
        wait(patron.update_location(FixInput {
            latitude: lat,
            longitude: lon,
            accuracy_m: Some(5.0),
            age_ms: 0,
            mock: false,
        }))
        .unwrap()
    };
    let mut kinds = Vec::new();
    kinds.extend(at(&patron, lat + 0.02, lon));
    for _ in 0..6 {
        kinds.extend(at(&patron, lat, lon));
    }
    assert_eq!(patron.visits().len(), 1);
    let id = offer["id"].as_str().unwrap();
    assert!(patron.offers("home").unwrap().iter().any(|card| card.id == id));
    assert!(patron.why(id, None, true).unwrap().shown);
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.visits().len(), 1, "a restart ends no visit");
    clock.advance(Duration::from_secs(3_600));
    for _ in 0..6 {
        kinds.extend(at(&patron, lat + 0.02, lon));
    }
    let kinds: Vec<_> = kinds.iter().filter(|t| t.place == place["id"].as_str().unwrap()).map(|t| t.kind).collect();
    assert_eq!(kinds, [TransitionKind::Entered, TransitionKind::Dwelt, TransitionKind::Left]);
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances() && account.accepted == model.stored() as u64);
}

#[test]
fn the_second_handle_on_a_store_is_told_so() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    assert!(matches!(try_open(folder.path(), &model, &clock), Err(Error::Unavailable { .. })));
    patron.close();
    assert!(try_open(folder.path(), &model, &clock).is_ok());
}

#[test]
fn signing_out_leaves_nothing_to_the_next_shopper() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.identify("token-of-anna".into())).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let before = wait(patron.diagnostics()).unwrap();
    patron.set_online(false).unwrap();
    track_all(&patron, 5);
    let gone = wait(patron.sign_out()).unwrap();
    assert_eq!(gone.purged_events, 5);
    let after = wait(patron.diagnostics()).unwrap();
    assert_ne!(before.installation, after.installation);
    assert_eq!(after.account_alias, None);
    assert!(after.account.balances());
    assert_eq!(patron.track(&saved("x")), Ok(Tracked::NotPermitted));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(13).any(|w| w == b"token-of-anna"));
    }
    // The next shopper's events travel under the new pseudonym, another day.
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track_all(&patron, 1);
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 1);
}

#[test]
fn bad_input_names_its_place() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let of = |error| match error {
        Err(Error::InvalidInput { what, .. }) => what,
        other => format!("{other:?}"),
    };
    assert_eq!(of(patron.track(&saved("")).map(|_| ())), "event.offer");
    assert_eq!(of(patron.offers("").map(|_| ())), "placement");
    assert_eq!(of(patron.why("nobody", None, true).map(|_| ())), "offer");
    assert_eq!(of(wait(patron.grant(vec![])).map(|_| ())), "purposes");
    assert_eq!(of(wait(patron.identify(String::new()))), "token");
    let fix = FixInput { latitude: f64::NAN, longitude: 0.0, accuracy_m: None, age_ms: 0, mock: false };
    assert_eq!(of(wait(patron.update_location(fix)).map(|_| ())), "fix.latitude");
}

#[test]
fn a_publisher_that_switches_patron_off_ends_recording_and_offers() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track_all(&patron, 1);
    let mut town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    town["sdk"]["off"] = true.into();
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    wait(patron.refresh()).unwrap();
    assert_eq!(patron.track(&saved("x")), Ok(Tracked::NotPermitted));
    assert_eq!(patron.offers("home"), Ok(vec![]));
    assert!(patron.blockers(None, false).unwrap().iter().any(|b| b.kind == BlockerKind::SwitchedOff));
    // What was recorded before is the backend's all the same.
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 1);
}

#[test]
fn who_subscribed_before_the_store_was_open_hears_of_what_was_in_it() {
    struct Heard(std::sync::Mutex<Vec<patron_core::Change>>);
    impl patron_core::Listener for Heard {
        fn changed(&self, changes: &[patron_core::Change]) {
            self.0.lock().unwrap().extend_from_slice(changes);
        }
    }
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.close();
    model.fail("/v1/catalogue", Fault::Unreachable);
    let patron = open(folder.path(), &model, &clock);
    let heard = Arc::new(Heard(std::sync::Mutex::default()));
    let _subscription = patron.subscribe(heard.clone());
    let was_open = !patron.offers("home").unwrap().is_empty();
    wait(patron.diagnostics()).unwrap();
    wait(patron.diagnostics()).unwrap();
    assert!(was_open || heard.0.lock().unwrap().contains(&patron_core::Change::Offers));
}

#[test]
fn a_yes_that_follows_a_withdrawal_brings_nothing_back() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    // Nobody waits for an answer in between, so the ring meets both decisions at once.
    wait(async {
        track_all(&patron, 40);
        let (gone, _) = tokio::join!(patron.withdraw(Purpose::Engagement), patron.grant(vec![Purpose::Engagement]));
        gone.unwrap();
    });
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.queued, account.purged), (40, 0, 40));
}

#[test]
fn a_backend_that_began_anew_hears_every_decision_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    model.0.lock().unwrap().forgets_consent();
    track_all(&patron, 25);
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 25);
}

#[test]
fn what_stands_between_device_and_backend_costs_no_event() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    for status in [402, 407, 421, 431, 451, 400] {
        model.fail("/v1/events", Fault::Answer(status, vec![], "<html>sign in to the guest network</html>"));
    }
    track_all(&patron, 30);
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.delivered, account.dead), (30, 0));
}

#[test]
fn an_answer_of_not_modified_to_a_first_request_is_no_catalogue() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    for _ in 0..3 {
        model.fail("/v1/catalogue", Fault::Answer(304, vec![], ""));
    }
    let patron = open(folder.path(), &model, &clock);
    assert!(matches!(wait(patron.refresh()), Err(Error::Unavailable { .. })));
    let asked = model.0.lock().unwrap().requests.len();
    assert!(asked <= 3, "{asked} requests without a pause");
}

#[test]
fn a_budget_of_bytes_ends_a_drain() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track_all(&patron, 1_200);
    wait(patron.flush()).unwrap();
    patron.set_online(true).unwrap();
    let drained = wait(patron.drain(DAY, Some(1))).unwrap();
    assert!(!drained.done && drained.left > 0 && drained.sent_bytes > 0, "{drained:?}");
}

#[test]
fn a_publisher_that_switches_patron_off_ends_visits_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    let mut town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle = town["places"][0]["circle"].clone();
    let here = FixInput {
        latitude: circle["latitude"].as_f64().unwrap(),
        longitude: circle["longitude"].as_f64().unwrap(),
        accuracy_m: Some(5.0),
        age_ms: 0,
        mock: false,
    };
    for _ in 0..6 {
        clock.advance(Duration::from_secs(10));
        wait(patron.update_location(here)).unwrap();
    }
    assert_eq!(patron.visits().len(), 1);
    let before = wait(patron.diagnostics()).unwrap().account.accepted;
    town["sdk"]["off"] = true.into();
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    wait(patron.refresh()).unwrap();
    // Long enough for the visit to become a stay.
    clock.advance(Duration::from_secs(3_600));
    assert!(matches!(wait(patron.update_location(here)), Err(Error::NotPermitted { .. })));
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, before);
}
