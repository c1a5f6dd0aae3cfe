//! The chapters in which the shopper rules: a wish, quiet, and a decision that is taken again.

use anyhow::{Context, bail, ensure};
use patron_core::consent::Sha;
use patron_core::offer::OfferCatalogue;
use patron_core::store::inspect::kept_decisions;

use super::{Story, offer_entry};
use crate::demo::catalogue::{GENERIC, LETTER, LETTER_FROM, PLACEMENT};
use crate::demo::protocol::{Answer, Order};
use crate::demo::row::{Entry, Tone};

/// What the shopper looks for, in words that no publisher wrote.
const WISH: &str = "a bag";
const HOUR_MS: i64 = 3_600_000;

impl Story<'_> {
    /// What the shopper says goes before what is near and what somebody pays for.
    pub(super) async fn wish(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Wish { words: WISH.to_owned() }).await?;
        let cards = self.phone.cards().await?;
        let Some(first) = cards.first().filter(|card| card.id == GENERIC) else {
            bail!("the wish does not go first: {cards:?}");
        };
        self.say(
            Entry::new("wished", "♡", Tone::Good, format!("wishes for “{WISH}”"))
                .note("matched on the phone, told to nobody")
                .fact("wish", WISH),
        )
        .await;
        self.say(offer_entry(first)).await;
        Ok(())
    }

    /// Quiet is for what comes by itself: who asks is answered.
    pub(super) async fn snooze(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Snooze { until_ms: Some(self.at_ms + HOUR_MS) }).await?;
        let cards = self.phone.suggested().await?;
        let asked = self.phone.cards().await?.len();
        let blockers = self.phone.blockers().await?;
        let Some((_, remedy)) = blockers.iter().find(|(name, _)| name == "Snoozed") else {
            bail!("snoozed, it says that what keeps offers away is {blockers:?}");
        };
        ensure!(cards.is_empty() && asked > 0, "snoozed, {} came by themselves and {asked} when asked", cards.len());
        self.say(
            Entry::new("snoozed", "☾", Tone::Plain, "wants an hour of quiet")
                .note(format!("nothing comes by itself; who asks is shown {asked}, and the app can say: {remedy}"))
                .fact("asked", asked as u64)
                .fact("remedy", remedy.as_str()),
        )
        .await;
        self.phone.must(&Order::Snooze { until_ms: None }).await
    }

    /// A partner that the shopper has had enough of goes at once, and no yes is taken back for it.
    pub(super) async fn refuse_partner(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Refresh).await?;
        let before = self.phone.cards().await?;
        ensure!(before.iter().any(|card| card.id == LETTER), "there is nothing to refuse: {before:?}");
        self.phone.must(&Order::Refuse { partner: LETTER_FROM.to_owned() }).await?;
        let after = self.phone.cards().await?;
        ensure!(!after.iter().any(|card| card.id == LETTER), "{LETTER_FROM} was refused, and {after:?} show");
        let Answer::Why { shown: false, summary, .. } =
            self.phone.ask(&Order::Why { offer: LETTER.to_owned() }).await?.answer
        else {
            bail!("the device does not say why {LETTER} does not show");
        };
        self.say(
            Entry::new("refused_partner", "⊖", Tone::Warn, "wants no more of Lumi Coffee")
                .note(summary.clone())
                .fact("partner", LETTER_FROM)
                .fact("why", summary),
        )
        .await;
        Ok(())
    }

    /// Has what shows now kept, for whoever asks later.
    pub(super) async fn keep_decision(&mut self) -> anyhow::Result<()> {
        let Answer::Kept { decision } = self.phone.ask(&Order::Keep { placement: PLACEMENT.to_owned() }).await?.answer
        else {
            bail!("the device kept no decision");
        };
        self.decision = Some(decision);
        Ok(())
    }

    /// What was decided can be taken again by whoever has the files, though the process is dead.
    pub(super) async fn decide_again(&mut self) -> anyhow::Result<()> {
        let kept = kept_decisions(&self.stage.folder)?;
        let record = kept.records.iter().find(|record| Some(record.id) == self.decision);
        let record = record.context("the kill took the decision that was kept")?;
        let body = kept.catalogue.context("there is no catalogue in the store")?;
        let (catalogue, _) = OfferCatalogue::parse(&body)?;
        let again = record.replay(&catalogue, Sha::of(&body))?;
        ensure!(again.same, "the decision {} comes out otherwise", record.id);
        let offers = catalogue.offers.len();
        self.say(
            Entry::then("decided_again", Tone::Dim, "its files still say why")
                .note(format!("{} of {offers} offers were chosen; decided again, the same", record.count))
                .fact("decision", record.id.to_string())
                .fact("chosen", record.count as u64),
        )
        .await;
        Ok(())
    }
}
