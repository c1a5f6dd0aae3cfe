//! The fixes of a trace, and what spoils them.

use std::path::Path;

use anyhow::{Result, bail};
use patron_core::place::noise::{ACCURACY_SIGMAS, Noise};

use super::geojson_track;
use crate::demo::gpx;
use crate::demo::trace::{read_bounded, within};

/// A fix, and where in the file it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TrackFix {
    /// Counted from 0 over all points of the file's tracks, routes and lines.
    pub(super) index: usize,
    pub(super) at_ms: i64,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) accuracy_m: Option<f64>,
}

/// A walk; times never go backwards.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) fixes: Vec<TrackFix>,
    untimed: usize,
    misplaced: usize,
    backwards: usize,
}

/// What to put in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoil {
    pub(super) noise_m: f64,
    pub(super) gaps: f64,
    pub(super) seed: u64,
    /// Of fixes that tell none.
    pub(super) accuracy_m: f64,
}

/// A gap lasts so many fixes on average.
const GAP_FIXES: f64 = 12.0;

impl Track {
    /// Reads the GPX or GeoJSON file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = match read_bounded(path) {
            Ok(bytes) => bytes,
            Err(why) => bail!("{}: {why}", path.display()),
        };
        Self::parse(&bytes).map_err(|why| anyhow::anyhow!("{}{why}", path.display()))
    }

    /// Reads the text of a GPX or GeoJSON file; an error begins with a colon, or with the line.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let points = if geojson_track::is_json(bytes) {
            geojson_track::parse(bytes)?
        } else {
            let raw = gpx::parse(&gpx::decode(bytes)).map_err(|(line, why)| match line {
                Some(line) => format!(", line {line}: {why}"),
                None => format!(": {why}"),
            })?;
            raw.points
        };
        let found = points.len();
        let mut track = Self::default();
        for (index, point) in points.into_iter().enumerate() {
            let (Some(latitude), Some(longitude)) = (within(point.latitude, 90.0), within(point.longitude, 180.0))
            else {
                track.misplaced += 1;
                continue;
            };
            let Some(at_ms) = point.at_ms else {
                track.untimed += 1;
                continue;
            };
            if track.fixes.last().is_some_and(|last| at_ms < last.at_ms) {
                track.backwards += 1;
                continue;
            }
            let accuracy_m = point.accuracy_m.filter(|accuracy| accuracy.is_finite() && *accuracy >= 0.0);
            track.fixes.push(TrackFix { index, at_ms, latitude, longitude, accuracy_m });
        }
        match (found, track.fixes.len()) {
            (0, _) => Err(": holds no track, no route and no line to walk along".to_owned()),
            (_, 0) if track.untimed == found => {
                Err(format!(": none of its {found} points says when it was there; only a timed trace can be walked"))
            }
            (_, 0) => Err(format!(": none of its {found} points has both a position on Earth and a time")),
            _ => Ok(track),
        }
    }

    /// Puts noise and gaps in; returns how many fixes are gone. The first one stays.
    pub(super) fn spoil(&mut self, spoil: Spoil) -> usize {
        let mut rng = fastrand::Rng::with_seed(spoil.seed);
        let mut noise = Noise::new(&mut rng);
        let mut before_ms = self.fixes.first().map_or(0, |fix| fix.at_ms);
        for fix in &mut self.fixes {
            let error = noise.wander((fix.at_ms - before_ms) as f64 / 1e3, &mut rng);
            before_ms = fix.at_ms;
            let told_m = fix.accuracy_m.unwrap_or(spoil.accuracy_m);
            fix.accuracy_m = Some(told_m.hypot(spoil.noise_m * ACCURACY_SIGMAS));
            fix.latitude = (fix.latitude + error[0] * spoil.noise_m / 111_320.0).clamp(-90.0, 90.0);
            let degree_m = 111_320.0 * fix.latitude.to_radians().cos().max(1e-6);
            fix.longitude = (fix.longitude + error[1] * spoil.noise_m / degree_m + 540.0).rem_euclid(360.0) - 180.0;
        }
        let before = self.fixes.len();
        if spoil.gaps > 0.0 {
            let (mut lost, mut first) = (false, true);
            // Two states: in a tunnel and out of it, so that the share lost is the one asked for.
            let (out, into) = (1.0 / GAP_FIXES, spoil.gaps / (1.0 - spoil.gaps) / GAP_FIXES);
            self.fixes.retain(|_| {
                lost = if lost { rng.f64() >= out } else { rng.f64() < into };
                std::mem::replace(&mut first, false) || !lost
            });
        }
        before - self.fixes.len()
    }

    /// What was walked, and what was left out.
    pub(super) fn words(&self) -> String {
        let mut words = format!("{} fixes", self.fixes.len());
        for (count, why) in [
            (self.untimed, "without a time"),
            (self.misplaced, "nowhere on Earth"),
            (self.backwards, "that go back in time"),
        ] {
            if count > 0 {
                words += &format!("; {count} points {why} left out");
            }
        }
        words
    }
}
