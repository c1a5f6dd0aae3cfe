//! Sets of vendors, as the intervals that they are written in.

use super::bits::Bits;

/// A set of vendor ids. Kept as intervals: a string of a few bytes can name all 65,535.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorSet(Vec<(u16, u16)>);

impl VendorSet {
    /// Whether `vendor` is in it.
    pub fn contains(&self, vendor: u16) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < vendor);
        self.0.get(at).is_some_and(|(first, _)| *first <= vendor)
    }

    /// The intervals, ends included, in order and apart from each other.
    pub fn intervals(&self) -> &[(u16, u16)] {
        &self.0
    }

    /// Every id, in order.
    pub fn ids(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// A section of vendors: the largest id, then a bit field or ranges up to it.
    pub(super) fn section(bits: &mut Bits) -> Self {
        let max = bits.take(16, "MaxVendorId") as u16;
        if bits.flag("IsRangeEncoding") {
            return Self::ranges(bits, max);
        }
        let mut intervals = Vec::new();
        bits.runs(max, "BitField", |first, last| intervals.push((first, last)));
        Self(intervals)
    }

    /// Ranges of ids up to `max`. In any order, and overlapping: they are a union. An id of nought
    /// or above `max`, and an end before its start, are errors.
    pub(super) fn ranges(bits: &mut Bits, max: u16) -> Self {
        let mut intervals: Vec<(u16, u16)> = Vec::new();
        let mut sorted = true;
        for _ in 0..bits.take(12, "NumEntries") {
            let group = bits.flag("IsARange");
            let first = bits.take(16, "StartOrOnlyVendorId");
            let last = if group { bits.take(16, "EndVendorId") } else { first };
            if first == 0 || last < first || last > u64::from(max) {
                // An error that came before stays the one that is told.
                bits.refuse("EndVendorId", if first == 0 { first } else { last });
            }
            if bits.failed() {
                break;
            }
            sorted &= intervals.last().is_none_or(|(_, before)| u64::from(*before) + 1 < first);
            intervals.push((first as u16, last as u16));
        }
        if !sorted {
            intervals.sort_unstable();
            intervals.dedup_by(|next, kept| {
                let joins = u32::from(next.0) <= u32::from(kept.1) + 1;
                if joins {
                    kept.1 = kept.1.max(next.1);
                }
                joins
            });
        }
        Self(intervals)
    }
}

/// Up to 32 numbered flags, the first of them 1: purposes, or special features.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    bits: u32,
    count: u8,
}

impl Flags {
    /// Whether the flag of this number is set.
    pub fn contains(self, number: u8) -> bool {
        (1..=self.count).contains(&number) && self.bits >> (self.count - number) & 1 == 1
    }

    /// The numbers that are set, in order.
    pub fn ids(self) -> impl Iterator<Item = u8> {
        (1..=self.count).filter(move |number| self.contains(*number))
    }

    /// Each flag, the first first.
    pub fn all(self) -> impl Iterator<Item = bool> {
        (1..=self.count).map(move |number| self.contains(number))
    }

    pub(super) fn take(bits: &mut Bits, count: u8, field: &'static str) -> Self {
        Self { bits: bits.take(u32::from(count), field) as u32, count }
    }

    /// These without that one.
    pub(super) fn without(mut self, number: u8) -> Self {
        if (1..=self.count).contains(&number) {
            self.bits &= !(1 << (self.count - number));
        }
        self
    }
}
