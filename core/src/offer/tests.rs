//! What shows, in which order, and what is said about it.

use serde_json::{Value, json};

use super::scene::{ALL, PERSONAL, Scene, ms};
use super::*;
use crate::consent::{Purpose, PurposeKind};
use crate::place::Witness;
use crate::sandbox::TOWN_JSON;

#[test]
fn without_any_grant_the_shops_own_offers_show_and_nothing_else() {
    assert_eq!(Scene::town().cards(), ["aarre-welcome", "aarre-mend", "aarre-layers"]);
}

#[test]
fn presence_counts_only_with_a_grant_of_location() {
    let scene = Scene::town().at(&["aarre-aleksi"]);
    assert_eq!(scene.cards().len(), 3);
    let scene = scene.granted(&[PurposeKind::PreciseLocation]);
    assert_eq!(scene.cards()[..2], ["aarre-early", "aarre-hem"]);
}

#[test]
fn partners_show_only_with_a_grant_of_their_own() {
    let scene = Scene::town().at(&["lumi-market"]).granted(&[PurposeKind::PreciseLocation]);
    assert!(scene.cards().iter().all(|id| id.starts_with("aarre")));
    let scene = scene.granted(ALL);
    assert_eq!(scene.cards()[..2], ["lumi-cup", "lumi-bun"]);
}

#[test]
fn coarse_consent_shows_no_offer_of_a_place() {
    let scene = Scene::town().at(&["aarre-aleksi"]).granted(&[PurposeKind::CoarseLocation]);
    assert_eq!(scene.cards().len(), 3);
}

#[test]
fn what_fits_goes_before_what_pays() {
    let offer = |id: &str, priority: i32, places: &[&str]| json!({ "id": id, "title": id, "priority": priority, "places": places, "benefit": { "kind": "access" } });
    let offers = json!([
        offer("rich", 1_000, &[]),
        offer("far", 500, &["there"]),
        offer("near", 1, &["here"]),
        offer("poor", 2, &[]),
        offer("also-poor", 2, &[])
    ]);
    let mut scene = Scene::offers(&offers).at(&["here", "there"]).granted(ALL);
    scene.position = Some(Position { latitude: 60.0, longitude: 25.0, accuracy_m: 8.0 });
    assert_eq!(scene.cards(), ["near", "far", "rich", "also-poor", "poor"]);
}

#[test]
fn what_ends_soon_goes_before_what_can_wait() {
    let offer = |id: &str, priority: i32, expires: &str| json!({ "id": id, "title": id, "priority": priority, "expires_at": expires, "benefit": { "kind": "access" } });
    let scene = Scene::offers(&json!([
        offer("later", 9, "2027-01-01T00:00:00Z"),
        offer("today", 1, "2026-11-22T20:00:00Z"),
        offer("soon", 0, "2026-11-22T10:30:00Z"),
        offer("over", 99, "2026-11-22T10:00:00Z"),
    ]));
    assert_eq!(scene.cards(), ["soon", "today", "later"]);
}

#[test]
fn a_shuffled_catalogue_gives_the_same_cards() {
    let scene = Scene::town().at(&["lumi-market", "vadelma-senate"]).granted(ALL);
    let mut shuffled: Value = serde_json::from_str(TOWN_JSON).unwrap();
    shuffled["offers"].as_array_mut().unwrap().reverse();
    let other = Scene::of(&shuffled.to_string()).at(&["vadelma-senate", "lumi-market"]).granted(ALL);
    assert_eq!(scene.cards(), other.cards());
}

#[test]
fn time_placement_and_dismissal_are_kept_to() {
    let mut scene = Scene::town().granted(ALL);
    scene.now_ms = ms("2026-11-23T06:00:00Z"); // Monday, 8 in Helsinki
    assert_eq!(scene.cards()[0], "lumi-early");
    scene.now_ms = ms("2026-11-23T08:00:00Z");
    assert!(!scene.cards().contains(&"lumi-early".to_owned()));
    scene.placement = Some("checkout");
    assert_eq!(scene.cards(), ["aarre-welcome", "aarre-mend"]);
    scene.dismissed.insert("aarre-welcome".into());
    assert_eq!(scene.cards(), ["aarre-mend"]);
}

#[test]
fn a_stale_catalogue_shows_and_says_so_and_an_outdated_one_does_not() {
    let hour = 3_600_000;
    assert_eq!(
        [-hour, 24 * hour, 24 * hour + 1, 168 * hour, 168 * hour + 1].map(|age| Freshness::of(age, 86_400)),
        [Freshness::Fresh, Freshness::Fresh, Freshness::Stale, Freshness::Stale, Freshness::Expired]
    );
    assert_eq!(Freshness::of(-hour - 1, 86_400), Freshness::Expired, "by a clock that was set back");
    let mut scene = Scene::town();
    scene.freshness = Freshness::Stale;
    assert!(scene.shown().iter().all(|card| card.stale));
    scene.freshness = Freshness::Expired;
    assert!(scene.cards().is_empty());
    assert_eq!(scene.blockers()[0], BlockerKind::ExpiredCatalogue);
}

#[test]
fn why_agrees_with_the_cards_for_every_offer() {
    for places in [&[][..], &["lumi-market"], &["kelo-station", "vadelma-senate"]] {
        for kinds in [&[][..], &[PurposeKind::PartnerOffers], &[PurposeKind::PreciseLocation], ALL] {
            let mut scene = Scene::town().at(places).granted(kinds);
            scene.placement = Some("home");
            scene.dismissed.insert("lumi-bun".into());
            let shown = scene.cards();
            for offer in &scene.catalogue.offers {
                let why = scene.why(&offer.id);
                assert_eq!(why.shown, shown.contains(&offer.id), "{}", offer.id);
                assert_eq!(why.shown, why.reasons.iter().all(|reason| reason.holds), "{why:?}");
                assert!(why.reasons.iter().all(|reason| !reason.holds || reason.remedy.is_none()));
            }
        }
    }
}

#[test]
fn why_says_in_words_what_would_change_it() {
    let mut scene = Scene::town();
    let why = scene.why("lumi-cup");
    assert_eq!(why.summary, "Not shown. It is from Lumi Coffee, and you have not said yes to offers of partners.");
    let consent = why.reasons.iter().find(|reason| !reason.holds).unwrap();
    assert_eq!(consent.fact, Fact::Consent(PurposeKind::PartnerOffers));
    assert_eq!(consent.remedy.as_deref(), Some("Say yes to offers of partners."));
    assert!(!why.reasons.iter().any(|reason| reason.fact == Fact::Presence), "nothing else is looked at");

    scene = scene.granted(ALL);
    scene.position = Some(Position { latitude: 60.1681, longitude: 24.9475, accuracy_m: 8.0 });
    let presence = scene.why("lumi-cup").reasons.into_iter().find(|reason| reason.fact == Fact::Presence).unwrap();
    assert_eq!(presence.text, "It shows at Lumi Coffee, Market Square, and you are 290 m away.");
    assert_eq!(presence.remedy.as_deref(), Some("Go to Lumi Coffee, Market Square."));

    let schedule = scene.why("lumi-early").reasons.into_iter().find(|reason| reason.fact == Fact::Schedule).unwrap();
    assert_eq!(schedule.remedy.as_deref(), Some("Come back after 06:30 on 23 November."));

    scene = scene.at(&["lumi-market"]);
    let shown = scene.why("lumi-cup");
    assert_eq!(shown.summary, scene.shown()[0].because);
    assert_eq!(
        shown.summary,
        "You are at Lumi Coffee, Market Square, and you said yes to offers of partners such as Lumi Coffee."
    );
    scene.locale = "fi-FI";
    assert!(scene.why("lumi-cup").summary.starts_with("Olet täällä: Lumi Coffee, Market Square."));
    assert!(why_unknown(&scene));
}

#[test]
fn who_is_there_by_a_code_is_not_told_of_a_yes_to_positions_that_was_never_said() {
    let mut scene = Scene::town().granted(&[PurposeKind::PartnerOffers]).at(&["lumi-market"]);
    scene.visits[0].by = Witness::CheckIn;
    let why = scene.why("lumi-cup");
    let facts: Vec<Fact> = why.reasons.iter().map(|reason| reason.fact).collect();
    assert!(why.shown && facts.contains(&Fact::Presence), "{why:?}");
    assert!(!facts.contains(&Fact::Consent(PurposeKind::PreciseLocation)), "{why:?}");
}

#[test]
fn nobody_is_told_to_come_back_after_the_end_or_while_it_is_closed() {
    let mut scene = Scene::town().granted(ALL);
    let at = scene.catalogue.offers.iter().position(|offer| offer.id == "lumi-early").unwrap();
    let opens_ms = scene.catalogue.offers[at].schedule.as_ref().unwrap().opens_after(scene.now_ms).unwrap();
    let mut remedy = |starts_at_ms: Option<i64>, expires_at_ms: Option<i64>| {
        let offer = &mut scene.catalogue.offers[at];
        (offer.starts_at_ms, offer.expires_at_ms) = (starts_at_ms, expires_at_ms);
        let why = scene.why("lumi-early");
        why.reasons.into_iter().find(|reason| reason.fact == Fact::Schedule).unwrap().remedy
    };
    let first = remedy(None, None);
    assert_eq!(first.as_deref(), Some("Come back after 06:30 on 23 November."));
    assert_eq!(remedy(None, Some(opens_ms)), None, "it ends as it opens");
    assert_eq!(remedy(None, Some(opens_ms + 1)), first);
    assert_eq!(remedy(Some(opens_ms - 1), None), first, "it starts while it is closed");
}

fn why_unknown(scene: &Scene) -> bool {
    why(&scene.input(), &scene.shopper(), "no-such-offer").is_none()
}

#[test]
fn blockers_name_what_to_do_until_there_is_nothing_to_do() {
    use BlockerKind::*;
    let outlook = Outlook { online: false, key_refused: true };
    let none: Vec<BlockerKind> = blockers(None, &Shopper::unknown(), "en", outlook, &Phone::default())
        .into_iter()
        .map(|blocker| blocker.kind)
        .collect();
    assert_eq!(none, [KeyRefused, NoCatalogue, Offline]);

    let scene = Scene::town();
    let asked: Vec<Option<Purpose>> = blockers(
        Some(&scene.input()),
        &scene.shopper(),
        "en",
        Outlook { online: true, key_refused: false },
        &scene.phone,
    )
    .into_iter()
    .map(|blocker| blocker.purpose)
    .collect();
    assert_eq!(asked, [Some(Purpose::PartnerOffers), Some(Purpose::PreciseLocation)]);

    // Partners have offers for some shoppers only.
    assert_eq!(Scene::town().granted(ALL).blockers(), [NoPosition, ConsentMissing]);
    let mut scene = Scene::town().granted(PERSONAL);
    assert_eq!(scene.blockers(), [NoPosition]);
    scene.position = Some(Position { latitude: 60.2, longitude: 25.0, accuracy_m: 8.0 });
    assert_eq!(scene.blockers(), [NotThere]);
    assert_eq!(scene.at(&["lumi-market"]).blockers(), []);
}

#[test]
fn blockers_say_when_it_is_only_the_hour_and_when_it_is_switched_off() {
    let offers =
        json!([ { "id": "a", "title": "a", "benefit": { "kind": "access" }, "starts_at": "2030-01-01T00:00:00Z" } ]);
    let mut scene = Scene::offers(&offers);
    assert_eq!(scene.blockers(), [BlockerKind::NothingScheduled]);
    scene.catalogue.sdk.off = true;
    assert_eq!(scene.blockers(), [BlockerKind::SwitchedOff]);
    assert!(scene.why("a").summary.contains("switched"));
}

#[test]
fn the_next_change_is_the_next_turn_of_any_offer() {
    let scene = Scene::town();
    assert_eq!(next_change_ms(&scene.catalogue, scene.now_ms), Some(ms("2026-11-22T14:00:00Z")), "the last loaves");
    let quiet = Scene::offers(&json!([ { "id": "a", "title": "a", "benefit": { "kind": "access" } } ]));
    assert_eq!(next_change_ms(&quiet.catalogue, quiet.now_ms), None);
}

#[test]
fn who_is_in_a_zone_is_in_its_store_and_at_the_chain() {
    let circle = json!({ "latitude": 60.0, "longitude": 25.0, "radius_m": 50 });
    let offer =
        |id: &str, place: &str| json!({ "id": id, "title": id, "places": [place], "benefit": { "kind": "access" } });
    let catalogue = json!({ "version": "1",
        "places": [
            { "id": "chain", "name": "Chain" },
            { "id": "store", "name": "Store", "parent": "chain", "circle": circle },
            { "id": "zone", "name": "Zone", "parent": "store", "circle": circle },
            { "id": "other", "name": "Other", "parent": "chain", "circle": circle },
        ],
        "offers": [offer("a", "chain"), offer("b", "store"), offer("c", "zone"), offer("d", "other")] });
    let shown = |at: &str| {
        let scene = Scene::of(&catalogue.to_string()).granted(&[PurposeKind::PreciseLocation]).at(&[at]);
        let decision = decide(&scene.input(), &scene.shopper());
        let mut ids: Vec<_> = decision.chosen.iter().map(|at| scene.catalogue.offers[*at].id.clone()).collect();
        ids.sort();
        ids
    };
    let scene = Scene::of(&catalogue.to_string()).granted(&[PurposeKind::PreciseLocation]).at(&["zone"]);
    assert_eq!(scene.why("b").summary, "You are at Store.");
    assert_eq!(shown("zone"), ["a", "b", "c"]);
    assert_eq!(shown("store"), ["a", "b"]);
    assert_eq!(shown("other"), ["a", "d"]);
}
