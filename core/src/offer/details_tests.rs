//! A field that makes no sense sets its offer aside, by name, and no other.

use serde_json::{Value, json};

use super::*;

fn set_aside(more: &Value) -> Option<(String, String)> {
    let mut bad = json!({ "id": "bad", "title": "bad", "benefit": { "kind": "access" } });
    bad.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let good = json!({ "id": "good", "title": "good", "benefit": { "kind": "access" } });
    let circle = json!({ "latitude": 60.0, "longitude": 25.0, "radius_m": 50 });
    let document = json!({ "version": "1", "places": [{ "id": "here", "name": "Here", "circle": circle }], "offers": [bad, good] });
    let (catalogue, mut quarantined) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert!(catalogue.offer("good").is_some());
    assert_eq!(catalogue.offer("bad").is_some(), quarantined.is_empty());
    quarantined.pop().map(|entry| (entry.path, entry.why))
}

#[test]
fn every_field_is_read() {
    let document = json!({
        "version": "1", "caps": [{ "times": 20, "hours": 24 }],
        "partners": [{ "id": "p", "name": "P", "kind": "local", "caps": [{ "times": 5, "hours": 168 }] }],
        "offers": [{
            "id": "o", "title": "o", "benefit": { "kind": "experience" }, "partner": "p", "campaign": "xmas", "value": 40,
            "topics": ["Cold weather", "cold-weather"], "keywords": ["ice"],
            "audience": { "segment": "runners" }, "caps": [{ "times": 1, "hours": 1 }],
            "triggers": [{ "on": "enter" }, { "on": "beacon", "zone": "far" }, { "on": "pull" }],
            "experiment": { "id": "t", "holdout": 10, "arms": [{ "id": "a", "weight": 90 }], "arm": "a" },
            "images": [{ "url": "https://e.com/a.webp", "width": 800, "height": 600, "alt": "Ice", "alts": { "FI": "Jää" },
                         "sha256": "0".repeat(64) }],
        }],
    });
    let (catalogue, quarantined) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(quarantined, []);
    let offer = catalogue.offer("o").unwrap();
    assert_eq!(
        (offer.campaign.as_deref(), offer.value, offer.topics.as_slice()),
        (Some("xmas"), 40, &["cold-weather".to_owned()][..])
    );
    assert_eq!(catalogue.caps, [Cap { times: 20, hours: 24 }]);
    let partner = catalogue.partner("p").unwrap();
    assert_eq!((partner.kind, partner.caps.as_slice()), (PartnerKind::Local, &[Cap { times: 5, hours: 168 }][..]));
    assert!(offer.audience.is_some() && !offer.only_for_who_asks());
    assert_eq!(offer.triggers[1], Trigger::Beacon { place: None, zone: BeaconZone::Far });
    assert_eq!(offer.experiment.as_ref().unwrap().arm, Some(0));
    assert_eq!((offer.images[0].alt_for("fi-FI"), offer.images[0].alt_for("sv")), ("Jää", "Ice"));
}

#[test]
fn each_flaw_is_named_with_its_path() {
    let digits = "0".repeat(63);
    let image = |more: &str, value: Value| {
        let mut image = json!({ "url": "https://e.com/a", "width": 1, "height": 1 });
        image[more] = value;
        json!({ "images": [image] })
    };
    let trial = |more: &str, value: Value| {
        let mut trial = json!({ "id": "t", "arms": [{ "id": "a", "weight": 60 }] });
        trial[more] = value;
        json!({ "experiment": trial })
    };
    for (more, path) in [
        (json!({ "value": 101 }), "offers[0].value"),
        (json!({ "value": -1 }), "offers[0].value"),
        (json!({ "campaign": "" }), "offers[0].campaign"),
        (json!({ "topics": ["a", "b", "c", "d", "e", "f"] }), "offers[0].topics"),
        (json!({ "topics": ["!"] }), "offers[0].topics[0]"),
        (json!({ "keywords": ["a", ""] }), "offers[0].keywords[1]"),
        (json!({ "caps": [{ "times": 0, "hours": 1 }] }), "offers[0].caps[0].times"),
        (json!({ "caps": [{ "times": 1, "hours": 721 }] }), "offers[0].caps[0].hours"),
        (json!({ "caps": [{ "times": 1 }] }), "offers[0].caps[0]"),
        (json!({ "caps": 3 }), "offers[0].caps"),
        (json!({ "triggers": [{ "on": "dream" }] }), "offers[0].triggers[0].on"),
        (json!({ "triggers": [{ "on": "event" }] }), "offers[0].triggers[0].type"),
        (json!({ "triggers": [{ "on": "exit" }] }), "offers[0].triggers[0].place"),
        (json!({ "triggers": [{ "on": "enter", "place": "x" }] }), "offers[0].triggers[0].place"),
        (json!({ "triggers": [{ "on": "beacon", "zone": "x" }] }), "offers[0].triggers[0].zone"),
        (json!({ "triggers": [{ "on": "time" }] }), "offers[0].triggers[0].hours"),
        (
            json!({ "triggers": [{ "on": "time", "hours": { "time_zone": "UTC", "windows": [] } }] }),
            "offers[0].triggers[0].hours.windows",
        ),
        (json!({ "triggers": vec![json!({ "on": "pull" }); 9] }), "offers[0].triggers"),
        (trial("id", json!("")), "offers[0].experiment.id"),
        (trial("holdout", json!(91)), "offers[0].experiment.holdout"),
        (trial("holdout", json!(41)), "offers[0].experiment.arms[0].weight"),
        (trial("arms", json!([{ "id": "a", "weight": 0 }])), "offers[0].experiment.arms[0].weight"),
        (
            trial("arms", json!([{ "id": "a", "weight": 1 }, { "id": "a", "weight": 1 }])),
            "offers[0].experiment.arms[1].id",
        ),
        (trial("arm", json!("b")), "offers[0].experiment.arm"),
        (image("url", json!("http://e.com/a")), "offers[0].images[0].url"),
        (image("width", json!(0)), "offers[0].images[0].width"),
        (image("height", json!(9_000)), "offers[0].images[0].height"),
        (image("sha256", json!(digits)), "offers[0].images[0].sha256"),
        (image("alts", json!({ "fi": "" })), "offers[0].images[0].alts.fi"),
        (json!({ "audience": { "!": [{ "segmnt": "x" }] } }), "offers[0].audience.![0]"),
        (json!({ "audience": { "segmnt": "x" } }), "offers[0].audience"),
    ] {
        let (found, why) = set_aside(&more).unwrap_or_else(|| panic!("{more} was taken"));
        assert_eq!(found, path, "{why}");
        assert!(!why.is_empty() && why.len() < 300, "{why}");
    }
}

#[test]
fn a_catalogue_whose_own_limits_do_not_read_is_none() {
    let document = json!({ "version": "1", "caps": [{ "times": 0, "hours": 1 }] }).to_string();
    let error = OfferCatalogue::parse(document.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "the offer catalogue's caps caps[0].times: 0 is not within 1 to 1000");
}

#[test]
fn offers_with_the_same_audience_share_one_rule() {
    let offer =
        |id: &str| json!({ "id": id, "title": id, "benefit": { "kind": "access" }, "audience": { "segment": "x" } });
    let document = json!({ "version": "1", "offers": [offer("a"), offer("b")] }).to_string();
    let (catalogue, _) = OfferCatalogue::parse(document.as_bytes()).unwrap();
    let [a, b] = ["a", "b"].map(|id| catalogue.offer(id).unwrap().audience.clone().unwrap());
    assert!(std::sync::Arc::ptr_eq(&a, &b));
}
