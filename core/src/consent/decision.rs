//! One decision of the shopper, and what is answered to it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Purpose, Sha};

/// What stands for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    /// The shopper was never asked; counts as no.
    NotAsked,
    /// Yes.
    Granted,
    /// No, said at once.
    Denied,
    /// No, said after a yes.
    Withdrawn,
    /// A yes whose time has run out; counts as no.
    Expired,
    /// A yes to something that means more by now; counts as no until the shopper is asked again.
    Stale,
}

impl ConsentStatus {
    const ALL: [Self; 6] = [Self::NotAsked, Self::Granted, Self::Denied, Self::Withdrawn, Self::Expired, Self::Stale];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Stale => "stale",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether a shopper can say it: yes, or one of the two ways of no.
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Granted | Self::Denied | Self::Withdrawn)
    }
}

/// A purpose and what stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    /// The purpose.
    pub purpose: Purpose,
    /// What the shopper's decisions come to.
    pub status: ConsentStatus,
    /// When it was decided, wall clock of the device; `None` when never asked.
    pub decided_at_ms: Option<i64>,
    /// When a yes runs out, wall clock; `None` for never, and where there is no yes.
    pub expires_at_ms: Option<i64>,
    /// Whether it may be acted on now: a yes that stands, and no outside signal that lowers it.
    pub effective: bool,
    /// The outside signals that lower it, each by its name: `gpc`, `age`, `tcf`, ...
    pub lowered_by: Vec<String>,
}

/// The words for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// What they are about.
    pub purpose: Purpose,
    /// A line: what is asked.
    pub title: String,
    /// What the shopper gets for it, and what happens with the data.
    pub body: String,
    /// The language that they are in.
    pub locale: String,
}

/// One decision of the shopper, refusals included. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Identifies it on the device and at the backend.
    pub id: Uuid,
    /// What it is about.
    pub purpose: Purpose,
    /// Granted, denied or withdrawn.
    pub status: ConsentStatus,
    /// When, by the wall clock of the device where it was made. Shown, never used to order.
    pub decided_at_ms: i64,
    /// The consent epoch that it began on this device.
    pub epoch: u64,
    /// When a yes runs out, wall clock.
    pub expires_at_ms: Option<i64>,
    /// Under which meaning of the purpose; see [`super::ConsentCatalogue`].
    pub meaning: u32,
    /// The hash of the words that the shopper saw.
    pub text: Option<Sha>,
    /// The language of those words.
    pub locale: Option<String>,
    /// Where the shopper was asked, in the app's own words: `onboarding`, `settings`, ...
    pub surface: Option<String>,
    /// The decisions on the same purpose that it knew of, by hash: it comes after them.
    pub parents: Vec<Sha>,
    /// Its entry in the ledger, by hash.
    pub hash: Sha,
    /// Made while signed in: it holds on the shopper's other devices too.
    pub account: bool,
    /// Taken back under [`WithdrawPolicy::KeepCaptured`], on this device and on the shopper's others.
    pub keeps_captured: bool,
    /// Made on this device; `false` for one that came from another device of the shopper.
    pub own: bool,
}

impl Decision {
    /// A decision of this device that stands in no ledger yet.
    pub fn new(id: Uuid, purpose: Purpose, status: ConsentStatus, decided_at_ms: i64, epoch: u64) -> Self {
        Self {
            id,
            purpose,
            status,
            decided_at_ms,
            epoch,
            expires_at_ms: None,
            meaning: 1,
            text: None,
            locale: None,
            surface: None,
            parents: Vec::new(),
            hash: Sha::of(id.as_bytes()),
            account: false,
            keeps_captured: false,
            own: true,
        }
    }

    /// Whether it takes what was captured. A no that was never a yes captured nothing.
    pub(super) fn erases_captured(&self) -> bool {
        self.status == ConsentStatus::Withdrawn && !self.keeps_captured
    }
}

/// Proof that decisions are stored on the device and will reach the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The decisions, in the order in which they were made.
    pub decisions: Vec<Decision>,
    /// The consent epoch from now on.
    pub epoch: u64,
}

/// What becomes of what was recorded while a yes stood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WithdrawPolicy {
    /// All of it that is still on the device goes.
    #[default]
    Purge,
    /// It is delivered: the shopper said so in as many words. Nothing new is recorded. While signed in, the shopper's other
    /// devices do the same: the word stands in the entry.
    KeepCaptured,
}

/// What a withdrawal removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The decision itself.
    pub receipt: Receipt,
    /// Events of the purpose that were queued and are gone from the device.
    pub purged_events: u64,
    /// Those among them that were sent, and of which no answer came: they may have arrived.
    pub in_doubt: u64,
    /// Visits that were forgotten.
    pub purged_visits: u64,
    /// Partners' offers that were dropped from the device.
    pub purged_offers: u64,
}
