//! Who of a sample would get which offer, and why the others would not.
//!
//! Pure: a catalogue, people and a time go in, and the core decides as it would on their devices. The people are
//! synthetic, or testers who agreed; nothing of them is kept, and counts go through [`Floor`] all the same.
//! docs/publishing.md has the format of a person.

mod reason;
mod sample;
#[cfg(test)]
mod tests;

use patron_core::offer::{DecisionInput, Freshness, Offer, OfferCatalogue, Verdict, Wanted, Wishes, decide};
use serde::Serialize;

pub use reason::Reason;
pub use sample::{Counts, SampleError, SampleMoments, SamplePerson, SamplePosition};

use crate::floor::{Floor, Told};

/// What a dry run comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DryRun {
    /// The catalogue's version.
    pub version: String,
    /// At which time it was decided, RFC 3339.
    pub at: String,
    /// How many people are in the sample.
    #[schema(value_type = Value)]
    pub people: Told,
    /// Offer by offer, by id.
    pub offers: Vec<Outcome>,
}

/// What becomes of one offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Outcome {
    /// The offer's id.
    pub offer: String,
    /// How many would see it. A number is a multiple of 20, rounded down, unless the floor is off.
    #[schema(value_type = Value)]
    pub shown: Told,
    /// How many would not, by the first thing that keeps it away. Empty also where the sample is too small to say.
    pub not_shown: Vec<Because>,
}

/// How many do not see an offer for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Because {
    /// A stable name.
    pub reason: Reason,
    /// In words: "17 people …".
    pub words: &'static str,
    /// How many.
    #[schema(value_type = Value)]
    pub people: Told,
}

/// Decides for each of `people` at `now_ms` (milliseconds since the Unix epoch), with a fresh catalogue; tells of
/// every offer, or of `offer` alone.
///
/// # Errors
/// [`SampleError`] for a person who makes no sense with this catalogue; its `person` counts from 0.
pub fn dry_run(
    catalogue: &OfferCatalogue,
    people: &[SamplePerson],
    offer: Option<&str>,
    now_ms: i64,
    floor: Floor,
) -> Result<DryRun, SampleError> {
    let told_of = |id: &str| offer.is_none_or(|only| only == id);
    let mut tallies = vec![Tally::default(); catalogue.offers.len()];
    // Wishes change no more than the order, and a sample has none.
    let wanted = Wanted::new(&Wishes::NEW, catalogue);
    for (at, sampled) in people.iter().enumerate() {
        let person = sampled.read(catalogue, now_ms).map_err(|error| SampleError { person: at, ..error })?;
        let input = DecisionInput {
            catalogue,
            freshness: Freshness::Fresh,
            gate: &person.gate,
            visits: &person.visits,
            position: person.position,
            now_ms,
            dismissed: &sampled.dismissed,
            placement: sampled.placement.as_deref(),
            locale: &sampled.locale,
        };
        let shopper = person.shopper(&wanted, sampled.asked);
        let decision = decide(&input, &shopper);
        let decided = catalogue.offers.iter().zip(&decision.verdicts).zip(&mut tallies);
        for ((offer, verdict), tally) in decided.filter(|((offer, _), _)| told_of(&offer.id)) {
            tally.count(verdict, || reason::of(&input, &shopper, offer, verdict));
        }
    }
    let offers = catalogue.offers.iter().zip(&tallies).filter(|(offer, _)| told_of(&offer.id));
    Ok(DryRun {
        version: catalogue.version.clone(),
        at: patron_core::clock::rfc3339(now_ms),
        people: floor.tell(people.len() as u64),
        offers: offers.map(|(offer, tally)| tally.tell(offer, floor)).collect(),
    })
}

/// How many see an offer, and how many do not for which reason; each person is in one count.
#[derive(Debug, Clone, Default)]
struct Tally {
    shown: u64,
    not_shown: [u64; Reason::ALL.len()],
}

impl Tally {
    fn count(&mut self, verdict: &Verdict, reason: impl FnOnce() -> Reason) {
        if verdict.shown() {
            self.shown += 1;
        } else {
            let reason = reason();
            for (_, count) in Reason::ALL.into_iter().zip(&mut self.not_shown).filter(|(known, _)| *known == reason) {
                *count += 1;
            }
        }
    }

    fn tell(&self, offer: &Offer, floor: Floor) -> Outcome {
        let counts: Vec<u64> = std::iter::once(self.shown).chain(self.not_shown).collect();
        let told = floor.tell_group(&counts).unwrap_or_default();
        let mut told = told.into_iter();
        let shown = told.next().unwrap_or(Told::Withheld);
        let because = Reason::ALL.into_iter().zip(told).filter(|(_, people)| *people != Told::People(0));
        Outcome {
            offer: offer.id.clone(),
            shown,
            not_shown: because.map(|(reason, people)| Because { reason, words: reason.words(), people }).collect(),
        }
    }
}
