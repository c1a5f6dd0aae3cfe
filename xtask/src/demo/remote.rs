//! The device as the demo sees it: a process behind two pipes. What is accepted is counted here,
//! as answers come through, and nowhere else.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::protocol::{Answer, Order, Outcome, Reply};
use crate::lab::{DeviceProcess, Said};

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
        if let Answer::Heard { zones } = &reply.answer {
            self.turned.extend(zones.iter().filter_map(|(_, event)| *event));
        }
        self.tracked += u64::from(matches!(reply.answer, Answer::Tracked { outcome: Outcome::Recorded }));
    }
}

/// One life of the device. Killed when dropped.
pub(crate) struct Device {
    process: DeviceProcess,
    replies: Said,
}

impl Device {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let (process, replies) = DeviceProcess::start("demo-device")?;
        Ok(Self { process, replies })
    }

    /// Gives an order, waits for its reply and counts what it accepted.
    pub(crate) async fn ask(&mut self, order: &Order, tally: &mut Tally) -> anyhow::Result<Reply> {
        let patience = match order {
            Order::Drain { limit_s, .. } => PATIENCE + Duration::from_secs(*limit_s),
            _ => PATIENCE,
        };
        let line = serde_json::to_string(order)?;
        let exchange = async {
            self.process.order(&line).await?;
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
    pub(crate) async fn kill(self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// Ends its orders and waits for it to end.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.process.end(PATIENCE).await
    }
}
