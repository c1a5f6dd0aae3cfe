//! What is wrong with a rule, and where.

use super::{MAX_DEPTH, MAX_NODES, MAX_RULE_BYTES, MAX_STEPS};

/// Why a text is no rule, or why judging it was stopped. The offer with it is set aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not JSON.
    #[error("the rule breaks off at byte {offset}: {why}")]
    Syntax {
        /// Bytes from the beginning of the rule.
        offset: usize,
        /// In words.
        why: &'static str,
    },
    /// No such operator.
    #[error("{path}: there is no operator {name:?}")]
    Operator {
        /// Where, for example `and[1].>=[0]`.
        path: String,
        /// As it stands there, cut to 64 characters.
        name: String,
        /// Bytes from the beginning of the rule.
        offset: usize,
    },
    /// Too few or too many operands.
    #[error("{path}: {takes}, and there are {given}")]
    Arity {
        /// Where, for example `and[1].>=`.
        path: String,
        /// What it takes, in words.
        takes: String,
        /// How many there are.
        given: usize,
        /// Bytes from the beginning of the rule.
        offset: usize,
    },
    /// An operand that the operator cannot take.
    #[error("{path}: {why}")]
    Operand {
        /// Where, for example `or[0].between_times[1]`.
        path: String,
        /// In words.
        why: &'static str,
        /// Bytes from the beginning of the rule.
        offset: usize,
    },
    /// Larger than is taken.
    #[error("{budget}")]
    Budget {
        /// Which bound.
        budget: Budget,
        /// Where it was passed, bytes from the beginning of the rule; 0 for steps.
        offset: usize,
    },
}

impl RuleError {
    /// Where in the rule's text, bytes from its beginning.
    pub fn offset(&self) -> usize {
        match self {
            Self::Syntax { offset, .. }
            | Self::Operator { offset, .. }
            | Self::Arity { offset, .. }
            | Self::Operand { offset, .. }
            | Self::Budget { offset, .. } => *offset,
        }
    }

    /// Where in the rule's logic, for example `and[1].>=[0]`; empty for the whole.
    pub fn path(&self) -> &str {
        match self {
            Self::Operator { path, .. } | Self::Arity { path, .. } | Self::Operand { path, .. } => path,
            Self::Syntax { .. } | Self::Budget { .. } => "",
        }
    }
}

/// A bound of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// [`MAX_RULE_BYTES`].
    Bytes,
    /// [`MAX_NODES`].
    Nodes,
    /// [`MAX_DEPTH`].
    Depth,
    /// [`MAX_STEPS`].
    Steps,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, most) = match self {
            Self::Bytes => ("is longer than", MAX_RULE_BYTES),
            Self::Nodes => ("has more operators and values than", MAX_NODES),
            Self::Depth => ("is nested deeper than", MAX_DEPTH),
            Self::Steps => ("takes more steps than", MAX_STEPS as usize),
        };
        write!(f, "the rule {what} {most}")
    }
}
