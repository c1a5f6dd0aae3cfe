//! The handle's call for pictures of offers.

use std::path::PathBuf;

use super::Patron;
use crate::engine::Command;
use crate::error::Error;

impl Patron {
    /// Where a picture of `offer` lies on this device: number `index` of its images, from 0 on. What is here is
    /// answered at once, offline too; what is not is fetched, up to 512 KiB of it, behind the request that sync has
    /// under way. Read the file soon: a later picture may take its room ([`Config::max_image_bytes`]), and it goes
    /// with its offer, with the yes that it rests on and with the shopper.
    ///
    /// Fetching tells the picture's server that someone at this address looks at it, and nothing else: no key, no
    /// cookie, no name of the installation. A partner's is fetched only under `PartnerOffers`. On a metered network
    /// none is, unless `even_metered`: the shopper tapped the card, say.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for a partner's offer without the yes; [`Error::InvalidInput`] for an offer that is not
    /// in the catalogue, or has no such image; [`Error::Unavailable`] when it is not here and cannot be had: no
    /// network, a metered one, a server that does not answer, other bytes than the publisher's `sha256` says. Show the
    /// card without it. [`Error::Busy`] when 64 others wait, [`Error::Storage`], [`Error::Closed`].
    ///
    /// [`Config::max_image_bytes`]: crate::Config::max_image_bytes
    pub async fn image(&self, offer: String, index: usize, even_metered: bool) -> Result<PathBuf, Error> {
        self.ask(|answer| Command::Image { offer, index, even_metered, answer }).await
    }
}
