//! A real device and the real backend: both halves of the wire, and both halves of the account.

use std::path::Path;
use std::time::Duration;

use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::{Config, Edges, Patron};

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
