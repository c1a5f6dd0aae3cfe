//! A database of an earlier version opens in place, and all it knew still holds.

use std::path::Path;

use serde_json::json;
use uuid::Uuid;

use crate::backend::{Backend, KEY, batch, count, event, verdicts};

/// Made by the version before schema 2; both tenants published a catalogue of one offer.
const SCHEMA_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema_1/backend.db");

/// The installation that sent 41 events under `pk_demo`, its consent at epoch 4.
const INSTALLATION: Uuid = Uuid::from_u128(0x0193_b1a0_0000_7000_8000_0000_0000_0001);

fn upgraded(data: &Path) -> Backend {
    std::fs::copy(SCHEMA_1, data.join("backend.db")).unwrap();
    Backend::start_with(data, &[])
}

#[test]
fn what_schema_1_stored_is_all_there_and_known() {
    let data = tempfile::tempdir().unwrap();
    let backend = upgraded(data.path());
    assert_eq!(count(data.path(), "PRAGMA user_version"), 2);
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
}

#[test]
fn an_upgrade_is_done_once() {
    let data = tempfile::tempdir().unwrap();
    upgraded(data.path()).kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(backend.get("/health", &[]).status, 200);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 43);
}
