//! What the host declares of the world outside Patron, as it crosses: an enum for each signal, whose
//! first two cases say that it was never declared, or is declared and has no value.

use patron_core::consent::signal::{self, Age, AttStatus, Declared, LocationPermission, Permission, Region};

/// Everything at once; see `patron_core::consent::signal::Signals`.
#[derive(uniffi::Record)]
pub struct Signals {
    /// The operating system's permission to read a position.
    pub location: LocationSignal,
    /// The operating system's permission to scan for beacons.
    pub bluetooth: PermissionSignal,
    /// The operating system's permission to notify.
    pub notifications: PermissionSignal,
    /// App Tracking Transparency.
    pub att: AttSignal,
    /// Global Privacy Control.
    pub gpc: bool,
    /// The TC string that the app's consent banner keeps.
    pub tcf: StringSignal,
    /// The retailer's id in the Global Vendor List.
    pub tcf_vendor: Option<u16>,
    /// The GPP string that the app's consent banner keeps.
    pub gpp: StringSignal,
    /// What is known of the shopper's age.
    pub age: AgeSignal,
    /// Whose law applies.
    pub region: RegionSignal,
}

macro_rules! signal {
    ($(#[$doc:meta])* $name:ident of $core:ty { $($(#[$case_doc:meta])* $case:ident = $value:path,)* }) => {
        $(#[$doc])*
        #[derive(uniffi::Enum)]
        pub enum $name {
            /// It plays no part.
            NotDeclared,
            /// It applies and has no value: all that it speaks of is a no.
            Unset,
            $($(#[$case_doc])* $case,)*
        }

        impl From<$name> for Declared<$core> {
            fn from(signal: $name) -> Self {
                match signal {
                    $name::NotDeclared => Self::Never,
                    $name::Unset => Self::Unset,
                    $($name::$case => Self::Is($value),)*
                }
            }
        }

        impl From<Declared<$core>> for $name {
            fn from(signal: Declared<$core>) -> Self {
                match signal {
                    Declared::Never => Self::NotDeclared,
                    Declared::Unset => Self::Unset,
                    $(Declared::Is($value) => Self::$case,)*
                }
            }
        }
    };
}

signal! {
    /// What the operating system lets the app read of a position.
    LocationSignal of LocationPermission {
        /// Nothing.
        Refused = LocationPermission::None,
        /// An approximate one.
        Coarse = LocationPermission::Coarse,
        /// An exact one.
        Precise = LocationPermission::Precise,
    }
}

signal! {
    /// A permission of the operating system.
    PermissionSignal of Permission {
        /// No.
        Denied = Permission::Denied,
        /// Yes.
        Granted = Permission::Granted,
    }
}

signal! {
    /// App Tracking Transparency, as the app read it.
    AttSignal of AttStatus {
        /// Not asked yet.
        NotDetermined = AttStatus::NotDetermined,
        /// May not be asked.
        Restricted = AttStatus::Restricted,
        /// Refused.
        Denied = AttStatus::Denied,
        /// Allowed.
        Authorized = AttStatus::Authorized,
    }
}

signal! {
    /// What is known of the shopper's age.
    AgeSignal of Age {
        /// Nothing.
        Unknown = Age::Unknown,
        /// Below the age at which the law lets the shopper decide alone.
        Child = Age::Child,
        /// Of that age.
        Adult = Age::Adult,
    }
}

signal! {
    /// Whose law the shopper is under.
    RegionSignal of Region {
        /// The European Economic Area, the United Kingdom or Switzerland.
        Eea = Region::Eea,
        /// A state of the United States.
        Us = Region::Us,
        /// Elsewhere.
        Other = Region::Other,
    }
}

/// A string that the app's consent banner keeps.
#[derive(uniffi::Enum)]
pub enum StringSignal {
    /// It plays no part.
    NotDeclared,
    /// It applies, and there is none.
    Unset,
    /// This one.
    Text {
        /// As the banner keeps it.
        value: String,
    },
}

impl From<StringSignal> for Declared<String> {
    fn from(signal: StringSignal) -> Self {
        match signal {
            StringSignal::NotDeclared => Self::Never,
            StringSignal::Unset => Self::Unset,
            StringSignal::Text { value } => Self::Is(value),
        }
    }
}

impl From<Declared<String>> for StringSignal {
    fn from(signal: Declared<String>) -> Self {
        match signal {
            Declared::Never => Self::NotDeclared,
            Declared::Unset => Self::Unset,
            Declared::Is(value) => Self::Text { value },
        }
    }
}

impl From<Signals> for signal::Signals {
    fn from(signals: Signals) -> Self {
        Self {
            location: signals.location.into(),
            bluetooth: signals.bluetooth.into(),
            notifications: signals.notifications.into(),
            att: signals.att.into(),
            gpc: signals.gpc,
            tcf: signals.tcf.into(),
            tcf_vendor: signals.tcf_vendor,
            gpp: signals.gpp.into(),
            age: signals.age.into(),
            region: signals.region.into(),
        }
    }
}

impl From<signal::Signals> for Signals {
    fn from(signals: signal::Signals) -> Self {
        Self {
            location: signals.location.into(),
            bluetooth: signals.bluetooth.into(),
            notifications: signals.notifications.into(),
            att: signals.att.into(),
            gpc: signals.gpc,
            tcf: signals.tcf.into(),
            tcf_vendor: signals.tcf_vendor,
            gpp: signals.gpp.into(),
            age: signals.age.into(),
            region: signals.region.into(),
        }
    }
}
