//! GeoJSON as others write it, and as nobody should.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::geojson::{self, GeoJsonFlaw};
use super::*;

fn collection(features: &[Value]) -> Vec<u8> {
    json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
}

fn point(properties: Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": { "type": "Point", "coordinates": [25.0, 60.0, 12.5] } })
}

fn polygon(coordinates: Value) -> Value {
    json!({ "type": "Feature", "id": 7, "properties": null, "geometry": { "type": "Polygon", "coordinates": coordinates } })
}

fn refused(features: &[Value]) -> String {
    geojson::places(&collection(features)).unwrap_err().to_string()
}

#[test]
fn points_with_a_radius_polygons_and_multipolygons_are_places() {
    let square = json!([[[25.0, 60.0], [25.01, 60.0], [25.01, 60.01], [25.0, 60.01], [25.0, 60.0]]]);
    let both = json!({ "type": "Feature", "properties": { "id": "two", "name": "Two houses", "dwell_s": 60, "approach_m": 200 },
        "geometry": { "type": "MultiPolygon", "coordinates": [square, [[[26.0, 60.0], [26.01, 60.0], [26.01, 60.01]]]] } });
    let places = geojson::places(&collection(&[
        point(json!({ "id": "shop", "name": "Shop", "radius_m": 60 })),
        polygon(square.clone()),
        both,
        point(json!({ "radius_m": 60.5 })),
    ]))
    .unwrap();
    let ids: Vec<_> = places.iter().map(|place| (place.id.as_str(), place.name.as_str())).collect();
    assert_eq!(ids, [("shop", "Shop"), ("7", "7"), ("two", "Two houses"), ("3", "3")]);
    assert_eq!(places[0].fence, Some(Circle { latitude: 60.0, longitude: 25.0, radius_m: 60.0 }.into()));
    assert!(places[1].fence.as_ref().unwrap().edge_m(60.005, 25.005) < 0.0);
    assert!(places[2].fence.as_ref().unwrap().edge_m(60.002, 26.009) < 0.0);
    assert_eq!((places[2].dwell_s, places[2].approach_m), (60, Some(200)));
}

#[test]
fn what_is_wrong_is_said_with_its_path_and_its_fence() {
    for (features, words) in [
        (
            vec![point(json!({ "id": "a" }))],
            "features[0].properties.radius_m (a) is missing: a point is a fence only with a radius",
        ),
        (
            vec![point(json!({ "id": "a", "radius_m": 5 }))],
            "features[0].properties.radius_m (a) 5 is not within 10 to 100000 metres",
        ),
        (vec![point(json!({ "id": "", "radius_m": 50 }))], "features[0].properties.id () is empty"),
        (vec![point(json!({ "id": [], "radius_m": 50 }))], "features[0].properties.id is neither a text nor a number"),
        (vec![point(json!({ "id": "a", "radius_m": 50 })); 2], "features[1] (a) has an id that an earlier one has"),
        (
            vec![polygon(json!([[[25.0, 60.0], [25.01, 60.0]]]))],
            "features[0].geometry (7) polygon 0, ring 0 has fewer than three corners",
        ),
        (
            vec![polygon(json!([[[25.0], [25.01, 60.0], [25.0, 60.01]]]))],
            "features[0].geometry (7) a position has less than two numbers",
        ),
        (vec![polygon(json!([[25.0, 60.0], [25.01, 60.0]]))], "features[0].geometry (7) coordinates are no positions"),
        (vec![polygon(json!([[[[25.0, 60.0]]]]))], "features[0].geometry (7) coordinates nest too deep"),
        (vec![polygon(json!([[["25", "60"]]]))], "features[0].geometry (7) coordinates are lists of numbers"),
        (vec![polygon(json!([]))], "features[0].geometry (7) polygon 0, ring 0 is missing"),
        (vec![json!({ "type": "Feature", "geometry": null })], "features[0].geometry (0) is missing"),
    ] {
        assert_eq!(refused(&features), words);
    }
    let line = json!({ "type": "Feature", "geometry": { "type": "LineString", "coordinates": [[1, 2], [3, 4]] } });
    assert_eq!(refused(&[line]), "features[0].geometry (0) \"LineString\" is neither a Polygon nor a MultiPolygon");
}

#[test]
fn hours_are_those_of_a_catalogue_and_a_flaw_in_them_is_named() {
    let open_at = |hours: Value| point(json!({ "id": "night", "radius_m": 50, "hours": hours }));
    let hours =
        |from: &str| json!({ "time_zone": "UTC", "windows": [{ "days": ["fr"], "from": from, "to": "02:00" }] });
    let places = geojson::places(&collection(&[open_at(hours("22:00"))])).unwrap();
    let open = |at: &str| places[0].open_until(at.parse::<jiff::Timestamp>().unwrap().as_millisecond()).is_some();
    assert!(open("2026-11-27T23:00:00Z") && open("2026-11-28T01:00:00Z"), "Friday, and past midnight");
    assert!(!open("2026-11-27T21:00:00Z") && !open("2026-11-28T02:00:00Z"));
    assert_eq!(
        refused(&[open_at(hours("24:00"))]),
        "features[0].properties.hours.windows[0].from (night) \"24:00\" is not a time of day as HH:MM"
    );
    let never = json!({ "time_zone": "Europe/Atlantis", "windows": [] });
    assert!(refused(&[open_at(never)]).starts_with("features[0].properties.hours.time_zone (night) "));
    assert!(refused(&[open_at(json!(8))]).starts_with("features[0].properties.hours (night) "));
}

#[test]
fn a_file_that_is_no_collection_is_called_what_it_is() {
    let words = |bytes: &[u8]| geojson::places(bytes).unwrap_err().to_string();
    assert!(words(b"<gpx/>").starts_with("the file is not GeoJSON: expected value at line 1"));
    assert_eq!(words(b"{\"type\":\"Topology\"}"), "type is \"Topology\" and not FeatureCollection");
    assert_eq!(words(b"{\"type\":\"FeatureCollection\"}"), "features are missing");
    assert!(words(b"\xff\xfe").contains("is not UTF-8"));
    assert!(words(&[b' '; geojson::MAX_BYTES + 1]).contains("at most"));
}

#[test]
fn an_outline_of_a_million_corners_is_refused_before_it_is_reckoned() {
    let many = format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}[0,0]]]}}", "[0,0],".repeat(1_000_000));
    assert!(matches!(geojson::area(&many), Err(GeoJsonFlaw::Value(why)) if why.contains("8192 edges")));
    let empty = format!("{{\"type\":\"MultiPolygon\",\"coordinates\":[{}[]]}}", "[],".repeat(1_000_000));
    assert!(geojson::area(&empty).is_err());
}

proptest! {
    #[test]
    fn any_text_is_places_or_an_error(text in "\\PC{0,200}") {
        let _ = geojson::places(text.as_bytes());
        let _ = geojson::area(&text);
        let nested = format!("{{\"type\":\"Polygon\",\"coordinates\":{text}}}");
        let _ = geojson::area(&nested);
    }
}
