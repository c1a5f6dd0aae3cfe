//! `cargo xtask fuzz`: libFuzzer throws bytes at the core, target by target.
//!
//! What the targets are and what must hold is said in `xtask/fuzz`; here they are built with the
//! coverage that libFuzzer feeds on, and run. All of it works with the stable compiler, which is
//! why there is no address sanitiser: that one needs a nightly.

mod keep;
mod report;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use patron_fuzz::{TARGETS, Target};

use crate::build::cargo;
use crate::step::{self, Step};
use crate::{paths, setup};
use report::Outcome;

/// What cargo-fuzz gives to a compiler, without the sanitiser.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];

/// An input that takes so long has found a loop; the slowest of the corpus takes a hundredth of it.
const TIMEOUT_S: u32 = 5;

/// The core is to live in an app: an input that makes it take so much has found a leak or a bomb.
const MEMORY_MIB: u32 = 512;

/// Throw bytes at the core for a while: server responses, stored rows, database files, …
///
/// The fuzzer goes on from where it was: what it learned is in target/fuzz/corpus. An input that
/// breaks a promise is kept in target/fuzz/crashes, and the command ends with 1 and says how to
/// replay it.
#[derive(clap::Args)]
pub struct Args {
    /// Only these, for example `--target ring,row`; all without it
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    target: Vec<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// One JSON object a target on standard output instead of a table
    #[arg(long)]
    json: bool,
    /// Run one target once with this file as its input, in a plain debug build
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seconds", "keep"])]
    replay: Option<PathBuf>,
    /// Instead of fuzzing: choose the few inputs that cover most into the committed corpus
    #[arg(long, conflicts_with = "seconds")]
    keep: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    let targets = chosen(&args.target)?;
    if let Some(file) = &args.replay {
        let [target] = targets[..] else { bail!("--replay takes one --target: the one that the file is for") };
        return replay(target, file);
    }
    let program = build()?;
    if args.keep {
        targets.iter().try_for_each(|target| keep::keep(&program, target))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut outcomes = Vec::new();
    for target in targets {
        let outcome = fuzz(&program, target, args.seconds)?;
        if args.json {
            println!("{}", outcome.json());
        }
        outcomes.push(outcome);
    }
    if !args.json {
        println!("{}", report::table(&outcomes));
    }
    Ok(if outcomes.iter().all(Outcome::good) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(names: &[String]) -> Result<Vec<&'static Target>> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let find = |name: &String| {
        patron_fuzz::find(name).with_context(|| format!("no target is called {name:?}; there are: {}", known()))
    };
    names.iter().map(find).collect()
}

fn replay(target: &Target, file: &Path) -> Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    (target.run)(&bytes);
    println!("{} holds: {}", target.name, target.promise);
    Ok(ExitCode::SUCCESS)
}

/// Builds the program with coverage, into a folder of its own: every crate is compiled anew.
fn build() -> Result<PathBuf> {
    setup::apt::ensure(&[setup::apt::CC, setup::apt::CXX])?;
    let host = setup::rust::host()?;
    let folder = paths::target().join("fuzz");
    Step::with("fuzz: build", |step| {
        let mut command = cargo();
        command
            .args(["build", "--package", "patron-fuzz", "--features", "libfuzzer", "--bin", "patron-fuzz"])
            // With a target named, the flags go to what runs there and not to build scripts.
            .args(["--profile", "fuzz", "--target", &host, "--target-dir"])
            .arg(&folder)
            .env("RUSTFLAGS", COVERAGE.join(" "));
        step.run(&mut command)
    })?;
    Ok(folder.join(host).join("fuzz/patron-fuzz"))
}

/// Where a target's inputs are: those that are committed, those that were found here, those that
/// broke a promise.
struct Folders {
    committed: PathBuf,
    found: PathBuf,
    crashes: PathBuf,
}

impl Folders {
    fn of(target: &Target) -> Result<Self> {
        let fuzz = paths::target().join("fuzz");
        let folders = Self {
            committed: paths::root().join("xtask/fuzz/corpus").join(target.name),
            found: fuzz.join("corpus").join(target.name),
            crashes: fuzz.join("crashes").join(target.name),
        };
        for folder in [&folders.committed, &folders.found, &folders.crashes] {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(folders)
    }
}

/// The program, told of its target and the bounds that every run has.
fn program(path: &Path, target: &Target) -> Command {
    let mut command = Command::new(path);
    command
        .env("PATRON_FUZZ_TARGET", target.name)
        .current_dir(paths::root())
        .arg(format!("-timeout={TIMEOUT_S}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-max_len={}", target.max_len));
    command
}

fn fuzz(path: &Path, target: &Target, seconds: u64) -> Result<Outcome> {
    let folders = Folders::of(target)?;
    for (n, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(folders.found.join(format!("seed-{n}")), seed)?;
    }
    let mut command = program(path, target);
    // libFuzzer takes a list without a word for a broken one.
    if !target.words.is_empty() {
        let words = folders.found.with_extension("words");
        std::fs::write(&words, dictionary(target.words))?;
        command.arg(format!("-dict={}", words.display()));
    }
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", folders.crashes.display()))
        .args(["-print_final_stats=1", "-use_value_profile=1"])
        // New inputs go into the first folder, the others are read.
        .args([&folders.found, &folders.committed]);
    let step = Step::begin(format!("fuzz: {}", target.name))?;
    let (output, code) = step.run_any(&mut command)?;
    let outcome = Outcome::read(target, &output, code, step.elapsed());
    match &outcome.broken {
        None => step.done(&outcome.words()),
        Some(why) => step.failed(&format!("{}: {}\n{why}", target.name, target.promise)),
    }
    Ok(outcome)
}

/// libFuzzer's form of a list of words.
fn dictionary(words: &[&str]) -> String {
    let quoted = |word: &&str| {
        let bytes = word.bytes().map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", byte as char),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02X}"),
        });
        format!("\"{}\"\n", bytes.collect::<String>())
    };
    words.iter().map(quoted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_quotes_what_is_no_letter() {
        assert_eq!(dictionary(&["\"id\":", "\x0d"]), "\"\\\"id\\\":\"\n\"\\x0D\"\n");
    }

    #[test]
    fn a_target_that_is_not_there_is_told_with_those_that_are() {
        let error = chosen(&["rnig".to_owned()]).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("\"rnig\"") && error.contains("ring"), "{error}");
    }
}
