//! Who is killed, and when: from the seed alone.
//!
//! The schedule follows the seed exactly. What the processes are doing at that moment does not:
//! they run in real time, and two runs of one seed meet them at different instructions.

use std::time::Duration;

use super::protocol::Fact;
use crate::lab::Dice;

/// However rare the sight that a kill waits for, it waits no longer.
pub(super) const PATIENCE: Duration = Duration::from_millis(800);

/// Who is killed in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    Device,
    Backend,
    /// The backend, and its successor before that serves.
    BackendTwice,
    /// Both at one moment.
    Both,
}

impl Victim {
    pub(super) fn kills(self) -> u32 {
        match self {
            Self::Device | Self::Backend => 1,
            Self::BackendTwice | Self::Both => 2,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Backend => "backend",
            Self::BackendTwice => "backend, twice",
            Self::Both => "device and backend",
        }
    }
}

/// What a kill waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The clock alone; early enough, the device is still starting.
    Time,
    /// So many facts since the step began.
    Facts(u64),
    /// A removal begins.
    Leaving,
    /// A drain begins: a batch is about to be under way.
    Draining,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) victim: Victim,
    pub(super) sight: Sight,
    /// For [`Sight::Time`], since the step began.
    pub(super) after: Duration,
    /// Behind the sight; microseconds, so as to hit between two system calls.
    pub(super) then: Duration,
    /// How long a backend stays away.
    pub(super) rest: Duration,
    /// How far the wall clock of a device that starts now is off.
    pub(super) wall_off_ms: i64,
    /// Whether a device that is running closes and starts again before the step.
    pub(super) close_first: bool,
}

/// The `number`th step, with at most so many `kills`.
pub(super) fn step(dice: Dice, number: u64, kills: u32) -> Step {
    let roll = |what: &str| dice.roll(what, number);
    let victim = match roll("victim") % 20 {
        0..13 => Victim::Device,
        13..17 => Victim::Backend,
        17 if kills > 1 => Victim::BackendTwice,
        18.. if kills > 1 => Victim::Both,
        _ => Victim::Device,
    };
    let sight = match roll("sight") % 20 {
        0..6 => Sight::Time,
        6..12 => Sight::Facts(1 + roll("facts") % 500),
        12..14 => Sight::Leaving,
        _ => Sight::Draining,
    };
    Step {
        victim,
        sight,
        after: Duration::from_millis(roll("after") % 600),
        then: Duration::from_micros(roll("then") % 4_000),
        rest: Duration::from_millis(roll("rest") % 120),
        wall_off_ms: match roll("wall") % 8 {
            0 => 86_400_000,
            1 => -86_400_000,
            _ => 0,
        },
        close_first: roll("close").is_multiple_of(8),
    }
}

impl Sight {
    /// Whether `fact`, the `count`th of the step, is what the kill waits for.
    pub(super) fn is(self, fact: &Fact, count: u64) -> bool {
        match self {
            Self::Time => false,
            Self::Facts(n) => count >= n,
            Self::Leaving => matches!(fact, Fact::Leaving),
            Self::Draining => matches!(fact, Fact::Draining),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_schedule() {
        let of = |seed| (0..50).map(|n| step(Dice::new(seed), n, 9)).collect::<Vec<_>>();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn the_last_step_kills_no_more_than_is_left() {
        assert!((0..500).all(|number| step(Dice::new(3), number, 1).victim.kills() == 1));
    }
}
