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
