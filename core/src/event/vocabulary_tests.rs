//! The vocabulary as a whole: what the door lets in, and what the published schema says of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kind::Kind;
use super::*;
use crate::Money;
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};
use crate::error::Error;
use crate::place::{Transition, TransitionKind, Witness};
use crate::sync::wire::{CloudEvent, EventBatch};

/// What consumers validate with; the gate `schema` holds it to the types.
static PUBLISHED: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../../docs/schema/events-1.json")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

pub(super) const NOW: Now = Now { wall_ms: 1_795_420_800_000, mono_ms: 5_000, boot: Uuid::from_u128(2) };

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".into() }
}

pub(super) fn line(sku: &str, quantity: i64, unit_price_minor: i64) -> PurchaseLine {
    PurchaseLine { sku: sku.into(), quantity, unit_price_minor }
}

fn bought(lines: Vec<PurchaseLine>, total: Money) -> Engagement {
    Engagement::Purchased { order: "A-1".into(), lines, total, place: None, partner: None }
}

/// Each kind, with all that it can say and with as little as it may.
fn samples() -> Vec<Engagement> {
    let offer = || "lumi-cup".to_owned();
    let (lumi, market) = (|| some("lumi"), || some("lumi-market"));
    vec![
        Engagement::Impression { offer: offer() },
        Engagement::Clicked { offer: offer() },
        Engagement::Saved { offer: offer() },
        Engagement::Dismissed { offer: offer() },
        Engagement::Shared { offer: offer(), channel: some("message"), partner: lumi() },
        Engagement::Shared { offer: offer(), channel: None, partner: None },
        Engagement::Redeemed {
            offer: offer(),
            order: some("A-1"),
            value: Some(euros(150)),
            place: market(),
            partner: lumi(),
        },
        Engagement::Redeemed { offer: offer(), order: None, value: None, place: None, partner: None },
        Engagement::Purchased {
            order: "A-1".into(),
            lines: vec![line("cup", 2, 645), line("deposit", 1, -40)],
            total: euros(1_250),
            place: market(),
            partner: lumi(),
        },
        bought(vec![], Money { minor: 0, currency: "JPY".into() }),
        Engagement::Searched { query: some("winter \"boots\""), results: Some(0) },
        Engagement::Searched { query: None, results: None },
        Engagement::BadgeEarned { badge: "regular".into(), level: Some(3) },
        Engagement::BadgeEarned { badge: "regular".into(), level: None },
        Engagement::BeaconZone {
            beacon: "till-4".into(),
            zone: Proximity::Immediate,
            place: market(),
            partner: lumi(),
        },
        Engagement::BeaconZone { beacon: "till-4".into(), zone: Proximity::Lost, place: None, partner: None },
        Engagement::Reviewed { about: Topic::Product { id: "cup".into() }, rating: 5, text: some("Warm.\nAgain!") },
        Engagement::Reviewed { about: Topic::Offer { id: offer() }, rating: 1, text: None },
        Engagement::Feedback { about: Some(Topic::Place { id: "lumi-market".into() }), text: "Too loud".into() },
        Engagement::Feedback { about: Some(Topic::Partner { id: "lumi".into() }), text: "☕".into() },
        Engagement::Feedback { about: None, text: "Thank you".into() },
        Engagement::Custom { name: "lab.count".into(), properties: BTreeMap::from([("n".into(), "1".into())]) },
        Engagement::Custom { name: "opened".into(), properties: BTreeMap::new() },
    ]
}

fn visit(kind: TransitionKind) -> Transition {
    Transition {
        kind,
        place: "lumi-market".into(),
        place_name: "Market".into(),
        partner: some("lumi"),
        visit: Uuid::from_u128(8),
        at_ms: NOW.wall_ms - 1_000,
        event: Some(Uuid::from_u128(9)),
        initial: false,
        mock: false,
        by: Witness::Position,
    }
}

fn recorded(event: &Engagement) -> Record {
    let gate = Gate::new(4, PurposeKind::ALL);
    event.record(&gate, Uuid::from_u128(1), NOW, Uuid::from_u128(3)).unwrap().unwrap()
}

/// The batch that carries the record to a backend, unpacked.
fn body(record: &Record) -> Vec<u8> {
    let requests = crate::sync::Requests::new("https://shop.example", "pk", Uuid::from_u128(7));
    let request = requests.events(Uuid::nil(), NOW, None, &[(record, Some(Uuid::from_u128(6)))]).unwrap();
    let packed = request.headers.iter().any(|(name, _)| name == "content-encoding");
    if packed { zstd::bulk::decompress(&request.body, 1 << 20).unwrap() } else { request.body }
}

/// The event as a backend receives it.
pub(super) fn on_the_wire(record: &Record) -> Value {
    serde_json::from_slice::<Value>(&body(record)).unwrap()["events"][0].clone()
}

pub(super) fn complaints(event: &Value) -> Vec<String> {
    PUBLISHED.iter_errors(event).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn what_is_recorded_is_as_the_published_schema_says() {
    for event in samples() {
        assert_eq!(complaints(&on_the_wire(&recorded(&event))), [""; 0], "{event:?}");
    }
    for kind in [TransitionKind::Entered, TransitionKind::Dwelt, TransitionKind::Left, TransitionKind::Passed] {
        for by in Witness::ALL {
            let gate = Gate::new(1, [by.purpose()]);
            let told = Transition { by, ..visit(kind) };
            let record = Record::of_visit(&gate, &told, NOW, Uuid::from_u128(3)).unwrap();
            assert_eq!(complaints(&on_the_wire(&record)), [""; 0], "{kind:?}");
        }
    }
}

#[test]
fn a_visit_is_recorded_under_the_consent_of_whoever_saw_the_shopper_come() {
    for by in Witness::ALL {
        let others = Gate::new(1, PurposeKind::ALL.into_iter().filter(|kind| *kind != by.purpose()));
        let told = Transition { by, ..visit(TransitionKind::Left) };
        assert_eq!(Record::of_visit(&others, &told, NOW, Uuid::from_u128(3)), None, "{by:?}");
        let own = Gate::new(1, [by.purpose()]);
        let record = Record::of_visit(&own, &told, NOW, Uuid::from_u128(3)).unwrap();
        assert_eq!(record.purpose(), by.purpose());
    }
}

#[test]
fn the_event_of_a_visit_says_that_nobody_saw_it_begin_and_that_a_position_was_made_up() {
    let gate = Gate::new(1, PurposeKind::ALL);
    for kind in TransitionKind::ALL {
        for (initial, mock) in [(false, false), (true, false), (false, true), (true, true)] {
            let told = Transition { initial, mock, ..visit(kind) };
            let event = on_the_wire(&Record::of_visit(&gate, &told, NOW, Uuid::from_u128(3)).unwrap());
            assert_eq!(complaints(&event), [""; 0], "{kind:?}");
            let said = |name: &str| event["data"].get(name).cloned();
            let yes = |flag: bool| flag.then_some(Value::Bool(true));
            assert_eq!((said("initial"), said("mock")), (yes(initial), yes(mock)), "absent for no");
        }
    }
    let mut bad = on_the_wire(&Record::of_visit(&gate, &visit(TransitionKind::Left), NOW, Uuid::nil()).unwrap());
    bad["data"]["initial"] = json!("perhaps");
    assert!(!PUBLISHED.is_valid(&bad));
}

#[test]
fn the_published_schema_refuses_what_the_door_would() {
    let with = |event: &Engagement, pointer: &str, value: Value| {
        let mut event = on_the_wire(&recorded(event));
        *event.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        event
    };
    let samples = samples();
    for (sample, pointer, value) in [
        (0, "/data/offer", json!("")),
        (0, "/data/offer", json!(7)),
        (0, "/data", json!({})),
        (0, "/data", json!([])),
        (0, "/purpose", json!("dialogue")),
        (0, "/purpose", json!("gossip")),
        (0, "/specversion", json!("2.0")),
        (0, "/time", json!("yesterday")),
        (0, "/id", json!("7")),
        (0, "/consentepoch", json!(-1)),
        (4, "/data/channel", json!("to my aunt")),
        (6, "/data/value/currency", json!("euro")),
        (6, "/data/value/minor", json!(1.5)),
        (8, "/data/order", Value::Null),
        (8, "/data/lines/0/quantity", json!(0)),
        (8, "/data/lines/1/sku", json!("x".repeat(257))),
        (8, "/data/lines/0/unit_price_minor", json!(i64::MAX)),
        (8, "/data/total/minor", json!(-1)),
        (8, "/data/lines", Value::Array(vec![json!({ "sku": "a", "quantity": 1, "unit_price_minor": 1 }); 251])),
        (10, "/data/query", json!("q".repeat(257))),
        (10, "/data/results", json!(-1)),
        (12, "/data/level", json!(0)),
        (14, "/data/zone", json!("next door")),
        (16, "/data/rating", json!(6)),
        (16, "/data/about/kind", json!("weather")),
        (18, "/data/text", json!("")),
        (21, "/data/properties/n", json!(1)),
    ] {
        let bad = with(&samples[sample], pointer, value.clone());
        assert!(!PUBLISHED.is_valid(&bad), "{} with {value} at {pointer}", samples[sample].type_name());
    }
}

#[test]
fn what_a_later_version_adds_is_not_held_against_an_event() {
    let mut event = on_the_wire(&recorded(&samples()[8]));
    event["data"]["lines"][0]["colour"] = json!("red");
    event["data"]["gift"] = json!({ "wrapped": true });
    event["weather"] = json!("snow");
    assert_eq!(complaints(&event), [""; 0]);
    event["type"] = json!("dev.patron.hologram.seen");
    event["data"] = json!({ "depth": 3 });
    assert_eq!(complaints(&event), [""; 0]);
}

#[test]
fn every_kind_is_in_the_samples_the_schema_and_the_docs() {
    let reported: Vec<Kind> = samples().iter().map(Engagement::kind).collect();
    let schema = include_str!("../../../docs/schema/events-1.json");
    let docs = include_str!("../../../docs/events.md");
    for kind in Kind::ALL {
        let visit = kind.name().starts_with("dev.patron.visit.");
        assert!(visit || reported.contains(kind), "{kind:?} has no sample");
        assert!(schema.contains(&format!("\"const\": \"{}\"", kind.name())), "{kind:?} is not in docs/schema");
        let row = format!("| `{}` | `{:?}` | {:?} |", kind.name(), kind.purpose(), kind.priority()).to_lowercase();
        assert!(docs.to_lowercase().contains(&row), "docs/events.md has no row {row}");
    }
}

#[test]
fn every_event_is_recorded_under_its_own_purpose_and_no_other() {
    for event in samples() {
        let own = Gate::new(1, [event.purpose()]);
        let record = event.record(&own, Uuid::nil(), NOW, Uuid::nil()).unwrap().expect("its own purpose is granted");
        assert_eq!((record.purpose(), record.epoch()), (event.purpose(), 1));
        let others = Gate::new(1, PurposeKind::ALL.into_iter().filter(|kind| *kind != event.purpose()));
        assert_eq!(event.record(&others, Uuid::nil(), NOW, Uuid::nil()), Ok(None), "{event:?}");
    }
}

#[test]
fn the_partner_that_an_event_names_is_in_its_envelope() {
    let partners: Vec<_> = samples().iter().map(|event| on_the_wire(&recorded(event))["partner"].clone()).collect();
    let named: Vec<usize> = partners.iter().enumerate().filter(|(_, p)| **p == "lumi").map(|(at, _)| at).collect();
    assert_eq!(named, [4, 6, 8, 14, 19]);
    assert!(partners.iter().all(|partner| partner.is_null() || partner == "lumi"));
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let redeemed = |value: Money| Engagement::Redeemed {
        offer: "x".into(),
        order: None,
        value: Some(value),
        place: None,
        partner: None,
    };
    let reviewed = |rating, text| Engagement::Reviewed { about: Topic::Product { id: "x".into() }, rating, text };
    let zone = |place, partner| Engagement::BeaconZone { beacon: "b".into(), zone: Proximity::Far, place, partner };
    let most = (1 << 53) - 1;
    for (event, field) in [
        (Engagement::Saved { offer: String::new() }, "event.offer"),
        (Engagement::Impression { offer: "x".repeat(257) }, "event.offer"),
        (Engagement::Clicked { offer: "a\u{0}b".into() }, "event.offer"),
        (Engagement::Shared { offer: "x".into(), channel: some("to my aunt"), partner: None }, "event.channel"),
        (Engagement::Shared { offer: "x".into(), channel: None, partner: some("") }, "event.partner"),
        (redeemed(euros(-1)), "event.value.minor"),
        (redeemed(Money { minor: 1, currency: "EURO".into() }), "event.value.currency"),
        (bought(vec![line("a", 1, 1), line("", 1, 1)], euros(1)), "event.lines[1].sku"),
        (bought(vec![line("a", 1, 1), line("b", 1, 1), line("c", 0, 1)], euros(1)), "event.lines[2].quantity"),
        (bought(vec![line("a", i64::MIN, i64::MIN)], euros(1)), "event.lines[0].quantity"),
        (bought(vec![line("a", 1, most + 1)], euros(1)), "event.lines[0].unit_price_minor"),
        (bought(vec![line("a", 1, i64::MIN)], euros(1)), "event.lines[0].unit_price_minor"),
        (bought(vec![line("a", 1, most), line("b", 1, 1)], euros(1)), "event.lines[1].unit_price_minor"),
        (bought(vec![line("a", 1, 1); 251], euros(1)), "event.lines"),
        (bought(vec![], euros(i64::MAX)), "event.total.minor"),
        (bought(vec![], Money { minor: 1, currency: "XXX".into() }), "event.total.currency"),
        (Engagement::Searched { query: some(" \n"), results: None }, "event.query"),
        (Engagement::Searched { query: some(&"é".repeat(129)), results: None }, "event.query"),
        (Engagement::Searched { query: None, results: Some(-1) }, "event.results"),
        (Engagement::BadgeEarned { badge: "b".into(), level: Some(0) }, "event.level"),
        (Engagement::BadgeEarned { badge: "".into(), level: None }, "event.badge"),
        (zone(some(""), None), "event.place"),
        (zone(None, some("x\n")), "event.partner"),
        (reviewed(0, None), "event.rating"),
        (reviewed(6, None), "event.rating"),
        (reviewed(5, some("")), "event.text"),
        (Engagement::Reviewed { about: Topic::Offer { id: "".into() }, rating: 5, text: None }, "event.about.id"),
        (Engagement::Feedback { about: None, text: "x".repeat(8_193) }, "event.text"),
        (Engagement::Custom { name: "two words".into(), properties: BTreeMap::new() }, "event.name"),
        (
            Engagement::Custom { name: "x".into(), properties: BTreeMap::from([("k".into(), "v".repeat(32_768))]) },
            "event",
        ),
    ] {
        match event.to_json() {
            Err(Error::InvalidInput { what, .. }) => assert_eq!(what, field, "{event:?}"),
            other => panic!("{event:?} gave {other:?}"),
        }
    }
}

#[test]
fn data_is_json_even_around_quotes() {
    let json = Engagement::Clicked { offer: "a\"b".into() }.to_json().unwrap();
    assert_eq!(json, br#"{"offer":"a\"b"}"#);
}

#[test]
fn what_this_version_does_not_know_is_carried_byte_for_byte() {
    // Written by a later version, found in the ring by this one.
    let data = r#"{ "offer":"cup", "depth":1e400, "gift":{"wrapped":true,"by":[ null ]}, "offer2":"\u00e4" }"#;
    let known = recorded(&Engagement::Saved { offer: "cup".into() });
    let later = Draft {
        id: known.id(),
        kind: "dev.patron.hologram.seen".into(),
        partner: None,
        at: known.at(),
        session: known.session(),
        data: data.as_bytes().to_vec(),
    };
    let later = later.stamped(known.purpose(), known.epoch());
    let found = Record::decode(&later.encode()).unwrap();
    let body = body(&found);
    assert!(String::from_utf8(body.clone()).unwrap().contains(data));
    // A backend that reads the types and writes them again.
    let batch: EventBatch = serde_json::from_slice(&body).unwrap();
    let event: &CloudEvent = &batch.events[0];
    assert_eq!((event.kind.as_str(), event.data.get()), ("dev.patron.hologram.seen", data));
}
