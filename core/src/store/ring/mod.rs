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

mod file;
mod header;
mod layout;
#[cfg(test)]
mod panic_tests;

use std::io;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap2::MmapRaw;

use crate::consent::Gate;
use crate::error::Error;
use crate::origin::Origin;

use header::{HEADER, Header, Positions};
use layout::{BODY, Entry, MAX_POSITION, RECORD_HEAD, offset, span};

pub use layout::MAX_PAYLOAD;

/// Pages that are made writable ahead of the producers after each release. The kernel protects
/// pages again when it writes them back, and the fault would fall to a caller of `push`.
const POPULATE: usize = 256 << 10;

/// The ring is wound back to its warm beginning when it runs empty behind this. Not always: each
/// time costs a lap of positions, of which there are two million.
const REWIND_BEHIND: usize = BODY / 4;

/// Why the ring could not be opened, or did not take a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// The handle was closed, or this is a child forked from the process that opened it.
    #[error("the ring is closed")]
    Sealed,
    /// No room until the engine has committed more; nothing was kept, and it was counted.
    #[error("the ring is full")]
    Full,
    /// The record is longer than [`MAX_PAYLOAD`]; nothing was kept.
    #[error("a record of {0} bytes; at most {MAX_PAYLOAD} are taken")]
    TooLarge(usize),
    /// The disk has no room for the file.
    #[error("no space for the ring's 4 MiB")]
    NoSpace,
    /// The folder or the file is not ours to write.
    #[error("no permission to {0} the ring's file")]
    Permission(&'static str),
    /// A folder, a device or a pipe stands in the file's place.
    #[error("the ring's path is not a regular file")]
    NotAFile,
    /// Anything else that the system said.
    #[error("could not {step} the ring's file: {why}")]
    Io {
        /// What was being done.
        step: &'static str,
        /// The system's words.
        why: String,
    },
}

impl RingError {
    fn from_io(step: &'static str, e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Permission(step),
            _ => Self::Io { step, why: e.to_string() },
        }
    }
}

impl From<RingError> for Error {
    fn from(e: RingError) -> Self {
        match e {
            RingError::Sealed => Self::Closed,
            RingError::Full => Self::Busy,
            RingError::TooLarge(_) => Self::invalid("event", e.to_string()),
            RingError::NoSpace | RingError::Permission(_) | RingError::NotAFile | RingError::Io { .. } => {
                Self::storage(e.to_string())
            }
        }
    }
}

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

/// How full the ring is after a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressure {
    /// The engine's own pace will do.
    Low,
    /// Above half: wake the engine.
    High,
}

/// The oldest records, visited and not yet removed. Given to [`Ring::release`] behind the commit;
/// dropped after a failed one, the same records come again.
#[derive(Debug)]
#[must_use = "the records stay in the ring until they are released"]
pub struct Taken {
    end: u64,
    /// How many records were visited.
    pub records: usize,
}

/// The ring. Shared through an `Arc`: any thread may push, one thread takes and releases.
pub struct Ring {
    origin: Origin,
    map: ManuallyDrop<MmapRaw>,
    producer: Mutex<Producer>,
    engine: Mutex<Engine>,
    head: AtomicU64,
    free: AtomicU64,
    busy: AtomicU64,
    damaged: AtomicU64,
}

struct Producer {
    head: u64,
    /// A copy that may be old; looked up again only when it says that there is no room.
    free: u64,
    sealed: bool,
}

struct Engine {
    drained: u64,
    /// Records of a killed process stand between `drained` and here until they are imported.
    recovered: Option<u64>,
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
            origin: Origin::here(),
            map: ManuallyDrop::new(mapped.map),
            producer: Mutex::new(Producer { head: 0, free: 0, sealed: false }),
            engine: Mutex::new(Engine { drained: 0, recovered: None }),
            head: AtomicU64::new(0),
            free: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
        };
        let (records, damaged) = if mapped.fresh {
            ring.begin(Positions { free: 0, drained: 0, head: 0 });
            (Vec::new(), false)
        } else {
            ring.recover()
        };
        ring.populate(ring.head.load(Ordering::Relaxed));
        Ok((ring, Recovered { records, damaged: damaged || mapped.repaired, foreign: mapped.set_aside }))
    }

    /// The consent that the engine mirrored last; closed in a new file. Never blocks.
    pub fn gate(&self) -> Gate {
        if self.origin.is_here() { self.header().gate() } else { Gate::CLOSED }
    }

    /// Mirrors the consent, for this process and for the first moments of the next.
    pub fn set_gate(&self, gate: Gate) {
        let _one_writer = lock(&self.engine);
        self.header().set_gate(gate);
    }

    /// Keeps `payload`: once this has returned, it survives a SIGKILL.
    ///
    /// Never touches the disk and waits for nothing but other producers' copying.
    ///
    /// # Errors
    /// [`RingError::Full`] until the engine has released more, [`RingError::TooLarge`] always.
    pub fn push(&self, payload: &[u8]) -> Result<Pressure, RingError> {
        if !self.origin.is_here() {
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
            self.write(at, &[crc.to_le_bytes().as_slice()], tag);
        }
        let position = producer.head + pad as u64;
        let (tag, crc) = layout::seal_record(checksum, position, payload.len());
        self.write(offset(position), &[&crc.to_le_bytes(), &position.to_le_bytes(), payload], tag);
        producer.head = end;
        self.head.store(end, Ordering::Release);
        self.header().set_head(end);
        let free = producer.free;
        drop(producer);
        Ok(self.pressure(end, free))
    }

    /// Takes no more records. When this returns, no producer is in the middle of one.
    pub fn seal(&self) {
        if self.origin.is_here() {
            lock(&self.producer).sealed = true;
        }
    }

    /// Visits the oldest records in order, at most so many and stopping behind so many bytes,
    /// without removing them. `None` when there is nothing, or before [`Ring::clear_recovered`].
    ///
    /// For the engine's thread; `visit` must not take or release.
    pub fn take(&self, max_records: usize, max_bytes: usize, visit: &mut dyn FnMut(&[u8])) -> Option<Taken> {
        if !self.origin.is_here() {
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
            let run = self.bytes(at, (BODY - at).min((head - position) as usize));
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

    /// Leaves no byte of what was released where a power loss brought it back: pages that had been
    /// zeroed may return as they were. Callers of [`Ring::push`] wait meanwhile, some 0.3 ms. For the
    /// engine's thread, where what was purged must be gone.
    pub fn scrub(&self) {
        let engine = lock(&self.engine);
        let producer = lock(&self.producer);
        if engine.recovered.is_none() {
            self.wipe(producer.head, self.free.load(Ordering::Acquire) + BODY as u64);
        }
    }

    /// Whether every record was released.
    pub fn is_empty(&self) -> bool {
        self.head.load(Ordering::Acquire) == self.free.load(Ordering::Acquire)
    }

    /// How many pushes were refused because the ring was full.
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Bytes that turned out not to be records while this process ran: someone else wrote there.
    pub fn damaged_bytes(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Finds what was left, and sets the positions around it. Called before there are producers.
    fn recover(&self) -> (Vec<Vec<u8>>, bool) {
        let body = self.bytes(0, BODY);
        let known = self.header().positions();
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
            self.zero(0, BODY as u64);
        } else {
            self.zero(end, start + BODY as u64);
        }
        self.begin(Positions { free: start, drained: start, head: end });
        (found.into_iter().map(|(_, payload)| payload).collect(), damaged)
    }

    fn begin(&self, positions: Positions) {
        self.header().initialise(positions);
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

    fn release_to(&self, engine: &mut Engine, end: u64) {
        let free = self.free.load(Ordering::Acquire);
        if end <= free {
            return;
        }
        engine.drained = end;
        self.header().set_drained(end);
        // The zeroes must not overtake the word that makes them harmless.
        fence(Ordering::SeqCst);
        self.zero(free, end);
        self.header().set_free(end);
        self.free.store(end, Ordering::Release);
        let head = self.rewind(engine, end);
        self.populate(head);
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
        self.header().set_drained(begin);
        self.header().set_head(begin);
        self.header().set_free(begin);
        *producer = Producer { head: begin, free: begin, sealed: producer.sealed };
        engine.drained = begin;
        self.head.store(begin, Ordering::Release);
        self.free.store(begin, Ordering::Release);
        begin
    }

    fn pressure(&self, head: u64, free: u64) -> Pressure {
        const HALF: u64 = BODY as u64 / 2;
        // The producers' copy of `free` may be a lap old: ask before paying for a wake-up.
        let above = head.saturating_sub(free) > HALF
            && self.head.load(Ordering::Relaxed).saturating_sub(self.free.load(Ordering::Relaxed)) > HALF;
        if above { Pressure::High } else { Pressure::Low }
    }

    #[allow(unsafe_code, reason = "the header lies over the first page of the mapping")]
    fn header(&self) -> &Header {
        // SAFETY: the mapping is longer than a header, aligned to a page and lives as long as
        // `self`. A header is nothing but atomics, so others may change it meanwhile.
        unsafe { &*self.map.as_ptr().cast::<Header>() }
    }

    /// The body's bytes from `at`. They must be ones that no producer is writing: those before
    /// the published head, read under the engine's lock, or any before there are producers.
    #[allow(unsafe_code, reason = "records are read where they lie in the mapping")]
    fn bytes(&self, at: usize, len: usize) -> &[u8] {
        debug_assert!(at + len <= BODY);
        let len = len.min(BODY - at.min(BODY));
        // SAFETY: the range is inside the mapping, whose length is HEADER + BODY and which lives
        // as long as `self`. Nothing writes to it meanwhile: producers write behind the head
        // only, and zeroing needs the engine's lock, which every caller holds (or is alone).
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().add(HEADER + at), len) }
    }

    /// Writes an entry at `at`: its parts behind the tag, and the tag last, which makes it one.
    /// Called with the producers' lock held and room for it all made sure of.
    #[allow(unsafe_code, reason = "records are written where they will lie in the mapping")]
    fn write(&self, at: usize, parts: &[&[u8]], tag: u32) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        debug_assert!(at.is_multiple_of(8) && at + 4 + len <= BODY && (RECORD_HEAD > 4));
        // SAFETY: the range is inside the body, and between the head and `free` plus a lap, so no
        // reader looks at it before the head is published; the producers' lock keeps writers
        // apart. `at` is a multiple of eight in a mapping aligned to a page, so the tag is
        // aligned, and it is only ever written here.
        unsafe {
            let entry = self.map.as_mut_ptr().add(HEADER + at);
            let mut to = entry.add(4);
            for part in parts {
                std::ptr::copy_nonoverlapping(part.as_ptr(), to, part.len());
                to = to.add(part.len());
            }
            AtomicU32::from_ptr(entry.cast()).store(tag.to_le(), Ordering::Release);
        }
    }

    /// Zeroes the bytes of the positions from `from` up to `to`, at most a lap.
    #[allow(unsafe_code, reason = "what was released leaves no byte in the mapping")]
    fn zero(&self, from: u64, to: u64) {
        let len = (to.saturating_sub(from) as usize).min(BODY);
        let at = offset(from);
        let first = len.min(BODY - at);
        // SAFETY: both ranges are inside the body. They are between `free` and the head, or
        // there are no producers yet, so none writes there; the engine's lock keeps readers away.
        unsafe {
            let body = self.map.as_mut_ptr().add(HEADER);
            std::ptr::write_bytes(body.add(at), 0, first);
            std::ptr::write_bytes(body, 0, len - first);
        }
    }

    /// As [`Ring::zero`], and dirties no page that holds nothing. The producers' lock must be held
    /// as well.
    fn wipe(&self, from: u64, to: u64) {
        const PAGE: u64 = 4096;
        let mut at = from;
        while at < to {
            let end = (at + 1).next_multiple_of(PAGE).min(to);
            if self.bytes(offset(at), (end - at) as usize).iter().any(|byte| *byte != 0) {
                self.zero(at, end);
            }
            at = end;
        }
    }

    /// Makes the next pages behind `head` writable, so that no caller of `push` pays for it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(unsafe_code, reason = "page advice takes a raw address range")]
    fn populate(&self, head: u64) {
        const PAGE: usize = 4096;
        let at = offset(head) / PAGE * PAGE;
        let len = POPULATE.min(BODY - at);
        // SAFETY: the range is inside the mapping; faulting pages in changes no byte of them.
        let advised = unsafe {
            rustix::mm::madvise(
                self.map.as_mut_ptr().add(HEADER + at).cast(),
                len,
                rustix::mm::Advice::LinuxPopulateWrite,
            )
        };
        // Kernels before 5.14 do not know it: there the callers pay for their own faults.
        let _ = advised;
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn populate(&self, _head: u64) {
        let _ = POPULATE;
    }
}

impl Drop for Ring {
    #[allow(unsafe_code, reason = "a mapping that is not there must not be unmapped")]
    fn drop(&mut self) {
        // Not in a forked child: it does not have the pages, and others may stand there by now.
        if self.origin.is_here() {
            // SAFETY: dropped here and nowhere else, and not looked at again.
            unsafe { ManuallyDrop::drop(&mut self.map) };
        }
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
