//! A server on loopback that takes everyone's events, counts them and answers as their backends would.
//!
//! Patron's batches are parsed, and every event gets its verdict. Of the peers' requests, whose
//! forms differ, the numbers of the events are read: `sq_` and six digits, which the JVM's
//! benchmarks give to each. Nothing is stored, so what is measured is the client.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patron_core::sync::wire::{BatchReply, ConsentAck, ConsentReport, EventBatch, Verdict, VerdictKind};
use serde_json::json;
use uuid::Uuid;

use crate::shelf;

/// With this key the catalogue holds ten thousand offers; with any other, none.
const SHELF_KEY: &str = "pk_shelf";

/// Here it tells what it holds.
const HELD: &str = "/__held";

/// How a peer's event is numbered.
const MARK: &[u8] = b"sq_";
const MARK_DIGITS: usize = 6;

/// What arrived so far.
#[derive(Default, Clone)]
pub struct Held {
    /// Events, each as often as it came.
    pub events: u64,
    /// Bytes of the bodies that carried them, as sent.
    pub bytes: u64,
    ids: HashSet<Uuid>,
    marks: HashSet<[u8; MARK_DIGITS]>,
}

impl Held {
    /// Events, each once.
    pub fn unique(&self) -> u64 {
        (self.ids.len() + self.marks.len()) as u64
    }
}

/// The server; its threads end with the process.
pub struct Sink {
    pub endpoint: String,
    held: Arc<Mutex<Held>>,
}

impl Sink {
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let held: Arc<Mutex<Held>> = Arc::default();
        let sink = Self { endpoint: format!("http://{address}"), held: Arc::clone(&held) };
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (address, held) = (address.clone(), Arc::clone(&held));
                std::thread::spawn(move || {
                    let _ = connection.set_nodelay(true);
                    let mut reader = BufReader::with_capacity(64 * 1024, &connection);
                    while answer(&mut reader, &connection, &address, &held).is_ok() {}
                });
            }
        });
        Ok(sink)
    }

    pub fn held(&self) -> Held {
        lock(&self.held).clone()
    }
}

/// Says where it listens, and runs until standard input ends: it never outlives whoever started it.
pub fn serve() -> anyhow::Result<()> {
    let sink = Sink::start()?;
    writeln!(std::io::stdout(), "{}", json!({ "listening": sink.endpoint }))?;
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request, its body unpacked.
struct Asked {
    line: String,
    key: String,
    sent_bytes: u64,
    body: Vec<u8>,
}

fn answer(
    reader: &mut impl BufRead,
    mut connection: &TcpStream,
    address: &str,
    held: &Mutex<Held>,
) -> anyhow::Result<()> {
    let asked = read(reader)?;
    let reply = reply(&asked, address, held)?;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", reply.len());
    connection.write_all(&[head.as_bytes(), &reply].concat())?;
    Ok(())
}

fn read(reader: &mut impl BufRead) -> anyhow::Result<Asked> {
    let line = next_line(reader)?;
    let (mut length, mut chunked, mut packing, mut key) = (0, false, String::new(), String::new());
    loop {
        let header = next_line(reader)?;
        let Some((name, value)) = header.split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse()?,
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "content-encoding" => packing = value.to_ascii_lowercase(),
            "authorization" => key = value.to_owned(),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = u64::from_str_radix(next_line(reader)?.trim(), 16)?;
            reader.take(size).read_to_end(&mut body)?;
            next_line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else {
        reader.take(length).read_to_end(&mut body)?;
    }
    let sent_bytes = body.len() as u64;
    let body = match packing.as_str() {
        "zstd" => zstd::decode_all(body.as_slice())?,
        "gzip" => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut plain)?;
            plain
        }
        _ => body,
    };
    Ok(Asked { line, key, sent_bytes, body })
}

fn next_line(reader: &mut impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    anyhow::ensure!(reader.read_line(&mut line)? > 0, "closed");
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn reply(asked: &Asked, address: &str, held: &Mutex<Held>) -> anyhow::Result<Vec<u8>> {
    if asked.line.contains("/v1/events") {
        let batch: EventBatch = serde_json::from_slice(&asked.body)?;
        let mut held = lock(held);
        held.bytes += asked.sent_bytes;
        held.events += batch.events.len() as u64;
        held.ids.extend(batch.events.iter().map(|event| event.id));
        drop(held);
        let verdicts =
            batch.events.iter().map(|e| Verdict { id: e.id, verdict: VerdictKind::Ok, reason: None }).collect();
        let reply = BatchReply { batch: batch.batch, verdicts, server_time: "2026-01-01T00:00:00Z".into() };
        return Ok(serde_json::to_vec(&reply)?);
    }
    if asked.line.contains("/v1/consent") {
        let report: ConsentReport = serde_json::from_slice(&asked.body)?;
        let epoch = report.decisions.iter().map(|d| d.epoch).max().unwrap_or(0);
        return Ok(serde_json::to_vec(&ConsentAck { epoch, ..ConsentAck::default() })?);
    }
    if asked.line.contains("/v1/catalogue") {
        let empty = br#"{"version":"0","partners":[],"places":[],"offers":[]}"#;
        return Ok(if asked.key.contains(SHELF_KEY) { shelf::catalogue() } else { empty.to_vec() });
    }
    if asked.line.contains(HELD) {
        let held = lock(held);
        return Ok(json!({ "unique": held.unique(), "events": held.events, "bytes": held.bytes })
            .to_string()
            .into_bytes());
    }
    let marks: Vec<_> = marks(&asked.body).collect();
    if !marks.is_empty() {
        let mut held = lock(held);
        held.bytes += asked.sent_bytes;
        held.events += marks.len() as u64;
        held.marks.extend(marks);
    }
    // What each peer looks for, in one: Segment where to send, PostHog its flags, the others a yes.
    let settings = json!({ "Segment.io": { "apiKey": "pk_bench", "apiHost": format!("{address}/v1") } });
    let reply = json!({ "integrations": settings, "plan": {}, "featureFlags": {}, "code": 200, "status": 1 });
    Ok(reply.to_string().into_bytes())
}

fn marks(body: &[u8]) -> impl Iterator<Item = [u8; MARK_DIGITS]> {
    body.windows(MARK.len() + MARK_DIGITS)
        .filter(|window| window.starts_with(MARK))
        .filter_map(|window| window[MARK.len()..].try_into().ok())
        .filter(|digits: &[u8; MARK_DIGITS]| digits.iter().all(u8::is_ascii_digit))
}
