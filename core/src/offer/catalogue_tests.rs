//! What may stand in a catalogue, and what becomes of what may not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::scene::ms;
use super::*;
use crate::error::Error;
use crate::place::{Fence, Place};
use crate::sandbox::TOWN_JSON;

fn catalogue() -> Value {
    json!({
        "version": "v1",
        "partners": [ { "id": "lumi", "name": "Lumi" } ],
        "places": [ {
            "id": "market", "name": "Market", "partner": "lumi",
            "circle": { "latitude": 60.1675, "longitude": 24.9525, "radius_m": 60 }
        } ],
        "offers": [
            { "id": "bun", "title": "A bun", "benefit": { "kind": "percent", "percent": 20 } },
            {
                "id": "cup", "title": "A cup", "partner": "lumi", "places": ["market"],
                "benefit": { "kind": "amount", "minor": 150, "currency": "EUR" },
                "schedule": { "time_zone": "UTC", "windows": [ { "days": ["mo"], "from": "08:00", "to": "11:00" } ] },
                "starts_at": "2026-01-01T00:00:00Z", "expires_at": "2026-12-31T23:59:59+02:00",
                "texts": { "fi_FI": { "title": "Kuppi" } }
            }
        ]
    })
}

fn parse(value: &Value) -> (OfferCatalogue, Vec<Quarantined>) {
    OfferCatalogue::parse(value.to_string().as_bytes()).unwrap()
}

#[test]
fn the_town_is_a_good_catalogue_in_two_languages() {
    let (town, quarantined) = OfferCatalogue::parse(TOWN_JSON.as_bytes()).unwrap();
    assert_eq!(quarantined, []);
    assert_eq!((town.partners.len(), town.places.len(), town.offers.len()), (5, 10, 20));
    assert!(town.offers.iter().all(|offer| offer.texts.contains_key("fi")));
    assert!(town.offers.iter().filter(|offer| offer.partner.is_none() && offer.places.is_empty()).count() >= 3);
    // One of everything, so that a newcomer meets it.
    let (offer, place) =
        (|has: fn(&Offer) -> bool| town.offers.iter().any(has), |has: fn(&Place) -> bool| town.places.iter().any(has));
    assert!(offer(|o| o.expires_at_ms.is_some()) && offer(|o| o.audience.is_some()) && offer(|o| !o.caps.is_empty()));
    assert!(offer(|o| o.terms.is_some()) && offer(|o| o.schedule.is_some()) && offer(|o| !o.images.is_empty()));
    assert!(
        offer(|o| o.partner_kind == Some(PartnerKind::Local))
            && offer(|o| o.partner_kind == Some(PartnerKind::National))
    );
    assert!(place(|p| p.parent.is_some()) && place(|p| matches!(p.fence, Some(Fence::Area(_)))));
    // Past midnight: open at one in the morning.
    assert!(place(|p| p.hours.as_ref().is_some_and(|hours| hours.open_until(ms("2026-11-22T23:00:00Z")).is_some())));
}

#[test]
fn what_is_missing_has_a_meaning() {
    let (catalogue, _) = parse(&catalogue());
    assert_eq!((catalogue.ttl_s, catalogue.sdk), (86_400, SdkSwitch { off: false, sampling: 1.0 }));
    let bun = catalogue.offer("bun").unwrap();
    assert_eq!((bun.version, bun.priority, bun.partner.as_deref(), bun.schedule.is_some()), (1, 0, None, false));
    assert_eq!(catalogue.place("market").unwrap().dwell_s, 180);
}

#[test]
fn words_are_chosen_by_tag_then_language_then_default() {
    let (catalogue, _) = parse(&catalogue());
    let cup = catalogue.offer("cup").unwrap();
    assert_eq!(
        ["fi-FI", "fi_fi", "fi", "sv"].map(|tag| cup.text_for(tag).title.as_str()),
        ["Kuppi", "Kuppi", "A cup", "A cup"]
    );
    let (town, _) = OfferCatalogue::parse(TOWN_JSON.as_bytes()).unwrap();
    assert!(town.offer("lumi-cup").unwrap().text_for("fi-FI").title.starts_with("Suodatinkahvi"));
}

/// Puts `value` at `pointer` into the good catalogue and tells what was set aside.
fn spoiled(pointer: &str, value: Value) -> Vec<(String, Option<String>)> {
    let mut spoiled = catalogue();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match spoiled.pointer_mut(parent).unwrap() {
        Value::Object(map) => drop(map.insert(key.to_owned(), value)),
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        other => panic!("{other} has no parts"),
    }
    let (rest, aside) = parse(&spoiled);
    assert_eq!(
        rest.offers.len() + rest.places.len() + rest.partners.len() + aside.len(),
        4,
        "nothing gets lost: {aside:?}"
    );
    aside.into_iter().map(|entry| (entry.path, entry.id)).collect()
}

#[test]
fn a_bad_entry_costs_itself_alone_and_is_named_with_its_path() {
    for (pointer, value, path) in [
        ("/offers/0/benefit/percent", json!(0), "offers[0].benefit.percent"),
        ("/offers/0/benefit/percent", json!(101), "offers[0].benefit.percent"),
        ("/offers/0/benefit/percent", json!("ten"), "offers[0]"),
        ("/offers/0/benefit/kind", json!("magic"), "offers[0].benefit.kind"),
        ("/offers/0/benefit", json!({ "kind": "content", "url": "javascript:alert(1)" }), "offers[0].benefit.url"),
        ("/offers/0/benefit", json!({ "kind": "content", "url": "https:///x" }), "offers[0].benefit.url"),
        ("/offers/0/benefit", json!({ "kind": "points", "points": -1 }), "offers[0].benefit.points"),
        ("/offers/0/benefit", json!({ "kind": "amount", "minor": 1 }), "offers[0].benefit.currency"),
        ("/offers/0/title", json!("  "), "offers[0].title"),
        ("/offers/0/title", json!("x".repeat(201)), "offers[0].title"),
        ("/offers/0/id", json!(""), "offers[0].id"),
        ("/offers/0/id", json!("a\u{0}b"), "offers[0].id"),
        ("/offers/0", json!(null), "offers[0]"),
        ("/offers/1/benefit/currency", json!("euro"), "offers[1].benefit.currency"),
        ("/offers/1/benefit/minor", json!(0), "offers[1].benefit.minor"),
        ("/offers/1/partner", json!("nobody"), "offers[1].partner"),
        ("/offers/1/places/0", json!("nowhere"), "offers[1].places[0]"),
        ("/offers/1/starts_at", json!("yesterday"), "offers[1].starts_at"),
        ("/offers/1/expires_at", json!("2026-02-30T00:00:00Z"), "offers[1].expires_at"),
        ("/offers/1/expires_at", json!("2025-01-01T00:00:00Z"), "offers[1].expires_at"),
        ("/offers/1/schedule/time_zone", json!("Mars/Olympus"), "offers[1].schedule.time_zone"),
        ("/offers/1/schedule/windows", json!([]), "offers[1].schedule.windows"),
        ("/offers/1/schedule/windows/0/days/0", json!("someday"), "offers[1].schedule.windows[0].days[0]"),
        ("/offers/1/schedule/windows/0/from", json!("25:00"), "offers[1].schedule.windows[0].from"),
        ("/offers/1/schedule/only_dates", json!([]), "offers[1].schedule.only_dates"),
        ("/offers/1/schedule/only_dates", json!(["2026-11-24"]), "offers[1].schedule.only_dates[0]"),
        ("/offers/1/schedule/except_dates", json!(["2026-12-25", "25.12."]), "offers[1].schedule.except_dates[1]"),
        ("/offers/1/schedule/except_dates", json!("2026-12-25"), "offers[1].schedule"),
        ("/offers/1/schedule", json!(7), "offers[1].schedule"),
        ("/offers/1/texts/fi_FI/title", json!(""), "offers[1].texts.fi_FI.title"),
    ] {
        let aside = spoiled(pointer, value.clone());
        assert_eq!(aside.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), [path], "{pointer} = {value}");
    }
}

#[test]
fn a_bad_place_or_partner_takes_along_what_stands_on_it() {
    for (pointer, value, path) in [
        ("/places/0/circle/latitude", json!(90.1), "places[0].circle.latitude"),
        ("/places/0/circle/longitude", json!(-181), "places[0].circle.longitude"),
        ("/places/0/circle/radius_m", json!(9.9), "places[0].circle.radius_m"),
        ("/places/0/circle/radius_m", json!(1e6), "places[0].circle.radius_m"),
        ("/places/0/dwell_s", json!(0), "places[0].dwell_s"),
        ("/places/0/partner", json!("nobody"), "places[0].partner"),
        ("/places/0/parent", json!("nowhere"), "places[0].parent"),
        ("/places/0/approach_m", json!(0), "places[0].approach_m"),
        ("/places/0/beacons", json!(["ibeacon:1/2"]), "places[0].beacons[0]"),
        ("/places/0/beacons", json!(vec!["altbeacon:00"; 129]), "places[0].beacons"),
        ("/places/0/hours", json!({ "time_zone": "UTC", "windows": [] }), "places[0].hours.windows"),
        ("/places/0/starts_at", json!("soon"), "places[0].starts_at"),
        ("/places/0/area", json!({ "type": "Polygon", "coordinates": [] }), "places[0].area"),
        ("/places/0/circle", json!(7), "places[0]"),
    ] {
        let paths: Vec<String> = spoiled(pointer, value).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, [path, "offers[1].places[0]"]);
    }
    let paths: Vec<String> = spoiled("/partners/0/name", json!("")).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["partners[0].name", "places[0].partner", "offers[1].partner"]);
}

#[test]
fn a_place_is_a_circle_an_area_or_wherever_its_parts_are() {
    let square =
        json!({ "type": "Polygon", "coordinates": [[[25.0, 60.0], [25.01, 60.0], [25.01, 60.01], [25.0, 60.01]]] });
    let hours = json!({ "time_zone": "UTC", "windows": [{ "days": ["mo"], "from": "08:00", "to": "18:00" }] });
    let (read, quarantined) = parse(&json!({ "version": "1", "places": [
        { "id": "zone", "name": "Shoes", "parent": "store", "circle": { "latitude": 60.005, "longitude": 25.005, "radius_m": 20 } },
        { "id": "store", "name": "Store", "parent": "chain", "area": square, "hours": hours, "approach_m": 300 },
        { "id": "chain", "name": "Chain" },
        { "id": "fair", "name": "Fair", "area": square, "starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-24T18:00:00Z" },
    ] }));
    assert_eq!(quarantined, []);
    let store = read.place("store").unwrap();
    assert!(store.fence.as_ref().unwrap().edge_m(60.005, 25.005) < -200.0 && store.hours.is_some());
    assert_eq!((store.parent.as_deref(), store.approach_m), (Some("chain"), Some(300)));
    assert!(read.place("chain").unwrap().fence.is_none() && read.place("fair").unwrap().ends_at_ms.is_some());
}

#[test]
fn parents_in_a_circle_take_all_of_it_along() {
    let mut circle = catalogue();
    let id = circle["places"][0]["id"].clone();
    circle["places"][0]["parent"] = id;
    let (_, quarantined) = parse(&circle);
    assert!(quarantined[0].path == "places[0].parent" && quarantined[0].why.contains("circle"), "{quarantined:?}");
}

#[test]
fn of_two_with_one_id_the_first_stands() {
    let mut twice = catalogue();
    twice["offers"][1]["id"] = json!("bun");
    let (catalogue, aside) = parse(&twice);
    assert_eq!(catalogue.offer("bun").unwrap().text.title, "A bun");
    assert_eq!((aside[0].path.as_str(), aside[0].id.as_deref()), ("offers[1].id", Some("bun")));
}

#[test]
fn a_wrong_type_is_told_by_line_and_column_of_the_whole_text() {
    let text = "{\"version\":\"1\",\n\"offers\":[\n  {\"id\":\"a\",\n   \"title\": 7}]}";
    let (_, aside) = OfferCatalogue::parse(text.as_bytes()).unwrap();
    assert_eq!((aside[0].path.as_str(), aside[0].id.as_deref()), ("offers[0]", Some("a")));
    assert!(aside[0].why.ends_with("(line 4, column 13)"), "{}", aside[0].why);
}

fn error(text: impl AsRef<[u8]>) -> CatalogueError {
    OfferCatalogue::parse(text.as_ref()).unwrap_err()
}

#[test]
fn what_is_no_catalogue_says_what_and_where() {
    let truncated = TOWN_JSON[..TOWN_JSON.len() / 2].trim_end();
    let lines = truncated.lines().count();
    assert!(matches!(error(truncated), CatalogueError::Malformed { line, .. } if line == lines));
    assert!(matches!(error(""), CatalogueError::Malformed { .. }));
    assert!(matches!(error("[]"), CatalogueError::Malformed { line: 1, .. }));
    assert!(matches!(error(b"{\n\"version\": \"\xff\"}"), CatalogueError::Malformed { line: 2, column: 13, .. }));
    assert!(matches!(error("[".repeat(1_000_000)), CatalogueError::Malformed { .. }));
    assert!(matches!(error(vec![b' '; MAX_BYTES + 1]), CatalogueError::TooLarge { bytes } if bytes == MAX_BYTES + 1));
    let top = |key: &str, value: Value| {
        let mut spoiled = catalogue();
        spoiled[key] = value;
        error(spoiled.to_string())
    };
    assert!(matches!(top("ttl_s", json!(1)), CatalogueError::Value { path: "ttl_s", .. }));
    assert!(matches!(top("sdk", json!({ "sampling": 1.5 })), CatalogueError::Value { path: "sdk.sampling", .. }));
    assert!(matches!(top("version", json!("")), CatalogueError::Value { path: "version", .. }));
    assert!(matches!(top("offers", json!({})), CatalogueError::Malformed { .. }));
    assert_eq!(
        Error::from(top("ttl_s", json!(1))),
        Error::invalid("catalogue.ttl_s", "is 1; 60 to 604800 seconds are taken")
    );
}

#[test]
fn an_entry_of_a_hundred_thousand_levels_is_set_aside_and_no_crash() {
    let deep = format!("{{\"version\":\"1\",\"offers\":[{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(OfferCatalogue::parse(deep.as_bytes()).unwrap().1.len(), 1);
    let deep = format!(
        r#"{{"version":"1","offers":[{{"id":"a","title":"a","benefit":{}{}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(OfferCatalogue::parse(deep.as_bytes()).unwrap().1.len(), 1);
}

#[test]
fn more_than_ten_thousand_of_anything_is_refused() {
    let many = |n: usize| format!("{{\"version\":\"1\",\"partners\":[{}]}}", vec!["{}"; n].join(","));
    assert!(matches!(error(many(MAX_ITEMS + 1)), CatalogueError::Malformed { why, .. } if why.contains("10000")));
    assert_eq!(OfferCatalogue::parse(many(MAX_ITEMS).as_bytes()).unwrap().1.len(), MAX_ITEMS);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = OfferCatalogue::parse(&bytes);
    }

    #[test]
    fn a_catalogue_with_any_bytes_in_it_is_read_or_refused(at in 0..TOWN_JSON.len(), bytes in prop::collection::vec(any::<u8>(), 0..8)) {
        let mut hurt = TOWN_JSON.as_bytes().to_vec();
        let end = (at + bytes.len()).min(hurt.len());
        hurt.splice(at..end, bytes);
        if let Ok((catalogue, aside)) = OfferCatalogue::parse(&hurt) {
            prop_assert!(catalogue.offers.len() + aside.len() <= 26);
        }
    }
}
