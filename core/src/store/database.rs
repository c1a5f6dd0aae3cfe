//! Opening the two files: versions, pragmas, and what to do about a file that is damaged.

use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::{MAIN_FILE, OFFERS_FILE};
use crate::error::Error;

/// SQLite before this version can lose data in WAL mode when a checkpoint meets a reset
/// (fixed in 3.51.3, see its release notes).
const OLDEST_SQLITE: i32 = 3_051_003;

const MAIN_SCHEMA: &str = include_str!("schema/main_0001.sql");
const OFFERS_SCHEMA: &str = include_str!("schema/offers_0001.sql");

/// The schema that this version writes, kept in `user_version`.
const SCHEMA_VERSION: i64 = 1;

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
    fn is_damage(&self) -> bool {
        matches!(self, Self::Sql { source, .. } if matches!(
            source.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InUse(_) => Self::Unavailable { why: error.to_string(), retry_after: None },
            StoreError::Folder { .. }
            | StoreError::OldSqlite { .. }
            | StoreError::Sql { .. }
            | StoreError::Content { .. } => Self::storage(error.to_string()),
        }
    }
}

/// How a commit treats a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Survives the death of the process; a power failure may take the last moments.
    Normal,
    /// Survives a power failure: what the shopper decided.
    Full,
}

/// The two database files. Owned by the engine's thread.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) main: Connection,
    pub(super) offers: Connection,
    /// Files that were found damaged, and where they were put.
    pub(crate) set_aside: Vec<PathBuf>,
}

impl Store {
    /// Opens or makes both files in `folder`.
    ///
    /// A damaged file is renamed to `….damaged-N`, and a new one takes its place: what can still
    /// be read of the old is carried over. A file that a newer version wrote is left untouched,
    /// and opening fails with words: guessing at it could lose what the newer one needs.
    ///
    /// `vfs` names the SQLite file system to use instead of the platform's: the simulation's.
    pub(crate) fn open(folder: &Path, vfs: Option<&str>) -> Result<Self, StoreError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::OldSqlite { found: rusqlite::version() });
        }
        let mut set_aside = Vec::new();
        let main_path = folder.join(MAIN_FILE);
        let main = match open_file(&main_path, MAIN_SCHEMA, vfs) {
            Ok(connection) => connection,
            Err(error) if error.is_damage() => {
                let old = move_away(&main_path)?;
                let fresh = open_file(&main_path, MAIN_SCHEMA, vfs)?;
                let same_person = super::consents::salvage(&old, &fresh)?;
                super::events::salvage(&old, &fresh, same_person)?;
                set_aside.push(old);
                fresh
            }
            Err(error) => return Err(error),
        };
        let offers_path = folder.join(OFFERS_FILE);
        let offers = match open_file(&offers_path, OFFERS_SCHEMA, vfs) {
            Ok(connection) => connection,
            // Nothing to salvage: the next refresh brings all of it again.
            Err(error) if error.is_damage() => {
                set_aside.push(move_away(&offers_path)?);
                open_file(&offers_path, OFFERS_SCHEMA, vfs)?
            }
            Err(error) => return Err(error),
        };
        Ok(Self { main, offers, set_aside })
    }

    /// Runs `work` in one transaction of the main file.
    ///
    /// Full durability is switched on for this commit alone: the one fsync of a decision must not
    /// become the price of every event.
    pub(crate) fn transact<T>(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if durability == Durability::Full {
            self.main.pragma_update(None, "synchronous", "FULL").map_err(StoreError::sql("durability"))?;
        }
        let done = (|| {
            let transaction = self
                .main
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StoreError::sql("begin"))?;
            let result = work(&transaction)?;
            transaction.commit().map_err(StoreError::sql("commit"))?;
            Ok(result)
        })();
        if durability == Durability::Full {
            self.main.pragma_update(None, "synchronous", "NORMAL").map_err(StoreError::sql("durability"))?;
        }
        done
    }

    /// Leaves no byte of what was deleted: the log is folded into the file and cut to nothing.
    pub(crate) fn scrub(&self) -> Result<(), StoreError> {
        self.main
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .and_then(|()| {
                let mut vacuum = self.main.prepare("PRAGMA incremental_vacuum")?;
                let mut rows = vacuum.query([])?;
                while rows.next()?.is_some() {}
                Ok(())
            })
            .map_err(StoreError::sql("scrub"))
    }
}

/// SQLite's own version, for diagnostics.
pub(crate) fn sqlite_version() -> &'static str {
    rusqlite::version()
}

fn open_file(path: &Path, schema: &str, vfs: Option<&str>) -> Result<Connection, StoreError> {
    let sql = StoreError::sql("open");
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        None => Connection::open_with_flags(path, flags),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
    };
    let connection = connection.map_err(&sql)?;
    // The lock file keeps others out, so no lock is taken for each transaction, and the index of
    // the log needs no shared memory: it lies on the heap. Must be said before the log is opened.
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(())).map_err(&sql)?;
    connection.set_prepared_statement_cache_capacity(32);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(&sql)?;
    if version > SCHEMA_VERSION {
        return Err(StoreError::Content {
            what: "the store",
            why: format!("schema {version} of a newer Patron; this one writes {SCHEMA_VERSION}"),
        });
    }
    if version == 0 {
        // Must stand before the first table does.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(&sql)?;
        // The file is begun under a rollback journal, once. With less than this its removal is not
        // synced, and a journal that comes back after a power loss would undo the file with all
        // that was committed to the log since.
        connection.pragma_update(None, "synchronous", "EXTRA").map_err(&sql)?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(&sql)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = NORMAL;
             PRAGMA secure_delete = ON;
             PRAGMA fullfsync = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;
             PRAGMA cache_size = -1024;
             PRAGMA wal_autocheckpoint = 256;",
        )
        .map_err(&sql)?;
    if version == 0 {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))
            .map_err(&sql)?;
    } else {
        // A damaged file opens well and fails on the first page that matters; find out now.
        check(&connection).map_err(&sql)?;
    }
    Ok(connection)
}

/// Whether the file is whole. A check says in words what it found, and tells a page that is broken
/// from one that the disk would not give today by no more than that. So a file that does not pass is
/// read into memory, where the disk's refusal is an error of its own, and its copy decides.
fn check(connection: &Connection) -> rusqlite::Result<()> {
    let found = |db: &Connection| db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    if found(connection)? == "ok" {
        return Ok(());
    }
    let mut copy = Connection::open_in_memory()?;
    Backup::new(connection, &mut copy)?.step(ALL_PAGES)?;
    let found = found(&copy)?;
    if found == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(corrupt, Some(found)))
}

/// SQLite's way to say that a copy is made in one go.
const ALL_PAGES: i32 = -1;

/// SQLite makes its files readable by the group; the shopper's are the app's alone.
fn make_private(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| StoreError::folder(path, &e))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Renames a damaged database and its log; the first free number wins.
fn move_away(path: &Path) -> Result<PathBuf, StoreError> {
    let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let aside = (1..)
        .map(|n| with(&format!(".damaged-{n}")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| with(".damaged"));
    std::fs::rename(path, &aside).map_err(|e| StoreError::folder(path, &e))?;
    for log in ["-wal", "-shm"] {
        let from = with(log);
        if from.exists() {
            let to = PathBuf::from(format!("{}{log}", aside.display()));
            std::fs::rename(&from, &to).map_err(|e| StoreError::folder(&from, &e))?;
        }
    }
    Ok(aside)
}
