//! The hand-over ring's file, under kills and power losses.
//!
//! The ring is mapped for real, so a kill needs no model: what was stored stays. Nothing syncs it but
//! a purge. Else the kernel writes its pages back when it likes, so that after a power loss each page
//! is as it was last written back: now, at some earlier moment, or never.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::content::SECTOR;

const PAGE: usize = 4096;

/// The file and what of it is on the disk.
pub(super) struct Mapped {
    path: PathBuf,
    /// As it would be read after a power loss this moment; zeroes beyond its end.
    on_disk: Vec<u8>,
    /// No record ever lay behind this.
    reach: Arc<AtomicUsize>,
    /// The file itself may not outlive a power loss yet.
    new: bool,
}

impl Mapped {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, on_disk: Vec::new(), reach: Arc::new(AtomicUsize::new(2 * PAGE)), new: true }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A record of `len` bytes was pushed.
    pub(super) fn pushed(&self, len: usize) {
        // Its head, and what is rounded up or padded at the end of a lap.
        self.reach.fetch_add(len + 32, Ordering::Relaxed);
    }

    /// What looks at the file later, wherever that is: see [`super::disk::Cut`].
    pub(super) fn camera(&self) -> impl FnOnce() -> io::Result<Vec<u8>> + Send + use<> {
        let (path, reach) = (self.path.clone(), Arc::clone(&self.reach));
        move || {
            let file = File::open(path)?;
            let mut bytes = Vec::new();
            let pages = reach.load(Ordering::Relaxed).div_ceil(PAGE) as u64;
            file.take(pages * PAGE as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }

    /// The kernel writes some pages back.
    pub(super) fn write_back(&mut self, rng: &mut fastrand::Rng) -> io::Result<()> {
        let now = self.camera()()?;
        self.on_disk.resize(now.len().max(self.on_disk.len()), 0);
        for (kept, page) in self.on_disk.chunks_mut(PAGE).zip(now.chunks(PAGE)) {
            if rng.bool() {
                kept.copy_from_slice(page);
            }
        }
        self.new &= rng.bool();
        Ok(())
    }

    /// The ring has waited for the disk, which is since then as `now` shows it.
    pub(super) fn synced(&mut self, now: &[u8]) {
        self.on_disk.resize(now.len().max(self.on_disk.len()), 0);
        self.on_disk[..now.len()].copy_from_slice(now);
    }

    /// Puts the file back to `image`, taken when the process died.
    pub(super) fn restore(&self, image: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).open(&self.path)?.write_all(image)
    }

    /// Another file takes its place, with nothing behind `image`.
    pub(super) fn put_back(&mut self, image: &[u8]) -> io::Result<()> {
        let mut whole = self.camera()()?;
        whole.fill(0);
        whole[..image.len()].copy_from_slice(image);
        self.restore(&whole)?;
        self.on_disk = whole;
        self.new = false;
        Ok(())
    }

    /// The power goes while the file is as `now` shows it. Not mapped meanwhile.
    pub(super) fn lose_power(&mut self, now: &[u8], rng: &mut fastrand::Rng) -> io::Result<()> {
        if self.new && rng.u8(0..4) == 0 {
            // Neither its name nor its length had reached the disk.
            let left = rng.usize(0..=now.len());
            if left < PAGE {
                std::fs::remove_file(&self.path)?;
            } else {
                OpenOptions::new().write(true).open(&self.path)?.set_len(left as u64)?;
                self.restore(&now[..left])?;
            }
            self.on_disk = now[..if left < PAGE { 0 } else { left }].to_vec();
            return Ok(());
        }
        self.on_disk.resize(now.len().max(self.on_disk.len()), 0);
        let all = rng.u8(0..6);
        for (kept, page) in self.on_disk.chunks_mut(PAGE).zip(now.chunks(PAGE)) {
            match (all, rng.u8(0..16)) {
                // Nothing more went out, or all of it did.
                (0, _) | (2.., 0..8) => {}
                (2.., 14) => kept.fill(0),
                (2.., 15) => {
                    let at = rng.usize(0..=PAGE / SECTOR) * SECTOR;
                    kept[..at].copy_from_slice(&page[..at]);
                }
                _ => kept.copy_from_slice(page),
            }
        }
        self.restore(&self.on_disk)
    }
}
