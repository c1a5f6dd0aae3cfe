//! The torture as a program: what it prints for programs, how it exits, and what it leaves behind.
//!
//! Negative control: with the last record of each recovered group left out (`import_recovered`) and a
//! backend that stores what it holds already, thirty kills find both: 6 lost, 4,180 twice.

mod support;

use support::{interrupted_leaves_nothing, spoken};

#[test]
fn twenty_kills_lose_nothing_and_double_nothing() {
    let (objects, code, words) = spoken(&["torture", "--kills", "20", "--seed", "7", "--json"]);
    let last = objects.last().unwrap_or_else(|| panic!("nothing was printed: {words}"));
    let n = |name: &str| last[name].as_u64().unwrap_or_else(|| panic!("no {name} in {last}"));
    assert_eq!((n("kills"), n("lost"), n("twice"), n("invented")), (20, 0, 0, 0), "{words}");
    let settled: u64 = ["delivered", "queued", "dead", "evicted", "purged"].map(n).iter().sum();
    assert_eq!(n("accepted") + n("unheard"), settled, "{last}");
    assert_eq!((last["balanced"].as_bool(), code), (Some(true), 0), "{words}");
    // It has tortured something, and looked up much of it by name.
    assert!(n("accepted") > 1_000 && n("backend_duplicates") > 0, "{last}");
    assert!(n("owed") > 100, "{last}");
    let kills = objects.iter().filter(|object| object["killed"].is_string()).count();
    assert!((10..=20).contains(&kills), "{kills} steps");
}

#[test]
fn an_interrupted_torture_leaves_nothing_behind() {
    interrupted_leaves_nothing(&["torture", "--kills", "100000"]);
}

#[test]
fn bad_arguments_end_with_2_and_name_the_right_ones() {
    for (arguments, said) in [(["--kills", "0"], "--kills"), (["--seed", "x"], "--seed"), (["--kill", "3"], "--kills")]
    {
        let (objects, code, words) = spoken(&[&["torture"], &arguments[..]].concat());
        assert_eq!((objects.len(), code), (0, 2), "{words}");
        assert!(words.contains(said), "{words}");
    }
}
