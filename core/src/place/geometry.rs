//! Distances on the WGS 84 ellipsoid.
//!
//! Positions become points in space, so that neither the antimeridian nor the poles are special.
//! The straight line between two of them is exact on the ellipsoid; the ground bends away from it
//! by d³/24R², for which the mean radius is close enough: over 100 km the two together err by
//! centimetres, where haversine on a sphere errs by up to 560 m.

/// Semi-major axis of WGS 84, metres.
const A: f64 = 6_378_137.0;
/// First eccentricity of WGS 84, squared.
const E2: f64 = 6.694_379_990_141_316e-3;
/// Mean radius of the Earth (IUGG), metres.
pub(super) const MEAN_RADIUS: f64 = 6_371_008.8;

/// A point on the ellipsoid in the Earth's own frame, metres from its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) z: f64,
}

impl Point {
    /// The centre of the Earth.
    pub(super) const ORIGIN: Self = Self { x: 0.0, y: 0.0, z: 0.0 };

    /// The point at these degrees.
    pub(crate) fn at(latitude: f64, longitude: f64) -> Self {
        let (sin_lat, cos_lat) = latitude.to_radians().sin_cos();
        let (sin_lon, cos_lon) = longitude.to_radians().sin_cos();
        let normal = A / (1.0 - E2 * sin_lat * sin_lat).sqrt();
        Self { x: normal * cos_lat * cos_lon, y: normal * cos_lat * sin_lon, z: normal * (1.0 - E2) * sin_lat }
    }

    /// Metres over ground to `other`.
    pub(crate) fn distance_m(self, other: Self) -> f64 {
        let chord = self.chord2(other).sqrt();
        2.0 * MEAN_RADIUS * (chord / (2.0 * MEAN_RADIUS)).min(1.0).asin()
    }

    /// Metres over ground to the nearest point of the way from `from` to `to`.
    ///
    /// The way is taken as straight: right for the few kilometres between two fixes.
    pub(super) fn distance_to_way_m(self, from: Self, to: Self) -> f64 {
        let way = to.minus(from);
        let length2 = way.dot(way);
        let share = if length2 > 0.0 { (self.minus(from).dot(way) / length2).clamp(0.0, 1.0) } else { 0.0 };
        self.distance_m(from.between(to, share))
    }

    /// The point at `share` of the straight line from here to `to`.
    pub(super) fn between(self, to: Self, share: f64) -> Self {
        let way = to.minus(self);
        Self { x: self.x + share * way.x, y: self.y + share * way.y, z: self.z + share * way.z }
    }

    /// The straight line through the ground to `other`, squared.
    pub(super) fn chord2(self, other: Self) -> f64 {
        let d = self.minus(other);
        d.dot(d)
    }

    /// Latitude and longitude in degrees of the ground above or below the point.
    pub(super) fn degrees(self) -> (f64, f64) {
        // Bowring: near the ground one step is exact to the millimetre.
        let flat = self.x.hypot(self.y);
        let reduced = (self.z * A).atan2(flat * A * (1.0 - E2).sqrt());
        let (sin, cos) = reduced.sin_cos();
        let polar = A * (1.0 - E2).sqrt();
        let latitude = (self.z + E2 / (1.0 - E2) * polar * sin.powi(3)).atan2(flat - E2 * A * cos.powi(3));
        (latitude.to_degrees(), self.y.atan2(self.x).to_degrees())
    }

    /// In single precision: right to 0.25 m.
    pub(super) fn rounded(self) -> [f32; 3] {
        [self.x as f32, self.y as f32, self.z as f32]
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }

    pub(super) fn scaled(self, by: f64) -> Self {
        Self { x: self.x * by, y: self.y * by, z: self.z * by }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y, z: self.z - other.z }
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Geodesic};
    use proptest::prelude::*;

    use super::*;

    fn ours(a: (f64, f64), b: (f64, f64)) -> f64 {
        Point::at(a.0, a.1).distance_m(Point::at(b.0, b.1))
    }

    fn exact(a: (f64, f64), b: (f64, f64)) -> f64 {
        Geodesic.distance(geo::Point::new(a.1, a.0), geo::Point::new(b.1, b.0))
    }

    #[test]
    fn the_antimeridian_and_the_poles_are_no_edges() {
        for (a, b) in [
            ((-17.0, 179.9995), (-17.0, -179.9995)),
            ((89.9999, 0.0), (89.9999, 180.0)),
            ((-90.0, 12.0), (-90.0, -170.0)),
            ((0.0, 180.0), (0.0, -180.0)),
        ] {
            assert!((ours(a, b) - exact(a, b)).abs() < 0.001, "{a:?} {b:?}: {} {}", ours(a, b), exact(a, b));
        }
    }

    proptest! {
        #[test]
        fn within_a_fence_it_is_right_to_the_centimetre(
            latitude in -89.9..89.9f64, longitude in -180.0..180.0f64,
            north in -0.05..0.05f64, east in -0.05..0.05f64,
        ) {
            let (a, b) = ((latitude, longitude), (latitude + north, longitude + east));
            prop_assert!((ours(a, b) - exact(a, b)).abs() < 0.01);
        }

        #[test]
        fn over_a_hundred_kilometres_it_is_right_to_the_decimetre(
            latitude in -88.0..88.0f64, longitude in -180.0..180.0f64,
            north in -0.9..0.9f64, east in -0.9..0.9f64,
        ) {
            let (a, b) = ((latitude, longitude), (latitude + north, longitude + east));
            prop_assert!((ours(a, b) - exact(a, b)).abs() < 0.1);
        }
    }

    #[test]
    fn the_nearest_point_of_a_way_may_be_its_end() {
        let (from, to) = (Point::at(60.0, 25.0), Point::at(60.0, 25.01));
        assert!(Point::at(60.0, 25.005).distance_to_way_m(from, to) < 0.1);
        let beyond = Point::at(60.0, 25.02);
        assert!((beyond.distance_to_way_m(from, to) - beyond.distance_m(to)).abs() < 1e-6);
        assert!((beyond.distance_to_way_m(from, from) - beyond.distance_m(from)).abs() < 1e-6);
    }
}
