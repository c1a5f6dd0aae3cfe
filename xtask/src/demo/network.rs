//! The demo's network: whole until it is cut, and forgetful of replies ever after.
//!
//! Loses exactly the reply to a batch of events: the backend has stored them, and the device never
//! hears of it. Which replies are lost follows from the seed.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::lab::{Dice, Fate, Proxy, Seen};

/// The share of replies to batches that never arrive, in percent.
const LOST_PERCENT: u64 = 25;
/// Which replies after the network came back are lost whatever the dice say, lowest bit first, so
/// that each run shows what a lost reply does: the one to the batch that was under way, and, once
/// that has got through, the one to all that had gathered behind it.
const DOOMED: u64 = 0b101;

pub(crate) struct Network {
    proxy: Proxy,
    backend: SocketAddr,
    /// To the server of pictures, and where that is.
    to_pictures: (Proxy, SocketAddr),
    /// What is left of [`DOOMED`].
    doomed: Arc<AtomicU64>,
    /// What a cache on the way says to whoever asks for offers.
    cached: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Network {
    /// Leads to the backend and to the server of pictures.
    pub(crate) async fn start([backend, pictures]: [SocketAddr; 2], dice: Dice) -> std::io::Result<Self> {
        let doomed = Arc::new(AtomicU64::new(0));
        let (batches, pattern) = (AtomicU64::new(0), Arc::clone(&doomed));
        let cached = Arc::new(Mutex::new(None));
        let cache = Arc::clone(&cached);
        let weather = move |seen: Seen| match seen {
            Seen { is_batch: true, .. } if loses(&batches, &pattern, dice) => Fate::AnswerLost,
            Seen { is_catalogue: true, .. } => {
                let cached: Option<Vec<u8>> = cache.lock().unwrap_or_else(PoisonError::into_inner).clone();
                cached.map_or(Fate::Carried, Fate::Answered)
            }
            _ => Fate::Carried,
        };
        let to_pictures = (Proxy::start(Some(pictures), Arc::new(|_| Fate::Carried)).await?, pictures);
        let proxy = Proxy::start(Some(backend), Arc::new(weather)).await?;
        Ok(Self { proxy, backend, to_pictures, doomed, cached })
    }

    /// Where the device connects to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.proxy.address
    }

    /// Where the device looks for pictures.
    pub(crate) fn pictures(&self) -> SocketAddr {
        self.to_pictures.0.address
    }

    /// Breaks every connection and refuses new ones.
    pub(crate) fn cut(&self) {
        self.proxy.lead(None);
        self.to_pictures.0.lead(None);
    }

    /// Carries again; some of the first replies will be lost.
    pub(crate) fn mend(&self) {
        self.doomed.store(DOOMED, Ordering::Relaxed);
        self.proxy.lead(Some(self.backend));
        self.to_pictures.0.lead(Some(self.to_pictures.1));
    }

    /// From now on a cache on the way answers with this catalogue, whatever the backend has; `None`: there is no cache.
    pub(crate) fn cache(&self, catalogue: Option<&Value>) {
        let answer = catalogue.map(|catalogue| {
            let body = catalogue.to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: {}\r\ncontent-length: {}\r\n\r\n",
                catalogue["version"],
                body.len(),
            );
            (head + &body).into_bytes()
        });
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// Replies that the backend gave and the device never got.
    pub(crate) fn lost(&self) -> u64 {
        self.proxy.lost()
    }

    /// Connections that were refused while the network was gone.
    pub(crate) fn refused(&self) -> u64 {
        self.proxy.refused()
    }

    /// How often the backend told the device to come back later.
    pub(crate) fn held_up(&self) -> u64 {
        self.proxy.held_up()
    }
}

/// Whether the reply to the batch that comes now is lost.
fn loses(batches: &AtomicU64, doomed: &AtomicU64, dice: Dice) -> bool {
    let number = batches.fetch_add(1, Ordering::Relaxed);
    let shift = |pattern: u64| Some(pattern >> 1);
    let doomed = doomed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, shift).is_ok_and(|p| p & 1 == 1);
    doomed || dice.roll("reply", number) % 100 < LOST_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_third_reply_after_a_mend_are_lost_whatever_the_dice_say() {
        for seed in 0..20 {
            let (batches, doomed) = (AtomicU64::new(0), AtomicU64::new(DOOMED));
            let lost: Vec<bool> = (0..3).map(|_| loses(&batches, &doomed, Dice::new(seed))).collect();
            assert!(lost[0] && lost[2], "seed {seed}: {lost:?}");
        }
    }
}
