//! `patron-backend check`: what publishing would say, without publishing.

use std::process::Command;

use serde_json::{Value, json};

fn check(content: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.json");
    std::fs::write(&file, content).unwrap();
    let out =
        Command::new(env!("CARGO_BIN_EXE_patron-backend")).arg("check").arg(&file).args(arguments).output().unwrap();
    let said = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code(), said(out.stdout), said(out.stderr))
}

const BAD: &str = r#"{"version": "7", "offers": [
  {"id": "a", "title": "A", "benefit": {"kind": "percent", "percent": 140}},
  {"id": "b", "title": "B", "benefit": {"kind": "access"}, "audience": true}]}"#;

#[test]
fn a_good_catalogue_is_summed_up_in_a_line() {
    let (code, said, _) = check(patron_core::sandbox::TOWN_JSON, &[]);
    let (catalogue, _) = patron_core::offer::OfferCatalogue::parse(patron_core::sandbox::TOWN_JSON.as_bytes()).unwrap();
    let summary = format!(
        "offers.json: good: version patron-town-1, {} offers, {} partners, {} places; 0 warnings\n",
        catalogue.offers.len(),
        catalogue.partners.len(),
        catalogue.places.len()
    );
    assert_eq!((code, said.ends_with(&summary)), (Some(0), true), "{said}");
}

#[test]
fn every_finding_has_its_line_and_column_and_errors_fail() {
    let (code, said, _) = check(BAD, &[]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((code, lines.len()), (Some(1), 3), "{said}");
    assert!(lines[0].starts_with("offers[0].benefit.percent (a), line 2, column 71: "), "{said}");
    assert!(
        lines[1].starts_with("offers[1].audience (b), line 3, column ") && lines[1].contains("warning: "),
        "{said}"
    );
    assert!(lines[2].ends_with("not to be published: version 7, 1 error, 1 warning"), "{said}");
    let (code, said, _) = check(&BAD.replace("140", "40"), &[]);
    assert_eq!((code, said.lines().count()), (Some(0), 2), "warnings do not fail: {said}");
    let (code, said, _) = check("{", &[]);
    assert!(code == Some(1) && said.ends_with("not a catalogue\n"), "{said}");
}

#[test]
fn programs_get_one_object() {
    let (code, said, _) = check(BAD, &["--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["good"], &said["summary"]), (Some(1), &json!(false), &json!(null)));
    assert_eq!((&said["findings"][0]["line"], &said["findings"][0]["column"]), (&json!(2), &json!(71)));
    let (_, said, _) = check(&BAD.replace("140", "40"), &["--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["summary"], json!({ "version": "7", "offers": 2, "partners": 0, "places": 0 }));
}

#[test]
fn a_file_that_cannot_be_read_is_another_matter() {
    let out =
        Command::new(env!("CARGO_BIN_EXE_patron-backend")).args(["check", "/nowhere/offers.json"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8(out.stderr).unwrap().contains("/nowhere/offers.json"));
}
