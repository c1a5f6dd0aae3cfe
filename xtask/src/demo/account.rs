//! The account of both sides, and whether it balances.

use serde::Serialize;

use crate::lab::Held;

use super::protocol::State;

/// Each number from where it can be counted best: calls, the device's books, the backend's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Account {
    /// Counted by the demo as calls returned over the pipe.
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) queued: u64,
    pub(crate) dead: u64,
    pub(crate) evicted: u64,
    pub(crate) purged: u64,
    /// Rows in the backend's database.
    pub(crate) backend_stored: u64,
    /// Offers of events that it had already, refused by it.
    pub(crate) backend_duplicates: u64,
}

/// The demo's last line in `--json`; programs rely on its names.
#[derive(Serialize)]
pub(crate) struct LastLine {
    account: Account,
    balanced: bool,
}

impl Account {
    pub(crate) fn new(accepted: u64, device: &State, backend: Held) -> Self {
        Self {
            accepted,
            delivered: device.delivered,
            queued: device.queued,
            dead: device.dead,
            evicted: device.evicted,
            purged: device.purged,
            backend_stored: backend.stored,
            backend_duplicates: backend.duplicates,
        }
    }

    pub(crate) fn sum(&self) -> u64 {
        self.delivered + self.queued + self.dead + self.evicted + self.purged
    }

    /// What was delivered is what the backend holds, neither more nor less. On a walk of months events
    /// grow too old while their reply is lost: those may have arrived all the same.
    pub(crate) fn balanced(&self) -> bool {
        self.accepted == self.sum() && self.both_sides_agree()
    }

    fn both_sides_agree(&self) -> bool {
        (self.delivered..=self.delivered + self.evicted).contains(&self.backend_stored)
    }

    pub(crate) fn last_line(&self) -> LastLine {
        LastLine { account: *self, balanced: self.balanced() }
    }

    /// In one sentence.
    pub(crate) fn verdict(&self) -> String {
        let lost = self.accepted.saturating_sub(self.sum());
        if self.accepted < self.sum() {
            format!("The device's books hold {} events that no call accepted.", self.sum() - self.accepted)
        } else if lost > 0 {
            format!("{lost} of {} accepted events are in no column: they are lost.", self.accepted)
        } else if !self.both_sides_agree() {
            format!("The device counts {} as delivered, the backend holds {}.", self.delivered, self.backend_stored)
        } else if self.evicted > 0 {
            format!("Nothing twice; {} grew too old on the way, and the account says so.", self.evicted)
        } else if self.queued > 0 {
            format!("Nothing lost, nothing twice; {} events still wait on the device.", self.queued)
        } else {
            "Every event that a call accepted is at the backend, once.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(accepted: u64, delivered: u64, queued: u64, stored: u64) -> Account {
        let state = State { delivered, queued, ..State::default() };
        Account::new(accepted, &state, Held { stored, duplicates: 3, erased: 0 })
    }

    #[test]
    fn it_balances_only_when_both_sides_agree() {
        assert!(account(10, 10, 0, 10).balanced());
        assert!(account(10, 8, 2, 8).balanced());
        for wrong in [account(11, 10, 0, 10), account(9, 10, 0, 10), account(10, 10, 0, 9), account(10, 10, 0, 11)] {
            assert!(!wrong.balanced(), "{wrong:?}");
            assert!(!wrong.verdict().contains("once"), "{wrong:?}");
        }
        let old = |stored| Account { evicted: 4, ..account(14, 10, 0, stored) };
        assert!(old(10).balanced() && old(14).balanced() && !old(9).balanced() && !old(15).balanced());
    }

    #[test]
    fn the_last_line_has_the_names_that_programs_rely_on() {
        let line = serde_json::to_string(&account(10, 8, 2, 8).last_line()).unwrap();
        assert_eq!(
            line,
            r#"{"account":{"accepted":10,"delivered":8,"queued":2,"dead":0,"evicted":0,"purged":0,"backend_stored":8,"backend_duplicates":3},"balanced":true}"#
        );
    }
}
