//! Offers out: published whole or not at all, and sent only when they changed.

use serde_json::json;

use crate::backend::{Backend, KEY, command};

#[test]
fn the_catalogue_is_sent_once_and_then_confirmed() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let first = backend.get("/v1/catalogue", &[KEY]);
    assert_eq!((first.status, first.header("content-type")), (200, Some("application/json")));
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let etag = first.header("etag").unwrap().to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is not a strong tag");
    assert!(!first.json()["offers"].as_array().unwrap().is_empty());
    for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let again = backend.get("/v1/catalogue", &[KEY, ("if-none-match", &tags)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(etag.as_str())), "{tags}");
    }
    assert_eq!(backend.get("/v1/catalogue", &[KEY, ("if-none-match", "\"other\"")]).status, 200);
}

#[test]
fn what_is_published_survives_a_restart_and_changes_its_tag_with_its_content() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("offers.json");
    let publish = |version: &str| {
        let catalogue = json!({ "version": version, "ttl_s": 3600, "partners": [], "places": [], "offers": [] });
        std::fs::write(&file, catalogue.to_string()).unwrap();
        Backend::start_with(data.path(), &["--key", "pk_demo", "--catalogue", file.to_str().unwrap()])
    };
    let backend = publish("one");
    let one = backend.get("/v1/catalogue", &[KEY]);
    assert_eq!(one.json()["version"], "one");
    backend.kill();
    let backend = Backend::start_with(data.path(), &[]);
    let again = backend.get("/v1/catalogue", &[KEY, ("if-none-match", one.header("etag").unwrap())]);
    assert_eq!(again.status, 304, "the key and the catalogue are still there");
    backend.kill();
    let two = publish("two").get("/v1/catalogue", &[KEY]);
    assert_eq!(two.json()["version"], "two");
    assert_ne!(two.header("etag"), one.header("etag"));
}

#[test]
fn a_tenant_without_a_catalogue_has_an_empty_one() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start_with(data.path(), &["--key", "pk_demo"]);
    let empty = backend.get("/v1/catalogue", &[KEY]);
    assert_eq!((empty.status, &empty.json()["offers"]), (200, &json!([])));
}

#[test]
fn a_catalogue_with_a_flaw_is_refused_and_the_published_one_stays() {
    let data = tempfile::tempdir().unwrap();
    Backend::start(data.path()).kill();
    let file = data.path().join("bad.json");
    for (content, says) in [
        ("".to_owned(), "EOF"),
        ("{".to_owned(), "line 1, column 1"),
        (json!({ "offers": [] }).to_string(), "version"),
        (" ".repeat(5 * 1024 * 1024 + 1), "5242880"),
        (offer(json!({ "kind": "percent", "percent": 140 })), "offers[0].benefit.percent"),
        (offer(json!({ "kind": "percent", "percent": 140 })), "140"),
        (offer(json!({ "kind": "a pony" })), "offers[0].benefit"),
    ] {
        std::fs::write(&file, content).unwrap();
        let refused =
            command(data.path(), &["--key", "pk_demo", "--catalogue", file.to_str().unwrap()]).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains("bad.json") && error.contains(says), "{error}");
    }
    let backend = Backend::start_with(data.path(), &[]);
    assert!(!backend.get("/v1/catalogue", &[KEY]).json()["offers"].as_array().unwrap().is_empty());
}

/// A catalogue of one offer with that benefit.
fn offer(benefit: serde_json::Value) -> String {
    let offer = json!({ "id": "o", "version": 1, "title": "An offer", "body": "", "priority": 1,
                        "placements": ["home"], "benefit": benefit });
    json!({ "version": "1", "ttl_s": 3600, "partners": [], "places": [], "offers": [offer] }).to_string()
}
