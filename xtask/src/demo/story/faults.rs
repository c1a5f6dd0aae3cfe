//! The chapters in which something breaks: the network, and the process.

use super::Story;
use crate::demo::catalogue::GENERIC;
use crate::demo::protocol::Order;
use crate::demo::row::{Entry, Link, Tone};

impl Story<'_> {
    pub(super) async fn cut(&mut self) -> anyhow::Result<()> {
        self.stage.network.cut();
        self.screen.link = Link::Down;
        self.say(
            Entry::new("network_lost", "✗", Tone::Bad, "the network is gone")
                .note("nobody tells the phone; it goes on"),
        )
        .await;
        Ok(())
    }

    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        let burst = 20 + self.stage.dice.roll("burst", 0) % 40;
        self.phone.kill_behind(burst, GENERIC).await?;
        // A kill may take the last looks at cards: limits are a little laxer then.
        self.seen = None;
        let link = std::mem::replace(&mut self.screen.link, Link::Dead);
        self.say(
            Entry::new("killed", "☓", Tone::Bad, "kill -9")
                .note(format!("straight after {burst} calls to track had returned"))
                .fact("burst", burst),
        )
        .await;
        self.decide_again().await?;
        self.screen.link = link;
        self.open().await?;
        self.phone.diagnose().await?;
        let (found, accepted) = (self.phone.state.accepted, self.phone.accepted());
        let tone = if found == accepted { Tone::Good } else { Tone::Bad };
        self.say(
            Entry::new("restarted", "↻", tone, "starts again")
                .note(format!("{found} of {accepted} accepted events are there; {} queued", self.phone.state.queued))
                .fact("accepted", accepted)
                .fact("found", found)
                .fact("queued", self.phone.state.queued),
        )
        .await;
        Ok(())
    }

    pub(super) async fn mend(&mut self) -> anyhow::Result<()> {
        self.phone.diagnose().await?;
        self.stage.network.mend();
        self.screen.link = Link::Up;
        self.say(
            Entry::new("network_back", "✓", Tone::Good, "the network is back, metered")
                .note(format!("{} waited; the first replies will be lost", self.phone.state.queued))
                .fact("queued", self.phone.state.queued)
                .fact("refused_connections", self.stage.network.refused()),
        )
        .await;
        self.phone.must(&Order::Network { metered: true }).await
    }
}
