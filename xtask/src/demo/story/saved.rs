//! The chapter of an offer that the shopper keeps for later, and is reminded of where it counts.

use anyhow::ensure;

use super::Story;
use crate::demo::catalogue;
use crate::demo::protocol::{Order, Told, Turn, TurnKind};
use crate::demo::row::{Entry, Tone};

/// An offer that is kept, until the shopper was reminded of it.
pub(super) struct Kept {
    offer: String,
    place: String,
}

impl Story<'_> {
    /// Keeps what the last store has.
    pub(super) async fn save_for_later(&mut self) -> anyhow::Result<()> {
        let Some((place, offer)) = catalogue::last_store(self.stage.catalogue) else { return Ok(()) };
        self.phone.must(&Order::Save { offer: offer.clone() }).await?;
        let title = catalogue::title(self.stage.catalogue, &offer).unwrap_or_default();
        self.say(
            Entry::new("saved", "☆", Tone::Plain, format!("keeps “{title}”"))
                .note("to be reminded of it at the store, and nowhere else")
                .fact("offer", offer.clone())
                .fact("place", place.clone()),
        )
        .await;
        self.kept = Some(Kept { offer, place });
        Ok(())
    }

    /// Whoever comes to the store of an offer that was kept is reminded of it there, if it shows there.
    pub(super) async fn remember(&mut self, turns: &[Turn], notices: &[Told]) -> anyhow::Result<()> {
        let Some(Kept { offer, place }) = &self.kept else { return Ok(()) };
        let reminded = notices.iter().any(|notice| notice.reminder && notice.offer == *offer);
        let arrived = turns.iter().any(|turn| turn.kind == TurnKind::Entered && turn.place == *place);
        if arrived {
            let shows = self.phone.cards().await?.iter().any(|card| card.id == *offer);
            ensure!(reminded || !shows, "at {place} nothing reminds of {offer}, which was kept for then");
        }
        if reminded {
            self.kept = None;
        }
        Ok(())
    }

    /// What the phone shows outside of the app.
    pub(super) async fn show(&mut self, notices: Vec<Told>) {
        for Told { title, body, reminder, offer } in notices {
            let (what, note) = if reminder {
                ("reminded", format!("{body} As the shopper asked."))
            } else {
                let note = "an offer that speaks up where the shopper stays; once a day at most, never while quiet";
                ("notified", note.to_owned())
            };
            self.say(
                Entry::then(what, Tone::Offer, format!("the phone shows “{title}”"))
                    .note(note)
                    .fact("title", title)
                    .fact("offer", offer),
            )
            .await;
        }
    }
}
