//! What the host says of the network.

use std::time::Duration;

use super::planner::{FLUSH_AGE, FLUSH_EVENTS};

/// On a connection that someone pays for by the byte, and on a radio that is dear to wake, so
/// many events are worth a request by themselves.
pub const METERED_FLUSH_EVENTS: u64 = 100;

/// ... and an event waits so long for company.
pub const METERED_FLUSH_AGE: Duration = Duration::from_secs(600);

/// The network as the platform tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// None: nothing is tried.
    Offline,
    /// Paid for by the byte, or asked to be spared: fewer, larger requests, and the offers are
    /// fetched half as often. Consent goes at once all the same.
    Metered,
    /// Free to use.
    #[default]
    Unmetered,
}

impl Network {
    /// Whether requests can be made.
    pub fn is_online(self) -> bool {
        self != Self::Offline
    }

    /// So many events are worth a request by themselves.
    pub(crate) fn flush_events(self) -> u64 {
        if self == Self::Metered { METERED_FLUSH_EVENTS } else { FLUSH_EVENTS }
    }

    /// An event waits at most so long for company.
    pub(crate) fn flush_age(self) -> Duration {
        if self == Self::Metered { METERED_FLUSH_AGE } else { FLUSH_AGE }
    }

    /// By how much the time is stretched after which the offers are fetched anew.
    pub(crate) fn freshness_factor(self) -> i64 {
        if self == Self::Metered { 2 } else { 1 }
    }
}
