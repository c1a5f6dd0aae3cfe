//! A card: an offer as an app shows it.

use super::texts::{Language, fill};
use super::{Benefit, Decision, DecisionInput, Freshness, Offer, Verdict};

/// An offer that shows, in the shopper's language, with the reason why.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferCard {
    /// The offer's id.
    pub id: String,
    /// A line.
    pub title: String,
    /// A sentence or two; may be empty.
    pub body: String,
    /// The partner's id; `None` for the retailer's own.
    pub partner: Option<String>,
    /// The partner's name; `None` for the retailer's own.
    pub partner_name: Option<String>,
    /// What the shopper gets.
    pub benefit: Benefit,
    /// Ids of the places it belongs to; empty means that it is good anywhere.
    pub places: Vec<String>,
    /// Wall clock, milliseconds since the Unix epoch; `None` when it does not expire.
    pub expires_at_ms: Option<i64>,
    /// Metres to the centre of the nearest of its places, where the position is known.
    pub distance_m: Option<f64>,
    /// Why the shopper sees it, in a sentence.
    pub because: String,
    /// The catalogue is older than its publisher wishes; say so beside the card.
    pub stale: bool,
}

/// The cards of a decision, best first.
pub fn cards(input: &DecisionInput<'_>, decision: &Decision) -> Vec<OfferCard> {
    let language = Language::of(input.locale);
    decision
        .chosen
        .iter()
        .filter_map(|at| Some((input.catalogue.offers.get(*at)?, decision.verdicts.get(*at)?)))
        .map(|(offer, verdict)| card(input, language, offer, verdict))
        .collect()
}

fn card(input: &DecisionInput<'_>, language: Language, offer: &Offer, verdict: &Verdict) -> OfferCard {
    let text = offer.text_for(input.locale);
    OfferCard {
        id: offer.id.clone(),
        title: text.title.clone(),
        body: text.body.clone(),
        partner: offer.partner.clone(),
        partner_name: partner_name(input, offer).map(str::to_owned),
        benefit: offer.benefit.clone(),
        places: offer.places.clone(),
        expires_at_ms: offer.expires_at_ms,
        distance_m: verdict.distance_m,
        because: because(input, language, offer),
        stale: input.freshness == Freshness::Stale,
    }
}

/// Why a shown offer shows, in a sentence.
pub(super) fn because(input: &DecisionInput<'_>, language: Language, offer: &Offer) -> String {
    let words = language.words();
    let here = input.visits.iter().find(|visit| offer.places.contains(&visit.place));
    match (here, partner_name(input, offer)) {
        (Some(visit), None) => fill(words.because_here, &[("place", &visit.place_name)]),
        (Some(visit), Some(partner)) => {
            fill(words.because_here_partner, &[("place", &visit.place_name), ("partner", partner)])
        }
        (None, Some(partner)) => fill(words.because_partner, &[("partner", partner)]),
        (None, None) => words.because_own.to_owned(),
    }
}

/// The name of an offer's partner; its id where the catalogue gives no name.
pub(super) fn partner_name<'a>(input: &DecisionInput<'a>, offer: &'a Offer) -> Option<&'a str> {
    let id = offer.partner.as_deref()?;
    Some(input.catalogue.partner(id).map_or(id, |partner| &partner.name))
}
