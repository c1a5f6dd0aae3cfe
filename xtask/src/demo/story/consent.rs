//! The chapters of what the shopper allows: nothing, then most of it, one partner and not the next, an end that leaves
//! what was captured, and the world outside, which only takes away.

use anyhow::{bail, ensure};

use super::{IN_WORDS, PURPOSES, Story};
use crate::demo::catalogue::{CLUB, GENERIC, LETTER, LETTER_FROM, NOT_TOLD};
use crate::demo::protocol::{Act, Answer, Order, Outcome};
use crate::demo::row::{Entry, Tone};
use crate::lab::Held;

/// What ends without an end to what was captured.
const ENDED: &str = "engagement";

/// What the shopper allows one partner, as the demo's device reads it.
fn sharing() -> String {
    format!("partner_sharing/{LETTER_FROM}")
}

impl Story<'_> {
    pub(super) async fn refuse(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Refresh).await?;
        self.phone.must(&Order::Deny { purposes: PURPOSES.map(str::to_owned).into() }).await?;
        self.say(Entry::new("refused", "○", Tone::Warn, "says no to everything").note(IN_WORDS)).await;
        let outcome = self.phone.track(Act::Impression, GENERIC).await?;
        let first = self.stage.trace.points[0];
        match self.phone.ask(&self.fix(&first)).await?.answer {
            Answer::Refused { error, .. } if error == "not_permitted" => {}
            other => bail!("a position was answered with {other:?} without consent"),
        }
        self.phone.diagnose().await?;
        if outcome != Outcome::NotPermitted || self.phone.state.accepted > 0 {
            bail!("something was recorded without consent: {outcome:?}, {:?}", self.phone.state);
        }
        self.say(
            Entry::then("nothing_recorded", Tone::Plain, "nothing is recorded")
                .note("track, position → NotPermitted; the store is empty")
                .fact("accepted", self.phone.state.accepted),
        )
        .await;
        self.cards_everywhere().await?;
        self.check_in().await?;
        self.why_not(LETTER).await
    }

    pub(super) async fn consent(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Grant { purposes: PURPOSES.map(str::to_owned).into() }).await?;
        self.phone.must(&Order::Refresh).await?;
        self.say(Entry::new("granted", "✓", Tone::Good, "says yes to six purposes").note(IN_WORDS)).await;
        self.cards_everywhere().await?;
        self.wish().await?;
        self.snooze().await?;
        self.save_for_later().await?;
        self.belong_not_yet().await?;
        self.keep_decision().await
    }

    /// Some walks last longer than a yes.
    pub(super) async fn ask_again(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Grant { purposes: PURPOSES.map(str::to_owned).into() }).await?;
        self.say(
            Entry::new("asked_again", "✓", Tone::Good, "is asked again, and says yes")
                .note("a yes runs out after thirteen months"),
        )
        .await;
        // What the app had told, and what was kept, left with the yes that ran out.
        self.phone.must(&Order::Tell { segment: CLUB.to_owned() }).await?;
        self.keep_decision().await
    }

    /// The shopper ends a purpose, and says that what was captured may still go: nothing new is recorded, nothing that
    /// was is lost.
    pub(super) async fn keep_captured(&mut self) -> anyhow::Result<()> {
        let waiting = self.browse().await?;
        let before = (self.phone.state.purged, Held::read(&self.stage.database)?.erased);
        let order = Order::Withdraw { purpose: ENDED.to_owned(), keeps_captured: true };
        let Answer::Withdrawn { events: 0, .. } = self.phone.ask(&order).await?.answer else {
            bail!("what the shopper had captured, and wanted kept, was not kept");
        };
        let outcome = self.phone.track(Act::Impression, GENERIC).await?;
        ensure!(outcome == Outcome::NotPermitted, "behind the no a call was answered with {outcome:?}");
        self.drain().await?;
        let (state, held) = (&self.phone.state, Held::read(&self.stage.database)?);
        let arrived = (state.delivered..=state.delivered + state.evicted).contains(&held.stored);
        ensure!(
            arrived && state.queued == 0 && (state.purged, held.erased) == before,
            "of {waiting} events that were to be kept: {state:?}, and at the backend {held:?}"
        );
        self.say(
            Entry::new("kept_captured", "◐", Tone::Plain, "ends the recording, and lets stand what is recorded")
                .note(format!("nothing new comes in; the {waiting} that waited are delivered, none is erased"))
                .fact("waited", waiting)
                .fact("purged", self.phone.state.purged),
        )
        .await;
        self.phone.must(&Order::Grant { purposes: vec![ENDED.to_owned()] }).await?;
        self.say(Entry::then("allowed_again", Tone::Plain, "allows it again")).await;
        Ok(())
    }

    /// A yes to one partner is none to the next, though the shopper does the same with both.
    pub(super) async fn share_with_one(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Grant { purposes: vec![sharing()] }).await?;
        for (partner, offer) in [(LETTER_FROM, LETTER), (NOT_TOLD.0, NOT_TOLD.1)] {
            self.phone.share(offer, partner).await?;
        }
        self.say(
            Entry::new("shared_with_one", "⇄", Tone::Good, "lets Lumi Coffee hear of it, and nobody else")
                .note("passes on an offer of theirs, and one of Anna’s")
                .fact("partner", LETTER_FROM)
                .fact("not", NOT_TOLD.0),
        )
        .await;
        Ok(())
    }

    /// What each of the two reads with its own key at the backend, which has both events.
    pub(super) async fn partners_hear(&mut self) -> anyhow::Result<()> {
        let (told, untold) = (self.heard(LETTER_FROM).await?, self.heard(NOT_TOLD.0).await?);
        ensure!(told == [LETTER] && untold.is_empty(), "{LETTER_FROM} hears {told:?}, {} {untold:?}", NOT_TOLD.0);
        self.say(
            Entry::new("partners_heard", "⇄", Tone::Good, "what the two partners hear")
                .note("Lumi Coffee: one offer passed on, by somebody with a name that it alone has; Anna: nothing")
                .fact("told", told)
                .fact("untold", untold),
        )
        .await;
        Ok(())
    }

    /// Global Privacy Control takes away what the shopper had allowed, and asks nobody again when it is off.
    pub(super) async fn signal(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Gpc { on: true }).await?;
        let mut lowered = self.phone.stands().await?.lowered;
        lowered.sort();
        ensure!(lowered == ["partner_sharing", "personalisation"], "under GPC {lowered:?} do nothing");
        self.drain().await?;
        let told = self.heard(LETTER_FROM).await?;
        ensure!(told.is_empty(), "under GPC {LETTER_FROM} hears {told:?}");
        self.say(
            Entry::new("signalled", "⊘", Tone::Warn, "the browser says: do not sell or share")
                .note("GPC: two yeses stand and do nothing; Lumi Coffee hears nothing any more, of before neither")
                .fact("lowered", lowered),
        )
        .await;
        self.phone.must(&Order::Gpc { on: false }).await?;
        self.drain().await?;
        let (lowered, told) = (self.phone.stands().await?.lowered, self.heard(LETTER_FROM).await?);
        ensure!(lowered.is_empty() && told == [LETTER], "without GPC {lowered:?} do nothing, and {told:?} is heard");
        self.say(
            Entry::then("signal_gone", Tone::Plain, "says so no longer").note("both yeses count; nobody is asked"),
        )
        .await;
        Ok(())
    }

    /// The offers that a partner reads of, all under one name.
    async fn heard(&self, partner: &str) -> anyhow::Result<Vec<String>> {
        let heard = self.stage.retailer.heard_by(partner).await?;
        let names: std::collections::BTreeSet<&String> = heard.iter().map(|(name, _)| name).collect();
        ensure!(names.len() <= 1, "{partner} knows one shopper by {names:?}");
        Ok(heard.into_iter().map(|(_, offer)| offer).collect())
    }
}
