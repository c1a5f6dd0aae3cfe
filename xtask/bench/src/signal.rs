//! Consent strings: the worst of 64 KiB, and a usual one.

use std::process::Command;

use anyhow::Context as _;

use crate::row::{Bench, Row, Target};

pub const BENCH: Bench = Bench {
    title: "consent strings",
    ids: &["consent_string_64k_ms", "consent_string_64k_kib", "consent_string_typical_us"],
    run,
};

/// The program that counts its memory, built beside this one.
const PROGRAM: &str = "patron-bench-strings";

#[derive(serde::Deserialize)]
struct Measured {
    worst_ms: f64,
    worst_kib: f64,
    typical_us: f64,
    peer_ms: f64,
    peer_kib: f64,
    peer_typical_us: f64,
}

fn run() -> anyhow::Result<Vec<Row>> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let output = Command::new(&program).stderr(std::process::Stdio::inherit()).output().context(PROGRAM)?;
    anyhow::ensure!(output.status.success(), "{PROGRAM} ended with {}", output.status);
    let it: Measured = serde_json::from_slice(&output.stdout).context(PROGRAM)?;
    let row = |id, value, unit, bound, peer: &str, peers| Row {
        id,
        value,
        unit,
        target: Target::AtMost(bound),
        peers: vec![(peer.to_owned(), peers)],
    };
    let long = "iab_gpp, bit fields only";
    Ok(vec![
        row("consent_string_64k_ms", it.worst_ms, "ms", 2.0, long, it.peer_ms),
        row("consent_string_64k_kib", it.worst_kib, "KiB", 1_024.0, long, it.peer_kib),
        row("consent_string_typical_us", it.typical_us, "µs", 50.0, "iab_gpp", it.peer_typical_us),
    ])
}
