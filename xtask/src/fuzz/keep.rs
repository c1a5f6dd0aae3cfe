//! Chooses what of a long run is worth a place in the repository.
//!
//! libFuzzer says which edges each input reaches; the inputs are taken one by one, each time the
//! one that adds most for its length, until nothing is added or the share is full. An input called
//! `found-…` once broke a promise, and stays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use patron_fuzz::Target;
use sha2::{Digest, Sha256};

use super::{Folders, program};
use crate::step::Step;

/// A target's share of the corpus; its test holds the sum of all.
const MOST_FILES: usize = 20;
const MOST_BYTES: usize = 24 * 1024;

/// An input, and the edges that it reaches.
struct Candidate {
    path: PathBuf,
    len: usize,
    edges: BTreeSet<u64>,
}

/// Replaces the committed corpus of `target`.
pub(super) fn keep(path: &Path, target: &Target) -> Result<()> {
    let folders = Folders::of(target)?;
    let told = folders.found.with_extension("edges");
    let merged = tempfile::tempdir()?;
    let _ = std::fs::remove_file(&told);
    let mut command = program(path, target);
    command
        .args(["-merge=1", "-use_value_profile=0"])
        .arg(format!("-merge_control_file={}", told.display()))
        .arg(merged.path())
        .args([&folders.committed, &folders.found]);
    let step = Step::begin(format!("fuzz: choose for {}", target.name))?;
    step.run(&mut command)?;
    let text = std::fs::read_to_string(&told).with_context(|| format!("cannot read {}", told.display()))?;
    let chosen = choose(candidates(&text)?);
    let kept = chosen.iter().map(|c| Ok((name(&c.path)?, std::fs::read(&c.path)?))).collect::<Result<Vec<_>>>()?;
    for entry in std::fs::read_dir(&folders.committed)? {
        std::fs::remove_file(entry?.path())?;
    }
    for (name, bytes) in &kept {
        std::fs::write(folders.committed.join(name), bytes)?;
    }
    step.done(&format!("{} inputs", kept.len()));
    Ok(())
}

/// The content's hash, so that the same choice is the same files; but for what was found, which
/// has a name.
fn name(path: &Path) -> Result<String> {
    if is_found(path) {
        return Ok(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    }
    let hash = Sha256::digest(std::fs::read(path)?);
    Ok(hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn is_found(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("found-"))
}

/// Reads libFuzzer's account of a merge: the inputs' names, then `STARTED n length` and `COV n edge …`.
fn candidates(text: &str) -> Result<Vec<Candidate>> {
    let mut lines = text.lines();
    let count: usize = lines.next().and_then(|line| line.trim().parse().ok()).context("no count of inputs")?;
    let _of_the_first_folder = lines.next();
    let mut candidates: Vec<Candidate> = lines
        .by_ref()
        .take(count)
        .map(|line| Candidate { path: line.into(), len: 0, edges: BTreeSet::new() })
        .collect();
    for line in lines {
        let mut words = line.split_whitespace();
        let word = words.next();
        let mut numbers = words.filter_map(|number| number.parse::<u64>().ok());
        let Some(of) = numbers.next().and_then(|at| candidates.get_mut(at as usize)) else { continue };
        match word {
            Some("STARTED") => of.len = numbers.next().unwrap_or(0) as usize,
            Some("COV") => of.edges.extend(numbers),
            _ => {}
        }
    }
    Ok(candidates)
}

fn choose(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let (mut chosen, mut rest): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|c| is_found(&c.path));
    let mut seen: BTreeSet<u64> = chosen.iter().flat_map(|c| c.edges.iter().copied()).collect();
    let mut bytes: usize = chosen.iter().map(|c| c.len).sum();
    while chosen.len() < MOST_FILES {
        let gain = |c: &Candidate| c.edges.difference(&seen).count();
        let fits = |c: &Candidate| bytes + c.len <= MOST_BYTES && gain(c) > 0;
        // Edges for bytes, where a file by itself costs as much as a few dozen of them.
        let worth = |c: &Candidate| gain(c) * 1_000_000 / (c.len + 64);
        let best = rest.iter().enumerate().filter(|(_, c)| fits(c)).max_by_key(|(_, c)| worth(c)).map(|(at, _)| at);
        let Some(best) = best else { break };
        let next = rest.swap_remove(best);
        bytes += next.len;
        seen.extend(next.edges.iter().copied());
        chosen.push(next);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adds_nothing_is_left_and_what_was_found_stays() {
        let text = "4\n0\na\nb\nc\nfound-loop\nSTARTED 0 10\nCOV 0 1 2 3\nSTARTED 1 10\nCOV 1 2 3\nSTARTED 2 9000\n\
                    COV 2 4\nSTARTED 3 5\nCOV 3 3\n";
        let chosen = choose(candidates(text).expect("it reads"));
        let names: Vec<_> = chosen.iter().map(|c| c.path.display().to_string()).collect();
        assert_eq!(names, ["found-loop", "a", "c"]);
    }
}
