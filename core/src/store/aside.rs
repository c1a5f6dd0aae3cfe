//! What is remembered of a database file that could not be used and was set aside.

use std::path::Path;

use rusqlite::Connection;

use super::{MAIN_FILE, OFFERS_FILE, RING_FILE, Store, StoreError, file, meta};
use crate::diagnostics::{AsideCause, SetAside};

const KEY: &str = "set_aside";

/// Why a file may have to be set aside.
pub(super) const CAUSES: [AsideCause; 2] = [AsideCause::Damaged, AsideCause::Newer];

/// A disk that damages more files than this is to be replaced, not studied.
const MAX_REMEMBERED: usize = 20;

/// What `db` remembers, the newest last.
pub(super) fn remembered(db: &Connection) -> Result<Vec<SetAside>, StoreError> {
    Ok(meta::get(db, KEY)?.unwrap_or_default())
}

/// Adds what became of one file to `earlier`. One of the same name takes the place of what a process wrote that died
/// before it moved the file.
pub(super) fn remember(db: &Connection, mut earlier: Vec<SetAside>, one: SetAside) -> Result<(), StoreError> {
    earlier.retain(|other| other.file != one.file);
    earlier.push(one);
    let too_many = earlier.len().saturating_sub(MAX_REMEMBERED);
    meta::set(db, KEY, &earlier.split_off(too_many))
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
        remembered(&self.main)
    }
}
