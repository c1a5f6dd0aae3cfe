//! A real device and the real backend: both halves of the wire, and both halves of the account.

use std::path::Path;
use std::time::Duration;

use patron_core::clock::Now;
use patron_core::consent::{Dialogue, Purpose};
use patron_core::event::{Engagement, Record, Tracked};
use patron_core::store::RING_FILE;
use patron_core::store::ring::Ring;
use patron_core::{Config, Edges, Patron};
use uuid::Uuid;

use crate::backend::{Backend, count};

/// A drain that takes longer than this has found a hang.
const DEADLINE: Duration = Duration::from_secs(30);

fn open(folder: &Path, backend: &Backend) -> Patron {
    let config = Config::new(folder, format!("http://{}", backend.address), "pk_demo");
    let edges = Edges::system(&config).unwrap();
    Patron::open(config, edges).unwrap()
}

fn saved(offer: u32) -> Engagement {
    Engagement::Saved { offer: format!("offer-{offer}") }
}

#[tokio::test]
async fn a_devices_account_and_the_backends_are_the_same() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let device = open(folder.path(), &backend);
    device.ready().await.unwrap();
    assert_eq!(device.track(&saved(0)).unwrap(), Tracked::NotPermitted);
    device.grant(vec![Purpose::Engagement]).await.unwrap();
    for offer in 0..1_200 {
        assert_eq!(device.track_durable(&saved(offer)).await.unwrap(), Tracked::Recorded);
    }
    let drained = device.drain(DEADLINE, None).await.unwrap();
    assert!(drained.done, "{drained:?}");
    let told = device.diagnostics().await.unwrap();
    assert_eq!((told.account.accepted, told.account.delivered, told.account.queued), (1_200, 1_200, 0));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1_200);
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision WHERE status = 'granted'"), 1);
    assert_eq!(count(data.path(), "SELECT sum(value) FROM counter"), 0, "nothing twice, nothing dropped");
    device.close();
}

/// The device was updated, tracked, and the update was taken back: what the ring holds is of the
/// future. Nothing here may have an opinion on it.
#[tokio::test]
async fn an_event_of_a_later_version_arrives_byte_for_byte() {
    let data = r#"{ "offer":"cup", "depth":1e400, "gift":{"by":[ null ]}, "offer":"\u00e4" }"#;
    let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(store.path());
    let device = open(folder.path(), &backend);
    device.grant(vec![Purpose::Dialogue]).await.unwrap();
    device.close();
    drop(device);

    let (ring, _) = Ring::open(&folder.path().join(RING_FILE)).unwrap();
    let gate = ring.gate();
    let permit = gate.permit::<Dialogue>().unwrap();
    let now = Now { wall_ms: 1_795_420_800_000, mono_ms: 1, boot: Uuid::max() };
    let later = Record::new(
        &permit,
        Uuid::from_u128(1),
        "dev.patron.hologram.seen",
        Some("lumi".into()),
        now,
        Uuid::max(),
        data.as_bytes().to_vec(),
    );
    let _ = ring.push(&later.encode()).unwrap();
    drop(ring);

    let device = open(folder.path(), &backend);
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    device.close();
    let stored = format!("SELECT count(*) FROM event WHERE partner = 'lumi' AND instr(body, '\"data\":{data}}}') > 0");
    assert_eq!(count(store.path(), &stored), 1);
}

#[tokio::test]
async fn the_town_reaches_the_device_whole() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let device = open(folder.path(), &backend);
    device.refresh().await.unwrap();
    let told = device.diagnostics().await.unwrap();
    assert!(told.catalogue_version.is_some());
    assert_eq!(told.quarantined, [""; 0]);
    assert!(!device.offers("home").unwrap().is_empty(), "the retailer's own offers need no grant");
    device.close();
}

#[tokio::test]
async fn after_a_sign_out_the_next_shopper_is_someone_else_and_heard_as_well() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let device = open(folder.path(), &backend);
    for shopper in 1..=2 {
        device.identify(format!("token-{shopper}")).await.unwrap();
        device.grant(vec![Purpose::Engagement]).await.unwrap();
        assert_eq!(device.track_durable(&saved(shopper)).await.unwrap(), Tracked::Recorded);
        assert!(device.drain(DEADLINE, None).await.unwrap().done);
        device.sign_out().await.unwrap();
    }
    for of in ["count(*)", "count(DISTINCT installation)", "count(DISTINCT subject)"] {
        assert_eq!(count(data.path(), &format!("SELECT {of} FROM event")), 2, "{of}");
    }
    assert_eq!(count(data.path(), "SELECT count(DISTINCT token_hash) FROM identity"), 2);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event JOIN identity ON subject = alias"), 2);
    device.close();
}

#[tokio::test]
async fn a_backend_that_dies_in_between_gets_everything_in_the_end() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let port = backend.address.port().to_string();
    let device = open(folder.path(), &backend);
    device.grant(vec![Purpose::Engagement]).await.unwrap();
    for offer in 0..50 {
        assert_eq!(device.track_durable(&saved(offer)).await.unwrap(), Tracked::Recorded);
    }
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    backend.kill();
    for offer in 50..100 {
        assert_eq!(device.track_durable(&saved(offer)).await.unwrap(), Tracked::Recorded);
    }
    assert!(!device.drain(Duration::from_millis(200), None).await.unwrap().done, "there is no backend");
    let backend = Backend::start_with(data.path(), &["--port", &port]);
    device.set_online(true).unwrap();
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 100);
    device.close();
    drop(backend);
}
