//! The errors that leave Patron: few, and each names the caller's next step.
//!
//! Inside, every folder has an error of its own; the conversions into [`Error`] stand beside
//! those types, so that adding a variant inside fails to compile until someone has decided what a
//! caller should do about it.

use std::time::Duration;

use crate::consent::{LedgerError, Purpose};

/// What a call on [`crate::Patron`] can fail with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's input was refused; nothing was changed. Correct `what` and call again.
    #[error("invalid {what}: {why}")]
    InvalidInput {
        /// The argument or the place in the input, for example `fix.latitude` or `offers[3].schedule`.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The shopper has not consented. Ask, or do without; never retry in a loop.
    #[error("not permitted: the shopper has not granted {purpose}")]
    NotPermitted {
        /// The purpose that is missing.
        purpose: Purpose,
    },
    /// Too much at once: the hand-over to the engine is full. Try again shortly.
    #[error("busy: more work is queued than the engine takes; try again shortly")]
    Busy,
    /// Something outside is not to be had now: the network, the backend, the store's lock.
    #[error("unavailable: {why}")]
    Unavailable {
        /// What, in words.
        why: String,
        /// When trying again makes sense, where that is known.
        retry_after: Option<Duration>,
    },
    /// The device's storage failed; what was stored before is kept.
    #[error("storage: {why}")]
    Storage {
        /// What failed, and where.
        why: String,
    },
    /// The ledger of the shopper's decisions does not hold: it was changed, or cut short. What is
    /// allowed stands as it is stored; the shopper, and whoever asks for proof, should know.
    #[error("the consent ledger does not hold: {why}")]
    Tampered {
        /// What was found, and where.
        why: String,
    },
    /// Another shopper is signed in, and one does not become the other. [`crate::Patron::sign_out`] first, which leaves
    /// nothing of the one to the next; nothing was changed.
    #[error("another shopper is signed in: sign out first")]
    AnotherShopper,
    /// The handle was closed. Open a new one.
    #[error("closed")]
    Closed,
}

impl Error {
    /// Shorthand for [`Error::InvalidInput`].
    pub fn invalid(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::InvalidInput { what: what.into(), why: why.into() }
    }

    /// Shorthand for [`Error::Storage`].
    pub fn storage(why: impl Into<String>) -> Self {
        Self::Storage { why: why.into() }
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        Self::Tampered { why: error.to_string() }
    }
}
