//! A host's transport that waits where it is called, carried on a thread of its own.
//!
//! Hosts bring HTTP clients of their own, and no async call crosses to them. So each request gets a
//! thread that ends with it: there are two a minute, and one that hangs takes no other along.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Pending, Request, Response, Transport, TransportError};
use crate::threads::Threads;

/// As long as an abort is waited for; see [`super::Courier::abort`].
const PATIENCE: Duration = Duration::from_secs(2);

/// Carries requests, one at a time.
pub trait BlockingTransport: Send + Sync + 'static {
    /// Sends `request` and waits for the response, of whatever status. Called on a thread that does
    /// nothing else. `id` names it to [`BlockingTransport::cancel`].
    ///
    /// # Errors
    /// Why there is no response. [`TransportError::Timeout`] when the request's own time was over.
    fn send(&self, id: u64, request: Request) -> Result<Response, TransportError>;

    /// Breaks `id` off: its `send`, still waiting on its thread, is to return within two seconds with any
    /// error, and to write nothing more to its socket. An `id` that ended meanwhile is left alone. Called
    /// on the sync thread; must not wait.
    fn cancel(&self, id: u64);
}

/// The [`Transport`] over a [`BlockingTransport`].
pub struct OnThread {
    host: Arc<dyn BlockingTransport>,
    threads: Threads,
    begun: AtomicU64,
    /// The thread of a request holds it too, for as long as the host is at it.
    at_it: Arc<()>,
    patience: Duration,
}

impl OnThread {
    /// Calls `host` on threads that `threads` starts, called `patron-transport`.
    pub fn new(host: Arc<dyn BlockingTransport>, threads: Threads) -> Self {
        Self { host, threads, begun: AtomicU64::new(0), at_it: Arc::default(), patience: PATIENCE }
    }

    fn begin(&self, request: Request) -> Result<Call, TransportError> {
        if Arc::strong_count(&self.at_it) > 1 {
            return Err(TransportError::Network("the host's transport has not let go of an earlier request".into()));
        }
        let id = self.begun.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let (last, ended) = mpsc::channel();
        let (host, at_it) = (Arc::clone(&self.host), Arc::clone(&self.at_it));
        let work = move || {
            // After a panic too they go from the right to the left: whoever has the answer may send the next.
            let (_last, answer, at_it) = (last, answer, at_it);
            let result = host.send(id, request);
            drop(at_it);
            let _ = answer.send(result);
        };
        self.threads.spawn("patron-transport", work).map_err(|e| TransportError::Network(e.to_string()))?;
        let host = Arc::clone(&self.host);
        Ok(Call { host, id, answered: Some(answered), ended, patience: self.patience })
    }
}

impl Transport for OnThread {
    fn send(&self, request: Request) -> Pending<'_> {
        Box::pin(async move { self.begin(request)?.await })
    }
}

impl std::fmt::Debug for OnThread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnThread").finish_non_exhaustive()
    }
}

/// One request that the host is at.
struct Call {
    host: Arc<dyn BlockingTransport>,
    id: u64,
    /// `None` once the answer is there.
    answered: Option<oneshot::Receiver<Result<Response, TransportError>>>,
    /// Closed when the thread ends.
    ended: mpsc::Receiver<Infallible>,
    patience: Duration,
}

impl Future for Call {
    type Output = Result<Response, TransportError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(answered) = &mut self.answered else { return Poll::Pending };
        Pin::new(answered).poll(context).map(|answer| {
            self.answered = None;
            answer.unwrap_or_else(|_| Err(TransportError::Network("the host's transport panicked".into())))
        })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.answered.is_some() {
            self.host.cancel(self.id);
            // A host that does not keep its word must not hold a withdrawal for ever.
            let _ = self.ended.recv_timeout(self.patience);
        }
    }
}

#[cfg(test)]
#[path = "blocking_tests.rs"]
mod tests;
