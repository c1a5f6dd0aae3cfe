//! Decides which events go first when the queue is full.
//!
//! Pure. What full means, and that the oldest of one priority goes first, is left to
//! [`crate::store`].

use super::kind::Kind;

/// How long an event is held on to: of a full queue, the lowest go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Priority {
    /// There are many like it, and one less changes no one's view.
    Low = 0,
    /// Everything else.
    Normal = 1,
    /// Money, a promise or the shopper's own words: nobody can do it over.
    High = 2,
}

impl Priority {
    /// Every priority, the first to go first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// The priority of events of this CloudEvents type. What this version does not know was
    /// recorded by one that does, so it is not the first to go.
    pub fn of(kind: &str) -> Self {
        Kind::named(kind).map_or(Self::Normal, Kind::priority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scrolls_by_goes_before_what_was_paid() {
        let rising = ["dev.patron.offer.impression", "dev.patron.visit.entered", "dev.patron.purchase"];
        assert!(rising.map(Priority::of).is_sorted_by(|a, b| a < b));
        assert_eq!(rising.map(|kind| Priority::of(kind) as u8), [0, 1, 2]);
    }

    #[test]
    fn a_kind_of_the_future_is_not_the_first_to_go() {
        for kind in ["dev.patron.hologram.seen", "", "dev.patron.purchase2"] {
            assert_eq!(Priority::of(kind), Priority::Normal, "{kind}");
        }
    }
}
