//! One database file: its schema, its pragmas, and whether it can be used.

use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// A database file's schemas, the first one first: each makes its version out of the one before.
pub(super) struct Schema {
    versions: &'static [&'static str],
}

/// Consent, the event queue, visits, and what sync must remember.
pub(super) const MAIN: Schema = Schema {
    versions: &[
        include_str!("schema/main_0001.sql"),
        include_str!("schema/main_0002.sql"),
        include_str!("schema/main_0003.sql"),
        include_str!("schema/main_0004.sql"),
    ],
};

/// The offer catalogue.
pub(super) const OFFERS: Schema =
    Schema { versions: &[include_str!("schema/offers_0001.sql"), include_str!("schema/offers_0002.sql")] };

impl Schema {
    /// The version that this code writes, kept in `user_version`.
    fn newest(&self) -> i64 {
        self.versions.len() as i64
    }
}

/// Opens or makes `path`, and brings it to the newest schema.
pub(super) fn open(path: &Path, schema: &Schema, vfs: Option<&str>) -> Result<Connection, StoreError> {
    let sql = StoreError::sql("open");
    make_private(path)?;
    let mut connection = connect(path, vfs)?;
    connection.set_prepared_statement_cache_capacity(48);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(&sql)?;
    if version == 0 {
        // Must stand before the first table does.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(&sql)?;
        // The file is begun under a rollback journal, once. With less than this its removal is not
        // synced, and a journal that comes back after a power loss would undo the file with all
        // that was committed to the log since.
        connection.pragma_update(None, "synchronous", "EXTRA").map_err(&sql)?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(&sql)?;
    // FAST leaves bytes of what was deleted in pages that stay: the simulation finds them. Where no page stays, a
    // withdrawal is spared most of its writing by it.
    connection
        .execute_batch(
            "PRAGMA synchronous = NORMAL;
             PRAGMA secure_delete = ON;
             PRAGMA fullfsync = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;
             PRAGMA cache_size = -1024;
             PRAGMA wal_autocheckpoint = 0;",
        )
        .map_err(&sql)?;
    if version > 0 {
        check(&connection).map_err(&sql)?;
    }
    if version > schema.newest() && !is_readable(&connection, schema)? {
        return Err(StoreError::Newer { found: version, known: schema.newest() });
    }
    migrate(&mut connection, schema, version)?;
    Ok(connection)
}

/// A connection to whatever is at `path`, which nothing has been read of.
pub(super) fn connect(path: &Path, vfs: Option<&str>) -> Result<Connection, StoreError> {
    let sql = StoreError::sql("open");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        None => Connection::open_with_flags(path, flags),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
    };
    let connection = connection.map_err(&sql)?;
    // The lock file keeps others out, so no lock is taken for each transaction, and the index of
    // the log needs no shared memory: it lies on the heap. Must be said before the log is opened.
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(())).map_err(&sql)?;
    Ok(connection)
}

/// A damaged file opens well and fails on the first page that matters; find out now.
///
/// A check says in words what it found, and tells a page that is broken from one that the disk
/// would not give today by no more than that. So a file that does not pass is read into memory,
/// where the disk's refusal is an error of its own, and its copy decides.
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

/// Whether the newer version that wrote the file says that this one can work with it.
fn is_readable(connection: &Connection, schema: &Schema) -> Result<bool, StoreError> {
    let has_meta: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'meta')", [], |row| row.get(0))
        .map_err(StoreError::sql("open"))?;
    let from: Option<i64> = if has_meta { super::meta::get(connection, "readable_from")? } else { None };
    Ok(from.is_some_and(|from| from <= schema.newest()))
}

/// All or nothing, and safe from a loss of power: a store is of one version at any time.
fn migrate(connection: &mut Connection, schema: &Schema, version: i64) -> Result<(), StoreError> {
    let sql = StoreError::sql("schema");
    let due = schema.versions.get(version.max(0) as usize..).unwrap_or_default();
    if due.is_empty() {
        return Ok(());
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(&sql)?;
    let transaction = connection.transaction().map_err(&sql)?;
    for step in due {
        transaction.execute_batch(step).map_err(&sql)?;
    }
    transaction.pragma_update(None, "user_version", schema.newest()).map_err(&sql)?;
    transaction.commit().map_err(&sql)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(&sql)
}

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

/// Renames a database and its log. The log goes first: without its database it is nothing, and beside another one it
/// would be taken for that one's.
pub(super) fn move_away(path: &Path, aside: &Path) -> Result<(), StoreError> {
    for log in ["-wal", "-shm"] {
        let (from, to) = (beside(path, log), beside(aside, log));
        if from.exists() && to.exists() {
            // A process died behind the first rename; nobody has written to this one since.
            std::fs::remove_file(&from).map_err(|e| StoreError::folder(&from, &e))?;
        } else if from.exists() {
            std::fs::rename(&from, &to).map_err(|e| StoreError::folder(&from, &e))?;
        }
    }
    std::fs::rename(path, aside).map_err(|e| StoreError::folder(path, &e))?;
    sync_folder(path);
    Ok(())
}

/// `path` with `suffix` behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// Renames survive a loss of power in their order, where the platform can say so.
pub(super) fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent().and_then(|folder| std::fs::File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = path;
}
