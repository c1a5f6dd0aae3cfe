//! The chapters in the market hall: its hours, and a code that changes each minute and is scanned in quiet hours.

use anyhow::{bail, ensure};

use super::Story;
use crate::demo::catalogue;
use crate::demo::hall::{self, HALL, OPENS, SOUP};
use crate::demo::protocol::{Answer, Order, Reply, Rule, TurnKind};
use crate::demo::row::{Entry, Tone};
use crate::lab::Held;

const MINUTE_MS: i64 = 60_000;
/// Whoever scanned a code and was not seen since has left after an hour.
pub(super) const GONE_MS: i64 = 61 * MINUTE_MS;
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
    pub(super) async fn wait(&mut self, ms: i64) -> anyhow::Result<(Reply, i64, i64)> {
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
    pub(super) async fn speaks(
        &mut self,
        what: &'static str,
        offer: &str,
        why: &str,
        reply: &Reply,
    ) -> anyhow::Result<()> {
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
}
