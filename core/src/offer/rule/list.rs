//! The operators over lists, and those that build a text or a list.

use std::rc::Rc;

use serde_json::Value;

use super::eval::{Judge, Scope};
use super::op::Op;
use super::val::{Val, cost};
use super::{MAX_STEPS, Truth};

impl<'a> Judge<'a> {
    /// `map`, `filter`, `reduce`, `all`, `none`, `some`: within, `var` speaks of the element.
    pub(super) fn over(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let list = self.value(first, scope);
        let start = if op == Op::Reduce && len > 2 { self.value(first + 2, scope) } else { Val::Null };
        if list.is_unknown() {
            return Val::Unknown;
        }
        let items = self.items(&list).unwrap_or_default();
        if let Some(recorder) = &mut self.recorder {
            recorder.hush(true);
        }
        let outcome = match op {
            Op::Map => {
                let made = items.iter().map(|item| self.value(first + 1, &Scope::Element(item))).collect();
                self.list(made)
            }
            Op::Filter => self.filter(first + 1, &items),
            Op::Reduce => items.iter().fold(start, |accumulator, current| {
                self.value(first + 1, &Scope::Folding { current, accumulator: &accumulator })
            }),
            _ => self.quantify(op, first + 1, &items),
        };
        if let Some(recorder) = &mut self.recorder {
            recorder.hush(false);
        }
        outcome
    }

    fn filter(&mut self, test: u16, items: &[Val<'a>]) -> Val<'a> {
        let mut kept = Vec::new();
        for item in items {
            match self.value(test, &Scope::Element(item)).truth() {
                Truth::Yes => kept.push(item.clone()),
                Truth::No => {}
                // Whether it is in the list is not known, so neither is the list.
                Truth::Unknown => return Val::Unknown,
            }
        }
        self.list(kept)
    }

    /// Of an empty list JsonLogic says that none is so, and neither all nor some are.
    fn quantify(&mut self, op: Op, test: u16, items: &[Val<'a>]) -> Val<'a> {
        let settles = if op == Op::All { Truth::No } else { Truth::Yes };
        let mut unknown = false;
        for item in items {
            let truth = self.value(test, &Scope::Element(item)).truth();
            if truth == settles {
                return Val::Bool(op == Op::Some);
            }
            unknown |= truth == Truth::Unknown;
        }
        if unknown { Val::Unknown } else { Val::Bool(op == Op::NoneOf || (op == Op::All && !items.is_empty())) }
    }

    /// The elements of a list; `None` for what is none. A step each.
    fn items(&mut self, list: &Val<'a>) -> Option<Vec<Val<'a>>> {
        let len = match list {
            Val::List(list) => list.items.len(),
            Val::Json(Value::Array(list)) => list.len(),
            _ => return None,
        };
        if !self.spend(u32::try_from(len).unwrap_or(MAX_STEPS)) {
            return None;
        }
        Some(match list {
            Val::List(list) => list.items.clone(),
            Val::Json(Value::Array(list)) => list.iter().map(Val::from).collect(),
            _ => Vec::new(),
        })
    }

    /// `cat`, `substr`, `merge`.
    pub(super) fn build(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let operands = self.values(first, len, scope);
        let unclear = if op == Op::Merge { Val::is_unknown } else { Val::is_vague };
        if operands.iter().any(unclear) {
            return Val::Unknown;
        }
        match op {
            Op::Merge => {
                let mut all = Vec::new();
                for operand in operands {
                    match self.items(&operand) {
                        Some(items) => all.extend(items),
                        None => all.push(operand),
                    }
                }
                self.list(all)
            }
            Op::Cat => {
                let mut text = String::new();
                for operand in &operands {
                    let part = operand.to_text(&mut self.steps);
                    self.steps = self.steps.saturating_add(cost(part.len()));
                    if self.steps > MAX_STEPS {
                        return Val::Unknown;
                    }
                    text.push_str(&part);
                }
                Val::Built(Rc::from(text))
            }
            _ => self.cut(&operands),
        }
    }

    /// Characters from a position on (from the end when it is negative), so many of them (or all but
    /// so many at the end).
    fn cut(&mut self, operands: &[Val<'a>]) -> Val<'a> {
        let [text, from, rest @ ..] = operands else { return Val::Null };
        let whole = |judge: &mut Self, val: &Val<'a>| val.number(&mut judge.steps) as i64;
        let from = whole(self, from);
        let most = rest.first().map(|val| whole(self, val));
        let text = text.to_text(&mut self.steps);
        if !self.spend(cost(text.len())) {
            return Val::Unknown;
        }
        let count = text.chars().count() as i64;
        let from = if from < 0 { from.saturating_add(count).max(0) } else { from.min(count) };
        let to = match most {
            None => count,
            Some(most) if most < 0 => count.saturating_add(most),
            Some(most) => from.saturating_add(most).min(count),
        };
        let taken = usize::try_from(to - from).unwrap_or_default();
        let part: String = text.chars().skip(from as usize).take(taken).collect();
        Val::Built(Rc::from(part))
    }

    /// `missing` and `missing_some`: the paths at which nothing is known. These ask about knowledge
    /// itself, so the answer is always known.
    pub(super) fn missing(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let (needed, operands) = if op == Op::MissingSome {
            (self.value(first, scope), vec![self.value(first + 1, scope)])
        } else {
            (Val::Null, self.values(first, len, scope))
        };
        // The paths are the operands, or the one list among them that stands first.
        let paths = match operands.first() {
            Some(list) if list.is_unknown() => return Val::Unknown,
            Some(list) => self.items(&list.clone()).unwrap_or(operands),
            None => operands,
        };
        let mut missing = Vec::new();
        let count = paths.len();
        for path in paths {
            if path.is_vague() {
                return Val::Unknown;
            }
            let found = {
                let text = path.to_text(&mut self.steps);
                self.look_up(&text, scope)
            };
            if found.is_unknown() || matches!(found, Val::Null) || found.text() == Some("") {
                missing.push(path);
            }
        }
        let known = (count - missing.len()) as f64;
        if op == Op::MissingSome {
            if needed.is_vague() {
                return Val::Unknown;
            }
            if known >= needed.number(&mut self.steps) {
                missing.clear();
            }
        }
        self.list(missing)
    }
}
