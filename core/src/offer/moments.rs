//! The shopper's own rules: when offers may come, how many, and which never.
//!
//! Two kinds. *When and how many* (quiet hours, snooze, so many a day, only when I ask) hold back what
//! comes by itself; whoever opens the offers has asked, and sees them. *Which* (not this partner, not
//! this offer, not this topic, seen too often) hold always. They are the shopper's acts on the
//! shopper's device: no grant is needed, they hold at once and without a network.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::hold::{day_start_ms, invalid, kept};
use super::preferences::MAX_ENTRIES;
use super::stored::{by_value, flag, number, set, texts};
use super::{Hold, MomentError, Offer, Quiet, Refusal};
use crate::ids::id_flaw;

/// So many partners, offers and topics are taken each: whoever refuses more wants none of them, and
/// there is a switch for that.
const MAX_REFUSED: usize = 500;

/// More a day than anyone looks at; without a limit is another thing.
const MAX_DAILY: u16 = 100;

/// A snooze is not for ever: for that there is consent.
const MAX_SNOOZE_MS: i64 = 366 * 86_400_000;

/// No rule ends later than this from now, by a clock that is a day behind.
pub(super) const FARTHEST_MS: i64 = MAX_SNOOZE_MS + 86_400_000;

/// An offer that was seen too often rests for so long: the season changes, and so do offers.
const REST_MS: i64 = 30 * 86_400_000;

/// The shopper's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moments {
    quiet: Option<Quiet>,
    snoozed_until_ms: Option<i64>,
    daily: Option<u16>,
    only_when_asked: bool,
    partners: BTreeSet<String>,
    offers: BTreeSet<String>,
    topics: BTreeSet<String>,
    /// Until when offers rest.
    resting: BTreeMap<String, i64>,
    /// Visits that are not recorded.
    unseen: BTreeSet<Uuid>,
}

impl Moments {
    /// No rules.
    pub const NEW: Self = Self {
        quiet: None,
        snoozed_until_ms: None,
        daily: None,
        only_when_asked: false,
        partners: BTreeSet::new(),
        offers: BTreeSet::new(),
        topics: BTreeSet::new(),
        resting: BTreeMap::new(),
        unseen: BTreeSet::new(),
    };

    /// Sets the quiet hours; `None` removes them.
    pub fn set_quiet(&mut self, quiet: Option<Quiet>) {
        self.quiet = quiet;
    }

    /// The quiet hours.
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref()
    }

    /// Nothing comes by itself until `until_ms` (wall clock, milliseconds since the Unix epoch).
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for a time that is not ahead, or more than a year ahead.
    pub fn snooze(&mut self, until_ms: i64, now_ms: i64) -> Result<(), MomentError> {
        if until_ms <= now_ms || until_ms > now_ms.saturating_add(MAX_SNOOZE_MS) {
            return invalid("snooze", "ends within a year from now");
        }
        self.snoozed_until_ms = Some(until_ms);
        Ok(())
    }

    /// Ends the snooze.
    pub fn wake(&mut self) {
        self.snoozed_until_ms = None;
    }

    /// Until when it is snoozed; `None` when it is not at `now_ms`.
    pub fn snoozed_until_ms(&self, now_ms: i64) -> Option<i64> {
        self.snoozed_until_ms.filter(|until| now_ms < *until)
    }

    /// So many different offers a day come by themselves at most; `None` for as many as fit.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for 0 (that is *only when I ask*) and above 100.
    pub fn set_daily(&mut self, most: Option<u16>) -> Result<(), MomentError> {
        if most.is_some_and(|most| most == 0 || most > MAX_DAILY) {
            return invalid("offers a day", format!("are 1 to {MAX_DAILY}"));
        }
        self.daily = most;
        Ok(())
    }

    /// How many different offers a day come by themselves at most.
    pub fn daily(&self) -> Option<u16> {
        self.daily
    }

    /// Offers come only when the shopper asks.
    pub fn set_only_when_asked(&mut self, only: bool) {
        self.only_when_asked = only;
    }

    /// Whether offers come only when the shopper asks.
    pub fn only_when_asked(&self) -> bool {
        self.only_when_asked
    }

    /// The shopper wants no more of it. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for an id that is none, [`MomentError::Full`] from 500 on.
    pub fn refuse(&mut self, refusal: Refusal<'_>) -> Result<(), MomentError> {
        let (what, id) = match refusal {
            Refusal::Partner(id) => ("refused partners", id),
            Refusal::Offer(id) => ("refused offers", id),
            Refusal::Topic(id) => ("refused topics", id),
        };
        if let Some(why) = id_flaw(id) {
            return invalid(what, why);
        }
        let known = self.refused_mut(refusal);
        let id = kept(refusal);
        if known.len() >= MAX_REFUSED && !known.contains(&id) {
            return Err(MomentError::Full { what, most: MAX_REFUSED });
        }
        known.insert(id);
        Ok(())
    }

    /// The shopper takes a refusal back; of an offer, also that it was seen too often.
    pub fn welcome(&mut self, refusal: Refusal<'_>) {
        if let Refusal::Offer(id) = refusal {
            self.resting.remove(id);
        }
        self.refused_mut(refusal).remove(&kept(refusal));
    }

    fn refused_mut(&mut self, refusal: Refusal<'_>) -> &mut BTreeSet<String> {
        match refusal {
            Refusal::Partner(_) => &mut self.partners,
            Refusal::Offer(_) => &mut self.offers,
            Refusal::Topic(_) => &mut self.topics,
        }
    }

    /// Everything that the shopper wants no more of.
    pub fn refusals(&self) -> impl Iterator<Item = Refusal<'_>> {
        let partners = self.partners.iter().map(|id| Refusal::Partner(id));
        let offers = self.offers.iter().map(|id| Refusal::Offer(id));
        partners.chain(offers).chain(self.topics.iter().map(|id| Refusal::Topic(id)))
    }

    /// The shopper has seen this offer too often: it rests for thirty days.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for an id that is none, [`MomentError::Full`] from 500 on.
    pub fn rest(&mut self, offer: &str, now_ms: i64) -> Result<(), MomentError> {
        if let Some(why) = id_flaw(offer) {
            return invalid("resting offers", why);
        }
        self.resting.retain(|_, until| now_ms < *until);
        if self.resting.len() >= MAX_REFUSED && !self.resting.contains_key(offer) {
            return Err(MomentError::Full { what: "resting offers", most: MAX_REFUSED });
        }
        self.resting.insert(offer.to_owned(), now_ms.saturating_add(REST_MS));
        Ok(())
    }

    /// Until when an offer rests; `None` when it does not at `now_ms`.
    pub fn resting_until_ms(&self, offer: &str, now_ms: i64) -> Option<i64> {
        self.resting.get(offer).copied().filter(|until| now_ms < *until)
    }

    /// The offers that rest at `now_ms`, and until when.
    pub fn resting(&self, now_ms: i64) -> impl Iterator<Item = (&str, i64)> {
        let resting = self.resting.iter().map(|(offer, until)| (offer.as_str(), *until));
        resting.filter(move |(_, until)| now_ms < *until)
    }

    /// The visits that are open now are not recorded: none of their events, no impression, nothing
    /// for rules to count. Ends with each visit; see [`Moments::left`].
    ///
    /// # Errors
    /// [`MomentError::NoVisit`] without an open visit.
    pub fn go_unseen(&mut self, open: impl IntoIterator<Item = Uuid>) -> Result<(), MomentError> {
        let mut open = open.into_iter().peekable();
        if open.peek().is_none() {
            return Err(MomentError::NoVisit);
        }
        self.unseen.extend(open);
        Ok(())
    }

    /// Whether the visit is not to be recorded.
    pub fn is_unseen(&self, visit: Uuid) -> bool {
        self.unseen.contains(&visit)
    }

    /// Whether some visit now goes unseen: what has no visit of its own is not recorded either.
    pub fn unseen(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// A visit ended, and with it that it went unseen. Call it after the visit's last event.
    pub fn left(&mut self, visit: Uuid) {
        self.unseen.remove(&visit);
    }

    /// Only these visits are open: however the others ended, they go unseen no more. Answers whether that ends any.
    pub fn keep_open(&mut self, open: &[Uuid]) -> bool {
        let before = self.unseen.len();
        self.unseen.retain(|visit| open.contains(visit));
        self.unseen.len() < before
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        *self == Self::NEW
    }

    /// Why nothing comes by itself at `now_ms`, wherever it would come; `None` when it may.
    pub fn standing(&self, now_ms: i64, zone: &TimeZone) -> Option<Hold> {
        self.all_standing(now_ms, zone).next()
    }

    /// Every rule because of which nothing comes by itself at `now_ms`, wherever it would come.
    pub(super) fn all_standing(&self, now_ms: i64, zone: &TimeZone) -> impl Iterator<Item = Hold> {
        let stands = [
            (Hold::Snoozed, self.snoozed_until_ms(now_ms).is_some()),
            (Hold::Quiet, self.quiet_until_ms(now_ms, zone).is_some()),
            (Hold::OnlyWhenAsked, self.only_when_asked),
        ];
        stands.into_iter().filter(|(_, stands)| *stands).map(|(hold, _)| hold)
    }

    /// When the quiet hours that hold at `now_ms` end; `None` outside of them.
    pub fn quiet_until_ms(&self, now_ms: i64, zone: &TimeZone) -> Option<i64> {
        self.quiet.as_ref()?.hours(zone)?.open_until(now_ms)
    }

    /// When these rules may next change what comes, by time alone.
    pub fn next_change_ms(&self, now_ms: i64, zone: &TimeZone) -> Option<i64> {
        let hours = self.quiet.as_ref().and_then(|quiet| quiet.hours(zone));
        let turn = hours.and_then(|hours| hours.open_until(now_ms).or_else(|| hours.opens_after(now_ms)));
        let midnight = self.daily.and_then(|_| day_start_ms(now_ms, 1, zone));
        let rests = self.resting.values().copied();
        rests.chain([turn, midnight, self.snoozed_until_ms].into_iter().flatten()).filter(|at| *at > now_ms).min()
    }

    /// Which refusal concerns `offer`, whoever asked.
    pub(super) fn refused(&self, offer: &Offer, now_ms: i64) -> Option<Hold> {
        if offer.partner.as_ref().is_some_and(|partner| self.partners.contains(partner)) {
            Some(Hold::Partner)
        } else if self.offers.contains(&offer.id) {
            Some(Hold::Offer)
        } else if !self.topics.is_empty() && offer.topics.iter().any(|topic| self.topics.contains(topic)) {
            Some(Hold::Topic)
        } else {
            self.resting_until_ms(&offer.id, now_ms).map(|_| Hold::Resting)
        }
    }

    /// Which of an offer's topics the shopper refused.
    pub(super) fn refused_topic<'o>(&self, offer: &'o Offer) -> Option<&'o str> {
        offer.topics.iter().find(|topic| self.topics.contains(*topic)).map(String::as_str)
    }

    /// For keeping; see [`Moments::from_value`].
    pub fn to_value(&self) -> Value {
        json!({
            "quiet": self.quiet.as_ref().map(|quiet| [quiet.begins(), quiet.ends()]),
            "snoozed_until_ms": self.snoozed_until_ms,
            "daily": self.daily,
            "only_when_asked": self.only_when_asked,
            "partners": self.partners,
            "offers": self.offers,
            "topics": self.topics,
            "resting": self.resting,
            "unseen": self.unseen.iter().map(Uuid::to_string).collect::<Vec<_>>(),
        })
    }

    /// What was kept; what does not read is left out.
    pub fn from_value(value: &Value) -> Self {
        let hours: Vec<&str> = texts(value, "quiet", 2).collect();
        let resting = value.get("resting").and_then(Value::as_object).into_iter().flatten();
        Self {
            quiet: match hours.as_slice() {
                [from, to] => Quiet::new(from, to).ok(),
                _ => None,
            },
            snoozed_until_ms: number(value, "snoozed_until_ms"),
            daily: number(value, "daily")
                .and_then(|daily| u16::try_from(daily).ok())
                .filter(|daily| (1..=MAX_DAILY).contains(daily)),
            only_when_asked: flag(value, "only_when_asked"),
            partners: set(value, "partners", MAX_ENTRIES),
            offers: set(value, "offers", MAX_ENTRIES),
            topics: set(value, "topics", MAX_ENTRIES),
            resting: resting
                .filter_map(|(offer, until)| Some((offer.clone(), until.as_i64()?)))
                .take(MAX_ENTRIES)
                .collect(),
            unseen: texts(value, "unseen", MAX_ENTRIES).filter_map(|id| id.parse().ok()).collect(),
        }
    }
}

by_value!(Moments);
