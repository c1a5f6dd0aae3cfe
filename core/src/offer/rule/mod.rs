//! Audience rules: JsonLogic with three-valued logic, budgets and a trace.
//!
//! Decides whether a rule holds for the facts that are known, and tells from which. A fact that is
//! not known is *unknown*, and so is whatever hangs on it alone; an audience of which nobody knows
//! whether the shopper is in it is not theirs. It gathers no facts and asks for no consent: whoever
//! implements [`Facts`] answers `None` for what may not be looked at. docs/rules.md is the grammar.

mod ask;
mod error;
mod eval;
mod fact;
#[cfg(test)]
mod hostile_tests;
pub mod lint;
mod list;
mod math;
mod node;
mod op;
mod operand;
#[cfg(test)]
mod person_tests;
mod question;
mod read;
mod record;
#[allow(clippy::module_inception, reason = "the folder is named by what it holds")]
mod rule;
#[cfg(test)]
mod tests;
mod trace;
#[cfg(test)]
mod trace_tests;
mod truth;
mod val;
#[cfg(test)]
mod vectors_tests;

pub use error::{Budget, RuleError};
pub use fact::{Fact, Facts, JsonFacts, LocalTime, Source};
pub(crate) use question::{Answers, Numbering, Question};
pub use rule::Rule;
pub use trace::{Read, Step, Trace};
pub use truth::{Judged, Truth};

/// Longest text of a rule, bytes. A page of logic: beyond it nobody sees what it does.
pub const MAX_RULE_BYTES: usize = 16 * 1024;

/// Most operators, lists and values of a rule.
pub const MAX_NODES: usize = 256;

/// Most levels of a rule. Few enough for the recursion to fit a small stack.
pub const MAX_DEPTH: usize = 16;

/// Most steps that judging a rule takes; beyond it the outcome is unknown.
pub const MAX_STEPS: u32 = 10_000;
