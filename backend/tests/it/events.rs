//! Each event once, whatever is sent how often by whom.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, ask, batch, count, event, verdicts};

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
    let reply = backend.post_as("pk_acme_secret", "/v1/events", &sent);
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
fn whoever_comes_first_with_an_id_stands_and_everyone_is_told_the_truth() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    // Few ids, two contents for each, batches that overlap in any way, the same id twice in one of them.
    let pool: Vec<[Value; 2]> = (0..60)
        .map(|_| {
            let (one, mut other) = (event(me, "engagement", 1), Value::Null);
            other.clone_from(&one);
            other["data"]["offer"] = "another".into();
            [one, other]
        })
        .collect();
    let barrier = Barrier::new(8);
    let told: Vec<(String, String, String)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|seed| {
                let (barrier, backend, pool) = (&barrier, &backend, &pool);
                scope.spawn(move || {
                    let mut dice = fastrand::Rng::with_seed(seed);
                    let mut told = Vec::new();
                    barrier.wait();
                    for _ in 0..12 {
                        let sent: Vec<Value> =
                            (0..40).map(|_| pool[dice.usize(..60)][usize::from(dice.u8(..4) == 0)].clone()).collect();
                        let verdicts = verdicts(&backend.post("/v1/events", &batch(me, &sent)));
                        told.extend(sent.iter().zip(verdicts).map(|(event, verdict)| {
                            let text = |value: &Value| value.as_str().unwrap().to_owned();
                            (text(&event["id"]), text(&event["data"]["offer"]), verdict)
                        }));
                    }
                    told
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let mut stored = BTreeMap::new();
    for (id, offer, _) in told.iter().filter(|(_, _, verdict)| verdict == "ok") {
        assert_eq!(stored.insert(id, offer), None, "{id} was stored twice, by word");
    }
    for (id, offer, verdict) in told.iter().filter(|(_, _, verdict)| verdict != "ok") {
        let same = stored[id] == offer;
        assert_eq!(verdict, if same { "duplicate" } else { "drop:conflict" }, "{id}");
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), stored.len() as i64);
    for (id, offer) in stored {
        let body: String = ask(data.path(), &format!("SELECT body FROM event WHERE id = '{id}'"));
        assert!(body.contains(offer.as_str()), "{id}");
    }
    let twice = told.iter().filter(|(_, _, verdict)| verdict == "duplicate").count();
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'duplicates'"), twice as i64);
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
                        assert!(reply.header("retry-after").is_some());
                        if reply.status == 429 {
                            refused.fetch_add(1, Ordering::SeqCst);
                        } else {
                            // On a slow machine the database is held for longer than the writer waits.
                            reply.problem(503, "storage");
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

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
