//! Everything a host declares, and what all of it together takes away.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Age, AttStatus, GppString, LocationPermission, Permission, Region, TcString, touched};
use crate::consent::{PurposeKind, PurposeSet};

/// A signal that the host may declare to apply.
///
/// Serialises as the value, as `null` when unset, and is to be left out when never declared. What
/// does not read as a value is unset: unreadable means no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Declared<T> {
    /// Never: it plays no part.
    #[default]
    Never,
    /// It applies and has no value (any more): it takes away all that it speaks of.
    Unset,
    /// It applies, and says this.
    Is(T),
}

impl<T> Declared<T> {
    /// Whether it was never declared.
    pub fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }

    /// What it takes away: `all` without a value, else what the value takes.
    fn lowered(&self, all: PurposeSet, of: impl FnOnce(&T) -> PurposeSet) -> PurposeSet {
        match self {
            Self::Never => PurposeSet::EMPTY,
            Self::Unset => all,
            Self::Is(value) => of(value),
        }
    }
}

impl<T: Serialize> Serialize for Declared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never | Self::Unset => serializer.serialize_none(),
            Self::Is(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Declared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(T::deserialize(value).map_or(Self::Unset, Self::Is))
    }
}

/// A signal that takes something away; for telling the shopper which, and what would change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Overlay {
    /// [`Signals::location`].
    Location,
    /// [`Signals::bluetooth`].
    Bluetooth,
    /// [`Signals::notifications`].
    Notifications,
    /// [`Signals::att`].
    Att,
    /// [`Signals::gpc`].
    Gpc,
    /// [`Signals::tcf`].
    Tcf,
    /// [`Signals::gpp`].
    Gpp,
    /// [`Signals::age`].
    Age,
    /// [`Signals::region`].
    Region,
}

impl Overlay {
    /// The name in storage, in exports and in diagnostics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Bluetooth => "bluetooth",
            Self::Notifications => "notifications",
            Self::Att => "att",
            Self::Gpc => "gpc",
            Self::Tcf => "tcf",
            Self::Gpp => "gpp",
            Self::Age => "age",
            Self::Region => "region",
        }
    }
}

/// What the host declares of the world outside the SDK. The default declares nothing, and takes
/// nothing away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// The operating system's permission to read a position.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub location: Declared<LocationPermission>,
    /// The operating system's permission to scan for beacons.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub bluetooth: Declared<Permission>,
    /// The operating system's permission to notify.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub notifications: Declared<Permission>,
    /// App Tracking Transparency.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub att: Declared<AttStatus>,
    /// Global Privacy Control. It has one value: an absent signal is no signal, and says neither
    /// yes nor no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gpc: bool,
    /// The TC string that the app's consent banner keeps (`IABTCF_TCString`), where the host says
    /// that the GDPR applies.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub tcf: Declared<String>,
    /// The id under which the retailer stands in the Global Vendor List, for `tcf` and for that
    /// part of `gpp`. Without one the consents for purposes count alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcf_vendor: Option<u16>,
    /// The GPP string that the app's consent banner keeps (`IABGPP_HDR_GppString`).
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub gpp: Declared<String>,
    /// What is known of the shopper's age.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub age: Declared<Age>,
    /// Whose law applies.
    #[serde(skip_serializing_if = "Declared::is_never")]
    pub region: Declared<Region>,
}

impl Signals {
    /// All of it declared, and none of it to be read: everything that a signal can take away is a no.
    pub fn unreadable() -> Self {
        Self {
            location: Declared::Unset,
            bluetooth: Declared::Unset,
            notifications: Declared::Unset,
            att: Declared::Unset,
            gpc: true,
            tcf: Declared::Unset,
            tcf_vendor: None,
            gpp: Declared::Unset,
            age: Declared::Unset,
            region: Declared::Unset,
        }
    }

    /// The purposes that are a no, whatever the shopper granted.
    ///
    /// Reads the strings anew, which takes at most 2 ms each and a few microseconds as a rule: keep
    /// the answer until something is declared again.
    pub fn lowered(&self) -> PurposeSet {
        self.each().into_iter().fold(PurposeSet::EMPTY, |all, (_, lowered)| all.union(lowered))
    }

    /// Which signals make `kind` a no; empty when none does. Costs what [`Signals::lowered`] costs.
    pub fn reasons(&self, kind: PurposeKind) -> Vec<Overlay> {
        self.each().into_iter().filter(|(_, lowered)| lowered.contains(kind)).map(|(overlay, _)| overlay).collect()
    }

    /// What each signal takes away.
    pub fn each(&self) -> [(Overlay, PurposeSet); 9] {
        let [tcf, gpp, region] = self.strings();
        [
            (Overlay::Location, self.location.lowered(LocationPermission::None.lowered(), |it| it.lowered())),
            (Overlay::Bluetooth, without(&self.bluetooth, PurposeKind::Beacons)),
            (Overlay::Notifications, without(&self.notifications, PurposeKind::Notifications)),
            (Overlay::Att, self.att.lowered(touched::SALE, |status| status.lowered())),
            (Overlay::Gpc, if self.gpc { touched::TARGETING } else { PurposeSet::EMPTY }),
            (Overlay::Tcf, tcf),
            (Overlay::Gpp, gpp),
            (Overlay::Age, self.age.lowered(touched::CHILD, |age| age.lowered())),
            (Overlay::Region, region),
        ]
    }

    /// What the TC string, the GPP string and the region take away.
    ///
    /// The region says which strings are expected. One that it does not know may be unset; and
    /// where the law asks for a section, a GPP string without it does not speak for the shopper.
    fn strings(&self) -> [PurposeSet; 3] {
        let (eea, us, other) = match self.region {
            Declared::Is(region) => (region == Region::Eea, region == Region::Us, region == Region::Other),
            Declared::Never | Declared::Unset => (false, false, false),
        };
        let nothing = PurposeSet::EMPTY;
        let tcf_unset = if us || other { nothing } else { touched::TCF };
        let tcf = self.tcf.lowered(tcf_unset, |text| {
            TcString::decode(text).map_or(touched::TCF, |read| read.lowered(self.tcf_vendor))
        });
        let gpp_unset = if other || (eea && !self.tcf.is_never()) { nothing } else { touched::TCF };
        let mut silent = nothing;
        let gpp = self.gpp.lowered(gpp_unset, |text| match GppString::decode(text) {
            Ok(read) => {
                if eea && self.tcf.is_never() && !read.speaks_for_the_eea() {
                    silent = touched::TCF;
                } else if us && !read.speaks_for_the_us() {
                    silent = touched::US;
                }
                read.lowered(self.tcf_vendor)
            }
            Err(_) => touched::TCF,
        });
        let region = self.region.lowered(touched::TCF, |_| silent);
        [tcf, gpp, region]
    }
}

/// A permission that is not granted takes away what needs it.
fn without(permission: &Declared<Permission>, kind: PurposeKind) -> PurposeSet {
    let all = PurposeSet::of(&[kind]);
    permission.lowered(all, |permission| if *permission == Permission::Granted { PurposeSet::EMPTY } else { all })
}
