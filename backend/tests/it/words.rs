//! What shoppers are asked, in the retailer's own words: published whole, forward alone, told with consent.

use patron_core::consent::ConsentCatalogue;
use serde_json::{Value, json};
use std::path::Path;

use crate::backend::{Backend, command};
use crate::shopper::Shopper;

/// The standard catalogue as that revision.
fn words(revision: u64, version: &str) -> Value {
    let mut words = serde_json::to_value(ConsentCatalogue::standard()).unwrap();
    (words["revision"], words["version"]) = (revision.into(), version.into());
    words
}

fn write(data: &Path, words: &Value) -> String {
    let file = data.join("words.json");
    std::fs::write(&file, words.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn publish(data: &Path, words: &Value) -> Backend {
    Backend::start_with(data, &["--key", "pk_demo", "--consent-catalogue", &write(data, words)])
}

/// What a device that goes by `revision` is told.
fn told(backend: &Backend, revision: u64) -> Value {
    let mut report = Shopper::new().report(&[]);
    report["catalogue_revision"] = revision.into();
    backend.post("/v1/consent", &report).json().get("catalogue").cloned().unwrap_or_default()
}

#[test]
fn a_device_is_told_of_newer_words_and_of_no_others() {
    let data = tempfile::tempdir().unwrap();
    let (first, second) = (words(7, "seven"), words(8, "eight"));
    let backend = publish(data.path(), &first);
    assert_eq!((told(&backend, 6), told(&backend, 7), told(&backend, 8)), (first.clone(), Value::Null, Value::Null));
    backend.kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(told(&backend, 6), first, "they outlive the process");
    backend.kill();
    let backend = publish(data.path(), &second);
    assert_eq!((told(&backend, 6), told(&backend, 7)), (second.clone(), second.clone()));
    backend.kill();
    assert_eq!(told(&publish(data.path(), &second), 7), second, "the same again is no change");
}

#[test]
fn without_any_a_device_keeps_its_own() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(told(&Backend::start(data.path()), 0), Value::Null);
}

#[test]
fn words_that_devices_would_not_take_are_refused_and_the_published_stay() {
    let data = tempfile::tempdir().unwrap();
    let stands = words(7, "seven");
    publish(data.path(), &stands).kill();
    let mut flawed = words(8, "eight");
    flawed["purposes"][0]["meaning"] = 0.into();
    for (bad, says) in [
        (words(6, "six"), "revision: 6 does not come after 7"),
        (words(7, "another"), "revision: 7 does not come after 7"),
        (words(u64::MAX, "most"), "revision"),
        (flawed, "purposes[0].meaning"),
        (json!([]), "consent_catalogue"),
    ] {
        let file = write(data.path(), &bad);
        let refused = command(data.path(), &["--key", "pk_demo", "--consent-catalogue", &file]).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains("words.json") && error.contains(says), "{says}: {error}");
    }
    assert_eq!(told(&Backend::start_with(data.path(), &[]), 0), stands);
}
