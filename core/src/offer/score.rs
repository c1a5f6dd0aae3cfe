//! How well an offer fits the shopper: a sum of parts in coarse steps.
//!
//! The steps are coarse on purpose. Noise of a position or of an affinity must not shuffle cards, and
//! offers that fit equally well must tie, else the publisher's priority meant nothing. What the
//! publisher claims (`value`) is worth less altogether than the smallest step of what the shopper
//! said, is drawn to or is near to: money buys no place above what fits. docs/offers.md has the table.

use super::Match;

/// What the shopper asked for in words goes before everything else: all other parts come to 445.
const WISH_WHOLE: u16 = 500;
const WISH_PART: u16 = 250;

/// Being there outweighs affinity, time and value together (170): the moment is now or never.
const PRESENCE: u16 = 200;

/// Within so many metres, so much. Each step is four times the last, so that a position's noise
/// crosses a step seldom.
const NEARNESS: [(f64, u16); 3] = [(50.0, 75), (200.0, 50), (800.0, 25)];

/// For each full quarter of an affinity.
const AFFINITY_STEP: u16 = 25;

const HOUR_MS: i64 = 3_600_000;

/// Ending within so long, so much.
const TIME_LEFT: [(i64, u16); 2] = [(HOUR_MS, 50), (24 * HOUR_MS, 25)];

/// For each full fifth of the most that `value` may claim.
const VALUE_STEP: u16 = 4;

/// What an offer's place in the list is made of, best first by the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Score {
    /// It meets a wish: 250 in part, 500 as a whole.
    pub wish: u16,
    /// It is for the place where the shopper is: 200.
    pub presence: u16,
    /// How near its place's centre is: 25, 50 or 75.
    pub nearness: u16,
    /// How much the shopper is drawn to one of its topics: 25 for each full quarter.
    pub affinity: u16,
    /// It ends within the day (25) or the hour (50).
    pub time_left: u16,
    /// What its publisher says it is worth to a shopper: 4 for each full fifth.
    pub value: u16,
}

/// A part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScorePart {
    /// [`Score::wish`].
    Wish,
    /// [`Score::presence`].
    Presence,
    /// [`Score::nearness`].
    Nearness,
    /// [`Score::affinity`].
    Affinity,
    /// [`Score::time_left`].
    TimeLeft,
    /// [`Score::value`].
    Value,
}

impl Score {
    /// The sum, at most 945.
    pub fn total(&self) -> u16 {
        self.parts().iter().map(|(_, points)| points).sum()
    }

    /// Each part and its points, the weightiest first.
    pub fn parts(&self) -> [(ScorePart, u16); 6] {
        [
            (ScorePart::Wish, self.wish),
            (ScorePart::Presence, self.presence),
            (ScorePart::Nearness, self.nearness),
            (ScorePart::Affinity, self.affinity),
            (ScorePart::TimeLeft, self.time_left),
            (ScorePart::Value, self.value),
        ]
    }

    /// From the points in the order of [`Score::parts`].
    pub(super) fn of_points([wish, presence, nearness, affinity, time_left, value]: [u16; 6]) -> Self {
        Self { wish, presence, nearness, affinity, time_left, value }
    }
}

/// What a score is made from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fit {
    pub(super) wish: Option<Match>,
    /// Bound to a place, and the shopper is there.
    pub(super) there: bool,
    pub(super) distance_m: Option<f64>,
    /// Percent.
    pub(super) affinity: u8,
    pub(super) left_ms: Option<i64>,
    /// 0 to 100.
    pub(super) value: u8,
}

impl Fit {
    pub(super) fn score(&self) -> Score {
        let step = |bounds: &[(f64, u16)], what: Option<f64>| {
            let what = what.unwrap_or(f64::INFINITY);
            bounds.iter().find(|(bound, _)| what <= *bound).map_or(0, |(_, points)| *points)
        };
        Score {
            wish: match self.wish {
                Some(Match::Whole) => WISH_WHOLE,
                Some(Match::Part) => WISH_PART,
                None => 0,
            },
            presence: if self.there { PRESENCE } else { 0 },
            nearness: if self.there { step(&NEARNESS, self.distance_m) } else { 0 },
            affinity: u16::from(self.affinity.min(100) / 25) * AFFINITY_STEP,
            time_left: self
                .left_ms
                .and_then(|left| TIME_LEFT.iter().find(|(bound, _)| left <= *bound))
                .map_or(0, |(_, points)| *points),
            value: u16::from(self.value.min(100) / 20) * VALUE_STEP,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best() -> Fit {
        Fit { wish: None, there: true, distance_m: Some(0.0), affinity: 100, left_ms: Some(1), value: 100 }
    }

    #[test]
    fn what_was_wished_for_goes_before_everything_else() {
        let wished = Fit { wish: Some(Match::Whole), ..Fit::default() };
        assert_eq!(best().score().total(), 445);
        assert!(wished.score().total() > best().score().total());
    }

    #[test]
    fn being_there_goes_before_all_that_is_neither_there_nor_wished_for() {
        let there = Fit { there: true, ..Fit::default() };
        let elsewhere = Fit { there: false, ..best() };
        assert!(there.score().total() > elsewhere.score().total());
    }

    #[test]
    fn all_that_a_publisher_can_claim_is_worth_less_than_any_step_of_what_fits() {
        let claimed = Fit { value: 100, ..Fit::default() }.score().total();
        assert!([AFFINITY_STEP, WISH_PART, PRESENCE].iter().all(|step| claimed < *step));
        assert!(NEARNESS.windows(2).all(|steps| claimed < steps[0].1 - steps[1].1) && claimed < NEARNESS[2].1);
    }

    #[test]
    fn noise_within_a_step_changes_nothing() {
        let at = |metres| Fit { there: true, distance_m: Some(metres), ..Fit::default() }.score();
        assert_eq!(at(60.0), at(190.0));
        assert_eq!(Fit { affinity: 51, ..best() }.score(), Fit { affinity: 74, ..best() }.score());
        assert_eq!(Score::of_points(best().score().parts().map(|(_, points)| points)), best().score());
    }
}
