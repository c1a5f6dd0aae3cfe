//! Decides what the shopper allows, and is the only place that does.
//!
//! Pure: decisions go in, a [`Gate`] comes out, and the gate hands out [`Permit`]s. Everything
//! that records an event, reads a position or evaluates a partner's offer takes a permit, so that
//! code which forgot to ask does not compile. Storing decisions is left to [`crate::store`],
//! telling the backend of them to [`crate::sync`].

mod gate;
mod purpose;
pub mod signal;
mod state;

pub use gate::{Gate, Permit};
pub use purpose::{
    Beacons, CoarseLocation, Dialogue, Engagement, PartnerOffers, PreciseLocation, Purpose, PurposeKind, PurposeSet,
    PurposeType,
};
pub use state::{ConsentState, ConsentStatus, Consents, Decision, Receipt, Withdrawal};
