//! Removing what the shopper took back: in one transaction of the main file, and then from every
//! other place, however often the process dies in between.
//!
//! The transaction deletes the events and what was derived from them, and leaves an intent behind.
//! The cached offers, the ring, the log, the free pages and the files that were set aside follow the
//! intent; opening the store follows it again. Meanwhile the gate is closed, so nothing new comes in.

use super::unseen::with_open_only;
use super::{Effects, Engine, key};
use crate::consent::{PurposeKind, PurposeSet};
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::place::beacon::Ranging;
use crate::place::{Transition, Witness};
use crate::store::{Durability, Purge, StoreError, Tx, aside, events, meta, offers};

/// What a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Purged {
    pub(super) events: u64,
    pub(super) in_doubt: u64,
    pub(super) visits: u64,
    pub(super) offers: u64,
}

impl Engine {
    /// Deletes what was recorded under `kinds`, in one transaction with what `also` writes, and
    /// breaks off a request that may carry some of it. To be followed by
    /// [`Engine::follow_purge`], once what stands is in memory too.
    pub(super) fn purge(
        &mut self,
        kinds: PurposeSet,
        effects: &mut Effects,
        also: impl FnOnce(&Tx<'_>) -> Result<(), StoreError>,
    ) -> Result<Purged, StoreError> {
        let sent = self.sync.sent();
        let mut tracker = self.tracker.clone();
        let gone = Witness::ALL.into_iter().filter(|by| kinds.contains(by.purpose()));
        let visits = gone.map(|by| tracker.forget(by) as u64).sum();
        let mut own = super::shopper::without(&self.own, kinds);
        // A visit that goes on under another name first: one that is open no more is no longer unseen.
        let renamed = super::place::keep_unseen(&mut own.moments, &self.tracker, &tracker);
        own.moments = with_open_only(&own.moments, &tracker).unwrap_or(own.moments);
        let moments = (renamed || own.moments != self.own.moments).then(|| own.moments.clone());
        // What an earlier purge left to do, on a disk that refused, is still to be done.
        let intent = self.purging.map_or(kinds, |earlier| earlier.union(kinds));
        #[cfg(test)]
        crate::stop::behind(crate::stop::Step::Asked);
        let purge = self.store.transact(Durability::Full, |tx| {
            also(tx)?;
            Self::forget_own(tx, kinds, &own)?;
            moments.as_ref().map_or(Ok(()), |moments| meta::set(tx, key::MOMENTS, moments))?;
            for kind in kinds.iter() {
                match kind {
                    PurposeKind::PreciseLocation | PurposeKind::Beacons => {
                        meta::set(tx, key::VISITS, tracker.state())?;
                    }
                    PurposeKind::Engagement => {
                        meta::set(tx, key::VISITS, tracker.state())?;
                        meta::remove(tx, key::CODES)?;
                        offers::forget_dismissed(tx)?;
                    }
                    _ => {}
                }
            }
            if !kinds.is_empty() {
                // What the backend gave to see may have it too.
                meta::remove(tx, key::EXPORT)?;
                meta::set(tx, key::PURGE, &intent.bits())?;
                meta::remove(tx, key::PURGE_UNSURE)?;
            }
            // Last, for the file may be cut by it.
            let mut purge = Purge::default();
            for kind in kinds.iter() {
                let one = events::withdraw(tx, kind, sent)?;
                purge.events += one.events;
                purge.in_doubt += one.in_doubt;
            }
            Ok(purge)
        })?;
        #[cfg(test)]
        crate::stop::behind(crate::stop::Step::Committed);
        if !kinds.is_empty() {
            self.outdate_export(effects);
            self.purging = Some(intent);
            self.tracker = tracker;
            self.own = own.into();
            if kinds.contains(PurposeKind::Personalisation) {
                self.forget_preferences();
            }
            self.forget_derived(kinds, effects);
        }
        if purge.in_doubt > 0 && self.sync.is_sending_events() {
            self.break_off(effects);
        }
        Ok(Purged { events: purge.events, in_doubt: purge.in_doubt, visits, offers: 0 })
    }

    /// What is in memory of it goes as well, and what this very step had to tell of a place goes
    /// unsaid: the shopper has taken it back.
    pub(super) fn forget_derived(&mut self, kinds: PurposeSet, effects: &mut Effects) {
        let stays = |told: &Transition| !kinds.contains(told.by.purpose());
        self.since_fix.retain(stays);
        self.unsay(kinds);
        let unsaid = &mut effects.unsaid;
        effects.changes.retain(|change| {
            let (stays, event) = match change {
                Change::Visit(told) => (stays(told), told.event),
                Change::Zone(told) => (!kinds.contains(PurposeKind::Beacons), told.event),
                Change::Approaching(_) => (!kinds.contains(PurposeKind::PreciseLocation), None),
                _ => (true, None),
            };
            *unsaid += u64::from(!stays && event.is_some());
            stays
        });
        if kinds.contains(PurposeKind::PreciseLocation) || kinds.contains(PurposeKind::CoarseLocation) {
            (self.position, self.pace, self.stood_at) = (None, None, None);
        }
        if kinds.contains(PurposeKind::PreciseLocation) {
            self.watched = None;
        }
        if kinds.contains(PurposeKind::Beacons) {
            (self.ranging, self.nearest) = (Ranging::default(), None);
        }
        if kinds.contains(PurposeKind::Engagement) {
            self.dismissed.clear();
        }
    }

    /// Follows the intent that a purge left, in this process or in one that died: partners' offers
    /// leave their file, what is in the ring meets the consent as it is now, and the files are rid
    /// of what was deleted.
    ///
    /// A disk that refuses cannot undo the decision, so it is logged and not told as a failure: the
    /// intent stays and is followed again, and SQLite overwrites what it deletes (`secure_delete`).
    pub(super) fn follow_purge(&mut self, effects: &mut Effects) -> Purged {
        let Some(kinds) = self.purging else { return Purged::default() };
        let followed = (|| {
            let offers =
                if kinds.contains(PurposeKind::PartnerOffers) { self.drop_partner_offers(effects)? } else { 0 };
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::OffersLeft);
            let before = self.store.account()?.purged;
            self.import_all(effects)?;
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::RingTaken);
            self.ring.scrub()?;
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::RingWiped);
            let events = self.store.account()?.purged.saturating_sub(before);
            self.store.scrub()?;
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::Checkpointed);
            // A file that was found damaged a moment ago goes by the shopper's word, and not by a guess.
            if !self.store.has_meta(key::PURGE_UNSURE)? {
                aside::remove_all(&self.config.folder)?;
            }
            // Last: a process that dies before here does all of it again.
            self.store.transact(Durability::Normal, |tx| {
                meta::remove(tx, key::PURGE_UNSURE)?;
                meta::remove(tx, key::PURGE)
            })?;
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::Followed);
            Ok::<_, Error>(Purged { events, offers, ..Purged::default() })
        })();
        match followed {
            Ok(purged) => {
                self.purging = None;
                purged
            }
            Err(error) => {
                self.log.line(Level::Error, || format!("consent: {error}"));
                Purged::default()
            }
        }
    }

    /// Gives up on what is on the wire. What this very step was about to send does not leave at all.
    pub(super) fn break_off(&mut self, effects: &mut Effects) {
        effects.abort = self.sync.break_off();
        if effects.send.as_ref().map(|(ticket, _)| *ticket) == effects.abort {
            effects.send = None;
        }
    }
}
