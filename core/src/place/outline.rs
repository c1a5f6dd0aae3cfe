//! Rings of a polygon in a plane of metres: inside or not, and how far from the edge.
//!
//! The plane touches the Earth at the area's centre; what is put into it and how far that is right
//! is [`super::area`]'s business. Inside is even-odd over all rings, so a hole is a ring like any
//! other. Edges stand in the order of their rings, where neighbours touch: that is all the order
//! that the tree of boxes needs.

use super::packed::{Bounds, Packed};

/// A point in the plane, metres east and north of its origin.
pub(super) type Xy = [f32; 2];

/// One edge of a ring. In `f32`: at 200 km from the origin that is 2 cm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) a: Xy,
    pub(super) b: Xy,
}

/// All edges of an area.
#[derive(Debug, Default)]
pub(super) struct Outline {
    edges: Vec<Edge>,
    tree: Packed<2>,
}

impl Outline {
    pub(super) fn new(edges: Vec<Edge>) -> Self {
        let tree = Packed::over(&edges, Edge::bounds);
        Self { edges, tree }
    }

    pub(super) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Metres from the edge: negative inside.
    pub(super) fn edge_m(&self, at: Xy) -> f64 {
        let distance = self.distance2(at).sqrt();
        f64::from(if self.contains(at) { -distance } else { distance })
    }

    /// Even-odd, by a ray to the east.
    pub(super) fn contains(&self, at: Xy) -> bool {
        let mut inside = false;
        self.tree.visit(&mut |b| at[1] >= b.min[1] && at[1] <= b.max[1] && at[0] <= b.max[0], &mut |run| {
            inside ^= self.edges[run].iter().fold(false, |odd, edge| odd ^ edge.is_crossed_by_ray(at))
        });
        inside
    }

    /// Whether the straight way from `from` to `to` comes within `reach` metres of an edge, or
    /// ends inside.
    pub(super) fn is_touched(&self, from: Xy, to: Xy, reach: f32) -> bool {
        let way = Edge { a: from, b: to };
        let wide = way.bounds();
        let mut touched = false;
        self.tree.visit(
            &mut |b| (0..2).all(|i| b.min[i] - reach <= wide.max[i] && b.max[i] + reach >= wide.min[i]),
            &mut |run| touched |= self.edges[run].iter().any(|edge| edge.is_within(&way, reach)),
        );
        touched || self.contains(to)
    }

    /// The distance to the nearest edge, squared. Nearer boxes first, and none that is further than
    /// what was found.
    fn distance2(&self, at: Xy) -> f32 {
        if self.tree.is_flat() {
            return self.nearest_of(0..self.edges.len(), at);
        }
        let mut best = f32::INFINITY;
        let (level, first) = (self.tree.roots().map(|(level, _)| level).next().unwrap_or(0), 0);
        self.closer(level, first..self.tree.roots().count(), at, &mut best);
        best
    }

    fn closer(&self, level: usize, nodes: std::ops::Range<usize>, at: Xy, best: &mut f32) {
        let mut near = [(f32::INFINITY, 0); super::packed::FANOUT];
        let count = nodes.len();
        for (slot, node) in near.iter_mut().zip(nodes) {
            *slot = (self.tree.bounds(level, node).distance2(at), node);
        }
        for taken in 0..count {
            // A selection and no sort: after one or two, the rest is too far.
            let next = (taken..count).min_by(|a, b| near[*a].0.total_cmp(&near[*b].0)).unwrap_or(taken);
            near.swap(taken, next);
            let (distance2, node) = near[taken];
            if distance2 >= *best {
                return;
            }
            let children = self.tree.children(level, node);
            match level {
                0 => *best = best.min(self.nearest_of(children, at)),
                _ => self.closer(level - 1, children, at, best),
            }
        }
    }

    fn nearest_of(&self, run: std::ops::Range<usize>, at: Xy) -> f32 {
        self.edges[run].iter().map(|edge| edge.distance2(at)).fold(f32::INFINITY, f32::min)
    }

    pub(super) fn bytes(&self) -> usize {
        self.edges.capacity() * size_of::<Edge>() + self.tree.bytes()
    }
}

impl Edge {
    fn bounds(&self) -> Bounds<2> {
        Bounds {
            min: std::array::from_fn(|i| self.a[i].min(self.b[i])),
            max: std::array::from_fn(|i| self.a[i].max(self.b[i])),
        }
    }

    /// Half open, so that a ray through a vertex crosses one of its two edges.
    pub(super) fn is_crossed_by_ray(&self, at: Xy) -> bool {
        let (a, b) = (self.a, self.b);
        (a[1] > at[1]) != (b[1] > at[1]) && at[0] < (b[0] - a[0]) * ((at[1] - a[1]) / (b[1] - a[1])) + a[0]
    }

    pub(super) fn distance2(&self, at: Xy) -> f32 {
        let (dx, dy) = (self.b[0] - self.a[0], self.b[1] - self.a[1]);
        let (px, py) = (at[0] - self.a[0], at[1] - self.a[1]);
        let length2 = dx * dx + dy * dy;
        let share = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        (px - share * dx).powi(2) + (py - share * dy).powi(2)
    }

    /// The signed distance of `at` from the line through the edge, metres.
    fn side_m(&self, at: Xy) -> f64 {
        let [dx, dy, px, py] =
            [self.b[0] - self.a[0], self.b[1] - self.a[1], at[0] - self.a[0], at[1] - self.a[1]].map(f64::from);
        (dx * py - dy * px) / dx.hypot(dy)
    }

    /// Whether both cross each other by more than `by` metres: touching is not crossing.
    pub(super) fn crosses(&self, other: &Self, by: f64) -> bool {
        let apart = |a: f64, b: f64| a.min(b) < -by && a.max(b) > by;
        apart(self.side_m(other.a), self.side_m(other.b)) && apart(other.side_m(self.a), other.side_m(self.b))
    }

    fn is_within(&self, other: &Self, reach: f32) -> bool {
        let nearest =
            [self.distance2(other.a), self.distance2(other.b), other.distance2(self.a), other.distance2(self.b)];
        self.crosses(other, 0.0) || nearest.into_iter().fold(f32::INFINITY, f32::min) <= reach * reach
    }

    pub(super) fn length_m(&self) -> f64 {
        f64::from(self.b[0] - self.a[0]).hypot(f64::from(self.b[1] - self.a[1]))
    }
}
