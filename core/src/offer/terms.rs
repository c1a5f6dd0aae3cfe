//! On which terms an offer is redeemed: where, from when until when, how often, and what its backend signed.
//!
//! It decides what are good terms, and says them in words. It verifies no grant: that is carried along as it came,
//! for the till of whoever signed it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalogue::localised;
use super::details::{items, read, within};
use super::entry::{Flaw, Shared, check_text, flaw};
use super::texts::{Language, Moment, fill};
use super::view::View;
use super::{Offer, OfferCatalogue};
use crate::place::Place;

/// More stores than this are a chain, which is a place of its own.
const MAX_STORES: usize = 64;

/// How often a single shopper may use it; what is more often has no limit.
const TIMES: std::ops::RangeInclusive<i64> = 1..=1_000;

/// A signature, a key's name and some fields; a catalogue of ten thousand grants has to fit a phone.
const MAX_GRANT_BYTES: usize = 2_048;

/// On which terms an offer is redeemed, as its publisher tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// What a shopper should read of them; may be empty.
    pub description: String,
    /// The same by language tag in lower case.
    pub descriptions: BTreeMap<String, String>,
    /// Ids of the places that redeem it; empty means wherever it is good.
    pub stores: Vec<String>,
    /// Wall clock, milliseconds since the Unix epoch; not redeemed before.
    pub from_ms: Option<i64>,
    /// Wall clock, milliseconds since the Unix epoch; not redeemed from then on, and the offer ends no later.
    pub until_ms: Option<i64>,
    /// How often a shopper may redeem it; `None` without limit.
    pub times: Option<u16>,
    /// What the backend signed, opaque here: printable ASCII of up to 2,048 bytes.
    pub grant: Option<String>,
}

/// The terms of an offer as a shopper reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionTerms {
    /// The publisher's words, in the shopper's language where there are such; may be empty.
    pub text: String,
    /// How often, where and when, in the shopper's language; empty where nothing limits it.
    pub summary: String,
    /// Ids of the places that redeem it; empty means wherever it is good.
    pub stores: Vec<String>,
    /// Wall clock, milliseconds since the Unix epoch; `None` from now on.
    pub from_ms: Option<i64>,
    /// Wall clock, milliseconds since the Unix epoch; `None` when they have no end.
    pub until_ms: Option<i64>,
    /// How often a shopper may redeem it; `None` without limit.
    pub times: Option<u16>,
    /// What the backend signed, for the till; opaque, and not verified on the device.
    pub grant: Option<String>,
}

/// Named as schema.org names them, where it does.
#[derive(Deserialize)]
struct WireTerms<'a> {
    #[serde(default)]
    description: String,
    #[serde(default)]
    descriptions: BTreeMap<String, String>,
    #[serde(borrow)]
    available_at_or_from: Option<&'a RawValue>,
    #[serde(borrow)]
    valid_from: Option<&'a str>,
    #[serde(borrow)]
    valid_through: Option<&'a str>,
    times: Option<i64>,
    grant: Option<String>,
}

/// Reads the terms of an offer that ends at `expires_at_ms`.
pub(super) fn terms<'a>(
    raw: &'a RawValue,
    expires_at_ms: Option<i64>,
    places: &[Place],
    shared: &mut Shared<'a>,
) -> Result<Box<Terms>, Flaw> {
    let wire: WireTerms<'_> = read("terms", raw)?;
    let (from_ms, until_ms) =
        shared.span(("terms.valid_from", wire.valid_from), ("terms.valid_through", wire.valid_through))?;
    if let Some(until) = until_ms
        && expires_at_ms.is_none_or(|end| end > until)
    {
        return flaw("terms.valid_through", "is before the offer's end: it would show when it is good no more");
    }
    check_text("terms.description", &wire.description)?;
    let mut descriptions = BTreeMap::new();
    for (tag, text) in wire.descriptions {
        check_text(format_args!("terms.descriptions.{tag}"), &text)?;
        descriptions.insert(tag.replace('_', "-").to_ascii_lowercase(), text);
    }
    let grant_is_text = |grant: &String| !grant.is_empty() && grant.bytes().all(|byte| byte.is_ascii_graphic());
    if wire.grant.as_ref().is_some_and(|grant| grant.len() > MAX_GRANT_BYTES || !grant_is_text(grant)) {
        return flaw("terms.grant", format!("is not printable ASCII of 1 to {MAX_GRANT_BYTES} bytes"));
    }
    Ok(Box::new(Terms {
        description: wire.description,
        descriptions,
        stores: stores(wire.available_at_or_from, places)?,
        from_ms,
        until_ms,
        times: wire.times.map(|times| within("terms.times".to_owned(), times, &TIMES)).transpose()?,
        grant: wire.grant,
    }))
}

fn stores(raw: Option<&RawValue>, places: &[Place]) -> Result<Vec<String>, Flaw> {
    let path = "terms.available_at_or_from";
    let mut stores = Vec::new();
    for (at, raw) in items(path, raw, MAX_STORES)?.into_iter().enumerate() {
        let path = format!("{path}[{at}]");
        let id: String = read(&path, raw)?;
        if places.binary_search_by(|place| place.id.as_str().cmp(&id)).is_err() {
            return flaw(path, format!("there is no good place {id:?} in the catalogue"));
        }
        stores.push(id);
    }
    Ok(stores)
}

impl Terms {
    /// As a shopper reads them.
    pub(super) fn for_card(&self, view: &View<'_>, language: Language) -> RedemptionTerms {
        let input = view.input;
        let zone = Some(view.shopper.zone);
        let moment = |at_ms| Moment { at_ms, now_ms: input.now_ms, zone }.words(language);
        let from_ms = self.from_ms.filter(|from| *from > input.now_ms);
        let words = language.words();
        let said = [
            self.times.map(|times| match times {
                1 => words.terms_once.to_owned(),
                _ => fill(words.terms_times, &[("n", &times.to_string())]),
            }),
            (!self.stores.is_empty()).then(|| fill(words.terms_at, &[("places", &self.names(input.catalogue))])),
            from_ms.map(|from| fill(words.terms_from, &[("when", &moment(from))])),
            self.until_ms.map(|until| fill(words.terms_until, &[("when", &moment(until))])),
        ];
        RedemptionTerms {
            text: localised(&self.descriptions, input.locale).unwrap_or(&self.description).clone(),
            summary: said.into_iter().flatten().collect::<Vec<_>>().join(" "),
            stores: self.stores.clone(),
            from_ms,
            until_ms: self.until_ms,
            times: self.times,
            grant: self.grant.clone(),
        }
    }

    fn names(&self, catalogue: &OfferCatalogue) -> String {
        let places = self.stores.iter().filter_map(|id| catalogue.place(id));
        places.map(|place| place.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// The terms of `offer` for keeping in an export: JSON, with the names of the wire.
pub(crate) fn exported(offer: &Offer) -> Option<serde_json::Value> {
    let terms = offer.terms.as_ref()?;
    let time = |at: Option<i64>| at.map(crate::clock::rfc3339);
    Some(serde_json::json!({
        "description": terms.description,
        "available_at_or_from": terms.stores,
        "valid_from": time(terms.from_ms),
        "valid_through": time(terms.until_ms),
        "times": terms.times,
        "grant": terms.grant,
    }))
}
