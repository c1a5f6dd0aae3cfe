//! `cargo xtask schema`: the JSON Schema of the events, from the types that write them, and what the
//! stores ask about data, from that schema.
//!
//! The types are asked by an example of the core, so that the crate which writes schemas is compiled for
//! this alone. The gate `schema` compares; this command writes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::build::cargo;
use crate::check::snapshot;
use crate::step::{self, Step};
use crate::{paths, privacy};

/// Numbered by the version of the wire: a change of meaning makes a second file beside it.
const FILE: &str = "events-1.json";

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    crate::setup::apt::ensure(&[crate::setup::apt::CC])?;
    println!("{}", hold("schema", true)?);
    Ok(ExitCode::SUCCESS)
}

/// Compares what the types say with what is published, or publishes it.
pub fn hold(name: &str, update: bool) -> Result<String> {
    let file = paths::target().join("xtask").join(FILE);
    let schema = Step::with(name, |step| {
        let mut command = cargo();
        command.args(["run", "--package", "patron-core", "--features", "schema", "--example", "event_schema", "--"]);
        step.run(command.arg(&file))?;
        std::fs::read_to_string(&file).with_context(|| format!("the types did not write {}", paths::shown(&file)))
    })?;
    privacy::hold(&schema, update)?;
    snapshot::hold(&paths::root().join("docs/schema"), &BTreeMap::from([(FILE.to_owned(), schema)]), update)
}
