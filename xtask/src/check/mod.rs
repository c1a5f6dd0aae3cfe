//! `cargo xtask check`: the gates that CI holds.
//!
//! Every gate runs, also when one before it failed. Two lanes run side by side: Cargo's gates, which share
//! one build folder and would wait for each other, and those of the other languages, which wait for set-up.

mod api_kotlin;
mod api_swift;
mod cargo;
pub mod size;
pub mod snapshot;
mod style;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::build::{self, Built};
use crate::setup::{self, cross::Cross, swift::Swift};
use crate::step::{self, Later, Step, background};
use crate::table::{self, Row};

#[derive(clap::Args)]
pub struct Args {
    /// Hold only these, for example `--only fmt,clippy`
    #[arg(long, value_enum, value_delimiter = ',', value_name = "GATE")]
    only: Vec<Gate>,

    /// Write the snapshots anew (Kotlin and Swift API, event schema, privacy files, sizes) instead of comparing with them
    #[arg(long)]
    update: bool,

    /// Let the formatters and the spelling checker mend what they can
    #[arg(long)]
    fix: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Gate {
    /// rustfmt
    Fmt,
    /// Compiler and Clippy warnings, in everything
    Clippy,
    /// Rust's documentation builds without a warning
    Docs,
    /// The published schema of the events, and the privacy files made of it, are what the types say
    Schema,
    /// Core and bindings compile for Android
    Android,
    /// Core and bindings compile for iOS
    Ios,
    /// The library keeps its size
    Size,
    /// Licences, sources and bans of dependencies
    Deny,
    /// Spelling, everywhere
    Spelling,
    /// swift-format, strict
    SwiftStyle,
    /// ktlint
    KotlinStyle,
    /// The Kotlin API is the one of the snapshot
    KotlinApi,
    /// The Swift API is the one of the snapshot
    SwiftApi,
}

/// In the order in which they run. The shared build comes before the first that needs it.
const CARGO_LANE: &[Gate] =
    &[Gate::Fmt, Gate::Clippy, Gate::Docs, Gate::Schema, Gate::Android, Gate::Ios, Gate::Size, Gate::Deny];
const OTHER_LANE: &[Gate] = &[Gate::Spelling, Gate::KotlinStyle, Gate::SwiftStyle, Gate::KotlinApi, Gate::SwiftApi];

/// What gates share, each made once, in the background or by the lane that comes to it.
struct Shared {
    update: bool,
    fix: bool,
    built: Later<Built>,
    java: Later<std::path::PathBuf>,
    swift: Later<Swift>,
    cross: Later<Cross>,
    deny: Later<std::path::PathBuf>,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    let wants = |gate: &Gate| args.only.is_empty() || args.only.contains(gate);
    let needs = |gates: &[Gate]| gates.iter().any(wants);
    let on_demand = |wanted: bool, what: &'static str| -> Result<()> {
        if wanted { Ok(()) } else { bail!("{what} was not asked for") }
    };

    setup::apt::ensure(&[setup::apt::CC])?;
    let (java, swift) = (needs(&[Gate::KotlinApi, Gate::KotlinStyle]), needs(&[Gate::SwiftApi, Gate::SwiftStyle]));
    let (cross, deny) = (needs(&[Gate::Android, Gate::Ios, Gate::Size]), needs(&[Gate::Deny]));
    let api = needs(&[Gate::KotlinApi, Gate::SwiftApi]);
    let shared = Shared {
        update: args.update,
        fix: args.fix,
        built: Later::new(),
        java: background(move || {
            on_demand(java, "Java").and_then(|()| setup::maven::fetch_jars()).and_then(|()| setup::jdk::ensure())
        }),
        swift: background(move || on_demand(swift, "Swift").and_then(|()| setup::swift::ensure())),
        cross: background(move || on_demand(cross, "cross compiling").and_then(|()| setup::cross::ensure())),
        deny: background(move || on_demand(deny, "cargo-deny").and_then(|()| setup::deny::ensure())),
    };

    let rows = std::thread::scope(|scope| {
        let cargo = scope.spawn(|| {
            if api {
                shared.built.set(build_and_generate());
            }
            lane(CARGO_LANE, wants, &shared)
        });
        let mut others = lane(OTHER_LANE, wants, &shared);
        let mut rows = cargo.join().unwrap_or_else(|_| vec![Row::broken("cargo", "the lane panicked")]);
        rows.append(&mut others);
        rows
    });
    table::print(&rows);
    let bad = rows.iter().filter(|row| !row.good).count();
    println!("{} gates held, {bad} did not", rows.len() - bad);
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build_and_generate() -> Result<Built> {
    let built = Step::with("build", |step| build::everything(step, false))?;
    Step::with("bindings", |step| crate::bindings::generate(step, &built))?;
    Ok(built)
}

fn lane(gates: &[Gate], wants: impl Fn(&Gate) -> bool, shared: &Shared) -> Vec<Row> {
    gates.iter().filter(|gate| wants(gate)).map(|gate| gate.row(shared)).collect()
}

impl Gate {
    fn row(self, shared: &Shared) -> Row {
        let name = self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let begun = Instant::now();
        let result = self.hold(shared, &name);
        let (good, words) = match result {
            Ok(words) => (true, words),
            Err(error) => {
                step::say(format!("{name}: {error:#}"));
                (false, "see above".into())
            }
        };
        Row { name, good, words, took: begun.elapsed() }
    }

    /// A few words for the table, or what is wrong.
    fn hold(self, shared: &Shared, name: &str) -> Result<String> {
        match self {
            Gate::Fmt => cargo::fmt(name, shared.fix),
            Gate::Clippy => cargo::clippy(name),
            Gate::Docs => cargo::docs(name),
            Gate::Schema => crate::schema::hold(name, shared.update),
            Gate::Android => cargo::phone(name, setup::rust::ANDROID, shared.cross.wait()?),
            Gate::Ios => cargo::phone(name, setup::rust::IOS, shared.cross.wait()?),
            Gate::Size => size::hold(name, shared.cross.wait()?, shared.update),
            Gate::Deny => cargo::deny(name, shared.deny.wait()?),
            Gate::Spelling => style::spelling(name, shared.fix),
            Gate::SwiftStyle => style::swift(name, shared.swift.wait()?, shared.fix),
            Gate::KotlinStyle => {
                shared.java.wait()?;
                style::kotlin(name, shared.fix)
            }
            Gate::KotlinApi => api_kotlin::hold(name, shared.built.wait()?, shared.java.wait()?, shared.update),
            Gate::SwiftApi => api_swift::hold(name, shared.built.wait()?, shared.swift.wait()?, shared.update),
        }
    }
}

impl Row {
    fn broken(name: &str, words: &str) -> Row {
        Row { name: name.into(), good: false, words: words.into(), took: Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_runs_in_exactly_one_lane() {
        for gate in Gate::value_variants() {
            let lanes = CARGO_LANE.iter().chain(OTHER_LANE).filter(|other| *other == gate).count();
            assert_eq!(lanes, 1, "{gate:?}");
        }
    }
}
