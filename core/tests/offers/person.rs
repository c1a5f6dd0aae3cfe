//! What is known of the person: what visits and events told, and what the app tells.

use super::*;

/// What an export says of the person.
fn person(patron: &Patron) -> Value {
    let export: Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let items = export["items"].as_array().unwrap();
    items.iter().find(|item| item["kind"] == "person").unwrap()["content"].clone()
}

#[test]
fn what_visits_and_events_told_of_the_person_goes_with_the_yes_that_each_rests_on() {
    for (withdrawn, gone, stays) in
        [(Purpose::PreciseLocation, "visits", "events"), (Purpose::Engagement, "events", "segments")]
    {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
        let purposes = [Purpose::PreciseLocation, Purpose::Personalisation, Purpose::Engagement];
        let patron = device(folder.path(), &model, &clock, &purposes);
        walk_in(&patron, &clock);
        assert_eq!(patron.track(&Engagement::Clicked { offer: "a".into() }).unwrap(), Tracked::Recorded);
        wait(patron.flush()).unwrap();
        let known = person(&patron);
        assert!(known["visits"]["cafe"].is_array() && !known["events"].as_object().unwrap().is_empty(), "{known}");
        wait(patron.withdraw(withdrawn.clone())).unwrap();
        let left = person(&patron);
        let mut known = known;
        // That a visit began is an event too, and goes with the visits.
        let began = known["events"].as_object_mut().unwrap().remove("dev.patron.visit.entered");
        assert!(began.is_some() && left["events"]["dev.patron.visit.entered"].is_null(), "{withdrawn:?}");
        assert_eq!((&left[gone], &left[stays]), (&json!({}), &known[stays]), "{withdrawn:?}");
        drop(patron);
        let patron = open(folder.path(), &model, &clock);
        wait(patron.ready()).unwrap();
        assert_eq!(person(&patron), left);
    }
}

fn segment(id: &str, member: bool) -> Trait {
    Trait::Segment { id: id.into(), member: Some(member) }
}

fn variable(name: &str, value: &str) -> Trait {
    Trait::Variable { name: name.into(), value: Some(Scalar::Text(value.into())) }
}

/// An offer for runners, one for gold customers, one about wool, and one for everyone.
fn for_some() -> Model {
    market(&json!([
        with(offer("runners"), "audience", json!({ "segment": "runners" })),
        with(offer("gold"), "audience", json!({ "==": [{ "var": "member.tier" }, "gold"] })),
        with(offer("wool"), "topics", json!(["wool"])),
        with(offer("all"), "priority", json!(9)),
    ]))
}

#[test]
fn what_the_app_tells_of_the_shopper_decides_offline_and_after_a_restart() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), for_some(), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let told = vec![
        segment("runners", true),
        variable("member.tier", "gold"),
        Trait::Affinity { topic: "Wool".into(), percent: Some(80) },
    ];
    let refused = wait(patron.tell(told.clone())).unwrap_err();
    assert_eq!(refused, Error::NotPermitted { purpose: Purpose::Personalisation });
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    assert_eq!((asked(&patron), patron.profile().unwrap()), (vec!["all".into(), "wool".into()], Profile::default()));

    patron.set_network(patron_core::Network::Offline).unwrap();
    wait(patron.tell(told)).unwrap();
    let all = ["wool", "all", "gold", "runners"];
    assert_eq!(asked(&patron), all, "wool fits, priority orders the rest");
    let why = patron.why("wool", None, true).unwrap();
    assert!(why.parts.iter().any(|part| part.points == 75 && part.text.contains("wool")), "{:?}", why.parts);
    drop(patron);

    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(asked(&patron), all);
    assert_eq!(patron.profile().unwrap().variables["member.tier"], Scalar::Text("gold".into()));
    wait(patron.tell(vec![segment("runners", false), variable("member.tier", "blue")])).unwrap();
    assert_eq!(asked(&patron), ["wool", "all"]);
    assert!(!patron.why("gold", None, true).unwrap().shown);
}

#[test]
fn what_the_app_told_is_exported_with_its_origin_and_goes_with_the_purpose_signing_out_and_erasing() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), for_some(), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let profile = || {
        let export: Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
        export["items"].as_array().unwrap().iter().find(|item| item["kind"] == "profile").cloned()
    };
    let tell = || {
        wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
        wait(patron.tell(vec![segment("runners", true), variable("member.tier", "gold")])).unwrap();
        let item = profile().unwrap();
        assert_eq!((&item["origin"], &item["use"]), (&json!("told by the app"), &json!("personalisation")));
        assert!(item["grant"]["decision"].is_string(), "{item}");
        let content =
            json!({ "segments": { "runners": true }, "affinities": {}, "variables": { "member": { "tier": "gold" } } });
        assert_eq!(item["content"], content);
    };
    let gone = |after: &str| {
        assert_eq!((profile(), patron.profile().unwrap()), (None, Profile::default()), "{after}");
        wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
        assert_eq!(patron.profile().unwrap(), Profile::default(), "another yes brings nothing back after {after}");
    };
    tell();
    wait(patron.withdraw(Purpose::Personalisation)).unwrap();
    gone("withdrawing");
    tell();
    wait(patron.sign_out()).unwrap();
    gone("signing out");
    tell();
    wait(patron.erase()).unwrap();
    gone("erasing");
    tell();
    wait(patron.tell(vec![Trait::Clear])).unwrap();
    gone("clearing");
}

#[test]
fn what_makes_no_sense_of_a_profile_is_refused_whole_and_taking_back_needs_no_yes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), for_some(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::Personalisation]);
    let half = vec![segment("runners", true), Trait::Affinity { topic: "wool".into(), percent: Some(101) }];
    match wait(patron.tell(half)) {
        Err(Error::InvalidInput { what, why }) => {
            assert!(what == "traits[1].percent" && why.contains("101"), "{what} {why}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(patron.profile().unwrap(), Profile::default());
    wait(patron.tell(vec![segment("runners", true)])).unwrap();
    wait(patron.withdraw_with(Purpose::Personalisation, patron_core::consent::WithdrawPolicy::KeepCaptured, None))
        .unwrap();
    assert_eq!(patron.profile().unwrap(), Profile::default(), "kept, and not looked at");
    wait(patron.tell(vec![Trait::Clear])).unwrap();
    wait(patron.grant(vec![Purpose::Personalisation])).unwrap();
    assert_eq!(patron.profile().unwrap(), Profile::default());
}
