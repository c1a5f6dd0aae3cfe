//! Decides when a shopper has arrived at, stayed in and left a place.
//!
//! Pure: fixes go in, transitions come out. It neither asks the platform for a position nor
//! records an event; [`crate::engine`] does both, and only with a [`crate::consent::Permit`].

mod fence;
mod fix;

pub use fence::{Circle, Place};
pub use fix::{Fix, FixInput};
