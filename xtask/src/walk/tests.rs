//! Walks that no one here made, and files that are no walks.

use patron_core::place::{Circle, Place};

use super::replay::Told;
use super::*;

fn fixture(name: &str) -> PathBuf {
    crate::demo::default_trace().unwrap().with_file_name(name)
}

/// A place each so many fixes, large and small in turn.
fn along(track: &Track, step: usize) -> Vec<Place> {
    let place = |(at, fix): (usize, &track::TrackFix)| {
        let radius_m = [60.0, 25.0, 120.0][at % 3];
        Place {
            dwell_s: 120,
            ..Place::new(format!("p{at:02}"), "", Circle { latitude: fix.latitude, longitude: fix.longitude, radius_m })
        }
    };
    track.fixes.iter().step_by(step).enumerate().map(place).collect()
}

fn lines(file: &str, spoil: Option<Spoil>) -> String {
    let mut track = Track::read(&fixture(file)).unwrap();
    let places = along(&track, (track.fixes.len() / 6).max(1));
    let lost = spoil.map_or(0, |spoil| track.spoil(spoil));
    let replay = Replay::of(&track, &[], places, false).unwrap();
    let mut lines = vec![track.words(), replay.words(), format!("{lost} lost")];
    lines.extend(replay.told.iter().map(Told::json));
    lines.join("\n")
}

#[test]
fn walks_that_others_recorded_meet_what_lies_on_their_way() {
    let mut walked = 0;
    for file in [
        "garmin-activity.gpx",
        "garmin_with_extensions.gpx",
        "with_accuracy.gpx",
        "wahoo_example.gpx",
        "wikipedia_example.gpx",
        "mousehole_to_paul.gpx",
        "viking_with_route_extensions.gpx",
    ] {
        match Track::read(&fixture(file)) {
            Ok(_) => {
                insta::assert_snapshot!(format!("walk_{}", file.trim_end_matches(".gpx")), lines(file, None));
                walked += 1;
            }
            Err(why) => assert!(why.to_string().contains("only a timed trace can be walked"), "{why}"),
        }
    }
    assert!(walked >= 3, "{walked}");
}

#[test]
fn the_same_seed_spoils_a_walk_alike() {
    let spoil = |seed| lines("garmin-activity.gpx", Some(Spoil { noise_m: 12.0, gaps: 0.2, seed, accuracy_m: 10.0 }));
    assert_eq!(spoil(7), spoil(7));
    assert_ne!(spoil(7), spoil(8));
}

#[test]
fn gaps_take_about_the_share_that_was_asked_for() {
    let mut track = Track::read(&fixture("garmin_with_extensions.gpx")).unwrap();
    let all = track.fixes.len() as f64;
    let lost = track.spoil(Spoil { noise_m: 0.0, gaps: 0.3, seed: 3, accuracy_m: 10.0 });
    assert!((lost as f64 / all - 0.3).abs() < 0.1, "{lost} of {all}");
}

#[test]
fn what_is_no_walk_is_refused_in_words() {
    let why = |text: &str| Track::parse(text.as_bytes()).unwrap_err();
    assert_eq!(why(""), ": is empty");
    assert_eq!(why("<gpx/>"), ": holds no track, no route and no line to walk along");
    assert!(why("no walk").contains("line 1: is not XML"));
    assert!(
        why("<gpx><trk><trkseg><trkpt lat='1' lon='2'/></trkseg></trk></gpx>")
            .contains("none of its 1 points says when")
    );
    assert!(
        why("<gpx><trk><trkseg><trkpt lat='91' lon='2'><time>2020-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>")
            .contains("position on Earth")
    );
}

/// The same walk as others write it: a line with the times beside it, lines, and points.
#[test]
fn a_walk_as_geojson_is_the_same_walk() {
    let gpx = Track::read(&fixture("with_accuracy.gpx")).unwrap();
    let time = |fix: &track::TrackFix| jiff::Timestamp::from_millisecond(fix.at_ms).unwrap().to_string();
    let position = |fix: &track::TrackFix| serde_json::json!([fix.longitude, fix.latitude, 12.5]);
    let (times, positions): (Vec<_>, Vec<_>) = gpx.fixes.iter().map(|fix| (time(fix), position(fix))).unzip();
    let read = |features: serde_json::Value| {
        let file = serde_json::json!({ "type": "FeatureCollection", "features": features });
        Track::parse(format!("\u{feff}{file}").as_bytes()).unwrap()
    };
    let line = |properties| {
        let geometry = serde_json::json!({ "type": "LineString", "coordinates": positions });
        serde_json::json!([{ "type": "Feature", "geometry": geometry, "properties": properties }])
    };
    let without = |mut track: Track| {
        track.fixes.iter_mut().for_each(|fix| fix.accuracy_m = None);
        track.fixes
    };
    let walked = without(Track::read(&fixture("with_accuracy.gpx")).unwrap());
    assert!(walked.len() > 1);
    assert_eq!(read(line(serde_json::json!({ "coordTimes": times }))).fixes, walked);
    assert_eq!(read(line(serde_json::json!({ "coordinateProperties": { "times": times } }))).fixes, walked);
    let (head, tail) = positions.split_at(1);
    let (first, then) = times.split_at(1);
    let both = serde_json::json!({ "type": "MultiLineString", "coordinates": [head, tail] });
    let properties = serde_json::json!({ "coordTimes": [first, then] });
    assert_eq!(read(serde_json::json!([{ "geometry": both, "properties": properties }])).fixes, walked);
    let points = gpx.fixes.iter().map(|fix| {
        let geometry = serde_json::json!({ "type": "Point", "coordinates": position(fix) });
        serde_json::json!({ "geometry": geometry, "properties": { "time": time(fix), "accuracy_m": fix.accuracy_m } })
    });
    // A fence among them is no part of the walk.
    let fence =
        serde_json::json!({ "geometry": { "type": "Point", "coordinates": [0, 0] }, "properties": { "radius_m": 50 } });
    assert_eq!(read(points.chain([fence]).collect()).fixes, gpx.fixes);
}

#[test]
fn geojson_that_is_no_walk_is_refused_in_words() {
    let why = |features: &str| {
        let file = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
        Track::parse(file.as_bytes()).unwrap_err()
    };
    let line = |coordinates: &str, times: &str| {
        format!(
            r#"{{"geometry":{{"type":"LineString","coordinates":{coordinates}}},"properties":{{"coordTimes":{times}}}}}"#
        )
    };
    assert!(Track::parse(b"{").unwrap_err().starts_with(": is not GeoJSON: "));
    assert_eq!(Track::parse(br#"{"type":"Feature"}"#).unwrap_err(), ": is \"Feature\" and not a FeatureCollection");
    assert_eq!(why(""), ": holds no track, no route and no line to walk along");
    assert_eq!(why(&line("[[1,2],[3,4]]", r#"["2020-01-01T00:00:00Z"]"#)), ": features[0] has 2 points and 1 times");
    assert_eq!(why(&line("[1,2]", "[]")), ": features[0] has coordinates that are no line");
    assert!(why(&line("[[1,2],[3,4]]", "[]")).contains("none of its 2 points says when"));
    assert!(why(&line("[[1,2]]", r#"["noon"]"#)).contains("none of its 1 points says when"));
    assert!(why(&line("[[1,92]]", r#"["2020-01-01T00:00:00Z"]"#)).contains("position on Earth"));
    assert!(why(&line(&"[".repeat(100_000), "[]")).starts_with(": is not GeoJSON: "), "and no stack overflows");
}

#[test]
fn the_picture_shows_everything_and_takes_a_name_as_text() {
    let track = Track::read(&fixture("garmin-activity.gpx")).unwrap();
    let mut places = along(&track, track.fixes.len() / 3);
    places[0].name = "<script>".to_owned();
    let square = |d: f64| vec![(-d, -d), (d, -d), (d, d), (-d, d)];
    let at = track.fixes[track.fixes.len() / 2];
    let ring: Vec<(f64, f64)> = square(0.001).into_iter().map(|(x, y)| (at.longitude + x, at.latitude + y)).collect();
    places.push(Place::new("area", "Area", patron_core::place::Area::new(&[vec![ring]]).unwrap()));
    let svg = picture::draw(&track, &Replay::of(&track, &[], places, false).unwrap());
    for part in [
        "class=\"track\"",
        "class=\"fence\"",
        "class=\"accuracy\"",
        "class=\"enter\"",
        "class=\"watch\"",
        "<path",
        "&lt;script&gt;",
    ] {
        assert!(svg.contains(part), "no {part}");
    }
    assert!(!svg.contains("<script>") && !svg.contains("NaN"));
}

#[test]
fn a_beacon_in_the_store_makes_a_visit_that_no_fix_could() {
    let track = Track::read(&fixture("garmin-activity.gpx")).unwrap();
    let beacon = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/258";
    let far = Circle { latitude: -track.fixes[0].latitude, longitude: track.fixes[0].longitude, radius_m: 50.0 };
    let store = Place { beacons: vec![beacon.parse().unwrap()], ..Place::new("store", "Store", far) };
    let data = "0201061aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010102c5";
    let line = |s: i64, rest: &str| {
        format!("{{\"at\":\"{}\"{rest}}}\n", patron_core::clock::rfc3339(track.fixes[0].at_ms + s * 1_000))
    };
    let heard: String = (0..30).map(|s| line(s, &format!(",\"rssi\":-70,\"data\":\"{data}\""))).collect();
    let silence: String = (30..60).map(|s| line(s, "")).collect();
    let log = beacons::parse(&(heard + &silence)).unwrap();
    let replay = Replay::of(&track, &log, vec![store], false).unwrap();
    let kinds: Vec<_> = replay.told.iter().map(|told| told.kind).collect();
    assert_eq!(kinds, ["enter", "exit"]);
}

#[test]
fn a_log_that_is_none_says_which_line() {
    let why = |text: &str| format!("{:#}", beacons::parse(text).unwrap_err());
    let good = "{\"at\":\"2020-01-01T00:00:01Z\"}\n";
    assert!(why(&format!("{good}nonsense")).starts_with("line 2: is not an entry"));
    assert!(why("{\"at\":\"noon\"}").contains("is not a time as RFC 3339"));
    assert!(why("{\"at\":\"2020-01-01T00:00:01Z\",\"rssi\":-70,\"data\":\"0x\"}").contains("hexadecimal"));
    assert!(why("{\"at\":\"2020-01-01T00:00:01Z\",\"data\":\"00\"}").contains("rssi is missing"));
    assert!(why(&format!("{good}{}", good.replace(":01Z", ":00Z"))).contains("line 2: goes back in time"));
}

#[test]
fn what_comes_near_was_there_already_or_is_made_up_says_so() {
    let track = Track::read(&fixture("garmin-activity.gpx")).unwrap();
    let mut places = along(&track, track.fixes.len() / 3);
    places.truncate(2);
    places[1].approach_m = Some(150);
    let honest = Replay::of(&track, &[], places.clone(), false).unwrap().told;
    let lines: Vec<serde_json::Value> = honest.iter().map(|told| serde_json::from_str(&told.json()).unwrap()).collect();
    assert_eq!((&lines[0]["fence"], &lines[0]["initial"]), (&"p00".into(), &true.into()), "the walk begins there");
    let near = lines.iter().position(|line| line["approaching"] == "p01").unwrap();
    let there = lines.iter().position(|line| line["transition"] == "enter" && line["fence"] == "p01").unwrap();
    assert!(near < there && lines[there].get("initial").is_none() && lines[near].get("transition").is_none());
    assert!(lines.iter().all(|line| line.get("mock").is_none()));
    let made_up = Replay::of(&track, &[], places, true).unwrap().told;
    assert!(made_up.iter().all(|told| told.json().ends_with(",\"mock\":true}") && told.words().contains("(made up)")));
}

#[test]
fn fences_of_every_kind_are_read_from_a_file_and_drawn() {
    let track = Track::read(&fixture("garmin-activity.gpx")).unwrap();
    let at = track.fixes[track.fixes.len() / 2];
    let square = |east: f64| {
        let corner = |x: f64, y: f64| format!("[{},{}]", at.longitude + east + x, at.latitude + y);
        let [a, b, c, d] = [corner(-5e-4, -5e-4), corner(5e-4, -5e-4), corner(5e-4, 5e-4), corner(-5e-4, 5e-4)];
        format!("[[{a},{b},{c},{d},{a}]]")
    };
    let feature = |id: &str, geometry: &str, rest: &str| {
        format!(r#"{{"type":"Feature","properties":{{"id":"{id}","name":"The {id}"{rest}}},"geometry":{geometry}}}"#)
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{},{}]}}"#,
        feature(
            "point",
            &format!(r#"{{"type":"Point","coordinates":[{},{}]}}"#, at.longitude, at.latitude),
            r#","radius_m":80"#
        ),
        feature("polygon", &format!(r#"{{"type":"Polygon","coordinates":{}}}"#, square(0.0)), ""),
        feature("both", &format!(r#"{{"type":"MultiPolygon","coordinates":[{},{}]}}"#, square(0.0), square(2e-3)), ""),
    );
    let replay = Replay::of(&track, &[], geojson::places(text.as_bytes()).unwrap(), false).unwrap();
    for id in ["point", "polygon", "both"] {
        assert!(replay.told.iter().any(|told| told.kind == "enter" && told.fence == id), "{id}");
    }
    let svg = picture::draw(&track, &replay);
    assert_eq!((svg.matches("<path class=\"fence\"").count(), svg.matches("<circle class=\"fence\"").count()), (2, 1));
    assert!(
        ["The point", "The polygon", "The both"].iter().all(|name| svg.contains(&format!("<title>{name}</title>")))
    );
}

/// The garmin walk past one fence that is open for so many minutes from its first minute there.
fn past_a_market(minutes: i64) -> (Track, Replay) {
    let track = Track::read(&fixture("garmin-activity.gpx")).unwrap();
    let at = track.fixes[track.fixes.len() / 2];
    let clock = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().strftime("%H:%M").to_string();
    let (from, to) = (clock(at.at_ms - 30 * 60_000), clock(at.at_ms + (minutes - 30) * 60_000));
    let hours = serde_json::json!({ "time_zone": "UTC",
        "windows": [{ "days": ["mo", "tu", "we", "th", "fr", "sa", "su"], "from": from, "to": to }] });
    let fence = serde_json::json!({ "type": "FeatureCollection", "features": [{ "type": "Feature",
        "properties": { "id": "market", "radius_m": 60, "hours": hours },
        "geometry": { "type": "Point", "coordinates": [at.longitude, at.latitude] } }] });
    let places = geojson::places(fence.to_string().as_bytes()).unwrap();
    let replay = Replay::of(&track, &[], places, false).unwrap();
    (track, replay)
}

#[test]
fn a_fence_outside_its_hours_is_none() {
    let kinds = |minutes| past_a_market(minutes).1.told.iter().map(|told| told.kind).collect::<Vec<_>>();
    assert!(kinds(60).contains(&"enter"));
    assert_eq!(kinds(1), [""; 0], "closed half an hour before");
}

#[test]
fn the_picture_has_the_safe_circle_where_one_was_planned() {
    let (track, mut replay) = past_a_market(60);
    let svg = picture::draw(&track, &replay);
    let lines: Vec<&str> = svg.lines().filter(|line| line.contains("\"watch\"") || line.contains("\"safe\"")).collect();
    insta::assert_snapshot!("the_plan_of_a_picture", lines.join("\n"));
    replay.plan.as_mut().unwrap().looking = Some(patron_core::place::plan::Looking::Crowded);
    assert!(!picture::draw(&track, &replay).contains("class=\"safe\""));
}
