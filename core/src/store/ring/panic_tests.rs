//! A panic while a lock of the ring is held leaves a ring that works, and no half record.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

fn ring() -> (tempfile::TempDir, Ring) {
    let folder = tempfile::tempdir().unwrap();
    let (ring, _) = Ring::open(&folder.path().join("ring")).unwrap();
    (folder, ring)
}

fn taken(ring: &Ring) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(taken) = ring.take(256, 64 << 10, &mut |record| all.push(record.to_vec())) {
        ring.release(taken);
    }
    all
}

/// What a push does up to its tag, and then a panic with the lock held.
fn panic_in_mid_record(ring: &Ring, payload: &[u8]) {
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let producer = lock(&ring.producer);
        let (position, at) = (producer.head, offset(producer.head));
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(payload);
        let (_, crc) = layout::seal_record(checksum, position, payload.len());
        // All but the tag, which is what makes it a record: the last store of a push.
        ring.memory.write(at, &[&crc.to_le_bytes(), &position.to_le_bytes(), payload], 0);
        panic!("in mid-record");
    }));
    assert!(panicked.is_err() && ring.producer.is_poisoned());
}

#[test]
fn a_producer_that_panics_in_mid_record_leaves_the_ring_to_the_others() {
    let (_folder, ring) = ring();
    ring.push(b"before").unwrap();
    panic_in_mid_record(&ring, b"half a record that is longer than the next");
    assert_eq!(ring.push(b"behind"), Ok(Pressure::Low));
    assert_eq!(taken(&ring), [b"before", b"behind"]);
    ring.seal();
    assert_eq!(ring.push(b"late"), Err(RingError::Sealed));
}

#[test]
fn a_record_cut_off_by_a_panic_is_none_to_the_next_process() {
    let (folder, ring) = ring();
    ring.push(b"before").unwrap();
    panic_in_mid_record(&ring, b"half");
    drop(ring);
    let (ring, recovered) = Ring::open(&folder.path().join("ring")).unwrap();
    assert_eq!((recovered.records, recovered.damaged), (vec![b"before".to_vec()], false));
    ring.push(b"behind").unwrap();
    ring.clear_recovered();
    assert_eq!(taken(&ring), [b"behind"]);
}

#[test]
fn an_engine_that_panics_while_it_visits_has_released_nothing() {
    let (_folder, ring) = ring();
    (0..3).for_each(|n| drop(ring.push(&[n; 40])));
    let mut seen = 0;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        ring.take(9, 1 << 20, &mut |_| {
            seen += 1;
            assert!(seen < 2, "in mid-visit");
        })
    }));
    assert!(panicked.is_err() && ring.engine.is_poisoned());
    assert_eq!(taken(&ring), [[0; 40], [1; 40], [2; 40]]);
    assert!(ring.is_empty());
}
