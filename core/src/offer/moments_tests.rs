//! The shopper's own rules hold, at once and in any order of the clock.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::scene::{ALL, Scene, ms};
use super::*;

fn scene() -> Scene {
    let offers = json!([
        { "id": "own", "title": "own", "benefit": { "kind": "access" }, "topics": ["Tea & Cake"] },
        { "id": "p1", "title": "p1", "partner": "p", "benefit": { "kind": "access" } },
        { "id": "ask", "title": "ask", "triggers": [{ "on": "pull" }], "benefit": { "kind": "access" } },
    ]);
    let mut scene = Scene::offers(&offers).granted(ALL);
    scene.asked = false;
    scene
}

#[test]
fn what_waits_to_be_asked_for_shows_to_who_asks() {
    let mut scene = scene();
    assert_eq!(scene.cards(), ["own", "p1"]);
    assert_eq!(scene.why("ask").summary, "Not shown. It shows only when you ask for offers.");
    scene.asked = true;
    assert_eq!(scene.cards(), ["ask", "own", "p1"]);
}

#[test]
fn quiet_hours_past_midnight_hold_what_comes_by_itself() {
    let mut scene = scene();
    scene.moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
    for (at, quiet) in [
        ("2026-11-22T18:59:59Z", false),
        ("2026-11-22T19:00:00Z", true),
        ("2026-11-22T22:30:00Z", true),
        ("2026-11-23T05:59:59Z", true),
        ("2026-11-23T06:00:00Z", false),
    ] {
        scene.now_ms = ms(at);
        assert_eq!(scene.cards().is_empty(), quiet, "{at}");
    }
    scene.now_ms = ms("2026-11-22T22:30:00Z");
    assert_eq!(scene.why("own").summary, "Not shown. Your quiet hours last until 08:00 today.");
    assert_eq!(scene.blockers(), [BlockerKind::QuietHours]);
    assert_eq!(scene.shopper().next_change_ms(&scene.catalogue, scene.now_ms), Some(ms("2026-11-23T06:00:00Z")));
    scene.asked = true;
    assert_eq!(scene.cards().len(), 3);
    assert_eq!(scene.blockers(), []);
}

#[test]
fn a_snooze_ends_by_itself_or_when_the_shopper_says() {
    let mut scene = scene();
    scene.moments.snooze(scene.now_ms + 3_600_000, scene.now_ms).unwrap();
    assert_eq!(scene.cards(), [""; 0]);
    assert_eq!(scene.blockers(), [BlockerKind::Snoozed]);
    scene.now_ms += 3_600_000;
    assert_eq!(scene.cards().len(), 2);
    scene.moments.snooze(scene.now_ms + 1, scene.now_ms).unwrap();
    scene.moments.wake();
    assert_eq!(scene.cards().len(), 2);
    for until in [0, 367 * 86_400_000] {
        assert!(matches!(
            scene.moments.snooze(scene.now_ms + until, scene.now_ms),
            Err(MomentError::Invalid { what: "snooze", .. })
        ));
    }
}

#[test]
fn refusals_hold_whoever_asks_until_they_are_taken_back() {
    for (refusal, gone) in
        [(Refusal::Partner("p"), "p1"), (Refusal::Offer("own"), "own"), (Refusal::Topic("tea cake"), "own")]
    {
        let mut scene = scene();
        scene.asked = true;
        scene.moments.refuse(refusal).unwrap();
        assert!(!scene.cards().contains(&gone.to_owned()), "{refusal:?}");
        let told = scene.why(gone);
        let named = told.reasons.iter().find(|reason| !reason.holds).unwrap();
        assert_eq!(named.fact, Fact::Refused);
        assert!(named.remedy.is_some());
        scene.moments.welcome(refusal);
        assert_eq!(scene.cards().len(), 3);
    }
}

#[test]
fn what_was_seen_too_often_rests_for_thirty_days() {
    let mut scene = scene();
    scene.moments.rest("own", scene.now_ms).unwrap();
    assert_eq!(scene.cards(), ["p1"]);
    scene.moments.refuse(Refusal::Partner("p")).unwrap();
    scene.dismissed.insert("ask".into());
    let told = [BlockerKind::OnlyWhenAsked, BlockerKind::Refused, BlockerKind::Dismissed];
    assert_eq!(scene.blockers(), told, "what was put away waits to be asked for, too");
    scene.catalogue.offers.retain(|offer| offer.id != "ask");
    assert_eq!(scene.blockers(), [BlockerKind::Refused]);
    scene.now_ms += 30 * 86_400_000;
    assert_eq!(scene.cards(), ["own"]);
}

#[test]
fn a_card_says_what_it_is_about_as_a_refusal_takes_it() {
    let mut scene = scene();
    let card = scene.shown().into_iter().find(|card| card.id == "own").unwrap();
    assert_eq!(card.topics, ["tea-cake"]);
    scene.moments.refuse(Refusal::Topic(&card.topics[0])).unwrap();
    assert_eq!(scene.cards(), ["p1"]);
}

#[test]
fn only_when_i_ask_means_only_then() {
    let mut scene = scene();
    scene.moments.set_only_when_asked(true);
    assert_eq!(scene.cards(), [""; 0]);
    assert_eq!(scene.blockers(), [BlockerKind::OnlyWhenAsked]);
    scene.asked = true;
    assert_eq!(scene.cards().len(), 3);
}

#[test]
fn a_visit_goes_unseen_until_it_ends() {
    let mut moments = Moments::NEW;
    let (store, zone, later) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    assert_eq!(moments.go_unseen([]), Err(MomentError::NoVisit));
    moments.go_unseen([store, zone]).unwrap();
    assert!(moments.is_unseen(store) && moments.is_unseen(zone) && !moments.is_unseen(later));
    moments.left(zone);
    assert!(moments.unseen());
    moments.left(store);
    assert!(!moments.unseen());
    moments.go_unseen([store, zone]).unwrap();
    assert!(moments.keep_open(&[zone, later]) && moments.is_unseen(zone) && !moments.is_unseen(store));
    assert!(!moments.keep_open(&[zone]) && moments.keep_open(&[]) && !moments.unseen());
}

#[test]
fn rules_are_bounded_and_say_what_does_not_fit() {
    let mut moments = Moments::NEW;
    for n in 0..500 {
        moments.refuse(Refusal::Offer(&n.to_string())).unwrap();
    }
    assert_eq!(moments.refuse(Refusal::Offer("501")), Err(MomentError::Full { what: "refused offers", most: 500 }));
    moments.refuse(Refusal::Offer("7")).unwrap();
    for (from, to) in [("21:00", "21:00"), ("9", "10:00"), ("24:00", "08:00"), ("", "")] {
        assert!(Quiet::new(from, to).is_err(), "{from:?} {to:?}");
    }
    for daily in [0, 101] {
        assert!(moments.set_daily(Some(daily)).is_err());
    }
    assert!(moments.refuse(Refusal::Topic("")).is_err());
}

#[test]
fn rules_come_back_as_they_were_kept() {
    let mut moments = Moments::NEW;
    assert!(moments.is_empty());
    moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
    moments.snooze(5_000, 0).unwrap();
    moments.set_daily(Some(3)).unwrap();
    moments.set_only_when_asked(true);
    moments.refuse(Refusal::Partner("p")).unwrap();
    moments.refuse(Refusal::Topic("Tea & Cake")).unwrap();
    moments.rest("o", 0).unwrap();
    moments.go_unseen([Uuid::from_u128(7)]).unwrap();
    let again: Moments = serde_json::from_str(&serde_json::to_string(&moments).unwrap()).unwrap();
    assert_eq!(again, moments);
    assert_eq!(moments.refusals().count(), 2);
    assert_eq!(
        Moments::from_value(&json!({ "quiet": ["x"], "daily": 900, "unseen": [1], "resting": [] })),
        Moments::NEW
    );
}

/// What changes it.
type Turn<T> = fn(&mut T);

#[test]
fn every_rule_that_would_keep_all_away_is_named_and_goes_alone() {
    use BlockerKind::*;
    let all = |scene: &mut Scene| {
        scene.moments.snooze(scene.now_ms + 1, scene.now_ms).unwrap();
        scene.moments.set_quiet(Some(Quiet::new("11:00", "13:00").unwrap()));
        scene.moments.set_only_when_asked(true);
        scene.moments.set_daily(Some(1)).unwrap();
        scene.saw("one of yesterday's catalogue", 60, false);
    };
    let endings: [(BlockerKind, Turn<Moments>); 4] = [
        (Snoozed, Moments::wake),
        (QuietHours, |moments| moments.set_quiet(None)),
        (OnlyWhenAsked, |moments| moments.set_only_when_asked(false)),
        (DailyLimit, |moments| moments.set_daily(None).unwrap()),
    ];
    // Whatever is named besides: nothing, what is refused, what needs a yes, what is not there, what is over.
    let none = |_: &mut Scene| {};
    let refused = |scene: &mut Scene| {
        scene.moments.refuse(Refusal::Partner("p")).unwrap();
        scene.moments.refuse(Refusal::Topic("Tea & Cake")).unwrap();
        scene.catalogue.offers.retain(|offer| offer.id != "ask");
    };
    let unasked = |scene: &mut Scene| {
        scene.catalogue.offers.retain(|offer| offer.partner.is_some());
        scene.gate = crate::consent::Gate::CLOSED;
    };
    let away = |scene: &mut Scene| {
        scene.catalogue.offers.iter_mut().for_each(|offer| offer.places = vec!["here".into()]);
    };
    let over = |scene: &mut Scene| {
        scene.catalogue.offers.iter_mut().for_each(|offer| offer.expires_at_ms = Some(0));
    };
    let besides: [(Turn<Scene>, &[BlockerKind], &[BlockerKind]); 5] = [
        (none, &[], &[]),
        (refused, &[], &[Refused]),
        (unasked, &[ConsentMissing], &[]),
        (away, &[NoPosition], &[]),
        (over, &[], &[NothingScheduled]),
    ];
    for (make, before, after) in besides {
        let mut scene = scene();
        all(&mut scene);
        make(&mut scene);
        let rules = [Snoozed, QuietHours, OnlyWhenAsked, DailyLimit];
        assert_eq!(scene.blockers(), [before, &rules, after].concat());
        for (at, (_, end)) in endings.iter().enumerate() {
            end(&mut scene.moments);
            assert_eq!(scene.blockers(), [before, &rules[at + 1..], after].concat());
        }
    }
}

#[test]
fn an_offer_that_needs_more_says_nothing_where_another_needs_less() {
    let mut scene = scene();
    scene.moments.snooze(scene.now_ms + 1, scene.now_ms).unwrap();
    scene.moments.refuse(Refusal::Partner("p")).unwrap();
    assert_eq!(scene.blockers(), [BlockerKind::Snoozed], "the partner's is refused too, and one waits to be asked for");
    scene.moments.wake();
    scene.dismissed.insert("own".into());
    assert_eq!(
        scene.blockers(),
        [BlockerKind::OnlyWhenAsked, BlockerKind::Refused, BlockerKind::Dismissed],
        "any of them"
    );
}

#[test]
fn what_was_put_away_is_told_from_what_is_not_on() {
    let offers = json!([{ "id": "a", "title": "a", "benefit": { "kind": "access" } }]);
    let mut scene = Scene::offers(&offers);
    scene.dismissed.insert("a".into());
    let words = |scene: &Scene| scene.blocked().into_iter().map(|told| (told.kind, told.text)).collect::<Vec<_>>();
    assert_eq!(words(&scene), [(BlockerKind::Dismissed, "What would show was put away.".to_owned())]);
    scene.locale = "fi-FI";
    assert_eq!(words(&scene), [(BlockerKind::Dismissed, "Edut, jotka näkyisivät, on piilotettu.".to_owned())]);
    scene.moments.refuse(Refusal::Offer("a")).unwrap();
    assert_eq!(
        scene.blockers(),
        [BlockerKind::Refused, BlockerKind::Dismissed],
        "one of them alone brings nothing back"
    );
}

#[test]
fn who_is_held_out_is_told_of_no_trial() {
    let arms = json!([{ "id": "a", "weight": 10 }]);
    let trial = json!({ "id": "t", "holdout": 90, "arms": arms, "arm": "a" });
    let offers = json!([{ "id": "a", "title": "a", "benefit": { "kind": "access" }, "experiment": trial }]);
    let mut scene = Scene::offers(&offers);
    for locale in ["en", "fi"] {
        scene.locale = locale;
        let told = scene.blocked();
        assert_eq!(told.iter().map(|told| told.kind).collect::<Vec<_>>(), [BlockerKind::ForOthers]);
        assert!(told.iter().all(|told| !told.text.contains("trial") && !told.text.contains("koke")), "{told:?}");
    }
    // As of an offer whose audience is others: from one, nobody learns of the other.
    let words = scene.blocked();
    scene.catalogue.offers[0].experiment = None;
    assert_eq!(scene.blockers(), []);
    scene.catalogue.offers[0].audience = Scene::offers(
        &json!([{ "id": "a", "title": "a", "benefit": { "kind": "access" }, "audience": { "segment": "s" } }]),
    )
    .catalogue
    .offers
    .remove(0)
    .audience;
    scene.person.segments.insert("s".into(), false);
    assert_eq!(scene.granted(super::scene::PERSONAL).blocked(), words);
}

#[test]
fn notices_are_missed_where_an_offer_could_speak_up_by_itself() {
    use crate::consent::{Purpose, PurposeKind, PurposeSet};
    use BlockerKind::*;
    let visit = |id: &str, more: serde_json::Value| {
        let mut offer = json!({ "id": id, "title": id, "benefit": { "kind": "access" }, "placements": ["checkout"],
                                "triggers": [{ "on": "event", "type": "dev.patron.purchase" }] });
        offer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        offer
    };
    let card = json!({ "id": "card", "title": "card", "benefit": { "kind": "access" } });
    let mut scene = Scene::offers(&json!([visit("a", json!({})), card]));
    (scene.asked, scene.placement) = (false, Some("home"));
    let notices = Some(Purpose::Notifications);
    let told = |scene: &Scene| scene.blocked().into_iter().map(|told| (told.kind, told.purpose)).collect::<Vec<_>>();
    assert_eq!(told(&scene), [(ConsentMissing, notices.clone())], "a card shows; a notice stands at no placement");
    scene.phone.lowered = PurposeSet::of(&[PurposeKind::Notifications]);
    assert_eq!(told(&scene), [(Overlay, notices.clone())]);
    scene.phone.notices_refused = true;
    assert_eq!(told(&scene), [(PermissionMissing, notices)]);
    assert_eq!(scene.blocked()[0].text, "The system does not let this app send notices.");
    scene.asked = true;
    assert_eq!(told(&scene), [], "on a screen that was opened nothing is missing");
    scene.asked = false;
    assert_eq!(told(&scene.clone().granted(&[PurposeKind::Notifications])), []);
    // Nobody is asked for what would not speak up: refused, over, a partner's that may not be looked at, for who asks.
    for more in [json!({ "expires_at": "2026-11-22T09:00:00Z" }), json!({ "triggers": [{ "on": "pull" }] })] {
        let mut scene = Scene::offers(&json!([visit("a", more), card]));
        scene.asked = false;
        assert_eq!(told(&scene), []);
    }
    let mut partners = Scene::offers(&json!([visit("a", json!({ "partner": "p" })), card]));
    partners.asked = false;
    assert_eq!(told(&partners), [(ConsentMissing, Some(Purpose::PartnerOffers))]);
    scene.moments.refuse(Refusal::Offer("a")).unwrap();
    assert_eq!(told(&scene), []);
}

#[test]
fn a_phone_that_is_kept_from_knowing_says_who_keeps_it() {
    use crate::consent::{PurposeKind, PurposeSet};
    let offers = json!([{ "id": "a", "title": "a", "places": ["here"], "benefit": { "kind": "access" } }]);
    let mut scene = Scene::offers(&offers);
    assert_eq!(scene.blockers(), [BlockerKind::ConsentMissing]);
    scene.phone.lowered = PurposeSet::of(&[PurposeKind::PreciseLocation]);
    assert_eq!(scene.blockers(), [BlockerKind::Overlay]);
    scene.phone.location_refused = true;
    assert_eq!(scene.blockers(), [BlockerKind::PermissionMissing]);
    let mut scene = scene.granted(ALL);
    scene.phone = Phone { unheard: Some(Duration::from_secs(25 * 3_600)), ..Phone::default() };
    assert_eq!(scene.blockers(), [BlockerKind::NoPosition, BlockerKind::NoWake]);
    assert_eq!(scene.at(&["here"]).blockers(), []);
}
