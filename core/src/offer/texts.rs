//! Every word that the shopper reads of a decision, a table a language.
//!
//! Another language is one more [`Words`] and one more line in [`Language::of`]. `{name}` in a
//! text is filled in.

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
            Self::English => &ENGLISH,
            Self::Finnish => &FINNISH,
        }
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

/// The words of one language.
pub(super) struct Words {
    pub(super) because_here: &'static str,
    pub(super) because_here_partner: &'static str,
    pub(super) because_partner: &'static str,
    pub(super) because_own: &'static str,
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
    pub(super) schedule_remedy: &'static str,
    pub(super) placed: &'static str,
    pub(super) misplaced: &'static str,
    pub(super) placement_remedy: &'static str,
    pub(super) present: &'static str,
    pub(super) not_there: &'static str,
    pub(super) away: &'static str,
    pub(super) presence_remedy: &'static str,
    today: &'static str,
    this_year: &'static str,
    another_year: &'static str,
    months: [&'static str; 12],
    blockers: BlockerWords,
}

/// Text and remedy of each kind of blocker.
struct BlockerWords {
    no_catalogue: (&'static str, &'static str),
    stale_catalogue: (&'static str, &'static str),
    partner_offers: (&'static str, &'static str),
    precise_location: (&'static str, &'static str),
    no_position: (&'static str, &'static str),
    not_there: (&'static str, &'static str),
    nothing_scheduled: (&'static str, &'static str),
    key_refused: (&'static str, &'static str),
    offline: (&'static str, &'static str),
    switched_off: (&'static str, &'static str),
}

impl Words {
    /// What to say of a blocker: the text and the remedy.
    pub(super) fn blocker(&self, kind: BlockerKind, purpose: Option<&Purpose>) -> (&'static str, &'static str) {
        let words = &self.blockers;
        match kind {
            BlockerKind::NoCatalogue => words.no_catalogue,
            BlockerKind::StaleCatalogue => words.stale_catalogue,
            BlockerKind::ConsentMissing if purpose == Some(&Purpose::PartnerOffers) => words.partner_offers,
            BlockerKind::ConsentMissing => words.precise_location,
            BlockerKind::NoPosition => words.no_position,
            BlockerKind::NotThere => words.not_there,
            BlockerKind::NothingScheduled => words.nothing_scheduled,
            BlockerKind::KeyRefused => words.key_refused,
            BlockerKind::Offline => words.offline,
            BlockerKind::SwitchedOff => words.switched_off,
        }
    }
}

static ENGLISH: Words = Words {
    because_here: "You are at {place}.",
    because_here_partner: "You are at {place}, and you said yes to offers of partners such as {partner}.",
    because_partner: "From {partner}: you said yes to offers of partners.",
    because_own: "The shop's own offer: good anywhere, and it needs to know nothing about you.",
    not_shown: "Not shown. {reason}",
    switch_on: "The retailer's offers are switched on.",
    switch_off: "The retailer has switched its offers off.",
    switch_remedy: "Only the retailer can switch them on again.",
    partner_granted: "You said yes to offers of partners; this one is from {partner}.",
    partner_missing: "It is from {partner}, and you have not said yes to offers of partners.",
    partner_remedy: "Say yes to offers of partners.",
    location_granted: "You said yes to your exact location being used.",
    location_missing: "It belongs to a place, and you have not said yes to your exact location being used.",
    location_remedy: "Say yes to your exact location being used.",
    fresh: "The offers are up to date.",
    stale: "The offers have not been refreshed for a while; this one may have changed.",
    outdated: "The offers on this device are more than a week old.",
    outdated_remedy: "Go online, so that they can be refreshed.",
    kept: "You have not put it away.",
    dismissed: "You put it away.",
    dismissed_remedy: "Take it out again.",
    unexpired: "It is good until {when}.",
    expired: "It was good until {when}.",
    not_started: "It is not good before {when}.",
    open: "It is within its hours, until {when}.",
    closed: "It is outside its hours.",
    schedule_remedy: "Come back after {when}.",
    placed: "It may stand at “{placement}”.",
    misplaced: "It stands at “{placements}”, not at “{placement}”.",
    placement_remedy: "Ask for offers at “{placements}”.",
    present: "You are at {place}.",
    not_there: "It shows at {places}, and you are not there.",
    away: "It shows at {places}, and you are {distance} away.",
    presence_remedy: "Go to {places}.",
    today: "{time} today",
    this_year: "{time} on {day} {month}",
    another_year: "{day} {month} {year}",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    blockers: BlockerWords {
        no_catalogue: ("No offers have been received yet.", "Go online; they are fetched by themselves."),
        stale_catalogue: (
            "The offers have not been refreshed for a while.",
            "Go online; they are refreshed by themselves.",
        ),
        partner_offers: ("There are offers of partners, which need a yes.", "Ask for consent to offers of partners."),
        precise_location: (
            "There are offers that belong to places, which need the exact location.",
            "Ask for consent to the exact location.",
        ),
        no_position: ("Nothing is known of where the shopper is.", "Turn location on, and hand positions to Patron."),
        not_there: ("None of the places that have an offer now is here.", "Go to one of them."),
        nothing_scheduled: (
            "No offer is on at this time and in this part of the app.",
            "Come back later, or look in another part of the app.",
        ),
        key_refused: ("The backend refuses this app's key.", "Correct the key in the app's configuration."),
        offline: ("There is no network.", "Go online."),
        switched_off: ("The retailer has switched its offers off.", "Only the retailer can switch them on again."),
    },
};

static FINNISH: Words = Words {
    because_here: "Olet täällä: {place}.",
    because_here_partner: "Olet täällä: {place}. Olet sallinut kumppanien edut, ja tämän antaa {partner}.",
    because_partner: "Tämän antaa {partner}: olet sallinut kumppanien edut.",
    because_own: "Kaupan oma etu: voimassa kaikkialla, eikä se vaadi mitään tietoa sinusta.",
    not_shown: "Ei näytetä. {reason}",
    switch_on: "Kaupan edut ovat käytössä.",
    switch_off: "Kauppa on ottanut edut pois käytöstä.",
    switch_remedy: "Vain kauppa voi ottaa ne taas käyttöön.",
    partner_granted: "Olet sallinut kumppanien edut; tämän antaa {partner}.",
    partner_missing: "Tämän antaa {partner}, etkä ole sallinut kumppanien etuja.",
    partner_remedy: "Salli kumppanien edut.",
    location_granted: "Olet sallinut tarkan sijaintisi käytön.",
    location_missing: "Etu kuuluu tiettyyn paikkaan, etkä ole sallinut tarkan sijaintisi käyttöä.",
    location_remedy: "Salli tarkan sijaintisi käyttö.",
    fresh: "Edut ovat ajan tasalla.",
    stale: "Etuja ei ole päivitetty vähään aikaan; tämä on voinut muuttua.",
    outdated: "Laitteessa olevat edut ovat yli viikon vanhoja.",
    outdated_remedy: "Yhdistä verkkoon, niin ne päivittyvät.",
    kept: "Et ole piilottanut sitä.",
    dismissed: "Piilotit sen.",
    dismissed_remedy: "Ota se taas esiin.",
    unexpired: "Voimassa {when} saakka.",
    expired: "Päättyi {when}.",
    not_started: "Alkaa {when}.",
    open: "Nyt on edun aika, {when} saakka.",
    closed: "Nyt ei ole edun aika.",
    schedule_remedy: "Kokeile uudelleen {when}.",
    placed: "Sen paikka sovelluksessa on oikea: ”{placement}”.",
    misplaced: "Sen paikka sovelluksessa on ”{placements}”, ei ”{placement}”.",
    placement_remedy: "Pyydä etuja paikkaan ”{placements}”.",
    present: "Olet täällä: {place}.",
    not_there: "Näytetään täällä: {places}. Et ole siellä.",
    away: "Näytetään täällä: {places}. Sinne on {distance}.",
    presence_remedy: "Mene tänne: {places}.",
    today: "tänään klo {time}",
    this_year: "{day}. {month} klo {time}",
    another_year: "{day}. {month} {year}",
    months: [
        "tammikuuta",
        "helmikuuta",
        "maaliskuuta",
        "huhtikuuta",
        "toukokuuta",
        "kesäkuuta",
        "heinäkuuta",
        "elokuuta",
        "syyskuuta",
        "lokakuuta",
        "marraskuuta",
        "joulukuuta",
    ],
    blockers: BlockerWords {
        no_catalogue: ("Etuja ei ole vielä saatu.", "Yhdistä verkkoon; ne haetaan itsestään."),
        stale_catalogue: ("Etuja ei ole päivitetty vähään aikaan.", "Yhdistä verkkoon; ne päivittyvät itsestään."),
        partner_offers: ("Kumppaneilla on etuja, jotka vaativat suostumuksen.", "Pyydä suostumus kumppanien etuihin."),
        precise_location: (
            "Joillakin paikoilla on etuja, jotka vaativat tarkan sijainnin.",
            "Pyydä suostumus tarkan sijainnin käyttöön.",
        ),
        no_position: ("Sijainnista ei tiedetä mitään.", "Ota sijainti käyttöön ja anna se Patronille."),
        not_there: ("Mikään paikka, jolla on nyt etu, ei ole täällä.", "Mene johonkin niistä."),
        nothing_scheduled: (
            "Mikään etu ei ole voimassa nyt ja tässä sovelluksen osassa.",
            "Palaa myöhemmin tai katso sovelluksen muita osia.",
        ),
        key_refused: ("Palvelin ei hyväksy sovelluksen avainta.", "Korjaa avain sovelluksen asetuksiin."),
        offline: ("Verkkoyhteyttä ei ole.", "Yhdistä verkkoon."),
        switched_off: ("Kauppa on ottanut edut pois käytöstä.", "Vain kauppa voi ottaa ne taas käyttöön."),
    },
};

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
