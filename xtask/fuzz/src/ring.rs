//! Files as the hand-over ring: any bytes at all, and a ring that lived and was hurt.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use patron_core::event::Record;
use patron_core::store::ring::{MAX_PAYLOAD, Recovered, Ring};

use crate::Target;
use crate::device::folder;
use crate::input::{Input, Seed};

pub(crate) const TARGET: Target = Target {
    name: "ring",
    promise: "any file is recovered from or set aside; every record that was not touched comes back once and in order, and nothing else does",
    max_len: 2048,
    words: &["PATRONR\x01", "\u{0}\u{0}\u{40}\u{0}"],
    run,
    seeds,
};

/// The page in front of the records.
const HEADER: usize = 4096;
const BODY: usize = 4 << 20;
/// In front of each payload: tag, checksum, position.
const HEAD: usize = 16;

/// Begins every payload, so that its place in the file is found without the ring's own reader.
const MARK: [u8; 4] = *b"MARK";

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let folder = folder();
    let path = folder.path().join("ring");
    if input.one_in(4) {
        anything(&path, &mut input);
    } else {
        lived_and_hurt(&path, &mut input);
    }
}

/// The input is the file, or what stands at some places of one.
fn anything(path: &Path, input: &mut Input<'_>) {
    let mut file = Vec::new();
    if input.one_in(2) {
        file = input.rest().to_vec();
    } else {
        file.resize(HEADER + BODY, 0);
        while !input.is_empty() {
            let at = input.u32() as usize % file.len();
            let run = input.run();
            file[at..].iter_mut().zip(run).for_each(|(byte, other)| *byte = *other);
        }
    }
    fs::write(path, &file).expect("a file in memory");
    let (ring, recovered) = Ring::open(path).expect("any file is opened");
    if let Some(aside) = &recovered.foreign {
        assert_eq!(fs::read(aside).expect("what was set aside"), file, "a foreign file was changed");
    }
    for record in &recovered.records {
        let _ = Record::decode(record);
    }
    goes_on(path, ring);
}

/// A ring with a history, of which bytes were then changed by no one who knows it.
fn lived_and_hurt(path: &Path, input: &mut Input<'_>) {
    let (ring, _) = Ring::open(path).expect("a new ring");
    let (mut pushed, mut released) = (0_u32, 0_u32);
    for _ in 0..input.u8() % 64 {
        match input.u8() % 8 {
            // Long records, so that a few dozen fill a lap.
            0 => push(&ring, &mut pushed, MAX_PAYLOAD - usize::from(input.u8())),
            1 => {
                if let Some(taken) = ring.take(usize::from(input.u8()), usize::MAX, &mut |_| {}) {
                    released += taken.records as u32;
                    ring.release(taken);
                }
            }
            _ => push(&ring, &mut pushed, usize::from(input.u8()) * 4),
        }
    }
    drop(ring);
    let lies: Vec<(u32, Range<usize>)> = find(&fs::read(path).expect("the ring's file"));
    assert_eq!(lies.iter().map(|(n, _)| *n).collect::<BTreeSet<_>>(), (released..pushed).collect(), "before any harm");
    let mut touched = vec![false; lies.len()];
    let file = File::options().read(true).write(true).open(path).expect("the ring's file");
    for _ in 0..input.u8() % 12 {
        let range = harm(&file, input);
        let hit = |lie: &Range<usize>| lie.start < range.end && range.start < lie.end;
        lies.iter().zip(&mut touched).for_each(|((_, lie), touched)| *touched |= hit(lie));
    }
    let (ring, recovered) = Ring::open(path).expect("any file is opened");
    check(&recovered, &lies, &touched, released..pushed);
    goes_on(path, ring);
}

fn push(ring: &Ring, pushed: &mut u32, len: usize) {
    if ring.push(&payload(*pushed, len)).is_ok() {
        *pushed += 1;
    }
}

/// Record `n`, at least as long as what tells it apart.
fn payload(n: u32, len: usize) -> Vec<u8> {
    let mut bytes = [MARK, n.to_le_bytes()].concat();
    // Odd, so that no run of it reads as a mark.
    bytes.resize(len.clamp(8, MAX_PAYLOAD), n as u8 | 1);
    bytes
}

/// Where each record lies in the file, its head and its rounding included.
fn find(file: &[u8]) -> Vec<(u32, Range<usize>)> {
    let u32_at = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
    let marks = (HEADER + HEAD..file.len() - 8).step_by(8).filter(|at| file[*at..*at + 4] == MARK);
    marks
        .map(|at| {
            let len = (u32_at(at - HEAD) & 0x7FFF_FFFF) as usize;
            (u32_at(at + 4), at - HEAD..at + len.next_multiple_of(8))
        })
        .collect()
}

/// Changes some bytes and says which. What they become follows from the input by a detour, so that
/// no fuzzer learns to forge a checksum: damage does not either.
fn harm(file: &File, input: &mut Input<'_>) -> Range<usize> {
    let len = file.metadata().expect("the ring's file").len() as usize;
    if len == 0 {
        return 0..0;
    }
    let at = input.u32() as usize % len;
    let range = at..(at + usize::from(input.u16())).min(len);
    let change = |range: &Range<usize>, change: &mut dyn FnMut(&mut u8)| {
        let mut bytes = vec![0; range.len()];
        file.read_exact_at(&mut bytes, range.start as u64).expect("a file in memory");
        bytes.iter_mut().for_each(change);
        file.write_all_at(&bytes, range.start as u64).expect("a file in memory");
    };
    match input.u8() % 4 {
        0 => {
            let mut rng = fastrand::Rng::with_seed(u64::from(input.u32()));
            change(&range, &mut |byte| *byte ^= rng.u8(1..));
            range
        }
        1 => {
            let bit = 1 << (input.u8() % 8);
            change(&(at..at + 1), &mut |byte| *byte ^= bit);
            at..at + 1
        }
        2 => {
            change(&range, &mut |byte| *byte = 0);
            range
        }
        _ => {
            file.set_len(at as u64).expect("a file in memory");
            at..usize::MAX
        }
    }
}

fn check(recovered: &Recovered, lies: &[(u32, Range<usize>)], touched: &[bool], left: Range<u32>) {
    let came: Vec<u32> = recovered
        .records
        .iter()
        .map(|record| {
            let n = u32::from_le_bytes(record.get(4..8).expect("no such record was pushed").try_into().expect("four"));
            assert_eq!(*record, payload(n, record.len()), "no such record was pushed");
            assert!(left.contains(&n), "record {n} was released, and came back");
            n
        })
        .collect();
    assert!(came.is_sorted_by(|a, b| a < b), "out of order, or twice: {came:?}");
    for ((n, _), touched) in lies.iter().zip(touched) {
        assert!(*touched || came.contains(n), "record {n} was not touched, and is lost; {came:?} came");
    }
    if came.len() < lies.len() {
        assert!(recovered.damaged || recovered.foreign.is_some() || came.is_empty(), "a loss that nobody is told of");
    }
}

/// Whatever was found, the ring takes and gives from then on.
fn goes_on(path: &Path, ring: Ring) {
    ring.push(b"goes on").expect("room, in a ring that was read");
    ring.clear_recovered();
    let mut came = Vec::new();
    while let Some(taken) = ring.take(256, 64 << 10, &mut |record| came.push(record.to_vec())) {
        ring.release(taken);
    }
    assert_eq!(came, [b"goes on".to_vec()]);
    drop(ring);
    let (_, recovered) = Ring::open(path).expect("a ring that was repaired");
    assert_eq!(recovered, Recovered::default());
}

fn seeds() -> Vec<Vec<u8>> {
    let lived = |steps: &[u8], count: u8, harms: &[(u32, u16, u8)]| {
        let seed = Seed::default().raw([1, count]).raw(steps).raw([harms.len() as u8]);
        let harm = |seed: Seed, (at, len, how): &(u32, u16, u8)| {
            seed.raw(at.to_le_bytes()).raw(len.to_le_bytes()).raw([*how]).raw([7, 7, 7, 7])
        };
        harms.iter().fold(seed, harm).done()
    };
    let ten: Vec<u8> = (0..10_u8).flat_map(|n| [2, n * 9]).collect();
    let lap: Vec<u8> = [[0, 1].repeat(40), [1, 30].to_vec(), [0, 2].repeat(20)].concat();
    vec![
        vec![0, 0],
        Seed::default().raw([0, 0]).raw("someone's notes").done(),
        Seed::default().raw([0, 1]).raw(0_u32.to_le_bytes()).run(b"PATRONR\x01").done(),
        lived(&ten, 10, &[]),
        lived(&ten, 10, &[(4_200, 1, 1)]),
        lived(&ten, 10, &[(0, 8, 2)]),
        lived(&ten, 10, &[(4_300, 300, 0), (200, 8, 1)]),
        lived(&ten, 10, &[(5_000, 0, 3)]),
        lived(&lap, 61, &[]),
        lived(&lap, 61, &[(70_000, 9, 0), (4_096, 40, 2)]),
        lived(&lap, 61, &[(264, 8, 1)]),
    ]
}
