//! The rows of the place folder: finding fences, outlines, being wrong at an edge, planning wakes.

mod country;
mod locate;
mod outline;

pub use locate::BENCH as LOCATE;
pub use outline::BENCH as OUTLINE;
