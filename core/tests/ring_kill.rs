//! What was pushed survives a SIGKILL: a real child process, killed for real.
//!
//! The child is this same test binary: `child` does nothing unless it is told a job by the
//! environment. Negative control: with the file mapped privately (`map_copy` in place of `map_raw`
//! in the ring's `file.rs`) nothing survives and both kill tests fail; with the zeroing moved in
//! front of the word `drained`, the random kills find a damaged ring. The same idea stands here
//! as a test, `a_copy_in_memory_does_not_survive`: recovery from a file that the child's pages
//! were never shared with.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::HashMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use patron_core::store::ring::Ring;

const JOB: &str = "PATRON_RING_KILL_JOB";
const FOLDER: &str = "PATRON_RING_KILL_FOLDER";

fn spawn(job: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(JOB, job)
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn event(run: u64, producer: u64, n: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(300);
    [run, producer, n].iter().for_each(|word| bytes.extend(word.to_le_bytes()));
    bytes.resize(60 + (n as usize * 31) % 400, (n % 251) as u8);
    bytes
}

fn parts(record: &[u8]) -> (u64, u64, u64) {
    let word = |at: usize| u64::from_le_bytes(record[at..at + 8].try_into().unwrap());
    (word(0), word(8), word(16))
}

fn die() -> ! {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
    unreachable!("a SIGKILL cannot be survived")
}

/// Not a test by itself: the body of the processes that the tests below kill.
#[test]
fn child() {
    let Ok(job) = std::env::var(JOB) else { return };
    let folder = std::path::PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let path = folder.join("ring");
    if job == "thousand" {
        let (ring, _) = Ring::open(&path).unwrap();
        (0..1_000).for_each(|n| assert!(ring.push(&event(0, 0, n)).is_ok()));
        die();
    }
    if job == "memory" {
        let (ring, _) = Ring::open(&path).unwrap();
        // What a file holds that was copied, and not mapped, when the ring was still empty.
        fs::copy(&path, folder.join("copy")).unwrap();
        (0..1_000).for_each(|n| assert!(ring.push(&event(0, 0, n)).is_ok()));
        die();
    }
    let run: u64 = job.parse().unwrap();
    work(&folder, &path, run);
}

/// Two producers push and note what was taken, while an engine stores and releases, until killed.
fn work(folder: &Path, path: &Path, run: u64) {
    let (ring, recovered) = Ring::open(path).unwrap();
    store(folder, &recovered.records);
    ring.clear_recovered();
    std::thread::scope(|scope| {
        for producer in 0..2 {
            let ring = &ring;
            // A counter in a file of its own: eight bytes in one write, after the push returned.
            let noted = fs::File::create(folder.join(format!("noted-{run}-{producer}"))).unwrap();
            scope.spawn(move || {
                for n in 1_u64.. {
                    while ring.push(&event(run, producer, n)).is_err() {
                        std::thread::yield_now();
                    }
                    std::os::unix::fs::FileExt::write_all_at(&noted, &n.to_le_bytes(), 0).unwrap();
                }
            });
        }
        loop {
            let mut group = Vec::new();
            if let Some(taken) = ring.take(256, 64 << 10, &mut |record| group.push(record.to_vec())) {
                store(folder, &group);
                ring.release(taken);
            }
        }
    });
}

/// Stands in for the database: one append is all or, at the very end of the file, cut short.
fn store(folder: &Path, records: &[Vec<u8>]) {
    use std::io::Write;
    let mut bytes = Vec::new();
    for record in records {
        bytes.extend((record.len() as u32).to_le_bytes());
        bytes.extend(record);
    }
    let mut file = fs::OpenOptions::new().append(true).create(true).open(folder.join("stored")).unwrap();
    file.write_all(&bytes).unwrap();
}

fn stored(folder: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(folder.join("stored")).unwrap_or_default();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while let Some((len, tail)) = rest.split_first_chunk::<4>() {
        let len = u32::from_le_bytes(*len) as usize;
        let Some((record, tail)) = tail.split_at_checked(len) else { break };
        records.push(record.to_vec());
        rest = tail;
    }
    records
}

#[test]
fn a_thousand_pushes_survive_the_kill_right_behind_them() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let status = spawn("thousand", folder.path()).wait().unwrap();
        assert_eq!(status.signal(), Some(9));
        let (_ring, recovered) = Ring::open(&folder.path().join("ring")).unwrap();
        assert!(!recovered.damaged);
        assert_eq!(recovered.records, (0..1_000).map(|n| event(0, 0, n)).collect::<Vec<_>>());
    }
}

#[test]
fn a_copy_in_memory_does_not_survive() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(spawn("memory", folder.path()).wait().unwrap().signal(), Some(9));
    let (_ring, recovered) = Ring::open(&folder.path().join("copy")).unwrap();
    assert!(recovered.records.is_empty(), "the control kept its records, so the test above proves nothing");
}

#[test]
fn kills_at_random_moments_lose_nothing_and_invent_nothing() {
    const KILLS: u64 = 12;
    let folder = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(42);
    for run in 0..KILLS {
        let mut child = spawn(&run.to_string(), folder.path());
        let started = folder.path().join(format!("noted-{run}-1"));
        while fs::metadata(&started).map_or(0, |found| found.len()) < 8 {
            assert!(child.try_wait().unwrap().is_none(), "the child died by itself");
            std::thread::yield_now();
        }
        // Real processes run in real time: this is where in its work the kill hits.
        std::thread::sleep(Duration::from_micros(rng.u64(0..20_000)));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        // What was being appended when the kill came is still in the ring: cut it off.
        let whole: u64 = stored(folder.path()).iter().map(|record| 4 + record.len() as u64).sum();
        if let Ok(file) = fs::OpenOptions::new().write(true).open(folder.path().join("stored")) {
            file.set_len(whole).unwrap();
        }
    }
    let (_ring, recovered) = Ring::open(&folder.path().join("ring")).unwrap();
    assert!(!recovered.damaged);
    let mut seen: HashMap<(u64, u64), Vec<u64>> = HashMap::new();
    for record in stored(folder.path()).iter().chain(&recovered.records) {
        let (run, producer, n) = parts(record);
        assert_eq!(*record, event(run, producer, n), "a record that no one pushed");
        seen.entry((run, producer)).or_default().push(n);
    }
    let mut total = 0;
    for run in 0..KILLS {
        for producer in 0..2 {
            // A producer may not have come to its first push before the kill.
            let noted = fs::read(folder.path().join(format!("noted-{run}-{producer}"))).unwrap_or_default();
            let noted = noted.try_into().map_or(0, u64::from_le_bytes);
            let mut came = seen.remove(&(run, producer)).unwrap_or_default();
            // Between the commit and the release a record is in both: the event id settles that.
            came.sort_unstable();
            came.dedup();
            assert!(came.iter().copied().eq(1..=came.len() as u64), "a hole in run {run}, producer {producer}");
            assert!(came.len() as u64 >= noted, "run {run}, producer {producer}: {} of {noted}", came.len());
            total += noted;
        }
    }
    assert!(total > 1_000, "only {total} pushes in all: the kills came too early to prove anything");
}
