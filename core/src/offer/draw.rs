//! Scenes drawn by a seed: catalogues in which each field of an offer has something in it once in a while.

use std::sync::LazyLock;

use fastrand::Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::{Scene, ms};
use super::*;
use crate::consent::{Gate, PurposeKind};
use crate::place::Witness;

const HOUR: i64 = 3_600_000;
const PURPOSES: [PurposeKind; 4] =
    [PurposeKind::PartnerOffers, PurposeKind::PreciseLocation, PurposeKind::Beacons, PurposeKind::Personalisation];

/// A shop with a fence, one with beacons as well, a wall with beacons alone, a counter with nothing but its code, and
/// the market that has the last two in it.
pub(super) const PLACES: [&str; 5] = ["counter", "here", "market", "there", "wall"];

pub(super) fn some<'a, T: ?Sized>(rng: &mut Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(..of.len())]
}

/// Reading JSON takes longer than deciding: catalogues are drawn from a few hundred.
pub(super) static CATALOGUES: LazyLock<Vec<OfferCatalogue>> =
    LazyLock::new(|| (0..300).map(|seed| catalogue(&mut Rng::with_seed(seed))).collect());

/// Offers with something in every field once in a while, whatever comes of it: more than the plain check of what may
/// show understands.
pub(super) static WIDE: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let rng = &mut Rng::with_seed(7);
    let offers: Vec<_> = (0..500).map(|n| wide(rng, &format!("w{n:03}"))).collect();
    read(&document(rng, offers)).offers
});

fn catalogue(rng: &mut Rng) -> OfferCatalogue {
    let offers: Vec<_> = (0..12).map(|n| offer(rng, &format!("o{n:02}"))).collect();
    let mut document = document(rng, offers);
    document["caps"] = caps(rng);
    read(&document)
}

fn document(rng: &mut Rng, offers: Vec<Value>) -> Value {
    let circle = |longitude: f64| json!({ "latitude": 60.0, "longitude": longitude, "radius_m": 500 });
    let beacon = |minor: u8| json!([format!("ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/{minor}")]);
    let mut places = [
        json!({ "id": "counter", "parent": "market" }),
        json!({ "id": "here", "circle": circle(25.0) }),
        json!({ "id": "market" }),
        json!({ "id": "there", "circle": circle(25.004), "beacons": beacon(1) }),
        json!({ "id": "wall", "parent": "market", "beacons": beacon(2) }),
    ];
    places.iter_mut().for_each(|place| there(rng, place));
    let partners = ["p", "q"]
        .map(|id| json!({ "id": id, "name": id, "caps": caps(rng), "kind": some(rng, &["national", "local"]) }));
    json!({ "version": "1", "partners": partners, "places": places, "offers": offers })
}

/// Says when a place is there: hours and dates once in a while.
fn there(rng: &mut Rng, place: &mut Value) {
    place["name"] = place["id"].clone();
    if rng.u8(..3) == 0 {
        let (from, to) = (format!("{:02}:00", rng.u8(0..24)), format!("{:02}:30", rng.u8(0..24)));
        let days = some(rng, &[&["su", "mo", "tu"][..], &["sa"], &["mo"]]);
        place["hours"] =
            json!({ "time_zone": "Europe/Helsinki", "windows": [{ "days": days, "from": from, "to": to }] });
        let date = some(rng, &["2026-11-22", "2026-11-24", "2001-01-01"]);
        if days.len() > 1 && rng.bool() {
            place["hours"]["only_dates"] = json!([date]);
        }
    }
    if rng.u8(..6) == 0 {
        place["starts_at"] = hour(rng.i64(0..24));
    }
    if rng.u8(..6) == 0 {
        place["ends_at"] = hour(rng.i64(24..50));
    }
}

fn read(document: &Value) -> OfferCatalogue {
    let (catalogue, quarantined) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(quarantined, []);
    catalogue
}

fn caps(rng: &mut Rng) -> Value {
    let count = if rng.u8(..3) == 0 { rng.usize(1..3) } else { 0 };
    (0..count).map(|_| json!({ "times": rng.u8(1..4), "hours": rng.u16(1..72) })).collect()
}

fn hour(hour: i64) -> Value {
    json!(crate::clock::rfc3339(ms("2026-11-22T00:00:00Z") + hour * HOUR))
}

/// An offer whose fields the plain check of what may show understands.
fn offer(rng: &mut Rng, id: &str) -> Value {
    let mut offer = json!({ "id": id, "title": some(rng, &["Tea", "Skates", "Bread"]), "priority": rng.i32(0..4),
                            "value": rng.u8(0..=100), "benefit": benefit(rng), "caps": caps(rng) });
    let mut set = |one_in: u8, key: &str, rng: &mut Rng, value: &dyn Fn(&mut Rng) -> Value| {
        if rng.u8(..one_in) == 0 {
            offer[key] = value(rng);
        }
    };
    set(2, "partner", rng, &|rng| json!(some(rng, &["p", "q"])));
    set(2, "places", rng, &|rng| json!(PLACES.iter().filter(|_| rng.u8(..4) == 0).collect::<Vec<_>>()));
    set(3, "placements", rng, &|rng| json!([some(rng, &["home", "checkout"])]));
    set(3, "starts_at", rng, &|rng| hour(rng.i64(0..24)));
    set(3, "expires_at", rng, &|rng| hour(rng.i64(24..50)));
    set(
        4,
        "schedule",
        rng,
        &|rng| json!({ "time_zone": "UTC", "windows": [{ "days": ["su", "mo"], "from": format!("{:02}:00", rng.u8(0..23)), "to": "23:30" }] }),
    );
    set(3, "audience", rng, &|rng| json!({ "segment": format!("s{}", rng.u8(..3)) }));
    set(2, "topics", rng, &|rng| json!([some(rng, &["tea", "ice", "bread"])]));
    set(6, "triggers", rng, &|_| json!([{ "on": "pull" }]));
    set(8, "triggers", rng, &|_| json!([{ "on": "event", "type": "dev.patron.purchase" }]));
    set(4, "experiment", rng, &|rng| {
        let arms = json!([{ "id": "a", "weight": 40 }, { "id": "b", "weight": 40 }]);
        json!({ "id": "t", "holdout": 20, "arms": arms, "arm": some(rng, &["a", "b"]) })
    });
    // What is said of an offer decides nothing, and is there all the same.
    set(3, "body", rng, &|_| json!("Tea, skates and bread."));
    set(3, "texts", rng, &|rng| json!({ "fi": { "title": some(rng, &["Tee", "Luistimet", "Leipä"]) } }));
    set(4, "campaign", rng, &|rng| json!(some(rng, &["winter", "spring"])));
    set(4, "version", rng, &|rng| json!(rng.u8(1..9)));
    set(4, "keywords", rng, &|rng| json!([some(rng, &["cup", "ice", "loaf"])]));
    set(4, "images", rng, &|_| json!([{ "url": "https://e.com/a.webp", "width": 8, "height": 8 }]));
    set(
        4,
        "terms",
        rng,
        &|rng| json!({ "times": rng.u8(1..4), "available_at_or_from": ["here"], "grant": "e30.c2ln" }),
    );
    offer
}

/// As [`offer`], with all that the fields may hold.
fn wide(rng: &mut Rng, id: &str) -> Value {
    let mut offer = offer(rng, id);
    let rules = [
        json!({ ">=": [{ "visits": [some(rng, &["here", "there"]), rng.u8(1..40)] }, rng.u8(0..3)] }),
        json!({ ">": [{ "count": ["dev.patron.offer.saved", rng.u8(1..40)] }, 0] }),
        json!({ "between_times": [format!("{:02}:00", rng.u8(0..12)), format!("{:02}:30", rng.u8(12..24))] }),
        json!({ "weekday": ["sa", "su"] }),
        json!({ "within_m": ["here", rng.u16(1..2_000)] }),
        json!({ "<": [{ "distance_m": "there" }, rng.u16(1..2_000)] }),
        json!({ "or": [{ "segment": "s0" }, { "!": { "segment": "s1" } }] }),
        json!({ "==": [{ "var": "context.placement" }, "home"] }),
        json!({ "missing": ["tier", "age"] }),
    ];
    let triggers = [
        json!({ "on": "enter" }),
        json!({ "on": "dwell", "place": "here" }),
        json!({ "on": "exit", "place": "there" }),
        json!({ "on": "beacon", "zone": some(rng, &["immediate", "near", "far"]) }),
        json!({ "on": "check_in" }),
        json!({ "on": "time", "hours": { "time_zone": "UTC", "windows": [{ "days": ["su"], "from": "22:00", "to": "02:00" }] } }),
        json!({ "on": "pull" }),
    ];
    if rng.bool() {
        offer["audience"] = rules[rng.usize(..rules.len())].clone();
    }
    if rng.bool() {
        offer["triggers"] = (0..rng.usize(1..4)).map(|_| triggers[rng.usize(..triggers.len())].clone()).collect();
    }
    if rng.u8(..3) == 0 {
        offer["schedule"] = json!({ "time_zone": some(rng, &["UTC", "Europe/Helsinki", "Pacific/Kiritimati"]),
            "windows": [{ "days": ["sa", "su", "mo"], "from": "21:00", "to": "03:00" }], "except_dates": ["2026-11-22"] });
    }
    if rng.u8(..3) == 0 {
        (offer["places"], offer["placements"]) = (json!(["here", "there"]), json!(["home", "checkout", "basket"]));
    }
    offer
}

fn benefit(rng: &mut Rng) -> Value {
    let kinds = [
        json!({ "kind": "access" }),
        json!({ "kind": "service" }),
        json!({ "kind": "experience" }),
        json!({ "kind": "percent", "percent": rng.u8(1..=100) }),
        json!({ "kind": "amount", "minor": rng.u16(1..9_999), "currency": "EUR" }),
        json!({ "kind": "points", "points": rng.u16(1..9_999) }),
        json!({ "kind": "content", "url": "https://e.com/read" }),
    ];
    kinds[rng.usize(..kinds.len())].clone()
}

pub(super) fn scene(seed: u64) -> Scene {
    let rng = &mut Rng::with_seed(seed);
    let mut scene = Scene::bare(CATALOGUES[rng.usize(..CATALOGUES.len())].clone());
    let one_in = |rng: &mut Rng, n: u8| rng.u8(..n) == 0;
    scene.now_ms = ms("2026-11-22T00:00:00Z") + rng.i64(0..52 * HOUR);
    scene.catalogue.sdk.off = one_in(rng, 30);
    scene.freshness = *some(rng, &[&Freshness::Fresh, &Freshness::Stale, &Freshness::Fresh, &Freshness::Fresh]);
    if one_in(rng, 30) {
        scene.freshness = Freshness::Expired;
    }
    scene.gate = Gate::new(1, PURPOSES.into_iter().filter(|_| rng.u8(..4) > 0));
    scene.installation = Uuid::from_u128(rng.u128(..));
    scene.placement = [None, Some("home"), Some("checkout")][rng.usize(..3)];
    scene.asked = rng.bool();
    if rng.bool() {
        let by = *some(rng, &[&Witness::Position, &Witness::Beacon, &Witness::CheckIn]);
        scene = scene.seen_by(by, &[PLACES[rng.usize(..PLACES.len())]]);
    }
    if rng.bool() {
        scene.position = Some(Position { latitude: 60.0, longitude: 25.0 + rng.f64() * 0.01, accuracy_m: 9.0 });
    }
    for n in 0..3 {
        if rng.bool() {
            scene.person.segments.insert(format!("s{n}"), rng.u8(..3) > 0);
        }
        let affinity = rng.u8(..=100);
        scene.person.affinities.insert(["tea", "ice", "bread"][n].to_owned(), affinity);
    }
    let ids: Vec<String> = scene.catalogue.offers.iter().map(|offer| offer.id.clone()).collect();
    for _ in 0..rng.usize(..12) {
        let minutes = [rng.i64(0..40), rng.i64(0..80 * 60)][rng.usize(..2)];
        let offer = ids[rng.usize(..ids.len())].clone();
        let partner = scene.catalogue.offer(&offer).unwrap().partner.clone();
        scene.history.saw(Impression { offer, partner, at_ms: scene.now_ms - minutes * 60_000, asked: rng.bool() });
    }
    for _ in 0..rng.usize(..6) {
        let offer = scene.catalogue.offers[rng.usize(..ids.len())].clone();
        let at_ms = scene.now_ms - [rng.i64(0..40), rng.i64(0..80 * 60)][rng.usize(..2)] * 60_000;
        scene.history.noticed(&offer.id, offer.partner.as_deref(), at_ms, one_in(rng, 4));
    }
    if one_in(rng, 4) {
        scene.dismissed.insert(ids[rng.usize(..ids.len())].clone());
    }
    if one_in(rng, 4) {
        scene.wish(some(rng, &["tea", "skates", "bread and tea"]));
    }
    moments(rng, &mut scene, &ids);
    scene
}

fn moments(rng: &mut Rng, scene: &mut Scene, ids: &[String]) {
    let (now, moments) = (scene.now_ms, &mut scene.moments);
    let mut one_in = |n: u8| rng.u8(..n) == 0;
    if one_in(4) {
        moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
    }
    if one_in(8) {
        moments.snooze(now + 1, now).unwrap();
    }
    if one_in(8) {
        moments.set_only_when_asked(true);
    }
    if one_in(4) {
        moments.refuse(Refusal::Partner("p")).unwrap();
    }
    if one_in(4) {
        moments.refuse(Refusal::Topic("ice")).unwrap();
    }
    if one_in(3) {
        moments.set_daily(Some(rng.u16(1..4))).unwrap();
    }
    if rng.bool() {
        moments.refuse(Refusal::Offer(&ids[rng.usize(..ids.len())])).unwrap();
        moments.rest(&ids[rng.usize(..ids.len())], now - rng.i64(0..60) * 24 * HOUR).unwrap();
    }
}
