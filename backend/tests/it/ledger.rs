//! The head of each ledger is countersigned, and nothing gets into one that is not its device's.

use patron_core::consent::ConsentStatus::{Denied, Granted, Withdrawn};
use patron_core::consent::Signer;
use serde_json::Value;

use crate::backend::{Backend, KEY, count};
use crate::shopper::Shopper;

#[test]
fn the_head_of_a_ledger_is_countersigned_by_the_key_that_is_published() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let yes = shopper.decides("engagement", Granted);
    let ack = shopper.tells(&backend, std::slice::from_ref(&yes));
    assert!(shopper.is_anchored(&ack) && ack["anchor"]["epoch"] == 1);
    let published = |backend: &Backend| backend.get("/v1/keys", &[KEY]).json()["keys"][0]["key"].clone();
    assert_eq!(published(&backend), ack["anchor"]["key"]);
    let key = published(&backend);
    let no = shopper.decides("engagement", Withdrawn);
    let both = shopper.tells(&backend, &[yes, no]);
    assert!(shopper.is_anchored(&both) && both["anchor"]["epoch"] == 2);
    assert!(Shopper::new().tells(&backend, &[]).get("anchor").is_none(), "there is no head yet");
    backend.kill();
    assert_eq!(published(&Backend::start(data.path())), key, "it outlives the process");
}

#[test]
fn each_tenant_has_a_key_of_its_own_that_nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("backend.db");
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let backend = Backend::start_with(data.path(), &["--key", "pk_demo", "--key", "pk_acme_secret"]);
    let key_of = |key: &str| backend.get("/v1/keys", &[("authorization", key)]).json()["keys"][0]["key"].clone();
    assert_ne!(key_of("Bearer pk_demo"), key_of("Bearer pk_acme_secret"));
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("backend.db") {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
        }
    }
}

#[test]
fn a_ledger_that_forks_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let first = shopper.decides("engagement", Granted);
    shopper.tells(&backend, std::slice::from_ref(&first));
    // The same device, restored from a copy of before its first decision.
    let mut twin = Shopper::of(shopper.installation);
    let other = twin.decides("engagement", Denied);
    let detail = backend.post("/v1/consent", &twin.report(&[other])).problem(409, "conflict");
    assert!(detail.starts_with("decisions[0].entry.prev: forks the ledger"), "{detail}");
    let second = shopper.decides("beacons", Granted);
    assert!(shopper.is_anchored(&shopper.tells(&backend, &[first, second])), "the first one goes on");
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 2);
}

#[test]
fn a_device_that_lost_its_key_goes_on_where_it_stood_and_a_stranger_does_not() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    let mut stranger = Shopper::of(shopper.installation);
    stranger.signer = Signer::from_seed(&[9; 32]);
    let slipped_in = stranger.decides("engagement", Withdrawn);
    let ack = stranger.tells(&backend, &[slipped_in]);
    assert!(!stranger.is_anchored(&ack) && shopper.is_anchored(&ack), "it is no part of the ledger");
    shopper.signer = Signer::from_seed(&[8; 32]);
    let next = shopper.decides("beacons", Granted);
    assert!(shopper.is_anchored(&shopper.tells(&backend, &[next])));
}

#[test]
fn what_another_device_decided_is_no_part_of_this_ones_ledger() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    let theirs = tablet.decides("engagement", Granted);
    tablet.tells(&backend, std::slice::from_ref(&theirs));
    // Heard before the first decision of its own: the same epoch, and nothing before it either.
    let heard = phone.hears(&theirs);
    assert!(phone.tells(&backend, std::slice::from_ref(&heard)).get("anchor").is_none());
    let own = phone.decides("engagement", Withdrawn);
    let ack = phone.tells(&backend, &[heard, own]);
    assert!(phone.is_anchored(&ack) && ack["anchor"]["epoch"] == 2);
}

#[test]
fn an_entry_of_its_own_under_another_epoch_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    let mut moved: Value = shopper.decides("engagement", Withdrawn);
    moved["epoch"] = 7.into();
    let detail = backend.post("/v1/consent", &shopper.report(&[moved])).problem(409, "conflict");
    assert!(detail.starts_with("decisions[0].epoch: "), "{detail}");
}
