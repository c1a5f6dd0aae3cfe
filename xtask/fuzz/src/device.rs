//! A store that has lived, to be laid into a folder as often as a fuzzer asks for one.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use patron_core::consent::Purpose;
use patron_core::fuzzing::Device;
use patron_core::store::ring::Ring;
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use patron_core::sync::TransportError;
use tempfile::TempDir;

use crate::script;

/// A Monday, 08:00 UTC.
pub(crate) const MONDAY: i64 = 1_795_420_800_000;

/// When a laid store is opened again: the visit in it has not ended, and nothing is too old.
pub(crate) const LATER: i64 = MONDAY + 600_000;

/// How many events every laid store has accepted.
pub(crate) const ACCEPTED: u64 = 14;

/// A folder in memory where there is one: a fuzzer makes a thousand a second.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

/// The ring that all devices share, one after the other: making one costs more than all else.
pub(crate) fn ring() -> Arc<Ring> {
    thread_local! {
        static RING: (TempDir, Arc<Ring>) = {
            let folder = folder();
            let (ring, _) = Ring::open(&folder.path().join("ring")).expect("a ring");
            (folder, Arc::new(ring))
        };
    }
    RING.with(|(_, ring)| Arc::clone(ring))
}

/// The bytes of a store's files, by name.
pub(crate) struct Files(pub(crate) Vec<(&'static str, Vec<u8>)>);

const NAMES: [&str; 4] = [MAIN_FILE, "patron.db-wal", OFFERS_FILE, "offers.db-wal"];

impl Files {
    /// Those that lie in `folder` now.
    pub(crate) fn of(folder: &Path) -> Self {
        Self(NAMES.iter().filter_map(|name| Some((*name, fs::read(folder.join(name)).ok()?))).collect())
    }

    /// Lays them into `folder`.
    pub(crate) fn lay(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            fs::write(folder.join(name), bytes).expect("a file in memory");
        }
    }
}

/// A store that has lived, closed: decisions, a shopper, an open visit, an offer put away; of its
/// events some delivered, some dead, some purged, and the rest queued, part of it as a batch whose
/// answer was lost.
pub(crate) fn lived() -> &'static Files {
    static LIVED: OnceLock<Files> = OnceLock::new();
    LIVED.get_or_init(|| {
        let folder = folder();
        drop(live(folder.path()));
        Files::of(folder.path())
    })
}

/// The same, killed: most of it is still in the log.
pub(crate) fn killed() -> &'static Files {
    static KILLED: OnceLock<Files> = OnceLock::new();
    KILLED.get_or_init(|| {
        let folder = folder();
        let device = live(folder.path());
        let files = Files::of(folder.path());
        drop(device);
        files
    })
}

fn live(folder: &Path) -> Device {
    let mut device = Device::open(folder, ring(), MONDAY).expect("a new store");
    let saved = |device: &mut Device, n: u32| {
        let data = format!(r#"{{"offer":"offer-{n}"}}"#);
        assert!(device.track("dev.patron.offer.saved", data.as_bytes()).expect("room"), "a grant is recorded under");
    };
    for purpose in [Purpose::Engagement, Purpose::PartnerOffers, Purpose::PreciseLocation, Purpose::Dialogue] {
        device.grant(purpose).expect("a grant");
    }
    device.grant(Purpose::PartnerSharing { partner: "lumi".to_owned() }).expect("a grant");
    answer_all(&mut device, 8);
    // Purged.
    saved(&mut device, 0);
    device.withdraw(Purpose::Engagement).expect("a withdrawal");
    device.grant(Purpose::Engagement).expect("a grant");
    // Delivered, and for want of company queued.
    (1..4).for_each(|n| saved(&mut device, n));
    device.advance(Duration::from_secs(60));
    answer_all(&mut device, 8);
    // Dead: its data cannot be sent.
    assert!(device.track("dev.patron.custom", b"not JSON").expect("room"));
    device.advance(Duration::from_secs(60));
    answer_all(&mut device, 8);
    device.identify("token").expect("a token");
    (4..8).for_each(|n| saved(&mut device, n));
    assert!(device.track("dev.patron.offer.dismissed", br#"{"offer":"wool"}"#).expect("room"));
    device.advance(Duration::from_secs(60));
    answer_all(&mut device, 1);
    device.answer(Err(TransportError::Timeout));
    (8..11).for_each(|n| saved(&mut device, n));
    for _ in 0..6 {
        device.advance(Duration::from_secs(10));
        device.locate(60.1675, 24.9525).expect("a grant");
    }
    let account = device.diagnostics().expect("a store").account;
    assert!(account.balances() && account.accepted == ACCEPTED, "{account:?}");
    assert!(account.delivered > 0 && account.dead > 0 && account.purged > 0 && account.queued > 0, "{account:?}");
    device
}

/// Says yes to what is on the wire, and to what follows, at most so often.
pub(crate) fn answer_all(device: &mut Device, most: usize) {
    for _ in 0..most {
        let Some(request) = device.request() else { break };
        let reply = script::yes(request);
        device.answer(Ok(reply));
    }
}
