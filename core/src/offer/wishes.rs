//! What the shopper wishes for, and which offers meet it.
//!
//! A wish is words ("cold-weather running"), topics, and perhaps an end. It is matched on the device
//! against an offer's titles in all languages, topics and keywords, never against its body, which
//! speaks of everything. No grant is needed to wish; what the shopper's other devices hear of it is
//! [`super::preferences`]' to say.

use serde_json::{Value, json};

use super::MomentError;
use super::fold::{Stem, matches, stems, topic};
use super::hold::invalid;
use super::preferences::MAX_ENTRIES;
use super::stored::{by_value, list, number, text, texts};
use super::{Offer, OfferCatalogue};

/// Who wishes for more than this wishes for nothing in particular.
const MAX_WISHES: usize = 20;

/// A wish is a line.
const MAX_WISH_CHARS: usize = 120;

/// As many as an offer has.
pub(super) const MAX_TOPICS: usize = 5;

/// Words of a wish that are looked for.
const MAX_WORDS: usize = 8;

/// Something that the shopper would like to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Made on the device, never used twice.
    pub id: u32,
    /// In the shopper's words.
    pub text: String,
    /// Topics that were chosen from a list, folded as offers' topics are.
    pub topics: Vec<String>,
    /// Wall clock, milliseconds since the Unix epoch; `None` for no end.
    pub until_ms: Option<i64>,
}

impl Wish {
    /// What to call it: its words, or else its topics.
    pub fn name(&self) -> &str {
        if self.text.is_empty() { self.topics.first().map_or("", String::as_str) } else { &self.text }
    }
}

/// The shopper's wishes, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    list: Vec<Wish>,
    last_id: u32,
}

impl Wishes {
    /// None yet.
    pub const NEW: Self = Self { list: Vec::new(), last_id: 0 };

    /// Adds a wish and returns its id; that of the same words (or, without words, of the same topics) if there is one,
    /// whose topics and end are then these. Wishes that have ended make room.
    ///
    /// # Errors
    /// [`MomentError::Invalid`] for words that say nothing, are longer than 120 characters, or an end
    /// that is not ahead; [`MomentError::Full`] from 20 on.
    pub fn add(
        &mut self,
        words: &str,
        topics: &[&str],
        until_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<u32, MomentError> {
        let words = words.trim();
        if !Self::is_line(words) {
            return invalid("a wish", format!("is a line of at most {MAX_WISH_CHARS} characters"));
        }
        if topics.len() > MAX_TOPICS {
            return invalid("a wish", format!("has at most {MAX_TOPICS} topics"));
        }
        let topics: Vec<String> = topics.iter().map(|name| topic(name)).filter(|name| !name.is_empty()).collect();
        if stems(words).is_empty() && topics.is_empty() {
            return invalid("a wish", "says nothing to look for");
        }
        if until_ms.is_some_and(|until| until <= now_ms) {
            return invalid("a wish", "ends in the past");
        }
        self.list.retain(|wish| wish.until_ms.is_none_or(|until| now_ms < until));
        let same = |wish: &&mut Wish| wish.text == words && (!words.is_empty() || wish.topics == topics);
        if let Some(same) = self.list.iter_mut().find(same) {
            (same.topics, same.until_ms) = (topics, until_ms);
            return Ok(same.id);
        }
        if self.list.len() >= MAX_WISHES {
            return Err(MomentError::Full { what: "wishes", most: MAX_WISHES });
        }
        self.last_id = self.last_id.saturating_add(1);
        self.list.push(Wish { id: self.last_id, text: words.to_owned(), topics, until_ms });
        Ok(self.last_id)
    }

    /// Whether a wish may read so.
    pub(super) fn is_line(words: &str) -> bool {
        words.chars().count() <= MAX_WISH_CHARS && !words.chars().any(char::is_control)
    }

    /// Takes a wish back; `false` when there is none of that id.
    pub fn remove(&mut self, id: u32) -> bool {
        let before = self.list.len();
        self.list.retain(|wish| wish.id != id);
        self.list.len() < before
    }

    /// All of them, those that ended included until the next is added.
    pub fn iter(&self) -> impl Iterator<Item = &Wish> {
        self.list.iter()
    }

    /// For keeping; see [`Wishes::from_value`].
    pub fn to_value(&self) -> Value {
        let rows = self
            .list
            .iter()
            .map(|wish| json!({ "id": wish.id, "text": wish.text, "topics": wish.topics, "until_ms": wish.until_ms }));
        json!({ "last_id": self.last_id, "list": rows.collect::<Vec<_>>() })
    }

    /// What was kept; what does not read is left out.
    pub fn from_value(value: &Value) -> Self {
        let id = |value: &Value, key| number(value, key).and_then(|id| u32::try_from(id).ok());
        let rows = list(value, "list").iter().filter_map(|row| {
            Some(Wish {
                id: id(row, "id")?,
                text: text(row, "text")?.to_owned(),
                topics: texts(row, "topics", MAX_TOPICS).map(str::to_owned).collect(),
                until_ms: number(row, "until_ms"),
            })
        });
        let list: Vec<Wish> = rows.take(MAX_ENTRIES).collect();
        let highest = list.iter().map(|wish| wish.id).max();
        Self { last_id: id(value, "last_id").max(highest).unwrap_or_default(), list }
    }
}

by_value!(Wishes);

/// How well an offer meets a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Half of its words or more.
    Part,
    /// All of its words, or one of its topics.
    Whole,
}

/// Which offers of one catalogue meet which wishes. Made when either changes (some 20 ms for 10,000
/// offers: not on a caller's thread), asked at every decision.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    wishes: Wishes,
    /// Which wishes are met, as places in their list: the first offer's first, then the second's.
    met: Vec<(usize, Match)>,
    /// Where in that each offer's begin, and where the last one's end. Nothing where no wish is met.
    bounds: Vec<usize>,
}

impl Wanted {
    /// Matches `wishes` with every offer of `catalogue`.
    pub fn new(wishes: &Wishes, catalogue: &OfferCatalogue) -> Self {
        let sought: Vec<Vec<Stem>> = wishes.list.iter().map(|wish| distinct(stems(&wish.text))).collect();
        let (mut met, mut bounds) = (Vec::new(), Vec::new());
        if !wishes.list.is_empty() {
            bounds.push(0);
            for offer in &catalogue.offers {
                let words = words_of(offer);
                let all = wishes.list.iter().zip(&sought).enumerate();
                met.extend(all.filter_map(|(at, (wish, sought))| Some((at, meets(offer, &words, wish, sought)?))));
                bounds.push(met.len());
            }
        }
        if met.is_empty() {
            bounds.clear();
        }
        Self { wishes: wishes.clone(), met, bounds }
    }

    /// The wishes that were matched.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// The wish that the offer at this place of the catalogue meets best at `now_ms`, the older of equals.
    pub(super) fn by(&self, offer: usize, now_ms: i64) -> Option<(&Wish, Match)> {
        let met = self.met.get(*self.bounds.get(offer)?..*self.bounds.get(offer + 1)?)?;
        let met = met.iter().filter_map(|(at, how)| Some((self.wishes.list.get(*at)?, *how)));
        let open = met.filter(|(wish, _)| wish.until_ms.is_none_or(|until| now_ms < until));
        open.min_by_key(|(wish, how)| (std::cmp::Reverse(*how), wish.id))
    }

    /// When a wish that some offer meets ends next.
    pub(super) fn next_end_ms(&self, now_ms: i64) -> Option<i64> {
        self.wishes.list.iter().filter_map(|wish| wish.until_ms).filter(|until| *until > now_ms).min()
    }
}

fn distinct(mut words: Vec<Stem>) -> Vec<Stem> {
    words.truncate(MAX_WORDS);
    words.sort_unstable();
    words.dedup();
    words
}

/// The stems of an offer's titles, topics and keywords, sorted.
fn words_of(offer: &Offer) -> Vec<Stem> {
    let titles = [&offer.text].into_iter().chain(offer.texts.values()).map(|text| &text.title);
    let mut words: Vec<Stem> =
        titles.chain(&offer.topics).chain(&offer.keywords).flat_map(|text| stems(text)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn meets(offer: &Offer, words: &[Stem], wish: &Wish, sought: &[Stem]) -> Option<Match> {
    if wish.topics.iter().any(|wanted| offer.topics.contains(wanted)) {
        return Some(Match::Whole);
    }
    let found = sought.iter().filter(|want| words.iter().any(|word| matches(want, word))).count();
    if found == 0 {
        None
    } else if found == sought.len() {
        Some(Match::Whole)
    } else {
        (found * 2 >= sought.len()).then_some(Match::Part)
    }
}
