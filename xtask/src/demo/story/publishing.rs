//! The chapters of whoever publishes: offers are tried out on people who do not exist, published, and shown in two
//! variants, neither of them too often.

use anyhow::{Context, bail, ensure};
use patron_core::offer::{Allotment, OfferCatalogue};

use super::{Story, offer_entry};
use crate::demo::catalogue::{self, LANTERN, LETTER, VARIANTS};
use crate::demo::protocol::{Answer, Order, Outcome};
use crate::demo::row::{Entry, Tone};

/// Fewer people than this are not told of: a count of them could be about somebody.
const LEAST: u64 = 20;
/// A card that was seen stays where it is for half an hour, whatever its limits.
const LOOK_MS: i64 = 31 * 60_000;
/// Within the limit of the variants, which is a week.
const LIMIT_MS: i64 = 7 * 24 * 3_600_000;

impl Story<'_> {
    /// The next catalogue, tried out before it is published. While it serves: a phone gets the old one or the new one.
    pub(super) async fn publish(&mut self) -> anyhow::Result<()> {
        self.phone.diagnose().await?;
        let next = catalogue::renewed(self.stage.catalogue, self.phone.state.installation);
        let (people, at) = (catalogue::people(), patron_core::clock::rfc3339(self.at_ms));
        let tried = self.stage.retailer.try_out(&next, &people, LETTER, &at).await?;
        let reasons = tried["not_shown"].as_array().context("the dry run gives no reasons")?;
        let counts: Vec<_> = std::iter::once(&tried["shown"]).chain(reasons.iter().map(|why| &why["people"])).collect();
        let shown = tried["shown"].as_u64().with_context(|| format!("nothing is told of the many: {tried}"))?;
        let small = counts.iter().filter_map(|count| count.as_u64()).any(|count| !count.is_multiple_of(LEAST));
        let withheld = counts.iter().filter(|count| count.is_string()).count();
        ensure!(!small && withheld > 0, "the dry run tells of fewer than {LEAST} people: {tried}");
        let title = catalogue::title(&next, LETTER).unwrap_or_default();
        self.say(
            Entry::new("tried_out", "≈", Tone::Plain, "the retailer tries offers out")
                .note(format!(
                    "of {} made-up people {shown} or more would see “{title}”; a count of fewer than {LEAST} is not told",
                    people.len(),
                ))
                .fact("people", people.len() as u64)
                .fact("shown", shown)
                .fact("withheld", withheld as u64),
        )
        .await;
        self.stage.retailer.publish(&next).await?;
        self.phone.must(&Order::Refresh).await?;
        let variant = self.variant(&next).await?;
        self.say(
            Entry::then("published", Tone::Good, "and publishes the next ones")
                .note("while it serves: a phone gets the old catalogue or the new one, whole")
                .fact("version", next["version"].clone()),
        )
        .await;
        self.see(&variant).await?;
        self.held_out().await?;
        self.mistype(&next).await?;
        // What was kept was decided on another catalogue.
        self.keep_decision().await
    }

    /// The one of the variants that shows here: the one that the lot of this phone says.
    async fn variant(&mut self, next: &serde_json::Value) -> anyhow::Result<String> {
        let (read, _) = OfferCatalogue::parse(&serde_json::to_vec(next)?)?;
        let trial = read.offer(VARIANTS[0]).and_then(|offer| offer.experiment.as_ref()).context("there is no trial")?;
        let Allotment::Arm(arm) = trial.allot(&self.phone.state.installation.to_string()) else {
            bail!("the phone is in no arm of a trial that has no others");
        };
        let shown: Vec<_> = self.phone.cards().await?.into_iter().map(|card| card.id).collect();
        let shows: Vec<_> = VARIANTS.into_iter().filter(|id| shown.iter().any(|shown| shown == id)).collect();
        ensure!(shows == [VARIANTS[arm]], "the lot says {}, and {shows:?} show", VARIANTS[arm]);
        Ok(VARIANTS[arm].to_owned())
    }

    /// Looks at the variant: the one time that its limit allows.
    async fn see(&mut self, variant: &str) -> anyhow::Result<()> {
        let cards = self.phone.cards().await?;
        let card = cards.iter().find(|card| card.id == variant).context("the variant went while it was looked at")?;
        match self.phone.ask(&Order::See { offer: variant.to_owned() }).await?.answer {
            Answer::Tracked { outcome: Outcome::Recorded } => {}
            other => bail!("a first look was answered with {other:?}"),
        }
        self.seen = Some((variant.to_owned(), self.at_ms));
        self.say(offer_entry(card).fact("variant", variant)).await;
        self.say(
            Entry::then("variant", Tone::Plain, "is one of two variants")
                .note("by lot, on the phone; the backend is not asked, and anybody can draw it again")
                .fact("variant", variant),
        )
        .await;
        Ok(())
    }

    /// Whoever is held out of a trial gets nothing of it. The question why that offer does not show is answered; what keeps
    /// offers away says nothing of it, for nobody could do anything about it.
    async fn held_out(&mut self) -> anyhow::Result<()> {
        let cards = self.phone.cards().await?;
        ensure!(!cards.iter().any(|card| card.id == LANTERN), "held out, and shown {LANTERN} all the same");
        let why = self.phone.ask(&Order::Why { offer: LANTERN.to_owned() }).await?.answer;
        let Answer::Why { shown: false, summary, remedy: None } = why else {
            bail!("why {LANTERN} does not show is answered with {why:?}");
        };
        ensure!(summary.contains("trial"), "held out, it says: {summary}");
        let blockers = self.phone.blockers().await?;
        ensure!(
            !blockers.iter().any(|(_, remedy)| remedy.contains("trial")),
            "who is held out is told by {blockers:?}"
        );
        self.say(
            Entry::then("held_out", Tone::Dim, "and no lantern: this phone is in the control group")
                .note(summary.clone())
                .fact("offer", LANTERN)
                .fact("why", summary),
        )
        .await;
        Ok(())
    }

    /// Whoever has seen an offer often enough is left alone with it.
    pub(super) async fn shown_enough(&mut self) -> anyhow::Result<()> {
        let Some((variant, since_ms)) = self.seen.clone() else { return Ok(()) };
        let ago = self.at_ms - since_ms;
        if ago < LOOK_MS {
            return Ok(());
        }
        self.seen = None;
        // Some walks pause for longer than the limit.
        if ago >= LIMIT_MS {
            return Ok(());
        }
        let Answer::Why { shown, summary, .. } = self.phone.ask(&Order::Why { offer: variant.clone() }).await?.answer
        else {
            bail!("the device does not say why");
        };
        ensure!(!shown, "{variant} shows again, {ago} ms after the one time that its limit allows");
        self.say(
            Entry::new("shown_enough", "∙", Tone::Dim, "has seen the umbrella")
                .note(summary.clone())
                .fact("offer", variant)
                .fact("why", summary),
        )
        .await;
        Ok(())
    }
}
