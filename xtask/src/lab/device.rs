//! A device's process: this program again, behind two pipes, so that it can be killed without us.
//!
//! What is said over the pipes is the demo's and the torture's own.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// What a device says, line by line.
pub(crate) type Said = Lines<BufReader<ChildStdout>>;

/// One life of a device. Killed when dropped.
pub(crate) struct DeviceProcess {
    child: Child,
    orders: ChildStdin,
}

impl DeviceProcess {
    /// Starts this program with `command`, the hidden one that is a device.
    pub(crate) fn start(command: &str) -> anyhow::Result<(Self, Said)> {
        let program = std::env::current_exe().context("finding this program")?;
        let mut child = Command::new(program)
            .arg(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("starting the device")?;
        let orders = child.stdin.take().context("the device takes no orders")?;
        let said = child.stdout.take().context("the device says nothing")?;
        Ok((Self { child, orders }, BufReader::new(said).lines()))
    }

    /// Hands a line over.
    pub(crate) async fn order(&mut self, line: &str) -> anyhow::Result<()> {
        self.orders.write_all(format!("{line}\n").as_bytes()).await.context("the device is gone")
    }

    /// SIGKILL: no handler runs, nothing is flushed. What it had said can still be read.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("killing the device")
    }

    /// Waits for one that ends by itself, and answers how it did.
    pub(crate) async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        self.child.wait().await.context("waiting for the device")
    }

    /// Ends its orders, and waits that long for it to end well.
    pub(crate) async fn end(self, patience: Duration) -> anyhow::Result<()> {
        let Self { mut child, orders } = self;
        drop(orders);
        match tokio::time::timeout(patience, child.wait()).await {
            Ok(status) => match status? {
                status if status.success() => Ok(()),
                status => bail!("the device ended with {status}"),
            },
            Err(_) => bail!("the device did not end within {} s", patience.as_secs()),
        }
    }
}
