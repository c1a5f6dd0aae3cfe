//! The README's ten lines are those that the tests of Kotlin and Swift compile and run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::Path;

const KOTLIN: &str = "bindings/kotlin/sdk/src/test/kotlin/dev/patron/ReadmeTest.kt";
const SWIFT: &str = "bindings/swift/Tests/PatronTests/ReadmeTests.swift";

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The whole lines between the first line that ends with `start` and the next that ends with `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let mut lines = text.lines().skip_while(|line| !line.ends_with(start)).skip(1);
    let found: Vec<_> = lines.by_ref().take_while(|line| !line.ends_with(end)).collect();
    assert!(!found.is_empty(), "nothing stands between {start} and {end}");
    found
}

/// The lines as they stand in a test, without the indentation that all of them share.
fn tested(file: &str) -> Vec<String> {
    let text = read(file);
    let lines = between(&text, "// readme:start", "// readme:end");
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min().unwrap();
    lines.iter().map(|line| line.get(shared..).unwrap_or_default().to_owned()).collect()
}

/// The lines as they stand in the README.
fn shown(language: &str) -> Vec<String> {
    let text = read("README.md");
    let block = between(&text, &format!("<!-- readme:{language} -->"), "<!-- readme:end -->");
    let (first, rest) = block.split_first().unwrap();
    let (last, lines) = rest.split_last().unwrap();
    assert_eq!((*first, *last), (format!("```{language}").as_str(), "```"));
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn the_kotlin_of_the_readme_is_what_its_test_runs() {
    assert_eq!(shown("kotlin"), tested(KOTLIN));
}

#[test]
fn the_swift_of_the_readme_is_what_its_test_runs() {
    assert_eq!(shown("swift"), tested(SWIFT));
}
