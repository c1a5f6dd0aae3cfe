//! JsonLogic's own cases, all of them; and those in which three-valued logic must say otherwise.

use serde_json::Value;

use super::{JsonFacts, Rule};

const VECTORS: &str = include_str!("../../../tests/data/jsonlogic.json");
const DOCS: &str = include_str!("../../../../docs/rules.md");

/// In each of these a value is asked for that nobody gave. JsonLogic takes it for `null`; here it is
/// unknown, and so is what hangs on it. Rule and data, as they stand in the file.
const DIFFER: &[(&str, &str)] = &[
    (r#"{"var":["b"]}"#, r#"{"a":1}"#),
    (r#"{"var":["a"]}"#, "null"),
    (r#"{"var":"b"}"#, r#"{"a":1}"#),
    (r#"{"var":"a"}"#, "null"),
    (r#"{"var":"a.q"}"#, r#"{"a":{"b":"c"}}"#),
    (r#"{"var":"a.b.c"}"#, "null"),
    (r#"{"var":"a.b.c"}"#, r#"{"a":null}"#),
    (r#"{"var":"a.b.c"}"#, r#"{"a":{"b":null}}"#),
    // A list that is not known is not an empty one.
    (r#"{"map":[{"var":"integers"},{"*":[{"var":""},2]}]}"#, "null"),
    (r#"{"reduce":[{"var":"integers"},{"+":[{"var":"current"},{"var":"accumulator"}]},0]}"#, "null"),
];

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => ours == theirs,
    }
}

#[test]
fn what_is_given_comes_to_what_json_logic_says() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let cases: Vec<&Value> = cases.iter().filter(|case| case.is_object()).collect();
    assert_eq!(cases.len(), 278);
    let (mut wrong, mut differ) = (Vec::new(), Vec::new());
    for case in cases {
        let rule = case["rule"].to_string();
        let data = case.get("data").unwrap_or(&Value::Null);
        let ours = Rule::parse(&rule).map(|rule| rule.result(&JsonFacts(data)));
        match ours {
            Ok(Some(ours)) if same(&ours, &case["result"]) => {}
            Ok(None) => differ.push((rule, data.to_string())),
            other => wrong.push(format!("{rule} of {data}: {other:?}, and not {}", case["result"])),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let listed: Vec<(String, String)> = DIFFER.iter().map(|(rule, data)| ((*rule).into(), (*data).into())).collect();
    assert_eq!(differ, listed, "the list of what differs is longer or shorter than what does");
}

#[test]
fn the_guide_lists_what_differs() {
    for (rule, data) in DIFFER {
        assert!(DOCS.contains(&format!("| `{rule}` | `{data}` |")), "{rule} of {data}");
    }
    assert_eq!(DOCS.lines().filter(|line| line.starts_with("| `{\"")).count(), DIFFER.len());
}
