//! `cargo xtask walk`: what the place folder makes of a recorded trace, in lines and as a picture.
//!
//! Reads a trace in GPX or GeoJSON and fences in GeoJSON, replays every fix through the core's own tracker, and
//! tells each transition. Nothing of the SDK around it runs: no store, no network, no consent to
//! ask for. Noise and gaps can be put in, by a seed.

mod beacons;
mod geojson_track;
mod picture;
mod replay;
#[cfg(test)]
mod tests;
mod track;

use std::path::PathBuf;
use std::process::ExitCode;

use console::style;
use patron_core::place::geojson;

use replay::Replay;
use track::{Spoil, Track};

/// Walk a recorded trace past fences and tell every transition.
///
/// A line for each: enter, dwell, exit, or pass for a fence crossed between two fixes; and for each fence that
/// came within its `approach_m`. Exit code 0:
/// the trace was walked, whatever it met. 2: bad arguments, or a file that is not what it should be.
#[derive(clap::Args)]
pub struct Args {
    /// The walk: any GPX file with times, or GeoJSON: lines with `coordTimes`, or points with a `time`
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// The fences: GeoJSON, points with `radius_m`, polygons and multipolygons, `id` and `name` in
    /// their properties (and `dwell_s`, `approach_m`, `parent`, `beacons`, `hours`). Hours are a
    /// catalogue's: {"time_zone":"Europe/Helsinki","windows":[{"days":["fr","sa"],"from":"18:00","to":"02:00"}]};
    /// outside of them there is no fence
    #[arg(long, value_name = "FILE.geojson")]
    fences: PathBuf,
    /// What the phone's scanner heard: a line of JSON for each advertisement, with `at`, `rssi` and
    /// `data`, the bytes in hexadecimal; fences name theirs in `beacons`
    #[arg(long, value_name = "FILE.jsonl")]
    beacons: Option<PathBuf>,
    /// Also draw the track, the fences, the fixes with their accuracy, the transitions, and what a
    /// phone would watch at the end: regions, and the safe circle whose exit asks for the next plan
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<PathBuf>,
    /// One JSON object a line on standard output; words go to standard error
    #[arg(long)]
    json: bool,
    /// Add an error that wanders like a receiver's in a street, of this σ in metres
    #[arg(long, value_name = "METRES", default_value_t = 0.0, value_parser = metres)]
    noise: f64,
    /// Lose this share of the fixes, in stretches as a tunnel would
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    gaps: f64,
    /// Decides where noise and gaps fall
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Accuracy in metres of fixes that tell none
    #[arg(long, value_name = "METRES", default_value_t = 15.0, value_parser = metres)]
    accuracy: f64,
    /// Take the fixes as made up, as those of a mock location app are: what follows says so
    #[arg(long)]
    mock: bool,
}

fn metres(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(metres) if (0.0..=10_000.0).contains(&metres) => Ok(metres),
        _ => Err("takes metres from 0 to 10000".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=0.9).contains(&share) => Ok(share),
        _ => Err("takes a share from 0 to 0.9".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match walk(&args) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => {
            eprintln!("{} {why:#}", style("error:").red().bold().for_stderr());
            Ok(ExitCode::from(2))
        }
    }
}

fn walk(args: &Args) -> anyhow::Result<()> {
    let mut track = Track::read(&args.trace)?;
    let fences = std::fs::read(&args.fences)
        .map_err(|e| anyhow::anyhow!("{}: cannot be read: {e}", args.fences.display()))
        .and_then(|bytes| geojson::places(&bytes).map_err(|e| anyhow::anyhow!("{}: {e}", args.fences.display())))?;
    let assumed = track.fixes.iter().filter(|fix| fix.accuracy_m.is_none()).count();
    let lost = track.spoil(Spoil { noise_m: args.noise, gaps: args.gaps, seed: args.seed, accuracy_m: args.accuracy });
    let heard = args.beacons.as_deref().map(beacons::read).transpose()?.unwrap_or_default();
    let replay = Replay::of(&track, &heard, fences, args.mock)?;
    for told in &replay.told {
        println!("{}", if args.json { told.json() } else { told.words() });
    }
    let out = |line: String| eprintln!("{} {line}", style("·").dim().for_stderr());
    out(track.words());
    if assumed > 0 {
        out(format!("{assumed} fixes tell no accuracy; {} m is assumed", args.accuracy));
    }
    if args.noise > 0.0 || args.gaps > 0.0 {
        out(format!("spoilt by seed {}: noise of σ {} m, {lost} fixes lost", args.seed, args.noise));
    }
    out(replay.words());
    if let Some(path) = &args.svg {
        std::fs::write(path, picture::draw(&track, &replay))
            .map_err(|e| anyhow::anyhow!("{}: cannot be written: {e}", path.display()))?;
        out(format!("drawn into {}", path.display()));
    }
    Ok(())
}
