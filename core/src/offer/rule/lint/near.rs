//! What was meant by a name that does not exist.

/// What other languages call it.
const ALIASES: &[(&str, &str)] = &[
    ("not", "!"),
    ("eq", "=="),
    ("equals", "=="),
    ("=", "=="),
    ("<>", "!="),
    ("neq", "!="),
    ("gt", ">"),
    ("gte", ">="),
    ("lt", "<"),
    ("lte", "<="),
    ("&&", "and"),
    ("||", "or"),
    ("contains", "in"),
    ("distance", "distance_m"),
    ("within", "within_m"),
    ("between", "between_times"),
    ("time", "between_times"),
    ("events", "count"),
];

pub(super) fn alias(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, ours)| *ours)
}

/// The one of `names` that is a slip of the finger or two away.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    names
        .map(|other| (slips(&name.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(slips, other)| *slips <= most && *slips < other.chars().count())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, other)| other)
}

pub(super) fn hint(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean {meant:?}?"))
}

fn slips(a: &str, b: &str) -> usize {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    // The right letters in the wrong order are one slip.
    if a != b && sorted(a) == sorted(b) { 1 } else { distance(a, b) }
}

/// Letters to insert, drop or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().take(80).enumerate() {
        let mut last = at;
        let mut left = at + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&b) {
            let best = (last + usize::from(letter != *other)).min(left + 1).min(*cell + 1);
            last = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or_default()
}
