//! Styled text, and the form of one entry on the timeline. Where it is drawn is left to
//! [`super::screen`] and [`super::svg`].

use serde::Serialize;
use serde_json::{Map, Value};

/// What a piece of text means; its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Dim,
    Good,
    Warn,
    Bad,
    Offer,
}

/// A piece of one line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

pub(crate) fn span(tone: Tone, text: impl Into<String>) -> Span {
    Span { tone, text: text.into() }
}

/// The state of the line between the device and the backend, drawn beside every entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Up,
    Down,
    /// There is no device just now.
    Dead,
}

impl Link {
    fn rail(self) -> Span {
        match self {
            Self::Up => span(Tone::Good, "│"),
            Self::Down => span(Tone::Bad, "┊"),
            Self::Dead => span(Tone::Bad, "╳"),
        }
    }
}

/// Columns before a title: the time, the rail and the glyph.
const TITLE_COLUMN: usize = 17;
/// Where notes begin, from the title on.
const NOTE_COLUMN: usize = 32;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    what: &'static str,
    glyph: Span,
    title: Span,
    note: String,
    facts: Map<String, Value>,
}

impl Entry {
    /// An entry of its own, with its time.
    pub(crate) fn new(what: &'static str, glyph: &str, tone: Tone, title: impl Into<String>) -> Self {
        Self {
            what,
            glyph: span(tone, glyph),
            title: span(Tone::Strong, title),
            note: String::new(),
            facts: Map::new(),
        }
    }

    /// What followed from the entry before.
    pub(crate) fn then(what: &'static str, tone: Tone, title: impl Into<String>) -> Self {
        Self { glyph: span(tone, ""), title: span(tone, title), ..Self::new(what, "", tone, "") }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// A fact for programs.
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn follows(&self) -> bool {
        self.glyph.text.is_empty()
    }

    /// The object for `--json`.
    pub(crate) fn json(&self, at_ms: i64) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Line<'a> {
            at: String,
            what: &'a str,
            #[serde(flatten)]
            facts: &'a Map<String, Value>,
        }
        Line { at: patron_core::clock::rfc3339(at_ms), what: self.what, facts: &self.facts }
    }

    /// The lines on the timeline, none wider than `width` if it can be helped; `time` is empty for
    /// what followed from the entry before.
    pub(crate) fn rows(&self, time: &str, link: Link, width: usize) -> Vec<Vec<Span>> {
        let rail = |time: &str| vec![span(Tone::Dim, format!("  {time:8}  ")), link.rail(), span(Tone::Plain, "  ")];
        let mut first = rail(time);
        first.push(if self.follows() { span(Tone::Plain, " ") } else { self.glyph.clone() });
        first.push(span(Tone::Plain, " "));
        first.push(self.title.clone());
        let mut rows = vec![first];
        let title = console::measure_text_width(&self.title.text);
        let pad = (NOTE_COLUMN.saturating_sub(title)).max(2);
        for (at, piece) in wrap(&self.note, width.saturating_sub(TITLE_COLUMN + NOTE_COLUMN).max(20)).iter().enumerate()
        {
            if at == 0 {
                rows[0].push(span(Tone::Dim, format!("{}{piece}", " ".repeat(pad))));
            } else {
                let mut row = rail("");
                row.push(span(Tone::Dim, format!("{}{piece}", " ".repeat(2 + NOTE_COLUMN))));
                rows.push(row);
            }
        }
        rows
    }
}

/// Breaks `text` between words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if console::measure_text_width(line) + 1 + console::measure_text_width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(row: &[Span]) -> String {
        row.iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn a_long_note_goes_on_below_itself() {
        let rows = Entry::new("x", "●", Tone::Good, "enters").note("one two three four five six").rows(
            "12:00:00",
            Link::Up,
            65,
        );
        let rows: Vec<String> = rows.iter().map(|row| text(row)).collect();
        assert_eq!(rows.len(), 2);
        let column = |row: &str, word: &str| row.chars().count() - row[row.find(word).unwrap()..].chars().count();
        assert_eq!(column(&rows[0], "one"), column(&rows[1], "five"));
    }

    #[test]
    fn programs_get_the_facts_and_not_the_words() {
        let entry = Entry::new("entered", "●", Tone::Good, "enters Lumi").note("km 2").fact("place", "lumi");
        let object = entry.json(0);
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"at":"1970-01-01T00:00:00.000Z","what":"entered","place":"lumi"}"#
        );
    }
}
