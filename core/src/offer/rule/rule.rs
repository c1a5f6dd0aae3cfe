//! A rule, read and ready to be judged.

use super::node::{Arena, Node};
use super::op::Op;
use super::question::{Anew, Answers, Numbering, Question};
use super::{Facts, Judged, RuleError, Source, Trace, eval, read};

/// An audience rule. Some two hundred bytes; made once, judged often.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule(Arena);

impl Rule {
    /// Reads a rule from its JSON. Takes about a microsecond.
    ///
    /// # Errors
    /// [`RuleError`] with the path and the offset of what is wrong. Nothing of a bad rule is used.
    pub fn parse(json: &str) -> Result<Self, RuleError> {
        read::compile(json).map(|compiled| Self(compiled.arena))
    }

    /// Whether the rule holds. Allocates nothing unless the rule builds texts or lists.
    ///
    /// Never panics, never takes more than [`super::MAX_STEPS`] steps, and fits a stack of 512 KiB.
    /// [`Judged::error`] tells when the steps ran out.
    pub fn judge(&self, facts: &dyn Facts) -> Judged {
        self.judge_by(&Anew(facts))
    }

    /// The same judgement, and how it came about.
    pub fn explain(&self, facts: &dyn Facts) -> Trace {
        self.explain_by(&Anew(facts))
    }

    /// As [`Rule::judge`], by one who keeps answers.
    pub(crate) fn judge_by(&self, answers: &dyn Answers) -> Judged {
        eval::judge(&self.0, answers)
    }

    /// As [`Rule::explain`], by one who keeps answers.
    pub(crate) fn explain_by(&self, answers: &dyn Answers) -> Trace {
        eval::explain(&self.0, answers)
    }

    /// Gives each of its questions the number that it has in its catalogue.
    pub(crate) fn number(&mut self, numbering: &mut Numbering) {
        for at in 0..self.0.nodes.len() {
            let number = self.question(self.0.node(at as u16)).map(|question| numbering.number(&question));
            if let (Some(number), Some(Node::Call { question, .. })) = (number, self.0.nodes.get_mut(at)) {
                *question = number;
            }
        }
    }

    /// What the node asks that can be answered once for all rules.
    fn question(&self, node: Node) -> Option<Question<'_>> {
        let rule = &self.0;
        match node {
            Node::Call { op: op @ Op::Var, first, len, question: number } if len > 0 => {
                matches!(rule.node(first), Node::Text { .. }).then_some(Question { rule, op, first, number })
            }
            Node::Call { op, first, question: number, .. } if op.asks() && !op.is_clock() => {
                Some(Question { rule, op, first, number })
            }
            _ => None,
        }
    }

    /// Whether it looks at the clock.
    pub(crate) fn is_clocked(&self) -> bool {
        self.0.nodes.iter().any(|node| matches!(node, Node::Call { op, .. } if op.is_clock()))
    }

    /// What the rule may ask of its facts, sorted, once each. A variable whose path is worked out as
    /// the rule is judged is not among them; one inside `map` and its like is, though it may speak of
    /// an element.
    pub fn sources(&self) -> Vec<Source> {
        let asked = |node: &Node| match *node {
            Node::Call { op, .. } if op.is_clock() => Some(Source::LocalTime),
            node => self.question(node).filter(|question| question.path() != Some("")).map(|asked| asked.source()),
        };
        let mut sources: Vec<Source> = self.0.nodes.iter().filter_map(asked).collect();
        sources.sort();
        sources.dedup();
        sources
    }

    /// The memory that it holds beside itself, bytes.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.0.nodes) + self.0.words.len() + size_of_val(&*self.0.numbers)
    }
}

#[cfg(test)]
impl Rule {
    /// What it comes to as a value.
    pub(super) fn result(&self, facts: &dyn Facts) -> Option<serde_json::Value> {
        eval::result(&self.0, &Anew(facts))
    }

    /// The same rule, as one of no catalogue.
    pub(crate) fn unnumbered(&self) -> Self {
        let mut rule = self.clone();
        for node in &mut rule.0.nodes {
            if let Node::Call { question, .. } = node {
                *question = super::question::UNNUMBERED;
            }
        }
        rule
    }

    /// The numbers of its questions, in their order.
    pub(super) fn numbers(&self) -> Vec<u16> {
        let asked = self.0.nodes.iter().filter_map(|node| self.question(*node));
        asked.map(|question| question.number() as u16).collect()
    }
}
