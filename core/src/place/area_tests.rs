//! What outlines promise: where inside is, how far the edge, and what is refused.

use std::f64::consts::TAU;

use geo::{Distance, Geodesic};
use proptest::prelude::*;

use super::*;

type Ring = Vec<(f64, f64)>;

/// A ring of `corners` around a centre, `wobble` of the radius in and out; longitude, latitude.
fn star(latitude: f64, longitude: f64, radius_m: f64, corners: usize, wobble: f64) -> Ring {
    (0..corners)
        .map(|i| {
            let angle = TAU * i as f64 / corners as f64;
            let r = radius_m * (1.0 + wobble * (i as f64 * 2.4).sin());
            let north = r * angle.sin() / 111_320.0;
            let east = r * angle.cos() / (111_320.0 * latitude.to_radians().cos());
            (longitude + east, latitude + north)
        })
        .collect()
}

fn square(west: f64, south: f64, east: f64, north: f64) -> Ring {
    vec![(west, south), (east, south), (east, north), (west, north)]
}

fn area(polygons: Vec<Vec<Ring>>) -> Area {
    Area::new(&polygons).unwrap()
}

fn flaw(polygons: Vec<Vec<Ring>>) -> (usize, usize, OutlineFlaw) {
    let OutlineError { polygon, ring, flaw } = Area::new(&polygons).unwrap_err();
    (polygon, ring, flaw)
}

fn geodesic_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    Geodesic.distance(geo::Point::new(a.1, a.0), geo::Point::new(b.1, b.0))
}

#[test]
fn the_circle_around_an_area_is_around_its_middle_and_reaches_no_further_than_its_corners() {
    for (latitude, longitude) in [(60.17, 24.936), (-33.9, 151.2), (0.0, 0.0), (45.0, 179.9999), (89.0, 10.0)] {
        let market =
            area(vec![vec![star(latitude, longitude, 80.0, 24, 0.0), star(latitude, longitude, 20.0, 24, 0.0)]]);
        let off_m = geodesic_m(market.centre(), (latitude, longitude));
        assert!(off_m < 1.0 && (79.0..82.0).contains(&market.radius_m()), "{latitude}: {off_m} {}", market.radius_m());
    }
}

#[test]
fn a_hole_is_outside_and_its_edge_is_an_edge() {
    let yard = area(vec![vec![square(25.0, 60.0, 25.02, 60.01), square(25.005, 60.004, 25.015, 60.006)]]);
    assert!(yard.edge_m(60.002, 25.01) < 0.0, "in the building");
    let middle = yard.edge_m(60.005, 25.01);
    assert!((middle - 111.4).abs() < 0.2, "111 m to the building's inner wall: {middle}");
    assert!(yard.edge_m(60.02, 25.01) > 1_000.0);
}

#[test]
fn the_fields_own_type_makes_the_same_area() {
    let rings = vec![square(25.0, 60.0, 25.02, 60.01), square(25.005, 60.004, 25.015, 60.006)];
    let mut lines = rings.iter().cloned().map(geo::LineString::from);
    let polygon = geo::Polygon::new(lines.next().unwrap(), lines.collect());
    let theirs = Area::try_from(&geo::MultiPolygon::new(vec![polygon])).unwrap();
    let ours = area(vec![rings]);
    for at in [(60.002, 25.01), (60.005, 25.01), (60.02, 25.01)] {
        // geo closes its rings, so the middle of the corners lies elsewhere.
        assert!((theirs.edge_m(at.0, at.1) - ours.edge_m(at.0, at.1)).abs() < 0.01, "{at:?}");
    }
    assert!(Area::try_from(&geo::MultiPolygon::<f64>::new(vec![])).is_err());
}

#[test]
fn the_antimeridian_is_no_edge() {
    let across = area(vec![vec![square(179.99, -17.01, -179.99, -16.99)]]);
    assert!((across.edge_m(-17.0, 180.0) + 1_064.0).abs() < 2.0, "{}", across.edge_m(-17.0, 180.0));
    assert!((across.edge_m(-17.0, -180.0) - across.edge_m(-17.0, 180.0)).abs() < 1e-3);
    assert!(across.edge_m(-17.0, 179.98) > 1_000.0);
    // The same, cut along the antimeridian as RFC 7946 asks.
    let cut = area(vec![
        vec![square(179.99, -17.01, 180.0, -16.99)],
        vec![vec![(-180.0, -17.01), (-179.99, -17.01), (-179.99, -16.99), (-180.0, -16.99)]],
    ]);
    for longitude in [179.995, 179.99999, 180.0, -179.99999, -179.995, 179.98, -179.98] {
        let (whole, halves) = (across.edge_m(-17.0, longitude), cut.edge_m(-17.0, longitude));
        assert!((whole - halves).abs() < 0.1, "at {longitude}: {whole} {halves}");
    }
}

#[test]
fn a_ring_around_a_pole_holds_the_pole() {
    for sign in [1.0, -1.0] {
        let cap =
            area(vec![vec![vec![(0.0, sign * 89.5), (90.0, sign * 89.5), (180.0, sign * 89.5), (-90.0, sign * 89.5)]]]);
        let depth = -cap.edge_m(sign * 90.0, 12.0);
        assert!((depth - 55_847.0).abs() < 30.0, "a parallel is a circle around the pole: {depth}");
        assert!((cap.edge_m(sign * 89.4, 45.0) - 11_169.0).abs() < 10.0, "between the corners too");
    }
}

#[test]
fn an_edge_that_is_long_in_degrees_follows_its_parallel() {
    // 110 km along 60° north: the straight line on the ground is 500 m further north in the middle.
    let wide = area(vec![vec![square(24.0, 59.9, 26.0, 60.0)]]);
    let there = wide.edge_m(60.001, 25.0);
    assert!((there - 111.4).abs() < 1.0, "{there}");
}

#[test]
fn rings_may_be_closed_or_open_and_turn_either_way() {
    let open = square(25.0, 60.0, 25.01, 60.01);
    let mut closed = open.clone();
    closed.push(open[0]);
    let mut backwards = closed.clone();
    backwards.reverse();
    let mut twice = open.clone();
    twice.insert(1, twice[0]);
    for ring in [&closed, &backwards, &twice] {
        let (ours, theirs) = (area(vec![vec![ring.clone()]]), area(vec![vec![open.clone()]]));
        assert!((ours.edge_m(60.002, 25.003) - theirs.edge_m(60.002, 25.003)).abs() < 0.05);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_ring() {
    let good = || square(25.0, 60.0, 25.02, 60.02);
    let hole = || square(25.005, 60.005, 25.01, 60.01);
    assert_eq!(flaw(vec![]), (0, 0, OutlineFlaw::Missing));
    assert_eq!(flaw(vec![vec![good()], vec![]]), (1, 0, OutlineFlaw::Missing));
    assert_eq!(flaw(vec![vec![good(), vec![]]]), (0, 1, OutlineFlaw::TooFewCorners));
    assert_eq!(flaw(vec![vec![vec![(25.0, 60.0), (25.0, 60.1), (25.0, 60.0)]]]), (0, 0, OutlineFlaw::TooFewCorners));
    assert_eq!(flaw(vec![vec![vec![(25.0, 60.0), (25.0, 60.1), (25.0, 60.05)]]]), (0, 0, OutlineFlaw::NoArea));
    assert_eq!(
        flaw(vec![vec![vec![(25.0, 60.0), (f64::NAN, 60.1), (25.1, 60.0)]]]).2,
        OutlineFlaw::NoPosition { corner: 1 }
    );
    assert_eq!(
        flaw(vec![vec![vec![(25.0, 60.0), (25.1, 91.0), (25.1, 60.0)]]]).2,
        OutlineFlaw::NoPosition { corner: 1 }
    );
    let lone = vec![(25.0, 60.0), (25.02, 60.02), (25.02, 60.0), (25.0, 60.019)];
    assert!(matches!(flaw(vec![vec![lone]]), (0, 0, OutlineFlaw::CrossesItself { .. })));
    let across = square(25.015, 60.005, 25.03, 60.01);
    assert!(matches!(flaw(vec![vec![good(), across]]), (0, 1, OutlineFlaw::Crosses { polygon: 0, ring: 0, .. })));
    assert_eq!(flaw(vec![vec![good(), square(26.0, 60.005, 26.01, 60.01)]]), (0, 1, OutlineFlaw::HoleInNothing));
    assert_eq!(
        flaw(vec![vec![good(), hole(), square(25.006, 60.006, 25.009, 60.009)]]),
        (0, 2, OutlineFlaw::HoleInNothing)
    );
    assert_eq!(flaw(vec![vec![good()], vec![hole()]]), (1, 0, OutlineFlaw::Overlaps));
    area(vec![vec![good(), hole()], vec![square(25.006, 60.006, 25.009, 60.009)]]); // an island in a lake
    assert_eq!(flaw(vec![vec![square(0.0, 0.0, 20.0, 20.0)]]).2, OutlineFlaw::TooWide);
    assert_eq!(flaw(vec![vec![vec![(0.0, 0.0), (120.0, 0.0), (240.0, 0.0)]]]).2, OutlineFlaw::TooWide);
    assert_eq!(flaw(vec![vec![star(60.0, 25.0, 900.0, 9_000, 0.0)]]).2, OutlineFlaw::TooManyEdges);
    let words = Area::new(&[vec![good(), across_hole()]]).unwrap_err().to_string();
    assert!(words.starts_with("polygon 0, ring 1 crosses ring 0 of polygon 0 near 60.0"), "{words}");
}

fn across_hole() -> Ring {
    square(25.015, 60.005, 25.03, 60.01)
}

#[test]
fn an_outline_that_touches_itself_is_no_crossing() {
    // A hole that touches the outer ring at a corner, and one that stands on an edge of it.
    area(vec![vec![square(25.0, 60.0, 25.02, 60.02), vec![(25.0, 60.0), (25.01, 60.005), (25.005, 60.01)]]]);
    area(vec![vec![square(25.0, 60.0, 25.02, 60.02), vec![(25.01, 60.0), (25.012, 60.005), (25.008, 60.005)]]]);
}

#[test]
fn a_way_through_a_corner_of_an_area_touched_it() {
    let fence = Fence::from(area(vec![vec![square(25.0, 60.0, 25.02, 60.01)]]));
    let touches = |a: (f64, f64), b: (f64, f64), reach| {
        fence.is_touched(geometry::Point::at(a.0, a.1), geometry::Point::at(b.0, b.1), reach)
    };
    assert!(touches((60.005, 24.99), (60.005, 25.03), 0.0), "right through");
    assert!(touches((60.005, 25.01), (60.006, 25.01), 0.0), "within");
    assert!(!touches((60.02, 24.99), (60.02, 25.03), 1_000.0) && touches((60.02, 24.99), (60.02, 25.03), 1_200.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The nearest point of the outline is found by walking along all of it, on the ellipsoid.
    #[test]
    fn the_distance_to_an_edge_is_right(
        latitude in -75.0..75.0f64, longitude in -180.0..180.0f64, radius_m in 20.0..20_000.0f64,
        corners in 3usize..40, north in -2.0..2.0f64, east in -2.0..2.0f64,
    ) {
        let ring = star(latitude, longitude, radius_m, corners, 0.2);
        let ours = area(vec![vec![ring.clone()]]);
        let at = (latitude + north * radius_m / 111_320.0, longitude + east * radius_m / (111_320.0 * latitude.to_radians().cos()));
        let mut exact = f64::INFINITY;
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            // Geodesics are slow: the nearest of eleven points first, then around it.
            let on = |share: f64| geodesic_m(at, (a.1 + share * (b.1 - a.1), a.0 + share * (b.0 - a.0)));
            let coarse = (0..=10).map(|i| f64::from(i) / 10.0).min_by(|x, y| on(*x).total_cmp(&on(*y))).unwrap();
            let (mut low, mut high) = ((coarse - 0.1).max(0.0), (coarse + 0.1).min(1.0));
            for _ in 0..40 {
                let (one, two) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
                if on(one) < on(two) { high = two } else { low = one }
            }
            exact = exact.min(on((low + high) / 2.0));
        }
        let told = ours.edge_m(at.0, at.1).abs();
        prop_assert!((told - exact).abs() <= 0.3 + 5e-4 * exact, "{} for {}", told, exact);
    }

    /// A tree over edges answers as looking at each does.
    #[test]
    fn inside_is_where_an_odd_number_of_edges_lies_to_the_east(
        corners in 65usize..600, north in -1.3..1.3f64, east in -1.3..1.3f64,
    ) {
        let ring = star(0.0, 0.0, 1_000.0, corners, 0.25);
        let ours = area(vec![vec![ring.clone()]]);
        let at = geo::Point::new(east / 111.32, north / 111.32);
        let theirs = geo::Polygon::new(geo::LineString::from(ring), vec![]);
        let edge_m = ours.edge_m(at.y(), at.x());
        prop_assume!(edge_m.abs() > 0.5);
        prop_assert_eq!(edge_m < 0.0, geo::Contains::contains(&theirs, &at));
    }

    /// Any rings at all: an area or a refusal, and never a number that is none.
    #[test]
    fn any_rings_are_an_area_or_an_error(
        polygons in prop::collection::vec(prop::collection::vec(prop::collection::vec(
            prop_oneof![(24.9..25.1f64, 59.9..60.1f64), (-200.0..200.0f64, -95.0..95.0f64), (179.9..180.1f64, 89.9..90.0f64)], 0..8), 0..4), 0..4),
        at in (-90.0..90.0f64, -180.0..180.0f64),
    ) {
        if let Ok(area) = Area::new(&polygons) {
            prop_assert!(area.edge_m(at.0, at.1).is_finite() && area.radius_m() <= 200_000.0);
        }
    }
}
