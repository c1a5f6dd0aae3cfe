//! Where Patron's log lines go: to a sink that the host sets, never to standard output.
//!
//! A line never carries personal data: no position, no token, no content of an event. Callers
//! pass ids of catalogue entries, counts, sizes and error kinds only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something was lost, refused or broken.
    Error,
    /// Something is odd, and Patron goes on.
    Warn,
    /// What an operator would want to see once.
    Info,
    /// Each step; for the lab.
    Debug,
}

/// Takes log lines. Called from Patron's threads; must be quick and must not call back. A panic costs
/// the line.
pub trait LogSink: Send + Sync + 'static {
    /// One line, without a line end.
    fn log(&self, level: Level, line: &str);
}

/// A sink with its threshold, shared by the threads.
#[derive(Clone)]
pub struct Log {
    sink: Option<Arc<dyn LogSink>>,
    max: Level,
}

impl Log {
    /// Lines up to `max` go to `sink`.
    pub fn to(sink: Arc<dyn LogSink>, max: Level) -> Self {
        Self { sink: Some(sink), max }
    }

    /// Says nothing.
    pub fn silent() -> Self {
        Self { sink: None, max: Level::Error }
    }

    /// Formats `line` only if someone listens at `level`.
    pub fn line(&self, level: Level, line: impl FnOnce() -> String) {
        if let Some(sink) = &self.sink
            && level <= self.max
        {
            let line = line();
            // The host's sink is called wherever something is logged, on the engine's thread too: its
            // mistake must not end that.
            let _ = catch_unwind(AssertUnwindSafe(|| sink.log(level, &line)));
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("max", &self.max).field("silent", &self.sink.is_none()).finish()
    }
}
