//! Dry runs, over HTTP and on the command line: who would get what, and nobody shows in the answer.

use std::process::Command;

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::client::Response;
use crate::publishing::{send, start};

const TOWN: &str = patron_core::sandbox::TOWN_JSON;

/// So many people who allow all, so many who allow nothing.
fn people(all: usize, nothing: usize) -> Vec<Value> {
    let willing = json!({ "consent": ["partner_offers", "precise_location", "personalisation"] });
    let mut people = vec![willing; all];
    people.extend(vec![json!({}); nothing]);
    people
}

/// One offer of a partner's, which shows to who said yes to those.
fn catalogue() -> Value {
    let offer = json!({ "id": "cup", "title": "A cup", "partner": "p", "benefit": { "kind": "access" } });
    json!({ "version": "tried", "partners": [{ "id": "p", "name": "P" }], "offers": [offer] })
}

fn ask(backend: &Backend, body: &Value) -> Response {
    send(backend, "POST", "/v1/admin/dry-run", &[], body.to_string().as_bytes())
}

#[test]
fn a_catalogue_is_tried_out_and_not_published() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let reply =
        ask(&backend, &json!({ "catalogue": catalogue(), "people": people(47, 105), "at": "2026-12-01T06:00:00Z" }));
    let said = reply.json();
    assert_eq!(
        (reply.status, &said["version"], &said["at"]),
        (200, &json!("tried"), &json!("2026-12-01T06:00:00.000Z"))
    );
    assert_eq!((&said["people"], &said["offers"][0]["shown"]), (&json!(140), &json!(40)), "rounded down");
    let because = &said["offers"][0]["not_shown"];
    assert_eq!((&because[0]["reason"], &because[0]["people"]), (&json!("no_partner_offers"), &json!(100)));
    assert_eq!((&because[0]["words"], &because[1]), (&json!("have not said yes to partners' offers"), &json!(null)));
    let live = send(&backend, "GET", "/v1/admin/catalogue", &[], b"").json();
    assert_eq!(live["live"]["version"], "patron-town-1");
}

#[test]
fn the_live_one_is_tried_where_none_is_sent() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let said = ask(&backend, &json!({ "people": people(30, 30), "offer": "lumi-cup" })).json();
    assert_eq!((&said["version"], said["offers"].as_array().unwrap().len()), (&json!("patron-town-1"), 1), "{said}");
    assert_eq!(said["offers"][0]["offer"], "lumi-cup");
}

#[test]
fn a_few_are_never_told_of_nor_to_be_worked_out() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    for (all, nothing) in [(5, 100), (100, 5), (19, 2), (20, 19), (1, 1), (7, 0), (0, 7)] {
        let said = ask(&backend, &json!({ "catalogue": catalogue(), "people": people(all, nothing) })).json();
        let offer = &said["offers"][0];
        assert_eq!(offer["shown"], "fewer than 20, or withheld", "{all} and {nothing}: {said}");
        for because in offer["not_shown"].as_array().unwrap() {
            assert_eq!(because["people"], "fewer than 20, or withheld", "{all} and {nothing}: {said}");
        }
    }
    let synthetic = ask(&backend, &json!({ "catalogue": catalogue(), "people": people(5, 5), "synthetic": true }));
    synthetic.problem(400, "malformed");
}

#[test]
fn what_makes_no_sense_is_said() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let told = |body: Value| ask(&backend, &body).problem(400, "malformed");
    assert!(told(json!({ "people": [{}, { "at": ["nowhere"] }] })).starts_with("people[1].at: "));
    let typo = told(json!({ "people": [{ "segmnets": {} }] }));
    assert!(typo.starts_with("people[0]: ") && typo.contains("segmnets"), "{typo}");
    assert!(told(json!({ "people": [] })).starts_with("people: "));
    assert!(told(json!({ "people": [{}], "offer": "nope" })).starts_with("offer: "));
    assert!(told(json!({ "people": [{}], "at": "noon" })).starts_with("at: "));
    let bad = ask(&backend, &json!({ "people": [{}], "catalogue": { "version": "1", "offers": [{ "id": "x" }] } }));
    bad.problem(422, "bad-catalogue");
    assert_eq!(bad.json()["findings"][0]["path"], "offers[0]");
    let offers: Vec<Value> =
        (0..1_001).map(|n| json!({ "id": format!("o{n}"), "title": "O", "benefit": { "kind": "access" } })).collect();
    let many = json!({ "people": people(0, 1_000), "catalogue": { "version": "1", "offers": offers } });
    ask(&backend, &many).problem(413, "too-large");
    let crowd = json!({ "people": people(0, 10_001), "catalogue": catalogue() });
    ask(&backend, &crowd).problem(413, "too-large");
}

/// Runs the command on the demo town, or on `catalogue`.
fn run(catalogue: &str, people: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    };
    let out = Command::new(env!("CARGO_BIN_EXE_patron-backend"))
        .args(["dry-run", "--catalogue"])
        .arg(file("offers.json", catalogue))
        .arg("--people")
        .arg(file("people.jsonl", people))
        .args(arguments)
        .output()
        .unwrap();
    let said = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code(), said(out.stdout), said(out.stderr))
}

fn lines(people: &[Value]) -> String {
    people.iter().map(|person| format!("{person}\n\n")).collect()
}

#[test]
fn the_command_says_it_in_words_and_for_programs() {
    let (catalogue, people) = (catalogue().to_string(), lines(&people(41, 20)));
    let (code, said, error) = run(&catalogue, &people, &["--at", "2026-12-01T06:00:00Z"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(said.starts_with("tried at 2026-12-01T06:00:00.000Z, 60 people (counts are rounded down"), "{said}");
    assert!(said.ends_with("cup\n  40 would see it\n  20 have not said yes to partners' offers\n"), "{said}");
    let (_, said, _) = run(&catalogue, &people, &["--json", "--offer", "cup", "--synthetic"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["people"], &said["offers"][0]["shown"]), (&json!(61), &json!(41)));
}

#[test]
fn the_floor_is_off_for_synthetic_people_alone() {
    let (catalogue, people) = (catalogue().to_string(), lines(&people(3, 40)));
    let (_, kept, _) = run(&catalogue, &people, &[]);
    assert!(kept.contains("fewer than 20, or withheld would see it") && !kept.contains("3 would"), "{kept}");
    let (_, off, _) = run(&catalogue, &people, &["--synthetic"]);
    assert!(off.contains("\n  3 would see it\n  40 have not said yes"), "{off}");
}

#[test]
fn the_example_of_the_documentation_runs() {
    let people = include_str!("../../../docs/examples/people.jsonl");
    let (code, said, error) = run(TOWN, people, &["--synthetic", "--json", "--at", "2026-11-22T10:00:00Z"]);
    assert_eq!(code, Some(0), "{error}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["people"], people.lines().count());
    let shown = said["offers"].as_array().unwrap().iter().any(|offer| offer["shown"].as_u64() > Some(0));
    assert!(shown, "{said}");
}

#[test]
fn a_line_that_does_not_read_is_told_by_its_number() {
    let catalogue = catalogue().to_string();
    let (code, _, error) = run(&catalogue, "{}\n\n{\"at\": [\"nowhere\"]}\n", &[]);
    assert!(code == Some(2) && error.contains("people.jsonl, line 3: at: "), "{error}");
    let (code, _, error) = run(&catalogue, "{}\n{\"asked\": 1}\n", &[]);
    assert!(code == Some(2) && error.contains("people.jsonl, line 2, column 11: "), "{error}");
    let (code, _, error) = run(&catalogue, "\n", &[]);
    assert!(code == Some(2) && error.contains("nobody"), "{error}");
    let (code, _, error) = run(&catalogue, "{}\n", &["--offer", "nope"]);
    assert!(code == Some(2) && error.contains("--offer"), "{error}");
    let (code, said, _) = run("{\"version\": \"1\", \"offers\": [{}]}", "{}\n", &[]);
    assert!(code == Some(1) && said.contains("offers[0], line 1, column "), "{said}");
}
