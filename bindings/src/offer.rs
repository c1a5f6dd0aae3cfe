//! Offers and their reasons, as they cross.

use std::collections::HashMap;

use patron_core::consent::{Purpose, PurposeKind};
use patron_core::offer::{
    Benefit, Blocker, BlockerKind, CardImage, Due, Fact, Notice, OfferCard, Part, PartnerKind, Reason, RedemptionTerms,
    Refused, SavedOffer, Scalar, ScorePart, ShopperAct, Trait, Why, Wish,
};

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
    pub partner_kind: Option<PartnerKind>,
    pub benefit: Benefit,
    pub places: Vec<String>,
    pub expires_at_ms: Option<i64>,
    pub distance_m: Option<f64>,
    pub because: String,
    pub stale: bool,
    pub image: Option<CardImage>,
    pub topics: Vec<String>,
    pub terms: Option<RedemptionTerms>,
}

/// How far a partner's shops reach.
#[uniffi::remote(Enum)]
pub enum PartnerKind {
    National,
    Local,
}

/// On which terms an offer is redeemed, as a shopper reads them.
#[uniffi::remote(Record)]
pub struct RedemptionTerms {
    pub text: String,
    pub summary: String,
    pub stores: Vec<String>,
    pub from_ms: Option<i64>,
    pub until_ms: Option<i64>,
    pub times: Option<u16>,
    pub grant: Option<String>,
}

/// A picture, in the shopper's language.
#[uniffi::remote(Record)]
pub struct CardImage {
    pub url: String,
    pub width: u16,
    pub height: u16,
    pub alt: String,
    pub sha256: Option<String>,
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
    Refused,
    Audience,
    Experiment,
    Caps,
    Asked,
    Moment,
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
    pub parts: Vec<Part>,
}

/// A part of a score.
#[uniffi::remote(Enum)]
pub enum ScorePart {
    Wish,
    Presence,
    Nearness,
    Affinity,
    TimeLeft,
    Value,
}

/// A part of an offer's score and where it comes from.
#[uniffi::remote(Record)]
pub struct Part {
    pub part: ScorePart,
    pub points: u16,
    pub text: String,
}

/// Why a saved offer is due.
#[uniffi::remote(Enum)]
pub enum Due {
    Here,
    Expiring,
}

/// Something for the host to show.
#[uniffi::remote(Record)]
pub struct Notice {
    pub title: String,
    pub body: String,
    pub deep_link: String,
    pub offer: String,
    pub at_ms: i64,
    pub reminder: Option<Due>,
}

/// Something that the shopper wants no more of.
#[uniffi::remote(Enum)]
pub enum Refused {
    Partner { partner: String },
    Offer { offer: String },
    Topic { topic: String },
}

/// One act of the shopper's.
#[uniffi::remote(Enum)]
pub enum ShopperAct {
    Quiet { from: String, to: String },
    NoQuiet,
    Snooze { until_ms: i64 },
    EndSnooze,
    Daily { most: Option<u16> },
    OnlyWhenAsked { only: bool },
    Refuse(Refused),
    Welcome(Refused),
    Rest { offer: String },
    Unseen,
    Wish { words: String, topics: Vec<String>, until_ms: Option<i64> },
    Unwish { id: u32 },
    Save { offer: String, when_here: bool, before_end_h: Option<u16> },
    Unsave { offer: String },
}

/// Something that the shopper looks for.
#[uniffi::remote(Record)]
pub struct Wish {
    pub id: u32,
    pub text: String,
    pub topics: Vec<String>,
    pub until_ms: Option<i64>,
}

/// An offer that the shopper keeps.
#[derive(uniffi::Record)]
pub struct KeptOffer {
    /// The offer's id.
    pub offer: String,
    /// Wall clock, milliseconds since the Unix epoch.
    pub saved_at_ms: i64,
    /// Remind me at one of its places.
    pub when_here: bool,
    /// Remind me so many hours before it ends.
    pub before_end_h: Option<u16>,
}

/// An offer that was seen too often.
#[derive(uniffi::Record)]
pub struct RestingOffer {
    /// The offer's id.
    pub offer: String,
    /// Until when it rests: wall clock, milliseconds since the Unix epoch.
    pub until_ms: i64,
}

/// How the shopper's own side stands.
#[derive(uniffi::Record)]
pub struct ShopperSide {
    /// When quiet hours begin, `HH:MM`.
    pub quiet_from: Option<String>,
    /// When they end.
    pub quiet_to: Option<String>,
    /// Wall clock, milliseconds since the Unix epoch; none when it is not snoozed.
    pub snoozed_until_ms: Option<i64>,
    /// So many different offers a day come by themselves at most.
    pub daily: Option<u16>,
    /// Offers come only when the shopper asks.
    pub only_when_asked: bool,
    /// What the shopper wants no more of.
    pub refused: Vec<Refused>,
    /// What was seen too often, and until when it rests; welcoming the offer takes it back.
    pub resting: Vec<RestingOffer>,
    /// The visit under way is not recorded.
    pub unseen: bool,
    /// What the shopper looks for.
    pub wishes: Vec<Wish>,
    /// What the shopper keeps.
    pub saved: Vec<KeptOffer>,
}

impl From<patron_core::offer::ShopperSide> for ShopperSide {
    fn from(side: patron_core::offer::ShopperSide) -> Self {
        let kept = |saved: SavedOffer| KeptOffer {
            offer: saved.offer,
            saved_at_ms: saved.saved_at_ms,
            when_here: saved.when_here,
            before_end_h: saved.before_end_h,
        };
        Self {
            quiet_from: side.quiet_from,
            quiet_to: side.quiet_to,
            snoozed_until_ms: side.snoozed_until_ms,
            daily: side.daily,
            only_when_asked: side.only_when_asked,
            refused: side.refused,
            resting: side.resting.into_iter().map(|(offer, until_ms)| RestingOffer { offer, until_ms }).collect(),
            unseen: side.unseen,
            wishes: side.wishes,
            saved: side.saved.into_iter().map(kept).collect(),
        }
    }
}

/// What a variable may be.
#[uniffi::remote(Enum)]
pub enum Scalar {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// One thing that the app knows of the shopper.
#[uniffi::remote(Enum)]
pub enum Trait {
    Segment { id: String, member: Option<bool> },
    Affinity { topic: String, percent: Option<i32> },
    Variable { name: String, value: Option<Scalar> },
    Clear,
}

/// Everything that the app has told of the shopper.
#[derive(uniffi::Record)]
pub struct Profile {
    /// Whether the shopper is in each segment.
    pub segments: HashMap<String, bool>,
    /// Percent by topic.
    pub affinities: HashMap<String, u8>,
    /// By path.
    pub variables: HashMap<String, Scalar>,
}

impl From<patron_core::offer::Profile> for Profile {
    fn from(profile: patron_core::offer::Profile) -> Self {
        Self {
            segments: profile.segments.into_iter().collect(),
            affinities: profile.affinities.into_iter().collect(),
            variables: profile.variables.into_iter().collect(),
        }
    }
}

/// What kind of thing stands in the way.
#[uniffi::remote(Enum)]
pub enum BlockerKind {
    KeyRefused,
    NoCatalogue,
    Offline,
    StaleCatalogue,
    ExpiredCatalogue,
    SwitchedOff,
    ConsentMissing,
    Overlay,
    PermissionMissing,
    Snoozed,
    QuietHours,
    OnlyWhenAsked,
    DailyLimit,
    NoWake,
    NoPosition,
    NotThere,
    Refused,
    Dismissed,
    ShownEnough,
    ForOthers,
    NothingScheduled,
}

/// Something between the shopper and an offer.
#[uniffi::remote(Record)]
pub struct Blocker {
    pub kind: BlockerKind,
    pub text: String,
    pub remedy: String,
    pub purpose: Option<Purpose>,
}
