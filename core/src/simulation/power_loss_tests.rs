//! The power cut at every sync point of one run, with everything that may be left behind each.

use super::content::Outcome;
use super::device::Device;

use super::acts::{No, end, flush, grant, track};
use super::network::Mood;
use super::{Broken, Held};
use crate::consent::{Purpose, WithdrawPolicy};

/// What a user does in an hour: opens, consents, is recorded, syncs, changes their mind, closes.
/// Ends early when the process died.
fn hour(device: &mut Device) -> Held {
    let deliver = |device: &mut Device| {
        device.wait(31_000)?;
        for _ in 0..20 {
            device.network_step()?;
        }
        Ok(())
    };
    let steps: [&dyn Fn(&mut Device) -> Held; 12] = [
        &|device| grant(device, vec![Purpose::Engagement]),
        &|device| (0..100).try_for_each(|_| track(device, 0)),
        &Device::import,
        &deliver,
        &|device| (0..175).try_for_each(|_| track(device, 0)),
        &|device| (0..5).try_for_each(|_| track(device, 0).and_then(|()| flush(device, true))),
        &|device| grant(device, vec![Purpose::PreciseLocation, Purpose::PartnerOffers]),
        &deliver,
        &|device| end(device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge)),
        &|device| grant(device, vec![Purpose::Engagement]),
        &|device| (0..20).try_for_each(|_| track(device, 0).and_then(|()| flush(device, false))),
        &Device::reopen,
    ];
    for step in steps {
        step(device)?;
        if device.disk().is_dead() {
            break;
        }
    }
    Ok(())
}

fn device() -> Result<Device, Broken> {
    let mut device = Device::new(42)?;
    device.mood = Mood::Kind;
    Ok(device)
}

/// The hour, with the power cut behind that many changes of the disk.
fn cut_at(change: u64, outcome: Outcome) -> Held {
    let mut device = device()?;
    device.outcome = Some(outcome);
    device.arm(change, false, true);
    device.boot()?;
    if device.lives == 1 {
        hour(&mut device)?;
        device.rise()?;
    }
    device.heal()
}

#[test]
fn power_may_fail_at_every_sync_point_of_an_hour_and_leave_anything() {
    let mut whole = device().unwrap();
    whole.boot().and_then(|()| hour(&mut whole)).unwrap();
    let (changes, syncs) = whole.disk().history();
    assert!(syncs.len() > 30, "{} syncs in {changes} changes", syncs.len());
    for sync in syncs {
        // Just before it, when all since the last one is at stake; and just behind it.
        let before = Outcome::ALL.map(|outcome| (sync - 1, outcome));
        for (change, outcome) in before.into_iter().chain([(sync, Outcome::Vanished), (sync, Outcome::Torn)]) {
            if change > 0
                && let Err(Broken(why)) = cut_at(change, outcome)
            {
                panic!("power lost behind change {change}, {outcome:?}: {why}");
            }
        }
    }
}
