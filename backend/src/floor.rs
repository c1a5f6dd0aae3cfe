//! Decides how a count of people may be told, so that no one person shows in it.
//!
//! Pure. Every count of people that leaves the backend goes through here. Three rules:
//!
//! 1. A count from 1 to 19 is not told. Others are rounded down to a multiple of 20, so that two counts, however
//!    they were come by, never differ by 1 to 19.
//! 2. Of counts that add up to a sum which the reader may know, more are withheld, the smallest first, until each
//!    of those withheld could be anything from 1 to 20 by what is told: else the sum tells what was hidden.
//! 3. Where even that is not enough, nothing of the group is told.

use serde::{Serialize, Serializer};

/// Fewer people than this are not told of.
pub const LEAST: u64 = 20;

/// Whether counts are told as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// They are not: people may be real.
    Kept,
    /// They are: somebody states that no real person is among the counted.
    Off,
}

/// A count of people as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// So many. With the floor so many at least, a multiple of [`LEAST`]; fewer than [`LEAST`] more may be there.
    People(u64),
    /// From 1 to 19; for a count that stands alone.
    Fewer,
    /// From 1 to 19, or withheld so that another one of the group cannot be worked out.
    Withheld,
}

impl Told {
    /// The number, where one is told.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::People(number) => Some(number),
            Self::Fewer | Self::Withheld => None,
        }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::People(number) => write!(f, "{number}"),
            Self::Fewer => write!(f, "fewer than {LEAST}"),
            Self::Withheld => write!(f, "fewer than {LEAST}, or withheld"),
        }
    }
}

/// A number, or words.
impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.number() {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.collect_str(self),
        }
    }
}

impl Floor {
    /// Tells a count that belongs to no sum.
    pub fn tell(self, count: u64) -> Told {
        match (self, count) {
            (Self::Off, _) | (_, 0) => Told::People(count),
            (Self::Kept, 1..LEAST) => Told::Fewer,
            (Self::Kept, _) => Told::People(count - count % LEAST),
        }
    }

    /// Tells how many did something. That nobody did is told as that few did: an offer may be aimed at one person, whose
    /// act would show as 0 that is 0 no more.
    pub fn tell_acts(self, count: u64) -> Told {
        match (self, count) {
            (Self::Kept, 0) => Told::Fewer,
            _ => self.tell(count),
        }
    }

    /// Tells counts of people who are each in exactly one of them. Nothing at all of a group that is too small.
    pub fn tell_group(self, counts: &[u64]) -> Option<Vec<Told>> {
        if self == Self::Off {
            return Some(counts.iter().map(|count| Told::People(*count)).collect());
        }
        let mut smallest_first: Vec<usize> = (0..counts.len()).filter(|at| count_at(counts, *at) > 0).collect();
        smallest_first.sort_by_key(|at| count_at(counts, *at));
        let small = smallest_first.iter().take_while(|at| count_at(counts, **at) < LEAST).count();
        let mut withheld = small;
        if small > 0 {
            while !unsure(counts, smallest_first.get(..withheld)?) {
                withheld += 1;
            }
        }
        let withheld = smallest_first.get(..withheld)?;
        let tell = |at| if withheld.contains(&at) { Told::Withheld } else { self.tell(count_at(counts, at)) };
        Some((0..counts.len()).map(tell).collect())
    }
}

fn count_at(counts: &[u64], at: usize) -> u64 {
    counts.get(at).copied().unwrap_or_default()
}

/// Whether each of the withheld counts could be anything from 1 to [`LEAST`], for whoever knows their sum and that
/// none of them is 0.
fn unsure(counts: &[u64], withheld: &[usize]) -> bool {
    let sum: u64 = withheld.iter().map(|at| count_at(counts, *at)).sum();
    withheld.len() > 1 && sum >= withheld.len() as u64 + LEAST - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Small and large counts in one group; the small ones are what matters.
    fn counts() -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::vec(prop_oneof![Just(0), 1..20_u64, 15..45_u64, 0..5_000_u64], 0..18)
    }

    proptest! {
        #[test]
        fn no_told_number_and_no_difference_of_two_is_of_fewer_than_twenty(one in counts(), other in counts()) {
            let alone = one.iter().chain(&other).map(|count| Floor::Kept.tell(*count));
            let grouped = [&one, &other].into_iter().filter_map(|group| Floor::Kept.tell_group(group)).flatten();
            let told: Vec<u64> = alone.chain(grouped).filter_map(Told::number).collect();
            for a in &told {
                prop_assert!(!(1..LEAST).contains(a), "{a} is told");
                for b in &told {
                    prop_assert!(!(1..LEAST).contains(&a.abs_diff(*b)), "{a} and {b} are told");
                }
            }
        }

        #[test]
        fn whoever_knows_the_sum_cannot_tell_any_withheld_count_from_twenty_values(counts in counts()) {
            let Some(told) = Floor::Kept.tell_group(&counts) else { return Ok(()) };
            let sum: u64 = counts.iter().sum();
            for at in (0..counts.len()).filter(|at| told[*at] == Told::Withheld) {
                // What the others come to at least and at most, by what is told of them.
                let others = || told.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, told)| *told);
                let least: u64 = others().map(|told| told.number().unwrap_or(1)).sum();
                let most: u64 = others().map(|told| match told {
                    Told::People(0) => 0,
                    Told::People(number) => number + LEAST - 1,
                    Told::Fewer | Told::Withheld => sum,
                }).sum();
                let (from, to) = (sum.saturating_sub(most).max(1), sum - least);
                prop_assert!(from == 1 && to >= LEAST, "{counts:?} as {told:?}: {from} to {to}");
            }
        }

        #[test]
        fn what_is_told_is_true_and_nothing_is_withheld_without_need(counts in counts()) {
            let told = Floor::Kept.tell_group(&counts);
            if counts.iter().all(|count| !(1..LEAST).contains(count)) {
                prop_assert!(told.iter().flatten().all(|told| told.number().is_some()) && told.is_some());
            }
            for (count, told) in counts.iter().zip(told.into_iter().flatten()) {
                match told {
                    Told::People(number) => prop_assert!(number <= *count && count - number < LEAST),
                    Told::Withheld => prop_assert!(*count > 0),
                    Told::Fewer => prop_assert!(false, "a group says which of its counts are small"),
                }
            }
        }
    }

    #[test]
    fn the_next_smallest_is_withheld_beside_a_small_one() {
        let told = Floor::Kept.tell_group(&[0, 7, 40, 200]).unwrap();
        assert_eq!(told, [Told::People(0), Told::Withheld, Told::Withheld, Told::People(200)]);
        // Two small ones of which the sum is small as well.
        let told = Floor::Kept.tell_group(&[1, 1, 100]).unwrap();
        assert_eq!(told, [Told::Withheld; 3]);
    }

    #[test]
    fn a_group_that_is_too_small_is_not_told_at_all() {
        for counts in [&[5, 0, 0][..], &[0, 19], &[3, 4], &[20, 1]] {
            let too_small = counts.iter().sum::<u64>() < 21;
            assert_eq!(Floor::Kept.tell_group(counts).is_none(), too_small, "{counts:?}");
        }
        assert_eq!(Floor::Kept.tell_group(&[]), Some(Vec::new()));
    }

    #[test]
    fn a_count_alone_is_rounded_down_and_without_the_floor_it_is_told() {
        let words = |count| Floor::Kept.tell(count).to_string();
        assert_eq!([0, 1, 19, 20, 39, 40].map(words), ["0", "fewer than 20", "fewer than 20", "20", "20", "40"]);
        assert_eq!(
            serde_json::to_string(&[Floor::Kept.tell(20), Floor::Kept.tell(3)]).unwrap(),
            "[20,\"fewer than 20\"]"
        );
        assert_eq!(Floor::Off.tell(3), Told::People(3));
        assert_eq!(Floor::Off.tell_group(&[3, 0]), Some(vec![Told::People(3), Told::People(0)]));
    }
}
