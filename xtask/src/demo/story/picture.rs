//! The chapter of pictures: fetched when somebody looks, and there without a network from then on.

use anyhow::{bail, ensure};

use super::Story;
use crate::demo::catalogue::{GENERIC, LETTER};
use crate::demo::protocol::{Answer, Order};
use crate::demo::row::{Entry, Tone};

impl Story<'_> {
    /// The first look: one request to the server of pictures, which hears of nobody else's looks.
    pub(super) async fn look_at_picture(&mut self) -> anyhow::Result<()> {
        let bytes = self.picture(LETTER).await?;
        let served = self.stage.pictures.served();
        ensure!(served == 1, "one look was {served} requests for pictures");
        self.say(
            Entry::new("picture", "▣", Tone::Plain, "looks at the letter’s picture")
                .note(format!("{bytes} bytes from its own server, with no key and no name; nothing was fetched ahead"))
                .fact("offer", LETTER)
                .fact("bytes", bytes),
        )
        .await;
        Ok(())
    }

    /// What was looked at before is there; what was not cannot be had, and its card shows without.
    pub(super) async fn look_again_offline(&mut self) -> anyhow::Result<()> {
        let before = self.stage.pictures.served();
        let bytes = self.picture(LETTER).await?;
        match self.phone.ask(&Order::Picture { offer: GENERIC.to_owned() }).await?.answer {
            Answer::Refused { error, .. } if error == "unavailable" => {}
            other => bail!("without a network a picture that nobody looked at was answered with {other:?}"),
        }
        ensure!(self.stage.pictures.served() == before, "a picture was served through a network that is gone");
        self.say(
            Entry::then("picture_offline", Tone::Good, "the letter has its picture all the same")
                .note(format!("{bytes} bytes, kept on the phone; the tote’s, never looked at, cannot be had now"))
                .fact("offer", LETTER)
                .fact("bytes", bytes),
        )
        .await;
        Ok(())
    }

    async fn picture(&mut self, offer: &str) -> anyhow::Result<u64> {
        match self.phone.ask(&Order::Picture { offer: offer.to_owned() }).await?.answer {
            Answer::Picture { bytes } if bytes > 0 => Ok(bytes),
            other => bail!("the picture of {offer} was answered with {other:?}"),
        }
    }
}
