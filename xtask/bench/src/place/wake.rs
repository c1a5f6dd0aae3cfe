//! Wake plans for a million random layouts, and how many of them would miss a fence.

use std::time::Instant;

use patron_core::place::plan::{Limits, Region, WakePlan, layout, violation};
use patron_core::place::{Circle, Places};

use crate::row::{Bench, Row, Target};

pub const BENCH: Bench = Bench { title: "wake plans for 1,000,000 random layouts", ids: &["wake_violations"], run };

const LAYOUTS: u64 = 1_000_000;

/// A phone that saves its battery tells an app of its position after so many metres.
const NEXT_LOOK_M: f64 = 500.0;

fn run() -> anyhow::Result<Vec<Row>> {
    let (mut violations, mut looking, mut planning) = (0u64, 0u64, 0.0);
    let mut missed_by_nearest = 0u64;
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
        missed_by_nearest += u64::from(violation(&nearest_alone(&places, here, limits), &places, limits).is_some());
    }
    let peers = vec![
        ("(µs a plan)".to_owned(), planning * 1e6 / LAYOUTS as f64),
        ("(% of plans that ask for positions too)".to_owned(), looking as f64 * 100.0 / LAYOUTS as f64),
        ("the nearest alone, chosen again after 500 m".to_owned(), missed_by_nearest as f64),
    ];
    Ok(vec![Row { id: "wake_violations", value: violations as f64, unit: "plans", target: Target::AtMost(0.0), peers }])
}

/// What apps do without a plan: the nearest fences, as many as the platform takes.
fn nearest_alone(places: &Places, (latitude, longitude): (f64, f64), limits: Limits) -> WakePlan {
    let nearest = places.index().nearest(latitude, longitude, limits.regions as usize);
    let region = |(at, _): (usize, f64)| {
        let place = places.all().get(at)?;
        let circle = place.fence.as_ref()?.around();
        let radius_m = circle.radius_m.max(limits.least_radius_m);
        Some(Region { id: format!("fence:{}", place.id), circle: Circle { radius_m, ..circle }, places: vec![at] })
    };
    WakePlan {
        regions: nearest.into_iter().filter_map(region).collect(),
        safe: Circle { latitude, longitude, radius_m: NEXT_LOOK_M },
        looking: None,
    }
}
