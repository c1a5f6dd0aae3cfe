//! What one shopper does all day, beside tracking: walks, is offline and online, changes her mind,
//! signs out, and lets the app deliver.

use std::sync::atomic::Ordering;
use std::time::Duration;

use patron_core::Error;
use patron_core::clock::Clock;
use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::place::FixInput;

use super::device::{Device, block_on};
use super::protocol::Fact;

/// The torture's catalogue: one store to walk into.
pub(super) const CATALOGUE: &str = r#"{
  "version": "torture-1", "ttl_s": 3600,
  "partners": [],
  "places": [{ "id": "store", "name": "The store", "dwell_s": 60,
               "circle": { "latitude": 60.1675, "longitude": 24.9525, "radius_m": 60 } }],
  "offers": []
}"#;

/// She is in the store for so long and then elsewhere for as long, by the device's clock.
const STAY_MS: u64 = 180_000;

pub(super) struct Shopper<'a> {
    device: &'a Device,
    step: u64,
}

impl<'a> Shopper<'a> {
    pub(super) fn new(device: &'a Device) -> Self {
        Self { device, step: 0 }
    }

    pub(super) fn live(mut self) {
        self.grant_what_is_missing();
        while !self.device.is_stopped() {
            self.step += 1;
            match self.roll("act") % 100 {
                0..52 => self.walk(),
                52..58 => self.hold("flush", block_on(self.device.patron.flush())),
                58..70 => {
                    let deadline = Duration::from_secs(10 + self.roll("deadline") % 600);
                    let bytes = self.roll("bytes").is_multiple_of(3).then_some(2_000);
                    self.device.drain(deadline, bytes);
                }
                70..78 => self.device.account(),
                78..84 => self.hold("set_online", self.device.patron.set_online(false)),
                84..92 => self.hold("set_online", self.device.patron.set_online(true)),
                92 | 93 => self.change_her_mind(),
                95 if self.roll("out of two").is_multiple_of(2) => self.sign_out(),
                96 => {
                    let token = format!("token-{}", self.step);
                    self.hold("identify", block_on(self.device.patron.identify_as(token, "the shopper".to_owned())));
                }
                // What the network makes of it is not this one's to judge.
                _ => drop(block_on(self.device.patron.refresh())),
            }
            std::thread::sleep(Duration::from_millis(5 + self.roll("pause") % 25));
        }
    }

    fn walk(&self) {
        let inside = (self.device.clock.now().mono_ms / STAY_MS).is_multiple_of(2);
        let latitude = if inside { 60.1675 } else { 60.1775 };
        let fix = FixInput { latitude, longitude: 24.9525, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        match block_on(self.device.patron.update_location(fix)) {
            Ok(turns) => self.device.turned(&turns),
            Err(Error::NotPermitted { .. }) => {}
            Err(error) => self.device.wrong("update_location", &error),
        }
    }

    /// Takes one purpose back, half of the time after everything was delivered, and gives it again.
    fn change_her_mind(&mut self) {
        let roll = self.roll("mind");
        if roll.is_multiple_of(2) {
            self.device.drain(Duration::from_secs(600), None);
        }
        let purpose = if (roll / 2).is_multiple_of(3) { Purpose::PreciseLocation } else { Purpose::Engagement };
        self.leave(|| {
            block_on(self.device.patron.withdraw(purpose)).map(|gone| gone.in_doubt).map_err(|e| ("withdraw", e))
        });
        std::thread::sleep(Duration::from_millis(roll / 8 % 40));
        self.grant_what_is_missing();
    }

    fn sign_out(&mut self) {
        if self.roll("out").is_multiple_of(2) {
            self.device.drain(Duration::from_secs(600), None);
        }
        self.leave(|| block_on(self.device.patron.sign_out()).map(|gone| gone.in_doubt).map_err(|e| ("sign_out", e)));
        self.grant_what_is_missing();
    }

    /// Around anything that removes events: what began before it may be gone after it.
    fn leave(&self, removal: impl FnOnce() -> Result<u64, (&'static str, Error)>) {
        self.device.era.fetch_add(1, Ordering::AcqRel);
        self.device.say(&Fact::Leaving);
        match removal() {
            Ok(in_doubt) => {
                self.device.say(&Fact::Left { in_doubt });
                self.device.era.fetch_add(1, Ordering::AcqRel);
            }
            Err((call, error)) => self.device.wrong(call, &error),
        }
    }

    fn grant_what_is_missing(&self) {
        let wanted = [Purpose::Engagement, Purpose::PreciseLocation];
        let states = self.device.patron.consents();
        let granted = |purpose: &Purpose| {
            states.iter().any(|state| state.purpose == *purpose && state.status == ConsentStatus::Granted)
        };
        let missing: Vec<Purpose> = wanted.into_iter().filter(|purpose| !granted(purpose)).collect();
        if !missing.is_empty() {
            self.hold("grant", block_on(self.device.patron.grant(missing)).map(drop));
        }
    }

    /// A call that can only succeed.
    fn hold(&self, call: &str, result: Result<(), Error>) {
        if let Err(error) = result {
            self.device.wrong(call, &error);
        }
    }

    fn roll(&self, what: &str) -> u64 {
        self.device.dice.roll(what, self.step)
    }
}
