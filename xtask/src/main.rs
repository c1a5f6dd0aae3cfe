//! Every command of the project.

mod demo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk a recorded trace through the whole SDK and balance the account at the end
    Demo(demo::DemoArgs),
    #[command(hide = true)]
    DemoDevice(demo::DeviceArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => demo::run(args),
        Command::DemoDevice(args) => demo::run_device(args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("{} {error:#}", console::style("error:").red().bold().for_stderr());
        ExitCode::FAILURE
    })
}
