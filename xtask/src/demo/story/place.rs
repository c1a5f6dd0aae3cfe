//! The chapters of where the shopper is: a code, a plan, a beacon, a permission that is taken away.

use anyhow::bail;

use super::{Story, offer_entry};
use crate::demo::catalogue::{self, HOT_DRINK};
use crate::demo::protocol::{Answer, Order};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    /// Presence that the shopper chose, with everything refused.
    pub(super) async fn check_in(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::CheckIn { code: catalogue::kiosk_code() }).await?;
        self.phone.diagnose().await?;
        let Some(card) = self.phone.cards().await?.into_iter().find(|card| card.id == HOT_DRINK) else {
            bail!("whoever scanned the kiosk's code is not shown what the kiosk has");
        };
        if self.phone.state.accepted > 0 {
            bail!("a check-in was recorded without consent");
        }
        self.say(
            Entry::new("checked_in", "▣", Tone::Good, "scans the code at a kiosk")
                .note("there, without any permission; still nothing is recorded"),
        )
        .await;
        self.say(offer_entry(&card)).await;
        Ok(())
    }

    /// What the phone could do while the app sleeps.
    pub(super) async fn plan(&mut self) -> anyhow::Result<()> {
        let Answer::Planned { regions, outside, safe_m, next_fix_s } = self.phone.ask(&Order::Plan).await?.answer
        else {
            // A walk that begins with a position of no use has nothing to plan around yet.
            return Ok(());
        };
        self.say(
            Entry::new("planned", "◌", Tone::Plain, "could sleep now")
                .note(format!(
                    "{regions} regions to watch, {outside} stores beyond {:.1} km; next position in {next_fix_s} s",
                    safe_m / 1_000.0
                ))
                .fact("regions", regions as u64)
                .fact("outside", u64::from(outside)),
        )
        .await;
        Ok(())
    }

    /// Whoever pays stands at the till.
    pub(super) async fn hear_till(&mut self, place: &str) -> anyhow::Result<()> {
        let Some(beacon) = catalogue::till(place) else { return Ok(()) };
        let Answer::Heard { zones } = self.phone.ask(&Order::Hear { beacon, rssi_dbm: -52 }).await?.answer else {
            bail!("the device does not listen");
        };
        let Some((zone, _)) = zones.last() else { bail!("the till’s beacon was not heard") };
        self.say(
            Entry::then("beacon", Tone::Good, "hears the beacon at the till")
                .note(format!("{zone}; while it is heard, no position ends the visit"))
                .fact("zone", zone.clone()),
        )
        .await;
        Ok(())
    }

    /// The world outside only takes away: what the shopper had said stands, and does nothing.
    pub(super) async fn shut(&mut self, at: usize) -> anyhow::Result<()> {
        self.phone.must(&Order::Permission { location: false }).await?;
        let point = self.stage.trace.points[at];
        match self.phone.ask(&self.fix(&point)).await?.answer {
            Answer::Refused { error, .. } if error == "not_permitted" => {}
            other => bail!("a position was answered with {other:?} without the phone's permission"),
        }
        self.say(
            Entry::new("shut", "⊘", Tone::Warn, "takes the permission away")
                .note("the yes stands and does nothing: no position is looked at"),
        )
        .await;
        self.phone.must(&Order::Permission { location: true }).await?;
        self.say(Entry::then("opened", Tone::Plain, "gives it back").note("nobody is asked again")).await;
        Ok(())
    }
}
