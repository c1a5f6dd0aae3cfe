//! What only this device knows, and what nobody may read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use patron_core::clock::Clock;
use patron_core::consent::{ConsentStatus, PlainVault, Purpose, PurposeKind, Vault};
use patron_core::event::{Engagement, Tracked};
use patron_core::log::{Level, Log, LogSink};
use patron_core::place::FixInput;
use patron_core::store::OFFERS_FILE;
use patron_core::sync::wire::RightKind;
use patron_core::{Edges, Error, Patron, Threads};

use super::devices::elsewhere;
use super::hand::*;
use super::support::{Model, config, open, wait};

#[test]
fn the_names_for_partners_are_the_accounts_on_every_device_and_nobody_elses() {
    let names = |seed_folder: &tempfile::TempDir, secret: &str, token: bool| {
        let (model, clock) = (Model::town(), clock());
        model.0.lock().unwrap().account_secret = Some(secret.to_owned());
        let patron = open(seed_folder.path(), &model, &clock);
        wait(patron.refresh()).unwrap();
        let partner = patron.consents().into_iter().find(|state| state.purpose.partner().is_some()).unwrap().purpose;
        if token {
            wait(patron.identify("token".into())).unwrap();
        }
        wait(patron.grant(vec![partner])).unwrap();
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

#[test]
fn a_partner_that_was_allowed_before_anybody_signed_in_does_not_hear_whose_account_it_is() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.0.lock().unwrap().account_secret = Some("11".repeat(32));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    let partner = patron.consents().into_iter().find(|state| state.purpose.partner().is_some()).unwrap().purpose;
    wait(patron.grant(vec![partner.clone()])).unwrap();
    let name = || {
        synced(&patron);
        let installation = wait(patron.diagnostics()).unwrap().installation;
        *model.0.lock().unwrap().reports[&installation].pseudonyms.values().next().unwrap()
    };
    let of_the_device = name();
    wait(patron.identify("token".into())).unwrap();
    assert_eq!(name(), of_the_device, "signing in is no yes");
    wait(patron.withdraw(partner.clone())).unwrap();
    wait(patron.grant(vec![partner])).unwrap();
    assert_ne!(name(), of_the_device);
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

/// A vault that turns every bit, and refuses while it is locked.
#[derive(Default)]
struct Locker {
    is_locked: Mutex<bool>,
    takes_nothing: Mutex<bool>,
}

impl Vault for Locker {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, String> {
        if *self.takes_nothing.lock().unwrap() { Err("full".into()) } else { Ok(turned(secret)) }
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, String> {
        if *self.is_locked.lock().unwrap() { Err("locked".into()) } else { Ok(turned(wrapped)) }
    }
}

fn turned(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| !byte).collect()
}

fn edges(model: &Model) -> Edges {
    Edges {
        clock: clock(),
        transport: Arc::new(model.clone()),
        seed: None,
        vault: PlainVault::shared(),
        log: Log::silent(),
        threads: Threads::default(),
    }
}

/// The key that signed the last decision.
fn key(patron: &Patron) -> String {
    let record: serde_json::Value = serde_json::from_str(&wait(patron.consent_record()).unwrap()).unwrap();
    let last = record["consent_events"].as_array().unwrap().last().unwrap();
    let entry: serde_json::Value = serde_json::from_str(last["signed"]["entry"].as_str().unwrap()).unwrap();
    entry["key"].as_str().unwrap().to_owned()
}

#[test]
fn a_vault_that_is_closed_for_a_while_costs_no_key_and_one_that_stays_closed_costs_one() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let vault = Arc::new(Locker::default());
    // Each process says yes once more, so that each signs.
    let sign = |is_locked: bool| {
        *vault.is_locked.lock().unwrap() = is_locked;
        let edges = Edges { vault: Arc::clone(&vault) as Arc<dyn Vault>, ..edges(&model) };
        let patron = Patron::open(config(folder.path()), edges).unwrap();
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        wait(patron.verify_ledger()).unwrap();
        key(&patron)
    };
    let first = sign(false);
    assert_eq!(sign(false), first);
    assert_ne!(sign(true), first, "one that lives as long as the process signs in its place");
    assert_eq!(sign(false), first, "and it is there again when the vault is");
    for _ in 0..3 {
        assert_ne!(sign(true), first);
    }
    let next = sign(false);
    assert_ne!(next, first, "three times in a row: it is lost");
    assert_eq!(sign(false), next);
}

#[test]
fn what_is_asked_by_right_is_signed_with_a_key_that_the_backend_knows() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let vault = Arc::new(Locker::default());
    let lock = |is_locked| *vault.is_locked.lock().unwrap() = is_locked;
    let open = || {
        let edges = Edges { vault: Arc::clone(&vault) as Arc<dyn Vault>, ..edges(&model) };
        Patron::open(config(folder.path()), edges).unwrap()
    };
    let patron = open();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    let known = key(&patron);
    patron.close();
    // A phone that was not unlocked since it started.
    lock(true);
    let patron = open();
    let refused = wait(patron.erase()).unwrap_err();
    assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
    assert!(state(&patron, &Purpose::Engagement).effective, "nothing was erased");
    assert!(matches!(wait(patron.request_export()), Err(Error::Unavailable { .. })));
    // It is unlocked, and the process goes on.
    lock(false);
    wait(patron.request_export()).unwrap();
    synced(&patron);
    wait(patron.erase()).unwrap();
    synced(&patron);
    let asked: Vec<_> = model.0.lock().unwrap().rights.iter().map(|right| (right.kind, right.key.clone())).collect();
    assert_eq!(asked, [(RightKind::Export, known.clone()), (RightKind::Erase, known)]);
}

#[test]
fn what_was_asked_with_a_key_that_stood_in_is_asked_again_with_the_kept_one() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let vault = Arc::new(Locker::default());
    let open = || {
        let vault = Arc::clone(&vault) as Arc<dyn Vault>;
        let edges = Edges { vault, clock: Arc::clone(&clock) as Arc<dyn Clock>, ..edges(&model) };
        Patron::open(config(folder.path()), edges).unwrap()
    };
    let patron = open();
    wait(patron.identify("token".into())).unwrap();
    let yes = wait(patron.grant(vec![Purpose::Engagement])).unwrap().decisions[0].hash;
    synced(&patron);
    let known = key(&patron);
    model.0.lock().unwrap().knows_key = Some(known.clone());
    patron.close();
    // A no of another device is heard while the vault is closed: the key that stands in has signed nothing.
    *vault.is_locked.lock().unwrap() = true;
    let patron = open();
    model.0.lock().unwrap().others = vec![elsewhere(Purpose::Engagement, ConsentStatus::Withdrawn, true, vec![yes])];
    wait(patron.refresh()).unwrap();
    wait(async {
        while !model.0.lock().unwrap().requests.iter().any(|url| url.ends_with("/v1/rights")) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Withdrawn);
    assert!(model.0.lock().unwrap().rights.is_empty());
    patron.close();
    *vault.is_locked.lock().unwrap() = false;
    let patron = open();
    wait(async {
        while model.0.lock().unwrap().rights.is_empty() {
            // Behind the waits that the refusals made.
            clock.advance(Duration::from_secs(600));
            patron.flush().await.unwrap();
        }
    });
    let held = model.0.lock().unwrap();
    let asked: Vec<_> = held.rights.iter().map(|right| (right.kind, right.purpose, right.key.as_str())).collect();
    assert_eq!(asked, [(RightKind::ErasePurpose, Some(PurposeKind::Engagement), known.as_str())]);
}

#[test]
fn a_key_that_stands_in_will_do_once_it_has_signed_a_decision() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let vault = Arc::new(Locker::default());
    let open = || {
        let edges = Edges { vault: Arc::clone(&vault) as Arc<dyn Vault>, ..edges(&model) };
        Patron::open(config(folder.path()), edges).unwrap()
    };
    let patron = open();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    patron.close();
    *vault.is_locked.lock().unwrap() = true;
    let patron = open();
    wait(patron.deny(vec![Purpose::Dialogue])).unwrap();
    let standing_in = key(&patron);
    wait(patron.erase()).unwrap();
    synced(&patron);
    assert_eq!(model.0.lock().unwrap().rights.last().unwrap().key, standing_in);
}

#[test]
fn an_account_whose_secret_cannot_be_kept_gets_no_other_accounts() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let vault = Arc::new(Locker::default());
    let open = || {
        let edges = Edges { vault: Arc::clone(&vault) as Arc<dyn Vault>, ..edges(&model) };
        Patron::open(config(folder.path()), edges).unwrap()
    };
    let name = |patron: &Patron| {
        synced(patron);
        let installation = wait(patron.diagnostics()).unwrap().installation;
        *model.0.lock().unwrap().reports[&installation].pseudonyms.values().next().unwrap()
    };
    let patron = open();
    wait(patron.refresh()).unwrap();
    let partner = patron.consents().into_iter().find(|state| state.purpose.partner().is_some()).unwrap().purpose;
    model.0.lock().unwrap().account_secret = Some("11".repeat(32));
    wait(patron.identify_as("one".into(), "7".into())).unwrap();
    wait(patron.grant(vec![partner])).unwrap();
    let one = name(&patron);
    *vault.takes_nothing.lock().unwrap() = true;
    model.0.lock().unwrap().account_secret = Some("22".repeat(32));
    wait(patron.identify_as("other".into(), "7".into())).unwrap();
    assert_ne!(name(&patron), one);
    patron.close();
    assert_ne!(name(&open()), one, "also in the next process");
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl LogSink for Lines {
    fn log(&self, _: Level, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

#[test]
fn no_line_of_the_log_says_who_the_shopper_is_where_or_what_they_did() {
    let (folder, model, lines) = (tempfile::tempdir().unwrap(), Model::town(), Lines::default());
    model.0.lock().unwrap().account_secret = Some("ca".repeat(32));
    let log = Log::to(Arc::new(lines.clone()), Level::Debug);
    let patron = Patron::open(config(folder.path()), Edges { log, ..edges(&model) }).unwrap();
    wait(patron.refresh()).unwrap();
    wait(patron.identify("token-of-the-shopper".into())).unwrap();
    let partner = patron.consents().into_iter().find_map(|state| state.purpose.partner().map(str::to_owned)).unwrap();
    let sharing = Purpose::PartnerSharing { partner };
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation, Purpose::Dialogue, sharing.clone()]))
        .unwrap();
    let fix = FixInput { latitude: 60.168123, longitude: 24.947456, accuracy_m: Some(5.0), age_ms: 0, mock: false };
    wait(patron.update_location(fix)).unwrap();
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    assert_eq!(
        patron.track(&Engagement::Searched { query: Some(CANARY.into()), results: Some(3) }),
        Ok(Tracked::Recorded)
    );
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    // A batch that goes wrong has the most to say.
    assert_eq!(patron.track(&saved(CANARY)), Ok(Tracked::Recorded));
    model.fail("events", super::support::Fault::Answer(500, vec![], "no"));
    wait(patron.flush()).unwrap();
    wait(patron.request_export()).unwrap();
    wait(patron.withdraw(sharing)).unwrap();
    wait(patron.erase()).unwrap();
    patron.close();
    let installation = model.0.lock().unwrap().reports.keys().next().unwrap().to_string();
    let lines = lines.0.lock().unwrap();
    assert!(lines.len() > 5, "it says something: {lines:?}");
    for secret in [CANARY, "token-of-the-shopper", "pk_test", "60.168", "24.947", "cacaca", &installation] {
        let said: Vec<_> = lines.iter().filter(|line| line.contains(secret)).collect();
        assert!(said.is_empty(), "{secret}: {said:?}");
    }
}
