//! Starting, being refused to start, and ending.

use std::io::Write;
use std::net::TcpStream;

use uuid::Uuid;

use crate::backend::{Backend, KEY, ask, batch, command, count, event, verdicts};
use crate::client::{self, head};
use crate::shopper::Shopper;

#[test]
fn a_request_in_flight_is_finished_and_the_file_left_tidy() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let body = batch(me, &[event(me, "engagement", 1)]).to_string();
    let length = body.len().to_string();
    let head = head("POST", "/v1/events", &[KEY, ("content-length", &length), ("expect", "100-continue")]);
    let mut in_flight = client::connect(backend.address).unwrap();
    in_flight.write_all(head.as_bytes()).unwrap();
    // Asked to go on: the request is being worked on from here.
    let mut go_on = [0; 25];
    std::io::Read::read_exact(&mut in_flight, &mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let idle = client::connect(backend.address).unwrap();
    backend.terminate();
    while TcpStream::connect(backend.address).is_ok() {
        std::thread::yield_now();
    }
    in_flight.write_all(body.as_bytes()).unwrap();
    assert_eq!(verdicts(&client::read_response(&mut in_flight).unwrap()), ["ok"]);
    assert!(backend.wait().success(), "an idle connection does not keep it");
    drop(idle);
    let wal = std::fs::metadata(data.path().join("backend.db-wal")).map_or(0, |wal| wal.len());
    assert_eq!(wal, 0, "the log was checkpointed");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1);
}

#[test]
fn a_second_backend_on_the_same_folder_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let first = Backend::start(data.path());
    let second = command(data.path(), &["--seed", "demo"]).output().unwrap();
    let error = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(error.contains("is in use by another patron-backend") && error.contains("--data"), "{error}");
    assert!(second.stdout.is_empty());
    assert_eq!(first.get("/health", &[]).status, 200);
    first.kill();
    Backend::start(data.path());
}

#[test]
fn wrong_arguments_name_the_right_one() {
    let data = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (&["--key", "demo"][..], "pk_TENANT"),
        (&["--seed", "dmeo"], "demo"),
        (&["--catalogue", "x.json"], "--catalogue needs --key or --seed"),
        (&["--catalogue", "/nowhere/x.json", "--seed", "demo"], "/nowhere/x.json"),
        (&["--consent-catalogue", "x.json"], "--consent-catalogue needs --key or --seed"),
        (&["--partner-key", "lumi=pk_demo", "--seed", "demo"], "PARTNER=sk_TENANT_SECRET"),
        (&["--partner-key", "lumi=sk_demo_short", "--seed", "demo"], "16 characters"),
        (&["--prot", "7"], "--port"),
    ] {
        let refused = command(data.path(), arguments).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains(says), "{error}");
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_patron-backend"));
    let refused = command.args(["serve", "--port", &port, "--data"]).arg(data.path()).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[test]
fn the_log_at_its_loudest_names_no_key_no_shopper_and_no_event() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let partner = "sk_demo_topsecret-0123456789";
    let keys = ["--key", "pk_demo", "--key", "pk_acme_topsecret", "--partner-key", &format!("lumi={partner}")];
    let mut command = command(data.path(), &keys);
    command.env("RUST_LOG", "trace").stderr(std::fs::File::create(&log).unwrap());
    let backend = Backend::spawn(command);
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let link = serde_json::json!({ "installation": me, "alias": Uuid::now_v7(), "token": "a-token-nobody-may-read" });
    assert_eq!(backend.post("/v1/identity", &link).status, 200);
    let mut odd = event(me, "engagement", 1);
    odd["data"] = "bought-a-present".into();
    let mut broken = odd.clone();
    broken["bootid"] = "bought-a-present".into();
    let sent = batch(me, &[odd, broken]);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok", "drop:malformed"]);
    backend.get("/v1/shoppers/bought-a-present?token=a-token-nobody-may-read", &[KEY]).problem(404, "no-such-path");
    let shopper = Shopper::of(me);
    crate::shopper::ask(&backend, &[&shopper.asks("export", serde_json::json!({}))]);
    crate::shopper::ask(&backend, &[&shopper.asks("erase", serde_json::json!({}))]);
    let bearer = format!("Bearer {partner}");
    backend.get("/v1/partner/events?after=bought-a-present", &[("authorization", &bearer)]).problem(400, "malformed");
    let secret: String = ask(data.path(), "SELECT lower(hex(seed)) FROM tenant_key WHERE tenant = 'demo'");
    backend.terminate();
    assert!(backend.wait().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/v1/events"), "the log was not loud");
    for secret in ["pk_demo", "topsecret", "nobody-may-read", "bought-a-present", &me.to_string(), &secret] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn help_shows_how_to_begin() {
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_patron-backend")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for part in [
        "--data",
        "--port",
        "--seed",
        "--catalogue",
        "--key",
        "--partner-key",
        "--consent-catalogue",
        "--events-per-second",
        "--keep-days",
        "Examples:",
        "\"listening\"",
    ] {
        assert!(help.contains(part), "{part} is not in --help");
    }
}
