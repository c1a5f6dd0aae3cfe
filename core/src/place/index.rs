//! Finds the fences near a position.
//!
//! A packed, static tree over boxes in space (see [`super::geometry`]): fences sorted along a
//! Z-order curve, every 16 of them under one box, every 16 boxes under the next. It is built once
//! per catalogue and swapped whole.

use super::Place;
use super::geometry::Point;

/// Children of a node. Below this many fences looking at each is faster than any tree.
const FANOUT: usize = 16;

/// Bits per axis of the sort key; 2²¹ steps over the Earth's diameter are 6 m each.
const KEY_BITS: u32 = 21;
const EARTH_DIAMETER: f64 = 2.0 * 6_378_137.0;

/// Fences by where they are.
#[derive(Debug, Default)]
pub struct FenceIndex {
    places: Vec<Place>,
    /// Sorted along the curve.
    fences: Vec<Fence>,
    /// From the boxes just above the fences up to the root.
    levels: Vec<Vec<Box3>>,
}

#[derive(Debug)]
struct Fence {
    centre: Point,
    radius_m: f64,
    place: u32,
}

/// An axis-parallel box, in `f32` and widened by more than its rounding.
#[derive(Debug, Clone, Copy)]
struct Box3 {
    min: [f32; 3],
    max: [f32; 3],
}

/// Above the rounding of an `f32` at the Earth's radius (0.25 m).
const ROUNDING_M: f64 = 1.0;

impl FenceIndex {
    /// Builds the index; takes O(n log n).
    pub fn new(mut places: Vec<Place>) -> Self {
        places.sort_by(|a, b| a.id.cmp(&b.id));
        let mut fences: Vec<Fence> = (0u32..)
            .zip(&places)
            .map(|(place, p)| Fence { centre: p.circle.centre(), radius_m: p.circle.radius_m, place })
            .collect();
        fences.sort_by_cached_key(|fence| curve_key(fence.centre));
        let mut levels = Vec::new();
        if fences.len() > FANOUT {
            let mut level: Vec<Box3> =
                fences.chunks(FANOUT).map(|chunk| Box3::around(chunk.iter().map(Box3::of))).collect();
            while level.len() > FANOUT {
                let above = level.chunks(FANOUT).map(|chunk| Box3::around(chunk.iter().copied())).collect();
                levels.push(std::mem::replace(&mut level, above));
            }
            levels.push(level);
        }
        Self { places, fences, levels }
    }

    /// The places, sorted by id.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Where in [`FenceIndex::places`] the place of that id stands.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.places.binary_search_by(|place| place.id.as_str().cmp(id)).ok()
    }

    /// Calls `found` with the position in [`FenceIndex::places`] of each fence whose edge is within
    /// `reach_m` metres of the position in degrees, or around it.
    pub fn query(&self, latitude: f64, longitude: f64, reach_m: f64, mut found: impl FnMut(usize)) {
        self.near(Point::at(latitude, longitude), reach_m, |place, _| found(place));
    }

    /// Like [`FenceIndex::query`], with the signed distance to the edge.
    pub(super) fn near(&self, here: Point, reach_m: f64, mut found: impl FnMut(usize, f64)) {
        let Some(top) = self.levels.len().checked_sub(1) else {
            return self.look_at(0..self.fences.len(), here, reach_m, &mut found);
        };
        // Depth × fan-out bounds the stack: 10⁶ fences need 5 levels.
        let mut stack: Vec<(usize, usize)> = (0..self.levels[top].len()).map(|node| (top, node)).collect();
        while let Some((level, node)) = stack.pop() {
            if !self.levels[level][node].is_near(here, reach_m) {
                continue;
            }
            let children = node * FANOUT..(node + 1) * FANOUT;
            if level == 0 {
                self.look_at(children.start..children.end.min(self.fences.len()), here, reach_m, &mut found);
            } else {
                let end = children.end.min(self.levels[level - 1].len());
                stack.extend((children.start..end).map(|child| (level - 1, child)));
            }
        }
    }

    fn look_at(&self, fences: std::ops::Range<usize>, here: Point, reach_m: f64, found: &mut impl FnMut(usize, f64)) {
        for fence in &self.fences[fences] {
            // The straight line is never longer than the way, and costs no arcsine.
            if fence.centre.chord2(here) > (fence.radius_m + reach_m).powi(2) {
                continue;
            }
            let edge_m = fence.centre.distance_m(here) - fence.radius_m;
            if edge_m <= reach_m {
                found(fence.place as usize, edge_m);
            }
        }
    }
}

impl Box3 {
    fn of(fence: &Fence) -> Self {
        // A way over ground is never shorter than the straight line, so the box holds the circle.
        let r = fence.radius_m + ROUNDING_M;
        let c = [fence.centre.x, fence.centre.y, fence.centre.z];
        Self { min: c.map(|v| (v - r) as f32), max: c.map(|v| (v + r) as f32) }
    }

    fn around(boxes: impl Iterator<Item = Self>) -> Self {
        boxes.fold(Self { min: [f32::INFINITY; 3], max: [f32::NEG_INFINITY; 3] }, |a, b| Self {
            min: std::array::from_fn(|i| a.min[i].min(b.min[i])),
            max: std::array::from_fn(|i| a.max[i].max(b.max[i])),
        })
    }

    fn is_near(&self, p: Point, reach_m: f64) -> bool {
        [p.x, p.y, p.z]
            .iter()
            .zip(self.min.iter().zip(&self.max))
            .all(|(v, (min, max))| *v >= f64::from(*min) - reach_m && *v <= f64::from(*max) + reach_m)
    }
}

/// Where a point lies along a Z-order curve through the Earth: neighbours on the curve are
/// neighbours in space.
fn curve_key(p: Point) -> u64 {
    let steps = f64::from(1u32 << KEY_BITS) - 1.0;
    let cell = |v: f64| ((v / EARTH_DIAMETER + 0.5).clamp(0.0, 1.0) * steps) as u64;
    spread(cell(p.x)) | spread(cell(p.y)) << 1 | spread(cell(p.z)) << 2
}

/// Puts two zero bits behind each of the lowest 21 bits.
fn spread(v: u64) -> u64 {
    let mut v = v & 0x1f_ffff;
    v = (v | v << 32) & 0x001f_0000_0000_ffff;
    v = (v | v << 16) & 0x001f_0000_ff00_00ff;
    v = (v | v << 8) & 0x100f_00f0_0f00_f00f;
    v = (v | v << 4) & 0x10c3_0c30_c30c_30c3;
    (v | v << 2) & 0x1249_2492_4924_9249
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::Circle;

    fn place((at, (latitude, longitude, radius_m)): (usize, (f64, f64, f64))) -> Place {
        let circle = Circle { latitude, longitude, radius_m };
        Place { id: format!("{at:04}"), name: String::new(), partner: None, circle, dwell_s: 60 }
    }

    fn found(index: &FenceIndex, at: (f64, f64), reach_m: f64) -> Vec<usize> {
        let mut found = Vec::new();
        index.query(at.0, at.1, reach_m, |place| found.push(place));
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn the_tree_finds_exactly_what_looking_at_each_finds(
            places in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64, 10.0..100_000.0f64), 0..700),
            near_pole in prop::collection::vec((89.0..=90.0f64, -180.0..=180.0f64, 10.0..100_000.0f64), 0..40),
            at in (-90.0..=90.0f64, -180.0..=180.0f64),
            reach_m in 0.0..2_000_000.0f64,
        ) {
            let places: Vec<Place> = places.into_iter().chain(near_pole).enumerate().map(place).collect();
            let expected: Vec<usize> = (places.iter().enumerate())
                .filter(|(_, p)| p.circle.edge_m(at.0, at.1) <= reach_m)
                .map(|(i, _)| i)
                .collect();
            let index = FenceIndex::new(places);
            prop_assert_eq!(found(&index, at, reach_m), expected);
        }
    }

    #[test]
    fn a_fence_across_the_antimeridian_is_found_from_both_sides() {
        let elsewhere = (0..100).map(|i| (f64::from(i) / 2.0, f64::from(i), 50.0));
        let all = elsewhere.chain([(-17.0, 179.9999, 60.0)]);
        let index = FenceIndex::new(all.enumerate().map(place).collect());
        assert_eq!(found(&index, (-17.0, -179.9999), 0.0), [100]);
        assert_eq!(found(&index, (-17.0, 179.9997), 0.0), [100]);
    }

    #[test]
    fn no_fences_are_no_trouble() {
        assert!(found(&FenceIndex::new(Vec::new()), (0.0, 0.0), 1e7).is_empty());
    }
}
