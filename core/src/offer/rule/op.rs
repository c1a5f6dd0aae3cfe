//! The operators, by name and by how many operands each takes.

/// As many operands as one likes.
const ANY: u8 = u8::MAX;

/// An operator. The names of JsonLogic's own are the field's; what it lacks stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Op {
    And,
    Or,
    Not,
    Truthy,
    If,
    Equal,
    Same,
    Unequal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    Cat,
    Substr,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Max,
    Min,
    Merge,
    Var,
    Missing,
    MissingSome,
    Map,
    Filter,
    Reduce,
    All,
    NoneOf,
    Some,
    Segment,
    Visits,
    Count,
    BetweenTimes,
    Weekday,
    WithinM,
    DistanceM,
}

/// An operator's name, and the fewest and the most operands it takes.
pub(super) struct Form {
    pub(super) op: Op,
    pub(super) name: &'static str,
    pub(super) least: u8,
    pub(super) most: u8,
}

const fn form(op: Op, name: &'static str, least: u8, most: u8) -> Form {
    Form { op, name, least, most }
}

/// All of them; those that most rules have stand first, for they are looked for in this order.
pub(super) const FORMS: &[Form] = &[
    form(Op::Var, "var", 0, 2),
    form(Op::And, "and", 1, ANY),
    form(Op::AtLeast, ">=", 2, 2),
    form(Op::In, "in", 2, 2),
    form(Op::Segment, "segment", 1, 1),
    form(Op::Equal, "==", 2, 2),
    form(Op::Visits, "visits", 2, 2),
    form(Op::Count, "count", 2, 2),
    form(Op::Or, "or", 1, ANY),
    form(Op::Not, "!", 1, 1),
    form(Op::Less, "<", 2, 3),
    form(Op::AtMost, "<=", 2, 3),
    form(Op::Greater, ">", 2, 2),
    form(Op::BetweenTimes, "between_times", 2, 2),
    form(Op::Weekday, "weekday", 1, 7),
    form(Op::WithinM, "within_m", 2, 2),
    form(Op::DistanceM, "distance_m", 1, 1),
    form(Op::If, "if", 0, ANY),
    form(Op::If, "?:", 3, 3),
    form(Op::Truthy, "!!", 1, 1),
    form(Op::Same, "===", 2, 2),
    form(Op::Unequal, "!=", 2, 2),
    form(Op::Different, "!==", 2, 2),
    form(Op::Add, "+", 1, ANY),
    form(Op::Subtract, "-", 1, 2),
    form(Op::Multiply, "*", 1, ANY),
    form(Op::Divide, "/", 2, 2),
    form(Op::Remainder, "%", 2, 2),
    form(Op::Max, "max", 1, ANY),
    form(Op::Min, "min", 1, ANY),
    form(Op::Cat, "cat", 0, ANY),
    form(Op::Substr, "substr", 2, 3),
    form(Op::Merge, "merge", 0, ANY),
    form(Op::Missing, "missing", 0, ANY),
    form(Op::MissingSome, "missing_some", 2, 2),
    form(Op::Map, "map", 2, 2),
    form(Op::Filter, "filter", 2, 2),
    form(Op::Reduce, "reduce", 2, 3),
    form(Op::All, "all", 2, 2),
    form(Op::NoneOf, "none", 2, 2),
    form(Op::Some, "some", 2, 2),
];

impl Op {
    /// Its form by the name it is written with.
    pub(super) fn named(name: &str) -> Option<&'static Form> {
        FORMS.iter().find(|form| form.name == name)
    }

    pub(super) fn name(self) -> &'static str {
        FORMS.iter().find(|form| form.op == self).map_or("", |form| form.name)
    }

    /// Whether it asks [`super::Facts`] itself; its operands are values and were checked as it was read.
    pub(super) fn asks(self) -> bool {
        self as u8 >= Self::Segment as u8
    }

    /// Whether it asks for the time of day.
    pub(super) fn is_clock(self) -> bool {
        matches!(self, Self::BetweenTimes | Self::Weekday)
    }
}

impl Form {
    /// How many operands it takes, in words.
    pub(super) fn takes(&self) -> String {
        match (self.least, self.most) {
            (least, ANY) => format!("{} takes {least} operands or more", self.name),
            (least, most) if least == most => format!("{} takes {least} operand{}", self.name, plural(least)),
            (least, most) => format!("{} takes {least} to {most} operands", self.name),
        }
    }
}

fn plural(n: u8) -> &'static str {
    if n == 1 { "" } else { "s" }
}
