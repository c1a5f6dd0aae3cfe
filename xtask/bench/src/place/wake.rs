//! Wake plans for a million random layouts, and how many of them would miss a fence.

use std::time::Instant;

use patron_core::place::plan::{Limits, WakePlan, layout, violation};

use crate::row::{Bench, Row, Target};

pub const BENCH: Bench = Bench { title: "wake plans for 1,000,000 random layouts", ids: &["wake_violations"], run };

const LAYOUTS: u64 = 1_000_000;

fn run() -> anyhow::Result<Vec<Row>> {
    let (mut violations, mut looking, mut planning) = (0u64, 0u64, 0.0);
    for seed in 0..LAYOUTS {
        let (places, here, accuracy_m) = layout(seed);
        let limits = if seed % 2 == 0 { Limits::IOS } else { Limits::ANDROID };
        let start = Instant::now();
        let plan = WakePlan::new(&places, here, accuracy_m, limits);
        planning += start.elapsed().as_secs_f64();
        looking += u64::from(plan.looking.is_some());
        if let Some(why) = violation(&plan, &places, limits) {
            violations += 1;
            eprintln!("layout {seed}: {why}");
        }
    }
    let peers = vec![
        ("(µs a plan)".to_owned(), planning * 1e6 / LAYOUTS as f64),
        ("(% of plans that ask for positions too)".to_owned(), looking as f64 * 100.0 / LAYOUTS as f64),
    ];
    Ok(vec![Row { id: "wake_violations", value: violations as f64, unit: "plans", target: Target::AtMost(0.0), peers }])
}
