//! How a rule came to its outcome, step by step.

use serde_json::Value;

use super::{Judged, Source, Truth};

/// The explanation of one judgement: what was asked, what each part came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The same as [`super::Rule::judge`] says.
    pub judged: Judged,
    /// The whole rule; what stands inside of it are its children.
    pub root: Step,
    /// Every fact that was looked at and the answer to it (`None` for unknown), once each.
    pub reads: Vec<Read>,
}

/// A fact that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Which.
    pub source: Source,
    /// The answer; `None` when it is not known.
    pub value: Option<Value>,
}

/// One part of a rule and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The operator as it is written (`and`, `>=`, `visits`); `[]` for a list, empty for a value.
    pub operator: &'static str,
    /// What it came to; `None` for unknown.
    pub value: Option<Value>,
    /// Whether what it came to counts as yes, as no or as neither.
    pub truth: Truth,
    /// Its operands, in order, as far as they were looked at.
    pub children: Vec<Step>,
}

impl Trace {
    /// The parts that decided, from the first to the last: hold these as they are, and nothing else
    /// changes the outcome; turn all of them around, and it is another.
    ///
    /// For a no these are all of the noes that stand in its way, for an unknown the unknowns. Parts
    /// are looked for inside `and`, `or`, `!` and `if`; a comparison is one part, with its operands
    /// as [`Step::children`].
    pub fn deciding(&self) -> Vec<&Step> {
        let mut found = Vec::new();
        self.root.deciding(&mut found);
        found
    }
}

impl Step {
    fn deciding<'a>(&'a self, found: &mut Vec<&'a Step>) {
        match self.operator {
            // What settles it is of its own truth, and so is what fails to settle it.
            "and" | "or" | "!!" => {
                self.children.iter().filter(|step| step.truth == self.truth).for_each(|step| step.deciding(found));
            }
            "!" => self.children.iter().for_each(|step| step.deciding(found)),
            "if" => self.children.iter().for_each(|step| step.deciding(found)),
            _ => found.push(self),
        }
    }
}

/// A tree of lines: the truth, and the part indented by its level, with what it came to.
impl std::fmt::Display for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.root.line(f, 0)
    }
}

impl Step {
    fn line(&self, f: &mut std::fmt::Formatter<'_>, level: usize) -> std::fmt::Result {
        let truth = match self.truth {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown => "unknown",
        };
        write!(f, "{truth:<8}{:indent$}{}", "", self.operator, indent = level * 2)?;
        // Operands that are values stand on the operator's own line.
        let (values, parts): (Vec<&Self>, Vec<&Self>) = self.children.iter().partition(|step| step.operator.is_empty());
        for value in values {
            write!(f, " {}", value.words())?;
        }
        match &self.value {
            Some(Value::Bool(_)) | None if !self.operator.is_empty() => writeln!(f)?,
            _ if self.operator.is_empty() => writeln!(f, "{}", self.words())?,
            _ => writeln!(f, " = {}", self.words())?,
        }
        parts.into_iter().try_for_each(|step| step.line(f, level + 1))
    }

    fn words(&self) -> String {
        self.value.as_ref().map_or_else(|| "?".to_owned(), Value::to_string)
    }
}
