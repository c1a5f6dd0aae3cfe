//! Offers that are none of a shopper's business, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use uuid::Uuid;

use super::draw::some;
use super::scene::Scene;
use super::*;

const HOUR: i64 = 3_600_000;

/// The ways in which an offer may be none of the shopper's business.
const WAYS: [&str; 14] = [
    "expired",
    "not begun",
    "closed",
    "dismissed",
    "refused",
    "resting",
    "a topic",
    "elsewhere",
    "not there",
    "a segment",
    "a rule",
    "another arm",
    "shown enough",
    "asked for alone",
];

/// Makes an offer irrelevant in one of many ways, whatever else it is. `false`: it fits nobody better than anything
/// does, so that it comes last, if at all.
pub(super) fn make_irrelevant(rng: &mut Rng, scene: &mut Scene, new: &mut Offer) -> bool {
    let (now, id) = (scene.now_ms, new.id.clone());
    match some(rng, &WAYS) {
        "expired" => new.expires_at_ms = Some(now - rng.i64(0..HOUR)),
        "not begun" => new.starts_at_ms = Some(now + 1 + rng.i64(0..HOUR)),
        "closed" => new.schedule = Some(Arc::new(never())),
        "dismissed" => drop(scene.dismissed.insert(id)),
        "refused" => scene.moments.refuse(Refusal::Offer(&id)).unwrap(),
        "resting" => scene.moments.rest(&id, now).unwrap(),
        "a topic" => {
            new.topics.push("a-topic-of-its-own".to_owned());
            scene.moments.refuse(Refusal::Topic("a-topic-of-its-own")).unwrap();
        }
        "elsewhere" if scene.placement.is_some() => new.placements = vec!["elsewhere".to_owned()],
        "not there" if scene.visits.is_empty() => new.places = vec!["here".to_owned(), "there".to_owned()],
        "a segment" => new.audience = Some(rule(r#"{"segment":"of nobody"}"#)),
        "a rule" => new.audience = Some(rule(r#"{"!":{"in":[{"var":"tier"},["gold"]]}}"#)),
        "another arm" => new.experiment = Some(not_ours(scene.installation)),
        "shown enough" => {
            new.caps = vec![Cap { times: 1, hours: 2 }];
            let partner = new.partner.clone();
            assert!(scene.history.saw(Impression { offer: id, partner, at_ms: now - HOUR, asked: false }));
        }
        "asked for alone" if !scene.asked => new.triggers = vec![Trigger::Pull],
        _ => {
            (new.places, new.topics, new.value, new.priority) = (Vec::new(), Vec::new(), 0, -1);
            (new.expires_at_ms, new.schedule, new.keywords) = (None, None, Vec::new());
            (new.partner_kind, new.texts) = (None, BTreeMap::new());
            new.text = LocalText { title: "Nothing in particular".to_owned(), body: String::new() };
            return false;
        }
    }
    true
}

fn rule(json: &str) -> Arc<rule::Rule> {
    Arc::new(rule::Rule::parse(json).unwrap())
}

/// Hours that were open on one day long ago.
fn never() -> Schedule {
    let json =
        r#"{"time_zone":"UTC","windows":[{"days":["mo"],"from":"00:00","to":"24:00"}],"only_dates":["2001-01-01"]}"#;
    Schedule::from_json(json).unwrap()
}

/// A trial in whose other arm this installation is.
fn not_ours(installation: Uuid) -> Arc<Experiment> {
    let arms = ["a", "b"].map(|id| Arm { id: id.to_owned(), weight: 45 });
    let mut trial = Experiment { id: "of two".to_owned(), holdout: 10, arms: arms.into(), arm: Some(0) };
    if trial.allot(&installation.to_string()) == Allotment::Arm(0) {
        trial.arm = Some(1);
    }
    Arc::new(trial)
}
