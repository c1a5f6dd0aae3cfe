//! The demo as a program: what it prints for programs, how it exits, and what it leaves behind.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{interrupted_leaves_nothing, spoken};

/// Runs the demo as a program would; the objects it printed, and its exit code.
fn demo(args: &[&str]) -> (Vec<Value>, i32, String) {
    spoken(&[&["demo", "--headless", "--json"], args].concat())
}

/// Seconds, latitude, longitude.
type Fix = (i64, f64, f64);

fn gpx(folder: &Path, points: impl IntoIterator<Item = Fix>) -> PathBuf {
    let mut text = String::from("<gpx><trk><name>made up</name><trkseg>\n");
    for (second, latitude, longitude) in points {
        let time = patron_core::clock::rfc3339(1_600_000_000_000 + second * 1_000);
        let _ = writeln!(text, "<trkpt lat=\"{latitude:.7}\" lon=\"{longitude:.7}\"><time>{time}</time></trkpt>");
    }
    let path = folder.join("made-up.gpx");
    std::fs::write(&path, text + "</trkseg></trk></gpx>").unwrap();
    path
}

fn named<'a>(objects: &'a [Value], what: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["what"] == what).collect()
}

/// The account in the last line, after checking that it balances on both sides.
fn balanced(objects: &[Value], code: i32, words: &str) -> Value {
    let last = objects.last().unwrap_or_else(|| panic!("nothing was printed: {words}"));
    let account = &last["account"];
    let n = |name: &str| account[name].as_u64().unwrap_or_else(|| panic!("no {name} in {last}"));
    assert_eq!(n("accepted"), n("delivered") + n("queued") + n("dead") + n("evicted") + n("purged"), "{words}");
    // What grew too old while its reply was lost may have arrived.
    assert!((n("delivered")..=n("delivered") + n("evicted")).contains(&n("backend_stored")), "{words}");
    assert_eq!((last["balanced"].as_bool(), code), (Some(true), 0), "{words}");
    account.clone()
}

#[test]
fn the_recorded_walk_balances_on_both_sides_and_tells_the_whole_story() {
    let (objects, code, words) = demo(&["--seed", "7"]);
    let account = balanced(&objects, code, &words);
    assert_eq!((&account["evicted"], &account["backend_stored"]), (&0.into(), &account["delivered"]));
    assert!(account["backend_duplicates"].as_u64() > Some(0), "no reply was lost: {account}");
    let story: Vec<&str> = objects.iter().filter_map(|object| object["what"].as_str()).collect();
    let mut rest = story.iter();
    for chapter in [
        "walk",
        "refused",
        "nothing_recorded",
        "offer",
        "checked_in",
        "offer",
        "why_not",
        "signed_in",
        "granted",
        "wished",
        "snoozed",
        "saved",
        "audience_unknown",
        "not_in_audience",
        "planned",
        "entered",
        "offer",
        "tracked",
        "reminded",
        "dwelt",
        "beacon",
        "purchased",
        "notified",
        "left",
        "tried_out",
        "published",
        "offer",
        "variant",
        "refused_to_publish",
        "set_aside",
        "shown_enough",
        "switched_off",
        "switched_on",
        "network_lost",
        "killed",
        "decided_again",
        "restarted",
        "network_back",
        "shut",
        "kept_captured",
        "shared_with_one",
        "drained_a_little",
        "put_away",
        "held_up",
        "drained",
        "partners_heard",
        "signalled",
        "looked_at_backend",
        "refused_partner",
        "took_back",
        "second_phone",
        "same_rules",
        "left_for_good",
    ] {
        assert!(rest.any(|what| *what == chapter), "{chapter} is missing or too late in {story:?}");
    }
    let restarted = named(&objects, "restarted")[0];
    assert_eq!(restarted["found"], restarted["accepted"], "the kill lost something");
    assert_eq!(named(&objects, "nothing_recorded")[0]["accepted"], 0);
    assert!(named(&objects, "entered").len() >= 4);
    new_chapters_say_what_came_back(&objects);
}

/// What the device and the backend answered, and not words of the demo's own.
fn new_chapters_say_what_came_back(objects: &[Value]) {
    let of = |what: &str| named(objects, what)[0];
    let tried = of("tried_out");
    assert_eq!((&tried["people"], &tried["shown"]), (&100.into(), &40.into()), "53 of them, rounded down: {tried}");
    assert!(tried["withheld"].as_u64() > Some(0), "{tried}");
    assert_eq!(of("published")["version"], "demo-2");
    let whys = ["audience_unknown", "not_in_audience", "in_audience"].map(|what| &of(what)["why"]);
    assert!(whys[0] != whys[1] && whys[1] != whys[2] && whys.iter().all(|why| why.is_string()), "{whys:?}");
    let aside = of("set_aside");
    assert!(
        aside["reason"].as_str().is_some_and(|reason| reason.contains("benefit.percent (tea): 140 is not")),
        "{aside}"
    );
    assert_eq!(of("shown_enough")["offer"], of("variant")["variant"]);
    assert_eq!(of("switched_off")["blocker"], "SwitchedOff");
    assert!(of("snoozed")["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()));
    assert!(named(objects, "reminded").iter().any(|notice| notice["offer"] == of("saved")["offer"]));
    let little = of("drained_a_little");
    assert!(little["left"].as_u64() > Some(0) && little["sent_bytes"].as_u64() > Some(0), "{little}");
    assert!(of("held_up")["times"].as_u64() > Some(0) && of("held_up")["lost"] == 0, "{}", of("held_up"));
    assert_eq!(of("refused_partner")["partner"], "lumi");
    assert_eq!(of("same_rules")["refused"], serde_json::json!(["lumi"]));
}

#[test]
fn one_seed_tells_one_story() {
    let folder = tempfile::tempdir().unwrap();
    let trace = gpx(folder.path(), (0..600).map(|i| (i * 10, 60.0 + i as f64 * 1e-4, 25.0)));
    let kill = |seed: &str| {
        let (objects, code, words) = demo(&["--seed", seed, "--trace", trace.to_str().unwrap()]);
        balanced(&objects, code, &words);
        let mut killed = named(&objects, "killed")[0].clone();
        // The walk ends today, whichever day that is.
        let at = killed["at"].as_str().map(|at| at[10..].to_owned());
        killed["at"] = at.into();
        killed
    };
    let first = kill("3");
    assert_eq!(first, kill("3"));
    assert_ne!(first, kill("4"));
}

#[test]
fn walks_of_any_kind_balance() {
    let folder = tempfile::tempdir().unwrap();
    let across = |i: i64| (179.5 + i as f64 * 3e-3 + 180.0).rem_euclid(360.0) - 180.0;
    let kinds: [(&str, usize, Vec<Fix>); 5] = [
        ("across the date line", 3, (0..400).map(|i| (i * 30, -17.0, across(i))).collect()),
        ("a fix each ten minutes", 3, (0..40).map(|i| (i * 600, 48.0 + i as f64 * 0.02, 11.0)).collect()),
        ("over the pole", 3, (0..200).map(|i| (i * 30, 89.95 + i as f64 * 2e-4, 0.0)).collect()),
        ("one point", 1, vec![(0, 1.0, 2.0)]),
        (
            "two years' pause",
            3,
            (0..300).map(|i| (i * 10 + i / 150 * 63_000_000, 60.0 + i as f64 * 1e-4, 25.0)).collect(),
        ),
    ];
    for (kind, stores, points) in kinds {
        let trace = gpx(folder.path(), points);
        let (objects, code, words) = demo(&["--trace", trace.to_str().unwrap()]);
        balanced(&objects, code, &format!("{kind}: {words}"));
        assert!(named(&objects, "entered").len() >= stores, "{kind}: {words}");
    }
}

#[test]
fn times_that_go_backwards_are_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let points = (0..600).map(|i| (if i % 6 == 5 { i * 10 - 35 } else { i * 10 }, 60.0 + i as f64 * 1e-4, 25.0));
    let (objects, code, words) = demo(&["--trace", gpx(folder.path(), points).to_str().unwrap()]);
    balanced(&objects, code, &words);
    let walk = named(&objects, "walk")[0];
    assert_eq!((walk["points"].as_u64(), walk["left_out"]["backwards"].as_u64()), (Some(500), Some(100)));
    assert!(words.contains("100 points left out"), "{words}");
}

#[test]
fn what_is_no_walk_ends_with_2_and_says_why_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.gpx");
    for (text, why) in [
        ("", "is empty"),
        ("<gpx>\n<trk><trkseg>\n<trkpt lat='1' lon='2'><time>2020", "line 3: is cut off"),
        ("<kml/>", "not GPX: it starts with <kml>"),
        ("PK\u{3}\u{4}", "is not XML"),
        ("<gpx><trk><trkseg><trkpt lat='1' lon='2'/></trkseg></trk></gpx>", "none of its 1 points says when"),
        (
            "<gpx><trk><trkseg><trkpt lat='x' lon='NaN'><time>2020-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>",
            "no position on Earth",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let (objects, code, words) = demo(&["--trace", file.to_str().unwrap()]);
        assert_eq!((code, objects.len()), (2, 0), "{words}");
        assert!(words.contains("bad.gpx") && words.contains(why), "{words}");
    }
    for arguments in [["--trace", "/nowhere.gpx"], ["--speed", "-1"], ["--speed", "NaN"], ["--seed", "x"]] {
        assert_eq!(demo(&arguments).1, 2, "{arguments:?}");
    }
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let trace = gpx(folder.path(), (0..600).map(|i| (i * 10, 60.0 + i as f64 * 1e-4, 25.0)));
    interrupted_leaves_nothing(&["demo", "--speed", "100", "--trace", trace.to_str().unwrap()]);
}
