//! A rule, read and ready to be judged.

use super::node::{Arena, Node};
use super::{Facts, Judged, RuleError, Source, Trace, ask, eval, read};

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
        eval::judge(&self.0, facts)
    }

    /// The same judgement, and how it came about.
    pub fn explain(&self, facts: &dyn Facts) -> Trace {
        eval::explain(&self.0, facts)
    }

    /// What the rule may ask of its facts, sorted, once each. A variable whose path is worked out as
    /// the rule is judged is not among them; one inside `map` and its like is, though it may speak of
    /// an element.
    pub fn sources(&self) -> Vec<Source> {
        let rule = &self.0;
        let asked = |node: &Node| match *node {
            Node::Call { op, first, .. } if op.asks() => Some(ask::asked(rule, op, first)),
            Node::Call { op: super::op::Op::Var, first, len } if len > 0 => {
                let path = rule.text_at(first);
                (!path.is_empty()).then(|| Source::Var(path.to_owned()))
            }
            _ => None,
        };
        let mut sources: Vec<Source> = rule.nodes.iter().filter_map(asked).collect();
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
        eval::result(&self.0, facts)
    }
}
