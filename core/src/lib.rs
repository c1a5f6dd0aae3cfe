//! All behaviour of Patron, in plain Rust. The map is in docs/architecture.md.

pub mod clock;
pub mod consent;
pub mod error;
pub mod event;
pub mod log;
pub mod place;
pub mod store;
pub mod sync;

pub use error::Error;
