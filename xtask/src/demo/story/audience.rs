//! The chapter of an offer that is for some: whoever is a member and has been to a store. The app tells the one, the phone
//! counts the other, and neither leaves the phone.

use anyhow::{Context, ensure};

use super::{Story, offer_entry};
use crate::demo::catalogue::{self, CLUB, CLUB_DAYS, CLUB_TABLE, GENERIC};
use crate::demo::protocol::{Act, Order};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    /// What is not known is no yes; and what is known is half of what the rule asks for.
    pub(super) async fn belong_not_yet(&mut self) -> anyhow::Result<()> {
        let (shown, unknown) = self.phone.why(CLUB_TABLE).await?;
        ensure!(!shown, "an offer for members shows to somebody of whom nothing is known: {unknown}");
        self.say(
            Entry::new("audience_unknown", "◇", Tone::Dim, "an offer is for some")
                .note(format!("members who were at a store within {CLUB_DAYS} days. {unknown}"))
                .fact("offer", CLUB_TABLE)
                .fact("why", unknown.as_str()),
        )
        .await;
        self.phone.must(&Order::Tell { segment: CLUB.to_owned() }).await?;
        // With what it counts first the phone knows that it has counted no visit.
        self.phone.record(Act::Impression, GENERIC).await?;
        self.phone.diagnose().await?;
        let (shown, no) = self.phone.why(CLUB_TABLE).await?;
        ensure!(!shown && no != unknown, "a member who has been nowhere is told {no}, and before that {unknown}");
        self.say(
            Entry::then("not_in_audience", Tone::Dim, "a member, the app says")
                .note(format!("who has been nowhere yet. {no}"))
                .fact("offer", CLUB_TABLE)
                .fact("why", no),
        )
        .await;
        Ok(())
    }

    /// With the visit that the rule asks for, the offer shows.
    pub(super) async fn belong_now(&mut self, place: &str) -> anyhow::Result<()> {
        if self.belongs || catalogue::club_store(self.stage.catalogue) != Some(place) {
            return Ok(());
        }
        self.belongs = true;
        let (shown, why) = self.phone.why(CLUB_TABLE).await?;
        ensure!(shown, "a member who is at {place} is not shown what is for members who were there: {why}");
        let cards = self.phone.cards().await?;
        let card = cards.iter().find(|card| card.id == CLUB_TABLE).context("what shows is not among the offers")?;
        self.say(offer_entry(card)).await;
        self.say(
            Entry::then("in_audience", Tone::Plain, "a member who has been here")
                .note("the phone judged it by itself: the backend never hears how a rule comes out")
                .fact("offer", CLUB_TABLE)
                .fact("why", why),
        )
        .await;
        Ok(())
    }
}
