//! What was decided on one offer, fact by fact.

use super::{Fact, Hold, Score};
use crate::consent::PurposeKind;

/// What was decided on one offer. Each field is a fact; all must hold for it to show.
///
/// A partner's offer without consent to partners' offers is not looked at: its other facts are
/// left as holding and say nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The remote switch leaves the SDK on.
    pub switched_on: bool,
    /// The catalogue is not too old.
    pub current: bool,
    /// No partner's, or partners' offers are granted.
    pub partner_allowed: bool,
    /// Bound to no place, or an exact position is granted, or beacons or a code can say that the shopper is there.
    pub location_allowed: bool,
    /// Bound to no place, or not to such as are known by their beacons alone, or beacons are granted.
    pub beacons_allowed: bool,
    /// For everyone, or looking at the person is granted.
    pub personal_allowed: bool,
    /// It may stand at this placement.
    pub placed: bool,
    /// Its start has come.
    pub started: bool,
    /// Its end has not, nor has that of all its places.
    pub unexpired: bool,
    /// Its weekly hours are open, and so is one of its places.
    pub open: bool,
    /// Bound to no place, or the shopper is at one of its places.
    pub present: bool,
    /// The shopper did not put it away.
    pub kept: bool,
    /// For everyone, or its rule says yes; see [`super::Decision::verdicts`].
    pub in_audience: bool,
    /// In no experiment, or the installation is in its arm.
    pub in_experiment: bool,
    /// It, its partner's and all offers were not shown too often yet.
    pub under_caps: bool,
    /// Not only for who asks, or the shopper asked.
    pub called: bool,
    /// The shopper's rule that holds it back.
    pub hold: Option<Hold>,
    /// Metres from the shopper to the centre of the nearest of its places, where both are known.
    pub distance_m: Option<f64>,
    /// When it stops being good: its expiry or the end of today's hours, whichever comes first.
    pub ends_at_ms: Option<i64>,
    /// How well it fits.
    pub score: Score,
}

impl Verdict {
    /// On a partner's offer that may not be looked at.
    pub(super) const BARRED: Self = Self {
        switched_on: true,
        current: true,
        partner_allowed: false,
        location_allowed: true,
        beacons_allowed: true,
        personal_allowed: true,
        placed: true,
        started: true,
        unexpired: true,
        open: true,
        present: true,
        kept: true,
        in_audience: true,
        in_experiment: true,
        under_caps: true,
        called: true,
        hold: None,
        distance_m: None,
        ends_at_ms: None,
        score: Score { wish: 0, presence: 0, nearness: 0, affinity: 0, time_left: 0, value: 0 },
    };

    /// Whether the offer shows.
    pub fn shown(&self) -> bool {
        self.shown_but_for_presence() && self.present
    }

    /// Whether being there is all that is missing, or nothing is.
    pub(super) fn shown_but_for_presence(&self) -> bool {
        self.shown_but_for_moment() && self.hold.is_none() && self.called
    }

    /// Whether being there and the right moment are all that is missing, or nothing is.
    pub(super) fn shown_but_for_moment(&self) -> bool {
        self.eligible() && self.timely() && self.placed && self.kept && self.in_audience && self.under_caps
    }

    fn eligible(&self) -> bool {
        let there = self.location_allowed && self.beacons_allowed;
        let consented = self.partner_allowed && there && self.personal_allowed;
        self.switched_on && self.current && consented && self.in_experiment
    }

    fn timely(&self) -> bool {
        self.started && self.unexpired && self.open
    }

    /// Every fact that was looked at and whether it speaks for the offer, the most fundamental first.
    pub fn facts(&self) -> impl Iterator<Item = (Fact, bool)> {
        let refused = self.hold.is_some_and(Hold::is_refusal);
        [
            (Fact::Switch, self.switched_on),
            (Fact::Consent(PurposeKind::PartnerOffers), self.partner_allowed),
            (Fact::Freshness, self.current),
            (Fact::Dismissed, self.kept),
            (Fact::Refused, !refused),
            (Fact::Expiry, self.unexpired),
            (Fact::Schedule, self.started && self.open),
            (Fact::Placement, self.placed),
            (Fact::Consent(PurposeKind::PreciseLocation), self.location_allowed),
            (Fact::Consent(PurposeKind::Beacons), self.beacons_allowed),
            (Fact::Presence, self.present),
            (Fact::Experiment, self.in_experiment),
            (Fact::Consent(PurposeKind::Personalisation), self.personal_allowed),
            (Fact::Audience, self.in_audience),
            (Fact::Caps, self.under_caps),
            (Fact::Asked, self.called),
            (Fact::Moment, self.hold.is_none() || refused),
        ]
        .into_iter()
    }

    /// The fact that is worth telling first of those that speak against it; `None` when it shows.
    pub fn against(&self) -> Option<Fact> {
        self.facts().find(|(_, holds)| !holds).map(|(fact, _)| fact)
    }
}
