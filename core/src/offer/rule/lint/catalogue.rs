//! The rules of a whole catalogue, each where it stands.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Finding, Known, lint_within};

/// A finding about the rule of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueFinding {
    /// Which of the catalogue's offers, from 0.
    pub index: usize,
    /// The offer's id, where it has a readable one.
    pub offer: Option<String>,
    /// What was found; lines are the catalogue's.
    pub finding: Finding,
}

impl std::fmt::Display for CatalogueFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "offers[{}].audience", self.index)?;
        if let Some(offer) = &self.offer {
            write!(f, " ({offer})")?;
        }
        write!(f, ", {}", self.finding)
    }
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(default, borrow)]
    places: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    offers: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    audience: Option<&'a RawValue>,
}

/// Every finding about the rules of a catalogue, offer by offer. Places are known from the
/// catalogue itself; the rest is as `known` says.
///
/// A document that is no catalogue has no rules: [`crate::offer::OfferCatalogue::parse`] says why.
pub fn lint_catalogue(document: &str, known: &Known<'_>) -> Vec<CatalogueFinding> {
    let Ok(Document { places, offers }) = serde_json::from_str(document) else { return Vec::new() };
    let ids: Vec<Cow<'_, str>> = places.iter().filter_map(|raw| entry(raw)?.id).collect();
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    let known = Known { places: known.places.or(Some(&ids)), ..*known };
    let mut findings = Vec::new();
    for (index, raw) in offers.iter().enumerate() {
        let Some(Entry { id, audience: Some(rule) }) = entry(raw) else { continue };
        // A slice of the document, so their addresses tell where it begins.
        let begin = rule.get().as_ptr() as usize - document.as_ptr() as usize;
        for finding in lint_within(document, begin..begin + rule.get().len(), &known) {
            let offer = id.as_deref().map(|id| id.chars().take(64).collect());
            findings.push(CatalogueFinding { index, offer, finding });
        }
    }
    findings
}

fn entry(raw: &RawValue) -> Option<Entry<'_>> {
    serde_json::from_str(raw.get()).ok()
}
