//! What the operators that ask for facts can be asked with.

use super::node::Node;
use super::op::Op;
use crate::schedule;

/// A year and a day: what is older is history, and nobody keeps it on a phone.
const DAYS: std::ops::RangeInclusive<i32> = 1..=366;

/// What is wrong with the operands of `op`, and which of them; `None` when nothing is.
pub(super) fn flaw(op: Op, operands: &[(Node, u32)], words: &str, numbers: &[f64]) -> Option<(usize, &'static str)> {
    if !op.asks() {
        return None;
    }
    let mut texts = [""; 7];
    for (at, (slot, (node, _))) in texts.iter_mut().zip(operands).enumerate() {
        let text = match node {
            Node::Text { at, len } => words.get(usize::from(*at)..usize::from(*at) + usize::from(*len)),
            _ if at == 1 && matches!(op, Op::Visits | Op::Count | Op::WithinM) => continue,
            _ => None,
        };
        match text.filter(|text| !text.is_empty()) {
            Some(text) => *slot = text,
            None => return Some((at, "is to be a text, as it stands")),
        }
    }
    let second = operands.get(1).map(|(node, _)| *node);
    match op {
        Op::Visits | Op::Count => {
            let good = matches!(second, Some(Node::Int(days)) if DAYS.contains(&days));
            (!good).then_some((1, "is to be a number of days, 1 to 366"))
        }
        Op::WithinM => {
            let metres = match second {
                Some(Node::Int(metres)) => f64::from(metres),
                Some(Node::Number(at)) => numbers.get(usize::from(at)).copied().unwrap_or_default(),
                _ => 0.0,
            };
            (metres <= 0.0).then_some((1, "is to be a number of metres above 0"))
        }
        Op::BetweenTimes => {
            let [from, to, ..] = texts;
            match (schedule::minutes(from).filter(|from| *from < 24 * 60), schedule::minutes(to)) {
                (None, _) => Some((0, "is to be a time from 00:00 to 23:59")),
                (_, None) => Some((1, "is to be a time from 00:00 to 24:00")),
                (from, to) if from == to => Some((1, "is the same time twice; leave it out for always")),
                _ => None,
            }
        }
        Op::Weekday => texts
            .iter()
            .take(operands.len())
            .position(|day| schedule::day_bit(day).is_none())
            .map(|at| (at, "is no day; mo, tu, we, th, fr, sa, su are")),
        _ => None,
    }
}
