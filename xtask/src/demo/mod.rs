//! `cargo xtask demo`: a recorded walk through the whole SDK, with a real backend, a network that
//! fails and a process that is killed, and the account of every event at the end.
//!
//! This file prepares the stage and clears it again; [`story`] is what happens on it.

mod account;
mod catalogue;
mod clock;
mod course;
mod device;
pub(crate) mod gpx;
mod hall;
mod heard;
mod network;
mod phone;
mod pictures;
mod protocol;
mod remote;
mod retailer;
mod row;
mod screen;
mod story;
mod summary;
mod svg;
pub(crate) mod trace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use crate::lab::{self, Dice, INTERRUPTED, Site, TERMINATED};
use account::Account;
use course::Course;
use network::Network;
use pictures::Pictures;
use retailer::{EVENTS_PER_SECOND, PUBLISHER_KEY, Retailer, partner_key};
use screen::{Pacer, Screen};
use story::{Stage, Story};
use trace::Trace;

const KEY: &str = "pk_demo";

/// Walk a recorded trace through the whole SDK and balance the account at the end.
///
/// Exit code 0: every event is accounted for on both sides. 1: it is not, or something failed.
/// 2: bad arguments or no timed trace.
#[derive(clap::Args)]
pub struct DemoArgs {
    /// Neither wait between fixes nor draw a bar: plain lines, as fast as it goes
    #[arg(long)]
    headless: bool,
    /// One JSON object a line on standard output, the account last; words go to standard error
    #[arg(long)]
    json: bool,
    /// Decides what chance decides: which replies are lost, where the process is killed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many times faster than life; by default any walk ends within a minute
    #[arg(long, value_name = "X", value_parser = speed)]
    speed: Option<f64>,
    /// The walk: any GPX file with times. By default a day in the mountains that ships with the gpx crate
    #[arg(long, value_name = "FILE.gpx")]
    trace: Option<PathBuf>,
    /// Also write the finished timeline as a picture
    #[arg(long, value_name = "FILE.svg", hide = true)]
    svg: Option<PathBuf>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("takes a number above 0, for example 500".to_owned()),
    }
}

/// The simulated phone's process: obeys orders from standard input until it ends.
pub fn run_device() -> anyhow::Result<ExitCode> {
    device::run()
}

/// Runs the demo.
pub fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let path = match &args.trace {
        Some(path) => path.clone(),
        None => default_trace()?,
    };
    let mut screen = Screen::new(args.json, args.headless);
    screen.busy("reading the walk");
    let trace = match Trace::read(&path) {
        Ok(trace) => trace.ending_by(jiff::Timestamp::now().as_millisecond()),
        Err(bad) => {
            screen.end();
            eprintln!("{} {bad}", console::style("error:").red().bold().for_stderr());
            return Ok(ExitCode::from(2));
        }
    };
    let home = tempfile::Builder::new().prefix("patron-demo-").tempdir().context("making a temporary folder")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = perform(&args, &trace, home.path(), &mut screen) => outcome,
            // Leaving here drops the stage: both processes are killed with their handles.
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::from(INTERRUPTED)),
            _ = terminate.recv() => Ok(ExitCode::from(TERMINATED)),
        }
    });
    screen.end();
    runtime.shutdown_timeout(Duration::from_secs(1));
    lab::clear(home.path());
    outcome
}

async fn perform(args: &DemoArgs, trace: &Trace, home: &Path, screen: &mut Screen) -> anyhow::Result<ExitCode> {
    let course = Course::of(trace);
    let sites = course.sites(trace);
    let dice = Dice::new(args.seed);
    screen.busy("building the backend");
    let program = lab::build().await?;
    let catalogue = catalogue::build(trace, &sites);
    let file = home.join("catalogue.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&catalogue)?)?;
    let rate = EVENTS_PER_SECOND.to_string();
    let mut more: Vec<String> =
        ["--publisher-key", PUBLISHER_KEY, "--events-per-second", &rate].map(str::to_owned).into();
    for partner in [catalogue::LETTER_FROM, catalogue::NOT_TOLD.0] {
        more.extend(["--partner-key".to_owned(), format!("{partner}={}", partner_key(partner))]);
    }
    let site = Site { program, home: home.to_owned(), catalogue: file, key: KEY.to_owned(), more };
    let backend = site.start()?.serving().await?;
    let pictures = Pictures::start().await.context("starting the server of pictures")?;
    let network = Network::start([backend.address, pictures.address], dice).await.context("starting the network")?;

    let pacer = Pacer::new(trace.points[0].at_ms, trace.duration_ms(), args.speed, args.headless);
    screen.begin(trace.points.len());
    summary::opening(screen, trace, &course, &catalogue::names(&sites), pacer.speed());
    let stage = Stage {
        trace,
        course: &course,
        catalogue: &catalogue,
        network: &network,
        pictures: &pictures,
        retailer: Retailer::new(backend.address, KEY),
        dice,
        folder: home.join("device"),
        database: backend.database().to_owned(),
        key: KEY.to_owned(),
    };
    let told = Story::new(stage, screen, pacer)?.tell().await?;
    screen.end();

    drop(network);
    backend.stop().await?;
    let account = Account::new(told.accepted, &told.device, told.held);
    summary::closing(screen, trace, &told, &account);
    if let Some(path) = &args.svg {
        std::fs::write(path, svg::render(screen.rows())).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(if account.balanced() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A day in the mountains that no one of this project recorded: a fixture of the gpx crate, which
/// Cargo has unpacked to build this program.
pub(crate) fn default_trace() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Not `cargo metadata`: that wants every package of the workspace to have been downloaded.
    let mut command = std::process::Command::new(cargo);
    command.args(["build", "--quiet", "--package", "gpx", "--message-format", "json-render-diagnostics"]);
    let output = command.current_dir(lab::workspace()).output().context("asking cargo where the gpx crate is")?;
    anyhow::ensure!(output.status.success(), "cargo: {}", String::from_utf8_lossy(&output.stderr).trim());
    let manifest = lab::messages(&output.stdout)
        .filter(|message| message["target"]["name"] == "gpx")
        .find_map(|message| message["manifest_path"].as_str().map(PathBuf::from))
        .context("cargo does not know the gpx crate")?;
    Ok(manifest.with_file_name("tests/fixtures/garmin_with_extensions.gpx"))
}
