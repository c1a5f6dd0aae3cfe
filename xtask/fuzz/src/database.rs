//! A store's files with any of their bytes changed, cut off or in another's place.

use patron_core::fuzzing::Device;

use crate::Target;
use crate::device::{Files, LATER, folder, killed, lived, ring};
use crate::input::{Input, Seed};
use crate::row::live_on;

pub(crate) const TARGET: Target = Target {
    name: "database",
    promise: "whatever became of its files, a store opens, sets them aside and carries over what reads, or says what is wrong",
    max_len: 2048,
    words: &["SQLite format 3\0", "\x0d", "\x05", "CREATE TABLE", "event", "queue"],
    run,
    seeds,
};

/// More changes than this leave nothing.
const MOST: usize = 16;

/// A file does not grow above this here; a fuzzer would only fill it.
const LONGEST: usize = 256 << 10;

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let base = if input.one_in(2) { lived() } else { killed() };
    let mut files = Files(base.0.clone());
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        let at = usize::from(input.u8()) % files.0.len();
        hurt(&mut files, at, &mut input);
    }
    let folder = folder();
    files.lay(folder.path());
    if let Ok(mut device) = Device::open(folder.path(), ring(), LATER) {
        let told = device.diagnostics();
        // What was salvaged was counted while it was written: there nothing is unknown.
        if let Ok(told) = told
            && told.set_aside.iter().any(|one| one.file.starts_with("patron.db.damaged"))
        {
            assert!(told.account.balances(), "{:?}", told.account);
        }
    }
    // It may be beyond help, and then says so.
    let _ = live_on(folder.path());
}

fn hurt(files: &mut Files, at: usize, input: &mut Input<'_>) {
    let whole = files.0[at].1.clone();
    let bytes = &mut files.0[at].1;
    let place = |input: &mut Input<'_>, len: usize| if len == 0 { 0 } else { input.u32() as usize % len };
    match input.u8() % 6 {
        // Other bytes in their place.
        0 => {
            let from = place(input, bytes.len());
            let run = input.run();
            bytes.iter_mut().skip(from).zip(run).for_each(|(byte, other)| *byte = *other);
        }
        1 => {
            let from = place(input, bytes.len());
            bytes.truncate(from);
        }
        2 => bytes.splice(.., input.run().iter().copied()).for_each(drop),
        // A page in another's place, as a disk does that loses its way.
        3 => {
            let pages = bytes.len() / 4096;
            if pages > 0 {
                let (from, to) = (usize::from(input.u8()) % pages, usize::from(input.u8()) % pages);
                bytes.copy_within(from * 4096..(from + 1) * 4096, to * 4096);
            }
        }
        // A run of nothing.
        4 => {
            let from = place(input, bytes.len());
            let len = usize::from(input.u16());
            bytes.iter_mut().skip(from).take(len).for_each(|byte| *byte = 0);
        }
        _ => {
            let other = usize::from(input.u8()) % files.0.len();
            let mut run = files.0[other].1.clone();
            run.extend(whole);
            run.truncate(LONGEST);
            files.0[at].1 = run;
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let write = |base: u8, file: u8, at: u32, run: &[u8]| {
        Seed::default().raw([base, file, 0]).raw(at.to_le_bytes()).run(run).done()
    };
    let cut = |base: u8, file: u8, at: u32| Seed::default().raw([base, file, 1]).raw(at.to_le_bytes()).done();
    let mut seeds = vec![
        vec![0],
        vec![1],
        Seed::default().raw([0, 0, 2]).run("not a database at all").done(),
        cut(0, 0, 0),
        cut(0, 0, 5_000),
        cut(1, 1, 10_000),
        cut(1, 0, 4_096),
        // The version of a schema to come, and of one that never was.
        write(0, 0, 60, &[0, 0, 0, 9]),
        write(0, 0, 60, &[0xFF; 4]),
        vec![0, 0, 3, 2, 5],
        vec![1, 0, 5, 1],
    ];
    // The head of each page of the main file: where its tree begins.
    seeds.extend((1..12).map(|page| write(0, 0, page * 4096, &[0xAA; 12])));
    seeds.extend((1..6).map(|page| write(0, 0, page * 4096 + 3_900, &[0x55; 64])));
    seeds
}
