//! Comparisons with numbers that cannot all hold, or that always do.

use super::super::node::{Arena, Node};
use super::super::op::Op;

/// A comparison of something with a number, the something on the left.
struct Bound {
    of: u16,
    op: Op,
    number: f64,
}

fn bound(rule: &Arena, at: u16) -> Option<Bound> {
    let Node::Call { op, first, len: 2, .. } = rule.node(at) else { return None };
    let mirrored = match op {
        Op::Less => Op::Greater,
        Op::AtMost => Op::AtLeast,
        Op::Greater => Op::Less,
        Op::AtLeast => Op::AtMost,
        Op::Equal | Op::Same => Op::Equal,
        _ => return None,
    };
    let (left, right) = (rule.number_at(first), rule.number_at(first + 1));
    match (left.is_nan(), right.is_nan()) {
        (true, false) => Some(Bound { of: first, op: if op == Op::Same { Op::Equal } else { op }, number: right }),
        (false, true) => Some(Bound { of: first + 1, op: mirrored, number: left }),
        _ => None,
    }
}

/// Two parts of an `and` that cannot both hold, in words.
pub(super) fn contradiction(rule: &Arena, first: u16, len: u16) -> Option<String> {
    let bounds: Vec<Bound> = (first..first + len).filter_map(|at| bound(rule, at)).collect();
    for (at, a) in bounds.iter().enumerate() {
        let rival = bounds.iter().skip(at + 1).find(|b| alike(rule, a.of, b.of) && !together(a, b));
        if let Some(b) = rival {
            let (a, b) = (words(a), words(b));
            return Some(format!("asks for the same to be {a} and to be {b}: never holds"));
        }
    }
    None
}

/// Whether some number fulfils both.
fn together(a: &Bound, b: &Bound) -> bool {
    let holds = |bound: &Bound, number: f64| match bound.op {
        Op::Less => number < bound.number,
        Op::AtMost => number <= bound.number,
        Op::Greater => number > bound.number,
        Op::AtLeast => number >= bound.number,
        _ => number == bound.number,
    };
    // If any does, one of these does: the ends, what lies between them, and what lies beyond.
    let middle = a.number / 2.0 + b.number / 2.0;
    [a.number, b.number, middle, f64::INFINITY, f64::NEG_INFINITY].iter().any(|n| holds(a, *n) && holds(b, *n))
}

fn words(bound: &Bound) -> String {
    let op = match bound.op {
        Op::Less => "less than",
        Op::AtMost => "at most",
        Op::Greater => "more than",
        Op::AtLeast => "at least",
        _ => "equal to",
    };
    format!("{op} {}", bound.number)
}

/// Whether two parts of a rule say the same.
fn alike(rule: &Arena, a: u16, b: u16) -> bool {
    let rows = |a: u16, b: u16, len: u16| (0..len).all(|n| alike(rule, a + n, b + n));
    match (rule.node(a), rule.node(b)) {
        (Node::Text { at, len }, Node::Text { at: other, len: others }) => {
            rule.words(at, len) == rule.words(other, others)
        }
        (Node::List { first, len }, Node::List { first: other, len: others }) => {
            len == others && rows(first, other, len)
        }
        (Node::Call { op, first, len, .. }, Node::Call { op: o, first: other, len: others, .. }) => {
            op == o && len == others && rows(first, other, len)
        }
        (Node::Number(a), Node::Number(b)) => rule.number(a) == rule.number(b),
        (a, b) => a == b,
    }
}

/// A comparison that a count or a distance, which is never negative, settles by itself.
pub(super) fn natural(rule: &Arena, at: u16) -> Option<&'static str> {
    let bound = bound(rule, at)?;
    let Node::Call { op: Op::Visits | Op::Count | Op::DistanceM, .. } = rule.node(bound.of) else { return None };
    let always = match bound.op {
        Op::AtLeast => bound.number <= 0.0,
        Op::Greater => bound.number < 0.0,
        _ => false,
    };
    let never = match bound.op {
        Op::Less => bound.number <= 0.0,
        Op::AtMost | Op::Equal => bound.number < 0.0,
        _ => false,
    };
    match (always, never) {
        (true, _) => Some("always holds where it is known: a count is never below nought"),
        (_, true) => Some("never holds: a count is never below nought"),
        _ => None,
    }
}
