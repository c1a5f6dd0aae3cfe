//! Decides what a partner hears of an event, and how it goes on reading: nothing that two partners could lay
//! side by side to find that they speak of one shopper, and nothing that leads back to a device.
//!
//! Pure. Whose events a partner may hear of at all is [`crate::store`]'s to say.

use hmac::{Hmac, KeyInit, Mac};
use patron_core::consent::{hex_bytes, to_hex};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::Sha256;

/// Kinds of event that a partner hears of, and the fields of their data. Visits and beacons are positions,
/// searches and texts are the shopper's own words, orders and baskets are known to others too.
const TOLD: [(&str, &[&str]); 9] = [
    ("dev.patron.offer.impression", &["offer"]),
    ("dev.patron.offer.clicked", &["offer"]),
    ("dev.patron.offer.saved", &["offer"]),
    ("dev.patron.offer.dismissed", &["offer"]),
    ("dev.patron.offer.shared", &["offer", "channel"]),
    ("dev.patron.offer.redeemed", &["offer", "value"]),
    ("dev.patron.purchase", &[]),
    ("dev.patron.badge.earned", &["badge", "level"]),
    ("dev.patron.review", &["rating"]),
];

/// Ids are no longer; a field that holds more is none of those.
const MAX_TEXT_BYTES: usize = 256;

/// An event as a partner hears of it.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Told {
    /// The name under which this partner alone knows the shopper.
    shopper: String,
    /// The event's type.
    #[serde(rename = "type")]
    kind: String,
    /// When it happened, to the hour, RFC 3339.
    hour: String,
    /// A few fields of the event's data.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// What a partner that knows the shopper by `name` hears of an event; `None` for nothing.
///
/// `at` is RFC 3339 in UTC, `body` the event as it came.
pub(crate) fn told(name: &str, kind: &str, at: &str, body: &str) -> Option<Told> {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(default)]
        data: Value,
    }
    let (_, fields) = TOLD.iter().find(|(known, _)| *known == kind)?;
    let hour = format!("{}:00:00Z", at.get(..13)?);
    // What is beyond JSON's numbers has no field that a partner could read.
    let data = serde_json::from_str::<Body>(body).map(|body| body.data).unwrap_or_default();
    let told = fields.iter().filter_map(|field| Some(((*field).to_owned(), plain(data.get(field)?)?))).collect();
    Some(Told { shopper: name.to_owned(), kind: kind.to_owned(), hour, data: told })
}

/// A short text, a number or an amount of money; `None` for whatever else an app may have put there.
fn plain(value: &Value) -> Option<Value> {
    let short = |value: &Value| value.as_str().is_some_and(|text| text.len() <= MAX_TEXT_BYTES);
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(_) => short(value).then(|| value.clone()),
        Value::Object(money) => {
            let (minor, currency) = (money.get("minor")?, money.get("currency")?);
            (minor.is_number() && short(currency)).then(|| serde_json::json!({ "minor": minor, "currency": currency }))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// Where a partner is in its events. How far that is in all events, and how many of others lie between, the
/// partner must not learn: so it is encrypted, with a nonce, and then authenticated.
pub(crate) struct Cursors(Hmac<Sha256>);

const NONCE: usize = 16;
const TAG: usize = 16;

impl Cursors {
    /// For one partner. `secret` is the tenant's own.
    pub(crate) fn new(secret: &[u8; 32], partner: &str) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(b"patron partner cursor 1\n");
        mac.update(partner.as_bytes());
        Hmac::new_from_slice(&mac.finalize().into_bytes()).ok().map(Self)
    }

    /// A cursor behind `seq`; `nonce` is never used twice.
    pub(crate) fn write(&self, seq: u64, nonce: [u8; NONCE]) -> String {
        let veiled = self.veil(seq, &nonce).to_be_bytes();
        to_hex(&[&nonce[..], &veiled, &self.tag(&nonce, &veiled)].concat())
    }

    /// What [`Cursors::write`] wrote for the same partner.
    pub(crate) fn read(&self, cursor: &str) -> Option<u64> {
        let bytes: [u8; NONCE + 8 + TAG] = hex_bytes(cursor)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (veiled, tag) = rest.split_first_chunk::<8>()?;
        let mut mac = self.0.clone();
        mac.update(b"tag");
        mac.update(nonce);
        mac.update(veiled);
        mac.verify_truncated_left(tag).ok()?;
        Some(self.veil(u64::from_be_bytes(*veiled), nonce))
    }

    fn veil(&self, seq: u64, nonce: &[u8; NONCE]) -> u64 {
        let mut mac = self.0.clone();
        mac.update(b"pad");
        mac.update(nonce);
        let pad: [u8; 32] = mac.finalize().into_bytes().into();
        pad.iter().zip(seq.to_be_bytes()).fold(0, |veiled, (pad, byte)| veiled << 8 | u64::from(pad ^ byte))
    }

    fn tag(&self, nonce: &[u8], veiled: &[u8]) -> [u8; TAG] {
        let mut mac = self.0.clone();
        mac.update(b"tag");
        mac.update(nonce);
        mac.update(veiled);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&full[..TAG]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const AT: &str = "2026-11-22T10:04:58.120Z";

    fn data_of(kind: &str, data: &Value) -> Option<Value> {
        let body = json!({ "id": "secret", "source": "/installations/secret", "data": data }).to_string();
        told("name", kind, AT, &body).map(|told| Value::Object(told.data))
    }

    #[test]
    fn a_partner_hears_a_few_fields_and_the_hour() {
        let body = r#"{"id":"secret","subject":"secret","data":{"offer":"cup","order":"o-1","place":"kamppi"}}"#;
        let told = serde_json::to_value(told("name", "dev.patron.offer.redeemed", AT, body)).unwrap();
        let expected = json!({ "shopper": "name", "type": "dev.patron.offer.redeemed",
                               "hour": "2026-11-22T10:00:00Z", "data": { "offer": "cup" } });
        assert_eq!(told, expected);
    }

    #[test]
    fn positions_words_and_orders_are_not_told() {
        for kind in ["visit.entered", "visit.left", "beacon.zone", "search", "feedback", "custom", "hologram.seen"] {
            assert_eq!(data_of(&format!("dev.patron.{kind}"), &json!({ "offer": "cup" })), None, "{kind}");
        }
        let basket = json!({ "order": "o-1", "total": { "minor": 1, "currency": "EUR" }, "lines": [], "place": "p" });
        assert_eq!(data_of("dev.patron.purchase", &basket), Some(json!({})));
        assert_eq!(data_of("dev.patron.review", &json!({ "rating": 5, "text": "mine" })), Some(json!({ "rating": 5 })));
    }

    #[test]
    fn a_field_that_holds_something_else_is_left_out() {
        let redeemed = |data| data_of("dev.patron.offer.redeemed", &data).unwrap();
        let value = json!({ "value": { "minor": 120, "currency": "EUR", "device": "secret" } });
        assert_eq!(redeemed(value), json!({ "value": { "minor": 120, "currency": "EUR" } }));
        for odd in [json!({ "id": "secret" }), json!(["secret"]), json!("x".repeat(257)), json!(true), Value::Null] {
            assert_eq!(redeemed(json!({ "offer": odd })), json!({}));
        }
        assert_eq!(data_of("dev.patron.offer.saved", &json!("cup")), Some(json!({})));
        assert!(told("name", "dev.patron.offer.saved", AT, "no JSON").unwrap().data.is_empty());
    }

    proptest! {
        #[test]
        fn a_cursor_reads_for_its_partner_alone(seq: u64, nonce: [u8; 16], flip in 0..80usize) {
            let lumi = Cursors::new(&[7; 32], "lumi").unwrap();
            let cursor = lumi.write(seq, nonce);
            prop_assert_eq!(lumi.read(&cursor), Some(seq));
            prop_assert_eq!(Cursors::new(&[7; 32], "nord").unwrap().read(&cursor), None);
            prop_assert_eq!(Cursors::new(&[8; 32], "lumi").unwrap().read(&cursor), None);
            let mut digits = cursor.into_bytes();
            digits[flip] = if digits[flip] == b'0' { b'1' } else { b'0' };
            prop_assert_eq!(lumi.read(std::str::from_utf8(&digits).unwrap()), None);
        }
    }
}
