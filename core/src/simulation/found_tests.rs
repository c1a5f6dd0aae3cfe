//! What the simulation found, each told as a story that the faulty code does not survive.

use super::acts::{No, declare, end, flush, grant, identify, track, track_this};
use super::books::Tracked;
use super::content::Outcome;
use super::device::Device;
use super::disk::Faults;
use super::network::Mood;
use super::{Broken, Held, ensure, rules};
use crate::consent::signal::{Declared, Signals};
use crate::consent::{Purpose, WithdrawPolicy};
use crate::event::Engagement;
use crate::money::Money;
use crate::sync::Response;
use crate::sync::wire::IDENTITY_PATH;

/// A device on a kind network, whose user said yes to being recorded.
fn device() -> Result<Device, Broken> {
    let mut device = Device::new(7)?;
    device.mood = Mood::Kind;
    device.boot()?;
    grant(&mut device, vec![Purpose::Engagement])?;
    Ok(device)
}

fn promise(story: impl FnOnce() -> Held) {
    if let Err(Broken(why)) = story() {
        panic!("{why}");
    }
}

#[test]
fn the_second_durable_event_survives_a_power_loss_as_the_first_does() {
    promise(|| {
        let mut device = device()?;
        for _ in 0..2 {
            track(&mut device, 0)?;
            flush(&mut device, true)?;
        }
        device.outcome = Some(Outcome::Vanished);
        device.crash(true)?;
        device.heal()
    });
}

#[test]
fn a_redemption_and_a_purchase_in_the_queue_survive_a_power_loss_though_nobody_waited_for_it() {
    let (order, value) = ("r-1".to_owned(), Money { minor: 120, currency: "EUR".into() });
    let redeemed = Engagement::Redeemed { offer: "cup".into(), order: None, value: None, place: None, partner: None };
    let bought = Engagement::Purchased { order, lines: Vec::new(), total: value, place: None, partner: None };
    for event in [redeemed, bought] {
        promise(|| {
            let mut device = device()?;
            track_this(&mut device, &event, Tracked::Money)?;
            device.import()?;
            device.outcome = Some(Outcome::Vanished);
            device.crash(true)?;
            device.heal()
        });
    }
}

#[test]
fn what_a_signal_purged_does_not_come_back_with_the_power() {
    // Chance decides which pages a power loss brings back.
    for seed in 0..24 {
        promise(|| {
            let mut device = Device::new(seed)?;
            device.mood = Mood::Kind;
            device.boot()?;
            grant(&mut device, vec![Purpose::Engagement])?;
            track(&mut device, 0)?;
            // The kernel writes the pages back while the event is in them, …
            let ring = device.mapped.camera()()?;
            device.mapped.synced(&ring);
            declare(&mut device, Signals { tcf: Declared::Unset, ..Signals::default() })?;
            // … and what was purged is permitted again, so that nothing but the purge stops it.
            declare(&mut device, Signals::default())?;
            device.outcome = Some(Outcome::Kept);
            device.crash(true)?;
            device.heal()
        });
    }
}

#[test]
fn what_is_recorded_once_a_signal_is_lifted_is_kept_wherever_the_process_died_over_it() {
    for after in 1..60 {
        promise(|| {
            let mut device = device()?;
            device.arm(after, false, false);
            // It may stand on the disk while the ring's gate is as it was.
            declare(&mut device, Signals { tcf: Declared::Unset, ..Signals::default() })?;
            device.rise()?;
            declare(&mut device, Signals::default())?;
            device.rise()?;
            (0..3).try_for_each(|_| track(&mut device, 0))?;
            device.import()?;
            device.rise()?;
            device.heal()
        });
    }
}

#[test]
fn a_new_store_is_not_undone_by_the_journal_it_began_with() {
    promise(|| {
        let mut device = device()?;
        // Folds the log into the file, and begins it anew.
        end(&mut device, Purpose::PreciseLocation, No::Withdraw(WithdrawPolicy::Purge))?;
        grant(&mut device, vec![Purpose::PreciseLocation])?;
        end(&mut device, Purpose::PreciseLocation, No::Withdraw(WithdrawPolicy::Purge))?;
        grant(&mut device, vec![Purpose::PreciseLocation])?;
        device.outcome = Some(Outcome::Vanished);
        device.crash(true)?;
        device.heal()
    });
}

#[test]
fn a_disk_that_will_not_read_for_a_moment_makes_no_file_a_damaged_one() {
    promise(|| {
        let mut device = device()?;
        (0..50).try_for_each(|_| track(&mut device, 0))?;
        device.import()?;
        for one_in in (2..60).rev() {
            device.disk().set_faults(Faults { read: one_in, ..Faults::default() });
            device.crash(false)?;
        }
        device.heal()
    });
}

#[test]
fn what_the_quota_takes_is_counted_once_wherever_the_process_dies() {
    for after in 1..60 {
        promise(|| {
            let mut device = device()?;
            device.max_events = 5;
            device.books.may_outgrow();
            device.crash(false)?;
            device.arm(after, false, false);
            for _ in 0..3 {
                (0..10).try_for_each(|_| track(&mut device, 0))?;
                device.import()?;
                device.rise()?;
            }
            device.heal()
        });
    }
}

#[test]
fn what_grew_too_old_is_counted_once_wherever_the_process_dies() {
    for after in 1..30 {
        promise(|| {
            let mut device = device()?;
            device.arm(after, false, false);
            (0..10).try_for_each(|_| track(&mut device, 0))?;
            device.import()?;
            device.books.may_age();
            device.pass(31 * 86_400_000);
            device.rise()?;
            device.crash(false)?;
            device.heal()
        });
    }
}

#[test]
fn what_a_withdrawal_overtook_is_counted_once_wherever_the_process_dies() {
    for after in 1..60 {
        promise(|| {
            let mut device = device()?;
            (0..10).try_for_each(|_| track(&mut device, 0))?;
            device.arm(after, false, false);
            end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
            device.rise()?;
            device.heal()
        });
    }
}

#[test]
fn a_backend_that_was_restored_hears_of_every_decision_again() {
    promise(|| {
        let mut device = device()?;
        for _ in 0..20 {
            device.network_step()?;
        }
        for seed in 0..8 {
            // It has forgotten the yes, and hears of something else.
            device.backend.restore(&mut fastrand::Rng::with_seed(seed));
            grant(&mut device, vec![Purpose::CoarseLocation])?;
            track(&mut device, 0)?;
            flush(&mut device, false)?;
            device.wait(60_000)?;
            while device.network.is_busy() {
                device.network_step()?;
            }
        }
        device.heal()
    });
}

#[test]
fn what_was_stored_and_then_refused_is_in_doubt_when_it_is_withdrawn() {
    promise(|| {
        let mut device = device()?;
        for _ in 0..20 {
            device.network_step()?;
        }
        (0..30).try_for_each(|_| track(&mut device, 0))?;
        device.import()?;
        // It is stored, and its answer is lost; a gateway refuses the next try for its size.
        device.lose_answer()?;
        device.backend.max_events = 5;
        device.wait(400_000)?;
        device.network_step()?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
        device.heal()
    });
}

#[test]
fn a_page_to_sign_in_at_is_not_the_backend_that_knows_the_shopper() {
    promise(|| {
        let mut device = device()?;
        identify(&mut device)?;
        let portal = || Response { status: 200, headers: Vec::new(), body: b"<html>Sign in</html>".to_vec() };
        for _ in 0..6 {
            device.answer(Ok(portal()))?;
            device.wait(400_000)?;
        }
        device.heal()
    });
}

#[test]
fn who_signs_in_while_another_is_being_linked_is_linked_too() {
    promise(|| {
        let mut device = device()?;
        while !device.network.is_sending(IDENTITY_PATH) {
            identify(&mut device)?;
            device.network_step()?;
        }
        identify(&mut device)?;
        device.heal()
    });
}

#[test]
fn what_a_power_loss_brings_back_into_the_ring_is_gone_with_the_consent() {
    for seed in 0..20 {
        promise(|| {
            let mut device = device()?;
            device.rng = fastrand::Rng::with_seed(seed);
            (0..60).try_for_each(|_| track(&mut device, 0))?;
            device.write_back()?;
            device.import()?;
            device.crash(true)?;
            end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
            device.heal()
        });
    }
}

#[test]
fn a_ring_whose_first_page_never_reached_the_disk_is_ours_all_the_same() {
    for seed in 0..200 {
        promise(|| {
            let mut device = device()?;
            device.rng = fastrand::Rng::with_seed(seed);
            (0..3).try_for_each(|_| track(&mut device, 30_000))?;
            device.crash(true)?;
            device.heal()
        });
    }
}

#[test]
fn a_batch_that_could_not_be_written_down_is_not_sent() {
    promise(|| {
        let mut device = device()?;
        (0..20).try_for_each(|_| device.network_step())?;
        (0..9).try_for_each(|_| track(&mut device, 0))?;
        device.import()?;
        device.disk().set_faults(Faults { write: 1, ..Faults::default() });
        (0..4).try_for_each(|_| device.wait(400_000))?;
        if device.network.is_busy() {
            device.lose_answer()?;
        }
        device.disk().set_faults(Faults::default());
        // Old enough to be given up at the next start, unless they are known to be on their way.
        device.now.wall_ms += 31 * 86_400_000;
        device.crash(false)?;
        device.heal()
    });
}

#[test]
fn a_purchase_survives_a_power_loss_behind_a_kill_in_the_middle_of_its_commit() {
    for after in 1..40 {
        promise(|| {
            let mut device = device()?;
            // The backend knows of the yes: nothing else is to be made durable at the next start.
            device.heal()?;
            let total = Money { minor: 120, currency: "EUR".into() };
            let bought =
                Engagement::Purchased { order: "r-1".to_owned(), lines: Vec::new(), total, place: None, partner: None };
            track_this(&mut device, &bought, Tracked::Money)?;
            device.arm(after, false, false);
            device.import()?;
            device.rise()?;
            device.import()?;
            device.rise()?;
            device.outcome = Some(Outcome::Vanished);
            device.crash(true)?;
            device.heal()
        });
    }
}

#[test]
fn the_backend_hears_of_no_decision_that_a_power_loss_could_undo() {
    promise(|| {
        let mut device = device()?;
        device.disk().set_faults(Faults { sync: 1, ..Faults::default() });
        grant(&mut device, vec![Purpose::PreciseLocation])?;
        device.disk().set_faults(Faults::default());
        // The commit that failed is found all the same.
        device.crash(false)?;
        (0..20).try_for_each(|_| device.network_step())?;
        device.outcome = Some(Outcome::Vanished);
        device.crash(true)?;
        grant(&mut device, vec![Purpose::CoarseLocation])?;
        device.heal()
    });
}

#[test]
fn what_was_recorded_under_a_decision_that_a_power_loss_undid_is_not_sent() {
    for seed in 0..20 {
        promise(|| {
            let mut device = device()?;
            device.rng = fastrand::Rng::with_seed(seed);
            device.disk().set_faults(Faults { sync: 1, ..Faults::default() });
            grant(&mut device, vec![Purpose::PreciseLocation])?;
            // The commit that failed is found all the same, and recorded under.
            device.crash(false)?;
            (0..9).try_for_each(|_| track(&mut device, 0))?;
            device.outcome = Some(Outcome::Vanished);
            device.crash(true)?;
            device.heal()
        });
    }
}

#[test]
fn a_batch_that_the_step_of_a_withdrawal_made_never_leaves() {
    promise(|| {
        let mut device = device()?;
        (0..20).try_for_each(|_| device.network_step())?;
        // The answer to a report of consent cannot be written down: that lane waits for a moment.
        grant(&mut device, vec![Purpose::CoarseLocation])?;
        device.disk().set_faults(Faults { write: 1, ..Faults::default() });
        device.network_step()?;
        device.disk().set_faults(Faults::default());
        (0..30).try_for_each(|_| track(&mut device, 0))?;
        flush(&mut device, false)?;
        end(&mut device, Purpose::Engagement, No::Withdraw(WithdrawPolicy::Purge))?;
        device.heal()
    });
}

#[test]
fn what_two_devices_say_of_the_shoppers_rules_is_the_same_on_both_in_the_end() {
    promise(|| {
        let mut device = device()?;
        grant(&mut device, vec![Purpose::Personalisation])?;
        identify(&mut device)?;
        (0..20).try_for_each(|_| rules::rule(&mut device))?;
        device.heal()?;
        let told = device.backend.rules.told();
        ensure(told > 0, || "nothing was told".to_owned())?;
        rules::elsewhere(&mut device);
        (0..8).try_for_each(|_| rules::rule(&mut device))?;
        device.crash(false)?;
        device.heal()?;
        ensure(device.backend.rules.told() > told + 1, || "what both changed was not told".to_owned())
    });
}

#[test]
fn who_changes_their_mind_behind_a_lost_answer_has_the_last_word_also_behind_a_kill() {
    for (dies, refused) in [(false, true), (true, true), (false, false), (true, false)] {
        promise(|| {
            let mut device = device()?;
            grant(&mut device, vec![Purpose::Personalisation])?;
            identify(&mut device)?;
            rules::says_of(&mut device, 0, refused)?;
            rules::says_of(&mut device, 1, true)?;
            device.heal()?;
            rules::says_of(&mut device, 0, !refused)?;
            device.lose_answer()?;
            rules::says_of(&mut device, 0, refused)?;
            if dies {
                device.crash(false)?;
            }
            device.heal()
        });
    }
}
