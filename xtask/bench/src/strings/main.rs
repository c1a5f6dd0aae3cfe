//! Decodes consent strings, counts time and memory, and prints both as one JSON object.
//!
//! A program of its own, for its allocator counts: nothing else that is measured shall pay for that.

#[allow(dead_code, reason = "the tests of the core write more with it")]
#[path = "../../../../core/src/consent/signal/encoder.rs"]
mod encoder;

use std::hint::black_box;
use std::str::FromStr as _;
use std::time::Instant;

use anyhow::Context as _;
use iab_gpp::sections::tcfeuv2::TcfEuV2;
use patron_core::consent::signal::{Declared, MAX_SIGNAL_BYTES, Signals};
use peak_alloc::PeakAlloc;

use encoder::TcParts;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const STRINGS: &str = include_str!("../../../../core/tests/data/signals.txt");

/// Each is timed so many times, and its median counts: what a machine does meanwhile is not the string's.
const RUNS: usize = 31;

/// 2 January 2024: after the policy changed, before vendors had to be disclosed.
const CREATED_MS: u64 = 1_704_153_600_000;

fn main() -> anyhow::Result<()> {
    let (mut worst_ms, mut worst_kib) = (0_f64, 0_f64);
    for (name, signals) in hostile() {
        let (ms, kib) = (median_us(|| read(&signals)) / 1e3, peak_kib(|| read(&signals)));
        eprintln!("  {name}: {ms:.3} ms, {kib:.0} KiB");
        (worst_ms, worst_kib) = (worst_ms.max(ms), worst_kib.max(kib));
    }
    // What a banner in use wrote: 1 KiB of bit fields.
    let usual = STRINGS.lines().find(|line| line.contains("a banner in use")).and_then(|line| line.split_once('\t'));
    let usual = usual.context("no usual string")?.1;
    let typical_us = median_us(|| read(&tcf(usual.to_owned())));
    let peer_typical_us = median_us(|| drop(black_box(TcfEuV2::from_str(black_box(usual)))));
    // The peer is asked for the longest string that is merely long: its own worst case takes minutes.
    let long = every_other();
    let peer_ms = median_us(|| drop(black_box(TcfEuV2::from_str(black_box(&long))))) / 1e3;
    let peer_kib = peak_kib(|| drop(black_box(TcfEuV2::from_str(black_box(&long)))));
    let told = serde_json::json!({
        "worst_ms": worst_ms, "worst_kib": worst_kib, "typical_us": typical_us,
        "peer_ms": peer_ms, "peer_kib": peer_kib, "peer_typical_us": peer_typical_us,
    });
    serde_json::to_writer(std::io::stdout(), &told)?;
    Ok(())
}

/// Decoded and turned into what it takes away: what the engine asks for.
fn read(signals: &Signals) {
    black_box(black_box(signals).lowered());
}

fn tcf(text: String) -> Signals {
    Signals { tcf: Declared::Is(text), ..Signals::default() }
}

fn gpp(text: String) -> Signals {
    Signals { gpp: Declared::Is(text), ..Signals::default() }
}

/// Three sections of 65,535 vendors, every other of them set: the most intervals that bits can make.
fn every_other() -> String {
    let vendors: encoder::Ranges = (1..=u16::MAX).step_by(2).map(|id| (id, id)).collect();
    let parts = TcParts::all(4, CREATED_MS);
    TcParts { vendors_li: vendors.clone(), disclosed: Some(vendors.clone()), vendors, as_ranges: false, ..parts }.text()
}

/// The worst of each kind that 64 KiB can hold.
fn hostile() -> Vec<(&'static str, Signals)> {
    let backwards: encoder::Ranges = (1..=4_095_u16).rev().map(|id| (id * 16, id * 16 + 1)).collect();
    let ranges = TcParts {
        vendors: backwards.clone(),
        vendors_li: backwards.clone(),
        restrictions: vec![(1, 0, backwards[..3_600].to_vec())],
        ..TcParts::all(4, CREATED_MS)
    };
    let restrictions =
        TcParts { restrictions: vec![(1, 0, vec![(7, 9), (1, 2)]); 4_095], ..TcParts::all(4, CREATED_MS) };
    let noise: String = (0..MAX_SIGNAL_BYTES).map(|n| char::from(b"COty_-9A"[n % 8])).collect();
    let strings = vec![
        ("every other vendor, three times", tcf(every_other())),
        ("ranges backwards", tcf(ranges.text())),
        ("4,095 restrictions", tcf(restrictions.text())),
        ("noise", tcf(noise.clone())),
        ("nothing but segments", tcf(format!("{}{}", TcParts::all(4, CREATED_MS).text(), ".QA".repeat(21_000)))),
        ("GPP around every other vendor", gpp(format!("DBABMA~{}", every_other()))),
        ("GPP around noise", gpp(format!("DBABRg~{}", &noise[..MAX_SIGNAL_BYTES - 10]))),
        ("GPP of nothing but sections", gpp(format!("DBABMA{}", "~".repeat(65_000)))),
        ("GPP with an endless header", gpp(format!("DB__{}", "t".repeat(65_000)))),
    ];
    strings
}

fn median_us(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// The most that was allocated at once, above what was there before.
fn peak_kib(work: impl FnOnce()) -> f64 {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before) as f64 / 1024.0
}
