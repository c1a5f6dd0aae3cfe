//! Notices speak up when they may, and only then.

use serde_json::{Value, json};

use super::scene::{ALL, Scene, ms};
use super::*;
use crate::consent::{Gate, PurposeKind};

const NOTICES: &[PurposeKind] = &[PurposeKind::PartnerOffers, PurposeKind::PreciseLocation, PurposeKind::Notifications];

fn scene() -> Scene {
    let offer = |id: &str, priority: i32, on: Value, places: &[&str]| json!({ "id": id, "title": id, "priority": priority, "triggers": [on], "places": places, "benefit": { "kind": "access" } });
    let hours = json!({ "time_zone": "UTC", "windows": [{ "days": ["su"], "from": "11:00", "to": "12:00" }] });
    Scene::offers(&json!([
        offer("arrive", 1, json!({ "on": "enter" }), &["here"]),
        offer("arrive too", 2, json!({ "on": "enter", "place": "here" }), &["here"]),
        offer("leave", 1, json!({ "on": "exit", "place": "here" }), &[]),
        offer("buy", 1, json!({ "on": "event", "type": "dev.patron.purchase" }), &[]),
        offer("noon", 1, json!({ "on": "time", "hours": hours }), &[]),
        offer("beacon", 1, json!({ "on": "beacon", "place": "here", "zone": "near" }), &[]),
        offer("never", 99, json!({ "on": "pull" }), &[]),
    ]))
    .granted(NOTICES)
}

fn told(scene: &Scene, occasion: Occasion<'_>) -> Result<String, Silence> {
    let permit = scene.gate.permit().unwrap();
    notice(&permit, &scene.input(), &scene.shopper(), &occasion).map(|notice| notice.offer)
}

const ARRIVED: Occasion<'_> = Occasion::Entered { places: &["here"] };

#[test]
fn each_occasion_calls_its_own_and_the_best_of_them_speaks() {
    let scene = scene().at(&["here"]);
    assert_eq!(told(&scene, ARRIVED).unwrap(), "arrive too");
    assert_eq!(told(&scene, Occasion::Entered { places: &["there"] }), Err(Silence::Nothing));
    assert_eq!(told(&scene, Occasion::Left { places: &["here"] }).unwrap(), "leave");
    assert_eq!(told(&scene, Occasion::Event { kind: "dev.patron.purchase" }).unwrap(), "buy");
    let beacon = |zone| told(&scene, Occasion::Beacon { places: &["here"], zone });
    assert_eq!(beacon(BeaconZone::Immediate).unwrap(), "beacon");
    assert_eq!(beacon(BeaconZone::Far), Err(Silence::Nothing));
}

#[test]
fn hours_call_once_when_they_open() {
    let mut scene = scene();
    assert_eq!(next_call_ms(&scene.catalogue, scene.now_ms), Some(ms("2026-11-22T11:00:00Z")));
    let since_ms = scene.now_ms;
    scene.now_ms = ms("2026-11-22T11:00:00Z");
    assert_eq!(told(&scene, Occasion::Time { since_ms }).unwrap(), "noon");
    scene.now_ms = ms("2026-11-22T11:59:59Z");
    assert_eq!(told(&scene, Occasion::Time { since_ms }).unwrap(), "noon", "late, and open still");
    scene.now_ms = ms("2026-11-22T12:00:00Z");
    assert_eq!(told(&scene, Occasion::Time { since_ms }), Err(Silence::Nothing), "over");
    scene.now_ms = ms("2026-11-22T11:00:00Z");
    let since_ms = scene.now_ms;
    scene.now_ms += 60_000;
    assert_eq!(told(&scene, Occasion::Time { since_ms }), Err(Silence::Nothing));
}

#[test]
fn no_notice_while_quiet_snoozed_or_only_on_asking_whoever_asked() {
    let with = |set: fn(&mut Moments)| {
        let mut scene = scene().at(&["here"]);
        scene.asked = true;
        set(&mut scene.moments);
        told(&scene, ARRIVED).unwrap_err()
    };
    assert_eq!(with(|m| m.set_quiet(Some(Quiet::new("11:00", "13:00").unwrap()))), Silence::Held(Hold::Quiet));
    assert_eq!(with(|m| m.snooze(i64::MAX / 2, i64::MAX / 2 - 5).unwrap()), Silence::Held(Hold::Snoozed));
    assert_eq!(with(|m| m.set_only_when_asked(true)), Silence::Held(Hold::OnlyWhenAsked));
}

#[test]
fn never_more_than_so_many_a_day_and_never_the_same_twice_in_one() {
    let mut scene = scene().at(&["here"]);
    scene.moments.set_daily(Some(1)).unwrap();
    assert_eq!(told(&scene, ARRIVED).unwrap(), "arrive too");
    scene.history.noticed("arrive too", None, scene.now_ms, false);
    assert_eq!(told(&scene, ARRIVED), Err(Silence::Held(Hold::DailyLimit)));
    scene.moments.set_daily(None).unwrap();
    assert_eq!(told(&scene, ARRIVED).unwrap(), "arrive");
    scene.history.noticed("arrive", None, scene.now_ms, false);
    assert_eq!(told(&scene, ARRIVED), Err(Silence::Nothing));
    scene.now_ms += 24 * 3_600_000;
    assert_eq!(told(&scene, ARRIVED).unwrap(), "arrive too");
}

#[test]
fn a_notice_is_one_showing_more_and_keeps_to_the_limit_of_its_offer() {
    let offers = json!([
        { "id": "a", "title": "a", "benefit": { "kind": "access" }, "places": ["here"],
          "triggers": [{ "on": "enter" }], "caps": [{ "times": 1, "hours": 24 }] },
    ]);
    let mut scene = Scene::offers(&offers).granted(NOTICES).at(&["here"]);
    assert_eq!(told(&scene, ARRIVED).unwrap(), "a");
    scene.saw("a", 5, true);
    assert_eq!(scene.cards(), ["a"], "being looked at");
    assert_eq!(told(&scene, ARRIVED), Err(Silence::Nothing), "and no notice on top");
    scene.now_ms += 24 * 3_600_000;
    assert_eq!(told(&scene, ARRIVED).unwrap(), "a");
}

#[test]
fn without_the_purpose_there_is_nothing_to_call_it_with() {
    let gate = Gate::new(1, ALL.iter().copied());
    assert!(gate.permit::<crate::consent::Notifications>().is_none());
}

#[test]
fn a_reminder_was_asked_for_and_waits_only_for_the_quiet_to_end() {
    let offers = json!([
        { "id": "soup of the day", "title": "Soup", "places": ["here"], "benefit": { "kind": "access" },
          "expires_at": "2026-11-23T10:00:00Z", "caps": [{ "times": 1, "hours": 24 }] },
    ]);
    let mut scene = Scene::offers(&offers).granted(NOTICES);
    let mut saved = Saved::NEW;
    saved.save("soup of the day", true, Some(12), scene.now_ms).unwrap();
    scene.moments.set_only_when_asked(true);
    scene.moments.set_daily(Some(1)).unwrap();
    scene.history.noticed("other", None, scene.now_ms, false);
    scene.saw("soup of the day", 45, true);
    let due = |scene: &Scene, saved: &Saved| {
        let permit = scene.gate.permit().unwrap();
        let due = reminders(&permit, &scene.input(), &scene.shopper(), saved);
        due.map(|due| {
            due.into_iter().map(|notice| (notice.reminder, notice.body, notice.deep_link)).collect::<Vec<_>>()
        })
    };
    assert_eq!(due(&scene, &saved), Ok(vec![]));
    assert_eq!(saved.next_due_ms(&scene.catalogue, scene.now_ms), Some(ms("2026-11-22T22:00:00Z")));
    scene.now_ms = ms("2026-11-22T22:00:00Z");
    scene.moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
    assert_eq!(due(&scene, &saved), Err(Silence::Held(Hold::Quiet)));
    scene.now_ms = ms("2026-11-23T06:00:00Z");
    let link = "patron://offer/soup%20of%20the%20day".to_owned();
    let end = "You saved this. It ends soon: 12:00 today.".to_owned();
    assert_eq!(due(&scene, &saved), Ok(vec![(Some(Due::Expiring), end, link.clone())]));
    let mut both = saved.clone();
    saved.reminded("soup of the day", Due::Expiring, scene.now_ms);
    assert_eq!(due(&scene, &saved), Ok(vec![]));
    let scene = scene.at(&["here"]);
    let at_once = "You are at HERE, and you saved this. It ends soon: 12:00 today.".to_owned();
    assert_eq!(due(&scene, &both), Ok(vec![(Some(Due::Here), at_once, link.clone())]));
    both.told(scene.catalogue.offer("soup of the day").unwrap(), Due::Here, scene.now_ms);
    assert_eq!(due(&scene, &both), Ok(vec![]), "and not of the end again");
    let here = "You are at HERE, and you saved this.".to_owned();
    assert_eq!(due(&scene, &saved), Ok(vec![(Some(Due::Here), here, link)]));
    saved.reminded("soup of the day", Due::Here, scene.now_ms);
    assert_eq!(due(&scene, &saved), Ok(vec![]));
    let denied = scene.granted(&[PurposeKind::Notifications]);
    assert_eq!(
        due(&denied, &Saved::from_value(&json!([{ "offer": "soup of the day", "at_ms": 0, "here": true }]))),
        Ok(vec![])
    );
}
