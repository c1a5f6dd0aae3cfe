//! Reads what test runners print.

use std::time::Duration;

use super::Suite;

/// A suite for each binary of `cargo test` that holds tests.
pub fn cargo(text: &str) -> Vec<Suite> {
    let mut suites = Vec::new();
    let mut name = String::from("rust");
    for line in text.lines() {
        let line = line.trim();
        if let Some(binary) = line.strip_prefix("Running ") {
            name = cargo_binary(binary);
        } else if let Some(package) = line.strip_prefix("Doc-tests ") {
            name = format!("rust {package} (docs)");
        } else if let Some(result) = line.strip_prefix("test result: ") {
            let suite = Suite {
                name: name.clone(),
                passed: number_before(result, " passed").unwrap_or(0),
                failed: number_before(result, " failed").unwrap_or(0),
                skipped: number_before(result, " ignored").unwrap_or(0),
                took: seconds_after(result, "finished in ").unwrap_or_default(),
                problem: None,
            };
            // trybuild and some crates hold binaries with nothing in them; they are no suites.
            if suite.passed + suite.failed > 0 {
                suites.push(suite);
            }
        }
    }
    suites
}

/// `unittests src/lib.rs (target/debug/deps/patron_core-0f1e)` → `rust patron_core`;
/// `tests/kill.rs (target/debug/deps/kill-0f1e)` → `rust tests/kill.rs`.
fn cargo_binary(line: &str) -> String {
    let (source, binary) = line.split_once(" (").unwrap_or((line, ""));
    if !source.starts_with("unittests") {
        return format!("rust {source}");
    }
    let file = binary.trim_end_matches(')').rsplit('/').next().unwrap_or(binary);
    format!("rust {}", file.rsplit_once('-').map_or(file, |(name, _hash)| name))
}

/// The part of `cargo test`'s output that explains failures: panics, compiler errors, or the end.
pub fn cargo_failures(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in &lines {
        if line.trim() == "failures:" || line.starts_with("error") {
            inside = true;
        } else if line.starts_with("test result:") || line.trim_start().starts_with("Running ") {
            inside = false;
        }
        if inside {
            kept.push(line);
        }
    }
    if kept.is_empty() {
        kept = lines[lines.len().saturating_sub(40)..].to_vec();
    }
    kept.truncate(300);
    kept.join("\n")
}

/// The lines of `text` that say what is wrong, each once; its end, if none does.
pub fn telling_lines(text: &str, tells: impl Fn(&str) -> bool) -> String {
    let mut told = std::collections::BTreeSet::new();
    let lines: Vec<&str> = text.lines().filter(|line| tells(line) && told.insert(*line)).take(80).collect();
    if !lines.is_empty() {
        return lines.join("\n");
    }
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A suite of one of Maven Surefire's reports (`TEST-*.xml`): counts stand on its root element.
pub fn surefire(xml: &str) -> Option<Suite> {
    let root = xml.split_once("<testsuite ")?.1.split('>').next()?;
    let attribute = |name: &str| root.split_once(&format!(" {name}=\""))?.1.split('"').next();
    // The first attribute has no space before it in what was cut out.
    let root_first = |name: &str| root.strip_prefix(&format!("{name}=\"")).and_then(|rest| rest.split('"').next());
    let text = |name: &str| attribute(name).or_else(|| root_first(name));
    let count = |name: &str| text(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (tests, skipped) = (count("tests"), count("skipped"));
    let failed = count("failures") + count("errors");
    Some(Suite {
        name: text("name")?.to_owned(),
        passed: tests.saturating_sub(failed + skipped),
        failed,
        skipped,
        took: text("time")
            .and_then(|time| time.replace(',', "").parse().ok())
            .map(Duration::from_secs_f64)
            .unwrap_or_default(),
        problem: None,
    })
}

/// What `swift test` says of XCTest and of Swift Testing, added up. It runs both and reports them apart.
pub fn swift(text: &str, name: &str) -> Suite {
    let mut suite = Suite { problem: None, ..Suite::broken(name, Duration::ZERO, "") };
    // XCTest totals at the end of "All tests" or "Selected tests"; inner suites print the same line before.
    let executed = text.lines().rfind(|line| line.contains("Executed ") && line.contains(" test"));
    if let Some(line) = executed {
        let tests = number_before(line, " test").unwrap_or(0);
        // An expected failure is none; a test can fail more than once.
        let failed =
            text.lines().filter(|line| line.starts_with("Test Case '") && line.contains("' failed (")).count() as u64;
        let skipped =
            text.lines().filter(|line| line.starts_with("Test Case '") && line.contains("' skipped (")).count() as u64;
        suite.failed += failed;
        suite.skipped += skipped;
        suite.passed += tests.saturating_sub(failed + skipped);
        suite.took += seconds_after(line, "failures (").or_else(|| seconds_after(line, " in ")).unwrap_or_default();
    }
    if let Some((_, run)) = text.rsplit_once("Test run with ") {
        let line = run.lines().next().unwrap_or(run);
        let tests = number_before(&format!(" {line}"), " test").unwrap_or(0);
        let marked = |word: &str| text.lines().filter(|line| is_swift_test(line) && line.contains(word)).count() as u64;
        let (failed, skipped) = (marked(" failed after "), marked(" skipped"));
        suite.failed += failed;
        suite.skipped += skipped;
        suite.passed += tests.saturating_sub(failed + skipped);
        suite.took += seconds_after(line, " after ").unwrap_or_default();
    }
    suite
}

/// `✘ Test "name" failed after …` is about a test; `✘ Suite …` and `✘ Test run …` are not, nor is a case of one.
fn is_swift_test(line: &str) -> bool {
    line.split_once(" Test ").is_some_and(|(mark, rest)| mark.trim().chars().count() <= 1 && !rest.starts_with("run "))
}

fn number_before(text: &str, word: &str) -> Option<u64> {
    let before = text.split_once(word)?.0;
    let digits = before.rfind(|c: char| !c.is_ascii_digit()).map_or(before, |at| &before[at + 1..]);
    digits.parse().ok()
}

fn seconds_after(text: &str, word: &str) -> Option<Duration> {
    let after = text.split_once(word)?.1.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.trim_end_matches('.').parse().ok().map(Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "\
     Running unittests src/lib.rs (target/debug/deps/patron_core-0f1e2d)

running 3 tests
test consent::a ... ok
test place::b ... FAILED
test place::c ... ignored

failures:

---- place::b stdout ----
thread panicked

failures:
    place::b

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.25s

     Running unittests src/main.rs (target/debug/deps/patron_backend-aa)

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/kill.rs (target/debug/deps/kill-aa)
test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
   Doc-tests patron_core
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
";

    #[test]
    fn every_cargo_binary_with_tests_is_a_suite() {
        let suites = cargo(CARGO);
        let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, ["rust patron_core", "rust tests/kill.rs", "rust patron_core (docs)"]);
        assert_eq!((suites[0].passed, suites[0].failed, suites[0].skipped), (1, 1, 1));
        assert_eq!(suites[0].took, Duration::from_millis(1250));
    }

    #[test]
    fn a_failed_rust_test_is_shown_with_its_panic() {
        let shown = cargo_failures(CARGO);
        assert!(shown.contains("thread panicked") && shown.contains("place::b") && !shown.contains("tests/kill.rs"));
    }

    #[test]
    fn what_a_compiler_repeats_is_shown_once_and_silence_shows_the_end() {
        let text = "a.swift:1: error: no\nnote\na.swift:1: error: no\n";
        assert_eq!(telling_lines(text, |line| line.contains(": error:")), "a.swift:1: error: no");
        assert_eq!(telling_lines("one\ntwo\n", |_| false), "one\ntwo");
    }

    #[test]
    fn surefire_counts_come_from_the_root_element() {
        let xml = r#"<?xml version="1.0"?><testsuite xmlns:xsi="x" name="dev.patron.WalkTest" time="1.5" tests="5" errors="1" skipped="1" failures="1"><testcase name="a" time="9"/></testsuite>"#;
        let suite = surefire(xml).unwrap();
        assert_eq!((suite.passed, suite.failed, suite.skipped), (2, 2, 1));
        assert_eq!(suite.name, "dev.patron.WalkTest");
        assert_eq!(suite.took, Duration::from_millis(1500));
    }

    #[test]
    fn both_of_swifts_test_runners_count() {
        let text = "\
Test Suite 'All tests' started at 2026-11-22
Test Case 'AppTests.testA' passed (0.01 seconds)
Test Case 'AppTests.testB' failed (0.01 seconds)
Test Suite 'AppTests' failed at 2026-11-22
\t Executed 2 tests, with 3 failures (0 unexpected) in 0.02 (0.02) seconds
Test Suite 'All tests' failed at 2026-11-22
\t Executed 2 tests, with 3 failures (0 unexpected) in 0.02 (0.02) seconds
◇ Test run started.
◇ Test walk() started.
✔ Test walk() passed after 0.5 seconds.
✘ Test \"it leaves\" recorded an issue at A.swift:3:5: Expectation failed
✘ Test \"it leaves\" failed after 0.5 seconds with 1 issue.
✘ Suite Walks failed after 0.6 seconds with 1 issue.
✘ Test run with 2 tests failed after 0.75 seconds with 1 issue.
";
        let suite = swift(text, "swift");
        assert_eq!((suite.passed, suite.failed), (2, 2));
    }

    #[test]
    fn a_swift_run_that_says_nothing_counts_nothing() {
        let suite = swift("error: no such module", "swift");
        assert_eq!((suite.passed, suite.failed), (0, 0));
    }
}
