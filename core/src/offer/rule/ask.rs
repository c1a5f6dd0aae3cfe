//! The operators that JsonLogic lacks: each is one question to the facts.

use serde_json::Value;

use super::eval::Judge;
use super::op::Op;
use super::question::{Question, distance};
use super::val::Val;
use super::{Fact, Facts, LocalTime, Source};
use crate::schedule::{DAYS, day_bit, minutes};

impl<'a> Judge<'a> {
    /// Asks; the operands, of which there are `len`, are values, and were checked as the rule was read.
    pub(super) fn ask(&mut self, question: Question<'a>, len: u16) -> Val<'a> {
        let (rule, answers, first) = (self.rule, self.answers, question.first);
        if let Some(recorder) = &mut self.recorder {
            recorder.operands(rule, first, len);
            recorder.read(|| question.source(), |source| answer(source, answers.facts()));
        }
        let clock = |holds: &dyn Fn(LocalTime) -> bool| {
            answers.facts().local_time().map_or(Val::Unknown, |now| Val::Bool(holds(now)))
        };
        match question.op {
            Op::BetweenTimes => clock(&|now| between(now, question.name(), rule.text_at(first + 1))),
            Op::Weekday => clock(&|now| {
                let today = 1_u8.checked_shl(now.weekday.into());
                (first..first + len).any(|at| day_bit(rule.text_at(at)) == today)
            }),
            Op::WithinM => match answers.answer(question) {
                Fact::Number(metres) => Val::Bool(metres <= rule.number_at(first + 1)),
                _ => Val::Unknown,
            },
            _ => answers.answer(question).into(),
        }
    }
}

/// From `from` on and before `to`, which may lie behind midnight.
fn between(now: LocalTime, from: &str, to: &str) -> bool {
    let (from, to) = (minutes(from).unwrap_or_default(), minutes(to).unwrap_or_default());
    if from < to { (from..to).contains(&now.minute) } else { now.minute >= from || now.minute < to }
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
