//! The backend is killed under load, again and again: what it acknowledged is stored, and nothing twice.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use patron_core::consent::ConsentStatus;
use serde_json::Value;

use crate::backend::{Backend, batch, count, event, try_post};
use crate::shopper::Shopper;

const DEVICES: usize = 8;
const KILLS: usize = 8;
const EVENTS: usize = 15;

/// Every verdict that reached a device, by the event's id.
type Told = BTreeMap<String, Vec<String>>;

/// A device that behaves: one batch at a time, the same one until it is answered, each with its account.
fn device(address: SocketAddr, answers: &AtomicUsize, stop: &AtomicBool) -> Told {
    let mut shopper = Shopper::new();
    let me = shopper.installation;
    let yes = shopper.decides("engagement", ConsentStatus::Granted);
    let consent = shopper.report(&[yes]).to_string();
    while !try_post(address, "/v1/consent", &[], consent.as_bytes()).is_ok_and(|reply| reply.status == 200) {
        std::thread::yield_now();
    }
    let (mut told, mut delivered) = (Told::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        let mut sent = batch(me, &(0..EVENTS).map(|_| event(me, "engagement", 1)).collect::<Vec<_>>());
        sent["account"] = serde_json::json!({
            "accepted": delivered + EVENTS, "delivered": delivered, "queued": EVENTS });
        let body = sent.to_string();
        let reply = loop {
            match try_post(address, "/v1/events", &[], body.as_bytes()) {
                Ok(reply) if reply.status == 200 => break reply,
                // The rest never leaves a device in the dark: not there, cut off, told to come back.
                _ => std::thread::yield_now(),
            }
        };
        for verdict in reply.json()["verdicts"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            told.entry(text(&verdict["id"])).or_default().push(text(&verdict["verdict"]));
        }
        delivered += EVENTS;
        answers.fetch_add(1, Ordering::SeqCst);
    }
    told
}

#[test]
fn kills_under_load_lose_nothing_acknowledged_and_store_nothing_twice() {
    let data = tempfile::tempdir().unwrap();
    let backend = Mutex::new(Some(Backend::start(data.path())));
    let address = backend.lock().unwrap().as_ref().unwrap().address;
    let port = address.port().to_string();
    let (answers, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut dice = fastrand::Rng::with_seed(4);
    let told: Told = std::thread::scope(|scope| {
        let devices: Vec<_> = (0..DEVICES).map(|_| scope.spawn(|| device(address, &answers, &stop))).collect();
        for _ in 0..KILLS {
            // Some answers later, wherever the writer then is.
            let next = answers.load(Ordering::SeqCst) + dice.usize(1..40);
            while answers.load(Ordering::SeqCst) < next {
                std::thread::yield_now();
            }
            backend.lock().unwrap().take().unwrap().kill();
            *backend.lock().unwrap() = Some(Backend::start_with(data.path(), &["--port", &port]));
        }
        stop.store(true, Ordering::SeqCst);
        devices.into_iter().flat_map(|device| device.join().unwrap()).collect()
    });
    assert!(told.len() >= KILLS * EVENTS, "there was no load");
    assert!(told.values().flatten().all(|verdict| verdict == "ok" || verdict == "duplicate"), "{told:?}");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), told.len() as i64, "lost, or stored twice");
    assert_eq!(count(data.path(), "SELECT count(DISTINCT id) FROM event"), told.len() as i64);
    let database = rusqlite::Connection::open(data.path().join("backend.db")).unwrap();
    let mut known = database.prepare("SELECT count(*) FROM event WHERE id = ?1").unwrap();
    for id in told.keys() {
        assert_eq!(known.query_row([id], |row| row.get::<_, i64>(0)).unwrap(), 1, "{id} was acknowledged");
    }
    let accepted = count(data.path(), "SELECT sum(accepted) FROM account");
    assert_eq!(accepted, told.len() as i64, "each device's last account came with its last batch");
}
