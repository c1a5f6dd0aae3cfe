//! What can be recorded, and the form in which it travels.
//!
//! Pure: an event and a [`crate::consent::Permit`] go in, a [`Record`] comes out. Storing records
//! is left to [`crate::store`], sending them to [`crate::sync`].

mod engagement;
mod priority;
mod record;
mod visit;

use engagement::DISMISSED;
pub use engagement::{Engagement, MAX_EVENT_BYTES, Tracked};
pub(crate) use priority::Priority;
pub use record::{Record, RecordError};
