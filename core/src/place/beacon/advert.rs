//! Beacons out of raw Bluetooth advertisements.
//!
//! Layouts: Apple's Proximity Beacon Advertising Packet Layout, the AltBeacon specification 1.0,
//! Google's Eddystone-UID. An advertisement is a list of structures, each with its length before it
//! (Bluetooth Core, volume 3, part C, section 11); what is cut off or nonsense is no beacon.

use uuid::Uuid;

use super::BeaconId;

/// A beacon's advertisement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advert {
    /// Whose it is.
    pub id: BeaconId,
    /// What a phone a metre away is said to receive, dBm.
    pub power_dbm: i8,
}

const MANUFACTURER: u8 = 0xFF;
const SERVICE_16: u8 = 0x16;

/// Eddystone tells what is received at the antenna; a metre of air takes so much.
const FIRST_METRE_DB: i8 = 41;

/// The beacon of an advertisement's bytes, if it is one; of a scan response as well.
pub fn advert(mut bytes: &[u8]) -> Option<Advert> {
    while let [len, rest @ ..] = bytes {
        let structure = rest.get(..usize::from(*len))?;
        bytes = rest.get(usize::from(*len)..)?;
        // A length of nought is padding up to the end.
        let [kind, data @ ..] = structure else { return None };
        let found = match *kind {
            MANUFACTURER => ibeacon(data).or_else(|| altbeacon(data)),
            SERVICE_16 => eddystone(data),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn ibeacon(data: &[u8]) -> Option<Advert> {
    let [0x4C, 0x00, 0x02, 0x15, body @ ..] = data else { return None };
    let (uuid, rest) = body.split_first_chunk::<16>()?;
    let [major_high, major_low, minor_high, minor_low, power, ..] = *rest else { return None };
    let id = BeaconId::IBeacon {
        uuid: Uuid::from_bytes(*uuid),
        major: u16::from_be_bytes([major_high, major_low]),
        minor: u16::from_be_bytes([minor_high, minor_low]),
    };
    Some(Advert { id, power_dbm: power as i8 })
}

/// Any manufacturer's.
fn altbeacon(data: &[u8]) -> Option<Advert> {
    let [_, _, 0xBE, 0xAC, body @ ..] = data else { return None };
    let (id, rest) = body.split_first_chunk::<20>()?;
    let [power, _reserved, ..] = *rest else { return None };
    Some(Advert { id: BeaconId::AltBeacon(*id), power_dbm: power as i8 })
}

fn eddystone(data: &[u8]) -> Option<Advert> {
    let [0xAA, 0xFE, 0x00, power, body @ ..] = data else { return None };
    let (namespace, rest) = body.split_first_chunk::<10>()?;
    let instance = rest.first_chunk::<6>()?;
    let id = BeaconId::Eddystone { namespace: *namespace, instance: *instance };
    Some(Advert { id, power_dbm: (*power as i8).saturating_sub(FIRST_METRE_DB) })
}
