//! The questions that stand in rules, and who answers them.
//!
//! Ten thousand rules of one catalogue ask the same few hundred things. So a catalogue numbers its questions as it is
//! read, and whoever judges many of its rules for one person at one moment answers each of them once.

use std::collections::HashMap;

use super::node::Arena;
use super::op::Op;
use super::{Fact, Facts, Source};

/// The number of a question that has none: a rule's that was read by itself.
pub(super) const UNNUMBERED: u16 = u16::MAX;

/// A question as it stands in a rule. Its words are looked up only when the answer is not there yet.
#[derive(Clone, Copy)]
pub(crate) struct Question<'r> {
    pub(super) rule: &'r Arena,
    pub(super) op: Op,
    /// The first of its operands.
    pub(super) first: u16,
    pub(super) number: u16,
}

impl<'r> Question<'r> {
    /// Its number in its catalogue; beyond all others where it has none.
    pub(crate) fn number(&self) -> usize {
        usize::from(self.number)
    }

    /// The path, where it is one for a variable.
    pub(crate) fn path(&self) -> Option<&'r str> {
        (self.op == Op::Var).then(|| self.name())
    }

    /// Asks for what is no variable: a yes, a no or a number.
    pub(crate) fn count(&self, facts: &dyn Facts) -> Fact<'static> {
        let number = |count: Option<u32>| count.map(|count| Fact::Number(f64::from(count)));
        let answer = match self.op {
            Op::Segment => facts.segment(self.name()).map(Fact::Bool),
            Op::Visits => number(facts.visits(self.name(), self.days())),
            Op::Count => number(facts.count(self.name(), self.days())),
            _ => distance(facts, self.name()).map(Fact::Number),
        };
        answer.unwrap_or(Fact::Unknown)
    }

    /// The same for those who keep answers by what was asked.
    pub(super) fn source(&self) -> Source {
        let name = self.name().to_owned();
        match self.op {
            Op::Var => Source::Var(name),
            Op::Segment => Source::Segment(name),
            Op::Visits => Source::Visits { place: name, days: self.days() },
            Op::Count => Source::Count { event: name, days: self.days() },
            Op::BetweenTimes | Op::Weekday => Source::LocalTime,
            _ => Source::Distance { place: name },
        }
    }

    pub(super) fn name(&self) -> &'r str {
        self.rule.text_at(self.first)
    }

    fn days(&self) -> u32 {
        self.rule.days_at(self.first + 1)
    }
}

/// A distance that is no number says nothing.
pub(super) fn distance(facts: &dyn Facts, place: &str) -> Option<f64> {
    facts.distance_m(place).filter(|metres| !metres.is_nan())
}

/// Who answers a rule's questions: the facts, or one who keeps what they answered.
pub(crate) trait Answers {
    /// The facts themselves.
    fn facts(&self) -> &dyn Facts;

    /// The answer to a question that is not the time of day.
    fn answer(&self, question: Question<'_>) -> Fact<'_> {
        match question.path() {
            Some(path) => self.facts().var(path),
            None => question.count(self.facts()),
        }
    }
}

/// Each question is asked anew.
pub(super) struct Anew<'f>(pub(super) &'f dyn Facts);

impl Answers for Anew<'_> {
    fn facts(&self) -> &dyn Facts {
        self.0
    }
}

/// Gives the same question the same number.
#[derive(Default)]
pub(crate) struct Numbering {
    /// By what is asked and for how many days, and by the name.
    known: HashMap<(Op, u32), HashMap<Box<str>, u16>>,
    next: u16,
}

impl Numbering {
    /// How many numbers were given.
    pub(crate) fn len(&self) -> u16 {
        self.next
    }

    pub(super) fn number(&mut self, question: &Question<'_>) -> u16 {
        let (op, days) = match question.op {
            op @ (Op::Visits | Op::Count) => (op, question.days()),
            // Whether it is within a distance is seen from the distance.
            Op::WithinM => (Op::DistanceM, 0),
            op => (op, 0),
        };
        let named = self.known.entry((op, days)).or_default();
        if let Some(number) = named.get(question.name()) {
            return *number;
        }
        // What more there is goes without: it is asked anew each time.
        if self.next < UNNUMBERED {
            named.insert(question.name().into(), self.next);
            self.next += 1;
            return self.next - 1;
        }
        UNNUMBERED
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;

    /// The numbers of the questions of `rules`, in their order.
    fn numbers(rules: &[&str]) -> Vec<u16> {
        let mut numbering = Numbering::default();
        let all = rules.iter().flat_map(|text| {
            let mut rule = Rule::parse(text).unwrap();
            rule.number(&mut numbering);
            rule.numbers()
        });
        all.collect()
    }

    #[test]
    fn the_same_question_has_the_same_number_in_all_rules() {
        let spelt =
            [r#"{"and": [{"segment": "a"}, {"var": "a"}]}"#, r#"{"or": [{"var": ["a", 1]}, {"segment": ["a"]}]}"#];
        assert_eq!(numbers(&spelt), [0, 1, 1, 0]);
        let near = [r#"{"<": [{"distance_m": "a"}, 9]}"#, r#"{"within_m": ["a", 50]}"#, r#"{"within_m": ["b", 50]}"#];
        assert_eq!(numbers(&near), [0, 0, 1]);
    }

    #[test]
    fn what_is_asked_otherwise_is_another_question() {
        let all = [
            r#"{"visits": ["a", 7]}"#,
            r#"{"visits": ["a", 30]}"#,
            r#"{"count": ["a", 7]}"#,
            r#"{"segment": "a"}"#,
            r#"{"var": "a"}"#,
            r#"{"var": "b"}"#,
        ];
        assert_eq!(numbers(&all), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_clock_and_a_path_that_is_worked_out_have_no_number() {
        let worked_out = r#"{"and": [{"weekday": "mo"}, {"var": {"cat": ["a", "b"]}}]}"#;
        assert!(numbers(&[worked_out]).is_empty());
    }
}
