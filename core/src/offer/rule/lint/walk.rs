//! Looks through a rule that is sound for what cannot be meant.

use super::super::eval::{Judge, Scope};
use super::super::node::{Arena, Node};
use super::super::op::Op;
use super::super::question::Anew;
use super::super::read::Compiled;
use super::super::{Fact, Facts, Truth};
use super::{Kind, Known, Raw, Severity, bounds, near};

pub(super) fn findings(compiled: &Compiled, known: &Known<'_>) -> Vec<Raw> {
    let rule = &compiled.arena;
    let mut walk =
        Walk { rule, offsets: &compiled.offsets, known, path: String::new(), within_list: 0, found: Vec::new() };
    walk.node(rule.root());
    if let Some(truth) = walk.fixed(rule.root()) {
        let why = match truth {
            Truth::Yes => "always holds; without a rule it is everybody's",
            Truth::No => "never holds; nobody is in this audience",
            Truth::Unknown => "is never known; nobody is in this audience",
        };
        walk.tell(rule.root(), Severity::Warning, why.to_owned());
    }
    walk.found
}

/// Knows nothing.
struct Nothing;

impl Facts for Nothing {
    fn var(&self, _: &str) -> Fact<'_> {
        Fact::Unknown
    }
}

struct Walk<'a> {
    rule: &'a Arena,
    offsets: &'a [u32],
    known: &'a Known<'a>,
    path: String,
    /// Inside `map` and its like a variable speaks of an element.
    within_list: u16,
    found: Vec<Raw>,
}

impl<'a> Walk<'a> {
    fn tell(&mut self, at: u16, severity: Severity, why: String) {
        let offset = self.offsets.get(usize::from(at)).map_or(0, |offset| *offset as usize);
        let path = if self.path.is_empty() { "rule".to_owned() } else { self.path.clone() };
        self.found.push(Raw { offset, path, severity, why });
    }

    /// Looks at a node and at all that stands in it.
    fn node(&mut self, at: u16) {
        let (op, first, len) = match self.rule.node(at) {
            Node::List { first, len } => (None, first, len),
            Node::Call { op, first, len, .. } => (Some(op), first, len),
            _ => return,
        };
        let mark = self.path.len();
        if let Some(op) = op {
            if mark > 0 {
                self.path.push('.');
            }
            self.path.push_str(op.name());
            self.call(at, op, first, len);
        }
        let inner = self.path.len();
        for (index, child) in (first..first + len).enumerate() {
            self.path.push_str(&format!("[{index}]"));
            let element = index == 1 && op.is_some_and(over_elements);
            self.within_list += u16::from(element);
            self.node(child);
            self.within_list -= u16::from(element);
            self.path.truncate(inner);
        }
        self.path.truncate(mark);
    }

    fn call(&mut self, at: u16, op: Op, first: u16, len: u16) {
        match op {
            Op::And => {
                self.junction(first, len, Truth::No, "and");
                if let Some(why) = bounds::contradiction(self.rule, first, len) {
                    self.tell(at, Severity::Warning, why);
                }
            }
            Op::Or => self.junction(first, len, Truth::Yes, "or"),
            Op::If => self.branches(first, len),
            Op::Equal | Op::Same | Op::Unequal | Op::Different => self.equality(at, op, first),
            Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => self.order(at, first, len),
            Op::In => self.inclusion(at, first),
            Op::Var => self.variable(first, len),
            _ if op.asks() => self.asked(op, first),
            _ => {}
        }
    }

    /// A part that is the same whatever is known: useless, or it makes the rest so.
    fn junction(&mut self, first: u16, len: u16, settles: Truth, name: &str) {
        for at in first..first + len {
            let Some(truth) = self.fixed(at) else { continue };
            if truth != settles {
                let why = format!("is always {}; in an {name} it changes nothing", words(truth));
                self.within(at - first, at, why);
                continue;
            }
            self.within(at - first, at, format!("is always {}, and with it the {name}", words(truth)));
            if at + 1 < first + len {
                let why = format!("is never looked at: what stands before it settles the {name}");
                self.within(at + 1 - first, at + 1, why);
            }
            return;
        }
    }

    fn branches(&mut self, first: u16, len: u16) {
        let mut at = first;
        while at + 1 < first + len {
            match self.fixed(at) {
                Some(Truth::Yes) if at + 2 < first + len => {
                    let why = "is never reached: the condition before it always holds";
                    return self.within(at + 2 - first, at + 2, why.to_owned());
                }
                Some(Truth::No) => {
                    self.within(at + 1 - first, at + 1, "is never reached: its condition never holds".to_owned());
                }
                _ => {}
            }
            at += 2;
        }
    }

    fn equality(&mut self, at: u16, op: Op, first: u16) {
        let (a, b) = (self.kind(first), self.kind(first + 1));
        if a == Kind::List && b == Kind::List {
            return self.tell(at, Severity::Warning, "compares two lists, and two lists are never equal".to_owned());
        }
        if a == b || a == Kind::Any || b == Kind::Any {
            return;
        }
        let (a, b) = (a.words(), b.words());
        let strict = matches!(op, Op::Same | Op::Different);
        let so = if strict { ", which are never the same" } else { "" };
        self.tell(at, Severity::Warning, format!("compares {a} with {b}{so}"));
    }

    fn order(&mut self, at: u16, first: u16, len: u16) {
        if let Some(why) = bounds::natural(self.rule, at) {
            self.tell(at, Severity::Warning, why.to_owned());
        }
        let kinds: Vec<Kind> = (first..first + len).map(|at| self.kind(at)).collect();
        for pair in kinds.windows(2) {
            let &[a, b] = pair else { continue };
            let odd = matches!(a, Kind::Flag | Kind::List) || matches!(b, Kind::Flag | Kind::List);
            if odd || (a != b && a != Kind::Any && b != Kind::Any) {
                return self.tell(at, Severity::Warning, format!("compares {} with {}", a.words(), b.words()));
            }
        }
    }

    fn inclusion(&mut self, at: u16, first: u16) {
        let (needle, hay) = (self.kind(first), self.kind(first + 1));
        if matches!(hay, Kind::Flag | Kind::Number) {
            return self.tell(at, Severity::Warning, format!("looks for something in {}", hay.words()));
        }
        let Node::List { first: from, len } = self.rule.node(first + 1) else { return };
        if len == 0 {
            return self.tell(at, Severity::Warning, "looks for something in an empty list".to_owned());
        }
        for item in from..from + len {
            let kind = self.kind(item);
            if needle != Kind::Any && kind != Kind::Any && kind != needle {
                let why = format!("is {}, and {} is looked for", kind.words(), needle.words());
                let mark = self.path.len();
                self.path.push_str(&format!("[1][{}]", item - from));
                self.tell(item, Severity::Warning, why);
                self.path.truncate(mark);
            }
        }
    }

    fn variable(&mut self, first: u16, len: u16) {
        let (Some(variables), Node::Text { .. }) = (self.known.variables, self.rule.node(first)) else { return };
        if len == 0 || self.within_list > 0 {
            return;
        }
        let path = self.rule.text_at(first);
        self.name(first, "variable", path, variables.iter().map(|(name, _)| *name));
    }

    fn asked(&mut self, op: Op, first: u16) {
        let (what, names) = match op {
            Op::Segment => ("segment", self.known.segments),
            Op::Count => ("event", self.known.events),
            Op::Visits | Op::WithinM | Op::DistanceM => ("place", self.known.places),
            _ => return,
        };
        if let Some(names) = names {
            self.name(first, what, self.rule.text_at(first), names.iter().copied());
        }
    }

    /// A name that is none of `names`.
    fn name<'n>(&mut self, at: u16, what: &str, name: &str, names: impl Iterator<Item = &'n str> + Clone) {
        if name.is_empty() || names.clone().any(|known| known == name) {
            return;
        }
        let name_cut: String = name.chars().take(64).collect();
        let why = format!("there is no {what} {name_cut:?}{}", near::hint(near::nearest(name, names)));
        self.tell(at, Severity::Error, why);
    }

    fn within(&mut self, index: u16, at: u16, why: String) {
        let mark = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        self.tell(at, Severity::Warning, why);
        self.path.truncate(mark);
    }

    fn kind(&self, at: u16) -> Kind {
        let node = self.rule.node(at);
        if let (Node::Call { op: Op::Var, first, len, .. }, Some(variables)) = (node, self.known.variables)
            && len > 0
            && self.within_list == 0
        {
            let path = self.rule.text_at(first);
            return variables.iter().find(|(name, _)| *name == path).map_or(Kind::Any, |(_, kind)| *kind);
        }
        Kind::of(node)
    }

    /// The truth of a part that is the same whatever the facts are.
    fn fixed(&self, at: u16) -> Option<Truth> {
        let node = self.rule.node(at);
        if self.constant(node) {
            let mut judge = Judge { rule: self.rule, answers: &Anew(&Nothing), steps: 0, recorder: None };
            return Some(judge.value(at, &Scope::Facts).truth());
        }
        let Node::Call { op, first, len, .. } = node else { return None };
        let mut parts = (first..first + len).map(|at| self.fixed(at));
        match op {
            Op::And if parts.any(|truth| truth == Some(Truth::No)) => Some(Truth::No),
            Op::Or if parts.any(|truth| truth == Some(Truth::Yes)) => Some(Truth::Yes),
            Op::Not => Some(match parts.next()?? {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Unknown => Truth::Unknown,
            }),
            Op::Truthy => parts.next()?,
            Op::And if bounds::contradiction(self.rule, first, len).is_some() => Some(Truth::No),
            _ => None,
        }
    }

    /// Whether it asks for nothing.
    fn constant(&self, node: Node) -> bool {
        match node {
            Node::Call { op, .. } if op.asks() || matches!(op, Op::Var | Op::Missing | Op::MissingSome) => false,
            Node::Call { first, len, .. } | Node::List { first, len } => {
                (first..first + len).all(|at| self.constant(self.rule.node(at)))
            }
            _ => true,
        }
    }
}

fn over_elements(op: Op) -> bool {
    matches!(op, Op::Map | Op::Filter | Op::Reduce | Op::All | Op::NoneOf | Op::Some)
}

fn words(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Unknown => "unknown",
    }
}
