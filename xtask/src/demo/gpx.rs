//! Reads GPX as devices write it, not only as the schema has it.
//!
//! Tolerant where a walk can still be made out (any version, any namespace, unknown elements,
//! missing or odd values, Latin-1 and UTF-16), strict where it cannot (broken or truncated XML,
//! another format). Nothing is expanded: a DTD's entities stay names. What a point is worth is
//! left to [`super::trace`].

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::trace::MAX_POINTS;

/// Nobody nests a walk deeper; a hostile file does.
const MAX_DEPTH: usize = 256;

/// A `trkpt` or `rtept` as it stands in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct RawPoint {
    pub(crate) at_ms: Option<i64>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) accuracy_m: Option<f64>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    /// Of the first track or route that has one, else of the file.
    pub(crate) name: Option<String>,
    /// All tracks, segments and routes, one after the other.
    pub(crate) points: Vec<RawPoint>,
    pub(crate) waypoints: usize,
}

/// The text of a file: UTF-8, UTF-16 by its mark, or else Latin-1, in which every byte means
/// something and a name at worst looks odd.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
        },
    }
}

/// Reads `text`; an error has the line where reading stopped.
pub(crate) fn parse(text: &str) -> Result<Raw, (Option<usize>, String)> {
    if text.trim().is_empty() {
        return Err((None, "is empty".to_owned()));
    }
    if !text.trim_start().starts_with('<') {
        return Err((Some(1), "is not XML, so it cannot be GPX".to_owned()));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut pass = Pass::default();
    let line = |byte: u64| {
        Some(1 + text.as_bytes()[..(byte as usize).min(text.len())].iter().filter(|b| **b == b'\n').count())
    };
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event();
        let step = match event {
            Ok(Event::Start(tag)) => pass.open(&tag, at),
            Ok(Event::Empty(tag)) => pass.open(&tag, at).and_then(|()| pass.close()),
            Ok(Event::End(_)) => pass.close(),
            Ok(Event::Text(part)) => pass.text(&part.xml10_content()),
            Ok(Event::CData(part)) => pass.text(&part.xml10_content()),
            Ok(Event::GeneralRef(entity)) => pass.text(match &*entity.xml10_content() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => "",
            }),
            Ok(Event::Eof) => return pass.truncated(&line),
            Ok(_) => Ok(()),
            Err(error) => {
                return match pass.truncated(&line) {
                    // Broken markup at the very end is a file that was cut off.
                    Err(cut) if reader.buffer_position() as usize >= text.len() => Err(cut),
                    _ => Err((line(reader.error_position()), format!("is not well-formed XML: {error}"))),
                };
            }
        };
        step.map_err(|why| (line(at), why))?;
        if pass.done {
            return Ok(pass.raw);
        }
    }
}

/// The state of one pass over the file.
#[derive(Default)]
struct Pass {
    raw: Raw,
    /// Local names of the open elements, and where they opened.
    path: Vec<(String, u64)>,
    /// The point being read, and at which depth it stands.
    point: Option<(RawPoint, usize)>,
    text: String,
    trail_name: Option<String>,
    file_name: Option<String>,
    done: bool,
}

impl Pass {
    fn open(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), String> {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        if self.path.is_empty() && name != "gpx" {
            return Err(format!("is XML, but not GPX: it starts with <{}>", shown(name)));
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(format!("nests deeper than {MAX_DEPTH} elements"));
        }
        if self.point.is_none() && matches!(name, "trkpt" | "rtept") {
            if self.raw.points.len() >= MAX_POINTS {
                return Err(format!("has more than {MAX_POINTS} points, the most that are read"));
            }
            let point =
                RawPoint { latitude: degrees(tag, "lat"), longitude: degrees(tag, "lon"), ..RawPoint::default() };
            self.point = Some((point, self.path.len()));
        }
        self.raw.waypoints += usize::from(name == "wpt" && self.path.len() == 1);
        self.path.push((name.to_owned(), at));
        self.text.clear();
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), String> {
        // Only times, names and accuracies are read; the bound keeps a hostile one small.
        if self.text.len() < 4_096 {
            self.text.push_str(part);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some((name, _)) = self.path.pop() else { return Ok(()) };
        let depth = self.path.len();
        let text = self.text.trim();
        match &mut self.point {
            Some((point, stands)) if depth == *stands => {
                self.raw.points.push(*point);
                self.point = None;
            }
            // The point's own time; extensions have times of their own that mean other things.
            Some((point, stands)) if name == "time" && depth == *stands + 1 => point.at_ms = time(text),
            Some((point, _)) if name == "accuracy" => point.accuracy_m = text.parse().ok(),
            Some(_) => {}
            None if name == "name" && !text.is_empty() => {
                let parent = self.path.last().map(|(name, _)| name.as_str());
                match parent {
                    Some("trk" | "rte") => _ = self.trail_name.get_or_insert_with(|| text.to_owned()),
                    Some("gpx" | "metadata") => _ = self.file_name.get_or_insert_with(|| text.to_owned()),
                    _ => {}
                }
            }
            None => {}
        }
        self.text.clear();
        if depth == 0 {
            self.raw.name = self.trail_name.take().or_else(|| self.file_name.take());
            self.done = true;
        }
        Ok(())
    }

    /// The error for a file that ends here.
    fn truncated(&self, line: &dyn Fn(u64) -> Option<usize>) -> Result<Raw, (Option<usize>, String)> {
        Err(match self.path.last() {
            Some((name, at)) => (line(*at), format!("is cut off: the <{}> that starts here never ends", shown(name))),
            None => (Some(1), "is not GPX: it holds no element".to_owned()),
        })
    }
}

fn degrees(tag: &BytesStart<'_>, name: &str) -> Option<f64> {
    let attribute = tag.try_get_attribute(name).ok()??;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().parse().ok()
}

/// An element's name in a message: short, and nothing that a terminal obeys.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// RFC 3339; without an offset it is UTC, as GPX has it. Before 1970 no receiver was recording.
fn time(text: &str) -> Option<i64> {
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(at.as_millisecond()).filter(|ms| *ms >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str = "<trkpt lat='1.5' lon='-2'><time>2020-01-01T00:00:00Z</time></trkpt>";

    fn why(text: &str) -> (Option<usize>, String) {
        parse(text).unwrap_err()
    }

    #[test]
    fn tracks_segments_and_routes_follow_each_other() {
        let text = format!(
            "<?xml version='1.0'?><!-- x --><gpx><metadata><name>file</name><time>2019-01-01T00:00:00Z</time></metadata>
             <wpt lat='9' lon='9'/><rte><name>Way</name>{}</rte><trk><trkseg>{POINT}</trkseg><trkseg>{POINT}</trkseg></trk></gpx>",
            POINT.replace("trkpt", "rtept"),
        );
        let raw = parse(&text).unwrap();
        assert_eq!((raw.points.len(), raw.waypoints, raw.name.as_deref()), (3, 1, Some("Way")));
        let point =
            RawPoint { at_ms: Some(1_577_836_800_000), latitude: Some(1.5), longitude: Some(-2.0), accuracy_m: None };
        assert!(raw.points.iter().all(|p| *p == point));
    }

    #[test]
    fn extensions_are_passed_over_but_for_the_accuracy() {
        let raw = parse(
            "<g:gpx xmlns:g='u'><g:trk><g:trkseg><g:trkpt lat='1' lon='2'><extensions><x:time>1999-01-01T00:00:00Z</x:time>
             <x:accuracy>7.5</x:accuracy><trkpt/></extensions></g:trkpt></g:trkseg></g:trk></g:gpx>",
        )
        .unwrap();
        assert_eq!(
            raw.points,
            [RawPoint { at_ms: None, latitude: Some(1.0), longitude: Some(2.0), accuracy_m: Some(7.5) }]
        );
    }

    #[test]
    fn a_file_that_was_cut_off_says_where() {
        let cut = why("<gpx>\n<trk><trkseg>\n<trkpt lat='1' lon='2'><time>2020-");
        assert_eq!(cut, (Some(3), "is cut off: the <time> that starts here never ends".to_owned()));
        assert!(why("<gpx><trk><trkseg><trkpt lat='1' lo").1.contains("is cut off: the <trkseg>"));
        assert!(why("<?xml version='1.0'").1.contains("not"));
    }

    #[test]
    fn what_is_not_gpx_is_called_what_it_is() {
        assert_eq!(why("<kml><Document/></kml>").1, "is XML, but not GPX: it starts with <kml>");
        assert_eq!(why("{\"type\":\"Feature\"}"), (Some(1), "is not XML, so it cannot be GPX".to_owned()));
        assert_eq!(why(" \n "), (None, "is empty".to_owned()));
        let crossed = why("<gpx>\n<trk></gpx></trk>");
        assert!(crossed.0 == Some(2) && crossed.1.contains("not well-formed"), "{crossed:?}");
    }

    #[test]
    fn a_hostile_file_is_refused_and_expands_nothing() {
        assert!(why(&("<gpx>".to_owned() + &"<a>".repeat(100_000))).1.contains("nests deeper"));
        let bomb = "<!DOCTYPE gpx [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><gpx><trk><name>&b;x</name></trk></gpx>";
        assert_eq!(parse(bomb).unwrap().name.as_deref(), Some("x"));
    }

    #[test]
    fn latin_1_and_utf_16_are_read_too() {
        let text = "<gpx><trk><name>Gr\u{fc}n</name></trk></gpx>";
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [latin, utf16, text.as_bytes().to_vec()] {
            assert_eq!(parse(&decode(&bytes)).unwrap().name.as_deref(), Some("Gr\u{fc}n"));
        }
    }

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        assert_eq!(time("2020-01-01T01:00:00+01:00"), Some(1_577_836_800_000));
        assert_eq!(time("2020-01-01T00:00:00.250"), Some(1_577_836_800_250));
        assert_eq!(time("1969-12-31T23:59:59Z"), None);
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn whatever_the_gpx_crate_reads_is_read_here_alike() {
        let fixtures = crate::demo::default_trace().unwrap();
        let mut compared = 0;
        for entry in std::fs::read_dir(fixtures.parent().unwrap()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let Ok(theirs) = ::gpx::read(bytes.as_slice()) else { continue };
            let routes = theirs.routes.iter().flat_map(|r| &r.points);
            let tracks = theirs.tracks.iter().flat_map(|t| t.segments.iter().flat_map(|s| &s.points));
            let theirs: Vec<_> = routes.chain(tracks).map(|w| (w.point().y(), w.point().x())).collect();
            let ours = parse(&decode(&bytes)).unwrap().points;
            let ours: Vec<_> = ours.iter().map(|p| (p.latitude.unwrap(), p.longitude.unwrap())).collect();
            assert_eq!(ours, theirs);
            compared += ours.len();
        }
        assert!(compared > 4_000, "{compared}");
    }
}
