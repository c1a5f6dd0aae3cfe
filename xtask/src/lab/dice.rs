//! Chance that repeats: every roll follows from the seed and from what it is for, so that one more
//! roll somewhere changes no other.

use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice {
    seed: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The `number`th roll for `what`.
    pub(crate) fn roll(&self, what: &str, number: u64) -> u64 {
        let hash = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(what)
            .chain_update(number.to_le_bytes())
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        u64::from_le_bytes(first)
    }

    /// The roll as a fraction between `from` and `to`.
    pub(crate) fn between(&self, what: &str, from: f64, to: f64) -> f64 {
        from + (to - from) * (self.roll(what, 0) as f64 / u64::MAX as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        assert_eq!(Dice::new(7).roll("a", 3), Dice::new(7).roll("a", 3));
        assert_ne!(Dice::new(7).roll("a", 3), Dice::new(8).roll("a", 3));
        let within = Dice::new(7).between("b", 2.0, 3.0);
        assert!((2.0..=3.0).contains(&within));
    }
}
