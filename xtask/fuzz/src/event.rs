//! Any event that an app could report, through the door and into a record.

use patron_core::clock::Now;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::event::{Engagement, MAX_EVENT_BYTES, Proximity, PurchaseLine, Record, Topic};
use patron_core::{Error, Money};
use serde_json::Value;
use uuid::Uuid;

use crate::Target;
use crate::device::MONDAY;
use crate::input::{Input, Seed};

pub(crate) const TARGET: Target = Target {
    name: "event",
    promise: "any event is refused with the name of its field, or becomes bounded JSON in a record that reads back",
    max_len: 2048,
    words: &["EUR", "JPY", "XXX", "a-name_1.x", "\u{0}", "\u{7f}", "\u{202e}", "\u{1f6cd}"],
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let event = event(&mut input);
    let at = Now { wall_ms: MONDAY, mono_ms: 0, boot: Uuid::nil() };
    let gate = Gate::new(3, PurposeKind::ALL);
    match event.record(&gate, Uuid::from_u128(7), at, Uuid::nil()) {
        Ok(record) => {
            let record = record.expect("everything is granted");
            assert!(record.data().len() <= MAX_EVENT_BYTES, "{} bytes of data", record.data().len());
            let data: Value = serde_json::from_slice(record.data()).expect("data is JSON");
            assert!(data.is_object(), "{data}");
            assert_eq!(record.partner(), event.partner());
            assert_eq!(Record::decode(&record.encode()), Ok(record));
            assert_eq!(event.record(&Gate::CLOSED, Uuid::nil(), at, Uuid::nil()), Ok(None), "recorded without a grant");
        }
        Err(Error::InvalidInput { what, why }) => {
            let named = what == "event" || what.starts_with("event.");
            assert!(named && !why.is_empty() && why.len() <= 1024, "{what:?}: {why:?}");
        }
        Err(other) => panic!("an event was refused with {other:?}"),
    }
}

fn event(input: &mut Input<'_>) -> Engagement {
    let kind = input.u8() % 13;
    match kind {
        0 => Engagement::Impression { offer: text(input) },
        1 => Engagement::Clicked { offer: text(input) },
        2 => Engagement::Saved { offer: text(input) },
        3 => Engagement::Dismissed { offer: text(input) },
        4 => Engagement::Shared { offer: text(input), channel: maybe(input, text), partner: maybe(input, text) },
        5 => Engagement::Redeemed {
            offer: text(input),
            order: maybe(input, text),
            value: maybe(input, money),
            place: maybe(input, text),
            partner: maybe(input, text),
        },
        6 => {
            let line = |input: &mut Input<'_>| PurchaseLine {
                sku: text(input),
                quantity: input.i64(),
                unit_price_minor: input.i64(),
            };
            Engagement::Purchased {
                order: text(input),
                lines: (0..input.u8()).map(|_| line(input)).collect(),
                total: money(input),
                place: maybe(input, text),
                partner: maybe(input, text),
            }
        }
        7 => Engagement::Searched { query: maybe(input, text), results: maybe(input, |input| input.i64()) },
        8 => Engagement::BadgeEarned { badge: text(input), level: maybe(input, |input| input.i64()) },
        9 => {
            let zones = [Proximity::Immediate, Proximity::Near, Proximity::Far, Proximity::Lost];
            let zone = *input.one_of(&zones);
            Engagement::BeaconZone { beacon: text(input), zone, place: maybe(input, text), partner: maybe(input, text) }
        }
        10 => Engagement::Reviewed { about: topic(input), rating: input.i64(), text: maybe(input, text) },
        11 => Engagement::Feedback { about: maybe(input, topic), text: text(input) },
        _ => {
            let name = text(input);
            let properties = (0..input.u8()).map(|_| (text(input), text(input))).collect();
            Engagement::Custom { name, properties }
        }
    }
}

/// As the input has it, or longer than any bound.
fn text(input: &mut Input<'_>) -> String {
    match input.u16() {
        len @ 0..0x7FFF => String::from_utf8_lossy(input.bytes(len.into())).into_owned(),
        len => "x".repeat((len - 0x7FFF).into()),
    }
}

fn maybe<T>(input: &mut Input<'_>, make: impl FnOnce(&mut Input<'_>) -> T) -> Option<T> {
    let there = !input.one_in(2);
    there.then(|| make(input))
}

fn money(input: &mut Input<'_>) -> Money {
    Money { minor: input.i64(), currency: text(input) }
}

fn topic(input: &mut Input<'_>) -> Topic {
    let (kind, id) = (input.u8() % 4, text(input));
    match kind {
        0 => Topic::Offer { id },
        1 => Topic::Place { id },
        2 => Topic::Product { id },
        _ => Topic::Partner { id },
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let begun = |kind: u8, id: &str| Seed::default().raw([kind]).run(id);
    let number = |n: i64| n.to_le_bytes();
    let mut seeds: Vec<Vec<u8>> = (0..13).map(|kind| begun(kind, "wool").done()).collect();
    let line = |seed: Seed| seed.run("sku").raw(number(2)).raw(number(-995));
    let lines = line(line(begun(6, "order-1").raw([2])));
    seeds.push(lines.raw(number(1_990)).run("EUR").raw([1]).run("square").raw([1]).run("lumi").done());
    seeds.push(begun(5, "wool").raw([1]).run("order-1").raw([1]).raw(number(500)).run("EUR").done());
    seeds.push(begun(12, "my.event-1").raw([2]).run("a").run("b").run("c").run("d").done());
    seeds.push(Seed::default().raw([10, 3]).run("lumi").raw(number(5)).raw([1]).run("Warm.").done());
    seeds.push(Seed::default().raw([2, 0xFF, 0xFF]).done());
    seeds
}
