//! Judges: one walk over the nodes of a rule, with or without a trace of it.

use super::node::{Arena, Node};
use super::op::Op;
use super::question::{Answers, Question};
use super::record::Recorder;
use super::val::{Val, cost};
use super::{Fact, Judged, MAX_STEPS, Source, Trace, Truth};

/// What `var` speaks of.
pub(super) enum Scope<'a, 's> {
    /// The facts.
    Facts,
    /// The element of a list that is being looked at.
    Element(&'s Val<'a>),
    /// The same, and what `reduce` has so far.
    Folding { current: &'s Val<'a>, accumulator: &'s Val<'a> },
}

pub(super) struct Judge<'a> {
    pub(super) rule: &'a Arena,
    pub(super) answers: &'a dyn Answers,
    pub(super) steps: u32,
    pub(super) recorder: Option<Recorder>,
}

pub(super) fn judge(rule: &Arena, answers: &dyn Answers) -> Judged {
    let mut judge = Judge { rule, answers, steps: 0, recorder: None };
    let value = judge.value(rule.root(), &Scope::Facts);
    judge.outcome(&value)
}

pub(super) fn explain(rule: &Arena, answers: &dyn Answers) -> Trace {
    let mut judge = Judge { rule, answers, steps: 0, recorder: Some(Recorder::default()) };
    let value = judge.value(rule.root(), &Scope::Facts);
    let judged = judge.outcome(&value);
    let (mut root, reads) = judge.recorder.unwrap_or_default().done();
    root.truth = judged.truth;
    Trace { judged, root, reads }
}

/// What a rule comes to as a value, for the tests of JsonLogic.
#[cfg(test)]
pub(super) fn result(rule: &Arena, answers: &dyn Answers) -> Option<serde_json::Value> {
    let mut judge = Judge { rule, answers, steps: 0, recorder: None };
    super::record::json(&judge.value(rule.root(), &Scope::Facts))
}

impl<'a> Judge<'a> {
    fn outcome(&self, value: &Val<'_>) -> Judged {
        let truth = if self.steps > MAX_STEPS { Truth::Unknown } else { value.truth() };
        Judged { truth, steps: self.steps }
    }

    /// Counts `n` steps; false when they have run out.
    pub(super) fn spend(&mut self, n: u32) -> bool {
        self.steps = self.steps.saturating_add(n);
        self.steps <= MAX_STEPS
    }

    /// What the node at `at` comes to.
    pub(super) fn value(&mut self, at: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        if !self.spend(1) {
            return Val::Unknown;
        }
        let node = self.rule.node(at);
        let Some(mark) = self.recorder.as_ref().and_then(Recorder::begin) else { return self.work(node, scope) };
        let value = self.work(node, scope);
        if let Some(recorder) = &mut self.recorder {
            recorder.end(mark, node, &value);
        }
        value
    }

    fn work(&mut self, node: Node, scope: &Scope<'a, '_>) -> Val<'a> {
        match node {
            Node::Null => Val::Null,
            Node::Bool(flag) => Val::Bool(flag),
            Node::Int(number) => Val::Number(f64::from(number)),
            Node::Number(at) => Val::Number(self.rule.number(at)),
            Node::Text { at, len } => Val::Text(self.rule.words(at, len)),
            Node::List { first, len } => {
                let items = self.values(first, len, scope);
                self.list(items)
            }
            Node::Call { op: Op::Var, first, len, question } => self.var(first, len, question, scope),
            Node::Call { op, first, len, question: number } if op.asks() => {
                self.ask(Question { rule: self.rule, op, first, number }, len)
            }
            Node::Call { op, first, len, .. } => self.call(op, first, len, scope),
        }
    }

    /// What so many nodes from `first` on come to.
    pub(super) fn values(&mut self, first: u16, len: u16, scope: &Scope<'a, '_>) -> Vec<Val<'a>> {
        (first..first + len).map(|at| self.value(at, scope)).collect()
    }

    /// A list of those; one that is nested too deeply costs all steps that are left.
    pub(super) fn list(&mut self, items: Vec<Val<'a>>) -> Val<'a> {
        match Val::list(items) {
            Some(list) => list,
            None => self.give_up(),
        }
    }

    pub(super) fn give_up(&mut self) -> Val<'a> {
        self.steps = MAX_STEPS + 1;
        Val::Unknown
    }

    fn call(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        match op {
            Op::And => self.junction(Truth::No, first, len, scope),
            Op::Or => self.junction(Truth::Yes, first, len, scope),
            Op::Not | Op::Truthy => match self.value(first, scope).truth() {
                Truth::Unknown => Val::Unknown,
                truth => Val::Bool((truth == Truth::Yes) == (op == Op::Truthy)),
            },
            Op::If => self.branch(first, len, scope),
            Op::Equal | Op::Same | Op::Unequal | Op::Different => {
                let (a, b) = (self.value(first, scope), self.value(first + 1, scope));
                if a.is_vague() || b.is_vague() {
                    return Val::Unknown;
                }
                Val::Bool(match op {
                    Op::Equal => a.equals(&b, &mut self.steps),
                    Op::Unequal => !a.equals(&b, &mut self.steps),
                    Op::Same => a.same(&b),
                    _ => !a.same(&b),
                })
            }
            Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => self.compare(op, first, len, scope),
            Op::In => self.contains(first, scope),
            Op::Cat | Op::Substr | Op::Merge => self.build(op, first, len, scope),
            Op::Missing | Op::MissingSome => self.missing(op, first, len, scope),
            Op::Map | Op::Filter | Op::Reduce | Op::All | Op::NoneOf | Op::Some => self.over(op, first, len, scope),
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder | Op::Max | Op::Min => {
                self.calculate(op, first, len, scope)
            }
            // Those that ask have been asked.
            _ => Val::Unknown,
        }
    }

    /// `and` is settled by a no, `or` by a yes; what is unknown settles neither.
    fn junction(&mut self, settles: Truth, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let mut outcome = Val::Null;
        let mut unknown = false;
        for at in first..first + len {
            outcome = self.value(at, scope);
            let truth = outcome.truth();
            if truth == settles {
                self.aside(at + 1..first + len, scope);
                return if unknown { Val::Settled(truth == Truth::Yes) } else { outcome };
            }
            unknown |= truth == Truth::Unknown;
        }
        if unknown { Val::Unknown } else { outcome }
    }

    /// Records what the rest would have come to, on steps of its own: an explanation names every
    /// reason, and not the first alone.
    fn aside(&mut self, rest: std::ops::Range<u16>, scope: &Scope<'a, '_>) {
        let Some(recorder) = self.recorder.as_mut().filter(|recorder| recorder.begin().is_some()) else { return };
        let left = recorder.step_aside(&mut self.steps);
        for at in rest {
            self.value(at, scope);
        }
        if let (true, Some(recorder)) = (left, &mut self.recorder) {
            recorder.step_back(&mut self.steps);
        }
    }

    fn branch(&mut self, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let end = first + len;
        let mut at = first;
        while at < end {
            let condition = self.value(at, scope);
            if at + 1 == end {
                return condition; // what nothing else led to
            }
            match condition.truth() {
                Truth::Yes => return self.value(at + 1, scope),
                Truth::No => at += 2,
                Truth::Unknown => {
                    // Either way leads to the same, or nobody knows where to.
                    let then = self.value(at + 1, scope);
                    let otherwise = self.branch(at + 2, end - (at + 2), scope);
                    return match (then.truth(), otherwise.truth()) {
                        _ if then.same(&otherwise) => then,
                        (a, b) if a == b && a != Truth::Unknown => Val::Settled(a == Truth::Yes),
                        _ => Val::Unknown,
                    };
                }
            }
        }
        Val::Null
    }

    fn compare(&mut self, op: Op, first: u16, len: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let mut outcome = Val::Bool(true);
        let mut last = self.value(first, scope);
        for at in first + 1..first + len {
            let next = self.value(at, scope);
            if last.is_vague() || next.is_vague() {
                outcome = Val::Unknown;
            } else {
                let order = last.compare(&next, &mut self.steps);
                let holds = order.is_some_and(|order| match op {
                    Op::Less => order.is_lt(),
                    Op::AtMost => order.is_le(),
                    Op::Greater => order.is_gt(),
                    _ => order.is_ge(),
                });
                if !holds {
                    return Val::Bool(false);
                }
            }
            last = next;
        }
        outcome
    }

    /// A value in a list, or a text in a text. A list that stands in the rule is looked through as
    /// it stands there.
    fn contains(&mut self, first: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let needle = self.value(first, scope);
        if let Node::List { first: from, len } = self.rule.node(first + 1) {
            let mark = self.recorder.as_ref().and_then(Recorder::begin);
            let mut search = Search { needle: &needle, unknown: false };
            let found = (from..from + len).any(|at| search.is(&self.value(at, scope)));
            if let (Some(mark), Some(recorder)) = (mark, &mut self.recorder) {
                recorder.end_list(mark);
            }
            return search.outcome(found);
        }
        let hay = self.value(first + 1, scope);
        let mut search = Search { needle: &needle, unknown: false };
        let found = match &hay {
            hay if hay.is_unknown() => return Val::Unknown,
            Val::List(list) => list.items.iter().any(|item| !self.spend(1) || search.is(item)),
            Val::Json(serde_json::Value::Array(list)) => {
                list.iter().any(|item| !self.spend(1) || search.is(&Val::from(item)))
            }
            _ => return self.within(&needle, &hay),
        };
        search.outcome(found)
    }

    fn within(&mut self, needle: &Val<'a>, hay: &Val<'a>) -> Val<'a> {
        let Some(hay) = hay.text() else { return Val::Bool(false) };
        if needle.is_vague() {
            return Val::Unknown;
        }
        self.spend(cost(hay.len()));
        let needle = needle.to_text(&mut self.steps);
        if self.steps > MAX_STEPS { Val::Unknown } else { Val::Bool(hay.contains(&*needle)) }
    }

    fn var(&mut self, first: u16, len: u16, number: u16, scope: &Scope<'a, '_>) -> Val<'a> {
        let found = match (len, self.rule.node(first)) {
            (0, _) => self.look_up("", scope),
            // The path as it stands, as nearly every rule has it.
            (_, Node::Text { len, .. }) => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.operands(self.rule, first, 1);
                }
                let question = Question { rule: self.rule, op: Op::Var, first, number };
                match scope {
                    Scope::Facts if self.spend(cost(len.into())) => self.asked(question),
                    Scope::Facts => Val::Unknown,
                    _ => self.look_up(question.name(), scope),
                }
            }
            _ => match self.value(first, scope) {
                path if path.is_vague() => return Val::Unknown,
                Val::Null => self.look_up("", scope),
                path => {
                    let path = path.to_text(&mut self.steps).into_owned();
                    self.look_up(&path, scope)
                }
            },
        };
        if found.is_unknown() && len > 1 { self.value(first + 1, scope) } else { found }
    }

    /// What a variable comes to whose path stands in the rule.
    fn asked(&mut self, question: Question<'a>) -> Val<'a> {
        let fact = self.answers.answer(question);
        if let Some(recorder) = &mut self.recorder {
            recorder.read(|| question.source(), |_| super::record::json(&fact.into()));
        }
        fact.into()
    }

    /// What a path leads to.
    pub(super) fn look_up(&mut self, path: &str, scope: &Scope<'a, '_>) -> Val<'a> {
        if !self.spend(cost(path.len())) {
            return Val::Unknown;
        }
        match scope {
            Scope::Facts => {
                let fact = self.answers.facts().var(path);
                if let Some(recorder) = &mut self.recorder {
                    recorder.read(|| Source::Var(path.to_owned()), |_| super::record::json(&fact.into()));
                }
                fact.into()
            }
            Scope::Element(element) => element.at(path),
            Scope::Folding { current, accumulator } => {
                let (part, rest) = path.split_once('.').unwrap_or((path, ""));
                match part {
                    "current" => current.at(rest),
                    "accumulator" => accumulator.at(rest),
                    _ => Fact::Unknown.into(),
                }
            }
        }
    }
}

/// Looking for a value in a list in which some may be unknown.
struct Search<'a, 'n> {
    needle: &'n Val<'a>,
    unknown: bool,
}

impl<'a> Search<'a, '_> {
    fn is(&mut self, item: &Val<'a>) -> bool {
        self.unknown |= item.is_unknown() || self.needle.is_unknown();
        self.needle.same(item)
    }

    fn outcome(&self, found: bool) -> Val<'a> {
        if !found && self.unknown { Val::Unknown } else { Val::Bool(found) }
    }
}
