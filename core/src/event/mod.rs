//! What can be recorded, and the form in which it travels.
//!
//! Pure: an event and a [`crate::consent::Permit`] go in, a [`Record`] comes out. Storing records
//! is left to [`crate::store`], sending them to [`crate::sync`].

mod check;
#[cfg(test)]
mod door_tests;
mod engagement;
mod kind;
mod parts;
mod priority;
mod record;
#[cfg(feature = "schema")]
pub mod schema;
mod visit;
#[cfg(test)]
mod vocabulary_tests;

pub use engagement::{Engagement, MAX_EVENT_BYTES, Tracked};
pub(crate) use kind::{Kind, VISIT_KINDS};
pub use parts::{Proximity, PurchaseLine, Topic};
pub use priority::Priority;
pub(crate) use record::Draft;
pub use record::{Record, RecordError};
