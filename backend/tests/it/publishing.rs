//! Publishing while it serves: devices get the new catalogue, and a bad one never.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::backend::{Backend, KEY, command};
use crate::client::{self, Response};

pub(crate) const PUBLISHER: &str = "ak_demo_publisher-0123456789";

const PATH: &str = "/v1/admin/catalogue";

pub(crate) fn start(data: &std::path::Path) -> Backend {
    Backend::start_with(data, &["--seed", "demo", "--publisher-key", PUBLISHER])
}

pub(crate) fn send(backend: &Backend, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let (bearer, length) = (format!("Bearer {PUBLISHER}"), body.len().to_string());
    let mut all = vec![("authorization", &*bearer), ("content-type", "application/json"), ("content-length", &length)];
    all.extend(headers);
    let mut bytes = client::head(method, path, &all).into_bytes();
    bytes.extend_from_slice(body);
    client::raw(backend.address, &bytes).unwrap()
}

fn put(backend: &Backend, query: &str, headers: &[(&str, &str)], catalogue: &Value) -> Response {
    send(backend, "PUT", &format!("{PATH}{query}"), headers, catalogue.to_string().as_bytes())
}

fn catalogue(version: &str) -> Value {
    let offer = json!({ "id": "cup", "title": "A cup", "benefit": { "kind": "access" } });
    json!({ "version": version, "ttl_s": 3600, "partners": [], "places": [], "offers": [offer] })
}

/// The query for a time in so many days: further away than any test takes.
fn in_days(days: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    format!("?at={}", patron_core::clock::rfc3339(now + days * 86_400_000))
}

fn standing(backend: &Backend) -> Value {
    let reply = send(backend, "GET", PATH, &[], b"");
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

fn served(backend: &Backend) -> Response {
    backend.get("/v1/catalogue", &[KEY])
}

#[test]
fn what_is_published_is_what_devices_get_from_then_on() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let before = served(&backend).header("etag").unwrap().to_owned();
    assert_eq!(standing(&backend)["live"]["etag"], before);
    let reply = put(&backend, "", &[], &catalogue("two"));
    let said = reply.json();
    assert_eq!((reply.status, &said["version"], &said["offers"]), (200, &json!("two"), &json!(1)), "{said}");
    assert_eq!(reply.header("etag"), said["etag"].as_str());
    let now = backend.get("/v1/catalogue", &[KEY, ("if-none-match", &before)]);
    assert_eq!((now.status, now.json()), (200, catalogue("two")));
    assert_eq!(now.header("etag"), reply.header("etag"));
    assert_ne!(now.header("etag"), Some(before.as_str()));
    let live = standing(&backend);
    assert_eq!((&live["live"]["version"], &live["waiting"]), (&json!("two"), &json!(null)));
    assert!(live["live"]["published_at"].as_str().unwrap().ends_with('Z'));
    backend.kill();
    assert_eq!(served(&Backend::start_with(data.path(), &[])).json()["version"], "two", "it was on disk");
}

#[test]
fn a_bad_catalogue_is_refused_with_every_place_and_the_old_one_still_served() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let before = served(&backend).header("etag").unwrap().to_owned();
    let bad = r#"{"version": "2", "offers": [
  {"id": "a", "title": "A", "benefit": {"kind": "percent", "percent": 140}},
  {"id": "b", "title": "B", "benefit": {"kind": "access"}, "audience": {"segmnet": "vip"}}]}"#;
    for query in ["".to_owned(), in_days(1)] {
        let reply = send(&backend, "PUT", &format!("{PATH}{query}"), &[], bad.as_bytes());
        assert_eq!(reply.problem(422, "bad-catalogue"), "2 errors are to be corrected");
        let findings = reply.json()["findings"].clone();
        assert_eq!(findings[0]["path"], "offers[0].benefit.percent");
        assert_eq!((&findings[0]["line"], &findings[0]["column"]), (&json!(2), &json!(71)));
        assert_eq!((&findings[0]["id"], &findings[0]["severity"]), (&json!("a"), &json!("error")));
        assert_eq!((&findings[1]["path"], &findings[1]["line"]), (&json!("offers[1].audience"), &json!(3)));
        assert!(findings[1]["why"].as_str().unwrap().contains("did you mean \"segment\"?"));
    }
    let none = send(&backend, "PUT", PATH, &[], b"{");
    none.problem(422, "bad-catalogue");
    assert_eq!(none.json()["findings"][0]["path"], "catalogue");
    assert_eq!(served(&backend).header("etag"), Some(before.as_str()));
    assert_eq!(standing(&backend)["waiting"], json!(null));
}

#[test]
fn warnings_are_told_and_do_not_keep_it_from_being_published() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let mut doubtful = catalogue("doubtful");
    doubtful["offers"][0]["audience"] = json!(true);
    let reply = put(&backend, "", &[], &doubtful);
    assert_eq!((reply.status, &reply.json()["warnings"][0]["severity"]), (200, &json!("warning")));
    assert_eq!(served(&backend).json()["version"], "doubtful");
}

#[test]
fn a_scheduled_one_waits_over_a_restart_and_the_first_request_behind_its_time_gets_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let reply = put(&backend, &in_days(3), &[], &catalogue("later"));
    assert_eq!(reply.status, 202, "{}", String::from_utf8_lossy(&reply.body));
    let waits = standing(&backend);
    assert_eq!((&waits["waiting"]["version"], &waits["live"]["version"]), (&json!("later"), &json!("patron-town-1")));
    assert_eq!(waits["waiting"]["etag"].as_str(), reply.header("etag"));
    assert_eq!(served(&backend).json()["version"], "patron-town-1");
    backend.kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(standing(&backend), waits, "it waits as it did");
    assert_eq!(served(&backend).json()["version"], "patron-town-1");
    backend.kill();
    // Three days pass.
    let database = rusqlite::Connection::open(data.path().join("backend.db")).unwrap();
    database.execute("UPDATE scheduled_catalogue SET publish_at = '2026-01-02T03:04:05.000Z'", []).unwrap();
    drop(database);
    let backend = Backend::start_with(data.path(), &[]);
    let now = served(&backend);
    assert_eq!((now.json(), now.header("etag")), (catalogue("later"), reply.header("etag")));
    let live = standing(&backend);
    assert_eq!((&live["live"]["published_at"], &live["waiting"]), (&json!("2026-01-02T03:04:05.000Z"), &json!(null)));
    assert_eq!(crate::backend::count(data.path(), "SELECT count(*) FROM scheduled_catalogue"), 0);
}

#[test]
fn a_catalogue_at_the_start_comes_after_one_that_fell_due_before() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    assert_eq!(put(&backend, &in_days(1), &[], &catalogue("due")).status, 202);
    backend.kill();
    let database = rusqlite::Connection::open(data.path().join("backend.db")).unwrap();
    database.execute("UPDATE scheduled_catalogue SET publish_at = '2026-01-02T03:04:05.000Z'", []).unwrap();
    drop(database);
    let backend = Backend::start(data.path());
    assert_eq!(served(&backend).json()["version"], "patron-town-1");
    assert_eq!(standing(&backend)["waiting"], json!(null));
}

#[test]
fn a_later_one_replaces_what_waits_and_it_can_be_cancelled() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    for version in ["one", "two"] {
        assert_eq!(put(&backend, &in_days(2), &[], &catalogue(version)).status, 202);
    }
    assert_eq!(put(&backend, "", &[], &catalogue("now")).status, 200);
    let both = standing(&backend);
    assert_eq!((&both["live"]["version"], &both["waiting"]["version"]), (&json!("now"), &json!("two")));
    for _ in 0..2 {
        let reply = send(&backend, "DELETE", "/v1/admin/catalogue/scheduled", &[], b"");
        assert_eq!((reply.status, &reply.json()["waiting"]), (200, &json!(null)));
        assert_eq!(reply.json()["live"]["version"], "now");
    }
    for at in ["?at=yesterday", "?at=2020-01-01T00:00:00Z", &in_days(400), "?at=1&at=2"] {
        put(&backend, at, &[], &catalogue("never")).problem(400, "malformed");
    }
}

#[test]
fn if_match_keeps_two_publishers_from_overwriting_each_other() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let first = served(&backend).header("etag").unwrap().to_owned();
    let one = put(&backend, "", &[("if-match", &first)], &catalogue("one"));
    assert_eq!(one.status, 200);
    let refused = put(&backend, "", &[("if-match", &first)], &catalogue("two"));
    assert!(refused.problem(412, "precondition-failed").contains(one.header("etag").unwrap()));
    let weak = format!("W/{}", one.header("etag").unwrap());
    put(&backend, "", &[("if-match", &weak)], &catalogue("two")).problem(412, "precondition-failed");
    assert_eq!(served(&backend).json()["version"], "one");
    let either = format!("{first}, {}", one.header("etag").unwrap());
    assert_eq!(put(&backend, &in_days(1), &[("if-match", &either)], &catalogue("later")).status, 202);
    put(&backend, &in_days(1), &[("if-match", &either)], &catalogue("other")).problem(412, "precondition-failed");
    let cancel = |tag: &str| send(&backend, "DELETE", "/v1/admin/catalogue/scheduled", &[("if-match", tag)], b"");
    cancel(&first).problem(412, "precondition-failed");
    assert_eq!(cancel("*").status, 200);
    assert_eq!(put(&backend, "", &[("if-match", "*")], &catalogue("two")).status, 200);
}

#[test]
fn each_key_opens_its_own() {
    let data = tempfile::tempdir().unwrap();
    let lumi = "sk_demo_lumi-0123456789abcdef";
    let keys = format!("lumi={lumi}");
    let arguments = ["--seed", "demo", "--key", "pk_acme", "--publisher-key", PUBLISHER, "--partner-key", &keys];
    let backend = Backend::start_with(data.path(), &arguments);
    let admin = [
        ("GET", PATH),
        ("PUT", PATH),
        ("DELETE", "/v1/admin/catalogue/scheduled"),
        ("POST", "/v1/admin/dry-run"),
        ("GET", "/v1/admin/reach?offer=cup&since=2026-01-01T00:00:00Z"),
    ];
    for (method, path) in admin {
        for key in ["pk_demo", lumi] {
            let bearer = format!("Bearer {key}");
            let head = client::head(method, path, &[("authorization", &bearer), ("content-length", "0")]);
            client::raw(backend.address, head.as_bytes()).unwrap().problem(403, "not-for-this-key");
        }
        let head = client::head(method, path, &[("content-length", "0")]);
        client::raw(backend.address, head.as_bytes()).unwrap().problem(401, "missing-key");
    }
    for path in ["/v1/catalogue", "/v1/keys", "/v1/partner/events"] {
        send(&backend, "GET", path, &[], b"").problem(403, "not-for-this-key");
    }
    for path in ["/v1/consent", "/v1/identity", "/v1/events", "/v1/rights", "/v1/preferences"] {
        send(&backend, "POST", path, &[], b"{}").problem(403, "not-for-this-key");
    }
    assert_eq!(put(&backend, "", &[], &catalogue("mine")).status, 200);
    let acme = backend.get("/v1/catalogue", &[("authorization", "Bearer pk_acme")]);
    assert_eq!(acme.json()["version"], "patron-town-1", "another tenant's stays");
    backend.kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(standing(&backend)["live"]["version"], "mine", "the key stays valid");
    let stored = crate::backend::ask::<Vec<u8>>(data.path(), "SELECT hash FROM publisher_key");
    assert!(stored.len() == 32 && !stored.starts_with(b"ak_"));
}

#[test]
fn a_key_that_could_be_guessed_is_refused_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    for key in ["ak_demo", "ak_demo_short", "pk_demo_0123456789abcdef"] {
        let refused = command(data.path(), &["--seed", "demo", "--publisher-key", key]).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains("--publisher-key") && !error.contains("0123456789"), "{error}");
    }
}

#[test]
fn bodies_are_bounded_and_may_be_packed() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let most = patron_core::offer::MAX_BYTES;
    let mut large = catalogue("large").to_string().into_bytes();
    large.resize(most, b' ');
    assert_eq!(send(&backend, "PUT", PATH, &[], &large).status, 200, "the largest that a device takes");
    large.push(b' ');
    assert!(send(&backend, "PUT", PATH, &[], &large).problem(413, "too-large").contains(&most.to_string()));
    large.resize(2 * most + 1, b' ');
    send(&backend, "PUT", PATH, &[], &large).problem(413, "too-large");
    let bomb = zstd::encode_all(&large[..], 1).unwrap();
    send(&backend, "PUT", PATH, &[("content-encoding", "zstd")], &bomb).problem(413, "too-large");
    let packed = zstd::encode_all(catalogue("packed").to_string().as_bytes(), 1).unwrap();
    assert_eq!(send(&backend, "PUT", PATH, &[("content-encoding", "zstd")], &packed).status, 200);
    assert_eq!(served(&backend).json()["version"], "packed");
}
