//! The app in sight and out of it: sessions, and the network and key that the host tells of.

use std::time::Duration;

use super::{Effects, Engine};
use crate::clock::Now;
use crate::observe::Change;
use crate::sync::{Network, age_ms};

/// Away for longer than this, the shopper comes back for something else. The field's usual bound.
const SESSION_GAP: Duration = Duration::from_secs(30 * 60);

impl Engine {
    /// See [`crate::Patron::set_foreground`].
    pub(super) fn set_foreground(&mut self, foreground: bool, now: Now) {
        self.is_in_front = foreground;
        let is_first = !std::mem::replace(&mut self.knows_presence, true);
        if !foreground {
            // A host that tells of the leaving first was in sight until then.
            if is_first {
                self.away_since = None;
            }
            self.away_since.get_or_insert(now);
            self.keep_history();
            // The process may not live much longer: what is queued goes while it can.
            self.sync.kept.state.flush();
            return;
        }
        self.sync.kept.state.in_front();
        let away = self.away_since.take().and_then(|since| age_ms(since, now, self.sync.kept.true_time));
        if away.is_some_and(|ms| u128::from(ms) >= SESSION_GAP.as_millis()) {
            self.visit_anew(now);
        }
    }

    /// Begins a new session.
    pub(super) fn visit_anew(&mut self, now: Now) {
        self.session = self.ids.v7(now);
        self.touch();
    }

    /// See [`crate::Patron::set_network`].
    pub(super) fn set_network(&mut self, network: Network, effects: &mut Effects) {
        let is_first = !std::mem::replace(&mut self.sync.is_network_told, true);
        if is_first {
            // What was begun before anyone said so was begun on this.
            self.sync.drains.iter_mut().for_each(|drain| drain.begun_on(network));
        }
        if !is_first && self.sync.network == Network::Unmetered && network == Network::Metered {
            // Another network, and no hurry: what it costs is the shopper's.
            self.sync.kept.state.network_changed();
        } else if network.is_online() {
            self.sync.kept.state.network_regained();
        }
        if self.sync.network != network {
            self.sync.network = network;
            self.touch();
            effects.changes.extend([Change::Sync, Change::Offers]);
        }
    }

    /// See [`crate::Patron::renew_key`].
    pub(super) fn renew_key(&mut self, key: String, effects: &mut Effects) {
        self.config.key = key;
        self.sync.renewals = self.sync.renewals.wrapping_add(1);
        self.sync.kept.state.key_renewed();
        self.sync.kept.state.network_regained();
        self.touch();
        effects.changes.extend([Change::Sync, Change::Offers]);
    }
}
