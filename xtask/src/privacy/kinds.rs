//! What kind of data each event and each field is, and what has to be said of each kind.
//!
//! The one place to change when events change: the gate `schema` names what is missing here.

/// A kind of data, as a shopper would tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Interactions,
    Purchases,
    Searches,
    Words,
    Places,
    Other,
    Identity,
}

/// What has to be said of a kind.
pub struct Facts {
    /// For people.
    pub title: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
    /// Apple's `NSPrivacyCollectedDataType…`, without that.
    pub apple: &'static str,
    /// Apple's `NSPrivacyCollectedDataTypePurpose…`, without that.
    pub apple_purposes: &'static [&'static str],
    /// Google's category and type.
    pub play: (&'static str, &'static str),
    /// Google's purposes.
    pub play_purposes: &'static str,
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Interactions, Self::Purchases, Self::Searches, Self::Words, Self::Places, Self::Other, Self::Identity];

    pub fn facts(self) -> Facts {
        match self {
            Self::Interactions => Facts {
                title: "What the shopper does with offers and badges",
                origin: "the app, by `track`",
                apple: "ProductInteraction",
                apple_purposes: &["AppFunctionality", "Analytics"],
                play: ("App activity", "App interactions"),
                play_purposes: "App functionality, Analytics",
            },
            Self::Purchases => Facts {
                title: "Purchases and redeemed offers",
                origin: "the app, by `track`",
                apple: "PurchaseHistory",
                apple_purposes: &["AppFunctionality", "Analytics"],
                play: ("Financial info", "Purchase history"),
                play_purposes: "App functionality, Analytics",
            },
            Self::Searches => Facts {
                title: "Searches in the app",
                origin: "the app, by `track`",
                apple: "SearchHistory",
                apple_purposes: &["Analytics"],
                play: ("App activity", "In-app search history"),
                play_purposes: "Analytics",
            },
            Self::Words => Facts {
                title: "Reviews and feedback, in the shopper's own words",
                origin: "the shopper, by the app's `track`",
                apple: "OtherUserContent",
                apple_purposes: &["AppFunctionality"],
                play: ("App activity", "Other user-generated content"),
                play_purposes: "App functionality",
            },
            Self::Places => Facts {
                title: "Visits to the retailer's places, and how near its beacons are; never coordinates",
                origin: "Patron, from positions that stay on the device; the app, by `track`",
                apple: "PreciseLocation",
                apple_purposes: &["AppFunctionality", "Analytics"],
                play: ("Location", "Precise location"),
                play_purposes: "App functionality, Analytics",
            },
            Self::Other => Facts {
                title: "Events of the app's own",
                origin: "the app, by `track`",
                apple: "OtherUsageData",
                apple_purposes: &["Analytics"],
                play: ("App activity", "Other actions"),
                play_purposes: "Analytics",
            },
            Self::Identity => Facts {
                title: "A random id of the installation; an alias of the account after `identify`",
                origin: "Patron; the retailer's backend",
                apple: "UserID",
                apple_purposes: &["AppFunctionality"],
                play: ("Personal info", "User IDs"),
                play_purposes: "App functionality, Account management",
            },
        }
    }
}

/// Every type of event, its kind, and the fields of its data.
pub const EVENTS: [(&str, Kind, &[&str]); 18] = [
    ("dev.patron.offer.impression", Kind::Interactions, &["offer"]),
    ("dev.patron.offer.clicked", Kind::Interactions, &["offer"]),
    ("dev.patron.offer.saved", Kind::Interactions, &["offer"]),
    ("dev.patron.offer.dismissed", Kind::Interactions, &["offer"]),
    ("dev.patron.offer.shared", Kind::Interactions, &["offer", "channel"]),
    ("dev.patron.badge.earned", Kind::Interactions, &["badge", "level"]),
    ("dev.patron.offer.redeemed", Kind::Purchases, &["offer", "order", "value", "place"]),
    ("dev.patron.purchase", Kind::Purchases, &["order", "lines", "total", "place"]),
    ("dev.patron.search", Kind::Searches, &["query", "results"]),
    ("dev.patron.review", Kind::Words, &["about", "rating", "text"]),
    ("dev.patron.feedback", Kind::Words, &["about", "text"]),
    ("dev.patron.visit.entered", Kind::Places, &["visit", "place", "initial", "mock"]),
    ("dev.patron.visit.dwelt", Kind::Places, &["visit", "place", "initial", "mock"]),
    ("dev.patron.visit.left", Kind::Places, &["visit", "place", "initial", "mock"]),
    ("dev.patron.visit.passed", Kind::Places, &["visit", "place", "initial", "mock"]),
    ("dev.patron.visit.checked_in", Kind::Places, &["visit", "place", "initial", "mock"]),
    ("dev.patron.beacon.zone", Kind::Places, &["beacon", "zone", "place"]),
    ("dev.patron.custom", Kind::Other, &["name", "properties"]),
];

/// What every event carries beside its data, and what that is for.
pub const ENVELOPE: [(&str, &str); 15] = [
    ("id", "tells an event that is sent again from a new one"),
    ("source", "the random id of the installation"),
    ("subject", "the alias of the account, after `identify`"),
    ("type", "what kind of event it is"),
    ("purpose", "the grant that it was recorded under"),
    ("consentepoch", "the state of consent that it rests on"),
    ("partner", "the brand that it concerns"),
    ("time", "when, by the device's clock"),
    ("monotonicms", "when, by a clock that nobody can set, from a moment of the installation's own"),
    ("bootid", "the installation's own name for the device's run, for that clock"),
    ("sessionid", "a random id of the app's session"),
    ("data", "the fields below"),
    ("datacontenttype", "always the same"),
    ("schemaversion", "always the same"),
    ("specversion", "always the same"),
];
