//! What the hand-over ring promises while its process lives.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use patron_core::Error;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::store::ring::{MAX_PAYLOAD, Pressure, Recovered, Ring, RingError};

const TOTAL: u64 = (4 << 20) + 4096;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring");
    (folder, path)
}

fn payload(n: u64, len: usize) -> Vec<u8> {
    let mut bytes = n.to_le_bytes().to_vec();
    bytes.resize(len.max(8), (n % 251) as u8);
    bytes
}

/// Takes and releases everything, in groups as the engine does.
fn drain(ring: &Ring) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(taken) = ring.take(256, 64 << 10, &mut |record| all.push(record.to_vec())) {
        ring.release(taken);
    }
    all
}

#[test]
fn a_new_ring_is_empty_closed_and_private() {
    let (_folder, path) = folder();
    let (ring, recovered) = Ring::open(&path).unwrap();
    assert_eq!(recovered, Recovered::default());
    assert!(ring.is_empty());
    assert_eq!(ring.gate(), Gate::CLOSED);
    let found = fs::metadata(&path).unwrap();
    assert_eq!((found.len(), found.permissions().mode() & 0o777), (TOTAL, 0o600));
}

#[test]
fn every_block_is_allocated_at_open_so_that_a_full_disk_cannot_kill_a_push() {
    let (_folder, path) = folder();
    let _ring = Ring::open(&path).unwrap();
    assert!(fs::metadata(&path).unwrap().blocks() * 512 >= TOTAL);
}

#[test]
fn records_come_out_in_the_order_in_which_they_went_in() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let pushed: Vec<_> = (0..1_000).map(|n| payload(n, (n as usize * 7) % 900)).collect();
    for record in &pushed {
        assert_eq!(ring.push(record), Ok(Pressure::Low));
    }
    assert_eq!(drain(&ring), pushed);
    assert!(ring.is_empty());
}

#[test]
fn a_group_ends_at_its_bounds_and_comes_again_until_it_is_released() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    for n in 0..10 {
        ring.push(&payload(n, 100)).unwrap();
    }
    let mut first = Vec::new();
    let failed_commit = ring.take(3, usize::MAX, &mut |r| first.push(r.to_vec())).unwrap();
    assert_eq!(failed_commit.records, 3);
    drop(failed_commit);
    let mut again = Vec::new();
    let taken = ring.take(usize::MAX, 250, &mut |r| again.push(r.to_vec())).unwrap();
    assert_eq!((taken.records, &again), (3, &first));
    ring.release(taken);
    assert_eq!(drain(&ring).len(), 7);
}

#[test]
fn many_laps_lose_nothing() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let (mut pushed, mut came) = (0_u64, 0_u64);
    let mut rng = fastrand::Rng::with_seed(7);
    let group = |most: usize, came: &mut u64| {
        let taken = ring.take(most, usize::MAX, &mut |record| {
            assert_eq!(record[..8], came.to_le_bytes());
            *came += 1;
        });
        taken.into_iter().for_each(|taken| ring.release(taken));
    };
    while pushed < 30_000 {
        for _ in 0..rng.u32(1..300) {
            // Uneven lengths, so that laps end in pads of every size.
            ring.push(&payload(pushed, rng.usize(8..7_000))).unwrap();
            pushed += 1;
        }
        // Not always to the bottom: an empty ring winds back, and would hardly ever wrap.
        group(rng.usize(1..300), &mut came);
        while pushed - came > 250 {
            group(100, &mut came);
        }
    }
    came += drain(&ring).len() as u64;
    assert_eq!((came, ring.damaged_bytes()), (pushed, 0));
}

#[test]
fn a_full_ring_refuses_counts_and_goes_on_once_there_is_room() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let mut pushed = Vec::new();
    let refused = loop {
        let record = payload(pushed.len() as u64, 1_000);
        match ring.push(&record) {
            Ok(_) => pushed.push(record),
            Err(e) => break e,
        }
    };
    assert_eq!((&refused, ring.busy()), (&RingError::Full, 1));
    assert_eq!(Error::from(refused), Error::Busy);
    assert!(pushed.len() * 1_016 > (4 << 20) - 2_048, "it was refused early, at {}", pushed.len());
    assert_eq!(drain(&ring), pushed);
    assert_eq!(ring.push(b"more"), Ok(Pressure::Low));
}

#[test]
fn pressure_rises_above_half() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let rises = (1..).find(|_| ring.push(&[7; 1_008]) == Ok(Pressure::High)).unwrap();
    assert_eq!(rises, (2 << 20) / 1_024 + 1);
    drain(&ring);
    assert_eq!(ring.push(&[7; 1_008]), Ok(Pressure::Low));
}

#[test]
fn an_oversized_record_is_refused_for_good() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    assert_eq!(ring.push(&vec![1; MAX_PAYLOAD + 1]), Err(RingError::TooLarge(MAX_PAYLOAD + 1)));
    assert_eq!(ring.push(&vec![1; MAX_PAYLOAD]), Ok(Pressure::Low));
    assert_eq!(ring.busy(), 0);
}

#[test]
fn what_was_released_leaves_no_byte_in_the_file() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    for _ in 0..500 {
        ring.push(b"a shopper's secret").unwrap();
    }
    assert!(fs::read(&path).unwrap()[4096..].iter().any(|byte| *byte != 0));
    drain(&ring);
    assert!(fs::read(&path).unwrap()[4096..].iter().all(|byte| *byte == 0));
}

#[test]
fn what_was_recovered_stays_until_it_is_cleared_and_new_records_stand_behind_it() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    ring.push(b"one").unwrap();
    ring.push(b"two").unwrap();
    drop(ring);
    for _ in 0..2 {
        let (ring, recovered) = Ring::open(&path).unwrap();
        assert_eq!(recovered.records, [b"one", b"two"]);
        assert!(!recovered.damaged);
        assert!(!ring.is_empty());
    }
    let (ring, _) = Ring::open(&path).unwrap();
    ring.push(b"three").unwrap();
    assert!(ring.take(9, 9, &mut |_| panic!("not yet imported")).is_none());
    drop(ring);
    let (ring, recovered) = Ring::open(&path).unwrap();
    assert_eq!(recovered.records, [b"one".as_slice(), b"two", b"three"]);
    ring.push(b"four").unwrap();
    ring.clear_recovered();
    ring.clear_recovered();
    assert_eq!(drain(&ring), [b"four"]);
    drop(ring);
    assert_eq!(Ring::open(&path).unwrap().1, Recovered::default());
}

#[test]
fn the_gate_survives_the_process() {
    let (_folder, path) = folder();
    let gate = Gate::new(12, [PurposeKind::Engagement, PurposeKind::PreciseLocation]);
    let (ring, _) = Ring::open(&path).unwrap();
    ring.set_gate(Gate::new(11, [PurposeKind::Dialogue]));
    ring.set_gate(gate);
    assert_eq!(ring.gate(), gate);
    drop(ring);
    assert_eq!(Ring::open(&path).unwrap().0.gate(), gate);
}

#[test]
fn a_reader_never_sees_half_a_change_of_consent() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let at = |epoch: u64| Gate::from_parts(epoch, epoch.wrapping_mul(0x5851_F42D_4C95_7F2D));
    ring.set_gate(at(1));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (2..100_000).for_each(|epoch| ring.set_gate(at(epoch))));
        let mut last = 0;
        while !writer.is_finished() {
            let seen = ring.gate();
            assert_eq!(seen, at(seen.epoch()));
            assert!(seen.epoch() >= last.max(1));
            last = seen.epoch();
        }
    });
}

#[test]
fn four_producers_and_an_engine_lose_nothing_and_keep_each_ones_order() {
    const EACH: u64 = 10_000;
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    let mut next = [0_u64; 4];
    std::thread::scope(|scope| {
        for producer in 0..4_u64 {
            let ring = &ring;
            scope.spawn(move || {
                for n in 0..EACH {
                    let mut record = payload(n, 200);
                    record.push(producer as u8);
                    while ring.push(&record).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        while next.iter().sum::<u64>() < 4 * EACH {
            let taken = ring.take(256, 64 << 10, &mut |record| {
                let expected = &mut next[usize::from(record[200])];
                assert_eq!(record[..8], expected.to_le_bytes());
                *expected += 1;
            });
            match taken {
                Some(taken) => ring.release(taken),
                None => std::thread::yield_now(),
            }
        }
    });
    assert!(ring.is_empty());
}
