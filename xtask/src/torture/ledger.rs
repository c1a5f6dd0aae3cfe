//! What must be in the backend, what may be, and what may not: by what each event says, and from
//! nothing but the calls that returned.
//!
//! Pure: facts in, a verdict out. The formulation, which is exact:
//!
//! - A device writes one line for each call behind its return and before the thread's next call. A
//!   pipe keeps what was written when its writer is killed. So of each thread of a killed life the
//!   calls 1 … n are known to have returned, and call n + 1 alone may have been under way. Whatever
//!   else the backend holds was **invented**.
//! - **Owed**: reported before a drain began that ended with "all went", and not begun before or
//!   during a removal (a withdrawal, a sign-out) that began before that drain. Each of these must be
//!   in the backend, and so must, behind the last drain, everything that began behind the last removal.
//! - What began before a removal and was not owed yet may be gone: the account has to say so. The
//!   device must have accepted whatever was reported or is in the backend: `accepted` ≥ reported +
//!   unheard, and at most those that were under way more. It must balance, with nothing queued, dead
//!   or evicted: no fault here is a reason for either. And the backend must hold what was `delivered`, plus at most what
//!   the removals called in doubt. Given these, events that are missing number what was purged, no more.
//! - A withdrawal has the backend erase what it held of the purpose: such rows say nothing any more. What was
//!   owed and began before the last removal may be among them, and no more of it may be absent than was erased.
//! - A visit's turn is named by visit and turn, and told once it is stored; time alone brings some.
//!   A life can end between the two: each may leave [`UNHEARD_TURNS`] that nobody heard of.
//!
//! `lost` is the worst of the three ways to miss an event: owed and absent, returned and never
//! accepted, called delivered and absent. `twice` counts rows that say what another row says.

use std::collections::{HashMap, HashSet};

use super::protocol::{Fact, Key, Outcome, THREADS};

/// One store, one fix under way: it enters or leaves, and a dwell comes due before the next fix.
const UNHEARD_TURNS: u64 = 3;

/// A removal that was killed told no number: it is at most the one batch that was under way.
const MOST_IN_DOUBT: u64 = 500;

/// Whatever the device last said of its account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Books {
    pub(super) accepted: u64,
    pub(super) delivered: u64,
    pub(super) queued: u64,
    pub(super) dead: u64,
    pub(super) evicted: u64,
    pub(super) purged: u64,
}

impl Books {
    fn sum(&self) -> u64 {
        self.delivered + self.queued + self.dead + self.evicted + self.purged
    }
}

/// An event that a call or a listener reported.
struct Reported {
    key: Key,
    era: u32,
    owed: bool,
}

#[derive(Default)]
pub(super) struct Ledger {
    reported: Vec<Reported>,
    known: HashSet<Key>,
    /// The last call that returned, of each thread of the present life.
    last: [u32; THREADS as usize],
    /// Calls that may have been under way when their life was killed.
    under_way: HashSet<Key>,
    life: u32,
    /// Even while nothing is being removed.
    era: u32,
    /// Nothing before here began in the present era.
    since: usize,
    /// How much was reported when the drain under way began.
    draining: Option<usize>,
    /// The most that removals may have let through.
    in_doubt: u64,
    busy: u64,
    not_permitted: u64,
    pub(super) books: Option<Books>,
    pub(super) closed: bool,
    /// What no call may say.
    wrong: Vec<String>,
}

/// What became of all of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) lost: u64,
    pub(super) twice: u64,
    /// In the backend, and no call that returned or was under way.
    pub(super) invented: u64,
    /// Calls and turns that were reported.
    pub(super) accepted: u64,
    /// Accepted by the device while nobody was left to hear of it.
    pub(super) unheard: u64,
    pub(super) owed: u64,
    /// What is amiss, in words.
    pub(super) amiss: Vec<String>,
}

impl Ledger {
    /// A life begins; answers its number and its era.
    pub(super) fn begin(&mut self) -> (u32, u32) {
        self.life += 1;
        self.last = [0; THREADS as usize];
        self.closed = false;
        (self.life, self.era)
    }

    /// The life is over, and all that it had written was heard.
    pub(super) fn end(&mut self, killed: bool) {
        if killed {
            let life = self.life;
            let next = (0..THREADS).zip(self.last).map(|(thread, n)| Key::Call { life, thread, n: n + 1 });
            self.under_way.extend(next);
        }
        if !self.era.is_multiple_of(2) {
            // A removal that was cut off happened or never will.
            self.removed(MOST_IN_DOUBT);
        }
        self.draining = None;
    }

    pub(super) fn hear(&mut self, fact: Fact) {
        match fact {
            Fact::Opened => {}
            Fact::Tracked { thread, n, outcome, era } => {
                if let Some(last) = self.last.get_mut(usize::from(thread)) {
                    *last = n;
                }
                match outcome {
                    Outcome::Recorded => self.report(Key::Call { life: self.life, thread, n }, era),
                    Outcome::NotPermitted => self.not_permitted += 1,
                    Outcome::Busy => self.busy += 1,
                }
            }
            Fact::Turned { visit, turn, era } => self.report(Key::Turn { visit, turn }, era),
            Fact::Leaving => self.era += 1,
            Fact::Left { in_doubt } => self.removed(in_doubt),
            Fact::Draining => self.draining = Some(self.reported.len()),
            Fact::Drained { done } => {
                let before = self.draining.take().filter(|_| done).unwrap_or(0);
                self.owe(before);
            }
            Fact::Account { accepted, delivered, queued, dead, evicted, purged } => {
                let books = Books { accepted, delivered, queued, dead, evicted, purged };
                if books.accepted != books.sum() {
                    self.wrong.push(format!("life {}: the account does not balance: {books:?}", self.life));
                }
                self.books = Some(books);
            }
            Fact::Closed => self.closed = true,
            Fact::Wrong { call, why } => self.wrong.push(format!("life {}: {call} answered: {why}", self.life)),
        }
    }

    /// Calls and turns that were reported.
    pub(super) fn accepted(&self) -> u64 {
        self.reported.len() as u64
    }

    /// Calls that were answered by [`Outcome::Busy`] and by [`Outcome::NotPermitted`].
    pub(super) fn refused(&self) -> (u64, u64) {
        (self.busy, self.not_permitted)
    }

    fn report(&mut self, key: Key, era: u32) {
        if self.known.insert(key) {
            self.reported.push(Reported { key, era, owed: false });
        }
    }

    fn removed(&mut self, in_doubt: u64) {
        self.era += 1;
        self.since = self.reported.len();
        self.in_doubt += in_doubt;
    }

    /// All went: what was reported by then, and nothing may have removed, has arrived.
    fn owe(&mut self, before: usize) {
        let era = self.era;
        let present = self.reported.get_mut(self.since..before).unwrap_or_default();
        present.iter_mut().filter(|reported| reported.era == era).for_each(|reported| reported.owed = true);
    }

    /// Holds everything against the backend's rows, each given as what it says.
    pub(super) fn judge(&self, rows: &[Key], erased: u64) -> Verdict {
        let mut held: HashMap<Key, u64> = HashMap::new();
        rows.iter().for_each(|key| *held.entry(*key).or_default() += 1);
        let owed = self.reported.iter().filter(|reported| reported.owed).count() as u64;
        let absent = |reported: &&Reported| reported.owed && !held.contains_key(&reported.key);
        let (before, behind) = self.reported.split_at(self.since);
        let erasable: Vec<&Key> = before.iter().filter(absent).map(|reported| &reported.key).collect();
        let unexplained = erasable.into_iter().skip(erased as usize);
        let absent: Vec<&Key> = behind.iter().filter(absent).map(|reported| &reported.key).chain(unexplained).collect();
        let unreported: Vec<&Key> = held.keys().filter(|key| !self.known.contains(key)).collect();
        let turns = unreported.iter().filter(|key| matches!(key, Key::Turn { .. })).count() as u64;
        let invented_calls = (unreported.iter())
            .filter(|key| matches!(key, Key::Call { .. }) && !self.under_way.contains(key))
            .count() as u64;
        let most_turns = u64::from(self.life) * UNHEARD_TURNS;
        let invented = invented_calls + turns.saturating_sub(most_turns);

        let mut amiss = self.wrong.clone();
        let mut say = |holds: bool, words: String| {
            if !holds {
                amiss.push(words);
            }
        };
        let books = self.books.unwrap_or_default();
        let (accepted, arrived) = (self.accepted(), held.len() as u64 + erased);
        let least = accepted + unreported.len() as u64;
        let most = accepted + self.under_way.len() as u64 + most_turns;
        let never_accepted = least.saturating_sub(books.accepted);
        let never_arrived = books.delivered.saturating_sub(arrived);
        let absent_named = absent.iter().take(5).map(|key| format!("{key:?}")).collect::<Vec<_>>().join(", ");
        say(absent.is_empty(), format!("{} owed events are not in the backend: {absent_named} …", absent.len()));
        say(never_accepted == 0, format!("{least} events returned or arrived; the device accepted {}", books.accepted));
        say(never_arrived == 0, format!("{} called delivered, {arrived} in the backend", books.delivered));
        say(books.accepted <= most, format!("{} accepted, of {most} at most", books.accepted));
        say(
            arrived.saturating_sub(books.delivered) <= self.in_doubt,
            format!("{arrived} arrived, {} delivered, and only {} in doubt", books.delivered, self.in_doubt),
        );
        say(books.queued == 0, format!("{} still wait on the device", books.queued));
        say(books.dead == 0, format!("{} dead letters", books.dead));
        say(books.evicted == 0, format!("{} evicted", books.evicted));
        say(self.closed, "the device did not end".to_owned());
        say(invented == 0, format!("{invented} events that no call made"));
        let lost = (absent.len() as u64).max(never_accepted).max(never_arrived);
        let twice = (rows.len() - held.len()) as u64;
        say(twice == 0, format!("{twice} rows say what another row says"));
        let unheard = books.accepted.saturating_sub(accepted);
        Verdict { lost, twice, invented, accepted, unheard, owed, amiss }
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
