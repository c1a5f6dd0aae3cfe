//! Weekly hours in a place's own time zone.
//!
//! A window opens at a civil time and closes at the next occurrence of another one. Both are
//! turned into instants before they are compared, so that on the two odd days of the year a window
//! is one unbroken stretch: a civil time that is skipped counts as one hour later, one that occurs
//! twice as its first occurrence (RFC 5545 does the same).

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// A week of seven windows a day is plenty; the bound keeps a decision's time in check.
const MAX_WINDOWS: usize = 49;

const DAY_MINUTES: u16 = 24 * 60;

/// Civil dates and zone offsets end before the calendar does; nothing real is near.
const WEEK_DAYS: i32 = 7;

/// One window of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// A bit for each day on which it opens, Monday the lowest.
    days: u8,
    /// Minutes after midnight.
    from: u16,
    /// Minutes after midnight; at or before `from` means on the next day.
    to: u16,
}

/// When in the week an offer or a place is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    zone: TimeZone,
    windows: Vec<Window>,
}

/// What is wrong with a schedule, and in which part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct ScheduleError {
    /// Relative to the schedule, for example `windows[2].from`.
    pub path: String,
    /// In words.
    pub why: String,
}

impl ScheduleError {
    fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }
}

impl Window {
    /// A window that opens on `days` (`mo` … `su`) at `from` and closes at `to`, both `HH:MM`.
    /// `24:00` is the end of the day; a `to` before `from` lies on the next day.
    ///
    /// # Errors
    /// [`ScheduleError`] naming the part that is not understood.
    pub fn new<'a>(days: impl IntoIterator<Item = &'a str>, from: &str, to: &str) -> Result<Self, ScheduleError> {
        let mut bits = 0;
        for (at, day) in days.into_iter().enumerate() {
            bits |= day_bit(day).ok_or_else(|| {
                ScheduleError::new(
                    format!("days[{at}]"),
                    format!("{day:?} is not a day; mo, tu, we, th, fr, sa, su are"),
                )
            })?;
        }
        if bits == 0 {
            return Err(ScheduleError::new("days", "names no day"));
        }
        let from_minutes = minutes(from).filter(|m| *m < DAY_MINUTES).ok_or_else(|| no_time("from", from))?;
        let to_minutes = minutes(to).ok_or_else(|| no_time("to", to))?;
        if from_minutes == to_minutes {
            return Err(ScheduleError::new("to", "is the same as from; for a whole day say 00:00 to 24:00"));
        }
        Ok(Self { days: bits, from: from_minutes, to: to_minutes })
    }

    /// A window on every day of the week.
    ///
    /// # Errors
    /// Those of [`Window::new`].
    pub fn daily(from: &str, to: &str) -> Result<Self, ScheduleError> {
        Self::new(["mo", "tu", "we", "th", "fr", "sa", "su"], from, to)
    }

    fn opens_on(self, day: Weekday) -> bool {
        self.days & (1 << day.to_monday_zero_offset()) != 0
    }

    /// The instants between which it is open when it opens on `date`.
    fn span_on(self, date: Date, zone: &TimeZone) -> Option<(i64, i64)> {
        if !self.opens_on(date.weekday()) {
            return None;
        }
        let close_date = if self.to <= self.from { date.tomorrow().ok()? } else { date };
        Some((instant(date, self.from, zone)?, instant(close_date, self.to, zone)?))
    }
}

impl Schedule {
    /// Windows in the IANA time zone `zone`.
    ///
    /// # Errors
    /// [`ScheduleError`] when this device does not know the zone, or there are no windows or too
    /// many.
    pub fn new(zone: &str, windows: Vec<Window>) -> Result<Self, ScheduleError> {
        let zone = TimeZone::get(zone).map_err(|_| {
            ScheduleError::new("time_zone", format!("{zone:?} is not a time zone that this device knows"))
        })?;
        Self::in_zone(zone, windows)
    }

    /// Windows in a zone that is at hand: the shopper's own.
    pub(crate) fn in_zone(zone: TimeZone, windows: Vec<Window>) -> Result<Self, ScheduleError> {
        match windows.len() {
            0 => Err(ScheduleError::new("windows", "is empty; leave the schedule out for always")),
            1..=MAX_WINDOWS => Ok(Self { zone, windows }),
            n => Err(ScheduleError::new("windows", format!("has {n} entries; at most {MAX_WINDOWS} are taken"))),
        }
    }

    /// When the window that is open at `now_ms` closes; `None` while it is closed. Windows that
    /// touch or overlap count as one.
    pub fn open_until(&self, now_ms: i64) -> Option<i64> {
        let mut until = self.closes_after(now_ms)?;
        // A week of touching windows is open all the time; a week ahead is far enough to say so.
        let horizon = now_ms.saturating_add(i64::from(WEEK_DAYS) * 86_400_000);
        while until < horizon {
            match self.closes_after(until) {
                Some(later) if later > until => until = later,
                _ => break,
            }
        }
        Some(until)
    }

    /// When it opens next after `now_ms`; looks a week ahead, which is all there is.
    pub fn opens_after(&self, now_ms: i64) -> Option<i64> {
        self.spans_around(now_ms, -1..=WEEK_DAYS).map(|(from, _)| from).filter(|from| *from > now_ms).min()
    }

    /// The zone in which its hours are meant, for showing a time to people.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn closes_after(&self, now_ms: i64) -> Option<i64> {
        self.spans_around(now_ms, -1..=0).filter(|(from, to)| (*from..*to).contains(&now_ms)).map(|(_, to)| to).max()
    }

    fn spans_around(&self, now_ms: i64, days: std::ops::RangeInclusive<i32>) -> impl Iterator<Item = (i64, i64)> + '_ {
        let today = Timestamp::from_millisecond(now_ms).ok().map(|t| self.zone.to_datetime(t).date());
        days.filter_map(move |offset| today?.checked_add(jiff::Span::new().days(offset)).ok())
            .flat_map(move |date| self.windows.iter().filter_map(move |window| window.span_on(date, &self.zone)))
    }
}

fn instant(date: Date, minutes: u16, zone: &TimeZone) -> Option<i64> {
    let (date, minutes) = if minutes == DAY_MINUTES { (date.tomorrow().ok()?, 0) } else { (date, minutes) };
    let time = Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).ok()?;
    let at = zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()?;
    Some(at.as_millisecond())
}

/// The days of the week as hours and rules name them.
pub(crate) const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

pub(crate) fn day_bit(day: &str) -> Option<u8> {
    DAYS.iter().position(|name| *name == day).map(|at| 1 << at)
}

pub(crate) fn minutes(text: &str) -> Option<u16> {
    let &[h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let digit = |b: u8| b.is_ascii_digit().then(|| u16::from(b - b'0'));
    let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY_MINUTES).then_some(total)
}

fn no_time(path: &str, text: &str) -> ScheduleError {
    ScheduleError::new(path, format!("{text:?} is not a time of day as HH:MM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helsinki(days: &[&str], from: &str, to: &str) -> Schedule {
        // The rule itself and not the name, so that the tests need no time zone files.
        let zone = TimeZone::posix("EET-2EEST,M3.5.0/3,M10.5.0/4").unwrap();
        Schedule::in_zone(zone, vec![Window::new(days.iter().copied(), from, to).unwrap()]).unwrap()
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn it_is_open_from_its_first_minute_and_closed_from_its_last() {
        let morning = helsinki(&["mo"], "08:00", "11:00"); // Monday 23 November 2026, UTC+2
        assert_eq!(morning.open_until(ms("2026-11-23T05:59:59.999Z")), None);
        assert_eq!(morning.open_until(ms("2026-11-23T06:00:00Z")), Some(ms("2026-11-23T09:00:00Z")));
        assert_eq!(morning.open_until(ms("2026-11-23T09:00:00Z")), None);
        assert_eq!(morning.open_until(ms("2026-11-24T07:00:00Z")), None, "Tuesday");
    }

    #[test]
    fn a_window_past_midnight_belongs_to_the_day_on_which_it_opens() {
        let night = helsinki(&["fr"], "22:00", "02:00");
        assert_eq!(night.open_until(ms("2026-11-27T21:30:00Z")), Some(ms("2026-11-28T00:00:00Z")), "Friday 23:30");
        assert!(night.open_until(ms("2026-11-27T23:30:00Z")).is_some(), "Saturday 01:30");
        assert_eq!(night.open_until(ms("2026-11-26T23:30:00Z")), None, "Friday 01:30");
    }

    #[test]
    fn the_hour_that_is_skipped_in_spring_shifts_what_stands_in_it() {
        // 28 March 2027: 03:00 becomes 04:00.
        let schedule = helsinki(&["su"], "03:15", "05:00");
        assert_eq!(schedule.open_until(ms("2027-03-28T01:10:00Z")), None, "04:10, before its shifted start");
        assert_eq!(schedule.open_until(ms("2027-03-28T01:20:00Z")), Some(ms("2027-03-28T02:00:00Z")));
    }

    #[test]
    fn the_hour_that_comes_twice_in_autumn_opens_a_window_once() {
        // 25 October 2026: 04:00 becomes 03:00.
        let schedule = helsinki(&["su"], "03:15", "03:45");
        assert!(schedule.open_until(ms("2026-10-25T00:20:00Z")).is_some(), "the first 03:20");
        assert_eq!(schedule.open_until(ms("2026-10-25T01:20:00Z")), None, "the second");
        let long = helsinki(&["su"], "03:30", "04:30");
        assert_eq!(long.open_until(ms("2026-10-25T01:10:00Z")), Some(ms("2026-10-25T02:30:00Z")), "unbroken");
    }

    #[test]
    fn touching_windows_are_one() {
        let every = ["mo", "tu", "we", "th", "fr", "sa", "su"];
        let always = helsinki(&every, "00:00", "24:00");
        let now = ms("2026-11-23T12:00:00Z");
        assert!(always.open_until(now).unwrap() - now >= 7 * 86_400_000);
        let weekend = helsinki(&["sa", "su"], "00:00", "24:00");
        assert_eq!(weekend.open_until(ms("2026-11-28T12:00:00Z")), Some(ms("2026-11-29T22:00:00Z")));
    }

    #[test]
    fn it_knows_when_it_opens_next() {
        let morning = helsinki(&["mo"], "08:00", "11:00");
        assert_eq!(morning.opens_after(ms("2026-11-23T06:00:00Z")), Some(ms("2026-11-30T06:00:00Z")));
        assert_eq!(morning.opens_after(ms("2026-11-22T06:00:00Z")), Some(ms("2026-11-23T06:00:00Z")));
    }

    #[test]
    fn what_is_no_window_is_refused_with_its_part() {
        let path = |days: &[&str], from, to| Window::new(days.iter().copied(), from, to).unwrap_err().path;
        assert_eq!(path(&["mo", "xx"], "08:00", "09:00"), "days[1]");
        assert_eq!(path(&[], "08:00", "09:00"), "days");
        assert_eq!(path(&["mo"], "24:00", "09:00"), "from");
        assert_eq!(path(&["mo"], "8:00", "09:00"), "from");
        assert_eq!(path(&["mo"], "08:00", "09:60"), "to");
        assert_eq!(path(&["mo"], "08:00", "08:00"), "to");
        assert_eq!(Schedule::new("Europe/Atlantis", vec![]).unwrap_err().path, "time_zone");
    }

    #[test]
    fn the_ends_of_the_calendar_are_closed_and_no_crash() {
        let always = helsinki(&["mo", "tu", "we", "th", "fr", "sa", "su"], "00:00", "24:00");
        for now in [i64::MIN, i64::MAX, Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond()] {
            let _ = (always.open_until(now), always.opens_after(now));
        }
    }
}
