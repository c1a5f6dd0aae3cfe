//! What a rule may ask, and the answers it gets.

use serde_json::Value;

/// The answer to a variable, borrowed from whoever keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// Not known, or not to be looked at.
    Unknown,
    /// A yes or a no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Anything that JSON says; its `null` is known to be nothing.
    Json(&'a Value),
}

impl<'a> Fact<'a> {
    /// What stands at `path` (`age`, `basket.0.sku`; empty for the whole) of a document; unknown
    /// when nothing does.
    pub fn at(document: &'a Value, path: &str) -> Self {
        if path.is_empty() {
            return Self::Json(document);
        }
        let mut here = document;
        for part in path.split('.') {
            let next = match here {
                Value::Object(map) => map.get(part),
                Value::Array(list) => part.parse::<usize>().ok().and_then(|at| list.get(at)),
                _ => None,
            };
            match next {
                Some(value) => here = value,
                None => return Self::Unknown,
            }
        }
        Self::Json(here)
    }
}

/// What the shopper's clock on the wall shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Minutes after midnight, 0 to 1,439.
    pub minute: u16,
    /// Days after Monday, 0 to 6.
    pub weekday: u8,
}

/// Who answers what a rule asks. `None` and [`Fact::Unknown`] mean: not known, or not permitted.
///
/// An answer is asked for often (once for each rule that needs it): it should be a look-up.
pub trait Facts {
    /// The variable at a path such as `person.age`.
    fn var(&self, path: &str) -> Fact<'_>;

    /// Whether the shopper is in the segment.
    fn segment(&self, _id: &str) -> Option<bool> {
        None
    }

    /// Visits to the place, or to a part of it, that began within the last `days` days.
    fn visits(&self, _place: &str, _days: u32) -> Option<u32> {
        None
    }

    /// Events of the name, such as `dev.patron.offer.saved`, within the last `days` days.
    fn count(&self, _event: &str, _days: u32) -> Option<u32> {
        None
    }

    /// The time where the shopper is.
    fn local_time(&self) -> Option<LocalTime> {
        None
    }

    /// Metres from the shopper to the place: to its edge, 0 inside, or to its centre; the same for all.
    fn distance_m(&self, _place: &str) -> Option<f64> {
        None
    }
}

/// A JSON document as the only facts there are.
#[derive(Debug, Clone, Copy)]
pub struct JsonFacts<'a>(pub &'a Value);

impl Facts for JsonFacts<'_> {
    fn var(&self, path: &str) -> Fact<'_> {
        Fact::at(self.0, path)
    }
}

/// Something that a rule asks of [`Facts`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A variable by its path.
    Var(String),
    /// Being in a segment.
    Segment(String),
    /// Visits to a place within so many days.
    Visits {
        /// The place's id.
        place: String,
        /// The window.
        days: u32,
    },
    /// Events of a name within so many days.
    Count {
        /// The event's name.
        event: String,
        /// The window.
        days: u32,
    },
    /// The time of day and the day of the week.
    LocalTime,
    /// The way to a place.
    Distance {
        /// The place's id.
        place: String,
    },
}
