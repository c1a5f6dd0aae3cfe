//! A position against an outline of 256 and of 4,096 corners.

use std::f64::consts::TAU;
use std::hint::black_box;
use std::time::Instant;

use geo::algorithm::indexed::IntervalTreeMultiPolygon;
use geo::{Contains as _, LineString, MultiPolygon, Point, Polygon};
use patron_core::place::Area;

use crate::row::{Bench, Row, Target};
use crate::stats;

pub const BENCH: Bench =
    Bench { title: "a position against an outline of 4,096 corners", ids: &["polygon_256_ns", "polygon_4096_ns"], run };

fn run() -> anyhow::Result<Vec<Row>> {
    Ok(vec![row("polygon_256_ns", 256, Target::Told)?, row("polygon_4096_ns", 4_096, Target::AtMost(4_000.0))?])
}

/// A coast of a kilometre's radius, a fifth of it in bays.
fn coast(corners: usize) -> Vec<(f64, f64)> {
    (0..corners)
        .map(|i| {
            let angle = TAU * i as f64 / corners as f64;
            let r = 0.009 * (1.0 + 0.2 * (angle * 17.0).sin() + 0.02 * (i as f64 * 2.4).sin());
            (25.0 + 2.0 * r * angle.cos(), 60.0 + r * angle.sin())
        })
        .collect()
}

fn row(id: &'static str, corners: usize, target: Target) -> anyhow::Result<Row> {
    let ring = coast(corners);
    let area = Area::new(&[vec![ring.clone()]])?;
    let mut rng = fastrand::Rng::with_seed(7);
    let positions: Vec<(f64, f64)> =
        (0..20_000).map(|_| (60.0 + 0.026 * (rng.f64() - 0.5), 25.0 + 0.052 * (rng.f64() - 0.5))).collect();
    let each = |work: &mut dyn FnMut(f64, f64)| {
        let mut runs: Vec<f64> = (0..6)
            .map(|_| {
                let start = Instant::now();
                positions.iter().for_each(|(latitude, longitude)| work(*latitude, *longitude));
                start.elapsed().as_nanos() as f64 / positions.len() as f64
            })
            .collect();
        stats::median(runs.split_off(1))
    };
    let (mut ours, mut plain, mut tree) = (0, 0, 0);
    let value = each(&mut |latitude, longitude| ours += usize::from(area.edge_m(latitude, longitude) < 0.0));
    let polygons = MultiPolygon(vec![Polygon::new(LineString::from(ring), vec![])]);
    let contains =
        each(&mut |latitude, longitude| plain += usize::from(polygons.contains(&Point::new(longitude, latitude))));
    let indexed = IntervalTreeMultiPolygon::new(&polygons);
    let interval =
        each(&mut |latitude, longitude| tree += usize::from(indexed.contains(&Point::new(longitude, latitude))));
    // They do not know how far the edge is; ours tells that too.
    anyhow::ensure!(
        ours.abs_diff(plain) <= 12 && plain == tree,
        "{ours}, {plain} and {tree} of the positions are inside"
    );
    black_box((ours, plain, tree));
    let peers = vec![
        ("geo Contains, inside or not".to_owned(), contains),
        ("geo IntervalTreeMultiPolygon, inside or not".to_owned(), interval),
    ];
    Ok(Row { id, value, unit: "ns", target, peers })
}
