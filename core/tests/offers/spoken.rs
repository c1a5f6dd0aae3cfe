//! What speaks up by itself: when, how often, and that none of it is lost.

use super::moments::{AWAY, CAFE, go};
use super::*;

fn speaks(id: &str, priority: i32, triggers: Value) -> Value {
    with(with(with(offer(id), "triggers", triggers), "places", json!(["cafe"])), "priority", json!(priority))
}

/// Ends on Monday at 18:00 in Helsinki.
fn ends(id: &str) -> Value {
    with(offer(id), "expires_at", json!("2026-11-23T16:00:00Z"))
}

fn remind(offer: &str, before_end_h: u16) -> ShopperAct {
    ShopperAct::Save { offer: offer.into(), when_here: false, before_end_h: Some(before_end_h) }
}

fn expiring(offer: &str) -> [(String, Option<Due>); 1] {
    [(offer.to_owned(), Some(Due::Expiring))]
}

#[test]
fn one_arrival_is_one_notice_and_a_reminder_of_the_same_offer_takes_its_place() {
    // An arrival is an event too: three offers wait for one and the same moment.
    let entered = json!([{ "on": "event", "type": "dev.patron.visit.entered" }]);
    let offers = json!([
        speaks("bun", 3, json!([{ "on": "enter" }])),
        speaks("tea", 2, entered),
        speaks("pie", 1, json!([{ "on": "enter" }])),
    ]);
    let model = market(&offers);
    // Two places at once: the café, and the market around it.
    let mut catalogue: Value = serde_json::from_slice(&model.0.lock().unwrap().catalogue).unwrap();
    let square = json!({ "id": "square", "name": "the square",
                         "circle": { "latitude": 60.1675, "longitude": 24.9525, "radius_m": 46 } });
    catalogue["places"].as_array_mut().unwrap().push(square);
    catalogue["offers"][2]["places"] = json!(["square"]);
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();

    let (folder, time) = (tempfile::tempdir().unwrap(), clock());
    let patron = device(folder.path(), &model, &time, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    arrive(&patron, &time);
    assert_eq!(notices.take(&patron), [("bun".to_owned(), None)]);
    drop(patron);

    let (folder, time) = (tempfile::tempdir().unwrap(), clock());
    let patron = device(folder.path(), &model, &time, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, ShopperAct::Save { offer: "bun".into(), when_here: true, before_end_h: None });
    arrive(&patron, &time);
    assert_eq!(notices.take(&patron), [("bun".to_owned(), Some(Due::Here))]);
}

/// At the café, and at all that is around it.
fn arrive(patron: &Patron, clock: &ManualClock) {
    for latitude in [60.19, 60.19, 60.1675, 60.1675, 60.1675, 60.1675] {
        clock.advance(Duration::from_secs(60));
        let fix = FixInput { latitude, longitude: 24.9525, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
}

#[test]
fn a_reminder_that_came_due_while_no_process_ran_comes_with_the_next_one() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([ends("bun")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications]);
    act(&patron, remind("bun", 4));
    drop(patron);
    clock.advance(5 * HOUR);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    // A host listens a moment after it has opened the SDK.
    let (notices, _listening) = Notices::of(&patron);
    assert_eq!(notices.take(&patron), expiring("bun"));
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    let (notices, _listening) = Notices::of(&patron);
    patron.set_foreground(true).unwrap();
    assert_eq!(notices.take(&patron), [], "once");
}

/// Hears of all else, as an app's map and list do.
struct ShowsNothing;

impl Listener for ShowsNothing {
    fn changed(&self, _: &[Change]) {}

    fn takes_notices(&self) -> bool {
        false
    }
}

#[test]
fn who_listens_and_shows_no_notices_spends_none() {
    let here = with(ends("bun"), "places", json!(["cafe"]));
    let calls = with(with(offer("tea"), "places", json!(["cafe"])), "triggers", json!([{ "on": "enter" }]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([here, calls])), clock());
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    act(&patron, ShopperAct::Daily { most: Some(1) });
    let _map = patron.subscribe(Arc::new(ShowsNothing));
    act(&patron, remind("bun", 24));
    walk_in(&patron, &clock);
    wait(patron.diagnostics()).unwrap();
    let (notices, _listening) = Notices::of(&patron);
    assert_eq!(notices.take(&patron), expiring("bun"), "and it is told to whoever does");
    assert!(!unasked(&patron).is_empty(), "nor does the arrival that nobody told of count against the day");
}

#[test]
fn a_reminder_that_is_due_when_it_is_asked_for_comes_at_once() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([ends("bun")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications]);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, remind("bun", 24));
    assert_eq!(notices.take(&patron), expiring("bun"));
}

#[test]
fn whoever_saves_an_offer_at_its_place_is_not_told_where_they_are() {
    let here = with(ends("bun"), "places", json!(["cafe"]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([here])), clock());
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    walk_in(&patron, &clock);
    act(&patron, ShopperAct::Save { offer: "bun".into(), when_here: true, before_end_h: Some(24) });
    assert_eq!(notices.take(&patron), expiring("bun"));
}

#[test]
fn a_yes_to_notices_brings_the_reminders_that_are_due_and_foresees_the_others() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([ends("bun"), ends("tea")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, remind("bun", 24));
    act(&patron, remind("tea", 4));
    assert_eq!(notices.take(&patron), []);
    wait(patron.grant(vec![Purpose::Notifications])).unwrap();
    assert_eq!(notices.take(&patron), expiring("bun"));
    clock.advance(5 * HOUR);
    assert_eq!(notices.take(&patron), expiring("tea"));
}

#[test]
fn an_hour_that_has_passed_calls_nobody() {
    let noon = json!([{ "on": "time", "hours": { "time_zone": "Europe/Helsinki",
        "windows": [{ "days": ["mo", "tu", "we", "th", "fr", "sa", "su"], "from": "12:00", "to": "13:00" }] } }]);
    let lunch = with(offer("lunch"), "triggers", noon);
    for (hours, spoken) in [(5, 0), (26, 1)] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([lunch])), clock());
        let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications]);
        let (notices, _listening) = Notices::of(&patron);
        act(&patron, ShopperAct::Daily { most: Some(5) });
        // The phone slept: nobody looked at the clock meanwhile.
        clock.advance(hours * HOUR + HOUR / 2);
        assert_eq!(notices.take(&patron).len(), spoken, "{hours}");
    }
}

#[test]
fn what_is_called_each_day_comes_each_day_also_where_the_phone_wakes_a_little_earlier() {
    let noon = json!([{ "on": "time", "hours": { "time_zone": "Europe/Helsinki",
        "windows": [{ "days": ["mo", "tu", "we", "th", "fr", "sa", "su"], "from": "12:00", "to": "13:00" }] } }]);
    let model = market(&json!([with(offer("lunch"), "triggers", noon)]));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications]);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, ShopperAct::Daily { most: Some(5) });
    for (sleeps, day) in
        [(2 * HOUR + HOUR / 3, "at 12:20"), (24 * HOUR - HOUR / 4, "at 12:05"), (23 * HOUR, "before it")]
    {
        clock.advance(sleeps);
        assert_eq!(notices.take(&patron).len(), usize::from(day != "before it"), "{day}");
    }
}

#[test]
fn ending_a_snooze_brings_the_reminder_that_came_due_in_it() {
    for quiet in [false, true] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([ends("bun")])), clock());
        let patron = device(folder.path(), &model, &clock, &[Purpose::Notifications]);
        let (notices, _listening) = Notices::of(&patron);
        act(&patron, remind("bun", 4));
        if quiet {
            act(&patron, ShopperAct::Quiet { from: "09:00".into(), to: "23:00".into() });
        } else {
            act(&patron, ShopperAct::Snooze { until_ms: MONDAY_10 + 24 * HOUR.as_millis() as i64 });
        }
        clock.advance(5 * HOUR);
        assert_eq!(notices.take(&patron), []);
        act(&patron, if quiet { ShopperAct::NoQuiet } else { ShopperAct::EndSnooze });
        assert_eq!(notices.take(&patron), expiring("bun"), "{quiet}");
    }
}

#[test]
fn whoever_stays_is_reminded_once() {
    let here = with(offer("bun"), "places", json!(["cafe"]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([here])), clock());
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, ShopperAct::Save { offer: "bun".into(), when_here: true, before_end_h: None });
    walk_in(&patron, &clock);
    let reminded = [("bun".to_owned(), Some(Due::Here))];
    assert_eq!(notices.take(&patron), reminded);
    // Who lives above the shop.
    for _ in 0..14 * 6 {
        clock.advance(Duration::from_secs(600));
        go(&patron, &clock, CAFE, 24.9525, 1);
    }
    assert_eq!(patron.visits().len(), 1);
    patron.set_foreground(false).unwrap();
    patron.set_foreground(true).unwrap();
    assert_eq!(notices.take(&patron), []);
    go(&patron, &clock, AWAY, 24.9525, 30);
    go(&patron, &clock, CAFE, 24.9525, 6);
    assert_eq!(notices.take(&patron), reminded);
}

#[test]
fn looks_visits_and_zones_are_events_that_offers_wait_for_and_rules_count() {
    let on = |kind: &str| json!([{ "on": "event", "type": kind }]);
    let offers = json!([
        with(offer("came"), "triggers", on("dev.patron.visit.entered")),
        with(offer("looked"), "triggers", on("dev.patron.offer.impression")),
        with(offer("regulars"), "audience", json!({ ">=": [{ "count": ["dev.patron.visit.entered", 30] }, 1] })),
        with(offer("lookers"), "audience", json!({ ">=": [{ "count": ["dev.patron.offer.impression", 30] }, 1] })),
    ]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&offers), clock());
    let purposes = [&NOTIFIED[..], &[Purpose::Engagement, Purpose::Personalisation]].concat();
    let patron = device(folder.path(), &model, &clock, &purposes);
    let (notices, _listening) = Notices::of(&patron);
    assert_eq!(asked(&patron), ["came", "looked"]);
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [("came".to_owned(), None)]);
    assert_eq!(asked(&patron), ["came", "looked", "regulars"]);
    assert!(wait(patron.saw("came".into(), true)).unwrap());
    assert_eq!(notices.take(&patron), [("looked".to_owned(), None)]);
    assert_eq!(asked(&patron), ["came", "looked", "lookers", "regulars"]);
    // The look at what the notice was about calls it no second time.
    clock.advance(HOUR);
    assert!(wait(patron.saw("looked".into(), true)).unwrap());
    assert_eq!(notices.take(&patron), []);
    wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    assert_eq!(asked(&patron), ["came", "looked", "lookers"], "what was counted goes with its yes");
}

/// Whether offers are to be read anew, as the host hears of it.
#[derive(Default)]
struct Renewed(Mutex<u32>);

impl Listener for Renewed {
    fn changed(&self, changes: &[Change]) {
        *self.0.lock().unwrap() += u32::from(changes.contains(&Change::Offers));
    }
}

impl Renewed {
    fn of(patron: &Patron) -> (Arc<Self>, patron_core::Subscription) {
        let renewed = Arc::new(Self::default());
        let subscription = patron.subscribe(renewed.clone());
        (renewed, subscription)
    }

    fn take(&self, patron: &Patron) -> bool {
        wait(patron.ready()).unwrap();
        wait(patron.diagnostics()).unwrap();
        wait(patron.ready()).unwrap();
        std::mem::take(&mut *self.0.lock().unwrap()) > 0
    }
}

#[test]
fn whoever_shows_offers_hears_when_the_shopper_has_moved_on_or_the_catalogue_grows_old() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    let (renewed, _listening) = Renewed::of(&patron);
    let go = |latitude: f64| {
        clock.advance(Duration::from_secs(30));
        let fix = FixInput { latitude, longitude: 25.1, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
        renewed.take(&patron)
    };
    assert!(go(60.2000), "the first");
    assert!(!go(60.2002), "22 m are no other distance");
    assert!(go(60.2006), "67 m from where it was told last");
    assert!(!go(60.2008));
    patron.set_online(false).unwrap();
    renewed.take(&patron);
    clock.advance(HOUR);
    assert!(renewed.take(&patron), "where the shopper was says nothing any more");
    clock.advance(22 * HOUR);
    assert!(!renewed.take(&patron));
    clock.advance(2 * HOUR);
    assert!(renewed.take(&patron), "stale from now on");
    clock.advance(7 * 24 * HOUR);
    assert!(renewed.take(&patron) && asked(&patron).is_empty(), "and gone");
    clock.set_wall(MONDAY_10 - 2 * 3_600_000);
    assert!(asked(&patron).is_empty(), "a clock that is set back brings nothing back");
}
