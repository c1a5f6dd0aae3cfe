//! Says of one offer what speaks for it and against it, in the shopper's language.

use super::card::partner_name;
use super::rule::Truth;
use super::site::Stands;
use super::texts::{Language, Moment, distance, fill};
use super::view::View;
use super::{DecisionInput, Fact, Freshness, Hold, Offer, Part, Reason, ScorePart, Shopper, Verdict};
use crate::consent::PurposeKind;
use crate::place::Witness;

/// Everything that the words are made of.
pub(super) struct Wording<'a> {
    pub(super) input: &'a DecisionInput<'a>,
    pub(super) shopper: &'a Shopper<'a>,
    pub(super) view: &'a View<'a>,
    /// The offer's place in the catalogue.
    pub(super) at: usize,
    pub(super) offer: &'a Offer,
    pub(super) verdict: &'a Verdict,
    pub(super) language: Language,
}

impl Wording<'_> {
    /// The most fundamental first: the first that does not hold is the one worth telling.
    pub(super) fn reasons(&self) -> Vec<Reason> {
        let mut reasons = vec![self.switch()];
        if self.offer.partner.is_some() {
            reasons.push(self.partner_consent());
            if !self.verdict.partner_allowed {
                return reasons;
            }
        }
        reasons.push(self.freshness());
        reasons.push(self.dismissed());
        reasons.extend(self.refused());
        reasons.extend(self.expiry());
        reasons.extend(self.schedule());
        reasons.extend(self.placement());
        if !self.offer.places.is_empty() {
            reasons.extend(self.place_consent());
            // Of a place that is not there now nobody says how far it is.
            let is_there = matches!(self.stands(), None | Some(Stands::Open));
            if self.verdict.location_allowed && self.verdict.beacons_allowed && is_there {
                reasons.push(self.presence());
            }
        }
        reasons.extend(self.experiment());
        if self.offer.audience.is_some() {
            reasons.push(self.personal_consent());
            if self.verdict.personal_allowed {
                reasons.push(self.audience());
            }
        }
        reasons.extend(self.caps());
        reasons.extend(self.asked());
        reasons.extend(self.moment_of_the_shopper());
        reasons
    }

    /// What the score is made of.
    pub(super) fn parts(&self) -> Vec<Part> {
        let parts = self.verdict.score.parts().into_iter().filter(|(_, points)| *points > 0);
        parts.map(|(part, points)| Part { part, points, text: self.part(part) }).collect()
    }

    fn part(&self, part: ScorePart) -> String {
        let words = self.language.words();
        match part {
            ScorePart::Wish => {
                let wish = self.shopper.wanted.by(self.at, self.input.now_ms);
                fill(words.part_wish, &[("wish", wish.map_or("", |(wish, _)| wish.name()))])
            }
            ScorePart::Presence => self.presence().text,
            ScorePart::Nearness => {
                let metres = self.verdict.distance_m.map(distance).unwrap_or_default();
                fill(words.part_nearness, &[("distance", &metres)])
            }
            ScorePart::Affinity => {
                let topic = self.view.drawn_to(self.offer).unwrap_or_default();
                fill(words.part_affinity, &[("topic", &topic.replace('-', " "))])
            }
            ScorePart::TimeLeft => {
                let at = self.verdict.ends_at_ms.map(|at| self.moment(at)).unwrap_or_default();
                fill(words.part_time_left, &[("when", &at)])
            }
            ScorePart::Value => fill(words.part_value, &[("value", &self.offer.value.to_string())]),
        }
    }

    fn refused(&self) -> Option<Reason> {
        let words = self.language.words();
        let partner = partner_name(self.input, self.offer).unwrap_or_default();
        let topic = self.shopper.moments.refused_topic(self.offer).unwrap_or_default().replace('-', " ");
        let until = self.shopper.moments.resting_until_ms(&self.offer.id, self.input.now_ms);
        let until = until.map(|at| self.shoppers_moment(at)).unwrap_or_default();
        let (no, remedy) = match self.verdict.hold? {
            Hold::Partner => (words.refused_partner, words.refused_partner_remedy),
            Hold::Offer => (words.refused_offer, words.refused_offer_remedy),
            Hold::Topic => (words.refused_topic, words.refused_topic_remedy),
            Hold::Resting => (words.resting, words.resting_remedy),
            Hold::Snoozed | Hold::Quiet | Hold::OnlyWhenAsked | Hold::DailyLimit => return None,
        };
        let values = [("partner", partner), ("topic", topic.as_str()), ("when", until.as_str())];
        Some(reason(Fact::Refused, false, "", fill(no, &values), fill(remedy, &values)))
    }

    fn experiment(&self) -> Option<Reason> {
        self.offer.experiment.as_ref()?;
        let words = self.language.words();
        let holds = self.verdict.in_experiment;
        let text = if holds { words.in_trial } else { words.not_in_trial };
        Some(Reason { fact: Fact::Experiment, holds, text: text.to_owned(), remedy: None })
    }

    fn personal_consent(&self) -> Reason {
        let words = self.language.words();
        let fact = Fact::Consent(PurposeKind::Personalisation);
        let allowed = self.verdict.personal_allowed;
        reason(fact, allowed, words.personal_granted, words.personal_missing, words.personal_remedy)
    }

    fn audience(&self) -> Reason {
        let words = self.language.words();
        let holds = self.verdict.in_audience;
        let unknown = || self.view.trace(self.offer).is_some_and(|trace| trace.judged.truth == Truth::Unknown);
        let text = match holds {
            true => words.in_audience,
            false if unknown() => words.audience_unknown,
            false => words.not_in_audience,
        };
        Reason { fact: Fact::Audience, holds, text: text.to_owned(), remedy: None }
    }

    fn caps(&self) -> Option<Reason> {
        let words = self.language.words();
        let partner = self.offer.partner.as_deref().and_then(|id| self.input.catalogue.partner(id));
        let capped = !self.offer.caps.is_empty()
            || !self.input.catalogue.caps.is_empty()
            || partner.is_some_and(|partner| !partner.caps.is_empty());
        capped
            .then(|| reason(Fact::Caps, self.verdict.under_caps, words.under_caps, words.over_caps, words.caps_remedy))
    }

    fn asked(&self) -> Option<Reason> {
        let words = self.language.words();
        self.offer
            .only_for_who_asks()
            .then(|| reason(Fact::Asked, self.verdict.called, words.asked, words.not_asked, words.asked_remedy))
    }

    fn moment_of_the_shopper(&self) -> Option<Reason> {
        let (words, moments, now) = (self.language.words(), self.shopper.moments, self.input.now_ms);
        let until = |at: Option<i64>| at.map(|at| self.shoppers_moment(at)).unwrap_or_default();
        let (no, value) = match self.verdict.hold {
            Some(Hold::Snoozed) => (words.snoozed, ("when", until(moments.snoozed_until_ms(now)))),
            Some(Hold::Quiet) => (words.quiet, ("when", until(moments.quiet_until_ms(now, self.shopper.zone)))),
            Some(Hold::OnlyWhenAsked) => (words.only_when_asked, ("when", String::new())),
            Some(Hold::DailyLimit) => (words.daily_limit, ("n", moments.daily().unwrap_or_default().to_string())),
            Some(Hold::Partner | Hold::Offer | Hold::Topic | Hold::Resting) => return None,
            None if self.shopper.asked || moments.is_empty() => return None,
            None => return Some(reason(Fact::Moment, true, words.good_moment, "", "")),
        };
        let no = fill(no, &[(value.0, &value.1)]);
        Some(reason(Fact::Moment, false, "", no, words.asked_remedy))
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

    /// The yes by which it is known that the shopper is at one of its places. Who is there by a code or a beacon was
    /// not asked for a position, and may have refused it.
    fn place_consent(&self) -> Option<Reason> {
        let words = self.language.words();
        let (location, beacons) = (PurposeKind::PreciseLocation, PurposeKind::Beacons);
        let site = self.view.site(self.offer);
        let by_position = self.view.knows_positions() && site.is_some_and(|site| site.fence);
        let by_beacon = self.view.hears_beacons() && site.is_some_and(|site| site.beacons);
        if !self.verdict.location_allowed || by_position {
            let texts = (words.location_granted, words.location_missing, words.location_remedy);
            Some(reason(Fact::Consent(location), self.verdict.location_allowed, texts.0, texts.1, texts.2))
        } else if !self.verdict.beacons_allowed || by_beacon {
            let texts = (words.beacons_granted, words.beacons_missing, words.beacons_remedy);
            Some(reason(Fact::Consent(beacons), self.verdict.beacons_allowed, texts.0, texts.1, texts.2))
        } else {
            None
        }
    }

    /// Whether its places are there; `None` where it is bound to none, or the shopper is at one of them.
    fn stands(&self) -> Option<Stands> {
        self.view.site(self.offer).filter(|_| !self.verdict.present).map(|site| site.stands)
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
        let own = self.offer.expires_at_ms.is_none_or(|at| self.input.now_ms < at);
        if own && self.stands() == Some(Stands::Over) {
            let text = fill(words.place_over, &[("places", &self.place_names())]);
            return Some(Reason { fact: Fact::Expiry, holds: false, text, remedy: None });
        }
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
        let closed = |from_ms: i64, text: String| {
            let opens = self.view.sites().opens_from(self.offer, from_ms);
            let opens = opens.map(|at| fill(words.schedule_remedy, &[("when", &self.moment(at))]));
            Some(Reason { fact: Fact::Schedule, holds: false, text, remedy: opens })
        };
        if let (false, Some(starts)) = (self.verdict.started, self.offer.starts_at_ms) {
            return closed(starts, fill(words.not_started, &[("when", &self.moment(starts))]));
        }
        let until = self.offer.schedule.as_deref().map(|hours| hours.open_until(now));
        if until == Some(None) {
            return closed(now, words.closed.to_owned());
        }
        if self.stands() == Some(Stands::Closed) {
            return closed(now, fill(words.place_closed, &[("places", &self.place_names())]));
        }
        let until = until.flatten()?;
        let text = fill(words.open, &[("when", &self.moment(until))]);
        Some(Reason { fact: Fact::Schedule, holds: true, text, remedy: None })
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
        if self.verdict.present {
            let yes = fill(words.present, &[("place", self.view.here(self.offer).unwrap_or_default())]);
            return reason(Fact::Presence, true, yes, "", "");
        }
        let ways: Vec<_> = self.view.ways(self.offer).collect();
        let list = ways.iter().map(|(place, _)| place.name.as_str()).collect::<Vec<_>>().join(", ");
        let away = ways.iter().filter_map(|(place, _)| self.view.distance_to(&place.id)).min_by(f64::total_cmp);
        let by_code = ways.iter().all(|(_, by)| *by == Witness::CheckIn);
        let remedy = if by_code { words.code_remedy } else { words.presence_remedy };
        let no = match away {
            Some(metres) => fill(words.away, &[("places", &list), ("distance", &distance(metres))]),
            None => fill(words.not_there, &[("places", &list)]),
        };
        reason(Fact::Presence, false, "", no, fill(remedy, &[("places", &list)]))
    }

    fn place_names(&self) -> String {
        self.view.sites().places(self.offer).map(|place| place.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn moment(&self, at_ms: i64) -> String {
        Moment { at_ms, now_ms: self.input.now_ms, zone: self.view.zone_of(self.offer) }.words(self.language)
    }

    /// A moment by the shopper's own clock.
    fn shoppers_moment(&self, at_ms: i64) -> String {
        Moment { at_ms, now_ms: self.input.now_ms, zone: Some(self.shopper.zone) }.words(self.language)
    }
}

fn reason(fact: Fact, holds: bool, yes: impl Into<String>, no: impl Into<String>, remedy: impl Into<String>) -> Reason {
    if holds {
        Reason { fact, holds, text: yes.into(), remedy: None }
    } else {
        Reason { fact, holds, text: no.into(), remedy: Some(remedy.into()) }
    }
}
