//! All behaviour of Patron, in plain Rust: consent, place, offers, the event queue and sync.
//!
//! Start at [`Patron`]. The pure folders ([`consent`], [`place`], [`offer`], [`event`]) decide;
//! [`store`] and [`sync`] touch the disk and the network; the engine in between owns the store and
//! takes one step at a time. docs/architecture.md has the map.

pub mod account;
pub mod clock;
mod config;
pub mod consent;
mod diagnostics;
mod engine;
mod error;
pub mod event;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod ids;
pub mod log;
mod money;
mod observe;
pub mod offer;
mod origin;
mod patron;
pub mod place;
pub mod sandbox;
mod schedule;
#[cfg(any(test, feature = "simulation"))]
#[doc(hidden)]
pub mod simulation;
#[cfg(test)]
mod stop;
pub mod store;
pub mod sync;
mod threads;

pub use account::{Account, Fate, Loss};
pub use config::{Config, DEFAULT_MAX_BYTES, DEFAULT_MAX_EVENTS, DEFAULT_MAX_IMAGE_BYTES, Edges};
pub use diagnostics::{
    AsideCause, CarriedOver, Database, DeadLetter, Diagnostics, Drained, Erased, SetAside, SignedOut,
};
pub use error::Error;
pub use money::Money;
pub use observe::{Change, Listener, Subscription};
pub use patron::Patron;
pub use sync::Network;
pub use threads::{ThreadHook, Threads};
