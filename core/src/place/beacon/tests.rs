//! Beacons that the tests make up: no recording was to be had.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};
use crate::event::Proximity;

/// An advertisement with flags before it, as phones hand it over.
fn packet(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[2, 1, 6, data.len() as u8 + 1, kind][..], data].concat()
}

fn ibeacon() -> Vec<u8> {
    let uuid = *Uuid::from_u128(0xE2C5_6DB5_DFFB_48D2_B060_D0F5_A710_96E0).as_bytes();
    packet(0xFF, &[&[0x4C, 0, 2, 0x15][..], &uuid, &[0, 1, 1, 2, 0xC5]].concat())
}

#[test]
fn the_three_layouts_are_read() {
    let found = advert(&ibeacon()).unwrap();
    assert_eq!(found.id.to_string(), "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/258");
    assert_eq!(found.power_dbm, -59);
    let alt = packet(0xFF, &[&[0x18, 0x01, 0xBE, 0xAC][..], &[7; 20], &[0xC5, 0]].concat());
    assert_eq!(advert(&alt), Some(Advert { id: BeaconId::AltBeacon([7; 20]), power_dbm: -59 }));
    let uid = packet(0x16, &[&[0xAA, 0xFE, 0, 0xEE][..], &[1; 10], &[2; 6], &[0, 0]].concat());
    assert_eq!(
        advert(&uid),
        Some(Advert { id: BeaconId::Eddystone { namespace: [1; 10], instance: [2; 6] }, power_dbm: -59 })
    );
}

#[test]
fn what_is_cut_off_or_something_else_is_no_beacon() {
    let whole = ibeacon();
    for end in 0..whole.len() {
        assert_eq!(advert(&whole[..end]), None, "{end} bytes");
    }
    assert_eq!(advert(&packet(0x16, &[0xAA, 0xFE, 0x10, 0xEE, 1, 2])), None, "Eddystone-URL");
    assert_eq!(advert(&[0; 31]), None);
}

#[test]
fn a_name_reads_as_it_is_written() {
    for text in [
        "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/65535",
        "altbeacon:0707070707070707070707070707070707070707",
        "eddystone:01010101010101010101/020202020202",
    ] {
        assert_eq!(text.parse::<BeaconId>().unwrap().to_string(), text);
    }
    for text in
        ["", "ibeacon:1/2/3", "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/65536", "altbeacon:07", "eddystone:+1/02"]
    {
        assert!(text.parse::<BeaconId>().is_err(), "{text}");
    }
}

/// A phone that hears one beacon of −59 dBm a metre away.
struct Ear {
    ranging: Ranging,
    at_ms: u64,
    rng: fastrand::Rng,
}

impl Ear {
    fn new(seed: u64) -> Self {
        Self { ranging: Ranging::default(), at_ms: 0, rng: fastrand::Rng::with_seed(seed) }
    }

    /// Three times a second for a while, at this loss with fading of ±`fade_db`.
    fn listen(&mut self, seconds: u64, loss_db: f64, fade_db: f64) -> Vec<Proximity> {
        let gate = Gate::new(1, [PurposeKind::Beacons]);
        let heard = advert(&ibeacon()).unwrap();
        let mut told = Vec::new();
        for _ in 0..seconds * 3 {
            self.at_ms += 333;
            told.extend(self.ranging.listened(333).iter().map(|ranged| ranged.zone));
            let rssi = -59.0 - loss_db + fade_db * (self.rng.f64() * 2.0 - 1.0);
            let ranged = self.ranging.heard(&gate.permit().unwrap(), heard, rssi.round() as i16, self.at_ms);
            told.extend(ranged.map(|ranged| ranged.zone));
        }
        told
    }
}

use Proximity::{Far, Immediate, Lost, Near};

#[test]
fn a_walk_to_a_shelf_and_away_goes_through_the_zones() {
    let mut ear = Ear::new(1);
    let mut told = ear.listen(10, 20.0, 4.0);
    told.extend(ear.listen(10, 6.0, 4.0));
    told.extend(ear.listen(10, -9.0, 4.0));
    told.extend(ear.listen(10, 6.0, 4.0));
    told.extend(ear.listen(10, 22.0, 4.0));
    assert_eq!(told, [Far, Near, Immediate, Near, Far]);
}

#[test]
fn whoever_stands_at_a_bound_stays_in_one_zone() {
    for seed in 0..50 {
        let told = Ear::new(seed).listen(600, 12.0, 6.0);
        assert!(told.len() <= 2, "seed {seed}: {told:?}");
    }
}

#[test]
fn one_reflection_changes_nothing() {
    let mut ear = Ear::new(1);
    assert_eq!(ear.listen(5, 6.0, 0.0), [Near]);
    assert_eq!(ear.listen(0, 6.0, 0.0), []);
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let beacon = advert(&ibeacon()).unwrap();
    assert_eq!(ear.ranging.heard(&gate.permit().unwrap(), beacon, -30, ear.at_ms + 300), None);
    assert_eq!(ear.ranging.heard(&gate.permit().unwrap(), beacon, 127, ear.at_ms + 600), None, "no strength at all");
    assert_eq!(ear.listen(3, 6.0, 0.0), []);
}

#[test]
fn a_beacon_is_lost_by_the_time_that_was_listened() {
    let mut ear = Ear::new(1);
    ear.listen(5, 6.0, 0.0);
    ear.at_ms += 3_600_000;
    assert!(ear.ranging.listened(2_000).is_empty(), "an hour asleep and two seconds of listening");
    assert_eq!(ear.ranging.present().count(), 1);
    let lost: Vec<_> = ear.ranging.listened(9_000).iter().map(|ranged| ranged.zone).collect();
    assert_eq!(lost, [Lost]);
    assert!(ear.ranging.nearest(ear.at_ms).is_none() && ear.ranging.listened(60_000).is_empty());
}

#[test]
fn ten_minutes_unheard_a_beacon_is_lost_however_little_was_listened() {
    let (gate, beacon) = (Gate::new(1, [PurposeKind::Beacons]), advert(&ibeacon()).unwrap());
    let at = |mono_ms, boot| Now { wall_ms: 0, mono_ms, boot: Uuid::from_u128(boot) };
    for (mono_ms, boot, lost) in [(600_900, 1, false), (601_001, 1, true), (3_600_000, 1, true), (2_000, 2, true)] {
        let mut ranging = Ranging::default();
        for _ in 0..2 {
            ranging.scanned(&gate.permit().unwrap(), &[(beacon, -65)], 12_000, at(1_000, 1));
        }
        assert!(ranging.has_listened() && ranging.nearest(61_000).is_some());
        assert_eq!(ranging.nearest(61_001), None, "a shelf is passed in less than a minute");
        let told = ranging.scanned(&gate.permit().unwrap(), &[], 100, at(mono_ms, boot));
        assert_eq!(told.iter().map(|ranged| ranged.zone).collect::<Vec<_>>(), if lost { vec![Lost] } else { vec![] });
        assert_eq!((ranging.present().count(), ranging.has_listened()), (usize::from(!lost), !lost));
    }
}

#[test]
fn the_nearest_of_many_is_the_shelf_and_a_thousand_take_no_more_room() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut ranging = Ranging::default();
    for round in 0..3 {
        for minor in 0..1_000u16 {
            let id = BeaconId::IBeacon { uuid: Uuid::nil(), major: 1, minor };
            let rssi = if minor == 990 { -50 } else { -80 };
            ranging.heard(
                &gate.permit().unwrap(),
                Advert { id, power_dbm: -59 },
                rssi,
                round * 1_000 + u64::from(minor),
            );
            if minor > 900 {
                ranging.heard(
                    &gate.permit().unwrap(),
                    Advert { id, power_dbm: -59 },
                    rssi,
                    round * 1_000 + u64::from(minor),
                );
            }
        }
    }
    assert!(ranging.present().count() <= 128);
    let (nearest, _) = ranging.nearest(3_000).unwrap();
    assert!(matches!(nearest.beacon, BeaconId::IBeacon { minor: 990, .. }) && nearest.zone == Immediate);
}

proptest! {
    #[test]
    fn any_bytes_are_a_beacon_or_none(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(found) = advert(&bytes) {
            prop_assert_eq!(found.id.to_string().parse::<BeaconId>().unwrap(), found.id);
        }
    }
}
