//! The core's two threads, and what a host does when one begins and ends.
//!
//! Decides nothing. The engine's driver and the courier start their threads here. A host whose
//! runtime must know every thread that calls into it, as a JVM must, hooks in.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crate::error::Error;

/// Hears of the core's threads, on those threads.
pub trait ThreadHook: Send + Sync + 'static {
    /// The thread runs; nothing has called the host from it yet.
    fn started(&self);

    /// Nothing calls the host from this thread any more. Also after a panic.
    fn ended(&self);
}

/// How threads are started. Without a hook, as any other.
#[derive(Clone, Default)]
pub struct Threads {
    hook: Option<Arc<dyn ThreadHook>>,
}

impl Threads {
    /// Threads of which `hook` hears.
    pub fn hooked(hook: Arc<dyn ThreadHook>) -> Self {
        Self { hook: Some(hook) }
    }

    /// Starts `work` on a thread called `name`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system gives no thread.
    pub(crate) fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
        let hook = self.hook.clone();
        Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let _known = hook.map(Known::from);
                work();
            })
            .map_err(|e| Error::Unavailable { why: format!("no thread {name}: {e}"), retry_after: None })
    }
}

/// Without the hook, which says nothing of itself.
impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("hooked", &self.hook.is_some()).finish()
    }
}

/// Between [`ThreadHook::started`] and [`ThreadHook::ended`].
struct Known(Arc<dyn ThreadHook>);

impl From<Arc<dyn ThreadHook>> for Known {
    fn from(hook: Arc<dyn ThreadHook>) -> Self {
        hook.started();
        Self(hook)
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.0.ended();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread::{ThreadId, current};

    use super::*;

    #[derive(Default)]
    struct Diary(Mutex<Vec<(&'static str, ThreadId)>>);

    impl Diary {
        fn add(&self, what: &'static str) {
            self.0.lock().unwrap().push((what, current().id()));
        }
    }

    impl ThreadHook for Diary {
        fn started(&self) {
            self.add("started");
        }

        fn ended(&self) {
            self.add("ended");
        }
    }

    #[test]
    fn the_host_hears_of_a_thread_on_it_before_and_behind_its_work_even_behind_a_panic() {
        let diary = Arc::new(Diary::default());
        let threads = Threads::hooked(Arc::clone(&diary) as _);
        let work = {
            let diary = Arc::clone(&diary);
            move || {
                diary.add("works");
                panic!("in the work")
            }
        };
        let thread = threads.spawn("patron-test", work).unwrap();
        let id = thread.thread().id();
        assert_eq!(thread.thread().name(), Some("patron-test"));
        assert!(thread.join().is_err());
        assert_eq!(*diary.0.lock().unwrap(), [("started", id), ("works", id), ("ended", id)]);
    }
}
