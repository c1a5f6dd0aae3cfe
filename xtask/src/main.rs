//! Every command of the project. `cargo xtask --help` lists them; CI runs nothing else.

mod bench;
mod bindings;
mod build;
mod check;
mod demo;
mod fuzz;
mod lab;
mod paths;
mod privacy;
mod schema;
mod setup;
mod signal;
mod sim;
mod step;
mod table;
mod test;
mod torture;
mod walk;
mod why;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Patron's commands.
///
/// What a command needs and the machine lacks is installed on the way, and said: toolchains go into
/// $PATRON_CACHE (by default ~/.cache/patron), Debian packages through apt-get.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    #[command(hide = true)]
    DemoDevice,
    Torture(torture::Args),
    #[command(hide = true)]
    TortureDevice,
    #[command(hide = true)]
    LabGuard(lab::GuardArgs),
    /// Run the tests: Rust, Kotlin, Swift
    Test(test::Args),
    /// Run the gates that CI holds: format, lints, docs, licences, spelling, phones, APIs, schema, size
    Check(check::Args),
    /// Generate the Kotlin and the Swift from the Rust library
    Bindings(bindings::Args),
    /// Write the JSON Schema of the events into docs/schema, and the privacy files that follow from it
    Schema(schema::Args),
    /// Measure, with peers beside
    Bench(bench::Args),
    Fuzz(fuzz::Args),
    Sim(sim::Args),
    Signal(signal::Args),
    Walk(walk::Args),
    Why(why::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => demo::run(args),
        Command::DemoDevice => demo::run_device(),
        Command::Torture(args) => torture::run(args),
        Command::TortureDevice => torture::run_device(),
        Command::LabGuard(args) => lab::run_guard(args),
        Command::Test(args) => test::run(args),
        Command::Check(args) => check::run(args),
        Command::Bindings(args) => bindings::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Fuzz(args) => fuzz::run(args),
        Command::Sim(args) => sim::run(args),
        Command::Signal(args) => signal::run(args),
        Command::Walk(args) => walk::run(args),
        Command::Why(args) => why::run(args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("{} {error:#}", console::style("error:").red().bold().for_stderr());
        ExitCode::FAILURE
    })
}
