//! The chapters of the shopper's rules of when offers may come: so many a day, and only when asked for.

use anyhow::{bail, ensure};

use super::Story;
use crate::demo::hall::{GOODBYE, SOUP};
use crate::demo::protocol::{Card, Order, Rule};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    /// What the app can say of what keeps offers from coming by themselves.
    pub(super) async fn remedy(&mut self, name: &str) -> anyhow::Result<String> {
        let blockers = self.phone.blockers().await?;
        match blockers.iter().find(|(by, _)| by == name) {
            Some((_, remedy)) => Ok(remedy.clone()),
            None => bail!("{name} is to keep offers away, and {blockers:?} do"),
        }
    }

    /// With as many as the shopper wants in a day, no other comes by itself; those that came stay.
    pub(super) async fn have_enough(&mut self) -> anyhow::Result<()> {
        let before = ids(&self.phone.suggested().await?);
        self.phone.must(&Order::Say { rule: Rule::Daily(Some(1)) }).await?;
        let (after, asked) = (ids(&self.phone.suggested().await?), ids(&self.phone.cards().await?));
        let has = |ids: &[String], id: &str| ids.iter().any(|known| known == id);
        ensure!(
            has(&after, SOUP) && has(&before, GOODBYE) && !has(&after, GOODBYE) && has(&asked, GOODBYE),
            "with one a day, of which {SOUP} was one, {after:?} come by themselves of {before:?}, and {asked:?} when asked"
        );
        let fewer = (before.len() - after.len()) as u64;
        self.say(
            Entry::new("once_a_day", "☾", Tone::Plain, "wants one offer a day at most")
                .note(format!(
                    "today’s came: {fewer} others stay away by themselves; who asks is shown {}",
                    asked.len()
                ))
                .fact("held_back", fewer)
                .fact("asked", asked.len() as u64),
        )
        .await;
        self.phone.must(&Order::Say { rule: Rule::Daily(None) }).await
    }

    /// Nothing comes by itself, the app can say why, and who asks is answered.
    pub(super) async fn only_when_asked(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Say { rule: Rule::OnlyWhenAsked(true) }).await?;
        let remedy = self.remedy("OnlyWhenAsked").await?;
        let (by_itself, asked) = (self.phone.suggested().await?, self.phone.cards().await?.len() as u64);
        ensure!(by_itself.is_empty() && asked > 0, "{by_itself:?} came unasked, and {asked} when asked");
        self.say(
            Entry::new("only_asked", "☾", Tone::Plain, "wants offers only when asked for")
                .note(format!("none comes by itself; who asks is shown {asked}, and the app can say: {remedy}"))
                .fact("asked", asked)
                .fact("remedy", remedy),
        )
        .await;
        self.phone.must(&Order::Say { rule: Rule::OnlyWhenAsked(false) }).await
    }
}

fn ids(cards: &[Card]) -> Vec<String> {
    cards.iter().map(|card| card.id.clone()).collect()
}
