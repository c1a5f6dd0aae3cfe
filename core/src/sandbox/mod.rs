//! A demo town with its backend in the process, for the first minute of a newcomer.

mod transport;

pub use transport::SandboxTransport;

/// The town's catalogue, as a backend would serve it.
pub const TOWN_JSON: &str = include_str!("town.json");

/// A synthetic walk through the town, GPX 1.1: fourteen minutes past four of its places, with a
/// stop at two of them.
pub const WALK_GPX: &str = include_str!("walk.gpx");

/// The beacon at the till of the town's market café.
pub const MARKET_BEACON: &str = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1";

/// The code on the door of that café, as a scanner reads it; a fixed one.
pub const MARKET_CODE: &str = "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market";
