//! A person of a sample: how one is written, and what the core decides with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use patron_core::consent::{Gate, PurposeKind};
use patron_core::offer::{History, Moments, OfferCatalogue, Person, Position, Quiet, Refusal, Shopper, Wanted};
use patron_core::place::{Visit, VisitPhase, Witness};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const DAY_MS: i64 = 86_400_000;

/// So many times of one kind are what a device keeps.
const MAX_COUNT: u16 = 200;

/// So many days are what a rule may ask for.
const MAX_DAYS: u16 = 366;

/// So many entries of a list or an object are looked at; a person of whom more is known is a mistake.
const MAX_ENTRIES: usize = 1_000;

/// A synthetic person, or a tester who agreed. What is left out is not known, not granted, not set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePerson {
    /// For errors, and for the bucket of experiments.
    #[serde(default)]
    pub id: String,
    /// The installation's pseudonym, for experiments; made from `id` without it.
    pub installation: Option<Uuid>,
    /// The purposes that are granted.
    #[serde(default)]
    pub consent: Vec<PurposeKind>,
    /// Whether in each segment. One that is left out is unknown.
    #[serde(default)]
    pub segments: BTreeMap<String, bool>,
    /// How much drawn to each topic, percent.
    #[serde(default)]
    pub affinities: BTreeMap<String, u8>,
    /// What rules ask for by `var`.
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// How many visits to each place within so many days.
    pub visits: Option<BTreeMap<String, Counts>>,
    /// How many events of each type within so many days.
    pub events: Option<BTreeMap<String, Counts>>,
    /// Ids of the places where the person is now.
    #[serde(default)]
    pub at: Vec<String>,
    /// Who says so.
    #[serde(default)]
    pub seen_by: Witness,
    /// Where, for distances.
    pub position: Option<SamplePosition>,
    /// The person opened the offers; they did not come by themselves.
    #[serde(default = "asked")]
    pub asked: bool,
    /// Where in the app; anywhere without it.
    pub placement: Option<String>,
    /// The language.
    #[serde(default = "locale")]
    pub locale: String,
    /// Where the person's clock stands, an IANA name; UTC without it.
    pub time_zone: Option<String>,
    /// Ids of offers that were put away.
    #[serde(default)]
    pub dismissed: BTreeSet<String>,
    /// The person's own rules.
    #[serde(default)]
    pub moments: SampleMoments,
}

/// How many within so many days, `{"7": 1, "30": 4}`: each count has those of shorter times in it.
pub type Counts = BTreeMap<u16, u16>;

/// A position.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePosition {
    /// Degrees, WGS 84.
    pub latitude: f64,
    /// Degrees, WGS 84.
    pub longitude: f64,
    /// Radius of 68 % confidence, metres; 10 without it.
    pub accuracy_m: Option<f64>,
}

/// Rules of the person's own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SampleMoments {
    /// From and to, `HH:MM`.
    pub quiet: Option<(String, String)>,
    /// So many offers a day come by themselves.
    pub daily: Option<u16>,
    /// None comes by itself.
    pub only_when_asked: bool,
    /// Ids of partners of whom no more is wanted.
    pub refused_partners: Vec<String>,
    /// Ids of offers.
    pub refused_offers: Vec<String>,
    /// Topics.
    pub refused_topics: Vec<String>,
}

fn asked() -> bool {
    true
}

fn locale() -> String {
    "en".to_owned()
}

/// A person who makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct SampleError {
    /// Which of the sample, from 0.
    pub person: usize,
    /// Which field.
    pub path: String,
    /// In words.
    pub why: String,
}

fn wrong<T>(path: impl Into<String>, why: impl Into<String>) -> Result<T, SampleError> {
    Err(SampleError { person: 0, path: path.into(), why: why.into() })
}

/// What the core decides with.
pub(super) struct Ready {
    pub(super) gate: Gate,
    pub(super) visits: Vec<Visit>,
    pub(super) position: Option<Position>,
    installation: Uuid,
    person: Person,
    moments: Moments,
    zone: TimeZone,
}

/// Nothing was shown to anyone yet: a dry run asks whom an offer is for, not how often.
static NOTHING_SHOWN: History = History::NEW;

impl Ready {
    pub(super) fn shopper<'a>(&'a self, wanted: &'a Wanted, asked: bool) -> Shopper<'a> {
        Shopper {
            installation: self.installation,
            person: &self.person,
            moments: &self.moments,
            wanted,
            history: &NOTHING_SHOWN,
            zone: &self.zone,
            asked,
        }
    }
}

impl SamplePerson {
    /// Reads the person for a decision on `catalogue` at `now_ms`.
    pub(super) fn read(&self, catalogue: &OfferCatalogue, now_ms: i64) -> Result<Ready, SampleError> {
        let sizes = [self.segments.len(), self.affinities.len(), self.at.len(), self.dismissed.len()];
        let counted = [&self.visits, &self.events].map(|counts| counts.as_ref().map_or(0, BTreeMap::len));
        if sizes.into_iter().chain(counted).any(|size| size > MAX_ENTRIES) {
            return wrong("person", format!("has more than {MAX_ENTRIES} entries in one list"));
        }
        let mut person = Person {
            segments: self.segments.clone(),
            visits: times("visits", self.visits.as_ref(), now_ms)?,
            events: times("events", self.events.as_ref(), now_ms)?,
            counted: self.visits.is_some() || self.events.is_some(),
            facts: Value::Object(self.variables.clone()),
            ..Person::NEW
        };
        for (topic, percent) in &self.affinities {
            if *percent > 100 {
                return wrong(format!("affinities.{topic:.64}"), "takes 0 to 100 percent");
            }
            person.drawn_to(topic, *percent);
        }
        let known = |place: &&String| catalogue.place(place).is_some();
        let named = self.at.iter().map(|place| ("at", place));
        let named = named.chain(self.visits.iter().flat_map(BTreeMap::keys).map(|place| ("visits", place)));
        if let Some((path, place)) = named.into_iter().find(|(_, place)| !known(place)) {
            return wrong(path, format!("the catalogue has no place {place:.64}"));
        }
        Ok(Ready {
            gate: Gate::new(1, self.consent.iter().copied()),
            visits: self.at.iter().filter_map(|place| self.visit(catalogue, place, now_ms)).collect(),
            position: self.position.map(SamplePosition::read).transpose()?,
            installation: self.installation(),
            person,
            moments: self.moments.read()?,
            zone: self.zone()?,
        })
    }

    fn visit(&self, catalogue: &OfferCatalogue, place: &str, now_ms: i64) -> Option<Visit> {
        let place = catalogue.place(place)?;
        Some(Visit {
            id: Uuid::nil(),
            place: place.id.clone(),
            place_name: place.name.clone(),
            partner: place.partner.clone(),
            phase: VisitPhase::Inside,
            entered_at_ms: now_ms,
            initial: false,
            by: self.seen_by,
        })
    }

    fn installation(&self) -> Uuid {
        self.installation.unwrap_or_else(|| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&Sha256::digest(self.id.as_bytes())[..16]);
            Uuid::new_v8(bytes)
        })
    }

    fn zone(&self) -> Result<TimeZone, SampleError> {
        let Some(name) = &self.time_zone else { return Ok(TimeZone::UTC) };
        TimeZone::get(name).or_else(|_| wrong("time_zone", format!("there is no time zone {name:.64}")))
    }
}

impl SamplePosition {
    fn read(self) -> Result<Position, SampleError> {
        let Self { latitude, longitude, accuracy_m } = self;
        let accuracy_m = accuracy_m.unwrap_or(10.0);
        let holds = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && accuracy_m.is_finite() && accuracy_m >= 0.0;
        if holds { Ok(Position { latitude, longitude, accuracy_m }) } else { wrong("position", "is nowhere on Earth") }
    }
}

impl SampleMoments {
    fn read(&self) -> Result<Moments, SampleError> {
        let told = |error: patron_core::offer::MomentError| SampleError {
            person: 0,
            path: "moments".to_owned(),
            why: error.to_string(),
        };
        let mut moments = Moments::NEW;
        if let Some((from, to)) = &self.quiet {
            moments.set_quiet(Some(Quiet::new(from, to).map_err(told)?));
        }
        moments.set_daily(self.daily).map_err(told)?;
        moments.set_only_when_asked(self.only_when_asked);
        let partners = self.refused_partners.iter().map(|id| Refusal::Partner(id));
        let offers = self.refused_offers.iter().map(|id| Refusal::Offer(id));
        for refusal in partners.chain(offers).chain(self.refused_topics.iter().map(|id| Refusal::Topic(id))) {
            moments.refuse(refusal).map_err(told)?;
        }
        Ok(moments)
    }
}

/// The times at which a device would have counted so many: each as long ago as its count lets it be.
fn times(
    path: &str,
    counts: Option<&BTreeMap<String, Counts>>,
    now_ms: i64,
) -> Result<BTreeMap<String, Vec<i64>>, SampleError> {
    let mut all = BTreeMap::new();
    for (of, counts) in counts.into_iter().flatten() {
        let mut times = Vec::new();
        for (days, count) in counts {
            let (before, count) = (times.len(), usize::from(*count));
            if *days == 0 || *days > MAX_DAYS || count > usize::from(MAX_COUNT) || count < before {
                let why =
                    format!("takes up to {MAX_COUNT} within 1 to {MAX_DAYS} days, and more days have no fewer of them");
                return wrong(format!("{path}.{of:.64}.{days}"), why);
            }
            times.resize(count, now_ms.saturating_sub(i64::from(*days) * DAY_MS) + 1);
        }
        times.reverse();
        all.insert(of.clone(), times);
    }
    Ok(all)
}
