//! On which terms an offer is redeemed, and whose goes first between equals.

use serde_json::{Value, json};

use super::scene::{Scene, ms};
use super::*;
use crate::consent::PurposeKind;

/// 12:00 on a Sunday in Helsinki.
const NOW: &str = "2026-11-22T10:00:00Z";

fn offer(terms: &Value) -> Value {
    json!({ "id": "cup", "title": "Cup", "benefit": { "kind": "service" }, "expires_at": "2026-12-24T12:00:00Z", "terms": terms })
}

fn flaw(terms: &Value) -> Option<(String, String)> {
    let places =
        json!([{ "id": "here", "name": "Here", "circle": { "latitude": 60.0, "longitude": 25.0, "radius_m": 50 } }]);
    let document = json!({ "version": "1", "places": places, "offers": [offer(terms)] });
    let (catalogue, mut quarantined) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(catalogue.offers.is_empty(), !quarantined.is_empty());
    quarantined.pop().map(|entry| (entry.path.trim_start_matches("offers[0].").to_owned(), entry.why))
}

fn whole() -> Value {
    json!({ "description": "With any filter coffee.", "descriptions": { "FI": "Minkä tahansa suodatinkahvin kanssa." },
            "available_at_or_from": ["here", "there"], "valid_from": "2026-11-23T06:00:00Z",
            "valid_through": "2026-12-24T12:00:00Z", "times": 1, "grant": "eyJhbGciOiJFZERTQSJ9.e30.c2ln" })
}

fn card(terms: &Value, locale: &'static str) -> RedemptionTerms {
    let mut scene = Scene::offers(&json!([offer(terms)]));
    scene.locale = locale;
    assert_eq!(scene.now_ms, ms(NOW));
    scene.shown().pop().unwrap().terms.unwrap()
}

#[test]
fn a_card_has_the_terms_in_words_and_the_grant_as_it_came() {
    let terms = card(&whole(), "en");
    assert_eq!(terms.text, "With any filter coffee.");
    assert_eq!(
        terms.summary,
        "Good once. Good at HERE, THERE. Good from 08:00 on 23 November on. Good until 14:00 on 24 December."
    );
    assert_eq!(terms.stores, ["here", "there"]);
    assert_eq!((terms.from_ms, terms.until_ms), (Some(ms("2026-11-23T06:00:00Z")), Some(ms("2026-12-24T12:00:00Z"))));
    assert_eq!((terms.times, terms.grant.as_deref()), (Some(1), Some("eyJhbGciOiJFZERTQSJ9.e30.c2ln")));
}

#[test]
fn the_terms_are_in_the_shoppers_language() {
    let terms = card(&whole(), "fi-FI");
    assert_eq!(terms.text, "Minkä tahansa suodatinkahvin kanssa.");
    assert!(terms.summary.starts_with("Käy kerran. Käy täällä: HERE, THERE."), "{}", terms.summary);
}

#[test]
fn what_limits_nothing_says_nothing() {
    let terms = card(&json!({}), "en");
    assert_eq!((terms.summary.as_str(), terms.text.as_str(), terms.times), ("", "", None));
    let begun = card(&json!({ "valid_from": "2026-11-01T00:00:00Z", "times": 3 }), "en");
    assert_eq!((begun.summary.as_str(), begun.from_ms), ("Good up to 3 times.", None), "it has begun");
    let scene = Scene::offers(&json!([{ "id": "o", "title": "o", "benefit": { "kind": "service" } }]));
    assert_eq!(scene.shown()[0].terms, None);
}

#[test]
fn no_offer_shows_longer_than_it_can_be_redeemed() {
    let ends = |at: &str| flaw(&json!({ "valid_through": at }));
    assert_eq!(ends("2026-12-24T12:00:00Z"), None, "both at once");
    let why = "is before the offer's end: it would show when it is good no more";
    assert_eq!(ends("2026-12-24T11:59:59Z"), Some(("terms.valid_through".into(), why.into())));
    let mut endless = offer(&json!({ "valid_through": "2026-12-24T12:00:00Z" }));
    endless["expires_at"] = Value::Null;
    let document = json!({ "version": "1", "offers": [endless] });
    let (_, quarantined) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(quarantined[0].path, "offers[0].terms.valid_through");
}

#[test]
fn terms_that_make_no_sense_set_their_offer_aside() {
    let at = |terms: Value| flaw(&terms).map(|(path, _)| path);
    assert_eq!(
        at(json!({ "available_at_or_from": ["here", "nowhere"] })).as_deref(),
        Some("terms.available_at_or_from[1]")
    );
    assert_eq!(at(json!({ "available_at_or_from": vec!["here"; 65] })).as_deref(), Some("terms.available_at_or_from"));
    assert_eq!(at(json!({ "times": 0 })).as_deref(), Some("terms.times"));
    assert_eq!(at(json!({ "times": 1_001 })).as_deref(), Some("terms.times"));
    assert_eq!(at(json!({ "valid_from": "tomorrow" })).as_deref(), Some("terms.valid_from"));
    let backwards = json!({ "valid_from": "2027-01-01T00:00:00Z", "valid_through": "2026-12-31T00:00:00Z" });
    assert_eq!(at(backwards).as_deref(), Some("terms.valid_through"));
    assert_eq!(at(json!({ "description": "x".repeat(4_001) })).as_deref(), Some("terms.description"));
    assert_eq!(at(json!({ "descriptions": { "fi": "x".repeat(4_001) } })).as_deref(), Some("terms.descriptions.fi"));
    for grant in [String::new(), "a b".into(), "ä".into(), "line\nfeed".into(), "x".repeat(2_049)] {
        assert_eq!(at(json!({ "grant": grant })).as_deref(), Some("terms.grant"), "{grant:?}");
    }
    assert_eq!(at(json!({ "grant": "x".repeat(2_048) })), None);
    assert_eq!(at(json!("once")).as_deref(), Some("terms"));
}

#[test]
fn between_equals_a_local_partners_goes_first_and_priority_goes_before_that() {
    let offer = |id: &str, partner: Option<&str>, priority: i32| json!({ "id": id, "title": id, "partner": partner, "priority": priority, "benefit": { "kind": "service" } });
    let document = json!({ "version": "1",
        "partners": [{ "id": "far", "name": "Far" }, { "id": "near", "name": "Near", "kind": "local" }],
        "offers": [offer("a", None, 0), offer("b", Some("far"), 0), offer("c", Some("near"), 0), offer("d", Some("far"), 1)] });
    let scene = Scene::of(&document.to_string()).granted(&[PurposeKind::PartnerOffers]);
    assert_eq!(scene.cards(), ["d", "c", "a", "b"]);
    let kinds: Vec<_> = scene.shown().iter().map(|card| card.partner_kind).collect();
    let far = Some(PartnerKind::National);
    assert_eq!(kinds, [far, Some(PartnerKind::Local), None, far]);
}
