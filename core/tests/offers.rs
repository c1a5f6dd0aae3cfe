//! Offers against the whole core: the shopper's own rules, wishes and saved offers, limits, and notices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[path = "offers/moments.rs"]
mod moments;
#[path = "offers/person.rs"]
mod person;
#[path = "offers/phone.rs"]
mod phone;
#[path = "offers/rules.rs"]
mod rules;
#[path = "offers/spoken.rs"]
mod spoken;
mod support;
#[path = "offers/terms.rs"]
mod terms;
#[path = "offers/unseen.rs"]
mod unseen;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::offer::{BlockerKind, Due, Notice, Profile, Refused, Scalar, ShopperAct, Trait};
use patron_core::place::{FixInput, TransitionKind};
use patron_core::{Change, Config, Error, Listener, Patron};
use serde_json::{Value, json};
use support::{MONDAY_10, Model, config, open_with, wait};

const HOUR: Duration = Duration::from_secs(3_600);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

/// A market with a café, and offers that wait for moments.
fn market(offers: &Value) -> Model {
    let model = Model::town();
    let catalogue = json!({
        "version": "market-1",
        "partners": [{ "id": "lumi", "name": "Lumi Coffee" }, { "id": "kelo", "name": "Kelo Outdoor" }],
        "places": [{ "id": "cafe", "name": "the café", "dwell_s": 60,
                     "circle": { "latitude": 60.1675, "longitude": 24.9525, "radius_m": 45 } }],
        "offers": offers,
    });
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();
    model
}

fn offer(id: &str) -> Value {
    json!({ "id": id, "title": id, "benefit": { "kind": "service" } })
}

fn with(mut offer: Value, field: &str, value: Value) -> Value {
    offer[field] = value;
    offer
}

fn open(folder: &Path, model: &Model, clock: &Arc<ManualClock>) -> Patron {
    let config = Config { time_zone: Some("Europe/Helsinki".into()), ..config(folder) };
    open_with(config, model, clock).unwrap()
}

fn device(folder: &Path, model: &Model, clock: &Arc<ManualClock>, purposes: &[Purpose]) -> Patron {
    let patron = open(folder, model, clock);
    wait(patron.refresh()).unwrap();
    let d = wait(patron.diagnostics()).unwrap();
    assert_eq!(d.quarantined, [""; 0]);
    if !purposes.is_empty() {
        wait(patron.grant(purposes.to_vec())).unwrap();
    }
    patron
}

fn asked(patron: &Patron) -> Vec<String> {
    patron.offers("home").unwrap().into_iter().map(|card| card.id).collect()
}

fn unasked(patron: &Patron) -> Vec<String> {
    patron.suggest("home").unwrap().into_iter().map(|card| card.id).collect()
}

fn act(patron: &Patron, what: ShopperAct) {
    wait(patron.act(what)).unwrap();
}

/// From 220 m away, which makes it an arrival.
fn walk_in(patron: &Patron, clock: &ManualClock) {
    for latitude in [60.1695, 60.1675, 60.1675, 60.1675] {
        clock.advance(Duration::from_secs(10));
        let fix = FixInput { latitude, longitude: 24.9525, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
    assert_eq!(patron.visits().len(), 1);
}

/// Notices as the host hears of them.
#[derive(Default)]
struct Notices(Mutex<Vec<Notice>>);

impl Listener for Notices {
    fn changed(&self, changes: &[Change]) {
        let heard = changes.iter().filter_map(|change| match change {
            Change::Notice(notice) => Some(notice.clone()),
            _ => None,
        });
        self.0.lock().unwrap().extend(heard);
    }
}

impl Notices {
    fn of(patron: &Patron) -> (Arc<Self>, patron_core::Subscription) {
        let notices = Arc::new(Self::default());
        let subscription = patron.subscribe(notices.clone());
        (notices, subscription)
    }

    /// Those since the last call: offers, and whether it is the shopper's own reminder.
    fn take(&self, patron: &Patron) -> Vec<(String, Option<Due>)> {
        // Everything up to here was heard: twice around the engine.
        wait(patron.ready()).unwrap();
        wait(patron.diagnostics()).unwrap();
        wait(patron.ready()).unwrap();
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().map(|n| (n.offer, n.reminder)).collect()
    }
}

#[test]
fn the_shoppers_rules_hold_at_once_offline_and_after_a_restart() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a"), offer("b")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    assert_eq!((asked(&patron), unasked(&patron)), (vec!["a".into(), "b".into()], vec!["a".into(), "b".into()]));
    wait(async { patron.set_online(false) }).unwrap();
    act(&patron, ShopperAct::Quiet { from: "09:00".into(), to: "11:00".into() });
    assert_eq!((asked(&patron).len(), unasked(&patron).len()), (2, 0), "who asks is answered");
    act(&patron, ShopperAct::Refuse(Refused::Offer { offer: "a".into() }));
    assert_eq!(asked(&patron), ["b"]);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!((asked(&patron), unasked(&patron)), (vec!["b".into()], vec![]));
    clock.advance(HOUR);
    assert_eq!(unasked(&patron), ["b"], "quiet is over");
    act(&patron, ShopperAct::OnlyWhenAsked { only: true });
    assert_eq!(unasked(&patron), [""; 0]);
    let why: Vec<BlockerKind> = patron.blockers(None, false).unwrap().into_iter().map(|blocker| blocker.kind).collect();
    assert!(why.contains(&BlockerKind::OnlyWhenAsked), "{why:?}");
    let side = patron.shopper_side().unwrap();
    assert_eq!((side.quiet_from.as_deref(), side.only_when_asked), (Some("09:00"), true));
    assert_eq!(side.refused, [Refused::Offer { offer: "a".into() }]);
}

#[test]
fn what_makes_no_sense_is_refused_in_words_and_changes_nothing() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let before = patron.shopper_side().unwrap();
    for wrong in [
        ShopperAct::Quiet { from: "25:00".into(), to: "8".into() },
        ShopperAct::Snooze { until_ms: 5 },
        ShopperAct::Daily { most: Some(0) },
        ShopperAct::Wish { words: "…".into(), topics: vec![], until_ms: None },
        ShopperAct::Save { offer: "nowhere".into(), when_here: true, before_end_h: None },
        ShopperAct::Unseen,
    ] {
        let error = wait(patron.act(wrong.clone())).unwrap_err();
        assert!(matches!(error, Error::InvalidInput { .. }), "{wrong:?}: {error:?}");
    }
    assert_eq!(patron.shopper_side().unwrap(), before);
}

#[test]
fn a_wish_lifts_what_fits_it_and_the_reason_says_so() {
    let running = with(offer("z-run"), "title", json!("Cold-weather running tights"));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a"), running])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    assert_eq!(asked(&patron), ["a", "z-run"]);
    act(&patron, ShopperAct::Wish { words: "cold-weather running".into(), topics: vec![], until_ms: None });
    assert_eq!(asked(&patron), ["z-run", "a"], "money buys no place above what fits");
    let why = patron.why("z-run", None, true).unwrap();
    assert!(why.summary.contains("cold-weather running"), "{}", why.summary);
    let wish = patron.shopper_side().unwrap().wishes[0].id;
    act(&patron, ShopperAct::Unwish { id: wish });
    assert_eq!(asked(&patron), ["a", "z-run"]);
}

#[test]
fn a_wish_still_lifts_what_fits_it_once_partners_offers_are_gone() {
    let running = with(offer("z-run"), "title", json!("Cold-weather running tights"));
    let partners = with(offer("a"), "partner", json!("lumi"));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let model = market(&json!([partners, offer("b"), running]));
    let patron = device(folder.path(), &model, &clock, &[Purpose::PartnerOffers]);
    wait(patron.refresh()).unwrap();
    act(&patron, ShopperAct::Wish { words: "cold-weather running".into(), topics: vec![], until_ms: None });
    assert_eq!(asked(&patron), ["z-run", "a", "b"]);
    // Nothing comes from the backend that the wish could meet anew.
    patron.set_online(false).unwrap();
    wait(patron.withdraw(Purpose::PartnerOffers)).unwrap();
    assert_eq!(asked(&patron), ["z-run", "b"]);
    assert!(patron.why("z-run", None, true).unwrap().summary.contains("cold-weather running"));
    assert!(!patron.why("b", None, true).unwrap().summary.contains("cold-weather running"));
}

#[test]
fn a_limit_counts_looks_and_gives_way_with_time() {
    let capped = with(offer("a"), "caps", json!([{ "times": 1, "hours": 24 }]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([capped, offer("b")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Engagement]);
    assert!(wait(patron.saw("a".into(), true)).unwrap());
    assert!(!wait(patron.saw("a".into(), true)).unwrap(), "the same look still");
    assert_eq!(asked(&patron), ["a", "b"], "not pulled away from under the eyes");
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 1, "one impression");
    clock.advance(HOUR);
    assert_eq!(asked(&patron), ["b"]);
    clock.advance(24 * HOUR);
    assert_eq!(asked(&patron), ["a", "b"]);
    assert!(matches!(wait(patron.saw("nowhere".into(), true)), Err(Error::InvalidInput { .. })));
}

#[test]
fn without_engagement_a_look_counts_here_and_is_told_to_nobody() {
    let capped = with(offer("a"), "caps", json!([{ "times": 1, "hours": 24 }]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([capped])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    assert!(wait(patron.saw("a".into(), true)).unwrap());
    clock.advance(HOUR);
    assert!(asked(&patron).is_empty());
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 0);
}

const NOTIFIED: [Purpose; 2] = [Purpose::Notifications, Purpose::PreciseLocation];

#[test]
fn an_arrival_lets_the_best_offer_speak_once_a_day_and_never_while_quiet() {
    let speaks = with(with(offer("bun"), "places", json!(["cafe"])), "triggers", json!([{ "on": "enter" }]));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([speaks])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    let (notices, _listening) = Notices::of(&patron);
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [], "not without the purpose");
    drop(patron);

    let folder = tempfile::tempdir().unwrap();
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    act(&patron, ShopperAct::Snooze { until_ms: MONDAY_10 + 3_600_000 });
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [], "snoozed");
    drop(patron);

    let folder = tempfile::tempdir().unwrap();
    let patron = device(folder.path(), &model, &clock, &NOTIFIED);
    let (notices, _listening) = Notices::of(&patron);
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [("bun".to_owned(), None)]);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    let (notices, _listening) = Notices::of(&patron);
    wait(patron.ready()).unwrap();
    clock.advance(HOUR);
    for _ in 0..30 {
        clock.advance(Duration::from_secs(10));
        let away = FixInput { latitude: 60.18, longitude: 24.95, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(away)).unwrap();
    }
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [], "it spoke today");
}

#[test]
fn an_event_a_time_and_the_shoppers_own_reminders_speak_too() {
    let bought = with(offer("thanks"), "triggers", json!([{ "on": "event", "type": "dev.patron.offer.clicked" }]));
    let morning = json!({ "on": "time", "hours": { "time_zone": "Europe/Helsinki",
        "windows": [{ "days": ["mo", "tu", "we", "th", "fr", "sa", "su"], "from": "12:00", "to": "13:00" }] } });
    let noon = with(offer("lunch"), "triggers", json!([morning]));
    let ends = with(with(offer("bun"), "places", json!(["cafe"])), "expires_at", json!("2026-11-23T16:00:00Z"));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([bought, noon, ends])), clock());
    let purposes = [&NOTIFIED[..], &[Purpose::Engagement]].concat();
    let patron = device(folder.path(), &model, &clock, &purposes);
    let (notices, _listening) = Notices::of(&patron);
    let _ = patron.track(&Engagement::Clicked { offer: "bun".into() }).unwrap();
    wait(patron.flush()).unwrap();
    assert_eq!(notices.take(&patron), [("thanks".to_owned(), None)]);
    act(&patron, ShopperAct::Save { offer: "bun".into(), when_here: true, before_end_h: Some(2) });
    clock.advance(2 * HOUR);
    assert_eq!(notices.take(&patron), [("lunch".to_owned(), None)]);
    walk_in(&patron, &clock);
    assert_eq!(notices.take(&patron), [("bun".to_owned(), Some(Due::Here))]);
    clock.advance(4 * HOUR);
    assert_eq!(notices.take(&patron), [("bun".to_owned(), Some(Due::Expiring))]);
    clock.advance(Duration::from_secs(60));
    assert_eq!(notices.take(&patron), [], "once");
}

#[test]
fn an_unseen_visit_is_not_recorded_and_what_of_it_waited_is_gone() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    wait(async { patron.set_online(false) }).unwrap();
    walk_in(&patron, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
    act(&patron, ShopperAct::Unseen);
    assert!(patron.shopper_side().unwrap().unseen);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.queued, account.purged), (0, 1));
    let mut told = Vec::new();
    for _ in 0..30 {
        clock.advance(Duration::from_secs(10));
        let away = FixInput { latitude: 60.18, longitude: 24.95, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        told.extend(wait(patron.update_location(away)).unwrap());
    }
    assert!(told.iter().any(|t| t.kind == TransitionKind::Left) && told.iter().all(|t| t.event.is_none()));
    assert!(!patron.shopper_side().unwrap().unseen, "the next visit is another");
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 1);
    walk_in(&patron, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 2);
}

#[test]
fn an_audience_takes_personalisation_and_a_withdrawal_forgets_the_person() {
    let regulars = with(offer("regulars"), "audience", json!({ ">=": [{ "visits": ["cafe", 30] }, 1] }));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([regulars])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    walk_in(&patron, &clock);
    assert_eq!(asked(&patron), [""; 0]);
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    assert_eq!(asked(&patron), [""; 0], "what was before the yes is not known");
    for _ in 0..30 {
        clock.advance(Duration::from_secs(10));
        let away = FixInput { latitude: 60.18, longitude: 24.95, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(away)).unwrap();
    }
    walk_in(&patron, &clock);
    assert_eq!(asked(&patron), ["regulars"]);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(asked(&patron), ["regulars"]);
    assert!(wait(patron.export()).unwrap().contains("\"person\""));
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    assert!(!wait(patron.export()).unwrap().contains("\"person\""));
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    assert_eq!(asked(&patron), [""; 0], "nothing of the person was left");
}

#[test]
fn signing_out_leaves_nothing_of_the_shoppers_side() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let fresh = patron.shopper_side().unwrap();
    act(&patron, ShopperAct::Wish { words: "running".into(), topics: vec![], until_ms: None });
    act(&patron, ShopperAct::Save { offer: "a".into(), when_here: false, before_end_h: None });
    act(&patron, ShopperAct::Refuse(Refused::Topic { topic: "boots".into() }));
    act(&patron, ShopperAct::Daily { most: Some(1) });
    wait(patron.saw("a".into(), true)).unwrap();
    wait(patron.sign_out()).unwrap();
    assert_eq!(patron.shopper_side().unwrap(), fresh);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.shopper_side().unwrap(), fresh);
}

#[test]
fn an_offer_that_was_put_away_is_welcome_again_after_a_restart_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Engagement]);
    assert_eq!(patron.track(&Engagement::Dismissed { offer: "a".into() }).unwrap(), Tracked::Recorded);
    wait(patron.flush()).unwrap();
    assert_eq!(asked(&patron), [""; 0]);
    act(&patron, ShopperAct::Welcome(Refused::Offer { offer: "a".into() }));
    assert_eq!(asked(&patron), ["a"]);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(asked(&patron), ["a"]);
}

#[test]
fn of_an_unseen_visit_nothing_is_learnt_recorded_or_kept() {
    let regulars = with(offer("regulars"), "audience", json!({ ">=": [{ "visits": ["cafe", 30] }, 1] }));
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a"), regulars])), clock());
    let purposes = [Purpose::PreciseLocation, Purpose::Personalisation, Purpose::Engagement];
    let patron = device(folder.path(), &model, &clock, &purposes);
    wait(async { patron.set_online(false) }).unwrap();
    walk_in(&patron, &clock);
    assert_eq!(asked(&patron), ["a", "regulars"], "the visit under way counts");
    act(&patron, ShopperAct::Unseen);
    assert_eq!(asked(&patron), ["a"], "and counts no more");
    let before = wait(patron.diagnostics()).unwrap().account;
    assert!(wait(patron.saw("a".into(), true)).unwrap());
    assert_eq!(wait(patron.diagnostics()).unwrap().account, before, "no impression is recorded");
    assert!(!wait(patron.export()).unwrap().contains("\"kind\": \"decision\""));
}

#[test]
fn an_explanation_is_of_the_same_question_as_the_answer() {
    let offers = json!([
        offer("anywhere"),
        with(offer("home"), "placements", json!(["home"])),
        with(offer("checkout"), "placements", json!(["checkout"])),
        with(offer("pull"), "triggers", json!([{ "on": "pull" }])),
        with(offer("runners"), "audience", json!({ "segment": "runners" })),
        with(offer("here"), "audience", json!({ "==": [{ "var": "context.placement" }, "checkout"] })),
    ]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&offers), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Personalisation]);
    let ids = ["anywhere", "home", "checkout", "pull", "runners", "here"];
    let same = |rule: &str| {
        for (placement, asked) in [("home", true), ("home", false), ("checkout", true), ("checkout", false)] {
            let cards = if asked { patron.offers(placement) } else { patron.suggest(placement) }.unwrap();
            for id in ids {
                let why = patron.why(id, Some(placement), asked).unwrap();
                assert_eq!(why.shown, cards.iter().any(|card| card.id == id), "{rule}, {placement}, {asked}, {id}");
            }
            let named = patron.blockers(Some(placement), asked).unwrap();
            assert!(!cards.is_empty() || !named.is_empty(), "{rule}, {placement}, {asked}: nothing shows, and why?");
        }
    };
    same("none");
    act(&patron, ShopperAct::Daily { most: Some(1) });
    same("one a day");
    act(&patron, ShopperAct::Quiet { from: "00:00".into(), to: "23:59".into() });
    same("quiet");
    let kinds = |asked| -> Vec<BlockerKind> {
        patron.blockers(Some("home"), asked).unwrap().into_iter().map(|blocker| blocker.kind).collect()
    };
    assert_eq!((kinds(true), kinds(false)), (vec![], vec![BlockerKind::QuietHours]));
    act(&patron, ShopperAct::OnlyWhenAsked { only: true });
    same("only when asked");
    for id in ids {
        act(&patron, ShopperAct::Refuse(Refused::Offer { offer: id.into() }));
    }
    same("refused");
    let invalid = |asked: Result<(), Error>| match asked {
        Err(Error::InvalidInput { what, .. }) => what,
        other => format!("{other:?}"),
    };
    assert_eq!(invalid(patron.why("home", Some(""), true).map(drop)), "placement");
    assert_eq!(invalid(patron.blockers(Some(&"x".repeat(65)), true).map(drop)), "placement");
}

#[test]
fn a_notice_counts_for_the_limits_after_a_restart_too() {
    let greeting = with(
        with(offer("greeting"), "triggers", json!([{ "on": "enter", "place": "cafe" }])),
        "partner",
        json!("lumi"),
    );
    let model = market(&json!([with(greeting, "caps", json!([{ "times": 1, "hours": 48 }])), offer("own")]));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let purposes = [Purpose::Notifications, Purpose::PreciseLocation, Purpose::PartnerOffers];
    let patron = device(folder.path(), &model, &clock, &purposes);
    let (_notices, listening) = Notices::of(&patron);
    walk_in(&patron, &clock);
    assert_eq!(asked(&patron), ["greeting", "own"], "it waits for whoever taps the notice");
    drop((listening, patron));

    clock.advance(25 * HOUR);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    assert_eq!(asked(&patron), ["own"], "it was shown once, and nobody looked");
    clock.advance(23 * HOUR);
    assert_eq!(asked(&patron), ["greeting", "own"]);
    wait(patron.withdraw(Purpose::PartnerOffers)).unwrap();
    assert!(!wait(patron.export()).unwrap().contains("greeting"), "nothing of a partner's stays");
}
