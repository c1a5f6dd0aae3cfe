//! The right to see and to leave.

use std::time::Duration;

use patron_core::Patron;
use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::event::Tracked;
use patron_core::store::MAIN_FILE;
use patron_core::sync::wire::RightKind;

use super::hand::*;
use super::support::{Fault, Model, open, wait, wait_moving};

#[test]
fn an_export_says_of_each_item_where_it_is_from_what_for_and_by_which_yes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    let yes = wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    visit(&patron, &clock);
    wait(patron.request_export()).unwrap();
    let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let items = export["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["event", "event", "open_visit", "position"]);
    for item in items {
        assert!(item["origin"].is_string() && item["use"].is_string(), "{item}");
        let grant = item["grant"]["decision"].as_str().unwrap();
        assert!(yes.decisions.iter().any(|decision| decision.hash.to_string() == grant), "{item}");
    }
    assert_eq!(export["backend"]["state"], "asked");
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    assert_eq!(export["backend"]["state"], "received");
    assert_eq!(export["backend"]["data"]["events"], 0, "what is asked by right goes first");
}

#[test]
fn erasing_leaves_the_proof_and_nothing_else_and_is_asked_of_the_backend_offline_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.identify("token".into())).unwrap();
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PartnerOffers, Purpose::PreciseLocation])).unwrap();
    wait(patron.grant(vec![Purpose::PartnerSharing { partner: CANARY.into() }])).unwrap();
    synced(&patron);
    patron.set_online(false).unwrap();
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    visit(&patron, &clock);
    let before = wait(patron.diagnostics()).unwrap();
    let erased = wait(patron.erase()).unwrap();
    assert_eq!(erased.purged_events, 2);
    assert!(!is_on_disk(folder.path()));
    let bytes = std::fs::read(folder.path().join(MAIN_FILE)).unwrap();
    let old = before.installation;
    for identity in [old.as_bytes().as_slice(), before.account_alias.unwrap().as_bytes().as_slice()] {
        assert!(!bytes.windows(16).any(|window| window == identity));
    }
    let after = wait(patron.diagnostics()).unwrap();
    assert_ne!(after.installation, old);
    assert!(after.account.balances() && after.account_alias.is_none() && patron.visits().is_empty());
    assert!(patron.consents().iter().all(|state| state.status == ConsentStatus::NotAsked));
    assert!(wait(patron.consent_record()).unwrap().contains("\"consent_events\": []"));
    let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    assert_eq!(export["earlier_erasure"]["request"], erased.request.to_string());
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let asked = held.rights.iter().find(|right| right.kind == RightKind::Erase).unwrap();
    assert_eq!((asked.id, asked.installation), (erased.request, old));
}

#[test]
fn an_export_that_was_asked_for_is_not_given_to_the_next_shopper() {
    for erases in [false, true] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        patron.set_online(false).unwrap();
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        wait(patron.request_export()).unwrap();
        if erases {
            wait(patron.erase()).unwrap();
        } else {
            wait(patron.sign_out()).unwrap();
        }
        patron.set_online(true).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        let backend = |patron: &Patron| {
            let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
            export["backend"]["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(backend(&patron), "not_asked", "erases: {erases}");
        // The next shopper asks for their own.
        wait(patron.request_export()).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        assert_eq!(backend(&patron), "received");
        let next = wait(patron.diagnostics()).unwrap().installation;
        let held = model.0.lock().unwrap();
        let exports: Vec<_> = held.rights.iter().filter(|right| right.kind == RightKind::Export).collect();
        assert!(exports.iter().all(|right| right.installation == next) && exports.len() == 1);
    }
}

#[test]
fn what_the_backend_gives_to_see_is_kept_with_its_word_that_it_is_done() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.0.lock().unwrap().is_slow_with_rights = true;
    let patron = open(folder.path(), &model, &clock);
    wait(patron.request_export()).unwrap();
    assert!(!wait_moving(&clock, &patron, patron.drain(Duration::from_secs(20), None)).unwrap().done);
    let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    assert_eq!(export["backend"]["state"], "asked");
}

#[test]
fn what_the_backend_gave_to_see_goes_with_the_first_thing_that_is_taken_back() {
    let partner = || Purpose::PartnerSharing { partner: "lumi".into() };
    for purpose in [Purpose::Engagement, partner()] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.grant(vec![Purpose::Engagement, partner()])).unwrap();
        wait(patron.request_export()).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        let state = || {
            let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
            export["backend"]["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state(), "received");
        patron.set_online(false).unwrap();
        wait(patron.withdraw(purpose)).unwrap();
        assert_eq!(state(), "not_asked");
    }
}

#[test]
fn an_export_that_a_withdrawal_overtakes_is_asked_again_behind_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    model.fail("rights", Fault::Hang);
    wait(patron.request_export()).unwrap();
    while model.0.lock().unwrap().rights.is_empty() {
        std::thread::yield_now();
    }
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let asked: Vec<_> = held.rights.iter().map(|right| right.kind).collect();
    assert_eq!(asked, [RightKind::Export, RightKind::ErasePurpose, RightKind::Export]);
}
