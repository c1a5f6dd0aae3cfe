//! What the shopper does, as it crosses.

use std::collections::HashMap;

use patron_core::Money;
use patron_core::event::{self, Proximity, PurchaseLine, Topic, Tracked};

/// An amount in a currency's minor unit.
#[uniffi::remote(Record)]
pub struct Money {
    pub minor: i64,
    pub currency: String,
}

/// A line of a receipt.
#[uniffi::remote(Record)]
pub struct PurchaseLine {
    pub sku: String,
    pub quantity: i64,
    pub unit_price_minor: i64,
}

/// What the shopper speaks of.
#[uniffi::remote(Enum)]
pub enum Topic {
    Offer { id: String },
    Place { id: String },
    Product { id: String },
    Partner { id: String },
}

/// How near a beacon is.
#[uniffi::remote(Enum)]
pub enum Proximity {
    Immediate,
    Near,
    Far,
    Lost,
}

/// The shopper did something. Not the core's own type: an ordered map does not cross.
#[derive(uniffi::Enum)]
pub enum Engagement {
    /// An offer's card was on screen.
    Impression {
        /// The offer's id.
        offer: String,
    },
    /// The shopper opened an offer.
    Clicked {
        /// The offer's id.
        offer: String,
    },
    /// The shopper kept an offer for later.
    Saved {
        /// The offer's id.
        offer: String,
    },
    /// The shopper put an offer away.
    Dismissed {
        /// The offer's id.
        offer: String,
    },
    /// The shopper passed an offer on.
    Shared {
        /// The offer's id.
        offer: String,
        /// By which way.
        channel: Option<String>,
        /// The partner whose offer it is.
        partner: Option<String>,
    },
    /// The shopper used an offer.
    Redeemed {
        /// The offer's id.
        offer: String,
        /// The order or receipt.
        order: Option<String>,
        /// What it was worth.
        value: Option<Money>,
        /// The place's id.
        place: Option<String>,
        /// The partner whose offer it is.
        partner: Option<String>,
    },
    /// The shopper bought something.
    Purchased {
        /// The order or receipt.
        order: String,
        /// What was bought.
        lines: Vec<PurchaseLine>,
        /// What was paid.
        total: Money,
        /// The place's id.
        place: Option<String>,
        /// The partner whose store it was.
        partner: Option<String>,
    },
    /// The shopper searched.
    Searched {
        /// What for.
        query: Option<String>,
        /// How much was found.
        results: Option<i64>,
    },
    /// The shopper earned a badge.
    BadgeEarned {
        /// The badge's id.
        badge: String,
        /// Which step of it.
        level: Option<i64>,
    },
    /// A beacon came nearer, went farther or was lost.
    BeaconZone {
        /// The beacon's name.
        beacon: String,
        /// How near it is now.
        zone: Proximity,
        /// The place's id.
        place: Option<String>,
        /// The partner whose place that is.
        partner: Option<String>,
    },
    /// The shopper judged something.
    Reviewed {
        /// What.
        about: Topic,
        /// 1 to 5.
        rating: i64,
        /// In the shopper's own words.
        text: Option<String>,
    },
    /// The shopper told the retailer something.
    Feedback {
        /// What of.
        about: Option<Topic>,
        /// In the shopper's own words.
        text: String,
    },
    /// Something of the app's own.
    Custom {
        /// A name in the app's vocabulary.
        name: String,
        /// What the app wants to know of it.
        properties: HashMap<String, String>,
    },
}

impl From<Engagement> for event::Engagement {
    fn from(engagement: Engagement) -> Self {
        match engagement {
            Engagement::Impression { offer } => Self::Impression { offer },
            Engagement::Clicked { offer } => Self::Clicked { offer },
            Engagement::Saved { offer } => Self::Saved { offer },
            Engagement::Dismissed { offer } => Self::Dismissed { offer },
            Engagement::Shared { offer, channel, partner } => Self::Shared { offer, channel, partner },
            Engagement::Redeemed { offer, order, value, place, partner } => {
                Self::Redeemed { offer, order, value, place, partner }
            }
            Engagement::Purchased { order, lines, total, place, partner } => {
                Self::Purchased { order, lines, total, place, partner }
            }
            Engagement::Searched { query, results } => Self::Searched { query, results },
            Engagement::BadgeEarned { badge, level } => Self::BadgeEarned { badge, level },
            Engagement::BeaconZone { beacon, zone, place, partner } => {
                Self::BeaconZone { beacon, zone, place, partner }
            }
            Engagement::Reviewed { about, rating, text } => Self::Reviewed { about, rating, text },
            Engagement::Feedback { about, text } => Self::Feedback { about, text },
            Engagement::Custom { name, properties } => {
                Self::Custom { name, properties: properties.into_iter().collect() }
            }
        }
    }
}

/// What became of a call to track.
#[uniffi::remote(Enum)]
pub enum Tracked {
    Recorded,
    NotYetDurable,
    NotPermitted,
    Busy,
}
