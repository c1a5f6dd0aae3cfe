//! A device that is put back from a backup: its store becomes an earlier state of itself, and the backend knows better.
//!
//! What was said and recorded since is gone from the device, and nobody can hold that against it. What may not happen:
//! that something is stored twice, that the copy loses what it had without counting it, and that a yes which was taken
//! back since the backup comes back with it for longer than it takes to hear from the backend.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::books::Books;
use super::device::Device;
use super::{Held, ensure};
use crate::clock::Now;

/// A device's files at some moment, and what was known of it then.
pub(super) struct Backup {
    disk: BTreeMap<String, Vec<u8>>,
    ring: Vec<u8>,
    books: Books,
    installation: Uuid,
    epoch: u64,
    /// Visits under way: their ends may be recorded by the next process, and told to no one.
    visits: u64,
}

impl Device {
    /// Copies the files, as a killed process would leave them.
    pub(super) fn back_up(&mut self) -> Held {
        if self.is_disk_unwell() {
            return Ok(());
        }
        let snapshot = self.life()?.engine.snapshot();
        let visits = self.untold + snapshot.visits.len() as u64;
        self.backup = Some(Backup {
            disk: self.disk.copy(),
            ring: self.mapped.camera()()?,
            books: self.books.clone(),
            installation: snapshot.installation,
            epoch: snapshot.consents.epoch(),
            visits,
        });
        Ok(())
    }

    /// Another phone, with the files of the backup.
    pub(super) fn put_back(&mut self) -> Held {
        let Some(backup) = self.backup.take() else { return Ok(()) };
        self.note("put back from a backup");
        self.disk.die();
        self.stop();
        self.disk.put_back(&backup.disk);
        self.mapped.put_back(&backup.ring)?;
        self.untold = backup.visits;
        self.now = Now { mono_ms: 0, boot: Uuid::from_u128(self.rng.u128(..)), ..self.now };
        self.words.forget();
        self.is_rid_of_offers = false;
        self.backend.is_copied(backup.installation);
        let known = self.backend.knows_more(&backup.installation, backup.epoch);
        self.books.put_back(&backup.books, backup.installation, known.as_deref());
        let booted = self.boot();
        self.backup = Some(backup);
        booted
    }

    /// Holds what a copy may not bring back: a yes that was taken back since, once the backend was heard.
    pub(super) fn brings_nothing_back(&mut self, has_heard: bool) -> Held {
        let snapshot = self.life()?.engine.snapshot();
        let granted = snapshot.consents.granted_by(u64::MAX);
        let back = granted.iter().find(|purpose| self.books.was_taken_back(purpose, snapshot.installation, has_heard));
        ensure(back.is_none(), || format!("the yes to {back:?} was taken back, and a backup brought it back"))
    }
}

#[cfg(test)]
#[path = "copies_tests.rs"]
mod tests;
