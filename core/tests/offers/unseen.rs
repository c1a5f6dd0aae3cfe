//! A visit that goes unseen: what joins it, what of it is taken back, and when it ends.

use patron_core::consent::signal::{Declared, LocationPermission, Signals};
use patron_core::event::Proximity;
use patron_core::place::beacon::{Received, Scan, Signal};

use super::*;

const CAFE: (f64, f64) = (60.1675, 24.9525);
/// In the market hall, and at none of its parts.
const HALL: (f64, f64) = (60.1690, 24.9525);
const AWAY: (f64, f64) = (60.1900, 24.9525);
const BEACON: &str = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1";

const LEARNING: [Purpose; 4] =
    [Purpose::PreciseLocation, Purpose::Beacons, Purpose::Personalisation, Purpose::Engagement];

/// A hall with a café in it, which has a beacon.
fn hall() -> Model {
    let model = market(&json!([offer("a")]));
    let circle = |radius_m| json!({ "latitude": 60.1675, "longitude": 24.9525, "radius_m": radius_m });
    let mut catalogue: Value = serde_json::from_slice(&model.0.lock().unwrap().catalogue).unwrap();
    catalogue["places"] = json!([
        { "id": "cafe", "name": "the café", "parent": "hall", "dwell_s": 60, "circle": circle(45), "beacons": [BEACON] },
        { "id": "hall", "name": "the hall", "circle": circle(400) },
    ]);
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();
    model
}

fn stay(patron: &Patron, clock: &ManualClock, (latitude, longitude): (f64, f64), fixes: u32) {
    for _ in 0..fixes {
        clock.advance(Duration::from_secs(10));
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
}

fn at(patron: &Patron) -> Vec<String> {
    patron.visits().into_iter().map(|visit| visit.place).collect()
}

fn accepted(patron: &Patron) -> u64 {
    wait(patron.diagnostics()).unwrap().account.accepted
}

/// What an export has of that kind.
fn exported(patron: &Patron, kind: &str) -> Vec<Value> {
    let export: Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let items = export["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == kind).map(|item| item["content"].clone()).collect()
}

/// How many visits of any place are known of.
fn visits_learnt(patron: &Patron) -> usize {
    let person = exported(patron, "person");
    let visits = person.iter().filter_map(|person| person["visits"].as_object());
    visits.flat_map(|visits| visits.values()).filter_map(Value::as_array).map(Vec::len).sum()
}

fn is_unseen(patron: &Patron) -> bool {
    patron.shopper_side().unwrap().unseen
}

fn hear(patron: &Patron, clock: &ManualClock, rssi_dbm: i16, times: u32) -> Vec<Proximity> {
    let mut zones = Vec::new();
    for _ in 0..times {
        clock.advance(Duration::from_secs(4));
        let signal = Signal::Beacon { beacon: BEACON.to_owned(), power_dbm: Some(-59) };
        let scan = Scan { listened_ms: 4_000, received: vec![Received { signal, rssi_dbm }] };
        zones.extend(wait(patron.hear(scan)).unwrap().zones.iter().map(|change| change.zone));
    }
    zones
}

/// Online again, until a batch is on the wire.
fn send(model: &Model, patron: &Patron, clock: &ManualClock) {
    patron.set_online(true).unwrap();
    clock.advance(HOUR);
    for _ in 0..400 {
        wait(patron.ready()).unwrap();
        if model.0.lock().unwrap().requests.iter().any(|url| url.ends_with("/events")) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    wait(patron.ready()).unwrap();
}

#[test]
fn a_visit_that_is_forgotten_rather_than_left_ends_that_it_goes_unseen() {
    let withdraw = |patron: &Patron| drop(wait(patron.withdraw(Purpose::PreciseLocation)).unwrap());
    let refuse = |patron: &Patron| {
        let refused = Signals { location: Declared::Is(LocationPermission::None), ..Signals::default() };
        wait(patron.declare_signals(refused)).unwrap();
        let again = Signals { location: Declared::Is(LocationPermission::Precise), ..Signals::default() };
        wait(patron.declare_signals(again)).unwrap();
    };
    for way in ["withdrawn", "refused by the phone"] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
        let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation, Purpose::Engagement]);
        wait(async { patron.set_online(false) }).unwrap();
        stay(&patron, &clock, CAFE, 4);
        act(&patron, ShopperAct::Unseen);
        if way == "withdrawn" {
            withdraw(&patron)
        } else {
            refuse(&patron)
        }
        assert!(patron.visits().is_empty() && !is_unseen(&patron), "{way}");
        drop(patron);
        let patron = open(folder.path(), &model, &clock);
        wait(patron.ready()).unwrap();
        assert!(!is_unseen(&patron), "{way}, on the disk");
        let before = accepted(&patron);
        assert!(wait(patron.saw("a".into(), true)).unwrap());
        assert_eq!(accepted(&patron), before + 1, "{way}: looks are recorded again");
        wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
        stay(&patron, &clock, CAFE, 4);
        assert_eq!(accepted(&patron), before + 3, "{way}: the next visit is another");
    }
}

#[test]
fn what_an_earlier_version_left_unseen_ends_when_the_store_is_opened() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    stay(&patron, &clock, CAFE, 4);
    act(&patron, ShopperAct::Unseen);
    drop(patron);
    let db = rusqlite::Connection::open(folder.path().join(patron_core::store::MAIN_FILE)).unwrap();
    assert_eq!(db.execute("DELETE FROM meta WHERE key = 'visits'", []).unwrap(), 1);
    drop(db);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert!(!is_unseen(&patron));
    assert!(matches!(wait(patron.act(ShopperAct::Unseen)), Err(Error::InvalidInput { .. })), "nothing to go unseen");
}

#[test]
fn what_is_entered_within_an_unseen_visit_or_around_it_goes_unseen_with_it() {
    for (first, then) in [(HALL, "cafe"), (CAFE, "hall")] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
        let patron = device(folder.path(), &model, &clock, &LEARNING);
        wait(async { patron.set_online(false) }).unwrap();
        if first == CAFE {
            // The café's own beacon says where, before any position does.
            hear(&patron, &clock, -60, 3);
        } else {
            stay(&patron, &clock, HALL, 4);
        }
        act(&patron, ShopperAct::Unseen);
        let before = wait(patron.diagnostics()).unwrap().account;
        stay(&patron, &clock, CAFE, 12);
        assert_eq!(at(&patron), ["cafe", "hall"]);
        assert_eq!(wait(patron.diagnostics()).unwrap().account, before, "{then} was entered, and its stay is long");
        assert_eq!(visits_learnt(&patron), 0, "{then} is not learnt of");
        stay(&patron, &clock, AWAY, 40);
        assert_eq!((at(&patron).len(), is_unseen(&patron)), (0, false));
        assert_eq!(wait(patron.diagnostics()).unwrap().account, before);
        stay(&patron, &clock, CAFE, 4);
        assert!(accepted(&patron) > before.accepted, "the next visit is another");
    }
}

#[test]
fn what_an_unseen_visit_had_queued_goes_from_a_batch_that_waits_to_be_sent_again_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    wait(async { patron.set_online(false) }).unwrap();
    stay(&patron, &clock, CAFE, 4);
    model.fail("/events", support::Fault::Unreachable);
    send(&model, &patron, &clock);
    assert_eq!(model.stored(), 0, "the batch is made, and did not arrive");
    assert!(wait(patron.diagnostics()).unwrap().account.queued > 0);
    act(&patron, ShopperAct::Unseen);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 0);
    clock.advance(HOUR);
    wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    assert_eq!(model.stored(), 0);
}

#[test]
fn what_is_on_the_wire_of_an_unseen_visit_is_broken_off() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    wait(patron.drain(Duration::from_secs(5), None)).unwrap();
    wait(async { patron.set_online(false) }).unwrap();
    stay(&patron, &clock, CAFE, 4);
    model.fail("/events", support::Fault::Hang);
    send(&model, &patron, &clock);
    act(&patron, ShopperAct::Unseen);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!(account.queued, 0, "{account:?}");
}

#[test]
fn zones_looks_and_decisions_of_a_visit_go_with_it_when_it_goes_unseen() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), hall(), clock());
    let patron = device(folder.path(), &model, &clock, &LEARNING);
    wait(async { patron.set_online(false) }).unwrap();
    assert!(wait(patron.saw("a".into(), true)).unwrap());
    let before = accepted(&patron);
    clock.advance(HOUR);
    let zones = hear(&patron, &clock, -60, 3);
    assert!(!zones.is_empty() && at(&patron).contains(&"cafe".to_owned()));
    assert!(wait(patron.saw("a".into(), true)).unwrap());
    assert!(wait(patron.diagnostics()).unwrap().account.queued > before);
    assert_eq!(exported(&patron, "decision").len(), 2);
    act(&patron, ShopperAct::Unseen);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!(account.queued, before, "the look of before the visit stays: {account:?}");
    assert_eq!(exported(&patron, "decision").len(), 1, "and the decision behind it");
    assert_eq!(visits_learnt(&patron), 0);
    let person = exported(&patron, "person").remove(0);
    let counted = |kind: &str| person["events"][kind].as_array().map_or(0, Vec::len);
    assert_eq!(counted("dev.patron.beacon.zone") + counted("dev.patron.visit.entered"), 0);
    assert_eq!(counted("dev.patron.offer.impression"), 1, "{person}");
}

#[test]
fn a_notice_during_an_unseen_visit_keeps_no_decision() {
    let speaks = with(offer("thanks"), "triggers", json!([{ "on": "event", "type": "dev.patron.offer.clicked" }]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([speaks, offer("b")])), clock());
    let patron = device(folder.path(), &model, &clock, &[&NOTIFIED[..], &[Purpose::Engagement]].concat());
    let (notices, _listening) = Notices::of(&patron);
    walk_in(&patron, &clock);
    act(&patron, ShopperAct::Unseen);
    let _ = patron.track(&Engagement::Clicked { offer: "b".into() }).unwrap();
    wait(patron.flush()).unwrap();
    assert_eq!(notices.take(&patron), [("thanks".to_owned(), None)]);
    assert!(exported(&patron, "decision").is_empty());
}
