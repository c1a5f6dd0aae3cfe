//! What a rule comes to.

use super::{Budget, MAX_STEPS, RuleError};

/// The outcome of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not, whatever else were known.
    No,
    /// It hangs on what is not known, or it took too many steps. Not eligible.
    Unknown,
}

impl Truth {
    /// Whether the shopper is in the audience: only a [`Truth::Yes`] says so.
    pub fn eligible(self) -> bool {
        self == Self::Yes
    }
}

/// What [`super::Rule::judge`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Judged {
    /// The outcome.
    pub truth: Truth,
    /// How many steps it took; above [`MAX_STEPS`] it was stopped.
    pub steps: u32,
}

impl Judged {
    /// Why the outcome is unknown although every fact may be known: the steps ran out.
    pub fn error(&self) -> Option<RuleError> {
        (self.steps > MAX_STEPS).then_some(RuleError::Budget { budget: Budget::Steps, offset: 0 })
    }
}
