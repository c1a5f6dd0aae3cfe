//! Opening a ring that a process left: finds its records, and sets the positions around them.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::drain::Engine;
use super::header::Positions;
use super::layout::{self, BODY, MAX_POSITION, span};
use super::{Producer, Ring, lock};

/// What a killed process left behind.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[must_use]
pub struct Recovered {
    /// The records, in the order in which they were pushed. They stay in the file until
    /// [`Ring::clear_recovered`]; a process that dies before gets them again.
    pub records: Vec<Vec<u8>>,
    /// The file was hurt: each record that still proves itself is here, others may be lost.
    pub damaged: bool,
    /// A file that was not a ring stood in the place, and is kept under this name.
    pub foreign: Option<PathBuf>,
}

impl Ring {
    /// Finds what was left, and sets the positions around it. Called before there are producers.
    pub(super) fn recover(&self) -> (Vec<Vec<u8>>, bool) {
        let body = self.memory.bytes(0, BODY);
        let known = self.memory.header().positions();
        if let Some(known) = known {
            let (records, end) = layout::walk(body, known.drained);
            // The head is no more than a hint, but one that is ahead says that records are missing.
            if end >= known.head && end < MAX_POSITION / 2 {
                self.begin(Positions { head: end, ..known });
                return (records, false);
            }
        }
        let found = layout::salvage(body, known.map_or(0, |known| known.drained));
        let damaged = known.is_none_or(|known| known.head < MAX_POSITION / 2);
        let ends = |(position, payload): &(u64, Vec<u8>)| position + span(payload.len()) as u64;
        let end = found.last().map_or(0, ends);
        // All that is ours lies within one lap; the rest can only be from before.
        let start = found.iter().map(|(position, _)| *position).find(|p| end - p <= BODY as u64).unwrap_or(end);
        if found.is_empty() {
            self.memory.zero(0, BODY as u64);
        } else {
            self.memory.zero(end, start + BODY as u64);
        }
        self.begin(Positions { free: start, drained: start, head: end });
        (found.into_iter().map(|(_, payload)| payload).collect(), damaged)
    }

    pub(super) fn begin(&self, positions: Positions) {
        self.memory.header().initialise(positions);
        self.head.store(positions.head, Ordering::Release);
        self.free.store(positions.free, Ordering::Release);
        *lock(&self.producer) = Producer { head: positions.head, free: positions.free, sealed: false };
        let mut engine = lock(&self.engine);
        *engine = Engine { drained: positions.drained, recovered: None };
        if positions.drained < positions.head {
            engine.recovered = Some(positions.head);
        } else if positions.free < positions.head {
            // Killed between the two steps of a release: the second is made up for.
            self.release_to(&mut engine, positions.head);
        }
    }
}
