//! The chapter of a visit that goes unseen, with a zone that a beacon knows, and what speaks up on leaving.

use anyhow::{bail, ensure};

use super::Story;
use super::hall::GONE_MS;
use crate::demo::hall::{BEACON, BOOTS, GOODBYE, HALL, WALL};
use crate::demo::protocol::{Answer, Order, Rule, TurnKind};
use crate::demo::row::{Entry, Tone};
use crate::lab::Held;

impl Story<'_> {
    /// One word of the shopper's, and neither the phone nor the backend has anything of this visit.
    pub(super) async fn go_unseen(&mut self, stored: u64) -> anyhow::Result<()> {
        self.phone.diagnose().await?;
        let (queued, purged) = (self.phone.state.queued, self.phone.state.purged);
        ensure!(queued > 0, "nothing was recorded of the visit that is to go unseen");
        self.phone.must(&Order::Say { rule: Rule::Unseen }).await?;
        self.phone.diagnose().await?;
        let (accepted, went) = (self.phone.state.accepted, self.phone.state.purged - purged);
        ensure!(went == queued && self.phone.state.queued == 0, "unseen, {:?} is left", self.phone.state);
        self.say(
            Entry::new("unseen", "◌", Tone::Warn, "wants this visit unseen")
                .note(format!("{went} events that waited go at once, and nothing more is recorded until the end of it"))
                .fact("purged", went),
        )
        .await;
        let reply = self.phone.ask(&Order::Hear { beacon: BEACON.to_owned(), rssi_dbm: -52 }).await?;
        let zones = match &reply.answer {
            Answer::Heard { zones } if !zones.is_empty() => zones.clone(),
            other => bail!("the beacon at the boot wall was answered with {other:?}"),
        };
        let at_wall = reply.turns.iter().any(|turn| turn.kind == TurnKind::Entered && turn.place == WALL);
        ensure!(at_wall, "who hears the boot wall’s beacon is not at the boot wall: {:?}", reply.turns);
        self.speaks("zone", BOOTS, "a beacon knows the zone inside the hall, where no position would", &reply).await?;
        let look = self.phone.ask(&Order::See { offer: BOOTS.to_owned() }).await?.answer;
        let (left, ..) = self.wait(GONE_MS).await?;
        let gone = left.turns.iter().any(|turn| turn.kind == TurnKind::Left && turn.place == HALL);
        ensure!(gone, "an hour after the code the shopper is still in the hall: {:?}", left.turns);
        self.speaks("left_hall", GOODBYE, "on leaving; the shopper is told, and nobody else", &left).await?;
        self.drain().await?;
        let events = zones.iter().filter_map(|(_, event)| *event).count()
            + reply.turns.iter().chain(&left.turns).filter(|turn| turn.event.is_some()).count();
        let (now, held) = (self.phone.state.accepted - accepted, Held::read(&self.stage.database)?.stored - stored);
        ensure!(
            (events, now, held) == (0, 0, 0),
            "unseen, a look was {look:?}, {events} turns and zones were recorded, {now} accepted, {held} stored"
        );
        self.say(
            Entry::then("never_seen", Tone::Good, "the account shows nothing of it")
                .note("0 accepted since, 0 more at the backend, which was never told of the hall")
                .fact("accepted", now)
                .fact("stored", held),
        )
        .await;
        Ok(())
    }
}
