//! Finds where in a document a path such as `offers[17].benefit.percent` stands, as line and column.
//!
//! Pure. What does not lead to the end is found as far as it leads: a field that is missing is told at the entry
//! that misses it. The lists of a catalogue are split once, so that ten thousand flaws cost one reading.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

/// A document and what was split of it.
pub(crate) struct Places<'a> {
    text: &'a str,
    top: HashMap<Cow<'a, str>, &'a RawValue>,
    lists: HashMap<String, Vec<&'a RawValue>>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    /// Of a document that is no JSON object nothing is found but its beginning.
    pub(crate) fn of(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, top: fields(text), lists: HashMap::new(), lines }
    }

    /// Line and column of `path`, both from 1, the column in bytes.
    pub(crate) fn find(&mut self, path: &str) -> (usize, usize) {
        let offset = self.offset(path);
        let line = self.lines.partition_point(|begin| *begin <= offset);
        let begin = line.checked_sub(1).and_then(|at| self.lines.get(at)).copied().unwrap_or_default();
        (line.max(1), offset - begin + 1)
    }

    fn offset(&mut self, path: &str) -> usize {
        let mut steps = steps(path);
        let Some(Step::Field(name)) = steps.next() else { return 0 };
        let Some(mut here) = self.top.get(name).copied() else { return 0 };
        let first = steps.next();
        if let Some(Step::Item(at)) = first {
            let list = self.lists.entry(name.to_owned()).or_insert_with(|| items(here.get()));
            match list.get(at) {
                Some(item) => here = item,
                None => return offset_in(self.text, here),
            }
        }
        let rest = first.filter(|step| matches!(step, Step::Field(_)));
        for step in rest.into_iter().chain(steps) {
            let next = match step {
                Step::Field(name) => fields(here.get()).get(name).copied(),
                Step::Item(at) => items(here.get()).get(at).copied(),
            };
            match next {
                Some(value) => here = value,
                None => break,
            }
        }
        offset_in(self.text, here)
    }
}

/// `value` is a slice of `text`, so their addresses tell where it begins.
fn offset_in(text: &str, value: &RawValue) -> usize {
    (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

fn fields(text: &str) -> HashMap<Cow<'_, str>, &RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

fn items(text: &str) -> Vec<&RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

enum Step<'p> {
    Field(&'p str),
    Item(usize),
}

/// The steps of a path; what is none is left out.
fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter_map(|part| match part.strip_suffix(']') {
        Some(at) => at.parse().ok().map(Step::Item),
        None if part.is_empty() => None,
        None => Some(Step::Field(part)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n \"version\": \"1\",\n \"offers\": [\n  {\"id\": \"a\"},\n  {\"id\": \"b\", \"images\": [{\"url\":\n   7}]}\n ]\n}";

    #[test]
    fn a_path_is_found_as_far_as_it_leads() {
        let mut places = Places::of(TEXT);
        for (path, expected) in [
            ("version", (2, 13)),
            ("offers[0]", (4, 3)),
            ("offers[0].id", (4, 10)),
            ("offers[0].title", (4, 3)),
            ("offers[1].images[0].url", (6, 4)),
            ("offers[1].images[0].sha256", (5, 26)),
            ("offers[1].images[9].url", (5, 25)),
            ("offers[9]", (3, 12)),
            ("ttl_s", (1, 1)),
            ("", (1, 1)),
        ] {
            assert_eq!(places.find(path), expected, "{path}");
        }
        assert_eq!(Places::of("no JSON").find("offers[0]"), (1, 1));
        assert_eq!(Places::of("").find("offers[0]"), (1, 1));
    }
}
