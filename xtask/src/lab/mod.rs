//! What the demo and the torture are both played on: the processes of a backend and of a device, a
//! network that fails as it is told, chance that repeats, and a guard that clears up behind a process
//! that was killed.
//!
//! Decides nothing of what happens on it.

mod backend;
mod device;
mod dice;
mod guard;
mod proxy;

use std::path::{Path, PathBuf};

pub(crate) use backend::{Backend, Held, Site, build, messages};
pub(crate) use device::{DeviceProcess, Said};
pub(crate) use dice::Dice;
pub(crate) use guard::{GuardArgs, clear, guard, run as run_guard};
pub(crate) use proxy::{Fate, Proxy, Seen, Weather};

/// What shells report for a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;
/// ... and for one that was asked to end.
pub(crate) const TERMINATED: u8 = 143;

/// The folder of the workspace that this program was built from.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
