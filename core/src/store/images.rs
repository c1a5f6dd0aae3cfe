//! Pictures of offers, each a file of its own.
//!
//! Which pictures may be here is the engine's to say; here they are found, kept within bounds and removed. A file is
//! named by a hash of the picture's address, so that its name says of no brand that this shopper looks at it.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::consent::Sha;

/// The folder of pictures within the store's folder.
pub const IMAGES_FOLDER: &str = "images";

/// What is being written is not a picture yet.
const UNFINISHED: &str = "unfinished";

/// The pictures on this device.
pub(crate) struct ImageFiles {
    folder: PathBuf,
    kept: BTreeMap<String, Kept>,
    bytes: u64,
    /// At most so many bytes in all.
    most: u64,
    /// Counts uses: whoever was used last has the highest.
    uses: u64,
}

struct Kept {
    bytes: u64,
    used: u64,
}

impl ImageFiles {
    /// What is in the folder, which need not exist. A file that is no picture of ours, such as one that a killed
    /// process had begun, is removed.
    pub(crate) fn open(store: &Path, most: u64) -> Self {
        let folder = store.join(IMAGES_FOLDER);
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            match entry.metadata() {
                Ok(meta) if meta.is_file() && Sha::from_hex(&name).is_some() => {
                    found.push((meta.modified().unwrap_or(UNIX_EPOCH), name, meta.len()));
                }
                // One that does not go is met again by the next that opens.
                _ => drop(std::fs::remove_file(entry.path())),
            }
        }
        found.sort();
        let mut files = Self { folder, kept: BTreeMap::new(), bytes: 0, most, uses: 0 };
        for (_, name, bytes) in found {
            files.enter(name, bytes);
        }
        files.make_room();
        files
    }

    /// How a picture's file is called.
    pub(crate) fn name_of(url: &str) -> String {
        Sha::of(url.as_bytes()).to_string()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Bytes of all pictures.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The picture `name`, used at `now_ms`. One that is not the picture of `sha256`, or that something else
    /// removed, is forgotten.
    pub(crate) fn find(&mut self, name: &str, sha256: Option<Sha>, now_ms: i64) -> Option<PathBuf> {
        self.kept.get(name)?;
        let path = self.folder.join(name);
        let is_it = match sha256 {
            Some(sha256) => std::fs::read(&path).is_ok_and(|bytes| Sha::of(&bytes) == sha256),
            None => path.is_file(),
        };
        if !is_it {
            let _ = self.remove(name);
            return None;
        }
        self.uses += 1;
        if let Some(kept) = self.kept.get_mut(name) {
            kept.used = self.uses;
        }
        // For the next process. Without it the picture merely seems longer unused than it is.
        let _ = OpenOptions::new().write(true).open(&path).and_then(|file| mark(&file, now_ms));
        Some(path)
    }

    /// Keeps a picture, whole or not at all, and lets go of those that were not used for longest.
    ///
    /// # Errors
    /// What the system says; then nothing was changed.
    pub(crate) fn put(&mut self, name: &str, bytes: &[u8], now_ms: i64) -> std::io::Result<PathBuf> {
        make_private(&self.folder)?;
        let (unfinished, path) = (self.folder.join(UNFINISHED), self.folder.join(name));
        let written = create_private(&unfinished).and_then(|mut file| {
            file.write_all(bytes)?;
            mark(&file, now_ms)?;
            std::fs::rename(&unfinished, &path)
        });
        if let Err(error) = written {
            let _ = std::fs::remove_file(&unfinished);
            return Err(error);
        }
        self.forget(name);
        self.enter(name.to_owned(), bytes.len() as u64);
        self.make_room();
        Ok(path)
    }

    /// Removes every picture of which `stays` says no; all of them, even where one does not go.
    ///
    /// # Errors
    /// The first that did not go.
    pub(crate) fn keep_only(&mut self, stays: impl Fn(&str) -> bool) -> std::io::Result<()> {
        let gone: Vec<String> = self.kept.keys().filter(|name| !stays(name)).cloned().collect();
        gone.iter().map(|name| self.remove(name)).fold(Ok(()), std::io::Result::and)
    }

    fn enter(&mut self, name: String, bytes: u64) {
        self.uses += 1;
        self.bytes += bytes;
        self.kept.insert(name, Kept { bytes, used: self.uses });
    }

    fn forget(&mut self, name: &str) {
        self.bytes -= self.kept.remove(name).map_or(0, |kept| kept.bytes);
    }

    fn remove(&mut self, name: &str) -> std::io::Result<()> {
        match std::fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => self.forget(name),
        }
        Ok(())
    }

    /// The last one stays, whatever its size.
    fn make_room(&mut self) {
        while self.bytes > self.most && self.kept.len() > 1 {
            let Some(oldest) = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(name, _)| name.clone()) else {
                return;
            };
            if self.remove(&oldest).is_err() {
                return;
            }
        }
    }
}

fn mark(file: &File, now_ms: i64) -> std::io::Result<()> {
    file.set_modified(UNIX_EPOCH + Duration::from_millis(now_ms.max(0).unsigned_abs()))
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: u32) -> String {
        ImageFiles::name_of(&format!("https://cdn.example/{n}.webp"))
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder.join(IMAGES_FOLDER))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = ImageFiles::open(folder.path(), 300);
        for n in 0..3 {
            kept.put(&name(n), &[0; 100], i64::from(n)).unwrap();
        }
        assert!(kept.find(&name(0), None, 10).is_some());
        kept.put(&name(3), &[0; 100], 11).unwrap();
        assert_eq!(kept.find(&name(1), None, 12), None);
        assert_eq!((files(folder.path()).len(), kept.bytes()), (3, 300));
        // The next process knows who was used last.
        let mut kept = ImageFiles::open(folder.path(), 200);
        assert_eq!((kept.find(&name(2), None, 13), kept.bytes()), (None, 200));
        assert!(kept.find(&name(0), None, 14).is_some() && kept.find(&name(3), None, 15).is_some());
    }

    #[test]
    fn the_same_again_counts_once_and_a_changed_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = ImageFiles::open(folder.path(), 300);
        kept.put(&name(0), b"one", 1).unwrap();
        let path = kept.put(&name(0), b"other", 2).unwrap();
        assert_eq!((kept.bytes(), std::fs::read(&path).unwrap().as_slice()), (5, &b"other"[..]));
        assert_eq!(kept.find(&name(0), Some(Sha::of(b"other")), 3), Some(path.clone()));
        assert_eq!(kept.find(&name(0), Some(Sha::of(b"published anew")), 3), None);
        assert!(!path.exists() && kept.is_empty(), "it is not that picture");
    }

    #[test]
    fn what_a_killed_process_left_and_what_is_not_ours_goes_and_what_vanished_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = ImageFiles::open(folder.path(), 300);
        let path = kept.put(&name(0), b"one", 1).unwrap();
        std::fs::write(path.with_file_name(UNFINISHED), b"half").unwrap();
        std::fs::write(path.with_file_name("lumi.webp"), b"whose").unwrap();
        let mut kept = ImageFiles::open(folder.path(), 300);
        assert_eq!(files(folder.path()), [name(0)]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!((kept.find(&name(0), None, 2), kept.bytes()), (None, 0));
    }

    #[test]
    fn only_what_may_stay_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = ImageFiles::open(folder.path(), 300);
        for n in 0..3 {
            kept.put(&name(n), b"one", 1).unwrap();
        }
        kept.keep_only(|stays| stays == name(1)).unwrap();
        assert_eq!((files(folder.path()), kept.bytes()), (vec![name(1)], 3));
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = ImageFiles::open(folder.path(), 300).put(&name(0), b"one", 1).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
