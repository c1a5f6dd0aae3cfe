//! Outlines and places out of GeoJSON (RFC 7946).
//!
//! A `Polygon` or a `MultiPolygon` is an area; a `FeatureCollection` of them, and of points with a
//! `radius_m`, is a list of places. Read with suspicion: bounded, and everything that cannot be
//! meant is an error with its path. Nothing is set aside here; a file with a flaw is refused whole.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::area::MAX_EDGES;
use super::beacon::{BeaconId, BeaconIdError};
use super::fence::default_dwell_s;
use super::{Area, Circle, Fence, OutlineError, Place};
use crate::ids::id_flaw;
use crate::schedule::Schedule;

/// A file above this holds no shop's fences.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What is wrong with GeoJSON, and where in it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{path}{} {flaw}", fence.as_ref().map(|id| format!(" ({id})")).unwrap_or_default())]
pub struct GeoJsonError {
    /// For example `features[3].properties.radius_m`.
    pub path: String,
    /// The fence's own id, where it has a readable one.
    pub fence: Option<String>,
    /// What is wrong there.
    pub flaw: GeoJsonFlaw,
}

/// What is wrong with GeoJSON.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GeoJsonFlaw {
    /// No JSON, or not of the right shape, or a value that makes no sense.
    #[error("{0}")]
    Value(String),
    /// An outline that cannot be meant.
    #[error("{0}")]
    Outline(#[from] OutlineError),
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

/// Reads a `Polygon` or a `MultiPolygon`.
///
/// # Errors
/// [`GeoJsonFlaw`] saying what is wrong, and of an outline in which ring.
pub fn area(json: &str) -> Result<Area, GeoJsonFlaw> {
    let geometry: Geometry<'_> = serde_json::from_str(json).map_err(|e| value(bounded(&e.to_string())))?;
    let depth = match &*geometry.kind {
        "Polygon" => 3,
        "MultiPolygon" => 4,
        other => return Err(value(format!("{:?} is neither a Polygon nor a MultiPolygon", bounded(other)))),
    };
    let coordinates = geometry.coordinates.ok_or_else(|| value("has no coordinates".to_owned()))?;
    let mut reader = Reader { depth, ..Reader::default() };
    reader.read(coordinates.get())?;
    Ok(Area::new(&reader.polygons)?)
}

fn value(why: String) -> GeoJsonFlaw {
    GeoJsonFlaw::Value(why)
}

/// Words of an error may quote what a hostile file says.
fn bounded(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Reads nested arrays of numbers in one pass. The text is JSON already; what a derived reader
/// would make of it is a list of lists of lists of lists, of which each may be empty a million times.
#[derive(Default)]
struct Reader {
    /// Of a number: 3 in a polygon, 4 in several.
    depth: usize,
    open: usize,
    polygons: Vec<Vec<Vec<(f64, f64)>>>,
    position: [f64; 2],
    numbers: usize,
    lists: usize,
}

impl Reader {
    fn read(&mut self, text: &str) -> Result<(), GeoJsonFlaw> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'[' => self.open()?,
                b']' => self.close()?,
                b'-' | b'0'..=b'9' => {
                    let len = bytes[at..]
                        .iter()
                        .take_while(|b| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                        .count();
                    self.number(text.get(at..at + len).unwrap_or_default())?;
                    at += len;
                    continue;
                }
                b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => return Err(value("coordinates are lists of numbers".to_owned())),
            }
            at += 1;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), GeoJsonFlaw> {
        self.open += 1;
        self.lists += 1;
        if self.open > self.depth {
            return Err(value("coordinates nest too deep".to_owned()));
        }
        // Twice for corners that the outline's own check counts, again for rings and polygons.
        if self.lists > 4 * MAX_EDGES {
            return Err(value(format!("has more than {MAX_EDGES} edges, the most that are taken")));
        }
        if self.open + 2 == self.depth {
            self.polygons.push(Vec::new());
        } else if self.open + 1 == self.depth {
            match self.polygons.last_mut() {
                Some(polygon) => polygon.push(Vec::new()),
                None => self.polygons.push(vec![Vec::new()]),
            }
        } else if self.open == self.depth {
            self.numbers = 0;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), GeoJsonFlaw> {
        if self.open == self.depth {
            if self.numbers < 2 {
                return Err(value("a position has less than two numbers".to_owned()));
            }
            let [lon, lat] = self.position;
            if let Some(ring) = self.polygons.last_mut().and_then(|polygon| polygon.last_mut()) {
                ring.push((lon, lat));
            }
        }
        self.open -= 1;
        Ok(())
    }

    fn number(&mut self, text: &str) -> Result<(), GeoJsonFlaw> {
        if self.open != self.depth {
            return Err(value("coordinates are no positions".to_owned()));
        }
        // A third number is an altitude, which fences have none of.
        if let Some(slot) = self.position.get_mut(self.numbers) {
            *slot = text.parse().map_err(|_| value(format!("{:?} is not a number", bounded(text))))?;
        }
        self.numbers += 1;
        Ok(())
    }
}

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(borrow)]
    geometry: Option<&'a RawValue>,
    #[serde(default, borrow)]
    properties: Option<Properties<'a>>,
    id: Option<serde_json::Value>,
}

#[derive(Deserialize, Default)]
struct Properties<'a> {
    id: Option<serde_json::Value>,
    name: Option<String>,
    radius_m: Option<f64>,
    dwell_s: Option<u32>,
    approach_m: Option<u32>,
    parent: Option<String>,
    #[serde(default)]
    beacons: Vec<String>,
    #[serde(borrow)]
    hours: Option<&'a RawValue>,
}

/// Reads a `FeatureCollection`: points with a `radius_m`, polygons and multipolygons, with `id` and
/// `name` in their properties (the feature's own `id`, or its number, where there is none). Also
/// `dwell_s`, `approach_m`, `parent`, `beacons` and `hours`, as in a catalogue.
///
/// # Errors
/// [`GeoJsonError`] naming the feature, its id and the ring.
pub fn places(bytes: &[u8]) -> Result<Vec<Place>, GeoJsonError> {
    let refuse = |path: &str, why: String| GeoJsonError { path: path.to_owned(), fence: None, flaw: value(why) };
    if bytes.len() > MAX_BYTES {
        return Err(refuse("the file", format!("has {} bytes; at most {MAX_BYTES} are taken", bytes.len())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| refuse("the file", format!("is not UTF-8: {e}")))?;
    let collection: Collection<'_> = serde_json::from_str(text)
        .map_err(|e| refuse("the file", format!("is not GeoJSON: {}", bounded(&e.to_string()))))?;
    let features = match (&*collection.kind, collection.features) {
        ("FeatureCollection", Some(features)) => features,
        ("FeatureCollection", None) => return Err(refuse("features", "are missing".to_owned())),
        (other, _) => return Err(refuse("type", format!("is {:?} and not FeatureCollection", bounded(other)))),
    };
    let mut places: Vec<Place> = Vec::with_capacity(features.len());
    let mut ids = std::collections::BTreeSet::new();
    for (at, raw) in features.into_iter().enumerate() {
        let place = feature(raw, at).map_err(|(part, fence, flaw)| GeoJsonError {
            path: format!("features[{at}]{part}"),
            fence: fence.map(|id| bounded(&id)),
            flaw,
        })?;
        if !ids.insert(place.id.clone()) {
            let flaw = value("has an id that an earlier one has".to_owned());
            return Err(GeoJsonError { path: format!("features[{at}]"), fence: Some(place.id), flaw });
        }
        places.push(place);
    }
    Ok(places)
}

type FeatureFlaw = (Cow<'static, str>, Option<String>, GeoJsonFlaw);

fn feature(raw: &RawValue, at: usize) -> Result<Place, FeatureFlaw> {
    let feature: Feature<'_> =
        serde_json::from_str(raw.get()).map_err(|e| ("".into(), None, value(bounded(&e.to_string()))))?;
    let properties = feature.properties.unwrap_or_default();
    let id = match properties.id.or(feature.id) {
        None | Some(serde_json::Value::Null) => at.to_string(),
        Some(serde_json::Value::String(id)) => id,
        Some(serde_json::Value::Number(id)) => id.to_string(),
        Some(_) => return Err((".properties.id".into(), None, value("is neither a text nor a number".to_owned()))),
    };
    if let Some(why) = id_flaw(&id) {
        return Err((".properties.id".into(), Some(id), value(why)));
    }
    let Some(geometry) = feature.geometry else {
        return Err((".geometry".into(), Some(id), value("is missing".to_owned())));
    };
    let fence = match fence(geometry.get(), properties.radius_m) {
        Ok(fence) => fence,
        Err((part, flaw)) => return Err((part.into(), Some(id), flaw)),
    };
    let beacons =
        match properties.beacons.iter().map(|text| text.parse()).collect::<Result<Vec<BeaconId>, BeaconIdError>>() {
            Ok(beacons) => beacons,
            Err(why) => return Err((".properties.beacons".into(), Some(id), value(why.to_string()))),
        };
    let hours = match properties.hours.map(|raw| Schedule::from_json(raw.get())).transpose() {
        Ok(hours) => hours.map(Arc::new),
        Err(why) => return Err((why.path_in(".properties.hours").into(), Some(id), value(why.why))),
    };
    let name = properties.name.unwrap_or_else(|| id.clone());
    Ok(Place {
        beacons,
        dwell_s: properties.dwell_s.unwrap_or_else(default_dwell_s),
        approach_m: properties.approach_m,
        parent: properties.parent,
        hours,
        ..Place::new(id, name, fence)
    })
}

fn fence(geometry: &str, radius_m: Option<f64>) -> Result<Fence, (&'static str, GeoJsonFlaw)> {
    let head: Geometry<'_> =
        serde_json::from_str(geometry).map_err(|e| (".geometry", value(bounded(&e.to_string()))))?;
    if head.kind != "Point" {
        return area(geometry).map(Fence::from).map_err(|flaw| (".geometry", flaw));
    }
    let coordinates = head.coordinates.map(|raw| serde_json::from_str::<Vec<f64>>(raw.get()));
    let Some(Ok([longitude, latitude, ..])) = coordinates.as_ref().map(|c| c.as_deref()) else {
        return Err((".geometry.coordinates", value("are not longitude and latitude".to_owned())));
    };
    let Some(radius_m) = radius_m else {
        return Err((".properties.radius_m", value("is missing: a point is a fence only with a radius".to_owned())));
    };
    let circle = Circle { latitude: *latitude, longitude: *longitude, radius_m };
    match circle.flaw() {
        None => Ok(circle.into()),
        Some(("radius_m", why)) => Err((".properties.radius_m", value(why))),
        Some((_, why)) => Err((".geometry.coordinates", value(why))),
    }
}
