//! Why an offer shows or does not, fact by fact.

use super::card::because;
use super::decide::{decide, judge};
use super::rule::Trace;
use super::texts::{Language, fill};
use super::view::View;
use super::wording::Wording;
use super::{Decision, DecisionInput, ScorePart, Shopper, Verdict};
use crate::consent::PurposeKind;

/// What a decision looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The shopper's consent to this purpose.
    Consent(PurposeKind),
    /// Where in the app the card would stand.
    Placement,
    /// Its start and its weekly hours, and those of its places.
    Schedule,
    /// Its end, or that of all its places.
    Expiry,
    /// Being at one of its places.
    Presence,
    /// The age of the catalogue.
    Freshness,
    /// The retailer's remote switch.
    Switch,
    /// Whether the shopper put it away.
    Dismissed,
    /// Whether the shopper wants no more of it, of its partner or of its topic, or has seen it too often.
    Refused,
    /// Whom it is for.
    Audience,
    /// The trial that it is a part of.
    Experiment,
    /// How often it, its partner's offers and all offers were shown.
    Caps,
    /// Whether it waits to be asked for.
    Asked,
    /// When and how many the shopper lets come.
    Moment,
}

/// One fact, whether it speaks for the offer, and what would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which.
    pub fact: Fact,
    /// It speaks for showing the offer.
    pub holds: bool,
    /// In the shopper's language.
    pub text: String,
    /// What would make it hold; `None` when it holds or nothing would.
    pub remedy: Option<String>,
}

/// A part of an offer's score and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub part: ScorePart,
    /// Above 0; see [`super::Score`].
    pub points: u16,
    /// In the shopper's language.
    pub text: String,
}

/// The whole explanation of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The offer's id.
    pub offer: String,
    /// Whether it shows.
    pub shown: bool,
    /// The answer in a sentence.
    pub summary: String,
    /// Every fact that was looked at, the most fundamental first.
    pub reasons: Vec<Reason>,
    /// What its place in the list is made of, the weightiest first; empty when it does not show.
    pub parts: Vec<Part>,
}

/// Explains the offer `id`; `None` when the catalogue has none of that id.
///
/// The explanation is of the same decision as [`super::decide`]: an offer is `shown` exactly when
/// it is among the chosen.
pub fn why(input: &DecisionInput<'_>, shopper: &Shopper<'_>, id: &str) -> Option<Why> {
    let (at, offer) = input.catalogue.placed(id)?;
    let verdict = judge(input, shopper, (at, offer));
    let language = Language::of(input.locale);
    let view = View::new(input, shopper);
    let wording = Wording { input, shopper, view: &view, at, offer, verdict: &verdict, language };
    let reasons = wording.reasons();
    let shown = verdict.shown();
    let summary = match reasons.iter().find(|reason| !reason.holds) {
        Some(reason) if !shown => fill(language.words().not_shown, &[("reason", &reason.text)]),
        _ => because(&view, language, (at, offer)),
    };
    let parts = if shown { wording.parts() } else { Vec::new() };
    Some(Why { offer: offer.id.clone(), shown, summary, reasons, parts })
}

/// A decision, and how every audience's rule that was looked at came to its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// What [`super::decide`] says.
    pub decision: Decision,
    /// One for each of `catalogue.offers`, in that order: of those that show and of those that show to
    /// others.
    pub traces: Vec<Option<Trace>>,
}

/// Decides on every offer and keeps the traces of the rules. [`why`] says it in words, offer by offer.
pub fn explain(input: &DecisionInput<'_>, shopper: &Shopper<'_>) -> Explained {
    let decision = decide(input, shopper);
    let view = View::new(input, shopper);
    let looked_at = |verdict: &Verdict| Verdict { in_audience: true, ..*verdict }.shown();
    let all = input.catalogue.offers.iter().zip(&decision.verdicts);
    let traces = all.map(|(offer, verdict)| looked_at(verdict).then(|| view.trace(offer)).flatten()).collect();
    Explained { decision, traces }
}

/// How the rule of the audience of the offer `id` came to its outcome; `None` for an offer without
/// one, and without consent to look at the person.
pub fn audience_trace(input: &DecisionInput<'_>, shopper: &Shopper<'_>, id: &str) -> Option<Trace> {
    let offer = input.catalogue.offer(id)?;
    if offer.partner.is_some() && !input.gate.allows(PurposeKind::PartnerOffers) {
        return None;
    }
    View::new(input, shopper).trace(offer)
}
