//! Reads rules as a publisher's colleague would: what is broken, and what is surely not meant.
//!
//! For the backend and for tools. A device takes a rule or sets its offer aside; here every finding
//! has its line. It judges no rule: nothing is known of any shopper.

mod bounds;
mod catalogue;
mod kind;
mod near;
#[cfg(test)]
mod tests;
mod walk;

use std::ops::Range;

pub use catalogue::{CatalogueFinding, lint_catalogue};
pub use kind::Kind;

use super::op::FORMS;
use super::{RuleError, read};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// A device cannot use the rule, or it asks for what does not exist: not to be published.
    Error,
    /// It can be used, and hardly does what was meant.
    Warning,
}

/// Something about a rule that its author wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In the text that was given, counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// Where in the rule's logic, for example `and[1].>=[0]`.
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
    /// In words.
    pub why: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = if self.severity == Severity::Error { "" } else { "warning: " };
        write!(f, "line {}, column {}: {severity}{}: {}", self.line, self.column, self.path, self.why)
    }
}

/// What exists. `None` means that any name is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Variables, and what each of them holds.
    pub variables: Option<&'a [(&'a str, Kind)]>,
    /// Segments.
    pub segments: Option<&'a [&'a str]>,
    /// Places of the catalogue.
    pub places: Option<&'a [&'a str]>,
    /// Names of events.
    pub events: Option<&'a [&'a str]>,
}

/// Everything that is to be said about the rule `text`, from its beginning to its end.
pub fn lint(text: &str, known: &Known<'_>) -> Vec<Finding> {
    lint_within(text, 0..text.len(), known)
}

/// The same for the rule that stands at `rule` (bytes) of a larger document: lines and columns are
/// the document's. A range that is none of its text gives no findings.
pub fn lint_within(document: &str, rule: Range<usize>, known: &Known<'_>) -> Vec<Finding> {
    let begin = rule.start;
    let Some(text) = document.get(rule) else { return Vec::new() };
    let raw = match read::compile(text) {
        Ok(compiled) => walk::findings(&compiled, known),
        Err(error) => vec![refused(&error)],
    };
    let at = |offset: usize| {
        let before = document.get(..begin + offset).unwrap_or(document);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (1 + before.bytes().filter(|byte| *byte == b'\n').count(), before.len() - line_start + 1)
    };
    let finding = |raw: Raw| {
        let (line, column) = at(raw.offset);
        Finding { line, column, path: raw.path, severity: raw.severity, why: raw.why }
    };
    let mut findings: Vec<Finding> = raw.into_iter().map(finding).collect();
    findings.sort_by_key(|finding| (finding.line, finding.column));
    findings
}

/// A finding by its offset in the rule.
struct Raw {
    offset: usize,
    path: String,
    severity: Severity,
    why: String,
}

fn refused(error: &RuleError) -> Raw {
    let why = match error {
        RuleError::Operator { name, .. } => {
            let names = || FORMS.iter().map(|form| form.name);
            let meant = near::alias(name).or_else(|| near::nearest(name, names()));
            format!("there is no operator {name:?}{}", near::hint(meant))
        }
        RuleError::Syntax { why, .. } | RuleError::Operand { why, .. } => (*why).to_owned(),
        RuleError::Arity { takes, given, .. } => format!("{takes}, and there are {given}"),
        RuleError::Budget { budget, .. } => budget.to_string(),
    };
    let path = if error.path().is_empty() { "rule" } else { error.path() };
    Raw { offset: error.offset(), path: path.to_owned(), severity: Severity::Error, why }
}
