//! `cargo xtask torture`: the real device and the real backend, killed at random moments with a bad
//! network between them, and the count of every event at the end, in the backend's database.
//!
//! This file runs it and reports. [`ledger`] says what counts as lost and why that is exact;
//! [`schedule`] who is killed when; [`weather`] what the network does; [`device`] and [`shopper`]
//! are the load.

mod clock;
mod device;
mod ledger;
mod protocol;
mod remote;
mod rows;
mod schedule;
mod shopper;
mod stage;
mod weather;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::lab::{self, Dice, Held, INTERRUPTED, Site, TERMINATED};
use ledger::{Books, Verdict};
use stage::Stage;

const KEY: &str = "pk_torture";

/// Kill the device and the backend at random moments, and count what was lost or came twice.
///
/// Real processes, real sockets, SIGKILL. Between them a proxy delays, cuts, loses, doubles and
/// echoes requests, and answers garbage, 503 and 429 by itself; the shopper walks, goes offline,
/// takes consent back and signs out. Then the network heals, the device delivers, and every event is
/// looked up in the backend's database.
///
/// Which process dies when, and which fault hits which request, follow from the seed; what the
/// processes are doing at that moment does not: they run in real time.
///
/// With --json, one object a line: a line for each step, and at last
/// {"kills","lost","twice","seed","accepted","unheard",…,"balanced"}.
///
/// Exit code 0: nothing was lost, nothing came twice, and the account balances. 1: it is not so, or
/// something failed. 2: bad arguments.
#[derive(clap::Args)]
pub struct Args {
    /// How many times to kill
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    kills: u32,
    /// Decides what chance decides
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// One JSON object a line on standard output; words go to standard error
    #[arg(long)]
    json: bool,
}

/// The tortured device's process.
pub fn run_device() -> anyhow::Result<ExitCode> {
    device::run()
}

/// Runs the torture.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let home = tempfile::Builder::new().prefix("patron-torture-").tempdir().context("making a temporary folder")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let report = Report::new(&args);
    let outcome = runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = perform(&args, home.path(), &report) => outcome,
            // Leaving here drops the stage: both processes are killed with their handles.
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::from(INTERRUPTED)),
            _ = terminate.recv() => Ok(ExitCode::from(TERMINATED)),
        }
    });
    report.bar.finish_and_clear();
    runtime.shutdown_timeout(Duration::from_secs(1));
    lab::clear(home.path());
    outcome
}

async fn perform(args: &Args, home: &Path, report: &Report) -> anyhow::Result<ExitCode> {
    report.say("building the backend");
    let program = lab::build().await?;
    let catalogue = home.join("catalogue.json");
    std::fs::write(&catalogue, shopper::CATALOGUE)?;
    // Each backend has a guard of its own; this one is there while there is no backend.
    let _guard = lab::guard(home, None)?;
    let site = Site { program, home: home.to_owned(), catalogue, key: KEY.to_owned(), more: Vec::new() };
    let dice = Dice::new(args.seed);
    let mut stage = Stage::set(site, dice).await?;
    report.say(&format!("killing {} times, seed {}", args.kills, args.seed));
    let (mut kills, mut number) = (0, 0);
    while kills < args.kills {
        let step = schedule::step(dice, number, args.kills - kills);
        stage.play(&step).await?;
        number += 1;
        kills += step.victim.kills();
        report.killed(kills, step.victim.word(), stage.ledger.accepted());
    }
    report.say("healing the network and delivering what is left");
    let (ledger, database) = stage.finish().await?;
    let (rows, erased) = rows::read(&database)?;
    let verdict = ledger.judge(&rows, erased);
    let held = Held::read(&database)?;
    report.end(args, &verdict, ledger.books.unwrap_or_default(), ledger.refused(), held);
    Ok(if verdict.amiss.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where words and numbers go.
struct Report {
    json: bool,
    bar: ProgressBar,
    begun: Instant,
}

impl Report {
    fn new(args: &Args) -> Self {
        let live = console::Term::stderr().is_term();
        let target = if live { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(u64::from(args.kills)), target);
        let style = ProgressStyle::with_template("  {bar:36.red/dim}  {pos}/{len} kills · {msg} · {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        Self { json: args.json, bar, begun: Instant::now() }
    }

    fn say(&self, what: &str) {
        match self.bar.is_hidden() {
            true => eprintln!("  {what} …"),
            false => self.bar.set_message(format!("{what} …")),
        }
    }

    fn killed(&self, kills: u32, who: &str, accepted: u64) {
        self.bar.set_position(u64::from(kills));
        self.bar.set_message(format!("{accepted} events"));
        let ms = self.begun.elapsed().as_millis() as u64;
        self.object(&json!({ "killed": who, "kills": kills, "accepted": accepted, "ms": ms }));
        if self.bar.is_hidden() && !self.json && kills.is_multiple_of(10) {
            eprintln!("  {kills} kills, {accepted} events");
        }
    }

    fn end(&self, args: &Args, verdict: &Verdict, books: Books, (busy, not_permitted): (u64, u64), held: Held) {
        self.bar.finish_and_clear();
        let well = verdict.amiss.is_empty();
        let words = format!(
            "  {kills} kills: {lost} lost, {twice} twice\n  \
             {accepted} calls and turns reported + {unheard} nobody was left to hear of = {delivered} delivered + {queued} queued \
             + {dead} dead + {evicted} evicted + {purged} purged\n  \
             {stored} rows in the backend; {duplicates} offered again and refused; {owed} looked up by name",
            kills = args.kills,
            lost = verdict.lost,
            twice = verdict.twice,
            accepted = verdict.accepted,
            unheard = verdict.unheard,
            delivered = books.delivered,
            queued = books.queued,
            dead = books.dead,
            evicted = books.evicted,
            purged = books.purged,
            stored = held.stored,
            duplicates = held.duplicates,
            owed = verdict.owed,
        );
        let amiss = verdict.amiss.iter().map(|words| format!("\n  ✗ {words}")).collect::<String>();
        let end = if well { "\n  ✓ the account balances".to_owned() } else { amiss };
        match self.json {
            true => eprintln!("{words}{end}"),
            false => _ = writeln!(std::io::stdout(), "{words}{end}"),
        }
        self.object(&json!({
            "kills": args.kills,
            "lost": verdict.lost,
            "twice": verdict.twice,
            "seed": args.seed,
            "accepted": verdict.accepted,
            "unheard": verdict.unheard,
            "delivered": books.delivered,
            "queued": books.queued,
            "dead": books.dead,
            "evicted": books.evicted,
            "purged": books.purged,
            "backend_stored": held.stored,
            "backend_duplicates": held.duplicates,
            "owed": verdict.owed,
            "invented": verdict.invented,
            "busy": busy,
            "not_permitted": not_permitted,
            "seconds": self.begun.elapsed().as_secs(),
            "balanced": well,
        }));
    }

    fn object(&self, value: &serde_json::Value) {
        if self.json {
            let _ = writeln!(std::io::stdout(), "{value}");
        }
    }
}
