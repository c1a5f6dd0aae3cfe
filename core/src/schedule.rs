//! Weekly hours in a place's own time zone.
//!
//! A window opens at a civil time and closes at the next occurrence of another one. Both are
//! turned into instants before they are compared, so that on the two odd days of the year a window
//! is one unbroken stretch: a civil time that is skipped counts as one hour later, one that occurs
//! twice as its first occurrence (RFC 5545 does the same).
//!
//! Dates take windows away: where some are named, a window opens on those alone, and on an excepted one none does (the
//! `exceptDate` of schema.org, `EXDATE` of RFC 5545). A window belongs to the date on which it opens: so one past midnight
//! that would open on an excepted date is gone whole, and one that opened the evening before runs to its end.

mod wire;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// A week of seven windows a day is plenty; the bound keeps a decision's time in check.
const MAX_WINDOWS: usize = 49;

const DAY_MINUTES: u16 = 24 * 60;

/// A year of dates is plenty, and what has more means hours of its own.
const MAX_DATES: usize = 366;

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
    /// Sorted. The dates on which its windows open; empty means any.
    only: Vec<Date>,
    /// Sorted. The dates on which none opens.
    except: Vec<Date>,
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
        let (from, to) = (instant(date, self.from, zone)?, instant(close_date, self.to, zone)?);
        // What opens within the hour that is skipped in spring opens an hour later, and may be meant to close before
        // that: it is open for as long as on any other day.
        let to = if to > from { to } else { from + i64::from(self.to - self.from) * 60_000 };
        Some((from, to))
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
            1..=MAX_WINDOWS => Ok(Self { zone, windows, only: Vec::new(), except: Vec::new() }),
            n => Err(ScheduleError::new("windows", format!("has {n} entries; at most {MAX_WINDOWS} are taken"))),
        }
    }

    /// The same on the dates `only` (on any, where there are none), and not on the dates `except`; both as `YYYY-MM-DD`
    /// in its zone. A date in both is excepted.
    ///
    /// # Errors
    /// [`ScheduleError`] naming the date that is none or the list that is too long, and the date among `only` on which
    /// no window opens whatever else is said.
    pub fn on_dates(mut self, only: &[String], except: &[String]) -> Result<Self, ScheduleError> {
        self.only = dates("only_dates", only)?;
        self.except = dates("except_dates", except)?;
        let closed = only.iter().position(|text| date(text).is_some_and(|date| !self.opens_on(date.weekday())));
        match closed.and_then(|at| Some((at, only.get(at)?))) {
            Some((at, text)) => {
                let why = format!("{text:?} is on a day of the week on which no window opens");
                Err(ScheduleError::new(format!("only_dates[{at}]"), why))
            }
            None => Ok(self),
        }
    }

    /// When the window that is open at `now_ms` closes; `None` while it is closed. Windows that
    /// touch or overlap count as one.
    pub fn open_until(&self, now_ms: i64) -> Option<i64> {
        let mut until = self.closes_after(now_ms)?;
        while until < Self::horizon(now_ms) {
            match self.closes_after(until) {
                Some(later) if later > until => until = later,
                _ => break,
            }
        }
        Some(until)
    }

    /// When it opens next after `now_ms`: within a week, or as much later as dates put it off. A window that begins
    /// while another is open opens nothing. `None` when it never does again, and while it is open for a week or more.
    pub fn opens_after(&self, now_ms: i64) -> Option<i64> {
        let closed_from = self.open_until(now_ms).unwrap_or(now_ms);
        if closed_from >= Self::horizon(now_ms) {
            return None;
        }
        let yesterday = self.day(closed_from, -1)?;
        let next = |date: Date| self.spans_on(date).map(|(from, _)| from).filter(|from| *from > closed_from).min();
        if !self.only.is_empty() {
            return self.only.iter().filter(|date| **date >= yesterday).copied().find_map(next);
        }
        // Each excepted date puts it off by a week at most.
        let most = (self.except.len() + 1) * WEEK_DAYS as usize + 1;
        yesterday.series(jiff::Span::new().days(1)).take(most + 1).find_map(next)
    }

    /// A week of touching windows is open all the time; a week ahead is far enough to say so.
    fn horizon(now_ms: i64) -> i64 {
        now_ms.saturating_add(i64::from(WEEK_DAYS) * 86_400_000)
    }

    /// The zone in which its hours are meant, for showing a time to people.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn closes_after(&self, now_ms: i64) -> Option<i64> {
        let around = [-1, 0].into_iter().filter_map(|days| self.day(now_ms, days));
        let spans = around.flat_map(|date| self.spans_on(date));
        spans.filter(|(from, to)| (*from..*to).contains(&now_ms)).map(|(_, to)| to).max()
    }

    /// The local date so many days from `now_ms`.
    fn day(&self, now_ms: i64, days: i32) -> Option<Date> {
        let today = self.zone.to_datetime(Timestamp::from_millisecond(now_ms).ok()?).date();
        today.checked_add(jiff::Span::new().days(days)).ok()
    }

    /// The instants between which a window is open that opens on `date`.
    fn spans_on(&self, date: Date) -> impl Iterator<Item = (i64, i64)> + '_ {
        let named = self.only.is_empty() || self.only.binary_search(&date).is_ok();
        let opens = named && self.except.binary_search(&date).is_err();
        let windows = if opens { self.windows.as_slice() } else { &[] };
        windows.iter().filter_map(move |window| window.span_on(date, &self.zone))
    }

    fn opens_on(&self, day: Weekday) -> bool {
        self.windows.iter().any(|window| window.opens_on(day))
    }
}

/// `YYYY-MM-DD`.
fn date(text: &str) -> Option<Date> {
    let shape = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(shape)).then(|| text.parse().ok())?
}

fn dates(path: &str, texts: &[String]) -> Result<Vec<Date>, ScheduleError> {
    if texts.len() > MAX_DATES {
        return Err(ScheduleError::new(path, format!("has {} entries; at most {MAX_DATES} are taken", texts.len())));
    }
    let mut read = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let why = || format!("{:?} is not a date as YYYY-MM-DD", text.chars().take(64).collect::<String>());
        read.push(date(text).ok_or_else(|| ScheduleError::new(format!("{path}[{at}]"), why()))?);
    }
    read.sort_unstable();
    Ok(read)
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
    fn what_opens_in_the_hour_that_is_skipped_and_closes_behind_it_is_open_for_as_long_as_ever() {
        let schedule = helsinki(&["su"], "03:30", "04:15");
        assert_eq!(schedule.open_until(ms("2027-03-28T01:29:59Z")), None, "04:29");
        assert_eq!(schedule.open_until(ms("2027-03-28T01:30:00Z")), Some(ms("2027-03-28T02:15:00Z")), "04:30 to 05:15");
        assert_eq!(schedule.opens_after(ms("2027-03-27T12:00:00Z")), Some(ms("2027-03-28T01:30:00Z")));
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
    fn what_begins_while_it_is_open_opens_nothing() {
        let weekend = helsinki(&["sa", "su"], "00:00", "24:00");
        let friday = ms("2026-11-27T12:00:00Z");
        let saturday = ms("2026-11-27T22:00:00Z");
        assert_eq!(weekend.opens_after(friday), Some(saturday));
        assert_eq!(weekend.opens_after(saturday), Some(saturday + 7 * 86_400_000), "not on Sunday");
        let zone = TimeZone::UTC;
        let overlapping = vec![Window::daily("08:00", "12:00").unwrap(), Window::daily("10:00", "18:00").unwrap()];
        let day = Schedule::in_zone(zone.clone(), overlapping).unwrap();
        assert_eq!(day.opens_after(ms("2026-11-27T09:00:00Z")), Some(ms("2026-11-28T08:00:00Z")));
        let always = Schedule::in_zone(zone, vec![Window::daily("00:00", "24:00").unwrap()]).unwrap();
        assert_eq!(always.opens_after(friday), None);
    }

    fn on(schedule: Schedule, only: &[&str], except: &[&str]) -> Schedule {
        let [only, except] =
            [only, except].map(|dates| dates.iter().map(|date| (*date).to_owned()).collect::<Vec<_>>());
        schedule.on_dates(&only, &except).unwrap()
    }

    const EVERY: [&str; 7] = DAYS;

    #[test]
    fn on_an_excepted_date_nothing_opens_and_on_others_it_does() {
        let daily = on(helsinki(&EVERY, "08:00", "20:00"), &[], &["2026-12-25", "2026-12-24"]);
        assert!(daily.open_until(ms("2026-12-23T12:00:00Z")).is_some());
        assert_eq!(daily.open_until(ms("2026-12-24T12:00:00Z")), None);
        assert_eq!(daily.open_until(ms("2026-12-25T12:00:00Z")), None);
        assert_eq!(daily.opens_after(ms("2026-12-23T12:00:00Z")), Some(ms("2026-12-26T06:00:00Z")));
        // By the date in its own zone: there it is past midnight already.
        let night = on(helsinki(&EVERY, "00:00", "01:00"), &[], &["2026-12-24"]);
        assert_eq!(night.open_until(ms("2026-12-23T22:30:00Z")), None);
        assert!(night.open_until(ms("2026-12-24T22:30:00Z")).is_some());
    }

    #[test]
    fn where_dates_are_named_it_opens_on_those_alone() {
        let sale = on(helsinki(&EVERY, "08:00", "20:00"), &["2027-05-01", "2026-11-27", "2026-11-30"], &["2026-11-30"]);
        assert!(sale.open_until(ms("2026-11-27T12:00:00Z")).is_some());
        for closed in ["2026-11-26T12:00:00Z", "2026-11-28T12:00:00Z", "2026-11-30T12:00:00Z"] {
            assert_eq!(sale.open_until(ms(closed)), None, "{closed}");
        }
        assert_eq!(sale.opens_after(ms("2026-11-20T12:00:00Z")), Some(ms("2026-11-27T06:00:00Z")));
        assert_eq!(sale.opens_after(ms("2026-11-27T12:00:00Z")), Some(ms("2027-05-01T05:00:00Z")), "in summer time");
        assert_eq!(sale.opens_after(ms("2027-05-01T12:00:00Z")), None, "never again");
    }

    #[test]
    fn a_window_past_midnight_goes_with_the_date_on_which_it_opens() {
        let night = |except| on(helsinki(&EVERY, "22:00", "02:00"), &[], &[except]);
        let (friday_eve, saturday_early) = (ms("2026-11-27T21:30:00Z"), ms("2026-11-27T23:30:00Z"));
        assert_eq!(night("2026-11-27").open_until(friday_eve), None);
        assert_eq!(night("2026-11-27").open_until(saturday_early), None, "its second half too");
        assert!(night("2026-11-28").open_until(saturday_early).is_some(), "it opened on Friday");
        assert_eq!(night("2026-11-28").open_until(ms("2026-11-28T21:30:00Z")), None);
    }

    #[test]
    fn windows_that_touch_end_where_a_date_is_excepted() {
        let always = on(helsinki(&EVERY, "00:00", "24:00"), &[], &["2026-11-25"]);
        assert_eq!(always.open_until(ms("2026-11-23T12:00:00Z")), Some(ms("2026-11-24T22:00:00Z")));
        assert_eq!(always.opens_after(ms("2026-11-24T23:00:00Z")), Some(ms("2026-11-25T22:00:00Z")));
    }

    #[test]
    fn on_the_odd_days_of_the_year_a_date_is_as_long_as_it_is() {
        // 28 March 2027 has 23 hours, 25 October 2026 has 25.
        for (date, first, last) in [
            ("2027-03-28", "2027-03-27T22:00:00Z", "2027-03-28T20:59:59Z"),
            ("2026-10-25", "2026-10-24T21:00:00Z", "2026-10-25T21:59:59Z"),
        ] {
            let without = on(helsinki(&EVERY, "00:00", "24:00"), &[], &[date]);
            let alone = on(helsinki(&EVERY, "00:00", "24:00"), &[date], &[]);
            for at in [ms(first), ms(last)] {
                assert_eq!((without.open_until(at), alone.open_until(at).is_some()), (None, true), "{date}");
            }
            for at in [ms(first) - 1, ms(last) + 1_000] {
                assert_eq!((without.open_until(at).is_some(), alone.open_until(at)), (true, None), "{date}");
            }
            assert_eq!(without.opens_after(ms(first)), Some(ms(last) + 1_000));
            assert_eq!(alone.opens_after(ms(first) - 1), Some(ms(first)));
        }
    }

    #[test]
    fn however_many_dates_are_excepted_the_next_opening_is_found() {
        let mondays: Vec<String> = (0..366)
            .map(|week| Date::constant(2026, 11, 23).saturating_add(jiff::Span::new().weeks(week)).to_string())
            .collect();
        let monday = helsinki(&["mo"], "08:00", "11:00").on_dates(&[], &mondays).unwrap();
        assert_eq!(monday.opens_after(ms("2026-11-22T22:30:00Z")), Some(ms("2033-11-28T06:00:00Z")));
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_place() {
        let refused = |only: &[&str], except: &[&str]| {
            let [only, except] =
                [only, except].map(|all| all.iter().map(|date| (*date).to_owned()).collect::<Vec<_>>());
            helsinki(&["mo"], "08:00", "11:00").on_dates(&only, &except).unwrap_err()
        };
        for text in
            ["2026-02-30", "2026-1-05", "20261124", "2026-W48-1", "24.12.2026", "2026-11-23T00:00", "", "+026-11-23"]
        {
            let error = refused(&[], &["2026-11-23", text]);
            assert_eq!(error.to_string(), format!("except_dates[1]: {text:?} is not a date as YYYY-MM-DD"));
        }
        assert_eq!(refused(&["x"], &[]).path, "only_dates[0]");
        let tuesday = refused(&["2026-11-23", "2026-11-24"], &[]).to_string();
        assert_eq!(tuesday, "only_dates[1]: \"2026-11-24\" is on a day of the week on which no window opens");
        assert_eq!(
            refused(&[], &["2026-11-23"; 367]).to_string(),
            "except_dates: has 367 entries; at most 366 are taken"
        );
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
        let dated = on(always.clone(), &["0001-01-01", "9999-12-31"], &["9999-12-31"]);
        for now in [i64::MIN, i64::MAX, Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond()] {
            let _ = (always.open_until(now), always.opens_after(now), dated.open_until(now), dated.opens_after(now));
        }
    }
}
