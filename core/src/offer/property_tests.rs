//! What holds for every decision, in random scenes.
//!
//! A thousand cases by default; `PATRON_CASES=1000000` for a night. A case that fails is named by its
//! seed. What may show is worked out here once more in the plainest way, without the code under test.

use fastrand::Rng;
use proptest::prelude::*;
use uuid::Uuid;

use super::draw::{WIDE, scene};
use super::irrelevant::make_irrelevant;
use super::scene::Scene;
use super::*;
use crate::consent::{Gate, PurposeKind};
use crate::place::{Place, Visit, Witness};

const HOUR: i64 = 3_600_000;

fn cases() -> ProptestConfig {
    let cases = std::env::var("PATRON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() }
}

/// Notices of which no look followed within a day: they count by themselves.
fn unanswered(scene: &Scene) -> impl Iterator<Item = Impression> {
    let looks = scene.history.impressions();
    let notices = scene.history.sent().iter().filter(|sent| !sent.reminder);
    let alone = notices.filter(|sent| {
        let follows = |at: i64| sent.at_ms <= at && at < sent.at_ms + 24 * HOUR;
        !looks.iter().any(|look| look.offer == sent.offer && follows(look.at_ms))
    });
    alone.map(|sent| Impression {
        offer: sent.offer.clone(),
        partner: sent.partner.clone(),
        at_ms: sent.at_ms,
        asked: false,
    })
}

/// So many impressions and notices that `counts` are within the cap's window.
fn within(scene: &Scene, cap: &Cap, counts: impl Fn(&Impression) -> bool) -> usize {
    let since = scene.now_ms - i64::from(cap.hours) * HOUR;
    let shown = scene.history.impressions().iter().cloned().chain(unanswered(scene));
    shown.filter(|seen| seen.at_ms > since && counts(seen)).count()
}

fn looked_at(scene: &Scene, id: &str) -> bool {
    let lately = |at: i64| scene.now_ms - at < HOUR / 2;
    let looked = scene.history.impressions().iter().any(|seen| seen.offer == id && lately(seen.at_ms));
    looked || unanswered(scene).any(|sent| sent.offer == id && scene.now_ms - sent.at_ms < 24 * HOUR)
}

/// Fails when an offer that shows may not.
fn nothing_shows_that_may_not(scene: &Scene, shown: &[&Offer]) {
    let now = scene.now_ms;
    let local = now + 2 * HOUR;
    let day = local - local.rem_euclid(24 * HOUR) - 2 * HOUR;
    let minute = local.rem_euclid(24 * HOUR) / 60_000;
    for offer in shown {
        assert!(!scene.catalogue.sdk.off && scene.freshness != Freshness::Expired);
        assert!(offer.starts_at_ms.is_none_or(|at| at <= now) && offer.expires_at_ms.is_none_or(|at| now < at));
        assert!(offer.schedule.as_ref().is_none_or(|hours| hours.open_until(now).is_some()));
        assert!(scene.placement.is_none_or(|at| offer.placements.is_empty() || offer.placements[0] == at));
        assert!(offer.partner.is_none() || scene.gate.allows(PurposeKind::PartnerOffers));
        let says_so = |visit: &&Visit| match visit.by {
            Witness::Position => scene.gate.allows(PurposeKind::PreciseLocation),
            Witness::Beacon => scene.gate.allows(PurposeKind::Beacons),
            Witness::CheckIn => true,
        };
        let in_it = |at: &str, place: &str| at == place || (place == "market" && ["wall", "counter"].contains(&at));
        let is_there = |place: &String| scene.visits.iter().filter(says_so).any(|visit| in_it(&visit.place, place));
        assert!(offer.places.is_empty() || offer.places.iter().any(is_there));
        if let Some(rule) = &offer.audience {
            assert!(scene.gate.allows(PurposeKind::Personalisation));
            let wanted = rule.sources();
            let in_it = |n: &str| scene.person.segments.get(n) == Some(&true);
            assert!(matches!(wanted.as_slice(), [rule::Source::Segment(id)] if in_it(id)));
        }
        assert!(!scene.dismissed.contains(&offer.id));
        for refusal in scene.moments.refusals() {
            match refusal {
                Refusal::Partner(id) => assert_ne!(offer.partner.as_deref(), Some(id)),
                Refusal::Offer(id) => assert_ne!(offer.id, id),
                Refusal::Topic(id) => assert!(!offer.topics.iter().any(|topic| topic == id)),
            }
        }
        assert!(scene.moments.resting_until_ms(&offer.id, now).is_none());
        let cap_holds = |cap: &Cap| within(scene, cap, |seen| seen.offer == offer.id) < usize::from(cap.times);
        assert!(looked_at(scene, &offer.id) || offer.caps.iter().all(cap_holds));
        if !scene.asked {
            assert!(!offer.only_for_who_asks() && !scene.moments.only_when_asked());
            assert!(scene.moments.snoozed_until_ms(now).is_none());
            assert!(scene.moments.quiet().is_none() || (8 * 60..21 * 60).contains(&minute));
        }
    }
    let new = |partner: Option<&str>| {
        let of = |offer: &&&Offer| partner.is_none() || offer.partner.as_deref() == partner;
        shown.iter().filter(of).filter(|offer| !looked_at(scene, &offer.id)).count()
    };
    for cap in &scene.catalogue.caps {
        assert!(new(None) == 0 || new(None) + within(scene, cap, |_| true) <= usize::from(cap.times));
    }
    for partner in &scene.catalogue.partners {
        let id = Some(partner.id.as_str());
        for cap in &partner.caps {
            let seen = within(scene, cap, |seen| seen.partner.as_deref() == id);
            assert!(new(id) == 0 || new(id) + seen <= usize::from(cap.times));
        }
    }
    if let (false, Some(most)) = (scene.asked, scene.moments.daily()) {
        let today = scene.history.impressions().iter().filter(|seen| seen.at_ms >= day && !seen.asked);
        let sent = scene.history.sent().iter().filter(|sent| sent.at_ms >= day && !sent.reminder);
        let before: std::collections::BTreeSet<&str> =
            today.map(|seen| seen.offer.as_str()).chain(sent.map(|sent| sent.offer.as_str())).collect();
        let fresh = shown.iter().filter(|offer| !before.contains(offer.id.as_str())).count();
        assert!(fresh == 0 || fresh + before.len() <= usize::from(most));
    }
}

fn shown<'a>(scene: &'a Scene, decision: &Decision) -> Vec<&'a Offer> {
    decision.chosen.iter().map(|at| &scene.catalogue.offers[*at]).collect()
}

/// Makes a fact hold for an offer.
fn turn_around(scene: &mut Scene, id: &str, fact: Fact) {
    let at = scene.catalogue.offers.iter().position(|offer| offer.id == id).unwrap();
    let offer = &mut scene.catalogue.offers[at];
    match fact {
        Fact::Switch => scene.catalogue.sdk.off = false,
        Fact::Freshness => scene.freshness = Freshness::Fresh,
        Fact::Consent(kind) => scene.gate = Gate::new(2, scene.gate.granted().iter().chain([kind])),
        Fact::Placement => scene.placement = None,
        Fact::Schedule => {
            (offer.starts_at_ms, offer.schedule) = (None, None);
            let now_ms = scene.now_ms;
            let closed = scene.catalogue.places.iter_mut().filter(|place| place.opens_after(now_ms).is_some());
            closed.for_each(|place| (place.starts_at_ms, place.hours) = (None, None));
        }
        Fact::Expiry => {
            offer.expires_at_ms = None;
            scene.catalogue.places.iter_mut().for_each(|place| (place.ends_at_ms, place.hours) = (None, None));
        }
        Fact::Presence => {
            let places = offer.places.clone();
            go(scene, |place| {
                places.contains(&place.id) || (places.iter().any(|id| id == "market") && place.parent.is_some())
            });
        }
        Fact::Dismissed => drop(scene.dismissed.remove(id)),
        Fact::Refused => {
            scene.moments.welcome(Refusal::Offer(id));
            offer.topics.iter().for_each(|topic| scene.moments.welcome(Refusal::Topic(topic)));
            offer.partner.iter().for_each(|partner| scene.moments.welcome(Refusal::Partner(partner)));
        }
        Fact::Audience => scene.person.segments.extend((0..3).map(|n| (format!("s{n}"), true))),
        Fact::Experiment => offer.experiment = None,
        Fact::Caps => {
            scene.history = History::NEW;
            scene.catalogue.caps.clear();
            scene.catalogue.partners.iter_mut().for_each(|partner| partner.caps.clear());
        }
        Fact::Asked | Fact::Moment => scene.asked = true,
    }
}

/// Goes to each of these places that is open, as far as anybody may know of it.
fn go(scene: &mut Scene, to: impl Fn(&Place) -> bool) {
    let now_ms = scene.now_ms;
    // A chain is nowhere but in its parts.
    let is_open = |place: &Place| place.open_until(now_ms).is_some() && place.id != "market";
    let open = scene.catalogue.places.iter().filter(|place| to(place) && is_open(place));
    let seen: Vec<_> = open
        .filter_map(|place| {
            let by = match place.fence {
                Some(_) if scene.gate.allows(PurposeKind::PreciseLocation) => Witness::Position,
                _ if !place.beacons.is_empty() && scene.gate.allows(PurposeKind::Beacons) => Witness::Beacon,
                None if place.beacons.is_empty() => Witness::CheckIn,
                _ => return None,
            };
            Some((by, place.id.clone()))
        })
        .collect();
    seen.into_iter().for_each(|(by, place)| *scene = scene.clone().seen_by(by, &[&place]));
}

/// What is named, without its words.
type Named = (BlockerKind, Option<PurposeKind>);

fn named(scene: &Scene) -> Vec<Named> {
    scene.blocked().into_iter().map(|blocker| (blocker.kind, blocker.purpose.map(|purpose| purpose.kind()))).collect()
}

/// Does what a blocker's remedy says, or waits until it is over.
fn remedy(scene: &mut Scene, (kind, purpose): Named) {
    let (offers, moments) = (&mut scene.catalogue.offers, &mut scene.moments);
    match kind {
        BlockerKind::SwitchedOff => scene.catalogue.sdk.off = false,
        BlockerKind::StaleCatalogue | BlockerKind::ExpiredCatalogue => scene.freshness = Freshness::Fresh,
        BlockerKind::ConsentMissing => scene.gate = Gate::new(2, scene.gate.granted().iter().chain(purpose)),
        BlockerKind::NoPosition | BlockerKind::NotThere => {
            scene.position = Some(Position { latitude: 60.0, longitude: 25.0, accuracy_m: 9.0 });
            go(scene, |_| true);
        }
        BlockerKind::Snoozed => moments.wake(),
        BlockerKind::QuietHours => moments.set_quiet(None),
        BlockerKind::OnlyWhenAsked => {
            moments.set_only_when_asked(false);
            offers.iter_mut().for_each(|offer| offer.triggers.retain(|trigger| *trigger != Trigger::Pull));
        }
        BlockerKind::DailyLimit => moments.set_daily(None).unwrap(),
        BlockerKind::Refused => {
            moments.welcome(Refusal::Partner("p"));
            moments.welcome(Refusal::Topic("ice"));
            offers.iter().for_each(|offer| moments.welcome(Refusal::Offer(&offer.id)));
        }
        BlockerKind::Dismissed => scene.dismissed.clear(),
        BlockerKind::ShownEnough => {
            scene.history = History::NEW;
            offers.iter_mut().for_each(|offer| offer.caps.clear());
            scene.catalogue.caps.clear();
            scene.catalogue.partners.iter_mut().for_each(|partner| partner.caps.clear());
        }
        BlockerKind::ForOthers => {
            scene.person.segments.extend((0..3).map(|n| (format!("s{n}"), true)));
            offers.iter_mut().for_each(|offer| offer.experiment = None);
        }
        BlockerKind::NothingScheduled => {
            scene.placement = None;
            for offer in offers {
                (offer.starts_at_ms, offer.expires_at_ms, offer.schedule) = (None, None, None);
            }
            for place in &mut scene.catalogue.places {
                (place.starts_at_ms, place.ends_at_ms, place.hours) = (None, None, None);
            }
        }
        other => panic!("{other:?} is not about the scene"),
    }
}

/// Whether `left` may be named once `gone` is no more, though it was not before: what was not to be looked at then,
/// or not worth asking for.
fn comes_to_light(gone: Named, left: Named) -> bool {
    let asks = matches!(left.0, BlockerKind::ConsentMissing | BlockerKind::NoPosition | BlockerKind::NotThere);
    match gone.0 {
        BlockerKind::ConsentMissing => gone.1 != Some(PurposeKind::Notifications),
        BlockerKind::SwitchedOff | BlockerKind::ExpiredCatalogue => true,
        BlockerKind::ForOthers | BlockerKind::NothingScheduled => true,
        BlockerKind::Refused | BlockerKind::Dismissed => asks,
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_offer_shows_outside_schedule_caps_consent_and_moments_and_the_order_is_total(seed: u64) {
        let scene = scene(seed);
        let decision = scene.decision();
        let shown = shown(&scene, &decision);
        nothing_shows_that_may_not(&scene, &shown);
        let rank = |at: &usize| {
            let offer = &scene.catalogue.offers[*at];
            let score = decision.verdicts[*at].score.total();
            let partner = offer.partner.as_ref().and_then(|id| scene.catalogue.partner(id));
            let from_afar = partner.is_none_or(|partner| partner.kind == PartnerKind::National);
            (u16::MAX - score, -offer.priority, from_afar, offer.expires_at_ms.unwrap_or(i64::MAX), offer.id.clone())
        };
        prop_assert!(decision.chosen.windows(2).all(|pair| rank(&pair[0]) < rank(&pair[1])));
        for (at, verdict) in decision.verdicts.iter().enumerate() {
            prop_assert_eq!(verdict.shown(), decision.chosen.contains(&at));
            prop_assert_eq!(verdict.against().is_none(), verdict.shown());
        }
        prop_assert_eq!(&decision, &scene.decision());
    }

    #[test]
    fn an_irrelevant_offer_changes_nothing_of_the_rest(seed: u64) {
        let mut scene = scene(seed);
        let rng = &mut Rng::with_seed(!seed);
        let mut new = WIDE[rng.usize(..WIDE.len())].clone();
        new.id = format!("o{:02}-new", rng.u8(..12));
        // Its questions have the numbers of the catalogue that it comes from.
        new.audience = new.audience.map(|rule| rule.unnumbered().into());
        let relevant = !make_irrelevant(rng, &mut scene, &mut new);
        let ids = |scene: &Scene, decision: &Decision| -> Vec<String> {
            shown(scene, decision).iter().map(|offer| offer.id.clone()).collect()
        };
        let (before, others) = (scene.decision(), scene.cards());
        let before_ids = ids(&scene, &before);
        let at = scene.catalogue.offers.partition_point(|offer| offer.id < new.id);
        let id = new.id.clone();
        scene.catalogue.offers.insert(at, new);
        scene.match_wishes();
        let after = scene.decision();
        let mut left = ids(&scene, &after);
        left.retain(|other| *other != id);
        prop_assert_eq!(before_ids, left);
        prop_assert!(relevant || !after.verdicts[at].shown());
        // Nor is anything else said of the rest.
        let mut verdicts = after.verdicts.clone();
        verdicts.remove(at);
        prop_assert_eq!(before.verdicts, verdicts);
        let mut cards = scene.cards();
        cards.retain(|other| *other != id);
        prop_assert_eq!(others, cards);
    }

    #[test]
    fn what_is_for_others_is_behind_no_blocker_but_the_one_that_says_so(seed: u64) {
        let mut scene = scene(seed);
        let of_others = |kind: &BlockerKind| matches!(kind, BlockerKind::ForOthers | BlockerKind::NothingScheduled);
        let named = |scene: &Scene| -> Vec<BlockerKind> {
            scene.blockers().into_iter().filter(|kind| !of_others(kind)).collect()
        };
        let with = named(&scene);
        let (gate, person) = (scene.gate, scene.person.clone());
        let may_ask = |kind| gate.allows(kind);
        scene.catalogue.offers.retain(|offer| {
            let looked_at = offer.partner.is_none() || may_ask(PurposeKind::PartnerOffers);
            let sources = offer.audience.as_ref().map(|rule| rule.sources()).unwrap_or_default();
            let in_it = sources.iter().all(|source| match source {
                rule::Source::Segment(id) => person.segments.get(id) == Some(&true),
                _ => true,
            });
            !looked_at || in_it || !may_ask(PurposeKind::Personalisation)
        });
        // Wishes are known by the places of offers in the catalogue, which have changed.
        scene.match_wishes();
        prop_assert_eq!(with, named(&scene));
    }

    #[test]
    fn an_explanation_is_true(seed: u64) {
        let mut scene = scene(seed);
        let id = scene.catalogue.offers[Rng::with_seed(!seed).usize(..12)].id.clone();
        let mut named = Vec::new();
        // Whatever is named and turned around is named no more; in the end nothing is, and it shows.
        loop {
            let why = scene.why(&id);
            let against = why.reasons.iter().find(|reason| !reason.holds).map(|reason| reason.fact);
            prop_assert_eq!(why.shown, scene.cards().contains(&id));
            prop_assert_eq!(why.shown, against.is_none());
            let Some(fact) = against else { break };
            prop_assert!(!named.contains(&fact), "{:?} again after {:?}", fact, named);
            named.push(fact);
            turn_around(&mut scene, &id, fact);
        }
        // And of what shows, whatever is taken away is what is named.
        scene.dismissed.insert(id.clone());
        let why = scene.why(&id);
        prop_assert_eq!(why.reasons.iter().find(|reason| !reason.holds).map(|reason| reason.fact), Some(Fact::Dismissed));
    }

    #[test]
    fn each_blocker_is_one_and_with_all_of_them_gone_something_shows(seed: u64) {
        let mut scene = scene(seed);
        let mut gone = Vec::new();
        while scene.decision().chosen.is_empty() {
            let before = named(&scene);
            for blocker in &before {
                let mut without = scene.clone();
                remedy(&mut without, *blocker);
                let left = named(&without);
                prop_assert!(!left.contains(blocker), "{:?} is named after its remedy", blocker);
                let known = |other: &Named| before.contains(other) || comes_to_light(*blocker, *other);
                let shows = !without.decision().chosen.is_empty();
                prop_assert!(shows || left.iter().all(known), "{:?}: {:?} before, {:?} after", blocker, before, left);
            }
            let first = before.first().copied();
            prop_assert!(first.is_some(), "nothing shows, and nothing is named after {:?}", gone);
            gone.extend(first);
            first.into_iter().for_each(|blocker| remedy(&mut scene, blocker));
            prop_assert!(gone.len() <= 20, "{:?} again and again", gone);
        }
        // Whoever asked is told of nothing that only holds back what comes by itself.
        scene.asked = true;
        let unasked = |kind: &Named| {
            let moment = [BlockerKind::Snoozed, BlockerKind::QuietHours, BlockerKind::DailyLimit].contains(&kind.0);
            moment || kind.0 == BlockerKind::OnlyWhenAsked || kind.1 == Some(PurposeKind::Notifications)
        };
        prop_assert!(!named(&scene).iter().any(unasked));
    }

    #[test]
    fn a_kept_decision_comes_to_the_same(seed: u64) {
        use crate::consent::Sha;
        let scene = scene(seed);
        let decision = scene.decision();
        let kept = DecisionRecord::new(Uuid::nil(), Sha::NONE, &scene.input(), &scene.shopper(), &decision);
        let again = DecisionRecord::from_value(&kept.to_value()).replay(&scene.catalogue, Sha::NONE).unwrap();
        prop_assert!(again.same);
        prop_assert_eq!(again.decision, decision);
    }
}
