//! Why an offer shows or does not, fact by fact.

use super::card::{because, partner_name};
use super::decide::judge;
use super::texts::{Language, Moment, distance, fill};
use super::{DecisionInput, Freshness, Offer, Verdict};
use crate::consent::PurposeKind;

/// What a decision looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The shopper's consent to this purpose.
    Consent(PurposeKind),
    /// Where in the app the card would stand.
    Placement,
    /// Its start, and its weekly hours.
    Schedule,
    /// Its end.
    Expiry,
    /// Being at one of its places.
    Presence,
    /// The age of the catalogue.
    Freshness,
    /// The retailer's remote switch.
    Switch,
    /// Whether the shopper put it away.
    Dismissed,
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

/// The whole explanation of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The offer's id.
    pub offer: String,
    /// Whether it shows.
    pub shown: bool,
    /// The answer in a sentence.
    pub summary: String,
    /// Every fact that was looked at.
    pub reasons: Vec<Reason>,
}

/// Explains the offer `id`; `None` when the catalogue has none of that id.
///
/// The explanation is of the same decision as [`super::decide`]: an offer is `shown` exactly when
/// it is among the chosen.
pub fn why(input: &DecisionInput<'_>, id: &str) -> Option<Why> {
    let offer = input.catalogue.offer(id)?;
    let verdict = judge(input, offer);
    let language = Language::of(input.locale);
    let reasons = Wording { input, offer, verdict: &verdict, language }.reasons();
    let shown = verdict.shown();
    let summary = match reasons.iter().find(|reason| !reason.holds) {
        Some(reason) if !shown => fill(language.words().not_shown, &[("reason", &reason.text)]),
        _ => because(input, language, offer),
    };
    Some(Why { offer: offer.id.clone(), shown, summary, reasons })
}

struct Wording<'a> {
    input: &'a DecisionInput<'a>,
    offer: &'a Offer,
    verdict: &'a Verdict,
    language: Language,
}

impl Wording<'_> {
    /// The most fundamental first: the first that does not hold is the one worth telling.
    fn reasons(&self) -> Vec<Reason> {
        let mut reasons = vec![self.switch()];
        if self.offer.partner.is_some() {
            reasons.push(self.partner_consent());
            if !self.verdict.partner_allowed {
                return reasons;
            }
        }
        reasons.push(self.freshness());
        reasons.push(self.dismissed());
        reasons.extend(self.expiry());
        reasons.extend(self.schedule());
        reasons.extend(self.placement());
        if !self.offer.places.is_empty() {
            reasons.push(self.location_consent());
            if self.verdict.location_allowed {
                reasons.push(self.presence());
            }
        }
        reasons
    }

    fn switch(&self) -> Reason {
        let words = self.language.words();
        reason(Fact::Switch, self.verdict.switched_on, words.switch_on, words.switch_off, words.switch_remedy)
    }

    fn partner_consent(&self) -> Reason {
        let words = self.language.words();
        let partner = partner_name(self.input, self.offer).unwrap_or_default();
        let texts = [words.partner_granted, words.partner_missing, words.partner_remedy];
        let [yes, no, remedy] = texts.map(|text| fill(text, &[("partner", partner)]));
        reason(Fact::Consent(PurposeKind::PartnerOffers), self.verdict.partner_allowed, yes, no, remedy)
    }

    fn location_consent(&self) -> Reason {
        let words = self.language.words();
        let fact = Fact::Consent(PurposeKind::PreciseLocation);
        let allowed = self.verdict.location_allowed;
        reason(fact, allowed, words.location_granted, words.location_missing, words.location_remedy)
    }

    fn freshness(&self) -> Reason {
        let words = self.language.words();
        let fine = if self.input.freshness == Freshness::Stale { words.stale } else { words.fresh };
        reason(Fact::Freshness, self.verdict.current, fine, words.outdated, words.outdated_remedy)
    }

    fn dismissed(&self) -> Reason {
        let words = self.language.words();
        reason(Fact::Dismissed, self.verdict.kept, words.kept, words.dismissed, words.dismissed_remedy)
    }

    fn expiry(&self) -> Option<Reason> {
        let words = self.language.words();
        let at = self.moment(self.offer.expires_at_ms?);
        let [yes, no] = [words.unexpired, words.expired].map(|text| fill(text, &[("when", &at)]));
        Some(Reason {
            fact: Fact::Expiry,
            holds: self.verdict.unexpired,
            text: if self.verdict.unexpired { yes } else { no },
            remedy: None,
        })
    }

    fn schedule(&self) -> Option<Reason> {
        let words = self.language.words();
        let now = self.input.now_ms;
        if let (false, Some(starts)) = (self.verdict.started, self.offer.starts_at_ms) {
            let when = self.moment(starts);
            let [text, remedy] = [words.not_started, words.schedule_remedy].map(|text| fill(text, &[("when", &when)]));
            return Some(Reason { fact: Fact::Schedule, holds: false, text, remedy: Some(remedy) });
        }
        let hours = self.offer.schedule.as_deref()?;
        Some(match hours.open_until(now) {
            Some(until) => Reason {
                fact: Fact::Schedule,
                holds: true,
                text: fill(words.open, &[("when", &self.moment(until))]),
                remedy: None,
            },
            None => Reason {
                fact: Fact::Schedule,
                holds: false,
                text: words.closed.to_owned(),
                remedy: hours.opens_after(now).map(|at| fill(words.schedule_remedy, &[("when", &self.moment(at))])),
            },
        })
    }

    fn placement(&self) -> Option<Reason> {
        let words = self.language.words();
        let here = self.input.placement?;
        let wanted = self.offer.placements.join(", ");
        let values = [("placement", here), ("placements", wanted.as_str())];
        let [yes, no, remedy] = [words.placed, words.misplaced, words.placement_remedy].map(|text| fill(text, &values));
        Some(reason(Fact::Placement, self.verdict.placed, yes, no, remedy))
    }

    fn presence(&self) -> Reason {
        let words = self.language.words();
        let place_names: Vec<&str> = self.places().map(|(_, name)| name).collect();
        let list = place_names.join(", ");
        let here = self.input.visits.iter().find(|visit| self.offer.places.contains(&visit.place));
        let yes = fill(words.present, &[("place", here.map_or("", |visit| visit.place_name.as_str()))]);
        let no = match self.verdict.distance_m {
            Some(metres) => fill(words.away, &[("places", &list), ("distance", &distance(metres))]),
            None => fill(words.not_there, &[("places", &list)]),
        };
        reason(Fact::Presence, self.verdict.present, yes, no, fill(words.presence_remedy, &[("places", &list)]))
    }

    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let catalogue = self.input.catalogue;
        self.offer.places.iter().filter_map(|id| catalogue.place(id)).map(|place| (&*place.id, &*place.name))
    }

    fn moment(&self, at_ms: i64) -> String {
        let zone = self.offer.schedule.as_deref().map(super::Schedule::zone);
        Moment { at_ms, now_ms: self.input.now_ms, zone }.words(self.language)
    }
}

fn reason(fact: Fact, holds: bool, yes: impl Into<String>, no: impl Into<String>, remedy: impl Into<String>) -> Reason {
    if holds {
        Reason { fact, holds, text: yes.into(), remedy: None }
    } else {
        Reason { fact, holds, text: no.into(), remedy: Some(remedy.into()) }
    }
}
