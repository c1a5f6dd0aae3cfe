//! The chapter of the retailer's remote switch: off, and nothing shows or is recorded on any phone that has heard of
//! it; on again, and all is as it was.

use anyhow::{bail, ensure};

use super::Story;
use crate::demo::catalogue::{self, GENERIC, PLACEMENT};
use crate::demo::protocol::{Act, Card, Order, Outcome};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    pub(super) async fn switch_off_and_on(&mut self) -> anyhow::Result<()> {
        let before = self.phone.cards().await?;
        let on = catalogue::renewed(self.stage.catalogue, self.phone.state.installation);
        self.stage.retailer.publish(&catalogue::switched_off(&on)).await?;
        self.phone.must(&Order::Refresh).await?;
        let (accepted, cards) = (self.phone.accepted(), self.phone.cards().await?);
        let outcome = self.phone.track(Act::Impression, GENERIC).await?;
        let blockers = self.phone.blockers().await?;
        self.phone.diagnose().await?;
        ensure!(
            cards.is_empty() && outcome == Outcome::NotPermitted && self.phone.state.accepted == accepted,
            "switched off, {} offers show, a look is {outcome:?}, and {} events are accepted after {accepted}",
            cards.len(),
            self.phone.state.accepted,
        );
        let [(name, remedy)] = blockers.as_slice() else { bail!("switched off, it says {blockers:?}") };
        ensure!(name == "SwitchedOff", "switched off, it says {name}");
        self.say(
            Entry::new("switched_off", "⏻", Tone::Warn, "the retailer switches all off")
                .note(format!("no offer shows, nothing is recorded; the app can say: {remedy}"))
                .fact("blocker", name.as_str())
                .fact("placement", PLACEMENT),
        )
        .await;
        self.stage.retailer.publish(&on).await?;
        self.phone.must(&Order::Refresh).await?;
        let after = self.phone.cards().await?;
        let ids = |cards: &[Card]| cards.iter().map(|card| card.id.clone()).collect::<Vec<_>>();
        ensure!(
            ids(&after) == ids(&before),
            "{:?} showed before the switch, and {:?} after",
            ids(&before),
            ids(&after)
        );
        self.phone.record(Act::Impression, GENERIC).await?;
        self.say(
            Entry::then("switched_on", Tone::Good, "and on again")
                .note(format!("{} offers show as before; nobody is asked again", after.len()))
                .fact("offers", after.len() as u64),
        )
        .await;
        // It went with what it was decided on.
        match self.decision {
            Some(_) => self.keep_decision().await,
            None => Ok(()),
        }
    }
}
