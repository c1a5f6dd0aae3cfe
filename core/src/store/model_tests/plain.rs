//! The plain list that the queue must be, and the steps that are taken with both.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use uuid::Uuid;

use super::{KINDS, REASONS};
use crate::account::{Account, Fate, Loss, reason};
use crate::event::Priority;
use crate::store::quota::{Evicted, Quota};
use crate::store::{Batch, Purge};
use crate::sync::wire::AccountReport;

/// An event to come.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) purpose: usize,
    pub(super) kind: usize,
    pub(super) bytes: usize,
    /// Recorded before the shopper's last word on its purpose.
    pub(super) overtaken: bool,
    /// Written by a version that knew more.
    pub(super) unreadable: bool,
    /// Recorded by another shopper, or nobody known.
    pub(super) subject: u8,
    pub(super) wall_ms: i64,
}

/// What a backend says of one event.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Ok,
    Drop(usize),
    PutOff,
    Retry,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Import(Vec<Draft>),
    /// A transaction that imports, settles and then fails.
    FailedImport(Vec<Draft>),
    Grant(usize),
    Withdraw(usize),
    SignOut,
    /// The same queue goes on under another name.
    BeginAnew,
    Freeze(usize),
    DeliverAll,
    Settle(Vec<Verdict>),
    MakeRoom(Quota),
    Expire(i64),
    /// A row that no longer reads, and the mending of the queue.
    Damage(usize),
    Reopen,
    Tidy,
    Scrub,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) id: u128,
    pub(super) draft: Draft,
    pub(super) tries: u32,
}

impl Row {
    fn weight(&self) -> u64 {
        72 + (KINDS[self.draft.kind].len() + self.draft.bytes) as u64
    }

    fn priority(&self) -> Priority {
        Priority::of(KINDS[self.draft.kind])
    }
}

/// The plain list.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    pub(super) rows: Vec<Row>,
    pub(super) dead: Vec<(usize, &'static str)>,
    /// Per purpose: since which epoch it is granted.
    pub(super) granted: [Option<u64>; 2],
    pub(super) epoch: u64,
    pub(super) last: i64,
    pub(super) made: u128,
    pub(super) frozen: Option<(i64, i64)>,
    pub(super) accepted: u64,
    pub(super) delivered: u64,
    pub(super) losses: BTreeMap<(Fate, &'static str), u64>,
    /// Delivered and lost before the present installation began.
    before: (u64, BTreeMap<(Fate, &'static str), u64>),
    /// What the step before should have answered.
    pub(super) evicted: Evicted,
    pub(super) purge: Purge,
}

impl Queue {
    fn lose(&mut self, fate: Fate, why: &'static str, events: u64) {
        if events > 0 {
            *self.losses.entry((fate, why)).or_default() += events;
        }
    }

    fn import(&mut self, drafts: &[Draft]) {
        for draft in drafts {
            self.made += 1;
            self.accepted += 1;
            if draft.unreadable {
                self.lose(Fate::Dead, reason::UNREADABLE, 1);
            } else if draft.overtaken || self.granted[draft.purpose].is_none() {
                self.lose(Fate::Purged, reason::OVERTAKEN, 1);
            } else {
                self.last += 1;
                self.rows.push(Row { seq: self.last, id: self.made, draft: draft.clone(), tries: 0 });
            }
        }
    }

    pub(super) fn is_frozen(&self, row: &Row) -> bool {
        self.frozen.is_some_and(|(first, last)| (first..=last).contains(&row.seq))
    }

    /// Takes out the rows that `goes` names, and answers how many.
    fn remove(&mut self, goes: impl Fn(&Row) -> bool) -> u64 {
        let before = self.rows.len();
        self.rows.retain(|row| !goes(row));
        (before - self.rows.len()) as u64
    }

    fn purge(&mut self, purpose: Option<usize>, why: &'static str) {
        let hit = |of: usize| purpose.is_none_or(|purpose| purpose == of);
        let in_doubt = self.rows.iter().filter(|row| hit(row.draft.purpose) && self.is_frozen(row)).count() as u64;
        let mut events = self.remove(|row| hit(row.draft.purpose));
        for (_, word) in self.dead.extract_if(.., |(of, _)| hit(*of)).collect::<Vec<_>>() {
            if let Some(count) = self.losses.get_mut(&(Fate::Dead, word)) {
                *count -= 1;
                let before = self.before.1.entry((Fate::Dead, word)).or_default();
                *before = (*before).min(*count);
            }
            events += 1;
        }
        self.lose(Fate::Purged, why, events);
        self.purge = Purge { events, in_doubt };
    }

    fn settle(&mut self, verdicts: &[Verdict]) {
        let batch: Vec<Row> = self.rows.iter().filter(|row| self.is_frozen(row)).cloned().collect();
        for (row, verdict) in batch.iter().zip(verdicts) {
            match verdict {
                Verdict::Ok => {
                    self.remove(|other| other.seq == row.seq);
                    self.delivered += 1;
                }
                Verdict::Drop(why) => {
                    let word = ["conflict", "malformed", reason::REFUSED][*why];
                    self.remove(|other| other.seq == row.seq);
                    self.dead.push((row.draft.purpose, word));
                    self.lose(Fate::Dead, word, 1);
                }
                Verdict::PutOff => {
                    self.rows.iter_mut().filter(|other| other.seq == row.seq).for_each(|other| other.tries += 1);
                }
                Verdict::Retry => {}
            }
        }
        self.frozen = None;
    }

    pub(super) fn size(&self) -> (u64, u64) {
        (self.rows.len() as u64, self.rows.iter().map(Row::weight).sum())
    }

    /// A batch is on its way out: what it holds neither goes nor counts.
    fn size_of_free(&self) -> (u64, u64) {
        let free = || self.rows.iter().filter(|row| !self.is_frozen(row));
        (free().count() as u64, free().map(Row::weight).sum())
    }

    fn make_room(&mut self, quota: Quota) {
        let over = |(events, bytes): (u64, u64), quota: Quota| events > quota.events || bytes > quota.bytes;
        let for_count = self.size_of_free().0 > quota.events;
        if !over(self.size_of_free(), quota) {
            return;
        }
        let target = Quota { events: quota.events - quota.events / 32, bytes: quota.bytes - quota.bytes / 32 };
        let mut gone = 0;
        for priority in Priority::ALL {
            while over(self.size_of_free(), target) {
                let next = self.rows.iter().position(|row| row.priority() == priority && !self.is_frozen(row));
                let Some(next) = next else { break };
                self.rows.remove(next);
                gone += 1;
            }
        }
        if for_count {
            self.lose(Fate::Evicted, reason::COUNT, gone);
            self.evicted.for_count = gone;
        } else {
            self.lose(Fate::Evicted, reason::BYTES, gone);
            self.evicted.for_bytes = gone;
        }
    }

    fn expire(&mut self, before_ms: i64) {
        let old = self.rows.iter().take_while(|row| row.draft.wall_ms < before_ms).last().map(|row| row.seq);
        let Some(upto) = old else { return };
        let gone = self.remove(|row| row.seq <= upto);
        self.lose(Fate::Evicted, reason::AGE, gone);
        self.evicted.for_age = gone;
    }

    pub(super) fn sent(&self) -> Option<Batch> {
        self.frozen.map(|(first, last)| Batch { id: Uuid::nil(), first, last })
    }

    pub(super) fn account(&self) -> Account {
        let sum = |fate| self.losses.iter().filter(|((of, _), _)| *of == fate).map(|(_, count)| count).sum();
        Account {
            accepted: self.accepted,
            delivered: self.delivered,
            queued: self.rows.len() as u64,
            dead: sum(Fate::Dead),
            evicted: sum(Fate::Evicted),
            purged: sum(Fate::Purged),
        }
    }

    fn begin_anew(&mut self) {
        self.before = (self.delivered, self.losses.clone());
    }

    /// What the present installation tells of itself.
    pub(super) fn report(&self) -> AccountReport {
        let (delivered, losses) = &self.before;
        let own = |wanted| {
            let since = |((fate, why), count): (&(Fate, &'static str), &u64)| {
                (*fate, (*why).to_owned(), count - losses.get(&(*fate, *why)).copied().unwrap_or(0))
            };
            let told = self.losses.iter().map(since).filter(|(fate, _, count)| *fate == wanted && *count > 0);
            told.map(|(_, why, count)| (why, count)).collect()
        };
        AccountReport {
            accepted: self.accepted - delivered - losses.values().sum::<u64>(),
            delivered: self.delivered - delivered,
            queued: self.rows.len() as u64,
            dead: own(Fate::Dead),
            evicted: own(Fate::Evicted),
            purged: own(Fate::Purged),
        }
    }

    pub(super) fn losses(&self) -> Vec<Loss> {
        let told = self.losses.iter().filter(|(_, count)| **count > 0);
        told.map(|((fate, why), events)| Loss { fate: *fate, reason: (*why).to_owned(), events: *events }).collect()
    }
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let one = (0..2_usize, 0..2_usize, 0..900_usize, 0..12_u8, 0..3_u8, 0..100_i64).prop_map(
        |(purpose, kind, bytes, odd, subject, wall_ms)| Draft {
            purpose,
            kind,
            bytes,
            overtaken: odd == 1,
            unreadable: odd == 2,
            subject,
            wall_ms,
        },
    );
    prop::collection::vec(one, 0..9)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        4 => Just(Verdict::Ok),
        1 => (0..REASONS.len()).prop_map(Verdict::Drop),
        1 => Just(Verdict::PutOff),
        1 => Just(Verdict::Retry),
    ]
}

impl ReferenceStateMachine for Queue {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        prop_oneof![
            8 => drafts().prop_map(Step::Import),
            2 => drafts().prop_map(Step::FailedImport),
            3 => (0..2_usize).prop_map(Step::Grant),
            1 => (0..2_usize).prop_map(Step::Withdraw),
            1 => Just(Step::SignOut),
            1 => Just(Step::BeginAnew),
            4 => (1..9_usize).prop_map(Step::Freeze),
            2 => Just(Step::DeliverAll),
            3 => prop::collection::vec(verdict(), 9).prop_map(Step::Settle),
            2 => (1..80_u64, 500..9_000_u64).prop_map(|(events, bytes)| Step::MakeRoom(Quota { events, bytes })),
            1 => (0..100_i64).prop_map(Step::Expire),
            1 => any::<usize>().prop_map(Step::Damage),
            2 => Just(Step::Reopen),
            1 => Just(Step::Tidy),
            1 => Just(Step::Scrub),
        ]
        .boxed()
    }

    fn apply(mut queue: Self, step: &Step) -> Self {
        (queue.evicted, queue.purge) = (Evicted::default(), Purge::default());
        match step {
            Step::Import(drafts) => queue.import(drafts),
            Step::FailedImport(_) | Step::Reopen | Step::Tidy | Step::Scrub => {}
            Step::Grant(purpose) => {
                queue.epoch += 1;
                queue.granted[*purpose].get_or_insert(queue.epoch);
            }
            Step::Withdraw(purpose) => {
                queue.epoch += 1;
                queue.granted[*purpose] = None;
                queue.purge(Some(*purpose), reason::WITHDRAWN);
            }
            Step::SignOut => {
                queue.epoch += 2;
                queue.granted = [None; 2];
                queue.purge(None, reason::SIGNED_OUT);
                queue.frozen = None;
                queue.begin_anew();
            }
            Step::BeginAnew => queue.begin_anew(),
            Step::Freeze(most) => {
                if !queue.rows.iter().any(|row| queue.is_frozen(row)) {
                    let chosen: Vec<i64> = queue.rows.iter().take(*most).map(|row| row.seq).collect();
                    queue.frozen = chosen.first().copied().zip(chosen.last().copied());
                }
            }
            Step::DeliverAll => {
                let frozen = queue.frozen.take().unwrap_or((0, -1));
                queue.delivered += queue.remove(|row| (frozen.0..=frozen.1).contains(&row.seq));
            }
            Step::Settle(verdicts) => queue.settle(verdicts),
            Step::MakeRoom(quota) => queue.make_room(*quota),
            Step::Expire(before_ms) => queue.expire(*before_ms),
            Step::Damage(at) => {
                if !queue.rows.is_empty() {
                    let at = at % queue.rows.len();
                    queue.rows.remove(at);
                    queue.lose(Fate::Evicted, reason::DAMAGE, 1);
                }
            }
        }
        queue
    }
}
