//! What a fuzzer throws at the core, and what must hold whatever it throws.
//!
//! A target is a function of bytes that panics when a promise is broken. `cargo xtask fuzz` runs
//! them under libFuzzer; the tests replay the committed corpus through the same functions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a target says no")]

mod catalogue;
mod config;
mod database;
mod device;
mod event;
mod input;
mod place;
mod record;
mod replies;
mod response;
mod ring;
mod row;
mod rule;
mod script;
mod signal;

/// One thing to be thrown at.
pub struct Target {
    /// What `--target` calls it, and the folder of its corpus.
    pub name: &'static str,
    /// What must hold, in a line.
    pub promise: &'static str,
    /// Longer inputs say nothing new, and take longer.
    pub max_len: usize,
    /// Words that stand in good inputs: a fuzzer does not find them letter by letter.
    pub words: &'static [&'static str],
    /// Panics when the promise is broken.
    pub run: fn(&[u8]),
    /// Where a fuzzer that has nothing yet begins.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them, the quick ones first.
pub const TARGETS: &[Target] = &[
    record::TARGET,
    config::TARGET,
    signal::TCF,
    signal::GPP,
    event::TARGET,
    response::TARGET,
    place::FIX,
    place::FENCE,
    place::BEACON,
    rule::TARGET,
    catalogue::TARGET,
    ring::TARGET,
    replies::TARGET,
    row::TARGET,
    database::TARGET,
];

/// The target of that name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
