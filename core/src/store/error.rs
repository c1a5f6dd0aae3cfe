//! What can go wrong with the store, and what a caller hears of it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::diagnostics::AsideCause;
use crate::error::Error;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{0} is open in another process or handle")]
    InUse(PathBuf),
    #[error("{path}: {why}")]
    Folder { path: PathBuf, why: String },
    #[error("SQLite {found} is too old: 3.51.3 or newer is needed")]
    OldSqlite { found: &'static str },
    #[error("{what}: {source}")]
    Sql { what: &'static str, source: rusqlite::Error },
    #[error("the store is of schema {found}, and this version knows up to {known}")]
    Newer { found: i64, known: i64 },
    #[error("{what} holds what this version cannot read: {why}")]
    Content { what: &'static str, why: String },
}

impl StoreError {
    pub(super) fn folder(path: &Path, error: &std::io::Error) -> Self {
        Self::Folder { path: path.to_path_buf(), why: error.to_string() }
    }

    pub(super) fn sql(what: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sql { what, source }
    }

    /// The file itself is broken, as opposed to the disk being full or the call being wrong.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Sql { source, .. } if matches!(
            source.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )) || self.is_unreadable()
    }

    /// Why the file cannot be used and another one is to take its place; `None` when it is not the file's fault.
    pub(super) fn unusable(&self) -> Option<AsideCause> {
        if self.is_damage() {
            Some(AsideCause::Damaged)
        } else {
            matches!(self, Self::Newer { .. }).then_some(AsideCause::Newer)
        }
    }

    /// A value is not of the type that this code writes in its place.
    pub(super) fn is_unreadable(&self) -> bool {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        let Self::Sql { source, .. } = self else { return false };
        matches!(
            source,
            InvalidColumnType(..) | FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | Utf8Error(..)
        )
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InUse(_) => Self::Unavailable { why: error.to_string(), retry_after: None },
            StoreError::Folder { .. }
            | StoreError::OldSqlite { .. }
            | StoreError::Sql { .. }
            | StoreError::Newer { .. }
            | StoreError::Content { .. } => Self::storage(error.to_string()),
        }
    }
}
