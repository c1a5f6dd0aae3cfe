//! A position against 10, 10,000 and 1,000,000 fences; what the index takes to hold and to build.
//!
//! The row is a whole location update: the fix checked, the fences found, the visits stepped. Every
//! fix is elsewhere, so nothing is warm. Beside it stands the lookup alone, ours and the peers',
//! which answer the same question: which circles hold the position.

use std::hint::black_box;
use std::time::Instant;

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree as PackedTree, RTreeBuilder, RTreeIndex as _};
use patron_core::clock::Now;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::place::{Fence, FenceIndex, Fix, FixInput, VisitTracker};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use uuid::Uuid;

use super::country::Country;
use crate::row::{Bench, Row, Target};
use crate::stats;

pub const BENCH: Bench = Bench {
    title: "location update with 10, 10,000 and 1,000,000 fences; the index; the 20 nearest",
    ids: &["locate_10_ns", "locate_10k_ns", "locate_1m_ns", "fence_bytes", "index_1m_build_ms", "nearest_20_ns"],
    run,
};

/// The middle of so many runs.
const RUNS: usize = 5;

/// So many of the nearest: what an iPhone watches at once.
const NEAREST: usize = 20;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

fn run() -> anyhow::Result<Vec<Row>> {
    let mut rows =
        vec![locate("locate_10_ns", 300.0, &Country::of(10)), locate("locate_10k_ns", 1_000.0, &Country::of(10_000))];
    let country = Country::of(1_000_000);
    rows.push(locate("locate_1m_ns", 12_000.0, &country));
    rows.extend(hold(&country));
    rows.push(nearest(&Country::of(10_000)));
    Ok(rows)
}

fn fences(country: &Country) -> Vec<Fence> {
    country.circles.iter().map(|circle| Fence::from(*circle)).collect()
}

fn index(fences: &[Fence]) -> FenceIndex {
    FenceIndex::new((0u32..).zip(fences))
}

/// Nanoseconds a call of `work` takes with each position, the median of some runs.
fn each(positions: &[(f64, f64)], mut work: impl FnMut(f64, f64)) -> f64 {
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        positions.iter().for_each(|(latitude, longitude)| work(*latitude, *longitude));
        runs.push(start.elapsed().as_nanos() as f64 / positions.len() as f64);
    }
    stats::median(runs.split_off(1)) // the first one warms up
}

fn locate(id: &'static str, target: f64, country: &Country) -> Row {
    let positions = &country.positions;
    let fences = fences(country);
    let mut found = 0;
    let ours = index(&fences);
    let alone = each(positions, |latitude, longitude| ours.query(latitude, longitude, 0.0, |_, _| found += 1));
    let mut peers = vec![("(the lookup alone)".to_owned(), alone)];

    let boxed = |(at, circle): (u32, &patron_core::place::Circle)| {
        let [west, south, east, north] = Country::bounds(circle);
        Boxed::new(Rectangle::from_corners([west, south], [east, north]), at)
    };
    let tree = RTree::bulk_load((0u32..).zip(&country.circles).map(boxed).collect());
    let holds = |at: u32, here: (f64, f64)| {
        let circle = &country.circles[at as usize];
        Country::haversine_m((circle.latitude, circle.longitude), here) <= circle.radius_m
    };
    let mut theirs = 0;
    let rstar = each(positions, |latitude, longitude| {
        let at = AABB::from_point([longitude, latitude]);
        theirs += tree.locate_in_envelope_intersecting(at).filter(|b| holds(b.data, (latitude, longitude))).count();
    });
    peers.push(("rstar, lookup".to_owned(), rstar));
    drop(tree);

    let mut builder = RTreeBuilder::<f64>::new(country.circles.len() as u32);
    for circle in &country.circles {
        let [west, south, east, north] = Country::bounds(circle);
        builder.add(west, south, east, north);
    }
    let tree: PackedTree<f64> = builder.finish::<HilbertSort>();
    let packed = each(positions, |latitude, longitude| {
        let near = tree.search(longitude, latitude, longitude, latitude);
        theirs += near.into_iter().filter(|at| holds(*at, (latitude, longitude))).count();
    });
    peers.push(("geo-index, lookup".to_owned(), packed));

    // As far as it takes to know what a linear scan costs.
    let few = &positions[..positions.len().min(20_000_000 / country.circles.len() / RUNS).max(2)];
    let linear = each(few, |latitude, longitude| {
        theirs += (0u32..).take(country.circles.len()).filter(|at| holds(*at, (latitude, longitude))).count();
    });
    peers.push(("linear scan".to_owned(), linear));
    black_box((found, theirs));

    Row { id, value: update(country), unit: "ns", target: Target::AtMost(target), peers }
}

/// A whole location update, without storing what it told.
fn update(country: &Country) -> f64 {
    let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
    let mut tracker = VisitTracker::new(country.places());
    let mut now = Now { wall_ms: 1_790_000_000_000, mono_ms: 0, boot: Uuid::nil() };
    let mut told = 0;
    each(&country.positions, |latitude, longitude| {
        now.mono_ms += 10_000;
        now.wall_ms += 10_000;
        let input = FixInput { latitude, longitude, accuracy_m: Some(10.0), age_ms: 0, mock: false };
        if let (Ok(fix), Some(permit)) = (Fix::new(input, now), gate.permit()) {
            told += tracker.update(&permit, &fix, &mut |_| Uuid::nil()).len();
        }
    })
}

fn hold(country: &Country) -> [Row; 2] {
    let fences = fences(country);
    let mut built = Vec::new();
    let mut bytes = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let index = index(&fences);
        built.push(start.elapsed().as_secs_f64() * 1e3);
        bytes = index.bytes();
    }
    let start = Instant::now();
    let boxed = |(at, circle): (u32, &patron_core::place::Circle)| {
        let [west, south, east, north] = Country::bounds(circle);
        Boxed::new(Rectangle::from_corners([west, south], [east, north]), at)
    };
    let tree = RTree::bulk_load((0u32..).zip(&country.circles).map(boxed).collect());
    let rstar = start.elapsed().as_secs_f64() * 1e3;
    black_box(tree.size());
    let start = Instant::now();
    let mut builder = RTreeBuilder::<f64>::new(country.circles.len() as u32);
    for circle in &country.circles {
        let [west, south, east, north] = Country::bounds(circle);
        builder.add(west, south, east, north);
    }
    let packed: PackedTree<f64> = builder.finish::<HilbertSort>();
    let geo_index = start.elapsed().as_secs_f64() * 1e3;
    let geo_index_bytes = packed.into_inner().len() as f64 / country.circles.len() as f64;
    [
        Row {
            id: "fence_bytes",
            value: bytes as f64 / fences.len() as f64,
            unit: "B",
            target: Target::AtMost(64.0),
            peers: vec![("geo-index, without circles".to_owned(), geo_index_bytes)],
        },
        Row {
            id: "index_1m_build_ms",
            value: stats::median(built),
            unit: "ms",
            target: Target::AtMost(1_000.0),
            peers: vec![("rstar".to_owned(), rstar), ("geo-index".to_owned(), geo_index)],
        },
    ]
}

/// The 20 nearest of 10,000 fences. rstar has their centres as points in space, so that its order
/// is right too, and then takes the radius off.
fn nearest(country: &Country) -> Row {
    let fences = fences(country);
    let ours = index(&fences);
    let mut found = 0;
    let value = each(&country.positions[..20_000], |latitude, longitude| {
        found += ours.nearest(latitude, longitude, NEAREST).len();
    });
    let space = |latitude: f64, longitude: f64| {
        let ((sin, cos), (east, west)) = (latitude.to_radians().sin_cos(), longitude.to_radians().sin_cos());
        [6_371_008.8 * cos * west, 6_371_008.8 * cos * east, 6_371_008.8 * sin]
    };
    let point = |(at, circle): (u32, &patron_core::place::Circle)| {
        GeomWithData::new(space(circle.latitude, circle.longitude), at)
    };
    let tree = RTree::bulk_load((0u32..).zip(&country.circles).map(point).collect());
    let rstar = each(&country.positions[..20_000], |latitude, longitude| {
        let at = space(latitude, longitude);
        found += tree.nearest_neighbor_iter(at).take(NEAREST).count();
    });
    black_box(found);
    let peers = vec![("rstar, nearest centres".to_owned(), rstar)];
    Row { id: "nearest_20_ns", value, unit: "ns", target: Target::AtMost(rstar), peers }
}
