//! Positions, fences, beacons and check-in codes, as anyone may send them.

use patron_core::clock::Now;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::place::beacon::{Ranging, advert};
use patron_core::place::checkin::Code;
use patron_core::place::plan::{Limits, WakePlan, next_fix};
use patron_core::place::{Circle, Fix, FixInput, Place, Places, TransitionKind, VisitTracker, geojson};
use uuid::Uuid;

use crate::Target;
use crate::device::MONDAY;
use crate::input::Input;

pub(crate) const FIX: Target = Target {
    name: "fix",
    promise: "any run of positions is refused or makes visits that are entered once and left at most once; the state reads back",
    max_len: 4096,
    words: &[],
    run: fixes,
    seeds: fix_seeds,
};

pub(crate) const FENCE: Target = Target {
    name: "fence",
    promise: "any bytes are fences or an error with its path; distances to them are numbers, and a plan misses none",
    max_len: 4096,
    words: &[
        "{\"type\":\"FeatureCollection\",\"features\":[",
        "{\"type\":\"Feature\",\"properties\":{",
        "\"geometry\":{\"type\":\"Point\",",
        "\"type\":\"Polygon\"",
        "\"type\":\"MultiPolygon\"",
        "\"coordinates\":[[[",
        "\"radius_m\":",
        "\"id\":",
        "\"beacons\":[\"altbeacon:",
        "-180",
        "180.0",
        "90",
        "1e-9",
        "]]]",
    ],
    run: fence,
    seeds: fence_seeds,
};

pub(crate) const BEACON: Target = Target {
    name: "beacon",
    promise: "any advertisement is a beacon whose name reads back, or none; any text is a check-in code or none",
    max_len: 512,
    words: &["\u{2}\u{1}\u{6}", "PC1/-/", "PC1/29833333/"],
    run: beacon,
    seeds: beacon_seeds,
};

fn fixes(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let circle = |latitude, longitude, radius_m| Circle { latitude, longitude, radius_m };
    let places = vec![
        Place::new("a", "A", circle(60.0, 25.0, 60.0)),
        Place { ends_at_ms: Some(MONDAY + 600_000), ..Place::new("b", "B", circle(60.0005, 25.0, 40.0)) },
        Place { approach_m: Some(900), ..Place::new("pole", "P", circle(90.0, 0.0, 5_000.0)) },
        Place::new("line", "L", circle(0.0, 180.0, 900.0)),
    ];
    let gate = Gate::new(1, PurposeKind::ALL);
    let permit = gate.permit().expect("everything is granted");
    let mut tracker = VisitTracker::new(places.clone());
    let mut now = Now { wall_ms: MONDAY, mono_ms: 1, boot: Uuid::nil() };
    let (mut ids, mut open) = (0, std::collections::BTreeMap::new());
    while !input.is_empty() {
        let told = match input.u8() % 8 {
            0 => {
                let state = serde_json::to_vec(tracker.state()).expect("the state is written");
                let state = serde_json::from_slice(&state).expect("and read");
                let (restored, left) = VisitTracker::restore(places.clone(), state, &now);
                assert_eq!(restored.visits(), tracker.visits(), "a restart changes a visit");
                tracker = restored;
                left
            }
            1 => {
                now = Now {
                    wall_ms: now.wall_ms.wrapping_add(input.i64() >> 20),
                    mono_ms: 1,
                    boot: Uuid::from_u128(input.u8().into()),
                };
                Vec::new()
            }
            2 => tracker.expire(now),
            3 => tracker.checked_in("a", now, &mut |_| next(&mut ids)),
            _ => {
                now.mono_ms += u64::from(input.u16()) * 16;
                now.wall_ms = now.wall_ms.saturating_add(i64::from(input.u8()) * 4_096);
                let near = |input: &mut Input<'_>, at: f64| at + f64::from(input.u16() as i16) * 1e-7;
                let raw = |input: &mut Input<'_>| f64::from_bits(input.i64() as u64);
                let (latitude, longitude) = match input.u8() % 4 {
                    0 => (raw(&mut input), raw(&mut input)),
                    1 => (near(&mut input, 89.999), near(&mut input, 0.0)),
                    2 => (near(&mut input, 0.0), near(&mut input, 179.999)),
                    _ => (near(&mut input, 60.0), near(&mut input, 25.0)),
                };
                let accuracy_m = (!input.one_in(3)).then(|| f64::from(input.u8()));
                let age_ms = u64::from(input.u8()) * 100;
                let Ok(fix) = Fix::new(FixInput { latitude, longitude, accuracy_m, age_ms, mock: false }, now) else {
                    continue;
                };
                tracker.update(&permit, &fix, &mut |_| next(&mut ids))
            }
        };
        for transition in told {
            let visit = transition.visit;
            match transition.kind {
                TransitionKind::Entered => assert!(open.insert(transition.place, visit).is_none(), "entered while in"),
                TransitionKind::Dwelt => assert_eq!(open.get(&transition.place), Some(&visit), "dwelt while out"),
                TransitionKind::Left => assert_eq!(open.remove(&transition.place), Some(visit), "left while out"),
                TransitionKind::Passed => assert!(!open.contains_key(&transition.place), "passed while in"),
            }
        }
        assert_eq!(tracker.visits().len(), open.len());
        tracker.deadline(&now);
    }
}

fn next(ids: &mut u128) -> Uuid {
    *ids += 1;
    Uuid::from_u128(*ids)
}

fn fix_seeds() -> Vec<Vec<u8>> {
    vec![vec![4; 200], (0..=255).collect(), [7, 1, 0, 9, 3, 0, 0, 0, 0, 1, 8, 0].repeat(20)]
}

fn fence(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let here = (f64::from(input.u16() as i16) / 364.1, f64::from(input.u16() as i16) / 182.05);
    let bytes = input.rest();
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = geojson::area(text);
    }
    match geojson::places(bytes) {
        Err(flaw) => assert!(!flaw.path.is_empty() && flaw.to_string().len() < 2_048, "{flaw}"),
        Ok(places) => {
            for fence in places.iter().filter_map(|place| place.fence.as_ref()) {
                let edge_m = fence.edge_m(here.0, here.1);
                assert!(edge_m.is_finite(), "{edge_m} m from {here:?}");
                // 0.3 %: the circle is of the ellipsoid, and both distances are long.
                let around_m = fence.around().edge_m(here.0, here.1);
                assert!(edge_m >= around_m - 5.0 - around_m.abs() * 0.003, "{edge_m} within {around_m}");
            }
            let places = Places::new(places);
            let plan = WakePlan::new(&places, here, 10.0, Limits::IOS);
            assert!(
                plan.regions.len() <= Limits::IOS.regions as usize && plan.care(&places).len() == places.all().len()
            );
            next_fix(&places, here, 10.0, None);
        }
    }
}

fn fence_seeds() -> Vec<Vec<u8>> {
    let file =
        |features: &str| format!("\0\0\0\0{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}").into_bytes();
    let point = "{\"type\":\"Feature\",\"properties\":{\"id\":\"a\",\"radius_m\":60},\"geometry\":{\"type\":\"Point\",\"coordinates\":[25,60]}}";
    let ring = "[[25,60],[25.1,60],[25.1,60.1],[25,60.1],[25,60]]";
    let hole = "[[25.04,60.04],[25.06,60.04],[25.06,60.06]]";
    let polygon = format!(
        "{{\"type\":\"Feature\",\"properties\":null,\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring},{hole}]}}}}"
    );
    let several =
        polygon.replace("Polygon", "MultiPolygon").replace(&format!("[{ring},{hole}]"), &format!("[[{ring},{hole}]]"));
    vec![file(point), file(&polygon), file(&several), file(&format!("{point},{polygon}"))]
}

fn beacon(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(code) = Code::read(text)
    {
        assert!(code.place().len() <= 256);
        let _ = code.check(MONDAY, None, |signed, _| signed.starts_with(b"PC1/"));
    }
    let gate = Gate::new(1, PurposeKind::ALL);
    let permit = gate.permit().expect("everything is granted");
    let (mut input, mut ranging, mut at_ms) = (Input::new(bytes), Ranging::default(), 0);
    while !input.is_empty() {
        let (rssi, wait_ms) = (input.u16() as i16, u64::from(input.u16()));
        at_ms += wait_ms;
        ranging.listened(wait_ms);
        let len = usize::from(input.u8() % 64);
        if let Some(found) = advert(input.bytes(len)) {
            assert_eq!(found.id.to_string().parse(), Ok(found.id), "a name does not read back");
            ranging.heard(&permit, found, rssi, at_ms);
        }
        assert!(ranging.present().count() <= 128);
    }
}

fn beacon_seeds() -> Vec<Vec<u8>> {
    let heard = |data: &[u8]| [&[0xC4, 0xFF, 100, 0, data.len() as u8][..], data].concat().repeat(3);
    let apple = [&[26, 0xFF, 0x4C, 0, 2, 0x15][..], &[9; 16], &[0, 1, 0, 2, 0xC5]].concat();
    let open = [&[27, 0xFF, 0x18, 1, 0xBE, 0xAC][..], &[9; 20], &[0xC5, 0]].concat();
    let uid = [&[23, 0x16, 0xAA, 0xFE, 0, 0xEE][..], &[9; 16], &[0, 0]].concat();
    let code = format!("PC1/29833333/{}/market", "AB".repeat(64)).into_bytes();
    vec![heard(&apple), heard(&open), heard(&uid), code]
}
