//! What a shopper, an app and the world do to a device, chosen by chance.
//!
//! Each seed has a character of its own: some steps are common in it and others never come, so
//! that what only shows when a thing happens often shows in some seed.

use std::time::Duration;

use super::acts::{
    No, a_purpose, check_in, declare, end, erase, flush, grant_some, hear, identify, request_export, sign_out,
    some_signals, track, wait, walk,
};
use super::device::Device;
use super::disk::Faults;
use super::{Held, rules};
use crate::consent::WithdrawPolicy;
use crate::engine::Command;
use crate::sync;

const HOUR_MS: i64 = 3_600_000;
/// A day longer than an event is kept.
const MONTH_MS: u64 = 31 * 24 * 3_600_000;
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
    Hear,
    CheckIn,
    Rule,
    Elsewhere,
    Wait,
    WaitLong,
    WaitMonth,
    Grant,
    Deny,
    Withdraw,
    Keep,
    Declare,
    Identify,
    SignOut,
    Erase,
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
    BackendClock,
    Publish,
    Restore,
    BackUp,
    PutBack,
    RequestExport,
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
    (Step::Hear, 8),
    (Step::CheckIn, 3),
    (Step::Rule, 8),
    (Step::Elsewhere, 4),
    (Step::Wait, 20),
    (Step::WaitLong, 4),
    (Step::Grant, 10),
    (Step::Deny, 2),
    (Step::Withdraw, 4),
    (Step::Keep, 2),
    (Step::Declare, 4),
    (Step::Identify, 2),
    (Step::SignOut, 1),
    (Step::Erase, 1),
    (Step::RequestExport, 2),
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

/// What only some seeds have, and one in how many.
const RARE: &[(Step, u32, u32)] = &[
    (Step::LosePower, 3, 2),
    (Step::LosePowerInside, 5, 2),
    (Step::DiskFault, 6, 2),
    (Step::SetClock, 3, 4),
    (Step::BackendClock, 3, 3),
    (Step::WaitMonth, 1, 8),
    (Step::Restore, 2, 4),
    (Step::BackUp, 2, 6),
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
        if steps.iter().any(|(step, _)| matches!(step, Step::BackUp)) {
            steps.push((Step::PutBack, 2));
        }
        if rng.u8(0..5) == 0 {
            device.max_events = rng.u64(5..60);
            device.books.may_outgrow();
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
    rules::watch(device);
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
        Step::WaitMonth => {
            device.books.may_age();
            device.wait(MONTH_MS)
        }
        Step::Overflow => {
            device.books.may_outgrow();
            (0..200).try_for_each(|_| track(device, 30_000))
        }
        Step::Durable => {
            track(device, 0)?;
            flush(device, true)
        }
        Step::Flush => flush(device, false),
        Step::Import => device.import(),
        Step::Network => device.network_step(),
        Step::Walk => walk(device),
        Step::Hear => hear(device),
        Step::CheckIn => check_in(device),
        Step::Rule => rules::rule(device),
        Step::Elsewhere => {
            rules::elsewhere(device);
            Ok(())
        }
        Step::Wait => wait(device, 1..60_000),
        Step::WaitLong => wait(device, 60_000..10_000_000),
        Step::Grant => grant_some(device),
        Step::Deny | Step::Withdraw | Step::Keep => {
            let purpose = a_purpose(&mut device.rng);
            let no = match step {
                Step::Deny => No::Deny,
                Step::Keep => No::Withdraw(WithdrawPolicy::KeepCaptured),
                _ => No::Withdraw(WithdrawPolicy::Purge),
            };
            end(device, purpose, no)
        }
        Step::Declare => {
            let signals = some_signals(&mut device.rng);
            declare(device, signals)
        }
        Step::Erase => erase(device),
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
            device.books.may_age();
            device.wait(0)
        }
        Step::BackendClock => {
            let by = if device.rng.bool() { HOUR_MS } else { 48 * HOUR_MS };
            let ahead = device.rng.i64(-by..=by);
            device.backend.clock.set_ahead(ahead);
            device.backend.clock.is_silent = device.rng.u8(0..4) == 0;
            Ok(())
        }
        Step::Publish => {
            device.backend.edition = device.rng.usize(0..4);
            Ok(())
        }
        Step::Restore => {
            device.backend.restore(&mut device.rng);
            device.words.forget();
            device.books.backend_forgot();
            Ok(())
        }
        Step::BackUp => device.back_up(),
        Step::PutBack => device.put_back(),
        Step::RequestExport => request_export(device),
        Step::Gateway => {
            device.backend.max_events = device.rng.usize(1..=500);
            Ok(())
        }
        Step::WriteBack => device.write_back(),
    }
}
