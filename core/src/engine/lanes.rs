//! What the engine knows of sync: what is on the wire, what was acknowledged, who waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Answer;
use super::drain::Draining;
use crate::clock::Now;
use crate::offer::Preferences;
use crate::store::Batch;
use crate::sync::{Lane, Network, Settlement, SyncState, Ticket, TrueTime};

/// What sync must remember across processes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remembered {
    pub(super) state: SyncState,
    /// The batch that was sent last and not settled: it goes again under the same id.
    pub(super) batch: Option<Batch>,
    /// What is queued up to here was sent in some batch, and no answer was clear about all of it:
    /// it may have arrived. Never taken back, for numbers in the queue only grow.
    #[serde(default)]
    pub(super) in_doubt_to: i64,
    /// The next batch begins behind this number; from the front again, once nothing is left there.
    /// What was refused or put off up to here must not hold up the rest, and how the rest fares tells
    /// whether the fault is the backend's.
    pub(super) passed_to: i64,
    /// How many batches the backend has taken something of.
    pub(super) took: u64,
    /// The same when something was put off last, and that counted.
    pub(super) took_when_put_off: u64,
    /// When that was, by the device's wall clock.
    pub(super) put_off_at_ms: i64,
    /// Events that were refused alone, by their numbers.
    pub(super) refusals: BTreeMap<i64, Refusals>,
    pub(super) acked_epoch: u64,
    /// The backend is to hear what consent comes to, decisions or none, and may have something to tell of it.
    pub(super) consent_wanted: bool,
    /// What stands besides the decisions (what signals lower, names for partners): grows with every change of
    /// it, also beyond a file that was lost. 0 before the first.
    pub(super) standing: u64,
    /// Which of it the backend has acknowledged.
    pub(super) told_standing: u64,
    /// Up to which epoch the backend has countersigned the ledger; 0 for not yet. A head of it must be there.
    pub(super) anchored_epoch: u64,
    /// What the backend said last of the time.
    pub(super) true_time: Option<TrueTime>,
}

/// What is known of an event that was refused alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusals {
    pub(super) times: u32,
    /// [`Remembered::took`] at the first time.
    pub(super) took: u64,
}

/// Refused events that are counted at one time. A backend that refuses everything gets no more of
/// them written down; the others have their turn when some of these are through.
const MAX_REFUSED: usize = 100;

impl Remembered {
    /// Nothing of `batch` was settled: what comes next is what lies behind it.
    pub(super) fn pass(&mut self, batch: Batch, verdicts: &[(Uuid, Settlement)]) {
        let is = |settlement: fn(&Settlement) -> bool| verdicts.iter().any(|(_, known)| settlement(known));
        self.passed_to = if is(|settlement| *settlement == Settlement::ConsentUnknown) {
            self.passed_to
        } else if is(|settlement| matches!(settlement, Settlement::Refused(_))) || self.passed_to == 0 {
            batch.last
        } else {
            // What was put off is in doubt, and all that is in doubt lies outside of the quota: two
            // batches of it are enough.
            0
        };
    }

    /// Counts that the event of this number was refused alone; answers what is known of it.
    pub(super) fn refused(&mut self, seq: i64) -> Refusals {
        if self.refusals.len() >= MAX_REFUSED && !self.refusals.contains_key(&seq) {
            return Refusals::default();
        }
        let known = self.refusals.entry(seq).or_insert(Refusals { times: 0, took: self.took });
        known.times = known.times.saturating_add(1);
        *known
    }

    /// Nothing sent, and nothing to tell of the decisions up to `epoch`. The time is as true for
    /// the next shopper.
    pub(super) fn from_epoch(epoch: u64, true_time: Option<TrueTime>) -> Self {
        Self { acked_epoch: epoch, true_time, ..Self::default() }
    }

    /// Something stands anew besides the decisions: the backend is to know before it gets another event.
    pub(super) fn stand_anew(&mut self, now: Now) {
        self.standing = self.standing.saturating_add(1).max(u64::try_from(now.wall_ms).unwrap_or(0));
    }

    /// Whether the backend has yet to hear of that.
    pub(super) fn is_standing_untold(&self) -> bool {
        self.told_standing != self.standing
    }
}

/// What the engine knows of sync.
pub(super) struct Lanes {
    pub(super) kept: Remembered,
    pub(super) in_flight: Option<InFlight>,
    pub(super) tickets: u64,
    pub(super) network: Network,
    /// The host has said what it is.
    pub(super) is_network_told: bool,
    pub(super) epoch: u64,
    pub(super) delivered: u64,
    pub(super) sent_bytes: u64,
    pub(super) last_error: Option<String>,
    pub(super) deadline: Option<i64>,
    pub(super) catalogue_wanted: bool,
    /// The backend may have rules of the shopper's other devices.
    pub(super) preferences_wanted: bool,
    /// How often in a row it had no address for them, or knew of no right of this device to it.
    pub(super) preferences_refused: u32,
    /// When it last said what it has of them, on the monotonic clock.
    pub(super) preferences_known_ms: Option<u64>,
    /// How often in a row the backend had others than those that this device began from.
    pub(super) contended: u32,
    /// A delta did not fit: this process asks for no other. What was wrong once may be so each time, and the
    /// catalogue would come twice.
    pub(super) whole_only: bool,
    /// How often the host gave a key since the first: a refusal of an earlier one says nothing of the latest.
    pub(super) renewals: u32,
    pub(super) drains: Vec<Draining>,
    pub(super) refreshes: Vec<Answer<()>>,
}

pub(super) struct InFlight {
    pub(super) ticket: Ticket,
    pub(super) lane: Lane,
    /// Which of the keys that the host gave it was sent with; see [`Lanes::renewals`].
    pub(super) key: u32,
    /// The events of a batch, and their numbers in the queue.
    pub(super) sent: Vec<(Uuid, i64)>,
    /// The highest epoch that a consent report tells of.
    pub(super) epoch: u64,
    /// Up to which epoch that is all that there is to tell.
    pub(super) told_to: u64,
    /// What stood besides the decisions of that report.
    pub(super) standing: u64,
    /// The token of an identity link.
    pub(super) token: Option<String>,
    /// The tag of the catalogue that a delta was asked for.
    pub(super) base: Option<String>,
    /// The shopper's rules, where they were sent.
    pub(super) preferences: Option<Preferences>,
    /// What partners know the shopper by, where that was sent.
    pub(super) pseudonyms: Vec<(String, Uuid)>,
}

impl Lanes {
    pub(super) fn new(kept: Remembered, epoch: u64) -> Self {
        Self {
            // Decisions that were lost with a damaged file are decided anew under the same numbers.
            kept: Remembered { acked_epoch: kept.acked_epoch.min(epoch), ..kept },
            in_flight: None,
            tickets: 0,
            network: Network::default(),
            is_network_told: false,
            epoch,
            delivered: 0,
            sent_bytes: 0,
            last_error: None,
            deadline: None,
            catalogue_wanted: false,
            preferences_wanted: true,
            preferences_refused: 0,
            preferences_known_ms: None,
            contended: 0,
            whole_only: false,
            renewals: 0,
            drains: Vec::new(),
            refreshes: Vec::new(),
        }
    }

    pub(super) fn online(&self) -> bool {
        self.network.is_online()
    }

    pub(super) fn key_refused(&self) -> bool {
        self.kept.state.key_refused()
    }

    pub(super) fn last_error(&self) -> Option<&String> {
        self.last_error.as_ref()
    }

    pub(super) fn acked_epoch(&self) -> u64 {
        self.kept.acked_epoch
    }

    pub(super) fn is_sending(&self) -> bool {
        self.in_flight.is_some()
    }

    /// When to be asked again, wall clock.
    pub(super) fn deadline(&self, now: Now) -> Option<i64> {
        self.drains.iter().map(|drain| drain.until_wall_ms(now)).chain(self.deadline).min()
    }

    /// When sync itself tries again.
    pub(super) fn next_attempt(&self) -> Option<i64> {
        self.deadline
    }

    pub(super) fn consent_changed(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Whether events are on the wire at this moment.
    pub(super) fn is_sending_events(&self) -> bool {
        self.in_flight.as_ref().is_some_and(|in_flight| in_flight.lane == Lane::Events)
    }

    /// The part of the queue that may have arrived: on the wire now, or without an answer that was
    /// clear about it. Batches are made of the oldest, so it is one range.
    pub(super) fn sent(&self) -> Option<Batch> {
        let last = self.kept.batch.map_or(0, |batch| batch.last).max(self.kept.in_doubt_to);
        (last > 0).then_some(Batch { id: Uuid::nil(), first: 0, last })
    }

    /// The batch under way is over, and what is left of it may have arrived all the same.
    pub(super) fn leave_in_doubt(kept: &mut Remembered) {
        if let Some(batch) = kept.batch.take() {
            kept.in_doubt_to = kept.in_doubt_to.max(batch.last);
        }
    }

    /// Gives up on what is in flight; the caller sees to it that the courier does too.
    pub(super) fn break_off(&mut self) -> Option<Ticket> {
        self.in_flight.take().map(|in_flight| in_flight.ticket)
    }

    /// A new installation that has told the backend nothing, and has nothing to tell.
    pub(super) fn start_over(&mut self, fresh: Remembered) {
        self.epoch = fresh.acked_epoch;
        self.preferences_wanted = true;
        self.kept = fresh;
        self.last_error = None;
    }
}
