use serde_json::json;

use super::{Finding, Kind, Known, Severity, lint, lint_catalogue, lint_within};

fn told(rule: &str) -> Vec<String> {
    lint(rule, &KNOWN).iter().map(Finding::to_string).collect()
}

const KNOWN: Known<'_> = Known {
    variables: Some(&[("age", Kind::Number), ("tier", Kind::Text), ("interests", Kind::List), ("any", Kind::Any)]),
    segments: Some(&["runners", "new"]),
    places: Some(&["kamppi", "sello"]),
    events: Some(&["dev.patron.offer.saved"]),
};

#[test]
fn a_rule_that_makes_sense_gets_no_word() {
    for rule in [
        r#"{"and":[{">=":[{"var":"age"},18]},{"<":[{"var":"age"},30]},{"segment":"runners"}]}"#,
        r#"{"or":[{"in":[{"var":"tier"},["gold"]]},{"in":["running",{"var":"interests"}]}]}"#,
        r#"{"if":[{"segment":"new"},{">=":[{"visits":["kamppi",7]},1]},{"within_m":["sello",500]}]}"#,
        r#"{"some":[{"var":"interests"},{"==":[{"var":""},"sauna"]}]}"#,
        r#"{"all":[{"var":"any"},{">":[{"var":"price"},10]}]}"#,
        r#"{">":[{"count":["dev.patron.offer.saved",30]},0]}"#,
        r#"{"==":[{"var":"tier"},"gold"]}"#,
        r#"{"<":[0,{"distance_m":"kamppi"},900]}"#,
    ] {
        assert_eq!(told(rule), Vec::<String>::new(), "{rule}");
    }
}

#[test]
fn each_finding_names_its_place_and_what_was_meant() {
    for (rule, words) in [
        ("{\"and\": [\n  true,,\n]}", "line 2, column 8: rule: a value is expected"),
        (r#"{"adn":[true]}"#, r#"line 1, column 2: rule: there is no operator "adn"; did you mean "and"?"#),
        (r#"{"not":[true]}"#, r#"line 1, column 2: rule: there is no operator "not"; did you mean "!"?"#),
        (r#"{"contians":["a","b"]}"#, r#"line 1, column 2: rule: there is no operator "contians""#),
        (
            r#"{"within_n":["kamppi",5]}"#,
            r#"line 1, column 2: rule: there is no operator "within_n"; did you mean "within_m"?"#,
        ),
        (
            "{\"and\":[\n {\"segment\":\"runers\"}]}",
            r#"line 2, column 13: and[0].segment: there is no segment "runers"; did you mean "runners"?"#,
        ),
        (
            r#"{">=":[{"var":"aeg"},18]}"#,
            r#"line 1, column 15: >=[0].var: there is no variable "aeg"; did you mean "age"?"#,
        ),
        (
            r#"{"within_m":["kampi",5]}"#,
            r#"line 1, column 14: within_m: there is no place "kampi"; did you mean "kamppi"?"#,
        ),
        (r#"{">":[{"count":["purchase",30]},1]}"#, r#"line 1, column 17: >[0].count: there is no event "purchase""#),
        (r#"{"==":[{"var":"age"},"18"]}"#, "line 1, column 1: warning: ==: compares a number with a text"),
        (
            r#"{"===":[{"var":"tier"},3]}"#,
            "line 1, column 1: warning: ===: compares a text with a number, which are never the same",
        ),
        (r#"{">":[{"var":"tier"},3]}"#, "line 1, column 1: warning: >: compares a text with a number"),
        (r#"{"<":[{"segment":"new"},3]}"#, "line 1, column 1: warning: <: compares a yes or no with a number"),
        (
            r#"{"in":[{"var":"age"},["18","19"]]}"#,
            "line 1, column 23: warning: in[1][0]: is a text, and a number is looked for",
        ),
        (r#"{"in":["a",{"var":"age"}]}"#, "line 1, column 1: warning: in: looks for something in a number"),
        (
            r#"{">=":[{"visits":["kamppi",7]},0]}"#,
            "line 1, column 1: warning: >=: always holds where it is known: a count is never below nought",
        ),
        (r#"{"or":[{"segment":"new"},true]}"#, "line 1, column 26: warning: or[1]: is always yes, and with it the or"),
        (
            r#"{"and":[true,{"segment":"new"}]}"#,
            "line 1, column 9: warning: and[0]: is always yes; in an and it changes nothing",
        ),
    ] {
        let all = told(rule);
        assert!(all.iter().any(|finding| finding.starts_with(words)), "{rule}: {all:#?}, and not {words}");
    }
}

#[test]
fn what_can_never_hold_is_told() {
    let never = r#"{"and":[{">=":[{"var":"age"},40]},{">":[18,{"var":"age"}]}]}"#;
    assert_eq!(
        told(never),
        [
            "line 1, column 1: warning: and: asks for the same to be at least 40 and to be less than 18: never holds",
            "line 1, column 1: warning: rule: never holds; nobody is in this audience",
        ]
    );
    assert_eq!(told("true"), ["line 1, column 1: warning: rule: always holds; without a rule it is everybody's"]);
    assert_eq!(told(r#"{"==":[1,2]}"#), ["line 1, column 1: warning: rule: never holds; nobody is in this audience"]);
    let touching = r#"{"and":[{">=":[{"var":"age"},18]},{"<=":[{"var":"age"},18]}]}"#;
    assert_eq!(told(touching), Vec::<String>::new());
    let touching = r#"{"and":[{">":[{"var":"age"},18]},{"<=":[{"var":"age"},18]}]}"#;
    assert_eq!(told(touching).len(), 2);
}

#[test]
fn a_branch_that_is_never_reached_is_told() {
    let rule = r#"{"if":[true,{"segment":"new"},{"segment":"runners"}]}"#;
    assert_eq!(
        told(rule),
        ["line 1, column 31: warning: if[2]: is never reached: the condition before it always holds"]
    );
    let rule = r#"{"if":[false,{"segment":"new"},{"segment":"runners"}]}"#;
    assert_eq!(told(rule), ["line 1, column 14: warning: if[1]: is never reached: its condition never holds"]);
    let rule = r#"{"and":[{"segment":"new"},false,{"segment":"runners"}]}"#;
    assert_eq!(told(rule).len(), 3, "{:#?}", told(rule));
}

#[test]
fn what_is_too_large_is_told_where_it_becomes_so() {
    let deep = format!("{}true{}", r#"{"!":["#.repeat(20), "]}".repeat(20));
    let finding = &lint(&deep, &Known::default())[0];
    assert_eq!((finding.line, finding.column), (1, 16 * 6 + 1));
    assert_eq!(finding.why, "the rule is nested deeper than 16");
    let wide = format!("{{\"or\":[\n{}]}}", vec!["false"; 300].join(",\n"));
    let finding = &lint(&wide, &Known::default())[0];
    assert_eq!((finding.line, finding.why.as_str()), (257, "the rule has more operators and values than 256"));
}

#[test]
fn names_are_taken_where_nobody_knows_which_there_are() {
    assert_eq!(lint(r#"{"and":[{"segment":"x"},{"var":"y"},{"within_m":["z",1]}]}"#, &Known::default()), []);
}

#[test]
fn lines_are_those_of_the_whole_document() {
    let document = "{\n  \"ä\": 1,\n  \"rule\": {\"adn\": 1}\n}";
    let begin = document.find("{\"adn").unwrap();
    let findings = lint_within(document, begin..begin + 10, &Known::default());
    assert_eq!((findings[0].line, findings[0].column), (3, 12));
    assert_eq!(lint_within(document, 5..900, &Known::default()), []);
}

#[test]
fn the_rules_of_a_catalogue_are_told_by_their_offers() {
    let catalogue = json!({
        "version": "1",
        "places": [{"id": "kamppi", "name": "Kamppi"}],
        "offers": [
            {"id": "fine", "audience": {"within_m": ["kamppi", 300]}},
            {"id": "everybody"},
            {"id": "far", "audience": {"and": [{"segment": "any"}, {"within_m": ["kampi", 300]}]}},
            {"id": "odd", "audience": {"in": [{"var": "x"}, 3]}},
        ],
    });
    let text = serde_json::to_string_pretty(&catalogue).unwrap();
    let findings = lint_catalogue(&text, &Known::default());
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let line = |part: &str| 1 + text[..text.find(part).unwrap()].matches('\n').count();
    assert_eq!(
        told,
        [
            format!(
                "offers[2].audience (far), line {}, column 15: and[1].within_m: there is no place \"kampi\"; did you mean \"kamppi\"?",
                line("\"kampi\"")
            ),
            format!(
                "offers[3].audience (odd), line {}, column 19: warning: in: looks for something in a number",
                line("\"in\"") - 1
            ),
        ]
    );
    assert_eq!(findings.iter().filter(|found| found.finding.severity == Severity::Error).count(), 1);
    assert_eq!(lint_catalogue("[]", &Known::default()), []);
}
