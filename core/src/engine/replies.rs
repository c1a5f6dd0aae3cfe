//! What the backend answered, written down. What an answer means is its interpreter's to say.

use uuid::Uuid;

use super::lanes::Lanes;
use super::{Effects, Engine, Shown, key};
use crate::clock::Now;
use crate::log::Level;
use crate::observe::Change;
use crate::offer::OfferCatalogue;
use crate::store::{Batch, CachedBody, Durability, StoreError, Tx, events, meta};
use crate::sync::{
    CatalogueOutcome, ConsentOutcome, EventsOutcome, Failure, IdentityOutcome, Lane, Response, Settlement, Ticket,
    TransportError, TrueTime, interpret_catalogue, interpret_consent, interpret_events, interpret_identity,
};

/// An event that was refused alone so often will never be taken.
const MAX_REFUSALS: u32 = 3;

type Reply = Result<Response, TransportError>;

impl Engine {
    /// Takes in what the courier brought.
    pub(super) fn returned(&mut self, ticket: Ticket, reply: Reply, now: Now, effects: &mut Effects) {
        // A late answer to a request that was broken off is nobody's.
        if self.sync.in_flight.as_ref().is_none_or(|in_flight| in_flight.ticket != ticket) {
            return;
        }
        let Some(in_flight) = self.sync.in_flight.take() else { return };
        let lane = in_flight.lane;
        let done = match lane {
            Lane::Consent => self.consent_returned(&reply, in_flight.epoch, now),
            Lane::Identity => self.identity_returned(&reply, in_flight.token.as_ref(), now),
            Lane::Catalogue => self.catalogue_returned(&reply, now, effects),
            Lane::Events => self.events_returned(&reply, &in_flight.sent, now),
        };
        match done {
            Ok(None) => {
                self.sync.last_error = None;
                self.log.line(Level::Debug, || format!("sync: {lane:?} done"));
            }
            Ok(Some(failure)) => self.lane_failed(lane, &failure, now),
            Err(error) => self.lane_failed(lane, &Failure::Later { after: None, why: error.to_string() }, now),
        }
        effects.changes.push(Change::Sync);
    }

    fn consent_returned(&mut self, reply: &Reply, sent_epoch: u64, now: Now) -> Result<Option<Failure>, StoreError> {
        match interpret_consent(reply, now.wall_ms) {
            ConsentOutcome::Failed(failure) => Ok(Some(failure)),
            ConsentOutcome::Acknowledged { epoch } if epoch < sent_epoch => Ok(Some(Failure::Later {
                after: None,
                why: format!("the backend acknowledged consent up to {epoch} of {sent_epoch}"),
            })),
            ConsentOutcome::Acknowledged { .. } => {
                self.sync.kept.acked_epoch = sent_epoch;
                self.sync.kept.state.succeeded(Lane::Consent);
                self.keep_sync()?;
                Ok(None)
            }
        }
    }

    fn identity_returned(
        &mut self,
        reply: &Reply,
        sent: Option<&String>,
        now: Now,
    ) -> Result<Option<Failure>, StoreError> {
        match interpret_identity(reply, now.wall_ms) {
            IdentityOutcome::Failed(failure) => return Ok(Some(failure)),
            IdentityOutcome::Linked => {}
            IdentityOutcome::Refused(why) => self.log.line(Level::Error, || format!("identify: {why}")),
        }
        self.sync.kept.state.succeeded(Lane::Identity);
        // A token that was renewed meanwhile has yet to be told.
        if let Some(identity) = self.identity.as_mut().filter(|identity| identity.token.as_ref() == sent) {
            // It has served: a secret that is not there cannot leak.
            identity.token = None;
            let identity = identity.clone();
            self.store.transact(Durability::Full, |tx| meta::set(tx, key::IDENTITY, &identity))?;
            self.store.scrub()?;
        }
        Ok(None)
    }

    fn catalogue_returned(
        &mut self,
        reply: &Reply,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        match interpret_catalogue(reply, now.wall_ms) {
            CatalogueOutcome::Failed(failure) => return Ok(Some(failure)),
            // Nothing was said to be held, so nothing can be the same.
            CatalogueOutcome::NotModified if self.shown.is_none() => {
                return Ok(Some(Failure::Later { after: None, why: "status 304 to a first request".into() }));
            }
            CatalogueOutcome::NotModified => {
                self.store.touch_catalogue(now.wall_ms)?;
                if let Some(shown) = &mut self.shown {
                    shown.fetched_at_ms = now.wall_ms;
                }
            }
            CatalogueOutcome::New { body, etag } => {
                let (catalogue, quarantined) = match OfferCatalogue::parse(&body) {
                    Ok(parsed) => parsed,
                    Err(error) => return Ok(Some(Failure::Later { after: None, why: error.to_string() })),
                };
                for entry in &quarantined {
                    self.log.line(Level::Warn, || format!("offers: left out {entry}"));
                }
                self.store.cache_catalogue(&CachedBody { etag: etag.clone(), fetched_at_ms: now.wall_ms, body })?;
                self.shown = Some(Shown {
                    catalogue: catalogue.into(),
                    etag,
                    fetched_at_ms: now.wall_ms,
                    quarantined: quarantined.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
                });
                self.mirror_gate();
                self.foresee_offers(now);
                if let Err(error) = self.swap_places(now, effects) {
                    self.log.line(Level::Error, || format!("place: {error}"));
                }
            }
        }
        self.touch();
        self.sync.kept.state.succeeded(Lane::Catalogue);
        effects.changes.push(Change::Offers);
        for answer in std::mem::take(&mut self.sync.refreshes) {
            effects.answer(answer, Ok(()));
        }
        Ok(None)
    }

    fn events_returned(
        &mut self,
        reply: &Reply,
        sent: &[(Uuid, i64)],
        now: Now,
    ) -> Result<Option<Failure>, StoreError> {
        let Some(batch) = self.sync.kept.batch else { return Ok(None) };
        let ids: Vec<Uuid> = sent.iter().map(|(id, _)| *id).collect();
        match interpret_events(reply, batch.id, &ids, now.wall_ms) {
            EventsOutcome::Failed(failure) => Ok(Some(failure)),
            EventsOutcome::Bisect => {
                self.sync.kept.state.bisect(sent.len());
                // This try was refused; one before it may have been stored, and its answer lost.
                Lanes::leave_in_doubt(&mut self.sync.kept);
                self.keep_sync()?;
                Ok(None)
            }
            EventsOutcome::Settled { verdicts, server_time_ms } => {
                let mut kept = self.sync.kept.clone();
                if verdicts.iter().any(|(_, settlement)| *settlement == Settlement::Retry) {
                    // Some of these were not spoken of, or not clearly.
                    Lanes::leave_in_doubt(&mut kept);
                }
                kept.batch = None;
                kept.true_time = server_time_ms.map(|ms| TrueTime::told(ms, now)).or(kept.true_time);
                // A backend that says `retry` to everything has failed, and the waits must grow.
                if verdicts.iter().any(|(_, settlement)| *settlement != Settlement::Retry) {
                    kept.state.succeeded(Lane::Events);
                    if verdicts.iter().any(|(_, settlement)| *settlement == Settlement::ConsentUnknown) {
                        // It was restored or began anew: it hears every decision again, and first.
                        kept.acked_epoch = 0;
                    }
                } else {
                    self.ids.draw(|rng| kept.state.settled_nothing(now.wall_ms, rng));
                }
                let delivered = self.store.transact(Durability::Normal, |tx| {
                    let delivered = settle(tx, batch, sent, &verdicts)?;
                    meta::set(tx, key::SYNC, &kept)?;
                    Ok(delivered)
                })?;
                self.sync.kept = kept;
                self.sync.delivered += delivered;
                self.untidy = true;
                self.keep_log_short(false);
                Ok(None)
            }
        }
    }
}

/// Writes the verdicts down, one for each event that was sent; answers how many were delivered.
fn settle(tx: &Tx<'_>, batch: Batch, sent: &[(Uuid, i64)], verdicts: &[(Uuid, Settlement)]) -> Result<u64, StoreError> {
    if verdicts.iter().all(|(_, settlement)| *settlement == Settlement::Delivered) {
        return events::deliver_all(tx, batch);
    }
    let mut delivered = 0;
    for ((_, seq), (_, settlement)) in sent.iter().zip(verdicts) {
        match settlement {
            Settlement::Delivered => delivered += events::deliver(tx, *seq)?,
            Settlement::Dead(reason) => drop(events::bury(tx, *seq, reason)?),
            Settlement::Refused(reason) => {
                if events::refuse(tx, *seq)? >= MAX_REFUSALS {
                    events::bury(tx, *seq, reason)?;
                }
            }
            Settlement::Retry | Settlement::ConsentUnknown => {}
        }
    }
    Ok(delivered)
}
