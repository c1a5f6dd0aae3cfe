//! Calls back into the host: changes and log lines.
//!
//! They come on the engine's and sync's own threads, which the JVM knows ([`crate::jvm`]). Changes
//! arrive in batches, so what a call into the host costs is per batch.

use std::sync::{Arc, Mutex, PoisonError};

use patron_core::log::{Level, Log, LogSink};
use patron_core::offer::Notice;
use patron_core::place::Transition;
use patron_core::place::beacon::ZoneChange;
use patron_core::{Change, Listener, Subscription};

/// How much a log line matters.
pub(crate) type LogLevel = Level;

/// How much a log line matters.
#[uniffi::remote(Enum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// What changed.
#[uniffi::remote(Enum)]
pub enum Change {
    Consent,
    Offers,
    Visit(Transition),
    Zone(ZoneChange),
    Approaching(String),
    Notice(Notice),
    Plan,
    Sync,
}

/// The host's code threw. What it threw is dropped: it may carry a stack trace and data, and
/// neither belongs in a log line or an upload.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum CallbackError {
    /// It threw.
    #[error("the host's callback failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CallbackError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Takes log lines.
#[uniffi::export(callback_interface)]
pub trait LogCallback: Send + Sync {
    /// One line, without a line end.
    fn line(&self, level: LogLevel, text: String) -> Result<(), CallbackError>;
}

/// Hears of changes.
#[uniffi::export(callback_interface)]
pub trait ChangeListener: Send + Sync {
    /// What changed since the last call, in order.
    fn changed(&self, changes: Vec<Change>) -> Result<(), CallbackError>;
}

/// A listener's place; it hears nothing more once this is cancelled or freed.
#[derive(uniffi::Object)]
pub struct SubscriptionHandle(Mutex<Option<Subscription>>);

#[uniffi::export]
impl SubscriptionHandle {
    /// Ends it. Idempotent.
    pub fn cancel(&self) {
        // Dropped outside the lock.
        let subscription = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(subscription);
    }
}

impl SubscriptionHandle {
    pub(crate) fn new(subscription: Subscription) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(subscription))))
    }
}

/// The core's log over the host's callback; silent without one.
pub(crate) fn log_to(callback: Option<Box<dyn LogCallback>>, level: LogLevel) -> Log {
    callback.map_or_else(Log::silent, |callback| Log::to(Arc::new(Sink(callback)), level))
}

struct Sink(Box<dyn LogCallback>);

impl LogSink for Sink {
    fn log(&self, level: Level, line: &str) {
        // A log that fails has nowhere to say so.
        let _ = self.0.line(level, line.to_owned());
    }
}

/// The core's listener over the host's.
pub(crate) struct Bridge {
    pub(crate) host: Box<dyn ChangeListener>,
    pub(crate) takes_notices: bool,
    pub(crate) log: Log,
}

impl Listener for Bridge {
    fn changed(&self, changes: &[Change]) {
        if let Err(error) = self.host.changed(changes.to_vec()) {
            self.log.line(Level::Warn, || format!("a listener was told of {} changes: {error}", changes.len()));
        }
    }

    fn takes_notices(&self) -> bool {
        self.takes_notices
    }
}
