//! What a shopper, an app and the world do to a device, chosen by chance.
//!
//! Each seed has a character of its own: some steps are common in it and others never come, so
//! that what only shows when a thing happens often shows in some seed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::backend::{POISON_BATCH, POISON_DROP};
use super::device::Device;
use super::disk::Faults;
use super::{Broken, Held, broken};
use crate::consent::{self, ConsentStatus, Purpose, PurposeKind};
use crate::engine::Command;
use crate::error::Error;
use crate::event::{Engagement, Record};
use crate::place::FixInput;
use crate::store::ring::RingError;
use crate::sync;

/// The town's market square, where its first places are.
const SQUARE: (f64, f64) = (60.1675, 24.9525);

const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// One step and how often it comes.
#[derive(Debug, Clone, Copy)]
enum Step {
    Track,
    Burst,
    Overflow,
    Durable,
    Flush,
    Import,
    Network,
    Walk,
    Wait,
    WaitLong,
    Grant,
    Deny,
    Withdraw,
    Identify,
    SignOut,
    Online,
    Drain,
    Refresh,
    Diagnostics,
    Close,
    Kill,
    KillInside,
    LosePower,
    LosePowerInside,
    DiskFault,
    DiskWell,
    SetClock,
    Publish,
    Restore,
    Gateway,
    WriteBack,
}

/// How common each is in a seed that has it.
const COMMON: &[(Step, u32)] = &[
    (Step::Track, 60),
    (Step::Burst, 6),
    (Step::Durable, 8),
    (Step::Flush, 4),
    (Step::Import, 30),
    (Step::Network, 60),
    (Step::Walk, 10),
    (Step::Wait, 20),
    (Step::WaitLong, 4),
    (Step::Grant, 10),
    (Step::Deny, 2),
    (Step::Withdraw, 4),
    (Step::Identify, 2),
    (Step::SignOut, 1),
    (Step::Online, 4),
    (Step::Drain, 4),
    (Step::Refresh, 4),
    (Step::Diagnostics, 8),
    (Step::Close, 2),
    (Step::Kill, 3),
    (Step::KillInside, 5),
    (Step::Publish, 2),
    (Step::Gateway, 2),
    (Step::WriteBack, 4),
];

/// Stands in the data of most events, and in nothing else that the main file keeps.
const MARKER: &[u8] = b"offer-";

/// What only some seeds have, and one in how many.
const RARE: &[(Step, u32, u32)] = &[
    (Step::LosePower, 3, 2),
    (Step::LosePowerInside, 5, 2),
    (Step::DiskFault, 6, 2),
    (Step::SetClock, 3, 4),
    (Step::Restore, 2, 4),
    (Step::Overflow, 1, 40),
];

/// The character of a seed.
pub(super) struct Profile {
    steps: Vec<(Step, u32)>,
}

impl Profile {
    pub(super) fn of(device: &mut Device) -> Self {
        let rng = &mut device.rng;
        let mut steps: Vec<_> = COMMON.iter().map(|(step, weight)| (*step, weight * rng.u32(0..=4) / 2)).collect();
        for (step, weight, one_in) in RARE {
            if rng.u32(0..*one_in) == 0 {
                steps.push((*step, weight * rng.u32(1..=4)));
            }
        }
        if steps.iter().any(|(step, _)| matches!(step, Step::DiskFault)) {
            steps.push((Step::DiskWell, 12));
        }
        if rng.u8(0..5) == 0 {
            device.max_events = rng.u64(5..60);
        }
        device.backend.max_events = rng.usize(3..=500);
        Self { steps }
    }

    fn choose(&self, rng: &mut fastrand::Rng) -> Step {
        let total: u32 = self.steps.iter().map(|(_, weight)| weight).sum();
        let mut at = rng.u32(0..total.max(1));
        for (step, weight) in &self.steps {
            if at < *weight {
                return *step;
            }
            at -= weight;
        }
        Step::Network
    }
}

/// Takes one step, and looks whether the process survived it.
pub(super) fn step(device: &mut Device, profile: &Profile) -> Held {
    let step = profile.choose(&mut device.rng);
    device.note(format!("{step:?}"));
    take(device, step)?;
    device.rise()?;
    if device.rng.u8(0..10) == 0 {
        device.settle()?;
        device.rise()?;
    }
    Ok(())
}

fn take(device: &mut Device, step: Step) -> Held {
    match step {
        Step::Track => track(device, 0),
        Step::Burst => (0..device.rng.u32(10..120)).try_for_each(|_| track(device, 0)),
        Step::Overflow => (0..200).try_for_each(|_| track(device, 30_000)),
        Step::Durable => {
            track(device, 0)?;
            flush(device, true)
        }
        Step::Flush => flush(device, false),
        Step::Import => device.import(),
        Step::Network => device.network_step(),
        Step::Walk => walk(device),
        Step::Wait => wait(device, 1..60_000),
        Step::WaitLong => wait(device, 60_000..10_000_000),
        Step::Grant => grant_some(device),
        Step::Deny | Step::Withdraw => {
            let purpose = a_purpose(&mut device.rng);
            end(device, purpose, matches!(step, Step::Deny))
        }
        Step::Identify => identify(device),
        Step::SignOut => sign_out(device),
        Step::Online => {
            let told = [sync::Network::Offline, sync::Network::Metered, sync::Network::Unmetered];
            let network = told[device.rng.usize(0..told.len())];
            device.hand_over(Command::Network(network))?;
            let foreground = device.rng.bool();
            device.hand_over(Command::Foreground(foreground))
        }
        Step::Drain => {
            let bytes = device.rng.bool().then(|| device.rng.u64(0..20_000));
            let deadline = Duration::from_millis(device.rng.u64(0..60_000));
            device.drain(deadline, bytes)
        }
        Step::Refresh => device.refresh(),
        Step::Diagnostics => device.settle(),
        Step::Close => device.reopen(),
        Step::Kill => device.crash(false),
        Step::LosePower => device.crash(true),
        Step::KillInside | Step::LosePowerInside => {
            let (after, halfway) = (device.rng.u64(1..40), device.rng.bool());
            device.arm(after, halfway, matches!(step, Step::LosePowerInside));
            Ok(())
        }
        Step::DiskFault => {
            let rng = &mut device.rng;
            let mut one_in = |often: u32| if rng.bool() { rng.u32(1..often) } else { 0 };
            let faults = Faults { read: one_in(40), write: one_in(20), sync: one_in(6), full: false };
            let full = device.rng.bool();
            device.disk().set_faults(Faults { full, ..faults });
            Ok(())
        }
        Step::DiskWell => {
            device.disk().set_faults(Faults::default());
            Ok(())
        }
        Step::SetClock => {
            let by = if device.rng.bool() { 30 * HOUR_MS } else { 40 * YEAR_MS };
            device.now.wall_ms += device.rng.i64(-by..by);
            device.wait(0)
        }
        Step::Publish => {
            device.backend.edition = device.rng.usize(0..3);
            Ok(())
        }
        Step::Restore => {
            device.backend.restore(&mut device.rng);
            Ok(())
        }
        Step::Gateway => {
            device.backend.max_events = device.rng.usize(1..=500);
            Ok(())
        }
        Step::WriteBack => device.write_back(),
    }
}

/// What a call came to.
enum Told<T> {
    Done(T),
    /// Refused for what was asked; nothing was changed.
    Refused,
    /// The disk refused, or the process died: it may have been done and it may not.
    Unclear,
}

fn told<T: std::fmt::Debug>(device: &Device, answer: Option<Result<T, Error>>) -> Result<Told<T>, Broken> {
    match answer {
        Some(Ok(done)) => Ok(Told::Done(done)),
        Some(Err(Error::InvalidInput { .. } | Error::NotPermitted { .. })) => Ok(Told::Refused),
        None | Some(Err(Error::Storage { .. })) if device.is_disk_unwell() => Ok(Told::Unclear),
        other => broken(format!("an answer that nothing explains: {other:?}")),
    }
}

fn wait(device: &mut Device, range: std::ops::Range<u64>) -> Held {
    let ms = device.rng.u64(range);
    device.wait(ms)
}

pub(super) fn flush(device: &mut Device, full: bool) -> Held {
    let answer = device.flush(full)?;
    if matches!(told(device, answer)?, Told::Done(())) && full {
        device.books.flushed();
    }
    Ok(())
}

fn event(rng: &mut fastrand::Rng, filler: usize) -> (Engagement, bool) {
    let offer = format!("offer-{}", rng.u32(0..50));
    let custom = |name: &str, text: String| Engagement::Custom {
        name: name.to_owned(),
        properties: BTreeMap::from([("text".to_owned(), text)]),
    };
    if filler > 0 {
        return (custom("filler", "x".repeat(filler)), false);
    }
    match rng.u8(0..60) {
        0 => (custom(POISON_DROP, "?".to_owned()), true),
        1 => (custom(POISON_BATCH, "?".to_owned()), true),
        2..8 => (Engagement::Dismissed { offer }, false),
        8..16 => (Engagement::Clicked { offer }, false),
        16..24 => (Engagement::Impression { offer }, false),
        24..28 => {
            let text = "ä€\u{1F30D}\"\\\u{1}".repeat(rng.usize(0..60));
            (custom("note", text), false)
        }
        _ => (Engagement::Saved { offer }, false),
    }
}

/// As the handle tracks, on its caller's thread.
pub(super) fn track(device: &mut Device, filler: usize) -> Held {
    let (event, poison) = event(&mut device.rng, filler);
    let Ok(data) = event.to_json() else { return broken("an event that is not one") };
    let mut recorded = None;
    let mut refused = None;
    device.push(|ring, ids, session, now| {
        let gate = ring.gate();
        let permit = gate.permit::<consent::Engagement>()?;
        let record = Record::new(&permit, ids.v7(now), event.type_name(), None, now, session, data);
        let bytes = record.encode();
        match ring.push(&bytes) {
            Ok(_) => {
                recorded = Some(record.id);
                return Some(bytes.len());
            }
            Err(RingError::Full) => {}
            Err(error) => refused = Some(error),
        }
        None
    })?;
    if let Some(error) = refused {
        return broken(format!("the ring refuses: {error}"));
    }
    let Some(id) = recorded else { return Ok(()) };
    if !device.books.may_record(&Purpose::Engagement) {
        return broken("an event was recorded without consent");
    }
    device.books.recorded(id, PurposeKind::Engagement, poison);
    Ok(())
}

fn walk(device: &mut Device) -> Held {
    let near = |rng: &mut fastrand::Rng, centre: f64| centre + (rng.f64() - 0.5) * 0.004;
    let (latitude, longitude) = (near(&mut device.rng, SQUARE.0), near(&mut device.rng, SQUARE.1));
    for _ in 0..4 {
        device.wait(10_000)?;
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        let answer = device.ask(|answer| Command::Fix(fix, answer))?;
        told(device, answer)?;
    }
    Ok(())
}

const GRANTED: &[Purpose] = &[Purpose::Engagement, Purpose::PreciseLocation];

fn a_purpose(rng: &mut fastrand::Rng) -> Purpose {
    match rng.u8(0..10) {
        0..5 => Purpose::Engagement,
        5..8 => Purpose::PreciseLocation,
        8 => Purpose::CoarseLocation,
        _ => Purpose::PartnerSharing { partner: "lumi".to_owned() },
    }
}

fn grant_some(device: &mut Device) -> Held {
    let purposes = if device.rng.bool() { GRANTED.to_vec() } else { vec![a_purpose(&mut device.rng)] };
    grant(device, purposes)
}

pub(super) fn grant(device: &mut Device, purposes: Vec<Purpose>) -> Held {
    let decisions: Vec<_> = purposes.iter().map(|purpose| (purpose.clone(), ConsentStatus::Granted)).collect();
    let answer = device.ask(|answer| Command::Grant(purposes, answer))?;
    match told(device, answer)? {
        Told::Done(_) => device.books.decided(&decisions, true),
        Told::Unclear => device.books.decided(&decisions, false),
        Told::Refused => return broken("a grant was refused"),
    }
    Ok(())
}

/// Says no, in either way: to what was granted it is a withdrawal.
pub(super) fn end(device: &mut Device, purpose: Purpose, deny: bool) -> Held {
    let granted = device.books.grants(&purpose);
    let purges = granted && purpose.partner().is_none();
    let asked = purpose.clone();
    let (answer, in_doubt) = if deny {
        let answer = device.ask(|answer| Command::Deny(vec![asked], answer))?;
        (answer, None)
    } else {
        let answer = device.ask(|answer| Command::Withdraw(asked, answer))?;
        let in_doubt = answer.as_ref().and_then(|answer| answer.as_ref().ok()).map(|gone| gone.in_doubt);
        (answer.map(|answer| answer.map(|gone| gone.receipt)), in_doubt)
    };
    match told(device, answer)? {
        Told::Done(receipt) => {
            let Some(decision) = receipt.decisions.first() else { return broken("a receipt of nothing") };
            device.books.decided(&[(purpose.clone(), decision.status)], true);
            if purges {
                device.books.purged(purpose.kind(), in_doubt);
                if purpose == Purpose::Engagement {
                    device.is_clean_of(MARKER)?;
                }
            }
        }
        Told::Unclear => {
            let no = if granted { ConsentStatus::Withdrawn } else { ConsentStatus::Denied };
            device.books.decided(&[(purpose.clone(), no)], false);
            if purges {
                device.books.perhaps_purged(Some(purpose.kind()));
            }
        }
        Told::Refused => return broken("a no was refused"),
    }
    Ok(())
}

pub(super) fn identify(device: &mut Device) -> Held {
    let answer = device.ask(|answer| Command::Identify("token".to_owned(), answer))?;
    match told(device, answer)? {
        Told::Done(()) => device.books.identified(true),
        Told::Unclear => device.books.identified(false),
        Told::Refused => return broken("a token was refused"),
    }
    Ok(())
}

fn sign_out(device: &mut Device) -> Held {
    let answer = device.ask(Command::SignOut)?;
    match told(device, answer)? {
        Told::Done(gone) => {
            device.books.signed_out(gone.in_doubt);
            device.is_clean_of(MARKER)?;
            device.settle()?;
        }
        Told::Unclear => device.books.perhaps_signed_out(),
        Told::Refused => return broken("a sign-out was refused"),
    }
    Ok(())
}
