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

/// The visits' turns that a listener heard of.
#[derive(Default)]
struct Turns(Mutex<usize>);

impl Listener for Turns {
    fn changed(&self, changes: &[Change]) {
        *self.0.lock().unwrap() += changes.iter().filter(|change| matches!(change, Change::Visit(_))).count();
    }
}

#[test]
fn nothing_of_a_place_is_told_behind_the_withdrawal_that_ended_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), Arc::new(ManualClock::at(MONDAY_10)));
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    let turns = Arc::new(Turns::default());
    let _subscription = patron.subscribe(turns.clone());
    let town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle = &town["places"][0]["circle"];
    for _ in 0..6 {
        clock.advance(Duration::from_secs(10));
        let (latitude, longitude) = (circle["latitude"].as_f64().unwrap(), circle["longitude"].as_f64().unwrap());
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
    wait(patron.ready()).unwrap();
    assert_eq!(*turns.0.lock().unwrap(), 1, "she is there");
    // A stay comes due in the same step in which the grant for it ends.
    clock.advance(Duration::from_secs(3_600));
    wait(patron.withdraw(Purpose::PreciseLocation)).unwrap();
    wait(patron.ready()).unwrap();
    assert_eq!(*turns.0.lock().unwrap(), 1, "a stay was told that the device had forgotten");
}
