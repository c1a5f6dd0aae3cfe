//! Experiments: who sees which arm, and who is held out.
//!
//! Decides by the installation's pseudonym alone, so it looks at nothing personal, and anyone who
//! knows the pseudonym can say the same.

use super::murmur::murmur3;

/// Buckets that installations fall into: a percent is a hundred of them.
const BUCKETS: u64 = 10_000;

/// A trial of offers against each other or against nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Names it; offers with the same id share their buckets.
    pub id: String,
    /// Percent of installations that see none of its offers, 0 to 90.
    pub holdout: u8,
    /// In the publisher's order; a new one is added at the end.
    pub arms: Vec<Arm>,
    /// The arm whose installations see this offer, by its place in `arms`; `None` for all but the held out.
    pub arm: Option<usize>,
}

/// One way to do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Names it.
    pub id: String,
    /// Percent of installations, 1 to 100; with all others and the holdout at most 100.
    pub weight: u8,
}

/// Where an installation falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allotment {
    /// Sees none of the experiment's offers.
    HeldOut,
    /// Belongs to the arm at this place of the list.
    Arm(usize),
    /// In no arm: sees what belongs to none.
    Rest,
}

impl Experiment {
    /// Where the installation of that pseudonym (its UUID, in lower case with hyphens) falls.
    ///
    /// Arms fill the buckets from below in their order, the held out from above: an arm that is added
    /// at the end takes from the rest alone and moves nobody.
    pub fn allot(&self, pseudonym: &str) -> Allotment {
        let hash = murmur3(pseudonym.as_bytes(), murmur3(self.id.as_bytes(), 0));
        let bucket = (u64::from(hash) * BUCKETS) >> 32;
        if bucket >= BUCKETS - percent(self.holdout) {
            return Allotment::HeldOut;
        }
        let mut end = 0;
        for (at, arm) in self.arms.iter().enumerate() {
            end += percent(arm.weight);
            if bucket < end {
                return Allotment::Arm(at);
            }
        }
        Allotment::Rest
    }

    /// Whether that installation may see the offer.
    pub(super) fn shows_to(&self, pseudonym: &str) -> bool {
        match (self.allot(pseudonym), self.arm) {
            (Allotment::HeldOut, _) => false,
            (_, None) => true,
            (fell, Some(arm)) => fell == Allotment::Arm(arm),
        }
    }
}

fn percent(share: u8) -> u64 {
    u64::from(share) * (BUCKETS / 100)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn experiment(holdout: u8, weights: &[u8]) -> Experiment {
        let arms = weights.iter().enumerate().map(|(at, weight)| Arm { id: format!("arm-{at}"), weight: *weight });
        Experiment { id: "winter-2026".into(), holdout, arms: arms.collect(), arm: None }
    }

    fn installations() -> impl Iterator<Item = String> {
        (0..20_000_u128).map(|n| Uuid::from_u128(n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)).to_string())
    }

    #[test]
    fn shares_are_as_they_were_asked_for() {
        let trial = experiment(10, &[30, 20]);
        let mut counts = [0_u32; 4];
        for pseudonym in installations() {
            counts[match trial.allot(&pseudonym) {
                Allotment::HeldOut => 0,
                Allotment::Arm(at) => 1 + at,
                Allotment::Rest => 3,
            }] += 1;
        }
        for (count, percent) in counts.into_iter().zip([10, 30, 20, 40]) {
            let off = (f64::from(count) / 200.0 - f64::from(percent)).abs();
            assert!(off < 1.0, "{counts:?}");
        }
    }

    #[test]
    fn an_arm_added_at_the_end_moves_nobody_who_had_one() {
        let (before, after) = (experiment(10, &[30, 20]), experiment(10, &[30, 20, 40]));
        for pseudonym in installations() {
            match before.allot(&pseudonym) {
                Allotment::Rest => assert_eq!(after.allot(&pseudonym), Allotment::Arm(2)),
                stood => assert_eq!(after.allot(&pseudonym), stood),
            }
        }
    }

    #[test]
    fn who_is_held_out_sees_no_arm_and_who_is_in_one_sees_no_other() {
        let mut trial = experiment(50, &[25, 25]);
        for pseudonym in installations().take(200) {
            let fell = trial.allot(&pseudonym);
            for arm in [None, Some(0), Some(1)] {
                trial.arm = arm;
                let expected = fell != Allotment::HeldOut && arm.is_none_or(|arm| fell == Allotment::Arm(arm));
                assert_eq!(trial.shows_to(&pseudonym), expected);
            }
        }
    }

    #[test]
    fn where_an_installation_falls_never_changes_between_releases() {
        let trial = experiment(10, &[30, 20, 40]);
        let fell = ["0193b1a0-0000-7000-8000-000000000001", "0193b1a0-0000-7000-8000-000000000002"]
            .map(|pseudonym| (murmur3(pseudonym.as_bytes(), murmur3(b"winter-2026", 0)), trial.allot(pseudonym)));
        assert_eq!(fell, PINNED);
    }

    const PINNED: [(u32, Allotment); 2] = [(0xf3f0_c2a9, Allotment::HeldOut), (0xd47a_0a3b, Allotment::Arm(2))];
}
