//! The places a shopper can be at, their outlines and their hours.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Area;
use super::beacon::BeaconId;
use super::geometry::Point;
use crate::schedule::Schedule;

/// A circle on the ground.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// Degrees, WGS 84.
    pub latitude: f64,
    /// Degrees, WGS 84.
    pub longitude: f64,
    /// Metres, 10 to 100,000.
    pub radius_m: f64,
}

/// A fence smaller than a room is noise to any receiver; one larger than a region is no place.
pub(crate) const RADIUS_M: std::ops::RangeInclusive<f64> = 10.0..=100_000.0;

impl Circle {
    /// Metres over ground from its centre to a position in degrees.
    pub fn distance_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.centre().distance_m(Point::at(latitude, longitude))
    }

    /// Metres over ground from its edge to a position in degrees: negative inside.
    pub fn edge_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.distance_m(latitude, longitude) - self.radius_m
    }

    /// The field that makes no sense, and why; `None` for a good circle.
    pub(crate) fn flaw(&self) -> Option<(&'static str, String)> {
        let Self { latitude, longitude, radius_m } = *self;
        if !(-90.0..=90.0).contains(&latitude) {
            return Some(("latitude", format!("{latitude} is not within ±90 degrees")));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Some(("longitude", format!("{longitude} is not within ±180 degrees")));
        }
        let why = || format!("{radius_m} is not within {} to {} metres", RADIUS_M.start(), RADIUS_M.end());
        (!RADIUS_M.contains(&radius_m)).then(|| ("radius_m", why()))
    }

    pub(super) fn centre(&self) -> Point {
        Point::at(self.latitude, self.longitude)
    }
}

/// The outline of a place. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Fence {
    /// Everything within a distance of a point.
    Circle(Circle),
    /// Polygons.
    Area(Arc<Area>),
}

impl Fence {
    /// Metres over ground from its edge to a position in degrees: negative inside.
    pub fn edge_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.edge_from(Point::at(latitude, longitude))
    }

    pub(super) fn edge_from(&self, at: Point) -> f64 {
        match self {
            Self::Circle(circle) => circle.centre().distance_m(at) - circle.radius_m,
            Self::Area(area) => area.edge_from(at),
        }
    }

    /// The circle that holds it, itself for a circle.
    pub fn around(&self) -> Circle {
        match self {
            Self::Circle(circle) => *circle,
            Self::Area(area) => {
                let (latitude, longitude) = area.centre();
                Circle { latitude, longitude, radius_m: area.radius_m() }
            }
        }
    }

    /// Whether the straight way between two points came within `reach_m` of it.
    pub(super) fn is_touched(&self, from: Point, to: Point, reach_m: f64) -> bool {
        match self {
            Self::Circle(circle) => circle.centre().distance_to_way_m(from, to) <= circle.radius_m + reach_m,
            Self::Area(area) => area.is_touched(from, to, reach_m),
        }
    }

    /// How far through it is at least, halved: the radius of a circle.
    pub(super) fn half_width_m(&self) -> f64 {
        match self {
            Self::Circle(circle) => circle.radius_m,
            Self::Area(area) => area.half_width_m(),
        }
    }
}

impl From<Circle> for Fence {
    fn from(circle: Circle) -> Self {
        Self::Circle(circle)
    }
}

impl From<Area> for Fence {
    fn from(area: Area) -> Self {
        Self::Area(Arc::new(area))
    }
}

/// A chain, a store, a zone in a store, a venue or an event: somewhere an offer can belong to.
///
/// What it is, its fields say: a chain has no fence and is wherever its stores are, a zone has a
/// store as its parent, an event ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The retailer's id.
    pub id: String,
    /// Shown to the shopper.
    pub name: String,
    /// The partner whose place it is; `None` for the retailer's own.
    pub partner: Option<String>,
    /// The place that it is a part of: of a zone its store, of a store its chain.
    pub parent: Option<String>,
    /// Its outline; `None` for one that is only where its parts are.
    pub fence: Option<Fence>,
    /// How long a stay counts as a dwell, seconds.
    pub dwell_s: u32,
    /// So many metres outside the edge someone counts as approaching; `None` when nobody asks.
    pub approach_m: Option<u32>,
    /// Beacons that are heard in it and nowhere else.
    pub beacons: Vec<BeaconId>,
    /// Weekly hours; `None` means always.
    pub hours: Option<Arc<Schedule>>,
    /// Wall clock, milliseconds since the Unix epoch; no place before.
    pub starts_at_ms: Option<i64>,
    /// Wall clock, milliseconds since the Unix epoch; no place from then on.
    pub ends_at_ms: Option<i64>,
}

impl Place {
    /// A place with a fence that is always there, and nothing else said.
    pub fn new(id: impl Into<String>, name: impl Into<String>, fence: impl Into<Fence>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            partner: None,
            parent: None,
            fence: Some(fence.into()),
            dwell_s: default_dwell_s(),
            approach_m: None,
            beacons: Vec::new(),
            hours: None,
            starts_at_ms: None,
            ends_at_ms: None,
        }
    }

    /// Somewhere that one can be at: a chain is wherever its stores are.
    pub(crate) fn is_somewhere(&self) -> bool {
        self.fence.is_some() || !self.beacons.is_empty()
    }

    /// Until when the place is there, without a break, if it is at `now_ms`; `i64::MAX` where no
    /// end is set.
    pub fn open_until(&self, now_ms: i64) -> Option<i64> {
        let ends_ms = self.ends_at_ms.unwrap_or(i64::MAX);
        if self.starts_at_ms.is_some_and(|starts| now_ms < starts) || now_ms >= ends_ms {
            return None;
        }
        let closes_ms = match &self.hours {
            Some(hours) => hours.open_until(now_ms)?,
            None => i64::MAX,
        };
        Some(ends_ms.min(closes_ms))
    }

    /// When it is there next after `now_ms`, looking a week ahead of its first day.
    pub fn opens_after(&self, now_ms: i64) -> Option<i64> {
        let from_ms = now_ms.max(self.starts_at_ms.map_or(i64::MIN, |starts| starts.saturating_sub(1)));
        let opens_ms = match (&self.hours, self.starts_at_ms) {
            (Some(hours), Some(starts)) if starts > now_ms && hours.open_until(starts).is_some() => Some(starts),
            (Some(hours), _) => hours.opens_after(from_ms),
            (None, starts) => starts.filter(|starts| *starts > now_ms),
        };
        opens_ms.filter(|opens| self.ends_at_ms.is_none_or(|ends| *opens < ends))
    }
}

/// Long enough to have stopped, short enough for a coffee bar.
pub(crate) fn default_dwell_s() -> u32 {
    180
}
