//! The shopper's rules, wishes and saved offers on several devices: what is told, when, and what never is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::{PlainVault, Purpose, WithdrawPolicy};
use patron_core::event::{Engagement, Tracked};
use patron_core::log::Log;
use patron_core::offer::{Refused, ShopperAct};
use patron_core::place::FixInput;
use patron_core::{Edges, Network, Patron, Threads};
use serde_json::{Value, json};
use support::{Fault, MONDAY_10, Model, config, wait};

/// A word that nobody else would write.
const CANARY: &str = "canary-6b1f03";

/// A market with one offer in its café.
fn market() -> (Model, Arc<ManualClock>) {
    let model = Model::town();
    let catalogue = json!({
        "version": "market-1",
        "partners": [{ "id": "kelo", "name": "Kelo Outdoor" }],
        "places": [{ "id": "cafe", "name": "the café", "dwell_s": 60,
                     "circle": { "latitude": 60.1675, "longitude": 24.9525, "radius_m": 45 } }],
        "offers": [{ "id": "cup", "title": "cup", "benefit": { "kind": "service" } }],
    });
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();
    (model, Arc::new(ManualClock::at(MONDAY_10)))
}

/// A device is another one for each seed.
fn open(folder: &Path, model: &Model, clock: &Arc<ManualClock>, seed: u64) -> Patron {
    let edges = Edges {
        clock: clock.clone(),
        transport: Arc::new(model.clone()),
        seed: Some(seed),
        vault: PlainVault::shared(),
        log: Log::silent(),
        threads: Threads::default(),
    };
    let patron = Patron::open(config(folder), edges).unwrap();
    wait(patron.ready()).unwrap();
    patron
}

/// Signed in, with a yes, and all told.
fn account(folder: &Path, model: &Model, clock: &Arc<ManualClock>, seed: u64) -> Patron {
    let patron = open(folder, model, clock, seed);
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    wait(patron.identify("me".into())).unwrap();
    agreed(&patron);
    patron
}

/// Whatever there is to tell and to hear is told and heard: who asks for the catalogue asks for the rules.
fn agreed(patron: &Patron) {
    for _ in 0..3 {
        wait(patron.refresh()).unwrap();
        wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    }
}

fn act(patron: &Patron, what: ShopperAct) {
    wait(patron.act(what)).unwrap();
}

fn refuse(partner: &str) -> ShopperAct {
    ShopperAct::Refuse(Refused::Partner { partner: partner.into() })
}

fn held(model: &Model) -> Option<Value> {
    model.0.lock().unwrap().preferences.1.clone()
}

/// How often a device spoke of rules.
fn told(model: &Model) -> usize {
    model.0.lock().unwrap().told.len()
}

/// Whether any of it ever had the word in it.
fn heard_of(model: &Model, word: &str) -> bool {
    let held = model.0.lock().unwrap();
    held.told.iter().any(|said| said.document.as_ref().is_some_and(|document| document.to_string().contains(word)))
}

#[test]
fn what_is_said_on_one_device_holds_on_the_accounts_others_and_is_taken_back_there_too() {
    let (model, clock) = market();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let phone = account(one.path(), &model, &clock, 1);
    let tablet = account(two.path(), &model, &clock, 2);
    phone.set_network(Network::Offline).unwrap();
    act(&phone, ShopperAct::Quiet { from: "21:00".into(), to: "08:00".into() });
    act(&phone, ShopperAct::Snooze { until_ms: MONDAY_10 + 3_600_000 });
    act(&phone, ShopperAct::Wish { words: "trail shoes".into(), topics: vec![], until_ms: None });
    act(&phone, ShopperAct::Save { offer: "cup".into(), when_here: true, before_end_h: Some(4) });
    assert!(phone.shopper_side().unwrap().quiet_from.is_some(), "here at once, and offline");
    act(&tablet, refuse("kelo"));
    agreed(&tablet);
    phone.set_network(Network::Unmetered).unwrap();
    agreed(&phone);
    agreed(&tablet);
    for (name, device) in [("phone", &phone), ("tablet", &tablet)] {
        let side = device.shopper_side().unwrap();
        assert_eq!(side.quiet_from.as_deref(), Some("21:00"), "{name}");
        assert_eq!(side.snoozed_until_ms, Some(MONDAY_10 + 3_600_000), "{name}");
        assert_eq!(side.wishes.iter().map(|wish| wish.text.as_str()).collect::<Vec<_>>(), ["trail shoes"], "{name}");
        let saved: Vec<_> = side.saved.iter().map(|it| (it.offer.as_str(), it.when_here, it.before_end_h)).collect();
        assert_eq!(saved, [("cup", true, Some(4))], "{name}");
        assert_eq!(side.refused.len(), 1, "{name}");
    }
    act(&tablet, ShopperAct::NoQuiet);
    let wish = tablet.shopper_side().unwrap().wishes[0].id;
    act(&tablet, ShopperAct::Unwish { id: wish });
    agreed(&tablet);
    drop(phone);
    let phone = open(one.path(), &model, &clock, 1);
    agreed(&phone);
    let side = phone.shopper_side().unwrap();
    assert_eq!((side.quiet_from, side.wishes.len(), side.saved.len()), (None, 0, 1));
}

#[test]
fn of_two_changes_at_once_the_quieter_stands_on_both() {
    let (model, clock) = market();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let phone = account(one.path(), &model, &clock, 1);
    let tablet = account(two.path(), &model, &clock, 2);
    act(&phone, ShopperAct::Daily { most: Some(9) });
    agreed(&phone);
    agreed(&tablet);
    for (device, most, to) in [(&phone, 2, "06:00"), (&tablet, 5, "08:00")] {
        device.set_network(Network::Offline).unwrap();
        act(device, ShopperAct::Daily { most: Some(most) });
        act(device, ShopperAct::Quiet { from: "22:00".into(), to: to.into() });
    }
    for device in [&phone, &tablet, &phone] {
        device.set_network(Network::Unmetered).unwrap();
        agreed(device);
    }
    for device in [&phone, &tablet] {
        let side = device.shopper_side().unwrap();
        assert_eq!((side.daily, side.quiet_to.as_deref()), (Some(2), Some("08:00")));
    }
}

#[test]
fn without_the_yes_or_an_account_no_word_of_the_rules_leaves_the_device_and_a_withdrawal_has_them_erased() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = open(folder.path(), &model, &clock, 1);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    act(&patron, ShopperAct::Daily { most: Some(3) });
    agreed(&patron);
    wait(patron.identify("me".into())).unwrap();
    agreed(&patron);
    assert_eq!(told(&model), 0, "no yes");
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "rules": { "daily": 3 } })));

    let before = told(&model);
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    act(&patron, ShopperAct::Daily { most: Some(4) });
    agreed(&patron);
    assert_eq!((told(&model), held(&model)), (before, None), "erased there");
    assert_eq!(patron.shopper_side().unwrap().daily, Some(4), "and in force here");
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "rules": { "daily": 4 } })), "a new yes begins anew");

    let before = told(&model);
    wait(patron.withdraw_with(Purpose::Personalisation, WithdrawPolicy::KeepCaptured, None)).unwrap();
    act(&patron, ShopperAct::Daily { most: Some(5) });
    agreed(&patron);
    assert_eq!(told(&model), before, "what was told is told; nothing new is");
}

#[test]
fn the_next_shopper_tells_nothing_of_the_last_one() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    patron.set_network(Network::Offline).unwrap();
    act(&patron, refuse(CANARY));
    wait(patron.sign_out()).unwrap();
    patron.set_network(Network::Unmetered).unwrap();
    agreed(&patron);
    let before = told(&model);
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    act(&patron, ShopperAct::Daily { most: Some(5) });
    agreed(&patron);
    assert_eq!(told(&model), before, "nobody is signed in");
    wait(patron.identify("someone else".into())).unwrap();
    agreed(&patron);
    assert!(!heard_of(&model, CANARY));
    assert_eq!(patron.shopper_side().unwrap().refused.len(), 0);

    act(&patron, refuse(CANARY));
    wait(patron.erase()).unwrap();
    agreed(&patron);
    assert_eq!(held(&model), None);
    let export = wait(patron.export()).unwrap();
    assert!(!export.contains(CANARY), "{export}");
}

#[test]
fn what_is_told_is_in_the_export_with_its_yes() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    act(&patron, refuse(CANARY));
    agreed(&patron);
    let export: Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let item = export["items"].as_array().unwrap().iter().find(|item| item["kind"] == "rules_on_all_devices").unwrap();
    assert_eq!(item["content"], json!({ "partners": { CANARY: true } }));
    assert!(item["grant"]["decision"].is_string() && item["use"] == "personalisation", "{item}");
}

#[test]
fn a_lost_answer_a_broken_backend_and_a_kill_lose_nothing_and_tell_nothing_twice() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let mut patron = account(folder.path(), &model, &clock, 1);
    for (most, fault) in [
        (2, Fault::LostReply),
        (3, Fault::Unreachable),
        (4, Fault::Answer(503, vec![], "later")),
        (5, Fault::Answer(200, vec![], "<html>sign in</html>")),
    ] {
        model.fail("/v1/preferences", fault);
        act(&patron, ShopperAct::Daily { most: Some(most) });
        agreed(&patron);
        assert_eq!(held(&model), Some(json!({ "rules": { "daily": most } })));
        assert_eq!(patron.shopper_side().unwrap().daily, Some(most));
    }
    patron.set_network(Network::Offline).unwrap();
    act(&patron, ShopperAct::Daily { most: Some(6) });
    drop(patron);
    patron = open(folder.path(), &model, &clock, 1);
    assert_eq!(patron.shopper_side().unwrap().daily, Some(6));
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "rules": { "daily": 6 } })));
    let before = model.0.lock().unwrap().preferences.0;
    agreed(&patron);
    assert_eq!(model.0.lock().unwrap().preferences.0, before, "nothing is told that is known");
}

#[test]
fn a_backend_that_knows_nothing_of_it_or_refuses_is_left_alone_for_an_hour_and_events_go_on() {
    let refusal = r#"{"type":"/problems/conflict","title":"no","status":409,"detail":"no yes"}"#;
    for (status, body) in [(404, "not here"), (409, refusal)] {
        let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
        let patron = account(folder.path(), &model, &clock, 1);
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        agreed(&patron);
        model.fail("/v1/preferences", Fault::Answer(status, vec![], body));
        act(&patron, ShopperAct::Daily { most: Some(3) });
        assert_eq!(patron.track(&Engagement::Saved { offer: "cup".into() }), Ok(Tracked::Recorded));
        let drained = wait(patron.drain(Duration::from_secs(5), None)).unwrap();
        assert!(drained.done, "{drained:?}");
        agreed(&patron);
        assert_eq!((model.stored(), held(&model)), (1, None), "{status}");
        clock.advance(Duration::from_secs(3_601));
        agreed(&patron);
        assert_eq!(held(&model), Some(json!({ "rules": { "daily": 3 } })), "{status}");
        // A new yes is a reason to ask at once.
        model.fail("/v1/preferences", Fault::Answer(status, vec![], body));
        act(&patron, ShopperAct::Daily { most: Some(4) });
        agreed(&patron);
        wait(patron.withdraw(Purpose::Personalisation)).unwrap();
        wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
        agreed(&patron);
        assert_eq!(held(&model), Some(json!({ "rules": { "daily": 4 } })), "{status}");
    }
}

#[test]
fn a_backend_that_has_something_else_each_time_is_not_asked_without_end() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    let other = r#"{"revision":900,"stored":false,"document":{"rules":{"daily":7}}}"#;
    let another = r#"{"revision":901,"stored":false,"document":{"rules":{"daily":8}}}"#;
    for n in 0..40 {
        model.fail("/v1/preferences", Fault::Answer(200, vec![], if n % 2 == 0 { other } else { another }));
    }
    let asked = || model.0.lock().unwrap().requests.iter().filter(|url| url.ends_with("/v1/preferences")).count();
    let before = asked();
    act(&patron, refuse("kelo"));
    assert!(wait(patron.drain(Duration::from_secs(5), None)).unwrap().done);
    assert!((2..=4).contains(&(asked() - before)), "{}", asked() - before);
    model.0.lock().unwrap().faults.clear();
    agreed(&patron);
    assert!(held(&model).unwrap()["partners"]["kelo"].as_bool().unwrap());
}

#[test]
fn a_backend_that_was_put_back_from_a_copy_takes_nothing_back() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    act(&patron, refuse("kelo"));
    agreed(&patron);
    let copy = model.0.lock().unwrap().preferences.clone();
    act(&patron, ShopperAct::Quiet { from: "21:00".into(), to: "08:00".into() });
    agreed(&patron);
    {
        let mut held = model.0.lock().unwrap();
        held.preferences_past.retain(|revision| *revision <= copy.0);
        held.preferences = copy;
    }
    // A device that knew of no more than the copy is the first to say something.
    let other = tempfile::tempdir().unwrap();
    let tablet = account(other.path(), &model, &clock, 2);
    act(&tablet, ShopperAct::Daily { most: Some(3) });
    agreed(&tablet);
    agreed(&patron);
    agreed(&tablet);
    for device in [&patron, &tablet] {
        let side = device.shopper_side().unwrap();
        assert_eq!((side.quiet_from.as_deref(), side.daily, side.refused.len()), (Some("21:00"), Some(3), 1));
    }
    assert_eq!(held(&model).unwrap()["rules"]["quiet"], json!(["21:00", "08:00"]));
}

#[test]
fn what_was_taken_back_here_does_not_come_back_with_a_copy() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    act(&patron, refuse("kelo"));
    agreed(&patron);
    let copy = model.0.lock().unwrap().preferences.clone();
    act(&patron, ShopperAct::Quiet { from: "21:00".into(), to: "08:00".into() });
    agreed(&patron);
    {
        let mut held = model.0.lock().unwrap();
        held.preferences_past.retain(|revision| *revision < copy.0);
        held.preferences = copy;
    }
    act(&patron, ShopperAct::Welcome(Refused::Partner { partner: "kelo".into() }));
    agreed(&patron);
    let side = patron.shopper_side().unwrap();
    assert_eq!((side.quiet_from.as_deref(), side.refused.len()), (Some("21:00"), 0));
    assert_eq!(held(&model).unwrap(), json!({ "rules": { "quiet": ["21:00", "08:00"] } }));
}

#[test]
fn what_was_erased_by_one_device_and_told_anew_by_another_takes_nothing_from_a_third() {
    let (model, clock) = market();
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [phone, tablet, watch] = [0, 1, 2].map(|n| account(folders[n].path(), &model, &clock, 1 + n as u64));
    act(&phone, refuse("kelo"));
    for device in [&phone, &tablet, &watch] {
        agreed(device);
    }
    act(&watch, ShopperAct::Wish { words: "trail shoes".into(), topics: vec![], until_ms: None });
    agreed(&watch);
    // The phone takes the yes back and gives it again, with the watch's wish in nobody else's hands.
    wait(phone.withdraw(Purpose::Personalisation)).unwrap();
    agreed(&phone);
    assert_eq!(held(&model), None);
    wait(phone.grant(vec![Purpose::Personalisation])).unwrap();
    agreed(&phone);
    agreed(&tablet);
    act(&tablet, ShopperAct::Daily { most: Some(2) });
    for device in [&tablet, &watch, &phone, &tablet] {
        agreed(device);
    }
    for device in [&phone, &tablet, &watch] {
        let side = device.shopper_side().unwrap();
        assert_eq!((side.wishes.len(), side.daily, side.refused.len()), (1, Some(2), 1), "nobody took it back");
    }
}

#[test]
fn who_changes_their_mind_behind_a_lost_answer_has_the_last_word() {
    for (dies, says_no) in [(false, true), (true, true), (false, false), (true, false)] {
        let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
        let mut patron = account(folder.path(), &model, &clock, 1);
        let welcome = || ShopperAct::Welcome(Refused::Partner { partner: "kelo".into() });
        let (first, then) = if says_no { (refuse("kelo"), welcome()) } else { (welcome(), refuse("kelo")) };
        let again = first.clone();
        act(&patron, first);
        act(&patron, refuse("lumi"));
        agreed(&patron);
        // It arrives, and nobody here knows.
        model.fail("/v1/preferences", Fault::LostReply);
        act(&patron, then);
        wait(patron.drain(Duration::from_secs(5), None)).unwrap();
        patron.set_network(Network::Offline).unwrap();
        act(&patron, again);
        if dies {
            drop(patron);
            patron = open(folder.path(), &model, &clock, 1);
        }
        patron.set_network(Network::Unmetered).unwrap();
        agreed(&patron);
        let refused = |value: &Value| value["partners"]["kelo"] == json!(true);
        assert_eq!(refused(&held(&model).unwrap()), says_no, "died: {dies}");
        assert_eq!(patron.shopper_side().unwrap().refused.len(), if says_no { 2 } else { 1 }, "died: {dies}");
    }
}

#[test]
fn a_backend_without_an_address_for_it_is_asked_a_few_times_and_again_when_the_app_looks_for_what_is_new() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    let asked = || model.0.lock().unwrap().requests.iter().filter(|url| url.ends_with("/v1/preferences")).count();
    let before = asked();
    let not_here = || model.fail("/v1/preferences", Fault::Answer(404, vec![], "not here"));
    // Before the act: it is told at once.
    not_here();
    act(&patron, ShopperAct::Daily { most: Some(3) });
    for _ in 0..20 {
        not_here();
        wait(patron.drain(Duration::from_secs(5), None)).unwrap();
        clock.advance(Duration::from_secs(3_601));
    }
    assert!((2..=4).contains(&(asked() - before)), "{}", asked() - before);
    model.0.lock().unwrap().faults.clear();
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "rules": { "daily": 3 } })));
}

#[test]
fn a_number_that_no_backend_counts_to_is_not_taken_over() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    let far = r#"{"revision":18446744073709551615,"stored":false,"document":{"rules":{"daily":7}}}"#;
    model.fail("/v1/preferences", Fault::Answer(200, vec![], far));
    act(&patron, refuse("kelo"));
    wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    clock.advance(Duration::from_secs(3_601));
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "partners": { "kelo": true } })));
}

#[test]
fn what_is_on_the_wire_is_broken_off_before_a_withdrawal_returns() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    model.fail("/v1/preferences", Fault::Hang);
    act(&patron, refuse(CANARY));
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    agreed(&patron);
    assert_eq!(held(&model), None, "what had arrived was erased by right");
}

#[test]
fn that_a_visit_goes_unseen_and_what_was_reminded_of_stay_on_the_device() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    for _ in 0..4 {
        clock.advance(Duration::from_secs(10));
        let fix = FixInput { latitude: 60.1675, longitude: 24.9525, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
    assert_eq!(patron.visits().len(), 1);
    let before = told(&model);
    act(&patron, ShopperAct::Unseen);
    assert!(patron.shopper_side().unwrap().unseen);
    wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    assert_eq!(told(&model), before, "there is nothing to tell");
    patron.set_network(Network::Offline).unwrap();
    act(&patron, ShopperAct::Save { offer: "cup".into(), when_here: true, before_end_h: None });
    // Another device tells something: what is this one's own stays.
    {
        let mut held = model.0.lock().unwrap();
        held.preferences = (99, Some(json!({ "topics": { "coffee": true } })));
    }
    patron.set_network(Network::Unmetered).unwrap();
    agreed(&patron);
    let side = patron.shopper_side().unwrap();
    assert!(side.unseen && side.refused.len() == 1 && side.saved.len() == 1);
    assert!(held(&model).unwrap()["saved"]["cup"].is_object());
    assert!(!heard_of(&model, "unseen") && !heard_of(&model, "reminded"));
}

#[test]
fn more_than_a_backend_takes_is_not_sent_and_what_others_say_is_heard_all_the_same() {
    let (folder, (model, clock)) = (tempfile::tempdir().unwrap(), market());
    let patron = account(folder.path(), &model, &clock, 1);
    patron.set_network(Network::Offline).unwrap();
    for n in 0..400 {
        act(&patron, refuse(&format!("{n:0>200}")));
    }
    patron.set_network(Network::Unmetered).unwrap();
    model.0.lock().unwrap().preferences = (99, Some(json!({ "topics": { "coffee": true } })));
    agreed(&patron);
    assert_eq!(held(&model), Some(json!({ "topics": { "coffee": true } })));
    assert_eq!(patron.shopper_side().unwrap().refused.len(), 401);
}
