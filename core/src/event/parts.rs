//! What events are made of, where text and numbers say too little.

use serde::Serialize;

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PurchaseLine {
    /// The product in the retailer's own numbering.
    pub sku: String,
    /// Pieces, at least 1. What is sold by weight is one piece at its own price.
    pub quantity: i64,
    /// The price of one piece in the minor unit of the purchase's currency; below 0 on a line that
    /// gives money back, such as a deposit.
    pub unit_price_minor: i64,
}

/// What the shopper speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Topic {
    /// An offer.
    Offer {
        /// Its id in the offer catalogue.
        id: String,
    },
    /// A store, or another place.
    Place {
        /// Its id in the offer catalogue.
        id: String,
    },
    /// A product.
    Product {
        /// The retailer's SKU.
        id: String,
    },
    /// A partner's brand. The event's `partner` is then this one.
    Partner {
        /// Its id in the offer catalogue.
        id: String,
    },
}

impl Topic {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Offer { id } | Self::Place { id } | Self::Product { id } | Self::Partner { id } => id,
        }
    }
}

/// How near a beacon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Proximity {
    /// Within reach of the hand: at the till, at one shelf.
    Immediate,
    /// A few metres.
    Near,
    /// Heard, and no more.
    Far,
    /// Not heard any more.
    Lost,
}
