//! The first page of the ring's file: positions, and the mirrored consent.
//!
//! Every word is written in one store and proves itself, because the process may die between any
//! two of them. A word that does not prove itself counts as unknown, and unknown consent as none.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::consent::Gate;

use super::layout::{BODY, MAX_POSITION};

/// One page: the body behind it stays aligned wherever pages are 4 KiB, and mapped at once.
pub(super) const HEADER: usize = 4096;

/// `PATRONR` and the version of the layout.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"PATRONR\x01");

/// Lies over the mapped page; all zero is a header that says nothing.
#[repr(C)]
pub(super) struct Header {
    magic: AtomicU64,
    body: AtomicU64,
    _line0: [AtomicU64; 6],
    /// Which of the two slots holds the gate: the low bit. Grows with each change.
    turn: AtomicU64,
    gates: [GateSlot; 2],
    _line1: AtomicU64,
    /// Up to here producers have written.
    head: AtomicU64,
    _line2: [AtomicU64; 7],
    /// Up to here records are committed in the database: recovery begins here.
    drained: AtomicU64,
    _line3: [AtomicU64; 7],
    /// Up to here the bytes are zeroed: producers may write up to here plus a lap.
    free: AtomicU64,
}

#[repr(C)]
struct GateSlot {
    epoch: AtomicU64,
    granted: AtomicU64,
    check: AtomicU64,
}

/// The three positions, in the order `free <= drained <= head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Positions {
    pub(super) free: u64,
    pub(super) drained: u64,
    pub(super) head: u64,
}

impl Header {
    /// What the header says, if it is one of ours and whole.
    pub(super) fn positions(&self) -> Option<Positions> {
        if !self.is_ours() || self.body.load(Ordering::Acquire) != BODY as u64 {
            return None;
        }
        let free = unseal(self.free.load(Ordering::Acquire))?;
        let drained = unseal(self.drained.load(Ordering::Acquire))?;
        let head = unseal(self.head.load(Ordering::Acquire))?;
        (free <= drained && drained - free <= BODY as u64).then_some(Positions { free, drained, head })
    }

    /// Whether the file says that it is a ring of this layout.
    pub(super) fn is_ours(&self) -> bool {
        self.magic.load(Ordering::Acquire) == MAGIC
    }

    /// Writes everything but the gate; the name comes last, when all else is true.
    pub(super) fn initialise(&self, positions: Positions) {
        self.set_drained(positions.drained);
        self.set_free(positions.free);
        self.set_head(positions.head);
        self.body.store(BODY as u64, Ordering::Release);
        self.magic.store(MAGIC, Ordering::Release);
    }

    pub(super) fn set_head(&self, position: u64) {
        self.head.store(seal(position), Ordering::Release);
    }

    pub(super) fn set_drained(&self, position: u64) {
        self.drained.store(seal(position), Ordering::Release);
    }

    pub(super) fn set_free(&self, position: u64) {
        self.free.store(seal(position), Ordering::Release);
    }

    /// The mirrored consent; closed when the header holds none that proves itself.
    pub(super) fn gate(&self) -> Gate {
        // A reader loses the race only against two whole changes within its four loads.
        for _ in 0..64 {
            let turn = self.turn.load(Ordering::Acquire);
            let slot = &self.gates[(turn & 1) as usize];
            let epoch = slot.epoch.load(Ordering::Acquire);
            let granted = slot.granted.load(Ordering::Acquire);
            if slot.check.load(Ordering::Acquire) == gate_check(turn, epoch, granted) {
                return Gate::from_parts(epoch, granted);
            }
            if self.turn.load(Ordering::Acquire) == turn {
                return Gate::CLOSED;
            }
            std::hint::spin_loop();
        }
        Gate::CLOSED
    }

    /// Replaces the mirrored consent; one writer at a time. A kill in between leaves the old one.
    pub(super) fn set_gate(&self, gate: Gate) {
        let turn = self.turn.load(Ordering::Acquire).wrapping_add(1);
        let slot = &self.gates[(turn & 1) as usize];
        let (epoch, granted) = gate.to_parts();
        slot.epoch.store(epoch, Ordering::Release);
        slot.granted.store(granted, Ordering::Release);
        slot.check.store(gate_check(turn, epoch, granted), Ordering::Release);
        self.turn.store(turn, Ordering::Release);
    }
}

/// Fractional part of the golden ratio in 64 bits: multiplying by it spreads each bit upwards.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A position in 40 bits and a checksum in 24, so that one store changes both.
fn seal(position: u64) -> u64 {
    let units = position >> 3;
    (units << 24) | position_check(units)
}

fn unseal(word: u64) -> Option<u64> {
    let units = word >> 24;
    let position = units << 3;
    (word & 0xFF_FFFF == position_check(units) && position < MAX_POSITION).then_some(position)
}

/// Never zero for zero: an empty page must not look like a position.
fn position_check(units: u64) -> u64 {
    (units + 1).wrapping_mul(SPREAD) >> 40
}

fn gate_check(turn: u64, epoch: u64, granted: u64) -> u64 {
    [turn, epoch, granted].into_iter().fold(SPREAD, |sum, word| {
        let mixed = (sum ^ word).wrapping_mul(SPREAD);
        mixed ^ (mixed >> 29)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::PurposeKind;

    #[allow(unsafe_code, reason = "a header of zeroes, as a new file has it")]
    fn empty() -> Header {
        // SAFETY: a header is nothing but atomic integers, for which all zeroes is a value.
        unsafe { std::mem::zeroed() }
    }

    #[test]
    fn an_empty_page_permits_nothing_and_knows_no_position() {
        assert_eq!(empty().gate(), Gate::CLOSED);
        assert_eq!(empty().positions(), None);
        assert_eq!(unseal(0), None);
    }

    #[test]
    fn a_position_proves_itself_against_any_flipped_bit() {
        for position in [0, 8, 4096, BODY as u64, MAX_POSITION - 8] {
            assert_eq!(unseal(seal(position)), Some(position));
            for bit in 0..64 {
                assert_eq!(unseal(seal(position) ^ (1 << bit)), None, "bit {bit} of {position}");
            }
        }
    }

    #[test]
    fn a_change_of_consent_that_was_cut_off_leaves_the_one_before() {
        let header = empty();
        let granted = Gate::new(4, [PurposeKind::Engagement]);
        header.set_gate(granted);
        assert_eq!(header.gate(), granted);
        // The process died before the turn was taken.
        let next = &header.gates[(header.turn.load(Ordering::Relaxed).wrapping_add(1) & 1) as usize];
        next.epoch.store(5, Ordering::Relaxed);
        assert_eq!(header.gate(), granted);
    }

    #[test]
    fn a_flipped_bit_closes_the_gate() {
        let header = empty();
        header.set_gate(Gate::new(4, [PurposeKind::Engagement]));
        let slot = &header.gates[(header.turn.load(Ordering::Relaxed) & 1) as usize];
        slot.granted.fetch_xor(1 << 3, Ordering::Relaxed);
        assert_eq!(header.gate(), Gate::CLOSED);
    }

    #[test]
    fn the_header_fits_its_page() {
        assert!(size_of::<Header>() <= HEADER);
    }
}
