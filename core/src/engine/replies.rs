//! What the backend answered, written down. What an answer means is its interpreter's to say.

use uuid::Uuid;

use super::lanes::{InFlight, Lanes, Remembered};
use super::{Effects, Engine, key};
use crate::account::reason;
use crate::clock::Now;
use crate::consent::{Anchor, Seal};
use crate::log::Level;
use crate::observe::Change;
use crate::offer::Preferences;
use crate::store::dead_letters::{self, GivenUp};
use crate::store::{Batch, Durability, StoreError, Tx, events, meta};
use crate::sync::{
    CatalogueOutcome, ConsentOutcome, EventsOutcome, Failure, IdentityOutcome, Lane, PreferencesOutcome, Response,
    Settlement, Ticket, TransportError, TrueTime, interpret_catalogue, interpret_consent, interpret_events,
    interpret_identity, interpret_preferences, interpret_rights,
};

/// An event that was refused alone so often, while the backend took others, will never be taken.
const MAX_REFUSALS: u32 = 3;

/// The same where the backend took nothing else meanwhile: it may be the backend that is broken. The
/// waits between them have been at their longest for two hours by then.
const MAX_REFUSALS_UNPROVEN: u32 = 60;

/// An event that was put off so often, while others were taken each time, will never be taken.
const MAX_PUT_OFF: u32 = 100;

/// Batches follow each other within milliseconds, and what the backend hands on to may be down for hours: of what is
/// put off, one time in so long counts, by the device's wall clock.
const PUT_OFF_MS: u64 = 2 * 60 * 1000;

type Reply = Result<Response, TransportError>;

impl Engine {
    /// Takes in what the courier brought.
    pub(super) fn returned(&mut self, ticket: Ticket, reply: Reply, now: Now, effects: &mut Effects) {
        let reply = match self.image_returned(ticket, reply, now, effects) {
            Ok(()) => return,
            Err(reply) => reply,
        };
        // A late answer to a request that was broken off is nobody's.
        if self.sync.in_flight.as_ref().is_none_or(|in_flight| in_flight.ticket != ticket) {
            return;
        }
        let Some(in_flight) = self.sync.in_flight.take() else { return };
        let lane = in_flight.lane;
        let with_latest_key = in_flight.key == self.sync.renewals;
        if reply == Err(TransportError::Overtaken) {
            // Nothing left the device, and nothing failed: what stands now decides what goes.
            self.sync.preferences_wanted |= lane == Lane::Preferences;
            self.sync.kept.consent_wanted |= lane == Lane::Consent;
            return;
        }
        let done = match lane {
            Lane::Consent => self.consent_returned(&reply, &in_flight, now, effects),
            Lane::Rights => self.rights_returned(&reply, now, effects),
            Lane::Preferences => self.preferences_returned(&reply, in_flight.preferences, now, effects),
            Lane::Identity => self.identity_returned(&reply, in_flight.token.as_ref(), now, effects),
            Lane::Catalogue => self.catalogue_returned(&reply, in_flight.base.as_deref(), now, effects),
            Lane::Events => self.events_returned(&reply, &in_flight.sent, now),
        };
        match done {
            Ok(None) => {
                self.sync.last_error = None;
                self.log.line(Level::Debug, || format!("sync: {lane:?} done"));
            }
            // It goes again at once, with the key that came meanwhile.
            Ok(Some(Failure::KeyRefused { .. })) if !with_latest_key => {}
            Ok(Some(failure)) => self.lane_failed(lane, &failure, now),
            Err(error) => self.lane_failed(lane, &Failure::Later { after: None, why: error.to_string() }, now),
        }
        effects.changes.push(Change::Sync);
    }

    fn consent_returned(
        &mut self,
        reply: &Reply,
        sent: &InFlight,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        let ack = match interpret_consent(reply, now.wall_ms) {
            ConsentOutcome::Failed(failure) => {
                // It is asked again as soon as the lane is free.
                self.sync.kept.consent_wanted = true;
                return Ok(Some(failure));
            }
            // Once: a backend that says so of every ledger would make an installation of each answer.
            ConsentOutcome::Forked(why) if self.begun_anew => return Ok(Some(Failure::Later { after: None, why })),
            ConsentOutcome::Forked(why) => {
                self.log.line(Level::Error, || format!("consent: {why}; going on as a new installation"));
                self.begin_anew(now, effects)?;
                return Ok(None);
            }
            ConsentOutcome::Acknowledged(ack) if ack.epoch > self.consents.epoch() && !self.begun_anew => {
                let (theirs, here) = (ack.epoch, self.consents.epoch());
                self.log.line(Level::Error, || {
                    format!(
                        "consent: the backend has decisions up to {theirs} of {here}; going on as a new installation"
                    )
                });
                self.begin_anew(now, effects)?;
                return Ok(None);
            }
            ConsentOutcome::Acknowledged(ack) => ack,
        };
        if ack.epoch < sent.epoch && self.sync.kept.acked_epoch < sent.epoch {
            let why = format!("the backend acknowledged consent up to {} of {}", ack.epoch, sent.epoch);
            return Ok(Some(Failure::Later { after: None, why }));
        }
        self.sync.kept.acked_epoch = sent.told_to;
        self.sync.kept.told_standing = sent.standing;
        self.sync.kept.state.succeeded(Lane::Consent);
        self.keep_sync()?;
        self.countersigned(ack.anchor)?;
        if let Some(catalogue) = ack.catalogue {
            self.take_consent_catalogue(catalogue.get().as_bytes(), now, effects);
        }
        let others = ack.others.into_iter().filter_map(|other| Seal::from_hex(other.entry, &other.signature));
        if let Err(error) = self.hear(others.collect(), now, effects) {
            self.log.line(Level::Error, || format!("consent: {error}"));
        }
        Ok(None)
    }

    /// Keeps the countersigned head; one that does not hold, is older than the one that is kept, or is of
    /// another key than the first, proves nothing.
    fn countersigned(&mut self, anchor: Option<Anchor>) -> Result<(), StoreError> {
        let newer = |anchor: &Anchor| self.anchor.as_ref().is_none_or(|kept| kept.epoch <= anchor.epoch);
        let Some(anchor) = anchor.filter(|anchor| newer(anchor) && anchor.holds(self.installation)) else {
            return Ok(());
        };
        if self.anchor.as_ref().is_some_and(|kept| kept.key != anchor.key) {
            self.log.line(Level::Error, || "consent: another key than the first countersigns the ledger".to_owned());
            return Ok(());
        }
        if self.anchor.as_ref().is_none_or(|kept| kept.head != anchor.head) {
            let kept = Remembered { anchored_epoch: anchor.epoch, ..self.sync.kept.clone() };
            self.store.transact(Durability::Normal, |tx| {
                meta::set(tx, key::SYNC, &kept)?;
                meta::set(tx, key::ANCHOR, &anchor)
            })?;
            self.sync.kept = kept;
            self.anchor = Some(anchor);
        }
        Ok(())
    }

    fn preferences_returned(
        &mut self,
        reply: &Reply,
        sent: Option<Preferences>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        // Also behind a disk that refuses: nothing is settled before it is written down.
        self.sync.preferences_wanted = true;
        match interpret_preferences(reply, now.wall_ms) {
            PreferencesOutcome::Failed(failure) => {
                self.sync.preferences_refused += u32::from(matches!(failure, Failure::Gone { .. }));
                return Ok(Some(failure));
            }
            PreferencesOutcome::Refused(failure) => {
                self.sync.preferences_refused += 1;
                // It may know of a later word on what stands than the one behind which this was said: of a copy of this
                // store. What stands here is told anew.
                self.sync.kept.stand_anew(now);
                self.sync.kept.consent_wanted = true;
                return Ok(Some(failure));
            }
            PreferencesOutcome::Answered(reply) => {
                if let Some(failure) = self.preferences_answered(reply, sent, now, effects)? {
                    return Ok(Some(failure));
                }
            }
        }
        (self.sync.preferences_wanted, self.sync.preferences_refused) = (false, 0);
        self.sync.kept.state.succeeded(Lane::Preferences);
        self.keep_sync()?;
        Ok(None)
    }

    fn rights_returned(
        &mut self,
        reply: &Reply,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        let reply = match interpret_rights(reply, now.wall_ms) {
            Ok(reply) => reply,
            Err(failure) => return Ok(Some(failure)),
        };
        if !self.rights_answered(reply, now, effects)? {
            let why = "the backend has not done yet what the shopper asked for".to_owned();
            return Ok(Some(Failure::Later { after: None, why }));
        }
        self.sync.kept.state.succeeded(Lane::Rights);
        self.keep_sync()?;
        Ok(None)
    }

    fn identity_returned(
        &mut self,
        reply: &Reply,
        sent: Option<&String>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        let secret = match interpret_identity(reply, now.wall_ms) {
            IdentityOutcome::Failed(failure) => return Ok(Some(failure)),
            IdentityOutcome::Linked { secret } => secret,
            // With the token, which is told under the new name.
            IdentityOutcome::Taken(why) if !self.begun_anew => {
                self.log.line(Level::Error, || format!("identify: {why}; going on as a new installation"));
                self.begin_anew(now, effects)?;
                return Ok(None);
            }
            IdentityOutcome::Refused(why) | IdentityOutcome::Taken(why) => {
                self.log.line(Level::Error, || format!("identify: {why}"));
                None
            }
        };
        self.sync.kept.state.succeeded(Lane::Identity);
        self.linked(sent, secret.as_deref(), now)?;
        Ok(None)
    }

    fn catalogue_returned(
        &mut self,
        reply: &Reply,
        asked: Option<&str>,
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
                self.foresee_offers(now);
            }
            CatalogueOutcome::Delta { .. } if asked.is_none() => {
                return Ok(Some(Failure::Later { after: None, why: "a delta that was not asked for".into() }));
            }
            CatalogueOutcome::Delta { body, etag, base } => match self.whole_of(&body, &base, asked)? {
                Ok(body) => {
                    if let Some(failure) = self.shelve(body, etag, now, effects)? {
                        return Ok(Some(failure));
                    }
                }
                Err(why) => {
                    self.log.line(Level::Warn, || format!("offers: {why}; asking for the whole"));
                    self.sync.whole_only = true;
                    self.sync.catalogue_wanted = true;
                    return Ok(None);
                }
            },
            CatalogueOutcome::New { body, etag } => {
                if let Some(failure) = self.shelve(body, etag, now, effects)? {
                    return Ok(Some(failure));
                }
            }
        }
        self.touch();
        self.sync.kept.state.succeeded(Lane::Catalogue);
        // As often as offers are renewed, the shopper's other devices are asked after.
        self.sync.kept.consent_wanted |= self.identity.is_some();
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
                let of = |wanted: fn(&Settlement) -> bool| verdicts.iter().any(|(_, settlement)| wanted(settlement));
                kept.took += u64::from(of(|settlement| *settlement == Settlement::Delivered));
                if of(|settlement| *settlement == Settlement::ConsentUnknown) {
                    // It was restored or began anew: it hears every decision again, and first.
                    kept.acked_epoch = 0;
                }
                // It is heard at once: whatever else is recorded until then would be recorded in vain.
                kept.consent_wanted |= of(Settlement::speaks_of_a_no);
                // A backend that settles nothing has failed, whatever its words, and the waits must grow.
                let failure = if of(|settlement| matches!(settlement, Settlement::Delivered | Settlement::Dead(_))) {
                    kept.state.succeeded(Lane::Events);
                    None
                } else {
                    kept.pass(batch, &verdicts);
                    Some(why_nothing(&verdicts))
                };
                let (delivered, kept) = self.store.transact(Durability::Normal, |tx| {
                    let delivered = settle(tx, batch, sent, &verdicts, &mut kept, now)?;
                    meta::set(tx, key::SYNC, &kept)?;
                    Ok((delivered, kept))
                })?;
                self.sync.kept = kept;
                self.sync.delivered += delivered;
                self.untidy = true;
                self.keep_log_short(false);
                Ok(failure)
            }
        }
    }
}

/// Why a batch of which nothing is settled has failed.
fn why_nothing(verdicts: &[(Uuid, Settlement)]) -> Failure {
    let refusal = verdicts.iter().find_map(|(_, settlement)| match settlement {
        Settlement::Refused(why) => Some(Failure::Refused { why: why.clone() }),
        _ => None,
    });
    refusal.unwrap_or_else(|| Failure::Later { after: None, why: "the backend took nothing of a batch".to_owned() })
}

/// Writes the verdicts down, one for each event that was sent; answers how many were delivered.
fn settle(
    tx: &Tx<'_>,
    batch: Batch,
    sent: &[(Uuid, i64)],
    verdicts: &[(Uuid, Settlement)],
    kept: &mut Remembered,
    now: Now,
) -> Result<u64, StoreError> {
    if verdicts.iter().all(|(_, settlement)| *settlement == Settlement::Delivered) {
        return events::deliver_all(tx, batch);
    }
    // In this batch, or since something was put off last.
    let is_some_time_ago = now.wall_ms.abs_diff(kept.put_off_at_ms) >= PUT_OFF_MS;
    let takes_others = kept.took > kept.took_when_put_off && is_some_time_ago;
    if is_some_time_ago && verdicts.iter().any(|(_, settlement)| *settlement == Settlement::Retry) {
        (kept.took_when_put_off, kept.put_off_at_ms) = (kept.took, now.wall_ms);
    }
    let bury = |seq, why: &str, refusals| dead_letters::bury(tx, seq, why, GivenUp { at_ms: now.wall_ms, refusals });
    let mut delivered = 0;
    for ((_, seq), (_, settlement)) in sent.iter().zip(verdicts) {
        match settlement {
            Settlement::Delivered => delivered += events::deliver(tx, *seq)?,
            Settlement::Dead(reason) => {
                // It may have been refused without a word before.
                let earlier = kept.refusals.remove(seq).map_or(0, |refusals| refusals.times);
                bury(*seq, reason, earlier.saturating_add(1))?;
            }
            Settlement::Refused(reason) => {
                let refusals = kept.refused(*seq);
                let proven = refusals.times >= MAX_REFUSALS && kept.took > refusals.took;
                if proven || refusals.times >= MAX_REFUSALS_UNPROVEN {
                    bury(*seq, reason, refusals.times)?;
                    kept.refusals.remove(seq);
                }
            }
            Settlement::Retry if takes_others => {
                if events::put_off(tx, *seq)? >= MAX_PUT_OFF {
                    bury(*seq, reason::PUT_OFF, 0)?;
                }
            }
            Settlement::Retry | Settlement::ConsentUnknown => {}
        }
    }
    Ok(delivered)
}
