//! Every word that the shopper reads of a decision, a table a language.
//!
//! Another language is one more file with its [`Words`] and one more line in [`Language::of`]. `{name}` in a
//! text is filled in.

mod english;
mod finnish;

use jiff::tz::TimeZone;

use super::BlockerKind;
use crate::consent::Purpose;

/// A language that has a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Finnish,
}

impl Language {
    /// The language for a locale such as `fi-FI`; English where there is no table.
    pub(super) fn of(locale: &str) -> Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("fi") { Self::Finnish } else { Self::English }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &english::WORDS,
            Self::Finnish => &finnish::WORDS,
        }
    }

    /// What to say of a blocker: the text and the remedy.
    pub(super) fn blocker(self, kind: BlockerKind, purpose: Option<&Purpose>, how: &How<'_>) -> (String, String) {
        let words = self.words();
        let (text, remedy) = words.blocker(kind, purpose, how);
        let opens = how.opens.as_ref().filter(|_| kind == BlockerKind::NothingScheduled);
        let later = opens.map(|opens| fill(words.schedule_remedy, &[("when", &opens.words(self))]));
        (text.to_owned(), later.unwrap_or_else(|| remedy.to_owned()))
    }
}

/// Fills `{name}` in `text`. A name that is not among `values` stays as it is.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    // One pass, so that braces in a value are never filled in turn.
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after
            .split_once('}')
            .and_then(|(name, tail)| Some((values.iter().find(|(known, _)| *known == name)?.1, tail)));
        rest = match value {
            Some((value, tail)) => {
                filled.push_str(value);
                tail
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// Metres as people say them: to ten metres below a kilometre, to a tenth above.
pub(super) fn distance(metres: f64) -> String {
    if metres < 995.0 { format!("{:.0} m", (metres / 10.0).round() * 10.0) } else { format!("{:.1} km", metres / 1e3) }
}

/// A moment as people say it: today's by its time, another with its date.
pub(super) struct Moment<'a> {
    pub(super) at_ms: i64,
    pub(super) now_ms: i64,
    /// The zone in which it is meant; the device's own where none is.
    pub(super) zone: Option<&'a TimeZone>,
}

impl Moment<'_> {
    pub(super) fn words(&self, language: Language) -> String {
        let civil = |ms| {
            let zone = self.zone.cloned().unwrap_or_else(TimeZone::system);
            jiff::Timestamp::from_millisecond(ms).ok().map(|at| zone.to_datetime(at))
        };
        let (Some(at), Some(now)) = (civil(self.at_ms), civil(self.now_ms)) else {
            return crate::clock::rfc3339(self.at_ms);
        };
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        let words = language.words();
        let month = words.months.get(at.month().unsigned_abs() as usize - 1).copied().unwrap_or_default();
        let (day, year) = (at.day().to_string(), at.year().to_string());
        let values = [("time", time.as_str()), ("day", &day), ("month", month), ("year", &year)];
        let form = if at.date() == now.date() {
            words.today
        } else if at.year() == now.year() {
            words.this_year
        } else {
            words.another_year
        };
        fill(form, &values)
    }
}

/// What the words of a blocker depend on besides its kind.
#[derive(Default)]
pub(super) struct How<'a> {
    /// Where the shopper is not, nothing but a code says that they are there.
    pub(super) by_code: bool,
    /// What is out of hours are the places alone.
    pub(super) closed: bool,
    /// When the first offer comes into its hours, where that is known.
    pub(super) opens: Option<Moment<'a>>,
}

/// The words of one language.
pub(super) struct Words {
    pub(super) because_here: &'static str,
    pub(super) because_here_partner: &'static str,
    pub(super) because_partner: &'static str,
    pub(super) because_own: &'static str,
    pub(super) because_wish: &'static str,
    pub(super) because_wish_partner: &'static str,
    pub(super) because_personal: &'static str,
    pub(super) refused_partner: &'static str,
    pub(super) refused_partner_remedy: &'static str,
    pub(super) refused_offer: &'static str,
    pub(super) refused_offer_remedy: &'static str,
    pub(super) refused_topic: &'static str,
    pub(super) refused_topic_remedy: &'static str,
    pub(super) resting: &'static str,
    pub(super) resting_remedy: &'static str,
    pub(super) in_trial: &'static str,
    pub(super) not_in_trial: &'static str,
    pub(super) personal_granted: &'static str,
    pub(super) personal_missing: &'static str,
    pub(super) personal_remedy: &'static str,
    pub(super) in_audience: &'static str,
    pub(super) not_in_audience: &'static str,
    pub(super) audience_unknown: &'static str,
    pub(super) under_caps: &'static str,
    pub(super) over_caps: &'static str,
    pub(super) caps_remedy: &'static str,
    pub(super) asked: &'static str,
    pub(super) not_asked: &'static str,
    pub(super) asked_remedy: &'static str,
    pub(super) good_moment: &'static str,
    pub(super) snoozed: &'static str,
    pub(super) quiet: &'static str,
    pub(super) only_when_asked: &'static str,
    pub(super) daily_limit: &'static str,
    pub(super) part_wish: &'static str,
    pub(super) part_nearness: &'static str,
    pub(super) part_affinity: &'static str,
    pub(super) part_time_left: &'static str,
    pub(super) part_value: &'static str,
    pub(super) reminder_here: &'static str,
    pub(super) reminder_here_ending: &'static str,
    pub(super) reminder_end: &'static str,
    pub(super) not_shown: &'static str,
    pub(super) switch_on: &'static str,
    pub(super) switch_off: &'static str,
    pub(super) switch_remedy: &'static str,
    pub(super) partner_granted: &'static str,
    pub(super) partner_missing: &'static str,
    pub(super) partner_remedy: &'static str,
    pub(super) location_granted: &'static str,
    pub(super) location_missing: &'static str,
    pub(super) location_remedy: &'static str,
    pub(super) beacons_granted: &'static str,
    pub(super) beacons_missing: &'static str,
    pub(super) beacons_remedy: &'static str,
    pub(super) fresh: &'static str,
    pub(super) stale: &'static str,
    pub(super) outdated: &'static str,
    pub(super) outdated_remedy: &'static str,
    pub(super) kept: &'static str,
    pub(super) dismissed: &'static str,
    pub(super) dismissed_remedy: &'static str,
    pub(super) unexpired: &'static str,
    pub(super) expired: &'static str,
    pub(super) not_started: &'static str,
    pub(super) open: &'static str,
    pub(super) closed: &'static str,
    pub(super) place_closed: &'static str,
    pub(super) place_over: &'static str,
    pub(super) schedule_remedy: &'static str,
    pub(super) placed: &'static str,
    pub(super) misplaced: &'static str,
    pub(super) placement_remedy: &'static str,
    pub(super) present: &'static str,
    pub(super) not_there: &'static str,
    pub(super) away: &'static str,
    pub(super) presence_remedy: &'static str,
    pub(super) code_remedy: &'static str,
    pub(super) terms_once: &'static str,
    pub(super) terms_times: &'static str,
    pub(super) terms_at: &'static str,
    pub(super) terms_from: &'static str,
    pub(super) terms_until: &'static str,
    today: &'static str,
    this_year: &'static str,
    another_year: &'static str,
    months: [&'static str; 12],
    blockers: BlockerWords,
}

/// Text and remedy of each kind of blocker.
struct BlockerWords {
    expired_catalogue: (&'static str, &'static str),
    personalisation: (&'static str, &'static str),
    notifications: (&'static str, &'static str),
    overlay: (&'static str, &'static str),
    permission: (&'static str, &'static str),
    beacon_permission: (&'static str, &'static str),
    notify_permission: (&'static str, &'static str),
    snoozed: (&'static str, &'static str),
    quiet: (&'static str, &'static str),
    only_when_asked: (&'static str, &'static str),
    daily_limit: (&'static str, &'static str),
    all_refused: (&'static str, &'static str),
    all_dismissed: (&'static str, &'static str),
    shown_enough: (&'static str, &'static str),
    for_others: (&'static str, &'static str),
    no_wake: (&'static str, &'static str),
    no_catalogue: (&'static str, &'static str),
    stale_catalogue: (&'static str, &'static str),
    partner_offers: (&'static str, &'static str),
    precise_location: (&'static str, &'static str),
    beacons: (&'static str, &'static str),
    no_position: (&'static str, &'static str),
    not_there: (&'static str, &'static str),
    not_there_by_code: (&'static str, &'static str),
    nothing_scheduled: (&'static str, &'static str),
    places_closed: (&'static str, &'static str),
    key_refused: (&'static str, &'static str),
    offline: (&'static str, &'static str),
    switched_off: (&'static str, &'static str),
}

impl Words {
    fn blocker(&self, kind: BlockerKind, purpose: Option<&Purpose>, how: &How<'_>) -> (&'static str, &'static str) {
        let words = &self.blockers;
        match kind {
            BlockerKind::NoCatalogue => words.no_catalogue,
            BlockerKind::StaleCatalogue => words.stale_catalogue,
            BlockerKind::ConsentMissing => match purpose {
                Some(Purpose::Beacons) => words.beacons,
                Some(Purpose::PartnerOffers) => words.partner_offers,
                Some(Purpose::Personalisation) => words.personalisation,
                Some(Purpose::Notifications) => words.notifications,
                _ => words.precise_location,
            },
            BlockerKind::ExpiredCatalogue => words.expired_catalogue,
            BlockerKind::Overlay => words.overlay,
            BlockerKind::PermissionMissing => match purpose {
                Some(Purpose::Beacons) => words.beacon_permission,
                Some(Purpose::Notifications) => words.notify_permission,
                _ => words.permission,
            },
            BlockerKind::Snoozed => words.snoozed,
            BlockerKind::QuietHours => words.quiet,
            BlockerKind::OnlyWhenAsked => words.only_when_asked,
            BlockerKind::DailyLimit => words.daily_limit,
            BlockerKind::Refused => words.all_refused,
            BlockerKind::Dismissed => words.all_dismissed,
            BlockerKind::ShownEnough => words.shown_enough,
            BlockerKind::ForOthers => words.for_others,
            BlockerKind::NoWake => words.no_wake,
            BlockerKind::NoPosition => words.no_position,
            BlockerKind::NotThere if how.by_code => words.not_there_by_code,
            BlockerKind::NotThere => words.not_there,
            BlockerKind::NothingScheduled if how.closed => words.places_closed,
            BlockerKind::NothingScheduled => words.nothing_scheduled,
            BlockerKind::KeyRefused => words.key_refused,
            BlockerKind::Offline => words.offline,
            BlockerKind::SwitchedOff => words.switched_off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_says_is_never_filled_in_turn() {
        assert_eq!(fill("{a} and {b} {c", &[("a", "{b}"), ("b", "x")]), "{b} and x {c");
    }

    #[test]
    fn distances_are_as_people_say_them() {
        assert_eq!([4.0, 346.0, 994.0, 996.0, 2_340.0].map(distance), ["0 m", "350 m", "990 m", "1.0 km", "2.3 km"]);
    }

    #[test]
    fn todays_moments_need_no_date() {
        let ms = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let words = |at, language| {
            Moment { at_ms: ms(at), now_ms: ms("2026-11-22T10:00:00Z"), zone: Some(&TimeZone::UTC) }.words(language)
        };
        assert_eq!(words("2026-11-22T12:05:00Z", Language::English), "12:05 today");
        assert_eq!(words("2026-11-23T08:00:00Z", Language::English), "08:00 on 23 November");
        assert_eq!(words("2027-01-01T08:00:00Z", Language::Finnish), "1. tammikuuta 2027");
    }
}
