//! The host's own way to the backend.
//!
//! Its calls come on threads that the core starts for them, which the JVM knows ([`crate::jvm`]), and
//! may wait there.

use std::collections::HashMap;
use std::time::Duration;

use patron_core::sync::{BlockingTransport, Method, Request, Response, TransportError};

use crate::listener::CallbackError;

/// One HTTP request, complete but for the connection.
#[derive(uniffi::Record)]
pub struct HostRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Names in lower case; one of the values is the API key.
    pub headers: HashMap<String, String>,
    /// Empty for a `GET`.
    pub body: Vec<u8>,
    /// When to give up.
    pub timeout: Duration,
}

/// What came back, of any status.
#[derive(uniffi::Record)]
pub struct HostResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in any case.
    pub headers: HashMap<String, String>,
    /// At most 6 MiB.
    pub body: Vec<u8>,
}

/// Why there is no response. Both are tried again later.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum HostTransportError {
    /// No connection, or it broke.
    #[error("{why}")]
    Network {
        /// Shown in the diagnostics.
        why: String,
    },
    /// Nothing came in time.
    #[error("timed out")]
    Timeout,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostTransportError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Network { why: "the host's transport failed".into() }
    }
}

impl From<HostTransportError> for TransportError {
    fn from(error: HostTransportError) -> Self {
        match error {
            HostTransportError::Network { why } => Self::Network(why),
            HostTransportError::Timeout => Self::Timeout,
        }
    }
}

/// Carries requests, one at a time; see `patron_core::sync::BlockingTransport`.
#[uniffi::export(callback_interface)]
pub trait HostTransport: Send + Sync {
    /// Sends and waits for the response.
    fn send(&self, id: u64, request: HostRequest) -> Result<HostResponse, HostTransportError>;

    /// Breaks a request off, or one that is about to begin; returns at once.
    fn cancel(&self, id: u64) -> Result<(), CallbackError>;
}

/// The core's transport over the host's.
pub(crate) struct Carrier(pub(crate) Box<dyn HostTransport>);

impl BlockingTransport for Carrier {
    fn send(&self, id: u64, request: Request) -> Result<Response, TransportError> {
        let request = HostRequest {
            method: match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
            }
            .to_owned(),
            url: request.url,
            headers: request.headers.into_iter().collect(),
            body: request.body,
            timeout: request.timeout,
        };
        let HostResponse { status, headers, body } = self.0.send(id, request)?;
        Ok(Response { status, headers: headers.into_iter().collect(), body })
    }

    fn cancel(&self, id: u64) {
        // A host that cannot break off is one that does not: the core stops waiting for it.
        let _ = self.0.cancel(id);
    }
}
