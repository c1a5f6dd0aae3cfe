//! A scene of a decision, for tests.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::consent::{Gate, PurposeKind};
use crate::place::{Visit, VisitPhase, Witness};
use crate::sandbox::TOWN_JSON;

/// What offers of partners and of places need.
pub(super) const ALL: &[PurposeKind] = &[PurposeKind::PartnerOffers, PurposeKind::PreciseLocation];

/// And what looks at the person needs.
pub(super) const PERSONAL: &[PurposeKind] =
    &[PurposeKind::PartnerOffers, PurposeKind::PreciseLocation, PurposeKind::Personalisation];

/// Facts of a decision that a test can change one by one.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) catalogue: OfferCatalogue,
    pub(super) freshness: Freshness,
    pub(super) gate: Gate,
    pub(super) visits: Vec<Visit>,
    pub(super) position: Option<Position>,
    pub(super) now_ms: i64,
    pub(super) dismissed: BTreeSet<String>,
    pub(super) placement: Option<&'static str>,
    pub(super) locale: &'static str,
    pub(super) installation: Uuid,
    pub(super) person: Person,
    pub(super) moments: Moments,
    pub(super) wishes: Wishes,
    pub(super) wanted: Wanted,
    pub(super) history: History,
    pub(super) zone: TimeZone,
    pub(super) asked: bool,
    pub(super) phone: Phone,
}

pub(super) fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

impl Scene {
    pub(super) fn of(json: &str) -> Self {
        let (catalogue, quarantined) = OfferCatalogue::parse(json.as_bytes()).unwrap();
        assert_eq!(quarantined, []);
        Self::bare(catalogue)
    }

    /// A shopper of whom nothing is known, who asks.
    pub(super) fn bare(catalogue: OfferCatalogue) -> Self {
        Self {
            catalogue,
            freshness: Freshness::Fresh,
            gate: Gate::CLOSED,
            visits: Vec::new(),
            position: None,
            now_ms: ms("2026-11-22T10:00:00Z"), // a Sunday noon in Helsinki
            dismissed: BTreeSet::new(),
            placement: None,
            locale: "en",
            installation: Uuid::from_u128(0x0193_b1a0_0000_7000_8000_0000_0000_0001),
            person: Person::NEW,
            moments: Moments::NEW,
            wishes: Wishes::NEW,
            wanted: Wanted::default(),
            history: History::NEW,
            zone: TimeZone::posix("EET-2EEST,M3.5.0/3,M10.5.0/4").unwrap(),
            asked: true,
            phone: Phone::default(),
        }
    }

    pub(super) fn town() -> Self {
        Self::of(TOWN_JSON)
    }

    pub(super) fn offers(offers: &Value) -> Self {
        let place = |id: &str, longitude: f64| {
            json!({ "id": id, "name": id.to_uppercase(),
                    "circle": { "latitude": 60.0, "longitude": longitude, "radius_m": 500 } })
        };
        let partners = json!([ { "id": "p", "name": "Pop" } ]);
        let places = [place("here", 25.0), place("there", 25.004)];
        Self::of(&json!({ "version": "1", "partners": partners, "places": places, "offers": offers }).to_string())
    }

    pub(super) fn granted(mut self, kinds: &[PurposeKind]) -> Self {
        self.gate = Gate::new(1, kinds.iter().copied());
        self
    }

    pub(super) fn at(self, places: &[&str]) -> Self {
        self.seen_by(Witness::Position, places)
    }

    pub(super) fn seen_by(mut self, by: Witness, places: &[&str]) -> Self {
        for place in places {
            self.visits.push(Visit {
                id: Uuid::nil(),
                place: (*place).to_owned(),
                place_name: self.catalogue.place(place).unwrap().name.clone(),
                partner: None,
                phase: VisitPhase::Inside,
                entered_at_ms: 0,
                initial: false,
                by,
            });
        }
        self
    }

    pub(super) fn input(&self) -> DecisionInput<'_> {
        DecisionInput {
            catalogue: &self.catalogue,
            freshness: self.freshness,
            gate: &self.gate,
            visits: &self.visits,
            position: self.position,
            now_ms: self.now_ms,
            dismissed: &self.dismissed,
            placement: self.placement,
            locale: self.locale,
        }
    }

    pub(super) fn shopper(&self) -> Shopper<'_> {
        Shopper {
            installation: self.installation,
            person: &self.person,
            moments: &self.moments,
            wanted: &self.wanted,
            history: &self.history,
            zone: &self.zone,
            asked: self.asked,
        }
    }

    /// The shopper wishes for something.
    pub(super) fn wish(&mut self, words: &str) -> u32 {
        let id = self.wishes.add(words, &[], None, self.now_ms).unwrap();
        self.match_wishes();
        id
    }

    /// The wishes meet another catalogue.
    pub(super) fn match_wishes(&mut self) {
        self.wanted = Wanted::new(&self.wishes, &self.catalogue);
    }

    /// The shopper saw an offer so many minutes ago.
    pub(super) fn saw(&mut self, id: &str, minutes_ago: i64, asked: bool) {
        let partner = self.catalogue.offer(id).and_then(|offer| offer.partner.clone());
        let at_ms = self.now_ms - minutes_ago * 60_000;
        assert!(self.history.saw(Impression { offer: id.to_owned(), partner, at_ms, asked }));
    }

    pub(super) fn decision(&self) -> Decision {
        decide(&self.input(), &self.shopper())
    }

    pub(super) fn verdict(&self, id: &str) -> Verdict {
        let at = self.catalogue.offers.iter().position(|offer| offer.id == id).unwrap();
        self.decision().verdicts[at]
    }

    pub(super) fn shown(&self) -> Vec<OfferCard> {
        cards(&self.input(), &self.shopper(), &self.decision())
    }

    pub(super) fn cards(&self) -> Vec<String> {
        self.shown().into_iter().map(|card| card.id).collect()
    }

    pub(super) fn why(&self, id: &str) -> Why {
        why(&self.input(), &self.shopper(), id).unwrap()
    }

    pub(super) fn blockers(&self) -> Vec<BlockerKind> {
        self.blocked().into_iter().map(|blocker| blocker.kind).collect()
    }

    /// The same with their words.
    pub(super) fn blocked(&self) -> Vec<Blocker> {
        let outlook = Outlook { online: true, key_refused: false };
        blockers(Some(&self.input()), &self.shopper(), self.locale, outlook, &self.phone)
    }
}
