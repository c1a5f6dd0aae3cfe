//! The binary under test, and what a device says to it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{self, Response};
use crate::shopper::Shopper;

pub(crate) const KEY: (&str, &str) = ("authorization", "Bearer pk_demo");

/// A running patron-backend; killed when it is dropped.
pub(crate) struct Backend {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

/// A `serve` that is not started yet.
pub(crate) fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patron-backend"));
    command.arg("serve").arg("--data").arg(data).args(arguments);
    if !arguments.contains(&"--port") {
        command.args(["--port", "0"]);
    }
    command.env_remove("RUST_LOG").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Backend {
    /// Starts it with the demo's key and town, and waits until it says that it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &["--seed", "demo"])
    }

    pub(crate) fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let mut command = command(data, arguments);
        command.stderr(Stdio::inherit());
        Self::spawn(command)
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        let address = said["listening"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        client::raw(self.address, client::head("GET", path, headers).as_bytes()).unwrap()
    }

    /// Posts JSON with the demo's key.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        self.post_bytes(path, &[], body.to_string().as_bytes())
    }

    /// Posts JSON with a key of its own.
    pub(crate) fn post_as(&self, key: &str, path: &str, body: &Value) -> Response {
        let (body, bearer) = (body.to_string(), format!("Bearer {key}"));
        let length = body.len().to_string();
        let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("content-length", &length)];
        client::raw(self.address, (client::head("POST", path, &headers) + &body).as_bytes()).unwrap()
    }

    /// Posts `body` as it is, with the demo's key.
    pub(crate) fn post_bytes(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        try_post(self.address, path, headers, body).unwrap()
    }

    /// Grants `purpose` for `installation`, as the first of its decisions.
    pub(crate) fn grant(&self, installation: Uuid, purpose: &str, epoch: u64) {
        let mut shopper = Shopper::of(installation);
        shopper.grants(self, purpose);
        assert_eq!(shopper.epoch, epoch);
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn try_post(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Response> {
    let length = body.len().to_string();
    let mut all = vec![KEY, ("content-type", "application/json"), ("content-length", &length)];
    all.extend(headers);
    let mut bytes = client::head("POST", path, &all).into_bytes();
    bytes.extend_from_slice(body);
    client::raw(address, &bytes)
}

pub(crate) fn event(installation: Uuid, purpose: &str, epoch: u64) -> Value {
    json!({ "specversion": "1.0", "id": Uuid::now_v7(), "source": format!("/installations/{installation}"),
            "type": "dev.patron.offer.saved", "time": "2026-11-22T10:00:00.000Z",
            "datacontenttype": "application/json", "purpose": purpose, "consentepoch": epoch,
            "monotonicms": 1000, "bootid": Uuid::now_v7(), "sessionid": Uuid::now_v7(), "schemaversion": 1,
            "data": { "offer": "lumi-cup" } })
}

pub(crate) fn batch(installation: Uuid, events: &[Value]) -> Value {
    json!({ "batch": Uuid::now_v7(), "installation": installation,
            "sent_at": "2026-11-22T10:00:01.000Z", "events": events })
}

/// The verdicts as words, `drop:not_permitted` with their reason.
#[track_caller]
pub(crate) fn verdicts(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    let reply = response.json();
    let verdicts = reply["verdicts"].as_array().unwrap().iter();
    verdicts
        .map(|verdict| match verdict["reason"].as_str() {
            Some(reason) => format!("{}:{}", verdict["verdict"].as_str().unwrap(), reason.split(':').next().unwrap()),
            None => verdict["verdict"].as_str().unwrap().to_owned(),
        })
        .collect()
}

/// Asks the database from outside, as the demo does.
pub(crate) fn count(data: &Path, sql: &str) -> i64 {
    ask(data, sql)
}

/// One value from the database, from outside.
pub(crate) fn ask<T: rusqlite::types::FromSql>(data: &Path, sql: &str) -> T {
    let database =
        rusqlite::Connection::open_with_flags(data.join("backend.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    database.unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}
