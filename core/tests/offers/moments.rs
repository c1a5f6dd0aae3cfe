//! What calls an offer: arrivals and not what was there already, each place by itself, and codes.

use patron_core::place::Witness;
use patron_core::place::beacon::{Received, Scan, Signal};
use patron_core::sandbox::{MARKET_BEACON, MARKET_CODE};

use super::*;

pub(super) const AWAY: f64 = 60.1695;
pub(super) const CAFE: f64 = 60.1675;

/// A store with a zone of its own fence and a shelf with a beacon, in a chain that is where its stores are, and an offer
/// without a place for each moment of each.
fn store() -> Model {
    let model = Model::town();
    let town: Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle =
        |longitude: f64, radius_m: u32| json!({ "latitude": CAFE, "longitude": longitude, "radius_m": radius_m });
    let places = ["chain", "lumi-market", "zone", "shelf", "other"];
    let moments = ["enter", "dwell", "exit", "check_in"];
    let offers: Vec<Value> = places
        .iter()
        .flat_map(|place| moments.map(|on| (*place, on)))
        .map(|(place, on)| with(offer(&format!("{place} {on}")), "triggers", json!([{ "on": on, "place": place }])))
        .collect();
    let catalogue = json!({
        "version": "store-1",
        "check_in_keys": town["check_in_keys"],
        "places": [
            { "id": "chain", "name": "the chain" },
            { "id": "lumi-market", "name": "the store", "parent": "chain", "dwell_s": 600, "circle": circle(24.9525, 60) },
            { "id": "zone", "name": "the zone", "parent": "lumi-market", "dwell_s": 60, "circle": circle(24.9531, 12) },
            { "id": "shelf", "name": "the shelf", "parent": "lumi-market", "dwell_s": 900, "beacons": [MARKET_BEACON] },
            { "id": "other", "name": "next door", "parent": "chain", "dwell_s": 600, "circle": circle(24.9531, 60) },
        ],
        "offers": offers,
    });
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();
    model
}

/// Each occasion has its notice: one that was told of is not told of again within the day.
fn told(notices: &Notices, patron: &Patron) -> Vec<String> {
    notices.take(patron).into_iter().map(|(offer, _)| offer).collect()
}

pub(super) fn go(patron: &Patron, clock: &ManualClock, latitude: f64, longitude: f64, fixes: usize) {
    for _ in 0..fixes {
        clock.advance(Duration::from_secs(10));
        let fix = FixInput { latitude, longitude, accuracy_m: Some(3.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
}

fn without(mut catalogue: Value, place: &str) -> Vec<u8> {
    catalogue["places"].as_array_mut().unwrap().retain(|known| known["id"] != place);
    catalogue["offers"].as_array_mut().unwrap().retain(|offer| offer["triggers"][0]["place"] != place);
    catalogue.to_string().into_bytes()
}

#[test]
fn entering_and_leaving_a_zone_is_neither_of_its_store_nor_of_the_chain() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), store(), clock());
    let alone = without(serde_json::from_slice(&model.0.lock().unwrap().catalogue).unwrap(), "other");
    model.0.lock().unwrap().catalogue = alone;
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    go(&patron, &clock, AWAY, 24.9520, 2);
    // 45 m west of the zone.
    go(&patron, &clock, CAFE, 24.9520, 4);
    assert_eq!(patron.visits().len(), 1);
    let entered = told(&notices, &patron);
    assert!(
        entered == ["chain enter"] || entered == ["lumi-market enter"],
        "the best of those that it calls: {entered:?}"
    );
    go(&patron, &clock, CAFE, 24.9531, 4);
    assert_eq!(told(&notices, &patron), ["zone enter"]);
    go(&patron, &clock, CAFE, 24.9531, 6);
    assert_eq!(told(&notices, &patron), ["zone dwell"], "and nobody has stayed long in the store");
    go(&patron, &clock, CAFE, 24.9520, 30);
    assert_eq!(told(&notices, &patron), ["zone exit"], "in the store still");
    assert_eq!(patron.visits().iter().map(|visit| visit.place.as_str()).collect::<Vec<_>>(), ["lumi-market"]);
    clock.advance(Duration::from_secs(600));
    go(&patron, &clock, CAFE, 24.9520, 1);
    assert_eq!(told(&notices, &patron).len(), 1, "a dwell in the store");
    go(&patron, &clock, AWAY, 24.9520, 30);
    let left = told(&notices, &patron);
    assert!(left == ["chain exit"] || left == ["lumi-market exit"], "{left:?}");
}

#[test]
fn a_chain_is_entered_with_its_store_and_a_zone_in_it_in_one_step() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), store(), clock());
    let mut catalogue: Value = serde_json::from_slice(&model.0.lock().unwrap().catalogue).unwrap();
    let chain = |offer: &Value| offer["triggers"][0]["place"] == "chain";
    catalogue["offers"].as_array_mut().unwrap().retain(chain);
    model.0.lock().unwrap().catalogue = without(catalogue, "other");
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    go(&patron, &clock, AWAY, 24.9531, 2);
    let mut begun = 0;
    while begun == 0 {
        go(&patron, &clock, CAFE, 24.9531, 1);
        begun = patron.visits().len();
    }
    assert_eq!(begun, 2, "the store and the zone");
    assert_eq!(told(&notices, &patron), ["chain enter"]);
}

#[test]
fn a_chain_is_neither_left_nor_entered_while_the_shopper_is_in_another_of_its_stores() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), store(), clock());
    let mut catalogue: Value = serde_json::from_slice(&model.0.lock().unwrap().catalogue).unwrap();
    let chain = |offer: &Value| offer["triggers"][0]["place"] == "chain";
    catalogue["offers"].as_array_mut().unwrap().retain(chain);
    model.0.lock().unwrap().catalogue = without(catalogue, "zone");
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    go(&patron, &clock, AWAY, 24.9519, 2);
    go(&patron, &clock, CAFE, 24.9519, 4);
    assert_eq!(told(&notices, &patron), ["chain enter"]);
    // Both fences hold this one; then the other alone does.
    go(&patron, &clock, CAFE, 24.9528, 10);
    assert_eq!(patron.visits().len(), 2);
    go(&patron, &clock, CAFE, 24.95405, 30);
    assert_eq!(patron.visits().iter().map(|visit| visit.place.as_str()).collect::<Vec<_>>(), ["other"]);
    assert_eq!(told(&notices, &patron), [""; 0]);
    go(&patron, &clock, AWAY, 24.9540, 30);
    assert_eq!(told(&notices, &patron), ["chain exit"]);
}

/// An offer for an arrival at the café, and a saved one to be reminded of there.
fn greeting() -> Model {
    let there = |id: &str| with(offer(id), "places", json!(["cafe"]));
    market(&json!([with(there("hello"), "triggers", json!([{ "on": "enter" }])), there("kept")]))
}

#[test]
fn whoever_was_there_when_it_was_first_looked_did_not_arrive() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), greeting(), clock());
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    act(&patron, ShopperAct::Save { offer: "kept".into(), when_here: true, before_end_h: None });
    let (notices, _listening) = Notices::of(&patron);
    go(&patron, &clock, CAFE, 24.9525, 4);
    assert!(patron.visits()[0].initial);
    // What the shopper asked to be reminded of there comes, once.
    assert_eq!(notices.take(&patron), [("kept".to_owned(), Some(Due::Here))]);
    go(&patron, &clock, AWAY, 24.9525, 30);
    assert!(patron.visits().is_empty());
    go(&patron, &clock, CAFE, 24.9525, 4);
    assert_eq!(notices.take(&patron), [("hello".to_owned(), None)]);
}

#[test]
fn a_code_calls_whether_or_not_the_shopper_was_known_to_be_there() {
    for known in [false, true] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), store(), clock());
        let patron = device(folder.path(), &model, &clock, &NOTIFIED);
        act(&patron, ShopperAct::Daily { most: None });
        if known {
            go(&patron, &clock, AWAY, 24.9519, 2);
            go(&patron, &clock, CAFE, 24.9519, 4);
            assert_eq!(patron.visits()[0].by, Witness::Position);
        }
        let (notices, _listening) = Notices::of(&patron);
        let checked_in = wait(patron.check_in(MARKET_CODE.to_owned())).unwrap();
        assert_eq!(checked_in.visits.is_empty(), known);
        let told = told(&notices, &patron);
        let called = |on: &str| told.iter().filter(|offer| offer.ends_with(on)).count();
        // With the arrival it is one moment, and one offer speaks.
        assert_eq!((told.len(), called("check_in") + called("enter")), (1, 1), "{told:?}");
        assert!(!known || called("check_in") == 1, "{told:?}");
    }
}

#[test]
fn a_beacon_that_comes_into_hearing_is_an_arrival_at_the_shelf_and_in_the_store() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), store(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications, Purpose::Beacons]);
    act(&patron, ShopperAct::Daily { most: None });
    let (notices, _listening) = Notices::of(&patron);
    for _ in 0..2 {
        clock.advance(Duration::from_secs(4));
        let signal = Signal::Beacon { beacon: MARKET_BEACON.to_owned(), power_dbm: Some(-59) };
        let received = vec![Received { signal, rssi_dbm: -60 }];
        wait(patron.hear(Scan { listened_ms: 4_000, received })).unwrap();
    }
    let told = told(&notices, &patron);
    assert_eq!(patron.visits().len(), 2);
    // One moment, and one offer of those that wait for it.
    assert!(told.len() == 1 && told[0].ends_with("enter"), "{told:?}");
}
