//! Decides which beacons are heard, and how near they are.
//!
//! Pure: raw advertisements and the time that was listened go in, zones come out. It neither scans
//! nor asks for a permission, and makes no visit by itself: [`super::VisitTracker::heard`] does.
//! No recorded beacon data was to be had; what is tested was made up, from the specifications and a
//! model of fading, and docs/place.md says so.

mod advert;
mod id;
mod ranging;
mod scan;
#[cfg(test)]
mod tests;

pub use advert::{Advert, advert};
pub(super) use id::bytes as hex_bytes;
pub use id::{BeaconId, BeaconIdError};
pub(crate) use ranging::NEAREST_MS;
pub use ranging::{Ranged, Ranging};
pub use scan::{Heard, Received, Scan, Signal, ZoneChange};
