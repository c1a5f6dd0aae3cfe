//! A demo town with its backend in the process, for the first minute of a newcomer.

mod transport;

pub use transport::SandboxTransport;

/// The town's catalogue. What ends does so far from now, so that no test meets it; [`town`] is what shoppers get.
pub const TOWN_JSON: &str = include_str!("town.json");

/// The end that offers of [`TOWN_JSON`] have.
const FAR_END: &str = "2046-12-31T22:00:00Z";

/// The town's catalogue as a backend would serve it at `now_ms` (wall clock, milliseconds since the Unix epoch): what
/// ends does so on the second Sunday from then. So it always ends within two weeks, and never within the day.
pub fn town(now_ms: i64) -> String {
    let Some(end) = second_sunday(now_ms) else { return TOWN_JSON.to_owned() };
    TOWN_JSON.replace(FAR_END, &end)
}

fn second_sunday(now_ms: i64) -> Option<String> {
    let today = jiff::Timestamp::from_millisecond(now_ms).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = 13 - i64::from(today.weekday().to_monday_zero_offset());
    let sunday = today.checked_add(jiff::Span::new().days(days)).ok()?;
    Some(format!("{sunday}T22:00:00Z"))
}

/// A synthetic walk through the town, GPX 1.1: fourteen minutes past four of its places, with a
/// stop at two of them.
pub const WALK_GPX: &str = include_str!("walk.gpx");

/// The beacon at the till of the town's market café.
pub const MARKET_BEACON: &str = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1";

/// The code on the door of that café, as a scanner reads it; a fixed one.
pub const MARKET_CODE: &str = "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::OfferCatalogue;

    #[test]
    fn what_ends_in_the_town_ends_within_two_weeks_and_not_within_the_day() {
        let day = 86_400_000;
        let monday: i64 = "2026-11-23T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        for now in (0..14).map(|days| monday + days * day) {
            let (town, quarantined) = OfferCatalogue::parse(town(now).as_bytes()).unwrap();
            assert_eq!(quarantined, []);
            let ends: Vec<i64> = town.offers.iter().filter_map(|offer| offer.expires_at_ms).collect();
            assert_eq!(ends.len(), 2);
            assert!(ends.iter().all(|end| (now + 7 * day..now + 14 * day).contains(end)), "{now}: {ends:?}");
        }
        for odd in [i64::MIN, i64::MAX, jiff::Timestamp::MAX.as_millisecond()] {
            assert_eq!(super::town(odd), TOWN_JSON);
        }
    }
}
