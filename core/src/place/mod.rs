//! Decides when a shopper has arrived at, stayed in and left a place.
//!
//! Pure: fixes go in, transitions come out. It neither asks the platform for a position nor
//! records an event; the engine does both, and only with a [`crate::consent::Permit`].

mod area;
#[cfg(test)]
mod area_tests;
#[cfg(test)]
mod arrival_tests;
pub mod beacon;
pub mod checkin;
mod crossing;
#[cfg(any(test, feature = "simulation"))]
#[doc(hidden)]
pub mod edge;
mod evidence;
mod fence;
mod fix;
pub mod geojson;
#[cfg(test)]
mod geojson_tests;
mod geometry;
mod index;
#[cfg(any(test, feature = "noise"))]
#[doc(hidden)]
pub mod noise;
mod outline;
mod packed;
mod places;
#[cfg(test)]
mod places_tests;
pub mod plan;
#[cfg(test)]
mod plan_walk_tests;
#[cfg(test)]
mod presence_tests;
mod rings;
mod stay;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace_tests;
mod tracker;
mod transition;
mod visit;
mod watch;

pub use area::Area;
pub(crate) use fence::default_dwell_s;
pub use fence::{Circle, Fence, Place};
pub use fix::{Fix, FixInput};
pub(crate) use geometry::Point;
pub use index::FenceIndex;
pub(crate) use places::parent_flaws;
pub use places::{Places, SharedBeacon, ancestors, shared_beacons};
pub use rings::{OutlineError, OutlineFlaw};
pub use tracker::{Ignored, TrackerState, VisitTracker};
pub(crate) use transition::CodeScan;
pub use transition::{Transition, TransitionKind, Visit, VisitPhase, Witness};
pub(crate) use watch::{Pace, accuracy_after};
pub use watch::{Plan, WakeRegion};
