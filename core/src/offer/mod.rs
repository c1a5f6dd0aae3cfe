//! Decides which offers fit this moment, and says why and why not.
//!
//! Pure: the catalogue, the consent gate, the visits and the time go in; cards, reasons and
//! blockers come out. It fetches and stores nothing ([`crate::sync`] and [`crate::store`] do), and
//! it never asks where the shopper is: presence arrives as visits, which only a
//! [`crate::consent::Permit`] could make.

mod benefit;
mod blockers;
mod card;
mod catalogue;
#[cfg(test)]
mod catalogue_tests;
mod check;
mod decide;
mod entry;
pub mod rule;
#[cfg(test)]
mod tests;
mod texts;
mod why;

pub use benefit::Benefit;
pub use blockers::{Blocker, BlockerKind, Outlook, blockers};
pub use card::{OfferCard, cards};
pub use catalogue::{
    CatalogueError, LocalText, MAX_BYTES, MAX_ITEMS, Offer, OfferCatalogue, Partner, Quarantined, SdkSwitch,
    without_partners,
};
pub use decide::{Decision, DecisionInput, Freshness, Position, Verdict, decide, next_change_ms};
pub use why::{Fact, Reason, Why, why};

pub use crate::schedule::{Schedule, ScheduleError, Window};
