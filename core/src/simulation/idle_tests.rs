//! What a device with nothing to do asks of time: nothing.

use super::acts::{grant, track_this};
use super::books::Tracked;
use super::device::Device;
use super::network::Mood;
use super::{Broken, Held, ensure};
use crate::consent::Purpose;
use crate::event::Engagement;

const HOUR_MS: i64 = 3_600_000;

fn deliver(device: &mut Device) -> Held {
    // None that the backend would not take: those are tried again, and that is no idleness.
    let event = Engagement::Saved { offer: "cup".into() };
    (0..25).try_for_each(|_| track_this(device, &event, Tracked::Plain))?;
    device.import()?;
    for _ in 0..20 {
        device.network_step()?;
        device.wait(31_000)?;
    }
    device.settle()
}

/// The engine's thread waits without a limit, or until the deadline: what it is woken by is the deadline alone.
fn is_asleep(device: &mut Device) -> Held {
    let now = device.now;
    let deadline = device.life()?.engine.deadline(now);
    ensure(deadline.is_none_or(|at| at >= now.wall_ms + HOUR_MS), || {
        format!("it wants to be woken in {:?} ms", deadline.map(|at| at - now.wall_ms))
    })
}

#[test]
fn a_device_whose_events_are_delivered_wakes_for_nothing_for_an_hour() {
    let story = || -> Held {
        let mut device = Device::new(7)?;
        device.mood = Mood::Kind;
        device.boot()?;
        grant(&mut device, vec![Purpose::Engagement, Purpose::PreciseLocation])?;
        for _ in 0..3 {
            deliver(&mut device)?;
            is_asleep(&mut device)?;
        }
        device.heal()
    };
    if let Err(Broken(why)) = story() {
        panic!("{why}");
    }
}
