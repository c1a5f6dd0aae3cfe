//! The purposes a shopper can be asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A purpose without its partner: what the gate, the ring and the database index by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PurposeKind {
    /// See [`Purpose::PartnerOffers`].
    PartnerOffers = 1,
    /// See [`Purpose::CoarseLocation`].
    CoarseLocation = 2,
    /// See [`Purpose::PreciseLocation`].
    PreciseLocation = 3,
    /// See [`Purpose::Beacons`].
    Beacons = 4,
    /// See [`Purpose::Engagement`].
    Engagement = 5,
    /// See [`Purpose::Personalisation`].
    Personalisation = 6,
    /// See [`Purpose::PartnerSharing`].
    PartnerSharing = 7,
    /// See [`Purpose::Notifications`].
    Notifications = 8,
    /// See [`Purpose::Dialogue`].
    Dialogue = 9,
}

impl PurposeKind {
    /// Every kind, in the order in which a consent screen lists them.
    pub const ALL: [Self; 9] = [
        Self::PartnerOffers,
        Self::CoarseLocation,
        Self::PreciseLocation,
        Self::Beacons,
        Self::Engagement,
        Self::Personalisation,
        Self::PartnerSharing,
        Self::Notifications,
        Self::Dialogue,
    ];

    /// The kind behind a stored number; `None` for a number this version does not know.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }

    /// The name on the wire and in texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PartnerOffers => "partner_offers",
            Self::CoarseLocation => "coarse_location",
            Self::PreciseLocation => "precise_location",
            Self::Beacons => "beacons",
            Self::Engagement => "engagement",
            Self::Personalisation => "personalisation",
            Self::PartnerSharing => "partner_sharing",
            Self::Notifications => "notifications",
            Self::Dialogue => "dialogue",
        }
    }
}

/// Some kinds of purpose, in eight bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PurposeSet(u64);

impl PurposeSet {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// These.
    pub const fn of(kinds: &[PurposeKind]) -> Self {
        let mut bits = 0;
        let mut rest = kinds;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self(bits)
    }

    /// Those of either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of this that are not in `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `kind` is one of them.
    pub const fn contains(self, kind: PurposeKind) -> bool {
        self.0 & (1 << (kind as u8)) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, in the order of [`PurposeKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = PurposeKind> {
        PurposeKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// The set that [`PurposeSet::bits`] told of.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// One bit for each purpose, at its code.
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl FromIterator<PurposeKind> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = PurposeKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::EMPTY, |all, kind| all.union(Self::of(&[kind])))
    }
}

/// Something the shopper grants, denies or withdraws. Off until granted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Caching and showing offers of partner brands.
    PartnerOffers,
    /// Reading a position rounded to 2 km.
    CoarseLocation,
    /// Reading an exact position; the visits and dwells that follow from it.
    PreciseLocation,
    /// Hearing beacons in the store.
    Beacons,
    /// Recording what the shopper does with offers and the app.
    Engagement,
    /// History, segments and affinities; rules that look at the person.
    Personalisation,
    /// One partner's brand hearing of anything, under a pseudonym of its own.
    PartnerSharing {
        /// The partner's id in the offer catalogue.
        partner: String,
    },
    /// A notification handed to the app.
    Notifications,
    /// Reviews and feedback: what the shopper says in words of their own.
    Dialogue,
}

impl Purpose {
    /// The purpose without its partner.
    pub fn kind(&self) -> PurposeKind {
        match self {
            Self::PartnerOffers => PurposeKind::PartnerOffers,
            Self::CoarseLocation => PurposeKind::CoarseLocation,
            Self::PreciseLocation => PurposeKind::PreciseLocation,
            Self::Beacons => PurposeKind::Beacons,
            Self::Engagement => PurposeKind::Engagement,
            Self::Personalisation => PurposeKind::Personalisation,
            Self::PartnerSharing { .. } => PurposeKind::PartnerSharing,
            Self::Notifications => PurposeKind::Notifications,
            Self::Dialogue => PurposeKind::Dialogue,
        }
    }

    /// The partner it is for; `None` where it is for all.
    pub fn partner(&self) -> Option<&str> {
        match self {
            Self::PartnerSharing { partner } => Some(partner),
            _ => None,
        }
    }

    /// The purpose from its stored parts. `None` where they do not fit together: sharing with
    /// nobody, or a partner where there is none.
    pub fn from_parts(kind: PurposeKind, partner: Option<&str>) -> Option<Self> {
        Some(match (kind, partner) {
            (PurposeKind::PartnerSharing, Some(partner)) => Self::PartnerSharing { partner: partner.to_owned() },
            (PurposeKind::PartnerOffers, None) => Self::PartnerOffers,
            (PurposeKind::CoarseLocation, None) => Self::CoarseLocation,
            (PurposeKind::PreciseLocation, None) => Self::PreciseLocation,
            (PurposeKind::Beacons, None) => Self::Beacons,
            (PurposeKind::Engagement, None) => Self::Engagement,
            (PurposeKind::Personalisation, None) => Self::Personalisation,
            (PurposeKind::Notifications, None) => Self::Notifications,
            (PurposeKind::Dialogue, None) => Self::Dialogue,
            (PurposeKind::PartnerSharing, None) | (_, Some(_)) => return None,
        })
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().as_str())?;
        match self.partner() {
            Some(partner) => write!(f, "({partner})"),
            None => Ok(()),
        }
    }
}

/// A purpose as a type, for [`crate::consent::Permit`].
pub trait PurposeType: sealed::Sealed {
    /// The purpose it stands for.
    const KIND: PurposeKind;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! purpose_type {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl PurposeType for $name {
            const KIND: PurposeKind = PurposeKind::$name;
        }
    )*};
}

purpose_type! {
    /// [`Purpose::PartnerOffers`] as a type.
    PartnerOffers;
    /// [`Purpose::CoarseLocation`] as a type.
    CoarseLocation;
    /// [`Purpose::PreciseLocation`] as a type.
    PreciseLocation;
    /// [`Purpose::Beacons`] as a type.
    Beacons;
    /// [`Purpose::Engagement`] as a type.
    Engagement;
    /// [`Purpose::Personalisation`] as a type.
    Personalisation;
    /// [`Purpose::PartnerSharing`] as a type; its permits are for one partner, see [`super::PermitFor`].
    PartnerSharing;
    /// [`Purpose::Notifications`] as a type.
    Notifications;
    /// [`Purpose::Dialogue`] as a type.
    Dialogue;
}
