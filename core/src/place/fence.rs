//! The places a shopper can be at, and their outlines.

use serde::{Deserialize, Serialize};

use super::geometry::Point;

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

impl Circle {
    /// Metres over ground from its centre to a position in degrees.
    pub fn distance_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.centre().distance_m(Point::at(latitude, longitude))
    }

    /// Metres over ground from its edge to a position in degrees: negative inside.
    pub fn edge_m(&self, latitude: f64, longitude: f64) -> f64 {
        self.distance_m(latitude, longitude) - self.radius_m
    }

    pub(super) fn centre(&self) -> Point {
        Point::at(self.latitude, self.longitude)
    }
}

/// A store, a venue or an area: somewhere an offer can belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The retailer's id.
    pub id: String,
    /// Shown to the shopper.
    pub name: String,
    /// The partner whose place it is; `None` for the retailer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Its outline.
    pub circle: Circle,
    /// How long a stay counts as a dwell, seconds.
    #[serde(default = "default_dwell_s")]
    pub dwell_s: u32,
}

/// Long enough to have stopped, short enough for a coffee bar.
pub(crate) fn default_dwell_s() -> u32 {
    180
}
