//! The operators that JsonLogic lacks: each is one question to the facts.

use serde_json::Value;

use super::eval::Judge;
use super::node::Arena;
use super::op::Op;
use super::val::Val;
use super::{Facts, LocalTime, Source};
use crate::schedule::{DAYS, day_bit, minutes};

impl<'a> Judge<'a> {
    /// Asks; the operands are values, and were checked as the rule was read.
    pub(super) fn ask(&mut self, op: Op, first: u16, len: u16) -> Val<'a> {
        let (rule, facts) = (self.rule, self.facts);
        if let Some(recorder) = &mut self.recorder {
            recorder.operands(rule, first, len);
            recorder.read(|| asked(rule, op, first), |source| answer(source, facts));
        }
        let name = rule.text_at(first);
        let count = |answer: Option<u32>| answer.map(|count| Val::Number(f64::from(count)));
        let value = match op {
            Op::Segment => facts.segment(name).map(Val::Bool),
            Op::Visits => count(facts.visits(name, rule.days_at(first + 1))),
            Op::Count => count(facts.count(name, rule.days_at(first + 1))),
            Op::BetweenTimes => facts.local_time().map(|now| Val::Bool(between(now, name, rule.text_at(first + 1)))),
            Op::Weekday => facts.local_time().map(|now| {
                let today = 1_u8.checked_shl(now.weekday.into());
                Val::Bool((first..first + len).any(|at| day_bit(rule.text_at(at)) == today))
            }),
            Op::WithinM => distance(facts, name).map(|metres| Val::Bool(metres <= rule.number_at(first + 1))),
            _ => distance(facts, name).map(Val::Number),
        };
        value.unwrap_or(Val::Unknown)
    }
}

/// From `from` on and before `to`, which may lie behind midnight.
fn between(now: LocalTime, from: &str, to: &str) -> bool {
    let (from, to) = (minutes(from).unwrap_or_default(), minutes(to).unwrap_or_default());
    if from < to { (from..to).contains(&now.minute) } else { now.minute >= from || now.minute < to }
}

/// A distance that is no number says nothing.
fn distance(facts: &dyn Facts, place: &str) -> Option<f64> {
    facts.distance_m(place).filter(|metres| !metres.is_nan())
}

/// What the operator at those operands asks.
pub(super) fn asked(rule: &Arena, op: Op, first: u16) -> Source {
    let name = rule.text_at(first).to_owned();
    match op {
        Op::Segment => Source::Segment(name),
        Op::Visits => Source::Visits { place: name, days: rule.days_at(first + 1) },
        Op::Count => Source::Count { event: name, days: rule.days_at(first + 1) },
        Op::BetweenTimes | Op::Weekday => Source::LocalTime,
        _ => Source::Distance { place: name },
    }
}

fn answer(source: &Source, facts: &dyn Facts) -> Option<Value> {
    match source {
        Source::Var(path) => super::record::json(&facts.var(path).into()),
        Source::Segment(id) => facts.segment(id).map(Value::from),
        Source::Visits { place, days } => facts.visits(place, *days).map(Value::from),
        Source::Count { event, days } => facts.count(event, *days).map(Value::from),
        Source::LocalTime => facts.local_time().map(|now| {
            let day = DAYS.get(usize::from(now.weekday)).copied().unwrap_or("?");
            Value::from(format!("{day} {:02}:{:02}", now.minute / 60, now.minute % 60))
        }),
        Source::Distance { place } => distance(facts, place).map(Value::from),
    }
}
