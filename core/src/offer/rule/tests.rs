use serde_json::{Value, json};

use super::person_tests::Person;
use super::{JsonFacts, LocalTime, Rule, RuleError, Source, Truth};

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
