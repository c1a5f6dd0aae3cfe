//! How near a beacon is, as far as radio tells.
//!
//! In decibels and not in metres: between a phone and a shelf stand bodies and metal, and a number
//! of metres would be made up. The loss on the way is the beacon's power a metre away less what was
//! received. Of three values the middle one counts (one reflection is no step towards a shelf);
//! that goes into an average that forgets by time and not by count, for phones scan in bursts.

use std::collections::BTreeMap;

use super::{Advert, BeaconId};
use crate::clock::Now;
use crate::consent::{Beacons, Permit};
use crate::event::Proximity;

/// The average forgets within seconds: someone passes a shelf in ten.
const MEMORY_MS: f64 = 3_000.0;

/// Less loss than this is within reach of the hand (0.7 m in free air), …
const IMMEDIATE_DB: f64 = -3.0;
/// … and less than this a few metres (4 m in free air).
const NEAR_DB: f64 = 12.0;
/// So much further than a bound it takes to leave its zone outwards: a body turned between is 5 dB
/// or so either way, of which the middle of three and the average leave half; at 3 dB whoever stood
/// at a bound for ten minutes still changed zones now and then.
const HYSTERESIS_DB: f64 = 4.0;

/// So many values in a row have to say so before a zone changes.
const AGREEING: u8 = 2;

/// Listened for so long without a word, a beacon is lost. By the time that was listened: a phone
/// that scans two seconds in twenty has not lost what it did not listen for.
const LOST_MS: u64 = 10_000;

/// Not received for so long, a beacon is lost however little was listened: whoever was at a shelf ten minutes ago may be
/// anywhere, and what is heard then is heard anew.
const FORGOTTEN_MS: u64 = 600_000;

/// Received longer ago than this, a beacon is nobody's nearest: a shelf is passed in less.
pub(crate) const NEAREST_MS: u64 = 60_000;

/// More beacons than a hall has; one more takes the place of the one unheard for longest.
const MOST: usize = 128;

/// A beacon that came into another zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranged {
    /// Which.
    pub beacon: BeaconId,
    /// Where it is now.
    pub zone: Proximity,
}

/// All beacons that are heard.
#[derive(Debug, Clone, Default)]
pub struct Ranging {
    heard: BTreeMap<BeaconId, Heard>,
    /// So long the phone has listened, since it last did not for long; milliseconds.
    listened_ms: u64,
    /// When the last scan ended.
    scanned: Option<Now>,
}

#[derive(Debug, Clone)]
struct Heard {
    /// The last three losses, the latest last.
    recent: [f64; 3],
    count: u8,
    loss_db: f64,
    at_ms: u64,
    /// Of [`Ranging::listened_ms`].
    listened_ms: u64,
    zone: Option<Proximity>,
    /// Where it may be going, and how many values said so.
    next: (Proximity, u8),
}

impl Ranging {
    /// A beacon was received at `rssi_dbm`, at `at_ms` of the monotonic clock.
    ///
    /// `None` while nothing changes; a strength that no receiver tells (127 means none) is passed over.
    ///
    /// ```
    /// # use patron_core::{consent::{Beacons, Gate, PurposeKind}, place::beacon::{Advert, Ranging}};
    /// # fn hear(advert: Advert) {
    /// let gate = Gate::new(1, [PurposeKind::Beacons]);
    /// let permit = gate.permit::<Beacons>().unwrap();
    /// Ranging::default().heard(&permit, advert, -60, 0);
    /// # }
    /// ```
    ///
    /// A yes to exact positions hears none:
    ///
    /// ```compile_fail,E0308
    /// # use patron_core::{consent::{Gate, PreciseLocation, PurposeKind}, place::beacon::{Advert, Ranging}};
    /// # fn hear(advert: Advert) {
    /// let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
    /// let permit = gate.permit::<PreciseLocation>().unwrap();
    /// Ranging::default().heard(&permit, advert, -60, 0);
    /// # }
    /// ```
    pub fn heard(
        &mut self,
        _permit: &Permit<'_, Beacons>,
        advert: Advert,
        rssi_dbm: i16,
        at_ms: u64,
    ) -> Option<Ranged> {
        if !(-127..=20).contains(&rssi_dbm) {
            return None;
        }
        let loss_db = f64::from(advert.power_dbm) - f64::from(rssi_dbm);
        self.make_room(&advert.id);
        let listened_ms = self.listened_ms;
        let heard = self.heard.entry(advert.id).or_insert_with(|| Heard::new(loss_db, at_ms));
        heard.listened_ms = listened_ms;
        heard.take(loss_db, at_ms).map(|zone| Ranged { beacon: advert.id, zone })
    }

    /// One scan: the phone listened for so long, up to `now`, and received these, with their strengths
    /// in dBm. Tells what came into another zone, and what was lost.
    pub fn scanned(
        &mut self,
        permit: &Permit<'_, Beacons>,
        received: &[(Advert, i16)],
        listened_ms: u64,
        now: Now,
    ) -> Vec<Ranged> {
        let mut told = self.forget(now);
        // What was received in a long scan was not lost in it.
        self.listened_ms = self.listened_ms.saturating_add(listened_ms);
        told.extend(received.iter().filter_map(|(advert, rssi)| self.heard(permit, *advert, *rssi, now.mono_ms)));
        told.extend(self.lose());
        told
    }

    /// Loses what was received so long ago, or before the phone was started anew, that its next word is a first one.
    /// After as long without any scan nothing is said by how long was listened before it, either.
    fn forget(&mut self, now: Now) -> Vec<Ranged> {
        let since = self.scanned.replace(now).map(|scanned| now.since(&scanned));
        let same_boot = since.is_none_or(|since| since.is_some());
        if since.is_some_and(|since| since.is_none_or(|ago| ago.as_millis() > u128::from(FORGOTTEN_MS))) {
            self.listened_ms = 0;
        }
        self.lose_unless(|heard| same_boot && now.mono_ms.saturating_sub(heard.at_ms) <= FORGOTTEN_MS)
    }

    /// The phone listened for so long, up to now. Tells what was lost.
    pub fn listened(&mut self, ms: u64) -> Vec<Ranged> {
        self.listened_ms = self.listened_ms.saturating_add(ms);
        self.lose()
    }

    /// Long enough, since this began, to have heard whatever there was to hear.
    pub fn has_listened(&self) -> bool {
        self.listened_ms >= LOST_MS
    }

    fn lose(&mut self) -> Vec<Ranged> {
        let now_ms = self.listened_ms;
        self.lose_unless(|heard| now_ms.saturating_sub(heard.listened_ms) < LOST_MS)
    }

    fn lose_unless(&mut self, stays: impl Fn(&Heard) -> bool) -> Vec<Ranged> {
        let mut lost = Vec::new();
        self.heard.retain(|beacon, heard| {
            let stays = stays(heard);
            if !stays && heard.zone.is_some() {
                lost.push(Ranged { beacon: *beacon, zone: Proximity::Lost });
            }
            stays
        });
        lost
    }

    /// The nearest beacon and its zone, as far as it is confirmed, and when it was last received, by the monotonic
    /// clock: which shelf it is. One that was received more than a minute before `at_ms` is none.
    pub fn nearest(&self, at_ms: u64) -> Option<(Ranged, u64)> {
        let lately = self.heard.iter().filter(|(_, heard)| at_ms.saturating_sub(heard.at_ms) <= NEAREST_MS);
        let confirmed = lately.filter_map(|(beacon, heard)| Some((beacon, heard, heard.zone?)));
        let (beacon, heard, zone) = confirmed.min_by(|a, b| a.1.loss_db.total_cmp(&b.1.loss_db))?;
        Some((Ranged { beacon: *beacon, zone }, heard.at_ms))
    }

    /// The beacons that are heard, confirmed: received, and not lost since. That one is among them says nothing of now.
    pub fn present(&self) -> impl Iterator<Item = &BeaconId> {
        self.heard.iter().filter(|(_, heard)| heard.zone.is_some()).map(|(beacon, _)| beacon)
    }

    fn make_room(&mut self, beacon: &BeaconId) {
        if self.heard.len() >= MOST && !self.heard.contains_key(beacon) {
            let oldest = self
                .heard
                .iter()
                .min_by_key(|(_, heard)| (heard.zone.is_some(), heard.at_ms))
                .map(|(beacon, _)| *beacon);
            oldest.map(|oldest| self.heard.remove(&oldest));
        }
    }
}

impl Heard {
    fn new(loss_db: f64, at_ms: u64) -> Self {
        Self { recent: [loss_db; 3], count: 0, loss_db, at_ms, listened_ms: 0, zone: None, next: (Proximity::Far, 0) }
    }

    fn take(&mut self, loss_db: f64, at_ms: u64) -> Option<Proximity> {
        self.recent = [self.recent[1], self.recent[2], loss_db];
        self.count = self.count.saturating_add(1);
        let mut sorted = self.recent;
        sorted.sort_by(f64::total_cmp);
        let keep = (-(at_ms.saturating_sub(self.at_ms) as f64) / MEMORY_MS).exp();
        self.at_ms = self.at_ms.max(at_ms);
        // The first value has nothing to be averaged with, and a burst within a millisecond counts too.
        let keep = if self.count == 1 { 0.0 } else { keep.min(0.9) };
        self.loss_db = self.loss_db * keep + sorted[1] * (1.0 - keep);
        let zone = self.judge();
        let agreeing = if self.next.0 == zone { self.next.1.saturating_add(1) } else { 1 };
        self.next = (zone, agreeing);
        let changes = agreeing >= AGREEING && self.zone != Some(zone);
        changes.then(|| *self.zone.insert(zone))
    }

    /// The zone of the average; of two that would do, the one it is in.
    fn judge(&self) -> Proximity {
        let stays = |zone: Proximity| if self.zone == Some(zone) { HYSTERESIS_DB } else { 0.0 };
        if self.loss_db <= IMMEDIATE_DB + stays(Proximity::Immediate) {
            Proximity::Immediate
        } else if self.loss_db <= NEAR_DB + stays(Proximity::Near) {
            Proximity::Near
        } else {
            Proximity::Far
        }
    }
}
