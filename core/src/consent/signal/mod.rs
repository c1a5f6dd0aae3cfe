//! Decides what signals from outside the SDK take away: what the shopper told the operating
//! system, a consent banner of the app, or a law that protects them.
//!
//! Pure: what the host declared goes in, a set of purposes that are now a no comes out. A signal
//! only lowers; a yes is given in [`crate::consent`] alone. It asks no platform and reads no
//! preference of a consent banner: the host hands over what it has. The engine stores [`Signals`]
//! and takes [`Signals::lowered`] off the grants. docs/signals.md has the tables.

mod bits;
mod declared;
#[cfg(test)]
mod declared_tests;
#[cfg(test)]
mod encoder;
mod error;
mod gpp;
#[cfg(test)]
mod gpp_tests;
mod mode;
mod platform;
mod section;
mod tcf;
#[cfg(test)]
mod tcf_tests;
mod touched;
mod us;
mod vendors;

pub(crate) use bits::base64url;
pub use declared::{Declared, Overlay, Signals};
pub use error::SignalError;
pub use gpp::GppString;
pub use mode::{ConsentMode, consent_mode};
pub use platform::{Age, AttStatus, LocationPermission, Permission, Region};
pub use section::{Section, SectionKind, UsPrivacy};
pub use tcf::{Invalid, PublisherConsents, Restriction, RestrictionType, TcString};
pub use us::{UsLayout, UsSection};
pub use vendors::{Flags, VendorSet};

/// The longest string that is looked at; a longer one is unreadable. Twenty times the longest that
/// a consent banner writes today.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1024;
