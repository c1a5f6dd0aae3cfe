//! The backend's process, and what its database says once it has ended.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::guard::{guard, terminate};

/// A debug build on a loaded machine still starts within this.
const START: Duration = Duration::from_secs(30);
/// Longer than this and it hangs; then it is killed, and the database is read as it stands.
const STOP: Duration = Duration::from_secs(15);

/// Where a backend runs, and as what: the same for each of its lives.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) program: PathBuf,
    /// Its database and its log are in here; cleared when this process is killed.
    pub(crate) home: PathBuf,
    pub(crate) catalogue: PathBuf,
    pub(crate) key: String,
    /// What else its command line says.
    pub(crate) more: Vec<String>,
}

/// A backend that was started and has not said where it listens.
pub(crate) struct Starting {
    child: Child,
    guard: Child,
    log: PathBuf,
    database: PathBuf,
}

/// A backend that serves.
pub(crate) struct Backend {
    child: Child,
    guard: Child,
    pub(crate) address: SocketAddr,
    database: PathBuf,
}

/// What the backend's own database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) stored: u64,
    pub(crate) duplicates: u64,
    /// Of the stored, those of which nothing but the id is left: their shopper had them erased.
    pub(crate) erased: u64,
}

/// Builds the binary, as anyone would by hand, and returns its path.
pub(crate) async fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "patron-backend", "--message-format", "json-render-diagnostics"])
        .current_dir(super::workspace())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("starting cargo")?;
    if !output.status.success() {
        bail!("the backend does not build; see above");
    }
    messages(&output.stdout)
        .filter(|message| message["target"]["name"] == "patron-backend")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo built no patron-backend")
}

/// What Cargo said in `--message-format json`.
pub(crate) fn messages(output: &[u8]) -> impl Iterator<Item = serde_json::Value> + '_ {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

impl Site {
    /// Starts a backend on a free port of loopback.
    pub(crate) fn start(&self) -> anyhow::Result<Starting> {
        let (data, log) = (self.home.join("backend"), self.home.join("backend.log"));
        let child = Command::new(&self.program)
            .args(["serve", "--port", "0", "--key", &self.key])
            .args(&self.more)
            .arg("--data")
            .arg(&data)
            .arg("--catalogue")
            .arg(&self.catalogue)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let guard = guard(&self.home, Some(child.id().context("the backend ended at once")?))?;
        Ok(Starting { child, guard, log, database: data.join("backend.db") })
    }
}

impl Starting {
    /// Waits until it serves.
    pub(crate) async fn serving(mut self) -> anyhow::Result<Backend> {
        let stdout = self.child.stdout.take().context("the backend has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let said = tokio::time::timeout(START, lines.next_line()).await;
        let words = || std::fs::read_to_string(&self.log).unwrap_or_default();
        let line = match said {
            Ok(Ok(Some(line))) => line,
            Ok(_) => bail!("the backend ended at once: {}", words().trim()),
            Err(_) => {
                bail!("the backend did not say within {} s where it listens: {}", START.as_secs(), words().trim())
            }
        };
        let address = serde_json::from_str::<serde_json::Value>(&line)
            .ok()
            .and_then(|said| said["listening"].as_str()?.strip_prefix("http://")?.parse().ok())
            .with_context(|| format!("the backend said {line:?} instead of where it listens"))?;
        Ok(Backend { child: self.child, guard: self.guard, address, database: self.database })
    }

    /// SIGKILL before it serves.
    pub(crate) async fn kill(self) -> anyhow::Result<()> {
        kill(self.child, self.guard).await
    }
}

impl Backend {
    /// The file that it writes.
    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) async fn kill(self) -> anyhow::Result<()> {
        kill(self.child, self.guard).await
    }

    /// Asks it to end; answers where its database is.
    pub(crate) async fn stop(mut self) -> anyhow::Result<PathBuf> {
        self.guard.kill().await?;
        if let Some(id) = self.child.id() {
            terminate(id);
        }
        if tokio::time::timeout(STOP, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(self.database)
    }
}

/// The guard first: the number of a process that ended may be another's a moment later.
async fn kill(mut child: Child, mut guard: Child) -> anyhow::Result<()> {
    guard.kill().await.context("ending the backend's guard")?;
    child.kill().await.context("killing the backend")
}

impl Held {
    /// Counts what the backend's database holds: not by the backend's word. While it serves, what is committed counts.
    pub(crate) fn read(database: &Path) -> anyhow::Result<Self> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let read = || {
            let db = rusqlite::Connection::open_with_flags(database, flags)?;
            let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
            Ok::<_, rusqlite::Error>(Self {
                stored: count("SELECT count(*) FROM event")?,
                erased: count("SELECT count(*) FROM event WHERE erased_at IS NOT NULL")?,
                duplicates: count("SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'duplicates'")?,
            })
        };
        read().with_context(|| format!("reading {}", database.display()))
    }
}
