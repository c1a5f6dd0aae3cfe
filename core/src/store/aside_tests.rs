use super::*;
use crate::diagnostics::Database;

/// When it was set aside.
const THEN: i64 = 1_750_000_000_000;

fn one(file: &str, at_ms: i64, is_to_move: bool) -> Remembered {
    let (database, cause) = (Database::Offers, AsideCause::Damaged);
    Remembered { told: SetAside { file: file.to_owned(), database, cause, at_ms, carried: None }, is_to_move }
}

/// A folder in which a process died that had this to remember; what of its offers is in their place, and what put aside.
fn died(remembering: &[Remembered], in_place: &[u8], aside: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), None, THEN).unwrap();
    meta::set(&store.main, KEY, &remembering).unwrap();
    drop(store);
    if !in_place.is_empty() {
        std::fs::write(folder.path().join(OFFERS_FILE), in_place).unwrap();
    }
    aside.iter().for_each(|name| std::fs::write(folder.path().join(name), b"offers").unwrap());
    folder
}

/// What the next process tells: each file, and how long after the first.
fn told(folder: &Path, later_ms: i64) -> Vec<(String, i64)> {
    let store = Store::open(folder, None, THEN + later_ms).unwrap();
    store.set_aside().unwrap().into_iter().map(|one| (one.file, one.at_ms - THEN)).collect()
}

#[test]
fn who_died_before_the_move_is_followed_by_one_who_moves_to_the_same_place_and_tells_of_it_once() {
    let folder = died(&[one("offers.db.damaged-1", THEN, true)], &[0xA5; 9_000], &[]);
    assert_eq!(told(folder.path(), 5), [("offers.db.damaged-1".to_owned(), 5)]);
    assert!(folder.path().join("offers.db.damaged-1").exists());
}

#[test]
fn who_died_behind_the_move_has_told_of_it() {
    let folder = died(&[one("offers.db.damaged-1", THEN, true)], &[], &["offers.db.damaged-1"]);
    assert_eq!(told(folder.path(), 5), [("offers.db.damaged-1".to_owned(), 0)]);
    // It is removed, and the next one is another.
    remove_all(folder.path()).unwrap();
    std::fs::write(folder.path().join(OFFERS_FILE), [0xA5; 9_000]).unwrap();
    let both = [("offers.db.damaged-1".to_owned(), 0), ("offers.db.damaged-2".to_owned(), 7)];
    assert_eq!(told(folder.path(), 7), both);
}

#[test]
fn a_file_that_can_be_used_after_all_was_never_set_aside() {
    let folder = died(&[one("offers.db.damaged-1", THEN, true)], &[], &[]);
    assert_eq!(told(folder.path(), 5), []);
}

#[test]
fn a_name_is_free_that_no_file_has_and_none_that_is_remembered_had() {
    let folder = died(&[], &[], &["offers.db.damaged-2"]);
    let path = folder.path().join(OFFERS_FILE);
    let earlier = [one("offers.db.damaged-1", THEN, false), one("offers.db.damaged-4", THEN, false)];
    let place = |earlier: &[Remembered]| name(&place(&path, AsideCause::Damaged, earlier));
    assert_eq!(place(&earlier), "offers.db.damaged-3");
    assert_eq!(place(&[]), "offers.db.damaged-1");
    assert_eq!(name(&super::place(&path, AsideCause::Newer, &earlier)), "offers.db.newer-1");
}

#[test]
fn what_an_earlier_version_remembered_reads() {
    let written = r#"[{"file":"patron.db.damaged-1","database":"Main","cause":"Damaged","at_ms":5,"carried":null}]"#;
    let read: Vec<Remembered> = serde_json::from_str(written).unwrap();
    assert!(!read[0].is_to_move);
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
}
