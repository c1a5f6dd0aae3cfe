//! Tells the process that opened a store from a child that was forked from it.
//!
//! A child has one thread: the one that forked. Locks that others held stay held for good, threads
//! that it would join do not exist, and what it writes to the store would fall on its parent's. So a
//! handle that crossed a fork answers as if it were closed, before it takes any lock, and is left
//! alone when it is dropped: [`crate::Patron`], the ring and the listeners each ask here first. The
//! price is one relaxed load and a comparison.
//!
//! Says nothing of children that run another program (`exec`): of those, nothing is left of us.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many forks lie between this process and the first that asked.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The process in which something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(u64);

impl Origin {
    /// This process.
    pub(crate) fn here() -> Self {
        watch();
        Self(GENERATION.load(Ordering::Relaxed))
    }

    /// Whether this is still the same process.
    pub(crate) fn is_here(self) -> bool {
        // The child's only thread is the one whose fork raised it: there is nothing to order.
        self.0 == GENERATION.load(Ordering::Relaxed)
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::here()
    }
}

/// Has every fork from now on raise the generation in the child, before anything else runs there.
#[cfg(unix)]
#[allow(unsafe_code, reason = "the C library's hook takes a C function")]
fn watch() {
    extern "C" fn in_the_child() {
        // Nothing but this: between fork and exec little more is allowed.
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler is a plain function that lives as long as the program, and does what
        // is allowed between fork and exec: one atomic addition.
        let refused = unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
        // Out of memory, and no more than that: the ring's pages still do not follow a child.
        let _ = refused;
    });
}

#[cfg(not(unix))]
fn watch() {}
