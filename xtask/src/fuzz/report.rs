//! What libFuzzer said at the end of a run.

use std::time::Duration;

use patron_fuzz::Target;
use serde_json::json;

/// How a target fared.
pub(super) struct Outcome {
    name: &'static str,
    executions: u64,
    /// Edges of the program that were seen.
    coverage: u64,
    /// Inputs that each show something of their own.
    corpus: u64,
    took: Duration,
    /// What broke, and how to see it again; `None` when all held.
    pub(super) broken: Option<String>,
    crash: Option<String>,
}

impl Outcome {
    /// Reads the program's output, and the code it ended with.
    pub(super) fn read(target: &Target, output: &str, code: Option<i32>, took: Duration) -> Self {
        let stat = |name: &str| output.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        // `#4096 pulse  cov: 812 ft: 2034 corp: 210/14Kb …`: the last of them counts.
        let last = |word: &str| {
            output.lines().rev().filter(|line| line.starts_with('#')).find_map(|line| {
                let value = line.split_whitespace().skip_while(|part| *part != word).nth(1)?;
                value.split('/').next()?.parse().ok()
            })
        };
        let crash =
            output.lines().find_map(|line| line.split_once("Test unit written to ").map(|(_, path)| path.trim()));
        let broken = (code != Some(0)).then(|| {
            let tail: Vec<&str> = output.lines().rev().take(30).collect();
            let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
            match crash {
                Some(path) => {
                    format!("{tail}\nsee it again: cargo xtask fuzz --target {} --replay {path}", target.name)
                }
                None => tail,
            }
        });
        Self {
            name: target.name,
            executions: stat("stat::number_of_executed_units:").or(last_execution(output)).unwrap_or(0),
            coverage: last("cov:").unwrap_or(0),
            corpus: last("corp:").unwrap_or(0),
            took,
            broken,
            crash: crash.map(str::to_owned),
        }
    }

    pub(super) fn good(&self) -> bool {
        self.broken.is_none()
    }

    pub(super) fn words(&self) -> String {
        format!("{} executions, {} edges, {} inputs", self.executions, self.coverage, self.corpus)
    }

    pub(super) fn json(&self) -> String {
        json!({
            "target": self.name,
            "executions": self.executions,
            "coverage": self.coverage,
            "corpus": self.corpus,
            "seconds": self.took.as_secs(),
            "crash": self.crash,
            "held": self.good(),
        })
        .to_string()
    }

    fn line(&self) -> String {
        let held = if self.good() { "yes" } else { "**no**" };
        let Self { name, executions, coverage, corpus, .. } = self;
        format!("| `{name}` | {} | {executions} | {coverage} | {corpus} | {held} |", self.took.as_secs())
    }
}

/// The number at the head of the last line of progress.
fn last_execution(output: &str) -> Option<u64> {
    output.lines().rev().find_map(|line| line.strip_prefix('#')?.split_whitespace().next()?.parse().ok())
}

/// The outcomes as a Markdown table, as it stands in docs/fuzzing.md.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let head = "| target | seconds | executions | edges | inputs | held |\n|---|---:|---:|---:|---:|---|".to_owned();
    std::iter::once(head).chain(outcomes.iter().map(Outcome::line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &Target = &patron_fuzz::TARGETS[0];

    #[test]
    fn a_run_that_held_tells_what_it_saw() {
        let output = "#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0\n#9\tDONE   cov: 814 ft: 2034 corp: 210/14Kb\n\
                      stat::number_of_executed_units: 90210\n";
        let outcome = Outcome::read(TARGET, output, Some(0), Duration::from_secs(60));
        assert_eq!((outcome.executions, outcome.coverage, outcome.corpus), (90_210, 814, 210));
        assert!(outcome.good());
    }

    #[test]
    fn a_run_that_broke_tells_how_to_see_it_again() {
        let output = "#7\tNEW    cov: 3 ft: 3 corp: 2/2b\npanicked at here\n\
                      artifact_prefix='x/'; Test unit written to target/fuzz/crashes/a/crash-1\n";
        let outcome = Outcome::read(TARGET, output, Some(77), Duration::from_secs(1));
        let told = outcome.broken.as_deref().unwrap_or_default();
        assert!(told.ends_with("--replay target/fuzz/crashes/a/crash-1"), "{told}");
        assert_eq!(outcome.executions, 7);
    }
}
