//! What makes an event a good one. Each refusal names the field.

use super::engagement::Engagement;
use super::parts::{PurchaseLine, Topic};
use crate::error::Error;
use crate::ids::id_flaw;
use crate::money::{MAX_MINOR, Money};

/// A name in the app's vocabulary is an identifier in someone's reports.
pub(super) const MAX_NAME_BYTES: usize = 64;
/// What is longer was pasted, and not searched for. Also, less of a person fits into it.
pub(super) const MAX_QUERY_BYTES: usize = 256;
/// Pages, in any script; what is longer is a document.
pub(super) const MAX_TEXT_BYTES: usize = 8 * 1024;
/// More than a trolley holds, and still well within [`super::MAX_EVENT_BYTES`].
pub(super) const MAX_LINES: usize = 250;
/// Stars.
pub(super) const RATING: std::ops::RangeInclusive<i64> = 1..=5;
/// Counts beyond this are a mistake, and nobody's total overflows below it.
pub(super) const MAX_COUNT: i64 = 1_000_000_000;

pub(super) fn check(event: &Engagement) -> Result<(), Error> {
    match event {
        Engagement::Impression { offer }
        | Engagement::Clicked { offer }
        | Engagement::Saved { offer }
        | Engagement::Dismissed { offer } => id("event.offer", offer),
        Engagement::Shared { offer, channel, partner } => {
            id("event.offer", offer)?;
            optional("event.channel", channel, name)?;
            optional("event.partner", partner, id)
        }
        Engagement::Redeemed { offer, order, value, place, partner } => {
            id("event.offer", offer)?;
            optional("event.order", order, id)?;
            value.as_ref().map_or(Ok(()), |value| money("event.value", value))?;
            optional("event.place", place, id)?;
            optional("event.partner", partner, id)
        }
        Engagement::Purchased { order, lines: bought, total, place, partner } => {
            id("event.order", order)?;
            lines(bought)?;
            money("event.total", total)?;
            optional("event.place", place, id)?;
            optional("event.partner", partner, id)
        }
        Engagement::Searched { query, results } => {
            optional("event.query", query, |what, query| text(what, query, MAX_QUERY_BYTES))?;
            results.map_or(Ok(()), |results| within("event.results", results, 0..=MAX_COUNT))
        }
        Engagement::BadgeEarned { badge, level } => {
            id("event.badge", badge)?;
            level.map_or(Ok(()), |level| within("event.level", level, 1..=MAX_COUNT))
        }
        Engagement::BeaconZone { beacon, zone: _, place, partner } => {
            id("event.beacon", beacon)?;
            optional("event.place", place, id)?;
            optional("event.partner", partner, id)
        }
        Engagement::Reviewed { about, rating, text: words } => {
            topic(about)?;
            within("event.rating", *rating, RATING)?;
            optional("event.text", words, |what, words| text(what, words, MAX_TEXT_BYTES))
        }
        Engagement::Feedback { about, text: words } => {
            about.as_ref().map_or(Ok(()), topic)?;
            text("event.text", words, MAX_TEXT_BYTES)
        }
        Engagement::Custom { name: called, properties: _ } => name("event.name", called),
    }
}

fn id(what: &str, id: &str) -> Result<(), Error> {
    id_flaw(id).map_or(Ok(()), |why| Err(Error::invalid(what, why)))
}

fn optional(what: &str, text: &Option<String>, check: impl Fn(&str, &str) -> Result<(), Error>) -> Result<(), Error> {
    text.as_ref().map_or(Ok(()), |text| check(what, text))
}

fn name(what: &str, name: &str) -> Result<(), Error> {
    let fits = (1..=MAX_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if fits {
        Ok(())
    } else {
        Err(Error::invalid(what, format!("takes letters, digits, '_', '-' and '.', 1 to {MAX_NAME_BYTES} of them")))
    }
}

fn text(what: &str, text: &str, max_bytes: usize) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::invalid(what, "is empty"));
    }
    if text.len() > max_bytes {
        return Err(Error::invalid(what, format!("is {} bytes long; at most {max_bytes} are taken", text.len())));
    }
    Ok(())
}

fn within(what: &str, number: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), Error> {
    if range.contains(&number) {
        return Ok(());
    }
    Err(Error::invalid(what, format!("is {number}; {} to {} are taken", range.start(), range.end())))
}

fn money(what: &str, money: &Money) -> Result<(), Error> {
    money.flaw().map_or(Ok(()), |(field, why)| Err(Error::invalid(format!("{what}.{field}"), why)))
}

fn topic(about: &Topic) -> Result<(), Error> {
    id("event.about.id", about.id())
}

/// Each line by itself, and what they come to: whoever adds them up must not overflow. That it is
/// the total is not asked: delivery, tax and rounding come between.
fn lines(lines: &[PurchaseLine]) -> Result<(), Error> {
    if lines.len() > MAX_LINES {
        return Err(Error::invalid("event.lines", format!("has {} lines; at most {MAX_LINES} are taken", lines.len())));
    }
    let mut sum = 0_i128;
    for (at, line) in lines.iter().enumerate() {
        sum += i128::from(line.quantity) * i128::from(line.unit_price_minor);
        if let Err((field, why)) = line_flaw(line, sum) {
            return Err(Error::invalid(format!("event.lines[{at}].{field}"), why));
        }
    }
    Ok(())
}

/// `sum`: what the lines up to this one come to.
fn line_flaw(line: &PurchaseLine, sum: i128) -> Result<(), (&'static str, String)> {
    if let Some(why) = id_flaw(&line.sku) {
        return Err(("sku", why));
    }
    if !(1..=MAX_COUNT).contains(&line.quantity) {
        return Err(("quantity", format!("is {}; 1 to {MAX_COUNT} are taken", line.quantity)));
    }
    if line.unit_price_minor.unsigned_abs() > MAX_MINOR.unsigned_abs() {
        return Err((
            "unit_price_minor",
            format!("is {}; −{MAX_MINOR} to {MAX_MINOR} are taken", line.unit_price_minor),
        ));
    }
    if sum.unsigned_abs() > MAX_MINOR as u128 {
        return Err(("unit_price_minor", format!("brings the lines to {sum}; at most {MAX_MINOR} is taken")));
    }
    Ok(())
}
