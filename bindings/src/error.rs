//! The errors that cross: the core's eight, each a next step for the caller.

use std::time::Duration;

use patron_core::Error;
use patron_core::consent::Purpose;

/// What a call can fail with.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PatronError {
    /// Correct `what` and call again; nothing was changed.
    #[error("invalid {what}: {why}")]
    InvalidInput {
        /// The argument, or the place in the input.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Ask the shopper, or do without.
    #[error("not permitted: the shopper has not granted {purpose}")]
    NotPermitted {
        /// The purpose that is missing.
        purpose: Purpose,
    },
    /// Try again shortly.
    #[error("busy")]
    Busy,
    /// Try again later.
    #[error("unavailable: {why}")]
    Unavailable {
        /// What is not to be had, in words.
        why: String,
        /// When trying again makes sense, where that is known.
        retry_after: Option<Duration>,
    },
    /// The device's storage failed; what was stored is kept.
    #[error("storage: {why}")]
    Storage {
        /// What failed, and where.
        why: String,
    },
    /// The ledger of the shopper's decisions was changed, or cut short.
    #[error("the consent ledger does not hold: {why}")]
    Tampered {
        /// What was found, and where.
        why: String,
    },
    /// Sign out first.
    #[error("another shopper is signed in: sign out first")]
    AnotherShopper,
    /// Open a new handle.
    #[error("closed")]
    Closed,
}

impl From<Error> for PatronError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidInput { what, why } => Self::InvalidInput { what, why },
            Error::NotPermitted { purpose } => Self::NotPermitted { purpose },
            Error::Busy => Self::Busy,
            Error::Unavailable { why, retry_after } => Self::Unavailable { why, retry_after },
            Error::Storage { why } => Self::Storage { why },
            Error::Tampered { why } => Self::Tampered { why },
            Error::AnotherShopper => Self::AnotherShopper,
            Error::Closed => Self::Closed,
        }
    }
}
