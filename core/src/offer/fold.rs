//! Words as they are compared: folded, and cut to a stem.
//!
//! For English, Finnish and German, and simple: no dictionary, no compound splitter. A wish that finds
//! too little costs nothing; one that finds nonsense is a nuisance, so short words match only whole.

/// Shorter words match only as they are.
const MIN_STEM: usize = 4;

/// A word at least this long also matches a compound that its stem begins or ends: *juoksu* finds
/// *juoksukengät*, *Schuhe* finds *Winterschuhe*.
const MIN_PART: usize = 5;

/// Endings of the three languages, the longest first: the first that leaves enough is cut.
const ENDINGS: &[&str] = &[
    "iden", "issa", "ista", "illa", "ille", "ssa", "sta", "lla", "lta", "lle", "ksi", "jen", "ien", "ing", "ers",
    "ies", "es", "er", "ed", "en", "em", "it", "ia", "in", "an", "s", "e", "n", "t", "a", "i",
];

/// Words that say nothing of what is wished for.
const EMPTY: &[&str] = &[
    "and", "the", "for", "with", "new", "some", "until", "und", "fur", "mit", "der", "die", "das", "ein", "eine", "ja",
    "tai", "uusi", "uudet", "or", "of", "to", "in", "im", "am", "an", "on",
];

/// A word, cut to what its forms have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stem {
    text: String,
    /// Long enough to be looked for in compounds.
    part: bool,
}

/// The stems of the words in `text`, in their order, without those that say nothing.
pub(super) fn stems(text: &str) -> Vec<Stem> {
    let mut stems = Vec::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() || is_mark(c) {
            fold_into(&mut word, c);
        } else if !word.is_empty() {
            if word.len() > 1 && !EMPTY.contains(&word.as_str()) {
                let stem = stem(&word);
                let part = word.chars().count() >= MIN_PART && stem.chars().count() >= MIN_STEM;
                stems.push(Stem { text: stem.to_owned(), part });
            }
            word.clear();
        }
    }
    stems
}

/// The text as ids of topics are compared: folded, its words joined by a hyphen.
pub(super) fn topic(text: &str) -> String {
    let mut topic = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || is_mark(c) {
            fold_into(&mut topic, c);
        } else if !topic.is_empty() && !topic.ends_with('-') {
            topic.push('-');
        }
    }
    topic.truncate(topic.trim_end_matches('-').len());
    topic
}

/// Whether `have` is the word `want`, or a compound with it.
pub(super) fn matches(want: &Stem, have: &Stem) -> bool {
    let (text, have) = (want.text.as_str(), have.text.as_str());
    text == have || (want.part && (have.starts_with(text) || have.ends_with(text)))
}

/// A mark of a letter that came apart.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn stem(word: &str) -> &str {
    let cut =
        ENDINGS.iter().find_map(|ending| word.strip_suffix(*ending).filter(|rest| rest.chars().count() >= MIN_STEM));
    let stem = cut.unwrap_or(word);
    // Running, runner: the letter that was doubled before the ending goes too.
    let mut last = stem.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if cut.is_some() && a == b => stem.get(..stem.len() - a.len_utf8()).unwrap_or(stem),
        _ => stem,
    }
}

/// Lower case without diacritics, for the letters that Latin alphabets of Europe have.
fn fold_into(word: &mut String, c: char) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    for c in c.to_lowercase() {
        let plain = match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
            'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
            'ķ' => "k",
            'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
            'ñ' | 'ń' | 'ņ' | 'ň' => "n",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
            'ŕ' | 'ř' => "r",
            'ś' | 'ş' | 'š' | 'ș' => "s",
            'ţ' | 'ť' | 'ț' => "t",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'þ' => "th",
            mark if is_mark(mark) => "",
            other => {
                word.push(other);
                continue;
            }
        };
        word.push_str(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(wish: &str, words: &str) -> bool {
        stems(wish).iter().all(|want| stems(words).iter().any(|have| matches(want, have)))
    }

    #[test]
    fn a_word_is_found_in_its_other_forms() {
        for (wish, words) in [
            ("running", "Runner's week"),
            ("shoe", "20 € off winter shoes"),
            ("Schuhe", "Winterschuhe und Schuhen"),
            ("juoksu", "Juoksukengät talveen"),
            ("kahvia", "KAHVI ja pulla"),
            ("café creme", "Cafe Crème"),
            ("Straße", "STRASSE"),
            ("winter", "Winterjacken"),
            ("talossa", "Talo"),
        ] {
            assert!(meets(wish, words), "{wish:?} in {words:?}: {:?} {:?}", stems(wish), stems(words));
        }
    }

    #[test]
    fn short_words_find_nothing_but_themselves() {
        for (wish, words) in [("car", "cargo trousers"), ("tea", "team wear"), ("ski", "skin care")] {
            assert!(!meets(wish, words), "{wish:?} in {words:?}");
        }
    }

    #[test]
    fn letters_that_came_apart_are_the_same_as_whole_ones() {
        assert_eq!(stems("ka\u{308}vely"), stems("kävely"));
        assert_eq!(topic("  Cold-weather  Running! "), "cold-weather-running");
    }
}
