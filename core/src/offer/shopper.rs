//! Whom a decision is for.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{History, Moments, OfferCatalogue, Person, Wanted};

/// The shopper's side of a decision; [`super::DecisionInput`] has the publisher's and the moment's.
#[derive(Debug, Clone, Copy)]
pub struct Shopper<'a> {
    /// The installation's pseudonym: buckets of experiments.
    pub installation: Uuid,
    /// What is known of the person. Looked at only under [`crate::consent::Personalisation`].
    pub person: &'a Person,
    /// The shopper's rules.
    pub moments: &'a Moments,
    /// The shopper's wishes, matched with this catalogue.
    pub wanted: &'a Wanted,
    /// What was shown.
    pub history: &'a History,
    /// Where the shopper's clock stands: quiet hours, days, rules about the time of day.
    pub zone: &'a TimeZone,
    /// The shopper asked (opened the offers, pulled them down); `false` for what comes by itself.
    pub asked: bool,
}

impl Shopper<'_> {
    /// When the shopper's side of a decision may change by time alone: quiet hours, a snooze, midnight,
    /// a wish's end, a limit that leaves room again. `None` when time changes nothing.
    pub fn next_change_ms(&self, catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
        let moments = self.moments.next_change_ms(now_ms, self.zone);
        let wishes = self.wanted.next_end_ms(now_ms);
        [moments, wishes, self.history.next_change_ms(catalogue, now_ms)].into_iter().flatten().min()
    }
}

/// Of whom nothing is known.
static NOBODY: LazyLock<Wanted> = LazyLock::new(Wanted::default);

impl Shopper<'static> {
    /// A shopper of whom nothing is known and who set no rules, who asked.
    pub fn unknown() -> Self {
        static UTC: TimeZone = TimeZone::UTC;
        static PERSON: Person = Person::NEW;
        static MOMENTS: Moments = Moments::NEW;
        static HISTORY: History = History::NEW;
        Self {
            installation: Uuid::nil(),
            person: &PERSON,
            moments: &MOMENTS,
            wanted: &NOBODY,
            history: &HISTORY,
            zone: &UTC,
            asked: true,
        }
    }
}
