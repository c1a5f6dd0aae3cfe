//! One installation's store on two phones that write at once: a backup was put back on the second while the first goes on.

use std::path::Path;

use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::{Config, Edges, Patron};
use tempfile::TempDir;
use uuid::Uuid;

use crate::backend::{Backend, count};
use crate::device::DEADLINE;

/// Events that wait in the store when it is copied.
const WAITING: u32 = 30;

fn open(folder: &Path, backend: &Backend) -> Patron {
    let config = Config::new(folder, format!("http://{}", backend.address), "pk_demo");
    let edges = Edges::system(&config).unwrap();
    Patron::open(config, edges).unwrap()
}

async fn track(device: &Patron, offers: std::ops::Range<u32>) {
    for offer in offers {
        let saved = Engagement::Saved { offer: format!("offer-{offer}") };
        assert_eq!(device.track_durable(&saved).await.unwrap(), Tracked::Recorded);
    }
}

async fn drain(device: &Patron) {
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
}

/// As when the app starts: it looks for what is new.
async fn hear(device: &Patron) {
    device.refresh().await.unwrap();
    drain(device).await;
}

async fn name(device: &Patron) -> Uuid {
    device.diagnostics().await.unwrap().installation
}

fn says(device: &Patron, purpose: &Purpose) -> ConsentStatus {
    let states = device.consents();
    states.iter().find(|state| state.purpose == *purpose).map_or(ConsentStatus::NotAsked, |state| state.status)
}

/// Two phones on one store: a yes that was told, and events that were not.
struct Copies {
    devices: [Patron; 2],
    _backend: Backend,
    data: TempDir,
    _folders: [TempDir; 2],
}

impl Copies {
    async fn of(purposes: &[Purpose]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let backend = Backend::start(data.path());
        let first = open(folders[0].path(), &backend);
        first.grant(purposes.to_vec()).await.unwrap();
        drain(&first).await;
        first.set_online(false).unwrap();
        track(&first, 0..WAITING).await;
        first.close();
        drop(first);
        for entry in std::fs::read_dir(folders[0].path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), folders[1].path().join(entry.file_name())).unwrap();
            }
        }
        let devices = folders.each_ref().map(|folder| open(folder.path(), &backend));
        for device in &devices {
            device.ready().await.unwrap();
        }
        Self { devices, _backend: backend, data, _folders: folders }
    }

    fn count(&self, sql: &str) -> i64 {
        count(self.data.path(), sql)
    }

    /// Both at the same time.
    async fn drain(&self) {
        tokio::join!(drain(&self.devices[0]), drain(&self.devices[1]));
    }

    async fn balance(&self) {
        for device in &self.devices {
            let account = device.diagnostics().await.unwrap().account;
            assert!(account.balances(), "{account:?}");
        }
    }
}

#[tokio::test]
async fn what_both_hold_is_stored_once_and_what_each_records_beside_the_other_is_stored() {
    let copies = Copies::of(&[Purpose::Engagement]).await;
    let [one, two] = &copies.devices;
    assert_eq!(name(one).await, name(two).await);
    for round in 0..3 {
        // Of the same numbers in both queues, and other events.
        tokio::join!(track(one, 100..110), track(two, 200..220));
        copies.drain().await;
        let stored = i64::from(WAITING) + 30 * (round + 1);
        assert_eq!(copies.count("SELECT count(*) FROM event"), stored);
        assert_eq!(copies.count("SELECT count(DISTINCT id) FROM event"), stored);
    }
    copies.balance().await;
    for (device, own) in [(one, 30), (two, 60)] {
        let account = device.diagnostics().await.unwrap().account;
        let all = u64::from(WAITING) + own;
        assert_eq!((account.accepted, account.delivered, account.dead), (all, all, 0), "{account:?}");
    }
    // What the second to come sent of what both had.
    let counted =
        |name: &str| copies.count(&format!("SELECT coalesce(sum(value), 0) FROM counter WHERE name = '{name}'"));
    assert_eq!(counted("duplicates"), i64::from(WAITING));
    assert_eq!(
        copies.count("SELECT coalesce(sum(value), 0) FROM counter"),
        i64::from(WAITING),
        "and nothing was dropped"
    );
}

#[tokio::test]
async fn the_copies_part_ways_with_the_first_words_that_differ_and_nothing_is_lost_uncounted() {
    let copies = Copies::of(&[Purpose::Engagement]).await;
    let [one, two] = &copies.devices;
    copies.drain().await;
    two.set_online(false).unwrap();
    one.grant(vec![Purpose::Dialogue]).await.unwrap();
    hear(one).await;
    two.grant(vec![Purpose::Beacons]).await.unwrap();
    // Recorded under a yes that the copy alone cannot vouch for.
    track(two, 200..205).await;
    two.set_online(true).unwrap();
    hear(two).await;
    assert_ne!(name(one).await, name(two).await);
    assert_eq!(
        (says(one, &Purpose::Engagement), says(two, &Purpose::Engagement)),
        (ConsentStatus::Granted, ConsentStatus::NotAsked)
    );
    assert_eq!(
        (says(one, &Purpose::Dialogue), says(two, &Purpose::Beacons)),
        (ConsentStatus::Granted, ConsentStatus::Granted)
    );
    copies.balance().await;
    let account = two.diagnostics().await.unwrap().account;
    assert_eq!((account.delivered, account.purged), (u64::from(WAITING), 5), "{account:?}");
    // The shopper says it there again, and each goes on for itself.
    two.grant(vec![Purpose::Engagement]).await.unwrap();
    tokio::join!(track(one, 100..110), track(two, 300..320));
    copies.drain().await;
    assert_eq!(copies.count("SELECT count(*) FROM event"), i64::from(WAITING) + 30);
    assert_eq!(copies.count("SELECT count(DISTINCT installation) FROM event"), 2);
    for device in &copies.devices {
        device.verify_ledger().await.unwrap();
    }
    copies.balance().await;
}

#[tokio::test]
async fn a_no_on_one_takes_what_the_other_sent_and_is_heard_there_with_the_first_event_that_is_refused() {
    let copies = Copies::of(&[Purpose::Engagement]).await;
    let [one, two] = &copies.devices;
    copies.drain().await;
    one.withdraw(Purpose::Engagement).await.unwrap();
    hear(one).await;
    track(two, 200..205).await;
    drain(two).await;
    let account = two.diagnostics().await.unwrap().account;
    // The refused ones left with the name under which they had been recorded.
    assert_eq!((account.delivered, account.dead, account.purged), (u64::from(WAITING), 0, 5), "{account:?}");
    assert_eq!(copies.count("SELECT count(*) FROM event WHERE erased_at IS NULL"), 0);
    assert_ne!(says(two, &Purpose::Engagement), ConsentStatus::Granted);
    assert_ne!(name(one).await, name(two).await);
    copies.balance().await;
}

#[tokio::test]
async fn two_shoppers_who_sign_in_on_copies_share_no_installation() {
    let copies = Copies::of(&[Purpose::Engagement, Purpose::Personalisation]).await;
    let [one, two] = &copies.devices;
    one.identify("ana".to_owned()).await.unwrap();
    drain(one).await;
    two.identify("ben".to_owned()).await.unwrap();
    drain(two).await;
    drain(two).await;
    assert_ne!(name(one).await, name(two).await);
    let linked = "SELECT count(*) FROM identity";
    assert_eq!(copies.count(linked), 2);
    assert_eq!(copies.count("SELECT count(DISTINCT installation) FROM identity"), 2);
    assert_eq!(copies.count("SELECT count(DISTINCT shopper) FROM identity"), 2);
    // What was allowed before the copy was made may have been taken back since: the second is asked again.
    assert_eq!(says(one, &Purpose::Personalisation), ConsentStatus::Granted);
    assert_eq!(says(two, &Purpose::Personalisation), ConsentStatus::NotAsked);
}
