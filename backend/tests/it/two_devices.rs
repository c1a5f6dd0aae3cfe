//! Two real devices of one shopper, and a real backend between them: both have the same rules, wishes and saved offers.

use std::path::Path;
use std::time::{Duration, Instant};

use patron_core::consent::Purpose;
use patron_core::offer::{Refused, ShopperAct, ShopperSide};
use patron_core::{Config, Edges, Network, Patron};
use tempfile::TempDir;

use crate::backend::{Backend, count};

/// Whoever takes longer has found a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// One app on one device.
struct Device {
    patron: Patron,
    /// Behind it: closed before it goes.
    _folder: TempDir,
}

impl std::ops::Deref for Device {
    type Target = Patron;

    fn deref(&self) -> &Patron {
        &self.patron
    }
}

impl Device {
    async fn new(backend: &Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path(), format!("http://{}", backend.address), "pk_demo");
        let edges = Edges::system(&config).unwrap();
        let patron = Patron::open(config, edges).unwrap();
        patron.ready().await.unwrap();
        Self { patron, _folder: folder }
    }

    /// Of the shopper with that token, who says yes.
    async fn of(token: &str, backend: &Backend) -> Self {
        let device = Self::new(backend).await;
        device.identify(token.to_owned()).await.unwrap();
        device.grant(vec![Purpose::Personalisation]).await.unwrap();
        device.syncs().await;
        device
    }

    /// Tells what is new here, and asks what is new elsewhere.
    async fn syncs(&self) {
        // Offline it says so.
        let _ = self.refresh().await;
        self.drain(PATIENCE, None).await.unwrap();
    }

    async fn says(&self, act: ShopperAct) {
        self.act(act).await.unwrap();
    }

    fn side(&self) -> ShopperSide {
        self.shopper_side().unwrap()
    }
}

/// Lets all of them tell and ask until `holds`.
async fn until(devices: &[&Device], holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        let sides: Vec<_> = devices.iter().map(|device| device.side()).collect();
        assert!(begun.elapsed() < PATIENCE, "{sides:?}");
        for device in devices {
            device.syncs().await;
        }
    }
}

fn held(data: &Path) -> i64 {
    count(data, "SELECT count(*) FROM preferences")
}

fn kelo() -> Refused {
    Refused::Partner { partner: "kelo".to_owned() }
}

fn quiet(to: &str) -> ShopperAct {
    ShopperAct::Quiet { from: "21:00".to_owned(), to: to.to_owned() }
}

fn wish(words: &str, topics: &[&str]) -> ShopperAct {
    let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
    ShopperAct::Wish { words: words.to_owned(), topics, until_ms: None }
}

#[tokio::test]
async fn what_is_said_on_one_holds_on_the_other_and_on_nobody_elses() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    let stranger = Device::of("someone else", &backend).await;
    phone.says(quiet("08:00")).await;
    phone.says(wish("trail shoes", &[])).await;
    phone.says(ShopperAct::Refuse(kelo())).await;
    let saves = ShopperAct::Save { offer: "lumi-cup".to_owned(), when_here: true, before_end_h: Some(4) };
    phone.grant(vec![Purpose::PartnerOffers]).await.unwrap();
    until(&[&phone], || !phone.offers("home").unwrap().is_empty()).await;
    phone.says(saves).await;
    until(&[&phone, &tablet], || tablet.side().saved.len() == 1).await;
    let side = tablet.side();
    assert_eq!((side.quiet_from.as_deref(), side.quiet_to.as_deref()), (Some("21:00"), Some("08:00")));
    assert_eq!(side.wishes.iter().map(|wish| &*wish.text).collect::<Vec<_>>(), ["trail shoes"]);
    assert_eq!(side.refused, [kelo()]);
    assert_eq!((side.saved[0].offer.as_str(), side.saved[0].before_end_h), ("lumi-cup", Some(4)));
    stranger.syncs().await;
    assert_eq!(stranger.side(), Device::new(&backend).await.side(), "another account heard of it");
}

#[tokio::test]
async fn a_device_that_only_hears_of_the_yes_has_its_part_in_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let phone = Device::of("me", &backend).await;
    phone.says(ShopperAct::Refuse(kelo())).await;
    phone.syncs().await;
    // Nothing was ever decided on it, so the backend knows no key of it.
    let tablet = Device::new(&backend).await;
    tablet.identify("me".to_owned()).await.unwrap();
    until(&[&tablet], || tablet.side().refused.len() == 1).await;
    tablet.says(quiet("07:30")).await;
    until(&[&tablet, &phone], || phone.side().quiet_to.as_deref() == Some("07:30")).await;
}

#[tokio::test]
async fn changes_that_did_not_know_of_each_other_come_to_the_quieter_of_both() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    phone.says(ShopperAct::Daily { most: Some(9) }).await;
    phone.says(wish("shoes", &[])).await;
    until(&[&phone, &tablet], || tablet.side().wishes.len() == 1).await;

    for device in [&phone, &tablet] {
        device.set_network(Network::Offline).unwrap();
    }
    phone.says(ShopperAct::Daily { most: Some(5) }).await;
    tablet.says(ShopperAct::Daily { most: Some(2) }).await;
    phone.says(quiet("06:00")).await;
    tablet.says(quiet("08:00")).await;
    phone.says(ShopperAct::Unwish { id: phone.side().wishes[0].id }).await;
    tablet.says(wish("shoes", &["trail"])).await;
    tablet.says(ShopperAct::Refuse(kelo())).await;
    assert_eq!((phone.side().daily, tablet.side().daily), (Some(5), Some(2)), "each at once, offline");

    tablet.set_network(Network::Unmetered).unwrap();
    tablet.syncs().await;
    phone.set_network(Network::Unmetered).unwrap();
    let same = || {
        [&phone, &tablet].map(|device| device.side()).iter().all(|side| {
            (side.daily, side.quiet_to.as_deref(), side.wishes.len(), side.refused.len())
                == (Some(2), Some("08:00"), 0, 1)
        })
    };
    until(&[&phone, &tablet], same).await;
    // Whoever knows of it may let more come again.
    phone.says(ShopperAct::Daily { most: None }).await;
    phone.says(ShopperAct::Welcome(kelo())).await;
    until(&[&phone, &tablet], || tablet.side().daily.is_none() && tablet.side().refused.is_empty()).await;
}

#[tokio::test]
async fn a_backend_that_dies_in_between_hears_of_it_when_it_is_back() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let port = backend.address.port().to_string();
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    backend.kill();
    phone.says(quiet("08:00")).await;
    phone.syncs().await;
    let _backend = Backend::start_with(data.path(), &["--port", &port]);
    until(&[&phone, &tablet], || tablet.side().quiet_from.is_some()).await;
}

#[tokio::test]
async fn a_withdrawal_on_one_ends_it_on_both_and_leaves_each_its_own() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    phone.says(ShopperAct::Refuse(kelo())).await;
    until(&[&phone, &tablet], || tablet.side().refused.len() == 1).await;
    phone.withdraw(Purpose::Personalisation).await.unwrap();
    phone.syncs().await;
    assert_eq!(held(data.path()), 0, "erased with the no");
    tablet.says(quiet("08:00")).await;
    phone.says(wish("shoes", &[])).await;
    for _ in 0..3 {
        tablet.syncs().await;
        phone.syncs().await;
    }
    assert_eq!(held(data.path()), 0, "the tablet told it all anew");
    assert_eq!((phone.side().refused.len(), tablet.side().refused.len()), (1, 1), "they hold on");
    assert_eq!((phone.side().quiet_from, tablet.side().wishes.len()), (None, 0), "each for itself");
    // A yes that knows of the no has both come together again.
    phone.grant(vec![Purpose::Personalisation]).await.unwrap();
    until(&[&phone, &tablet], || phone.side().quiet_from.is_some() && tablet.side().wishes.len() == 1).await;
}

#[tokio::test]
async fn signing_out_leaves_nothing_to_the_next_shopper_and_all_to_the_other_device() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    phone.says(ShopperAct::Refuse(kelo())).await;
    until(&[&phone, &tablet], || tablet.side().refused.len() == 1).await;
    phone.set_network(Network::Offline).unwrap();
    phone.says(quiet("08:00")).await;
    phone.sign_out().await.unwrap();
    phone.set_network(Network::Unmetered).unwrap();
    let nobody = Device::new(&backend).await.side();
    assert_eq!(phone.side(), nobody);

    phone.identify("someone else".to_owned()).await.unwrap();
    phone.grant(vec![Purpose::Personalisation]).await.unwrap();
    phone.syncs().await;
    assert_eq!(phone.side(), nobody, "the next shopper has none of it");
    phone.says(ShopperAct::Daily { most: Some(3) }).await;
    for _ in 0..2 {
        phone.syncs().await;
        tablet.syncs().await;
    }
    let side = tablet.side();
    assert_eq!((side.refused.len(), side.daily, side.quiet_from), (1, None, None), "what was not told is gone");
    assert_eq!(held(data.path()), 2, "each shopper's own");

    // Who signs in again finds it.
    phone.sign_out().await.unwrap();
    phone.identify("me".to_owned()).await.unwrap();
    phone.grant(vec![Purpose::Personalisation]).await.unwrap();
    until(&[&phone], || phone.side().refused.len() == 1).await;
    assert_eq!(phone.side().daily, None);
}

#[tokio::test]
async fn an_erasure_leaves_nothing_here_and_nothing_at_the_backend() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (Device::of("me", &backend).await, Device::of("me", &backend).await);
    phone.says(ShopperAct::Refuse(kelo())).await;
    until(&[&phone, &tablet], || tablet.side().refused.len() == 1).await;
    tablet.set_network(Network::Offline).unwrap();
    phone.erase().await.unwrap();
    phone.syncs().await;
    assert_eq!(held(data.path()), 0);
    assert_eq!(phone.side(), Device::new(&backend).await.side());
    // The other device has its own, and goes on under the yes that stands there.
    tablet.set_network(Network::Unmetered).unwrap();
    until(&[&tablet], || held(data.path()) == 1).await;
    assert_eq!(tablet.side().refused, [kelo()]);
}
