//! What a bare machine needs, a file per toolchain.
//!
//! Each `ensure` looks first and installs only what is missing, says in words what it installs, and can
//! be called any number of times, also by two checkouts at once. Nothing here is skipped: what cannot
//! be installed is an error that says what to install by hand.

pub mod apt;
pub mod cross;
pub mod deny;
pub mod jdk;
pub mod maven;
pub mod pypi;
pub mod rust;
pub mod swift;

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};

/// Holds a lock file while `make` runs, so that two checkouts do not fill one folder at the same time.
fn locked<T>(lock: &Path, make: impl FnOnce() -> Result<T>) -> Result<T> {
    if let Some(parent) = lock.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    let file = File::create(lock).with_context(|| format!("cannot write {}", lock.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", lock.display()))?;
    make()
}
