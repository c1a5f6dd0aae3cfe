//! Where things are: the checkout, what is built, and what is kept between checkouts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the checkout. Cargo sets the variable for `cargo xtask`; the fallback is for the bare binary.
pub fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// Cargo's target folder, which also holds everything that these commands generate.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Generated Kotlin: one folder that stands at the root of its packages.
pub fn generated_kotlin() -> PathBuf {
    target().join("bindings/kotlin")
}

/// Generated Swift: a Swift package of its own, named as its folder.
pub fn generated_swift() -> PathBuf {
    target().join("bindings/PatronFFI")
}

/// A folder with the static library and nothing else: beside a shared one, a linker would take that.
pub fn static_library() -> PathBuf {
    target().join("bindings/lib")
}

/// What each command printed, one file a step.
pub fn logs() -> PathBuf {
    target().join("xtask/logs")
}

/// Toolchains and tools, shared by every checkout of this user.
///
/// `PATRON_CACHE` moves it; removing the folder is safe, it is made again.
pub fn cache() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("PATRON_CACHE") {
        return std::path::absolute(PathBuf::from(dir)).context("PATRON_CACHE is not a path");
    }
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => home()?.join(".cache"),
    };
    Ok(base.join("patron"))
}

/// The user's home folder.
pub fn home() -> Result<PathBuf> {
    std::env::home_dir().context("HOME is not set: set it, or set PATRON_CACHE to a folder for toolchains")
}

/// `path` as people read it: relative to the checkout where it lies inside.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The program `name` on the PATH.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}
