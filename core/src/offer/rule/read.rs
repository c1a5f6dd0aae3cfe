//! Reads a rule's JSON straight into its compiled form.
//!
//! By hand: a rule has one shape, its offsets are wanted where something is wrong, and a catalogue
//! of ten thousand rules is read while an app starts.

use std::borrow::Cow;

use super::node::{Arena, Node};
use super::op::{Form, Op};
use super::operand;
use super::question::UNNUMBERED;
use super::{Budget, MAX_DEPTH, MAX_NODES, MAX_RULE_BYTES, RuleError};

/// Names in errors are cut to this: they may be hostile.
const NAME_CHARS: usize = 64;

/// A rule and where in its text each node stands.
pub(super) struct Compiled {
    pub(super) arena: Arena,
    /// One for each node.
    pub(super) offsets: Vec<u32>,
}

pub(super) fn compile(text: &str) -> Result<Compiled, RuleError> {
    if text.len() > MAX_RULE_BYTES {
        return Err(RuleError::Budget { budget: Budget::Bytes, offset: MAX_RULE_BYTES });
    }
    let mut reader = Reader::of(text);
    let root = reader.value(1)?;
    reader.blanks();
    if reader.at < text.len() {
        return reader.broken("something stands behind the rule");
    }
    reader.pending.push(root);
    reader.settle(0);
    Ok(Compiled {
        arena: Arena {
            nodes: reader.nodes.into_boxed_slice(),
            words: reader.words.into_boxed_str(),
            numbers: reader.numbers.into_boxed_slice(),
        },
        offsets: reader.offsets,
    })
}

/// One step of the path to what is being read.
enum Crumb {
    Op(&'static str),
    At(usize),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Values that were begun: what holds others counts before them.
    begun: usize,
    nodes: Vec<Node>,
    offsets: Vec<u32>,
    words: String,
    numbers: Vec<f64>,
    /// What was read and waits for the list it stands in to end.
    pending: Vec<(Node, u32)>,
    trail: Vec<Crumb>,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            begun: 0,
            nodes: Vec::with_capacity(16),
            offsets: Vec::with_capacity(16),
            words: String::with_capacity(text.len() / 2),
            numbers: Vec::new(),
            pending: Vec::with_capacity(8),
            trail: Vec::with_capacity(8),
        }
    }

    fn value(&mut self, depth: usize) -> Result<(Node, u32), RuleError> {
        self.blanks();
        let at = self.at;
        self.begun += 1;
        if self.begun > MAX_NODES {
            return Err(RuleError::Budget { budget: Budget::Nodes, offset: at });
        }
        let node = match self.peek() {
            Some(b'{' | b'[') if depth > MAX_DEPTH => {
                return Err(RuleError::Budget { budget: Budget::Depth, offset: at });
            }
            Some(b'{') => self.call(depth)?,
            Some(b'[') => {
                let (first, len) = self.list(depth)?;
                Node::List { first, len }
            }
            Some(b'"') => {
                let text = self.string()?;
                let node = Node::Text { at: self.words.len() as u16, len: text.len() as u16 };
                self.words.push_str(&text);
                node
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.skip("null") => Node::Null,
            _ if self.skip("true") => Node::Bool(true),
            _ if self.skip("false") => Node::Bool(false),
            Some(_) => return self.broken("a value is expected"),
            None => return self.broken("the rule ends too early"),
        };
        Ok((node, at as u32))
    }

    /// `{"operator": operands}`.
    fn call(&mut self, depth: usize) -> Result<Node, RuleError> {
        let start = self.at;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            return self.refuse(start, "an empty object is no rule");
        }
        let name_at = self.at;
        if self.peek() != Some(b'"') {
            return self.broken("the name of an operator is expected");
        }
        let name = self.string()?;
        let Some(form) = Op::named(&name) else {
            let name = name.chars().take(NAME_CHARS).collect();
            return Err(RuleError::Operator { path: self.path(), name, offset: name_at });
        };
        self.blanks();
        if self.peek() != Some(b':') {
            return self.broken("a colon is expected");
        }
        self.at += 1;
        self.blanks();
        self.trail.push(Crumb::Op(form.name));
        let mark = self.pending.len();
        if self.peek() == Some(b'[') {
            self.elements(depth + 1)?;
        } else {
            let operand = self.value(depth + 1)?;
            self.pending.push(operand);
        }
        self.check(form, mark, name_at)?;
        let (first, len) = self.settle(mark);
        self.trail.pop();
        self.blanks();
        match self.peek() {
            Some(b'}') => self.at += 1,
            Some(b',') => return self.refuse(start, "an object has one key: the operator"),
            _ => return self.broken("a closing brace is expected"),
        }
        Ok(Node::Call { op: form.op, first, len, question: UNNUMBERED })
    }

    /// A list that is a value; lists of operands are none.
    fn list(&mut self, depth: usize) -> Result<(u16, u16), RuleError> {
        let mark = self.pending.len();
        self.elements(depth + 1)?;
        Ok(self.settle(mark))
    }

    /// Reads `[ … ]` and leaves what stands in it pending.
    fn elements(&mut self, depth: usize) -> Result<(), RuleError> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        for index in 0.. {
            self.trail.push(Crumb::At(index));
            let element = self.value(depth)?;
            self.pending.push(element);
            self.trail.pop();
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.broken("a comma or a closing bracket is expected"),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Lays what has been pending since `mark` side by side.
    fn settle(&mut self, mark: usize) -> (u16, u16) {
        let first = self.nodes.len() as u16;
        for (node, offset) in self.pending.drain(mark..) {
            self.nodes.push(node);
            self.offsets.push(offset);
        }
        (first, self.nodes.len() as u16 - first)
    }

    fn check(&mut self, form: &'static Form, mark: usize, offset: usize) -> Result<(), RuleError> {
        let operands = self.pending.get(mark..).unwrap_or_default();
        let given = operands.len();
        if given < usize::from(form.least) || (form.most != u8::MAX && given > usize::from(form.most)) {
            return Err(RuleError::Arity { path: self.path(), takes: form.takes(), given, offset });
        }
        if let Some((index, why)) = operand::flaw(form.op, operands, &self.words, &self.numbers) {
            let offset = operands.get(index).map_or(offset, |(_, at)| *at as usize);
            self.trail.push(Crumb::At(index));
            return Err(RuleError::Operand { path: self.path(), why, offset });
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Node, RuleError> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            while matches!(reader.peek(), Some(b'0'..=b'9')) {
                reader.at += 1;
            }
            reader.at - from
        };
        self.skip("-");
        let leading_zero = self.peek() == Some(b'0');
        let mut whole = digits(self);
        let mut good = whole > 0 && !(leading_zero && whole > 1);
        if self.skip(".") {
            good &= digits(self) > 0;
            whole = usize::MAX;
        }
        if self.skip("e") || self.skip("E") {
            let _ = self.skip("+") || self.skip("-");
            good &= digits(self) > 0;
            whole = usize::MAX;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if good
            && whole < 10
            && text != "-0"
            && let Ok(small) = text.parse()
        {
            return Ok(Node::Int(small));
        }
        match text.parse::<f64>() {
            Ok(number) if good && number.is_finite() => {
                self.numbers.push(number);
                Ok(Node::Number((self.numbers.len() - 1) as u16))
            }
            _ => Err(RuleError::Syntax { offset: start, why: "this is no number, or too large a one" }),
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, RuleError> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 1..).unwrap_or_default();
        let mut escaped = false;
        let mut ends = None;
        let mut bytes = rest.iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    ends = Some(start + 1 + at);
                    break;
                }
                b'\\' => {
                    escaped = true;
                    bytes.next();
                }
                0..0x20 => {
                    self.at = start + 1 + at;
                    return self.broken("a line break or another control character stands in a text");
                }
                _ => {}
            }
        }
        let Some(end) = ends else { return self.broken("a text does not end") };
        self.at = end + 1;
        if !escaped {
            return Ok(Cow::Borrowed(self.text.get(start + 1..end).unwrap_or_default()));
        }
        match serde_json::from_str::<String>(self.text.get(start..=end).unwrap_or_default()) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => Err(RuleError::Syntax { offset: start, why: "a text has an escape that is none" }),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, word: &str) -> bool {
        let there = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if there {
            self.at += word.len();
        }
        there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn broken<T>(&self, why: &'static str) -> Result<T, RuleError> {
        Err(RuleError::Syntax { offset: self.at, why })
    }

    fn refuse<T>(&self, offset: usize, why: &'static str) -> Result<T, RuleError> {
        Err(RuleError::Operand { path: self.path(), why, offset })
    }

    /// For example `and[1].>=[0]`; `rule` for the whole.
    fn path(&self) -> String {
        let mut path = String::new();
        for crumb in &self.trail {
            match crumb {
                Crumb::Op(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Crumb::At(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        if path.is_empty() { "rule".to_owned() } else { path }
    }
}
