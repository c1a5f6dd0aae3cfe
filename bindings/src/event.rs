//! What the shopper does, as it crosses.

use std::collections::HashMap;

use patron_core::event::{self, Tracked};

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
    NotPermitted,
    Busy,
}
