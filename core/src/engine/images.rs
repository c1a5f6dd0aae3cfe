//! Pictures of offers: from the device where they are there, else fetched for who asks, one at a time.
//!
//! Fetching one tells its server that someone here looks at that offer. So a partner's is fetched, and stays,
//! only with the permit that lets the offer show; and only pictures of the catalogue on the device are here at all.
//! What is asked and what came is [`crate::sync::image_request`]'s and [`interpret_image`]'s, the files are
//! [`ImageFiles`]'s.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use super::{Answer, Effects, Engine};
use crate::clock::Now;
use crate::consent::{PartnerOffers, Purpose, Sha};
use crate::error::Error;
use crate::log::Level;
use crate::offer::Offer;
use crate::store::ImageFiles;
use crate::sync::{ImageError, Network, Response, Ticket, TransportError, image_request, interpret_image};

/// More than a screen shows. Beyond, the caller asks for what is not in view.
const MOST_WAITING: usize = 64;

/// A picture that did not come is not asked for again before this: a list that scrolls asks each time.
const REST: Duration = Duration::from_secs(60);

/// More addresses than this that do not answer, and all of them may be asked again.
const MOST_RESTING: usize = 256;

/// What the engine knows of pictures.
pub(super) struct Images {
    files: ImageFiles,
    under_way: Option<(Ticket, Fetch)>,
    waiting: VecDeque<Fetch>,
    /// Why a picture did not come, and until when it is left alone, by the monotonic clock.
    resting: BTreeMap<String, (u64, String)>,
    /// For which catalogue and consent what is here was looked through last.
    agreed: Option<bool>,
}

/// A picture that someone asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    name: String,
    url: String,
    sha256: Option<Sha>,
    /// It needs the yes to partners' offers.
    of_partner: bool,
}

struct Fetch {
    picture: Picture,
    answers: Vec<Answer<PathBuf>>,
}

impl Fetch {
    fn answer(self, result: &Result<PathBuf, Error>, effects: &mut Effects) {
        self.answers.into_iter().for_each(|answer| effects.answer(answer, result.clone()));
    }
}

impl Images {
    pub(super) fn new(files: ImageFiles) -> Self {
        Self { files, under_way: None, waiting: VecDeque::new(), resting: BTreeMap::new(), agreed: None }
    }

    /// The catalogue is another: what is here is to be looked through before anything else happens.
    pub(super) fn catalogue_changed(&mut self) {
        self.agreed = None;
    }

    /// Bytes on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.files.bytes()
    }

    fn is_idle(&self) -> bool {
        self.files.is_empty() && self.under_way.is_none() && self.waiting.is_empty()
    }

    /// The fetch of that very picture, if it is under way or waits.
    fn fetch_of(&mut self, picture: &Picture) -> Option<&mut Fetch> {
        let under_way = self.under_way.as_mut().map(|(_, fetch)| fetch);
        under_way.into_iter().chain(&mut self.waiting).find(|fetch| fetch.picture == *picture)
    }

    fn rest(&mut self, name: &str, why: &ImageError, now: Now) {
        self.resting.retain(|_, (until, _)| *until > now.mono_ms);
        if self.resting.len() >= MOST_RESTING {
            self.resting.clear();
        }
        self.resting.insert(name.to_owned(), (now.mono_ms.saturating_add(REST.as_millis() as u64), why.to_string()));
    }

    /// Breaks off what is on the wire; what this very step was about to send does not leave at all.
    fn break_off(&mut self, effects: &mut Effects) -> Option<Fetch> {
        let (ticket, fetch) = self.under_way.take()?;
        match effects.fetch.take_if(|(sent, ..)| *sent == ticket) {
            Some(_) => {}
            None => effects.abort_fetch = Some(ticket),
        }
        Some(fetch)
    }
}

impl Engine {
    /// Answers where the picture `index` of `offer` lies, fetched if it has to be.
    pub(super) fn image(
        &mut self,
        offer: &str,
        index: usize,
        even_metered: bool,
        answer: Answer<PathBuf>,
        now: Now,
        effects: &mut Effects,
    ) {
        let picture = match self.picture(offer, index) {
            Ok(picture) => picture,
            Err(error) => return effects.answer(answer, Err(error)),
        };
        if let Some(path) = self.images.files.find(&picture.name, picture.sha256, now.wall_ms) {
            return effects.answer(answer, Ok(path));
        }
        if let Err(error) = self.may_ask_for(&picture, even_metered, now) {
            return effects.answer(answer, Err(error));
        }
        if let Some(fetch) = self.images.fetch_of(&picture) {
            return fetch.answers.push(answer);
        }
        if self.images.waiting.len() >= MOST_WAITING {
            return effects.answer(answer, Err(Error::Busy));
        }
        self.images.waiting.push_back(Fetch { picture, answers: vec![answer] });
        self.fetch_next(effects);
    }

    /// The picture, if it is in the catalogue and the shopper allows that its offer shows.
    fn picture(&self, offer: &str, index: usize) -> Result<Picture, Error> {
        let shown = self.shown.as_ref().and_then(|shown| shown.catalogue.offer(offer));
        if self.is_off() {
            return Err(unavailable("the publisher has switched Patron off", None));
        }
        let may_show_partners = self.gate().permit::<PartnerOffers>().is_some();
        let Some(offer) = shown else {
            return Err(if self.lost_to_consent(may_show_partners) {
                Error::NotPermitted { purpose: Purpose::PartnerOffers }
            } else {
                Error::invalid("offer", format!("{offer:?} is not in the catalogue on this device"))
            });
        };
        if offer.partner.is_some() && !may_show_partners {
            return Err(Error::NotPermitted { purpose: Purpose::PartnerOffers });
        }
        let image = offer.images.get(index).ok_or_else(|| {
            Error::invalid("index", format!("the offer has {} images, counted from 0", offer.images.len()))
        })?;
        Ok(Picture {
            name: ImageFiles::name_of(&image.url),
            url: image.url.clone(),
            sha256: image.sha256,
            of_partner: offer.partner.is_some(),
        })
    }

    /// Whether an offer that is not here may be a partner's, which left with the yes.
    fn lost_to_consent(&self, may_show_partners: bool) -> bool {
        !may_show_partners && self.shown.as_ref().is_some_and(|shown| shown.own_only)
    }

    fn may_ask_for(&self, picture: &Picture, even_metered: bool, now: Now) -> Result<(), Error> {
        match self.sync.network {
            Network::Offline => {
                return Err(unavailable("the image is not on this device, and there is no network", None));
            }
            Network::Metered if !even_metered => {
                return Err(unavailable("the image is not on this device, and the network is metered", None));
            }
            Network::Metered | Network::Unmetered => {}
        }
        match self.images.resting.get(&picture.name) {
            Some((until, why)) if *until > now.mono_ms => {
                Err(unavailable(&format!("the image did not come: {why}"), Some(until - now.mono_ms)))
            }
            _ => Ok(()),
        }
    }

    fn fetch_next(&mut self, effects: &mut Effects) {
        if self.images.under_way.is_some() {
            return;
        }
        let Some(fetch) = self.images.waiting.pop_front() else { return };
        self.sync.tickets += 1;
        let ticket = Ticket(self.sync.tickets);
        // Asked again just before the first byte: a yes may be taken back while a request waits for its turn.
        let rests_on = fetch.picture.of_partner.then(|| self.consents.epoch());
        effects.fetch = Some((ticket, image_request(&fetch.picture.url), rests_on));
        self.images.under_way = Some((ticket, fetch));
    }

    /// Takes in what the courier brought; answers whether it was a picture.
    pub(super) fn image_returned(
        &mut self,
        ticket: Ticket,
        reply: Result<Response, TransportError>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Result<Response, TransportError>> {
        let Some((_, fetch)) = self.images.under_way.take_if(|(sent, _)| *sent == ticket) else { return Err(reply) };
        if reply == Err(TransportError::Overtaken) {
            // Nothing left the device. Whether it may still be asked for, the look at the new consent has said.
            self.images.waiting.push_front(fetch);
            self.fetch_next(effects);
            return Ok(());
        }
        let name = &fetch.picture.name;
        let result = match interpret_image(reply, fetch.picture.sha256) {
            Ok(bytes) => self.images.files.put(name, &bytes, now.wall_ms).map_err(|error| {
                self.log.line(Level::Error, || format!("image: {error}"));
                Error::storage(format!("the image could not be written: {error}"))
            }),
            Err(why) => {
                // Neither the address nor the offer: log lines name no partner.
                self.log.line(Level::Warn, || format!("image: {why}"));
                self.images.rest(name, &why, now);
                Err(unavailable(&format!("the image did not come: {why}"), Some(REST.as_millis() as u64)))
            }
        };
        fetch.answer(&result, effects);
        self.fetch_next(effects);
        Ok(())
    }

    /// Lets go of every picture that is not of the catalogue on this device, or of a partner without the yes that
    /// lets it show: of files, and of requests under way, before anyone hears that the yes is gone. Each step ends
    /// with it; while nothing changed it costs nothing.
    pub(super) fn agree_images(&mut self, effects: &mut Effects) {
        let partners = self.gate().permit::<PartnerOffers>().is_some();
        if self.images.agreed.replace(partners) == Some(partners) || self.images.is_idle() {
            return;
        }
        let shown = self.shown.as_ref().map(|shown| &shown.catalogue);
        let may_show = |offer: &&Offer| partners || offer.partner.is_none();
        let offers = shown.iter().flat_map(|catalogue| &catalogue.offers).filter(may_show);
        let stay: BTreeSet<String> =
            offers.flat_map(|offer| &offer.images).map(|image| ImageFiles::name_of(&image.url)).collect();
        if let Err(error) = self.images.files.keep_only(|name| stay.contains(name)) {
            // Removed when the store is opened next; nothing finds them meanwhile without the yes.
            self.log.line(Level::Error, || format!("image: {error}"));
            self.images.agreed = None;
        }
        let images = &mut self.images;
        let may_stay = |fetch: &Fetch| stay.contains(&fetch.picture.name) && (partners || !fetch.picture.of_partner);
        let mut gone = Vec::new();
        if images.under_way.as_ref().is_some_and(|(_, fetch)| !may_stay(fetch)) {
            gone.extend(images.break_off(effects));
        }
        let (waiting, left): (VecDeque<Fetch>, VecDeque<Fetch>) =
            std::mem::take(&mut images.waiting).into_iter().partition(may_stay);
        images.waiting = waiting;
        for fetch in gone.into_iter().chain(left) {
            let error = if fetch.picture.of_partner && !partners {
                Error::NotPermitted { purpose: Purpose::PartnerOffers }
            } else {
                Error::invalid("offer", "is not in the catalogue on this device any more")
            };
            fetch.answer(&Err(error), effects);
        }
        self.fetch_next(effects);
    }

    /// Leaves none to the next shopper: which pictures are here says what the last one looked at.
    ///
    /// # Errors
    /// The disk keeps one.
    pub(super) fn forget_images(&mut self, effects: &mut Effects) -> Result<(), Error> {
        let removed = self.images.files.keep_only(|_| false);
        removed.map_err(|error| Error::storage(format!("an image could not be removed: {error}")))?;
        let under_way = self.images.break_off(effects);
        self.images.resting.clear();
        let waiting = std::mem::take(&mut self.images.waiting);
        for fetch in under_way.into_iter().chain(waiting) {
            fetch.answer(&Err(unavailable("the shopper has signed out", None)), effects);
        }
        Ok(())
    }
}

fn unavailable(why: &str, after_ms: Option<u64>) -> Error {
    Error::Unavailable { why: why.to_owned(), retry_after: after_ms.map(Duration::from_millis) }
}
