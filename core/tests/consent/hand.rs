//! What the tests of consent do again and again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::Patron;
use patron_core::clock::ManualClock;
use patron_core::consent::{ConsentState, Purpose};
use patron_core::event::Engagement;
use patron_core::place::{FixInput, TransitionKind};

use super::support::{MONDAY_10, Model, wait};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Stands in events and offers, and must not be found where it was erased.
pub(crate) const CANARY: &str = "canary-7f3a91";

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

pub(crate) fn saved(offer: &str) -> Engagement {
    Engagement::Saved { offer: offer.into() }
}

pub(crate) fn state(patron: &Patron, purpose: &Purpose) -> ConsentState {
    patron.consents().into_iter().find(|state| state.purpose == *purpose).unwrap()
}

/// Inside the town's first store.
pub(crate) fn in_the_store() -> FixInput {
    let town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    let circle = &town["places"][0]["circle"];
    let at = |name: &str| circle[name].as_f64().unwrap();
    FixInput { latitude: at("latitude"), longitude: at("longitude"), accuracy_m: Some(5.0), age_ms: 0, mock: false }
}

pub(crate) fn visit(patron: &Patron, clock: &ManualClock) {
    let mut told = Vec::new();
    for _ in 0..6 {
        told.extend(wait(patron.update_location(in_the_store())).unwrap());
        clock.advance(Duration::from_secs(10));
    }
    assert!(told.iter().any(|transition| transition.kind == TransitionKind::Entered), "{told:?}");
}

/// Whether the canary stands in any file of the store.
pub(crate) fn is_on_disk(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
    })
}

/// A town whose partners' offers carry the canary, and the retailer's own do not.
pub(crate) fn with_canary() -> Model {
    let model = Model::town();
    let mut town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    for offer in town["offers"].as_array_mut().unwrap() {
        if offer["partner"].is_string() {
            offer["title"] = CANARY.into();
        }
    }
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    model
}

/// Everything is told and heard.
pub(crate) fn synced(patron: &Patron) {
    wait(patron.refresh()).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
}
