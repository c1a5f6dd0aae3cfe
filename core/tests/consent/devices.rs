//! One shopper, several devices; and one that was put back from a backup.

use patron_core::consent::{ConsentStatus, Decision, Purpose, PurposeKind, Sha, Signer};
use patron_core::event::Tracked;
use patron_core::sync::wire::{RightKind, SignedEntry};
use uuid::Uuid;

use super::hand::*;
use super::support::{Fault, MONDAY_10, Model, open, wait, wait_moving};

/// What another device of the shopper decided, sealed with that device's key.
fn elsewhere(purpose: Purpose, status: ConsentStatus, account: bool, parents: Vec<Sha>) -> SignedEntry {
    let id = Uuid::from_u128(u128::from(account) + 2 * status as u128 + 100);
    let mut decision = Decision::new(id, purpose, status, MONDAY_10, 1);
    decision.account = account;
    decision.parents = parents;
    let seal = Signer::from_seed(&[77; 32]).seal(&mut decision, Sha::NONE);
    SignedEntry { signature: seal.signature_hex(), entry: seal.entry }
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
    let entries = model.0.lock().unwrap().reports[&before].decisions.clone();
    let told = entries.into_iter().map(|told| SignedEntry { entry: told.entry, signature: told.signature }).collect();
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
    // The device that this was is one of the shopper's others now, and says nothing new.
    model.0.lock().unwrap().others = told;
    synced(&patron);
    assert!(state(&patron, &Purpose::Engagement).effective);
    // Once: it is not the device's to try a hundred names.
    model.fail("consent", Fault::Answer(409, vec![], fork));
    wait(patron.grant(vec![Purpose::Beacons])).unwrap();
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    assert_eq!(wait(patron.diagnostics()).unwrap().installation, after.installation);
}

#[test]
fn a_no_elsewhere_purges_here_also_when_it_comes_with_the_yes_that_followed_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.identify("token".into())).unwrap();
    let yes = wait(patron.grant(vec![Purpose::Engagement])).unwrap().decisions[0].hash;
    synced(&patron);
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    let no = elsewhere(Purpose::Engagement, ConsentStatus::Withdrawn, true, vec![yes]);
    let again = elsewhere(Purpose::Engagement, ConsentStatus::Granted, true, vec![Sha::of(no.entry.as_bytes())]);
    model.0.lock().unwrap().others = vec![no, again];
    synced(&patron);
    assert!(state(&patron, &Purpose::Engagement).effective);
    assert!(!is_on_disk(folder.path()));
    assert_eq!(model.stored(), 0);
    // Of the backend too, and no further than the no: what is recorded under the new yes stays.
    let held = model.0.lock().unwrap();
    let asked: Vec<_> = held.rights.iter().map(|right| (right.kind, right.purpose, right.until)).collect();
    assert_eq!(asked, [(RightKind::ErasePurpose, Some(PurposeKind::Engagement), Some(2))]);
}
