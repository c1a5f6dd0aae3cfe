//! One shopper, several devices; and one that was put back from a backup.

use std::path::Path;
use std::sync::Arc;

use patron_core::Patron;
use patron_core::clock::ManualClock;
use patron_core::consent::{ConsentStatus, Decision, Purpose, PurposeKind, Sha, Signer};
use patron_core::event::Tracked;
use patron_core::sync::wire::{RightKind, SignedEntry};
use uuid::Uuid;

use super::hand::*;
use super::support::{Fault, MONDAY_10, Model, open, wait, wait_moving};

/// What the backend says of a ledger that goes on otherwise than the one that it has.
const FORK: &str = r#"{"type":"/problems/conflict","title":"forks the ledger","status":409}"#;

/// What another device of the shopper decided, sealed with that device's key.
pub(super) fn elsewhere(purpose: Purpose, status: ConsentStatus, account: bool, parents: Vec<Sha>) -> SignedEntry {
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

/// The same as [`elsewhere`], where the shopper said that what was captured is kept.
fn kept_elsewhere(parents: Vec<Sha>) -> (SignedEntry, Sha) {
    let (id, purpose) = (Uuid::from_u128(900), Purpose::Engagement);
    let mut decision = Decision::new(id, purpose, ConsentStatus::Withdrawn, MONDAY_10, 1);
    (decision.account, decision.keeps_captured, decision.parents) = (true, true, parents);
    let seal = Signer::from_seed(&[77; 32]).seal(&mut decision, Sha::NONE);
    (SignedEntry { signature: seal.signature_hex(), entry: seal.entry }, decision.hash)
}

#[test]
fn what_was_captured_is_kept_here_too_where_the_shopper_said_so_elsewhere_and_a_second_no_takes_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.identify("token".into())).unwrap();
    let yes = wait(patron.grant(vec![Purpose::Engagement, Purpose::PartnerOffers])).unwrap().decisions[0].hash;
    synced(&patron);
    // One is with the backend, one waits.
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    synced(&patron);
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    let (kept, no) = kept_elsewhere(vec![yes]);
    model.0.lock().unwrap().others = vec![kept];
    synced(&patron);
    let state = state(&patron, &Purpose::Engagement);
    assert_eq!((state.status, state.effective), (ConsentStatus::Withdrawn, false));
    assert_eq!(patron.track(&saved("mug")), Ok(Tracked::NotPermitted));
    assert_eq!((model.stored(), model.0.lock().unwrap().rights.len()), (2, 0), "delivered, and nothing to erase");
    assert_eq!(wait(patron.diagnostics()).unwrap().account.purged, 0);
    // The shopper thinks better of it, on that device: what is held goes, from the backend as well.
    model.0.lock().unwrap().others = vec![elsewhere(Purpose::Engagement, ConsentStatus::Withdrawn, true, vec![no])];
    synced(&patron);
    let held = model.0.lock().unwrap();
    let asked: Vec<_> = held.rights.iter().map(|right| (right.kind, right.purpose)).collect();
    assert_eq!(asked, [(RightKind::ErasePurpose, Some(PurposeKind::Engagement))]);
}

#[test]
fn what_another_device_keeps_an_older_no_of_it_does_not_take_here() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.identify("token".into())).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    // There the shopper said yes, took it back with all of it, and said yes again: what was captured here so far goes.
    let yes = elsewhere(Purpose::Engagement, ConsentStatus::Granted, true, vec![]);
    let no = elsewhere(Purpose::Engagement, ConsentStatus::Withdrawn, true, vec![hash(&yes)]);
    let again = yes_again_elsewhere(hash(&no));
    model.0.lock().unwrap().others = vec![yes, no, again.clone()];
    synced(&patron);
    assert!(!is_on_disk(folder.path()));
    assert!(state(&patron, &Purpose::Engagement).effective);
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    let asked = model.0.lock().unwrap().rights.len();
    // And took it back, but for what was captured since: that is delivered, from here as well.
    model.0.lock().unwrap().others = vec![kept_elsewhere(vec![hash(&again)]).0];
    synced(&patron);
    assert_eq!(patron.track(&saved("mug")), Ok(Tracked::NotPermitted));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!((model.stored(), model.0.lock().unwrap().rights.len()), (1, asked));
}

/// A yes of the same device behind a no, under an id of its own.
fn yes_again_elsewhere(no: Sha) -> SignedEntry {
    let mut decision = Decision::new(Uuid::from_u128(901), Purpose::Engagement, ConsentStatus::Granted, MONDAY_10, 1);
    (decision.account, decision.parents) = (true, vec![no]);
    let seal = Signer::from_seed(&[77; 32]).seal(&mut decision, Sha::NONE);
    SignedEntry { signature: seal.signature_hex(), entry: seal.entry }
}

fn hash(told: &SignedEntry) -> Sha {
    Sha::of(told.entry.as_bytes())
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
    model.fail("consent", Fault::Answer(409, vec![], FORK));
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
    model.fail("consent", Fault::Answer(409, vec![], FORK));
    wait(patron.grant(vec![Purpose::Beacons])).unwrap();
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    assert_eq!(wait(patron.diagnostics()).unwrap().installation, after.installation);
}

/// A copy of a store, as a backup has it.
fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// A phone on which the shopper said yes, and later no, and onto which a backup of before the no was put back.
fn put_back(model: &Model, clock: &Arc<ManualClock>, token: bool) -> (tempfile::TempDir, Patron) {
    let (phone, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let patron = open(phone.path(), model, clock);
    if token {
        wait(patron.identify("token".into())).unwrap();
    }
    wait(patron.deny(vec![Purpose::Dialogue])).unwrap();
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PartnerOffers])).unwrap();
    synced(&patron);
    patron.set_online(false).unwrap();
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    patron.close();
    copy(phone.path(), backup.path());
    let patron = open(phone.path(), model, clock);
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    synced(&patron);
    patron.close();
    let patron = open(backup.path(), model, clock);
    (backup, patron)
}

#[test]
fn a_backup_that_was_put_back_brings_no_yes_back_that_may_have_been_taken_back_since() {
    let (model, clock) = (with_canary(), clock());
    let (backup, patron) = put_back(&model, &clock, false);
    // Said to this process, so the shopper's word and not the backup's.
    model.fail("consent", Fault::Answer(409, vec![], FORK));
    wait(patron.grant(vec![Purpose::Beacons])).unwrap();
    synced(&patron);
    let status = |patron: &Patron, purpose| state(patron, &purpose).status;
    assert_eq!(status(&patron, Purpose::Engagement), ConsentStatus::NotAsked);
    assert_eq!(status(&patron, Purpose::PartnerOffers), ConsentStatus::NotAsked, "nobody can say");
    assert_eq!(status(&patron, Purpose::Dialogue), ConsentStatus::Denied);
    assert_eq!(status(&patron, Purpose::Beacons), ConsentStatus::Granted);
    assert!(!is_on_disk(backup.path()));
    assert_eq!((model.stored(), patron.track(&saved("mug"))), (0, Ok(Tracked::NotPermitted)));
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert!(diagnostics.account.balances());
    assert_eq!(wait(patron.verify_ledger()).unwrap().entries, 2);
    let told = model.0.lock().unwrap().reports[&diagnostics.installation].decisions.len();
    assert_eq!(told, 2, "nothing else is told under the new name");
    // And it stays so: the next process knows no more, and what is said now counts as ever.
    patron.close();
    let patron = open(backup.path(), &model, &clock);
    synced(&patron);
    assert_eq!(status(&patron, Purpose::Engagement), ConsentStatus::NotAsked);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    synced(&patron);
    assert_eq!((model.stored(), wait(patron.verify_ledger()).unwrap().entries), (1, 3));
}

#[test]
fn a_backup_that_has_nothing_to_say_is_found_by_what_the_backend_has() {
    let (model, clock) = (with_canary(), clock());
    let (backup, patron) = put_back(&model, &clock, false);
    let copied = wait(patron.diagnostics()).unwrap().installation;
    synced(&patron);
    assert_ne!(wait(patron.diagnostics()).unwrap().installation, copied);
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::NotAsked);
    assert!(!is_on_disk(backup.path()));
    assert_eq!((model.stored(), wait(patron.verify_ledger()).unwrap().entries), (0, 1));
}

#[test]
fn a_backup_of_someone_who_is_signed_in_hears_of_the_no_from_the_device_that_it_was() {
    let (model, clock) = (Model::town(), clock());
    let (_backup, patron) = put_back(&model, &clock, true);
    let copied = wait(patron.diagnostics()).unwrap().installation;
    let entries = model.0.lock().unwrap().reports[&copied].decisions.clone();
    model.0.lock().unwrap().others =
        entries.into_iter().map(|told| SignedEntry { entry: told.entry, signature: told.signature }).collect();
    synced(&patron);
    assert_ne!(wait(patron.diagnostics()).unwrap().installation, copied);
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Withdrawn);
    assert!(state(&patron, &Purpose::PartnerOffers).effective, "there is no no to it");
    assert_eq!(model.stored(), 0);
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
