//! What the backend will never take: what is to be seen of it, and when it goes.

#![allow(clippy::unwrap_used, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::{Clock, ManualClock};
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use patron_core::{Fate, Patron};
use support::{Fault, MONDAY_10, Model, open, wait};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

/// A backend that will never take what is about this offer.
fn refusing(offer: &str) -> Model {
    let model = Model::town();
    model.0.lock().unwrap().drops = Some((format!("\"{offer}\""), "conflict".to_owned()));
    model
}

fn granted(folder: &Path, model: &Model, clock: &Arc<ManualClock>) -> Patron {
    let patron = open(folder, model, clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron
}

fn save(patron: &Patron, offer: &str) {
    assert_eq!(patron.track(&Engagement::Saved { offer: offer.to_owned() }), Ok(Tracked::Recorded));
}

fn deliver(patron: &Patron) {
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
}

#[test]
fn a_dead_letter_says_what_it_was_and_how_it_ended() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
    let patron = granted(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    let happened = clock.now().wall_ms;
    save(&patron, "bad");
    save(&patron, "good");
    assert_eq!(wait(patron.dead_letters(10)).unwrap(), []);
    clock.advance(MINUTE);
    patron.set_online(true).unwrap();
    deliver(&patron);
    let letters = wait(patron.dead_letters(10)).unwrap();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.kind.as_str(), letter.reason.as_str()), ("dev.patron.offer.saved", "conflict"));
    assert_eq!((&letter.purpose, letter.refusals), (&Purpose::Engagement, Some(1)));
    assert_eq!(letter.at_ms, happened);
    assert_eq!(letter.given_up_at_ms, Some(happened + 60_000));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&letter.data).unwrap(), serde_json::json!({"offer": "bad"}));
    let batches = model.0.lock().unwrap().batches.clone();
    assert!(batches[0].events.iter().any(|event| event.id == letter.id), "as the backend was told it");
    // A process later it is the same.
    patron.close();
    assert_eq!(wait(open(folder.path(), &model, &clock).dead_letters(10)).unwrap(), letters);
}

#[test]
fn every_refusal_and_every_time_it_was_put_off_counts() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = granted(folder.path(), &model, &clock);
    deliver(&patron);
    let refusal = r#"{"type":"/problems/malformed","title":"no","status":400}"#;
    (0..2).for_each(|_| model.fail("/v1/events", Fault::Answer(400, vec![], refusal)));
    model.0.lock().unwrap().drops = Some(("bad".to_owned(), "malformed: data at 7".to_owned()));
    save(&patron, "bad");
    patron.set_online(true).unwrap();
    wait(async {
        while patron.diagnostics().await.unwrap().account.queued > 0 {
            clock.advance(Duration::from_secs(300));
        }
    });
    let letters = wait(patron.dead_letters(10)).unwrap();
    let found: Vec<_> = letters.iter().map(|letter| (letter.reason.as_str(), letter.refusals)).collect();
    assert_eq!(found, [("malformed", Some(3))], "two without a word, and the last");
}

#[test]
fn the_newest_come_first_and_no_more_than_were_asked_for() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
    let patron = granted(folder.path(), &model, &clock);
    for _ in 0..3 {
        clock.advance(MINUTE);
        save(&patron, "bad");
        deliver(&patron);
    }
    let ends = |most| -> Vec<i64> {
        let letters = wait(patron.dead_letters(most)).unwrap();
        letters.iter().map(|letter| (letter.given_up_at_ms.unwrap() - MONDAY_10) / 60_000).collect()
    };
    assert_eq!(ends(10), [3, 2, 1]);
    assert_eq!(ends(2), [3, 2]);
    assert_eq!(ends(0), [0_i64; 0]);
}

#[test]
fn the_last_thousand_are_kept_by_when_they_were_given_up() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
    let patron = granted(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    // This one happened before all the others, and is given up behind them.
    save(&patron, "bad");
    wait(patron.flush()).unwrap();
    patron.close();
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    for n in 0..1_000_u32 {
        let id = uuid::Uuid::from_u128(u128::MAX - u128::from(n));
        db.execute(
            "INSERT INTO dead_letter (id, kind, purpose, reason, data, wall_ms, given_up_ms, refusals)
             SELECT ?1, kind, purpose, 'conflict', data, wall_ms, wall_ms + ?2, 1 FROM event",
            (id, n),
        )
        .unwrap();
    }
    db.execute("INSERT INTO counter (name, value) VALUES ('dead:conflict', 1000)", []).unwrap();
    db.execute("UPDATE counter SET value = value + 1000 WHERE name = 'accepted'", []).unwrap();
    drop(db);
    clock.advance(MINUTE);
    let patron = open(folder.path(), &model, &clock);
    deliver(&patron);
    let letters = wait(patron.dead_letters(2_000)).unwrap();
    assert_eq!(letters.len(), 1_000);
    assert_eq!(letters[0].given_up_at_ms, Some(MONDAY_10 + 60_000), "the one that was given up last");
    assert!(letters.iter().all(|letter| letter.given_up_at_ms != Some(MONDAY_10)), "and not the one that was first");
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances() && account.dead == 1_001, "{account:?}");
}

#[test]
fn dead_letters_go_with_the_shoppers_word() {
    type Word = fn(&Patron) -> &'static str;
    let words: [Word; 3] = [
        |patron| wait(patron.withdraw(Purpose::Engagement)).map(|_| "withdrawn").unwrap(),
        |patron| wait(patron.erase()).map(|_| "erased").unwrap(),
        |patron| wait(patron.sign_out()).map(|_| "signed_out").unwrap(),
    ];
    for word in words {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
        let patron = granted(folder.path(), &model, &clock);
        wait(patron.identify("token".to_owned())).unwrap();
        save(&patron, "bad");
        deliver(&patron);
        assert_eq!(wait(patron.dead_letters(10)).unwrap().len(), 1);
        let reason = word(&patron);
        assert_eq!(wait(patron.dead_letters(10)).unwrap(), [], "{reason}");
        let found = wait(patron.diagnostics()).unwrap();
        let lost: Vec<_> = found.losses.iter().map(|loss| (loss.fate, loss.reason.as_str(), loss.events)).collect();
        assert_eq!(lost, [(Fate::Purged, reason, 1)]);
        assert!(found.account.balances(), "{reason}: {:?}", found.account);
        patron.close();
        let main = std::fs::read(folder.path().join(MAIN_FILE)).unwrap();
        assert!(!main.windows(5).any(|bytes| bytes == b"\"bad\""), "{reason}: nothing of it is left on the disk");
    }
}

#[test]
fn the_withdrawal_of_another_purpose_leaves_them() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
    let patron = granted(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    save(&patron, "bad");
    deliver(&patron);
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    assert_eq!(wait(patron.dead_letters(10)).unwrap().len(), 1);
}

#[test]
fn an_export_has_them_with_their_time_and_what_they_say() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), refusing("bad"), clock());
    let patron = granted(folder.path(), &model, &clock);
    save(&patron, "bad");
    deliver(&patron);
    let letter = wait(patron.dead_letters(1)).unwrap().remove(0);
    let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let item = export["items"].as_array().unwrap().iter().find(|item| item["kind"] == "refused_event").unwrap().clone();
    assert_eq!(item["origin"], "the app");
    assert_eq!(item["at"], patron_core::clock::rfc3339(letter.at_ms));
    assert_eq!(item["content"]["id"], letter.id.to_string());
    assert_eq!(item["content"]["data"]["offer"], "bad");
    assert_eq!(item["content"]["given_up_at"], patron_core::clock::rfc3339(letter.given_up_at_ms.unwrap()));
    assert_eq!((&item["content"]["reason"], &item["content"]["refusals"]), (&"conflict".into(), &1.into()));
}

/// `fixtures/schema_1` has two dead letters of a time when neither times nor reasons were counted.
#[test]
fn those_of_an_earlier_version_have_the_time_of_their_ids_and_go_as_they_were_counted() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema_1");
    for file in [MAIN_FILE, OFFERS_FILE] {
        std::fs::copy(fixture.join(file), folder.path().join(file)).unwrap();
    }
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    let letters = wait(patron.dead_letters(10)).unwrap();
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert_eq!((letter.given_up_at_ms, letter.refusals), (None, None));
        assert!((letter.at_ms - MONDAY_10).abs() < 3_600_000, "{letter:?}");
    }
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    let found = wait(patron.diagnostics()).unwrap();
    assert!(found.account.balances() && found.account.dead == 0, "{:?}", found.account);
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().set_aside, [], "no counter went below nought");
}
