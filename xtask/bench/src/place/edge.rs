//! How often a phone that lies at a fence's edge is told nonsense, and whether anyone is missed.
//!
//! The rules of others stand beside ours under the same noise, seed by seed.

use patron_core::place::edge::{Rule, arrival_delay_s, mixed_false, parked_per_hour, walks_missed};

use crate::row::{Bench, Row, Target};

pub const BENCH: Bench = Bench {
    title: "phones parked at the edge of a fence, and people who walk through",
    ids: &[
        "edge_false_per_h_5m",
        "edge_false_per_h_15m",
        "edge_false_per_h_50m",
        "edge_missed",
        "edge_arrival_s_5m",
        "edge_arrival_s_15m",
        "edge_mixed_false",
    ],
    run,
};

/// 4,000 hours: a rate of 0.15 is then known to within a tenth of it.
const PHONES: u64 = 1_000;
const HOURS: usize = 4;
const WALKS: u64 = 3_000;

fn run() -> anyhow::Result<Vec<Row>> {
    let parked = |id, sigma_m, target| row(id, "1/h", target, |rule| parked_per_hour(rule, sigma_m, PHONES, HOURS));
    let arrival = |id, sigma_m| row(id, "s", 30.0, |rule| arrival_delay_s(rule, sigma_m, WALKS).unwrap_or(f64::NAN));
    Ok(vec![
        parked("edge_false_per_h_5m", 5.0, 0.15),
        parked("edge_false_per_h_15m", 15.0, 0.8),
        parked("edge_false_per_h_50m", 50.0, 2.5),
        row("edge_missed", "walks", 0.0, |rule| walks_missed(rule, WALKS) as f64),
        arrival("edge_arrival_s_5m", 5.0),
        arrival("edge_arrival_s_15m", 15.0),
        row("edge_mixed_false", "transitions", 0.0, |rule| mixed_false(rule, PHONES) as f64),
    ])
}

fn row(id: &'static str, unit: &'static str, target: f64, measure: impl Fn(Rule) -> f64) -> Row {
    let others = Rule::ALL.into_iter().filter(|rule| *rule != Rule::Patron);
    let peers = others.map(|rule| (rule.name().to_owned(), measure(rule))).collect();
    Row { id, value: measure(Rule::Patron), unit, target: Target::AtMost(target), peers }
}
