//! How fast a full queue empties over real HTTP, and what an event weighs on the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use patron_core::consent::Purpose;
use patron_core::event::Tracked;
use patron_core::sync::wire::{BatchReply, ConsentAck, ConsentReport, EventBatch, Verdict, VerdictKind};
use patron_core::{Config, Edges, Patron};

use crate::row::{Bench, Row, Target};
use crate::track::wait;
use crate::{events, stats};

pub const BENCH: Bench = Bench {
    title: "drain of 10,000 events to a loopback sink that parses and answers each",
    ids: &["drain_per_s", "wire_bytes_per_event"],
    run,
};

const EVENTS: usize = 10_000;
const RUNS: usize = 5;

fn run() -> anyhow::Result<Vec<Row>> {
    let (mut rates, mut bytes) = (Vec::new(), 0.0);
    for _ in 0..RUNS {
        let (rate, per_event) = drain()?;
        rates.push(rate);
        bytes = per_event;
    }
    Ok(vec![
        Row {
            id: "drain_per_s",
            value: stats::median(rates),
            unit: "events/s",
            target: Target::AtLeast(50_000.0),
            peers: vec![],
        },
        Row { id: "wire_bytes_per_event", value: bytes, unit: "B", target: Target::AtMost(40.0), peers: vec![] },
    ])
}

fn drain() -> anyhow::Result<(f64, f64)> {
    let sink = Sink::start()?;
    let folder = tempfile::tempdir()?;
    let config = Config::new(folder.path(), &sink.endpoint, "pk_bench");
    let patron = Patron::open(config.clone(), Edges::system(&config)?)?;
    patron.set_online(false)?;
    wait(patron.grant(vec![Purpose::Engagement]))?;
    for i in 0..EVENTS {
        anyhow::ensure!(patron.track(&events::event(i))? == Tracked::Recorded, "event {i} was refused");
        if i % 1_000 == 0 {
            wait(patron.flush())?;
        }
    }
    wait(patron.flush())?;
    // The decisions go first and are not what is measured.
    let start = Instant::now();
    patron.set_online(true)?;
    let drained = wait(patron.drain(Duration::from_secs(60), None))?;
    let elapsed = start.elapsed().as_secs_f64();
    anyhow::ensure!(drained.done && drained.left == 0, "not drained: {drained:?}");
    let (held, bytes) = (sink.events.load(Ordering::SeqCst), sink.bytes.load(Ordering::SeqCst));
    anyhow::ensure!(held == EVENTS as u64, "the sink holds {held}");
    Ok((EVENTS as f64 / elapsed, bytes as f64 / EVENTS as f64))
}

/// Parses every batch and answers with a verdict for each event.
struct Sink {
    endpoint: String,
    events: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
}

impl Sink {
    fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let sink = Self {
            endpoint: format!("http://{}", listener.local_addr()?),
            events: Arc::default(),
            bytes: Arc::default(),
        };
        let (events, bytes) = (Arc::clone(&sink.events), Arc::clone(&sink.bytes));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (events, bytes) = (Arc::clone(&events), Arc::clone(&bytes));
                std::thread::spawn(move || while answer(&connection, &events, &bytes).is_ok() {});
            }
        });
        Ok(sink)
    }
}

fn answer(connection: &TcpStream, events: &AtomicU64, bytes: &AtomicU64) -> anyhow::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, connection);
    let (mut first, mut length, mut packed) = (String::new(), 0, false);
    anyhow::ensure!(reader.read_line(&mut first)? > 0, "closed");
    loop {
        let mut line = String::new();
        anyhow::ensure!(reader.read_line(&mut line)? > 0, "closed");
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        packed |= line == "content-encoding: zstd";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let sent = body.len() as u64;
    if packed {
        body = zstd::decode_all(body.as_slice())?;
    }
    let reply = if first.contains("/v1/events") {
        let batch: EventBatch = serde_json::from_slice(&body)?;
        bytes.fetch_add(sent, Ordering::SeqCst);
        events.fetch_add(batch.events.len() as u64, Ordering::SeqCst);
        let verdicts =
            batch.events.iter().map(|e| Verdict { id: e.id, verdict: VerdictKind::Ok, reason: None }).collect();
        serde_json::to_vec(&BatchReply { batch: batch.batch, verdicts, server_time: "2026-01-01T00:00:00Z".into() })?
    } else if first.contains("/v1/consent") {
        let report: ConsentReport = serde_json::from_slice(&body)?;
        let epoch = report.decisions.iter().map(|d| d.epoch).max().unwrap_or(0);
        serde_json::to_vec(&ConsentAck { epoch })?
    } else {
        br#"{"version":"0","partners":[],"places":[],"offers":[]}"#.to_vec()
    };
    let mut out =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", reply.len())
            .into_bytes();
    out.extend(reply);
    (&mut &*connection).write_all(&out)?;
    Ok(())
}
