//! The chapters of getting rid of what is queued: a job with a budget, and a backend that has too much to do.

use anyhow::{bail, ensure};

use super::{DRAIN_LIMIT_S, Story};
use crate::demo::catalogue::GENERIC;
use crate::demo::protocol::{Act, Answer, Order, State};
use crate::demo::row::{Entry, Tone};

/// What the system gives a job on somebody's mobile data. The last event may reach beyond it.
const BUDGET: u64 = 4_096;
/// No event of the demo's is larger.
const ONE_EVENT: u64 = 1_024;
/// More than the budget has room for, and less than a metered network waits for.
const ENOUGH: u64 = 80;
/// A machine that is busy itself may deliver before the limit is felt; then there is another try.
const TRIES: usize = 5;

impl Story<'_> {
    /// As a job in the background does it, that may use so much and no more.
    pub(super) async fn drain_a_little(&mut self) -> anyhow::Result<()> {
        for _ in 0..TRIES {
            let before = self.browse().await?;
            let order = Order::Drain { limit_s: DRAIN_LIMIT_S, max_bytes: Some(BUDGET) };
            let Answer::Drained { done, delivered, left, sent_bytes } = self.phone.ask(&order).await?.answer else {
                bail!("the device does not drain");
            };
            ensure!(
                sent_bytes <= BUDGET + ONE_EVENT,
                "of {before} events {left} are left after {sent_bytes} bytes, where {BUDGET} were allowed"
            );
            // A network that has just come back takes all that there is, job or none.
            if done || left == 0 {
                continue;
            }
            self.say(
                Entry::new("drained_a_little", "↑", Tone::Plain, "a job has 4 KiB of mobile data")
                    .note(format!("{delivered} delivered with {sent_bytes} bytes; {left} wait for a better network"))
                    .fact("delivered", delivered)
                    .fact("left", left)
                    .fact("sent_bytes", sent_bytes)
                    .fact("max_bytes", BUDGET),
            )
            .await;
            return Ok(());
        }
        bail!("{TRIES} times a job with {BUDGET} bytes delivered {ENOUGH} events and more");
    }

    /// The other phones of the town have used up what the backend takes of this retailer: it says when to come back, and
    /// the device does. Answers how many waited.
    pub(super) async fn deliver_to_a_busy_backend(&mut self) -> anyhow::Result<u64> {
        let held_up = self.stage.network.held_up();
        for _ in 0..TRIES {
            // Of an app that nobody looks at, nothing waits.
            self.phone.must(&Order::Foreground { foreground: true }).await?;
            let waiting = self.browse().await?;
            self.stage.retailer.fill_up().await?;
            self.phone.must(&Order::Foreground { foreground: false }).await?;
            self.drain().await?;
            let times = self.stage.network.held_up() - held_up;
            if times == 0 {
                continue;
            }
            let State { delivered, queued, dead, evicted, purged, .. } = self.phone.state;
            let lost = self.phone.accepted().saturating_sub(delivered + queued + dead + evicted + purged);
            ensure!(lost == 0, "a backend that was busy cost {lost} events: {:?}", self.phone.state);
            self.say(
                Entry::new("put_away", "▪", Tone::Plain, "puts the phone away")
                    .note(format!("{waiting} waited for more, for the network is metered; now they go"))
                    .fact("queued", waiting),
            )
            .await;
            self.say(
                Entry::then("held_up", Tone::Warn, "the backend has too much to do")
                    .note(format!("429, {times} ×: it says in how many seconds to come back; {lost} lost"))
                    .fact("times", times)
                    .fact("lost", lost),
            )
            .await;
            return Ok(waiting);
        }
        bail!("{TRIES} times the backend took everything, though others had used up what it takes");
    }

    /// The shopper looks at so much that there is something to deliver; answers how much waits.
    pub(super) async fn browse(&mut self) -> anyhow::Result<u64> {
        self.phone.diagnose().await?;
        for _ in self.phone.state.queued..ENOUGH {
            self.phone.record(Act::Impression, GENERIC).await?;
        }
        self.phone.diagnose().await?;
        Ok(self.phone.state.queued)
    }
}
