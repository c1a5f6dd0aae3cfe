//! What a beacon calls itself.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The name that a beacon sends.
///
/// As text: `ibeacon:UUID/major/minor`, `altbeacon:` and 40 hexadecimal digits, `eddystone:` and 20,
/// a slash and 12 more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BeaconId {
    /// Apple's.
    IBeacon {
        /// Of the owner, as a rule.
        uuid: Uuid,
        /// Of the store, as a rule.
        major: u16,
        /// Of the shelf, as a rule.
        minor: u16,
    },
    /// The open one.
    AltBeacon([u8; 20]),
    /// Google's Eddystone-UID.
    Eddystone {
        /// Of the owner.
        namespace: [u8; 10],
        /// Of the beacon.
        instance: [u8; 6],
    },
}

/// A text that names no beacon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no beacon; ibeacon:UUID/major/minor, altbeacon:HEX and eddystone:HEX/HEX do")]
pub struct BeaconIdError(String);

impl fmt::Display for BeaconId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |f: &mut fmt::Formatter<'_>, bytes: &[u8]| bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"));
        match self {
            Self::IBeacon { uuid, major, minor } => write!(f, "ibeacon:{uuid}/{major}/{minor}"),
            Self::AltBeacon(id) => {
                f.write_str("altbeacon:")?;
                hex(f, id)
            }
            Self::Eddystone { namespace, instance } => {
                f.write_str("eddystone:")?;
                hex(f, namespace)?;
                f.write_str("/")?;
                hex(f, instance)
            }
        }
    }
}

impl FromStr for BeaconId {
    type Err = BeaconIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| BeaconIdError(text.chars().take(80).collect()))
    }
}

fn read(text: &str) -> Option<BeaconId> {
    let (kind, rest) = text.split_once(':')?;
    Some(match kind {
        "ibeacon" => {
            let mut parts = rest.split('/');
            let (uuid, major, minor) = (parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_some() {
                return None;
            }
            BeaconId::IBeacon {
                uuid: Uuid::try_parse(uuid).ok()?,
                major: major.parse().ok()?,
                minor: minor.parse().ok()?,
            }
        }
        "altbeacon" => BeaconId::AltBeacon(bytes(rest)?),
        "eddystone" => {
            let (namespace, instance) = rest.split_once('/')?;
            BeaconId::Eddystone { namespace: bytes(namespace)?, instance: bytes(instance)? }
        }
        _ => return None,
    })
}

/// As many bytes as there is room for, from twice as many hexadecimal digits.
pub(in crate::place) fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let hex = hex.as_bytes();
    if hex.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(bytes)
}
