//! The kinds of event: the name, the purpose and the priority of each, in one table.
//!
//! What an app can record is said in [`super::Engagement`], which names the kind of each; a visit's
//! turning points are recorded by the engine.

use super::Priority;
use crate::consent::PurposeKind;

/// How the types of events of visits begin.
pub(crate) const VISIT_KINDS: &str = "dev.patron.visit.";

macro_rules! kinds {
    (@durable) => { false };
    (@durable durable) => { true };
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $purpose:ident, $priority:ident $(, $durable:ident)?;)*) => {
        /// A kind of event. The docs of each say why it has its priority.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind.
            pub(crate) const ALL: &[Self] = &[$(Self::$kind),*];

            /// The CloudEvents type.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// What it is recorded under.
            pub(crate) fn purpose(self) -> PurposeKind {
                match self { $(Self::$kind => PurposeKind::$purpose,)* }
            }

            /// How long it is held on to.
            pub(crate) fn priority(self) -> Priority {
                match self { $(Self::$kind => Priority::$priority,)* }
            }

            /// Whether its commit survives a loss of power, as a decision's does: money hangs by it, and
            /// it is so rare that the disk may be waited for.
            pub(crate) fn is_durable(self) -> bool {
                match self { $(Self::$kind => kinds!(@durable $($durable)?),)* }
            }
        }
    };
}

kinds! {
    /// Hundreds scroll by.
    Impression = "dev.patron.offer.impression", Engagement, Low;
    /// Interest, and there is more of it.
    Clicked = "dev.patron.offer.clicked", Engagement, Normal;
    /// A wish; the app still has the saved offer itself.
    Saved = "dev.patron.offer.saved", Engagement, Normal;
    /// The device already acts on it.
    Dismissed = "dev.patron.offer.dismissed", Engagement, Normal;
    /// Whom an offer went to is never asked again.
    Shared = "dev.patron.offer.shared", Engagement, Normal;
    /// Partners settle by it.
    Redeemed = "dev.patron.offer.redeemed", Engagement, High, durable;
    /// Money was paid.
    Purchased = "dev.patron.purchase", Engagement, High, durable;
    /// Interest, and there is more of it.
    Searched = "dev.patron.search", Engagement, Normal;
    /// Won once.
    BadgeEarned = "dev.patron.badge.earned", Engagement, High;
    /// A walk through a store makes dozens.
    BeaconZone = "dev.patron.beacon.zone", Beacons, Low;
    /// The shopper's own words.
    Reviewed = "dev.patron.review", Dialogue, High;
    /// The shopper's own words.
    Feedback = "dev.patron.feedback", Dialogue, High;
    /// Nobody here knows what it is worth.
    Custom = "dev.patron.custom", Engagement, Normal;
    /// A visit needs both its ends.
    VisitEntered = "dev.patron.visit.entered", PreciseLocation, Normal;
    /// How long a visit lasted follows from its ends, but they may lie hours apart.
    VisitDwelt = "dev.patron.visit.dwelt", PreciseLocation, Normal;
    /// A visit needs both its ends.
    VisitLeft = "dev.patron.visit.left", PreciseLocation, Normal;
    /// Past the door and on.
    VisitPassed = "dev.patron.visit.passed", PreciseLocation, Low;
    /// The shopper's own act.
    VisitCheckedIn = "dev.patron.visit.checked_in", Engagement, Normal;
}

impl Kind {
    /// The kind with this CloudEvents type; `None` for one that this version does not know.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
