//! The retailer's own side: the publisher at a desk, and the other phones of the town, who share the retailer's allowance.
//!
//! It speaks to the backend itself and past the demo's [`super::network`]: that one is the walker's.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Opens the backend's door for publishers, and no other.
pub(crate) const PUBLISHER_KEY: &str = "ak_demo_9f86d081884c7d65";
/// What a partner reads at the backend with, as far as it is shared with them.
pub(crate) fn partner_key(partner: &str) -> String {
    format!("sk_demo_{partner}-4a44dc15364204a8")
}

/// Events that the retailer may have stored in a second. So few that a town of phones uses them up, and so many that
/// whoever waits for them does not wait for long.
pub(crate) const EVENTS_PER_SECOND: u32 = 100;

/// No answer takes longer, on the slowest of machines.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many events the other phones send at once: a few large batches, then what the last of them left.
const BATCHES: [usize; 3] = [500, 100, 20];
/// Whoever has sent so many batches of one size has met no limit.
const MOST_BATCHES: usize = 1_000;

/// Who publishes, with the catalogue that is live.
pub(crate) struct Retailer {
    backend: SocketAddr,
    key: String,
}

/// What the backend said.
struct Answered {
    status: u16,
    body: Value,
}

impl Retailer {
    pub(crate) fn new(backend: SocketAddr, key: &str) -> Self {
        Self { backend, key: key.to_owned() }
    }

    /// Who of `people` would see `offer` of a catalogue that is not published, at that time of the walk.
    pub(crate) async fn try_out(
        &self,
        tried: &Value,
        people: &[Value],
        offer: &str,
        at: &str,
    ) -> anyhow::Result<Value> {
        let asked = json!({ "catalogue": tried, "people": people, "offer": offer, "at": at });
        let answered = self.send("POST", "/v1/admin/dry-run", PUBLISHER_KEY, None, &asked).await?;
        ensure!(answered.status == 200, "the dry run was answered with {}: {}", answered.status, answered.body);
        Ok(answered.body["offers"][0].clone())
    }

    /// Publishes, unless somebody else has meanwhile.
    pub(crate) async fn publish(&self, catalogue: &Value) -> anyhow::Result<()> {
        let path = "/v1/admin/catalogue";
        let stands = self.send("GET", path, PUBLISHER_KEY, None, &Value::Null).await?;
        let etag = stands.body["live"]["etag"].as_str().with_context(|| format!("nothing is live: {}", stands.body))?;
        let answered = self.send("PUT", path, PUBLISHER_KEY, Some(etag), catalogue).await?;
        ensure!(answered.status == 200, "the catalogue was answered with {}: {}", answered.status, answered.body);
        Ok(())
    }

    /// What the backend has against a catalogue, which it therefore does not publish.
    pub(crate) async fn refused(&self, catalogue: &Value) -> anyhow::Result<Vec<(String, String)>> {
        let answered = self.send("PUT", "/v1/admin/catalogue", PUBLISHER_KEY, None, catalogue).await?;
        ensure!(answered.status == 422, "a bad catalogue was answered with {}: {}", answered.status, answered.body);
        let findings = answered.body["findings"].as_array().context("a catalogue is refused for no reason")?;
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        Ok(errors.map(|finding| (text(&finding["path"]), text(&finding["why"]))).collect())
    }

    /// What the backend tells a partner: by which name it knows the shopper, and of which offer it hears.
    pub(crate) async fn heard_by(&self, partner: &str) -> anyhow::Result<Vec<(String, String)>> {
        let answered = self.send("GET", "/v1/partner/events", &partner_key(partner), None, &Value::Null).await?;
        ensure!(answered.status == 200, "{partner} was answered with {}: {}", answered.status, answered.body);
        let events = answered.body["events"].as_array().context("a partner is told of no events, not even of none")?;
        Ok(events.iter().map(|event| (text(&event["shopper"]), text(&event["data"]["offer"]))).collect())
    }

    /// The town's other phones send what they have, until the backend takes no more of this retailer's.
    pub(crate) async fn fill_up(&self) -> anyhow::Result<()> {
        for size in BATCHES {
            let mut sent = 0;
            while self.others_send(size).await? {
                sent += 1;
                ensure!(
                    sent < MOST_BATCHES,
                    "{sent} batches of {size} events passed a limit of {EVENTS_PER_SECOND} a second"
                );
            }
        }
        Ok(())
    }

    /// Whether the backend looked at so many events. It stores none: of these shoppers it knows no yes.
    async fn others_send(&self, events: usize) -> anyhow::Result<bool> {
        let events: Vec<Value> = (0..events).map(|_| json!({ "id": Uuid::now_v7() })).collect();
        let batch = json!({
            "batch": Uuid::now_v7(), "installation": Uuid::now_v7(), "sent_at": "2026-01-01T00:00:00.000Z", "events": events,
        });
        let answered = self.send("POST", "/v1/events", &self.key, None, &batch).await?;
        match answered.status {
            200 => Ok(true),
            429 => Ok(false),
            status => bail!("a batch of other phones was answered with {status}: {}", answered.body),
        }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        key: &str,
        replaces: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<Answered> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let condition = replaces.map(|etag| format!("if-match: {etag}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {key}\r\n{condition}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.backend,
            body.len(),
        );
        let exchange = async {
            let mut stream = TcpStream::connect(self.backend).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = tokio::time::timeout(PATIENCE, exchange).await;
        let answer = answer.with_context(|| format!("{method} {path} was not answered"))??;
        read(&answer).with_context(|| format!("{method} {path} was answered with no HTTP"))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read(answer: &[u8]) -> Option<Answered> {
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let status = std::str::from_utf8(answer.get(..end)?).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(Answered { status, body: serde_json::from_slice(answer.get(end + 4..)?).unwrap_or(Value::Null) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let read_as = |answer: &str| read(answer.as_bytes()).map(|answered| (answered.status, answered.body));
        assert_eq!(read_as("HTTP/1.1 200 OK\r\netag: \"1\"\r\n\r\n{\"a\":1}"), Some((200, json!({ "a": 1 }))));
        assert_eq!(read_as("HTTP/1.1 429 Too Many Requests\r\n\r\n"), Some((429, Value::Null)));
        assert_eq!(read_as("HTTP/1.1 200"), None);
    }
}
