//! What is said to who is not at a place: that it is closed, or by what it would be known that they are there.

use serde_json::{Value, json};

use super::scene::{ALL, Scene, ms};
use super::*;
use crate::consent::{Purpose, PurposeKind, PurposeSet};
use crate::place::Witness;

const NEAR: Position = Position { latitude: 60.0, longitude: 25.0, accuracy_m: 8.0 };

/// One offer, at a place with all that `place` says of it.
fn at_place(place: &Value) -> Scene {
    let mut shop = json!({ "id": "shop", "name": "Shop" });
    shop.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    let offer = json!({ "id": "a", "title": "a", "places": ["shop"], "benefit": { "kind": "access" } });
    let mut scene = Scene::of(&json!({ "version": "1", "places": [shop], "offers": [offer] }).to_string());
    scene.position = Some(NEAR);
    scene
}

fn fence() -> Value {
    json!({ "latitude": 60.0, "longitude": 25.0, "radius_m": 50 })
}

fn beacons() -> Value {
    json!(["ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"])
}

fn from_six() -> Value {
    json!({ "time_zone": "Europe/Helsinki", "windows": [{ "days": ["su", "mo"], "from": "18:00", "to": "02:00" }] })
}

fn named(scene: &Scene) -> Vec<(BlockerKind, Option<Purpose>)> {
    scene.blocked().into_iter().map(|blocker| (blocker.kind, blocker.purpose)).collect()
}

/// The first that speaks against the offer: fact, text and remedy.
fn against(scene: &Scene) -> (Fact, String, Option<String>) {
    let first = scene.why("a").reasons.into_iter().find(|reason| !reason.holds).unwrap();
    (first.fact, first.text, first.remedy)
}

#[test]
fn a_place_with_beacons_alone_asks_for_those_and_not_for_the_position() {
    let mut scene = at_place(&json!({ "beacons": beacons() }));
    let asks = || Some(Purpose::Beacons);
    for granted in [&[][..], ALL] {
        scene = scene.granted(granted);
        assert_eq!(named(&scene), [(BlockerKind::ConsentMissing, asks())]);
        let (fact, text, remedy) = against(&scene);
        assert_eq!(fact, Fact::Consent(PurposeKind::Beacons));
        assert_eq!(text, "Its place is known by beacons, and you have not said yes to beacons being heard.");
        assert_eq!(remedy.as_deref(), Some("Say yes to beacons being heard."));
        assert!(!scene.why("a").reasons.iter().any(|reason| reason.fact == Fact::Presence));
    }
    assert_eq!(scene.blocked()[0].remedy, "Ask for consent to beacons.");
    scene.phone.lowered = PurposeSet::of(&[PurposeKind::Beacons]);
    assert_eq!(named(&scene), [(BlockerKind::Overlay, asks())]);
    scene.phone.beacons_refused = true;
    assert_eq!(named(&scene), [(BlockerKind::PermissionMissing, asks())]);
    assert_eq!(scene.blocked()[0].text, "The system does not let this app hear beacons.");
    scene.locale = "fi";
    assert_eq!(scene.blocked()[0].text, "Järjestelmä ei anna sovelluksen kuunnella majakoita.");
    scene.phone = Phone::default();
    let scene = scene.granted(&[PurposeKind::Beacons]);
    assert_eq!(named(&scene), [(BlockerKind::NotThere, None)]);
    assert_eq!(named(&scene.seen_by(Witness::Beacon, &["shop"])), []);
}

#[test]
fn who_said_yes_to_beacons_alone_is_asked_for_no_position() {
    let mut scene = at_place(&json!({ "beacons": beacons() })).granted(&[PurposeKind::Beacons]);
    scene.position = None;
    assert_eq!(named(&scene), [(BlockerKind::NotThere, None)], "a position would say nothing");
    let mut both = at_place(&json!({ "circle": fence(), "beacons": beacons() }));
    assert_eq!(named(&both), [(BlockerKind::ConsentMissing, Some(Purpose::PreciseLocation))]);
    assert_eq!(against(&both).0, Fact::Consent(PurposeKind::PreciseLocation));
    both = both.granted(&[PurposeKind::Beacons]);
    assert_eq!(named(&both), [(BlockerKind::NotThere, None)]);
    assert_eq!(against(&both).0, Fact::Presence);
    both = both.granted(ALL);
    assert_eq!(named(&both), [(BlockerKind::NotThere, None)]);
}

#[test]
fn a_chain_is_known_by_what_its_parts_are_known_by() {
    let offer = json!({ "id": "a", "title": "a", "places": ["chain"], "benefit": { "kind": "access" } });
    let wall = json!({ "id": "wall", "name": "Wall", "parent": "chain", "beacons": beacons(), "hours": from_six() });
    let places = json!([{ "id": "chain", "name": "Chain" }, wall]);
    let mut scene = Scene::of(&json!({ "version": "1", "places": places, "offers": [offer] }).to_string());
    assert_eq!(against(&scene).1, "It shows at Chain, closed at this time.");
    scene.now_ms = ms("2026-11-22T16:00:00Z");
    assert_eq!(named(&scene), [(BlockerKind::ConsentMissing, Some(Purpose::Beacons))]);
}

#[test]
fn what_nothing_but_a_code_tells_asks_for_the_code() {
    let scene = at_place(&json!({}));
    assert_eq!(against(&scene).2.as_deref(), Some("Scan the code at Shop."));
    let told = scene.blocked();
    assert_eq!((told[0].kind, &*told[0].remedy), (BlockerKind::NotThere, "Scan the code at one of them."));
    assert_eq!(named(&scene.seen_by(Witness::CheckIn, &["shop"])), []);
}

#[test]
fn who_stands_before_a_closed_place_is_told_when_it_opens() {
    let mut scene = at_place(&json!({ "circle": fence(), "hours": from_six() })).granted(ALL);
    let words = |scene: &Scene| {
        let told = scene.blocked().remove(0);
        (told.kind, told.text, told.remedy)
    };
    let expected = |text: &str, remedy: &str| (BlockerKind::NothingScheduled, text.to_owned(), remedy.to_owned());
    assert_eq!(
        words(&scene),
        expected("All places that have an offer are closed at this time.", "Come back after 18:00 today.")
    );
    let (fact, text, remedy) = against(&scene);
    assert_eq!((fact, &*text), (Fact::Schedule, "It shows at Shop, closed at this time."));
    assert_eq!(remedy.as_deref(), Some("Come back after 18:00 today."));
    assert!(!scene.why("a").reasons.iter().any(|reason| reason.fact == Fact::Presence), "nobody is sent there");
    scene.locale = "fi";
    assert_eq!(
        words(&scene),
        expected("Kaikki paikat, joilla on etuja, ovat nyt suljettuja.", "Kokeile uudelleen tänään klo 18:00.")
    );
    assert_eq!(against(&scene).1, "Näytetään täällä: Shop. Nyt siellä on suljettu.");
    scene.now_ms = ms("2026-11-22T16:00:00Z");
    assert_eq!(named(&scene), [(BlockerKind::NotThere, None)], "open, and not inside yet");
    assert_eq!(named(&scene.at(&["shop"])), []);
}

#[test]
fn a_place_that_is_over_is_no_reason_to_ask_for_anything() {
    let mut scene = at_place(&json!({ "circle": fence(), "ends_at": "2026-11-22T09:00:00Z" }));
    let (fact, text, remedy) = against(&scene);
    assert_eq!((fact, &*text, remedy), (Fact::Expiry, "It shows at Shop, and that is over.", None));
    let told = scene.blocked();
    assert_eq!(told.iter().map(|told| told.kind).collect::<Vec<_>>(), [BlockerKind::NothingScheduled]);
    assert!(told[0].remedy.starts_with("Come back later"), "{told:?}");
    scene.now_ms = ms("2026-11-22T08:00:00Z");
    assert_eq!(named(&scene), [(BlockerKind::ConsentMissing, Some(Purpose::PreciseLocation))]);
}

#[test]
fn nobody_is_told_to_come_while_the_place_or_the_offer_is_closed() {
    let mut scene = at_place(&json!({ "circle": fence(), "hours": from_six() })).granted(ALL);
    let hours = |from: &str, to: &str| {
        let json = json!({ "time_zone": "Europe/Helsinki", "windows": [{ "days": ["mo"], "from": from, "to": to }] });
        Some(std::sync::Arc::new(Schedule::from_json(&json.to_string()).unwrap()))
    };
    scene.catalogue.offers[0].schedule = hours("16:00", "20:00");
    assert_eq!(against(&scene).2.as_deref(), Some("Come back after 18:00 on 23 November."));
    assert_eq!(scene.blocked()[0].remedy, "Come back after 18:00 on 23 November.");
    scene.catalogue.offers[0].schedule = hours("08:00", "12:00");
    assert_eq!(against(&scene).2, None, "they never meet");
    scene.catalogue.offers[0].schedule = None;
    scene.catalogue.offers[0].expires_at_ms = Some(ms("2026-11-22T16:00:00Z"));
    assert_eq!(against(&scene).2, None, "it ends as the place opens");
}
