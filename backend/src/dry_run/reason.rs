//! The first thing that keeps an offer from someone, as the person's own `why` would tell it; in a publisher's words.

use patron_core::consent::PurposeKind;
use patron_core::offer::rule::Truth;
use patron_core::offer::{DecisionInput, Fact, Offer, Shopper, Verdict, audience_trace, why};
use serde::Serialize;

/// Why someone does not see an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The remote switch is off.
    SwitchedOff,
    /// It is a partner's, and partners' offers are not granted.
    NoPartnerOffers,
    /// The catalogue is too old. Never in a dry run.
    Outdated,
    /// Put away by the shopper.
    Dismissed,
    /// The shopper wants no more of it, of its partner or of a topic.
    Refused,
    /// Its end has come.
    Expired,
    /// Its start has not come, or its hours are closed.
    NotNow,
    /// It does not stand at that placement.
    OtherPlacement,
    /// It is bound to places, and the exact position is not granted.
    NoPreciseLocation,
    /// At none of its places.
    ElsewhereNow,
    /// Held out of its experiment, or in another arm.
    OtherArm,
    /// It has an audience, and personalisation is not granted.
    NoPersonalisation,
    /// Its audience's rule says no.
    NotInAudience,
    /// Its audience's rule asks for what is not known of the person.
    AudienceUnknown,
    /// Seen too often, or others that fit better use up a limit.
    Capped,
    /// It waits to be asked for.
    NotAsked,
    /// Quiet hours, a snooze, only when asked, so many a day.
    ShoppersMoment,
}

impl Reason {
    /// Every one, in the order in which they are looked at.
    pub const ALL: [Self; 17] = [
        Self::SwitchedOff,
        Self::NoPartnerOffers,
        Self::Outdated,
        Self::Dismissed,
        Self::Refused,
        Self::Expired,
        Self::NotNow,
        Self::OtherPlacement,
        Self::NoPreciseLocation,
        Self::ElsewhereNow,
        Self::OtherArm,
        Self::NoPersonalisation,
        Self::NotInAudience,
        Self::AudienceUnknown,
        Self::Capped,
        Self::NotAsked,
        Self::ShoppersMoment,
    ];

    /// In words, after a number of people.
    pub fn words(self) -> &'static str {
        match self {
            Self::SwitchedOff => "see nothing: the catalogue's switch is off",
            Self::NoPartnerOffers => "have not said yes to partners' offers",
            Self::Outdated => "have a catalogue that is too old",
            Self::Dismissed => "put it away",
            Self::Refused => "want no more of it, of its partner or of one of its topics",
            Self::Expired => "come too late: it is over",
            Self::NotNow => "come outside of its time: it has not begun, or its hours are closed",
            Self::OtherPlacement => "look at a placement where it does not stand",
            Self::NoPreciseLocation => "have not said yes to the exact position, which its places need",
            Self::ElsewhereNow => "are at none of its places",
            Self::OtherArm => "are held out of its experiment, or in another arm",
            Self::NoPersonalisation => "have not said yes to personalisation, which its audience needs",
            Self::NotInAudience => "are not in its audience",
            Self::AudienceUnknown => "lack a fact that its audience asks for: what is not known is no yes",
            Self::Capped => "have seen enough: a limit is used up, perhaps by offers that fit better",
            Self::NotAsked => "did not ask, and it waits to be asked for",
            Self::ShoppersMoment => "have a rule of their own about when and how many",
        }
    }
}

/// Why the shopper does not see `offer`, of which `verdict` was given. As [`why`] tells it.
pub(super) fn of(input: &DecisionInput<'_>, shopper: &Shopper<'_>, offer: &Offer, verdict: &Verdict) -> Reason {
    // A decision leaves the audience's rule for last; where a fact behind it in the order is the first that does not
    // hold, only the whole explanation knows whether the audience is not the one to tell.
    let first = match verdict.against() {
        Some(Fact::Caps | Fact::Asked | Fact::Moment) if offer.audience.is_some() => told_first(input, shopper, offer),
        first => first,
    };
    match first {
        Some(Fact::Switch) => Reason::SwitchedOff,
        Some(Fact::Consent(PurposeKind::PartnerOffers)) => Reason::NoPartnerOffers,
        Some(Fact::Freshness) => Reason::Outdated,
        Some(Fact::Dismissed) => Reason::Dismissed,
        Some(Fact::Refused) => Reason::Refused,
        Some(Fact::Expiry) => Reason::Expired,
        Some(Fact::Schedule) => Reason::NotNow,
        Some(Fact::Placement) => Reason::OtherPlacement,
        Some(Fact::Consent(PurposeKind::PreciseLocation)) => Reason::NoPreciseLocation,
        Some(Fact::Presence) => Reason::ElsewhereNow,
        Some(Fact::Experiment) => Reason::OtherArm,
        // No other purpose stands between an offer and a shopper.
        Some(Fact::Consent(_)) => Reason::NoPersonalisation,
        Some(Fact::Audience) => match audience_trace(input, shopper, &offer.id) {
            Some(trace) if trace.judged.truth == Truth::Unknown => Reason::AudienceUnknown,
            _ => Reason::NotInAudience,
        },
        Some(Fact::Caps) | None => Reason::Capped,
        Some(Fact::Asked) => Reason::NotAsked,
        Some(Fact::Moment) => Reason::ShoppersMoment,
    }
}

fn told_first(input: &DecisionInput<'_>, shopper: &Shopper<'_>, offer: &Offer) -> Option<Fact> {
    why(input, shopper, &offer.id)?.reasons.into_iter().find(|reason| !reason.holds).map(|reason| reason.fact)
}
