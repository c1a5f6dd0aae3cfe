//! Telling the app that something changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::offer::Notice;
use crate::origin::Origin;
use crate::place::Transition;
use crate::place::beacon::ZoneChange;

/// What changed. Carries facts only where they cannot be read later.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The shopper decided; read [`crate::Patron::consents`].
    Consent,
    /// Offers may have changed; read [`crate::Patron::offers`].
    Offers,
    /// A visit began, dwelt or ended.
    Visit(Transition),
    /// A beacon came nearer, went farther or was lost.
    Zone(ZoneChange),
    /// The shopper came near this place: within its approach threshold, and not at it.
    Approaching(String),
    /// Something for the host to show outside of the app, now. Told once; the shopper's own reminders wait until
    /// somebody takes notices ([`Listener::takes_notices`]).
    Notice(Notice),
    /// What the platform watches is out of date; read [`crate::Patron::plan`].
    Plan,
    /// Something was delivered, or sync's state changed; read [`crate::Patron::diagnostics`].
    Sync,
}

/// Hears of changes. Called on the engine's thread, in batches: hand over and return.
pub trait Listener: Send + Sync + 'static {
    /// What changed since the last call, in order.
    fn changed(&self, changes: &[Change]);

    /// Whether it shows the notices that it is told; asked once, as it subscribes. The shopper's reminders wait until
    /// there is one that does: they are told once, and one that nobody shows is lost.
    fn takes_notices(&self) -> bool {
        true
    }
}

/// The listeners of one handle.
#[derive(Default)]
pub(crate) struct Listeners {
    origin: Origin,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    by_id: BTreeMap<u64, Heard>,
}

struct Heard {
    listener: Arc<dyn Listener>,
    takes_notices: bool,
}

impl Listeners {
    pub(crate) fn add(self: &Arc<Self>, listener: Arc<dyn Listener>) -> Subscription {
        if !self.origin.is_here() {
            // Nothing will ever change in a forked child.
            return Subscription { id: 0, listeners: Weak::new() };
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let id = state.next;
        state.next += 1;
        state.by_id.insert(id, Heard { takes_notices: listener.takes_notices(), listener });
        Subscription { id, listeners: Arc::downgrade(self) }
    }

    /// Whether somebody shows the notices that are told.
    pub(crate) fn takes_notices(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.by_id.values().any(|heard| heard.takes_notices)
    }

    /// Calls every listener. One that panics loses its call and nothing else.
    pub(crate) fn tell(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        // Cloned out of the lock: a listener may subscribe or cancel from inside its call.
        let all: Vec<_> = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.by_id.values().map(|heard| heard.listener.clone()).collect()
        };
        for listener in all {
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| listener.changed(changes)));
        }
    }

    pub(crate) fn clear(&self) {
        // Dropped outside the lock, for the same reason.
        let gone = std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).by_id);
        drop(gone);
    }
}

/// A listener's place; it hears nothing more once this is cancelled or dropped.
#[must_use = "dropping it ends the subscription"]
pub struct Subscription {
    id: u64,
    listeners: Weak<Listeners>,
}

impl Subscription {
    /// Ends it. A call that is under way finishes; no other begins. Idempotent.
    pub fn cancel(&self) {
        if let Some(listeners) = self.listeners.upgrade().filter(|listeners| listeners.origin.is_here()) {
            let gone = listeners.state.lock().unwrap_or_else(PoisonError::into_inner).by_id.remove(&self.id);
            drop(gone);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counting(AtomicUsize);
    impl Listener for Counting {
        fn changed(&self, changes: &[Change]) {
            self.0.fetch_add(changes.len(), Ordering::SeqCst);
        }
    }
    struct Throwing;
    impl Listener for Throwing {
        fn changed(&self, _: &[Change]) {
            panic!("a listener's own mistake");
        }
    }

    #[test]
    fn a_listener_that_throws_does_not_deafen_the_others() {
        let listeners = Arc::new(Listeners::default());
        let counting = Arc::new(Counting(AtomicUsize::new(0)));
        let _a = listeners.add(Arc::new(Throwing));
        let _b = listeners.add(counting.clone());
        listeners.tell(&[Change::Consent, Change::Offers]);
        assert_eq!(counting.0.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_dropped_subscription_hears_nothing() {
        let listeners = Arc::new(Listeners::default());
        let counting = Arc::new(Counting(AtomicUsize::new(0)));
        drop(listeners.add(counting.clone()));
        listeners.tell(&[Change::Sync]);
        assert_eq!(counting.0.load(Ordering::SeqCst), 0);
    }
}
