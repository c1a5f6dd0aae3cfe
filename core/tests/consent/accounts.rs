//! One shopper does not become another: whoever comes next signs in behind a sign-out.

use patron_core::consent::Purpose;
use patron_core::event::Tracked;
use patron_core::store::MAIN_FILE;
use patron_core::{Error, Patron};

use super::hand::*;
use super::support::{Model, open, wait};

/// `{"iss":"shop","sub":"anna"}` under two signatures, and `{"iss":"shop","sub":"ben"}`.
const ANNA: &str = "e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uYSJ9.c2ln";
const ANNA_RENEWED: &str = "e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uYSJ9.b3RoZXI";
const BEN: &str = "e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYmVuIn0.c2ln";

fn sign_in(patron: &Patron, token: &str) -> Result<(), Error> {
    wait(patron.identify(token.to_owned()))
}

fn sign_in_as(patron: &Patron, token: &str, account: &str) -> Result<(), Error> {
    wait(patron.identify_as(token.to_owned(), account.to_owned()))
}

fn alias(patron: &Patron) -> Option<uuid::Uuid> {
    wait(patron.diagnostics()).unwrap().account_alias
}

#[test]
fn another_shopper_is_refused_until_the_one_before_has_signed_out() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    sign_in(&patron, ANNA).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    let anna = alias(&patron);
    assert_eq!(sign_in(&patron, BEN), Err(Error::AnotherShopper));
    // Nothing is Ben's, and nothing of Anna's is gone.
    assert_eq!((alias(&patron), sign_in(&patron, ANNA_RENEWED)), (anna, Ok(())));
    assert!(state(&patron, &Purpose::Engagement).effective);
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    assert_eq!(sign_in(&patron, BEN), Err(Error::AnotherShopper), "in the next process too");
    synced(&patron);
    assert_eq!((model.stored(), model.0.lock().unwrap().tokens.clone()), (1, vec![ANNA_RENEWED.to_owned()]));

    wait(patron.sign_out()).unwrap();
    sign_in(&patron, BEN).unwrap();
    assert_ne!(alias(&patron), anna);
    assert!(!state(&patron, &Purpose::Engagement).effective);
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::NotPermitted));
    synced(&patron);
    assert!(model.0.lock().unwrap().others.is_empty());
    assert!(!is_on_disk(folder.path()));
}

#[test]
fn who_the_app_names_is_the_same_shopper_whatever_the_token() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    sign_in_as(&patron, "opaque", CANARY).unwrap();
    sign_in_as(&patron, "renewed", CANARY).unwrap();
    assert_eq!(sign_in_as(&patron, "renewed", "8"), Err(Error::AnotherShopper));
    assert_eq!(sign_in(&patron, "renewed"), Err(Error::AnotherShopper), "named once, it is named each time");
    let invalid = |account: &str| match sign_in_as(&patron, "renewed", account) {
        Err(Error::InvalidInput { what, .. }) => what,
        other => format!("{other:?}"),
    };
    assert_eq!([invalid(""), invalid(&"8".repeat(257))], ["account", "account"]);
    synced(&patron);
    assert!(!is_on_disk(folder.path()), "the account is on the device by its hash alone");
    let told = model.0.lock().unwrap().tokens.clone();
    assert!(told.iter().all(|token| !token.contains(CANARY)) && told.last().is_some_and(|last| last == "renewed"));
    patron.close();
}

#[test]
fn an_opaque_token_that_nothing_names_is_the_same_shopper_while_it_is_the_same() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    sign_in(&patron, "opaque").unwrap();
    synced(&patron);
    assert_eq!((sign_in(&patron, "opaque"), sign_in(&patron, "other")), (Ok(()), Err(Error::AnotherShopper)));
    // An erasure leaves as a sign-out does.
    wait(patron.erase()).unwrap();
    sign_in(&patron, "other").unwrap();
}

#[test]
fn who_was_signed_in_before_accounts_were_told_apart_stays_so() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    sign_in(&patron, "opaque").unwrap();
    let before = alias(&patron);
    patron.close();
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    let kept: String = db.query_row("SELECT value FROM meta WHERE key = 'identity'", [], |row| row.get(0)).unwrap();
    let mut kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert!(kept.as_object_mut().unwrap().remove("account").is_some());
    db.execute("UPDATE meta SET value = ?1 WHERE key = 'identity'", [kept.to_string()]).unwrap();
    drop(db);
    let patron = open(folder.path(), &model, &clock);
    sign_in(&patron, "renewed").unwrap();
    assert_eq!((alias(&patron), sign_in(&patron, "opaque")), (before, Err(Error::AnotherShopper)));
}

#[test]
fn an_app_that_begins_to_name_accounts_signs_nobody_out() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    sign_in(&patron, "opaque").unwrap();
    let before = alias(&patron);
    wait(patron.identify_as("opaque".into(), "7".into())).unwrap();
    wait(patron.identify_as("renewed".into(), "7".into())).unwrap();
    assert_eq!(alias(&patron), before);
    assert_eq!(wait(patron.identify_as("renewed".into(), "8".into())), Err(Error::AnotherShopper));
}
