//! A phone's scan as the platform tells it, checked at the door.

use uuid::Uuid;

use super::{Advert, BeaconId, BeaconIdError, advert};
use crate::error::Error;
use crate::event::Proximity;
use crate::place::Transition;

/// A scan of a minute in a hall full of phones has fewer.
const MOST_RECEIVED: usize = 4_096;

/// Nobody listens for longer at a stretch.
const LONGEST_MS: u64 = 3_600_000;

/// What a phone a metre from an iBeacon receives, where the platform does not tell: dBm, the middle
/// of what makers set.
const USUAL_POWER_DBM: i8 = -59;

/// What a phone received while it listened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// For so long it listened, up to now; milliseconds. A beacon is lost by this time and not by
    /// the time that passed.
    pub listened_ms: u64,
    /// All that it received. What is no beacon, or stands at no place of the catalogue, is passed over.
    pub received: Vec<Received>,
}

/// One advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whose.
    pub signal: Signal,
    /// How strongly, dBm.
    pub rssi_dbm: i16,
}

/// Whose advertisement it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// The raw bytes of an advertisement, as Android tells them.
    Raw {
        /// All structures, each with its length before it.
        advertisement: Vec<u8>,
    },
    /// A beacon that the platform made out itself, as Apple's do.
    Beacon {
        /// For example `ibeacon:UUID/major/minor`; see [`BeaconId`].
        beacon: String,
        /// What is received a metre away, dBm, where that is known.
        power_dbm: Option<i8>,
    },
}

/// A beacon came nearer, went farther or was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneChange {
    /// Which, as in the catalogue.
    pub beacon: String,
    /// How near it is now.
    pub zone: Proximity,
    /// The id of the place where it stands.
    pub place: String,
    /// That place's name.
    pub place_name: String,
    /// The partner whose place that is; `None` for the retailer's own.
    pub partner: Option<String>,
    /// The id of the event it was recorded as; `None` for what was not.
    pub event: Option<Uuid>,
}

/// What followed from a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// What happened to visits.
    pub visits: Vec<Transition>,
    /// Which beacons came into another zone.
    pub zones: Vec<ZoneChange>,
}

impl Scan {
    /// The beacons among what was received, each with its strength.
    pub(crate) fn beacons(&self) -> Result<Vec<(Advert, i16)>, Error> {
        if self.received.len() > MOST_RECEIVED {
            return Err(Error::invalid("scan.received", format!("has more than {MOST_RECEIVED} entries")));
        }
        if self.listened_ms > LONGEST_MS {
            return Err(Error::invalid("scan.listened_ms", "is more than an hour"));
        }
        let mut beacons = Vec::new();
        for (at, Received { signal, rssi_dbm }) in self.received.iter().enumerate() {
            let found = match signal {
                Signal::Raw { advertisement } => advert(advertisement),
                Signal::Beacon { beacon, power_dbm } => {
                    let id: BeaconId = beacon.parse().map_err(|error: BeaconIdError| {
                        Error::invalid(format!("scan.received[{at}].beacon"), error.to_string())
                    })?;
                    Some(Advert { id, power_dbm: power_dbm.unwrap_or(USUAL_POWER_DBM) })
                }
            };
            beacons.extend(found.map(|advert| (advert, *rssi_dbm)));
        }
        Ok(beacons)
    }
}
