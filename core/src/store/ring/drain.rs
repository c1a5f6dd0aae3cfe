//! The engine's side of the ring: visit, commit elsewhere, release.

use std::sync::atomic::{Ordering, fence};

use super::layout::{self, BODY, Entry, MAX_POSITION, offset};
use super::{Producer, Ring, RingError, lock};

/// The ring is wound back to its warm beginning when it runs empty behind this. Not always: each
/// time costs a lap of positions, of which there are two million.
const REWIND_BEHIND: usize = BODY / 4;

/// The oldest records, visited and not yet removed. Given to [`Ring::release`] behind the commit;
/// dropped after a failed one, the same records come again.
#[derive(Debug)]
#[must_use = "the records stay in the ring until they are released"]
pub struct Taken {
    end: u64,
    /// How many records were visited.
    pub records: usize,
}

impl Taken {
    /// Up to where: at or above a [`Ring::head`] that was read before, once all until then is taken. The
    /// ring is wound back only when it is empty, which is behind any such mark.
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// What the engine knows of its side.
pub(super) struct Engine {
    pub(super) drained: u64,
    /// Records of a killed process stand between `drained` and here until they are imported.
    pub(super) recovered: Option<u64>,
}

impl Ring {
    /// Visits the oldest records in order, at most so many and stopping behind so many bytes,
    /// without removing them. `None` when there is nothing, or before [`Ring::clear_recovered`].
    ///
    /// For the engine's thread; `visit` must not take or release.
    pub fn take(&self, max_records: usize, max_bytes: usize, visit: &mut dyn FnMut(&[u8])) -> Option<Taken> {
        if !self.memory.is_here() {
            return None;
        }
        let engine = lock(&self.engine);
        if engine.recovered.is_some() {
            return None;
        }
        let head = self.head.load(Ordering::Acquire);
        let (mut position, mut records, mut bytes) = (engine.drained, 0, 0);
        while position < head && records < max_records && bytes < max_bytes {
            let at = offset(position);
            let run = self.memory.bytes(at, (BODY - at).min((head - position) as usize));
            match layout::parse(run, position) {
                Some(entry) => {
                    if let Entry::Record(payload) = entry {
                        visit(payload);
                        records += 1;
                        bytes += payload.len();
                    }
                    position = entry.end(position);
                }
                // Someone wrote into our file. What still proves itself behind it is not lost.
                None => {
                    self.damaged.fetch_add(8, Ordering::Relaxed);
                    position += 8;
                }
            }
        }
        (position > engine.drained).then_some(Taken { end: position, records })
    }

    /// Removes what was taken, behind the commit that made it safe elsewhere. For the engine's
    /// thread. Leaves no byte of the records in the file.
    pub fn release(&self, taken: Taken) {
        let mut engine = lock(&self.engine);
        if engine.recovered.is_none() {
            self.release_to(&mut engine, taken.end);
        }
    }

    /// Removes what was recovered, behind the commit that imported it. From then on
    /// [`Ring::take`] gives what was pushed since. Does nothing a second time.
    pub fn clear_recovered(&self) {
        let mut engine = lock(&self.engine);
        if let Some(end) = engine.recovered.take() {
            self.release_to(&mut engine, end);
        }
    }

    /// Leaves no byte of what was released, and waits until the disk has none either: a power loss
    /// brings back pages that were zeroed in memory alone. Callers of [`Ring::push`] wait while bytes
    /// are looked at, some 0.3 ms, and not for the disk. For the engine's thread, where what was purged
    /// must be gone.
    ///
    /// # Errors
    /// [`RingError::Io`] when the disk refuses; then a power loss may bring it back.
    pub fn scrub(&self) -> Result<(), RingError> {
        {
            let engine = lock(&self.engine);
            let producer = lock(&self.producer);
            if engine.recovered.is_none() {
                self.memory.wipe(producer.head, self.free.load(Ordering::Acquire) + BODY as u64);
            }
        }
        self.memory.sync().map_err(|error| RingError::from_io("sync", &error))?;
        #[cfg(any(test, feature = "simulation"))]
        self.syncs.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// How often [`Ring::scrub`] has reached the disk, for the simulation, whose disk the mapping
    /// passes by.
    #[cfg(any(test, feature = "simulation"))]
    #[doc(hidden)]
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Acquire)
    }

    pub(super) fn release_to(&self, engine: &mut Engine, end: u64) {
        let free = self.free.load(Ordering::Acquire);
        if end <= free {
            return;
        }
        engine.drained = end;
        self.memory.header().set_drained(end);
        // The zeroes must not overtake the word that makes them harmless.
        fence(Ordering::SeqCst);
        self.memory.zero(free, end);
        self.memory.header().set_free(end);
        self.free.store(end, Ordering::Release);
        let head = self.rewind(engine, end);
        self.memory.populate(head);
    }

    /// Back to the pages that are warm, if the ring is empty; answers where the head is.
    fn rewind(&self, engine: &mut Engine, free: u64) -> u64 {
        let Ok(mut producer) = self.producer.try_lock() else { return free };
        if producer.head != free || offset(free) < REWIND_BEHIND {
            return producer.head;
        }
        let lap = free.next_multiple_of(BODY as u64);
        // An empty ring may count from nought again: there is no record that could be mistaken.
        let begin = if lap > MAX_POSITION / 2 { 0 } else { lap };
        self.memory.header().set_drained(begin);
        self.memory.header().set_head(begin);
        self.memory.header().set_free(begin);
        *producer = Producer { head: begin, free: begin, sealed: producer.sealed };
        engine.drained = begin;
        self.head.store(begin, Ordering::Release);
        self.free.store(begin, Ordering::Release);
        begin
    }
}
