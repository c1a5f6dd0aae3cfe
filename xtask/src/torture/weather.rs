//! The torture's network: which fault hits which request follows from the seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::lab::{Dice, Fate, Seen, Weather};

/// Nothing that a backend says, in four ways.
const GARBAGE: [&[u8]; 4] = [
    b"\x16\x03\x01\x02\x00garbage that is not HTTP at all\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n<html>sign in</html>\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"batch\":\"0193b1a0-0000",
];

/// A sky that can be told to clear up.
#[derive(Clone)]
pub(super) struct Sky {
    dice: Dice,
    calm: Arc<AtomicBool>,
}

impl Sky {
    pub(super) fn new(dice: Dice) -> Self {
        Self { dice, calm: Arc::default() }
    }

    /// From now on everything is carried.
    pub(super) fn clear(&self) {
        self.calm.store(true, Ordering::Release);
    }

    pub(super) fn weather(&self) -> Weather {
        let sky = self.clone();
        Arc::new(move |seen| if sky.calm.load(Ordering::Acquire) { Fate::Carried } else { fate(sky.dice, seen) })
    }
}

fn fate(dice: Dice, seen: Seen) -> Fate {
    let roll = dice.roll("fate", seen.number);
    let detail = roll / 100;
    match roll % 100 {
        0..6 => Fate::Delayed(Duration::from_millis(detail % 60)),
        6..14 => Fate::AnswerLost,
        14..20 => Fate::RequestCut(detail as usize % seen.len.max(1)),
        20..26 => Fate::AnswerCut(1 + detail as usize % 400),
        26..31 => Fate::Doubled,
        31..35 => Fate::Echoed,
        35..39 => refuse(503, detail),
        39..42 => refuse(429, detail),
        42..45 => Fate::Answered(GARBAGE[detail as usize % GARBAGE.len()].to_vec()),
        _ => Fate::Carried,
    }
}

/// A refusal by something in front of the backend; two of three ask for patience.
fn refuse(status: u16, detail: u64) -> Fate {
    let after = match detail % 3 {
        0 => String::new(),
        _ => format!("retry-after: {}\r\n", detail / 3 % 40),
    };
    Fate::Answered(format!("HTTP/1.1 {status} Not Now\r\n{after}content-length: 0\r\n\r\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_sky_and_every_fault_is_in_it() {
        let seen = |number| Seen { number, is_batch: true, is_catalogue: false, len: 900 };
        let day = |seed| (0..2_000).map(|number| fate(Dice::new(seed), seen(number))).collect::<Vec<_>>();
        assert_eq!(day(1), day(1));
        assert_ne!(day(1), day(2));
        let kinds: std::collections::HashSet<_> = day(1).iter().map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 8);
    }

    #[test]
    fn under_a_clear_sky_all_is_carried() {
        let sky = Sky::new(Dice::new(1));
        let weather = sky.weather();
        sky.clear();
        assert!(
            (0..500)
                .all(|number| weather(Seen { number, is_batch: true, is_catalogue: false, len: 9 }) == Fate::Carried)
        );
    }
}
