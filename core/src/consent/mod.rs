//! Decides what the shopper allows, and is the only place that does.
//!
//! Pure: decisions go in, a [`Gate`] comes out, and the gate hands out [`Permit`]s. Everything
//! that records an event, reads a position or evaluates a partner's offer takes a permit, so that
//! code which forgot to ask does not compile. Storing decisions is left to [`crate::store`],
//! telling the backend of them to [`crate::sync`].

mod account;
mod catalogue;
mod decision;
mod gate;
mod hash;
mod ledger;
mod prompts;
mod purpose;
mod receipts;
pub mod signal;
mod state;
mod vault;

pub(crate) use account::fingerprint;
pub use catalogue::{
    AskBudget, CataloguePartner, CataloguePurpose, ConsentCatalogue, MAX_CATALOGUE_BYTES, PurposeText,
};
pub use decision::{ConsentState, ConsentStatus, ConsentText, Decision, Receipt, WithdrawPolicy, Withdrawal};
pub use gate::{Gate, Permit, PermitFor, SharingGate};
pub use hash::{Sha, hex_bytes, to_hex};
pub(crate) use ledger::verify_key;
pub use ledger::{Anchor, Entry, LedgerError, Seal, Signer, Verified, verify_hex, verify_ledger};
pub use prompts::{AskReason, ConsentPrompt, Prompts};
pub use purpose::{
    Beacons, CoarseLocation, Dialogue, Engagement, Notifications, PartnerOffers, PartnerSharing, Personalisation,
    PreciseLocation, Purpose, PurposeKind, PurposeSet, PurposeType,
};
pub use receipts::consent_record;
pub use state::Consents;
pub use vault::{PlainVault, SECRET_BYTES, Secret, Vault, pseudonym};
