use std::thread;

use serde_json::{Value, json};

use super::person_tests::Person;
use super::{Budget, Fact, Facts, JsonFacts, LocalTime, MAX_STEPS, Rule, RuleError, Source, Truth};

fn truth(rule: &str) -> Truth {
    Rule::parse(rule).unwrap().judge(&Person::anna()).truth
}

fn result(rule: &Value, data: &Value) -> Option<Value> {
    Rule::parse(&rule.to_string()).unwrap().result(&JsonFacts(data))
}

fn refusal(rule: &str) -> String {
    Rule::parse(rule).unwrap_err().to_string()
}

#[test]
fn missing_is_unknown_and_unknown_is_not_eligible() {
    for rule in [
        r#"{"var":"shoe_size"}"#,
        r#"{">":[{"var":"shoe_size"},40]}"#,
        r#"{"!":{"var":"shoe_size"}}"#,
        r#"{"!=":[{"var":"shoe_size"},40]}"#,
        r#"{"!":{"segment":"vip"}}"#,
        r#"{"<":[{"visits":["sello",30]},1]}"#,
        r#"{"<":[{"distance_m":"nowhere"},1e9]}"#,
        r#"{"in":[{"var":"shoe_size"},[40,41]]}"#,
        r#"{"in":["a",{"var":"shoe_sizes"}]}"#,
        r#"{"+":[1,{"var":"shoe_size"}]}"#,
        r#"{"cat":["a",{"var":"shoe_size"}]}"#,
    ] {
        assert_eq!(truth(rule), Truth::Unknown, "{rule}");
        assert!(!truth(rule).eligible());
    }
}

#[test]
fn junctions_are_kleenes() {
    let of = |truth: Truth| match truth {
        Truth::Yes => r#"{"segment":"runners"}"#,
        Truth::No => r#"{"segment":"new"}"#,
        Truth::Unknown => r#"{"segment":"vip"}"#,
    };
    let (y, n, u) = (Truth::Yes, Truth::No, Truth::Unknown);
    for (a, b, and, or) in [
        (y, y, y, y),
        (y, n, n, y),
        (y, u, u, y),
        (n, y, n, y),
        (n, n, n, n),
        (n, u, n, u),
        (u, y, u, y),
        (u, n, n, u),
        (u, u, u, u),
    ] {
        let (a, b) = (of(a), of(b));
        assert_eq!(truth(&format!(r#"{{"and":[{a},{b}]}}"#)), and, "{a} and {b}");
        assert_eq!(truth(&format!(r#"{{"or":[{a},{b}]}}"#)), or, "{a} or {b}");
    }
    for (a, not) in [(y, n), (n, y), (u, u)] {
        assert_eq!(truth(&format!(r#"{{"!":{}}}"#, of(a))), not);
    }
}

#[test]
fn an_unknown_condition_is_no_matter_when_either_way_leads_to_the_same() {
    assert_eq!(truth(r#"{"if":[{"segment":"vip"},true,true]}"#), Truth::Yes);
    assert_eq!(truth(r#"{"if":[{"segment":"vip"},true,false]}"#), Truth::Unknown);
    assert_eq!(truth(r#"{"if":[{"segment":"vip"},1,"a"]}"#), Truth::Yes);
    assert_eq!(truth(r#"{"if":[{"segment":"vip"},false,{"segment":"new"},true,false]}"#), Truth::No);
    assert_eq!(truth(r#"{"if":[{"segment":"new"},{"segment":"vip"},true]}"#), Truth::Yes);
}

#[test]
fn a_default_or_missing_makes_unknown_known() {
    assert_eq!(truth(r#"{">":[{"var":["shoe_size",42]},40]}"#), Truth::Yes);
    assert_eq!(truth(r#"{"missing":["shoe_size"]}"#), Truth::Yes);
    assert_eq!(truth(r#"{"!":{"missing":["age"]}}"#), Truth::Yes);
}

#[test]
fn known_parts_settle_a_comparison_in_spite_of_an_unknown_one() {
    assert_eq!(truth(r#"{"<":[5,4,{"var":"shoe_size"}]}"#), Truth::No);
    assert_eq!(truth(r#"{"in":["a",["a",{"var":"shoe_size"}]]}"#), Truth::Yes);
    assert_eq!(truth(r#"{"in":["a",["b",{"var":"shoe_size"}]]}"#), Truth::Unknown);
    assert_eq!(truth(r#"{"in":[{"var":"shoe_size"},[]]}"#), Truth::No);
    assert_eq!(truth(r#"{"all":[{"var":"interests"},{"in":[{"var":""},["sauna"]]}]}"#), Truth::No);
    assert_eq!(truth(r#"{"some":[{"var":"interests"},{"var":"depth"}]}"#), Truth::Unknown);
}

#[test]
fn our_own_operators_ask_the_facts() {
    for (rule, expected) in [
        (r#"{"segment":"runners"}"#, Truth::Yes),
        (r#"{">=":[{"visits":["kamppi",30]},3]}"#, Truth::Yes),
        (r#"{">=":[{"visits":["kamppi",7]},3]}"#, Truth::No),
        (r#"{"==":[{"count":["dev.patron.offer.saved",28]},4]}"#, Truth::Yes),
        (r#"{"within_m":["kamppi",120]}"#, Truth::Yes),
        (r#"{"within_m":["kamppi",119.5]}"#, Truth::No),
        (r#"{"within_m":["sello",100]}"#, Truth::Unknown),
        (r#"{"<":[100,{"distance_m":"kamppi"},150]}"#, Truth::Yes),
        (r#"{"in":["running",{"var":"interests"}]}"#, Truth::Yes),
        (r#"{"in":[{"var":"tier"},["gold","platinum"]]}"#, Truth::Yes),
        (r#"{"weekday":["fr"]}"#, Truth::Yes),
        (r#"{"weekday":"sa"}"#, Truth::No),
    ] {
        assert_eq!(truth(rule), expected, "{rule}");
    }
}

#[test]
fn times_may_lie_across_midnight_and_end_before_they_end() {
    let at = |hour: u16, minute: u16, rule: &str| {
        let now = Some(LocalTime { minute: hour * 60 + minute, weekday: 6 });
        Rule::parse(rule).unwrap().judge(&Person { now, ..Person::anna() }).truth
    };
    let night = r#"{"between_times":["22:00","06:00"]}"#;
    assert_eq!(at(22, 0, night), Truth::Yes);
    assert_eq!(at(5, 59, night), Truth::Yes);
    assert_eq!(at(6, 0, night), Truth::No);
    assert_eq!(at(21, 59, night), Truth::No);
    let evening = r#"{"between_times":["18:00","24:00"]}"#;
    assert_eq!(at(23, 59, evening), Truth::Yes);
    assert_eq!(at(0, 0, evening), Truth::No);
    let unknown = Rule::parse(night).unwrap().judge(&Person { now: None, ..Person::anna() });
    assert_eq!(unknown.truth, Truth::Unknown);
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    for (rule, told) in [
        (r#"{"and":[true,{">=":[{"vra":"age"},18]}]}"#, r#"and[1].>=[0]: there is no operator "vra""#),
        (r#"{"or":[{">":[1]}]}"#, "or[0].>: > takes 2 operands, and there are 1"),
        (r#"{"!":[]}"#, "!: ! takes 1 operand, and there are 0"),
        (r#"{"<":[1,2,3,4]}"#, "<: < takes 2 to 3 operands, and there are 4"),
        (r#"{"and":[]}"#, "and: and takes 1 operands or more, and there are 0"),
        (r#"{"and":[{"visits":["kamppi","30"]}]}"#, "and[0].visits[1]: is to be a number of days, 1 to 366"),
        (r#"{"visits":["kamppi",0]}"#, "visits[1]: is to be a number of days, 1 to 366"),
        (r#"{"visits":[{"var":"x"},3]}"#, "visits[0]: is to be a text, as it stands"),
        (r#"{"segment":""}"#, "segment[0]: is to be a text, as it stands"),
        (r#"{"between_times":["8:00","09:00"]}"#, "between_times[0]: is to be a time from 00:00 to 23:59"),
        (r#"{"between_times":["08:00","08:00"]}"#, "between_times[1]: is the same time twice; leave it out for always"),
        (r#"{"weekday":["mo","xx"]}"#, "weekday[1]: is no day; mo, tu, we, th, fr, sa, su are"),
        (r#"{"within_m":["kamppi",-1]}"#, "within_m[1]: is to be a number of metres above 0"),
        (r#"{"and":[{}]}"#, "and[0]: an empty object is no rule"),
        (r#"{"==":[1,1],"!=":[1,1]}"#, "rule: an object has one key: the operator"),
    ] {
        assert_eq!(refusal(rule), told, "{rule}");
    }
    assert_eq!(Rule::parse(r#"{"and":[true,{"vra":1}]}"#).unwrap_err().offset(), 14);
}

#[test]
fn what_is_no_json_is_no_rule() {
    for rule in [
        "",
        " ",
        "{",
        "[1",
        "[1,]",
        "[1 2]",
        r#"{"and"}"#,
        r#"{"and":[true]"#,
        "tru",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
        "1e",
        "NaN",
        "1e999",
        r#""open"#,
        r#""\x""#,
        r#""\ud800""#,
        "\"a\nb\"",
        "true false",
        "{true:1}",
        "nul",
        "'a'",
        "[1]]",
        "\u{feff}1",
    ] {
        assert!(matches!(Rule::parse(rule), Err(RuleError::Syntax { .. })), "{rule:?}: {:?}", Rule::parse(rule));
    }
    for rule in ["-0", "0", "-1.5e-3", "1E+2", "123456789012", " [ 1 , \"\\u00e4\" ] ", "\"ä\""] {
        let theirs: Value = serde_json::from_str(rule).unwrap();
        let ours = Rule::parse(rule).unwrap().result(&JsonFacts(&Value::Null)).unwrap();
        let float = |value: &Value| value.as_f64().map_or_else(|| value.clone(), Value::from);
        assert_eq!(float(&ours), float(&theirs), "{rule}");
    }
}

#[test]
fn text_and_number_turn_into_each_other_as_in_javascript() {
    for (rule, value) in [
        (json!({"cat": [1.5, true, null, ["a", 2, null]]}), json!("1.5truenulla,2,")),
        (json!({"cat": [1e21, " ", 1e-7]}), json!("1e+21 1e-7")),
        (json!({"==": [[1], 1]}), json!(true)),
        (json!({"==": ["", 0]}), json!(true)),
        (json!({"==": [null, 0]}), json!(false)),
        (json!({"==": [true, "1"]}), json!(true)),
        (json!({"<": ["10", "9"]}), json!(true)),
        (json!({"<": ["10", 9]}), json!(false)),
        (json!({">": ["three", 1]}), json!(false)),
        (json!({"+": ["3.5 apples", 1]}), json!(4.5)),
        (json!({"-": ["3.5 apples"]}), json!("not a number")),
        (json!({"/": [1, 0]}), json!("not a number")),
        (json!({">": [{"/": [1, 0]}, 1e308]}), json!(true)),
        (json!({"%": [-7, 3]}), json!(-1)),
        (json!({"max": [1, "x"]}), json!("not a number")),
        (json!({"substr": ["äiti", 1, 2]}), json!("it")),
        (json!({"substr": ["äiti", -99, 2]}), json!("äi")),
        (json!({"substr": ["äiti", 99]}), json!("")),
        (json!({"in": [2, "route 42"]}), json!(true)),
    ] {
        assert_eq!(result(&rule, &Value::Null), Some(value), "{rule}");
    }
}

#[test]
fn a_rule_names_what_it_asks_for() {
    let rule = json!({"and": [
        {">=": [{"var": "age"}, 18]}, {"segment": "runners"}, {"<": [{"var": "age"}, 65]},
        {"visits": ["kamppi", 30]}, {"weekday": ["sa"]}, {"between_times": ["08:00", "10:00"]}, {"within_m": ["kamppi", 500]},
    ]});
    let sources = Rule::parse(&rule.to_string()).unwrap().sources();
    assert_eq!(
        sources,
        [
            Source::Var("age".into()),
            Source::Segment("runners".into()),
            Source::Visits { place: "kamppi".into(), days: 30 },
            Source::LocalTime,
            Source::Distance { place: "kamppi".into() },
        ]
    );
}

#[test]
fn a_usual_rule_holds_few_bytes() {
    let rule =
        r#"{"and":[{">=":[{"var":"age"},18]},{"in":[{"var":"tier"},["gold","platinum"]]},{"segment":"runners"}]}"#;
    let bytes = Rule::parse(rule).unwrap().heap_bytes();
    assert!(bytes <= 160, "{bytes}");
}

// -- hostile rules, on the stack of a small thread --

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap()
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
    assert!(refusal(&name).len() < 200);
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
            data = json!([data]);
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
