//! Decides what to send and when, and carries it.

mod transport;
pub mod wire;

pub use transport::{MAX_RESPONSE_BYTES, Method, Pending, Request, Response, Transport, TransportError};
