//! The door, against everything that an app could hand over.

use proptest::prelude::*;
use uuid::Uuid;

use super::vocabulary_tests::{NOW, complaints, line, on_the_wire};
use super::*;
use crate::Money;
use crate::consent::{Gate, PurposeKind};
use crate::error::Error;

/// Mostly what is good, and what an app could hand over by mistake or malice.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z0-9.-]{1,20}",
        2 => "\\PC{0,40}",
        1 => any::<String>(),
        1 => prop::sample::select(vec![0, 64, 65, 255, 256, 257, 8_192, 8_193, 40_000]).prop_map(|n| "x".repeat(n)),
        1 => (0_usize..3_000).prop_map(|n| "\u{1}\"é".repeat(n)),
    ]
}

fn numbers() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 1_i64..=5,
        1 => any::<i64>(),
        1 => prop::sample::select(vec![i64::MIN, -(1 << 53), -1, 0, 1_000_000_000, (1 << 53) - 1, 1 << 53, i64::MAX]),
    ]
}

fn amounts() -> impl Strategy<Value = Money> {
    (numbers(), prop_oneof![3 => Just("EUR".to_owned()), 1 => texts()])
        .prop_map(|(minor, currency)| Money { minor, currency })
}

fn topics() -> impl Strategy<Value = Topic> {
    texts().prop_flat_map(|id| {
        prop::sample::select(vec![
            Topic::Offer { id: id.clone() },
            Topic::Place { id: id.clone() },
            Topic::Product { id: id.clone() },
            Topic::Partner { id },
        ])
    })
}

fn events() -> impl Strategy<Value = Engagement> {
    let maybe = || prop::option::of(texts());
    let lines = prop::collection::vec((texts(), numbers(), numbers()), 0..5).prop_map(|lines| {
        lines.into_iter().map(|(sku, quantity, price)| line(&sku, quantity, price)).collect::<Vec<_>>()
    });
    let many = (texts(), 200_usize..300).prop_map(|(sku, n)| vec![line(&sku, 1, 1); n]);
    let zones = vec![Proximity::Immediate, Proximity::Near, Proximity::Far, Proximity::Lost];
    prop_oneof![
        texts().prop_map(|offer| Engagement::Impression { offer }),
        texts().prop_map(|offer| Engagement::Clicked { offer }),
        texts().prop_map(|offer| Engagement::Saved { offer }),
        texts().prop_map(|offer| Engagement::Dismissed { offer }),
        (texts(), maybe(), maybe()).prop_map(|(offer, channel, partner)| Engagement::Shared {
            offer,
            channel,
            partner
        }),
        (texts(), maybe(), prop::option::of(amounts()), maybe(), maybe()).prop_map(
            |(offer, order, value, place, partner)| Engagement::Redeemed { offer, order, value, place, partner }
        ),
        (texts(), prop_oneof![4 => lines, 1 => many], amounts(), maybe(), maybe()).prop_map(
            |(order, lines, total, place, partner)| Engagement::Purchased { order, lines, total, place, partner }
        ),
        (maybe(), prop::option::of(numbers())).prop_map(|(query, results)| Engagement::Searched { query, results }),
        (texts(), prop::option::of(numbers())).prop_map(|(badge, level)| Engagement::BadgeEarned { badge, level }),
        (texts(), prop::sample::select(zones), maybe(), maybe())
            .prop_map(|(beacon, zone, place, partner)| Engagement::BeaconZone { beacon, zone, place, partner }),
        (topics(), numbers(), maybe()).prop_map(|(about, rating, text)| Engagement::Reviewed { about, rating, text }),
        (prop::option::of(topics()), texts()).prop_map(|(about, text)| Engagement::Feedback { about, text }),
        (texts(), prop::collection::btree_map(texts(), texts(), 0..4))
            .prop_map(|(name, properties)| Engagement::Custom { name, properties }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_event_is_good_and_small_and_valid_or_is_refused_with_its_field(event in events()) {
        match event.to_json() {
            Ok(json) => {
                prop_assert!(json.len() <= MAX_EVENT_BYTES);
                let gate = Gate::new(1, PurposeKind::ALL);
                let record = event.record(&gate, Uuid::from_u128(1), NOW, Uuid::from_u128(3)).unwrap().unwrap();
                prop_assert_eq!(complaints(&on_the_wire(&record)), Vec::<String>::new());
            }
            Err(Error::InvalidInput { what, why }) => {
                prop_assert!(what == "event" || what.starts_with("event."), "{what}");
                prop_assert!(!why.is_empty() && why.len() < 200, "{why}");
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
