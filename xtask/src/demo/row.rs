//! Styled text, and the form of one entry on the timeline. Where it is drawn is left to
//! [`super::screen`] and [`super::svg`].

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

/// Where notes begin.
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
    pub(crate) fn json(&self, at_ms: i64) -> Value {
        let mut object = Map::new();
        object.insert("at".into(), patron_core::clock::rfc3339(at_ms).into());
        object.insert("what".into(), self.what.into());
        object.extend(self.facts.clone());
        Value::Object(object)
    }

    /// The line on the timeline; `time` is empty for what followed from the entry before.
    pub(crate) fn row(&self, time: &str, link: Link) -> Vec<Span> {
        let mut row = vec![span(Tone::Dim, format!("  {time:8}  ")), link.rail(), span(Tone::Plain, "  ")];
        let mut used = console::measure_text_width(&self.title.text);
        if self.follows() {
            row.push(span(Tone::Plain, "  "));
        } else {
            row.extend([self.glyph.clone(), span(Tone::Plain, " ")]);
        }
        row.push(self.title.clone());
        if !self.note.is_empty() {
            used = used.min(NOTE_COLUMN - 2);
            row.push(span(Tone::Dim, format!("{}{}", " ".repeat(NOTE_COLUMN - used), self.note)));
        }
        row
    }
}
