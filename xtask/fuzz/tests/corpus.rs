//! The committed corpus, replayed without a fuzzer: what was found once stays found.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use patron_fuzz::{TARGETS, Target, find};

/// The repository carries the corpus for ever.
const MOST_FILES: usize = 240;
const MOST_BYTES: u64 = 300 * 1024;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Every seed and every file of the corpus; all of them, and then the names of those that failed.
fn replay(target: &Target) {
    let committed = files(&corpus().join(target.name));
    let inputs = committed.iter().map(|file| (file.display().to_string(), fs::read(file).unwrap()));
    let seeds = (target.seeds)().into_iter().enumerate().map(|(n, seed)| (format!("seed {n}"), seed));
    let run = target.run;
    let broken: Vec<String> =
        inputs.chain(seeds).filter(|(_, bytes)| catch_unwind(|| run(bytes)).is_err()).map(|(name, _)| name).collect();
    assert!(broken.is_empty(), "{}: {}; broken by {broken:#?}", target.name, target.promise);
}

#[test]
fn any_bytes_are_a_record_or_an_error() {
    replay(find("record").unwrap());
}

#[test]
fn a_bad_configuration_is_refused_with_the_name_of_its_field() {
    replay(find("config").unwrap());
}

#[test]
fn any_text_is_a_tc_string_or_an_error() {
    replay(find("tcf").unwrap());
}

#[test]
fn any_text_is_a_gpp_string_or_an_error() {
    replay(find("gpp").unwrap());
}

#[test]
fn any_event_is_refused_with_the_name_of_its_field_or_recorded() {
    replay(find("event").unwrap());
}

#[test]
fn any_answer_settles_each_event_once_or_none() {
    replay(find("response").unwrap());
}

#[test]
fn any_bytes_are_a_catalogue_or_an_error_with_its_place() {
    replay(find("catalogue").unwrap());
}

#[test]
fn any_text_is_a_rule_that_is_explained_as_it_is_judged() {
    replay(find("rule").unwrap());
}

#[test]
fn a_hurt_ring_gives_back_every_record_that_was_not_touched() {
    replay(find("ring").unwrap());
}

#[test]
fn whatever_a_backend_answers_the_account_balances() {
    replay(find("replies").unwrap());
}

#[test]
fn whatever_stands_in_its_rows_a_store_opens_and_goes_on() {
    replay(find("row").unwrap());
}

#[test]
fn whatever_became_of_its_files_a_store_opens_or_says_what_is_wrong() {
    replay(find("database").unwrap());
}

#[test]
fn any_run_of_positions_makes_visits_that_are_well_formed() {
    replay(find("fix").unwrap());
}

#[test]
fn any_bytes_are_fences_or_an_error_with_its_path() {
    replay(find("fence").unwrap());
}

#[test]
fn any_advertisement_is_a_beacon_or_none() {
    replay(find("beacon").unwrap());
}

#[test]
fn every_target_has_a_corpus_and_all_of_it_is_small() {
    let folders: Vec<String> =
        files(&corpus()).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let mut names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    assert_eq!(folders, names);
    let all: Vec<PathBuf> = names.iter().flat_map(|name| files(&corpus().join(name))).collect();
    let bytes: u64 = all.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert!(all.len() <= MOST_FILES && bytes <= MOST_BYTES, "{} files, {bytes} bytes", all.len());
}
