//! Opening the two files, whatever state they are in.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::file::{self, MAIN, OFFERS};
use super::transaction::Tail;
use super::{MAIN_FILE, OFFERS_FILE, StoreError, account, repair, sound};

/// SQLite before this version can lose data in WAL mode when a checkpoint meets a reset
/// (fixed in 3.51.3, see its release notes).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The two database files. Owned by the engine's thread.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) main: Connection,
    pub(super) offers: Connection,
    pub(super) tail: Tail,
    /// Files that could not be used, and where they were put.
    pub(crate) set_aside: Vec<PathBuf>,
}

impl Store {
    /// Opens or makes both files in `folder`.
    ///
    /// A damaged file is renamed to `….damaged-N`, and a new one takes its place: what can still
    /// be read of the old is carried over first, so that at any moment one of the two stands there and
    /// a process that dies in between loses nothing. A file that a newer version wrote is used where that
    /// version says that this one can; else it is renamed to `….newer-N`, untouched, and a new one
    /// takes its place: an app that went back a version must work, and the newer one finds its
    /// file when it returns.
    ///
    /// `vfs` names the SQLite file system to use instead of the platform's: the simulation's.
    pub(crate) fn open(folder: &Path, vfs: Option<&str>) -> Result<Self, StoreError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::OldSqlite { found: rusqlite::version() });
        }
        let path = folder.join(MAIN_FILE);
        let mut set_aside: Vec<PathBuf> = repair::resume(&path)?.into_iter().collect();
        let sound = |main: Connection| sound::check(&main).map(|()| main);
        let main = match file::open(&path, &MAIN, vfs).and_then(sound) {
            Ok(connection) => connection,
            Err(error) if error.is_damage() => {
                set_aside.push(repair::replace(&path, vfs, &mut |_| Ok(()))?);
                file::open(&path, &MAIN, vfs)?
            }
            Err(StoreError::Newer { .. }) => {
                set_aside.push(file::move_away(&path, "newer")?);
                file::open(&path, &MAIN, vfs)?
            }
            Err(error) => return Err(error),
        };
        let path = folder.join(OFFERS_FILE);
        let offers = match file::open(&path, &OFFERS, vfs) {
            Ok(connection) => connection,
            // Nothing to carry over: the next refresh brings all of it again.
            Err(error) if error.is_damage() || matches!(error, StoreError::Newer { .. }) => {
                set_aside.push(file::move_away(&path, if error.is_damage() { "damaged" } else { "newer" })?);
                file::open(&path, &OFFERS, vfs)?
            }
            Err(error) => return Err(error),
        };
        let mut store = Self { main, offers, tail: Tail::default(), set_aside };
        store.tail = store.read_tail()?;
        Ok(store)
    }

    pub(super) fn tail(&self) -> &Tail {
        &self.tail
    }

    fn read_tail(&self) -> Result<Tail, StoreError> {
        let counted = account::counted(&self.main)?;
        let last: i64 = self
            .main
            .query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))
            .map_err(StoreError::sql("queue"))?;
        Ok(Tail { last: last.max(counted), counted, backlog: self.count_backlog()?, run: None })
    }
}

/// SQLite's own version, for diagnostics.
pub(crate) fn sqlite_version() -> &'static str {
    rusqlite::version()
}
