//! The backend's process, and what its database says once it has ended.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A debug build on a loaded machine still starts within this.
const START: Duration = Duration::from_secs(30);
/// Longer than this and it hangs; then it is killed, and the database is read as it stands.
const STOP: Duration = Duration::from_secs(15);

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
}

/// Builds the binary, as anyone would by hand, and returns its path.
pub(crate) async fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "patron-backend", "--message-format", "json-render-diagnostics"])
        .current_dir(workspace())
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

/// The folder of the workspace that this program was built from.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

impl Backend {
    /// Starts it on a free port of loopback, with its database and its log in `home`.
    pub(crate) async fn start(program: &Path, home: &Path, catalogue: &Path, key: &str) -> anyhow::Result<Self> {
        let (data, log) = (home.join("backend"), home.join("backend.log"));
        let mut child = Command::new(program)
            .args(["serve", "--port", "0", "--key", key])
            .arg("--data")
            .arg(&data)
            .arg("--catalogue")
            .arg(catalogue)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let guard = guard(&child, home)?;
        let stdout = child.stdout.take().context("the backend has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let said = tokio::time::timeout(START, lines.next_line()).await;
        let words = || std::fs::read_to_string(&log).unwrap_or_default();
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
        Ok(Self { child, guard, address, database: data.join("backend.db") })
    }

    /// Asks it to end and counts what it holds: in its database, not by its word.
    pub(crate) async fn stop(mut self) -> anyhow::Result<Held> {
        self.guard.kill().await?;
        if let Some(id) = self.child.id() {
            terminate(id);
        }
        if tokio::time::timeout(STOP, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        held(&self.database).with_context(|| format!("reading {}", self.database.display()))
    }
}

/// Ends the backend and clears `home` when this process ends without having done so itself, as by
/// SIGKILL.
fn guard(backend: &Child, home: &Path) -> anyhow::Result<Child> {
    let id = backend.id().context("the backend ended at once")?;
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command.args(["demo-device", "--guard", &id.to_string()]).arg("--home").arg(home);
    // The pipe is what it watches: it closes with this process, however that ends.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().context("starting the backend's guard")
}

/// The guard's own process: waits for its standard input to end.
pub(crate) fn watch(backend: u32, home: Option<&Path>) -> std::io::Result<()> {
    std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())?;
    terminate(backend);
    home.into_iter().for_each(clear);
    Ok(())
}

/// Removes the demo's folder; a process that was just ended may still be closing its files.
pub(crate) fn clear(home: &Path) {
    for _ in 0..40 {
        if std::fs::remove_dir_all(home).is_ok() || !home.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn terminate(id: u32) {
    if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

fn held(database: &Path) -> rusqlite::Result<Held> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(database, flags)?;
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    Ok(Held {
        stored: count("SELECT count(*) FROM event")?,
        duplicates: count("SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'duplicates'")?,
    })
}
