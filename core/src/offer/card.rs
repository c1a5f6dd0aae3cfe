//! A card: an offer as an app shows it.

use super::texts::{Language, fill};
use super::view::View;
use super::{
    Benefit, Decision, DecisionInput, Freshness, Image, Offer, PartnerKind, RedemptionTerms, Shopper, Verdict,
};

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
    /// How far the partner's shops reach; `None` for the retailer's own.
    pub partner_kind: Option<PartnerKind>,
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
    /// The picture to show, if there is one.
    pub image: Option<CardImage>,
    /// What it is about, as [`super::Refusal::Topic`] takes it: lower case, words joined by hyphens.
    pub topics: Vec<String>,
    /// On which terms it is redeemed; `None` where its publisher says none.
    pub terms: Option<RedemptionTerms>,
}

/// A picture, in the shopper's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardImage {
    /// An `https` address.
    pub url: String,
    /// Pixels: make room for it before it arrives.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// What it shows, for who does not see it; empty for mere decoration.
    pub alt: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits; what was fetched and has another is not shown.
    pub sha256: Option<String>,
}

impl CardImage {
    fn of(image: &Image, locale: &str) -> Self {
        Self {
            url: image.url.clone(),
            width: image.width,
            height: image.height,
            alt: image.alt_for(locale).to_owned(),
            sha256: image.sha256.map(|sha| sha.to_string()),
        }
    }
}

/// The cards of a decision, best first.
pub fn cards(input: &DecisionInput<'_>, shopper: &Shopper<'_>, decision: &Decision) -> Vec<OfferCard> {
    let language = Language::of(input.locale);
    let view = View::new(input, shopper);
    decision
        .chosen
        .iter()
        .filter_map(|at| Some(((*at, input.catalogue.offers.get(*at)?), decision.verdicts.get(*at)?)))
        .map(|(placed, verdict)| card(&view, language, placed, verdict))
        .collect()
}

fn card(view: &View<'_>, language: Language, (at, offer): (usize, &Offer), verdict: &Verdict) -> OfferCard {
    let input = view.input;
    let text = offer.text_for(input.locale);
    OfferCard {
        id: offer.id.clone(),
        title: text.title.clone(),
        body: text.body.clone(),
        partner: offer.partner.clone(),
        partner_name: partner_name(input, offer).map(str::to_owned),
        partner_kind: offer.partner_kind,
        benefit: offer.benefit.clone(),
        places: offer.places.clone(),
        expires_at_ms: offer.expires_at_ms,
        distance_m: verdict.distance_m,
        because: because(view, language, (at, offer)),
        stale: input.freshness == Freshness::Stale,
        image: offer.images.first().map(|image| CardImage::of(image, input.locale)),
        topics: offer.topics.clone(),
        terms: offer.terms.as_ref().map(|terms| terms.for_card(view, language)),
    }
}

/// Why a shown offer shows, in a sentence: the weightiest of what speaks for it.
pub(super) fn because(view: &View<'_>, language: Language, (at, offer): (usize, &Offer)) -> String {
    let words = language.words();
    let wish = view.shopper.wanted.by(at, view.input.now_ms).map(|(wish, _)| wish.name());
    let here = view.here(offer);
    let partner = partner_name(view.input, offer);
    let text = match (wish, here, partner) {
        (Some(_), _, None) => words.because_wish,
        (Some(_), _, Some(_)) => words.because_wish_partner,
        (None, Some(_), None) => words.because_here,
        (None, Some(_), Some(_)) => words.because_here_partner,
        (None, None, Some(_)) => words.because_partner,
        (None, None, None) if offer.audience.is_some() => words.because_personal,
        (None, None, None) => words.because_own,
    };
    let [wish, here, partner] = [wish, here, partner].map(Option::unwrap_or_default);
    fill(text, &[("wish", wish), ("place", here), ("partner", partner)])
}

/// The name of an offer's partner; its id where the catalogue gives no name.
pub(super) fn partner_name<'a>(input: &DecisionInput<'a>, offer: &'a Offer) -> Option<&'a str> {
    let id = offer.partner.as_deref()?;
    Some(input.catalogue.partner(id).map_or(id, |partner| &partner.name))
}
