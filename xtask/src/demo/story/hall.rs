//! The chapters in the market hall: its hours, a code that changes each minute, the shopper's rules of when offers may
//! come, a visit that goes unseen, and what speaks up on leaving.

use anyhow::{bail, ensure};

use super::Story;
use crate::demo::catalogue;
use crate::demo::hall::{self, BEACON, BOOTS, GOODBYE, HALL, OPENS, SOUP, WALL};
use crate::demo::protocol::{Answer, Card, Order, Reply, Rule, TurnKind};
use crate::demo::row::{Entry, Tone};
use crate::lab::Held;

const MINUTE_MS: i64 = 60_000;
/// Whoever scanned a code and was not seen since has left after an hour.
const GONE_MS: i64 = 61 * MINUTE_MS;
/// Quiet hours begin so long before now, and end so long after.
const HOUR_MS: i64 = 60 * MINUTE_MS;

impl Story<'_> {
    pub(super) async fn visit_hall(&mut self) -> anyhow::Result<()> {
        self.phone.must(&Order::Foreground { foreground: true }).await?;
        let stored = self.find_closed().await?;
        self.scan_at_quiet().await?;
        self.have_enough().await?;
        self.only_when_asked().await?;
        self.go_unseen(stored).await
    }

    /// So much time passes; answers what happened, and how late it is by the phone and by the backend.
    async fn wait(&mut self, ms: i64) -> anyhow::Result<(Reply, i64, i64)> {
        let reply = self.phone.ask(&Order::Wait { ms }).await?;
        let Answer::Waited { at_ms, backend_ms } = reply.answer else { bail!("time does not pass: {reply:?}") };
        self.at_ms += ms;
        Ok((reply, at_ms, backend_ms))
    }

    /// Closed, a place is none; the minute it opens, what waits for that speaks up. Answers how many events the backend
    /// holds until here.
    async fn find_closed(&mut self) -> anyhow::Result<u64> {
        self.wait(GONE_MS).await?;
        // Nothing of before is to arrive later and be taken for what happens here.
        self.drain().await?;
        let stored = Held::read(&self.stage.database)?.stored;
        let (_, now_ms, backend_ms) = self.wait(0).await?;
        let opens_ms = (now_ms / MINUTE_MS + 10) * MINUTE_MS;
        let live = catalogue::renewed(self.stage.catalogue, self.phone.state.installation);
        self.stage.retailer.publish(&hall::opening(&live, opens_ms)).await?;
        self.phone.must(&Order::Refresh).await?;
        let code = Order::CheckIn { code: hall::code_at(backend_ms) };
        let text = match self.phone.ask(&code).await?.answer {
            Answer::Refused { error, text } if error == "invalid_input" && text.contains("closed") => text,
            other => bail!("the code of a hall that is closed was answered with {other:?}"),
        };
        self.say(
            Entry::new("closed", "▢", Tone::Warn, "stands before a market hall")
                .note(format!("it is closed, and its code is good for nothing now: {text}"))
                .fact("place", HALL),
        )
        .await;
        let (reply, ..) = self.wait(opens_ms - now_ms).await?;
        self.speaks("opens", OPENS, "at the minute, by the hours in the catalogue", &reply).await?;
        Ok(stored)
    }

    /// That offer, and no other, has spoken up.
    async fn speaks(&mut self, what: &'static str, offer: &str, why: &str, reply: &Reply) -> anyhow::Result<()> {
        let spoke: Vec<&str> = reply.notices.iter().map(|told| told.offer.as_str()).collect();
        ensure!(spoke == [offer], "{offer} was to speak up, and {spoke:?} did");
        self.say(
            Entry::then(what, Tone::Offer, format!("the phone shows “{}”", reply.notices[0].title))
                .note(why)
                .fact("offer", offer),
        )
        .await;
        Ok(())
    }

    /// A code that is photographed is good for two minutes; in quiet hours it brings its visit, and no notice.
    async fn scan_at_quiet(&mut self) -> anyhow::Result<()> {
        let (_, now_ms, backend_ms) = self.wait(0).await?;
        let old = Order::CheckIn { code: hall::code_at(backend_ms - 10 * MINUTE_MS) };
        match self.phone.ask(&old).await?.answer {
            Answer::Refused { error, text } if error == "invalid_input" && text.contains("minutes ago") => {}
            other => bail!("a code of ten minutes ago was answered with {other:?}"),
        }
        let hours = (hall::time_of_day(now_ms - HOUR_MS), hall::time_of_day(now_ms + HOUR_MS));
        let told = format!("{} to {}", hours.0, hours.1);
        self.phone.must(&Order::Say { rule: Rule::Quiet(Some(hours)) }).await?;
        let code = Order::CheckIn { code: hall::code_at(backend_ms) };
        let reply = self.phone.ask(&code).await?;
        let came = reply.turns.iter().any(|turn| turn.kind == TurnKind::Entered && turn.place == HALL);
        ensure!(came && matches!(reply.answer, Answer::Done), "the code at the till was answered with {reply:?}");
        ensure!(reply.notices.is_empty(), "in quiet hours {:?} spoke up", reply.notices);
        let remedy = self.remedy("QuietHours").await?;
        self.say(
            Entry::new("scanned", "▣", Tone::Good, "scans the code at the till")
                .note("another each minute, signed; the one of ten minutes ago, photographed, is refused")
                .fact("place", HALL),
        )
        .await;
        self.say(
            Entry::then("quiet", Tone::Plain, "and nothing speaks up: quiet hours")
                .note(format!("{told}; the app can say: {remedy}"))
                .fact("remedy", remedy),
        )
        .await;
        self.phone.must(&Order::Say { rule: Rule::Quiet(None) }).await?;
        let reply = self.phone.ask(&code).await?;
        self.speaks("scanned_again", SOUP, "the same code once more, without quiet hours", &reply).await
    }

    /// What the app can say of what keeps offers from coming by themselves.
    async fn remedy(&mut self, name: &str) -> anyhow::Result<String> {
        let blockers = self.phone.blockers().await?;
        match blockers.iter().find(|(by, _)| by == name) {
            Some((_, remedy)) => Ok(remedy.clone()),
            None => bail!("{name} is to keep offers away, and {blockers:?} do"),
        }
    }

    /// With as many as the shopper wants in a day, no other comes by itself; those that came stay.
    async fn have_enough(&mut self) -> anyhow::Result<()> {
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
    async fn only_when_asked(&mut self) -> anyhow::Result<()> {
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

    /// One word of the shopper's, and neither the phone nor the backend has anything of this visit.
    async fn go_unseen(&mut self, stored: u64) -> anyhow::Result<()> {
        self.phone.diagnose().await?;
        let (queued, purged) = (self.phone.state.queued, self.phone.state.purged);
        ensure!(queued > 0, "nothing was recorded of the visit that is to go unseen");
        self.phone.must(&Order::Say { rule: Rule::Unseen }).await?;
        self.phone.diagnose().await?;
        let (accepted, went) = (self.phone.state.accepted, self.phone.state.purged - purged);
        ensure!(went == queued && self.phone.state.queued == 0, "unseen, {:?} is left", self.phone.state);
        self.say(
            Entry::new("unseen", "◌", Tone::Warn, "wants this visit unseen")
                .note(format!("{went} events that waited go at once, and nothing more is recorded until the end of it"))
                .fact("purged", went),
        )
        .await;
        let reply = self.phone.ask(&Order::Hear { beacon: BEACON.to_owned(), rssi_dbm: -52 }).await?;
        let zones = match &reply.answer {
            Answer::Heard { zones } if !zones.is_empty() => zones.clone(),
            other => bail!("the beacon at the boot wall was answered with {other:?}"),
        };
        let at_wall = reply.turns.iter().any(|turn| turn.kind == TurnKind::Entered && turn.place == WALL);
        ensure!(at_wall, "who hears the boot wall’s beacon is not at the boot wall: {:?}", reply.turns);
        self.speaks("zone", BOOTS, "a beacon knows the zone inside the hall, where no position would", &reply).await?;
        let look = self.phone.ask(&Order::See { offer: BOOTS.to_owned() }).await?.answer;
        let (left, ..) = self.wait(GONE_MS).await?;
        let gone = left.turns.iter().any(|turn| turn.kind == TurnKind::Left && turn.place == HALL);
        ensure!(gone, "an hour after the code the shopper is still in the hall: {:?}", left.turns);
        self.speaks("left_hall", GOODBYE, "on leaving; the shopper is told, and nobody else", &left).await?;
        self.drain().await?;
        let events = zones.iter().filter_map(|(_, event)| *event).count()
            + reply.turns.iter().chain(&left.turns).filter(|turn| turn.event.is_some()).count();
        let (now, held) = (self.phone.state.accepted - accepted, Held::read(&self.stage.database)?.stored - stored);
        ensure!(
            (events, now, held) == (0, 0, 0),
            "unseen, a look was {look:?}, {events} turns and zones were recorded, {now} accepted, {held} stored"
        );
        self.say(
            Entry::then("never_seen", Tone::Good, "the account shows nothing of it")
                .note("0 accepted since, 0 more at the backend, which was never told of the hall")
                .fact("accepted", now)
                .fact("stored", held),
        )
        .await;
        Ok(())
    }
}

fn ids(cards: &[Card]) -> Vec<String> {
    cards.iter().map(|card| card.id.clone()).collect()
}
