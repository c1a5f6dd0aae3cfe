//! A decision that was kept is taken again, and comes to the same.

use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::{ALL, PERSONAL, Scene};
use super::*;
use crate::consent::{PurposeKind, Sha};
use crate::sandbox::TOWN_JSON;

fn town(kinds: &[PurposeKind]) -> Scene {
    let mut scene = Scene::town().granted(kinds).at(&["lumi-market"]);
    scene.position = Some(Position { latitude: 60.168_123_456_789, longitude: 24.947_1, accuracy_m: 8.3 });
    scene.placement = Some("home");
    scene.asked = false;
    scene.wish("coffee");
    scene.person.facts = json!({ "secret": "chess" });
    scene.moments.refuse(Refusal::Offer("lumi-bun")).unwrap();
    scene.moments.set_daily(Some(4)).unwrap();
    scene.dismissed.insert("aarre-mend".into());
    scene.saw("lumi-cup", 5, false);
    scene
}

fn record(scene: &Scene) -> DecisionRecord {
    let (id, hash) = (Uuid::from_u128(9), Sha::of(TOWN_JSON.as_bytes()));
    DecisionRecord::new(id, hash, &scene.input(), &scene.shopper(), &scene.decision())
}

#[test]
fn a_kept_decision_is_taken_again_and_comes_to_the_same() {
    let hash = Sha::of(TOWN_JSON.as_bytes());
    for kinds in [&[][..], ALL, PERSONAL] {
        let scene = town(kinds);
        let kept = record(&scene);
        let again: DecisionRecord = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        assert_eq!(again, kept);
        let replayed = again.replay(&scene.catalogue, hash).unwrap();
        assert!(replayed.same);
        assert_eq!(replayed.decision, scene.decision());
        let ids: Vec<String> = again.chosen.iter().map(|chosen| chosen.offer.clone()).collect();
        assert_eq!(ids, scene.cards());
        let mut told = Vec::new();
        again
            .restore(&scene.catalogue, hash, &mut |input, shopper| {
                told = scene.catalogue.offers.iter().map(|offer| why(input, shopper, &offer.id).unwrap()).collect();
            })
            .unwrap();
        assert_eq!(told, scene.catalogue.offers.iter().map(|offer| scene.why(&offer.id)).collect::<Vec<_>>());
    }
}

#[test]
fn nothing_is_kept_that_was_not_to_be_looked_at() {
    let scene = town(&[PurposeKind::PartnerOffers]);
    let inputs: Value = serde_json::from_str(record(&scene).inputs()).unwrap();
    assert_eq!((&inputs["visits"], &inputs["position"], &inputs["person"]), (&json!([]), &Value::Null, &Value::Null));
    assert!(record(&town(PERSONAL)).inputs().contains("chess"));
}

#[test]
fn another_catalogue_other_rules_and_a_damaged_record_are_told_apart() {
    let scene = town(ALL);
    let (kept, hash) = (record(&scene), Sha::of(TOWN_JSON.as_bytes()));
    assert_eq!(kept.replay(&scene.catalogue, Sha::NONE), Err(ReplayError::OtherCatalogue { wanted: hash }));
    let changed = |key: &str, value: Value| {
        let mut document = kept.to_value();
        document[key] = value;
        DecisionRecord::from_value(&document).replay(&scene.catalogue, hash)
    };
    assert_eq!(changed("rules", json!(1)), Err(ReplayError::OtherRules { version: 1 }));
    let other = kept.inputs().replace("\"asked\":false", "\"asked\":true");
    assert_eq!(changed("inputs", json!(other)), Err(ReplayError::Damaged));
    assert!(!changed("outcome", json!("0".repeat(64))).unwrap().same);
    let nonsense = DecisionRecord::from_value(&json!(3));
    assert_eq!(nonsense.replay(&scene.catalogue, hash), Err(ReplayError::OtherRules { version: 0 }));
}

#[test]
fn the_same_inputs_have_the_same_digest() {
    assert_eq!(record(&town(ALL)).digest, record(&town(ALL)).digest);
    assert_ne!(record(&town(ALL)).digest, record(&town(PERSONAL)).digest);
    let size = record(&town(PERSONAL)).to_value().to_string().len();
    assert!(size < 3_000, "{size} bytes");
}
