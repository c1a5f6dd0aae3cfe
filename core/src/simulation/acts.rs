//! What a user and an app do to a device, each act with what the books hear of it.

use std::collections::BTreeMap;

use super::backend::{POISON_BATCH, POISON_DROP, POISON_RETRY};
use super::books::Tracked;
use super::device::Device;
use super::{Broken, Held, broken, rules};
use crate::consent::signal::{Age, Declared, LocationPermission, Signals};
use crate::consent::{ConsentStatus, Purpose, PurposeKind, WithdrawPolicy};
use crate::engine::Command;
use crate::error::Error;
use crate::event::{Engagement, PurchaseLine};
use crate::money::Money;
use crate::place::FixInput;
use crate::place::beacon::{Received, Scan, Signal};
use crate::sandbox;
use crate::store::ring::RingError;

/// The town's market square, where its first places are.
const SQUARE: (f64, f64) = (60.1675, 24.9525);

/// Stands in the data of most events, and in nothing else that the main file keeps.
pub(super) const MARKER: &[u8] = b"offer-";

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

/// Lets time pass.
pub(super) fn wait(device: &mut Device, range: std::ops::Range<u64>) -> Held {
    let ms = device.rng.u64(range);
    device.wait(ms)
}

/// Waits for a commit; `full`: for one that survives a power loss.
pub(super) fn flush(device: &mut Device, full: bool) -> Held {
    let answer = device.flush(full)?;
    if matches!(told(device, answer)?, Told::Done(())) && full {
        device.books.flushed();
    }
    Ok(())
}

fn event(rng: &mut fastrand::Rng) -> (Engagement, Tracked) {
    let offer = format!("offer-{}", rng.u32(0..50));
    let value = |rng: &mut fastrand::Rng| Money { minor: rng.i64(0..10_000), currency: "EUR".to_owned() };
    let event = match rng.u8(0..64) {
        0 => return (custom(POISON_DROP, "?".to_owned()), Tracked::Poison),
        1 => return (custom(POISON_BATCH, "?".to_owned()), Tracked::Poison),
        2 => return (custom(POISON_RETRY, "?".to_owned()), Tracked::Poison),
        3..8 => Engagement::Dismissed { offer },
        8..16 => Engagement::Clicked { offer },
        16..24 => Engagement::Impression { offer },
        24..28 => custom("note", "ä€\u{1F30D}\"\\\u{1}".repeat(rng.usize(0..60))),
        28..32 => {
            let (order, value) = (rng.bool().then(|| "till-7".to_owned()), rng.bool().then(|| value(rng)));
            let redeemed = Engagement::Redeemed { offer, order, value, place: None, partner: Some("lumi".to_owned()) };
            return (redeemed, Tracked::Money);
        }
        32..36 => {
            let line = |n: usize| PurchaseLine { sku: format!("sku-{n}"), quantity: 1, unit_price_minor: 120 };
            let (lines, total) = ((0..rng.usize(0..4)).map(line).collect(), value(rng));
            let order = format!("order-{}", rng.u32(..));
            return (Engagement::Purchased { order, lines, total, place: None, partner: None }, Tracked::Money);
        }
        36..38 => Engagement::Shared { offer, channel: Some("link".to_owned()), partner: None },
        38..40 => Engagement::Searched { query: Some("shoes".to_owned()), results: Some(rng.i64(0..9)) },
        40 => Engagement::BadgeEarned { badge: "regular".to_owned(), level: Some(rng.i64(1..9)) },
        // Recorded under a purpose of its own.
        41..44 => Engagement::Feedback { about: None, text: "warmer, please".to_owned() },
        _ => Engagement::Saved { offer },
    };
    (event, Tracked::Plain)
}

fn custom(name: &str, text: String) -> Engagement {
    Engagement::Custom { name: name.to_owned(), properties: BTreeMap::from([("text".to_owned(), text)]) }
}

/// As the handle tracks, on its caller's thread.
pub(super) fn track(device: &mut Device, filler: usize) -> Held {
    let (event, kind) =
        if filler > 0 { (custom("filler", "x".repeat(filler)), Tracked::Plain) } else { event(&mut device.rng) };
    track_this(device, &event, kind)
}

/// The same with an event of choice.
pub(super) fn track_this(device: &mut Device, event: &Engagement, kind: Tracked) -> Held {
    let mut done = Ok(None);
    let snapshot = device.life()?.engine.snapshot();
    device.push(|ring, ids, session, now| {
        // As `Patron::track` asks: the engine may have yet to see that a yes ran out.
        let gate = snapshot.still_open(ring.gate(), now.wall_ms);
        let record = match event.record(&gate, ids.v7(now), now, session) {
            Ok(record) => record?,
            Err(error) => {
                done = broken(format!("an event that is not one: {error}"));
                return None;
            }
        };
        let bytes = record.encode();
        match ring.push(&bytes) {
            Ok(_) => {
                done = Ok(Some((record.id(), record.purpose())));
                return Some(bytes.len());
            }
            Err(RingError::Full) => {}
            Err(error) => done = broken(format!("the ring refuses: {error}")),
        }
        None
    })?;
    let Some((id, purpose)) = done? else { return Ok(()) };
    if !device.books.may_record(purpose) {
        return broken(format!("an event of {purpose:?} was recorded without consent"));
    }
    if device.publisher_forbids()? {
        return broken("an event was recorded against the publisher's word");
    }
    device.is_rid_of_offers &= purpose != PurposeKind::Engagement;
    let at = device.moment();
    device.books.recorded(id, purpose, at, kind);
    Ok(())
}

/// Stands somewhere near the square for a while.
pub(super) fn walk(device: &mut Device) -> Held {
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

/// Listens for a while near the market's till, or far from it.
pub(super) fn hear(device: &mut Device) -> Held {
    let rssi_dbm = device.rng.i16(-95..-40);
    let near = device.rng.u8(0..3) > 0;
    for _ in 0..3 {
        device.wait(4_000)?;
        let signal = Signal::Beacon { beacon: sandbox::MARKET_BEACON.to_owned(), power_dbm: None };
        let received = if near { vec![Received { signal, rssi_dbm }] } else { Vec::new() };
        let scan = Scan { listened_ms: 4_000, received };
        let answer = device.ask(|answer| Command::Scan(scan, answer))?;
        told(device, answer)?;
    }
    Ok(())
}

/// Scans the code on the market's door.
pub(super) fn check_in(device: &mut Device) -> Held {
    let answer = device.ask(|answer| Command::CheckIn(sandbox::MARKET_CODE.to_owned(), answer))?;
    told(device, answer).map(drop)
}

const GRANTED: &[Purpose] =
    &[Purpose::Engagement, Purpose::PreciseLocation, Purpose::Beacons, Purpose::Personalisation, Purpose::Dialogue];

/// One purpose, the ones that are recorded under most often.
pub(super) fn a_purpose(rng: &mut fastrand::Rng) -> Purpose {
    match rng.u8(0..11) {
        0..5 => Purpose::Engagement,
        5..8 => Purpose::PreciseLocation,
        9 => Purpose::Personalisation,
        8 if rng.bool() => Purpose::Beacons,
        8 if rng.bool() => Purpose::Dialogue,
        8 => Purpose::CoarseLocation,
        _ => Purpose::PartnerSharing { partner: "lumi".to_owned() },
    }
}

/// Says yes to one or two purposes.
pub(super) fn grant_some(device: &mut Device) -> Held {
    let purposes = if device.rng.bool() { GRANTED.to_vec() } else { vec![a_purpose(&mut device.rng)] };
    grant(device, purposes)
}

/// Says yes.
pub(super) fn grant(device: &mut Device, purposes: Vec<Purpose>) -> Held {
    let decisions: Vec<_> = purposes.iter().map(|purpose| (purpose.clone(), ConsentStatus::Granted)).collect();
    let answer = device.ask(|answer| Command::Decide { purposes, yes: true, surface: None, answer })?;
    match told(device, answer)? {
        Told::Done(_) => device.books.decided(&decisions, true),
        Told::Unclear => device.books.decided(&decisions, false),
        Told::Refused => return broken("a grant was refused"),
    }
    Ok(())
}

/// The ways to say no.
pub(super) enum No {
    Deny,
    Withdraw(WithdrawPolicy),
}

/// Says no: to what was granted it is a withdrawal.
pub(super) fn end(device: &mut Device, purpose: Purpose, no: No) -> Held {
    let granted = device.books.grants(&purpose);
    let keeps = matches!(no, No::Withdraw(WithdrawPolicy::KeepCaptured));
    // A second no takes what the first one had let be.
    let purges = (granted || device.books.was_withdrawn(&purpose)) && purpose.partner().is_none() && !keeps;
    let asked = purpose.clone();
    // Nobody says no twice in a millisecond, and the backend knows which no a request is about by its moment.
    device.pass(1);
    let (answer, in_doubt) = match no {
        No::Deny => {
            let purposes = vec![asked];
            (device.ask(|answer| Command::Decide { purposes, yes: false, surface: None, answer })?, None)
        }
        No::Withdraw(policy) => {
            let answer = device.ask(|answer| Command::Withdraw { purpose: asked, policy, surface: None, answer })?;
            let in_doubt = answer.as_ref().and_then(|answer| answer.as_ref().ok()).map(|gone| gone.in_doubt);
            (answer.map(|answer| answer.map(|gone| gone.receipt)), in_doubt)
        }
    };
    match told(device, answer)? {
        Told::Done(receipt) => {
            let Some(decision) = receipt.decisions.first() else { return broken("a receipt of nothing") };
            device.books.decided(&[(purpose.clone(), decision.status)], true);
            if purges {
                device.books.purged(purpose.kind(), in_doubt);
                device.books.taken_back(Some(purpose.kind()));
                if purpose == Purpose::Engagement {
                    is_rid_of_offers(device)?;
                }
            }
        }
        Told::Unclear => {
            let no = if granted || device.books.was_withdrawn(&purpose) {
                ConsentStatus::Withdrawn
            } else {
                ConsentStatus::Denied
            };
            device.books.decided(&[(purpose.clone(), no)], false);
            if purges {
                device.books.perhaps_purged(Some(purpose.kind()));
            }
        }
        Told::Refused => return broken("a no was refused"),
    }
    Ok(())
}

/// No byte that names an offer is left: it was just purged.
fn is_rid_of_offers(device: &mut Device) -> Held {
    // A disk that refuses holds up the purge, and the next start goes on with it.
    device.is_rid_of_offers = !device.is_disk_unwell();
    device.is_clean_of(MARKER)
}

/// Asks to see what the backend has.
pub(super) fn request_export(device: &mut Device) -> Held {
    // What is asked for from now on is what the backend has: what was kept there, or what it has again behind a copy.
    device.is_rid_of_offers = false;
    let answer = device.ask(Command::RequestExport)?;
    told(device, answer).map(drop)
}

/// Some signals.
pub(super) fn some_signals(rng: &mut fastrand::Rng) -> Signals {
    match rng.u8(0..5) {
        0 => Signals { age: Declared::Is(Age::Child), ..Signals::default() },
        1 => Signals { tcf: Declared::Unset, ..Signals::default() },
        2 => Signals { location: Declared::Is(LocationPermission::None), ..Signals::default() },
        _ => Signals::default(),
    }
}

/// The world outside allows more or less than before.
pub(super) fn declare(device: &mut Device, signals: Signals) -> Held {
    let purges = device.books.lowers(&signals);
    let said = Box::new(signals.clone());
    let answer = device.ask(|answer| Command::Declare(said, answer))?;
    match told(device, answer)? {
        Told::Done(()) => {
            device.books.declared(signals, true);
            for kind in purges.iter() {
                device.books.purged(kind, None);
                if kind == PurposeKind::Engagement {
                    is_rid_of_offers(device)?;
                    // What the shopper asked to see before may come yet: a signal has nothing erased at the backend.
                    device.is_rid_of_offers &= device.diagnostics()?.is_some_and(|found| found.pending_rights == 0);
                }
            }
        }
        Told::Unclear => {
            device.books.declared(signals, false);
            purges.iter().for_each(|kind| device.books.perhaps_purged(Some(kind)));
        }
        Told::Refused => return broken("signals were refused"),
    }
    Ok(())
}

/// Has everything erased.
pub(super) fn erase(device: &mut Device) -> Held {
    let answer = device.ask(Command::Erase)?;
    device.words.forget();
    match told(device, answer)? {
        Told::Done(gone) => {
            device.books.taken_back(None);
            device.books.signed_out(gone.in_doubt);
            is_rid_of_offers(device)?;
            device.is_clean_of(rules::MARKER)?;
            device.settle()?;
        }
        Told::Unclear => device.books.perhaps_signed_out(),
        Told::Refused => return broken("an erasure was refused"),
    }
    Ok(())
}

/// Signs in.
pub(super) fn identify(device: &mut Device) -> Held {
    let answer = device.ask(|answer| Command::Identify { token: "token".to_owned(), account: None, answer })?;
    match told(device, answer)? {
        Told::Done(()) => device.books.identified(true),
        Told::Unclear => device.books.identified(false),
        Told::Refused => return broken("a token was refused"),
    }
    Ok(())
}

/// Signs out: nothing of this shopper is left.
pub(super) fn sign_out(device: &mut Device) -> Held {
    let answer = device.ask(Command::SignOut)?;
    device.words.forget();
    match told(device, answer)? {
        Told::Done(gone) => {
            device.books.signed_out(gone.in_doubt);
            is_rid_of_offers(device)?;
            device.is_clean_of(rules::MARKER)?;
            device.settle()?;
        }
        Told::Unclear => device.books.perhaps_signed_out(),
        Told::Refused => return broken("a sign-out was refused"),
    }
    Ok(())
}
