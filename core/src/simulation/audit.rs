//! What the store says of itself is held against the books, and what is on the disk against what was promised.

use super::device::Device;
use super::{Broken, Held, acts, broken, ensure};
use crate::diagnostics::Diagnostics;
use crate::engine::Command;
use crate::store::MAIN_FILE;

impl Device {
    /// What the store says; `None` when the disk refuses, or when the process died over it.
    pub(super) fn diagnostics(&mut self) -> Result<Option<Diagnostics>, Broken> {
        let answer = self.ask(Command::Diagnostics)?;
        match answer {
            // It tells of what is committed; what waits in the ring for a disk that refuses is not among it.
            Some(Ok(diagnostics)) if !self.is_disk_unwell() => Ok(Some(diagnostics)),
            _ if self.is_disk_unwell() => Ok(None),
            other => broken(format!("no account: {other:?}")),
        }
    }

    /// Holds the account against the books.
    pub(super) fn settle(&mut self) -> Held {
        let Some(found) = self.diagnostics()? else { return Ok(()) };
        self.journal.absorb(format!("{:?}", found.account).as_bytes());
        self.books.balance(&found.account)?;
        self.books.installed_as(found.installation);
        self.heard.explains(found.clock_skew_ms, self.moment(), false)?;
        self.brings_nothing_back(false)?;
        if self.is_rid_of_offers && !self.is_disk_unwell() {
            // Nor by what the backend gives to see, however late that comes.
            ensure(!self.disk.holds(MAIN_FILE, acts::MARKER), || "what was purged is back in the database".to_owned())?;
        }
        let (sampled_out, _) = self.publisher_says()?;
        ensure(found.sampled_out == sampled_out, || format!("in the sample or not: {found:?}"))
    }

    /// Whether the publisher leaves this installation out of the sample, and whether Patron is switched off, by the
    /// catalogue that the device has.
    fn publisher_says(&mut self) -> Result<(bool, bool), Broken> {
        let snapshot = self.life()?.engine.snapshot();
        let Some(shown) = &snapshot.shown else { return Ok((false, false)) };
        // By the last 32 bits of its pseudonym an installation is in the sample for good, or out of it.
        let bucket = f64::from(snapshot.installation.as_u128() as u32);
        Ok((bucket >= shown.catalogue.sdk.sampling * 2_f64.powi(32), shown.catalogue.sdk.off))
    }

    /// Whether nothing may be recorded, whatever the shopper allows.
    pub(super) fn publisher_forbids(&mut self) -> Result<bool, Broken> {
        self.publisher_says().map(|(sampled_out, off)| sampled_out || off)
    }

    /// No byte of an event is left where it was queued: they were just purged.
    pub(super) fn is_clean_of(&self, marker: &[u8]) -> Held {
        if self.is_disk_unwell() {
            return Ok(());
        }
        ensure(!self.disk.holds(MAIN_FILE, marker), || "the database holds what was purged".to_owned())?;
        let ring = self.mapped.camera()()?;
        ensure(!ring.windows(marker.len()).any(|window| window == marker), || {
            "the ring holds what was purged".to_owned()
        })
    }
}
