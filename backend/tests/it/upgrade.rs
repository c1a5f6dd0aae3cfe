//! A database of an earlier version opens in place, and all it knew still holds.

use std::path::Path;

use patron_core::consent::ConsentStatus::{Denied, Granted, Withdrawn};
use serde_json::json;
use uuid::Uuid;

use crate::backend::{Backend, KEY, batch, count, event, verdicts};
use crate::shopper::Shopper;

/// Made by the version before schema 2; both tenants published a catalogue of one offer.
const SCHEMA_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_1/backend.db");

/// Made by the version before schema 3: a phone and a tablet of one shopper, events of a partner, decisions
/// without entries.
const SCHEMA_2: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_2/backend.db");

/// Made by the version before schema 4: the demo town, and a key of a partner.
const SCHEMA_3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_3/backend.db");

/// Made by the version before schema 5: the demo town, keys of a partner and of a publisher, a phone of one shopper.
const SCHEMA_4: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_4/backend.db");

/// That of schema 2, as the version before schema 6 left it.
const SCHEMA_5: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_5/backend.db");

/// That of schema 5, as the version of schema 6 left it: the shopper has told rules.
const SCHEMA_6: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_6/backend.db");

/// The installation that sent 41 events under `pk_demo`, its consent at epoch 4.
const INSTALLATION: Uuid = Uuid::from_u128(0x0193_b1a0_0000_7000_8000_0000_0000_0001);

fn upgraded(data: &Path) -> Backend {
    upgraded_from(SCHEMA_1, data)
}

fn upgraded_from(fixture: &str, data: &Path) -> Backend {
    std::fs::copy(fixture, data.join("backend.db")).unwrap();
    Backend::start_with(data, &[])
}

#[test]
fn what_schema_1_stored_is_all_there_and_known() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded(data.path());
    assert_eq!(count(data.path(), "PRAGMA user_version"), 6);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE occurred_at IS NULL"), 43);
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 5);
    assert_eq!(count(data.path(), "SELECT count(*) FROM identity"), 1);
    assert_eq!(count(data.path(), "SELECT sum(value) FROM counter"), 3);
    assert_eq!(backend.get("/v1/catalogue", &[KEY]).json()["version"], "fixture-1");
    let stored: String = crate::backend::ask(data.path(), "SELECT body FROM event WHERE tenant = 'demo' LIMIT 1");
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let mut other = stored.clone();
    other["data"]["offer"] = "mug".into();
    let fresh = event(INSTALLATION, "engagement", 4);
    let reply = backend.post("/v1/events", &batch(INSTALLATION, &[stored, other, fresh]));
    assert_eq!(verdicts(&reply), ["duplicate", "drop:conflict", "ok"]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE occurred_at IS NOT NULL"), 1);
    let none =
        backend.post_as("pk_acme_secret", "/v1/consent", &json!({ "installation": INSTALLATION, "decisions": [] }));
    assert_eq!(none.json(), json!({ "epoch": 0 }), "the other tenant is still another");
}

#[test]
fn an_upgraded_database_is_like_a_new_one() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let shape = |data: &Path| -> String {
        crate::backend::ask(data, "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)")
    };
    let (_old_backend, _new_backend) = (upgraded(old.path()), Backend::start(new.path()));
    assert_eq!(shape(old.path()), shape(new.path()));
    assert!(shape(new.path()).contains("occurred_at"));
    for fixture in [SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5, SCHEMA_6] {
        let newer = tempfile::tempdir().unwrap();
        let _newer_backend = upgraded_from(fixture, newer.path());
        assert_eq!(shape(newer.path()), shape(new.path()), "{fixture}");
    }
}

#[test]
fn what_schema_3_published_is_served_and_its_keys_open() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded_from(SCHEMA_3, data.path());
    assert_eq!(backend.get("/v1/catalogue", &[KEY]).json()["version"], "patron-town-1");
    let lumi = [("authorization", "Bearer sk_demo_lumi-0123456789abcdef")];
    assert_eq!(backend.get("/v1/partner/events", &lumi).status, 200);
}

#[test]
fn an_upgrade_is_done_once() {
    let data = tempfile::tempdir().unwrap();
    upgraded(data.path()).kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(backend.get("/health", &[]).status, 200);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 43);
}

#[test]
fn decisions_of_schema_2_stand_and_get_their_entries_when_the_device_has_them() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded_from(SCHEMA_2, data.path());
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision WHERE own AND entry IS NULL"), 7);
    let send = |epoch: u64| {
        let sent = event(INSTALLATION, "engagement", epoch);
        verdicts(&backend.post("/v1/events", &batch(INSTALLATION, &[sent]))).remove(0)
    };
    assert_eq!([send(1), send(3), send(4), send(5)], ["ok", "ok", "drop:not_permitted", "ok"]);
    let mut device = Shopper::of(INSTALLATION);
    let adopted = [
        device.adopts(id(1), "engagement", Granted),
        device.adopts(id(2), "partner_sharing/lumi", Granted),
        device.adopts(id(3), "precise_location", Denied),
        device.adopts(id(4), "engagement", Withdrawn),
        device.adopts(id(5), "engagement", Granted),
    ];
    let ack = device.tells(&backend, &adopted);
    assert!(device.is_anchored(&ack));
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 7, "the same ones");
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision WHERE entry IS NOT NULL"), 5);
    assert_eq!([send(1), send(3), send(4), send(5)], ["ok", "ok", "drop:not_permitted", "ok"]);
    let mut forger = Shopper::of(Uuid::from_u128(INSTALLATION.as_u128() + 1));
    let other = forger.adopts(id(6), "engagement", Denied);
    backend.post("/v1/consent", &forger.report(&[other])).problem(409, "conflict");
}

#[test]
fn shoppers_of_schema_2_are_the_same_on_their_devices() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded_from(SCHEMA_2, data.path());
    assert_eq!(count(data.path(), "SELECT count(*) FROM shopper"), 2);
    assert_eq!(count(data.path(), "SELECT count(DISTINCT shopper) FROM identity WHERE shopper IS NOT NULL"), 2);
    let mut tablet = Shopper::of(Uuid::from_u128(INSTALLATION.as_u128() + 1));
    let secret = tablet.links(&backend, "one-shopper").json();
    let mut phone = Shopper::of(INSTALLATION);
    assert_eq!(phone.links(&backend, "one-shopper").json(), secret);
}

/// The devices that schema 5 knew of one shopper, after their yes to having rules in common.
fn devices_of_schema_5(backend: &Backend) -> [Shopper; 2] {
    [(1, 5), (2, 1)].map(|(n, epoch)| {
        let mut device = device_at(n, epoch);
        device.grants(backend, "personalisation");
        device
    })
}

/// That device, with so many decisions behind it, signed in.
fn device_at(n: u128, epoch: u64) -> Shopper {
    let mut device = Shopper::of(Uuid::from_u128(INSTALLATION.as_u128() - 1 + n));
    (device.epoch, device.signed_in) = (epoch, true);
    device
}

/// What the backend says to a device that tells its rules, or asks for them.
fn tells(backend: &Backend, device: &Shopper, document: Option<&serde_json::Value>) -> serde_json::Value {
    let mut statement = json!({ "version": 1, "installation": device.installation, "epoch": device.epoch, "base": 0,
                                "key": device.signer.public() });
    document.into_iter().for_each(|document| statement["document"] = document.clone());
    let text = statement.to_string();
    let signature = device.signer.sign(text.as_bytes());
    backend.post("/v1/preferences", &json!({ "statement": text, "signature": signature })).json()
}

/// With `PATRON_FIXTURE`, a folder, what this version leaves is kept there: for the next schema to be held to.
#[test]
fn the_devices_that_schema_5_knew_of_a_shopper_have_their_rules_in_common() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded_from(SCHEMA_5, data.path());
    let devices = devices_of_schema_5(&backend);
    assert_eq!(tells(&backend, &devices[0], Some(&rules()))["stored"], true);
    assert_eq!(tells(&backend, &devices[1], None)["document"], rules());
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 9, "the seven of before, and two");
    backend.terminate();
    assert!(backend.wait().success());
    if let Some(fixture) = std::env::var_os("PATRON_FIXTURE") {
        let log = std::fs::metadata(data.path().join("backend.db-wal")).map_or(0, |log| log.len());
        assert_eq!(log, 0, "a backend that has ended has no log");
        std::fs::create_dir_all(&fixture).unwrap();
        std::fs::copy(data.path().join("backend.db"), Path::new(&fixture).join("backend.db")).unwrap();
    }
}

#[test]
fn what_schema_6_kept_of_a_shoppers_rules_is_told_to_the_shoppers_devices() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded_from(SCHEMA_6, data.path());
    for device in [device_at(1, 6), device_at(2, 2)] {
        assert_eq!(tells(&backend, &device, None)["document"], rules());
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 9);
    assert_eq!(count(data.path(), "SELECT count(*) FROM preferences"), 1);
}

#[test]
fn there_is_a_database_of_every_schema() {
    let data = tempfile::tempdir().unwrap();
    let _backend = Backend::start(data.path());
    let newest = count(data.path(), "PRAGMA user_version");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for schema in 1..=newest {
        let kept = std::fs::read(fixtures.join(format!("schema_{schema}/backend.db"))).unwrap();
        // Where SQLite's file format has `user_version`: to open the file would write beside it.
        assert_eq!(kept[60..64], (schema as u32).to_be_bytes(), "schema {schema}");
    }
}

fn rules() -> serde_json::Value {
    json!({ "rules": { "daily": 3 } })
}

/// Of a decision in the fixture.
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0193_b1a0_0000_7000_8000_0000_0000_d000 + n)
}
