//! Arithmetic, as JavaScript does it: what is no number makes no number, and compares with nothing.

use super::eval::{Judge, Scope};
use super::op::Op;
use super::val::{Val, leading_number};

impl<'a> Judge<'a> {
    /// `+ - * / % max min`.
    pub(super) fn calculate(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let mut outcome: Option<f64> = None;
        let mut unknown = false;
        for at in first..first + len {
            let operand = self.value(at, scope);
            unknown |= operand.is_vague();
            let number = match (op, &operand) {
                (Op::Add | Op::Multiply, Val::Number(number)) => *number,
                (Op::Add | Op::Multiply, other) => leading_number(&other.to_text(&mut self.steps)),
                (_, other) => other.number(&mut self.steps),
            };
            outcome = Some(match outcome {
                None => number,
                Some(so_far) => join(op, so_far, number),
            });
        }
        match outcome {
            _ if unknown => Val::Unknown,
            Some(number) if op == Op::Subtract && len == 1 => Val::Number(-number),
            Some(number) => Val::Number(number),
            None => Val::Null,
        }
    }
}

fn join(op: Op, a: f64, b: f64) -> f64 {
    match op {
        Op::Add => a + b,
        Op::Subtract => a - b,
        Op::Multiply => a * b,
        Op::Divide => a / b,
        Op::Remainder => a % b,
        // `f64::max` would leave out what is no number.
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        Op::Max => a.max(b),
        _ => a.min(b),
    }
}
