//! A demo town with its backend in the process, for the first minute of a newcomer.

mod transport;

pub use transport::SandboxTransport;

/// The town's catalogue, as a backend would serve it.
pub const TOWN_JSON: &str = include_str!("town.json");

/// A synthetic walk through the town, GPX 1.1: fourteen minutes past four of its places, with a
/// stop at two of them.
pub const WALK_GPX: &str = include_str!("walk.gpx");
