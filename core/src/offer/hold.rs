//! The parts of the shopper's rules: what they hold back, what is refused, which hours are quiet.

use jiff::tz::TimeZone;

use super::fold::topic;
use super::{Schedule, Window};

/// Why an offer does not show, or not now: a rule of the shopper's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Not this partner.
    Partner,
    /// Not interested in this offer.
    Offer,
    /// Not interested in one of its topics.
    Topic,
    /// Seen too often; it rests.
    Resting,
    /// Snoozed.
    Snoozed,
    /// Quiet hours.
    Quiet,
    /// Only when the shopper asks.
    OnlyWhenAsked,
    /// As many as the shopper wants today have come by themselves.
    DailyLimit,
}

impl Hold {
    /// It holds back this offer, asked for or not; the others whatever comes by itself.
    pub(super) fn is_refusal(self) -> bool {
        matches!(self, Self::Partner | Self::Offer | Self::Topic | Self::Resting)
    }
}

/// Why a rule of the shopper's was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// A value that makes no sense; correct it.
    #[error("{what} {why}")]
    Invalid {
        /// Which.
        what: &'static str,
        /// In words.
        why: String,
    },
    /// There are as many as are taken; remove one first.
    #[error("there are {most} {what} already, and no more are taken")]
    Full {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// There is no visit that could go unseen.
    #[error("there is no visit now that could go unseen")]
    NoVisit,
}

pub(super) fn invalid<T>(what: &'static str, why: impl Into<String>) -> Result<T, MomentError> {
    Err(MomentError::Invalid { what, why: why.into() })
}

/// Daily hours in which nothing comes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    from: String,
    to: String,
    window: Window,
}

impl Quiet {
    /// From `from` to `to`, both `HH:MM` where the shopper is; a `to` before `from` is on the next day.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for what is no time of day, or twice the same.
    pub fn new(from: &str, to: &str) -> Result<Self, MomentError> {
        match Window::daily(from, to) {
            Ok(window) => Ok(Self { from: from.to_owned(), to: to.to_owned(), window }),
            Err(e) => invalid("quiet hours:", e.to_string()),
        }
    }

    /// The same as hours of the week, in `zone`.
    pub(super) fn hours(&self, zone: &TimeZone) -> Option<Schedule> {
        Schedule::in_zone(zone.clone(), vec![self.window]).ok()
    }

    /// When they begin, `HH:MM`.
    pub fn begins(&self) -> &str {
        &self.from
    }

    /// When they end, `HH:MM`.
    pub fn ends(&self) -> &str {
        &self.to
    }
}

/// Something that the shopper wants no more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// Offers of this partner.
    Partner(&'a str),
    /// This offer.
    Offer(&'a str),
    /// Offers on this topic.
    Topic(&'a str),
}

/// As what a refusal is kept: topics are folded as offers' topics are.
pub(super) fn kept(refusal: Refusal<'_>) -> String {
    match refusal {
        Refusal::Partner(id) | Refusal::Offer(id) => id.to_owned(),
        Refusal::Topic(id) => topic(id),
    }
}

/// When the local day begins in which `now_ms` lies; `ahead` days later.
pub(super) fn day_start_ms(now_ms: i64, ahead: i32, zone: &TimeZone) -> Option<i64> {
    let today = zone.to_datetime(jiff::Timestamp::from_millisecond(now_ms).ok()?).date();
    let date = today.checked_add(jiff::Span::new().days(ahead)).ok()?;
    let midnight = zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    Some(midnight.compatible().ok()?.as_millisecond())
}
