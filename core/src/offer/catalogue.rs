//! The offer catalogue: what the retailer publishes, read with suspicion.
//!
//! One bad entry is set aside with its path and its reason and the rest stands; only a document
//! that is no catalogue at all is an error. Entries are kept sorted by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::rule::Rule;
use super::{Benefit, Cap, Experiment, Schedule, Terms, Trigger};
use crate::consent::Sha;
use crate::error::Error;
use crate::place::Place;

/// A catalogue is refused above this: it has to fit a phone's quota and a bad connection.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;

/// So many offers, and so many places and partners, are taken.
pub const MAX_ITEMS: usize = 10_000;

/// What stood in the catalogue's `sdk` object: the retailer's remote switch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SdkSwitch {
    /// Nothing is shown and nothing is recorded while this is on.
    pub off: bool,
    /// The share of installations that record, 0 to 1. The others show offers all the same.
    pub sampling: f64,
}

impl SdkSwitch {
    /// Whether `installation` is in the sample. An installation that is in a sample is in every
    /// larger one, so turning sampling up keeps whose events are there already.
    pub fn samples(&self, installation: Uuid) -> bool {
        // Version 4: all of its bits but six are random, and those of the last group are.
        let bucket = (installation.as_u128() & 0xFFFF_FFFF) as f64 / 4_294_967_296.0;
        bucket < self.sampling
    }
}

impl Default for SdkSwitch {
    fn default() -> Self {
        Self { off: false, sampling: 1.0 }
    }
}

/// A brand that publishes offers beside the retailer's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// The retailer's id for it.
    pub id: String,
    /// Shown to the shopper.
    pub name: String,
    /// How far its shops reach.
    pub kind: PartnerKind,
    /// How often its offers, taken together, are shown at most.
    pub caps: Vec<Cap>,
}

/// How far a partner's shops reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PartnerKind {
    /// All over the country.
    #[default]
    National,
    /// In this town: the bakery around the corner.
    Local,
}

/// A picture, by reference; the host fetches and keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// An `https` address.
    pub url: String,
    /// Pixels, 1 to 8,192: room is made for it before it arrives.
    pub width: u16,
    /// Pixels, 1 to 8,192.
    pub height: u16,
    /// What it shows, for who does not see it; empty for mere decoration.
    pub alt: String,
    /// The same by language tag in lower case.
    pub alts: BTreeMap<String, String>,
    /// Of its bytes: what was fetched is that picture and no other.
    pub sha256: Option<Sha>,
}

impl Image {
    /// What it shows, in the words for `locale` where there are such.
    pub fn alt_for(&self, locale: &str) -> &str {
        localised(&self.alts, locale).unwrap_or(&self.alt)
    }
}

/// An offer's words in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalText {
    /// A line.
    pub title: String,
    /// A sentence or two; may be empty.
    pub body: String,
}

/// An offer that passed the checks: its partner and places exist and its numbers make sense.
// In this order in memory too: what every decision looks at stands first, and side by side. Ten thousand offers do not
// fit a phone's cache, and waiting for them is most of what deciding takes.
#[derive(Debug, Clone, PartialEq)]
#[repr(C)]
pub struct Offer {
    /// Wall clock, milliseconds since the Unix epoch; not shown before.
    pub starts_at_ms: Option<i64>,
    /// Wall clock, milliseconds since the Unix epoch; not shown from then on.
    pub expires_at_ms: Option<i64>,
    /// Weekly hours; `None` means always. Offers with the same hours share one.
    pub schedule: Option<Arc<Schedule>>,
    /// Whom it is for; `None` for everyone. Offers with the same rule share one.
    pub audience: Option<Arc<Rule>>,
    /// The trial that it is a part of.
    pub experiment: Option<Arc<Experiment>>,
    /// Higher goes first among offers that fit equally well.
    pub priority: i32,
    /// What its publisher says it is worth to a shopper, 0 to 100.
    pub value: u8,
    /// The rule of its audience looks at the clock.
    pub clocked: bool,
    /// Its partner's kind.
    pub partner_kind: Option<PartnerKind>,
    /// Whose it is; `None` for the retailer's own.
    pub partner: Option<String>,
    /// Ids of the places it belongs to; empty means that it is good anywhere.
    pub places: Vec<String>,
    /// Where in the app it may stand; empty means anywhere.
    pub placements: Vec<String>,
    /// How often it is shown at most.
    pub caps: Vec<Cap>,
    /// When it speaks up by itself.
    pub triggers: Vec<Trigger>,
    /// What it is about, folded (`cold-weather-running`): affinities, wishes, refusals.
    pub topics: Vec<String>,
    /// The retailer's id.
    pub id: String,
    /// Counts the revisions of this offer.
    pub version: u32,
    /// The campaign that it is a part of, for the publisher's own books.
    pub campaign: Option<String>,
    /// Its words where no other language fits.
    pub text: LocalText,
    /// Its words by language tag in lower case (`fi`, `sv-fi`).
    pub texts: BTreeMap<String, LocalText>,
    /// What the shopper gets.
    pub benefit: Benefit,
    /// The first is the one to show.
    pub images: Vec<Image>,
    /// Words that wishes find it by, besides its titles.
    pub keywords: Vec<String>,
    /// On which terms it is redeemed; `None` where its publisher says none.
    pub terms: Option<Box<Terms>>,
}

/// An entry that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Where in the document, for example `offers[17].benefit.percent`.
    pub path: String,
    /// The entry's own id, where it has a readable one.
    pub id: Option<String>,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for Quarantined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{} ({id}): {}", self.path, self.why),
            None => write!(f, "{}: {}", self.path, self.why),
        }
    }
}

/// Why a document is no catalogue. What was cached before stays in use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Larger than [`MAX_BYTES`].
    #[error("the offer catalogue has {bytes} bytes; at most {MAX_BYTES} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More than [`MAX_ITEMS`] entries in one list, or text that is not JSON of the right shape.
    #[error("the offer catalogue is broken at line {line}, column {column}: {why}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What was wrong there.
        why: String,
    },
    /// A value at the top that makes no sense.
    #[error("the offer catalogue's {path} {why}")]
    Value {
        /// For example `sdk.sampling`.
        path: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl From<CatalogueError> for Error {
    fn from(error: CatalogueError) -> Self {
        match &error {
            CatalogueError::TooLarge { .. } | CatalogueError::Malformed { .. } => {
                Self::invalid("catalogue", error.to_string())
            }
            CatalogueError::Value { path, why } => Self::invalid(format!("catalogue.{path}"), why.clone()),
        }
    }
}

/// What the retailer publishes: partners, places and offers.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferCatalogue {
    /// The publisher's name for this state of it; opaque.
    pub version: String,
    /// After so many seconds without a refresh it counts as stale. 60 to 604,800.
    pub ttl_s: u32,
    /// The remote switch.
    pub sdk: SdkSwitch,
    /// Public keys of the codes that hang in stores, Ed25519, 64 hexadecimal digits each.
    pub check_in_keys: Vec<String>,
    /// Sorted by id.
    pub partners: Vec<Partner>,
    /// Sorted by id.
    pub places: Vec<Place>,
    /// Sorted by id; of no other catalogue, whose rules have numbers of their own for what they ask.
    pub offers: Vec<Offer>,
    /// How often offers, all taken together, are shown at most.
    pub caps: Vec<Cap>,
    /// How many things its audiences' rules ask.
    pub(super) questions: u16,
}

impl OfferCatalogue {
    /// Reads a catalogue as it came over the wire or out of the cache.
    ///
    /// Takes some 20 ms for 10,000 offers: not for a caller's main thread.
    ///
    /// # Errors
    /// [`CatalogueError`] when the document as a whole cannot be used; keep what was there before.
    /// Entries that are wrong by themselves are not errors: they come back as [`Quarantined`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Quarantined>), CatalogueError> {
        super::check::parse(bytes)
    }

    /// Nothing is published.
    pub(crate) fn empty() -> Self {
        Self {
            version: String::new(),
            ttl_s: 0,
            sdk: SdkSwitch::default(),
            check_in_keys: Vec::new(),
            caps: Vec::new(),
            partners: Vec::new(),
            places: Vec::new(),
            offers: Vec::new(),
            questions: 0,
        }
    }

    /// The partner of that id.
    pub fn partner(&self, id: &str) -> Option<&Partner> {
        find(&self.partners, id, |partner| &partner.id)
    }

    /// The place of that id.
    pub fn place(&self, id: &str) -> Option<&Place> {
        find(&self.places, id, |place| &place.id)
    }

    /// The offer of that id.
    pub fn offer(&self, id: &str) -> Option<&Offer> {
        find(&self.offers, id, |offer| &offer.id)
    }

    /// The same, and its place in `offers`.
    pub(super) fn placed(&self, id: &str) -> Option<(usize, &Offer)> {
        let at = self.offers.binary_search_by(|offer| offer.id.as_str().cmp(id)).ok()?;
        Some((at, self.offers.get(at)?))
    }
}

/// The document `body` without partners' offers; without any where it does not read.
pub fn without_partners(body: &[u8]) -> Vec<u8> {
    let mut document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(offers) = document.get_mut("offers").and_then(serde_json::Value::as_array_mut) {
        offers.retain(|offer| offer.get("partner").is_none_or(serde_json::Value::is_null));
    }
    serde_json::to_vec(&document).unwrap_or_default()
}

fn find<'a, T>(sorted: &'a [T], id: &str, key: impl Fn(&T) -> &str) -> Option<&'a T> {
    sorted.binary_search_by(|item| key(item).cmp(id)).ok().and_then(|at| sorted.get(at))
}

impl Offer {
    /// Its words for `locale` (`fi`, `fi-FI`, `fi_FI`): that tag, else its language, else the
    /// offer's own words.
    pub fn text_for(&self, locale: &str) -> &LocalText {
        localised(&self.texts, locale).unwrap_or(&self.text)
    }

    /// Shows only to who asks: it has a trigger, and that is `pull`.
    pub fn only_for_who_asks(&self) -> bool {
        !self.triggers.is_empty() && self.triggers.iter().all(|trigger| *trigger == Trigger::Pull)
    }
}

pub(super) fn localised<'a, T>(texts: &'a BTreeMap<String, T>, locale: &str) -> Option<&'a T> {
    if texts.is_empty() {
        return None;
    }
    let tag = locale.replace('_', "-").to_ascii_lowercase();
    let language = tag.split('-').next().unwrap_or_default();
    texts.get(&tag).or_else(|| texts.get(language))
}
