//! A real device and the real backend: both halves of the wire, and both halves of the account.

use std::path::Path;
use std::time::Duration;

use patron_core::clock::Now;
use patron_core::consent::{ConsentStatus, Dialogue, Purpose, WithdrawPolicy};
use patron_core::event::{Engagement, Record, Tracked};
use patron_core::store::RING_FILE;
use patron_core::store::ring::Ring;
use patron_core::{Config, Edges, Patron};
use uuid::Uuid;

use crate::backend::{Backend, count};

/// A drain that takes longer than this has found a hang.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

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

/// What came of the shopper's word on recording, on that device.
fn engagement(device: &Patron) -> ConsentStatus {
    let states = device.consents();
    states
        .iter()
        .find(|state| state.purpose == Purpose::Engagement)
        .map_or(ConsentStatus::NotAsked, |state| state.status)
}

#[tokio::test]
async fn what_a_shopper_takes_back_is_erased_at_the_backend_too_and_the_ledger_is_countersigned() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let device = open(folder.path(), &backend);
    device.grant(vec![Purpose::Engagement]).await.unwrap();
    for offer in 0..20 {
        assert_eq!(device.track_durable(&saved(offer)).await.unwrap(), Tracked::Recorded);
    }
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(device.verify_ledger().await.unwrap().anchored_epoch, Some(1));
    device.withdraw(Purpose::Engagement).await.unwrap();
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(device.verify_ledger().await.unwrap().anchored_epoch, Some(2));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NOT NULL"), 20);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 20, "what was stored was stored");
    let told = device.diagnostics().await.unwrap();
    assert_eq!((told.account.delivered, told.account.dead), (20, 0));
    device.close();
}

#[tokio::test]
async fn two_devices_of_one_shopper_come_to_the_same() {
    let (data, phones, tablets) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let (phone, tablet) = (open(phones.path(), &backend), open(tablets.path(), &backend));
    let hear = async |device: &Patron| {
        device.refresh().await.unwrap();
        assert!(device.drain(DEADLINE, None).await.unwrap().done);
    };
    for device in [&phone, &tablet] {
        device.identify("one-shopper".to_owned()).await.unwrap();
        hear(device).await;
    }
    phone.grant(vec![Purpose::Engagement]).await.unwrap();
    hear(&phone).await;
    hear(&tablet).await;
    assert_eq!(engagement(&tablet), ConsentStatus::Granted);
    assert_eq!(tablet.track_durable(&saved(1)).await.unwrap(), Tracked::Recorded);
    hear(&tablet).await;
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1, "recorded under what was said on the phone");
    tablet.withdraw(Purpose::Engagement).await.unwrap();
    hear(&tablet).await;
    hear(&phone).await;
    assert_eq!(engagement(&phone), ConsentStatus::Withdrawn);
    for device in [&phone, &tablet] {
        device.verify_ledger().await.unwrap();
        device.close();
    }
}

#[tokio::test]
async fn what_the_shopper_lets_stand_on_one_device_stands_on_the_other_until_it_is_taken_back_for_good() {
    let (data, phones, tablets) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let (phone, tablet) = (open(phones.path(), &backend), open(tablets.path(), &backend));
    let hear = async |device: &Patron| {
        device.refresh().await.unwrap();
        assert!(device.drain(DEADLINE, None).await.unwrap().done);
    };
    phone.identify("one-shopper".to_owned()).await.unwrap();
    phone.grant(vec![Purpose::Engagement]).await.unwrap();
    hear(&phone).await;
    tablet.identify("one-shopper".to_owned()).await.unwrap();
    hear(&tablet).await;
    assert_eq!(tablet.track_durable(&saved(1)).await.unwrap(), Tracked::Recorded);
    hear(&tablet).await;
    // Offline, the tablet goes on under the yes that it knows.
    tablet.set_online(false).unwrap();
    phone.withdraw_with(Purpose::Engagement, WithdrawPolicy::KeepCaptured, None).await.unwrap();
    hear(&phone).await;
    assert_eq!(tablet.track_durable(&saved(2)).await.unwrap(), Tracked::Recorded);
    tablet.set_online(true).unwrap();
    hear(&tablet).await;
    assert_eq!(
        (engagement(&tablet), tablet.track(&saved(3)).unwrap()),
        (ConsentStatus::Withdrawn, Tracked::NotPermitted)
    );
    let standing = || count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL");
    assert_eq!((standing(), tablet.diagnostics().await.unwrap().account.purged), (2, 0));
    phone.withdraw(Purpose::Engagement).await.unwrap();
    hear(&phone).await;
    hear(&tablet).await;
    assert_eq!(standing(), 0, "and now it is erased, of both");
    for device in [&phone, &tablet] {
        device.verify_ledger().await.unwrap();
        device.close();
    }
}

#[tokio::test]
async fn a_shopper_sees_what_the_backend_holds_and_leaves_nothing_there() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Backend::start(data.path());
    let device = open(folder.path(), &backend);
    device.identify("me".to_owned()).await.unwrap();
    device.grant(vec![Purpose::Engagement]).await.unwrap();
    assert_eq!(device.track_durable(&saved(77)).await.unwrap(), Tracked::Recorded);
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    device.request_export().await.unwrap();
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    let all: serde_json::Value = serde_json::from_str(&device.export().await.unwrap()).unwrap();
    assert_eq!(all["backend"]["data"]["events"][0]["content"]["data"]["offer"], "offer-77");
    device.erase().await.unwrap();
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(count(data.path(), "SELECT count(*) FROM erasure"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL"), 0);
    for table in ["decision", "identity", "shopper", "shopper_token", "account", "standing", "pseudonym"] {
        let of = "WHERE installation IN (SELECT installation FROM erasure)";
        let of = if table.starts_with("shopper") { "" } else { of };
        assert_eq!(count(data.path(), &format!("SELECT count(*) FROM {table} {of}")), 0, "{table}");
    }
    device.grant(vec![Purpose::Engagement]).await.unwrap();
    assert_eq!(device.track_durable(&saved(1)).await.unwrap(), Tracked::Recorded);
    assert!(device.drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(
        count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL"),
        1,
        "whoever comes next begins anew"
    );
    device.close();
}

#[tokio::test]
async fn a_partner_knows_a_shopper_by_one_name_on_all_devices_for_as_long_as_that_is_shared() {
    const KEY: &str = "sk_demo_lumi-0123456789abcdef";
    let (data, folders) = (tempfile::tempdir().unwrap(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let backend = Backend::start_with(data.path(), &["--seed", "demo", "--partner-key", &format!("lumi={KEY}")]);
    let heard = || {
        let reply = backend.get("/v1/partner/events", &[("authorization", &format!("Bearer {KEY}"))]).json();
        let events = reply["events"].as_array().unwrap().clone();
        events.into_iter().map(|event| event["shopper"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let sharing = Purpose::PartnerSharing { partner: "lumi".into() };
    let devices = folders.each_ref().map(|folder| open(folder.path(), &backend));
    for device in &devices {
        device.identify("one-shopper".to_owned()).await.unwrap();
        device.refresh().await.unwrap();
        device.grant(vec![Purpose::Engagement, sharing.clone()]).await.unwrap();
        let redeemed = Engagement::Redeemed {
            offer: "cup".into(),
            order: Some("order-77".into()),
            value: None,
            place: None,
            partner: Some("lumi".into()),
        };
        assert_eq!(device.track_durable(&redeemed).await.unwrap(), Tracked::Recorded);
        assert!(device.drain(DEADLINE, None).await.unwrap().done);
    }
    let names = heard();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0], names[1]);
    let installations = "SELECT group_concat(installation) || group_concat(alias) FROM identity";
    assert!(!crate::backend::ask::<String>(data.path(), installations).contains(&names[0]));
    devices[0].withdraw(sharing).await.unwrap();
    assert!(devices[0].drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(heard(), [""; 0], "nor of the other device, which has not heard of it");
    devices[1].refresh().await.unwrap();
    assert!(devices[1].drain(DEADLINE, None).await.unwrap().done);
    assert_eq!(heard(), [""; 0]);
    devices.iter().for_each(Patron::close);
}
