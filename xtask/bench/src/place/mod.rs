//! The rows of the place folder: finding fences, outlines, being wrong at an edge, planning wakes.

mod country;
mod edge;
mod locate;
mod outline;
mod wake;

pub use edge::BENCH as EDGE;
pub use locate::BENCH as LOCATE;
pub use outline::BENCH as OUTLINE;
pub use wake::BENCH as WAKE;
