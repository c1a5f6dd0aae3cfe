//! What a withdrawal removes, and from where.

use std::time::Duration;

use patron_core::Patron;
use patron_core::consent::{Purpose, PurposeKind, WithdrawPolicy};
use patron_core::event::{Engagement, Tracked};
use patron_core::store::MAIN_FILE;
use patron_core::sync::wire::RightKind;
use uuid::Uuid;

use super::hand::*;
use super::support::{Fault, Model, open, wait, wait_moving};

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

#[test]
fn what_partners_offer_is_not_among_what_was_captured() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    assert!(is_on_disk(folder.path()));
    wait(patron.withdraw_with(Purpose::PartnerOffers, WithdrawPolicy::KeepCaptured, None)).unwrap();
    assert!(patron.offers("home").unwrap().iter().all(|card| card.partner.is_none()));
    assert!(!is_on_disk(folder.path()));
}

#[test]
fn a_report_that_names_the_shopper_to_a_partner_is_broken_off_with_the_yes_to_that() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    synced(&patron);
    let partner = patron.consents().into_iter().find(|state| state.purpose.partner().is_some()).unwrap().purpose;
    model.fail("consent", Fault::Hang);
    wait(patron.grant(vec![partner.clone()])).unwrap();
    wait(async {
        while model.0.lock().unwrap().reports.values().all(|report| report.pseudonyms.is_empty()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    // The one that hangs would hold up the next for as long as a request may take, by a clock that stands still.
    wait(patron.withdraw(partner)).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    assert!(model.0.lock().unwrap().reports[&installation].pseudonyms.is_empty());
}

#[test]
fn what_was_learnt_from_the_shoppers_own_words_goes_with_them() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Dialogue, Purpose::Engagement, Purpose::Personalisation])).unwrap();
    let words = Engagement::Feedback { about: None, text: "warm".into() };
    assert_eq!(patron.track(&words), Ok(Tracked::Recorded));
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    let person = |patron: &Patron| {
        let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
        let items = export["items"].as_array().unwrap();
        items.iter().find(|item| item["kind"] == "person").unwrap()["content"]["events"].clone()
    };
    assert!(person(&patron)["dev.patron.feedback"].is_array());
    wait(patron.withdraw(Purpose::Dialogue)).unwrap();
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    let left = person(&patron);
    assert!(left.get("dev.patron.feedback").is_none() && left["dev.patron.offer.saved"].is_array(), "{left}");
}
