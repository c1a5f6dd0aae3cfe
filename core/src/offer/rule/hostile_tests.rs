//! Hostile rules and hostile facts, on the stack of a small thread.

use std::thread;

use serde_json::{Value, json};

use super::person_tests::Person;
use super::{Budget, Fact, Facts, JsonFacts, LocalTime, MAX_STEPS, Rule, RuleError, Truth};

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap()
}

fn result(rule: &Value, data: &Value) -> Option<Value> {
    Rule::parse(&rule.to_string()).unwrap().result(&JsonFacts(data))
}

fn budget(rule: String) -> Budget {
    on_a_small_stack(move || match Rule::parse(&rule) {
        Err(RuleError::Budget { budget, .. }) => budget,
        other => panic!("{:?}", other.map(|_| ()).map_err(|e| e.to_string())),
    })
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    assert_eq!(budget("[".repeat(16_000)), Budget::Depth);
    assert_eq!(budget(r#"{"!":"#.repeat(3_000)), Budget::Depth);
    assert_eq!(budget(format!("{}true{}", r#"{"!":["#.repeat(17), "]}".repeat(17))), Budget::Depth);
    let deep = format!("{}true{}", r#"{"!":["#.repeat(16), "]}".repeat(16));
    on_a_small_stack(move || {
        let rule = Rule::parse(&deep).unwrap();
        assert_eq!(rule.judge(&Person::anna()).truth, Truth::Yes);
        assert_eq!(rule.explain(&Person::anna()).judged.truth, Truth::Yes);
    });
}

#[test]
fn what_is_too_wide_or_too_long_is_refused() {
    let list = |n: usize| format!(r#"{{"or":[{}]}}"#, vec!["false"; n].join(","));
    assert!(Rule::parse(&list(255)).is_ok());
    assert_eq!(budget(list(256)), Budget::Nodes);
    assert_eq!(budget(format!("\"{}\"", "a".repeat(1_000_000))), Budget::Bytes);
    assert_eq!(budget(format!(r#"{{"{}":1}}"#, "a".repeat(1_000_000))), Budget::Bytes);
    let name = format!(r#"{{"{}":1}}"#, "a".repeat(10_000));
    assert!(Rule::parse(&name).unwrap_err().to_string().len() < 200);
}

#[test]
fn huge_numbers_are_numbers_or_an_error() {
    assert!(matches!(Rule::parse(&"9".repeat(400)), Err(RuleError::Syntax { offset: 0, .. })));
    assert!(Rule::parse(&"9".repeat(300)).is_ok());
    let rule = json!({"substr": ["abc", -1e300, 1e300]});
    assert_eq!(result(&rule, &Value::Null), Some(json!("abc")));
    assert_eq!(result(&json!({"substr": ["abc", 1, -1e300]}), &Value::Null), Some(json!("")));
    assert_eq!(result(&json!({"var": 1e300}), &json!([1])), None);
}

/// What an attacker could write where an operator stands.
fn unknown_names() -> Vec<String> {
    let long = "a".repeat(10_000);
    let odd =
        ["", " ", "AND", "and ", "constructor", "__proto__", "\u{202e}dna", "\0", "log", "method", "🙂", "$where"];
    odd.into_iter().map(str::to_owned).chain([long]).collect()
}

#[test]
fn an_unknown_operator_is_a_typed_error_wherever_it_stands() {
    for name in unknown_names() {
        for depth in [0, 1, 15] {
            let inner = json!({ name.clone(): [1, { "var": "x" }] });
            let rule = (0..depth).fold(inner, |inner, _| json!({ "and": [true, inner] })).to_string();
            let error = on_a_small_stack(move || Rule::parse(&rule).map(drop).unwrap_err());
            let RuleError::Operator { name: told, .. } = &error else {
                // Deep within, the depth may be told first, and nothing else.
                assert!(depth == 15 && matches!(error, RuleError::Budget { budget: Budget::Depth, .. }), "{error}");
                continue;
            };
            assert!(name.starts_with(told.as_str()) && told.chars().count() <= 64, "{told:?}");
            assert!(error.to_string().len() < 1_000);
        }
        let wide = format!(r#"{{"or":[{}]}}"#, vec![json!({ name.clone(): 1 }).to_string(); 200].join(","));
        let error = on_a_small_stack(move || Rule::parse(&wide).map(drop).unwrap_err());
        assert!(matches!(error, RuleError::Operator { .. } | RuleError::Budget { .. }), "{error}");
    }
}

/// Numbers at the ends of what JSON can say, and beyond.
const HUGE: [&str; 12] = [
    "1e308",
    "-1e308",
    "1e309",
    "-1e309",
    "1e-400",
    "-0.0",
    "18446744073709551616",
    "-9223372036854775809",
    "1e99999999999",
    "0.00000000000000000000000000000000000000000001",
    "9007199254740993",
    "4.9e-324",
];

#[test]
fn a_huge_number_ends_in_a_value_or_a_typed_error_wherever_it_stands() {
    let rules = [
        "N",
        "{\"+\":[N,N]}",
        "{\"*\":[N,N,N]}",
        "{\"/\":[N,0]}",
        "{\"%\":[N,N]}",
        "{\"-\":[N]}",
        "{\"<\":[N,{\"var\":\"x\"},N]}",
        "{\"==\":[N,\"N\"]}",
        "{\"substr\":[\"abc\",N,N]}",
        "{\"var\":N}",
        "{\"var\":[\"x\",N]}",
        "{\"visits\":[\"a\",N]}",
        "{\"count\":[\"a\",N]}",
        "{\"within_m\":[\"a\",N]}",
        "{\"missing_some\":[N,[\"x\"]]}",
        "{\"max\":[N,N]}",
        "{\"in\":[N,[N]]}",
        "{\"reduce\":[[N,N,N],{\"*\":[{\"var\":\"current\"},{\"var\":\"accumulator\"}]},N]}",
        "{\"cat\":[N,N]}",
        "{\"segment\":N}",
    ];
    let digits = "9".repeat(10_000);
    for rule in rules {
        for number in HUGE.into_iter().chain([digits.as_str(), &digits[..310]]) {
            let rule = rule.replace('N', number);
            on_a_small_stack(move || match Rule::parse(&rule) {
                Ok(parsed) => {
                    let anna = Person::anna();
                    let judged = parsed.judge(&anna);
                    assert!(judged.steps <= MAX_STEPS, "{rule:.80}");
                    assert_eq!(parsed.explain(&anna).judged, judged, "{rule:.80}");
                }
                // Typed, short, and within the text.
                Err(error) => {
                    assert!(error.offset() <= rule.len() && error.to_string().len() < 300, "{rule:.80}: {error}")
                }
            });
        }
    }
}

#[test]
fn a_rule_that_takes_too_long_is_unknown_and_says_so() {
    let data = json!({ "list": vec![1; 3_000], "long": "x".repeat(1_000_000) });
    let grow = |op: &str| {
        let twice = json!({ op: [{"var": "accumulator"}, {"var": "accumulator"}] });
        json!({"reduce": [{"var": "list"}, twice, "ab"]}).to_string()
    };
    let wrap = json!({"reduce": [{"var": "list"}, [{"var": "accumulator"}], 0]}).to_string();
    let nested = json!({"all": [{"var": "list"}, {"all": [{"merge": [[1, 2, 3], [4]]}, true]}]}).to_string();
    let search = json!({"in": ["y", {"var": "long"}]}).to_string();
    let paths = json!({"map": [{"var": "list"}, {"var": {"cat": ["a.", {"var": ""}]}}]}).to_string();
    for rule in [grow("cat"), grow("merge"), wrap, nested, search, paths] {
        let data = data.clone();
        on_a_small_stack(move || {
            let facts = JsonFacts(&data);
            let parsed = Rule::parse(&rule).unwrap();
            let judged = parsed.judge(&facts);
            assert_eq!(judged.truth, Truth::Unknown, "{rule}");
            assert!(judged.steps > MAX_STEPS, "{rule} took {}", judged.steps);
            let error = judged.error().unwrap();
            assert_eq!(error.to_string(), "the rule takes more steps than 10000");
            assert_eq!(parsed.explain(&facts).judged, judged);
        });
    }
}

#[test]
fn data_that_is_nested_deeply_overflows_nothing() {
    on_a_small_stack(|| {
        let mut data = json!(1);
        for _ in 0..500 {
            data = Value::Array(vec![data]);
        }
        let rule = Rule::parse(r#"{"==":[{"var":""},"1"]}"#).unwrap();
        let judged = rule.judge(&JsonFacts(&data));
        assert_eq!((judged.truth, judged.error().is_some()), (Truth::Unknown, true));
    });
}

#[test]
fn facts_that_answer_oddly_are_borne() {
    struct Odd;
    impl Facts for Odd {
        fn var(&self, _: &str) -> Fact<'_> {
            Fact::Number(f64::NAN)
        }
        fn visits(&self, _: &str, _: u32) -> Option<u32> {
            Some(u32::MAX)
        }
        fn local_time(&self) -> Option<LocalTime> {
            Some(LocalTime { minute: u16::MAX, weekday: u8::MAX })
        }
        fn distance_m(&self, _: &str) -> Option<f64> {
            Some(f64::NEG_INFINITY)
        }
    }
    let odd = |rule: &str| {
        let rule = Rule::parse(rule).unwrap();
        assert_eq!(rule.explain(&Odd).judged, rule.judge(&Odd));
        rule.judge(&Odd).truth
    };
    assert_eq!(odd(r#"{"var":"x"}"#), Truth::No);
    assert_eq!(odd(r#"{">":[{"visits":["a",1]},0]}"#), Truth::Yes);
    assert_eq!(odd(r#"{"weekday":["mo","tu","we","th","fr","sa","su"]}"#), Truth::No);
    assert_eq!(odd(r#"{"between_times":["00:00","24:00"]}"#), Truth::No);
    assert_eq!(odd(r#"{"within_m":["a",1]}"#), Truth::Yes);
}
