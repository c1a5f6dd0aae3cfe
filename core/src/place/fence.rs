//! The places a shopper can be at, and their outlines.

use serde::{Deserialize, Serialize};

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
fn default_dwell_s() -> u32 {
    180
}
