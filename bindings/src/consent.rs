//! What the shopper allows, as it crosses.

use patron_core::Erased;
use patron_core::consent::signal::ConsentMode;
use patron_core::consent::{
    AskReason, ConsentPrompt, ConsentState, ConsentStatus, ConsentText, Decision, Purpose, Receipt, Sha, Verified,
    WithdrawPolicy, Withdrawal,
};
use uuid::Uuid;

// Hashes cross as text: 64 hexadecimal digits.
uniffi::custom_type!(Sha, String, {
    remote,
    try_lift: |digits| Sha::from_hex(&digits).ok_or_else(|| uniffi::deps::anyhow::anyhow!("not a SHA-256")),
    lower: |hash| hash.to_string(),
});

/// Something the shopper grants, denies or withdraws.
#[uniffi::remote(Enum)]
pub enum Purpose {
    PartnerOffers,
    CoarseLocation,
    PreciseLocation,
    Beacons,
    Engagement,
    Personalisation,
    PartnerSharing { partner: String },
    Notifications,
    Dialogue,
}

/// What stands for one purpose.
#[uniffi::remote(Enum)]
pub enum ConsentStatus {
    NotAsked,
    Granted,
    Denied,
    Withdrawn,
    Expired,
    Stale,
}

/// A purpose and what stands for it.
#[uniffi::remote(Record)]
pub struct ConsentState {
    pub purpose: Purpose,
    pub status: ConsentStatus,
    pub decided_at_ms: Option<i64>,
    pub expires_at_ms: Option<i64>,
    pub effective: bool,
    pub lowered_by: Vec<String>,
}

/// The words for one purpose.
#[uniffi::remote(Record)]
pub struct ConsentText {
    pub purpose: Purpose,
    pub title: String,
    pub body: String,
    pub locale: String,
}

/// Why a question is put.
#[uniffi::remote(Enum)]
pub enum AskReason {
    New,
    MeaningChanged,
    RanOut,
}

/// One question, in words.
#[uniffi::remote(Record)]
pub struct ConsentPrompt {
    pub purpose: Purpose,
    pub title: String,
    pub body: String,
    pub locale: String,
    pub reason: AskReason,
}

/// One decision of the shopper.
#[uniffi::remote(Record)]
pub struct Decision {
    pub id: Uuid,
    pub purpose: Purpose,
    pub status: ConsentStatus,
    pub decided_at_ms: i64,
    pub epoch: u64,
    pub expires_at_ms: Option<i64>,
    pub meaning: u32,
    pub text: Option<Sha>,
    pub locale: Option<String>,
    pub surface: Option<String>,
    pub parents: Vec<Sha>,
    pub hash: Sha,
    pub account: bool,
    pub keeps_captured: bool,
    pub own: bool,
}

/// Proof that decisions are stored.
#[uniffi::remote(Record)]
pub struct Receipt {
    pub decisions: Vec<Decision>,
    pub epoch: u64,
}

/// What becomes of what was recorded while a yes stood.
#[uniffi::remote(Enum)]
pub enum WithdrawPolicy {
    Purge,
    KeepCaptured,
}

/// What a withdrawal removed.
#[uniffi::remote(Record)]
pub struct Withdrawal {
    pub receipt: Receipt,
    pub purged_events: u64,
    pub in_doubt: u64,
    pub purged_visits: u64,
    pub purged_offers: u64,
}

/// A ledger that holds.
#[uniffi::remote(Record)]
pub struct Verified {
    pub entries: u64,
    pub head: Sha,
    pub anchored_epoch: Option<u64>,
}

/// What an erasure removed.
#[uniffi::remote(Record)]
pub struct Erased {
    pub request: Uuid,
    pub purged_events: u64,
    pub in_doubt: u64,
    pub purged_visits: u64,
}

/// The four flags of Google Consent Mode.
#[uniffi::remote(Record)]
pub struct ConsentMode {
    pub ad_storage: bool,
    pub ad_user_data: bool,
    pub ad_personalization: bool,
    pub analytics_storage: bool,
}
