//! Opening the data folder: the lock, the file, its schema.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::Reader;
use crate::{Error, OLDEST_SQLITE};

/// What each schema adds to the one before. A new database takes them all, so that it is what an old one becomes.
const SCHEMAS: [&str; 6] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
];

/// The newest schema that this build knows.
const SCHEMA: i64 = SCHEMAS.len() as i64;

/// The file that the demo and operators may read from outside.
const DATABASE: &str = "backend.db";
const LOCK: &str = "backend.lock";

/// Someone who counts rows from outside may hold the file for a moment.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// A group of full batches fits without spilling, and the ends of the indexes, where new ids go, stay in memory.
const CACHE_KIB: i64 = 32 * 1024;

/// Of 4 KiB. The pages that every commit touches are carried over once in 16 MiB of log, and a start after
/// a kill still reads the log in a moment.
const CHECKPOINT_PAGES: i64 = 4_096;

/// The database, ready to write, and the lock that makes this process the only one to do so.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) reader: Reader,
    pub(crate) file: PathBuf,
    /// Released by the system when the process ends, however it ends.
    pub(crate) lock: File,
}

/// Opens or creates the database in `data`.
pub(crate) fn open(data: &Path) -> Result<Opened, Error> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::OldSqlite { found: rusqlite::version() });
    }
    let lock = lock(data)?;
    let file = data.join(DATABASE);
    let failed = |why| Error::Database { file: file.clone(), why };
    make_private(&file).map_err(|why| Error::Data { data: data.to_owned(), why })?;
    let mut connection = Connection::open(&file).map_err(failed)?;
    configure(&connection).map_err(failed)?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    match usize::try_from(found).ok().and_then(|found| SCHEMAS.get(found..)) {
        Some([]) => {}
        Some(missing) => migrate(&mut connection, missing).map_err(failed)?,
        None => return Err(Error::NewerSchema { file: file.clone(), found, known: SCHEMA }),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reading = Connection::open_with_flags(&file, flags).map_err(failed)?;
    reading.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    Ok(Opened { connection, reader: Reader::new(reading), file, lock })
}

fn lock(data: &Path) -> Result<File, Error> {
    let failed = |why| Error::Data { data: data.to_owned(), why };
    create_private(data).map_err(failed)?;
    let lock = File::options().create(true).truncate(false).write(true).open(data.join(LOCK)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { data: data.to_owned() }),
        Err(TryLockError::Error(why)) => Err(failed(why)),
    }
}

/// What shoppers did is in there: a folder that we make is for its owner alone.
fn create_private(data: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data)
}

/// The keys of the tenants are in there as well: for its owner alone, in whatever folder it stands. What SQLite
/// makes beside it, it makes alike.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let opened = options.mode(0o600).open(file)?;
        let mode = opened.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            opened.set_permissions(std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    #[cfg(not(unix))]
    options.open(file)?;
    Ok(())
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// All of the missing schemas, or none of them.
fn migrate(connection: &mut Connection, missing: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for schema in missing {
        transaction.execute_batch(schema)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_refused_and_told_what_to_do() {
        let data = tempfile::tempdir().unwrap();
        let first = open(data.path()).unwrap();
        let second = open(data.path()).map(|_| ()).unwrap_err();
        assert!(matches!(second, Error::InUse { .. }), "{second}");
        drop(first);
        assert!(open(data.path()).is_ok());
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        open(data.path()).unwrap().connection.pragma_update(None, "user_version", 99).unwrap();
        let error = open(data.path()).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::NewerSchema { found: 99, .. }), "{error}");
    }

    #[test]
    fn a_file_that_is_no_database_is_named_and_left_alone() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join(DATABASE);
        std::fs::write(&file, "a shopping list, long enough to look like a header of something").unwrap();
        let error = open(data.path()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("backend.db") && error.contains("not a database"), "{error}");
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("a shopping list"));
    }
}
