//! Finds the fences near a position.
//!
//! A packed, static tree (see [`super::packed`]) over boxes in space (see [`super::geometry`]), of
//! fences halved again and again along the longest side. It is built once per catalogue, swapped whole, and not
//! stored: a phone builds the 10,000 fences that a catalogue may have in a few milliseconds, which
//! is less than it takes to read and distrust as many from a file.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::geometry::Point;
use super::packed::{self, Bounds, Packed};
use super::{Area, Fence};

/// Above the rounding of an `f32` at the Earth's radius (0.25 m), twice: of the box and of the point.
const ROUNDING_M: f64 = 1.0;

/// Fences by where they are, and by the numbers that their owner gave them.
#[derive(Debug, Default)]
pub struct FenceIndex {
    /// In the order of the tree's leaves.
    entries: Vec<Entry>,
    /// The outlines of those that are no circles, by number.
    areas: Vec<(u32, Arc<Area>)>,
    tree: Packed<3>,
}

/// 32 bytes of each fence; with its share of the boxes above, 34.
#[derive(Debug, Clone, Copy)]
struct Entry {
    centre: Point,
    /// Below nought for an area: then it is the circle around it.
    radius_m: f32,
    number: u32,
}

impl FenceIndex {
    /// Builds the index over fences and their numbers, which rise; takes O(n log n).
    pub fn new<'a>(fences: impl IntoIterator<Item = (u32, &'a Fence)>) -> Self {
        let mut areas = Vec::new();
        let mut entries: Vec<Entry> = fences
            .into_iter()
            .map(|(number, fence)| {
                let around = fence.around();
                let radius_m = around.radius_m as f32;
                let radius_m = match fence {
                    Fence::Circle(_) => radius_m,
                    Fence::Area(area) => {
                        areas.push((number, Arc::clone(area)));
                        // Rounded up: the circle has to hold all of it.
                        -(radius_m * (1.0 + f32::EPSILON)).max(1.0)
                    }
                };
                Entry { centre: around.centre(), radius_m, number }
            })
            .collect();
        packed::halve(&mut entries, &|entry| [entry.centre.x, entry.centre.y, entry.centre.z]);
        let tree = Packed::over(&entries, Entry::bounds);
        Self { entries, areas, tree }
    }

    /// How many fences there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no fence.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of memory that it takes up, outlines of areas included.
    pub fn bytes(&self) -> usize {
        let areas: usize = self.areas.iter().map(|(_, area)| size_of::<(u32, Arc<Area>)>() + area.bytes()).sum();
        self.entries.capacity() * size_of::<Entry>() + self.tree.bytes() + areas
    }

    /// Calls `found` with the number of each fence whose edge is within `reach_m` metres of the
    /// position in degrees, or around it, and with the signed distance to the edge.
    pub fn query(&self, latitude: f64, longitude: f64, reach_m: f64, found: impl FnMut(usize, f64)) {
        self.near(Point::at(latitude, longitude), reach_m, found);
    }

    pub(super) fn near(&self, here: Point, reach_m: f64, mut found: impl FnMut(usize, f64)) {
        let (at, reach) = (here.rounded(), (reach_m + ROUNDING_M) as f32);
        self.tree.visit(&mut |bounds| bounds.holds(at, reach), &mut |run| {
            for entry in &self.entries[run] {
                // The straight line is never longer than the way, and costs no arcsine.
                let far_m = f64::from(entry.radius_m.abs()) + reach_m;
                if entry.centre.chord2(here) > far_m * far_m {
                    continue;
                }
                let edge_m = self.edge_m(entry, here);
                if edge_m <= reach_m {
                    found(entry.number as usize, edge_m);
                }
            }
        });
    }

    /// The numbers of the `count` fences whose edges are nearest to the position in degrees, and
    /// the signed distances to them, nearest first. One that holds the position is nearer than any
    /// that does not.
    pub fn nearest(&self, latitude: f64, longitude: f64, count: usize) -> Vec<(usize, f64)> {
        let here = Point::at(latitude, longitude);
        let at = here.rounded();
        let mut found: BinaryHeap<Ranked<usize>> = BinaryHeap::with_capacity(count + 1);
        let look_at = |found: &mut BinaryHeap<Ranked<usize>>, run: std::ops::Range<usize>| {
            for entry in &self.entries[run] {
                // The furthest of those found is the one to beat; by the straight line first.
                let beat_m =
                    if found.len() < count { f64::INFINITY } else { found.peek().map_or(0.0, |worst| worst.0) };
                let far_m = beat_m + f64::from(entry.radius_m.abs());
                if far_m < 0.0 || entry.centre.chord2(here) >= far_m * far_m {
                    continue;
                }
                let edge_m = self.edge_m(entry, here);
                if edge_m < beat_m {
                    found.push(Ranked(edge_m, entry.number as usize));
                    if found.len() > count {
                        found.pop();
                    }
                }
            }
        };
        if self.tree.is_flat() {
            look_at(&mut found, 0..self.entries.len());
        }
        // Nearest box first: the heap has the largest on top, so distances are negated.
        let lower_m = |level, node| -> f64 {
            match self.tree.bounds(level, node).distance2(at) {
                inside if inside <= 0.0 => f64::NEG_INFINITY,
                outside => f64::from(outside).sqrt() - ROUNDING_M,
            }
        };
        let ranked = |(level, node)| Ranked(-lower_m(level, node), (level, node));
        let mut boxes: BinaryHeap<Ranked<(usize, usize)>> = self.tree.roots().map(ranked).collect();
        while let Some(Ranked(negated_m, (level, node))) = boxes.pop() {
            if found.len() == count && found.peek().is_none_or(|worst| worst.0 <= -negated_m) {
                break;
            }
            let children = self.tree.children(level, node);
            match level {
                0 => look_at(&mut found, children),
                _ => boxes.extend(children.map(|child| ranked((level - 1, child)))),
            }
        }
        let mut sorted: Vec<(usize, f64)> = found.into_iter().map(|Ranked(edge_m, number)| (number, edge_m)).collect();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        sorted
    }

    fn edge_m(&self, entry: &Entry, here: Point) -> f64 {
        if entry.radius_m < 0.0
            && let Ok(at) = self.areas.binary_search_by_key(&entry.number, |(number, _)| *number)
        {
            return self.areas[at].1.edge_from(here);
        }
        entry.centre.distance_m(here) - f64::from(entry.radius_m)
    }
}

impl Entry {
    fn bounds(&self) -> Bounds<3> {
        // A way over ground is never shorter than the straight line, so the box holds the circle.
        let r = f64::from(self.radius_m.abs()) + ROUNDING_M;
        let c = [self.centre.x, self.centre.y, self.centre.z];
        Bounds { min: c.map(|v| (v - r) as f32), max: c.map(|v| (v + r) as f32) }
    }
}

/// Something with a distance to order it by.
struct Ranked<T>(f64, T);

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::Circle;

    fn circles(all: impl IntoIterator<Item = (f64, f64, f64)>) -> Vec<Fence> {
        all.into_iter().map(|(latitude, longitude, radius_m)| Circle { latitude, longitude, radius_m }.into()).collect()
    }

    fn index(fences: &[Fence]) -> FenceIndex {
        FenceIndex::new((0u32..).zip(fences))
    }

    fn found(fences: &[Fence], at: (f64, f64), reach_m: f64) -> Vec<usize> {
        let mut found = Vec::new();
        index(fences).query(at.0, at.1, reach_m, |number, _| found.push(number));
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn the_tree_finds_exactly_what_looking_at_each_finds(
            anywhere in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64, 10.0..100_000.0f64), 0..700),
            near_pole in prop::collection::vec((89.0..=90.0f64, -180.0..=180.0f64, 10.0..100_000.0f64), 0..40),
            at in (-90.0..=90.0f64, -180.0..=180.0f64),
            reach_m in 0.0..2_000_000.0f64,
        ) {
            let fences = circles(anywhere.into_iter().chain(near_pole));
            let expected: Vec<usize> = (fences.iter().enumerate())
                .filter(|(_, fence)| fence.edge_m(at.0, at.1) <= reach_m)
                .map(|(number, _)| number)
                .collect();
            prop_assert_eq!(found(&fences, at, reach_m), expected);
        }

        #[test]
        fn the_nearest_are_those_that_sorting_all_of_them_gives(
            anywhere in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64, 10.0..100_000.0f64), 0..400),
            crowd in prop::collection::vec((59.9..60.1f64, 24.8..25.2f64, 10.0..5_000.0f64), 0..400),
            at in prop_oneof![(-90.0..=90.0f64, -180.0..=180.0f64), (59.9..60.1f64, 24.8..25.2f64)],
            count in 1usize..40,
        ) {
            let fences = circles(anywhere.into_iter().chain(crowd));
            let mut expected: Vec<f64> = fences.iter().map(|fence| fence.edge_m(at.0, at.1)).collect();
            expected.sort_by(f64::total_cmp);
            expected.truncate(count);
            let nearest: Vec<f64> = index(&fences).nearest(at.0, at.1, count).into_iter().map(|(_, edge_m)| edge_m).collect();
            prop_assert_eq!(nearest.len(), expected.len());
            for (ours, theirs) in nearest.iter().zip(&expected) {
                prop_assert!((ours - theirs).abs() < 0.01, "{} {}", ours, theirs);
            }
        }
    }

    #[test]
    fn a_fence_across_the_antimeridian_is_found_from_both_sides() {
        let elsewhere = (0..100).map(|i| (f64::from(i) / 2.0, f64::from(i), 50.0));
        let fences = circles(elsewhere.chain([(-17.0, 179.9999, 60.0)]));
        assert_eq!(found(&fences, (-17.0, -179.9999), 0.0), [100]);
        assert_eq!(found(&fences, (-17.0, 179.9997), 0.0), [100]);
    }

    #[test]
    fn no_fences_are_no_trouble() {
        assert!(found(&[], (0.0, 0.0), 1e7).is_empty());
        assert!(index(&[]).nearest(0.0, 0.0, 20).is_empty());
    }

    #[test]
    fn a_circle_takes_no_more_than_64_bytes() {
        let fences = circles((0..10_000).map(|i| (f64::from(i % 100) / 10.0, f64::from(i / 100) / 10.0, 50.0)));
        assert!(index(&fences).bytes() <= 64 * fences.len());
    }
}
