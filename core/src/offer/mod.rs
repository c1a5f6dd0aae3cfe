//! Decides which offers fit this moment, and says why and why not.
//!
//! Pure: the catalogue, the consent gate, the visits, the shopper's own rules and the time go in;
//! cards, reasons, notices and blockers come out. It fetches and stores nothing ([`crate::sync`] and
//! [`crate::store`] do), and it never asks where or who the shopper is: presence arrives as visits and
//! the person as facts, and both are looked at only under a [`crate::consent::Permit`].
//! docs/offers.md tells how an offer is chosen.

mod act;
mod benefit;
mod blockers;
mod card;
mod catalogue;
#[cfg(test)]
mod catalogue_tests;
mod check;
mod decide;
mod details;
#[cfg(test)]
mod details_tests;
#[cfg(test)]
mod draw;
mod entry;
mod experiment;
#[cfg(test)]
mod fit_tests;
mod fold;
mod history;
mod hold;
mod impression;
#[cfg(test)]
mod irrelevant;
#[cfg(test)]
mod limits_tests;
mod moments;
#[cfg(test)]
mod moments_tests;
mod murmur;
mod notice;
#[cfg(test)]
mod notice_tests;
mod person;
mod personal;
mod place_entry;
mod preferences;
#[cfg(test)]
mod preferences_tests;
#[cfg(test)]
mod property_tests;
mod quieter;
mod record;
#[cfg(test)]
mod record_tests;
pub mod rule;
mod saved;
#[cfg(test)]
mod scene;
mod score;
mod shopper;
mod site;
#[cfg(test)]
mod site_tests;
mod stored;
mod terms;
#[cfg(test)]
mod terms_tests;
#[cfg(test)]
mod tests;
mod texts;
mod traits;
mod trigger;
mod verdict;
mod view;
mod why;
mod wishes;
#[cfg(test)]
mod wishes_tests;
mod wording;

pub(crate) use act::act;
pub use act::{Refused, ShopperAct, ShopperSide};
pub use benefit::Benefit;
pub use blockers::{Blocker, BlockerKind, Outlook, Phone, blockers};
pub use card::{CardImage, OfferCard, cards};
pub use catalogue::{
    CatalogueError, Image, LocalText, MAX_BYTES, MAX_ITEMS, Offer, OfferCatalogue, Partner, PartnerKind, Quarantined,
    SdkSwitch, without_partners,
};
pub use decide::{Decision, DecisionInput, Freshness, Position, decide, next_change_ms};
pub use experiment::{Allotment, Arm, Experiment};
pub use history::{Cap, History, Impression};
pub use hold::{Hold, MomentError, Quiet, Refusal};
pub use impression::{ImpressionRule, VISIBLE_FRACTION, VISIBLE_MS};
pub use moments::Moments;
pub use notice::{Notice, Silence, notice, reminders};
pub(crate) use notice::{notice_among, reminders_of_ends};
pub use person::Person;
pub use preferences::{MAX_PREFERENCES_BYTES, Preferences};
pub use record::{Chosen, DecisionRecord, ReplayError, Replayed};
pub use saved::{Due, Saved, SavedOffer};
pub use score::{Score, ScorePart};
pub use shopper::Shopper;
pub(crate) use terms::exported as exported_terms;
pub use terms::{RedemptionTerms, Terms};
pub use traits::{Profile, Scalar, Trait, TraitError};
pub(crate) use traits::{take_back, tell};
pub use trigger::{BeaconZone, Occasion, Trigger, next_call_ms};
pub use verdict::Verdict;
pub use why::{Explained, Fact, Part, Reason, Why, audience_trace, explain, why};
pub use wishes::{Match, Wanted, Wish, Wishes};

pub use crate::schedule::{Schedule, ScheduleError, Window};
