//! Consent against the whole core: what stands, what outside signals take away, what a withdrawal
//! removes, and what the ledger proves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::signal::{Age, Declared, LocationPermission, Signals};
use patron_core::consent::{
    AskReason, ConsentCatalogue, ConsentState, ConsentStatus, Decision, Purpose, PurposeKind, Sha, Signer,
    WithdrawPolicy,
};
use patron_core::event::{Engagement, Tracked};
use patron_core::place::{FixInput, TransitionKind};
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use patron_core::sync::wire::{RightKind, SignedEntry};
use patron_core::{Error, Patron};
use support::{Fault, MONDAY_10, Model, open, wait, wait_moving};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);

/// Stands in events and offers, and must not be found where it was erased.
const CANARY: &str = "canary-7f3a91";

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

fn saved(offer: &str) -> Engagement {
    Engagement::Saved { offer: offer.into() }
}

fn state(patron: &Patron, purpose: &Purpose) -> ConsentState {
    patron.consents().into_iter().find(|state| state.purpose == *purpose).unwrap()
}

/// Inside the town's first store.
fn in_the_store() -> FixInput {
    let town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle = &town["places"][0]["circle"];
    let at = |name: &str| circle[name].as_f64().unwrap();
    FixInput { latitude: at("latitude"), longitude: at("longitude"), accuracy_m: Some(5.0), age_ms: 0, mock: false }
}

fn visit(patron: &Patron, clock: &ManualClock) {
    let mut told = Vec::new();
    for _ in 0..6 {
        told.extend(wait(patron.update_location(in_the_store())).unwrap());
        clock.advance(Duration::from_secs(10));
    }
    assert!(told.iter().any(|transition| transition.kind == TransitionKind::Entered), "{told:?}");
}

/// Whether the canary stands in any file of the store.
fn is_on_disk(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
    })
}

// -- what stands --

#[test]
fn a_yes_runs_out_by_time_alone_and_is_asked_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let expires = receipt.decisions[0].expires_at_ms.unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    clock.advance_to(expires);
    // Any command makes the engine look at the clock.
    wait(patron.flush()).unwrap();
    let stands = state(&patron, &Purpose::Engagement);
    assert_eq!((stands.status, stands.effective), (ConsentStatus::Expired, false));
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    let prompt = patron.consent_prompts().into_iter().find(|prompt| prompt.purpose == Purpose::Engagement).unwrap();
    assert_eq!(prompt.reason, AskReason::RanOut);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
}

#[test]
fn a_catalogue_that_means_more_makes_a_yes_stale_until_it_is_said_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let mut newer = serde_json::to_value(ConsentCatalogue::standard()).unwrap();
    newer["revision"] = 2.into();
    for purpose in newer["purposes"].as_array_mut().unwrap() {
        if purpose["purpose"] == "engagement" {
            purpose["meaning"] = 2.into();
        }
    }
    model.0.lock().unwrap().consent_catalogue = Some(newer.to_string());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement, Purpose::Dialogue])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Stale);
    assert_eq!(state(&patron, &Purpose::Dialogue).status, ConsentStatus::Granted, "its meaning is the same");
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Stale, "behind a restart too");
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
}

#[test]
fn a_receipt_says_what_was_shown_where_and_until_when() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.decide(vec![Purpose::Engagement], true, Some("onboarding".into()))).unwrap();
    let decision = &receipt.decisions[0];
    let words = ConsentCatalogue::standard().text(&Purpose::Engagement, "en", None).unwrap().1;
    assert_eq!(decision.text, Some(words.hash()));
    assert_eq!((decision.locale.as_deref(), decision.surface.as_deref()), (Some("en"), Some("onboarding")));
    assert!(decision.parents.is_empty() && decision.expires_at_ms.is_some());
    let no = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!(no.receipt.decisions[0].parents, [decision.hash], "it knew of the yes");
    let long = wait(patron.decide(vec![Purpose::Engagement], true, Some("x".repeat(65))));
    assert!(matches!(long, Err(Error::InvalidInput { .. })), "{long:?}");
}

// -- outside signals --

#[test]
fn a_child_is_not_located_and_what_was_recorded_goes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation, Purpose::Engagement])).unwrap();
    visit(&patron, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
    let child = Signals { age: Declared::Is(Age::Child), ..Signals::default() };
    wait(patron.declare_signals(child.clone())).unwrap();
    assert_eq!((wait(patron.diagnostics()).unwrap().account.queued, patron.visits().len()), (0, 0));
    let stands = state(&patron, &Purpose::PreciseLocation);
    assert_eq!((stands.status, stands.effective), (ConsentStatus::Granted, false));
    assert_eq!(stands.lowered_by, ["age"]);
    assert!(state(&patron, &Purpose::Engagement).effective);
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.signals(), child);
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    wait(patron.declare_signals(Signals::default())).unwrap();
    assert!(state(&patron, &Purpose::PreciseLocation).effective, "the grant had stood all the time");
}

#[test]
fn a_permission_of_the_platform_that_is_taken_away_stops_reading_and_purges_nothing() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    visit(&patron, &clock);
    let signals = Signals { location: Declared::Is(LocationPermission::None), ..Signals::default() };
    wait(patron.declare_signals(signals)).unwrap();
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
}

#[test]
fn what_is_lowered_is_told_to_the_backend_and_hides_the_shopper_from_partners() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    let sharing: Vec<_> = patron.consents().into_iter().map(|state| state.purpose).collect();
    let sharing: Vec<_> = sharing.into_iter().filter(|purpose| purpose.partner().is_some()).take(2).collect();
    wait(patron.grant(sharing.clone())).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    let report = |model: &Model| model.0.lock().unwrap().reports[&installation].clone();
    let names = report(&model).pseudonyms;
    assert_eq!(names.keys().map(String::as_str).collect::<Vec<_>>(), {
        let mut partners: Vec<_> = sharing.iter().filter_map(|purpose| purpose.partner()).collect();
        partners.sort_unstable();
        partners
    });
    assert_eq!(names.values().collect::<std::collections::BTreeSet<_>>().len(), 2, "each has its own");
    assert!(names.values().all(|name| *name != installation));
    wait(patron.declare_signals(Signals { gpc: true, ..Signals::default() })).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let report = report(&model);
    assert!(report.pseudonyms.is_empty() && report.lowered.contains(&PurposeKind::PartnerSharing), "{report:?}");
}

// -- withdrawal --

#[test]
fn what_was_captured_is_delivered_where_the_shopper_says_so() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    let gone = wait(patron.withdraw_with(Purpose::Engagement, WithdrawPolicy::KeepCaptured, None)).unwrap();
    assert_eq!(gone.purged_events, 0);
    assert_eq!(patron.track(&saved("mug")), Ok(Tracked::NotPermitted));
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 1);
    assert!(model.0.lock().unwrap().rights.is_empty(), "nothing is to be erased");
}

#[test]
fn a_withdrawal_asks_the_backend_to_erase_what_it_has_until_it_did() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.0.lock().unwrap().is_slow_with_rights = true;
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert!(!wait_moving(&clock, &patron, patron.drain(Duration::from_secs(20), None)).unwrap().done);
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().pending_rights, 1);
    model.0.lock().unwrap().is_slow_with_rights = false;
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    assert_eq!(wait(patron.diagnostics()).unwrap().pending_rights, 0);
    let held = model.0.lock().unwrap();
    assert!(held.rights.len() > 1, "it was asked again");
    let ids: std::collections::BTreeSet<Uuid> = held.rights.iter().map(|right| right.id).collect();
    assert_eq!(ids.len(), 1);
    assert!(
        held.rights
            .iter()
            .all(|right| { (right.kind, right.purpose) == (RightKind::ErasePurpose, Some(PurposeKind::Engagement)) })
    );
}

#[test]
fn a_purge_that_was_cut_short_is_followed_to_its_end_by_the_next_process() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    patron.close();
    assert!(is_on_disk(folder.path()));
    // As the transaction of a withdrawal leaves it, had the process died right behind it.
    let bits = 1 << (PurposeKind::PartnerOffers as u8);
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    db.execute("INSERT INTO meta (key, value) VALUES ('purge', ?1)", [format!("{bits}")]).unwrap();
    drop(db);
    // The yes still stands here, and would fetch them anew.
    model.fail("catalogue", Fault::Hang);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert!(patron.offers("home").unwrap().iter().all(|card| card.partner.is_none()));
    patron.close();
    assert!(!is_on_disk(folder.path()));
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    let left: i64 = db.query_row("SELECT count(*) FROM meta WHERE key = 'purge'", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

/// A town whose partners' offers carry the canary, and the retailer's own do not.
fn with_canary() -> Model {
    let model = Model::town();
    let mut town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    for offer in town["offers"].as_array_mut().unwrap() {
        if offer["partner"].is_string() {
            offer["title"] = CANARY.into();
        }
    }
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    model
}

#[test]
fn partners_offers_reach_the_disk_with_a_yes_alone_and_leave_it_with_the_no() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
    let of_partners = |patron: &Patron| patron.offers("home").unwrap().iter().filter(|c| c.partner.is_some()).count();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    assert!(!is_on_disk(folder.path()));
    // A yes needs no network.
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    assert!(of_partners(&patron) > 0 && is_on_disk(folder.path()));
    let gone = wait(patron.withdraw(Purpose::PartnerOffers)).unwrap();
    assert!(gone.purged_offers > 0);
    assert!(of_partners(&patron) == 0 && !is_on_disk(folder.path()));
    // A yes after that fetches them again, whatever the tag says.
    patron.set_online(true).unwrap();
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    assert!(of_partners(&patron) > 0 && is_on_disk(folder.path()));
}

// -- the ledger --

#[test]
fn a_ledger_that_was_changed_on_the_disk_is_found() {
    for (what, sql) in [
        ("a row says yes where no was signed", "UPDATE decision SET status = 'granted' WHERE epoch = 2"),
        ("a row is gone from the middle", "DELETE FROM decision WHERE epoch = 2"),
        (
            "the text of an entry is another",
            "UPDATE decision SET entry = replace(entry, 'settings', 'checkout') WHERE epoch = 3",
        ),
        ("the last row is gone", "DELETE FROM decision WHERE epoch = 3"),
    ] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        wait(patron.deny(vec![Purpose::Notifications])).unwrap();
        wait(patron.decide(vec![Purpose::Dialogue], true, Some("settings".into()))).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        let verified = wait(patron.verify_ledger()).unwrap();
        assert_eq!((verified.entries, verified.anchored_epoch), (3, Some(3)));
        patron.close();
        let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
        db.execute_batch(sql).unwrap();
        // The trigger's copy goes along, as someone who knows the schema would see to.
        db.execute_batch(
            "DELETE FROM granted; INSERT INTO granted SELECT purpose FROM decision WHERE status = 'granted'",
        )
        .unwrap();
        drop(db);
        let patron = open(folder.path(), &model, &clock);
        let verified = wait(patron.verify_ledger());
        assert!(matches!(verified, Err(Error::Tampered { .. })), "{what}: {verified:?}");
    }
}

#[test]
fn the_record_can_be_checked_by_whoever_has_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    let record: serde_json::Value = serde_json::from_str(&wait(patron.consent_record()).unwrap()).unwrap();
    assert_eq!(record["header"]["schema_version"], "ISO/IEC TS 27560:2023");
    let events = record["consent_events"].as_array().unwrap();
    let states: Vec<_> = events.iter().map(|event| event["event_state"].as_str().unwrap()).collect();
    assert_eq!(states, ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]);
    for event in events {
        let entry = event["signed"]["entry"].as_str().unwrap();
        let key = serde_json::from_str::<serde_json::Value>(entry).unwrap()["key"].as_str().unwrap().to_owned();
        let signature = event["signed"]["signature"].as_str().unwrap();
        assert!(patron_core::consent::verify_hex(&key, entry.as_bytes(), signature));
    }
}

// -- many devices --

/// What another device of the shopper decided, sealed with that device's key.
fn elsewhere(purpose: Purpose, status: ConsentStatus, account: bool, parents: Vec<Sha>) -> SignedEntry {
    let id = Uuid::from_u128(u128::from(account) + 2 * status as u128 + 100);
    let mut decision = Decision::new(id, purpose, status, MONDAY_10, 1);
    decision.account = account;
    decision.parents = parents;
    let seal = Signer::from_seed(&[77; 32]).seal(&mut decision, Sha::NONE);
    SignedEntry { signature: seal.signature_hex(), entry: seal.entry }
}

fn synced(patron: &Patron) {
    wait(patron.refresh()).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
}

#[test]
fn a_no_on_another_device_purges_here_and_a_yes_there_holds_here() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.identify("token".into())).unwrap();
    let yes = wait(patron.grant(vec![Purpose::Engagement])).unwrap().decisions[0].hash;
    synced(&patron);
    // Queued, and not yet worth a request by itself.
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    model.0.lock().unwrap().others = vec![
        elsewhere(Purpose::Engagement, ConsentStatus::Withdrawn, true, vec![yes]),
        elsewhere(Purpose::Dialogue, ConsentStatus::Granted, true, vec![]),
    ];
    synced(&patron);
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Withdrawn);
    assert!(state(&patron, &Purpose::Dialogue).effective);
    assert!(!is_on_disk(folder.path()));
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    // What it heard it reports too: events that rest on it are judged by it.
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    assert_eq!(model.0.lock().unwrap().reports[&installation].decisions.len(), 3);
    assert_eq!(wait(patron.verify_ledger()).unwrap().entries, 1, "the others stand in their own ledgers");
}

#[test]
fn neither_an_anonymous_yes_nor_a_forged_one_comes_over() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let mut forged = elsewhere(Purpose::Dialogue, ConsentStatus::Granted, true, vec![]);
    forged.entry = forged.entry.replace("dialogue", "beacons");
    model.0.lock().unwrap().others =
        vec![elsewhere(Purpose::Engagement, ConsentStatus::Granted, false, vec![]), forged];
    synced(&patron);
    for purpose in [Purpose::Engagement, Purpose::Dialogue, Purpose::Beacons] {
        assert_eq!(state(&patron, &purpose).status, ConsentStatus::NotAsked, "{purpose}");
    }
}

#[test]
fn of_two_devices_that_did_not_know_of_each_other_the_no_stands() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    model.0.lock().unwrap().others = vec![elsewhere(Purpose::Engagement, ConsentStatus::Denied, true, vec![])];
    synced(&patron);
    assert!(!state(&patron, &Purpose::Engagement).effective);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(state(&patron, &Purpose::Engagement).effective, "now the shopper knew of both");
}

#[test]
fn a_store_that_was_put_back_from_a_backup_goes_on_as_a_new_installation_with_its_decisions() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.deny(vec![Purpose::Engagement])).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    let before = wait(patron.diagnostics()).unwrap().installation;
    // The backend knows of a decision that the backup does not have.
    let fork = r#"{"type":"/problems/conflict","title":"forks the ledger","status":409}"#;
    model.fail("consent", Fault::Answer(409, vec![], fork));
    wait(patron.grant(vec![Purpose::Dialogue])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let after = wait(patron.diagnostics()).unwrap();
    assert_ne!(after.installation, before);
    for purpose in [Purpose::Engagement, Purpose::Dialogue] {
        assert!(state(&patron, &purpose).effective, "{purpose}");
    }
    assert_eq!((wait(patron.verify_ledger()).unwrap().entries, model.stored()), (3, 1));
    assert_eq!(model.0.lock().unwrap().reports[&after.installation].decisions.len(), 3);
}

// -- the right to see and to leave --

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

// -- the secret --

#[test]
fn the_names_for_partners_are_the_accounts_on_every_device_and_nobody_elses() {
    let names = |seed_folder: &tempfile::TempDir, secret: &str, token: bool| {
        let (model, clock) = (Model::town(), clock());
        model.0.lock().unwrap().account_secret = Some(secret.to_owned());
        let patron = open(seed_folder.path(), &model, &clock);
        wait(patron.refresh()).unwrap();
        let partner = patron.consents().into_iter().find(|state| state.purpose.partner().is_some()).unwrap().purpose;
        wait(patron.grant(vec![partner])).unwrap();
        if token {
            wait(patron.identify("token".into())).unwrap();
        }
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        let installation = wait(patron.diagnostics()).unwrap().installation;
        let report = model.0.lock().unwrap().reports[&installation].clone();
        *report.pseudonyms.values().next().unwrap()
    };
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let (one, other) = ("11".repeat(32), "22".repeat(32));
    let phone = names(&folders[0], &one, true);
    assert_eq!(phone, names(&folders[1], &one, true), "the same shopper");
    assert_ne!(phone, names(&folders[2], &other, true), "another shopper");
    assert_ne!(phone, names(&folders[3], &one, false), "nobody is signed in");
}

#[cfg(unix)]
#[test]
fn every_file_is_the_apps_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.refresh()).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.iter().any(|file| file.file_name() == OFFERS_FILE) && files.len() >= 4);
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} is {mode:o}", file.file_name());
    }
}

#[test]
fn signals_that_no_longer_read_are_a_no_to_all_that_they_could_touch() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation])).unwrap();
    wait(patron.declare_signals(Signals { age: Declared::Is(Age::Adult), ..Signals::default() })).unwrap();
    patron.close();
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    db.execute("UPDATE meta SET value = 'no JSON' WHERE key = 'signals'", []).unwrap();
    drop(db);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert!(!state(&patron, &Purpose::PreciseLocation).effective && !state(&patron, &Purpose::Engagement).effective);
    wait(patron.declare_signals(Signals::default())).unwrap();
    assert!(state(&patron, &Purpose::Engagement).effective, "once the host has told them again");
}

#[test]
fn a_visit_under_way_ends_unseen_when_the_yes_to_it_runs_out() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    let yes = wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    visit(&patron, &clock);
    assert_eq!(patron.visits().len(), 1);
    // Far behind its dwell, which nothing may record any more.
    clock.advance_to(yes.decisions[0].expires_at_ms.unwrap() + 1_000);
    wait(patron.flush()).unwrap();
    assert_eq!(patron.visits().len(), 0);
    let account = wait(patron.diagnostics()).unwrap().account;
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    let told = wait(patron.update_location(in_the_store())).unwrap();
    assert!(told.iter().all(|transition| transition.kind != TransitionKind::Dwelt), "{told:?}");
    assert_eq!(account.accepted, 1, "the arrival alone");
}
