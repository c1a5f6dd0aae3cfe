//! The chapter of a bad offer: the backend does not publish it, and a phone that gets it past that check sets it aside.

use anyhow::{bail, ensure};
use serde_json::Value;

use super::Story;
use crate::demo::catalogue::{self, MISTYPED};
use crate::demo::protocol::{Answer, Card, Order};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    /// One bad offer costs none of the others, and whoever asks is told what is wrong with it.
    pub(super) async fn mistype(&mut self, live: &Value) -> anyhow::Result<()> {
        let (mistyped, path) = catalogue::mistyped(live);
        let refused = self.stage.retailer.refused(&mistyped).await?;
        let [(at, why)] = refused.as_slice() else { bail!("one offer is bad, and the backend says {refused:?}") };
        ensure!(*at == path, "{path} is bad, and the backend refuses {at}: {why}");
        self.say(
            Entry::new("refused_to_publish", "≠", Tone::Warn, "a discount is mistyped")
                .note(format!("the backend does not publish it; {at}: {why}"))
                .fact("path", at.as_str())
                .fact("why", why.as_str()),
        )
        .await;
        let before = ids(&self.phone.cards().await?);
        self.stage.network.cache(Some(&mistyped));
        self.phone.must(&Order::Refresh).await?;
        let (set_aside, after) = (self.phone.set_aside().await?, ids(&self.phone.cards().await?));
        let [reason] = set_aside.as_slice() else { bail!("one offer is bad, and the phone sets aside {set_aside:?}") };
        ensure!(reason.starts_with(&format!("{path} ({})", MISTYPED.0)), "{path} is bad, and the phone says {reason}");
        ensure!(after == before, "beside a bad offer {after:?} show, and without it {before:?}");
        let unknown = self.phone.ask(&Order::Why { offer: MISTYPED.0.to_owned() }).await?.answer;
        ensure!(matches!(unknown, Answer::Refused { .. }), "the phone knows an offer that it set aside: {unknown:?}");
        self.say(
            Entry::then("set_aside", Tone::Warn, "a cache serves it all the same")
                .note(format!("the phone sets it aside, and shows the {} others; {reason}", after.len()))
                .fact("offer", MISTYPED.0)
                .fact("reason", reason.as_str())
                .fact("others", after.len() as u64),
        )
        .await;
        self.stage.network.cache(None);
        self.phone.must(&Order::Refresh).await?;
        // Fails if anything is set aside still.
        self.phone.diagnose().await
    }
}

fn ids(cards: &[Card]) -> Vec<String> {
    cards.iter().map(|card| card.id.clone()).collect()
}
