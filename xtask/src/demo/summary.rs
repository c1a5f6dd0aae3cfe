//! What stands above and below the timeline: the walk in two lines, and the account of both sides.

use serde_json::json;

use super::account::Account;
use super::course::Course;
use super::row::{Entry, Span, Tone, span};
use super::screen::Screen;
use super::story::Told;
use super::trace::Trace;

/// The walk, before it begins.
pub(crate) fn opening(screen: &mut Screen, trace: &Trace, course: &Course, stores: &[&str], speed: Option<f64>) {
    let metres = course.metres[course.metres.len() - 1];
    let mut about = format!(
        "{:.1} km in {}, {} points, {} stores",
        metres / 1_000.0,
        hours(trace.duration_ms()),
        grouped(trace.points.len() as u64),
        stores.len()
    );
    if let Some(speed) = speed {
        about += &format!(", {} × life", grouped(speed.round() as u64));
    }
    screen.row(vec![]);
    screen.row(vec![
        span(Tone::Strong, "  Patron"),
        span(Tone::Plain, "  a shopper’s walk, from GPS fix to the backend"),
    ]);
    screen.row(vec![span(Tone::Dim, format!("          {}: {about}", trace.name))]);
    let left_out = [
        (trace.left_out.backwards, "go back in time"),
        (trace.left_out.untimed, "have no time"),
        (trace.left_out.misplaced, "have no position on Earth"),
        (trace.left_out.thinned, "are more than a minute has room for"),
    ];
    for (count, why) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        screen.row(vec![span(Tone::Warn, format!("          {} points left out: they {why}", grouped(count as u64)))]);
    }
    let out = trace.left_out;
    let walk = Entry::new("walk", "", Tone::Plain, "")
        .fact("name", trace.name.as_str())
        .fact("points", trace.points.len())
        .fact("metres", metres.round())
        .fact("seconds", trace.duration_ms() / 1_000)
        .fact("stores", stores.to_vec())
        .fact(
            "left_out",
            json!({
                "backwards": out.backwards,
                "untimed": out.untimed,
                "misplaced": out.misplaced,
                "thinned": out.thinned,
            }),
        );
    screen.object(&walk.json(trace.points[0].at_ms));
    screen.row(vec![]);
}

/// The account, and what it means.
pub(crate) fn closing(screen: &mut Screen, trace: &Trace, told: &Told, account: &Account) {
    let device = [
        ("accepted", account.accepted),
        ("delivered", account.delivered),
        ("queued", account.queued),
        ("dead", account.dead),
        ("evicted", account.evicted),
        ("purged", account.purged),
    ];
    let backend = [("stored", account.backend_stored), ("duplicates", account.backend_duplicates)];
    screen.row(vec![]);
    screen.row(vec![span(Tone::Strong, "  The device                   The backend")]);
    for (line, count) in device.into_iter().enumerate() {
        let mut row = cell(count);
        if let Some(other) = line.checked_sub(1).and_then(|line| backend.get(line)) {
            row.push(span(Tone::Plain, " ".repeat(10)));
            row.extend(cell(*other));
        }
        screen.row(row);
    }
    screen.row(vec![]);
    for remark in [
        "accepted: counted call by call as each returned, by the process that called".to_owned(),
        "stored: rows in the backend’s database, read before the shopper had them erased".to_owned(),
        format!(
            "duplicates: {} lost on the way; what the backend had taken was offered again and refused",
            replies(told.lost_replies)
        ),
    ] {
        screen.row(vec![span(Tone::Dim, format!("  {remark}"))]);
    }
    let (sign, tone) = if account.balanced() { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
    let equals = |a: u64, b: u64| if a == b { "=" } else { "≠" };
    screen.row(vec![]);
    screen.row(vec![
        span(tone, format!("  {sign} ")),
        span(
            Tone::Plain,
            format!(
                "{} {} {} + {} + {} + {} + {},  {} delivered {} {} stored",
                account.accepted,
                equals(account.accepted, account.sum()),
                account.delivered,
                account.queued,
                account.dead,
                account.evicted,
                account.purged,
                account.delivered,
                equals(account.delivered, account.backend_stored),
                account.backend_stored
            ),
        ),
    ]);
    screen.row(vec![span(tone, format!("    {}", account.verdict()))]);
    if told.refused_fixes > 0 {
        let total = trace.points.len();
        screen.row(vec![span(
            Tone::Warn,
            format!("    {} of {total} positions were refused as input.", told.refused_fixes),
        )]);
    }
    screen.row(vec![]);
    screen.object(&account.last_line());
}

/// A label and its number.
fn cell((label, count): (&str, u64)) -> Vec<Span> {
    let tone = if count > 0 { Tone::Strong } else { Tone::Dim };
    vec![span(Tone::Dim, format!("  {label:10}")), span(tone, format!("{:>7}", grouped(count)))]
}

/// So many replies, with their verb.
pub(crate) fn replies(n: u64) -> String {
    match n {
        1 => "1 reply was".to_owned(),
        n => format!("{n} replies were"),
    }
}

fn hours(ms: i64) -> String {
    let minutes = ms / 60_000;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", ms / 1_000),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

/// 12345 as 12,345.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_told_as_people_do() {
        assert_eq!([grouped(7), grouped(1_234), grouped(1_234_567)], ["7", "1,234", "1,234,567"]);
        assert_eq!([hours(9_000), hours(36_600_000), hours(180_000_000)], ["9 s", "10 h 10 min", "2 d 2 h"]);
    }
}
