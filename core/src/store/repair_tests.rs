use std::path::Path;

use uuid::Uuid;

use super::*;
use crate::account::Account;
use crate::clock::Now;
use crate::consent::{ConsentStatus, Consents, Decision, Purpose, PurposeKind};
use crate::diagnostics::CarriedOver;
use crate::event::{Draft, Record};
use crate::store::{Durability, MAIN_FILE, Store, consents, events, meta};

const EVENTS: u64 = 2_000;

/// When the next process finds it.
const NOW: i64 = 1_750_000_000_000;

/// A store with a decision, a queue and an account's alias, a page in the middle of which is damaged.
fn damaged() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), None, NOW).unwrap();
    let decision = Decision::new(Uuid::from_u128(1), Purpose::Engagement, ConsentStatus::Granted, 0, 1);
    let mut stands = Consents::default();
    stands.apply(&decision);
    store
        .transact(Durability::Full, |tx| {
            consents::append(tx, &decision, None)?;
            consents::allow(tx, stands.granted())?;
            meta::set(tx, "installation", &Uuid::from_u128(7))?;
            (0..EVENTS).try_for_each(|n| events::import(tx, &stands, &record(n.into()), None))
        })
        .unwrap();
    drop(store);
    let path = folder.path().join(MAIN_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 8_192 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    folder
}

fn record(n: u128) -> Record {
    Draft {
        id: Uuid::from_u128(1_000 + n),
        kind: "dev.patron.offer.saved".into(),
        partner: None,
        at: Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() },
        session: Uuid::nil(),
        data: b"{}".to_vec(),
    }
    .stamped(PurposeKind::Engagement, 1)
}

/// What a store opened anew has in it, and which files it says were set aside just now.
fn found(folder: &Path) -> (Account, usize, Option<Uuid>, Vec<String>) {
    let store = Store::open(folder, None, NOW).unwrap();
    let aside = store.found_unusable.clone();
    let decisions = store.decisions_after(0).unwrap().len();
    (store.account().unwrap(), decisions, store.meta("installation").unwrap(), aside)
}

#[test]
fn a_process_that_dies_at_any_step_of_a_salvage_loses_nothing_of_it() {
    let intact = damaged();
    let undisturbed = found(intact.path());
    let remembered = Store::open(intact.path(), None, NOW + 1).unwrap().set_aside().unwrap();
    assert!(undisturbed.0.balances() && undisturbed.0.queued > EVENTS - 100, "{undisturbed:?}");
    assert_eq!((undisturbed.1, undisturbed.2), (1, Some(Uuid::from_u128(7))));
    let carried = CarriedOver {
        decisions: Some(1),
        events: undisturbed.0.queued,
        dead_letters: 0,
        lost_events: Some(EVENTS - undisturbed.0.queued),
    };
    assert_eq!(
        remembered,
        [SetAside {
            file: "patron.db.damaged-1".into(),
            database: Database::Main,
            cause: AsideCause::Damaged,
            at_ms: NOW,
            carried: Some(carried)
        }]
    );
    for first in Step::ALL {
        // It dies there, and the next one, wherever that comes to, dies as well.
        for second in [None].into_iter().chain(Step::ALL.map(Some)) {
            let folder = damaged();
            let path = folder.path().join(MAIN_FILE);
            let dying = |at: Step| {
                move |step: Step| {
                    if step == at { Err(StoreError::Content { what: "test", why: format!("{at:?}") }) } else { Ok(()) }
                }
            };
            let replace = |step| replace(&path, AsideCause::Damaged, None, NOW, &mut dying(step)).map(drop);
            assert!(replace(first).is_err());
            if let Some(second) = second {
                remove(&file::beside(&path, UNFINISHED)).unwrap();
                let again = if file::beside(&path, whole(AsideCause::Damaged)).exists() {
                    let put = told_place(&path, AsideCause::Damaged, None).unwrap();
                    finish(&path, AsideCause::Damaged, &put, &mut dying(second))
                } else {
                    replace(second)
                };
                drop(again);
            }
            let after = found(folder.path());
            assert_eq!((&after.0, after.1, after.2), (&undisturbed.0, 1, undisturbed.2), "{first:?}, {second:?}");
            // Only a second process that came to the end has told already.
            let told = after.3 == ["patron.db.damaged-1"];
            assert!(told || second.is_some() && after.3.is_empty(), "{first:?}, {second:?}: {:?}", after.3);
            assert!(folder.path().join("patron.db.damaged-1").exists());
            let left = std::fs::read_dir(folder.path()).unwrap();
            let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
            assert!(!left.iter().any(|name| name.to_string_lossy().contains(".salvag")), "{left:?}");
            assert_eq!(found(folder.path()).3, Vec::<String>::new(), "and the next one finds nothing to mend");
            let told = Store::open(folder.path(), None, NOW + 1).unwrap().set_aside().unwrap();
            assert_eq!(told, remembered, "{first:?}, {second:?}: and remembers it as one that was not disturbed");
        }
    }
}

#[test]
fn a_log_that_a_dying_process_left_is_never_taken_for_another_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(MAIN_FILE);
    let write = |name: &str| std::fs::write(folder.path().join(name), name).unwrap();
    let put = |name: &str| {
        let place = aside::place(&path, AsideCause::Damaged, &[]);
        assert_eq!(place, folder.path().join(name));
        file::move_away(&path, &place).unwrap();
    };
    // It died between the two renames.
    write("patron.db");
    write("patron.db.damaged-1-wal");
    put("patron.db.damaged-1");
    write("patron.db");
    write("patron.db-wal");
    put("patron.db.damaged-2");
    assert_eq!(std::fs::read(folder.path().join("patron.db.damaged-2-wal")).unwrap(), b"patron.db-wal");
    assert!(!folder.path().join("patron.db-wal").exists());
}
