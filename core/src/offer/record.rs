//! A decision as it is kept: what it looked at, what it chose, and how to take it again.
//!
//! It holds what was looked at and nothing else: without consent to the exact position, none is in
//! it, and without consent to personalisation, no person is. So it is as personal as those, and leaves
//! with them. The catalogue is named by its hash and not kept.

use std::collections::BTreeSet;

use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stored::{by_value, flag, list, number, set, text};
use super::view::View;
use super::{
    Decision, DecisionInput, Freshness, History, MAX_ITEMS, Moments, OfferCatalogue, Person, Position, Score, Shopper,
    Wanted, Wishes, decide,
};
use crate::consent::{Gate, PurposeKind, PurposeSet, Sha};
use crate::place::Visit;

/// Counts changes of what a decision does with the same input.
const RULES_VERSION: i64 = 3;

/// So many of the chosen are named; of all, the hash is kept.
const MAX_NAMED: usize = 50;

/// A chosen offer, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The offer's id.
    pub offer: String,
    /// The offer's revision.
    pub version: u32,
    /// How well it fitted.
    pub score: Score,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRecord {
    /// Its own.
    pub id: Uuid,
    /// Wall clock, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Of the catalogue's bytes.
    pub catalogue: Sha,
    /// The best fifty, best first.
    pub chosen: Vec<Chosen>,
    /// How many were chosen.
    pub count: usize,
    /// Of the ids and the scores of all that were chosen, in their order.
    pub outcome: Sha,
    /// Of the inputs: the same inputs have the same.
    pub digest: Sha,
    rules: i64,
    /// JSON as text: numbers with a fraction would not read back to the last bit.
    inputs: String,
}

/// A decision that was taken again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// What is decided now.
    pub decision: Decision,
    /// It is what was decided then: the same offers in the same order for the same reasons.
    pub same: bool,
}

/// Why a decision cannot be taken again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Bring the catalogue of that hash.
    #[error("the decision was on another catalogue, {wanted}")]
    OtherCatalogue {
        /// Its hash.
        wanted: Sha,
    },
    /// A version of Patron that decides otherwise.
    #[error("the decision was taken by rules of version {version}; these are {RULES_VERSION}")]
    OtherRules {
        /// Theirs.
        version: i64,
    },
    /// Not what was kept.
    #[error("the record is damaged")]
    Damaged,
}

impl DecisionRecord {
    /// Keeps `decision` on `catalogue` (the hash of its bytes), which is that of `input` and `shopper`.
    pub fn new(
        id: Uuid,
        catalogue: Sha,
        input: &DecisionInput<'_>,
        shopper: &Shopper<'_>,
        decision: &Decision,
    ) -> Self {
        let inputs = inputs(input, shopper).to_string();
        Self {
            id,
            at_ms: input.now_ms,
            catalogue,
            chosen: chosen(input, decision).take(MAX_NAMED).collect(),
            count: decision.chosen.len(),
            outcome: outcome(input, decision),
            digest: Sha::of(inputs.as_bytes()),
            rules: RULES_VERSION,
            inputs,
        }
    }

    /// Takes the decision again on the same catalogue, whose bytes have the hash `of`.
    ///
    /// # Errors
    /// [`ReplayError`] when it cannot be.
    pub fn replay(&self, catalogue: &OfferCatalogue, of: Sha) -> Result<Replayed, ReplayError> {
        let mut replayed = None;
        self.restore(catalogue, of, &mut |input, shopper| {
            let decision = decide(input, shopper);
            let same = outcome(input, &decision) == self.outcome && decision.chosen.len() == self.count;
            replayed = Some(Replayed { decision, same });
        })?;
        replayed.ok_or(ReplayError::Damaged)
    }

    /// Hands to `look` what was looked at then, for [`super::why`] and the like.
    ///
    /// # Errors
    /// [`ReplayError`] when it cannot be had.
    pub fn restore(
        &self,
        catalogue: &OfferCatalogue,
        of: Sha,
        look: &mut dyn FnMut(&DecisionInput<'_>, &Shopper<'_>),
    ) -> Result<(), ReplayError> {
        if self.rules != RULES_VERSION {
            return Err(ReplayError::OtherRules { version: self.rules });
        }
        if of != self.catalogue {
            return Err(ReplayError::OtherCatalogue { wanted: self.catalogue });
        }
        if Sha::of(self.inputs.as_bytes()) != self.digest {
            return Err(ReplayError::Damaged);
        }
        let inputs: Value = serde_json::from_str(&self.inputs).unwrap_or_default();
        restore(&inputs, self.at_ms, catalogue, look).ok_or(ReplayError::Damaged)
    }

    /// What was allowed then, and so may be in it; everything, where that does not read.
    pub(crate) fn rested_on(&self) -> PurposeSet {
        let inputs: Value = serde_json::from_str(&self.inputs).unwrap_or_default();
        let granted = inputs.get("gate").and_then(|gate| gate.get(1)).and_then(Value::as_u64);
        granted.map_or_else(|| PurposeKind::ALL.into_iter().collect(), PurposeSet::from_bits)
    }

    /// What was looked at, in JSON, for showing it.
    pub fn inputs(&self) -> &str {
        &self.inputs
    }

    /// For keeping; see [`DecisionRecord::from_value`].
    pub fn to_value(&self) -> Value {
        let chosen = self.chosen.iter().map(|c| json!([c.offer, c.version, c.score.parts().map(|(_, points)| points)]));
        json!({
            "id": self.id.to_string(),
            "at_ms": self.at_ms,
            "catalogue": self.catalogue.to_string(),
            "chosen": chosen.collect::<Vec<_>>(),
            "count": self.count,
            "outcome": self.outcome.to_string(),
            "digest": self.digest.to_string(),
            "rules": self.rules,
            "inputs": self.inputs,
        })
    }

    /// What was kept. What does not read is left out; then [`DecisionRecord::replay`] says that it is
    /// damaged.
    pub fn from_value(value: &Value) -> Self {
        let sha = |key| text(value, key).and_then(Sha::from_hex).unwrap_or(Sha::NONE);
        let chosen = list(value, "chosen").iter().filter_map(|row| {
            let mut points = [0; 6];
            for (at, points) in points.iter_mut().enumerate() {
                *points = u16::try_from(row.get(2)?.get(at)?.as_u64()?).ok()?;
            }
            let version = u32::try_from(row.get(1)?.as_u64()?).ok()?;
            Some(Chosen { offer: row.get(0)?.as_str()?.to_owned(), version, score: Score::of_points(points) })
        });
        Self {
            id: text(value, "id").and_then(|id| id.parse().ok()).unwrap_or_default(),
            at_ms: number(value, "at_ms").unwrap_or_default(),
            catalogue: sha("catalogue"),
            chosen: chosen.take(MAX_NAMED).collect(),
            count: number(value, "count").and_then(|count| usize::try_from(count).ok()).unwrap_or_default(),
            outcome: sha("outcome"),
            digest: sha("digest"),
            rules: number(value, "rules").unwrap_or_default(),
            inputs: text(value, "inputs").unwrap_or_default().to_owned(),
        }
    }
}

by_value!(DecisionRecord);

fn chosen<'a>(input: &'a DecisionInput<'_>, decision: &'a Decision) -> impl Iterator<Item = Chosen> + 'a {
    decision.chosen.iter().filter_map(|at| {
        let (offer, verdict) = (input.catalogue.offers.get(*at)?, decision.verdicts.get(*at)?);
        Some(Chosen { offer: offer.id.clone(), version: offer.version, score: verdict.score })
    })
}

fn outcome(input: &DecisionInput<'_>, decision: &Decision) -> Sha {
    let mut bytes = Vec::new();
    for chosen in chosen(input, decision) {
        // No id holds a line feed.
        bytes.extend_from_slice(chosen.offer.as_bytes());
        bytes.push(b'\n');
        for (_, points) in chosen.score.parts() {
            bytes.extend_from_slice(&points.to_le_bytes());
        }
    }
    Sha::of(&bytes)
}

/// What a decision looks at, without what it may not.
fn inputs(input: &DecisionInput<'_>, shopper: &Shopper<'_>) -> Value {
    let view = View::new(input, shopper);
    let (epoch, granted) = input.gate.to_parts();
    let visits: Vec<&Visit> = input.visits.iter().filter(|visit| view.is_at(&visit.place)).collect();
    let position = input.position.filter(|_| input.gate.allows(PurposeKind::PreciseLocation));
    let dismissed = input.dismissed.iter().filter(|id| input.catalogue.offer(id).is_some());
    let zone = shopper.zone;
    let offset = jiff::Timestamp::from_millisecond(input.now_ms).map_or(0, |now| zone.to_offset(now).seconds());
    json!({
        "gate": [epoch, granted],
        "freshness": match input.freshness {
            Freshness::Fresh => 0,
            Freshness::Stale => 1,
            Freshness::Expired => 2,
        },
        "placement": input.placement,
        "locale": input.locale,
        "asked": shopper.asked,
        "installation": shopper.installation.to_string(),
        "zone": zone.iana_name(),
        "offset_s": offset,
        "visits": visits,
        "position": position.map(|p| [p.latitude, p.longitude, p.accuracy_m].map(f64::to_bits)),
        "dismissed": dismissed.collect::<Vec<_>>(),
        "person": input.gate.allows(PurposeKind::Personalisation).then(|| shopper.person.to_value()),
        "moments": shopper.moments.to_value(),
        "wishes": shopper.wanted.wishes().to_value(),
        "history": shopper.history.looked_at_for(input.catalogue, input.now_ms).to_value(),
    })
}

fn restore(
    inputs: &Value,
    now_ms: i64,
    catalogue: &OfferCatalogue,
    look: &mut dyn FnMut(&DecisionInput<'_>, &Shopper<'_>),
) -> Option<()> {
    let part = |key| inputs.get(key).unwrap_or(&Value::Null);
    let gate = Gate::from_parts(part("gate").get(0)?.as_u64()?, part("gate").get(1)?.as_u64()?);
    let visits: Vec<Visit> = serde_json::from_value(part("visits").clone()).ok()?;
    let at = |n| part("position").get(n).and_then(Value::as_u64).map(f64::from_bits);
    let position = match (at(0), at(1), at(2)) {
        (Some(latitude), Some(longitude), Some(accuracy_m)) => Some(Position { latitude, longitude, accuracy_m }),
        _ => None,
    };
    let dismissed: BTreeSet<String> = set(inputs, "dismissed", MAX_ITEMS);
    let offset = number(inputs, "offset_s").and_then(|seconds| Offset::from_seconds(i32::try_from(seconds).ok()?).ok());
    // Where this device does not know the zone, the clock of that moment serves for all but what is
    // said of other days.
    let zone = text(inputs, "zone").and_then(|name| TimeZone::get(name).ok());
    let zone = zone.unwrap_or_else(|| TimeZone::fixed(offset.unwrap_or(Offset::UTC)));
    let input = DecisionInput {
        catalogue,
        freshness: match number(inputs, "freshness")? {
            0 => Freshness::Fresh,
            1 => Freshness::Stale,
            _ => Freshness::Expired,
        },
        gate: &gate,
        visits: &visits,
        position,
        now_ms,
        dismissed: &dismissed,
        placement: text(inputs, "placement"),
        locale: text(inputs, "locale").unwrap_or_default(),
    };
    let shopper = Shopper {
        installation: text(inputs, "installation")?.parse().ok()?,
        person: &Person::from_value(part("person")),
        moments: &Moments::from_value(part("moments")),
        wanted: &Wanted::new(&Wishes::from_value(part("wishes")), catalogue),
        history: &History::from_value(part("history")),
        zone: &zone,
        asked: flag(inputs, "asked"),
    };
    look(&input, &shopper);
    Some(())
}
