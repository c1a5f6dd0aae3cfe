//! `cargo xtask signal` as a program: an answer a line, in order, for whatever comes in.
//!
//! `signals.jsonl` holds what it answers to `core/tests/data/signals.txt`. After a change that is
//! meant: `grep -v '^#' core/tests/data/signals.txt | cut -f2 | cargo xtask signal --json > xtask/tests/signals.jsonl`

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

const STRINGS: &str = include_str!("../../core/tests/data/signals.txt");
const ANSWERS: &str = include_str!("signals.jsonl");

fn signal(args: &[&str], input: &[u8]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut child = command
        .arg("signal")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn strings() -> Vec<&'static str> {
    STRINGS.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap().1).collect()
}

#[test]
fn every_string_is_answered_as_before_and_in_order() {
    let said = signal(&["--json"], (strings().join("\n") + "\n").as_bytes());
    for ((said, expected), line) in said.lines().zip(ANSWERS.lines()).zip(strings()) {
        assert_eq!(said, expected, "{line}");
    }
    assert_eq!((said.lines().count(), ANSWERS.lines().count()), (strings().len(), strings().len()));
}

#[test]
fn the_fields_of_a_tc_string_stand_in_their_order() {
    let line = signal(&["--json"], b"COwxsONOwxsONKpAAAENAdCAAMAAAAAAAAAAAAAAAAAA");
    let names = [
        "kind",
        "created",
        "policy",
        "country",
        "language",
        "service_specific",
        "purposes",
        "purposes_li",
        "special_features",
        "vendors",
        "vendors_li",
        "disclosed",
        "valid",
        "effects",
    ];
    let places: Vec<usize> = names.iter().map(|name| line.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{line}");
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap().as_object().unwrap().len(), names.len());
}

#[test]
fn a_vendor_without_consent_gets_nothing() {
    let all = strings()
        .into_iter()
        .zip(STRINGS.lines().skip(1))
        .find(|(_, line)| line.contains("everything, 2023"))
        .unwrap()
        .0;
    let effects =
        |args: &[&str]| serde_json::from_str::<Value>(&signal(args, all.as_bytes())).unwrap()["effects"].clone();
    assert_eq!(effects(&["--json"])["engagement"], "unchanged");
    assert_eq!(effects(&["--json", "--vendor", "100"])["engagement"], "unchanged");
    assert_eq!(effects(&["--json", "--vendor", "101"])["engagement"], "no");
    assert_eq!(effects(&["--json", "--vendor", "101"])["dialogue"], "unchanged");
}

#[test]
fn whatever_a_line_holds_it_has_one_answer() {
    let long = vec![b'D'; 3 << 20];
    let lines: [&[u8]; 7] =
        [b"", b"\r", b"\xff\xfe\x00", "DBABLA~\u{1f600}".as_bytes(), &long, b"DBAA\r", b"{\"error\":1}"];
    let said = signal(&["--json"], &lines.join(&b'\n'));
    let said: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(said.len(), lines.len());
    let errors: Vec<bool> = said.iter().map(|object| object["error"].is_string()).collect();
    assert_eq!(errors, [true, true, true, true, true, false, true]);
    assert_eq!(signal(&["--json"], b""), "");
}

#[test]
fn without_json_it_speaks_in_words() {
    let said = signal(&[], b"DBABLA~BVVVkkkklWA.YA\nhello\n");
    for words in
        ["usnat, version 1", "GPC true", "takes away: precise_location", "cannot be read: the core has 33 as Version"]
    {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
}
