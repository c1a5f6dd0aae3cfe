//! The chapters at the end: what is known, a yes that is taken back, another phone of the same shopper, and
//! nothing left behind.

use anyhow::{Context, bail, ensure};

use super::{DRAIN_LIMIT_S, PURPOSES, Story};
use crate::demo::catalogue::{LETTER, LETTER_FROM};
use crate::demo::phone::Phone;
use crate::demo::protocol::{Answer, Order, Stands};
use crate::demo::row::{Entry, Tone};
use crate::lab::Held;

/// What the shopper is called at the retailer's; the backend hears it, and no partner does.
const ACCOUNT: &str = "shopper-1";
/// The yes that is taken back.
const TAKEN_BACK: &str = "precise_location";

impl Story<'_> {
    /// What was said before is carried nowhere.
    pub(super) async fn sign_in(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::SignIn { token: ACCOUNT.to_owned() }).await?;
        self.say(Entry::then("signed_in", Tone::Plain, "signs in").note("what holds here will hold on other phones"))
            .await;
        Ok(())
    }

    /// What is known, and the proof of what was said.
    pub(super) async fn look(&mut self) -> anyhow::Result<()> {
        let Answer::Known { decisions, countersigned, items, .. } = self.phone.ask(&Order::Look).await?.answer else {
            bail!("the device does not say what it knows");
        };
        let proof = match countersigned {
            Some(epoch) => format!("{decisions} decisions, signed; the backend has countersigned up to the {epoch}th"),
            None => format!("{decisions} decisions, signed"),
        };
        self.say(
            Entry::new("looked", "◎", Tone::Plain, "looks at what is known")
                .note(format!("{proof}; {items} things on the phone, each with the yes that it rests on"))
                .fact("decisions", decisions)
                .fact("countersigned", countersigned)
                .fact("items", items as u64),
        )
        .await;
        Ok(())
    }

    /// The backend is asked as well, and what it gives is in the same document.
    pub(super) async fn look_at_backend(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::AskBackend).await?;
        self.drain().await?;
        let Answer::Known { at_backend, .. } = self.phone.ask(&Order::Look).await?.answer else {
            bail!("the device does not say what it knows");
        };
        let events = at_backend.context("the backend was asked for what it has, and the export has nothing of it")?;
        // What grew too old while its reply was lost may have arrived.
        let (least, old) = (self.phone.state.delivered, self.phone.state.evicted);
        ensure!((least..=least + old).contains(&events), "the backend shows {events} events of {:?}", self.phone.state);
        self.say(
            Entry::then("looked_at_backend", Tone::Plain, "and at what the backend has")
                .note(format!("{events} events, one by one, in the same export"))
                .fact("events", events),
        )
        .await;
        Ok(())
    }

    /// Whoever said yes can say no, and what rested on it goes at once.
    pub(super) async fn take_back(&mut self) -> anyhow::Result<()> {
        let before = self.phone.cards().await?.len();
        let order = Order::Withdraw { purpose: TAKEN_BACK.to_owned(), keeps_captured: false };
        let Answer::Withdrawn { visits, .. } = self.phone.ask(&order).await?.answer else {
            bail!("the device did not take the yes back");
        };
        let cards = self.phone.cards().await?;
        ensure!(!cards.is_empty(), "the house's own offers went with a yes that they do not need");
        let Answer::Known { items, .. } = self.phone.ask(&Order::Look).await?.answer else {
            bail!("the device does not say what it knows");
        };
        self.say(
            Entry::new("took_back", "○", Tone::Warn, "takes the yes to the exact position back")
                .note(format!(
                    "{visits} visits went from the phone at once; {items} things are known still; {} of {before} offers stay",
                    cards.len()
                ))
                .fact("visits", visits)
                .fact("items", items as u64),
        )
        .await;
        // The backend hears of it before anything else.
        self.drain().await
    }

    /// What was said on one phone holds on the other, the no as the yes, and nobody is asked again.
    pub(super) async fn second_phone(&mut self) -> anyhow::Result<()> {
        let mut other = Phone::start()?;
        let (folder, seed) = (self.stage.folder.with_file_name("second"), self.stage.dice.roll("device", u64::MAX));
        other.must(&self.opening(folder, seed)).await?;
        other.must(&Order::SignIn { token: ACCOUNT.to_owned() }).await?;
        other.ask(&Order::Drain { limit_s: DRAIN_LIMIT_S, max_bytes: None }).await?;
        let Stands { mut granted, denied, .. } = other.stands().await?;
        let ((refused, saved), cards) = (other.rules().await?, other.cards().await?);
        other.end().await?;
        let all = PURPOSES.into_iter().chain(["partner_sharing"]);
        let mut yeses: Vec<&str> = all.filter(|purpose| *purpose != TAKEN_BACK).collect();
        granted.sort();
        yeses.sort_unstable();
        ensure!(granted == yeses && denied == [TAKEN_BACK], "on the second phone {granted:?} and not {denied:?}");
        ensure!(refused == [LETTER_FROM], "on the second phone {refused:?} are refused, and not {LETTER_FROM}");
        ensure!(saved == self.phone.rules().await?.1, "the second phone keeps {saved:?}");
        ensure!(
            !cards.is_empty() && cards.iter().all(|card| card.id != LETTER),
            "{LETTER_FROM} was refused, and the second phone shows {cards:?}"
        );
        self.say(
            Entry::new("second_phone", "▫", Tone::Good, "signs in on a second phone")
                .note(format!("{} yeses and the no are there; nobody is asked again", granted.len()))
                .fact("granted", granted)
                .fact("denied", denied),
        )
        .await;
        self.say(
            Entry::then("same_rules", Tone::Good, "has the same rules there")
                .note(format!("no more of Lumi Coffee, of whose offers none shows; {} kept for later", saved.len()))
                .fact("refused", refused)
                .fact("saved", saved),
        )
        .await;
        Ok(())
    }

    /// Nothing stays but the proof that it went.
    pub(super) async fn leave(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Erase).await?;
        let Answer::Known { items, .. } = self.phone.ask(&Order::Look).await?.answer else {
            bail!("the device does not say what it knows");
        };
        ensure!(items == 0, "{items} things are known still");
        self.drain().await?;
        let left = Held::read(&self.stage.database)?;
        ensure!(left.erased == left.stored, "the backend holds {left:?} of a shopper who left");
        self.say(
            Entry::new("left_for_good", "∅", Tone::Good, "erases everything")
                .note(format!(
                    "the phone knows nothing; of {} events the backend keeps the ids, and the proof",
                    left.erased
                ))
                .fact("items", items as u64)
                .fact("erased", left.erased),
        )
        .await;
        Ok(())
    }
}
