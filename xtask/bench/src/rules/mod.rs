//! Audience rules: judging one of ten thousand, explaining it, reading it, holding it.
//!
//! Every rule stands in three spellings (ours with its own operators, plain JsonLogic over a document,
//! JEXL), and all engines must come to the same for each before anything is measured.

mod crowd;
mod peers;

use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use patron_core::offer::rule::{JsonFacts, Rule};

pub use crowd::{Person, Spelt, spelt};

use crate::row::{Bench, Row, Target};
use crate::stats;

pub const BENCH: Bench = Bench {
    title: "audience rules: 10,000 of them, for one person",
    ids: &["rule_judge_ns", "rule_explain_ns", "rule_parse_ns", "rule_bytes"],
    run,
};

const RULES: usize = 10_000;

/// The middle of so many runs.
const RUNS: usize = 9;

fn run() -> anyhow::Result<Vec<Row>> {
    let spelt = spelt(RULES);
    let person = Person::usual();
    let document = person.document();
    let read = |text: &str| Rule::parse(text).map_err(|why| anyhow::anyhow!("{why}: {text}"));
    let ours = spelt.iter().map(|rule| read(&rule.ours)).collect::<anyhow::Result<Vec<Rule>>>()?;
    let plain = spelt.iter().map(|rule| read(&rule.plain.to_string())).collect::<anyhow::Result<Vec<Rule>>>()?;
    let facts = JsonFacts(&document);

    let expected: Vec<bool> = ours.iter().map(|rule| rule.judge(&person).truth.eligible()).collect();
    let holding = expected.iter().filter(|holds| **holds).count();
    ensure!((RULES / 20..RULES * 19 / 20).contains(&holding), "{holding} of {RULES} rules hold: they tell nothing");
    let alike = plain.iter().map(|rule| rule.judge(&facts).truth.eligible()).eq(expected.iter().copied());
    ensure!(alike, "a rule comes to something else in plain JsonLogic");

    let judge = each(&ours, |rule| rule.judge(&person).truth.eligible());
    let explain = each(&ours, |rule| rule.explain(&person).judged.truth.eligible());
    let parse = each(&spelt, |rule| Rule::parse(&rule.ours).is_ok());
    let bytes = ours.iter().map(|rule| size_of::<Rule>() + rule.heap_bytes()).sum::<usize>() as f64 / RULES as f64;

    let mut peers =
        vec![("(ours, plain JsonLogic)".to_owned(), each(&plain, |rule| rule.judge(&facts).truth.eligible()))];
    let mut parsing = Vec::new();
    peers::datalogic(&spelt, &document, &expected, &mut peers, &mut parsing)?;
    peers::jsonlogic(&spelt, &document, &expected, &mut peers)?;
    peers::jexl(&spelt, &document, &expected, &mut peers)?;
    let row = |id, value, unit, target, peers| Row { id, value, unit, target, peers };
    Ok(vec![
        row("rule_judge_ns", judge, "ns", Target::AtMost(300.0), peers),
        row("rule_explain_ns", explain, "ns", Target::Told, Vec::new()),
        row("rule_parse_ns", parse, "ns", Target::Told, parsing),
        row("rule_bytes", bytes, "B", Target::Told, Vec::new()),
    ])
}

/// Nanoseconds that `work` takes for one of `all`, the median of some runs.
fn each<T>(all: &[T], mut work: impl FnMut(&T) -> bool) -> f64 {
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        for one in all {
            black_box(work(black_box(one)));
        }
        runs.push(start.elapsed().as_nanos() as f64 / all.len() as f64);
    }
    stats::median(runs.split_off(1)) // the first one warms up
}
