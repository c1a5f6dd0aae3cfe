//! The demo's story, on the walk's own timeline: refuse, consent, walk, lose the network, be
//! killed, come back, deliver. It gives the orders and tells what came of them.

use std::path::PathBuf;

use anyhow::bail;
use serde_json::Value;

use super::catalogue::{self, GENERIC, PLACEMENT};
use super::course::Course;
use super::dice::Dice;
use super::protocol::{Act, Answer, Card, Order, Outcome, Reply, State, Turn, TurnKind};
use super::proxy::Proxy;
use super::remote::{Device, Tally};
use super::row::{Entry, Link, Tone};
use super::screen::{Pacer, Screen};
use super::summary::replies;
use super::trace::{Point, Trace};

/// What the shopper is asked for.
const PURPOSES: [&str; 3] = ["partner_offers", "precise_location", "engagement"];
/// A drain ends long before; if it does not, the account says what is left.
const DRAIN_LIMIT_S: u64 = 20;

/// Where the device keeps its things and whom it talks to.
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    pub(crate) key: String,
}

pub(crate) struct Story<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) course: &'a Course,
    pub(crate) catalogue: &'a Value,
    pub(crate) dice: Dice,
    pub(crate) proxy: &'a Proxy,
    pub(crate) home: Home,
    pub(crate) screen: &'a mut Screen,
    pub(crate) pacer: Pacer,
    device: Device,
    tally: Tally,
    state: State,
    /// The walk's time now.
    at_ms: i64,
    metres: f64,
    entered: std::collections::HashMap<uuid::Uuid, i64>,
    refused_fixes: u64,
    explained: bool,
    lives: u64,
}

/// What the story leaves to the account.
pub(crate) struct Told {
    pub(crate) accepted: u64,
    pub(crate) device: State,
    pub(crate) lost_replies: u64,
    pub(crate) refused_fixes: u64,
}

/// The points at which the network goes, the process dies, and the network comes back.
struct Turning {
    cut: usize,
    kill: usize,
    mend: usize,
}

impl<'a> Story<'a> {
    pub(crate) fn new(
        trace: &'a Trace,
        course: &'a Course,
        catalogue: &'a Value,
        dice: Dice,
        proxy: &'a Proxy,
        home: Home,
        screen: &'a mut Screen,
        pacer: Pacer,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            trace,
            course,
            catalogue,
            dice,
            proxy,
            home,
            screen,
            pacer,
            device: Device::start()?,
            tally: Tally::default(),
            state: State::default(),
            at_ms: trace.points[0].at_ms,
            metres: 0.0,
            entered: Default::default(),
            refused_fixes: 0,
            explained: false,
            lives: 0,
        })
    }

    /// Tells it from the first point to the last.
    pub(crate) async fn tell(mut self) -> anyhow::Result<Told> {
        self.open().await?;
        self.refuse().await?;
        self.consent().await?;
        let turning = Turning {
            cut: self.course.index_at(0.40),
            kill: self.course.index_at(self.dice.between("kill", 0.52, 0.68)),
            mend: self.course.index_at(0.80),
        };
        for at in 0..self.trace.points.len() {
            self.step(at).await?;
            if at == turning.cut {
                self.cut().await?;
            }
            if at == turning.kill {
                self.kill().await?;
            }
            if at == turning.mend {
                self.mend().await?;
            }
        }
        self.deliver().await
    }

    async fn open(&mut self) -> anyhow::Result<()> {
        self.lives += 1;
        let order = Order::Open {
            folder: self.home.folder.clone(),
            endpoint: format!("http://{}", self.proxy.address),
            key: self.home.key.clone(),
            at_ms: self.at_ms,
            // Another life, other ids: those of the first must not be drawn again.
            seed: self.dice.roll("device", self.lives),
        };
        self.must(&order).await
    }

    // -- consent --

    async fn refuse(&mut self) -> anyhow::Result<()> {
        self.must(&Order::Refresh).await?;
        self.must(&Order::Deny { purposes: PURPOSES.map(str::to_owned).into() }).await?;
        self.say(
            Entry::new("refused", "○", Tone::Warn, "says no to everything")
                .note("partner offers, location, engagement"),
        )
        .await;
        let outcome = self.track(Act::Impression, GENERIC).await?;
        let first = self.trace.points[0];
        let located = match self.ask(&self.fix(&first)).await?.answer {
            Answer::Refused { error, .. } if error == "not_permitted" => "NotPermitted",
            _ => bail!("a position was taken without consent"),
        };
        self.diagnose().await?;
        if outcome != Outcome::NotPermitted || self.state.accepted > 0 {
            bail!("something was recorded without consent: {outcome:?}, {:?}", self.state);
        }
        self.say(
            Entry::then("nothing_recorded", Tone::Plain, "nothing is recorded")
                .note(format!(
                    "track → NotPermitted, position → {located}; the store holds {} events",
                    self.state.accepted
                ))
                .fact("accepted", self.state.accepted),
        )
        .await;
        self.cards_everywhere().await?;
        self.why_not("lumi-letter").await
    }

    async fn consent(&mut self) -> anyhow::Result<()> {
        self.must(&Order::Grant { purposes: PURPOSES.map(str::to_owned).into() }).await?;
        self.must(&Order::Refresh).await?;
        self.say(
            Entry::new("granted", "✓", Tone::Good, "says yes to three purposes")
                .note("partner offers, location, engagement"),
        )
        .await;
        self.cards_everywhere().await?;
        Ok(())
    }

    /// The offers that need no place.
    async fn cards_everywhere(&mut self) -> anyhow::Result<()> {
        for card in self.cards().await?.into_iter().filter(|card| card.places.is_empty()) {
            self.say(offer_entry(&card)).await;
        }
        Ok(())
    }

    // -- the walk --

    async fn step(&mut self, at: usize) -> anyhow::Result<()> {
        let point = self.trace.points[at];
        self.pacer.until(point.at_ms).await;
        self.at_ms = point.at_ms;
        self.metres = self.course.metres[at];
        let reply = self.ask(&self.fix(&point)).await?;
        match reply.answer {
            Answer::Done => {}
            Answer::Refused { error, .. } if error == "invalid_input" => self.refused_fixes += 1,
            other => bail!("the device answered a position with {other:?}"),
        }
        let turned = !reply.turns.is_empty();
        for turn in reply.turns {
            self.narrate(turn).await?;
        }
        // Often enough for the eye, seldom enough for a walk of many points.
        if turned || at % (self.trace.points.len() / 60).max(1) == 0 {
            self.diagnose().await?;
        }
        self.screen.progress(at + 1, self.metres, &self.state);
        Ok(())
    }

    fn fix(&self, point: &Point) -> Order {
        Order::Fix {
            at_ms: point.at_ms,
            latitude: point.latitude,
            longitude: point.longitude,
            accuracy_m: point.accuracy_m,
        }
    }

    async fn narrate(&mut self, turn: Turn) -> anyhow::Result<()> {
        let km = format!("km {:.1}", self.metres / 1_000.0);
        let since = self.entered.get(&turn.visit).map(|entered| lasting(turn.at_ms - entered));
        let (what, glyph, tone, verb, note) = match turn.kind {
            TurnKind::Entered => ("entered", "●", Tone::Good, "enters", km),
            TurnKind::Dwelt => {
                ("dwelt", "◆", Tone::Good, "stays at", since.map(|s| format!("for {s} now")).unwrap_or(km))
            }
            TurnKind::Left => ("left", "○", Tone::Dim, "leaves", since.map(|s| format!("after {s}")).unwrap_or(km)),
            TurnKind::Passed => ("passed", "·", Tone::Dim, "passes", km),
        };
        let entry = Entry::new(what, glyph, tone, format!("{verb} {}", turn.place_name))
            .note(note)
            .fact("place", turn.place.clone())
            .fact("place_name", turn.place_name.clone());
        self.screen.entry(turn.at_ms, entry).await;
        match turn.kind {
            TurnKind::Entered => {
                self.entered.insert(turn.visit, turn.at_ms);
                self.meet_offers(&turn.place).await
            }
            _ => Ok(()),
        }
    }

    /// The shopper looks at what there is at `place`, opens the best of it and maybe keeps it.
    async fn meet_offers(&mut self, place: &str) -> anyhow::Result<()> {
        let cards = self.cards().await?;
        for card in &cards {
            self.record(Act::Impression, &card.id).await?;
        }
        let Some(card) = cards.iter().find(|card| card.places.iter().any(|p| p == place)) else {
            return Ok(());
        };
        self.say(offer_entry(card).fact("place", place)).await;
        self.record(Act::Clicked, &card.id).await?;
        let saves = self.dice.roll(place, 0) % 3 > 0;
        if saves {
            self.record(Act::Saved, &card.id).await?;
        }
        self.diagnose().await?;
        let did = if saves { "looks, taps and saves" } else { "looks and taps" };
        self.say(
            Entry::then("tracked", Tone::Plain, did)
                .note(format!("{} queued · {} delivered", self.state.queued, self.state.delivered))
                .fact("accepted", self.tally.accepted())
                .fact("queued", self.state.queued)
                .fact("delivered", self.state.delivered),
        )
        .await;
        if !std::mem::replace(&mut self.explained, true) {
            let elsewhere = if place == "ridge" { "annas-here" } else { "ridge-here" };
            self.why_not(elsewhere).await?;
        }
        Ok(())
    }

    async fn why_not(&mut self, offer: &str) -> anyhow::Result<()> {
        // A short walk has fewer stores, and then that offer does not exist.
        let Some(title) = catalogue::title(self.catalogue, offer) else { return Ok(()) };
        if let Answer::Why { shown: false, summary, remedy } =
            self.ask(&Order::Why { offer: offer.to_owned() }).await?.answer
        {
            let entry = Entry::then("why_not", Tone::Dim, format!("but not “{title}”")).note(summary.clone());
            self.say(entry.fact("offer", offer).fact("why", summary).fact("remedy", remedy)).await;
        }
        Ok(())
    }

    // -- faults --

    async fn cut(&mut self) -> anyhow::Result<()> {
        self.proxy.cut();
        self.screen.link = Link::Down;
        self.say(
            Entry::new("network_lost", "✗", Tone::Bad, "the network is gone")
                .note("nobody tells the phone; it goes on"),
        )
        .await;
        Ok(())
    }

    /// The burst's last call has returned when the signal is sent: nothing had time to be stored
    /// at leisure.
    async fn kill(&mut self) -> anyhow::Result<()> {
        // Started beforehand: between the burst and the signal nothing else happens.
        let next = Device::start()?;
        let burst = 20 + self.dice.roll("burst", 0) % 40;
        for _ in 0..burst {
            self.record(Act::Impression, GENERIC).await?;
        }
        std::mem::replace(&mut self.device, next).kill().await?;
        let link = std::mem::replace(&mut self.screen.link, Link::Dead);
        self.say(
            Entry::new("killed", "☓", Tone::Bad, "kill -9")
                .note(format!("straight after {burst} calls to track had returned"))
                .fact("burst", burst),
        )
        .await;
        self.screen.link = link;
        self.open().await?;
        self.diagnose().await?;
        let (found, accepted) = (self.state.accepted, self.tally.accepted());
        let tone = if found == accepted { Tone::Good } else { Tone::Bad };
        self.say(
            Entry::new("restarted", "↻", tone, "starts again")
                .note(format!("{found} of {accepted} accepted events are there; {} queued", self.state.queued))
                .fact("accepted", accepted)
                .fact("found", found)
                .fact("queued", self.state.queued),
        )
        .await;
        Ok(())
    }

    async fn mend(&mut self) -> anyhow::Result<()> {
        self.diagnose().await?;
        self.proxy.mend();
        self.screen.link = Link::Up;
        self.say(
            Entry::new("network_back", "✓", Tone::Good, "the network is back")
                .note(format!("{} waited; the first replies will be lost on their way", self.state.queued))
                .fact("queued", self.state.queued)
                .fact("refused_connections", self.proxy.refused()),
        )
        .await;
        self.must(&Order::Online { online: true }).await
    }

    // -- the end --

    async fn deliver(mut self) -> anyhow::Result<Told> {
        let waiting = self.diagnose().await?.queued;
        for _ in 0..3 {
            let Answer::Drained { done } = self.ask(&Order::Drain { limit_s: DRAIN_LIMIT_S }).await?.answer else {
                bail!("the device does not drain");
            };
            if self.diagnose().await?.queued == 0 && done {
                break;
            }
        }
        let lost = self.proxy.lost();
        self.say(
            Entry::new("drained", "↑", Tone::Good, "delivers what is left")
                .note(format!("{waiting} waited, {} delivered in all; {} lost", self.state.delivered, replies(lost)))
                .fact("delivered", self.state.delivered)
                .fact("queued", self.state.queued)
                .fact("lost_replies", lost),
        )
        .await;
        self.must(&Order::Close).await?;
        self.device.end().await?;
        Ok(Told {
            accepted: self.tally.accepted(),
            device: self.state,
            lost_replies: lost,
            refused_fixes: self.refused_fixes,
        })
    }

    // -- orders --

    async fn say(&mut self, entry: Entry) {
        self.screen.entry(self.at_ms, entry).await;
    }

    async fn ask(&mut self, order: &Order) -> anyhow::Result<Reply> {
        self.device.ask(order, &mut self.tally).await
    }

    /// An order that the device cannot refuse.
    async fn must(&mut self, order: &Order) -> anyhow::Result<()> {
        match self.ask(order).await?.answer {
            Answer::Done => Ok(()),
            other => bail!("the device answered {order:?} with {other:?}"),
        }
    }

    async fn track(&mut self, act: Act, offer: &str) -> anyhow::Result<Outcome> {
        match self.ask(&Order::Track { act, offer: offer.to_owned() }).await?.answer {
            Answer::Tracked { outcome } => Ok(outcome),
            other => bail!("track answered {other:?}"),
        }
    }

    async fn record(&mut self, act: Act, offer: &str) -> anyhow::Result<()> {
        match self.track(act, offer).await? {
            Outcome::Recorded => Ok(()),
            other => bail!("track answered {other:?} with consent given"),
        }
    }

    async fn cards(&mut self) -> anyhow::Result<Vec<Card>> {
        match self.ask(&Order::Offers { placement: PLACEMENT.to_owned() }).await?.answer {
            Answer::Offers { cards } => Ok(cards),
            other => bail!("offers answered {other:?}"),
        }
    }

    async fn diagnose(&mut self) -> anyhow::Result<&State> {
        let Answer::Diagnostics(state) = self.ask(&Order::Diagnostics).await?.answer else {
            bail!("the device has no diagnostics");
        };
        if let Some(entry) = state.quarantined.first() {
            bail!("the device set aside an entry of the catalogue: {entry}");
        }
        self.state = state;
        Ok(&self.state)
    }
}

fn offer_entry(card: &Card) -> Entry {
    Entry::then("offer", Tone::Offer, card.title.clone())
        .note(card.because.clone())
        .fact("offer", card.id.clone())
        .fact("title", card.title.clone())
        .fact("partner", card.partner.clone())
        .fact("because", card.because.clone())
}

/// A stay in words.
fn lasting(ms: i64) -> String {
    match ms / 1_000 {
        s if s < 90 => format!("{s} s"),
        s if s < 90 * 60 => format!("{} min", s / 60),
        s => format!("{} h {} min", s / 3_600, s / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_are_told_as_people_do() {
        assert_eq!([lasting(45_000), lasting(600_000), lasting(7_260_000)], ["45 s", "10 min", "2 h 1 min"]);
    }
}
