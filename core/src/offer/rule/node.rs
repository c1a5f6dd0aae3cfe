//! The compiled form of a rule: nodes of eight bytes in one row, each list's elements side by side.

use super::op::Op;

/// One operator, list or value. Elements stand before what holds them, and the whole stands last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// Most numbers of rules are small and whole.
    Int(i32),
    /// Any other number, by its place among the rule's numbers.
    Number(u16),
    /// A part of the rule's words.
    Text {
        at: u16,
        len: u16,
    },
    List {
        first: u16,
        len: u16,
    },
    Call {
        op: Op,
        first: u16,
        len: u16,
        /// Of what it asks, where it asks and the rule is a catalogue's; see [`super::question`].
        question: u16,
    },
}

const _: () = assert!(size_of::<Node>() == 8);

/// All of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arena {
    pub(super) nodes: Box<[Node]>,
    pub(super) words: Box<str>,
    pub(super) numbers: Box<[f64]>,
}

impl Arena {
    /// The node at `at`; nothing stands beyond the row.
    pub(super) fn node(&self, at: u16) -> Node {
        self.nodes.get(usize::from(at)).copied().unwrap_or(Node::Null)
    }

    /// Where the whole rule stands.
    pub(super) fn root(&self) -> u16 {
        (self.nodes.len() as u16).saturating_sub(1)
    }

    pub(super) fn words(&self, at: u16, len: u16) -> &str {
        let at = usize::from(at);
        self.words.get(at..at + usize::from(len)).unwrap_or_default()
    }

    pub(super) fn number(&self, at: u16) -> f64 {
        self.numbers.get(usize::from(at)).copied().unwrap_or(f64::NAN)
    }

    /// The text at `at`; empty for anything else.
    pub(super) fn text_at(&self, at: u16) -> &str {
        match self.node(at) {
            Node::Text { at, len } => self.words(at, len),
            _ => "",
        }
    }

    /// The number at `at`; not a number for anything else.
    pub(super) fn number_at(&self, at: u16) -> f64 {
        match self.node(at) {
            Node::Int(number) => f64::from(number),
            Node::Number(at) => self.number(at),
            _ => f64::NAN,
        }
    }

    /// The whole number at `at` that counts days.
    pub(super) fn days_at(&self, at: u16) -> u32 {
        match self.node(at) {
            Node::Int(days) => days.unsigned_abs(),
            _ => 0,
        }
    }
}
