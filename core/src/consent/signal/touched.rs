//! Which of our purposes each signal can take away. docs/signals.md gives the reasons.

use crate::consent::{PurposeKind as Kind, PurposeSet};

/// What a TC string speaks of: all that stores on the device, follows the shopper or shows
/// advertising. Notifications and dialogue are the shopper's own acts, of which it says nothing.
pub(super) const TCF: PurposeSet = PurposeSet::of(&[
    Kind::PartnerOffers,
    Kind::CoarseLocation,
    Kind::PreciseLocation,
    Kind::Beacons,
    Kind::Engagement,
    Kind::Personalisation,
    Kind::PartnerSharing,
]);

/// Precise geolocation in the meaning of TCF's special feature 1 (within 500 m) and of the US
/// states' laws (within 1,750 to 1,850 feet). A beacon tells metres; coarse is 2 km and is not meant.
pub(super) const GEOLOCATION: PurposeSet = PurposeSet::of(&[Kind::PreciseLocation, Kind::Beacons]);

/// Selling what is known of a shopper: another company hears of them.
pub(super) const SALE: PurposeSet = PurposeSet::of(&[Kind::PartnerSharing]);

/// Sharing for advertising across companies, and advertising aimed at a person.
pub(super) const TARGETING: PurposeSet = PurposeSet::of(&[Kind::PartnerSharing, Kind::Personalisation]);

/// What a child, or someone who may be one, is kept from.
pub(super) const CHILD: PurposeSet =
    PurposeSet::of(&[Kind::PartnerSharing, Kind::Personalisation, Kind::PreciseLocation]);

/// What the sections of the US speak of.
pub(super) const US: PurposeSet = TARGETING.union(GEOLOCATION).union(CHILD);
