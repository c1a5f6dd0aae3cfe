//! Opening the two files, whatever state they are in.

use std::path::Path;

use rusqlite::Connection;

use super::aside::Remembered;
use super::file::{self, MAIN, OFFERS};
use super::transaction::Tail;
use super::{MAIN_FILE, OFFERS_FILE, StoreError, account, aside, repair, sound};
use crate::diagnostics::{AsideCause, Database, SetAside};

/// SQLite before this version can lose data in WAL mode when a checkpoint meets a reset
/// (fixed in 3.51.3, see its release notes).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The two database files. Owned by the engine's thread.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) main: Connection,
    pub(super) offers: Connection,
    pub(super) tail: Tail,
    /// Files that were set aside just now, by name; [`Store::set_aside`] has the earlier ones too.
    pub(crate) found_unusable: Vec<String>,
}

impl Store {
    /// Opens or makes both files in `folder`.
    ///
    /// A damaged file is renamed to `….damaged-N`, and a new one takes its place: what can still
    /// be read of the old is carried over first, so that at any moment one of the two stands there and
    /// a process that dies in between loses nothing. A file that a newer version wrote is used where that
    /// version says that this one can; else it is renamed to `….newer-N`, untouched, and a new one
    /// takes its place: an app that went back a version must work. Nothing opens that file again by itself; it goes
    /// with the next withdrawal, signing out or erasure. What was set aside is remembered in the main file, with the time `now_ms`.
    ///
    /// `vfs` names the SQLite file system to use instead of the platform's: the simulation's.
    pub(crate) fn open(folder: &Path, vfs: Option<&str>, now_ms: i64) -> Result<Self, StoreError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::OldSqlite { found: rusqlite::version() });
        }
        let path = folder.join(MAIN_FILE);
        let mut found_unusable: Vec<String> = repair::resume(&path, vfs)?.iter().map(|put| aside::name(put)).collect();
        let sound = |main: Connection| sound::check(&main).map(|()| main);
        let main = match file::open(&path, &MAIN, vfs).and_then(sound) {
            Ok(connection) => connection,
            Err(error) => {
                let cause = error.unusable().ok_or(error)?;
                found_unusable.push(aside::name(&repair::replace(&path, cause, vfs, now_ms, &mut |_| Ok(()))?));
                file::open(&path, &MAIN, vfs)?
            }
        };
        let path = folder.join(OFFERS_FILE);
        let offers = match file::open(&path, &OFFERS, vfs) {
            Ok(connection) => connection,
            Err(error) => {
                let cause = error.unusable().ok_or(error)?;
                // Nothing to carry over: the next refresh brings all of it again.
                found_unusable.push(put_away(&main, &path, cause, now_ms)?);
                file::open(&path, &OFFERS, vfs)?
            }
        };
        aside::settle(&main, folder)?;
        let mut store = Self { main, offers, tail: Tail::default(), found_unusable };
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

/// Puts the offers' file out of the way; answers how it is called now. What `main` remembers of it comes first: a process
/// that dies in between does the same again, under the same name.
fn put_away(main: &Connection, path: &Path, cause: AsideCause, now_ms: i64) -> Result<String, StoreError> {
    let earlier = aside::remembered(main)?;
    let put = aside::place(path, cause, &earlier);
    let file = aside::name(&put);
    let told = SetAside { file: file.clone(), database: Database::Offers, cause, at_ms: now_ms, carried: None };
    let durability = StoreError::sql("durability");
    main.pragma_update(None, "synchronous", "FULL").map_err(&durability)?;
    aside::remember(main, earlier, Remembered { told, is_to_move: true })?;
    main.pragma_update(None, "synchronous", "NORMAL").map_err(&durability)?;
    file::move_away(path, &put)?;
    Ok(file)
}

/// SQLite's own version, for diagnostics.
pub(crate) fn sqlite_version() -> &'static str {
    rusqlite::version()
}
