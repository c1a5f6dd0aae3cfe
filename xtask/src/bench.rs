//! `cargo xtask bench`: builds the benchmarks as they should run and hands over to them.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::paths;

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Passed on to the benchmarks: `--help` lists what they take
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

/// Becomes `patron-bench`: its output, its exit code and its Ctrl-C are its own.
pub fn run(args: Args) -> Result<ExitCode> {
    let error = Command::new("cargo")
        .current_dir(paths::root())
        .args(["run", "--quiet", "--profile", "fast", "--package", "patron-bench", "--"])
        .args(args.arguments)
        .exec();
    Err(error).context("cannot run cargo")
}
