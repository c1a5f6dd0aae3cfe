//! What is remembered of a database file that could not be used and was set aside, and under which name it goes.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{MAIN_FILE, OFFERS_FILE, RING_FILE, Store, StoreError, file, meta};
use crate::diagnostics::{AsideCause, SetAside};

const KEY: &str = "set_aside";

/// Why a file may have to be set aside.
pub(super) const CAUSES: [AsideCause; 2] = [AsideCause::Damaged, AsideCause::Newer];

/// A disk that damages more files than this is to be replaced, not studied.
const MAX_REMEMBERED: usize = 20;

/// One file, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    #[serde(flatten)]
    pub(super) told: SetAside,
    /// It is still to be moved, or was by a process that died before it could say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_to_move: bool,
}

/// What `db` remembers, the newest last.
pub(super) fn remembered(db: &Connection) -> Result<Vec<Remembered>, StoreError> {
    Ok(meta::get(db, KEY)?.unwrap_or_default())
}

/// What a file remembers that only a newer version can use; nothing where that version keeps it in another way.
pub(super) fn remembered_by_newer(path: &Path, vfs: Option<&str>) -> Vec<Remembered> {
    file::connect(path, vfs).and_then(|db| remembered(&db)).unwrap_or_default()
}

/// Adds `one` to `earlier`. What it says again, for a process that died before it moved the file, it says in its place.
pub(super) fn remember(db: &Connection, mut earlier: Vec<Remembered>, one: Remembered) -> Result<(), StoreError> {
    earlier.retain(|other| other.told.file != one.told.file);
    earlier.push(one);
    let too_many = earlier.len().saturating_sub(MAX_REMEMBERED);
    meta::set(db, KEY, &earlier.split_off(too_many))
}

/// Where the file at `path` is to be put: under a name that neither a file beside it has nor one of `earlier` had, be that
/// removed or not. What a process that died wanted to move keeps the name that it was told of under.
pub(super) fn place(path: &Path, cause: AsideCause, earlier: &[Remembered]) -> PathBuf {
    let begun = format!("{}.{}-", name(path), cause.word());
    let begun = earlier.iter().filter(|one| one.is_to_move && one.told.file.starts_with(&begun));
    let begun = begun.map(|one| path.with_file_name(&one.told.file)).find(|place| !place.exists());
    let taken = |place: &Path| place.exists() || earlier.iter().any(|one| one.told.file == name(place));
    let free = || (1_u32..).map(|n| file::beside(path, &format!(".{}-{n}", cause.word()))).find(|place| !taken(place));
    begun.or_else(free).unwrap_or_else(|| file::beside(path, &format!(".{}", cause.word())))
}

/// What was still to be moved is where it was to be put, or stands in its place and can be used after all.
pub(super) fn settle(main: &Connection, folder: &Path) -> Result<(), StoreError> {
    let mut all = remembered(main)?;
    if !all.iter().any(|one| one.is_to_move) {
        return Ok(());
    }
    all.retain(|one| !one.is_to_move || folder.join(&one.told.file).exists());
    all.iter_mut().for_each(|one| one.is_to_move = false);
    meta::set(main, KEY, &all)
}

/// Removes from `folder` whatever was set aside: what the shopper takes back may be in any of it.
pub(crate) fn remove_all(folder: &Path) -> Result<(), StoreError> {
    let failed = |error: &std::io::Error| StoreError::folder(folder, error);
    let is_aside = |name: &str| {
        let aside = |of: &str| CAUSES.iter().any(|cause| name.starts_with(&format!("{of}.{}-", cause.word())));
        [MAIN_FILE, OFFERS_FILE, RING_FILE].into_iter().any(aside)
    };
    let mut removed = false;
    for entry in std::fs::read_dir(folder).map_err(|e| failed(&e))? {
        let path = entry.map_err(|e| failed(&e))?.path();
        if is_aside(&name(&path)) {
            std::fs::remove_file(&path).map_err(|e| StoreError::folder(&path, &e))?;
            removed = true;
        }
    }
    if removed {
        file::sync_folder(&folder.join(MAIN_FILE));
    }
    Ok(())
}

/// How a file is called in the store's folder: neither the log nor what is remembered names folders.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Store {
    /// Every file that was set aside, the newest last.
    pub(crate) fn set_aside(&self) -> Result<Vec<SetAside>, StoreError> {
        Ok(remembered(&self.main)?.into_iter().map(|one| one.told).collect())
    }
}

#[cfg(test)]
#[path = "aside_tests.rs"]
mod tests;
