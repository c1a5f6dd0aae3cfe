//! What a partner can learn: the events that are shared with it, under a name of its own, and nothing else.

use patron_core::consent::ConsentStatus::{Granted, Withdrawn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, KEY, batch, event, verdicts};
use crate::client::Response;
use crate::shopper::Shopper;

const LUMI: &str = "sk_demo_lumi-0123456789abcdef";
const NORD: &str = "sk_demo_nord-0123456789abcdef";

fn start(data: &std::path::Path) -> Backend {
    let keys = [format!("lumi={LUMI}"), format!("nord={NORD}")];
    Backend::start_with(data, &["--seed", "demo", "--partner-key", &keys[0], "--partner-key", &keys[1]])
}

fn get(backend: &Backend, key: &str, after: Option<&str>) -> Response {
    let path = after.map_or("/v1/partner/events".to_owned(), |after| format!("/v1/partner/events?after={after}"));
    backend.get(&path, &[("authorization", &format!("Bearer {key}"))])
}

/// What the partner hears from the beginning.
#[track_caller]
fn hears(backend: &Backend, key: &str) -> Vec<Value> {
    let reply = get(backend, key, None);
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()["events"].as_array().unwrap().clone()
}

/// A shopper who shares with `partners`, each of which has a name for them; and those names.
fn sharing(backend: &Backend, partners: &[&str]) -> (Shopper, Vec<Uuid>) {
    let mut shopper = Shopper::new();
    let mut decisions = vec![shopper.decides("engagement", Granted)];
    decisions.extend(partners.iter().map(|partner| shopper.decides(&format!("partner_sharing/{partner}"), Granted)));
    let names: Vec<Uuid> = partners.iter().map(|_| Uuid::now_v7()).collect();
    tells(backend, &shopper, &decisions, partners, &names, &[]);
    (shopper, names)
}

fn tells(
    backend: &Backend,
    shopper: &Shopper,
    decisions: &[Value],
    partners: &[&str],
    names: &[Uuid],
    lowered: &[&str],
) {
    let mut report = shopper.report(decisions);
    let names: serde_json::Map<_, _> =
        partners.iter().zip(names).map(|(partner, name)| ((*partner).to_owned(), json!(name))).collect();
    report["pseudonyms"] = names.into();
    report["lowered"] = json!(lowered);
    assert_eq!(backend.post("/v1/consent", &report).status, 200);
}

fn event_for(shopper: &Shopper, partner: &str) -> Value {
    let mut event = event(shopper.installation, "engagement", shopper.epoch);
    event["partner"] = partner.into();
    event["subject"] = Uuid::now_v7().to_string().into();
    event["type"] = "dev.patron.offer.redeemed".into();
    event["data"] = json!({ "offer": "cup", "order": "order-77", "place": "kamppi",
                            "value": { "minor": 120, "currency": "EUR" } });
    event
}

#[track_caller]
fn sends(backend: &Backend, shopper: &Shopper, events: &[Value]) {
    let verdicts = verdicts(&backend.post("/v1/events", &batch(shopper.installation, events)));
    assert!(verdicts.iter().all(|verdict| verdict == "ok"), "{verdicts:?}");
}

#[test]
fn a_partner_hears_of_its_own_events_from_those_who_share_with_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, names) = sharing(&backend, &["lumi"]);
    let (private, _) = sharing(&backend, &[]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi"), event_for(&shopper, "nord")]);
    sends(&backend, &shopper, &[event(shopper.installation, "engagement", 2)]);
    sends(&backend, &private, &[event_for(&private, "lumi")]);
    let heard = hears(&backend, LUMI);
    assert_eq!(heard.len(), 1);
    let hour = heard[0]["hour"].as_str().unwrap();
    assert!(hour.ends_with(":00:00Z") && hour.parse::<jiff::Timestamp>().is_ok(), "{hour}");
    assert_eq!(heard[0]["data"], json!({ "offer": "cup", "value": { "minor": 120, "currency": "EUR" } }));
    assert_eq!(heard[0]["shopper"], json!(names[0]));
    assert_eq!(heard[0].as_object().unwrap().len(), 4);
    assert_eq!(hears(&backend, NORD), [json!(null); 0], "its event is there, the shopper's yes is not");
}

#[test]
fn no_byte_of_any_answer_leads_to_a_device_or_to_another_partners_name() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let mut secrets = Vec::new();
    let mut names = Vec::new();
    for _ in 0..5 {
        let (shopper, mine) = sharing(&backend, &["lumi", "nord"]);
        let events: Vec<Value> = ["lumi", "nord", "lumi"].map(|partner| event_for(&shopper, partner)).into();
        for event in &events {
            for field in ["id", "subject", "sessionid", "bootid"] {
                secrets.push(event[field].as_str().unwrap().to_owned());
            }
        }
        secrets.extend([shopper.installation.to_string(), shopper.signer.public(), shopper.head().to_string()]);
        sends(&backend, &shopper, &events);
        names.push(mine);
    }
    secrets.extend(["order-77".to_owned(), "kamppi".to_owned()]);
    let cursor = get(&backend, LUMI, None).json()["next"].as_str().unwrap().to_owned();
    for (key, mine, others) in [(LUMI, 0, 1), (NORD, 1, 0)] {
        let answers = [None, Some(cursor.as_str()), Some("7"), Some("x&y=%ff")].map(|after| get(&backend, key, after));
        let elsewhere = ["/v1/catalogue", "/v1/keys", "/v1/nowhere"]
            .map(|path| backend.get(path, &[("authorization", &format!("Bearer {key}"))]));
        assert_eq!(answers[0].json()["events"].as_array().unwrap().len(), if mine == 0 { 10 } else { 5 });
        for answer in answers.iter().chain(&elsewhere) {
            let all = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body)).to_lowercase();
            for secret in secrets.iter().cloned().chain(names.iter().map(|names| names[others].to_string())) {
                for spelled in [secret.clone(), secret.replace('-', "")] {
                    assert!(!all.contains(&spelled.to_lowercase()), "{secret} is in {all}");
                }
            }
        }
    }
}

#[test]
fn two_partners_have_nothing_in_common_to_join_by() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, _) = sharing(&backend, &["lumi", "nord"]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi"), event_for(&shopper, "nord")]);
    let (lumi, nord) = (get(&backend, LUMI, None).json(), get(&backend, NORD, None).json());
    assert_ne!(lumi["events"][0]["shopper"], nord["events"][0]["shopper"]);
    let cursors = [&lumi["next"], &nord["next"], &get(&backend, LUMI, None).json()["next"]]
        .map(|cursor| cursor.as_str().unwrap().to_owned());
    // Neither a place in a common order, nor the same twice, nor of use to the other.
    assert!(cursors[0] != cursors[1] && cursors[0] != cursors[2]);
    let detail = get(&backend, NORD, Some(&cursors[0])).problem(400, "malformed");
    assert!(detail.starts_with("after: "), "{detail}");
}

#[test]
fn a_withdrawal_ends_it_at_once_and_a_new_yes_brings_nothing_back() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (mut shopper, names) = sharing(&backend, &["lumi"]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
    let no = shopper.decides("partner_sharing/lumi", Withdrawn);
    // The name comes along, as from a device that is slow to forget it: the decision alone ends it.
    tells(&backend, &shopper, &[no], &["lumi"], &names, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    let yes = shopper.decides("partner_sharing/lumi", Granted);
    tells(&backend, &shopper, &[yes], &["lumi"], &names, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "neither from before nor from in between");
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
}

#[test]
fn a_signal_from_outside_a_name_that_is_gone_and_an_erasure_end_it_too() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, names) = sharing(&backend, &["lumi"]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    tells(&backend, &shopper, &[], &["lumi"], &names, &["partner_sharing"]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "lowered");
    tells(&backend, &shopper, &[], &["lumi"], &names, &["beacons"]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
    tells(&backend, &shopper, &[], &["nord"], &names, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "no name");
    tells(&backend, &shopper, &[], &["lumi"], &names, &[]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
    let request = shopper.asks("erase", json!({}));
    crate::shopper::ask(&backend, &[&request]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "erased");
}

#[test]
fn a_no_on_the_phone_ends_it_for_the_tablet_that_has_not_heard_of_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    for device in [&mut phone, &mut tablet] {
        device.links(&backend, "me");
        let said = ["engagement", "partner_sharing/lumi", "partner_sharing/nord"].map(|of| device.decides(of, Granted));
        tells(&backend, device, &said, &["lumi", "nord"], &[Uuid::now_v7(), Uuid::now_v7()], &[]);
        sends(&backend, device, &[event_for(device, "lumi"), event_for(device, "nord")]);
    }
    assert_eq!(hears(&backend, LUMI).len(), 2);
    let no = phone.decides("partner_sharing/lumi", Withdrawn);
    phone.tells(&backend, std::slice::from_ref(&no));
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "the tablet lies in a drawer");
    assert_eq!(hears(&backend, NORD).len(), 1, "the phone's report named nobody");
}

#[test]
fn a_shopper_whose_name_changes_is_another_one_from_then_on() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, names) = sharing(&backend, &["lumi"]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    assert_eq!(hears(&backend, LUMI)[0]["shopper"], json!(names[0]));
    // Signed in: the account's name, in place of the device's own.
    let account = [Uuid::now_v7()];
    tells(&backend, &shopper, &[], &["lumi"], &account, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "one event under two names would join them");
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    tells(&backend, &shopper, &[], &["lumi"], &account, &[]);
    let heard = hears(&backend, LUMI);
    assert_eq!((heard.len(), &heard[0]["shopper"]), (1, &json!(account[0])));
}

#[test]
fn a_partner_reads_on_no_longer_than_the_yes_lasts() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let lasting = shopper.decides_until("partner_sharing/lumi", now_ms + 3_600_000);
    let name = [Uuid::now_v7()];
    tells(&backend, &shopper, &[lasting], &["lumi"], &name, &[]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
    // The device is off, and says nothing of it; its word is that the yes ran out a second ago.
    let over = shopper.decides_until("partner_sharing/lumi", now_ms - 1_000);
    tells(&backend, &shopper, &[over], &["lumi"], &name, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0]);
}

#[test]
fn the_next_shopper_on_a_device_is_another_one_to_the_partner() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    for _ in 0..2 {
        let (shopper, _) = sharing(&backend, &["lumi"]);
        sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    }
    let heard = hears(&backend, LUMI);
    assert_eq!(heard.len(), 2);
    assert_ne!(heard[0]["shopper"], heard[1]["shopper"]);
}

#[test]
fn an_old_report_that_comes_late_brings_no_name_back() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let mut shopper = Shopper::new();
    let yes = shopper.decides("partner_sharing/lumi", Granted);
    let name = [Uuid::now_v7()];
    tells(&backend, &shopper, std::slice::from_ref(&yes), &["lumi"], &name, &[]);
    let more = shopper.decides("engagement", Granted);
    tells(&backend, &shopper, &[yes.clone(), more], &[], &[], &["partner_sharing"]);
    tells(&backend, &shopper, &[yes], &["lumi"], &name, &[]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0]);
}

#[test]
fn an_earlier_word_on_what_is_lowered_does_not_undo_a_later_one() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, names) = sharing(&backend, &["lumi"]);
    sends(&backend, &shopper, &[event_for(&shopper, "lumi")]);
    let tell = |standing: u64, lowered: &[&str]| {
        let mut report = shopper.report(&[]);
        report["pseudonyms"] = json!({ "lumi": names[0] });
        report["lowered"] = json!(lowered);
        report["standing"] = standing.into();
        assert_eq!(backend.post("/v1/consent", &report).status, 200);
    };
    tell(7, &["partner_sharing"]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0]);
    // Sent before it, and long on its way.
    tell(6, &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0]);
    tell(8, &[]);
    assert_eq!(hears(&backend, LUMI).len(), 1);
}

#[test]
fn pages_follow_one_another_without_a_gap_or_a_repetition() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let (shopper, _) = sharing(&backend, &["lumi"]);
    let send = |from: usize| {
        let events: Vec<Value> = (from..from + 400)
            .map(|n| {
                let mut event = event_for(&shopper, "lumi");
                event["data"]["offer"] = format!("offer-{n}").into();
                event
            })
            .collect();
        sends(&backend, &shopper, &events);
    };
    (0..3).for_each(|batch| send(batch * 400));
    let (mut heard, mut after) = (Vec::new(), None);
    let mut read = |heard: &mut Vec<String>| {
        loop {
            let page = get(&backend, LUMI, after.as_deref()).json();
            let events = page["events"].as_array().unwrap();
            heard.extend(events.iter().map(|event| event["data"]["offer"].as_str().unwrap().to_owned()));
            after = Some(page["next"].as_str().unwrap().to_owned());
            if page["more"] == false {
                break;
            }
        }
    };
    read(&mut heard);
    send(1_200);
    read(&mut heard);
    assert_eq!(heard, (0..1_600).map(|n| format!("offer-{n}")).collect::<Vec<_>>());
}

#[test]
fn each_key_opens_its_own_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    backend.get("/v1/partner/events", &[KEY]).problem(403, "not-for-this-key");
    backend.get("/v1/partner/events", &[]).problem(401, "missing-key");
    get(&backend, "sk_demo_guess", None).problem(401, "unknown-key");
    for path in ["/v1/catalogue", "/v1/keys"] {
        let refused = backend.get(path, &[("authorization", &format!("Bearer {LUMI}"))]);
        refused.problem(403, "not-for-this-key");
    }
    for path in ["/v1/consent", "/v1/identity", "/v1/events", "/v1/rights", "/v1/preferences"] {
        backend.post_as(LUMI, path, &json!({})).problem(403, "not-for-this-key");
    }
    assert_eq!(get(&backend, LUMI, None).header("cache-control"), Some("no-store"));
    backend.kill();
    let backend = Backend::start_with(data.path(), &[]);
    assert_eq!(hears(&backend, LUMI), [json!(null); 0], "the key stays valid");
}
