//! Bytes as a record of the hand-over ring.

use patron_core::clock::Now;
use patron_core::consent::{Engagement, Gate, PurposeKind};
use patron_core::event::Record;
use uuid::Uuid;

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "record",
    promise: "any bytes are a record or an error, and a record is written as it was read",
    max_len: 4096,
    words: &["dev.patron.offer.dismissed"],
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    if let Ok(record) = Record::decode(bytes) {
        assert_eq!(record.encode(), bytes, "a record is not written as it was read");
        let _ = record.dismissed_offer();
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let gate = Gate::new(3, [PurposeKind::Engagement]);
    let record = |kind: &str, partner: Option<&str>, data: &str| {
        let at = Now { wall_ms: 1_795_420_800_000, mono_ms: 77, boot: Uuid::from_u128(1) };
        let permit = gate.permit::<Engagement>()?;
        let (id, session) = (Uuid::from_u128(7), Uuid::from_u128(2));
        Some(Record::new(&permit, id, kind, partner.map(str::to_owned), at, session, data.into()).encode())
    };
    let seeds = [
        record("dev.patron.offer.saved", None, r#"{"offer":"wool"}"#),
        record("dev.patron.offer.dismissed", Some("lumi"), r#"{"offer":"ski"}"#),
        record("", None, ""),
    ];
    seeds.into_iter().flatten().collect()
}
