//! The device as the demo sees it: a process behind two pipes. What is accepted is counted here,
//! as answers come through, and nowhere else.

use std::collections::HashSet;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use uuid::Uuid;

use super::protocol::{Answer, Order, Outcome, Reply};

/// No order takes longer, on the slowest of machines; a drain says itself how long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the device's calls accepted, over all of its lives.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    tracked: u64,
    /// Ids, not a number: a visit's turn is one event, however often it is told.
    turned: HashSet<Uuid>,
}

impl Tally {
    pub(crate) fn accepted(&self) -> u64 {
        self.tracked + self.turned.len() as u64
    }

    fn count(&mut self, reply: &Reply) {
        self.turned.extend(reply.turns.iter().filter_map(|turn| turn.event));
        self.tracked += u64::from(matches!(reply.answer, Answer::Tracked { outcome: Outcome::Recorded }));
    }
}

/// One life of the device. Killed when dropped.
pub(crate) struct Device {
    child: Child,
    orders: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

impl Device {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("finding this program")?;
        let mut child = Command::new(program)
            .arg("demo-device")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("starting the device")?;
        let orders = child.stdin.take().context("the device takes no orders")?;
        let replies = child.stdout.take().context("the device gives no replies")?;
        Ok(Self { child, orders, replies: BufReader::new(replies).lines() })
    }

    /// Gives an order, waits for its reply and counts what it accepted.
    pub(crate) async fn ask(&mut self, order: &Order, tally: &mut Tally) -> anyhow::Result<Reply> {
        let patience = match order {
            Order::Drain { limit_s } => PATIENCE + Duration::from_secs(*limit_s),
            _ => PATIENCE,
        };
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        let exchange = async {
            self.orders.write_all(&line).await.context("the device is gone")?;
            self.replies.next_line().await?.context("the device ended without a reply")
        };
        let Ok(said) = tokio::time::timeout(patience, exchange).await else {
            bail!("the device gave no reply to {order:?} within {} s", patience.as_secs());
        };
        let said = said.with_context(|| format!("asked to {order:?}"))?;
        let reply: Reply = serde_json::from_str(&said).with_context(|| format!("the device said {said:?}"))?;
        tally.count(&reply);
        Ok(reply)
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("killing the device")
    }

    /// Ends its orders and waits for it to end.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        drop(self.orders);
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => match status? {
                status if status.success() => Ok(()),
                status => bail!("the device ended with {status}"),
            },
            Err(_) => bail!("the device did not end within {} s", PATIENCE.as_secs()),
        }
    }
}
