//! What an app reports of the shopper's doings.
//!
//! Checks each event at the door and writes its data. What each kind is called on the wire, what
//! it is recorded under and how long it is held on to is said in [`super::kind`]. [`crate::Patron`]
//! calls it, on the app's own thread, so it takes no longer than it must.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::check::check;
use super::kind::Kind;
use super::parts::{Proximity, PurchaseLine, Topic};
use super::record::{Draft, Record};
use crate::clock::Now;
use crate::consent::{self, Gate, PurposeKind};
use crate::error::Error;
use crate::money::Money;

/// An event's data is refused above this. A phone's queue of 20 MiB holds some 640 of the
/// largest; what is larger is a document and not an event.
pub const MAX_EVENT_BYTES: usize = 32 * 1024;

/// The shopper did something. Recorded under one purpose, which [`Engagement::purpose`] names.
///
/// Ids are the retailer's own: 1 to 256 bytes without control characters. Optional fields are for
/// what the app knows anyway. A `partner` is the partner whose offer, place or store it concerns,
/// `None` for the retailer's own; it travels in the envelope and not in the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(!untagged, tag = "kind", content = "data"))]
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
    /// The shopper passed an offer on to someone.
    Shared {
        /// The offer's id.
        offer: String,
        /// By which way, in letters, digits, `_`, `-` and `.`: `message`, `link`. Never to whom.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
        /// The partner whose offer it is.
        #[serde(skip)]
        partner: Option<String>,
    },
    /// The shopper used an offer.
    Redeemed {
        /// The offer's id.
        offer: String,
        /// The order or receipt on which it was used.
        #[serde(skip_serializing_if = "Option::is_none")]
        order: Option<String>,
        /// What it was worth to the shopper there.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
        /// The id of the place where it was used.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// The partner whose offer it is.
        #[serde(skip)]
        partner: Option<String>,
    },
    /// The shopper bought something.
    Purchased {
        /// The order's or the receipt's id, the same however often it is reported.
        order: String,
        /// What was bought, at most 250 lines; empty where only the total is known.
        lines: Vec<PurchaseLine>,
        /// What was paid, with everything that comes on top of the lines or off them.
        total: Money,
        /// The id of the place where it was bought, if it was in one.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// The partner whose store it was.
        #[serde(skip)]
        partner: Option<String>,
    },
    /// The shopper searched.
    Searched {
        /// What for, at most 256 bytes. People type names and worse into a search: leave it out
        /// unless someone reads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        /// How much was found.
        #[serde(skip_serializing_if = "Option::is_none")]
        results: Option<i64>,
    },
    /// The shopper earned a badge.
    BadgeEarned {
        /// The badge's id.
        badge: String,
        /// Which step of it, from 1, for a badge that has steps.
        #[serde(skip_serializing_if = "Option::is_none")]
        level: Option<i64>,
    },
    /// A beacon in a store came nearer, went farther or was lost. Recorded under `Beacons`.
    BeaconZone {
        /// The beacon's name with the retailer.
        beacon: String,
        /// How near it is now.
        zone: Proximity,
        /// The id of the place where it stands.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// The partner whose place that is.
        #[serde(skip)]
        partner: Option<String>,
    },
    /// The shopper judged something. Recorded under `Dialogue`.
    Reviewed {
        /// What.
        about: Topic,
        /// 1 to 5.
        rating: i64,
        /// In the shopper's own words, at most 8 KiB.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// The shopper told the retailer something. Recorded under `Dialogue`.
    Feedback {
        /// What of, if it is of something.
        #[serde(skip_serializing_if = "Option::is_none")]
        about: Option<Topic>,
        /// In the shopper's own words, at most 8 KiB.
        text: String,
    },
    /// Something of the app's own.
    Custom {
        /// A name in the app's vocabulary: letters, digits, `_`, `-` and `.`, at most 64 of them.
        name: String,
        /// What the app wants to know of it. No personal data belongs here.
        properties: BTreeMap<String, String>,
    },
}

/// What became of a call to track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Tracked {
    /// It survives the death of the process from now on; behind [`crate::Patron::track_durable`] a power failure too.
    Recorded,
    /// As [`Tracked::Recorded`] behind [`crate::Patron::track`], and nobody can tell that it survives a power failure:
    /// the disk refused, too much else was asked, or the handle was closed meanwhile. It goes on to the queue as soon as
    /// that can be, so tracking it again would count it twice. The diagnostics' `last_error` says what the disk has.
    /// `track` itself never answers this.
    NotYetDurable,
    /// The shopper has not granted the event's purpose, or the publisher has switched Patron off;
    /// nothing was kept.
    NotPermitted,
    /// The hand-over to the engine is full; nothing was kept, and that is counted.
    Busy,
}

impl Engagement {
    /// Its row in the table of kinds. With [`check`] and [`Engagement::partner`] all that is said
    /// of an event beside its fields.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Impression { .. } => Kind::Impression,
            Self::Clicked { .. } => Kind::Clicked,
            Self::Saved { .. } => Kind::Saved,
            Self::Dismissed { .. } => Kind::Dismissed,
            Self::Shared { .. } => Kind::Shared,
            Self::Redeemed { .. } => Kind::Redeemed,
            Self::Purchased { .. } => Kind::Purchased,
            Self::Searched { .. } => Kind::Searched,
            Self::BadgeEarned { .. } => Kind::BadgeEarned,
            Self::BeaconZone { .. } => Kind::BeaconZone,
            Self::Reviewed { .. } => Kind::Reviewed,
            Self::Feedback { .. } => Kind::Feedback,
            Self::Custom { .. } => Kind::Custom,
        }
    }

    /// The CloudEvents type.
    pub fn type_name(&self) -> &'static str {
        self.kind().name()
    }

    /// What the shopper must have granted for it to be recorded.
    pub fn purpose(&self) -> PurposeKind {
        self.kind().purpose()
    }

    /// The partner that it says it concerns.
    pub fn partner(&self) -> Option<&str> {
        match self {
            Self::Shared { partner, .. }
            | Self::Redeemed { partner, .. }
            | Self::Purchased { partner, .. }
            | Self::BeaconZone { partner, .. } => partner.as_deref(),
            Self::Reviewed { about: Topic::Partner { id }, .. }
            | Self::Feedback { about: Some(Topic::Partner { id }), .. } => Some(id),
            _ => None,
        }
    }

    /// Checks the event and writes its data as JSON.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field, `event.lines[2].quantity`; `event` for data over
    /// [`MAX_EVENT_BYTES`].
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        check(self)?;
        let mut json = Vec::with_capacity(128);
        serde_json::to_writer(&mut json, self).map_err(|e| Error::invalid("event", e.to_string()))?;
        if json.len() > MAX_EVENT_BYTES {
            return Err(Error::invalid(
                "event",
                format!("{} bytes of data; at most {MAX_EVENT_BYTES} are taken", json.len()),
            ));
        }
        Ok(json)
    }

    /// The event's record, made with a permit of its own purpose; `None` when `gate` gives none.
    ///
    /// # Errors
    /// As [`Engagement::to_json`]. What is wrong is told before what is not permitted.
    pub fn record(&self, gate: &Gate, id: Uuid, at: Now, session: Uuid) -> Result<Option<Record>, Error> {
        let draft = Draft {
            id,
            kind: self.type_name().to_owned(),
            partner: self.partner().map(str::to_owned),
            at,
            session,
            data: self.to_json()?,
        };
        Ok(match self.purpose() {
            PurposeKind::Engagement => draft.under::<consent::Engagement>(gate),
            PurposeKind::Beacons => draft.under::<consent::Beacons>(gate),
            PurposeKind::Dialogue => draft.under::<consent::Dialogue>(gate),
            // Nothing that an app reports rests on these.
            PurposeKind::PartnerOffers
            | PurposeKind::CoarseLocation
            | PurposeKind::PreciseLocation
            | PurposeKind::Personalisation
            | PurposeKind::PartnerSharing
            | PurposeKind::Notifications => None,
        })
    }
}
