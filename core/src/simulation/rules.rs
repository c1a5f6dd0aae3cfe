//! The shopper's rules on several devices: what the shopper says here, what a backend holds of it, and what another
//! device of the account tells that.
//!
//! The backend judges what it is sent: nothing of it may leave a device without an account and a yes. At the end, what
//! the device has and what the backend holds must be the same.

use std::collections::{BTreeMap, BTreeSet};

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

/// So many partners only this device speaks of.
const OWN: u8 = 2;

/// What a backend holds of one shopper's rules; all devices that ever sign in are that shopper's.
#[derive(Default)]
pub(super) struct Shelf {
    /// As a clock goes: also a copy that takes the backend's place does not turn it back.
    last: u64,
    held: Option<(u64, Value)>,
    /// What led to it; and what a copy may have.
    before: Vec<(u64, Value)>,
}

impl Shelf {
    /// Keeps what comes, or tells what is held instead.
    pub(super) fn exchange(&mut self, told: PreferencesStatement) -> PreferencesReply {
        let revision = self.held.as_ref().map_or(0, |(revision, _)| *revision);
        match (told.document, &self.held) {
            (_, held) if told.base != revision => {
                let document = held.as_ref().map(|(_, it)| it.clone());
                let follows = held.is_some() && self.before.iter().any(|(revision, _)| *revision == told.base);
                PreferencesReply { revision, document, follows, ..PreferencesReply::default() }
            }
            (None, _) => PreferencesReply { revision, ..PreferencesReply::default() },
            (Some(document), _) => {
                self.keep(document);
                PreferencesReply { revision: self.last, stored: true, ..PreferencesReply::default() }
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

    /// Another device of the shopper's tells that it wants no more of something, or that it does again.
    fn changes_elsewhere(&mut self, kind: &str, id: &str) {
        let Some((_, document)) = &self.held else { return };
        let mut document = document.clone();
        match document.get_mut(kind).and_then(Value::as_object_mut).and_then(|ids| ids.remove(id)) {
            Some(_) => {}
            None => document[kind][id] = true.into(),
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

/// The shopper's last word on each partner, as far as nobody but this device had one.
#[derive(Default)]
pub(super) struct Words {
    refused: BTreeMap<String, bool>,
    /// What another device spoke of as well, or what nobody knows to be written down.
    contested: BTreeSet<String>,
}

impl Words {
    /// What the shopper said may be undone, and not by the shopper: nothing is held against anyone.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn said(&mut self, partner: String, refused: bool) {
        self.refused.insert(partner, refused);
    }

    fn contest(&mut self, partner: &str) {
        self.contested.insert(partner.to_owned());
    }

    /// Whether each stands in `rules`.
    fn stand_in(&self, rules: &Preferences) -> Held {
        let here = self.refused.iter().filter(|(partner, _)| !self.contested.contains(*partner));
        here.into_iter().try_for_each(|(partner, refused)| {
            ensure(rules.has("partners", partner) == *refused, || {
                format!("the last word on {partner} was {}, and stands no more", if *refused { "no" } else { "yes" })
            })
        })
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
    // Of two partners most often: who changes their mind does so before the answer has come.
    let n = if rng.u8(0..4) > 0 { rng.u8(0..OWN) } else { rng.u8(0..8) };
    let act = match rng.u8(0..10) {
        0 => ShopperAct::Quiet { from: "21:00".into(), to: format!("0{n}:00") },
        1 => ShopperAct::NoQuiet,
        2 => ShopperAct::Snooze { until_ms: device.now.wall_ms + rng.i64(1..100_000_000) },
        3 => ShopperAct::Daily { most: rng.bool().then(|| rng.u16(1..9)) },
        4 => ShopperAct::OnlyWhenAsked { only: rng.bool() },
        said @ 5..=8 => return says_of(device, n, said < 7),
        _ => ShopperAct::Wish { words: format!("refused-here-{n} shoes"), topics: Vec::new(), until_ms: None },
    };
    does(device, act).map(drop)
}

/// The shopper wants no more of a partner, or does again.
pub(super) fn says_of(device: &mut Device, n: u8, refused: bool) -> Held {
    let named = format!("refused-here-{n}");
    let partner = Refused::Partner { partner: named.clone() };
    let (now, act) = (device.now, if refused { ShopperAct::Refuse(partner) } else { ShopperAct::Welcome(partner) });
    let was = device.life()?.engine.preferences(now).has("partners", &named);
    let is_written = does(device, act)?;
    if !is_written {
        device.words.contest(&named);
    } else if was != refused {
        // Who says what stands already tells the backend nothing.
        device.words.said(named, refused);
    }
    Ok(())
}

/// Whether it is known to be written down.
fn does(device: &mut Device, act: ShopperAct) -> Result<bool, Broken> {
    let answer = device.ask(|answer| Command::Act(Box::new(act), answer))?;
    match answer {
        Some(Ok(())) => Ok(true),
        Some(Err(Error::InvalidInput { .. })) => Ok(false),
        None | Some(Err(Error::Storage { .. })) if device.is_disk_unwell() => Ok(false),
        other => broken(format!("an answer that nothing explains: {other:?}")),
    }
}

/// Another device of the shopper's tells something: of what only it speaks of, or of what this one does too.
pub(super) fn elsewhere(device: &mut Device) {
    let n = device.rng.u8(0..6);
    if device.rng.u8(0..4) > 0 {
        device.backend.rules.changes_elsewhere("topics", &format!("refused-there-{n}"));
    } else {
        let partner = format!("refused-here-{}", OWN + n);
        device.words.contest(&partner);
        device.backend.rules.changes_elsewhere("partners", &partner);
    }
}

/// Without a yes nothing is agreed on, and a later one begins from nothing.
pub(super) fn watch(device: &mut Device) {
    let Some(life) = &mut device.life else { return };
    if !life.engine.snapshot().terms.allowed.contains(PurposeKind::Personalisation) {
        device.words.forget();
    }
}

/// Whether all devices have the same by now, where they are to.
pub(super) fn are_agreed(device: &mut Device, linked: Option<Uuid>) -> Result<bool, Broken> {
    let now = device.now;
    let engine = &mut device.life()?.engine;
    let (here, yes) = (engine.preferences(now), engine.snapshot().terms.allowed.contains(PurposeKind::Personalisation));
    device.words.stand_in(&here)?;
    Ok(linked.is_none() || !yes || here == device.backend.rules.at(now.wall_ms)?)
}
