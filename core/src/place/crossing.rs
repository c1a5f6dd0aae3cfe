//! The way between two fixes, and whether it led through a fence.

use serde::{Deserialize, Serialize};

use super::evidence::{Sign, sigma_m};
use super::geometry::Point;
use super::tracker::elapsed_ms;
use super::{Fence, Fix};
use crate::clock::Now;

/// Between fixes further apart than this nobody knows the way that was taken.
const KNOWN_WAY_MS: u64 = 120_000;

/// No shopper is faster on the ground (216 km/h); what is was a jump of the receiver.
const TOP_SPEED_M_S: f64 = 60.0;

/// A fix that was used, as it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Sighting {
    pub(super) at: Now,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) accuracy_m: f64,
    #[serde(default)]
    pub(super) mock: bool,
}

impl Sighting {
    pub(super) fn of(fix: &Fix) -> Self {
        Self {
            at: fix.at,
            latitude: fix.latitude,
            longitude: fix.longitude,
            accuracy_m: fix.accuracy_m,
            mock: fix.mock,
        }
    }

    pub(super) fn point(&self) -> Point {
        Point::at(self.latitude, self.longitude)
    }

    /// Whether it was surely outside of a fence whose edge is that far.
    pub(super) fn is_outside(&self, edge_m: f64) -> bool {
        Sign::new(edge_m, self.accuracy_m).is_outside()
    }
}

/// The way from one sighting to the next.
#[derive(Debug)]
pub(super) struct Way {
    from: Point,
    to: Point,
    length_m: f64,
    elapsed_ms: Option<u64>,
}

impl Way {
    /// Between two sightings and the points where they are.
    pub(super) fn new((from_at, from): (Now, Point), (to_at, to): (Now, Point)) -> Self {
        let elapsed_ms = elapsed_ms(&from_at, &to_at);
        Self { from, to, length_m: from.distance_m(to), elapsed_ms }
    }

    pub(super) fn length_m(&self) -> f64 {
        self.length_m
    }

    pub(super) fn elapsed_s(&self) -> Option<f64> {
        self.elapsed_ms.map(|ms| ms as f64 / 1e3)
    }

    /// Short enough in time, and slow enough, to have been straight.
    pub(super) fn is_known(&self) -> bool {
        self.elapsed_ms.is_some_and(|ms| ms <= KNOWN_WAY_MS && self.length_m <= TOP_SPEED_M_S * ms as f64 / 1e3)
    }

    pub(super) fn middle(&self) -> Point {
        self.from.between(self.to, 0.5)
    }

    /// Whether the way came within `reach_m` of a fence.
    fn touches(&self, fence: &Fence, reach_m: f64) -> bool {
        fence.is_touched(self.from, self.to, reach_m)
    }
}

/// A walk that began surely outside a fence and has not yet ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Approach {
    from: Sighting,
    /// The way since then touched the fence.
    touched: bool,
}

impl Approach {
    pub(super) fn from(outside: Sighting) -> Self {
        Self { from: outside, touched: false }
    }

    /// Goes on along `way`. `None` when nobody knows which way was taken.
    ///
    /// A way touches the fence from one standard deviation outside (16 %) on: who passes close by
    /// may be told to have crossed, but who crosses is not missed.
    pub(super) fn along(self, way: &Way, fence: &Fence) -> Option<Self> {
        let reach_m = sigma_m(self.from.accuracy_m);
        way.is_known().then(|| Self { touched: self.touched || way.touches(fence, reach_m), ..self })
    }

    /// Whether the walk, surely outside again at `to`, led through the fence: it touched it, and
    /// got further than a fence and noise on one side of it would explain.
    pub(super) fn is_crossing(&self, to: &Sighting, fence: &Fence) -> bool {
        let noise_m = 4.0 * sigma_m(self.from.accuracy_m.max(to.accuracy_m));
        self.touched && self.from.point().distance_m(to.point()) >= fence.half_width_m() + noise_m
    }
}
