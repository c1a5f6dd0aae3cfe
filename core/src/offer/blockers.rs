//! Why nothing, or less than there could be, and what to do about it.

use super::texts::Language;
use super::{Decision, DecisionInput, Freshness, Verdict, decide};
use crate::consent::{Purpose, PurposeKind};

/// What keeps offers away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockerKind {
    /// The backend does not know the app's key.
    KeyRefused,
    /// No catalogue was ever received.
    NoCatalogue,
    /// There is no network, and what is cached is missing or old.
    Offline,
    /// What is cached is older than its publisher wishes.
    StaleCatalogue,
    /// The retailer has switched the SDK off.
    SwitchedOff,
    /// The shopper has not granted a purpose that offers need.
    ConsentMissing,
    /// Nothing is known of where the shopper is.
    NoPosition,
    /// The shopper is at no place that has an offer now.
    NotThere,
    /// No offer is within its dates and hours, at this placement, and not put away.
    NothingScheduled,
}

/// One thing that keeps offers away, and what would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Which.
    pub kind: BlockerKind,
    /// In the shopper's language.
    pub text: String,
    /// What to do about it, in the shopper's language.
    pub remedy: String,
    /// The purpose to ask for, where it is consent.
    pub purpose: Option<Purpose>,
}

/// What is known of the connection to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The host has not said that there is no network.
    pub online: bool,
    /// The backend refused the key.
    pub key_refused: bool,
}

/// What keeps offers away now, the most fundamental first.
///
/// `input` is `None` while there is no catalogue. What the shopper or the app can change is named
/// even while some offers show. Being elsewhere ([`BlockerKind::NotThere`],
/// [`BlockerKind::NoPosition`]) counts only while no offer of a place shows, and hours only while
/// nothing at all does; so the list is empty when there is nothing to do.
pub fn blockers(input: Option<&DecisionInput<'_>>, locale: &str, outlook: Outlook) -> Vec<Blocker> {
    let mut kinds = Vec::new();
    let freshness = input.map(|input| input.freshness);
    if outlook.key_refused {
        kinds.push((BlockerKind::KeyRefused, None));
    }
    if freshness.is_none() {
        kinds.push((BlockerKind::NoCatalogue, None));
    }
    if !outlook.online && freshness != Some(Freshness::Fresh) {
        kinds.push((BlockerKind::Offline, None));
    }
    if freshness.is_some_and(|freshness| freshness != Freshness::Fresh) {
        kinds.push((BlockerKind::StaleCatalogue, None));
    }
    if let Some(input) = input {
        kinds.extend(of_offers(input));
    }
    let words = Language::of(locale).words();
    kinds
        .into_iter()
        .map(|(kind, purpose)| {
            let (text, remedy) = words.blocker(kind, purpose.as_ref());
            Blocker { kind, text: text.to_owned(), remedy: remedy.to_owned(), purpose }
        })
        .collect()
}

fn of_offers(input: &DecisionInput<'_>) -> Vec<(BlockerKind, Option<Purpose>)> {
    if input.catalogue.sdk.off {
        return vec![(BlockerKind::SwitchedOff, None)];
    }
    let decision = decide(input);
    let mut kinds = Vec::new();
    if any(&decision, |verdict| !verdict.partner_allowed) {
        kinds.push((BlockerKind::ConsentMissing, Some(Purpose::PartnerOffers)));
    }
    let places_matter = input.catalogue.offers.iter().any(|offer| !offer.places.is_empty());
    if places_matter && !input.gate.allows(PurposeKind::PreciseLocation) {
        kinds.push((BlockerKind::ConsentMissing, Some(Purpose::PreciseLocation)));
    } else if any(&decision, |verdict| verdict.shown_but_for_presence() && !verdict.present)
        && !decision.chosen.iter().any(|at| input.catalogue.offers.get(*at).is_some_and(|o| !o.places.is_empty()))
    {
        let unknown = input.position.is_none() && input.visits.is_empty();
        kinds.push((if unknown { BlockerKind::NoPosition } else { BlockerKind::NotThere }, None));
    }
    if decision.chosen.is_empty() && kinds.is_empty() && input.freshness != Freshness::Expired {
        kinds.push((BlockerKind::NothingScheduled, None));
    }
    kinds
}

fn any(decision: &Decision, holds: impl Fn(&Verdict) -> bool) -> bool {
    decision.verdicts.iter().any(holds)
}
