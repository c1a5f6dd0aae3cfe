//! Deciding on a full catalogue, each offer with a rule of its own, for one person of whom much is known.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use jiff::tz::TimeZone;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::offer::rule::Facts;
use patron_core::offer::{
    DecisionInput, Freshness, History, Moments, OfferCatalogue, Person, Shopper, Wanted, Wishes, cards, decide, explain,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::row::{Bench, Row, Target};
use crate::rules::{self, spelt};
use crate::stats;

pub const BENCH: Bench = Bench {
    title: "decisions: 10,000 offers, and 250 with their explanation",
    ids: &["decide_10k_ms", "decide_250_us"],
    run,
};

/// The middle of so many runs.
const RUNS: usize = 31;

const NOW_MS: i64 = 1_795_341_600_000;
const DAY_MS: i64 = 86_400_000;

fn run() -> anyhow::Result<Vec<Row>> {
    let person = person();
    let full = catalogue(10_000)?;
    let shelf = catalogue(250)?;
    let mut wishes = Wishes::NEW;
    wishes.add("coffee", &[], None, NOW_MS)?;
    let gate = Gate::new(1, PurposeKind::ALL);
    let dismissed = BTreeSet::new();
    let (moments, history) = (Moments::NEW, History::NEW);
    let timed = |catalogue: &OfferCatalogue, work: fn(&DecisionInput<'_>, &Shopper<'_>) -> usize| {
        let wanted = Wanted::new(&wishes, catalogue);
        let input = DecisionInput {
            catalogue,
            freshness: Freshness::Fresh,
            gate: &gate,
            visits: &[],
            position: None,
            now_ms: NOW_MS,
            dismissed: &dismissed,
            placement: Some("home"),
            locale: "en",
        };
        let shopper = Shopper {
            installation: Uuid::nil(),
            person: &person,
            moments: &moments,
            wanted: &wanted,
            history: &history,
            zone: &TimeZone::UTC,
            asked: true,
        };
        let mut runs = Vec::new();
        let mut chosen = 0;
        for _ in 0..=RUNS {
            let start = Instant::now();
            chosen = work(black_box(&input), black_box(&shopper));
            runs.push(start.elapsed().as_nanos() as f64);
        }
        (stats::median(runs.split_off(1)), chosen) // the first one warms up
    };
    let (full_ns, chosen) = timed(&full, |input, shopper| black_box(decide(input, shopper)).chosen.len());
    ensure!((500..9_500).contains(&chosen), "{chosen} of 10,000 offers show: that tells nothing");
    // What an app is answered with: each offer's verdict, fact by fact, and a sentence with each card that shows.
    let (shelf_ns, _) = timed(&shelf, |input, shopper| black_box(cards(input, shopper, &decide(input, shopper))).len());
    let (plain_ns, _) = timed(&shelf, |input, shopper| black_box(decide(input, shopper)).chosen.len());
    let (traced_ns, _) = timed(&shelf, |input, shopper| black_box(explain(input, shopper)).decision.chosen.len());
    let row = |id, value, unit, most, peers| Row { id, value, unit, target: Target::AtMost(most), peers };
    Ok(vec![
        row("decide_10k_ms", full_ns / 1e6, "ms", 5.0, Vec::new()),
        row(
            "decide_250_us",
            shelf_ns / 1e3,
            "µs",
            150.0,
            vec![
                ("(verdicts alone)".to_owned(), plain_ns / 1e3),
                ("(with every rule's trace)".to_owned(), traced_ns / 1e3),
            ],
        ),
    ])
}

/// So many offers, each with a rule of its own, as a retailer publishes them.
fn catalogue(count: usize) -> anyhow::Result<OfferCatalogue> {
    let topics = ["coffee", "running", "skiing", "books", "garden"];
    let offers = spelt(count).into_iter().enumerate().map(|(n, rule)| {
        let audience: Value = serde_json::from_str(&rule.ours)?;
        Ok(json!({
            "id": format!("offer-{n}"), "title": format!("Offer number {n}"), "priority": n % 100,
            "placements": ["home"], "benefit": { "kind": "percent", "percent": 1 + n % 90 }, "value": n % 101,
            "topics": [topics[n % topics.len()]], "expires_at": "2099-12-31T23:59:59Z", "audience": audience,
            "caps": [{ "times": 3, "hours": 24 }],
        }))
    });
    let offers = offers.collect::<anyhow::Result<Vec<Value>>>()?;
    let document = json!({ "version": "1", "offers": offers }).to_string();
    let (catalogue, quarantined) = OfferCatalogue::parse(document.as_bytes())?;
    ensure!(quarantined.is_empty(), "{}", quarantined[0]);
    Ok(catalogue)
}

/// The person of the rules' rows, as the engine knows one.
fn person() -> Person {
    let usual = rules::Person::usual();
    let document = usual.document();
    let flags = document["segments"].as_object().into_iter().flatten();
    let segments: BTreeMap<String, bool> = flags.filter_map(|(name, is)| Some((name.clone(), is.as_bool()?))).collect();
    // So many within a week, a month and a quarter.
    let times = |[week, month, quarter]: [u32; 3]| {
        let spread = [(quarter - month, 60), (month - week, 20), (week, 3)];
        spread.into_iter().flat_map(|(n, days)| (0..n).map(move |_| NOW_MS - days * DAY_MS)).collect::<Vec<_>>()
    };
    let windows = |count: &dyn Fn(u32) -> u32| times([7, 30, 90].map(count));
    let visits = (0..40).map(|n| {
        let store = format!("store-{n}");
        let at = windows(&|days| usual.visits(&store, days).unwrap_or_default());
        (store, at)
    });
    let events = ["dev.patron.offer.saved", "dev.patron.offer.redeemed", "dev.patron.purchase"];
    Person {
        segments,
        affinities: [("coffee", 80), ("running", 40)].map(|(topic, percent)| (topic.to_owned(), percent)).into(),
        visits: visits.collect(),
        events: events
            .map(|event| (event.to_owned(), windows(&|days| usual.count(event, days).unwrap_or_default())))
            .into(),
        counted: true,
        facts: document,
    }
}
