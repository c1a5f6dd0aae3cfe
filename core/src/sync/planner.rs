//! Decides what to send next, and when.
//!
//! Pure: facts in, the next step out. It sends nothing and stores nothing; the engine asks it
//! after whatever happened, keeps it across processes (it is serde), and tells it how each
//! request ended. Consent goes first and always: no event leaves before the backend holds the
//! decision under which it was recorded, and knows what lowers it since.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::backoff;
use super::network::Network;
use super::outcome::Failure;
use super::wire::MAX_BATCH_EVENTS;

/// So many events are worth a request by themselves.
pub const FLUSH_EVENTS: u64 = 20;

/// An event waits at most so long for company.
pub const FLUSH_AGE: Duration = Duration::from_secs(30);

/// Android's JobScheduler begins a job that is repeated every quarter of an hour at most.
const BETWEEN_JOBS: Duration = Duration::from_secs(15 * 60);

/// The kinds of request, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lane {
    /// Decisions of consent.
    Consent,
    /// What the shopper asks of the backend: to see, and to leave.
    Rights,
    /// The link between installation and account.
    Identity,
    /// The shopper's rules, for the shopper's other devices.
    Preferences,
    /// The offers.
    Catalogue,
    /// The events.
    Events,
}

impl Lane {
    const ALL: [Self; 6] =
        [Self::Consent, Self::Rights, Self::Identity, Self::Preferences, Self::Catalogue, Self::Events];
}

/// What the decision rests on, as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The device's wall clock.
    pub now_ms: i64,
    /// The host's word on the network.
    pub network: Network,
    /// Events that may be sent.
    pub queued: u64,
    /// When the oldest of them was recorded.
    pub oldest_queued_ms: Option<i64>,
    /// Whether the backend has decisions yet to hear of.
    pub pending_decisions: bool,
    /// Whether the backend is to be asked for what it has to tell of consent, decisions or none.
    pub consent_wanted: bool,
    /// Whether signals lower something, or names for partners are others, than the backend knows.
    pub standing_untold: bool,
    /// Whether the shopper has asked for something that the backend has not done yet.
    pub rights_pending: bool,
    /// Whether an identity link is yet to be told.
    pub identity_pending: bool,
    /// Whether the shopper's rules are to be told, or asked for.
    pub preferences_pending: bool,
    /// The consent epoch that the backend has acknowledged.
    pub acked_epoch: u64,
    /// The consent epoch that stands.
    pub epoch: u64,
    /// Whether the catalogue is old, absent or asked for.
    pub catalogue_due: bool,
    /// Whether a request is under way.
    pub in_flight: bool,
    /// Whether someone waits for the queue to be empty.
    pub draining: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Send this now.
    Send(Lane),
    /// Nothing before then; ask again at that wall-clock time, or when a fact changes.
    WaitUntil(i64),
    /// Nothing at all until a fact changes.
    Idle,
}

/// What sync remembers between requests, and between processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    consent: Hold,
    #[serde(default)]
    rights: Hold,
    identity: Hold,
    #[serde(default)]
    preferences: Hold,
    catalogue: Hold,
    events: Hold,
    /// Halved when a batch is refused, until the event that spoils it stands alone.
    batch_limit: usize,
    /// The backend refused the key. Forgotten with the process: the next one may have another.
    #[serde(skip)]
    key_refused: bool,
    /// Do not wait for company.
    #[serde(skip)]
    flush: bool,
}

/// A lane that is not to be used for a while.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Hold {
    /// Failures in a row.
    attempt: u32,
    since_ms: i64,
    until_ms: i64,
    /// The backend asked for it; a returning network does not lift it.
    asked: bool,
}

impl Hold {
    /// When the lane is free again; `None` when it is. A clock that was set back to before the
    /// failure says nothing of how long ago that was, and the lane is free.
    fn until(&self, now_ms: i64) -> Option<i64> {
        (self.since_ms <= now_ms && now_ms < self.until_ms).then_some(self.until_ms)
    }
}

impl Default for SyncState {
    fn default() -> Self {
        Self {
            consent: Hold::default(),
            rights: Hold::default(),
            identity: Hold::default(),
            preferences: Hold::default(),
            catalogue: Hold::default(),
            events: Hold::default(),
            batch_limit: MAX_BATCH_EVENTS,
            key_refused: false,
            flush: false,
        }
    }
}

impl SyncState {
    /// What to do under `facts`.
    pub fn next(&self, facts: &Facts) -> Next {
        if facts.in_flight || !facts.network.is_online() || self.key_refused {
            return Next::Idle;
        }
        let mut wake: Option<i64> = None;
        for lane in Lane::ALL {
            let Some(wanted_at) = self.wanted_at(lane, facts) else { continue };
            let free_at = self.hold(lane).until(facts.now_ms).unwrap_or(i64::MIN);
            let at = wanted_at.max(free_at);
            if at <= facts.now_ms {
                return Next::Send(lane);
            }
            wake = Some(wake.map_or(at, |earlier| earlier.min(at)));
        }
        wake.map_or(Next::Idle, Next::WaitUntil)
    }

    /// How many events the next batch may hold.
    pub fn batch_limit(&self) -> usize {
        self.batch_limit.clamp(1, MAX_BATCH_EVENTS)
    }

    /// Whether the backend refused the key in this process.
    pub fn key_refused(&self) -> bool {
        self.key_refused
    }

    /// Whether `lane` waits for nothing at `now_ms`.
    pub fn is_free(&self, lane: Lane, now_ms: i64) -> bool {
        self.hold(lane).until(now_ms).is_none()
    }

    /// A request of `lane` achieved what it was for.
    pub fn succeeded(&mut self, lane: Lane) {
        *self.hold_mut(lane) = Hold::default();
        if lane == Lane::Events {
            self.batch_limit = (self.batch_limit() * 2).min(MAX_BATCH_EVENTS);
        }
    }

    /// A batch of `sent` events is to be tried in halves. No pause: the answer was no, not later.
    pub fn bisect(&mut self, sent: usize) {
        self.batch_limit = (sent / 2).max(1);
    }

    /// A request of `lane` failed.
    pub fn failed(&mut self, lane: Lane, failure: &Failure, now_ms: i64, rng: &mut fastrand::Rng) {
        let attempt = self.hold(lane).attempt.saturating_add(1);
        let (wait, asked) = match failure {
            Failure::KeyRefused { .. } => {
                self.key_refused = true;
                return;
            }
            // Not even a backend that says "at once" is asked more than its jitter allows.
            Failure::Later { after: Some(after), .. } => (backoff::jitter(1, rng).max(*after), true),
            Failure::Later { after: None, .. } => (backoff::jitter(attempt, rng), false),
            Failure::Refused { .. } => (backoff::jitter(attempt, rng), true),
            Failure::Gone { pause, .. } => (*pause, true),
        };
        let until_ms = now_ms.saturating_add(wait.as_millis() as i64);
        *self.hold_mut(lane) = Hold { attempt, since_ms: now_ms, until_ms, asked };
    }

    /// The host says that the network is back: what failed for want of it is tried now, and
    /// events do not wait for company. What the backend asked for stands.
    pub fn network_regained(&mut self) {
        self.lift(|_| true);
        self.flush();
    }

    /// One network took the place of another, which is paid for by the byte: what failed is tried now, and events go on
    /// waiting for company.
    pub fn network_changed(&mut self) {
        self.lift(|_| true);
        self.flush = false;
    }

    /// Someone waits for the queue, and for no offers: as for a network that is back, but for the catalogue.
    pub fn drained_for(&mut self) {
        self.lift(|lane| lane != Lane::Catalogue);
        self.flush();
    }

    fn lift(&mut self, lifted: impl Fn(Lane) -> bool) {
        for lane in Lane::ALL.into_iter().filter(|lane| lifted(*lane)) {
            let hold = self.hold_mut(lane);
            if !hold.asked {
                hold.until_ms = hold.since_ms;
            }
        }
    }

    /// Events wait for no more company: the network is back, or the app goes to sleep.
    pub fn flush(&mut self) {
        self.flush = true;
    }

    /// The bytes that someone gave are spent: the rest waits for the next who waits for the queue, the app in front, a network
    /// that is back, or for the time that platforms keep between two jobs.
    pub fn spent(&mut self, now_ms: i64) {
        self.flush = false;
        let until_ms = now_ms.saturating_add(BETWEEN_JOBS.as_millis() as i64);
        let hold = self.hold_mut(Lane::Events);
        // What the backend asked for stands, and nobody lifts it.
        if !hold.asked || hold.until(now_ms).is_none() {
            *hold = Hold { since_ms: now_ms, until_ms, asked: false, ..*hold };
        }
    }

    /// The app is in front: what waits since the bytes were spent waits no more. What failed waits on.
    pub fn in_front(&mut self) {
        let hold = self.hold_mut(Lane::Events);
        if hold.attempt == 0 && !hold.asked {
            hold.until_ms = hold.since_ms;
        }
    }

    /// The queue ran empty, or whoever was in a hurry has gone: the next events wait for company again.
    pub fn flushed(&mut self) {
        self.flush = false;
    }

    /// Someone gave another key, or asks to try the old one again.
    pub fn key_renewed(&mut self) {
        self.key_refused = false;
    }

    /// From when on `lane` has something to send; `None` for nothing.
    fn wanted_at(&self, lane: Lane, facts: &Facts) -> Option<i64> {
        let at_once = |wanted: bool| wanted.then_some(i64::MIN);
        match lane {
            Lane::Consent => at_once(facts.pending_decisions || facts.consent_wanted || facts.standing_untold),
            // A key that has signed nothing before is known by the decisions that it signed with them.
            Lane::Rights => at_once(facts.rights_pending && !facts.pending_decisions),
            Lane::Identity => at_once(facts.identity_pending),
            // They rest on a yes that the backend must know of.
            Lane::Preferences => {
                let untold = facts.pending_decisions || facts.standing_untold || facts.acked_epoch < facts.epoch;
                at_once(facts.preferences_pending && !untold)
            }
            Lane::Catalogue => at_once(facts.catalogue_due),
            Lane::Events => {
                let untold = facts.pending_decisions || facts.standing_untold || facts.acked_epoch < facts.epoch;
                if facts.queued == 0 || untold {
                    return None;
                }
                let due = facts.queued >= facts.network.flush_events() || facts.draining || self.flush;
                // An event of the future is one of a clock that was set back since.
                let oldest = facts.oldest_queued_ms.filter(|oldest| !due && *oldest <= facts.now_ms);
                Some(
                    oldest
                        .map_or(i64::MIN, |oldest| oldest.saturating_add(facts.network.flush_age().as_millis() as i64)),
                )
            }
        }
    }

    fn hold(&self, lane: Lane) -> &Hold {
        match lane {
            Lane::Consent => &self.consent,
            Lane::Rights => &self.rights,
            Lane::Identity => &self.identity,
            Lane::Preferences => &self.preferences,
            Lane::Catalogue => &self.catalogue,
            Lane::Events => &self.events,
        }
    }

    fn hold_mut(&mut self, lane: Lane) -> &mut Hold {
        match lane {
            Lane::Consent => &mut self.consent,
            Lane::Rights => &mut self.rights,
            Lane::Identity => &mut self.identity,
            Lane::Preferences => &mut self.preferences,
            Lane::Catalogue => &mut self.catalogue,
            Lane::Events => &mut self.events,
        }
    }
}

#[cfg(test)]
#[path = "planner_tests.rs"]
mod tests;
