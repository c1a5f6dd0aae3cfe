//! Decides what to send and when, and carries it.
//!
//! [`SyncState`], [`Requests`] and the `interpret_*` functions are pure: the engine asks them and
//! keeps what they say. [`Courier`] is the one thread that touches the network, through a
//! [`Transport`]: the one brought along ([`HttpTransport`]), or the host's own ([`BlockingTransport`] where
//! that one waits).

mod backoff;
mod blocking;
mod courier;
mod delta;
pub(crate) mod endpoint;
#[cfg(feature = "http")]
mod http;
mod image;
mod network;
mod outcome;
#[cfg(feature = "http")]
mod pins;
mod planner;
mod request;
#[cfg(test)]
#[cfg(feature = "http")]
mod tls_tests;
mod transport;
mod true_time;
pub mod wire;

pub use backoff::{MAX_RETRY_AFTER, jitter, retry_after};
pub use blocking::{BlockingTransport, OnThread};
pub use courier::{Aborting, Courier, Done, Epoch, Ticket};
pub use delta::{DELTA_IM, Delta, DeltaError, MAX_DELTA_BYTES, Piece, apply as apply_delta};
#[cfg(feature = "http")]
pub use http::HttpTransport;
pub use image::{ImageError, MAX_IMAGE_BYTES, image_request, interpret_image};
pub use network::{METERED_FLUSH_AGE, METERED_FLUSH_EVENTS, Network};
pub use outcome::{
    CatalogueOutcome, ConsentOutcome, EventsOutcome, Failure, IdentityOutcome, PreferencesOutcome, Settlement,
    interpret_catalogue, interpret_consent, interpret_events, interpret_identity, interpret_preferences,
    interpret_rights,
};
pub use planner::{FLUSH_AGE, FLUSH_EVENTS, Facts, Lane, Next, SyncState};
pub use request::{NotJson, Requests, wire_size};
pub use transport::{MAX_RESPONSE_BYTES, Method, Pending, Request, Response, Transport, TransportError};
pub use true_time::{TrueTime, age_ms, least_age_ms};
