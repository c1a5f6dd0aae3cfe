//! The queue against a plain list: whatever happens to it, in any order, both hold the same events
//! and keep the same account. A sequence that tells them apart shrinks to a short one.

mod plain;

use std::path::Path;

use proptest::prelude::*;
use proptest_state_machine::{StateMachineTest, prop_state_machine};
use uuid::Uuid;

use plain::{Draft, Queue, Row, Step, Verdict};

use super::dead_letters::{self, GivenUp};
use super::quota::Evicted;
use super::{Batch, Durability, Store, StoreError, Tidiness, Tx, account, consents, events, quota};
use crate::account::reason;
use crate::clock::Now;
use crate::consent::{ConsentStatus, Consents, Decision, Purpose, PurposeKind};
use crate::event::{self, Record};

const PURPOSES: [Purpose; 2] = [Purpose::Engagement, Purpose::Dialogue];
const KINDS: [&str; 2] = ["dev.patron.offer.impression", "dev.patron.offer.saved"];
const REASONS: [&str; 3] = ["conflict", "malformed: data at 7", "not a word"];

/// The store, and what a caller of it remembers.
struct Real {
    folder: tempfile::TempDir,
    store: Option<Store>,
    made: u128,
    epoch: u64,
    consents: Consents,
    frozen: Option<Batch>,
}

impl Real {
    fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("it is open between two steps")
    }

    fn transact<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> T {
        self.store().transact(Durability::Normal, work).expect("nothing is wrong with the disk")
    }

    fn import(&mut self, drafts: &[Draft], fails: bool) {
        let stored = self.store().decisions_after(0).expect("decisions are read");
        let consents = consents::fold(&stored);
        let made = self.made;
        let records: Vec<_> = drafts.iter().zip(made + 1..).map(|(draft, id)| record(draft, id, self.epoch)).collect();
        let frozen = self.frozen;
        let result = self.store().transact(Durability::Normal, |tx| {
            for (draft, record) in drafts.iter().zip(&records) {
                if draft.unreadable {
                    events::import_unreadable(tx)?;
                } else {
                    let subject = (draft.subject > 0).then(|| Uuid::from_u128(draft.subject.into()));
                    events::import(tx, &consents, record, subject)?;
                }
            }
            if fails {
                frozen.map(|batch| events::deliver_all(tx, batch)).transpose()?;
                return Err(StoreError::Content { what: "test", why: "the caller thinks better of it".into() });
            }
            Ok(())
        });
        assert_eq!(result.is_err(), fails);
        if !fails {
            self.made += drafts.len() as u128;
        }
    }

    fn decide(&mut self, purpose: usize, status: ConsentStatus) -> Decision {
        self.epoch += 1;
        let id = Uuid::from_u128(self.epoch.into());
        let decision = Decision::new(id, PURPOSES[purpose].clone(), status, 0, self.epoch);
        self.consents.apply(&decision);
        decision
    }

    fn settle(&mut self, verdicts: &[Verdict]) {
        let Some(batch) = self.frozen.take() else { return };
        let sent = self.store().events_of(batch).expect("the batch is read");
        self.transact(|tx| {
            for (event, verdict) in sent.iter().zip(verdicts) {
                match verdict {
                    Verdict::Ok => drop(events::deliver(tx, event.seq)?),
                    Verdict::Drop(why) => {
                        let end = GivenUp { at_ms: 0, refusals: 1 };
                        dead_letters::bury(tx, event.seq, REASONS[*why], end)?;
                    }
                    Verdict::PutOff => drop(events::put_off(tx, event.seq)?),
                    Verdict::Retry => {}
                }
            }
            Ok(())
        });
    }

    fn freeze(&mut self, most: usize) {
        let left = self.frozen.map(|batch| self.store().events_of(batch).expect("the batch is read"));
        if left.is_none_or(|left| left.is_empty()) {
            let oldest = self.store().oldest(0, most, usize::MAX, |_| 0).expect("the queue is read");
            self.frozen = oldest.first().zip(oldest.last()).map(|(first, last)| Batch {
                id: Uuid::nil(),
                first: first.seq,
                last: last.seq,
            });
        }
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(open(self.folder.path()));
    }

    fn damage(&mut self, at: usize) {
        let all = self.store().oldest(0, usize::MAX, usize::MAX, |_| 0).expect("the queue is read");
        if all.is_empty() {
            return;
        }
        let seq = all[at % all.len()].seq;
        let hurt = if seq % 2 == 0 {
            "UPDATE event SET run = 999 WHERE seq = ?1"
        } else {
            "UPDATE event SET id = 'x' WHERE seq = ?1"
        };
        assert_eq!(self.store().main.execute(hurt, [seq]).ok(), Some(1));
        assert_eq!(self.transact(events::give_up_unreadable), 1);
    }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, None, 0).expect("nothing is wrong with the disk")
}

fn record(draft: &Draft, id: u128, epoch: u64) -> Record {
    event::Draft {
        id: Uuid::from_u128(id),
        kind: KINDS[draft.kind].to_owned(),
        partner: None,
        at: Now { wall_ms: draft.wall_ms, mono_ms: 7, boot: Uuid::from_u128(1) },
        session: Uuid::from_u128(2),
        data: vec![b'x'; draft.bytes],
    }
    .stamped([PurposeKind::Engagement, PurposeKind::Dialogue][draft.purpose], if draft.overtaken { 0 } else { epoch })
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Queue;

    fn init_test(_: &Queue) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Some(open(folder.path()));
        Self { folder, store, made: 0, epoch: 0, consents: Consents::default(), frozen: None }
    }

    fn apply(mut real: Self, queue: &Queue, step: Step) -> Self {
        let sent = real.frozen;
        match step {
            Step::Import(drafts) => real.import(&drafts, false),
            Step::FailedImport(drafts) => real.import(&drafts, true),
            Step::Grant(purpose) => {
                let decision = real.decide(purpose, ConsentStatus::Granted);
                let granted = real.consents.granted();
                real.transact(|tx| {
                    consents::append(tx, &decision, None)?;
                    consents::allow(tx, granted)
                });
            }
            Step::Withdraw(purpose) => {
                let decision = real.decide(purpose, ConsentStatus::Withdrawn);
                let kind = decision.purpose.kind();
                let granted = real.consents.granted();
                let purge = real.transact(|tx| {
                    consents::append(tx, &decision, None)?;
                    consents::allow(tx, granted)?;
                    events::withdraw(tx, kind, sent)
                });
                assert_eq!(purge, queue.purge);
            }
            Step::SignOut => {
                let closing = [0, 1].map(|purpose| real.decide(purpose, ConsentStatus::NotAsked));
                let purge = real.transact(|tx| {
                    consents::forget(tx)?;
                    closing.iter().try_for_each(|decision| consents::append(tx, decision, None))?;
                    events::purge_all(tx, sent, reason::SIGNED_OUT)
                });
                assert_eq!(purge, queue.purge);
                real.frozen = None;
            }
            Step::BeginAnew => real.transact(account::begin_anew),
            Step::Freeze(most) => real.freeze(most),
            Step::DeliverAll => {
                if let Some(batch) = real.frozen.take() {
                    real.transact(|tx| events::deliver_all(tx, batch));
                }
            }
            Step::Settle(verdicts) => real.settle(&verdicts),
            Step::MakeRoom(quota) => {
                assert_eq!(real.transact(|tx| quota::make_room(tx, quota, sent)), queue.evicted);
            }
            Step::Expire(before_ms) => {
                let is_old = |at: Now| at.wall_ms < before_ms;
                assert_eq!(real.transact(|tx| quota::expire(tx, is_old)), queue.evicted);
            }
            Step::Damage(at) => real.damage(at),
            Step::Reopen => real.reopen(),
            Step::Tidy => while real.store().tidy().expect("nothing is wrong with the disk") == Tidiness::More {},
            Step::Scrub => real.store().scrub().expect("nothing is wrong with the disk"),
        }
        real
    }

    fn check_invariants(real: &Self, queue: &Queue) {
        let store = real.store.as_ref().expect("it is open between two steps");
        let all = store.oldest(0, usize::MAX, usize::MAX, |_| 0).expect("the queue is read");
        let seen: Vec<_> = all.iter().map(|event| (event.seq, event.record.id().as_u128())).collect();
        let expected: Vec<_> = queue.rows.iter().map(|row| (row.seq, row.id)).collect();
        assert_eq!(seen, expected, "the events that wait, with their numbers");
        let backlog = store.backlog();
        assert_eq!((backlog.events, backlog.bytes), queue.size(), "what is kept in memory of the queue");
        assert_eq!(store.count_backlog().expect("rows are counted"), backlog, "kept in memory, and counted");
        let account = store.account().expect("the account is read");
        assert!(account.balances(), "{account:?}");
        assert_eq!(account, queue.account());
        assert_eq!(store.losses().expect("losses are read"), queue.losses());
        let told = store.account_report().expect("the account is read");
        let lost =
            [&told.dead, &told.evicted, &told.purged].into_iter().flat_map(|reasons| reasons.values()).sum::<u64>();
        assert_eq!(told.accepted, told.delivered + told.queued + lost, "an installation's own balances: {told:?}");
        assert_eq!(told, queue.report());
        let batch = |batch: Batch| store.events_of(batch).expect("the batch is read").len();
        assert_eq!(real.frozen.map_or(0, batch), queue.rows.iter().filter(|row| queue.is_frozen(row)).count());
        assert_eq!(
            real.frozen.map(|b| (b.first, b.last)),
            queue.sent().map(|b| (b.first, b.last)),
            "a batch never moves"
        );
        let tries = |row: &Row| {
            let ask = "SELECT tries FROM event WHERE seq = ?1";
            store.main.query_row(ask, [row.seq], |row| row.get::<_, u32>(0)).expect("a row")
        };
        assert!(queue.rows.iter().all(|row| tries(row) == row.tries), "how often each was put off");
        let left_behind = "SELECT count(*) FROM run WHERE id NOT IN (SELECT run FROM event)";
        let left_behind: i64 = store.main.query_row(left_behind, [], |row| row.get(0)).expect("a number");
        if queue.rows.is_empty() || queue.evicted != Evicted::default() {
            assert_eq!(left_behind, 0, "of whose events none is left, nothing is known");
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_holds_what_a_plain_list_holds_and_keeps_its_account(sequential 1..60 => Real);
}
