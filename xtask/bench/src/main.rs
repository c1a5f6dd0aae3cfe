//! The numbers of docs/benchmarks.md, each beside its peer in the same run.
//!
//! `cargo xtask bench` runs this and draws the table. Each row is a line of JSON: what was measured,
//! the target, and what the peers did on this machine in this run. Nothing here is a test: a slow
//! machine fails no build.

mod backend;
mod consent;
mod decide;
mod drain;
mod durable;
mod events;
mod idle;
mod kill;
mod open;
mod peer;
mod place;
mod queue;
mod row;
mod rules;
mod shelf;
mod signal;
mod sink;
mod stats;
mod track;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use row::Bench;

/// Measures Patron beside its peers.
#[derive(Parser)]
#[command(name = "bench")]
struct Args {
    /// Only these rows, by id.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How this program runs itself as a child: one that is killed, or one that holds a queue.
    #[arg(long, hide = true, value_names = ["WHO", "FOLDER"], num_args = 2)]
    victim: Vec<PathBuf>,
    /// The server that the JVM's benchmarks send to.
    #[arg(long, hide = true)]
    sink: bool,
}

const BENCHES: &[Bench] = &[
    track::BENCH,
    kill::BENCH,
    durable::BENCH,
    drain::BENCH,
    queue::BENCH,
    idle::BENCH,
    open::BENCH,
    consent::BENCH,
    signal::BENCH,
    rules::BENCH,
    decide::BENCH,
    backend::BENCH,
    place::LOCATE,
    place::OUTLINE,
    place::EDGE,
    place::WAKE,
];

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let [who, folder] = args.victim.as_slice() {
        if who.as_os_str() == "queue" {
            return queue::be_the_queue(folder);
        }
        return kill::be_the_victim(&who.to_string_lossy(), folder);
    }
    if args.sink {
        sink::serve()?;
        return Ok(ExitCode::SUCCESS);
    }
    let known: Vec<&str> = BENCHES.iter().flat_map(|bench| bench.ids).copied().collect();
    if let Some(unknown) = args.only.iter().find(|id| !known.contains(&id.as_str())) {
        anyhow::bail!("no row is called {unknown:?}; there are: {}", known.join(", "));
    }
    let wanted = |id: &str| args.only.is_empty() || args.only.iter().any(|only| only == id);
    for bench in BENCHES.iter().filter(|bench| bench.ids.iter().any(|id| wanted(id))) {
        eprintln!("… {}", bench.title);
        for row in (bench.run)()?.into_iter().filter(|row| wanted(row.id)) {
            writeln!(std::io::stdout(), "{}", row.json())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
