//! Decides when a shopper has arrived at, stayed in and left a place.
//!
//! Pure: fixes go in, transitions come out. It neither asks the platform for a position nor
//! records an event; the engine does both, and only with a [`crate::consent::Permit`].

mod crossing;
mod evidence;
mod fence;
mod fix;
mod geometry;
mod index;
#[cfg(test)]
mod noise_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace_tests;
mod tracker;
mod transition;
mod visit;

pub(crate) use fence::default_dwell_s;
pub use fence::{Circle, Place};
pub use fix::{Fix, FixInput};
pub use index::FenceIndex;
pub use tracker::{Ignored, TrackerState, VisitTracker};
pub use transition::{Transition, TransitionKind, Visit, VisitPhase};
