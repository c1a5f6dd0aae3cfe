//! A walk as GeoJSON: lines with `coordTimes` beside them, as most converters write them, and points
//! with a `time`.
//!
//! What is neither line nor timed point is no part of a walk, and is passed over.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::demo::gpx::RawPoint;

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    features: Vec<Feature<'a>>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(borrow)]
    geometry: Option<Geometry<'a>>,
    #[serde(borrow)]
    properties: Option<Properties<'a>>,
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

/// Of a fence they may be anything: what they say is read only where it is the walk's.
#[derive(Deserialize, Default)]
struct Properties<'a> {
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    accuracy_m: Option<&'a RawValue>,
    #[serde(rename = "coordTimes", borrow)]
    times: Option<&'a RawValue>,
    #[serde(rename = "coordinateProperties", borrow)]
    beside: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Beside<'a> {
    #[serde(borrow)]
    times: Option<&'a RawValue>,
}

/// Whether the file is JSON at all; GPX never begins so.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The points of a `FeatureCollection`, in the order of the file; an error begins with a colon.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<RawPoint>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| format!(": is not UTF-8: {e}"))?;
    let file: Collection<'_> = serde_json::from_str(text).map_err(|e| format!(": is not GeoJSON: {}", short(&e)))?;
    if file.kind != "FeatureCollection" {
        return Err(format!(": is {:?} and not a FeatureCollection", file.kind.chars().take(80).collect::<String>()));
    }
    let mut points = Vec::new();
    for (at, feature) in file.features.into_iter().enumerate() {
        let Some(geometry) = feature.geometry else { continue };
        let properties = feature.properties.unwrap_or_default();
        let wrong = |why: String| format!(": features[{at}] {why}");
        let coordinates = geometry.coordinates.map_or("null", RawValue::get);
        match &*geometry.kind {
            "LineString" => points.extend(line(coordinates, times(&properties)).map_err(wrong)?),
            "MultiLineString" => points.extend(lines(coordinates, times(&properties)).map_err(wrong)?),
            "Point" if properties.time.is_some() => points.push(point(coordinates, &properties).map_err(wrong)?),
            _ => {}
        }
    }
    Ok(points)
}

fn times<'a>(properties: &Properties<'a>) -> Option<&'a RawValue> {
    let beside = || serde_json::from_str::<Beside<'a>>(properties.beside?.get()).ok()?.times;
    properties.times.or_else(beside)
}

fn point(coordinates: &str, properties: &Properties<'_>) -> Result<RawPoint, String> {
    let position: Vec<f64> = of(coordinates, "has coordinates that are no position")?;
    let time: String = of(properties.time.map_or("null", RawValue::get), "has a time that is no text")?;
    let accuracy_m = properties.accuracy_m.and_then(|raw| serde_json::from_str(raw.get()).ok());
    Ok(RawPoint { accuracy_m, ..timed(&position, Some(&time)) })
}

/// Points of a line without times are counted, and nobody walks them.
fn line(coordinates: &str, times: Option<&RawValue>) -> Result<Vec<RawPoint>, String> {
    let positions: Vec<Vec<f64>> = of(coordinates, "has coordinates that are no line")?;
    let times: Vec<String> = of(times.map_or("[]", RawValue::get), "has coordTimes that are no list of times")?;
    paired(&positions, &times)
}

fn lines(coordinates: &str, times: Option<&RawValue>) -> Result<Vec<RawPoint>, String> {
    let lines: Vec<Vec<Vec<f64>>> = of(coordinates, "has coordinates that are no lines")?;
    let times: Vec<Vec<String>> = of(times.map_or("[]", RawValue::get), "has coordTimes that are no lists of times")?;
    if !times.is_empty() && times.len() != lines.len() {
        return Err(format!("has {} lines and times for {}", lines.len(), times.len()));
    }
    let none = Vec::new();
    let pairs = lines.iter().enumerate().map(|(at, positions)| paired(positions, times.get(at).unwrap_or(&none)));
    Ok(pairs.collect::<Result<Vec<_>, _>>()?.concat())
}

fn paired(positions: &[Vec<f64>], times: &[String]) -> Result<Vec<RawPoint>, String> {
    if !times.is_empty() && times.len() != positions.len() {
        return Err(format!("has {} points and {} times", positions.len(), times.len()));
    }
    Ok(positions.iter().enumerate().map(|(at, position)| timed(position, times.get(at))).collect())
}

fn timed(position: &[f64], time: Option<&String>) -> RawPoint {
    RawPoint {
        at_ms: time.and_then(|text| text.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_millisecond),
        longitude: position.first().copied(),
        latitude: position.get(1).copied(),
        accuracy_m: None,
    }
}

fn of<'a, T: Deserialize<'a>>(json: &'a str, why: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|_| why.to_owned())
}

/// The words of an error may quote what a hostile file says.
fn short(error: &serde_json::Error) -> String {
    error.to_string().chars().take(200).collect()
}
