//! What can go wrong with the ring, and what it is called above.

use std::io;

use super::layout::MAX_PAYLOAD;
use crate::error::Error;

/// Why the ring could not be opened, or did not take a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// The handle was closed, or this is a child forked from the process that opened it.
    #[error("the ring is closed")]
    Sealed,
    /// No room until the engine has committed more; nothing was kept, and it was counted.
    #[error("the ring is full")]
    Full,
    /// The record is longer than [`MAX_PAYLOAD`]; nothing was kept.
    #[error("a record of {0} bytes; at most {MAX_PAYLOAD} are taken")]
    TooLarge(usize),
    /// The disk has no room for the file.
    #[error("no space for the ring's 4 MiB")]
    NoSpace,
    /// The folder or the file is not ours to write.
    #[error("no permission to {0} the ring's file")]
    Permission(&'static str),
    /// A folder, a device or a pipe stands in the file's place.
    #[error("the ring's path is not a regular file")]
    NotAFile,
    /// Anything else that the system said.
    #[error("could not {step} the ring's file: {why}")]
    Io {
        /// What was being done.
        step: &'static str,
        /// The system's words.
        why: String,
    },
}

impl RingError {
    pub(super) fn from_io(step: &'static str, e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Permission(step),
            _ => Self::Io { step, why: e.to_string() },
        }
    }
}

impl From<RingError> for Error {
    fn from(e: RingError) -> Self {
        match e {
            RingError::Sealed => Self::Closed,
            RingError::Full => Self::Busy,
            RingError::TooLarge(_) => Self::invalid("event", e.to_string()),
            RingError::NoSpace | RingError::Permission(_) | RingError::NotAFile | RingError::Io { .. } => {
                Self::storage(e.to_string())
            }
        }
    }
}
