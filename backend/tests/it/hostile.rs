//! What is broken, huge or hostile is refused in words, at a bounded cost, and harms no one else.

use std::io::Write;

use serde_json::json;
use uuid::Uuid;

use crate::backend::{Backend, KEY, batch, count, event, verdicts};
use crate::client::{self, head};
use crate::events::gzip;

#[test]
fn every_path_but_the_open_ones_is_closed_without_a_key() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    for (method, path) in [
        ("GET", "/v1/catalogue"),
        ("GET", "/v1/keys"),
        ("GET", "/v1/partner/events"),
        ("POST", "/v1/consent"),
        ("POST", "/v1/identity"),
        ("POST", "/v1/rights"),
        ("POST", "/v1/preferences"),
        ("POST", "/v1/events"),
    ] {
        let with =
            |headers: &[(&str, &str)]| client::raw(backend.address, head(method, path, headers).as_bytes()).unwrap();
        let missing = with(&[]);
        missing.problem(401, "missing-key");
        assert_eq!(missing.header("www-authenticate"), Some("Bearer"));
        with(&[("authorization", "Basic cGtfZGVtbw==")]).problem(401, "missing-key");
        let detail = with(&[("authorization", "Bearer pk_demo_guess")]).problem(401, "unknown-key");
        assert!(!detail.contains("guess"));
        with(&[("authorization", "Bearer ")]).problem(401, "missing-key");
    }
    assert_eq!(backend.get("/health", &[]).json()["status"], "ok");
    assert_eq!(backend.get("/openapi.json", &[]).json()["openapi"].as_str().unwrap().split('.').next(), Some("3"));
}

#[test]
fn a_wrong_path_or_method_says_what_is_right() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let detail = backend.get("/v2/events", &[KEY]).problem(404, "no-such-path");
    assert!(detail.contains("/v2/events") && detail.contains("/openapi.json"));
    let wrong = backend.get("/v1/events", &[KEY]);
    wrong.problem(405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("POST"));
    backend.post("/v1/catalogue", &json!({})).problem(405, "method-not-allowed");
}

#[test]
fn a_body_that_is_no_batch_says_where() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    let whole = batch(me, &[event(me, "engagement", 1)]).to_string();
    for body in
        ["", "{", "null", "[]", "\u{0}", &"[".repeat(100_000), &whole[..whole.len() - 1], &(whole.clone() + "x")]
    {
        let detail = backend.post_bytes("/v1/events", &[], body.as_bytes()).problem(400, "malformed");
        assert!(detail.contains("line 1 column"), "{detail}");
    }
    backend.post_bytes("/v1/events", &[], b"{\"batch\":\"\xff\"}").problem(400, "malformed");
    assert_eq!(verdicts(&backend.post_bytes("/v1/events", &[], whole.as_bytes())).len(), 1, "it still serves");
}

#[test]
fn a_broken_event_is_dropped_by_name_and_its_neighbours_are_stored() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let mut odd = event(me, "engagement", 1);
    odd["monotonicms"] = json!("soon");
    let mut unknown = event(me, "engagement", 1);
    unknown["purpose"] = json!("world_domination");
    let mut huge = event(me, "engagement", 1);
    huge["data"] = json!("x".repeat(32 * 1024));
    let sent =
        batch(me, &[odd, event(me, "engagement", 1), unknown, json!({"no": "id"}), huge, event(me, "engagement", 1)]);
    let reply = backend.post("/v1/events", &sent);
    assert_eq!(verdicts(&reply), ["drop:malformed", "ok", "drop:unknown_purpose", "drop:oversize", "ok"]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 2);
}

#[test]
fn a_packed_body_that_is_cut_or_of_another_kind_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    let body = batch(me, &[event(me, "engagement", 1)]).to_string().into_bytes();
    let zstd = zstd::encode_all(&body[..], 3).unwrap();
    let post =
        |encoding: &str, bytes: &[u8]| backend.post_bytes("/v1/events", &[("content-encoding", encoding)], bytes);
    post("zstd", &zstd[..zstd.len() / 2]).problem(400, "malformed");
    post("zstd", &body).problem(400, "malformed");
    post("gzip", &zstd).problem(400, "malformed");
    post("gzip", &gzip(&body)[..40]).problem(400, "malformed");
    let unknown = post("br", &body);
    unknown.problem(415, "unsupported-encoding");
    assert_eq!(unknown.header("accept-encoding"), Some("zstd, gzip"));
    post("gzip, zstd", &zstd).problem(415, "unsupported-encoding");
    let headers = [KEY, ("content-type", "text/xml"), ("content-length", "2")];
    let xml = client::raw(backend.address, (head("POST", "/v1/events", &headers) + "{}").as_bytes()).unwrap();
    xml.problem(415, "unsupported-type");
}

#[test]
fn a_body_that_is_too_long_is_refused_announced_or_not() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    // 100 MB are announced and none is sent: the answer does not wait for them.
    let announced = head("POST", "/v1/events", &[KEY, ("content-length", "100000000")]);
    client::raw(backend.address, announced.as_bytes()).unwrap().problem(413, "too-large");
    // Nothing is announced, and it goes on and on.
    let mut chunked = head("POST", "/v1/events", &[KEY, ("transfer-encoding", "chunked")]).into_bytes();
    for _ in 0..40 {
        chunked.extend_from_slice(b"4000\r\n");
        chunked.extend_from_slice(&[b' '; 0x4000]);
        chunked.extend_from_slice(b"\r\n");
    }
    client::raw(backend.address, &chunked).unwrap().problem(413, "too-large");
    let me = Uuid::now_v7();
    let many: Vec<_> = (0..501).map(|_| json!(0)).collect();
    backend.post("/v1/events", &batch(me, &many)).problem(413, "too-many-events");
}

#[test]
fn bodies_that_do_not_come_take_places_and_leave_the_other_tenant_its_own() {
    const OTHER: &str = "pk_acme_secret";
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start_with(data.path(), &["--key", "pk_demo", "--key", OTHER]);
    let head =
        "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer pk_demo\r\ncontent-length: 200000\r\n\r\n{";
    let empty = batch(Uuid::now_v7(), &[]);
    let mut slow = Vec::new();
    // One more each time, until there is no place left for the question.
    let refused = (0..1_000).any(|_| {
        let mut stream = client::connect(backend.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        slow.push(stream);
        backend.post("/v1/events", &empty).status == 429
    });
    assert!(refused, "{} bodies were waited for, and the next was read as well", slow.len());
    assert_eq!(backend.post_as(OTHER, "/v1/events", &empty).status, 200);
    drop(slow);
    let free = (0..2_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        backend.post("/v1/events", &empty).status == 200
    });
    assert!(free, "a place that was left is free again");
}

#[test]
fn a_bomb_costs_no_more_memory_than_an_honest_batch() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let before = peak_kib(&backend);
    let gib = zstd_bomb(8 * 1024);
    let members = gzip(&vec![0; 4 * 1024 * 1024]).repeat(8);
    assert!(gib.len().max(members.len()) < 256 * 1024, "refused for their length alone");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let zstd = backend.post_bytes("/v1/events", &[("content-encoding", "zstd")], &gib);
                assert!(zstd.problem(413, "too-large").contains("inflates"));
                let gzip = backend.post_bytes("/v1/events", &[("content-encoding", "gzip")], &members);
                assert!(gzip.problem(413, "too-large").contains("inflates"));
            });
        }
    });
    let grown = peak_kib(&backend) - before;
    assert!(grown < 48 * 1024, "16 bombs of up to 1 GiB cost {grown} KiB");
}

/// Blocks of 128 KiB of one repeated byte, four bytes each on the wire (RFC 8878, 3.1.1.2).
fn zstd_bomb(blocks: u32) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3];
    for block in 1..=blocks {
        let header = (128 * 1024) << 3 | 1 << 1 | u32::from(block == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

/// The most memory that the process has held so far.
fn peak_kib(backend: &Backend) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", backend.child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
