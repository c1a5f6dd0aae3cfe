use super::super::acts::{No, end, erase, flush, grant, identify, track};
use super::super::network::Mood;
use super::super::{Broken, Held, ensure};
use super::*;
use crate::consent::{ConsentStatus, Purpose, WithdrawPolicy};

/// A device whose user said yes, signed in or not, and which has told all of it.
fn device(signed_in: bool) -> Result<Device, Broken> {
    let mut device = Device::new(11)?;
    device.mood = Mood::Kind;
    device.boot()?;
    if signed_in {
        identify(&mut device)?;
    }
    grant(&mut device, vec![Purpose::Engagement, Purpose::Dialogue])?;
    device.heal()?;
    Ok(device)
}

fn promise(story: impl Fn(bool) -> Held) {
    for signed_in in [false, true] {
        if let Err(Broken(why)) = story(signed_in) {
            panic!("signed in: {signed_in}: {why}");
        }
    }
}

fn status(device: &mut Device, purpose: &Purpose) -> Result<ConsentStatus, Broken> {
    let snapshot = device.life()?.engine.snapshot();
    Ok(snapshot.consents.status(purpose, &crate::consent::ConsentCatalogue::standard(), i64::MIN))
}

#[test]
fn a_yes_that_was_taken_back_does_not_come_back_with_a_backup() {
    promise(|signed_in| {
        let mut device = device(signed_in)?;
        device.back_up()?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
        device.heal()?;
        device.put_back()?;
        // It cannot know yet, and what it records meanwhile goes with the yes.
        (0..3).try_for_each(|_| track(&mut device, 0))?;
        device.heal()?;
        let now = status(&mut device, &Purpose::Engagement)?;
        ensure(now != ConsentStatus::Granted, || "the yes is back".to_owned())
    });
}

#[test]
fn what_was_kept_and_erased_since_is_not_sent_by_a_backup() {
    promise(|signed_in| {
        let mut device = device(signed_in)?;
        (0..9).try_for_each(|_| track(&mut device, 0))?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::KeepCaptured))?;
        device.back_up()?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
        device.heal()?;
        let stored = device.backend.stored();
        device.put_back()?;
        device.heal()?;
        ensure(stored == 0 && device.backend.stored() == 0, || "what was erased was sent".to_owned())
    });
}

#[test]
fn a_copy_that_decides_otherwise_forks_the_ledger_and_goes_on_under_another_name() {
    promise(|signed_in| {
        let mut device = device(signed_in)?;
        device.back_up()?;
        end(&mut device, Purpose::Dialogue, No::Deny)?;
        device.heal()?;
        device.put_back()?;
        let copied = device.life()?.engine.snapshot().installation;
        // As many decisions as the backend has, and other ones.
        grant(&mut device, vec![Purpose::Beacons])?;
        device.heal()?;
        let snapshot = device.life()?.engine.snapshot();
        ensure(snapshot.installation != copied, || "the ledger forks under one name".to_owned())?;
        let beacons = status(&mut device, &Purpose::Beacons)?;
        ensure(beacons == ConsentStatus::Granted, || "what was said since stands no more".to_owned())
    });
}

#[test]
fn a_no_under_the_new_name_reaches_what_was_sent_under_the_former_one() {
    let anew = |signed_in| -> Result<Device, Broken> {
        let mut device = device(signed_in)?;
        (0..9).try_for_each(|_| track(&mut device, 0))?;
        device.heal()?;
        device.back_up()?;
        end(&mut device, Purpose::Dialogue, No::Deny)?;
        device.heal()?;
        device.put_back()?;
        device.heal()?;
        ensure(device.backend.shown() > 0, || "nothing was sent under the former name".to_owned())?;
        Ok(device)
    };
    let erased = |device: &mut Device| {
        device.heal()?;
        ensure(device.backend.shown() == 0, || "the backend shows what the shopper took back".to_owned())
    };
    promise(|signed_in| {
        let mut device = anew(signed_in)?;
        grant(&mut device, vec![Purpose::Engagement])?;
        device.heal()?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
        erased(&mut device)
    });
    // Asked again, and refused; also by a process that did not go on anew itself.
    promise(|signed_in| {
        let mut device = anew(signed_in)?;
        device.reopen()?;
        end(&mut device, Purpose::Engagement, No::Deny)?;
        erased(&mut device)
    });
    promise(|signed_in| {
        let mut device = anew(signed_in)?;
        erase(&mut device)?;
        erased(&mut device)
    });
}

#[test]
fn what_a_backup_holds_that_arrived_since_is_stored_once() {
    promise(|signed_in| {
        let mut device = device(signed_in)?;
        (0..9).try_for_each(|_| track(&mut device, 0))?;
        flush(&mut device, true)?;
        device.back_up()?;
        device.heal()?;
        let stored = device.backend.stored();
        device.put_back()?;
        device.heal()?;
        ensure(stored > 0 && device.backend.stored() == stored, || "stored twice".to_owned())
    });
}
