//! The account of every event that was ever accepted.

use serde::Serialize;

/// `accepted = delivered + queued + dead + evicted + purged`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Taken from callers, and visits that were recorded.
    pub accepted: u64,
    /// Acknowledged by the backend.
    pub delivered: u64,
    /// On the device, to be sent.
    pub queued: u64,
    /// Refused by the backend for good; kept as dead letters.
    pub dead: u64,
    /// Given up for the quota or for age.
    pub evicted: u64,
    /// Removed because the shopper said so.
    pub purged: u64,
}

impl Account {
    /// Whether the equation holds.
    pub fn balances(&self) -> bool {
        self.accepted == self.delivered + self.queued + self.dead + self.evicted + self.purged
    }
}
