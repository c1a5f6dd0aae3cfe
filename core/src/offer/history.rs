//! What was shown, as far as limits need it; and the limits.
//!
//! On the device alone, for thirty days. A limit is about showing *less*, so it needs no grant; what
//! is learnt of the shopper from what was shown is another matter, and not here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::OfferCatalogue;
use super::stored::{by_value, list};

/// Longest window of a limit; what is older is forgotten.
pub(super) const KEEP_MS: i64 = 30 * 86_400_000;

/// So many impressions, and so many notices, are kept, the newest: some sixty a day.
const MAX_KEPT: usize = 2_000;

/// A card that stands on is one impression, and one that was just seen is not pulled away from under
/// the shopper's eyes because that very look used up a limit.
pub(super) const SESSION_MS: i64 = 30 * 60_000;

const HOUR_MS: i64 = 3_600_000;

/// A notice waits so long for its look: the shopper who taps it finds the offer, and the two count as one.
const NOTICE_MS: i64 = 24 * HOUR_MS;

/// No notice of the same offer comes sooner. Less than a day: what is called each morning comes each morning, also
/// where the phone wakes for it some minutes earlier than the day before.
const NOTICE_REST_MS: i64 = 20 * HOUR_MS;

/// The longest day: clocks are set back in it.
const DAY_H: i64 = 25;

/// At most so many impressions in any stretch of so many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// 1 to 1,000.
    pub times: u16,
    /// 1 to 720 (30 days).
    pub hours: u16,
}

/// A card that the shopper saw, by the rule of [`super::ImpressionRule`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impression {
    /// The offer's id.
    pub offer: String,
    /// Its partner's; `None` for the retailer's own.
    pub partner: Option<String>,
    /// Wall clock, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The shopper had asked for offers; it did not come by itself.
    pub asked: bool,
}

/// A notice that was handed to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) offer: String,
    /// Its partner's; `None` for the retailer's own.
    pub(super) partner: Option<String>,
    pub(super) at_ms: i64,
    /// The shopper's own reminder: it was asked for, and counts for no limit.
    pub(super) reminder: bool,
}

/// What was shown within the last thirty days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// By time.
    seen: Vec<Impression>,
    /// By time.
    sent: Vec<Sent>,
}

impl History {
    /// Nothing was shown yet.
    pub const NEW: Self = Self { seen: Vec::new(), sent: Vec::new() };

    /// Notes an impression, and forgets what is older than thirty days. `false` when the same offer
    /// was noted within half an hour: that is one look, and nothing is noted.
    pub fn saw(&mut self, impression: Impression) -> bool {
        let at_ms = impression.at_ms;
        if self.looked_at(&impression.offer, at_ms) {
            return false;
        }
        let place = self.seen.partition_point(|known| known.at_ms <= at_ms);
        self.seen.insert(place, impression);
        self.prune(at_ms);
        true
    }

    /// Notes that a notice of `offer`, of `partner` where it is a partner's, was handed to the host. It counts as
    /// shown, unless it is a `reminder`, the shopper's own.
    pub fn noticed(&mut self, offer: &str, partner: Option<&str>, at_ms: i64, reminder: bool) {
        let place = self.sent.partition_point(|known| known.at_ms <= at_ms);
        let partner = partner.map(str::to_owned);
        self.sent.insert(place, Sent { offer: offer.to_owned(), partner, at_ms, reminder });
        self.prune(at_ms);
    }

    /// Forgets what is older than thirty days at `now_ms`, and the oldest of what is too much.
    pub fn prune(&mut self, now_ms: i64) {
        let since = now_ms.saturating_sub(KEEP_MS);
        let old = self.seen.partition_point(|known| known.at_ms <= since);
        self.seen.drain(..old.max(self.seen.len().saturating_sub(MAX_KEPT)));
        let old = self.sent.partition_point(|known| known.at_ms <= since);
        self.sent.drain(..old.max(self.sent.len().saturating_sub(MAX_KEPT)));
    }

    /// Forgets everything of partners: their offers left with the shopper's yes.
    pub fn forget_partners(&mut self) {
        self.seen.retain(|impression| impression.partner.is_none());
        self.sent.retain(|sent| sent.partner.is_none());
    }

    /// The notices, by time.
    #[cfg(test)]
    pub(super) fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// By time, oldest first.
    pub fn impressions(&self) -> &[Impression] {
        &self.seen
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.sent.is_empty()
    }

    /// Whether `offer` was seen so lately that it counts as being looked at.
    pub(crate) fn looked_at(&self, offer: &str, now_ms: i64) -> bool {
        self.seen
            .iter()
            .rev()
            .any(|known| known.offer == offer && known.at_ms.abs_diff(now_ms) < SESSION_MS.unsigned_abs())
    }

    /// The offers that came by themselves since `since_ms`: as a card that nobody asked for, or as a
    /// notice. Each once, however often.
    pub(super) fn came_since(&self, since_ms: i64) -> BTreeSet<&str> {
        let cards = self.seen.iter().rev().take_while(move |known| known.at_ms >= since_ms);
        let cards = cards.filter(|known| !known.asked).map(|known| known.offer.as_str());
        let notices = self.sent.iter().rev().take_while(move |known| known.at_ms >= since_ms);
        cards.chain(notices.filter(|known| !known.reminder).map(|known| known.offer.as_str())).collect()
    }

    /// Whether a notice of `offer`, not a reminder, was sent so lately before `now_ms` that it rests.
    pub(super) fn notified_lately(&self, offer: &str, now_ms: i64) -> bool {
        let since = now_ms.saturating_sub(NOTICE_REST_MS);
        self.sent.iter().any(|sent| !sent.reminder && sent.offer == offer && sent.at_ms > since)
    }

    /// When a look at a card ends, a notice has waited for its look, or one of them leaves the window of a limit, next.
    pub(super) fn next_change_ms(&self, catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
        let windows: BTreeSet<i64> = limits(catalogue).map(|cap| i64::from(cap.hours) * HOUR_MS).collect();
        if windows.is_empty() {
            return None;
        }
        let ends = windows.iter().copied().chain([SESSION_MS]).filter_map(|window| {
            let next = self.seen.partition_point(|known| known.at_ms.saturating_add(window) <= now_ms);
            Some(self.seen.get(next)?.at_ms.saturating_add(window))
        });
        let waited = windows.iter().copied().chain([NOTICE_MS]).filter_map(|window| {
            let left = self.sent.partition_point(|known| known.at_ms.saturating_add(window) <= now_ms);
            let next = self.sent.get(left..)?.iter().find(|known| !known.reminder)?;
            Some(next.at_ms.saturating_add(window))
        });
        ends.chain(waited).min()
    }

    /// As much of it as a decision on `catalogue` looks at: the longest window of a limit, and a day.
    pub(super) fn looked_at_for(&self, catalogue: &OfferCatalogue, now_ms: i64) -> Self {
        let hours = limits(catalogue).map(|cap| i64::from(cap.hours)).chain([DAY_H]).max().unwrap_or(DAY_H);
        let since = now_ms.saturating_sub(hours * HOUR_MS);
        let seen = self.seen.iter().filter(|known| known.at_ms >= since).cloned().collect();
        let sent = self.sent.iter().filter(|known| known.at_ms >= since).cloned().collect();
        Self { seen, sent }
    }

    /// For keeping; see [`History::from_value`].
    pub fn to_value(&self) -> Value {
        let seen: Vec<Value> = self.seen.iter().map(|i| json!([i.at_ms, i.offer, i.partner, i.asked])).collect();
        let sent: Vec<Value> = self.sent.iter().map(|s| json!([s.at_ms, s.offer, s.reminder, s.partner])).collect();
        json!({ "seen": seen, "sent": sent })
    }

    /// What was kept; what does not read is left out.
    pub fn from_value(value: &Value) -> Self {
        let at = |row: &Value, n: usize| row.get(n).cloned().unwrap_or_default();
        let seen = list(value, "seen").iter().filter_map(|row| {
            Some(Impression {
                at_ms: at(row, 0).as_i64()?,
                offer: at(row, 1).as_str()?.to_owned(),
                partner: at(row, 2).as_str().map(str::to_owned),
                asked: at(row, 3).as_bool()?,
            })
        });
        let sent = list(value, "sent").iter().filter_map(|row| {
            let (at_ms, offer) = (at(row, 0).as_i64()?, at(row, 1).as_str()?.to_owned());
            let partner = at(row, 3).as_str().map(str::to_owned);
            Some(Sent { at_ms, offer, partner, reminder: at(row, 2).as_bool()? })
        });
        let mut history = Self { seen: seen.take(MAX_KEPT).collect(), sent: sent.take(MAX_KEPT).collect() };
        history.seen.sort_by_key(|known| known.at_ms);
        history.sent.sort_by_key(|known| known.at_ms);
        history
    }
}

by_value!(History);

/// Every limit of a catalogue.
fn limits(catalogue: &OfferCatalogue) -> impl Iterator<Item = &Cap> {
    let offers = catalogue.offers.iter().flat_map(|offer| &offer.caps);
    offers.chain(catalogue.partners.iter().flat_map(|partner| &partner.caps)).chain(&catalogue.caps)
}

/// Whether one of `caps` leaves no room for one more; `since` counts what was seen after an instant.
pub(super) fn exhausted(caps: &[Cap], now_ms: i64, since: impl Fn(i64) -> usize) -> bool {
    caps.iter().any(|cap| since(now_ms.saturating_sub(i64::from(cap.hours) * HOUR_MS)) >= usize::from(cap.times))
}

/// When each offer, each partner's and any was shown, for looking up: cards that were seen, and notices. A
/// notice and the look that follows it within a day are one showing, at the time of the look.
///
/// What is in the future, by a clock that was set back, counts as seen lately: rather less than too
/// much.
pub(super) struct Seen<'a> {
    by_offer: Vec<(&'a str, i64)>,
    by_partner: Vec<(&'a str, i64)>,
    all: Vec<i64>,
    /// The cards among them.
    looks: Vec<(&'a str, i64)>,
    /// The notices that no look followed.
    unanswered: Vec<(&'a str, i64)>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut looks: Vec<_> = history.seen.iter().map(|i| (i.offer.as_str(), i.at_ms)).collect();
        looks.sort_unstable();
        let answered = |sent: &Sent| {
            let next = looks.partition_point(|look| *look < (sent.offer.as_str(), sent.at_ms));
            looks.get(next).is_some_and(|(id, at)| *id == sent.offer && *at < sent.at_ms.saturating_add(NOTICE_MS))
        };
        let notices: Vec<&Sent> = history.sent.iter().filter(|sent| !sent.reminder && !answered(sent)).collect();
        let mut unanswered: Vec<_> = notices.iter().map(|sent| (sent.offer.as_str(), sent.at_ms)).collect();
        unanswered.sort_unstable();
        let mut by_offer = [&*looks, &*unanswered].concat();
        by_offer.sort_unstable();
        let looks_of = history.seen.iter().filter_map(|i| Some((i.partner.as_deref()?, i.at_ms)));
        let mut by_partner: Vec<_> =
            looks_of.chain(notices.iter().filter_map(|sent| Some((sent.partner.as_deref()?, sent.at_ms)))).collect();
        by_partner.sort_unstable();
        let mut all: Vec<i64> = by_offer.iter().map(|(_, at)| *at).collect();
        all.sort_unstable();
        Self { by_offer, by_partner, all, looks, unanswered }
    }

    /// How often the offer was shown after `since_ms`.
    pub(super) fn offer_since(&self, id: &str, since_ms: i64) -> usize {
        after(&self.by_offer, id, since_ms).len()
    }

    /// How often the partner's offers were.
    pub(super) fn partner_since(&self, id: &str, since_ms: i64) -> usize {
        after(&self.by_partner, id, since_ms).len()
    }

    /// How often any was.
    pub(super) fn all_since(&self, since_ms: i64) -> usize {
        self.all.len() - self.all.partition_point(|at| *at <= since_ms)
    }

    /// Whether the offer is being looked at ([`History::looked_at`]), or its notice waits for the look: its card
    /// was counted, and stays.
    pub(super) fn is_counted(&self, id: &str, now_ms: i64) -> bool {
        let lately = |of: &[(&str, i64)], window: i64| {
            let lately = after(of, id, now_ms.saturating_sub(window));
            lately.iter().any(|(_, at)| *at < now_ms.saturating_add(SESSION_MS))
        };
        lately(&self.looks, SESSION_MS) || lately(&self.unanswered, NOTICE_MS)
    }
}

/// The entries of `id` after `since_ms`.
fn after<'s, 'a>(sorted: &'s [(&'a str, i64)], id: &str, since_ms: i64) -> &'s [(&'a str, i64)] {
    let from = sorted.partition_point(|(known, at)| (*known, *at) <= (id, since_ms));
    let to = sorted.partition_point(|(known, _)| *known <= id);
    sorted.get(from..to).unwrap_or_default()
}
