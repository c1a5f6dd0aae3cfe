//! The shopper's rules, wishes and saved offers on all of the shopper's devices.
//!
//! They hold on this device at once, whatever comes of this. Where the shopper is signed in and says yes to
//! `Personalisation`, they go to the backend as one document; what another device changed comes back and is
//! merged ([`Preferences::merge`]). With the yes it is erased there, by the request that a withdrawal makes, and
//! what was agreed on is forgotten here. When it is sent is [`crate::sync::SyncState`]'s to decide.

use serde::{Deserialize, Serialize};

use super::shopper::matched;
use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::PurposeKind;
use crate::log::Level;
use crate::observe::Change;
use crate::offer::{MAX_PREFERENCES_BYTES, Preferences};
use crate::store::{Durability, StoreError, meta};
use crate::sync::wire::{PreferencesReply, PreferencesStatement, SignedPreferences};
use crate::sync::{Failure, Lane};

/// So many devices may have told something else in between, one after the other; then it waits a while, for what
/// never comes to an end must not cost a battery.
const MAX_CONTENDED: u32 = 3;

/// Whoever refused so often is asked again when the app looks for what is new, and not by the hour: no battery is there
/// for that.
const MAX_REFUSED: u32 = 3;

/// From the start of an app to its first look for offers.
const JUST_NOW_MS: u64 = 60_000;

/// Whoever changes their mind so often while no answer comes is not told of before one has.
const MAX_TOLD: usize = 4;

/// What this device and the backend agreed on last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Agreed {
    /// The backend's number for it, greater than all before; 0 for nothing yet.
    revision: u64,
    document: Preferences,
    /// What was told since, and may be there or not: no answer has come.
    told: Vec<Preferences>,
}

impl Engine {
    /// Whether the backend is to hear of the rules, or to be asked for another device's.
    pub(super) fn preferences_pending(&self) -> bool {
        (self.sync.preferences_wanted || self.own_changed) && self.may_share_preferences()
    }

    /// Whether that is for now, and not for when the backend may be tried again: whoever lets the queue run empty
    /// before the app sleeps has the rules told and heard too.
    pub(super) fn preferences_due(&self, now: Now) -> bool {
        self.preferences_pending() && self.sync.kept.state.is_free(Lane::Preferences, now.wall_ms)
    }

    fn may_share_preferences(&self) -> bool {
        let linked = self.identity.as_ref().is_some_and(|identity| identity.token.is_none());
        // What is to be erased is not sent anew before it is.
        let free = self.rights.is_empty() && !self.config.sandbox && self.sync.preferences_refused < MAX_REFUSED;
        linked && free && self.terms.allowed.contains(PurposeKind::Personalisation)
    }

    /// The yes has come, or the account is known: what the backend refused before it may take now.
    pub(super) fn ask_for_preferences(&mut self, now: Now) {
        (self.sync.preferences_wanted, self.sync.preferences_refused) = (true, 0);
        self.sync.kept.state.succeeded(Lane::Preferences);
        self.compare_preferences(now);
    }

    /// The backend is asked what is new: the shopper's other devices may have told it something. `by_itself`: nobody
    /// asked for it, and what was said a moment ago will do.
    pub(super) fn ask_for_preferences_too(&mut self, by_itself: bool, now: Now) {
        let known = self.sync.preferences_known_ms.is_some_and(|at| now.mono_ms < at.saturating_add(JUST_NOW_MS));
        self.sync.preferences_wanted |= !(by_itself && known);
        self.sync.preferences_refused = 0;
    }

    /// The backend's part is erased by the request that goes with it; a later yes begins anew.
    pub(super) fn forget_preferences(&mut self) {
        (self.agreed, self.own_changed) = (Agreed::default(), false);
    }

    /// What was agreed on, for whoever wants to see all that is known; `None` for nothing.
    pub(super) fn agreed_preferences(&self) -> Option<&Preferences> {
        (self.agreed.revision > 0).then_some(&self.agreed.document)
    }

    /// What is on the wire of it without a yes, for whatever reason that one ended, is broken off.
    pub(super) fn stop_preferences(&mut self, effects: &mut Effects) {
        let sending = self.sync.in_flight.as_ref().is_some_and(|in_flight| in_flight.lane == Lane::Preferences);
        if sending && !self.terms.allowed.contains(PurposeKind::Personalisation) {
            self.break_off(effects);
        }
    }

    /// Works out whether the shopper's side is another than what was agreed on. Time alone changes nothing.
    pub(super) fn compare_preferences(&mut self, now: Now) {
        let document = self.preferences(now);
        self.own_changed = document != self.agreed.document.clone().at(now.wall_ms);
        if self.own_changed && document.bytes() > MAX_PREFERENCES_BYTES {
            self.log.line(Level::Warn, || "preferences: more than the other devices are told of".into());
            self.own_changed = false;
        }
    }

    /// The shopper's side as the other devices are to have it.
    pub(crate) fn preferences(&self, now: Now) -> Preferences {
        let own = &self.own;
        Preferences::of(&own.moments, own.wanted.wishes(), &own.saved, now.wall_ms)
            .with_unread_of(&self.agreed.document.clone().at(now.wall_ms), now.wall_ms)
    }

    /// What is to be sent, signed as the shopper's decisions are; and the document in it, where it is another. That is
    /// written down before it leaves: the answer may be lost, and the process may die.
    pub(super) fn tell_preferences(
        &mut self,
        now: Now,
    ) -> Result<(SignedPreferences, Option<Preferences>), StoreError> {
        let mut document = self.own_changed.then(|| self.preferences(now));
        if let Some(new) = document.as_ref().filter(|document| !self.agreed.told.contains(document)) {
            if self.agreed.told.len() < MAX_TOLD {
                let mut agreed = self.agreed.clone();
                agreed.told.push(new.clone());
                self.agree(Durability::Full, agreed)?;
            } else {
                document = None;
            }
        }
        let statement = PreferencesStatement {
            version: 1,
            installation: self.installation,
            epoch: self.consents.epoch(),
            standing: Some(self.sync.kept.told_standing).filter(|standing| *standing > 0),
            base: self.agreed.revision,
            document: document.as_ref().and_then(|document| serde_json::to_value(document).ok()),
            key: self.signer.public(),
        };
        // Writing this type to memory cannot fail; an empty statement would be refused.
        let text = serde_json::to_string(&statement).unwrap_or_default();
        let signature = self.signer.sign(text.as_bytes());
        Ok((SignedPreferences { statement: text, signature }, document))
    }

    /// The backend keeps what was sent, or has another device's. The answer is a failure where the two do not come
    /// to an end.
    pub(super) fn preferences_answered(
        &mut self,
        reply: PreferencesReply,
        sent: Option<Preferences>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        let revision = reply.revision;
        let theirs = reply.document.and_then(|document| serde_json::from_value::<Preferences>(document).ok());
        let theirs = theirs.filter(|document| document.bytes() <= MAX_PREFERENCES_BYTES);
        self.sync.contended = if sent.is_some() && !reply.stored { self.sync.contended + 1 } else { 0 };
        let agreed = |document| Agreed { revision, document, told: Vec::new() };
        match (reply.stored, sent, theirs) {
            (true, Some(sent), _) => self.agree(Durability::Normal, agreed(sent))?,
            (_, _, Some(theirs)) => self.take_preferences(agreed(theirs), reply.follows, now, effects)?,
            // Nothing that was told has come there.
            _ if revision == self.agreed.revision => {
                if !self.agreed.told.is_empty() {
                    self.agree(Durability::Normal, Agreed { told: Vec::new(), ..self.agreed.clone() })?;
                }
            }
            // What was agreed on is gone from there, or nothing that this version reads.
            _ => self.agree(Durability::Normal, agreed(Preferences::default()))?,
        }
        self.sync.preferences_known_ms = Some(now.mono_ms);
        self.compare_preferences(now);
        let why = "the shopper's rules are others each time".to_owned();
        Ok((self.sync.contended >= MAX_CONTENDED).then_some(Failure::Later { after: None, why }))
    }

    fn agree(&mut self, durability: Durability, agreed: Agreed) -> Result<(), StoreError> {
        self.store.transact(durability, |tx| meta::set(tx, key::PREFERENCES, &agreed))?;
        self.agreed = agreed;
        Ok(())
    }

    /// Merges what another device told. Where it does not follow from what was agreed on, only what it still has of that
    /// counts: what it lacks was taken back by nobody.
    fn take_preferences(
        &mut self,
        theirs: Agreed,
        follows: bool,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let at = |document: &Preferences| document.clone().at(now.wall_ms);
        let base = at(&self.agreed.document);
        let base = if follows { base } else { base.shared_with(&theirs.document) };
        let told: Vec<Preferences> = self.agreed.told.iter().map(at).collect();
        let mine = self.preferences(now);
        let merged = Preferences::merge(&base, &told, &mine, &at(&theirs.document), now.wall_ms);
        if merged == mine {
            // Nothing is new here.
            return self.agree(Durability::Normal, theirs);
        }
        let mut own = (*self.own).clone();
        let (moments, wishes, saved) = merged.apply((&own.moments, own.wanted.wishes(), &own.saved), now.wall_ms);
        self.store.transact(Durability::Normal, |tx| {
            meta::set(tx, key::MOMENTS, &moments)?;
            meta::set(tx, key::WISHES, &wishes)?;
            meta::set(tx, key::SAVED, &saved)?;
            meta::set(tx, key::PREFERENCES, &theirs)
        })?;
        own.wanted = matched(&wishes, self.shown.as_ref().map(|shown| &*shown.catalogue));
        (own.moments, own.saved) = (moments, saved);
        self.own = own.into();
        self.agreed = theirs;
        self.remind(super::spoken::Reminding::Ends);
        self.foresee_offers(now);
        self.touch();
        effects.changes.push(Change::Offers);
        Ok(())
    }
}
