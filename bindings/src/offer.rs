//! Offers and their reasons, as they cross.

use patron_core::consent::{Purpose, PurposeKind};
use patron_core::offer::{Benefit, Blocker, BlockerKind, Fact, OfferCard, Reason, Why};

/// What the shopper gets.
#[uniffi::remote(Enum)]
pub enum Benefit {
    Percent { percent: u8 },
    Amount { minor: i64, currency: String },
    Points { points: u32 },
    Content { url: String },
    Access,
    Service,
    Experience,
}

/// An offer that shows.
#[uniffi::remote(Record)]
pub struct OfferCard {
    pub id: String,
    pub title: String,
    pub body: String,
    pub partner: Option<String>,
    pub partner_name: Option<String>,
    pub benefit: Benefit,
    pub places: Vec<String>,
    pub expires_at_ms: Option<i64>,
    pub distance_m: Option<f64>,
    pub because: String,
    pub stale: bool,
}

/// A purpose without its partner.
#[uniffi::remote(Enum)]
pub enum PurposeKind {
    PartnerOffers,
    CoarseLocation,
    PreciseLocation,
    Beacons,
    Engagement,
    Personalisation,
    PartnerSharing,
    Notifications,
    Dialogue,
}

/// What a decision looks at.
#[uniffi::remote(Enum)]
pub enum Fact {
    Consent(PurposeKind),
    Placement,
    Schedule,
    Expiry,
    Presence,
    Freshness,
    Switch,
    Dismissed,
}

/// One fact and what it did.
#[uniffi::remote(Record)]
pub struct Reason {
    pub fact: Fact,
    pub holds: bool,
    pub text: String,
    pub remedy: Option<String>,
}

/// The explanation of one offer.
#[uniffi::remote(Record)]
pub struct Why {
    pub offer: String,
    pub shown: bool,
    pub summary: String,
    pub reasons: Vec<Reason>,
}

/// What kind of thing stands in the way.
#[uniffi::remote(Enum)]
pub enum BlockerKind {
    NoCatalogue,
    StaleCatalogue,
    ConsentMissing,
    NoPosition,
    NotThere,
    NothingScheduled,
    KeyRefused,
    Offline,
    SwitchedOff,
}

/// Something between the shopper and an offer.
#[uniffi::remote(Record)]
pub struct Blocker {
    pub kind: BlockerKind,
    pub text: String,
    pub remedy: String,
    pub purpose: Option<Purpose>,
}
