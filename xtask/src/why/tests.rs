use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use patron_core::consent::{Gate, PurposeKind, Sha};
use patron_core::offer::{
    DecisionInput, DecisionRecord, Freshness, History, Moments, OfferCatalogue, Person, Shopper, Wanted, Wishes, decide,
};
use serde_json::json;
use uuid::Uuid;

use super::account::Account;
use super::find;

const NOON_MS: i64 = 1_795_435_200_000;

/// Three offers: one that the shopper wishes for, one for others, one that was put away.
fn shop() -> Vec<u8> {
    let offer = |id: &str, title: &str| json!({ "id": id, "title": title, "benefit": { "kind": "service" } });
    let mut gold = offer("lounge", "The lounge is open for you");
    gold["audience"] = json!({ "and": [{ "segment": "gold" }, { ">=": [{ "visits": ["market", 30] }, 3] }] });
    let offers = [offer("beans", "Coffee beans of the week"), gold, offer("scarf", "A scarf to try on")];
    json!({ "version": "shop-1", "places": [{ "id": "market", "name": "the market",
            "circle": { "latitude": 60.17, "longitude": 24.95, "radius_m": 50 } }], "offers": offers })
    .to_string()
    .into_bytes()
}

fn kept(body: &[u8]) -> DecisionRecord {
    let (catalogue, quarantined) = OfferCatalogue::parse(body).unwrap();
    assert!(quarantined.is_empty(), "{quarantined:?}");
    let mut wishes = Wishes::NEW;
    wishes.add("coffee", &[], None, NOON_MS).unwrap();
    let input = DecisionInput {
        catalogue: &catalogue,
        freshness: Freshness::Fresh,
        gate: &Gate::new(1, PurposeKind::ALL),
        visits: &[],
        position: None,
        now_ms: NOON_MS,
        dismissed: &BTreeSet::from(["scarf".to_owned()]),
        placement: Some("home"),
        locale: "en",
    };
    let shopper = Shopper {
        installation: Uuid::nil(),
        person: &Person::NEW,
        moments: &Moments::NEW,
        wanted: &Wanted::new(&wishes, &catalogue),
        history: &History::NEW,
        zone: &TimeZone::UTC,
        asked: true,
    };
    DecisionRecord::new(Uuid::from_u128(7), Sha::of(body), &input, &shopper, &decide(&input, &shopper))
}

fn account(offer: Option<&str>, most: usize) -> Account {
    let body = shop();
    let (catalogue, _) = OfferCatalogue::parse(&body).unwrap();
    Account::of(&kept(&body), &catalogue, Sha::of(&body), offer, most).unwrap()
}

#[test]
fn a_decision_is_a_tree_of_what_showed_and_what_did_not() {
    insta::assert_snapshot!(account(None, 20).tree());
}

#[test]
fn what_is_too_much_is_counted_and_one_offer_can_be_asked_for() {
    assert!(account(None, 1).tree().contains("and 1 more; --all tells of each"));
    let json = account(Some("beans"), 20).json();
    assert_eq!((&json["same"], &json["not_shown"]), (&json!(true), &json!([])));
    assert_eq!(json["shown"][0]["offer"], "beans");
}

#[test]
fn another_catalogue_is_refused_in_words() {
    let (body, other) = (shop(), [shop(), b"\n".to_vec()].concat());
    let (catalogue, _) = OfferCatalogue::parse(&other).unwrap();
    let refused = Account::of(&kept(&body), &catalogue, Sha::of(&other), None, 20).map(|_| ()).unwrap_err();
    assert!(refused.to_string().starts_with("the decision was on another catalogue"), "{refused}");
}

#[test]
fn the_beginning_of_an_id_is_enough_where_it_is_one() {
    let records = [kept(&shop())];
    assert!(find(&records, "0000").is_ok());
    assert!(find(&records, "f").unwrap_err().to_string().starts_with("no decision f"));
    let twice = [records[0].clone(), records[0].clone()];
    assert!(find(&twice, "0000").unwrap_err().to_string().contains("several"));
}
