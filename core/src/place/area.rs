//! Polygons with holes, one or several, as one fence.
//!
//! Rings come in degrees and are put into a plane that touches the Earth at the area's centre.
//! There neither the antimeridian nor a pole is an edge, and distances to the outline err by less
//! than 0.05 % at the 200 km that an area may reach from its centre, by nothing that matters within
//! a store. What cannot be meant is refused with its ring: [`super::rings`].

use super::geometry::{MEAN_RADIUS, Point};
use super::outline::{Outline, Xy};
use super::rings::{self, Ring};
use super::{OutlineError, OutlineFlaw};

/// An area may reach so far from its centre. Beyond, a plane is no picture of the Earth, and an
/// area no place.
pub(super) const MAX_REACH_M: f64 = 200_000.0;

/// Edges of one area, after long ones were divided: one tenth of the time of a catalogue's reading.
pub(super) const MAX_EDGES: usize = 8_192;

/// GeoJSON's edges are straight in degrees, which on the ground they are not. They are divided
/// until they are that to within this, well below what a phone's receiver knows.
pub(super) const STRAIGHT_M: f64 = 0.25;

/// A fence of one or more polygons, each with any number of holes.
#[derive(Debug)]
pub struct Area {
    frame: Frame,
    /// Of the circle around [`Frame::centre`] that holds all of it.
    radius_m: f64,
    /// Twice the area by the perimeter: of a circle that is its radius, of a street its width.
    half_width_m: f64,
    outline: Outline,
}

/// Two areas are the same when their outlines are.
impl PartialEq for Area {
    fn eq(&self, other: &Self) -> bool {
        self.frame.degrees == other.frame.degrees && self.outline.edges() == other.outline.edges()
    }
}

/// From the field's own type (longitude, latitude, in degrees), for a host that has its outlines in it.
///
/// # Errors
/// As [`Area::new`].
impl TryFrom<&geo::MultiPolygon<f64>> for Area {
    type Error = OutlineError;

    fn try_from(outlines: &geo::MultiPolygon<f64>) -> Result<Self, OutlineError> {
        let ring = |ring: &geo::LineString<f64>| ring.coords().map(|corner| (corner.x, corner.y)).collect();
        let polygon = |polygon: &geo::Polygon<f64>| {
            std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect::<Vec<Vec<_>>>()
        };
        Self::new(&outlines.iter().map(polygon).collect::<Vec<_>>())
    }
}

impl Area {
    /// Builds an area from polygons of rings of positions (longitude, latitude) in degrees, in
    /// GeoJSON's order: of each polygon the outer ring first, then its holes. Rings may be open or
    /// closed, and turn either way. An edge goes the shorter way around the Earth.
    ///
    /// # Errors
    /// [`OutlineError`] naming the polygon, the ring and what is wrong with it.
    pub fn new(polygons: &[Vec<Vec<(f64, f64)>>]) -> Result<Self, OutlineError> {
        let corners = || polygons.iter().flatten().flatten();
        rings::check_positions(polygons)?;
        let frame = Frame::around(corners().map(|(lon, lat)| Point::at(*lat, *lon)));
        let mut reach_m: f64 = 0.0;
        let mut rings = Vec::new();
        for (polygon, of_polygon) in polygons.iter().enumerate() {
            for (ring, corners) in of_polygon.iter().enumerate() {
                let refuse = |flaw| OutlineError { polygon, ring, flaw };
                let mut xys: Vec<Xy> = Vec::with_capacity(corners.len());
                for (lon, lat) in divided(corners) {
                    let at = Point::at(lat, lon);
                    reach_m = reach_m.max(frame.origin.distance_m(at));
                    if reach_m > MAX_REACH_M {
                        return Err(refuse(OutlineFlaw::TooWide));
                    }
                    if xys.len() > MAX_EDGES {
                        return Err(refuse(OutlineFlaw::TooManyEdges));
                    }
                    let xy = frame.plane(at).map(|v| v as f32);
                    if xys.last() != Some(&xy) {
                        xys.push(xy);
                    }
                }
                rings.push(Ring { polygon, ring, xys });
            }
        }
        let checked = rings::check(rings, |[x, y]| frame.degrees_at(x, y))?;
        Ok(Self { frame, radius_m: reach_m, half_width_m: checked.half_width_m, outline: Outline::new(checked.edges) })
    }

    /// Metres over ground from its edge to a position in degrees: negative inside.
    ///
    /// Far away it is the distance to the circle around the area, which is less.
    pub fn edge_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.edge_from(Point::at(latitude, longitude))
    }

    pub(super) fn edge_from(&self, at: Point) -> f64 {
        let centre_m = self.frame.origin.distance_m(at);
        if centre_m > MAX_REACH_M + self.radius_m {
            return centre_m - self.radius_m;
        }
        self.outline.edge_m(self.frame.plane(at).map(|v| v as f32))
    }

    /// Whether the straight way between two points came within `reach_m` of it.
    pub(super) fn is_touched(&self, from: Point, to: Point, reach_m: f64) -> bool {
        let [from, to] = [from, to].map(|at| self.frame.plane(at).map(|v| v as f32));
        self.outline.is_touched(from, to, reach_m as f32)
    }

    /// The middle of the circle around it: latitude and longitude in degrees.
    pub fn centre(&self) -> (f64, f64) {
        self.frame.degrees
    }

    /// Metres from [`Area::centre`] to the corner that is furthest from it.
    pub fn radius_m(&self) -> f64 {
        self.radius_m
    }

    pub(super) fn half_width_m(&self) -> f64 {
        self.half_width_m
    }

    /// Each ring's edges as positions (latitude, longitude) in degrees, for drawing.
    pub fn edges(&self) -> impl Iterator<Item = [(f64, f64); 2]> + '_ {
        self.outline.edges().iter().map(|edge| [edge.a, edge.b].map(|[x, y]| self.frame.degrees_at(x, y)))
    }

    /// Bytes of memory that it takes up.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.outline.bytes()
    }
}

/// The plane that touches the Earth at a point.
#[derive(Debug)]
struct Frame {
    /// Latitude and longitude of the point.
    degrees: (f64, f64),
    origin: Point,
    east: Point,
    north: Point,
}

impl Frame {
    /// At the middle of the corners.
    fn around(corners: impl Iterator<Item = Point>) -> Self {
        let (sum, count) = corners.fold((Point::ORIGIN, 0.0), |(sum, count), corner| (sum.plus(corner), count + 1.0));
        // The mean, and not the sum: far above the ground, what is below a point lies elsewhere on an ellipsoid.
        let degrees = sum.scaled(1.0 / f64::max(count, 1.0)).degrees();
        let (sin_lat, cos_lat) = degrees.0.to_radians().sin_cos();
        let (sin_lon, cos_lon) = degrees.1.to_radians().sin_cos();
        Self {
            degrees,
            origin: Point::at(degrees.0, degrees.1),
            east: Point { x: -sin_lon, y: cos_lon, z: 0.0 },
            north: Point { x: -sin_lat * cos_lon, y: -sin_lat * sin_lon, z: cos_lat },
        }
    }

    fn plane(&self, at: Point) -> [f64; 2] {
        let from = at.minus(self.origin);
        [from.dot(self.east), from.dot(self.north)]
    }

    /// Back to degrees, for words and pictures: right to a few metres at an area's ends.
    fn degrees_at(&self, x: f32, y: f32) -> (f64, f64) {
        let (x, y) = (f64::from(x), f64::from(y));
        let up = self.origin.scaled(-(x * x + y * y) / (2.0 * MEAN_RADIUS * MEAN_RADIUS));
        self.origin.plus(self.east.scaled(x)).plus(self.north.scaled(y)).plus(up).degrees()
    }
}

/// The corners of a closed ring, with long edges divided into straight ones.
fn divided(corners: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> + '_ {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).flat_map(|(&(lon, lat), &(to_lon, to_lat))| {
        let east = (to_lon - lon + 540.0).rem_euclid(360.0) - 180.0;
        let north = to_lat - lat;
        let steep = lat.to_radians().sin().abs().max(to_lat.to_radians().sin().abs());
        // A parallel bends away from the straight line by R·Δλ²·cos φ·sin φ/8; a slanting line by
        // R·Δλ·Δφ·sin φ/8 more, for the meridians meet.
        let (wide, high) = (east.to_radians().abs(), north.to_radians().abs());
        let flat = lat.to_radians().cos().max(to_lat.to_radians().cos());
        let bend_m = MEAN_RADIUS * wide * (wide * flat + high) * steep / 8.0;
        let pieces = (bend_m / STRAIGHT_M).sqrt().ceil().clamp(1.0, (MAX_EDGES + 1) as f64);
        (0..pieces as usize).map(move |piece| {
            let share = piece as f64 / pieces;
            // One name for the antimeridian, so that an outline cut along it has the same corners twice.
            let lon = (lon + share * east + 180.0).rem_euclid(360.0) - 180.0;
            (lon, lat + share * north)
        })
    })
}
