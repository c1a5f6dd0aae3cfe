//! The hand-over ring against a plain queue: whatever is pushed, taken, released or killed, in any
//! order, both hold the same records. A sequence that tells them apart shrinks to a short one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::collections::VecDeque;

use patron_core::consent::Gate;
use patron_core::store::ring::{MAX_PAYLOAD, Ring, RingError, Taken};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

/// Room for records.
const BODY: usize = 4 << 20;

#[derive(Debug, Clone)]
enum Step {
    /// So many records of that length.
    Push {
        count: usize,
        len: usize,
    },
    /// Takes at most so many records, stopping behind so many bytes, and releases them.
    Commit {
        most: usize,
        bytes: usize,
    },
    /// Takes, and releases nothing: the commit failed.
    FailedCommit(usize),
    /// Until nothing is left, which winds the ring back.
    CommitAll,
    /// The process dies, and the next one opens the file.
    Kill,
    /// What was recovered is in the database.
    ClearRecovered,
    Consent(u64),
    Seal,
}

/// The steps. What each must do is known to [`Pair`], since only the ring knows where a lap ends.
struct Steps;

impl ReferenceStateMachine for Steps {
    type State = ();
    type Transition = Step;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Step> {
        prop_oneof![
            6 => (1..40_usize, 8..2_000_usize).prop_map(|(count, len)| Step::Push { count, len }),
            4 => (1..30_usize, MAX_PAYLOAD - 300..=MAX_PAYLOAD).prop_map(|(count, len)| Step::Push { count, len }),
            4 => (1..60_usize, 1..2_000_000_usize).prop_map(|(most, bytes)| Step::Commit { most, bytes }),
            1 => (1..60_usize).prop_map(Step::FailedCommit),
            2 => Just(Step::CommitAll),
            2 => Just(Step::Kill),
            2 => Just(Step::ClearRecovered),
            1 => any::<u64>().prop_map(Step::Consent),
            1 => Just(Step::Seal),
        ]
        .boxed()
    }

    fn apply((): (), _: &Step) {}
}

/// The ring, and the queue that it must be.
struct Pair {
    folder: tempfile::TempDir,
    ring: Option<Ring>,
    queue: VecDeque<Vec<u8>>,
    pushed: u64,
    /// So many at the front were recovered and wait to be cleared.
    recovered: usize,
    busy: u64,
    gate: Gate,
    sealed: bool,
}

impl Pair {
    fn ring(&self) -> &Ring {
        self.ring.as_ref().expect("it is open between two steps")
    }

    fn push(&mut self, len: usize) {
        let mut record = self.pushed.to_le_bytes().to_vec();
        record.resize(len, self.pushed as u8);
        let span = |len: usize| (16 + len).next_multiple_of(8);
        let held: usize = self.queue.iter().map(|record| span(record.len())).sum();
        match self.ring().push(&record) {
            Ok(_) => {
                assert!(!self.sealed && held + span(len) <= BODY, "{held} bytes were held, and {len} more taken");
                self.queue.push_back(record);
                self.pushed += 1;
            }
            Err(RingError::Full) => {
                // At the end of a lap as much may be left empty as one record takes, twice: once
                // behind the last, once before the oldest.
                assert!(held + 3 * span(len.max(MAX_PAYLOAD)) > BODY, "refused with {held} bytes held");
                self.busy += 1;
            }
            Err(error) => assert_eq!((error, self.sealed), (RingError::Sealed, true)),
        }
    }

    /// Takes, and compares what comes with the front of the queue.
    fn take(&self, most: usize, bytes: usize) -> Option<Taken> {
        let mut came = Vec::new();
        let taken = self.ring().take(most, bytes, &mut |record| came.push(record.to_vec()));
        if self.recovered > 0 {
            assert!(taken.is_none(), "taken before what was recovered is cleared");
            return None;
        }
        let mut sum = 0;
        let due = self.queue.iter().take(most).take_while(|record| {
            let goes = sum < bytes;
            sum += record.len();
            goes
        });
        assert!(came.iter().eq(due), "other records came than are due");
        assert_eq!(taken.as_ref().map_or(0, |taken| taken.records), came.len());
        taken
    }

    fn commit(&mut self, most: usize, bytes: usize) -> bool {
        let Some(taken) = self.take(most, bytes) else { return false };
        self.queue.drain(..taken.records);
        self.ring().release(taken);
        true
    }

    fn kill(&mut self) {
        self.ring = None;
        let (ring, recovered) = Ring::open(&self.folder.path().join("ring")).unwrap();
        assert!(recovered.records.iter().eq(&self.queue), "other records came back than were there");
        assert!(!recovered.damaged && recovered.foreign.is_none());
        self.ring = Some(ring);
        (self.recovered, self.busy, self.sealed) = (self.queue.len(), 0, false);
    }
}

impl StateMachineTest for Pair {
    type SystemUnderTest = Self;
    type Reference = Steps;

    fn init_test((): &()) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ring, _) = Ring::open(&folder.path().join("ring")).unwrap();
        let (queue, gate) = (VecDeque::new(), Gate::CLOSED);
        Self { folder, ring: Some(ring), queue, pushed: 0, recovered: 0, busy: 0, gate, sealed: false }
    }

    fn apply(mut pair: Self, (): &(), step: Step) -> Self {
        match step {
            Step::Push { count, len } => (0..count).for_each(|_| pair.push(len)),
            Step::Commit { most, bytes } => drop(pair.commit(most, bytes)),
            Step::FailedCommit(most) => drop(pair.take(most, usize::MAX)),
            Step::CommitAll => while pair.commit(64, 1 << 20) {},
            Step::Kill => pair.kill(),
            Step::ClearRecovered => {
                pair.ring().clear_recovered();
                pair.queue.drain(..pair.recovered);
                pair.recovered = 0;
            }
            Step::Consent(epoch) => {
                pair.gate = Gate::from_parts(epoch, epoch.rotate_left(17));
                pair.ring().set_gate(pair.gate);
            }
            Step::Seal => {
                pair.ring().seal();
                pair.sealed = true;
            }
        }
        pair
    }

    fn check_invariants(pair: &Self, (): &()) {
        let ring = pair.ring();
        assert_eq!(ring.is_empty(), pair.queue.is_empty());
        assert_eq!((ring.busy(), ring.damaged_bytes()), (pair.busy, 0));
        assert_eq!(ring.gate(), pair.gate);
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_ring_holds_what_a_plain_queue_holds_full_wrapped_and_killed(sequential 1..80 => Pair);
}
