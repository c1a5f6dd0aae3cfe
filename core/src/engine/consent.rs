//! Carrying out what the shopper decides.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::purge::Purged;
use super::rights::{self, Right};
use super::{Effects, Engine, key};
use crate::clock::{self, Now};
use crate::consent::{
    ConsentStatus, Consents, Decision, LedgerError, Purpose, PurposeSet, Receipt, Seal, Sha, Verified, WithdrawPolicy,
    Withdrawal, verify_ledger,
};
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::store::{Durability, StoreError, consents, meta};

/// Names of screens are short.
const MAX_SURFACE_BYTES: usize = 64;

/// So many decisions of other devices are taken in from one answer.
const MAX_HEARD: usize = 1_000;

impl Engine {
    pub(super) fn grant(
        &mut self,
        purposes: &[Purpose],
        surface: Option<&str>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Receipt, Error> {
        check(purposes, surface)?;
        let decisions = self.decide(purposes, (ConsentStatus::Granted, WithdrawPolicy::Purge), surface, now);
        let receipt = self.settle(decisions, PurposeSet::EMPTY, Vec::new(), now, effects)?.0;
        self.keep_partner_offers();
        Ok(receipt)
    }

    /// Saying no to what had been granted is a withdrawal, whatever the button was called.
    pub(super) fn deny(
        &mut self,
        purposes: &[Purpose],
        surface: Option<&str>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Receipt, Error> {
        check(purposes, surface)?;
        let mut receipt = Receipt { decisions: Vec::new(), epoch: self.consents.epoch() };
        for purpose in purposes {
            let one = self.withdraw(purpose, surface, WithdrawPolicy::Purge, now, effects)?.receipt;
            receipt.decisions.extend(one.decisions);
            receipt.epoch = one.epoch;
        }
        Ok(receipt)
    }

    /// Ends a purpose: one transaction appends the decision, deletes what was recorded under it,
    /// raises the epoch, and leaves a request to the backend to do the same. A request in flight
    /// that may carry some of it is broken off before the caller gets the answer; see
    /// [`Effects::abort`].
    pub(super) fn withdraw(
        &mut self,
        purpose: &Purpose,
        surface: Option<&str>,
        policy: WithdrawPolicy,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Withdrawal, Error> {
        check(std::slice::from_ref(purpose), surface)?;
        if policy == WithdrawPolicy::KeepCaptured {
            // What was recorded under the yes belongs to it, up to this very step.
            self.import_all(effects)?;
        }
        let refusal = (self.consents.refusal(purpose), policy);
        let decisions = self.decide(std::slice::from_ref(purpose), refusal, surface, now);
        let withdrawn = decisions.iter().any(|(decision, _)| decision.status == ConsentStatus::Withdrawn);
        let kind = purpose.kind();
        let purges = withdrawn && policy == WithdrawPolicy::Purge;
        // What one partner no longer hears is still the retailer's to know: nothing leaves the device.
        let purge = if purges && purpose.partner().is_none() { PurposeSet::of(&[kind]) } else { PurposeSet::EMPTY };
        let rights = if purges { vec![Right::withdrawn(purpose)] } else { Vec::new() };
        let (receipt, mut purged) = self.settle(decisions, purge, rights, now, effects)?;
        let followed = self.follow_purge(effects);
        // Nothing was purged where the shopper keeps what was captured; what partners offer is not among that.
        self.shed_partner_offers(effects);
        purged.events += followed.events;
        purged.offers += followed.offers;
        self.log.line(Level::Info, || format!("consent: {kind:?} ended, {} events purged", purged.events));
        Ok(Withdrawal {
            receipt,
            purged_events: purged.events,
            in_doubt: purged.in_doubt,
            purged_visits: purged.visits,
            purged_offers: purged.offers,
        })
    }

    /// Takes in what the shopper decided on another device, as the backend tells it. An entry that
    /// does not hold is left out: it grants nothing, and takes nothing away.
    pub(super) fn hear(&mut self, seals: Vec<Seal>, now: Now, effects: &mut Effects) -> Result<(), Error> {
        if seals.is_empty() {
            return Ok(());
        }
        // A decision has one id, whatever ledger it stands in: that of a device which was put back from a
        // backup is in two, and says nothing new in the other.
        let mut ids: BTreeSet<Uuid> =
            self.store.decisions_after(0)?.into_iter().map(|(decision, _)| decision.id).collect();
        let mut after = self.consents.clone();
        let mut heard = Vec::new();
        let mut taken: BTreeMap<Purpose, u64> = BTreeMap::new();
        let own = self.signer.public();
        for seal in seals.into_iter().take(MAX_HEARD) {
            let epoch = after.epoch() + 1;
            let hash = seal.hash();
            let Ok(entry) = seal.open(epoch) else {
                self.log.line(Level::Warn, || "consent: a decision of another device does not hold".into());
                continue;
            };
            // What a shopper allowed before signing in stays on the device where it was said.
            let carries = entry.account || entry.status != ConsentStatus::Granted;
            let Ok(decision) = entry.clone().decision(hash, epoch, false) else { continue };
            if !carries || entry.key == own || after.knows(hash) || !ids.insert(decision.id) {
                continue;
            }
            after.apply(&decision);
            if self.consents.loses_captured(&decision, &after) {
                taken.insert(decision.purpose.clone(), epoch);
            }
            heard.push((decision, seal));
        }
        if heard.is_empty() {
            return Ok(());
        }
        if heard.iter().any(|(decision, _)| decision.keeps_captured) {
            // What was recorded here until it was heard was captured: this device knew of no no.
            self.import_all(effects)?;
        }
        // What was taken back elsewhere goes from here as well, and from the backend.
        let purge = taken.keys().filter(|purpose| purpose.partner().is_none()).map(Purpose::kind).collect();
        let rights = taken.iter().map(|(purpose, epoch)| Right::withdrawn_until(purpose, *epoch)).collect();
        self.log.line(Level::Info, || format!("consent: {} decisions of other devices", heard.len()));
        self.settle(heard, purge, rights, now, effects)?;
        self.follow_purge(effects);
        self.shed_partner_offers(effects);
        self.keep_partner_offers();
        Ok(())
    }

    /// Writes decisions down with what follows from them, in one transaction, and acts on them.
    fn settle(
        &mut self,
        decisions: Vec<(Decision, Seal)>,
        purge: PurposeSet,
        asked: Vec<Right>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(Receipt, Purged), Error> {
        let mut after = self.consents.clone();
        decisions.iter().for_each(|(decision, _)| after.apply(decision));
        let mut rights = self.rights.clone();
        let (of_former, former) = self.parted_by(&decisions);
        let asks = !asked.is_empty() || !of_former.is_empty();
        for right in asked.into_iter().map(|right| self.sign_right(right, now)).chain(of_former) {
            rights::add(&mut rights, right);
        }
        let granted = after.granted();
        let purged = self.purge(purge, effects, |tx| {
            decisions.iter().try_for_each(|(decision, seal)| consents::append(tx, decision, Some(seal)))?;
            consents::allow(tx, granted)?;
            if asks {
                // For a partner nothing leaves the device but this: the backend has shown what that one could see.
                meta::remove(tx, key::EXPORT)?;
                meta::set(tx, key::RIGHTS, &rights)?;
                meta::set(tx, key::FORMER, &former)?;
            }
            Ok(())
        })?;
        if asks {
            self.outdate_export(effects);
        }
        self.rights = rights;
        self.former = former;
        if let Some((_, seal)) = decisions.iter().rfind(|(decision, _)| decision.own) {
            self.head = seal.hash();
        }
        let decisions = decisions.into_iter().map(|(decision, _)| decision).collect();
        Ok((self.decided(decisions, after, now, effects), purged))
    }

    /// Decisions of this moment, each behind the one before and signed.
    fn decide(
        &self,
        purposes: &[Purpose],
        (status, policy): (ConsentStatus, WithdrawPolicy),
        surface: Option<&str>,
        now: Now,
    ) -> Vec<(Decision, Seal)> {
        let mut known = self.consents.clone();
        let mut prev = self.head;
        // To the millisecond as the ledger writes it, for a clock beyond the calendar too.
        let at_ms = clock::parse_rfc3339(&now.rfc3339()).unwrap_or(now.wall_ms);
        let mut decisions = Vec::with_capacity(purposes.len());
        for purpose in purposes {
            let epoch = known.epoch() + 1;
            let mut decision = Decision::new(self.ids.v7(now), purpose.clone(), status, at_ms, epoch);
            let catalogue = &self.terms.catalogue;
            decision.meaning = catalogue.meaning(purpose);
            if decision.status == ConsentStatus::Granted {
                decision.expires_at_ms = catalogue.expiry(purpose, at_ms);
            }
            let shown = catalogue.text(purpose, &self.config.locale, self.partner_name(purpose));
            if let Some((locale, text)) = shown {
                decision.text = Some(text.hash());
                decision.locale = Some(locale);
            }
            decision.surface = surface.map(str::to_owned);
            decision.parents = known.heads(purpose);
            decision.account = self.identity.is_some();
            decision.keeps_captured = status == ConsentStatus::Withdrawn && policy == WithdrawPolicy::KeepCaptured;
            let seal = self.signer.seal(&mut decision, prev);
            prev = decision.hash;
            known.apply(&decision);
            decisions.push((decision, seal));
        }
        decisions
    }

    fn partner_name(&self, purpose: &Purpose) -> Option<&str> {
        let partner = self.shown.as_ref()?.catalogue.partner(purpose.partner()?)?;
        Some(&partner.name)
    }

    /// What is stored becomes what stands.
    pub(super) fn decided(
        &mut self,
        decisions: Vec<Decision>,
        after: Consents,
        now: Now,
        effects: &mut Effects,
    ) -> Receipt {
        self.consents = after;
        self.restand(now);
        self.sync.consent_changed(self.consents.epoch());
        effects.changes.extend([Change::Consent, Change::Offers]);
        Receipt { decisions, epoch: self.consents.epoch() }
    }

    /// Walks the ledger of this installation.
    pub(super) fn verify(&self) -> Result<Verified, Error> {
        let ledger = self.ledger()?;
        let verified = verify_ledger(self.installation, &ledger, self.anchor.as_ref())?;
        for (decision, seal) in ledger.iter().filter(|(decision, _)| decision.own) {
            let epoch = decision.epoch;
            if !self.keys.contains(&seal.read(epoch)?.key) {
                return Err(LedgerError::Key { epoch }.into());
            }
        }
        // The row of the countersigned head may have been removed, or put back as it was once.
        let epoch = self.sync.kept.anchored_epoch;
        if verified.anchored_epoch.unwrap_or(0) < epoch {
            return Err(LedgerError::Truncated { epoch }.into());
        }
        Ok(verified)
    }

    /// Every decision with its entry, oldest first.
    pub(super) fn ledger(&self) -> Result<Vec<(Decision, Seal)>, Error> {
        let stored = self.store.decisions_after(0)?;
        let sealed = stored.into_iter().filter(|(decision, _)| decision.status.is_decision());
        let ledger: Result<Vec<_>, LedgerError> = sealed
            .map(|(decision, seal)| match seal {
                Some(seal) => Ok((decision, seal)),
                None => Err(LedgerError::Unreadable { epoch: decision.epoch }),
            })
            .collect();
        Ok(ledger?)
    }

    /// Decisions of before there was a ledger are entered into it, in their order.
    pub(super) fn adopt(&mut self, stored: Vec<consents::Stored>) -> Result<(), StoreError> {
        let mut known = Consents::default();
        let mut adopted = Vec::new();
        for (mut decision, seal) in stored {
            if decision.own && decision.status.is_decision() {
                match &seal {
                    Some(seal) => self.head = seal.hash(),
                    None => {
                        decision.parents = known.heads(&decision.purpose);
                        let seal = self.signer.seal(&mut decision, self.head);
                        self.head = seal.hash();
                        adopted.push((decision.epoch, seal));
                    }
                }
            }
            known.apply(&decision);
        }
        if !adopted.is_empty() {
            self.store.transact(Durability::Full, |tx| {
                adopted.iter().try_for_each(|(epoch, seal)| consents::adopt(tx, *epoch, seal))
            })?;
        }
        self.consents = known;
        Ok(())
    }

    /// Remembers the key that signs from now on, and once the keys of the ledger as it was found.
    pub(super) fn know_keys(&mut self) -> Result<(), StoreError> {
        let known: Option<BTreeSet<String>> = self.store.meta(key::KEYS)?;
        let mut keys = match known.clone() {
            Some(keys) => keys,
            None => {
                let own = self.store.decisions_after(0)?.into_iter().filter(|(decision, _)| decision.own);
                own.filter_map(|(decision, seal)| Some(seal?.read(decision.epoch).ok()?.key)).collect()
            }
        };
        keys.insert(self.signer.public());
        if known.as_ref() != Some(&keys) {
            self.store.transact(Durability::Normal, |tx| meta::set(tx, key::KEYS, &keys))?;
        }
        self.keys = keys;
        Ok(())
    }

    /// The partners that hear of the shopper, each with the name that it alone knows. What was allowed before anybody
    /// signed in goes on under the device's own name: signing in is no yes to be known as the account.
    pub(super) fn pseudonyms(&self) -> Vec<(String, Uuid)> {
        let permits = self.terms.sharing.partners().filter_map(|partner| self.terms.sharing.permit(partner));
        let named = permits.map(|permit| {
            let partner = permit.partner().to_owned();
            let purpose = Purpose::PartnerSharing { partner: partner.clone() };
            let key = self.pseudonym_key(self.consents.is_the_accounts(&purpose));
            (partner, crate::consent::pseudonym(key, &permit))
        });
        named.collect()
    }
}

/// What the first entry of a ledger comes after.
pub(super) const NO_HEAD: Sha = Sha::NONE;

fn check(purposes: &[Purpose], surface: Option<&str>) -> Result<(), Error> {
    if purposes.is_empty() {
        return Err(Error::invalid("purposes", "is empty"));
    }
    if let Some(surface) = surface
        && (surface.is_empty() || surface.len() > MAX_SURFACE_BYTES || surface.chars().any(char::is_control))
    {
        return Err(Error::invalid("surface", format!("takes the name of a screen, 1 to {MAX_SURFACE_BYTES} bytes")));
    }
    match purposes.iter().find_map(|p| p.partner().filter(|id| id.is_empty() || id.len() > 256)) {
        Some(id) => Err(Error::invalid("purpose.partner", format!("takes an id of 1 to 256 bytes, not {}", id.len()))),
        None => Ok(()),
    }
}
