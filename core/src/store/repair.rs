//! Puts a new main file in the place of a damaged one, so that a process may die at any moment of it.
//!
//! What of the old can be read is [`super::salvage`]'s to say. The new file is made under another
//! name and gets its place only when it is whole and on the disk; a file under [`WHOLE`] is the mark
//! that this is so, and whoever finds one goes on from there.

use std::path::{Path, PathBuf};

use super::file::{self, MAIN};
use super::{StoreError, salvage};

/// Being made: of no use to anyone but the process that makes it.
const UNFINISHED: &str = ".salvaging";

/// Holds all that could be carried over.
const WHOLE: &str = ".salvaged";

/// How far a replacement has come, for tests that stop it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The new file is made, and nothing is in it.
    Made,
    /// All is carried over, into the log.
    CarriedOver,
    /// It is on the disk under its first name.
    OnDisk,
    /// It is marked as whole.
    Whole,
    /// The damaged file is out of the way, and no file is in its place.
    Moved,
}

impl Step {
    #[cfg(test)]
    const ALL: [Self; 5] = [Self::Made, Self::CarriedOver, Self::OnDisk, Self::Whole, Self::Moved];
}

/// Called behind each step; an error ends the replacement there.
type Pause<'a> = &'a mut dyn FnMut(Step) -> Result<(), StoreError>;

/// Goes on with what a process that died has left; answers where the damaged file was put, if one was.
pub(super) fn resume(path: &Path) -> Result<Option<PathBuf>, StoreError> {
    remove(&file::beside(path, UNFINISHED))?;
    if file::beside(path, WHOLE).exists() { finish(path, &mut |_| Ok(())).map(Some) } else { Ok(None) }
}

/// Makes a new file out of what can be read of the damaged one at `path`, and puts it there; answers
/// where the damaged one was put.
pub(super) fn replace(path: &Path, vfs: Option<&str>, pause: Pause<'_>) -> Result<PathBuf, StoreError> {
    let unfinished = file::beside(path, UNFINISHED);
    remove(&unfinished)?;
    let mut fresh = file::open(&unfinished, &MAIN, vfs)?;
    pause(Step::Made)?;
    salvage::carry_over(path, &mut fresh)?;
    pause(Step::CarriedOver)?;
    let sql = StoreError::sql("salvage");
    fresh.pragma_update(None, "synchronous", "FULL").map_err(&sql)?;
    // Busy, and the frames in the log: none may be left there.
    let folded = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == 0);
    if !fresh.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], folded).map_err(&sql)? {
        return Err(StoreError::Content { what: "salvage", why: "the log does not fold into its file".to_owned() });
    }
    fresh.close().map_err(|(_, error)| sql(error))?;
    pause(Step::OnDisk)?;
    rename(&unfinished, &file::beside(path, WHOLE))?;
    pause(Step::Whole)?;
    finish(path, pause)
}

/// The whole file gets its place.
fn finish(path: &Path, pause: Pause<'_>) -> Result<PathBuf, StoreError> {
    let aside = if path.exists() { Some(file::move_away(path, "damaged")?) } else { file::moved_away(path, "damaged") };
    pause(Step::Moved)?;
    rename(&file::beside(path, WHOLE), path)?;
    Ok(aside.unwrap_or_else(|| path.to_owned()))
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|e| StoreError::folder(from, &e))?;
    file::sync_folder(to);
    Ok(())
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for name in ["", "-wal", "-shm", "-journal"].map(|log| file::beside(path, log)) {
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::folder(&name, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "repair_tests.rs"]
mod tests;
