//! Bytes as the offer catalogue, and every question that can be asked of one that was taken.

use std::collections::BTreeSet;

use patron_core::consent::{Gate, PurposeKind};
use patron_core::offer::{
    DecisionInput, Freshness, OfferCatalogue, Outlook, Phone, Position, Shopper, blockers, cards, decide,
    next_change_ms, why,
};
use patron_core::place::Places;
use patron_core::sandbox::TOWN_JSON;
use serde_json::{Value, json};

use crate::Target;
use crate::input::Input;

pub(crate) const TARGET: Target = Target {
    name: "catalogue",
    promise: "any bytes are a catalogue, its bad entries apart, or an error with its place; every offer is explained as it is decided",
    max_len: 8192,
    words: &[
        "\"version\":",
        "\"ttl_s\":",
        "\"sdk\":{",
        "\"sampling\":",
        "\"off\":",
        "\"partners\":[",
        "\"places\":[",
        "\"offers\":[",
        "\"id\":",
        "\"name\":",
        "\"partner\":",
        "\"circle\":{",
        "\"latitude\":",
        "\"longitude\":",
        "\"radius_m\":",
        "\"dwell_s\":",
        "\"priority\":",
        "\"placements\":[",
        "\"title\":",
        "\"body\":",
        "\"benefit\":{",
        "\"kind\":",
        "\"percent\":",
        "\"texts\":{",
        "\"schedule\":{",
        "\"zone\":",
        "\"windows\":[",
        "\"days\":[",
        "\"from\":",
        "\"to\":",
        "\"starts_at\":",
        "\"expires_at\":",
        "\"fi\":",
        "\"mon\"",
        "\"24:00\"",
        "\"Europe/Helsinki\"",
        "1e308",
        "-0.0",
        "null",
        "\\u0000",
        "9999-12-31T23:59:59Z",
    ],
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let now_ms = input.i64();
    let bytes = input.rest();
    let Ok((catalogue, quarantined)) = OfferCatalogue::parse(bytes) else { return };
    for entry in &quarantined {
        assert!(!entry.path.is_empty() && !entry.why.is_empty(), "{entry:?}");
    }
    let entries = |list: &str| serde_json::from_slice::<Value>(bytes).ok()?[list].as_array().map(Vec::len);
    let given: Option<usize> = ["partners", "places", "offers"].map(entries).into_iter().map(|n| n.or(Some(0))).sum();
    let kept = catalogue.partners.len() + catalogue.places.len() + catalogue.offers.len();
    // Deeply nested or oddly numbered JSON may read as entries and not as one value.
    if let Some(given) = given.filter(|given| *given > 0) {
        assert_eq!(kept + quarantined.len(), given, "an entry is neither kept nor quarantined");
    }
    let gate = Gate::new(1, PurposeKind::ALL);
    let position = Some(Position { latitude: 60.1675, longitude: 24.9525, accuracy_m: 8.0 });
    let dismissed = BTreeSet::new();
    let question = DecisionInput {
        catalogue: &catalogue,
        freshness: Freshness::of(0, catalogue.ttl_s),
        gate: &gate,
        visits: &[],
        position,
        now_ms,
        dismissed: &dismissed,
        placement: Some("home"),
        locale: "fi-FI",
    };
    let shopper = Shopper::unknown();
    let decision = decide(&question, &shopper);
    assert!(cards(&question, &shopper, &decision).len() <= decision.chosen.len());
    for (at, offer) in catalogue.offers.iter().enumerate() {
        let told = why(&question, &shopper, &offer.id).expect("an offer of the catalogue is explained");
        assert_eq!(told.shown, decision.chosen.contains(&at), "{}: explained otherwise than decided", offer.id);
    }
    blockers(Some(&question), &shopper, "fi", Outlook { online: true, key_refused: false }, &Phone::default());
    if let Some(next) = next_change_ms(&catalogue, now_ms) {
        assert!(next > now_ms, "time stands still at {next}");
    }
    Places::new(catalogue.places.clone()).index().query(60.1675, 24.9525, 1_000.0, |_, _| {});
}

fn seeds() -> Vec<Vec<u8>> {
    let at =
        |catalogue: &Value| [1_795_420_800_000_i64.to_le_bytes().as_slice(), catalogue.to_string().as_bytes()].concat();
    let town: Value = serde_json::from_str(TOWN_JSON).expect("the town is JSON");
    let mut hamlet = town.clone();
    for list in ["partners", "places", "offers"] {
        hamlet[list].as_array_mut().expect("a list").truncate(2);
    }
    let mut seeds = vec![at(&hamlet), at(&json!({"version": "1"}))];
    // Each offer of the town by itself: every kind of benefit and schedule, in few bytes.
    for offer in town["offers"].as_array().expect("a list") {
        let mut lone = offer.clone();
        for field in ["places", "partner", "texts"] {
            lone.as_object_mut().expect("an object").remove(field);
        }
        seeds.push(at(&json!({"version": "1", "ttl_s": 60, "offers": [lone]})));
    }
    seeds
}
