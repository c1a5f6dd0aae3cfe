//! What the operating system and the app itself can say, and what each takes away.

use serde::{Deserialize, Serialize};

use super::touched;
use crate::consent::{PurposeKind as Kind, PurposeSet};

/// What the operating system lets the app read of the shopper's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationPermission {
    /// Nothing, or it was not asked yet.
    None,
    /// An approximate one.
    Coarse,
    /// An exact one.
    Precise,
}

impl LocationPermission {
    /// What it takes away.
    pub fn lowered(self) -> PurposeSet {
        match self {
            Self::None => PurposeSet::of(&[Kind::CoarseLocation, Kind::PreciseLocation]),
            Self::Coarse => PurposeSet::of(&[Kind::PreciseLocation]),
            Self::Precise => PurposeSet::EMPTY,
        }
    }
}

/// A permission of the operating system that is there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// No, or it was not asked yet.
    Denied,
    /// Yes.
    Granted,
}

/// Apple's App Tracking Transparency, as the app read it: the SDK never asks the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttStatus {
    /// The shopper was not asked yet.
    NotDetermined,
    /// The device does not allow to ask.
    Restricted,
    /// The shopper refused.
    Denied,
    /// The shopper allowed it.
    Authorized,
}

impl AttStatus {
    /// What it takes away: tracking across companies, unless it was allowed.
    pub fn lowered(self) -> PurposeSet {
        if self == Self::Authorized { PurposeSet::EMPTY } else { touched::SALE }
    }
}

/// What is known of the shopper's age, where the host says that it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Old enough to consent for themself.
    Adult,
    /// Not old enough.
    Child,
    /// Nobody knows; protected like a child.
    Unknown,
}

impl Age {
    /// What it takes away.
    pub fn lowered(self) -> PurposeSet {
        if self == Self::Adult { PurposeSet::EMPTY } else { touched::CHILD }
    }
}

/// Whose law the shopper is under, as far as it decides which strings there should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// The European Economic Area, the United Kingdom or Switzerland: TCF, alone or inside GPP.
    Eea,
    /// A state of the United States: GPP with a section of the US.
    Us,
    /// Elsewhere: no string is expected, and one that is there counts all the same.
    Other,
}
