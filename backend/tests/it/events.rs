//! Each event once, whatever is sent how often by whom.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, batch, count, event, try_post, verdicts};

#[test]
fn a_batch_is_stored_packed_in_any_way_and_answered_event_by_event() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    for encoding in ["identity", "gzip", "zstd"] {
        let sent = batch(me, &[event(me, "engagement", 1), event(me, "engagement", 1)]);
        let body = sent.to_string().into_bytes();
        let packed = match encoding {
            "gzip" => gzip(&body),
            "zstd" => zstd::encode_all(&body[..], 3).unwrap(),
            _ => body,
        };
        let reply = backend.post_bytes("/v1/events", &[("content-encoding", encoding)], &packed);
        assert_eq!(verdicts(&reply), ["ok", "ok"], "{encoding}");
        let reply = reply.json();
        assert_eq!(reply["batch"], sent["batch"]);
        assert_eq!(reply["verdicts"][1]["id"], sent["events"][1]["id"]);
        assert!(reply["server_time"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(
        count(data.path(), "SELECT count(*) FROM event WHERE tenant = 'demo' AND type = 'dev.patron.offer.saved'"),
        6
    );
}

#[test]
fn what_is_sent_again_is_a_duplicate_and_what_says_otherwise_a_conflict() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let first = event(me, "engagement", 1);
    let mut other = first.clone();
    other["data"]["offer"] = "something-else".into();
    let sent = batch(me, &[first.clone(), first.clone(), other]);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok", "duplicate", "drop:conflict"]);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["duplicate", "duplicate", "drop:conflict"]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'duplicates'"), 3);
}

#[test]
fn a_tenants_events_are_its_own() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start_with(data.path(), &["--seed", "demo", "--key", "pk_acme_secret"]);
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let sent = batch(me, &[event(me, "engagement", 1)]);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok"]);
    let body = sent.to_string();
    let length = body.len().to_string();
    let headers =
        [("authorization", "Bearer pk_acme_secret"), ("content-type", "application/json"), ("content-length", &length)];
    let request = crate::client::head("POST", "/v1/events", &headers) + &body;
    let reply = crate::client::raw(backend.address, request.as_bytes()).unwrap();
    assert_eq!(verdicts(&reply), ["retry:consent_not_held"], "neither the event nor the consent crossed over");
}

#[test]
fn sixteen_clients_that_send_one_batch_at_once_store_it_once() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let events: Vec<Value> = (0..100).map(|_| event(me, "engagement", 1)).collect();
    let sent = batch(me, &events);
    let barrier = Barrier::new(16);
    let all: Vec<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    verdicts(&backend.post("/v1/events", &sent))
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert_eq!(all.iter().filter(|verdict| *verdict == "ok").count(), 100);
    assert_eq!(all.iter().filter(|verdict| *verdict == "duplicate").count(), 1_500);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 100);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'duplicates'"), 1_500);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_stores_nothing_twice() {
    let data = tempfile::tempdir().unwrap();
    let mut backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let mut acknowledged = BTreeSet::new();
    let mut in_doubt = Vec::new();
    for round in 1..=4 {
        let acks = AtomicU64::new(0);
        let address = backend.address;
        std::thread::scope(|scope| {
            let client = scope.spawn(|| {
                let mut acknowledged = Vec::new();
                loop {
                    let sent = batch(me, &(0..20).map(|_| event(me, "engagement", 1)).collect::<Vec<_>>());
                    match try_post(address, "/v1/events", &[], sent.to_string().as_bytes()) {
                        Ok(reply) if reply.status == 200 => {
                            acknowledged.extend(ids(&sent));
                            acks.fetch_add(1, Ordering::SeqCst);
                        }
                        _ => return (acknowledged, sent),
                    }
                }
            });
            while acks.load(Ordering::SeqCst) < 3 * round && !client.is_finished() {
                std::thread::yield_now();
            }
            backend.kill();
            let (acks, doubt) = client.join().unwrap();
            assert!(acks.len() as u64 >= 60 * round);
            acknowledged.extend(acks);
            in_doubt.push(doubt);
        });
        backend = Backend::start(data.path());
    }
    assert_eq!(stored(data.path()).intersection(&acknowledged).count(), acknowledged.len(), "acknowledged, and lost");
    for sent in &in_doubt {
        let again = verdicts(&backend.post("/v1/events", sent));
        assert!(again.iter().all(|verdict| verdict == "ok") || again.iter().all(|verdict| verdict == "duplicate"));
        acknowledged.extend(ids(sent));
    }
    assert_eq!(stored(data.path()), acknowledged);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), acknowledged.len() as i64);
}

#[test]
fn an_overload_is_said_at_once_and_passes() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    // Whoever holds the database keeps the writer waiting.
    let holder = rusqlite::Connection::open(data.path().join("backend.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..200)
            .map(|_| {
                scope.spawn(|| {
                    let sent = batch(me, &[event(me, "engagement", 1)]);
                    loop {
                        let reply = backend.post("/v1/events", &sent);
                        if reply.status == 200 {
                            return;
                        }
                        assert_eq!(reply.status, 503);
                        assert!(reply.header("retry-after").is_some());
                        if reply.json()["type"] == "/problems/overloaded" {
                            refused.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        while refused.load(Ordering::SeqCst) == 0 && !clients.iter().all(|client| client.is_finished()) {
            std::thread::yield_now();
        }
        holder.execute_batch("ROLLBACK").unwrap();
    });
    assert!(refused.load(Ordering::SeqCst) > 0);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 200);
}

#[test]
fn what_a_newer_device_says_beyond_this_version_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let mut newer = event(me, "engagement", 1);
    newer["mood"] = json!("curious");
    let mut sent = batch(me, &[newer]);
    sent["battery"] = json!(7);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok"]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE body LIKE '%\"mood\":\"curious\"%'"), 1);
}

fn ids(batch: &Value) -> Vec<String> {
    batch["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

fn stored(data: &std::path::Path) -> BTreeSet<String> {
    let database = rusqlite::Connection::open(data.join("backend.db")).unwrap();
    let mut query = database.prepare("SELECT id FROM event").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
