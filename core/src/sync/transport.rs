//! The edge to the network: one request out, one response back.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The method of a [`Request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Delivers.
    Post,
}

/// One HTTP request, complete but for the connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Header names in lower case with their values; one of them may be the API key.
    pub headers: Vec<(String, String)>,
    /// Empty for a GET.
    pub body: Vec<u8>,
    /// When to give up; the transport answers [`TransportError::Timeout`] then.
    pub timeout: Duration,
    /// A longer response counts as [`TransportError::TooLarge`]. At most [`MAX_RESPONSE_BYTES`].
    pub max_bytes: usize,
}

/// Neither key nor content: requests end up in logs.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// What came back, of any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// At most [`Request::max_bytes`].
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A response is cut off above this and counts as garbage: the catalogue's own bound is 5 MiB.
pub const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024;

/// Why there is no response. All are worth another try later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, or it broke.
    #[error("network: {0}")]
    Network(String),
    /// Nothing came in time.
    #[error("timed out")]
    Timeout,
    /// The response was longer than [`Request::max_bytes`].
    #[error("response too large")]
    TooLarge,
    /// Consent changed before the first byte was written: it was not sent.
    #[error("overtaken by a change of consent")]
    Overtaken,
}

/// A response to come.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Carries requests. Called on the sync thread, inside its runtime; one request at a time.
///
/// Dropping the future aborts the request: when the drop returns, nothing more is written to the
/// socket. Consent that is withdrawn in mid-flight rests on that.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`.
    fn send(&self, request: Request) -> Pending<'_>;
}
