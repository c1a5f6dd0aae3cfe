//! Offers that the shopper saved, and the reminders that the shopper asked for.

use serde_json::{Value, json};

use super::MomentError;
use super::hold::invalid;
use super::preferences::MAX_ENTRIES;
use super::stored::{by_value, flag, number, text};
use super::{Offer, OfferCatalogue};
use crate::ids::id_flaw;

/// A list that nobody keeps in mind is no list.
const MAX_SAVED: usize = 200;

/// A reminder before the end comes at most so long before: two weeks.
const MAX_BEFORE_H: u16 = 336;

/// A reminder of a place comes once a visit, and once in so long: who goes in and out is not told twice.
const HERE_AGAIN_MS: i64 = 12 * 3_600_000;

const HOUR_MS: i64 = 3_600_000;

/// Why a saved offer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The shopper is at one of its places.
    Here,
    /// It ends soon.
    Expiring,
}

/// An offer that the shopper saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedOffer {
    /// The offer's id.
    pub offer: String,
    /// Wall clock, milliseconds since the Unix epoch.
    pub saved_at_ms: i64,
    /// Remind me when I am at one of its places.
    pub when_here: bool,
    /// Remind me so many hours before it ends.
    pub before_end_h: Option<u16>,
    reminded_here_ms: Option<i64>,
    reminded_of_end: bool,
}

/// What the shopper saved, in that order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    list: Vec<SavedOffer>,
}

impl Saved {
    /// Nothing yet.
    pub const NEW: Self = Self { list: Vec::new() };

    /// Saves an offer, or changes the reminders of one that is saved.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for an id that is none, or hours outside 1 to 336;
    /// [`MomentError::Full`] from 200 on.
    pub fn save(
        &mut self,
        offer: &str,
        when_here: bool,
        before_end_h: Option<u16>,
        now_ms: i64,
    ) -> Result<(), MomentError> {
        if let Some(why) = id_flaw(offer) {
            return invalid("a saved offer", why);
        }
        if before_end_h.is_some_and(|hours| !(1..=MAX_BEFORE_H).contains(&hours)) {
            return invalid("a reminder", format!("comes 1 to {MAX_BEFORE_H} hours before the end"));
        }
        if let Some(known) = self.list.iter_mut().find(|saved| saved.offer == offer) {
            known.reminded_of_end &= known.before_end_h == before_end_h;
            (known.when_here, known.before_end_h) = (when_here, before_end_h);
            return Ok(());
        }
        if self.list.len() >= MAX_SAVED {
            return Err(MomentError::Full { what: "saved offers", most: MAX_SAVED });
        }
        let (reminded_here_ms, reminded_of_end) = (None, false);
        let offer = offer.to_owned();
        let saved_at_ms = now_ms;
        self.list.push(SavedOffer { offer, saved_at_ms, when_here, before_end_h, reminded_here_ms, reminded_of_end });
        Ok(())
    }

    /// Forgets a saved offer; `false` when it was not saved.
    pub fn remove(&mut self, offer: &str) -> bool {
        let before = self.list.len();
        self.list.retain(|saved| saved.offer != offer);
        self.list.len() < before
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &SavedOffer> {
        self.list.iter()
    }

    /// Notes that the shopper was reminded.
    pub fn reminded(&mut self, offer: &str, due: Due, now_ms: i64) {
        for saved in self.list.iter_mut().filter(|saved| saved.offer == offer) {
            match due {
                Due::Here => saved.reminded_here_ms = Some(now_ms),
                Due::Expiring => saved.reminded_of_end = true,
            }
        }
    }

    /// Notes a reminder as it is worded: one at a place tells of the end too, where that is due.
    pub(crate) fn told(&mut self, offer: &Offer, due: Due, now_ms: i64) {
        let is_ending = self.list.iter().any(|saved| saved.offer == offer.id && saved.is_ending(offer, now_ms));
        self.reminded(&offer.id, due, now_ms);
        if is_ending {
            self.reminded(&offer.id, Due::Expiring, now_ms);
        }
    }

    /// When the next reminder of an end is due; one that is overdue (quiet hours, no process, no grant) is not named.
    pub fn next_due_ms(&self, catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
        let open = self.list.iter().filter(|saved| !saved.reminded_of_end);
        open.filter_map(|saved| saved.end_due_ms(catalogue.offer(&saved.offer)?)).filter(|at| *at > now_ms).min()
    }

    /// For keeping; see [`Saved::from_value`].
    pub fn to_value(&self) -> Value {
        let rows = self.list.iter().map(|saved| {
            json!({
                "offer": saved.offer,
                "at_ms": saved.saved_at_ms,
                "here": saved.when_here,
                "before_h": saved.before_end_h,
                "reminded_here_ms": saved.reminded_here_ms,
                "reminded_of_end": saved.reminded_of_end,
            })
        });
        Value::Array(rows.collect())
    }

    /// What was kept; what does not read is left out.
    pub fn from_value(value: &Value) -> Self {
        let rows = value.as_array().into_iter().flatten().filter_map(|row| {
            Some(SavedOffer {
                offer: text(row, "offer")?.to_owned(),
                saved_at_ms: number(row, "at_ms")?,
                when_here: flag(row, "here"),
                before_end_h: number(row, "before_h").and_then(|hours| u16::try_from(hours).ok()),
                reminded_here_ms: number(row, "reminded_here_ms"),
                reminded_of_end: flag(row, "reminded_of_end"),
            })
        });
        Self { list: rows.take(MAX_ENTRIES).collect() }
    }
}

by_value!(Saved);

impl SavedOffer {
    fn end_due_ms(&self, offer: &Offer) -> Option<i64> {
        Some(offer.expires_at_ms?.saturating_sub(i64::from(self.before_end_h?) * HOUR_MS))
    }

    /// Whether it is due at `now_ms`; `here_since_ms`: since when the shopper is at one of its places.
    pub(super) fn due(&self, offer: &Offer, here_since_ms: Option<i64>, now_ms: i64) -> Option<Due> {
        let is_news = |since: i64| {
            self.reminded_here_ms.is_none_or(|at| since > at && now_ms.abs_diff(at) >= HERE_AGAIN_MS.unsigned_abs())
        };
        if self.when_here && here_since_ms.is_some_and(is_news) {
            return Some(Due::Here);
        }
        self.is_ending(offer, now_ms).then_some(Due::Expiring)
    }

    /// Whether the reminder of its end is due, and was not told.
    pub(super) fn is_ending(&self, offer: &Offer, now_ms: i64) -> bool {
        !self.reminded_of_end && self.end_due_ms(offer).is_some_and(|at| at <= now_ms)
    }
}
