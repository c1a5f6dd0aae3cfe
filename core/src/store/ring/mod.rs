//! The hand-over ring: what was pushed survives the death of the process.
//!
//! A mapped, preallocated file of 4 MiB. Producers copy records in under a short lock; the engine
//! visits the oldest, commits them to the database and releases them. Opening hands back what a
//! killed process left. It knows nothing of events: a record is bytes. Power loss is not its
//! business either; the database's commit is.
//!
//! A release has two steps, each true by itself when the process dies behind it: first the
//! records count as drained, then their bytes are zeroed and free. With one step, a kill in the
//! middle of the zeroing would hide the records behind it.
//!
//! One process per file at a time: the store's lock file sees to that. In a child forked from that
//! process the ring is closed: see `origin.rs`.
//!
//! Here is the producers' side; `drain` is the engine's, `recovery` what opening does. `memory` is the
//! mapping, and holds all code that the compiler cannot prove; `layout` and `header` say what stands in it.

mod drain;
mod error;
mod file;
mod header;
mod layout;
mod memory;
#[cfg(test)]
mod panic_tests;
mod recovery;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::consent::Gate;

use drain::Engine;
use header::Positions;
use layout::{BODY, offset, span};
use memory::Memory;

pub use drain::Taken;
pub use error::RingError;
pub use layout::MAX_PAYLOAD;
pub use recovery::Recovered;

/// How full the ring is after a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressure {
    /// The engine's own pace will do.
    Low,
    /// Above half: wake the engine.
    High,
}

/// The ring. Shared through an `Arc`: any thread may push, one thread takes and releases.
pub struct Ring {
    memory: Memory,
    producer: Mutex<Producer>,
    engine: Mutex<Engine>,
    head: AtomicU64,
    free: AtomicU64,
    busy: AtomicU64,
    #[cfg(any(test, feature = "simulation"))]
    syncs: AtomicU64,
    damaged: AtomicU64,
}

struct Producer {
    head: u64,
    /// A copy that may be old; looked up again only when it says that there is no room.
    free: u64,
    sealed: bool,
}

impl Ring {
    /// Opens the ring at `path`, or makes it: 4 MiB, readable by its owner only.
    ///
    /// Blocks for the allocation and, behind a kill, for the reading of what was left. New
    /// records may be pushed at once; [`Ring::take`] gives none until [`Ring::clear_recovered`].
    ///
    /// # Errors
    /// All but [`RingError::Full`] and [`RingError::TooLarge`]. What was in the file stays there.
    pub fn open(path: &Path) -> Result<(Self, Recovered), RingError> {
        let mapped = file::map(path)?;
        let ring = Self {
            memory: Memory::new(mapped.map),
            producer: Mutex::new(Producer { head: 0, free: 0, sealed: false }),
            engine: Mutex::new(Engine { drained: 0, recovered: None }),
            head: AtomicU64::new(0),
            free: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            #[cfg(any(test, feature = "simulation"))]
            syncs: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
        };
        let (records, damaged) = if mapped.fresh {
            ring.begin(Positions { free: 0, drained: 0, head: 0 });
            (Vec::new(), false)
        } else {
            ring.recover()
        };
        ring.memory.populate(ring.head.load(Ordering::Relaxed));
        Ok((ring, Recovered { records, damaged: damaged || mapped.repaired, foreign: mapped.set_aside }))
    }

    /// The consent that the engine mirrored last; closed in a new file. Never blocks.
    pub fn gate(&self) -> Gate {
        if self.memory.is_here() { self.memory.header().gate() } else { Gate::CLOSED }
    }

    /// Mirrors the consent, for this process and for the first moments of the next.
    pub fn set_gate(&self, gate: Gate) {
        let _one_writer = lock(&self.engine);
        self.memory.header().set_gate(gate);
    }

    /// Keeps `payload`: once this has returned, it survives a SIGKILL.
    ///
    /// Never touches the disk and waits for nothing but other producers' copying.
    ///
    /// # Errors
    /// [`RingError::Full`] until the engine has released more, [`RingError::TooLarge`] always.
    pub fn push(&self, payload: &[u8]) -> Result<Pressure, RingError> {
        if !self.memory.is_here() {
            return Err(RingError::Sealed);
        }
        if payload.len() > MAX_PAYLOAD {
            return Err(RingError::TooLarge(payload.len()));
        }
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(payload);
        let need = span(payload.len());
        let mut producer = lock(&self.producer);
        if producer.sealed {
            return Err(RingError::Sealed);
        }
        let at = offset(producer.head);
        let pad = if at + need > BODY { BODY - at } else { 0 };
        let end = producer.head + (pad + need) as u64;
        if end - producer.free > BODY as u64 {
            producer.free = self.free.load(Ordering::Acquire);
            if end - producer.free > BODY as u64 {
                drop(producer);
                self.busy.fetch_add(1, Ordering::Relaxed);
                return Err(RingError::Full);
            }
        }
        if pad > 0 {
            let (tag, crc) = layout::seal_pad(producer.head);
            self.memory.write(at, &[crc.to_le_bytes().as_slice()], tag);
        }
        let position = producer.head + pad as u64;
        let (tag, crc) = layout::seal_record(checksum, position, payload.len());
        self.memory.write(offset(position), &[&crc.to_le_bytes(), &position.to_le_bytes(), payload], tag);
        producer.head = end;
        self.head.store(end, Ordering::Release);
        self.memory.header().set_head(end);
        let free = producer.free;
        drop(producer);
        Ok(self.pressure(end, free))
    }

    /// Takes no more records. When this returns, no producer is in the middle of one.
    pub fn seal(&self) {
        if self.memory.is_here() {
            lock(&self.producer).sealed = true;
        }
    }

    /// Whether every record was released.
    pub fn is_empty(&self) -> bool {
        self.head.load(Ordering::Acquire) == self.free.load(Ordering::Acquire)
    }

    /// Bytes that were handed over and not released: records with their heads.
    pub fn waiting_bytes(&self) -> u64 {
        // In this order: what is released meanwhile makes it less, and never less than nothing.
        let free = self.free.load(Ordering::Acquire);
        self.head.load(Ordering::Acquire).saturating_sub(free)
    }

    /// Where the next record goes; see [`Taken::end`].
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// How many pushes were refused because the ring was full.
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Bytes that turned out not to be records while this process ran: someone else wrote there.
    pub fn damaged_bytes(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    fn pressure(&self, head: u64, free: u64) -> Pressure {
        const HALF: u64 = BODY as u64 / 2;
        // The producers' copy of `free` may be a lap old: ask before paying for a wake-up.
        let above = head.saturating_sub(free) > HALF
            && self.head.load(Ordering::Relaxed).saturating_sub(self.free.load(Ordering::Relaxed)) > HALF;
        if above { Pressure::High } else { Pressure::Low }
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("empty", &self.is_empty()).field("busy", &self.busy()).finish_non_exhaustive()
    }
}

/// A panic under one of these locks leaves the state as it was before or behind it: positions
/// change only when all else is done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
