//! What fits the shopper, who an offer is for, and what is said of both.

use serde_json::{Value, json};

use super::scene::{ALL, PERSONAL, Scene, ms};
use super::*;
use crate::consent::{Purpose, PurposeKind};

fn offer(id: &str, more: &Value) -> Value {
    let mut offer = json!({ "id": id, "title": id, "benefit": { "kind": "access" } });
    offer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    offer
}

#[test]
fn a_wish_goes_before_the_place_the_place_before_affinity_and_all_before_priority() {
    let mut scene = Scene::offers(&json!([
        offer("wished", &json!({ "title": "Running shoes for the cold" })),
        offer("near", &json!({ "places": ["here"] })),
        offer("liked", &json!({ "topics": ["tea"] })),
        offer("rich", &json!({ "priority": 1_000, "value": 100 })),
        offer("poor", &json!({})),
    ]))
    .granted(PERSONAL)
    .at(&["here"]);
    scene.wish("runner's shoe");
    scene.person.affinities.insert("tea".into(), 80);
    assert_eq!(scene.cards(), ["wished", "near", "liked", "rich", "poor"]);
    assert_eq!(scene.shown()[0].because, "You wished for “runner's shoe”.");
    let points = |id: &str| scene.why(id).parts.iter().map(|part| (part.part, part.points)).collect::<Vec<_>>();
    assert_eq!(points("wished"), [(ScorePart::Wish, 500)]);
    assert_eq!(points("near"), [(ScorePart::Presence, 200)]);
    assert_eq!(points("liked"), [(ScorePart::Affinity, 75)]);
    assert_eq!(points("rich"), [(ScorePart::Value, 20)]);
    assert_eq!(points("poor"), []);
    assert_eq!(scene.why("liked").parts[0].text, "You like this topic: tea.");
}

#[test]
fn an_affinity_counts_only_with_a_grant_of_looking_at_the_person() {
    let offers = json!([offer("a", &json!({})), offer("b", &json!({ "topics": ["tea"] }))]);
    let mut scene = Scene::offers(&offers).granted(ALL);
    scene.person.affinities.insert("tea".into(), 100);
    assert_eq!(scene.cards(), ["a", "b"]);
    assert_eq!(scene.granted(PERSONAL).cards(), ["b", "a"]);
}

#[test]
fn an_audience_is_looked_at_only_with_a_grant_and_says_so_without() {
    let offers = json!([offer("a", &json!({ "audience": { "segment": "runners" } }))]);
    let mut scene = Scene::offers(&offers).granted(ALL);
    scene.person.segments.insert("runners".into(), true);
    assert!(scene.cards().is_empty());
    let consent = scene.why("a").reasons.into_iter().find(|reason| !reason.holds).unwrap();
    assert_eq!(consent.fact, Fact::Consent(PurposeKind::Personalisation));
    assert_eq!(consent.remedy.as_deref(), Some("Say yes to personal offers."));
    let asks = blockers(
        Some(&scene.input()),
        &scene.shopper(),
        "en",
        Outlook { online: true, key_refused: false },
        &scene.phone,
    );
    assert_eq!(asks.iter().map(|b| b.purpose.clone()).collect::<Vec<_>>(), [Some(Purpose::Personalisation)]);
    assert!(audience_trace(&scene.input(), &scene.shopper(), "a").is_none(), "nothing personal is looked at");
    assert_eq!(scene.granted(PERSONAL).cards(), ["a"]);
}

#[test]
fn who_is_not_known_to_be_in_an_audience_is_not_and_is_told_which() {
    let offers = json!([offer("a", &json!({ "audience": { "segment": "runners" } }))]);
    let mut scene = Scene::offers(&offers).granted(PERSONAL);
    let told = |scene: &Scene| scene.why("a").summary;
    assert_eq!(
        told(&scene),
        "Not shown. It is for some shoppers, and too little is known to say that you are among them."
    );
    scene.person.segments.insert("runners".into(), false);
    assert_eq!(told(&scene), "Not shown. It is for others.");
    assert_eq!(scene.blockers(), [BlockerKind::ForOthers]);
    scene.person.segments.insert("runners".into(), true);
    assert_eq!(told(&scene), "You said yes to personal offers, and you are among those it is for.");
}

#[test]
fn rules_see_the_person_the_time_and_where_the_shopper_is() {
    for (rule, expected) in [
        (json!({ ">=": [{ "var": "age" }, 18] }), true),
        (json!({ ">=": [{ "var": "age" }, 60] }), false),
        (json!({ ">=": [{ "visits": ["here", 30] }, 2] }), true),
        (json!({ ">=": [{ "visits": ["here", 1] }, 2] }), false),
        (json!({ "==": [{ "visits": ["there", 30] }, 0] }), true),
        (json!({ ">": [{ "count": ["dev.patron.offer.saved", 7] }, 0] }), true),
        (json!({ "between_times": ["11:30", "12:30"] }), true),
        (json!({ "between_times": ["22:00", "08:00"] }), false),
        (json!({ "==": [{ "var": "context.asked" }, true] }), true),
        (json!({ "==": [{ "var": "secrets.pin" }, 1] }), false),
    ] {
        let mut scene = Scene::offers(&json!([offer("a", &json!({ "audience": rule }))])).granted(PERSONAL);
        let day = 86_400_000;
        scene.person.facts = json!({ "age": 30 });
        scene.person.counted = true;
        scene.person.visits.insert("here".into(), vec![scene.now_ms - 9 * day, scene.now_ms - 3 * day]);
        scene.person.events.insert("dev.patron.offer.saved".into(), vec![scene.now_ms - day]);
        assert_eq!(scene.verdict("a").in_audience, expected, "{rule}");
    }
}

#[test]
fn a_rule_that_looks_at_the_clock_is_judged_anew_each_quarter() {
    let clocked = json!([offer("a", &json!({ "audience": { "between_times": ["22:00", "08:00"] } }))]);
    let scene = Scene::offers(&clocked);
    assert_eq!(next_change_ms(&scene.catalogue, ms("2026-11-22T10:07:00Z")), Some(ms("2026-11-22T10:15:00Z")));
    let plain = Scene::offers(&json!([offer("a", &json!({ "audience": { "segment": "x" } }))]));
    assert_eq!(next_change_ms(&plain.catalogue, plain.now_ms), None);
}

#[test]
fn a_trial_shows_an_offer_to_its_arm_alone_and_says_so() {
    let trial = |holdout: u8, arm: Option<&str>| {
        json!({ "experiment": { "id": "t", "holdout": holdout, "arm": arm,
                                "arms": [{ "id": "a", "weight": 50 }, { "id": "b", "weight": 50 - holdout }] } })
    };
    let offers = json!([
        offer("one", &trial(10, Some("a"))),
        offer("two", &trial(10, Some("b"))),
        offer("both", &trial(10, None)),
    ]);
    let mut scene = Scene::offers(&offers);
    let mut seen = [0; 3];
    for n in 0..500_u128 {
        scene.installation = uuid::Uuid::from_u128(n << 64 | n);
        let shown = scene.cards();
        match shown.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => seen[0] += 1,
            ["both", "one"] => seen[1] += 1,
            ["both", "two"] => seen[2] += 1,
            other => panic!("{other:?}"),
        }
        let told = scene.why("one").reasons.into_iter().find(|reason| reason.fact == Fact::Experiment).unwrap();
        assert_eq!(told.holds, shown.contains(&"one".to_owned()));
    }
    assert!(seen[0] > 20 && seen[1] > 200 && seen[2] > 150, "{seen:?}");
}

#[test]
fn the_words_are_there_in_finnish_too() {
    let mut scene = Scene::offers(&json!([offer("a", &json!({ "topics": ["kahvi"] }))]));
    scene.wish("kahvia");
    scene.locale = "fi-FI";
    assert_eq!(scene.shown()[0].because, "Toivoit: ”kahvia”.");
    scene.asked = false;
    scene.moments.set_only_when_asked(true);
    assert_eq!(scene.why("a").summary, "Ei näytetä. Haluat etuja vain pyydettäessä.");
}

#[test]
fn a_topic_is_the_same_however_it_is_written() {
    let mut person = Person::NEW;
    person.drawn_to("Cold weather  Running", 80);
    person.drawn_to("cold-weather-running", 140);
    assert_eq!(person.affinities.into_iter().collect::<Vec<_>>(), [("cold-weather-running".to_owned(), 100)]);
}

#[test]
fn what_keeps_offers_of_others_away_is_no_blocker_of_this_shoppers() {
    let runners = json!({ "segment": "runners" });
    let mine = |scene: &mut Scene, is: bool| scene.person.segments.extend([("runners".to_owned(), is)]);
    let of = |more: serde_json::Value| {
        let mut more = more;
        more["audience"] = runners.clone();
        Scene::offers(&json!([offer("a", &more)])).granted(PERSONAL)
    };
    let refused = |mut scene: Scene| {
        scene.moments.refuse(Refusal::Offer("a")).unwrap();
        scene
    };
    let seen = |mut scene: Scene| {
        scene.saw("a", 60, true);
        scene
    };
    let personal = [PurposeKind::PartnerOffers, PurposeKind::Personalisation];
    for (mut scene, kind) in [
        (refused(of(json!({}))), BlockerKind::Refused),
        (seen(of(json!({ "caps": [{ "times": 1, "hours": 24 }] }))), BlockerKind::ShownEnough),
        (of(json!({ "places": ["here"] })), BlockerKind::NoPosition),
        (of(json!({ "places": ["here"] })).granted(&personal), BlockerKind::ConsentMissing),
    ] {
        mine(&mut scene, true);
        assert_eq!(scene.blockers(), [kind]);
        mine(&mut scene, false);
        let left = scene.blockers();
        assert!(!left.contains(&kind), "{kind:?}: {left:?}");
    }
    // A rule of the shopper's own is about whatever there is.
    let mut snoozed = of(json!({}));
    snoozed.asked = false;
    snoozed.moments.snooze(snoozed.now_ms + 1, snoozed.now_ms).unwrap();
    mine(&mut snoozed, false);
    assert_eq!(snoozed.blockers(), [BlockerKind::Snoozed, BlockerKind::ForOthers]);
}

#[test]
fn a_rule_about_a_distance_asks_for_the_position_and_says_when_it_is_too_far() {
    let near = json!({ "audience": { "within_m": ["here", 300] } });
    let mut scene = Scene::offers(&json!([offer("a", &near)])).granted(&[PurposeKind::Personalisation]);
    assert_eq!(scene.blockers(), [BlockerKind::ConsentMissing], "the exact position");
    scene = scene.granted(PERSONAL);
    assert_eq!(scene.blockers(), [BlockerKind::NoPosition]);
    scene.position = Some(Position { latitude: 60.0, longitude: 25.01, accuracy_m: 8.0 });
    assert_eq!(scene.blockers(), [BlockerKind::ForOthers]);
    scene.position = Some(Position { latitude: 60.0, longitude: 25.001, accuracy_m: 8.0 });
    assert_eq!((scene.blockers(), scene.cards()), (vec![], vec!["a".to_owned()]));
}

#[test]
fn what_is_over_put_away_or_elsewhere_in_the_app_is_no_reason_to_ask_for_the_position() {
    let at_place = |more: serde_json::Value| {
        let mut more = more;
        more["places"] = json!(["here"]);
        let scene = Scene::offers(&json!([offer("a", &more), offer("b", &json!({}))]));
        scene.granted(&[PurposeKind::Personalisation])
    };
    assert_eq!(at_place(json!({ "starts_at": "2026-11-23T00:00:00Z" })).blockers(), [BlockerKind::ConsentMissing]);
    assert_eq!(at_place(json!({ "expires_at": "2026-11-22T09:00:00Z" })).blockers(), []);
    let mut scene = at_place(json!({ "placements": ["checkout"] }));
    assert_eq!(scene.blockers(), [BlockerKind::ConsentMissing]);
    scene.placement = Some("home");
    assert_eq!(scene.blockers(), []);
    let mut scene = at_place(json!({}));
    scene.dismissed.insert("a".into());
    assert_eq!(scene.blockers(), []);
}
