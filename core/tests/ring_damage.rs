//! What the hand-over ring makes of files that are hurt, foreign or not to be had.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;

use patron_core::Error;
use patron_core::consent::Gate;
use patron_core::store::ring::{Recovered, Ring, RingError};
use proptest::prelude::*;

const TOTAL: u64 = (4 << 20) + 4096;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring");
    (folder, path)
}

fn payload(n: u64, len: usize) -> Vec<u8> {
    let mut bytes = n.to_le_bytes().to_vec();
    bytes.resize(len.max(8), 1 + (n % 251) as u8);
    bytes
}

fn drain(ring: &Ring) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(taken) = ring.take(256, 64 << 10, &mut |record| all.push(record.to_vec())) {
        ring.release(taken);
    }
    all
}

#[test]
fn a_foreign_file_is_set_aside_whole() {
    let (folder, path) = folder();
    fs::write(&path, b"someone's notes").unwrap();
    fs::write(folder.path().join("ring.damaged-1"), b"older").unwrap();
    let (ring, recovered) = Ring::open(&path).unwrap();
    let kept = folder.path().join("ring.damaged-2");
    assert_eq!(recovered.foreign.as_deref(), Some(kept.as_path()));
    assert_eq!(fs::read(kept).unwrap(), b"someone's notes");
    assert_eq!(ring.gate(), Gate::CLOSED);
    ring.push(b"goes on").unwrap();
    drop(ring);
    assert_eq!(Ring::open(&path).unwrap().1.records, [b"goes on"]);
}

#[test]
fn a_file_without_its_name_is_ours_if_one_record_proves_it() {
    let (_folder, path) = folder();
    let (ring, _) = Ring::open(&path).unwrap();
    ring.push(b"kept").unwrap();
    drop(ring);
    OpenOptions::new().write(true).open(&path).unwrap().write_all_at(b"XX", 0).unwrap();
    let (ring, recovered) = Ring::open(&path).unwrap();
    assert_eq!((recovered.records, recovered.damaged, recovered.foreign), (vec![b"kept".to_vec()], true, None));
    ring.clear_recovered();
    drop(ring);
    assert_eq!(Ring::open(&path).unwrap().1, Recovered::default());
}

#[test]
fn a_cut_or_overlong_file_gives_back_what_is_whole_in_it() {
    for len in [0, 7, 100, 4096, 4096 + 40, 4096 + 5 * 1_024 + 1, TOTAL - 1, TOTAL + 1] {
        let (_folder, path) = folder();
        let (ring, _) = Ring::open(&path).unwrap();
        let pushed: Vec<_> = (0..10).map(|n| payload(n, 1_008)).collect();
        pushed.iter().for_each(|record| assert!(ring.push(record).is_ok()));
        drop(ring);
        OpenOptions::new().write(true).open(&path).unwrap().set_len(len).unwrap();
        let (ring, recovered) = Ring::open(&path).unwrap();
        let whole = (len.saturating_sub(4096) / 1_024).min(10) as usize;
        assert_eq!(recovered.records, pushed[..whole], "{len} bytes");
        assert_eq!(fs::metadata(&path).unwrap().len(), TOTAL);
        ring.push(b"goes on").unwrap();
        ring.clear_recovered();
        assert_eq!(drain(&ring), [b"goes on"], "{len} bytes");
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (folder, path) = folder();
    fs::create_dir(&path).unwrap();
    assert_eq!(Ring::open(&path).err(), Some(RingError::NotAFile));
    let absent = folder.path().join("absent/ring");
    assert!(matches!(Ring::open(&absent).err(), Some(RingError::Io { step: "open", .. })));
    assert!(matches!(Error::from(Ring::open(&absent).unwrap_err()), Error::Storage { .. }));
}

#[test]
fn a_folder_that_is_not_ours_to_write_is_a_typed_error() {
    let (folder, mut path) = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if rustix::process::geteuid().is_root() {
        // No folder's mode keeps root out; the kernel's own file system does.
        path = PathBuf::from("/sys/kernel/ring");
    }
    assert_eq!(Ring::open(&path).err(), Some(RingError::Permission("open")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Wherever bits flip, opening neither panics nor invents: each record that comes back was
    /// pushed, none comes twice, and the ring goes on.
    #[test]
    fn flipped_bits_never_make_a_record(
        lens in prop::collection::vec(0_usize..600, 1..80),
        released in 0_usize..80,
        flips in prop::collection::vec((prop_oneof![0_u64..320, 4096_u64..48_000], 0_u8..8), 1..24),
    ) {
        let (_folder, path) = folder();
        let (ring, _) = Ring::open(&path).unwrap();
        let pushed: Vec<_> = lens.iter().enumerate().map(|(n, len)| payload(n as u64, *len)).collect();
        for record in &pushed {
            ring.push(record).unwrap();
        }
        if let Some(taken) = ring.take(released, usize::MAX, &mut |_| {}) {
            ring.release(taken);
        }
        drop(ring);
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        for (at, bit) in flips {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
        }
        let (ring, recovered) = Ring::open(&path).unwrap();
        let whole: HashSet<_> = pushed.iter().collect();
        prop_assert!(recovered.records.iter().all(|record| whole.contains(record)));
        prop_assert_eq!(recovered.records.iter().collect::<HashSet<_>>().len(), recovered.records.len());
        prop_assert!(recovered.records.is_sorted_by_key(|record| record[..8].iter().rev().copied().collect::<Vec<_>>()));
        ring.push(b"goes on").unwrap();
        ring.clear_recovered();
        prop_assert_eq!(drain(&ring), [b"goes on".to_vec()]);
        drop(ring);
        prop_assert_eq!(Ring::open(&path).unwrap().1, Recovered::default());
    }

    /// One damaged record costs that record alone.
    #[test]
    fn a_flip_in_one_record_loses_no_other(count in 2_u64..60, hurt in 0_u64..60, at in 0_u64..1_024, bit in 0_u8..8) {
        let (_folder, path) = folder();
        let (ring, _) = Ring::open(&path).unwrap();
        let pushed: Vec<_> = (0..count).map(|n| payload(n, 1_008)).collect();
        pushed.iter().for_each(|record| assert!(ring.push(record).is_ok()));
        drop(ring);
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let at = 4096 + (hurt % count) * 1_024 + at;
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
        let (_ring, recovered) = Ring::open(&path).unwrap();
        let mut rest = pushed;
        rest.remove((hurt % count) as usize);
        prop_assert!(recovered.damaged);
        prop_assert_eq!(recovered.records, rest);
    }
}
