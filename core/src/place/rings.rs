//! What makes the rings of an area good ones.
//!
//! Refused with words: too few corners, no area, too many edges, an outline that crosses itself or
//! another, a hole in nothing, a polygon inside another. Mended without words: corners given twice,
//! rings left open, either turning. The two halves of an area cut along the antimeridian, as RFC
//! 7946 asks, share their seam; it is taken out, so that nobody stands at an edge there.

use std::fmt;

use super::area::{MAX_EDGES, STRAIGHT_M};
use super::outline::{Edge, Outline, Xy};

/// A ring smaller than this is a slip of the pen.
const MIN_AREA_M2: f64 = 1.0;

/// Outlines that cross by no more than this touch: each edge may be so far from where it was meant.
const TOUCH_M: f64 = 2.0 * STRAIGHT_M;

/// What is wrong with an outline, and in which ring of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("polygon {polygon}, ring {ring} {flaw}")]
pub struct OutlineError {
    /// Counted from 0; 0 of a single polygon.
    pub polygon: usize,
    /// Counted from 0, which is the outer one.
    pub ring: usize,
    /// What is wrong with it.
    pub flaw: OutlineFlaw,
}

/// What is wrong with a ring.
#[derive(Debug, Clone, PartialEq)]
pub enum OutlineFlaw {
    /// Not even a ring, or a polygon without one.
    Missing,
    /// A longitude beyond ±360 or a latitude beyond ±90 degrees, or no number.
    NoPosition {
        /// Counted from 0.
        corner: usize,
    },
    /// Fewer than three corners.
    TooFewCorners,
    /// Its corners lie on a line, or all but.
    NoArea,
    /// It reaches further than 200 km from the centre of the area.
    TooWide,
    /// The area has more than 8,192 edges, long ones divided.
    TooManyEdges,
    /// It crosses itself.
    CrossesItself {
        /// Latitude and longitude of about where, degrees.
        near: (f64, f64),
    },
    /// It crosses another ring.
    Crosses {
        /// The other's polygon.
        polygon: usize,
        /// The other.
        ring: usize,
        /// Latitude and longitude of about where, degrees.
        near: (f64, f64),
    },
    /// A hole that lies in no polygon, or in another hole.
    HoleInNothing,
    /// A polygon that lies in another.
    Overlaps,
}

impl fmt::Display for OutlineFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::NoPosition { corner } => write!(f, "has no position on Earth as corner {corner}"),
            Self::TooFewCorners => f.write_str("has fewer than three corners"),
            Self::NoArea => f.write_str("has no area"),
            Self::TooWide => f.write_str("reaches further than 200 km from the area's centre"),
            Self::TooManyEdges => write!(f, "is one too many: at most {MAX_EDGES} edges are taken, long ones divided"),
            Self::CrossesItself { near } => write!(f, "crosses itself near {:.5}, {:.5}", near.0, near.1),
            Self::Crosses { polygon, ring, near } => {
                write!(f, "crosses ring {ring} of polygon {polygon} near {:.5}, {:.5}", near.0, near.1)
            }
            Self::HoleInNothing => f.write_str("is a hole in nothing"),
            Self::Overlaps => f.write_str("lies inside another polygon"),
        }
    }
}

/// One ring in the plane, open.
pub(super) struct Ring {
    pub(super) polygon: usize,
    pub(super) ring: usize,
    pub(super) xys: Vec<Xy>,
}

/// Rings that are good together.
pub(super) struct Checked {
    pub(super) edges: Vec<Edge>,
    pub(super) half_width_m: f64,
}

/// Numbers, and enough of them, before anything is reckoned.
pub(super) fn check_positions(polygons: &[Vec<Vec<(f64, f64)>>]) -> Result<(), OutlineError> {
    let refuse = |polygon, ring, flaw| Err(OutlineError { polygon, ring, flaw });
    if polygons.is_empty() {
        return refuse(0, 0, OutlineFlaw::Missing);
    }
    let mut corners = 0;
    for (polygon, rings) in polygons.iter().enumerate() {
        if rings.is_empty() {
            return refuse(polygon, 0, OutlineFlaw::Missing);
        }
        for (ring, positions) in rings.iter().enumerate() {
            let on_earth = |(lon, lat): &(f64, f64)| lon.abs() <= 360.0 && lat.abs() <= 90.0;
            if let Some(corner) = positions.iter().position(|at| !on_earth(at)) {
                return refuse(polygon, ring, OutlineFlaw::NoPosition { corner });
            }
            corners += positions.len();
            if corners > 2 * MAX_EDGES {
                return refuse(polygon, ring, OutlineFlaw::TooManyEdges);
            }
        }
    }
    Ok(())
}

/// Holds the rings to what is said above. `degrees` tells where a point of the plane is.
pub(super) fn check(mut rings: Vec<Ring>, degrees: impl Fn(Xy) -> (f64, f64)) -> Result<Checked, OutlineError> {
    let (mut edges, mut owners) = (Vec::new(), Vec::new());
    let (mut area_m2, mut perimeter_m) = (0.0, 0.0);
    for (at, ring) in rings.iter_mut().enumerate() {
        if ring.xys.len() > 1 && ring.xys.first() == ring.xys.last() {
            ring.xys.pop();
        }
        if ring.xys.len() < 3 {
            return Err(ring.refuse(OutlineFlaw::TooFewCorners));
        }
        let own = ring.area_m2();
        if own < MIN_AREA_M2 {
            return Err(ring.refuse(OutlineFlaw::NoArea));
        }
        area_m2 += if ring.ring == 0 { own } else { -own };
        for edge in ring.edges() {
            perimeter_m += edge.length_m();
            edges.push(edge);
            owners.push(at);
        }
        if edges.len() > MAX_EDGES {
            return Err(ring.refuse(OutlineFlaw::TooManyEdges));
        }
    }
    take_out_seams(&mut edges, &mut owners);
    if let Some((first, second)) = crossing(&edges) {
        let [one, other] = [first, second].map(|edge| &rings[owners[edge]]);
        let near = degrees(edges[first].a);
        let flaw = if owners[first] == owners[second] {
            OutlineFlaw::CrossesItself { near }
        } else {
            OutlineFlaw::Crosses { polygon: one.polygon, ring: one.ring, near }
        };
        return Err(other.refuse(flaw));
    }
    if rings.len() > 1 {
        check_nesting(&rings, &edges, &owners)?;
    }
    Ok(Checked { edges, half_width_m: 2.0 * area_m2.max(0.0) / perimeter_m })
}

impl Ring {
    fn refuse(&self, flaw: OutlineFlaw) -> OutlineError {
        OutlineError { polygon: self.polygon, ring: self.ring, flaw }
    }

    fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.xys.iter().zip(self.xys.iter().cycle().skip(1)).map(|(a, b)| Edge { a: *a, b: *b })
    }

    fn area_m2(&self) -> f64 {
        let doubled: f64 = self
            .edges()
            .map(|Edge { a, b }| f64::from(a[0]) * f64::from(b[1]) - f64::from(b[0]) * f64::from(a[1]))
            .sum();
        (doubled / 2.0).abs()
    }
}

/// Edges that occur twice bound nothing, and even-odd does not change without them.
fn take_out_seams(edges: &mut Vec<Edge>, owners: &mut Vec<usize>) {
    let key = |edge: &Edge| {
        let [a, b] = [edge.a, edge.b].map(|xy| xy.map(|v| (v + 0.0).to_bits()));
        if a <= b { (a, b) } else { (b, a) }
    };
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_unstable_by_key(|at| key(&edges[*at]));
    let mut seam = vec![false; edges.len()];
    let mut at = 0;
    while let Some(&[one, other]) = order.get(at..at + 2) {
        let twice = key(&edges[one]) == key(&edges[other]);
        (seam[one], seam[other]) = (twice || seam[one], twice);
        at += if twice { 2 } else { 1 };
    }
    let mut flags = seam.iter();
    edges.retain(|_| !flags.next().is_some_and(|seam| *seam));
    let mut flags = seam.iter();
    owners.retain(|_| !flags.next().is_some_and(|seam| *seam));
}

/// Two edges that cross, if any do: a sweep from west to east.
fn crossing(edges: &[Edge]) -> Option<(usize, usize)> {
    let span = |edge: &Edge, axis: usize| {
        let (a, b) = (edge.a[axis], edge.b[axis]);
        if a <= b { (a, b) } else { (b, a) }
    };
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_unstable_by(|a, b| span(&edges[*a], 0).0.total_cmp(&span(&edges[*b], 0).0));
    for (rank, first) in order.iter().enumerate() {
        let edge = &edges[*first];
        let (east, (south, north)) = (span(edge, 0).1, span(edge, 1));
        for second in &order[rank + 1..] {
            let other = &edges[*second];
            if span(other, 0).0 > east {
                break;
            }
            let (from, to) = span(other, 1);
            if from <= north && to >= south && edge.crosses(other, TOUCH_M) {
                return Some((*first.min(second), *first.max(second)));
            }
        }
    }
    None
}

/// Once nothing crosses, parity tells: an outer ring lies in an even number of other rings, a hole
/// in an odd one. Three corners vote, for one may lie on another ring.
fn check_nesting(rings: &[Ring], edges: &[Edge], owners: &[usize]) -> Result<(), OutlineError> {
    let all = Outline::new(edges.to_vec());
    for (at, ring) in rings.iter().enumerate() {
        let own: Vec<Edge> =
            edges.iter().zip(owners).filter(|(_, owner)| **owner == at).map(|(edge, _)| *edge).collect();
        let thirds = ring.xys.len() / 3;
        let votes = [0, thirds, 2 * thirds].map(|corner| {
            let corner = ring.xys[corner];
            let odd_in_own = own.iter().fold(false, |odd, edge| odd ^ edge.is_crossed_by_ray(corner));
            all.contains(corner) ^ odd_in_own
        });
        let inside_others = votes.iter().filter(|inside| **inside).count() >= 2;
        if inside_others != (ring.ring > 0) {
            return Err(ring.refuse(if ring.ring > 0 { OutlineFlaw::HoleInNothing } else { OutlineFlaw::Overlaps }));
        }
    }
    Ok(())
}
