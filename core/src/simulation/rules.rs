//! The shopper's rules on several devices: what the shopper says here, what a backend holds of it, and what another
//! device of the account tells that.
//!
//! The backend judges what it is sent: nothing of it may leave a device without an account and a yes. At the end, what
//! the device has and what the backend holds must be the same.

use serde_json::Value;
use uuid::Uuid;

use super::device::Device;
use super::{Broken, Held, broken, ensure};
use crate::consent::PurposeKind;
use crate::engine::Command;
use crate::error::Error;
use crate::offer::{Preferences, Refused, ShopperAct};
use crate::sync::wire::{PreferencesReply, PreferencesStatement, SignedPreferences};

/// Stands in what is refused here, and in nothing else that the main file keeps.
pub(super) const MARKER: &[u8] = b"refused-here-";

/// What a backend holds of one shopper's rules; all devices that ever sign in are that shopper's.
#[derive(Default)]
pub(super) struct Shelf {
    /// As a clock goes: also a copy that takes the backend's place does not turn it back.
    last: u64,
    held: Option<(u64, Value)>,
    /// What was held before, for such a copy.
    before: Vec<(u64, Value)>,
}

impl Shelf {
    /// Keeps what comes, or tells what is held instead.
    pub(super) fn exchange(&mut self, told: PreferencesStatement) -> PreferencesReply {
        let revision = self.held.as_ref().map_or(0, |(revision, _)| *revision);
        match (told.document, &self.held) {
            (_, held) if told.base != revision => {
                PreferencesReply { revision, stored: false, document: held.as_ref().map(|(_, it)| it.clone()) }
            }
            (None, _) => PreferencesReply { revision, stored: false, document: None },
            (Some(document), _) => {
                self.keep(document);
                PreferencesReply { revision: self.last, stored: true, document: None }
            }
        }
    }

    fn keep(&mut self, document: Value) {
        self.last += 1;
        self.before.extend(self.held.replace((self.last, document)));
    }

    /// How often anything was kept.
    #[cfg(test)]
    pub(super) fn told(&self) -> u64 {
        self.last
    }

    pub(super) fn forget(&mut self) {
        (self.held, self.before) = (None, Vec::new());
    }

    /// A copy of before takes the backend's place.
    pub(super) fn restore(&mut self, rng: &mut fastrand::Rng) {
        if !self.before.is_empty() {
            self.before.truncate(rng.usize(1..=self.before.len()));
            self.held = self.before.pop();
        }
    }

    /// Another device of the shopper's tells that it wants no more of a topic, or that it does again.
    fn changes_elsewhere(&mut self, rng: &mut fastrand::Rng) {
        let Some((_, document)) = &self.held else { return };
        let mut document = document.clone();
        let topic = format!("refused-there-{}", rng.u8(0..6));
        match document.get_mut("topics").and_then(Value::as_object_mut).and_then(|topics| topics.remove(&topic)) {
            Some(_) => {}
            None => document["topics"][topic] = true.into(),
        }
        self.keep(document);
    }

    /// What is held that has not ended.
    fn at(&self, now_ms: i64) -> Result<Preferences, Broken> {
        let Some((_, document)) = &self.held else { return Ok(Preferences::default()) };
        match serde_json::from_value::<Preferences>(document.clone()) {
            Ok(document) => Ok(document.at(now_ms)),
            Err(error) => broken(format!("the backend holds rules that do not read: {error}")),
        }
    }
}

/// What a device says, where it may leave one at all.
pub(super) fn read(told: &SignedPreferences) -> Result<PreferencesStatement, Broken> {
    let Ok(statement) = serde_json::from_str::<PreferencesStatement>(&told.statement) else {
        return broken(format!("rules that do not read left the device: {}", told.statement));
    };
    ensure(crate::consent::verify_hex(&statement.key, told.statement.as_bytes(), &told.signature), || {
        format!("rules that nobody signed left the device: {}", told.statement)
    })?;
    let own = ["unseen", "reminded"].iter().any(|word| told.statement.contains(word));
    ensure(!own, || format!("what belongs to the device alone left it: {}", told.statement))?;
    Ok(statement)
}

/// The shopper says something of the own side.
pub(super) fn rule(device: &mut Device) -> Held {
    let rng = &mut device.rng;
    let n = rng.u8(0..8);
    let partner = Refused::Partner { partner: format!("refused-here-{n}") };
    let act = match rng.u8(0..9) {
        0 => ShopperAct::Quiet { from: "21:00".into(), to: format!("0{n}:00") },
        1 => ShopperAct::NoQuiet,
        2 => ShopperAct::Snooze { until_ms: device.now.wall_ms + rng.i64(1..100_000_000) },
        3 => ShopperAct::Daily { most: rng.bool().then(|| rng.u16(1..9)) },
        4 => ShopperAct::OnlyWhenAsked { only: rng.bool() },
        5 | 6 => ShopperAct::Refuse(partner),
        7 => ShopperAct::Welcome(partner),
        _ => ShopperAct::Wish { words: format!("refused-here-{n} shoes"), topics: Vec::new(), until_ms: None },
    };
    let answer = device.ask(|answer| Command::Act(Box::new(act), answer))?;
    match answer {
        Some(Ok(()) | Err(Error::InvalidInput { .. })) => Ok(()),
        None | Some(Err(Error::Storage { .. })) if device.is_disk_unwell() => Ok(()),
        other => broken(format!("an answer that nothing explains: {other:?}")),
    }
}

/// Another device of the shopper's tells something.
pub(super) fn elsewhere(device: &mut Device) {
    device.backend.rules.changes_elsewhere(&mut device.rng);
}

/// Whether all devices have the same by now, where they are to.
pub(super) fn are_agreed(device: &mut Device, linked: Option<Uuid>) -> Result<bool, Broken> {
    let now_ms = device.now.wall_ms;
    let snapshot = device.life()?.engine.snapshot();
    let (own, yes) = (&snapshot.own, snapshot.terms.allowed.contains(PurposeKind::Personalisation));
    let here = Preferences::of(&own.moments, own.wanted.wishes(), &own.saved, now_ms);
    Ok(linked.is_none() || !yes || here == device.backend.rules.at(now_ms)?)
}
