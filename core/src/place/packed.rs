//! A packed, static tree of boxes over items that stand in a good order: their own, or one of halves.
//!
//! Every 16 items are under one box, every 16 boxes under the next. Two things are found with it:
//! fences on the Earth (three dimensions, see [`super::index`]) and edges of an outline (two, see
//! [`super::outline`]). It knows boxes alone; what an item is, its owner knows.

use std::ops::Range;

/// Children of a node. Below this many items looking at each is faster than any tree.
pub(super) const FANOUT: usize = 16;

/// An axis-parallel box. Whoever makes one of `f64` widens it by more than the rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds<const D: usize> {
    pub(super) min: [f32; D],
    pub(super) max: [f32; D],
}

impl<const D: usize> Bounds<D> {
    const NOTHING: Self = Self { min: [f32::INFINITY; D], max: [f32::NEG_INFINITY; D] };

    fn around(boxes: impl Iterator<Item = Self>) -> Self {
        boxes.fold(Self::NOTHING, |a, b| Self {
            min: std::array::from_fn(|i| a.min[i].min(b.min[i])),
            max: std::array::from_fn(|i| a.max[i].max(b.max[i])),
        })
    }

    /// Whether `at` is in the box, widened by `reach` on all sides.
    pub(super) fn holds(&self, at: [f32; D], reach: f32) -> bool {
        // No branch inside: sixteen of these run in a row.
        (0..D).fold(true, |held, i| held & (at[i] >= self.min[i] - reach) & (at[i] <= self.max[i] + reach))
    }

    /// The distance from `at` to the box, squared; nought inside.
    pub(super) fn distance2(&self, at: [f32; D]) -> f32 {
        (0..D).map(|i| (self.min[i] - at[i]).max(at[i] - self.max[i]).max(0.0)).map(|d| d * d).sum()
    }
}

/// Puts items in an order that makes small boxes: halves along the longest axis, halved again, cut
/// where boxes of every level begin and end. O(n log n).
pub(super) fn halve<T, const D: usize>(items: &mut [T], at: &impl Fn(&T) -> [f64; D]) {
    if items.len() <= FANOUT {
        return;
    }
    let span = |axis: usize| {
        let (low, high) = items
            .iter()
            .map(|item| at(item)[axis])
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    };
    let axis = (0..D).max_by(|a, b| span(*a).total_cmp(&span(*b))).unwrap_or(0);
    let mut unit = FANOUT;
    while unit * FANOUT < items.len() {
        unit *= FANOUT;
    }
    let cut = (items.len().div_ceil(unit) / 2).max(1) * unit;
    items.select_nth_unstable_by(cut, |a, b| at(a)[axis].total_cmp(&at(b)[axis]));
    let (one, other) = items.split_at_mut(cut);
    halve(one, at);
    halve(other, at);
}

/// The boxes over a list of items.
#[derive(Debug, Default)]
pub(super) struct Packed<const D: usize> {
    items: usize,
    /// From the boxes just above the items up to the root; empty for few items.
    levels: Vec<Vec<Bounds<D>>>,
}

impl<const D: usize> Packed<D> {
    /// Boxes over `items`, of which neighbours should be near each other.
    pub(super) fn over<T>(items: &[T], bounds: impl Fn(&T) -> Bounds<D>) -> Self {
        let mut levels = Vec::new();
        if items.len() > FANOUT {
            let mut level: Vec<_> =
                items.chunks(FANOUT).map(|chunk| Bounds::around(chunk.iter().map(&bounds))).collect();
            while level.len() > FANOUT {
                let above = level.chunks(FANOUT).map(|chunk| Bounds::around(chunk.iter().copied())).collect();
                levels.push(std::mem::replace(&mut level, above));
            }
            levels.push(level);
        }
        Self { items: items.len(), levels }
    }

    /// Calls `leaf` with each run of items whose boxes `enter` all let pass.
    pub(super) fn visit(&self, enter: &mut impl FnMut(&Bounds<D>) -> bool, leaf: &mut impl FnMut(Range<usize>)) {
        match self.levels.len() {
            0 => leaf(0..self.items),
            height => self.descend(height - 1, 0..self.levels[height - 1].len(), enter, leaf),
        }
    }

    fn descend(
        &self,
        level: usize,
        nodes: Range<usize>,
        enter: &mut impl FnMut(&Bounds<D>) -> bool,
        leaf: &mut impl FnMut(Range<usize>),
    ) {
        for node in nodes {
            if !enter(&self.levels[level][node]) {
                continue;
            }
            match level {
                0 => leaf(self.children(level, node)),
                _ => self.descend(level - 1, self.children(level, node), enter, leaf),
            }
        }
    }

    /// The top boxes, as (level, node).
    pub(super) fn roots(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.levels
            .iter()
            .enumerate()
            .next_back()
            .into_iter()
            .flat_map(|(level, nodes)| (0..nodes.len()).map(move |node| (level, node)))
    }

    pub(super) fn bounds(&self, level: usize, node: usize) -> &Bounds<D> {
        &self.levels[level][node]
    }

    /// What is under a box: boxes of the level below, or items under level 0.
    pub(super) fn children(&self, level: usize, node: usize) -> Range<usize> {
        let below = if level == 0 { self.items } else { self.levels[level - 1].len() };
        node * FANOUT..((node + 1) * FANOUT).min(below)
    }

    /// No tree: its owner looks at each item.
    pub(super) fn is_flat(&self) -> bool {
        self.levels.is_empty()
    }

    /// What the boxes take up.
    pub(super) fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.capacity() * size_of::<Bounds<D>>()).sum()
    }
}
