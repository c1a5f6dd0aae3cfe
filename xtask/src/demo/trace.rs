//! A recorded walk, as the demo needs it: positions in the order of time.
//!
//! Decides which points of a file are usable and counts the others by reason. Reading XML is left
//! to [`super::gpx`].

use std::fmt;
use std::path::{Path, PathBuf};

use super::gpx::{self, RawPoint};

/// A file above this is no walk; it would also not fit into a small machine's memory.
const MAX_BYTES: u64 = 200 * 1024 * 1024;
/// Three weeks at a point a second.
pub(crate) const MAX_POINTS: usize = 2_000_000;
/// What is walked at most, so that a year of points ends within a minute too.
const MAX_WALKED: usize = 10_000;

const DAY_MS: i64 = 86_400_000;

/// A position of the walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) at_ms: i64,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) accuracy_m: Option<f64>,
}

/// Points of the file that are not walked, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// No time, or one that cannot be read.
    pub(crate) untimed: usize,
    /// No position on Earth.
    pub(crate) misplaced: usize,
    /// Earlier than the point before.
    pub(crate) backwards: usize,
    /// More points than the demo walks.
    pub(crate) thinned: usize,
}

/// A walk with at least one point; times never go backwards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    pub(crate) name: String,
    pub(crate) points: Vec<Point>,
    pub(crate) left_out: LeftOut,
}

/// Why a file is not a walk: which file, what is wrong and, where there is one, the line.
#[derive(Debug)]
pub(crate) struct BadTrace {
    pub(crate) file: PathBuf,
    pub(crate) line: Option<usize>,
    pub(crate) why: String,
}

impl fmt::Display for BadTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl Trace {
    /// Reads the GPX file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, BadTrace> {
        let bad = |line, why: String| BadTrace { file: path.to_owned(), line, why };
        let bytes = read_bounded(path).map_err(|why| bad(None, why))?;
        let stem = path.file_stem().map_or_else(|| "walk".to_owned(), |s| s.to_string_lossy().into_owned());
        Self::parse(&bytes, &stem).map_err(|(line, why)| bad(line, why))
    }

    /// Reads the text of a GPX file; `fallback` names a walk that has no name.
    pub(crate) fn parse(bytes: &[u8], fallback: &str) -> Result<Self, (Option<usize>, String)> {
        let raw = gpx::parse(&gpx::decode(bytes))?;
        let found = raw.points.len();
        if found == 0 {
            return Err((
                None,
                match raw.waypoints {
                    0 => "holds no track and no route".to_owned(),
                    n => format!("holds {n} waypoints, but no track and no route to walk along"),
                },
            ));
        }
        let mut left_out = LeftOut::default();
        let points = usable(raw.points, &mut left_out);
        if points.is_empty() {
            let why = if left_out.untimed == found {
                format!("none of its {found} points says when it was there; only a timed trace can be walked")
            } else {
                format!(
                    "none of its {found} points is usable: {} have no position on Earth, {} no time",
                    left_out.misplaced, left_out.untimed
                )
            };
            return Err((None, why));
        }
        let points = thin(points, &mut left_out);
        let name = raw.name.unwrap_or_else(|| fallback.to_owned());
        Ok(Self { name: printable(&name), points, left_out })
    }

    /// The same walk, so many whole days later or earlier that it has ended by `now_ms`, within a day: a yes that was
    /// given years ago has run out at a backend of today.
    pub(crate) fn ending_by(mut self, now_ms: i64) -> Self {
        let days = (now_ms - self.points[self.points.len() - 1].at_ms).div_euclid(DAY_MS);
        self.points.iter_mut().for_each(|point| point.at_ms += days * DAY_MS);
        self
    }

    /// From the first point to the last, in milliseconds.
    pub(crate) fn duration_ms(&self) -> i64 {
        self.points[self.points.len() - 1].at_ms - self.points[0].at_ms
    }
}

/// The bytes of a file that is no larger than a walk.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|e| format!("cannot be opened: {}", plain(&e)))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| format!("cannot be read: {}", plain(&e)))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB, the most that is read", MAX_BYTES / 1024 / 1024));
    }
    Ok(bytes)
}

/// The system's words without its error number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

fn usable(raw: Vec<RawPoint>, left_out: &mut LeftOut) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::with_capacity(raw.len());
    for RawPoint { at_ms, latitude, longitude, accuracy_m } in raw {
        let (Some(latitude), Some(longitude)) = (within(latitude, 90.0), within(longitude, 180.0)) else {
            left_out.misplaced += 1;
            continue;
        };
        let Some(at_ms) = at_ms else {
            left_out.untimed += 1;
            continue;
        };
        if points.last().is_some_and(|last| at_ms < last.at_ms) {
            left_out.backwards += 1;
            continue;
        }
        let accuracy_m = accuracy_m.filter(|a| a.is_finite() && *a >= 0.0);
        points.push(Point { at_ms, latitude, longitude, accuracy_m });
    }
    points
}

/// A number that is one, and within ± `bound`.
pub(crate) fn within(value: Option<f64>, bound: f64) -> Option<f64> {
    value.filter(|v| v.is_finite() && v.abs() <= bound)
}

/// Keeps the first, the last and, evenly, what fits between them.
fn thin(points: Vec<Point>, left_out: &mut LeftOut) -> Vec<Point> {
    if points.len() <= MAX_WALKED {
        return points;
    }
    left_out.thinned = points.len() - MAX_WALKED;
    let last = points.len() - 1;
    (0..MAX_WALKED).map(|i| points[i * last / (MAX_WALKED - 1)]).collect()
}

/// A name from a stranger's file goes to a terminal: no control characters, one line.
fn printable(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match clean.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", &clean[..cut]),
        None => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: &str, lon: &str, time: &str) -> String {
        format!("<trkpt lat=\"{lat}\" lon=\"{lon}\"><time>{time}</time></trkpt>")
    }

    fn walk(points: &str) -> Result<Trace, (Option<usize>, String)> {
        Trace::parse(format!("<gpx><trk><trkseg>{points}</trkseg></trk></gpx>").as_bytes(), "walk")
    }

    #[test]
    fn times_that_go_backwards_are_left_out_and_counted() {
        let trace = walk(
            &["00:00", "00:10", "00:05", "00:10", "00:09", "00:20"]
                .map(|t| point("1", "2", &format!("2020-01-01T00:{t}Z")))
                .concat(),
        )
        .unwrap();
        assert_eq!((trace.points.len(), trace.left_out.backwards), (4, 2));
        assert!(trace.points.is_sorted_by_key(|p| p.at_ms));
    }

    #[test]
    fn what_is_no_place_on_earth_is_left_out_and_counted() {
        let bad = [("NaN", "0"), ("91", "0"), ("0", "-180.1"), ("inf", "0"), ("", "0"), ("north", "0")];
        let bad = bad.map(|(lat, lon)| point(lat, lon, "2020-01-01T00:00:00Z")).concat();
        let poles = point("90", "180", "2020-01-01T00:00:00Z") + &point("-90", "-180", "2020-01-01T00:00:01Z");
        let trace = walk(&(bad.clone() + "<trkpt><time>2020-01-01T00:00:00Z</time></trkpt>" + &poles)).unwrap();
        assert_eq!((trace.points.len(), trace.left_out.misplaced), (2, 7));
        assert!(walk(&bad).unwrap_err().1.contains("6 have no position on Earth"));
    }

    #[test]
    fn a_trace_that_never_says_when_is_refused_in_words() {
        let error = walk("<trkpt lat='1' lon='2'/><trkpt lat='1' lon='2'><time>noon</time></trkpt>").unwrap_err();
        assert!(error.1.contains("none of its 2 points says when"), "{}", error.1);
    }

    #[test]
    fn a_file_without_a_track_says_what_it_holds_instead() {
        let waypoints = Trace::parse(b"<gpx><wpt lat='1' lon='2'/></gpx>", "x").unwrap_err();
        assert!(waypoints.1.contains("1 waypoints"), "{}", waypoints.1);
        assert!(Trace::parse(b"<gpx/>", "x").unwrap_err().1.contains("no track"));
    }

    #[test]
    fn a_walk_of_any_time_has_just_ended_at_the_same_time_of_day() {
        let trace =
            walk(&["1999-01-01T10:00:00Z", "1999-01-01T11:00:00Z"].map(|t| point("1", "2", t)).concat()).unwrap();
        for hours in [0, 5, 10_000 * 24 + 10, -50] {
            let now_ms = trace.points[1].at_ms + hours * 3_600_000;
            let moved = trace.clone().ending_by(now_ms);
            assert!((0..DAY_MS).contains(&(now_ms - moved.points[1].at_ms)), "{hours}");
            assert_eq!(moved.duration_ms(), trace.duration_ms());
            assert_eq!((moved.points[0].at_ms - trace.points[0].at_ms).rem_euclid(DAY_MS), 0);
        }
    }

    #[test]
    fn one_point_is_a_walk() {
        let trace = walk(&point("1", "2", "2020-01-01T00:00:00Z")).unwrap();
        assert_eq!((trace.points.len(), trace.duration_ms()), (1, 0));
    }

    #[test]
    fn a_year_of_points_is_thinned_and_keeps_its_ends() {
        let mut left_out = LeftOut::default();
        let p = |at_ms| Point { at_ms, latitude: 0.0, longitude: 0.0, accuracy_m: None };
        let thinned = thin((0..100_000).map(p).collect(), &mut left_out);
        assert_eq!((thinned.len(), left_out.thinned), (MAX_WALKED, 100_000 - MAX_WALKED));
        assert_eq!((thinned[0].at_ms, thinned[MAX_WALKED - 1].at_ms), (0, 99_999));
    }

    #[test]
    fn a_missing_file_and_a_folder_are_errors_with_their_name() {
        let missing = Trace::read(Path::new("/nowhere/walk.gpx")).unwrap_err().to_string();
        assert_eq!(missing, "/nowhere/walk.gpx: cannot be opened: no such file or directory");
        assert!(Trace::read(Path::new("/")).unwrap_err().to_string().contains("is a directory"));
    }

    #[test]
    fn a_name_cannot_write_to_the_terminal() {
        assert_eq!(printable("a\u{1b}[31m\nb"), "a [31m b");
    }
}
