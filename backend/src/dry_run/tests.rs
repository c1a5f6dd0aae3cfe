//! Samples against catalogues: what a dry run says is what the core decides, and nobody shows in it.

use patron_core::offer::OfferCatalogue;
use patron_core::sandbox::TOWN_JSON;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// 2026-11-22T10:00:00Z, a Sunday.
const NOON: i64 = 1_795_341_600_000;

fn catalogue(offers: &Value) -> OfferCatalogue {
    let place =
        |id: &str| json!({ "id": id, "name": id, "circle": { "latitude": 60.0, "longitude": 25.0, "radius_m": 100 } });
    let document = json!({ "version": "1", "partners": [{ "id": "p", "name": "P" }],
                           "places": [place("here"), place("there")], "offers": offers });
    let (catalogue, set_aside) = OfferCatalogue::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(set_aside, []);
    catalogue
}

fn offer(more: Value) -> Value {
    let mut offer = json!({ "id": "o", "title": "O", "benefit": { "kind": "access" } });
    offer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    offer
}

fn person(json: &Value) -> SamplePerson {
    serde_json::from_value(json.clone()).unwrap()
}

/// The one reason of one person for one offer; `None` where it shows.
#[track_caller]
fn reason(offer: Value, sampled: &Value) -> Option<Reason> {
    let done = dry_run(&catalogue(&json!([offer])), &[person(sampled)], None, NOON, Floor::Off).unwrap();
    let outcome = &done.offers[0];
    assert_eq!(outcome.shown.number().unwrap() + outcome.not_shown.len() as u64, 1);
    outcome.not_shown.first().map(|because| because.reason)
}

#[test]
fn each_fact_that_does_not_hold_is_a_reason_of_its_own() {
    let all = json!(["partner_offers", "precise_location", "personalisation"]);
    let segment = json!({ "audience": { "segment": "vip" } });
    for (more, sampled, expected) in [
        (json!({}), json!({}), None),
        (json!({ "partner": "p" }), json!({}), Some(Reason::NoPartnerOffers)),
        (json!({ "partner": "p" }), json!({ "consent": all }), None),
        (json!({}), json!({ "dismissed": ["o"] }), Some(Reason::Dismissed)),
        (json!({ "topics": ["tea"] }), json!({ "moments": { "refused_topics": ["Tea"] } }), Some(Reason::Refused)),
        (json!({ "expires_at": "2026-11-22T10:00:00Z" }), json!({}), Some(Reason::Expired)),
        (json!({ "starts_at": "2026-11-22T10:00:01Z" }), json!({}), Some(Reason::NotNow)),
        (json!({ "placements": ["home"] }), json!({ "placement": "till" }), Some(Reason::OtherPlacement)),
        (json!({ "places": ["here"] }), json!({}), Some(Reason::NoPreciseLocation)),
        (json!({ "places": ["here"] }), json!({ "consent": all, "at": ["there"] }), Some(Reason::ElsewhereNow)),
        (json!({ "places": ["here"] }), json!({ "consent": all, "at": ["here"] }), None),
        (json!({ "places": ["here"] }), json!({ "at": ["here"], "seen_by": "check_in" }), None),
        (segment.clone(), json!({ "segments": { "vip": true } }), Some(Reason::NoPersonalisation)),
        (segment.clone(), json!({ "consent": all, "segments": { "vip": true } }), None),
        (segment.clone(), json!({ "consent": all, "segments": { "vip": false } }), Some(Reason::NotInAudience)),
        (segment, json!({ "consent": all }), Some(Reason::AudienceUnknown)),
        (json!({ "triggers": [{ "on": "pull" }] }), json!({ "asked": false }), Some(Reason::NotAsked)),
        (json!({}), json!({ "asked": false, "moments": { "only_when_asked": true } }), Some(Reason::ShoppersMoment)),
        (
            json!({}),
            json!({ "asked": false, "moments": { "quiet": ["09:00", "11:00"] } }),
            Some(Reason::ShoppersMoment),
        ),
        (
            json!({}),
            json!({ "asked": false, "time_zone": "Asia/Tokyo", "moments": { "quiet": ["09:00", "11:00"] } }),
            None,
        ),
    ] {
        assert_eq!(reason(offer(more.clone()), &sampled), expected, "{more} {sampled}");
    }
}

#[test]
fn an_audience_that_says_no_is_told_before_what_comes_behind_it() {
    let audience = json!({ "audience": { "segment": "vip" }, "triggers": [{ "on": "pull" }] });
    let sampled = json!({ "consent": ["personalisation"], "segments": { "vip": false }, "asked": false });
    assert_eq!(reason(offer(audience), &sampled), Some(Reason::NotInAudience));
}

#[test]
fn counts_within_so_many_days_are_what_rules_see() {
    let sampled = json!({ "consent": ["personalisation"], "visits": { "here": { "7": 1, "30": 3 } },
                          "events": { "dev.patron.offer.saved": { "1": 2 } } });
    let holds = |rule: Value| reason(offer(json!({ "audience": rule })), &sampled).is_none();
    for (days, visits) in [(6, 0), (7, 1), (29, 1), (30, 3), (366, 3)] {
        assert!(holds(json!({ "===": [{ "visits": ["here", days] }, visits] })), "{days} days");
    }
    assert!(holds(json!({ "===": [{ "count": ["dev.patron.offer.saved", 1] }, 2] })));
    assert!(holds(json!({ "===": [{ "visits": ["there", 30] }, 0] })), "what is counted and not named is none");
    let uncounted = json!({ "consent": ["personalisation"] });
    let none = json!({ "audience": { "===": [{ "visits": ["there", 30] }, 0] } });
    assert_eq!(reason(offer(none), &uncounted), Some(Reason::AudienceUnknown));
}

#[test]
fn a_person_who_makes_no_sense_is_told_by_number_and_field() {
    let catalogue = catalogue(&json!([offer(json!({}))]));
    for (sampled, path) in [
        (json!({ "at": ["nowhere"] }), "at"),
        (json!({ "visits": { "nowhere": { "1": 1 } } }), "visits"),
        (json!({ "visits": { "here": { "7": 3, "30": 1 } } }), "visits.here.30"),
        (json!({ "visits": { "here": { "0": 1 } } }), "visits.here.0"),
        (json!({ "events": { "x": { "7": 201 } } }), "events.x.7"),
        (json!({ "affinities": { "tea": 101 } }), "affinities.tea"),
        (json!({ "position": { "latitude": 91.0, "longitude": 0.0 } }), "position"),
        (json!({ "time_zone": "Mars/Base" }), "time_zone"),
        (json!({ "moments": { "daily": 0 } }), "moments"),
    ] {
        let people = [person(&json!({})), person(&sampled)];
        let error = dry_run(&catalogue, &people, None, NOON, Floor::Kept).unwrap_err();
        assert_eq!((error.person, error.path.as_str()), (1, path), "{sampled}");
    }
    assert!(serde_json::from_value::<SamplePerson>(json!({ "segmnets": {} })).is_err(), "a typo is told");
}

/// Of the demo town: people in every mixture of what they allow and where they are.
fn town_people() -> impl Strategy<Value = Vec<SamplePerson>> {
    let purposes = proptest::sample::subsequence(vec!["partner_offers", "precise_location", "personalisation"], 0..=3);
    let places = proptest::sample::subsequence(vec!["lumi-market", "kelo-kamppi", "aarre-aleksi"], 0..=1);
    let one = (purposes, places, any::<bool>(), any::<u32>());
    let one = one.prop_map(|(consent, at, asked, id)| {
        person(&json!({ "id": id.to_string(), "consent": consent, "at": at, "asked": asked }))
    });
    proptest::collection::vec(one, 1..90)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_told_of_a_sample_hides_each_group_below_twenty(people in town_people()) {
        let (catalogue, _) = OfferCatalogue::parse(TOWN_JSON.as_bytes()).unwrap();
        let run = |floor| dry_run(&catalogue, &people, None, NOON, floor).unwrap();
        let (plain, told) = (run(Floor::Off), run(Floor::Kept));
        for (plain, told) in plain.offers.iter().zip(&told.offers) {
            let all = |outcome: &Outcome| -> Vec<Told> {
                std::iter::once(outcome.shown).chain(outcome.not_shown.iter().map(|because| because.people)).collect()
            };
            let sum: u64 = all(plain).into_iter().filter_map(Told::number).sum();
            prop_assert_eq!(sum, people.len() as u64, "each person is in one count");
            prop_assert!(all(told).iter().filter_map(|told| told.number()).all(|told| told % 20 == 0));
            for because in &told.not_shown {
                let exact = plain.not_shown.iter().find(|known| known.reason == because.reason).unwrap().people;
                prop_assert!(exact.number().unwrap() >= 20 || because.people == Told::Withheld);
            }
            let small = all(plain).into_iter().filter_map(Told::number).any(|count| (1..20).contains(&count));
            let withheld = all(told).into_iter().filter(|told| *told == Told::Withheld).count();
            prop_assert!(!small || withheld >= 2 || told.not_shown.is_empty(), "a hidden count alone is none");
        }
    }

    #[test]
    fn whoever_is_counted_as_seeing_an_offer_has_it_among_the_chosen(people in town_people()) {
        let (catalogue, _) = OfferCatalogue::parse(TOWN_JSON.as_bytes()).unwrap();
        let done = dry_run(&catalogue, &people, None, NOON, Floor::Off).unwrap();
        let wanted = Wanted::new(&Wishes::NEW, &catalogue);
        let mut chosen = vec![0; catalogue.offers.len()];
        for sampled in &people {
            let ready = sampled.read(&catalogue, NOON).unwrap();
            let input = DecisionInput {
                catalogue: &catalogue,
                freshness: Freshness::Fresh,
                gate: &ready.gate,
                visits: &ready.visits,
                position: None,
                now_ms: NOON,
                dismissed: &sampled.dismissed,
                placement: None,
                locale: "en",
            };
            decide(&input, &ready.shopper(&wanted, sampled.asked)).chosen.iter().for_each(|at| chosen[*at] += 1);
        }
        let shown: Vec<u64> = done.offers.iter().map(|outcome| outcome.shown.number().unwrap()).collect();
        prop_assert_eq!(shown, chosen);
    }
}
