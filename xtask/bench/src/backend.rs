//! How many events a second the real backend stores for good, and how long a device waits for its answer.
//!
//! The backend is a process of its own, spoken to over loopback by clients that each send one batch
//! after the other, packed beforehand: what is measured is the backend, not the making of requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::Context;
use patron_core::consent::{ConsentStatus, Decision, Purpose, PurposeKind, Sha, Signer};
use patron_core::sync::wire::{
    CONSENT_PATH, CloudEvent, ConsentDecision, ConsentReport, EVENTS_PATH, EventBatch, SentClock,
};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::row::{Bench, Row, Target};
use crate::{events, stats};

pub const BENCH: Bench = Bench {
    title: "64 clients at the real backend, each batch behind a FULL commit",
    ids: &["backend_per_s", "backend_p99_ms"],
    run,
};

const CLIENTS: usize = 64;
const BATCHES: usize = 60;
/// Events of a batch: what a phone gathers in some minutes of use.
const BATCH: usize = 50;
const RUNS: usize = 3;
/// What raw SQLite is given to show its rate.
const SPAN: Duration = Duration::from_secs(3);
pub const KEY: &str = "pk_bench";
/// An event's wall clock; any will do.
const TIME: &str = "2026-11-22T10:00:00.000Z";

fn run() -> anyhow::Result<Vec<Row>> {
    let (mut rates, mut waits_us) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (rate, waits) = load()?;
        rates.push(rate);
        waits_us.extend(waits);
    }
    let ms = |us: u64| us as f64 / 1e3;
    let (p50, p99) = (stats::percentile(&mut waits_us, 0.5), stats::percentile(&mut waits_us, 0.99));
    let raw = format!("raw SQLite, {BATCH} rows a FULL commit");
    Ok(vec![
        Row {
            id: "backend_per_s",
            value: stats::median(rates),
            unit: "events/s",
            target: Target::Told,
            peers: vec![(raw, raw_sqlite()?)],
        },
        Row {
            id: "backend_p99_ms",
            value: ms(p99),
            unit: "ms",
            target: Target::Told,
            peers: vec![("(p50)".into(), ms(p50))],
        },
    ])
}

/// Events a second, and how long each request took, microseconds.
fn load() -> anyhow::Result<(f64, Vec<u64>)> {
    let folder = tempfile::tempdir()?;
    let backend = Backend::start(folder.path())?;
    let barrier = Barrier::new(CLIENTS + 1);
    let (elapsed, waits) = std::thread::scope(|scope| -> anyhow::Result<_> {
        let (address, barrier) = (backend.address, &barrier);
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || be_client(client, address, barrier))).collect();
        barrier.wait();
        let start = Instant::now();
        let mut waits = Vec::with_capacity(CLIENTS * BATCHES);
        for client in clients {
            waits.extend(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
        }
        Ok((start.elapsed(), waits))
    })?;
    let sent = CLIENTS * BATCHES * BATCH;
    let stored = stored(folder.path())?;
    anyhow::ensure!(stored == sent as i64, "{sent} were acknowledged and {stored} are stored");
    Ok((sent as f64 / elapsed.as_secs_f64(), waits))
}

/// How many events the backend of that folder holds, by its own database.
pub fn stored(data: &Path) -> anyhow::Result<i64> {
    let database = Connection::open(data.join("backend.db"))?;
    Ok(database.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?)
}

/// Makes its requests, waits for the others, and sends one after the other.
fn be_client(client: usize, address: SocketAddr, barrier: &Barrier) -> anyhow::Result<Vec<u64>> {
    let prepared = prepare(client, address);
    barrier.wait();
    let (mut connection, requests) = prepared?;
    let mut waits = Vec::with_capacity(requests.len());
    for request in requests {
        let start = Instant::now();
        let reply = connection.ask(&request)?;
        waits.push(start.elapsed().as_micros() as u64);
        let stored = reply.windows(14).filter(|window| window == br#""verdict":"ok""#).count();
        anyhow::ensure!(stored == BATCH, "{stored} of a batch were stored");
    }
    Ok(waits)
}

fn prepare(client: usize, address: SocketAddr) -> anyhow::Result<(Client, Vec<Vec<u8>>)> {
    let me = Uuid::now_v7();
    let mut connection = Client::connect(address)?;
    let mut yes = Decision::new(Uuid::now_v7(), Purpose::Engagement, ConsentStatus::Granted, 0, 1);
    let seal = Signer::from_seed(&[client as u8; 32]).seal(&mut yes, Sha::NONE);
    let yes = ConsentDecision { epoch: 1, signature: seal.signature_hex(), entry: seal.entry };
    let report = ConsentReport {
        installation: me,
        decisions: vec![yes],
        lowered: Vec::new(),
        pseudonyms: BTreeMap::new(),
        catalogue_revision: 1,
        standing: None,
        account: None,
    };
    connection.ask(&post(CONSENT_PATH, &report)?)?;
    let requests = (0..BATCHES).map(|batch| {
        let first = (client * BATCHES + batch) * BATCH;
        post(EVENTS_PATH, &batch_of(me, first)?)
    });
    let requests = requests.collect::<anyhow::Result<_>>()?;
    Ok((connection, requests))
}

fn batch_of(installation: Uuid, first: usize) -> anyhow::Result<EventBatch> {
    let (boot, session) = (Uuid::from_u128(installation.as_u128() ^ 1), Uuid::now_v7());
    let event = |i: usize| -> anyhow::Result<CloudEvent> {
        let event = events::event(i);
        Ok(CloudEvent {
            specversion: "1.0".into(),
            id: Uuid::now_v7(),
            source: format!("/installations/{installation}"),
            kind: event.type_name().into(),
            subject: None,
            time: TIME.into(),
            datacontenttype: "application/json".into(),
            purpose: PurposeKind::Engagement,
            partner: None,
            consentepoch: 1,
            monotonicms: 812_000 + i as u64 * 37,
            bootid: boot,
            sessionid: session,
            schemaversion: 1,
            data: RawValue::from_string(String::from_utf8(event.to_json()?)?)?,
        })
    };
    Ok(EventBatch {
        batch: Uuid::now_v7(),
        installation,
        sent_at: TIME.into(),
        sent_clock: Some(SentClock { monotonicms: 900_000 + (first + BATCH) as u64 * 37, bootid: boot }),
        account: None,
        events: (first..first + BATCH).map(event).collect::<anyhow::Result<_>>()?,
    })
}

/// A whole request: packed as a device packs it, on a connection that stays.
fn post(path: &str, body: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let body = zstd::encode_all(&serde_json::to_vec(body)?[..], 3)?;
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\n\
         content-encoding: zstd\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    Ok(request)
}

/// One connection.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(16 * 1024, stream)))
    }

    /// Sends and returns the body of the answer, which has to be a success.
    fn ask(&mut self, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.0.get_mut().write_all(request)?;
        let (mut status, mut length) = (String::new(), 0);
        self.0.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            anyhow::ensure!(self.0.read_line(&mut line)? > 0, "the connection was closed");
            match line.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        anyhow::ensure!(status.contains(" 200 "), "{}: {}", status.trim(), String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// A running `patron-backend`; killed when it is dropped.
pub struct Backend {
    child: Child,
    pub address: SocketAddr,
}

impl Backend {
    /// Starts the binary that stands beside this one, with limits that are not what is measured.
    pub fn start(data: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name("patron-backend");
        let mut child = Command::new(&program)
            .args(["serve", "--port", "0", "--key", KEY, "--data"])
            .arg(data)
            .args(["--requests-per-second", "1000000", "--events-per-second", "1000000"])
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}; cargo xtask bench builds it", program.display()))?;
        let stdout = child.stdout.take().context("the backend has no standard output")?;
        // Killed from here on, whatever comes.
        let mut backend = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line).context("the backend did not start")?;
        let url = said["listening"].as_str().context("the backend names no address")?;
        backend.address = url.trim_start_matches("http://").parse()?;
        Ok(backend)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill, only to collect.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The floor: SQLite alone with the same pragmas, one writer, a batch of rows a commit, an id that is unique.
fn raw_sqlite() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut database = Connection::open(folder.path().join("raw.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE event (seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
                             UNIQUE (tenant, id)) STRICT;",
    )?;
    let me = Uuid::now_v7();
    let batches = (0..100).map(|n| batch_of(me, n * BATCH)).collect::<anyhow::Result<Vec<_>>>()?;
    let bodies = batches.iter().flat_map(|batch| &batch.events).map(serde_json::to_string);
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < SPAN {
        let transaction = database.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO event (tenant, id, body) VALUES ('bench', ?1, ?2)")?;
            for _ in 0..BATCH {
                insert.execute((Uuid::now_v7().to_string(), &bodies[count % bodies.len()]))?;
                count += 1;
            }
        }
        transaction.commit()?;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
