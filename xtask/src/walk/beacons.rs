//! A log of beacons beside a walk: what a phone's scanner heard, a line for each advertisement.
//!
//! `{"at": RFC 3339, "rssi": dBm, "data": hexadecimal}`, in the order of time; `{"at": …}` alone is
//! a moment at which nothing was heard. Between two lines no more than five seconds apart the phone
//! listened.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use patron_core::place::beacon::{Advert, advert};
use serde::Deserialize;

use crate::demo::trace::read_bounded;

/// Lines further apart were not one scan.
const ONE_SCAN_MS: i64 = 5_000;

/// A day of ten a second.
const MOST: usize = 1_000_000;

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heard {
    pub(super) at_ms: i64,
    /// How long the phone had listened since the line before.
    pub(super) listened_ms: u64,
    /// What was heard, at which strength; `None` for nothing, or for what is no beacon.
    pub(super) beacon: Option<(Advert, i16)>,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    rssi: Option<i16>,
    data: Option<String>,
}

/// Reads the log at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<Heard>> {
    let name = || path.display().to_string();
    let bytes = read_bounded(path).map_err(|why| anyhow!("{}: {why}", name()))?;
    parse(std::str::from_utf8(&bytes).with_context(name)?).with_context(name)
}

pub(super) fn parse(text: &str) -> Result<Vec<Heard>> {
    let mut log: Vec<Heard> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        ensure!(log.len() < MOST, "has more than {MOST} lines, the most that are read");
        let heard = entry(line).with_context(|| format!("line {}", number + 1))?;
        let before_ms = log.last().map_or(heard.at_ms, |last| last.at_ms);
        ensure!(heard.at_ms >= before_ms, "line {}: goes back in time", number + 1);
        let apart_ms = heard.at_ms - before_ms;
        let listened_ms = if apart_ms <= ONE_SCAN_MS { apart_ms.unsigned_abs() } else { 0 };
        log.push(Heard { listened_ms, ..heard });
    }
    Ok(log)
}

fn entry(line: &str) -> Result<Heard> {
    let Line { at, rssi, data } = serde_json::from_str(line).context("is not an entry of a beacon log")?;
    let at_ms =
        at.parse::<jiff::Timestamp>().with_context(|| format!("{at:?} is not a time as RFC 3339"))?.as_millisecond();
    let Some(data) = data else { return Ok(Heard { at_ms, listened_ms: 0, beacon: None }) };
    let bytes: Option<Vec<u8>> =
        (0..data.len()).step_by(2).map(|at| u8::from_str_radix(data.get(at..at + 2)?, 16).ok()).collect();
    let bytes = bytes.context("data is not hexadecimal")?;
    let rssi = rssi.context("rssi is missing")?;
    Ok(Heard { at_ms, listened_ms: 0, beacon: advert(&bytes).map(|advert| (advert, rssi)) })
}
