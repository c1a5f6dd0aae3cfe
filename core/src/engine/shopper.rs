//! The shopper's own side: rules, wishes, saved offers, and what was shown as far as limits need it.
//!
//! It takes no consent, for all of it makes less come and not more, and it holds at once. What goes to the
//! shopper's other devices does ([`super::preferences`]), and so does what is known of the person: that rests on
//! `Personalisation`.

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::spoken::{Happened, Reminding, Turn};
use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{Personalisation, Purpose, PurposeKind, PurposeSet};
use crate::error::Error;
use crate::event::{Engagement, Kind, Proximity, Record, VISIT_KINDS};
use crate::log::Level;
use crate::observe::Change;
use crate::offer::{
    BeaconZone, History, Impression, Moments, OfferCatalogue, Person, Refused, Saved, Shopper, ShopperAct, Trait,
    Wanted, Wishes, act, next_call_ms, next_change_ms, take_back, tell,
};
use crate::place::beacon::ZoneChange;
use crate::place::{Transition, TransitionKind, ancestors};
use crate::store::{Durability, Store, StoreError, Tx, events, meta, offers};

/// So many impressions may be lost to a kill: limits are then a little laxer, and the disk is spared.
const UNWRITTEN: u32 = 16;

/// The shopper's side of every decision.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) moments: Moments,
    /// The wishes, matched with the catalogue that is shown.
    pub(crate) wanted: Wanted,
    pub(crate) saved: Saved,
    pub(crate) history: History,
    pub(crate) person: Person,
    pub(crate) zone: TimeZone,
}

impl Default for Own {
    /// Nobody in particular.
    fn default() -> Self {
        Self {
            moments: Moments::NEW,
            wanted: Wanted::default(),
            saved: Saved::NEW,
            history: History::NEW,
            person: Person::NEW,
            zone: TimeZone::UTC,
        }
    }
}

impl Own {
    /// As it was kept.
    pub(super) fn open(store: &Store, shown: Option<&OfferCatalogue>, zone: TimeZone) -> Result<Self, StoreError> {
        let wishes: Wishes = store.meta(key::WISHES)?.unwrap_or_default();
        Ok(Self {
            moments: store.meta(key::MOMENTS)?.unwrap_or_default(),
            wanted: matched(&wishes, shown),
            saved: store.meta(key::SAVED)?.unwrap_or_default(),
            history: store.meta(key::HISTORY)?.unwrap_or_default(),
            person: store.meta(key::PERSON)?.unwrap_or_default(),
            zone,
        })
    }

    /// For a decision.
    pub(crate) fn side(&self, installation: Uuid, asked: bool) -> Shopper<'_> {
        Shopper {
            installation,
            person: &self.person,
            moments: &self.moments,
            wanted: &self.wanted,
            history: &self.history,
            zone: &self.zone,
            asked,
        }
    }
}

pub(super) fn matched(wishes: &Wishes, shown: Option<&OfferCatalogue>) -> Wanted {
    match shown {
        Some(catalogue) => Wanted::new(wishes, catalogue),
        None => Wanted::new(wishes, &OfferCatalogue::empty()),
    }
}

impl Engine {
    /// The shopper's word on the shopper's own side.
    pub(super) fn act(&mut self, asked: &ShopperAct, now: Now, effects: &mut Effects) -> Result<(), Error> {
        if *asked == ShopperAct::Unseen {
            // What was recorded a moment ago is of the visit as well.
            self.import_all(effects)?;
        }
        let mut own = (*self.own).clone();
        let mut wishes = own.wanted.wishes().clone();
        let open: Vec<Uuid> = self.tracker.visits().iter().map(|visit| visit.id).collect();
        act(asked, (&mut own.moments, &mut wishes, &mut own.saved), open.iter().copied(), now.wall_ms)?;
        if let ShopperAct::Save { offer, .. } = asked
            && self.shown.as_ref().is_none_or(|shown| shown.catalogue.offer(offer).is_none())
        {
            return Err(Error::invalid("offer", format!("{offer:?} is not in the catalogue on this device")));
        }
        // What of the visit waits to be sent is not sent, and what was learnt and decided of it is forgotten.
        let unseen = if *asked == ShopperAct::Unseen { self.to_go_unseen() } else { None };
        let mut decisions = None;
        if let Some(unseen) = &unseen {
            unseen.unlearn(&mut own.person);
            let mut kept = self.kept()?;
            decisions = kept.forget_since(unseen.since_ms()).then_some(kept);
        }
        let forgets = own.person != self.own.person;
        // Put away or refused: for the shopper it is one thing, and so it is when it is welcome again.
        let welcome = match asked {
            ShopperAct::Welcome(Refused::Offer { offer }) => Some(offer),
            _ => None,
        };
        let gone = self.store.transact(Durability::Normal, |tx| {
            meta::set(tx, key::MOMENTS, &own.moments)?;
            meta::set(tx, key::WISHES, &wishes)?;
            meta::set(tx, key::SAVED, &own.saved)?;
            if forgets {
                meta::set(tx, key::PERSON, &own.person)?;
            }
            decisions.as_ref().map_or(Ok(()), |kept| meta::set(tx, key::DECISIONS, kept))?;
            welcome.map_or(Ok(()), |offer| offers::take_up(tx, offer))?;
            unseen.as_ref().map_or(Ok(Vec::new()), |unseen| unseen.erase(tx))
        })?;
        if let Some(offer) = welcome {
            self.dismissed.remove(offer);
        }
        own.wanted = matched(&wishes, self.shown.as_ref().map(|shown| &*shown.catalogue));
        self.own = own.into();
        if unseen.is_some() {
            self.follow_unseen(&gone, effects);
        }
        match asked {
            // It may be due already. Where the shopper is they know.
            ShopperAct::Save { .. } => self.remind(Reminding::Ends),
            // What was due while it was quiet is told of now.
            ShopperAct::Quiet { .. } | ShopperAct::NoQuiet | ShopperAct::EndSnooze | ShopperAct::Welcome { .. } => {
                self.remind(Reminding::All);
            }
            _ => {}
        }
        self.compare_preferences(now);
        self.foresee_offers(now);
        self.touch();
        effects.changes.push(Change::Offers);
        Ok(())
    }

    /// The app tells what it knows of the shopper, under `Personalisation`; taking back needs no yes.
    pub(super) fn tell(&mut self, traits: &[Trait], now: Now, effects: &mut Effects) -> Result<(), Error> {
        let gate = self.gate();
        let person = match gate.permit::<Personalisation>() {
            Some(permit) => tell(&permit, &self.own.person, traits)?,
            None if traits.iter().any(Trait::adds) => {
                return Err(Error::NotPermitted { purpose: Purpose::Personalisation });
            }
            None => take_back(&self.own.person, traits)?,
        };
        if person == self.own.person {
            // An earlier call may have failed behind its commit: what stands in memory must stand on the disk.
            return Ok(self.make_durable()?);
        }
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::PERSON, &person))?;
        std::sync::Arc::make_mut(&mut self.own).person = person;
        self.foresee_offers(now);
        self.touch();
        effects.changes.push(Change::Offers);
        Ok(())
    }

    /// The shopper's clock stands elsewhere: they travelled. Days and quiet hours are those of there from now on.
    pub(super) fn set_time_zone(&mut self, name: &str, now: Now, effects: &mut Effects) -> Result<(), Error> {
        let zone = TimeZone::get(name).map_err(|why| Error::invalid("time_zone", why.to_string()))?;
        if zone == self.own.zone {
            return Ok(());
        }
        std::sync::Arc::make_mut(&mut self.own).zone = zone;
        // Quiet hours that held what was due may not hold it there.
        self.remind(Reminding::All);
        self.foresee_offers(now);
        self.touch();
        effects.changes.push(Change::Offers);
        Ok(())
    }

    /// A card was seen. Counts for limits; an event of it takes `Engagement`. Answers whether it was a
    /// new look and not the same one still.
    pub(super) fn saw(&mut self, offer: &str, asked: bool, now: Now) -> Result<bool, Error> {
        let known = self.shown.as_ref().and_then(|shown| shown.catalogue.offer(offer));
        let Some(partner) = known.map(|known| known.partner.clone()) else {
            return Err(Error::invalid("offer", format!("{offer:?} is not in the catalogue on this device")));
        };
        if self.own.history.looked_at(offer, now.wall_ms) {
            return Ok(false);
        }
        // Of a visit that goes unseen the limits know what was shown, and nobody else does. First on the disk: a look
        // that is noted and could not be recorded would be the same look still when it is told again.
        if !self.own.moments.unseen() {
            self.record_look(offer, now)?;
        }
        let look = Impression { offer: offer.to_owned(), partner, at_ms: now.wall_ms, asked };
        std::sync::Arc::make_mut(&mut self.own).history.saw(look);
        self.unwritten_looks += 1;
        self.keep_behind_look(asked, now);
        if self.unwritten_looks >= UNWRITTEN {
            self.keep_history();
        }
        self.foresee_offers(now);
        self.touch();
        Ok(true)
    }

    fn record_look(&mut self, offer: &str, now: Now) -> Result<(), Error> {
        if self.is_sampled_out() {
            return Ok(());
        }
        let look = Engagement::Impression { offer: offer.to_owned() };
        let Some(record) = look.record(&self.gate(), self.ids.v7(now), now, self.session)? else { return Ok(()) };
        let person = self.learn(std::slice::from_ref(&record), &[]);
        let (consents, subject) = (&self.consents, self.subject());
        self.store.transact(Durability::Normal, |tx| {
            events::import(tx, consents, &record, subject)?;
            person.as_ref().map_or(Ok(()), |person| meta::set(tx, key::PERSON, person))
        })?;
        self.make_room();
        if let Some(person) = person {
            std::sync::Arc::make_mut(&mut self.own).person = person;
        }
        self.speak_of_events([record.kind()]);
        Ok(())
    }

    /// Writes down what was shown, if there is any of it.
    pub(super) fn keep_history(&mut self) {
        if self.unwritten_looks == 0 {
            return;
        }
        let history = &self.own.history;
        match self.store.transact(Durability::Normal, |tx| meta::set(tx, key::HISTORY, history)) {
            Ok(()) => self.unwritten_looks = 0,
            // In memory all the same; written with the next ones.
            Err(error) => self.log.line(Level::Warn, || format!("offers: {error}")),
        }
    }

    /// The wishes meet another catalogue.
    pub(super) fn match_wishes(&mut self) {
        let own = std::sync::Arc::make_mut(&mut self.own);
        own.wanted = matched(own.wanted.wishes(), self.shown.as_ref().map(|shown| &*shown.catalogue));
        // What the shopper saved may end sooner in it.
        self.remind(Reminding::Ends);
    }

    /// When time alone changes what shows, or is to be said.
    pub(super) fn foresee_offers(&mut self, now: Now) {
        let now_ms = now.wall_ms;
        self.offers_change_at = self.shown.as_ref().and_then(|shown| {
            let catalogue = &shown.catalogue;
            let side = self.own.side(self.installation, false);
            let mut dues = vec![
                next_change_ms(catalogue, now_ms),
                side.next_change_ms(catalogue, now_ms),
                shown.next_age_ms(now_ms),
            ];
            if self.terms.allowed.contains(PurposeKind::Notifications) {
                dues.extend([next_call_ms(catalogue, now_ms), self.own.saved.next_due_ms(catalogue, now_ms)]);
            }
            dues.into_iter().flatten().min()
        });
    }

    /// What happened to visits may be an offer's moment, or one that the shopper asked to be reminded of. Whoever was
    /// there when it was first looked did not come just then, and is reminded all the same: that was asked for, and
    /// comes once.
    pub(super) fn speak_of_visits(&mut self, told: &[Transition]) {
        let mut is_there = false;
        for transition in told {
            let Some(places) = self.places_turned(transition, told) else { return };
            is_there |= transition.kind == TransitionKind::Entered;
            let turn = match transition.kind {
                TransitionKind::Entered if transition.initial => continue,
                TransitionKind::Entered => Turn::Entered,
                TransitionKind::Dwelt => Turn::Dwelt,
                TransitionKind::Left => Turn::Left,
                TransitionKind::Passed => continue,
            };
            self.speak(Happened::At(turn, places));
        }
        if is_there {
            self.remind(Reminding::All);
        }
    }

    /// A scanned code may be an offer's moment, whether or not the shopper was known to be there; whoever scans it is.
    pub(super) fn speak_of_code(&mut self, place: &str) {
        let Some(places) = self.places_at(place) else { return };
        self.speak(Happened::At(Turn::CheckedIn, places));
        self.remind(Reminding::All);
    }

    /// The places of which a transition is told: its own, and those that it is a part of and that are nowhere else, as a
    /// chain is where its stores are. What can be seen by itself has transitions of its own. A chain is neither entered
    /// nor left while the shopper is in another part of it: was, before `step` told all this, or is still.
    fn places_turned(&self, told: &Transition, step: &[Transition]) -> Option<Vec<String>> {
        let places = &self.shown.as_ref()?.catalogue.places;
        let in_step = |kind| step.iter().filter(move |turn| turn.kind == kind).map(|turn| turn.place.as_str());
        let visits = self.tracker.visits();
        let now = || visits.iter().map(|visit| visit.place.as_str());
        let others: Vec<&str> = match told.kind {
            TransitionKind::Entered => {
                let begun: Vec<&str> = in_step(TransitionKind::Entered).collect();
                now().filter(|place| !begun.contains(place)).chain(in_step(TransitionKind::Left)).collect()
            }
            TransitionKind::Left => now().collect(),
            TransitionKind::Dwelt | TransitionKind::Passed => Vec::new(),
        };
        let is_at = |id: &str| {
            let mut elsewhere = others.iter().filter(|place| **place != told.place);
            elsewhere.any(|place| ancestors(places, place).any(|place| place.id == id))
        };
        let above = ancestors(places, &told.place)
            .take_while(|place| !place.is_somewhere())
            .map(|place| place.id.clone())
            .filter(|id| !is_at(id));
        Some(std::iter::once(told.place.clone()).chain(above).collect())
    }

    /// A beacon that came nearer may be an offer's moment.
    pub(super) fn speak_of_zone(&mut self, change: &ZoneChange) {
        let zone = match change.zone {
            Proximity::Immediate => BeaconZone::Immediate,
            Proximity::Near => BeaconZone::Near,
            Proximity::Far => BeaconZone::Far,
            Proximity::Lost => return,
        };
        let Some(places) = self.places_at(&change.place) else { return };
        self.speak(Happened::At(Turn::Beacon(zone), places));
    }

    /// The place of that id and those that it is a part of.
    pub(super) fn places_at(&self, place: &str) -> Option<Vec<String>> {
        let places = &self.shown.as_ref()?.catalogue.places;
        let above = ancestors(places, place).map(|place| place.id.clone());
        Some(std::iter::once(place.to_owned()).chain(above).collect())
    }

    /// Whether an event may be an offer's moment.
    pub(super) fn waits_for_events(&self) -> bool {
        self.terms.allowed.contains(PurposeKind::Notifications)
    }

    /// Whether anything of the person may be kept.
    pub(super) fn may_learn(&self) -> bool {
        self.terms.allowed.contains(PurposeKind::Personalisation)
    }

    /// What an event or a visit says of the person, under `Personalisation`; to be kept with it.
    pub(super) fn learn(&self, records: &[Record], told: &[Transition]) -> Option<Person> {
        if !self.may_learn() {
            return None;
        }
        let entered = told.iter().filter(|transition| transition.kind == TransitionKind::Entered);
        let visits: Vec<(Vec<String>, i64)> = entered
            .filter(|transition| transition.event.is_some())
            .filter_map(|transition| Some((self.places_at(&transition.place)?, transition.at_ms)))
            .collect();
        let records = if self.own.moments.unseen() { &[] } else { records };
        if records.is_empty() && visits.is_empty() {
            return None;
        }
        let mut person = self.own.person.clone();
        person.counted = true;
        records.iter().for_each(|record| person.did(record.kind(), record.at().wall_ms));
        for (places, at_ms) in &visits {
            places.iter().for_each(|place| person.visited(place, *at_ms));
        }
        Some(person)
    }

    /// What of the shopper's side goes with these purposes, in a purge's transaction.
    pub(super) fn forget_own(tx: &Tx<'_>, kinds: PurposeSet, own: &Own) -> Result<(), StoreError> {
        if !kinds.is_empty() {
            // What was looked at under any of them may be in one.
            meta::remove(tx, key::DECISIONS)?;
        }
        if kinds.contains(PurposeKind::Personalisation) {
            meta::remove(tx, key::PERSON)?;
            meta::remove(tx, key::PREFERENCES)?;
        } else if forgets_person(kinds) || kinds.contains(PurposeKind::Dialogue) {
            meta::set(tx, key::PERSON, &own.person)?;
        }
        if kinds.contains(PurposeKind::PartnerOffers) {
            meta::set(tx, key::HISTORY, &own.history)?;
        }
        Ok(())
    }
}

/// `own` without what goes with these purposes.
pub(super) fn without(own: &Own, kinds: PurposeSet) -> Own {
    let mut own = own.clone();
    if kinds.contains(PurposeKind::Personalisation) {
        own.person = Person::NEW;
    }
    if forgets_person(kinds) {
        // Whose word each visit rests on is not kept: all of them go with the first that is taken back.
        own.person.forget_visits();
        own.person.events.retain(|kind, _| !kind.starts_with(VISIT_KINDS));
    }
    if kinds.contains(PurposeKind::Engagement) {
        own.person.forget_events();
    }
    // What was recorded under another purpose than that goes with its own.
    own.person.events.retain(|kind, _| Kind::named(kind).is_none_or(|kind| !kinds.contains(kind.purpose())));
    if kinds.contains(PurposeKind::PartnerOffers) {
        own.history.forget_partners();
    }
    own
}

/// Whether these purposes take with them when the shopper came.
fn forgets_person(kinds: PurposeSet) -> bool {
    [PurposeKind::PreciseLocation, PurposeKind::Beacons, PurposeKind::Engagement]
        .iter()
        .any(|kind| kinds.contains(*kind))
}
