//! A backend whose deltas do not fit, and a device that asks for none it could not use.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::Patron;
use patron_core::clock::ManualClock;
use patron_core::consent::{Purpose, Sha};
use patron_core::sandbox::TOWN_JSON;
use support::{Fault, MONDAY_10, Model, open, wait};

const FITS: [(&str, &str); 3] = [("etag", "\"v2\""), ("im", "patron-delta"), ("delta-base", "\"town\"")];

/// A delta that makes what it says out of the town.
fn delta(pieces: &str, new: &str) -> &'static str {
    // An answer of the model lives as long as the test.
    Box::leak(format!(r#"{{"sha256":"{}","pieces":{pieces}}}"#, Sha::of(new.as_bytes())).into_boxed_str())
}

/// Of each request for a catalogue since the last look, whether a delta would have done; once the device rests, which
/// fetches by itself when it is opened.
fn asked(patron: &Patron, model: &Model) -> Vec<bool> {
    loop {
        let before = model.0.lock().unwrap().requests.len();
        wait(patron.drain(Duration::from_secs(9), None)).unwrap();
        let mut held = model.0.lock().unwrap();
        if held.requests.len() == before {
            return std::mem::take(&mut held.deltas_asked);
        }
    }
}

/// A device that has the town whole, and nothing to do.
fn opened(folder: &Path, model: &Model) -> Patron {
    let patron = open(folder, model, &Arc::new(ManualClock::at(MONDAY_10)));
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    assert!(!asked(&patron, model)[0]);
    patron
}

#[test]
fn a_delta_that_does_not_fit_is_dropped_and_the_whole_is_asked_for_at_once() {
    let town = TOWN_JSON;
    let renamed = town.replacen("\"version\"", "\"Version\"", 1);
    let answers = [
        (FITS.to_vec(), delta(r#"["{}"]"#, town)),
        (FITS.to_vec(), delta(&format!("[[0,{}]]", town.len() + 1), town)),
        (FITS.to_vec(), "<html>sign in</html>"),
        (FITS.to_vec(), delta(&format!("[[1,{}]]", town.len() - 1), &renamed)),
        (vec![FITS[0], FITS[1], ("delta-base", "\"other\"")], delta(&format!("[[0,{}]]", town.len()), town)),
    ];
    for (headers, body) in answers {
        let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
        let patron = opened(folder.path(), &model);
        let before = patron.offers("home").unwrap();
        model.fail("catalogue", Fault::Answer(226, headers, body));
        wait(patron.refresh()).unwrap();
        assert_eq!(asked(&patron, &model), [true, false], "{body:.60}");
        assert_eq!(patron.offers("home").unwrap(), before);
        wait(patron.refresh()).unwrap();
        assert_eq!(asked(&patron, &model), [false], "a process that was deceived once asks for no other");
        patron.close();
    }
}

#[test]
fn a_delta_that_fits_is_taken_with_its_tag() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let patron = opened(folder.path(), &model);
    let new = format!("{} ", TOWN_JSON);
    model
        .fail("catalogue", Fault::Answer(226, FITS.to_vec(), delta(&format!("[[0,{}],\" \"]", TOWN_JSON.len()), &new)));
    wait(patron.refresh()).unwrap();
    assert_eq!(asked(&patron, &model), [true]);
    // Made for the tag of before: by now it is another.
    model.fail("catalogue", Fault::Answer(226, FITS.to_vec(), delta(&format!("[[0,{}]]", TOWN_JSON.len()), TOWN_JSON)));
    wait(patron.refresh()).unwrap();
    assert_eq!(asked(&patron, &model), [true, false]);
    patron.close();
}

#[test]
fn a_delta_that_nobody_asked_for_is_an_answer_that_is_not_understood() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    // It would make the town out of anything.
    let all_new = delta(&format!("[{}]", serde_json::to_string(TOWN_JSON).unwrap()), TOWN_JSON);
    model.fail("catalogue", Fault::Answer(226, FITS.to_vec(), all_new));
    let patron = open(folder.path(), &model, &Arc::new(ManualClock::at(MONDAY_10)));
    let first = asked(&patron, &model);
    assert!(!first.contains(&true), "{first:?}");
    assert!(first.len() > 1 || patron.offers("home").unwrap().is_empty(), "the first was taken");
    wait(patron.refresh()).unwrap();
    assert!(!patron.offers("home").unwrap().is_empty());
    patron.close();
}

#[test]
fn without_partners_offers_on_the_disk_no_delta_is_asked_for() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let clock = Arc::new(ManualClock::at(MONDAY_10));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    asked(&patron, &model);
    wait(patron.refresh()).unwrap();
    // Once or twice: the fetch of the opening may still have been to come.
    let again = asked(&patron, &model);
    assert!(again.contains(&true) && !again.contains(&false), "this process has all of it in memory: {again:?}");
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    assert!(!asked(&patron, &model)[0]);
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    asked(&patron, &model);
    wait(patron.withdraw(Purpose::PartnerOffers)).unwrap();
    asked(&patron, &model);
    wait(patron.refresh()).unwrap();
    assert!(!asked(&patron, &model)[0], "the base left with the yes");
    patron.close();
}
