//! What the torture with real processes brought to light, each as a promise of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::place::FixInput;
use patron_core::{Change, Listener};
use support::{MONDAY_10, Model, open, wait};

/// What a listener heard, a batch for each step of the engine.
#[derive(Default)]
struct Heard(Mutex<Vec<Vec<Change>>>);

impl Heard {
    fn turns(&self) -> usize {
        let batches = self.0.lock().unwrap();
        batches.iter().flatten().filter(|change| matches!(change, Change::Visit(_))).count()
    }
}

impl Listener for Heard {
    fn changed(&self, changes: &[Change]) {
        self.0.lock().unwrap().push(changes.to_vec());
    }
}

#[test]
fn nothing_of_a_place_is_told_behind_the_withdrawal_that_ended_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    let heard = Arc::new(Heard::default());
    let _subscription = patron.subscribe(heard.clone());
    let town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle = &town["places"][0]["circle"];
    for _ in 0..6 {
        clock.advance(Duration::from_secs(10));
        let (latitude, longitude) = (circle["latitude"].as_f64().unwrap(), circle["longitude"].as_f64().unwrap());
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
    wait(patron.ready()).unwrap();
    // Nothing is in flight whose answer could make the stay due in a step before the withdrawal.
    wait(patron.drain(Duration::from_secs(10), None)).unwrap();
    assert_eq!(heard.turns(), 1, "she is there");
    // A stay comes due in the same step in which the grant for it ends.
    clock.advance(Duration::from_secs(3_600));
    wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    wait(patron.ready()).unwrap();
    let batches = heard.0.lock().unwrap().clone();
    let decided = batches.iter().rposition(|batch| batch.contains(&Change::Consent)).unwrap();
    let told = batches[decided..].iter().flatten().any(|change| matches!(change, Change::Visit(_)));
    assert!(!told, "a stay was told that the device had forgotten: {batches:?}");
}
