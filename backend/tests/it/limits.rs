//! A tenant that sends too much is told when to come back; the others do not notice.

use patron_core::consent::ConsentStatus;
use serde_json::Value;
use uuid::Uuid;

use crate::backend::{Backend, KEY, batch, count, event, verdicts};
use crate::client::Response;
use crate::shopper::Shopper;

const OTHER: &str = "pk_acme_secret";

fn start(data: &std::path::Path, limit: &str) -> Backend {
    Backend::start_with(data, &["--key", "pk_demo", "--key", OTHER, limit, "1"])
}

/// Asserts that this is the limit's answer; returns its seconds.
#[track_caller]
fn told_to_wait(response: &Response) -> u64 {
    response.problem(429, "too-many-requests");
    response.header("retry-after").unwrap().parse().unwrap()
}

#[test]
fn beyond_its_requests_a_tenant_waits_and_another_does_not() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path(), "--requests-per-second");
    // Ten come at once, and a few more on a slow machine.
    let refused = (0..200).map(|_| backend.get("/v1/catalogue", &[KEY])).find(|response| response.status != 200);
    assert_eq!(told_to_wait(&refused.expect("200 requests passed a limit of one a second")), 1);
    told_to_wait(&backend.post("/v1/events", &batch(Uuid::now_v7(), &[])));
    for _ in 0..5 {
        assert_eq!(backend.post_as(OTHER, "/v1/consent", &Shopper::new().report(&[])).status, 200);
    }
    assert_eq!(backend.get("/health", &[]).status, 200, "needs no key, has no limit");
}

#[test]
fn beyond_its_events_a_tenant_waits_keeps_its_consent_lane_and_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path(), "--events-per-second");
    let mut shopper = Shopper::new();
    let me = shopper.installation;
    shopper.grants(&backend, "engagement");
    let events: Vec<Value> = (0..500).map(|_| event(me, "engagement", 1)).collect();
    let full = backend.post("/v1/events", &batch(me, &events));
    assert!(verdicts(&full).iter().all(|verdict| verdict == "ok"), "a full batch passes however low the limit");
    let again = batch(me, &events[..300]);
    let wait = told_to_wait(&backend.post("/v1/events", &again));
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'duplicates'"), 0, "refused as a whole");
    let withdrawn = shopper.decides("engagement", ConsentStatus::Withdrawn);
    assert_eq!(
        backend.post("/v1/consent", &shopper.report(&[withdrawn])).status,
        200,
        "a withdrawal is never kept waiting by events"
    );
    let mut stranger = Shopper::new();
    let you = stranger.installation;
    let yes = stranger.decides("engagement", ConsentStatus::Granted);
    assert_eq!(backend.post_as(OTHER, "/v1/consent", &stranger.report(&[yes])).status, 200);
    let theirs = batch(you, &(0..400).map(|_| event(you, "engagement", 1)).collect::<Vec<_>>());
    assert_eq!(verdicts(&backend.post_as(OTHER, "/v1/events", &theirs)).len(), 400);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 900);
}

#[test]
fn a_key_that_nobody_has_is_refused_as_such_however_often() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path(), "--requests-per-second");
    for _ in 0..40 {
        backend.get("/v1/catalogue", &[("authorization", "Bearer pk_demo_guess")]).problem(401, "unknown-key");
    }
    assert_eq!(backend.get("/v1/catalogue", &[KEY]).status, 200, "guessing at a tenant costs the tenant nothing");
}
