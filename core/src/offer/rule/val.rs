//! What the parts of a rule come to, and how JsonLogic (that is, JavaScript) turns one kind into another.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::Value;

use super::{Fact, MAX_STEPS, Truth};

/// Lists in lists in lists: what is nested deeper is stopped like what takes too many steps.
pub(super) const MAX_NESTING: u8 = 16;

/// A value while a rule is judged; borrowed from the rule or the facts unless it was built.
#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    Unknown,
    /// Not known but for its truth: what an `or` comes to of which one part is unknown and another
    /// holds.
    Settled(bool),
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    Built(Rc<str>),
    /// A list or an object; the other kinds have their own form.
    Json(&'a Value),
    List(Rc<List<'a>>),
}

/// A list that was built.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) items: Vec<Val<'a>>,
    nesting: u8,
    /// Something in it is unknown.
    vague: bool,
}

impl<'a> From<Fact<'a>> for Val<'a> {
    fn from(fact: Fact<'a>) -> Self {
        match fact {
            Fact::Unknown => Self::Unknown,
            Fact::Bool(flag) => Self::Bool(flag),
            Fact::Number(number) => Self::Number(number),
            Fact::Text(text) => Self::Text(text),
            Fact::Json(value) => Self::from(value),
        }
    }
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Json(value),
        }
    }
}

impl<'a> Val<'a> {
    /// A list of those; `None` when it is nested too deeply.
    pub(super) fn list(items: Vec<Val<'a>>) -> Option<Self> {
        let inner = items.iter().map(|item| if let Self::List(list) = item { list.nesting } else { 0 }).max();
        let nesting = inner.unwrap_or(0) + 1;
        let vague = items.iter().any(Self::is_vague);
        (nesting <= MAX_NESTING).then(|| Self::List(Rc::new(List { items, nesting, vague })))
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown | Self::Settled(_))
    }

    /// Unknown, or a list in which something is: nobody can say what it is as a text.
    pub(super) fn is_vague(&self) -> bool {
        self.is_unknown() || matches!(self, Self::List(list) if list.vague)
    }

    /// A list, built or not, or an object.
    fn is_compound(&self) -> bool {
        matches!(self, Self::Json(_) | Self::List(_))
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Built(text) => Some(text),
            _ => None,
        }
    }

    /// Empty texts and lists, nought, nothing and what is not a number count as no.
    pub(super) fn truth(&self) -> Truth {
        let yes = match self {
            Self::Unknown => return Truth::Unknown,
            Self::Null => false,
            Self::Bool(flag) | Self::Settled(flag) => *flag,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Built(text) => !text.is_empty(),
            Self::Json(value) => value.as_array().is_none_or(|list| !list.is_empty()),
            Self::List(list) => !list.items.is_empty(),
        };
        if yes { Truth::Yes } else { Truth::No }
    }

    /// What `at` a path stands in it.
    pub(super) fn at(&self, path: &str) -> Val<'a> {
        let (mut here, mut path) = (self, path);
        while !path.is_empty() {
            match here {
                Self::Json(value) => return Fact::at(value, path).into(),
                Self::List(list) => {
                    let (part, rest) = path.split_once('.').unwrap_or((path, ""));
                    let Some(item) = part.parse::<usize>().ok().and_then(|at| list.items.get(at)) else {
                        return Self::Unknown;
                    };
                    (here, path) = (item, rest);
                }
                _ => return Self::Unknown,
            }
        }
        here.clone()
    }

    /// As a number; not a number for what is none. Lists go by their text.
    pub(super) fn number(&self, steps: &mut u32) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(flag) => f64::from(u8::from(*flag)),
            Self::Number(number) => *number,
            Self::Unknown | Self::Settled(_) => f64::NAN,
            _ => number_of(&self.to_text(steps)),
        }
    }

    /// As a text, as `cat` joins it.
    pub(super) fn to_text(&self, steps: &mut u32) -> Cow<'_, str> {
        if let Some(text) = self.text() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        self.write(&mut out, MAX_NESTING, steps);
        Cow::Owned(out)
    }

    fn write(&self, out: &mut String, nesting: u8, steps: &mut u32) {
        let joined = |out: &mut String, items: &mut dyn Iterator<Item = Val<'a>>, steps: &mut u32| {
            for (at, item) in items.enumerate() {
                *steps = steps.saturating_add(1);
                if *steps > MAX_STEPS {
                    return;
                }
                if at > 0 {
                    out.push(',');
                }
                match nesting.checked_sub(1) {
                    Some(nesting) if !matches!(item, Val::Null) => item.write(out, nesting, steps),
                    Some(_) => {}
                    None => *steps = MAX_STEPS + 1,
                }
            }
        };
        match self {
            Self::Null | Self::Unknown | Self::Settled(_) => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => push(text, out, steps),
            Self::Built(text) => push(text, out, steps),
            Self::Json(Value::Array(list)) => joined(out, &mut list.iter().map(Val::from), steps),
            Self::Json(_) => out.push_str("[object Object]"),
            Self::List(list) => joined(out, &mut list.items.iter().cloned(), steps),
        }
    }

    /// `===`: the same kind and the same value. Two lists never are, as two objects of JavaScript.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            _ => self.text().is_some_and(|text| other.text() == Some(text)),
        }
    }

    /// `==`: the same once they are of one kind.
    pub(super) fn equals(&self, other: &Self, steps: &mut u32) -> bool {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => self.same(other),
            _ if self.is_compound() && other.is_compound() => false,
            _ => match self.both_texts(other, steps) {
                Some((a, b)) => a == b,
                None => self.number(steps) == other.number(steps),
            },
        }
    }

    /// Which of the two is less; `None` when that cannot be said.
    pub(super) fn compare(&self, other: &Self, steps: &mut u32) -> Option<std::cmp::Ordering> {
        // As nearly all rules compare.
        if let (Self::Number(a), Self::Number(b)) = (self, other) {
            return a.partial_cmp(b);
        }
        match self.both_texts(other, steps) {
            Some((a, b)) => Some(a.cmp(&b)),
            None => self.number(steps).partial_cmp(&other.number(steps)),
        }
    }

    /// Both as texts, where texts or lists are all they are.
    fn both_texts<'v>(&'v self, other: &'v Self, steps: &mut u32) -> Option<(Cow<'v, str>, Cow<'v, str>)> {
        let textual = |val: &Self| val.text().is_some() || val.is_compound();
        (textual(self) && textual(other)).then(|| (self.to_text(steps), other.to_text(steps)))
    }
}

/// Texts cost a step for every 64 bytes.
pub(super) fn cost(bytes: usize) -> u32 {
    (bytes >> 6) as u32
}

fn push(text: &str, out: &mut String, steps: &mut u32) {
    *steps = steps.saturating_add(cost(text.len()));
    if *steps <= MAX_STEPS {
        out.push_str(text);
    }
}

/// As JavaScript writes numbers.
fn write_number(number: f64, out: &mut String) {
    let size = number.abs();
    // Writing to a string cannot fail.
    let _ = if number.is_infinite() {
        write!(out, "{}Infinity", if number < 0.0 { "-" } else { "" })
    } else if number == 0.0 {
        write!(out, "0")
    } else if !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, power)) if !power.starts_with('-') => write!(out, "{digits}e+{power}"),
            _ => write!(out, "{text}"),
        }
    } else {
        write!(out, "{number}")
    };
}

/// As `Number("…")`: blanks around it do not matter, an empty text is nought, and a text that is no
/// decimal number is not a number.
fn number_of(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if decimal { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// As `parseFloat("…")`, which `+` and `*` use: the number that the text begins with.
pub(super) fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let (mut point, mut power, mut digit) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digit = true;
                end = at + 1;
            }
            b'+' | b'-' if at == 0 => {}
            b'+' | b'-' if power && matches!(text.as_bytes().get(at - 1), Some(b'e' | b'E')) => {}
            b'.' if !point && !power => point = true,
            b'e' | b'E' if digit && !power => power = true,
            _ => break,
        }
    }
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}
