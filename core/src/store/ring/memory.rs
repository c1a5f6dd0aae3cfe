//! The mapped file: its header, and the bytes of its body.
//!
//! All code of the ring that the compiler cannot prove is here. It decides nothing: which range may be
//! read or written when is said at each method, and held to by [`super::Ring`] and its locks.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU32, Ordering};

use memmap2::MmapRaw;

use super::header::{HEADER, Header};
use super::layout::{BODY, RECORD_HEAD, offset};
use crate::origin::Origin;

/// Pages that are made writable ahead of the producers after each release. The kernel protects
/// pages again when it writes them back, and the fault would fall to a caller of `push`.
const POPULATE: usize = 256 << 10;

/// The mapping, in the process that made it.
pub(super) struct Memory {
    origin: Origin,
    map: ManuallyDrop<MmapRaw>,
}

impl Memory {
    /// Takes over a mapping of header and body.
    pub(super) fn new(map: MmapRaw) -> Self {
        Self { origin: Origin::here(), map: ManuallyDrop::new(map) }
    }

    /// Whether this is the process that mapped it; in a forked child nothing else here may be called.
    pub(super) fn is_here(&self) -> bool {
        self.origin.is_here()
    }

    /// Positions and the mirrored consent.
    #[allow(unsafe_code, reason = "the header lies over the first page of the mapping")]
    pub(super) fn header(&self) -> &Header {
        // SAFETY: the mapping is longer than a header, aligned to a page and lives as long as
        // `self`. A header is nothing but atomics, so others may change it meanwhile.
        unsafe { &*self.map.as_ptr().cast::<Header>() }
    }

    /// The body's bytes from `at`. They must be ones that no producer is writing: those before
    /// the published head, read under the engine's lock, or any before there are producers.
    #[allow(unsafe_code, reason = "records are read where they lie in the mapping")]
    pub(super) fn bytes(&self, at: usize, len: usize) -> &[u8] {
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
    pub(super) fn write(&self, at: usize, parts: &[&[u8]], tag: u32) {
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
    pub(super) fn zero(&self, from: u64, to: u64) {
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

    /// As [`Memory::zero`], and dirties no page that holds nothing. The producers' lock must be held
    /// as well.
    pub(super) fn wipe(&self, from: u64, to: u64) {
        const PAGE: u64 = 4096;
        let mut at = from;
        while at < to {
            let end = (at + 1).next_multiple_of(PAGE).min(to);
            if !is_zero(self.bytes(offset(at), (end - at) as usize)) {
                self.zero(at, end);
            }
            at = end;
        }
    }

    /// Waits until the file on the disk is as the mapping is.
    pub(super) fn sync(&self) -> std::io::Result<()> {
        self.map.flush()
    }

    /// Makes the next pages behind `head` writable, so that no caller of `push` pays for it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(unsafe_code, reason = "page advice takes a raw address range")]
    pub(super) fn populate(&self, head: u64) {
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

    /// Other systems know no such advice.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn populate(&self, _head: u64) {
        let _ = POPULATE;
    }
}

impl Drop for Memory {
    #[allow(unsafe_code, reason = "a mapping that is not there must not be unmapped")]
    fn drop(&mut self) {
        // Not in a forked child: it does not have the pages, and others may stand there by now.
        if self.origin.is_here() {
            // SAFETY: dropped here and nowhere else, and not looked at again.
            unsafe { ManuallyDrop::drop(&mut self.map) };
        }
    }
}

/// Each byte is as the one before it, and the first is nought: one comparison of memory, where a
/// loop over bytes takes milliseconds for a whole ring, under the locks that producers wait for.
fn is_zero(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [first, rest @ ..] => *first == 0 && bytes.get(..rest.len()) == Some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::is_zero;

    #[test]
    fn one_byte_anywhere_is_not_nothing() {
        assert!(is_zero(&[]) && is_zero(&[0]) && is_zero(&[0; 4096]));
        for at in [0, 1, 2047, 4094, 4095] {
            let mut page = [0; 4096];
            page[at] = 1;
            assert!(!is_zero(&page), "{at}");
        }
        assert!(!is_zero(&[7; 4096]));
    }
}
