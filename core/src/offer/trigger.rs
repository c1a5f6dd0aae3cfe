//! When an offer speaks up by itself, and what just happened.

use std::sync::Arc;

use super::{Offer, OfferCatalogue, Schedule};

/// When an offer speaks up. Without any it never does: it stands in lists, and waits to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// An event of this type, such as `dev.patron.purchase`, was recorded.
    Event {
        /// The whole type.
        kind: String,
    },
    /// The shopper arrived at one of the offer's places, or at this one.
    Enter {
        /// A place's id.
        place: Option<String>,
    },
    /// The shopper has stayed for a while at one of the offer's places, or at this one.
    Dwell {
        /// A place's id.
        place: Option<String>,
    },
    /// The shopper left this place.
    Exit {
        /// A place's id.
        place: Option<String>,
    },
    /// A beacon of one of the offer's places, or of this one, came this near.
    Beacon {
        /// A place's id.
        place: Option<String>,
        /// At least so near.
        zone: BeaconZone,
    },
    /// The shopper scanned the code of one of the offer's places, or of this one.
    CheckIn {
        /// A place's id.
        place: Option<String>,
    },
    /// A window of these hours opened, and is open still.
    Time {
        /// The hours.
        at: Arc<Schedule>,
    },
    /// The shopper asked. By itself: the offer shows to who asks, and to nobody else.
    Pull,
}

/// How near a beacon is, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BeaconZone {
    /// Within reach of a hand.
    Immediate,
    /// Within a few metres.
    Near,
    /// Within hearing.
    Far,
}

/// What just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion<'a> {
    /// An event of this type was recorded.
    Event {
        /// The whole type.
        kind: &'a str,
    },
    /// The shopper arrived.
    Entered {
        /// The place, and those that it is a part of.
        places: &'a [&'a str],
    },
    /// The shopper has stayed for a while.
    Dwelt {
        /// The place, and those that it is a part of.
        places: &'a [&'a str],
    },
    /// The shopper left.
    Left {
        /// The place, and those that it is a part of that were left with it.
        places: &'a [&'a str],
    },
    /// A beacon came nearer.
    Beacon {
        /// The place, and those that it is a part of.
        places: &'a [&'a str],
        /// How near it is now.
        zone: BeaconZone,
    },
    /// The shopper scanned a place's code.
    CheckedIn {
        /// The place, and those that it is a part of.
        places: &'a [&'a str],
    },
    /// Time passed since it was last looked, wall clock, milliseconds since the Unix epoch.
    Time {
        /// Then.
        since_ms: i64,
    },
}

impl Occasion<'_> {
    /// Whether `offer` speaks up at this occasion at `now_ms`.
    pub(super) fn calls(&self, offer: &Offer, now_ms: i64) -> bool {
        offer.triggers.iter().any(|trigger| self.pulls(trigger, offer, now_ms))
    }

    fn pulls(&self, trigger: &Trigger, offer: &Offer, now_ms: i64) -> bool {
        let at = |places: &[&str], place: &Option<String>| match place {
            Some(place) => places.contains(&place.as_str()),
            None => offer.places.iter().any(|place| places.contains(&place.as_str())),
        };
        match (self, trigger) {
            (Self::Event { kind }, Trigger::Event { kind: wanted }) => kind == wanted,
            (Self::Entered { places }, Trigger::Enter { place })
            | (Self::Dwelt { places }, Trigger::Dwell { place })
            | (Self::Left { places }, Trigger::Exit { place })
            | (Self::CheckedIn { places }, Trigger::CheckIn { place }) => at(places, place),
            (Self::Beacon { places, zone }, Trigger::Beacon { place, zone: wanted }) => {
                zone <= wanted && at(places, place)
            }
            (Self::Time { since_ms }, Trigger::Time { at }) => {
                // A phone that slept through them has nothing to say when they are over.
                at.opens_after(*since_ms).is_some_and(|opened| opened <= now_ms) && at.open_until(now_ms).is_some()
            }
            _ => false,
        }
    }
}

/// When an offer's hours call it next after `now_ms`: be there with [`Occasion::Time`].
pub fn next_call_ms(catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
    let triggers = catalogue.offers.iter().flat_map(|offer| &offer.triggers);
    let hours = triggers.filter_map(|trigger| match trigger {
        Trigger::Time { at } => Some(at),
        _ => None,
    });
    hours.filter_map(|at| at.opens_after(now_ms)).min()
}
