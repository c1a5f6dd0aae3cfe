//! What kind of value a part of a rule comes to.

use super::super::node::Node;
use super::super::op::Op;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A yes or a no.
    Flag,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// Any of them.
    Any,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Flag => "a yes or no",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Any => "anything",
        }
    }

    /// What `node` comes to, whatever the facts are; variables are anything.
    pub(super) fn of(node: Node) -> Self {
        match node {
            Node::Null => Self::Any,
            Node::Bool(_) => Self::Flag,
            Node::Int(_) | Node::Number(_) => Self::Number,
            Node::Text { .. } => Self::Text,
            Node::List { .. } => Self::List,
            Node::Call { op, .. } => Self::of_call(op),
        }
    }

    fn of_call(op: Op) -> Self {
        match op {
            Op::And | Op::Or | Op::If | Op::Var | Op::Reduce => Self::Any,
            Op::Cat | Op::Substr => Self::Text,
            Op::Merge | Op::Missing | Op::MissingSome | Op::Map | Op::Filter => Self::List,
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder | Op::Max | Op::Min => Self::Number,
            Op::Visits | Op::Count | Op::DistanceM => Self::Number,
            _ => Self::Flag,
        }
    }
}
