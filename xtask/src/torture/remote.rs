//! The device as the torture sees it: a process that says facts until it is killed.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use super::ledger::Ledger;
use super::protocol::{Fact, Life};

/// A last drain is given up after a minute; the rest is a matter of moments.
const PATIENCE: Duration = Duration::from_secs(120);

/// One life of the device. Killed when dropped.
pub(super) struct Remote {
    child: Child,
    orders: ChildStdin,
    facts: mpsc::UnboundedReceiver<anyhow::Result<Fact>>,
}

impl Remote {
    pub(super) async fn start(life: &Life) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("finding this program")?;
        let mut child = Command::new(program)
            .arg("torture-device")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("starting the device")?;
        let orders = child.stdin.take().context("the device takes no orders")?;
        let said = child.stdout.take().context("the device says nothing")?;
        let (heard, facts) = mpsc::unbounded_channel();
        // Read at once whatever else is being done: a full pipe would hold up the device.
        tokio::spawn(async move {
            let mut lines = BufReader::new(said).lines();
            while let Some(line) = lines.next_line().await.transpose() {
                let fact = line
                    .context("hearing the device")
                    .and_then(|line| serde_json::from_str(&line).with_context(|| format!("the device said {line:?}")));
                if heard.send(fact).is_err() {
                    return;
                }
            }
        });
        let mut remote = Self { child, orders, facts };
        remote.order(&serde_json::to_string(life)?).await?;
        Ok(remote)
    }

    /// The next fact; nothing more comes from a device that was not told to end only if it failed.
    pub(super) async fn next(&mut self) -> anyhow::Result<Fact> {
        match self.facts.recv().await {
            Some(fact) => fact,
            None => bail!("the device ended by itself: {}", self.child.wait().await?),
        }
    }

    /// SIGKILL, and hears what it had still said.
    pub(super) async fn kill(mut self, ledger: &mut Ledger) -> anyhow::Result<()> {
        self.child.kill().await.context("killing the device")?;
        while let Some(fact) = self.facts.recv().await {
            ledger.hear(fact?);
        }
        ledger.end(true);
        Ok(())
    }

    /// Tells it how to end, and hears all until it has.
    pub(super) async fn end(mut self, word: &str, ledger: &mut Ledger) -> anyhow::Result<()> {
        self.order(word).await?;
        let rest = async {
            while let Some(fact) = self.facts.recv().await {
                ledger.hear(fact?);
            }
            Ok::<_, anyhow::Error>(self.child.wait().await?)
        };
        let Ok(status) = tokio::time::timeout(PATIENCE, rest).await else {
            bail!("the device did not {word} within {} s", PATIENCE.as_secs());
        };
        let status = status?;
        anyhow::ensure!(status.success(), "told to {word}, the device ended with {status}");
        ledger.end(false);
        Ok(())
    }

    async fn order(&mut self, words: &str) -> anyhow::Result<()> {
        self.orders.write_all(format!("{words}\n").as_bytes()).await.context("the device is gone")
    }
}
