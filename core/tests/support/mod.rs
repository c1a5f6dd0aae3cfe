//! A backend in a few lines: the protocol's promises and none of its speed. Faults are scripted.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, reason = "a module of tests, shared by path")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::{Anchor, Entry, PlainVault, PurposeKind, Seal, Sha, Signer, verify_hex};
use patron_core::log::Log;
use patron_core::sync::wire::{
    BatchReply, ConsentAck, ConsentDecision, ConsentReport, EventBatch, IdentityLink, IdentityReply, PreferencesReply,
    PreferencesStatement, RefusedRight, RightKind, RightStatement, RightsReply, RightsRequest, SignedEntry,
    SignedPreferences, Verdict, VerdictKind,
};
use patron_core::sync::{Method, Pending, Request, Response, Transport, TransportError};
use patron_core::{Config, Edges, Patron, Threads};
use serde_json::value::RawValue;
use uuid::Uuid;

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It does not arrive.
    Unreachable,
    /// It arrives, and the answer is lost.
    LostReply,
    /// It is answered with this and nothing is stored.
    Answer(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// It is answered with this, a moment later, and nothing is stored.
    Late(u16, &'static str),
    /// It arrives, and the answer never comes.
    Hang,
    /// It arrives, and the answer takes a moment.
    Slow,
}

#[derive(Default)]
pub struct Held {
    pub events: BTreeMap<Uuid, String>,
    pub duplicates: u64,
    pub epochs: BTreeMap<Uuid, u64>,
    pub requests: Vec<String>,
    /// The authorization of each request.
    pub keys: Vec<String>,
    /// Every token that was linked.
    pub tokens: Vec<String>,
    /// Every batch of events as it came.
    pub batches: Vec<EventBatch>,
    /// What the backend's clock says.
    pub server_time: Option<String>,
    /// Faults for the coming requests to paths that end so, in order.
    pub faults: VecDeque<(&'static str, Fault)>,
    pub catalogue: Vec<u8>,
    /// Of each request for a catalogue, whether a delta would do.
    pub deltas_asked: Vec<bool>,
    /// The latest report of consent of each installation.
    pub reports: BTreeMap<Uuid, ConsentReport>,
    /// What the shopper decided on other devices.
    pub others: Vec<SignedEntry>,
    /// What the shopper is asked, where that is newer than what the app brought.
    pub consent_catalogue: Option<String>,
    /// The account's secret, told to whoever signs in.
    pub account_secret: Option<String>,
    /// Everything that was asked for by right.
    pub rights: Vec<RightStatement>,
    /// The only key by which it knows installations, where that is not any.
    pub knows_key: Option<String>,
    /// It takes its time with rights.
    pub is_slow_with_rights: bool,
    /// The seed of its key, where that is another than ever.
    pub countersigns_with: Option<[u8; 32]>,
    /// The account's rules, and how often they were written: all devices here are one shopper's.
    pub preferences: (u64, Option<serde_json::Value>),
    /// The numbers that led to it.
    pub preferences_past: Vec<u64>,
    /// Everything that was said of them.
    pub told: Vec<PreferencesStatement>,
    forgetful: bool,
    /// It says `retry` to events whose data has this in it.
    pub puts_off: Option<String>,
    /// It says `drop` to events whose data has the first in it, for the second.
    pub drops: Option<(String, String)>,
    /// It acknowledges every decision, and rests no event on any.
    pub holds_no_consent: bool,
}

impl Held {
    /// A restore from a backup of before.
    pub fn forgets_consent(&mut self) {
        self.epochs.clear();
        self.forgetful = true;
    }
}

/// The model backend; clones share it.
#[derive(Clone, Default)]
pub struct Model(pub Arc<Mutex<Held>>);

impl Model {
    pub fn town() -> Self {
        let model = Self::default();
        model.0.lock().unwrap().catalogue = patron_core::sandbox::TOWN_JSON.as_bytes().to_vec();
        model
    }

    pub fn fail(&self, path: &'static str, fault: Fault) {
        self.0.lock().unwrap().faults.push_back((path, fault));
    }

    pub fn stored(&self) -> usize {
        self.0.lock().unwrap().events.len()
    }

    /// What it says to a request that arrived whole.
    pub fn answer(&self, request: &Request) -> Response {
        let mut held = self.0.lock().unwrap();
        let path = request.url.rsplit_once("/v1/").map_or("", |(_, p)| p);
        let body = unpack(request);
        match (request.method, path) {
            (Method::Get, "catalogue") => json(200, held.catalogue.clone(), Some("\"town\"")),
            (Method::Post, "consent") => {
                let report: ConsentReport = serde_json::from_slice(&body).unwrap();
                let entries: Vec<_> = report.decisions.iter().map(read_entry).collect();
                let epoch = report.decisions.iter().map(|d| d.epoch).max().unwrap_or(0);
                let known = held.epochs.entry(report.installation).or_default();
                *known = epoch.max(*known);
                let key = Signer::from_seed(&held.countersigns_with.unwrap_or([42; 32]));
                let newer = held.consent_catalogue.clone().filter(|_| report.catalogue_revision < 2);
                let ack = ConsentAck {
                    epoch: *held.epochs.get(&report.installation).unwrap(),
                    anchor: entries
                        .iter()
                        .rfind(|(own, _)| own.key == entries[0].0.key)
                        .map(|(entry, hash)| countersign(&key, report.installation, entry.seq, *hash)),
                    others: held.others.clone(),
                    catalogue: newer.map(|text| RawValue::from_string(text).unwrap()),
                };
                held.reports.insert(report.installation, report);
                json(200, serde_json::to_vec(&ack).unwrap(), None)
            }
            (Method::Post, "rights") => {
                let asked: RightsRequest = serde_json::from_slice(&body).unwrap();
                let mut reply = RightsReply::default();
                for right in asked.requests {
                    let statement: RightStatement = serde_json::from_str(&right.statement).unwrap();
                    assert!(verify_hex(&statement.key, right.statement.as_bytes(), &right.signature));
                    if held.knows_key.as_ref().is_some_and(|known| *known != statement.key) {
                        let reason = "wrong_key: another one signs".to_owned();
                        reply.refused.push(RefusedRight { id: right.id, reason });
                        continue;
                    }
                    if statement.kind == RightKind::Export {
                        reply.export = Some(serde_json::json!({"events": held.events.len()}));
                    }
                    if statement.kind == RightKind::Erase || statement.purpose == Some(PurposeKind::Personalisation) {
                        held.preferences.1 = None;
                        held.preferences_past.clear();
                    }
                    if !held.is_slow_with_rights {
                        reply.done.push(right.id);
                    }
                    held.rights.push(statement);
                }
                json(200, serde_json::to_vec(&reply).unwrap(), None)
            }
            (Method::Post, "preferences") => {
                let sent: SignedPreferences = serde_json::from_slice(&body).unwrap();
                let statement: PreferencesStatement = serde_json::from_str(&sent.statement).unwrap();
                assert!(verify_hex(&statement.key, sent.statement.as_bytes(), &sent.signature));
                let held = &mut *held;
                let latest = held.told.len() as u64;
                let (revision, document) = &mut held.preferences;
                let now = if document.is_some() { *revision } else { 0 };
                let reply = match &statement.document {
                    _ if statement.base != now => PreferencesReply {
                        revision: now,
                        stored: false,
                        document: document.clone(),
                        follows: document.is_some() && held.preferences_past.contains(&statement.base),
                    },
                    None => PreferencesReply { revision: now, ..PreferencesReply::default() },
                    Some(new) => {
                        (*revision, *document) = (latest.max(*revision) + 1, Some(new.clone()));
                        held.preferences_past.push(*revision);
                        PreferencesReply { revision: *revision, stored: true, ..PreferencesReply::default() }
                    }
                };
                held.told.push(statement);
                json(200, serde_json::to_vec(&reply).unwrap(), None)
            }
            (Method::Post, "identity") => {
                let link: IdentityLink = serde_json::from_slice(&body).unwrap();
                held.tokens.push(link.token);
                match held.account_secret.clone() {
                    Some(secret) => json(200, serde_json::to_vec(&IdentityReply { secret }).unwrap(), None),
                    None => json(204, Vec::new(), None),
                }
            }
            (Method::Post, "events") => {
                let batch: EventBatch = serde_json::from_slice(&body).unwrap();
                let forgetful = held.forgetful;
                let acknowledged = held.epochs.get(&batch.installation).copied().unwrap_or(0);
                let verdicts = batch
                    .events
                    .iter()
                    .map(|event| {
                        if event.consentepoch > acknowledged || held.holds_no_consent {
                            assert!(forgetful || held.holds_no_consent, "an event came before its consent");
                            let reason = Some("consent_not_held".to_owned());
                            return Verdict { id: event.id, verdict: VerdictKind::Retry, reason };
                        }
                        if held.puts_off.as_ref().is_some_and(|text| event.data.get().contains(text)) {
                            return Verdict { id: event.id, verdict: VerdictKind::Retry, reason: None };
                        }
                        if let Some((_, why)) = held.drops.as_ref().filter(|(text, _)| event.data.get().contains(text))
                        {
                            let reason = Some(why.clone());
                            return Verdict { id: event.id, verdict: VerdictKind::Drop, reason };
                        }
                        let verdict = if held.events.insert(event.id, event.kind.clone()).is_some() {
                            held.duplicates += 1;
                            VerdictKind::Duplicate
                        } else {
                            VerdictKind::Ok
                        };
                        Verdict { id: event.id, verdict, reason: None }
                    })
                    .collect();
                let server_time = held.server_time.clone().unwrap_or_else(|| "2026-11-22T10:00:00Z".into());
                let reply = BatchReply { batch: batch.batch, verdicts, server_time };
                held.batches.push(batch);
                json(200, serde_json::to_vec(&reply).unwrap(), None)
            }
            _ => json(404, Vec::new(), None),
        }
    }
}

/// The entry behind a decision that was told, whose signature must hold; and its hash.
fn read_entry(told: &ConsentDecision) -> (Entry, Sha) {
    let seal = Seal::from_hex(told.entry.clone(), &told.signature).unwrap();
    (seal.open(told.epoch).unwrap(), seal.hash())
}

fn countersign(signer: &Signer, installation: Uuid, epoch: u64, head: Sha) -> Anchor {
    let at = "2026-11-23T10:00:00Z".to_owned();
    let signature = signer.sign(Anchor::message(installation, epoch, head, &at).as_bytes());
    Anchor { head, epoch, at, key: signer.public(), signature }
}

pub fn unpack(request: &Request) -> Vec<u8> {
    if request.headers.iter().any(|(n, v)| n == "content-encoding" && v == "zstd") {
        zstd::decode_all(request.body.as_slice()).unwrap()
    } else {
        request.body.clone()
    }
}

fn json(status: u16, body: Vec<u8>, etag: Option<&str>) -> Response {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(etag.map(|etag| ("etag".to_owned(), etag.to_owned())));
    Response { status, headers, body }
}

impl Transport for Model {
    fn send(&self, request: Request) -> Pending<'_> {
        let fault = {
            let mut held = self.0.lock().unwrap();
            held.requests.push(request.url.clone());
            if request.url.ends_with("/v1/catalogue") {
                held.deltas_asked.push(request.headers.iter().any(|(name, _)| name == "a-im"));
            }
            let key = request.headers.iter().find(|(name, _)| name == "authorization");
            held.keys.extend(key.map(|(_, value)| value.clone()));
            match held.faults.front() {
                Some((path, _)) if request.url.ends_with(path) => held.faults.pop_front().map(|(_, fault)| fault),
                _ => None,
            }
        };
        Box::pin(async move {
            match fault {
                None => Ok(self.answer(&request)),
                Some(Fault::Unreachable) => Err(TransportError::Network("connection refused".into())),
                Some(Fault::LostReply) => {
                    self.answer(&request);
                    Err(TransportError::Network("connection reset".into()))
                }
                Some(Fault::Answer(status, headers, body)) => Ok(Response {
                    status,
                    headers: headers.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
                    body: body.as_bytes().to_vec(),
                }),
                Some(Fault::Late(status, body)) => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
                }
                Some(Fault::Slow) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok(self.answer(&request))
                }
                Some(Fault::Hang) => {
                    self.answer(&request);
                    std::future::pending().await
                }
            }
        })
    }
}

/// What the backend says of a key that it does not know.
pub const KEY_REFUSED: &str = r#"{"type":"/problems/unknown-key","title":"No tenant has this key","status":401}"#;

/// 2026-11-23 10:00 in Helsinki, a Monday.
pub const MONDAY_10: i64 = 1_795_420_800_000;

thread_local! {
    /// The seed of the next store that this test opens.
    static OPENED: Cell<u64> = const { Cell::new(7) };
}

/// A store in `folder` against `model`, with time in the test's hands.
pub fn open(folder: &Path, model: &Model, clock: &Arc<ManualClock>) -> Patron {
    try_open(folder, model, clock).unwrap()
}

pub fn try_open(folder: &Path, model: &Model, clock: &Arc<ManualClock>) -> Result<Patron, patron_core::Error> {
    open_with(config(folder), model, clock)
}

pub fn config(folder: &Path) -> Config {
    Config::new(folder, "https://model.invalid", "pk_test")
}

pub fn open_with(config: Config, model: &Model, clock: &Arc<ManualClock>) -> Result<Patron, patron_core::Error> {
    let edges = Edges {
        clock: clock.clone(),
        transport: Arc::new(model.clone()),
        // Another one for each process of a test: two never draw the same ids.
        seed: Some(OPENED.replace(OPENED.get() + 1)),
        vault: PlainVault::shared(),
        log: Log::silent(),
        threads: Threads::default(),
    };
    Patron::open(config, edges)
}

/// Waits for `future` on this thread; ten real seconds are a failure and not a hang.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), future).await.expect("it hangs") })
}

/// Moves the clock on, second by second, until `future` is done.
pub fn wait_moving<T>(clock: &ManualClock, patron: &Patron, future: impl Future<Output = T>) -> T {
    wait(async {
        tokio::pin!(future);
        loop {
            tokio::select! {
                done = &mut future => return done,
                () = tokio::time::sleep(Duration::from_millis(5)) => {
                    clock.advance(Duration::from_secs(1));
                    // Any command makes the engine look at the clock.
                    let _ = patron.set_online(true);
                }
            }
        }
    })
}
