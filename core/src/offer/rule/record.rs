//! Writes down how a judgement goes.

use serde_json::{Number, Value};

use super::node::{Arena, Node};
use super::val::Val;
use super::{Read, Source, Step, Truth};

/// As much of a text, and so much of a list, as stands in a trace: it is read by people, and stored.
const TEXT_CHARS: usize = 120;
const LIST_ITEMS: usize = 16;

/// More facts than a rule has nodes only one asks that works out their names.
const MOST_READS: usize = 256;

#[derive(Default)]
pub(super) struct Recorder {
    /// What is done and waits for the operator that holds it.
    steps: Vec<Step>,
    reads: Vec<Read>,
    /// How many lists deep it is: what goes on for each element is not told.
    quiet: u16,
    /// Within what is told beside the judgement.
    beside: bool,
    /// Steps that were spent on that; within it, those of the judgement.
    others: u32,
}

impl Recorder {
    /// The beginning of a part; `None` where nothing is told.
    pub(super) fn begin(&self) -> Option<usize> {
        (self.quiet == 0).then_some(self.steps.len())
    }

    /// Its end.
    pub(super) fn end(&mut self, mark: usize, node: Node, value: &Val<'_>) {
        let children = self.steps.split_off(mark.min(self.steps.len()));
        let operator = match node {
            Node::Call { op, .. } => op.name(),
            Node::List { .. } => "[]",
            _ => "",
        };
        self.steps.push(Step { operator, value: json(value), truth: value.truth(), children });
    }

    /// The end of a list that was looked through only so far.
    pub(super) fn end_list(&mut self, mark: usize) {
        let children = self.steps.split_off(mark.min(self.steps.len()));
        let value = children.iter().take(LIST_ITEMS).map(|step| step.value.clone().unwrap_or_default()).collect();
        self.steps.push(Step { operator: "[]", value: Some(Value::Array(value)), truth: Truth::Yes, children });
    }

    /// Operands that are values.
    pub(super) fn operands(&mut self, rule: &Arena, first: u16, len: u16) {
        if self.quiet > 0 {
            return;
        }
        for at in first..first + len {
            let value = match rule.node(at) {
                Node::Text { at, len } => Val::Text(rule.words(at, len)),
                _ => Val::Number(rule.number_at(at)),
            };
            self.steps.push(Step { operator: "", value: json(&value), truth: value.truth(), children: Vec::new() });
        }
    }

    /// A fact that was asked for, once each.
    pub(super) fn read(&mut self, source: impl FnOnce() -> Source, answer: impl FnOnce(&Source) -> Option<Value>) {
        let source = source();
        if self.reads.len() < MOST_READS && !self.reads.iter().any(|read| read.source == source) {
            let value = answer(&source);
            self.reads.push(Read { source, value });
        }
    }

    /// Begins what is told for each element of a list, or ends it.
    pub(super) fn hush(&mut self, hushed: bool) {
        self.quiet = if hushed { self.quiet + 1 } else { self.quiet.saturating_sub(1) };
    }

    /// Begins what is told beside the judgement, on steps of its own; false when it is beside already.
    pub(super) fn step_aside(&mut self, steps: &mut u32) -> bool {
        let leaves = !std::mem::replace(&mut self.beside, true);
        if leaves {
            std::mem::swap(steps, &mut self.others);
        }
        leaves
    }

    /// Ends it.
    pub(super) fn step_back(&mut self, steps: &mut u32) {
        self.beside = false;
        std::mem::swap(steps, &mut self.others);
    }

    pub(super) fn done(mut self) -> (Step, Vec<Read>) {
        let nothing = Step { operator: "", value: None, truth: Truth::Unknown, children: Vec::new() };
        (self.steps.pop().unwrap_or(nothing), self.reads)
    }
}

/// A value as JSON, cut to what people read; `None` for unknown.
pub(super) fn json(value: &Val<'_>) -> Option<Value> {
    Some(match value {
        Val::Unknown | Val::Settled(_) => return None,
        Val::Null => Value::Null,
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Number(number) => of_number(*number),
        Val::Text(text) => cut(text),
        Val::Built(text) => cut(text),
        Val::Json(Value::Array(list)) => list.iter().take(LIST_ITEMS).map(brief).collect(),
        Val::Json(value) => brief(value),
        Val::List(list) => list.items.iter().take(LIST_ITEMS).map(|item| json(item).unwrap_or_default()).collect(),
    })
}

fn brief(value: &Value) -> Value {
    match value {
        Value::String(text) => cut(text),
        Value::Array(list) => Value::String(format!("a list of {}", list.len())),
        Value::Object(map) => Value::String(format!("an object of {}", map.len())),
        other => other.clone(),
    }
}

fn cut(text: &str) -> Value {
    match text.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => Value::String(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Value::String(text.to_owned()),
    }
}

fn of_number(number: f64) -> Value {
    // Whole numbers stay whole; 2^53 is as far as that goes.
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return Value::from(number as i64);
    }
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None => Value::String("not a number".to_owned()),
    }
}
