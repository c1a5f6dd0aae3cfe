//! The walk itself: each position, what it turned, and what the shopper does at a store.

use anyhow::bail;

use super::{Story, offer_entry};
use crate::demo::catalogue;
use crate::demo::protocol::{Act, Answer, Order, Turn, TurnKind};
use crate::demo::row::{Entry, Tone};
use crate::demo::trace::Point;

impl Story<'_> {
    pub(super) async fn step(&mut self, at: usize) -> anyhow::Result<()> {
        let point = self.stage.trace.points[at];
        self.pacer.until(point.at_ms).await;
        self.at_ms = point.at_ms;
        self.metres = self.stage.course.metres[at];
        let mut reply = self.phone.ask(&self.fix(&point)).await?;
        if matches!(&reply.answer, Answer::Refused { error, .. } if error == "not_permitted") {
            self.ask_again().await?;
            reply = self.phone.ask(&self.fix(&point)).await?;
        }
        match reply.answer {
            Answer::Done => {}
            Answer::Refused { error, .. } if error == "invalid_input" => self.refused_fixes += 1,
            other => bail!("the device answered a position with {other:?}"),
        }
        if at == 0 {
            self.plan().await?;
        }
        let turned = !reply.turns.is_empty();
        self.remember(&reply.turns, &reply.notices).await?;
        for turn in reply.turns {
            self.narrate(turn).await?;
        }
        self.show(reply.notices).await;
        // Often enough for the eye, seldom enough for a walk of many points.
        if turned || at.is_multiple_of((self.stage.trace.points.len() / 60).max(1)) {
            self.phone.diagnose().await?;
        }
        self.screen.progress(at + 1, self.metres, &self.phone.state);
        Ok(())
    }

    pub(super) fn fix(&self, point: &Point) -> Order {
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
                self.meet_offers(&turn.place).await?;
                self.belong_now(&turn.place).await
            }
            TurnKind::Dwelt => self.buy(&turn.place).await,
            _ => Ok(()),
        }
    }

    /// The shopper looks at what there is at `place`, opens the best of it and maybe keeps it.
    async fn meet_offers(&mut self, place: &str) -> anyhow::Result<()> {
        let cards = self.phone.cards().await?;
        for card in &cards {
            self.phone.record(Act::Impression, &card.id).await?;
        }
        let Some(card) = cards.iter().find(|card| card.places.iter().any(|p| p == place)) else {
            return Ok(());
        };
        self.say(offer_entry(card).fact("place", place)).await;
        self.phone.record(Act::Clicked, &card.id).await?;
        let saves = !self.stage.dice.roll(place, 0).is_multiple_of(3);
        if saves {
            self.phone.record(Act::Saved, &card.id).await?;
        }
        self.phone.diagnose().await?;
        let did = if saves { "looks, taps and saves" } else { "looks and taps" };
        self.say(
            Entry::then("tracked", Tone::Plain, did)
                .note(format!("{} queued · {} delivered", self.phone.state.queued, self.phone.state.delivered))
                .fact("accepted", self.phone.accepted())
                .fact("queued", self.phone.state.queued)
                .fact("delivered", self.phone.state.delivered),
        )
        .await;
        if !std::mem::replace(&mut self.explained, true) {
            let elsewhere = if place == "ridge" { "annas-here" } else { "ridge-here" };
            self.why_not(elsewhere).await?;
        }
        Ok(())
    }

    /// Whoever stays has found something, once a walk.
    async fn buy(&mut self, place: &str) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.bought, true) {
            return Ok(());
        }
        let lines = vec![("4006381333931".to_owned(), 2, 449), ("5901234123457".to_owned(), 1, 350)];
        self.hear_till(place).await?;
        self.phone.buy(format!("till-{}", self.stage.dice.roll("order", 0) % 100_000), place, lines).await?;
        self.say(
            Entry::then("purchased", Tone::Good, "buys three things")
                .note("12.48 EUR in two lines, checked at the door")
                .fact("place", place)
                .fact("total_minor", 1_248)
                .fact("currency", "EUR"),
        )
        .await;
        Ok(())
    }

    pub(super) async fn why_not(&mut self, offer: &str) -> anyhow::Result<()> {
        // A short walk has fewer stores, and then that offer does not exist.
        let Some(title) = catalogue::title(self.stage.catalogue, offer) else { return Ok(()) };
        if let Answer::Why { shown: false, summary, remedy } =
            self.phone.ask(&Order::Why { offer: offer.to_owned() }).await?.answer
        {
            let entry = Entry::then("why_not", Tone::Dim, format!("but not “{title}”")).note(summary.clone());
            self.say(entry.fact("offer", offer).fact("why", summary).fact("remedy", remedy)).await;
        }
        Ok(())
    }
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
