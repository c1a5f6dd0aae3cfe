//! The device as the torture sees it: a process that says facts until it is killed.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::mpsc;

use super::ledger::Ledger;
use super::protocol::{Fact, Life};
use crate::lab::{DeviceProcess, Said};

/// A last drain is given up after a minute; the rest is a matter of moments.
const PATIENCE: Duration = Duration::from_secs(120);

/// One life of the device. Killed when dropped.
pub(super) struct Remote {
    process: DeviceProcess,
    facts: mpsc::UnboundedReceiver<anyhow::Result<Fact>>,
}

impl Remote {
    pub(super) async fn start(life: &Life) -> anyhow::Result<Self> {
        let (mut process, said) = DeviceProcess::start("torture-device")?;
        process.order(&serde_json::to_string(life)?).await?;
        Ok(Self { process, facts: hearing(said) })
    }

    /// The next fact; nothing more comes from a device that was not told to end only if it failed.
    pub(super) async fn next(&mut self) -> anyhow::Result<Fact> {
        match self.facts.recv().await {
            Some(fact) => fact,
            None => bail!("the device ended by itself: {}", self.process.ended().await?),
        }
    }

    /// SIGKILL, and hears what it had still said.
    pub(super) async fn kill(mut self, ledger: &mut Ledger) -> anyhow::Result<()> {
        self.process.kill().await?;
        while let Some(fact) = self.facts.recv().await {
            ledger.hear(fact?);
        }
        ledger.end(true);
        Ok(())
    }

    /// Tells it how to end, and hears all until it has.
    pub(super) async fn end(mut self, word: &str, ledger: &mut Ledger) -> anyhow::Result<()> {
        self.process.order(word).await?;
        let rest = async {
            while let Some(fact) = self.facts.recv().await {
                ledger.hear(fact?);
            }
            Ok::<_, anyhow::Error>(())
        };
        let Ok(heard) = tokio::time::timeout(PATIENCE, rest).await else {
            bail!("the device did not {word} within {} s", PATIENCE.as_secs());
        };
        heard?;
        self.process.end(PATIENCE).await.with_context(|| format!("told to {word}"))?;
        ledger.end(false);
        Ok(())
    }
}

/// Read at once whatever else is being done: a full pipe would hold up the device.
fn hearing(mut said: Said) -> mpsc::UnboundedReceiver<anyhow::Result<Fact>> {
    let (heard, facts) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(line) = said.next_line().await.transpose() {
            let fact = line
                .context("hearing the device")
                .and_then(|line| serde_json::from_str(&line).with_context(|| format!("the device said {line:?}")));
            if heard.send(fact).is_err() {
                return;
            }
        }
    });
    facts
}
