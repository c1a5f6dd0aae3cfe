//! What a scan says: visits that a beacon began, and how its silence ends them.

use super::*;

#[test]
fn a_beacon_makes_a_visit_and_its_silence_ends_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons]);
    let (visits, zones) = hear(&patron, &clock, &[Some(-60), Some(-60), Some(-60)]);
    assert_eq!(visits, [(TransitionKind::Entered, Witness::Beacon)]);
    assert_eq!(zones, [Proximity::Near]);
    let nearest = patron.nearest_beacon().unwrap();
    assert_eq!((nearest.beacon.as_str(), nearest.place.as_str()), (MARKET_BEACON, MARKET));
    let (visits, zones) = hear(&patron, &clock, &[None, None, None, None]);
    assert_eq!((visits, zones), (vec![(TransitionKind::Left, Witness::Beacon)], vec![Proximity::Lost]));
    assert_eq!(patron.nearest_beacon(), None);
    let out = delivered(&patron, &clock, &model);
    assert_eq!(out["dev.patron.beacon.zone"], [PurposeKind::Beacons; 2]);
    assert_eq!(out["dev.patron.visit.left"], [PurposeKind::Beacons]);
}

#[test]
fn a_long_scan_loses_nothing_that_was_received_in_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons]);
    for _ in 0..6 {
        clock.advance(Duration::from_secs(60));
        let heard = wait(patron.hear(Scan { listened_ms: 60_000, ..scan(Some(-60)) })).unwrap();
        assert!(heard.zones.iter().all(|change| change.zone != Proximity::Lost));
    }
    assert_eq!(patron.visits().len(), 1);
}

#[test]
fn a_visit_that_a_beacon_began_outlives_the_process_and_ends_when_nothing_is_heard() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons]);
    hear(&patron, &clock, &[Some(-60), Some(-60)]);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.visits().len(), 1);
    let (visits, _) = hear(&patron, &clock, &[None]);
    assert!(visits.is_empty(), "four seconds of silence prove nothing");
    assert_eq!(hear(&patron, &clock, &[None, None]).0, [(TransitionKind::Left, Witness::Beacon)]);
}

#[test]
fn a_silent_scan_after_a_pause_is_no_arrival() {
    for pause_s in [700, 3 * 3_600] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons]);
        hear(&patron, &clock, &[Some(-60), Some(-60)]);
        clock.advance(Duration::from_secs(61));
        assert_eq!(patron.nearest_beacon(), None, "of a minute ago is nobody's shelf");
        clock.advance(Duration::from_secs(pause_s));
        let (visits, zones) = hear(&patron, &clock, &[None, None, None]);
        assert!(visits.iter().all(|(kind, _)| *kind == TransitionKind::Left), "{visits:?}");
        assert_eq!(zones, [Proximity::Lost]);
        assert!(patron.visits().is_empty() && patron.nearest_beacon().is_none());
        let (visits, _) = hear(&patron, &clock, &[Some(-60), Some(-60)]);
        assert_eq!(visits, [(TransitionKind::Entered, Witness::Beacon)]);
    }
}

#[test]
fn a_silent_scan_does_not_hold_a_visit_against_positions() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons, Purpose::PreciseLocation]);
    hear(&patron, &clock, &[Some(-60), Some(-60)]);
    let mut left = false;
    for _ in 0..12 {
        // A scan of half a second loses nothing.
        let heard = wait(patron.hear(Scan { listened_ms: 500, received: vec![] })).unwrap();
        assert_eq!(heard, Default::default());
        left |= stand(&patron, &clock, (60.18, 24.9525), 8.0).iter().any(|told| told.kind == TransitionKind::Left);
    }
    assert!(left, "a minute after it was received");
}

#[test]
fn without_a_grant_no_beacon_is_heard_and_a_withdrawal_forgets_them() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    let refused = wait(patron.hear(scan(Some(-60)))).unwrap_err();
    assert!(matches!(refused, Error::NotPermitted { purpose: Purpose::Beacons }), "{refused:?}");
    wait(patron.grant(vec![Purpose::Beacons])).unwrap();
    hear(&patron, &clock, &[Some(-60), Some(-60)]);
    let gone = wait(patron.withdraw(Purpose::Beacons)).unwrap();
    assert_eq!((gone.purged_visits, gone.purged_events), (1, 2), "a visit; its entry and a zone");
    assert!(patron.visits().is_empty() && patron.nearest_beacon().is_none());
}

#[test]
fn a_scan_that_makes_no_sense_is_refused_with_its_field() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Beacons]);
    let signal = Signal::Beacon { beacon: "till 4".into(), power_dbm: None };
    let nameless = Scan { listened_ms: 1, received: vec![Received { signal, rssi_dbm: -60 }] };
    for (scan, field) in
        [(nameless, "scan.received[0].beacon"), (Scan { listened_ms: u64::MAX, received: vec![] }, "scan.listened_ms")]
    {
        let Error::InvalidInput { what, .. } = wait(patron.hear(scan)).unwrap_err() else { panic!("{field}") };
        assert_eq!(what, field);
    }
    let raw = |advertisement: Vec<u8>| Received { signal: Signal::Raw { advertisement }, rssi_dbm: -60 };
    let strangers = Scan { listened_ms: 1_000, received: vec![raw(vec![]), raw(vec![3, 0xFF, 1]), raw(vec![7; 300])] };
    assert_eq!(wait(patron.hear(strangers)).unwrap(), Default::default(), "the air is full of others");
}
