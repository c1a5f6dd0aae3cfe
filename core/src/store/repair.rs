//! Puts a new main file in the place of one that cannot be used, so that a process may die at any moment of it.
//!
//! What of a damaged one can be read is [`super::salvage`]'s to say; of a newer version's nothing is read but which files were set
//! aside before. The new file is
//! made under another name, with what it is to remember of the old, and gets its place only when it is whole and on the
//! disk; a file under the name of [`whole`] is the mark that this is so, and whoever finds one goes on from there.

use std::path::{Path, PathBuf};

use super::aside::Remembered;
use super::file::{self, MAIN};
use super::{StoreError, aside, salvage};
use crate::diagnostics::{AsideCause, Database, SetAside};

/// Being made: of no use to anyone but the process that makes it.
const UNFINISHED: &str = ".salvaging";

/// Behind the name of a new file that holds all that it is to hold.
fn whole(cause: AsideCause) -> &'static str {
    match cause {
        AsideCause::Damaged => ".salvaged",
        AsideCause::Newer => ".anew",
    }
}

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
pub(super) fn resume(path: &Path, vfs: Option<&str>) -> Result<Option<PathBuf>, StoreError> {
    remove(&file::beside(path, UNFINISHED))?;
    match aside::CAUSES.into_iter().find(|cause| file::beside(path, whole(*cause)).exists()) {
        Some(cause) => {
            let put = told_place(path, cause, vfs)?;
            finish(path, cause, &put, &mut |_| Ok(())).map(|()| Some(put))
        }
        None => Ok(None),
    }
}

/// Where the old file is to be put, or was, by what the whole one remembers of it.
fn told_place(path: &Path, cause: AsideCause, vfs: Option<&str>) -> Result<PathBuf, StoreError> {
    let told = aside::remembered(&file::connect(&file::beside(path, whole(cause)), vfs)?)?;
    let last = told.iter().rev().find(|one| one.told.database == Database::Main && one.told.cause == cause);
    Ok(last.map_or_else(|| aside::place(path, cause, &told), |one| path.with_file_name(&one.told.file)))
}

/// Makes a new file, out of what can be read of the one at `path` where that is damaged, and puts it there; answers
/// where the old one was put.
pub(super) fn replace(
    path: &Path,
    cause: AsideCause,
    vfs: Option<&str>,
    now_ms: i64,
    pause: Pause<'_>,
) -> Result<PathBuf, StoreError> {
    let unfinished = file::beside(path, UNFINISHED);
    remove(&unfinished)?;
    let mut fresh = file::open(&unfinished, &MAIN, vfs)?;
    pause(Step::Made)?;
    let sql = StoreError::sql("salvage");
    // What is salvaged is as good as what was there: it survives a loss of power.
    fresh.pragma_update(None, "synchronous", "FULL").map_err(&sql)?;
    let (earlier, carried) = match cause {
        AsideCause::Damaged => {
            let (earlier, carried) = salvage::carry_over(path, &mut fresh)?;
            (earlier, Some(carried))
        }
        AsideCause::Newer => (aside::remembered_by_newer(path, vfs), None),
    };
    let put = aside::place(path, cause, &earlier);
    let told = SetAside { file: aside::name(&put), database: Database::Main, cause, at_ms: now_ms, carried };
    aside::remember(&fresh, earlier, Remembered { told, is_to_move: false })?;
    pause(Step::CarriedOver)?;
    // Busy, and the frames in the log: none may be left there.
    let folded = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == 0);
    if !fresh.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], folded).map_err(&sql)? {
        return Err(StoreError::Content { what: "salvage", why: "the log does not fold into its file".to_owned() });
    }
    fresh.close().map_err(|(_, error)| sql(error))?;
    pause(Step::OnDisk)?;
    rename(&unfinished, &file::beside(path, whole(cause)))?;
    pause(Step::Whole)?;
    finish(path, cause, &put, pause)?;
    Ok(put)
}

/// The old file is `put` there, unless it was, and the whole one gets its place.
fn finish(path: &Path, cause: AsideCause, put: &Path, pause: Pause<'_>) -> Result<(), StoreError> {
    if path.exists() {
        file::move_away(path, put)?;
    }
    pause(Step::Moved)?;
    rename(&file::beside(path, whole(cause)), path)
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
