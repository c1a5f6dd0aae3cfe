//! Text as an audience rule, over a document that the same bytes bring along.

use patron_core::offer::rule::lint::{Known, lint, lint_catalogue};
use patron_core::offer::rule::{Fact, Facts, LocalTime, MAX_STEPS, Rule, RuleError, Truth};
use serde_json::{Value, json};

use crate::Target;
use crate::input::Input;

pub(crate) const TARGET: Target = Target {
    name: "rule",
    promise: "any text is a rule or an error with its place; it is judged within its steps, explained as it is judged, and what is hidden turns no known outcome",
    max_len: 4096,
    words: &[
        "{\"var\":",
        "\"and\":[",
        "\"or\":[",
        "{\"!\":",
        "\"!!\":",
        "\"if\":[",
        "\"==\":[",
        "\"===\":[",
        "\">=\":[",
        "\"<\":[",
        "\"in\":[",
        "\"cat\":[",
        "\"substr\":[",
        "\"+\":[",
        "\"-\":[",
        "\"%\":[",
        "\"max\":[",
        "\"merge\":[",
        "\"missing\":[",
        "\"missing_some\":[",
        "\"map\":[",
        "\"filter\":[",
        "\"reduce\":[",
        "\"all\":[",
        "\"none\":[",
        "\"some\":[",
        "{\"segment\":\"s\"}",
        "\"visits\":[\"p\",7]",
        "\"count\":[\"e\",30]",
        "\"between_times\":[\"22:00\",\"06:00\"]",
        "\"weekday\":[\"mo\"]",
        "\"within_m\":[\"p\",50]",
        "\"distance_m\":\"p\"",
        "\"accumulator\"",
        "\"current\"",
        "\"a.b\"",
        "\"list\"",
        "\"\"",
        "1e308",
        "-0.0",
        "null",
        "\\u0000",
    ],
    run,
    seeds,
};

struct Partly<'a> {
    data: &'a Value,
    bits: u8,
}

impl Facts for Partly<'_> {
    fn var(&self, path: &str) -> Fact<'_> {
        if self.bits & 1 == 0 { Fact::Unknown } else { Fact::at(self.data, path) }
    }

    fn segment(&self, id: &str) -> Option<bool> {
        (self.bits & 2 != 0).then_some(id.len() % 2 == 1)
    }

    fn visits(&self, place: &str, days: u32) -> Option<u32> {
        (self.bits & 4 != 0).then_some(days.wrapping_mul(place.len() as u32))
    }

    fn count(&self, event: &str, days: u32) -> Option<u32> {
        (self.bits & 8 != 0).then_some(days / (event.len() as u32 + 1))
    }

    fn local_time(&self) -> Option<LocalTime> {
        (self.bits & 16 != 0).then_some(LocalTime { minute: 23 * 60, weekday: 5 })
    }

    fn distance_m(&self, place: &str) -> Option<f64> {
        (self.bits & 32 != 0).then_some(place.len() as f64 * 40.0)
    }
}

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (bits, hidden) = (input.u8(), input.u8());
    let data =
        serde_json::from_slice(input.run()).unwrap_or_else(|_| json!({"a": {"b": 3}, "list": [1, "2", null, [4]]}));
    let text = String::from_utf8_lossy(input.rest());
    let findings = lint(&text, &Known::default());
    let rule = match Rule::parse(&text) {
        Ok(rule) => rule,
        Err(error) => {
            assert!(error.offset() <= text.len() && error.to_string().len() < 2_000, "{error}");
            assert_eq!(findings.len(), 1, "{error}");
            return;
        }
    };
    let ours: Value = serde_json::from_str(&text).expect("what is read as a rule is JSON");
    let facts = Partly { data: &data, bits };
    let judged = rule.judge(&facts);
    let trace = rule.explain(&facts);
    assert_eq!((trace.judged, trace.root.truth), (judged, judged.truth));
    assert!(!trace.deciding().is_empty() || matches!(trace.root.operator, "and" | "or" | "!" | "!!" | "if"));
    assert_eq!(judged.error().is_some(), judged.steps > MAX_STEPS);
    if let Some(error) = judged.error() {
        assert!(matches!(error, RuleError::Budget { .. }) && judged.truth == Truth::Unknown);
    }
    // Those ask whether something is known; all else says on less what it says on more, or nothing.
    let doubts = ["missing", "\\u"].iter().any(|word| text.contains(word)) || has_default(&ours);
    let fewer = rule.judge(&Partly { data: &data, bits: bits & !hidden });
    if judged.error().is_none() && fewer.error().is_none() && !doubts {
        assert!(fewer.truth == judged.truth || fewer.truth == Truth::Unknown, "{judged:?} on more, {fewer:?} on less");
    }
    let catalogue = json!({"version": "1", "offers": [{"id": "o", "audience": ours}]});
    lint_catalogue(&catalogue.to_string(), &Known::default());
    assert!(rule.sources().len() <= 256);
}

/// A `var` that has a default.
fn has_default(rule: &Value) -> bool {
    match rule {
        Value::Array(list) => list.iter().any(has_default),
        Value::Object(map) => map.iter().any(|(op, operands)| {
            op == "var" && operands.as_array().is_some_and(|operands| operands.len() > 1) || has_default(operands)
        }),
        _ => false,
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let seed = |rule: Value| [[0xff, 0x01, 0, 0].as_slice(), rule.to_string().as_bytes()].concat();
    [
        json!({"and": [{"segment": "runners"}, {">=": [{"visits": ["kamppi", 30]}, 2]}, {"!": {"within_m": ["sello", 300]}}]}),
        json!({"or": [{"between_times": ["22:00", "06:00"]}, {"weekday": ["sa", "su"]}, {"<": [{"distance_m": "kamppi"}, 500]}]}),
        json!({"if": [{"<": [{"var": "a.b"}, 5]}, {"cat": ["x", {"var": "a.b"}]}, {"missing": ["a", "c"]}]}),
        json!({"reduce": [{"var": "list"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]}),
        json!({"all": [{"filter": [{"var": "list"}, {"!!": {"var": ""}}]}, {"in": [{"var": ""}, [1, "2", 4]]}]}),
        json!({"==": [{"max": [1, {"-": [{"%": [7, 4]}]}]}, {"substr": ["12345", -3, 1]}]}),
        json!({"missing_some": [1, {"merge": ["a", ["b"], {"map": [[1, 2], {"var": ""}]}]}]}),
        json!({"count": ["dev.patron.offer.saved", 7]}),
    ]
    .into_iter()
    .map(seed)
    .collect()
}
