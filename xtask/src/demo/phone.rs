//! What the story can ask of the phone, over all of its lives.

use anyhow::bail;

use super::catalogue::PLACEMENT;
use super::protocol::{Act, Answer, Card, Order, Outcome, Reply, Stands, State};
use super::remote::{Device, Tally};

/// The phone with its owner's tally of what was accepted.
pub(crate) struct Phone {
    device: Device,
    tally: Tally,
    /// Its own books when it was last asked.
    pub(crate) state: State,
}

impl Phone {
    pub(crate) fn start() -> anyhow::Result<Self> {
        Ok(Self { device: Device::start()?, tally: Tally::default(), state: State::default() })
    }

    /// What its calls have accepted, counted here.
    pub(crate) fn accepted(&self) -> u64 {
        self.tally.accepted()
    }

    pub(crate) async fn ask(&mut self, order: &Order) -> anyhow::Result<Reply> {
        self.device.ask(order, &mut self.tally).await
    }

    /// An order that it cannot refuse.
    pub(crate) async fn must(&mut self, order: &Order) -> anyhow::Result<()> {
        match self.ask(order).await?.answer {
            Answer::Done => Ok(()),
            other => bail!("the device answered {order:?} with {other:?}"),
        }
    }

    pub(crate) async fn track(&mut self, act: Act, offer: &str) -> anyhow::Result<Outcome> {
        match self.ask(&Order::Track { act, offer: offer.to_owned() }).await?.answer {
            Answer::Tracked { outcome } => Ok(outcome),
            other => bail!("track answered {other:?}"),
        }
    }

    /// Tracks what must be recorded, consent being given.
    pub(crate) async fn record(&mut self, act: Act, offer: &str) -> anyhow::Result<()> {
        self.must_record(&Order::Track { act, offer: offer.to_owned() }).await
    }

    /// Pays: what must be recorded too.
    pub(crate) async fn buy(
        &mut self,
        order: String,
        place: &str,
        lines: Vec<(String, i64, i64)>,
    ) -> anyhow::Result<()> {
        self.must_record(&Order::Purchase { order, place: place.to_owned(), lines }).await
    }

    /// Passes a partner's offer on.
    pub(crate) async fn share(&mut self, offer: &str, partner: &str) -> anyhow::Result<()> {
        self.must_record(&Order::Share { offer: offer.to_owned(), partner: partner.to_owned() }).await
    }

    async fn must_record(&mut self, order: &Order) -> anyhow::Result<()> {
        match self.ask(order).await?.answer {
            Answer::Tracked { outcome: Outcome::Recorded } => Ok(()),
            other => bail!("{order:?} was answered with {other:?} with consent given"),
        }
    }

    pub(crate) async fn cards(&mut self) -> anyhow::Result<Vec<Card>> {
        match self.ask(&Order::Offers { placement: PLACEMENT.to_owned() }).await?.answer {
            Answer::Offers { cards } => Ok(cards),
            other => bail!("offers answered {other:?}"),
        }
    }

    /// The offers that come by themselves.
    pub(crate) async fn suggested(&mut self) -> anyhow::Result<Vec<Card>> {
        match self.ask(&Order::Suggest { placement: PLACEMENT.to_owned() }).await?.answer {
            Answer::Offers { cards } => Ok(cards),
            other => bail!("what comes by itself is answered with {other:?}"),
        }
    }

    /// What keeps offers from coming by themselves, each with what to do about it.
    pub(crate) async fn blockers(&mut self) -> anyhow::Result<Vec<(String, String)>> {
        match self.ask(&Order::Blockers { placement: PLACEMENT.to_owned() }).await?.answer {
            Answer::Blocked { by } => Ok(by),
            other => bail!("blockers answered {other:?}"),
        }
    }

    /// Of which partners its shopper wants no more, and what is kept for later.
    pub(crate) async fn rules(&mut self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        match self.ask(&Order::Rules).await?.answer {
            Answer::Rules { refused, saved } => Ok((refused, saved)),
            other => bail!("the rules are answered with {other:?}"),
        }
    }

    /// What its shopper has said, and what of it signals from outside take away.
    pub(crate) async fn stands(&mut self) -> anyhow::Result<Stands> {
        match self.ask(&Order::Stand).await?.answer {
            Answer::Stands(stands) => Ok(stands),
            other => bail!("what stands is answered with {other:?}"),
        }
    }

    /// Reads its books, of a catalogue that is good.
    pub(crate) async fn diagnose(&mut self) -> anyhow::Result<()> {
        if let Some(entry) = self.set_aside().await?.first() {
            bail!("the device set aside an entry of the catalogue: {entry}");
        }
        Ok(())
    }

    /// Reads its books; answers which entries of the catalogue it set aside, and why.
    pub(crate) async fn set_aside(&mut self) -> anyhow::Result<Vec<String>> {
        let Answer::Diagnostics(state) = self.ask(&Order::Diagnostics).await?.answer else {
            bail!("the device has no diagnostics");
        };
        self.state = state;
        Ok(self.state.quarantined.clone())
    }

    /// Whether an offer shows, and why.
    pub(crate) async fn why(&mut self, offer: &str) -> anyhow::Result<(bool, String)> {
        match self.ask(&Order::Why { offer: offer.to_owned() }).await?.answer {
            Answer::Why { shown, summary, .. } => Ok((shown, summary)),
            other => bail!("why {offer} does or does not show is answered with {other:?}"),
        }
    }

    /// SIGKILL to this life, right after `burst` calls have returned; the next life is not open yet.
    pub(crate) async fn kill_behind(&mut self, burst: u64, offer: &str) -> anyhow::Result<()> {
        // Started beforehand: between the burst and the signal nothing else happens.
        let next = Device::start()?;
        for _ in 0..burst {
            self.record(Act::Impression, offer).await?;
        }
        std::mem::replace(&mut self.device, next).kill().await
    }

    /// Closes the store and ends the process.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        self.must(&Order::Close).await?;
        self.device.end().await
    }
}
