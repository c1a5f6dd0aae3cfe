//! The handle's calls on offers: what shows, why, and the shopper's own say in it.

use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::Patron;
use crate::consent::Personalisation;
use crate::engine::Command;
use crate::error::Error;
use crate::offer::{self, Blocker, OfferCard, Profile, ShopperAct, ShopperSide, Trait, Why};

impl Patron {
    /// Chooses the offers for `placement`, best first, from what is on the device.
    ///
    /// Never blocks and needs no network. An empty list is not an error: [`Patron::blockers`]
    /// says why.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an empty placement, [`Error::Closed`].
    pub fn offers(&self, placement: &str) -> Result<Vec<OfferCard>, Error> {
        self.choose(placement, true)
    }

    /// As [`Patron::offers`], for cards that come by themselves: the shopper did not ask. Quiet hours,
    /// a snooze, *only when I ask* and the shopper's limit a day hold them back.
    ///
    /// # Errors
    /// As [`Patron::offers`].
    pub fn suggest(&self, placement: &str) -> Result<Vec<OfferCard>, Error> {
        self.choose(placement, false)
    }

    /// A card was seen, by the rule of [`offer::ImpressionRule`]: counts for the limits of offers and
    /// partners, and is recorded as an impression under `Engagement`. Resolves to `false` when it is
    /// the same look still. `asked`: the card is one of [`Patron::offers`].
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an offer that is not in the catalogue; [`Error::Storage`].
    pub async fn saw(&self, offer: String, asked: bool) -> Result<bool, Error> {
        self.ask(|answer| Command::Saw { offer, asked, answer }).await
    }

    /// So much of a card is in view now, 0 to 1: the rule for impressions, the same on all platforms, and
    /// [`Patron::saw`] when it says so. To be called when what is in view changes and each second while
    /// a card is. Answers whether with this the card was seen. Never waits.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Busy`].
    pub fn viewing(&self, offer: &str, visible_fraction: f64, asked: bool) -> Result<bool, Error> {
        self.open_or_closed()?;
        let now = self.inner.shared.clock.now();
        let seen =
            self.inner.views.lock().unwrap_or_else(PoisonError::into_inner).feed(offer, visible_fraction, now.mono_ms);
        if seen {
            let (answer, _nobody_waits) = oneshot::channel();
            let saw = Command::Saw { offer: offer.to_owned(), asked, answer };
            let sent = self.inner.driver.send(&self.inner.shared, saw);
            if sent.is_err() {
                // Nobody heard of it: it is seen when it is told of again.
                self.inner.views.lock().unwrap_or_else(PoisonError::into_inner).forget(offer);
            }
            sent?;
        }
        Ok(seen)
    }

    /// The shopper's word on the shopper's own side: rules, wishes, saved offers. Takes no consent, holds at
    /// once and offline. While signed in, and under `Personalisation` alone, it goes to the account's other devices.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming what makes no sense or is too much; then nothing is changed.
    pub async fn act(&self, act: ShopperAct) -> Result<(), Error> {
        self.ask(|answer| Command::Act(Box::new(act), answer)).await
    }

    /// Where the shopper's clock stands now, an IANA name such as `Europe/Helsinki`: quiet hours, days, hours in rules.
    /// For a host whose system says that the zone changed while the app runs; [`crate::Config::time_zone`] is where it
    /// stood when the handle was opened. Holds for this handle, at once and offline.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a name that is not known here, which a newer system may have: the zone of before
    /// stays. [`Error::Busy`], [`Error::Closed`].
    pub async fn set_time_zone(&self, name: String) -> Result<(), Error> {
        self.ask(|answer| Command::TimeZone(name, answer)).await
    }

    /// How the shopper's own side stands.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn shopper_side(&self) -> Result<ShopperSide, Error> {
        let shared = self.readable()?;
        let own = Arc::clone(&shared.snapshot.load().own);
        Ok(ShopperSide::of(&own.moments, own.wanted.wishes(), &own.saved, shared.clock.now().wall_ms))
    }

    /// The app tells what it knows of the shopper: segments, affinities, variables of rules. All of
    /// `traits`, or nothing. Rests on `Personalisation`, holds at once and offline, outlives the process, and
    /// goes when that is withdrawn, with [`Patron::sign_out`] and [`Patron::erase`]. It never leaves the device
    /// but by [`Patron::export`]. Taking back needs no yes.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without the shopper's yes: ask, and tell again; [`Error::InvalidInput`] naming
    /// what makes no sense or is too much (`traits[2].percent`); [`Error::Storage`].
    pub async fn tell(&self, traits: Vec<Trait>) -> Result<(), Error> {
        self.ask(|answer| Command::Tell(traits, answer)).await
    }

    /// What the app has told of the shopper. Empty while `Personalisation` is not granted.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn profile(&self) -> Result<Profile, Error> {
        let shared = self.readable()?;
        let snapshot = shared.snapshot.load();
        let gate = snapshot.gate_at(shared.clock.now().wall_ms);
        let permit = gate.permit::<Personalisation>();
        Ok(permit.map(|_| snapshot.own.person.profile()).unwrap_or_default())
    }

    fn choose(&self, placement: &str, asked: bool) -> Result<Vec<OfferCard>, Error> {
        check_placement(placement)?;
        let shared = self.readable()?;
        let snapshot = shared.snapshot.load();
        let now = shared.clock.now();
        let gate = snapshot.gate_at(now.wall_ms);
        let input = snapshot.decision(&gate, now, Some(placement), &shared.config.locale);
        let shopper = snapshot.own.side(snapshot.installation, asked);
        let cards = |input| offer::cards(&input, &shopper, &offer::decide(&input, &shopper));
        Ok(input.map(cards).unwrap_or_default())
    }

    /// Says why an offer shows or does not, fact by fact and in words: at `placement` (`None` for anywhere), to a
    /// shopper who `asked` or for cards that come by themselves. It is `shown` exactly when [`Patron::offers`]
    /// or [`Patron::suggest`] of the same placement has it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an offer that is not in the catalogue, or an empty placement; [`Error::Closed`].
    pub fn why(&self, offer: &str, placement: Option<&str>, asked: bool) -> Result<Why, Error> {
        placement.map_or(Ok(()), check_placement)?;
        let shared = self.readable()?;
        let snapshot = shared.snapshot.load();
        let now = shared.clock.now();
        let gate = snapshot.gate_at(now.wall_ms);
        snapshot
            .decision(&gate, now, placement, &shared.config.locale)
            .and_then(|input| offer::why(&input, &snapshot.own.side(snapshot.installation, asked), offer))
            .ok_or_else(|| Error::invalid("offer", format!("{offer:?} is not in the catalogue on this device")))
    }

    /// What stands between the shopper and (more) offers, each with its remedy: at `placement` (`None` for
    /// anywhere), for a shopper who `asked` or for cards that come by themselves, which more holds back. Empty
    /// when nothing does.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an empty placement, [`Error::Closed`].
    pub fn blockers(&self, placement: Option<&str>, asked: bool) -> Result<Vec<Blocker>, Error> {
        placement.map_or(Ok(()), check_placement)?;
        let shared = self.readable()?;
        let snapshot = shared.snapshot.load();
        let now = shared.clock.now();
        let gate = snapshot.gate_at(now.wall_ms);
        let input = snapshot.decision(&gate, now, placement, &shared.config.locale);
        let shopper = snapshot.own.side(snapshot.installation, asked);
        let phone = snapshot.phone(&now);
        Ok(offer::blockers(input.as_ref(), &shopper, &shared.config.locale, snapshot.outlook(), &phone))
    }

    /// Keeps the decision as it stands now, to be looked at and taken again later (`cargo xtask why`), and
    /// answers its id: for a "why did I get this?" that somebody else is to answer. The last twenty are
    /// kept, and those behind notices and impressions among them; they never leave the device but by
    /// [`Patron::export`], and go with any purpose that is withdrawn.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an empty placement, or while there is no catalogue; [`Error::Storage`].
    pub async fn keep_decision(&self, placement: String, asked: bool) -> Result<Uuid, Error> {
        check_placement(&placement)?;
        self.ask(|answer| Command::KeepDecision { placement, asked, answer }).await
    }
}

fn check_placement(placement: &str) -> Result<(), Error> {
    if placement.is_empty() || placement.len() > 64 {
        return Err(Error::invalid("placement", "takes 1 to 64 bytes"));
    }
    Ok(())
}
