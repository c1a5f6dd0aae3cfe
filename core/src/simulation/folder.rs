//! A folder of a run's own, removed with it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Memory that is a file system: the ring's file is mapped for real, and a disk would be in the way.
const MEMORY: &str = "/dev/shm";

static MADE: AtomicU64 = AtomicU64::new(0);

/// The folder.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn make() -> io::Result<Self> {
        let memory = Path::new(MEMORY);
        let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("patron-simulation-{}-{number}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is a temporary file too many, and no reason to fail.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
