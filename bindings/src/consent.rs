//! What the shopper allows, as it crosses.

use patron_core::consent::{ConsentState, ConsentStatus, Decision, Purpose, Receipt, Withdrawal};
use uuid::Uuid;

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
}

/// A purpose and what stands for it.
#[uniffi::remote(Record)]
pub struct ConsentState {
    pub purpose: Purpose,
    pub status: ConsentStatus,
    pub decided_at_ms: Option<i64>,
}

/// One decision of the shopper.
#[uniffi::remote(Record)]
pub struct Decision {
    pub id: Uuid,
    pub purpose: Purpose,
    pub status: ConsentStatus,
    pub decided_at_ms: i64,
    pub epoch: u64,
}

/// Proof that decisions are stored.
#[uniffi::remote(Record)]
pub struct Receipt {
    pub decisions: Vec<Decision>,
    pub epoch: u64,
}

/// What a withdrawal removed.
#[uniffi::remote(Record)]
pub struct Withdrawal {
    pub receipt: Receipt,
    pub purged_events: u64,
    pub in_doubt: u64,
    pub purged_visits: u64,
}
