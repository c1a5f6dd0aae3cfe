//! Limits: what was shown too often does not show, and what is looked at stays.

use serde_json::{Value, json};

use super::scene::{ALL, Scene};
use super::*;

fn catalogue(offer_caps: &Value, partner_caps: &Value, caps: &Value) -> Scene {
    let offer = |id: &str, priority: i32, partner: Option<&str>, caps: &Value| json!({ "id": id, "title": id, "priority": priority, "partner": partner, "caps": caps, "benefit": { "kind": "access" } });
    let none = json!([]);
    Scene::of(
        &json!({
            "version": "1", "caps": caps,
            "partners": [{ "id": "p", "name": "Pop", "kind": "local", "caps": partner_caps }],
            "offers": [offer("own", 4, None, offer_caps), offer("p1", 3, Some("p"), &none),
                       offer("p2", 2, Some("p"), &none), offer("p3", 1, Some("p"), &none)],
        })
        .to_string(),
    )
    .granted(ALL)
}

#[test]
fn an_offer_is_shown_so_often_in_any_stretch_of_time_and_no_more() {
    let mut scene =
        catalogue(&json!([{ "times": 2, "hours": 24 }, { "times": 3, "hours": 72 }]), &json!([]), &json!([]));
    let shows = |scene: &Scene| scene.cards().contains(&"own".to_owned());
    scene.saw("own", 23 * 60, true);
    assert!(shows(&scene));
    scene.saw("own", 60, true);
    assert!(!shows(&scene));
    let why = scene.why("own");
    assert_eq!(why.summary, "Not shown. It has been shown as often as it may be for now.");
    assert_eq!(scene.shopper().next_change_ms(&scene.catalogue, scene.now_ms), Some(scene.now_ms + 3_600_000));
    scene.now_ms += 3_600_000;
    assert!(shows(&scene), "the window slides");
    scene.saw("own", 1, true);
    scene.now_ms += 40 * 3_600_000;
    assert!(!shows(&scene), "three in three days");
}

#[test]
fn a_card_that_is_being_looked_at_stays() {
    let mut scene = catalogue(&json!([{ "times": 1, "hours": 24 }]), &json!([{ "times": 1, "hours": 24 }]), &json!([]));
    scene.saw("own", 1, true);
    scene.saw("p2", 1, true);
    assert_eq!(scene.cards(), ["own", "p2"]);
    scene.now_ms += 30 * 60_000;
    assert_eq!(scene.cards(), [""; 0]);
    assert_eq!(scene.blockers(), [BlockerKind::ShownEnough]);
}

#[test]
fn a_partners_limit_keeps_its_best_and_touches_nobody_else() {
    let mut scene = catalogue(&json!([]), &json!([{ "times": 2, "hours": 24 }]), &json!([]));
    assert_eq!(scene.cards(), ["own", "p1", "p2"]);
    assert!(!scene.verdict("p3").under_caps);
    scene.saw("p3", 60, true);
    assert_eq!(scene.cards(), ["own", "p1"]);
    for id in ["own", "p1", "p2", "p3"] {
        assert_eq!(scene.why(id).shown, scene.cards().contains(&id.to_owned()), "{id}");
    }
}

#[test]
fn the_limit_on_everything_counts_everything() {
    let mut scene = catalogue(&json!([]), &json!([]), &json!([{ "times": 3, "hours": 1 }]));
    assert_eq!(scene.cards(), ["own", "p1", "p2"]);
    scene.saw("own", 45, true);
    scene.saw("own", 1, true);
    assert_eq!(scene.cards(), ["own", "p1"], "own is being looked at, and one more may come");
}

#[test]
fn so_many_a_day_come_by_themselves_and_whoever_asks_sees_all() {
    let mut scene = catalogue(&json!([]), &json!([]), &json!([]));
    scene.moments.set_daily(Some(2)).unwrap();
    assert_eq!(scene.cards().len(), 4, "asked");
    scene.asked = false;
    assert_eq!(scene.cards(), ["own", "p1"]);
    assert_eq!(scene.why("p2").summary, "Not shown. As many offers as you want in a day have come: 2.");
    scene.saw("p3", 120, false);
    assert_eq!(scene.cards(), ["own", "p3"], "what has come today stays");
    scene.saw("p2", 90, true);
    assert_eq!(scene.cards(), ["own", "p3"], "what was asked for does not count");
    scene.history.noticed("p1", None, scene.now_ms - 60_000, false);
    scene.history.noticed("own", None, scene.now_ms - 60_000, true);
    assert_eq!(scene.cards(), ["p1", "p3"], "a notice counts, a reminder does not");
    scene.now_ms += 12 * 3_600_000;
    assert_eq!(scene.cards(), ["own", "p1"], "the shopper's next day, at midnight in Helsinki");
}

#[test]
fn history_is_bounded_in_time_and_number_and_comes_back_as_it_was() {
    let mut history = History::NEW;
    let hour = 3_600_000;
    for n in 0..3_000 {
        let seen = Impression {
            offer: format!("o{}", n % 7),
            partner: Some("p".into()),
            at_ms: n * hour / 5,
            asked: n % 2 == 0,
        };
        assert!(history.saw(seen));
    }
    assert_eq!(history.impressions().len(), 2_000);
    let again: History = serde_json::from_str(&serde_json::to_string(&history).unwrap()).unwrap();
    assert_eq!(again, history);
    history.prune(3_000 * hour / 5 + 31 * 24 * hour);
    assert!(history.is_empty());
    assert!(!History::from_value(&json!({ "seen": [[1, "a", null, true], [2], "x"], "sent": 3 })).is_empty());
}

#[test]
fn one_look_is_one_impression_whoever_reports_it() {
    let mut history = History::NEW;
    let at = |at_ms| Impression { offer: "a".into(), partner: None, at_ms, asked: false };
    assert!(history.saw(at(0)));
    assert!(!history.saw(at(29 * 60_000)));
    assert!(history.saw(at(30 * 60_000)));
}

#[test]
fn what_was_shown_of_a_partner_leaves_with_the_shoppers_yes() {
    let mut history = History::NEW;
    history.saw(Impression { offer: "a".into(), partner: Some("p".into()), at_ms: 0, asked: true });
    history.noticed("b", Some("p"), 0, false);
    history.noticed("own", None, 0, false);
    let again: History = serde_json::from_str(&serde_json::to_string(&history).unwrap()).unwrap();
    assert_eq!(again, history);
    history.forget_partners();
    let mut own = History::NEW;
    own.noticed("own", None, 0, false);
    assert_eq!(history, own);
}

const HOUR: i64 = 3_600_000;

#[test]
fn a_notice_counts_as_shown_in_the_same_sliding_windows() {
    let once = json!([{ "times": 1, "hours": 48 }]);
    let notice = |of_offer: &serde_json::Value, of_partner: &serde_json::Value, of_all: &serde_json::Value| {
        let mut scene = catalogue(of_offer, of_partner, of_all);
        scene.history.noticed("p1", Some("p"), scene.now_ms - 25 * HOUR, false);
        scene
    };
    let none = json!([]);
    let shows = |scene: &Scene| scene.cards().join(" ");
    assert_eq!(shows(&notice(&none, &none, &none)), "own p1 p2 p3");
    assert_eq!(shows(&notice(&none, &once, &none)), "own", "its partner's limit is used up");
    let mut all = notice(&none, &none, &once);
    assert_eq!((shows(&all), all.blockers()), (String::new(), vec![BlockerKind::ShownEnough]));
    assert_eq!(all.shopper().next_change_ms(&all.catalogue, all.now_ms), Some(all.now_ms + 23 * HOUR));
    all.now_ms += 23 * HOUR;
    assert_eq!(shows(&all), "own", "the window slides");

    let mut reminded = catalogue(&none, &once, &once);
    reminded.history.noticed("p1", Some("p"), reminded.now_ms - 25 * HOUR, true);
    assert_eq!(shows(&reminded), "own", "what the shopper asked to be reminded of counts for no limit");
}

#[test]
fn who_taps_a_notice_finds_its_card_and_the_two_are_one_showing() {
    let twice = json!([{ "times": 2, "hours": 48 }]);
    let mut scene = catalogue(&twice, &json!([]), &json!([]));
    let shows = |scene: &Scene| scene.cards().contains(&"own".to_owned());
    scene.saw("own", 60, true);
    scene.history.noticed("own", None, scene.now_ms, false);
    assert!(shows(&scene), "two are counted, and the second waits for its look");
    scene.now_ms += 23 * HOUR;
    assert!(shows(&scene), "a tap may come late");
    scene.saw("own", 0, true);
    assert!(shows(&scene), "it is being looked at");
    scene.now_ms += HOUR;
    assert!(!shows(&scene), "looked at, and two are counted still");
    scene.now_ms += 24 * HOUR;
    assert!(shows(&scene), "the first has left the window, and the notice counts at the time of its look");

    let mut ignored = catalogue(&json!([{ "times": 1, "hours": 48 }]), &json!([]), &json!([]));
    ignored.history.noticed("own", None, ignored.now_ms - 25 * HOUR, false);
    assert!(!shows(&ignored), "a notice that nobody followed was shown all the same");
}
