//! Identifiers: new ones from one seed, and the form of those that come in.

use std::sync::{Mutex, PoisonError};

use uuid::{Builder, Uuid};

use crate::clock::Now;

/// Ids of offers, places, orders and the like are the retailer's; the bound keeps a mistake out of
/// the queue and of the catalogue.
pub(crate) const MAX_ID_BYTES: usize = 256;

/// What is wrong with an id of the retailer's; `None` for a good one.
pub(crate) fn id_flaw(id: &str) -> Option<String> {
    if id.is_empty() {
        Some("is empty".to_owned())
    } else if id.len() > MAX_ID_BYTES {
        Some(format!("is {} bytes long; at most {MAX_ID_BYTES} are taken", id.len()))
    } else {
        id.chars().any(char::is_control).then(|| "holds a control character".to_owned())
    }
}

/// Makes UUIDv7s and other random numbers. Shared by the caller's threads and the engine.
///
/// Event ids must be unique, not secret: a fast generator seeded by the operating system serves,
/// and a seed of one's own makes a run repeatable.
#[derive(Debug)]
pub(crate) struct Ids {
    rng: Mutex<fastrand::Rng>,
    seeded: bool,
}

impl Ids {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let rng = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self { rng: Mutex::new(rng), seeded: seed.is_some() }
    }

    /// A UUIDv7 of this moment.
    pub(crate) fn v7(&self, now: Now) -> Uuid {
        let random = self.draw(|rng| [rng.u64(..), rng.u64(..)]);
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random[0].to_le_bytes());
        bytes[8..].copy_from_slice(&random[1].to_le_bytes()[..2]);
        Builder::from_unix_timestamp_millis(now.wall_ms.max(0) as u64, &bytes).into_uuid()
    }

    /// A UUIDv4: an identifier that tells nothing, not even when it was made.
    pub(crate) fn v4(&self) -> Uuid {
        Builder::from_random_bytes(self.draw(|rng| rng.u128(..)).to_le_bytes()).into_uuid()
    }

    /// Fills `secret` from the operating system's own generator; from the seed in a run that is to be
    /// repeated.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub(crate) fn fill_secret(&self, secret: &mut [u8]) -> Result<(), getrandom::Error> {
        if self.seeded {
            self.draw(|rng| rng.fill(secret));
            return Ok(());
        }
        getrandom::fill(secret)
    }

    /// Draws from the generator.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_makes_the_same_ids() {
        let now = Now { wall_ms: 1_700_000_000_000, mono_ms: 0, boot: Uuid::nil() };
        let (a, b) = (Ids::new(Some(7)), Ids::new(Some(7)));
        assert_eq!(a.v7(now), b.v7(now));
        assert_ne!(a.v7(now), a.v7(now));
        assert_eq!(a.v7(now).get_version_num(), 7);
        assert_eq!(a.v4().get_version_num(), 4);
    }
}
