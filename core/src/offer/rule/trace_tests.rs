use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::person_tests::Person;
use super::{JsonFacts, Rule, Source, Step, Truth};

#[test]
fn an_explanation_is_a_tree_that_names_every_reason() {
    let rule = json!({"and": [
        {">=": [{"var": "age"}, 40]},
        {"in": [{"var": "tier"}, ["gold", "platinum"]]},
        {"!": {"segment": "vip"}},
        {">=": [{"visits": ["kamppi", 7]}, 3]},
    ]});
    let trace = Rule::parse(&rule.to_string()).unwrap().explain(&Person::anna());
    assert_eq!(
        trace.to_string(),
        r#"no      and
no        >= 40
yes         var "age" = 34
yes       in
yes         var "tier" = "gold"
yes         [] "gold" = ["gold"]
unknown   !
unknown     segment "vip"
no        >= 3
yes         visits "kamppi" 7 = 1
"#
    );
    let deciding: Vec<&str> = trace.deciding().iter().map(|step| step.operator).collect();
    assert_eq!(deciding, [">=", ">="]);
    let read = |source: &Source| trace.reads.iter().find(|read| read.source == *source).map(|read| read.value.clone());
    assert_eq!(read(&Source::Var("age".into())), Some(Some(json!(34))));
    assert_eq!(read(&Source::Segment("vip".into())), Some(None));
    assert_eq!(read(&Source::Visits { place: "kamppi".into(), days: 7 }), Some(Some(json!(1))));
    assert_eq!(trace.reads.len(), 4);
}

#[test]
fn an_unknown_outcome_names_what_is_not_known() {
    let rule = r#"{"and":[{"segment":"runners"},{"or":[{"segment":"new"},{"within_m":["sello",300]}]}]}"#;
    let trace = Rule::parse(rule).unwrap().explain(&Person::anna());
    assert_eq!(trace.judged.truth, Truth::Unknown);
    assert_eq!(trace.deciding().iter().map(|step| step.operator).collect::<Vec<_>>(), ["within_m"]);
}

#[test]
fn a_trace_is_bounded_whatever_the_facts_are() {
    let data = json!({ "long": "ä".repeat(10_000), "list": vec!["ä".repeat(10_000); 2_000] });
    let rule = r#"{"and":[{"var":"long"},{"all":[{"var":"list"},{"var":""}]},{"var":"list"}]}"#;
    let trace = Rule::parse(rule).unwrap().explain(&JsonFacts(&data));
    assert_eq!(trace.judged.truth, Truth::Yes);
    assert!(format!("{trace:?}").len() < 20_000);
}

// -- formulas whose parts are each a variable of its own --

fn formula() -> impl Strategy<Value = Value> {
    let leaf = Just(json!({"var": "?"}));
    leaf.prop_recursive(5, 48, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..5).prop_map(|parts| json!({"and": parts})),
            prop::collection::vec(inner.clone(), 1..5).prop_map(|parts| json!({"or": parts})),
            inner.clone().prop_map(|part| json!({"!": part})),
            inner.prop_map(|part| json!({"!!": [part]})),
        ]
    })
}

/// Gives every variable a name of its own, `x0`, `x1` …; how many there are.
fn name_each(rule: &mut Value, next: &mut usize) {
    match rule {
        Value::Object(map) => {
            for (op, operands) in map.iter_mut() {
                if op == "var" {
                    *operands = json!(format!("x{next}"));
                    *next += 1;
                } else {
                    name_each(operands, next);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|part| name_each(part, next)),
        _ => {}
    }
}

type Facts = BTreeMap<String, Option<bool>>;

fn facts(choices: &[Option<bool>], count: usize) -> Facts {
    (0..count).map(|n| (format!("x{n}"), choices[n % choices.len()])).collect()
}

fn data(facts: &Facts) -> Value {
    let known = facts.iter().filter_map(|(name, value)| Some((name.clone(), Value::Bool((*value)?))));
    Value::Object(known.collect::<Map<_, _>>())
}

fn name(step: &Step) -> String {
    step.children[0].value.as_ref().unwrap().as_str().unwrap().to_owned()
}

proptest! {
    #[test]
    fn what_decided_is_true(
        mut rule in formula(),
        choices in prop::collection::vec(prop::option::weighted(0.8, any::<bool>()), 48),
        others in prop::collection::vec(prop::option::of(any::<bool>()), 48),
    ) {
        let mut count = 0;
        name_each(&mut rule, &mut count);
        let Ok(rule) = Rule::parse(&rule.to_string()) else { return Ok(()) };
        let known = facts(&choices, count);
        let judge = |facts: &Facts| rule.judge(&JsonFacts(&data(facts))).truth;
        let trace = rule.explain(&JsonFacts(&data(&known)));
        let truth = trace.judged.truth;
        prop_assert_eq!(truth, judge(&known));
        let deciding: Vec<String> = trace.deciding().into_iter().map(name).collect();
        prop_assert!(!deciding.is_empty());
        if truth == Truth::Unknown {
            // Those are not known, and once they are, so is the outcome.
            prop_assert!(deciding.iter().all(|name| known[name].is_none()));
            for value in [true, false] {
                let mut told = known.clone();
                told.extend(deciding.iter().map(|name| (name.clone(), Some(value))));
                prop_assert_ne!(judge(&told), Truth::Unknown);
            }
            return Ok(());
        }
        // Nothing else matters …
        let mut elsewhere = facts(&others, count);
        elsewhere.extend(deciding.iter().map(|name| (name.clone(), known[name])));
        prop_assert_eq!(judge(&elsewhere), truth);
        // … and turned around, they decide otherwise.
        let mut turned = known.clone();
        turned.extend(deciding.iter().map(|name| (name.clone(), known[name].map(|value| !value))));
        prop_assert_ne!(judge(&turned), truth);
    }

    /// What is said on less is not taken back on more: the reason for three values.
    #[test]
    fn knowing_more_never_turns_a_known_outcome(rule in any_rule(), mut known in any_data(), hidden in any::<u8>()) {
        let Ok(rule) = Rule::parse(&rule.to_string()) else { return Ok(()) };
        let all = rule.judge(&JsonFacts(&known)).truth;
        for (n, name) in NAMES.iter().enumerate() {
            if hidden & (1 << n) != 0 {
                known.as_object_mut().unwrap().remove(*name);
            }
        }
        let fewer = rule.judge(&JsonFacts(&known)).truth;
        prop_assert!(fewer == all || fewer == Truth::Unknown, "{:?} on less, {:?} on more", fewer, all);
    }

    #[test]
    fn explaining_and_judging_agree(rule in any_rule(), known in any_data()) {
        let Ok(rule) = Rule::parse(&rule.to_string()) else { return Ok(()) };
        let facts = JsonFacts(&known);
        let trace = rule.explain(&facts);
        prop_assert_eq!(trace.judged, rule.judge(&facts));
        prop_assert_eq!(trace.root.truth, trace.judged.truth);
        prop_assert_eq!(rule.clone().judge(&facts), trace.judged);
    }
}

const NAMES: [&str; 5] = ["a", "b", "c", "list", "deep"];

fn any_data() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4).prop_map(Value::from),
        "[a-c0-2]{0,2}".prop_map(Value::from),
    ];
    (prop::collection::vec(scalar.clone(), 4), prop::collection::vec(scalar, 0..4)).prop_map(
        |(some, list)| json!({"a": some[0], "b": some[1], "c": some[2], "list": list, "deep": {"x": some[3]}}),
    )
}

/// Rules of any operator but those that ask whether something is known.
fn any_rule() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => prop::sample::select(vec!["a", "b", "c", "list", "deep", "deep.x", "list.0", "d", ""])
            .prop_map(|name| json!({"var": name})),
        1 => prop_oneof![
            Just(Value::Null), any::<bool>().prop_map(Value::from), (-3..4).prop_map(Value::from),
            "[a-c0-2]{0,2}".prop_map(Value::from),
        ],
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        let twos = vec![
            "==", "===", "!=", "!==", ">", ">=", "<", "<=", "in", "-", "/", "%", "map", "filter", "all", "none", "some",
        ];
        let many = vec!["and", "or", "if", "+", "*", "max", "min", "cat", "merge"];
        prop_oneof![
            (prop::sample::select(twos), pair).prop_map(|(op, (a, b))| json!({op: [a, b]})),
            (prop::sample::select(many), prop::collection::vec(inner.clone(), 1..5))
                .prop_map(|(op, all)| json!({op: all})),
            inner.clone().prop_map(|a| json!({"!": [a]})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| json!({"reduce": [a, b, c]})),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| json!({"substr": [a, b, c]})),
        ]
    })
}
