//! Under which terms the shopper's decisions are read now: the catalogue of purposes, the signals
//! that the host has declared, the time.

use std::sync::Arc;

use super::lanes::Remembered;
use super::spoken::Reminding;
use super::unseen::with_open_only;
use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::signal::{Declared, MAX_SIGNAL_BYTES, Overlay, Signals};
use crate::consent::{
    ConsentCatalogue, ConsentPrompt, ConsentState, Consents, Prompts, Purpose, PurposeKind, PurposeSet, SharingGate,
};
use crate::error::Error;
use crate::log::Level;
use crate::observe::Change;
use crate::place::Witness;
use crate::place::beacon::Ranging;
use crate::store::{Durability, Store, StoreError, meta};

/// The terms, and what the decisions come to under them.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) catalogue: Arc<ConsentCatalogue>,
    pub(crate) signals: Signals,
    /// What the signals lower, reckoned once: a string costs microseconds to read.
    lowered: PurposeSet,
    /// What of it by more than a permission of the operating system; see [`weigh`].
    forbidden: PurposeSet,
    pub(crate) prompts: Prompts,
    /// What the decisions alone come to.
    granted: PurposeSet,
    /// What may be acted on.
    pub(crate) allowed: PurposeSet,
    /// The partners that may hear of the shopper.
    pub(crate) sharing: SharingGate,
    /// When the next yes runs out, wall clock.
    pub(crate) change_at: Option<i64>,
    /// The store has been read: before that nobody knows what was asked.
    is_read: bool,
}

impl Terms {
    /// Before the store is open: the app's own words, and nothing allowed.
    pub(super) fn unread(own: &ConsentCatalogue) -> Self {
        Self {
            catalogue: Arc::new(own.clone()),
            signals: Signals::default(),
            lowered: PurposeSet::EMPTY,
            forbidden: PurposeSet::EMPTY,
            prompts: Prompts::default(),
            granted: PurposeSet::EMPTY,
            allowed: PurposeSet::EMPTY,
            sharing: SharingGate::default(),
            change_at: None,
            is_read: false,
        }
    }

    /// As they were kept. A catalogue that sync brought stands over the app's own while it is newer.
    pub(super) fn open(store: &Store, own: &ConsentCatalogue) -> Result<Self, StoreError> {
        let synced: Option<ConsentCatalogue> = store.meta(key::CONSENT_CATALOGUE)?;
        let catalogue = synced.filter(|synced| synced.revision > own.revision).unwrap_or_else(|| own.clone());
        let signals = match store.meta(key::SIGNALS)? {
            Some(signals) => signals,
            // What was declared cannot be told any more, so it may have been anything.
            None if store.has_meta(key::SIGNALS)? => Signals::unreadable(),
            None => Signals::default(),
        };
        let (lowered, forbidden) = weigh(&signals);
        Ok(Self {
            catalogue: Arc::new(catalogue),
            lowered,
            forbidden,
            signals,
            prompts: store.meta(key::PROMPTS)?.unwrap_or_default(),
            granted: PurposeSet::EMPTY,
            allowed: PurposeSet::EMPTY,
            sharing: SharingGate::default(),
            change_at: None,
            is_read: true,
        })
    }

    /// Reckons anew what `consents` come to at `now_ms`.
    pub(super) fn apply(&mut self, consents: &Consents, now_ms: i64) {
        self.granted = consents.allowed(&self.catalogue, now_ms);
        self.allowed = self.granted.without(self.lowered);
        self.sharing = if self.lowered.contains(PurposeKind::PartnerSharing) {
            SharingGate::default()
        } else {
            consents.sharing(&self.catalogue, now_ms)
        };
        self.change_at = consents.next_expiry(now_ms);
    }

    /// What was granted and is lowered.
    pub(super) fn lowered_now(&self) -> PurposeSet {
        self.lowered.iter().filter(|kind| self.granted.contains(*kind)).collect()
    }

    /// What the signals lower.
    pub(super) fn lowered(&self) -> PurposeSet {
        self.lowered
    }

    /// What stands for `purpose`, and what lowers it.
    pub(crate) fn state(&self, consents: &Consents, purpose: &Purpose, now_ms: i64) -> ConsentState {
        let kind = purpose.kind();
        let status = consents.status(purpose, &self.catalogue, now_ms);
        let lowered = self.lowered.contains(kind);
        let granted = status == crate::consent::ConsentStatus::Granted;
        ConsentState {
            purpose: purpose.clone(),
            status,
            decided_at_ms: consents.decided_at(purpose),
            expires_at_ms: consents.expires_at(purpose),
            effective: granted && !lowered,
            lowered_by: if lowered {
                self.signals.reasons(kind).iter().map(|overlay| overlay.as_str().to_owned()).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The questions that may be put now, in the words of `locale`.
    pub(crate) fn due(
        &self,
        purposes: &[(Purpose, Option<String>)],
        consents: &Consents,
        locale: &str,
        now_ms: i64,
    ) -> Vec<ConsentPrompt> {
        if !self.is_read {
            return Vec::new();
        }
        let all: Vec<Purpose> = purposes.iter().map(|(purpose, _)| purpose.clone()).collect();
        let due = self.prompts.due(&all, consents, &self.catalogue, now_ms);
        due.into_iter()
            // A yes that could not be acted on is not asked for.
            .filter(|(purpose, _)| !self.lowered.contains(purpose.kind()))
            .filter_map(|(purpose, reason)| {
                let name = purposes.iter().find(|(one, _)| *one == purpose).and_then(|(_, name)| name.as_deref());
                let (locale, text) = self.catalogue.text(&purpose, locale, name)?;
                Some(ConsentPrompt { purpose, title: text.title, body: text.body, locale, reason })
            })
            .collect()
    }
}

impl Engine {
    /// What the decisions come to has changed, or may have.
    pub(super) fn restand(&mut self, now: Now) {
        let before = self.terms.allowed;
        self.consents.forbid(self.terms.forbidden);
        self.terms.apply(&self.consents, now.wall_ms);
        self.early.kinds = self.early.kinds.without(self.terms.allowed);
        if self.terms.allowed.contains(PurposeKind::Personalisation) && !before.contains(PurposeKind::Personalisation) {
            self.ask_for_preferences(now);
        }
        let lost = before.without(self.terms.allowed);
        let gained = self.terms.allowed.without(before);
        // Behind a yes to the exact one, the coarse one is none.
        if lost.contains(PurposeKind::PreciseLocation)
            || lost.contains(PurposeKind::CoarseLocation)
            || gained.contains(PurposeKind::PreciseLocation)
        {
            (self.position, self.pace, self.stood_at) = (None, None, None);
        }
        if !lost.is_empty() {
            self.shed_decisions();
        }
        for by in [Witness::Position, Witness::Beacon] {
            if !self.terms.allowed.contains(by.purpose()) {
                self.stop_watching(by);
            }
        }
        if self.terms.allowed.contains(PurposeKind::Notifications) && !before.contains(PurposeKind::Notifications) {
            self.remind(Reminding::All);
        }
        // What calls, and what is to be reminded of, is foreseen under a yes alone.
        self.foresee_offers(now);
        self.touch();
        self.mirror_gate();
    }

    /// Positions may not be looked at any more, or beacons not heard, by time or by a permission that is
    /// gone: what is known of the visit under way ends here, unseen. Nobody is told of a dwell that
    /// nothing may record.
    fn stop_watching(&mut self, by: Witness) {
        match by {
            Witness::Beacon => (self.ranging, self.nearest) = (Ranging::default(), None),
            Witness::Position | Witness::CheckIn => self.watched = None,
        }
        let before = self.tracker.clone();
        self.tracker.forget(by);
        self.since_fix.retain(|told| told.by != by);
        let state = self.tracker.state();
        if state == before.state() {
            return;
        }
        let mut moments = self.own.moments.clone();
        super::place::keep_unseen(&mut moments, &before, &self.tracker);
        // Without a visit too: the last position is known, and lies on the disk.
        let moments = with_open_only(&moments, &self.tracker).unwrap_or(moments);
        let moments = (moments != self.own.moments).then_some(moments);
        let state = self.tracker.state();
        let kept = self.store.transact(Durability::Normal, |tx| {
            moments.as_ref().map_or(Ok(()), |moments| meta::set(tx, key::MOMENTS, moments))?;
            meta::set(tx, key::VISITS, state)
        });
        if let Some(moments) = moments {
            Arc::make_mut(&mut self.own).moments = moments;
        }
        if let Err(error) = kept.and_then(|()| self.store.scrub()) {
            // Forgotten anew when the store is opened next.
            self.log.line(Level::Error, || format!("place: {error}"));
        }
    }

    /// Whether a yes has run out by time alone, and nothing follows from it yet.
    pub(crate) fn runs_out(&self, now: Now) -> bool {
        self.terms.change_at.is_some_and(|at| at <= now.wall_ms)
    }

    /// A yes ran out by time alone.
    pub(super) fn let_run_out(&mut self, now: Now, effects: &mut Effects) {
        if self.runs_out(now) {
            self.restand(now);
            self.shed_partner_offers(effects);
            self.sync.kept.consent_wanted = true;
            self.sync.kept.stand_anew(now);
            if let Err(error) = self.keep_sync() {
                self.log.line(Level::Error, || format!("sync: {error}"));
            }
            effects.changes.extend([Change::Consent, Change::Offers]);
        }
    }

    /// The host says what the world outside the SDK allows. What is lowered by more than a
    /// permission of the operating system is removed from the device, as by a withdrawal.
    pub(super) fn declare(&mut self, signals: Signals, now: Now, effects: &mut Effects) -> Result<(), Error> {
        let signals = self.bounded(signals);
        if signals == self.terms.signals {
            // An earlier call may have failed behind its commit: what stands in memory must stand on the disk.
            return Ok(self.make_durable()?);
        }
        if !self.early.kinds.is_empty() {
            // What came early met a gate that was wrong; what comes once it is lifted does not.
            self.import_all(effects)?;
        }
        let mut terms = self.terms.clone();
        (terms.lowered, terms.forbidden) = weigh(&signals);
        terms.signals = signals;
        // Whether or not a permission of the phone had closed it before.
        let newly = terms.forbidden.without(self.terms.forbidden);
        // Also what was kept when a yes was taken back.
        let holds = |kind| Purpose::from_parts(kind, None).is_some_and(|of| self.consents.holds_captured(&of));
        let granted = self.consents.granted();
        let purge = newly.iter().filter(|kind| granted.contains(*kind) || holds(*kind)).collect();
        // With it, that the backend is to hear of it: a process that dies here leaves no partner looking on.
        let mut told = Remembered { consent_wanted: true, ..self.sync.kept.clone() };
        told.stand_anew(now);
        self.purge(purge, effects, |tx| {
            meta::set(tx, key::SYNC, &told)?;
            meta::set(tx, key::SIGNALS, &terms.signals)
        })?;
        self.sync.kept = told;
        self.terms = terms;
        self.restand(now);
        effects.changes.extend([Change::Consent, Change::Offers]);
        self.follow_purge(effects);
        Ok(())
    }

    /// A string that is too long to be read is one that cannot be read: the last one does not stand in its place.
    fn bounded(&self, mut signals: Signals) -> Signals {
        for (name, signal) in [("TC", &mut signals.tcf), ("GPP", &mut signals.gpp)] {
            if let Declared::Is(text) = signal
                && text.len() > MAX_SIGNAL_BYTES
            {
                let bytes = text.len();
                self.log.line(Level::Warn, || {
                    format!("consent: a {name} string of {bytes} bytes is not read; at most {MAX_SIGNAL_BYTES} are")
                });
                *signal = Declared::Unset;
            }
        }
        signals
    }

    /// The shopper was shown these questions.
    pub(super) fn prompted(&mut self, purposes: &[Purpose], now: Now) -> Result<(), Error> {
        let mut prompts = self.terms.prompts.clone();
        prompts.asked(purposes, &self.terms.catalogue, now.wall_ms);
        self.store.transact(Durability::Normal, |tx| meta::set(tx, key::PROMPTS, &prompts))?;
        self.terms.prompts = prompts;
        self.touch();
        Ok(())
    }

    /// A catalogue came from the backend. An older one, and one that does not read, changes nothing.
    pub(super) fn take_consent_catalogue(&mut self, body: &[u8], now: Now, effects: &mut Effects) {
        let catalogue = match ConsentCatalogue::parse(body) {
            Ok(catalogue) if catalogue.revision > self.terms.catalogue.revision => catalogue,
            Ok(_) => return,
            Err(error) => return self.log.line(Level::Warn, || format!("consent: {error}")),
        };
        if let Err(error) =
            self.store.transact(Durability::Normal, |tx| meta::set(tx, key::CONSENT_CATALOGUE, &catalogue))
        {
            return self.log.line(Level::Error, || format!("consent: {error}"));
        }
        self.terms.catalogue = Arc::new(catalogue);
        let names = self.pseudonyms();
        self.restand(now);
        if self.pseudonyms() != names {
            self.sync.kept.stand_anew(now);
            if let Err(error) = self.keep_sync() {
                self.log.line(Level::Error, || format!("sync: {error}"));
            }
        }
        self.shed_partner_offers(effects);
        effects.changes.extend([Change::Consent, Change::Offers]);
    }
}

/// What `signals` lower, and what of it by more than a permission of the operating system. That the
/// shopper may give back tomorrow, and meant what was recorded while it stood; the rest is a no to
/// what there is.
fn weigh(signals: &Signals) -> (PurposeSet, PurposeSet) {
    let mut both = (PurposeSet::EMPTY, PurposeSet::EMPTY);
    for (overlay, lowered) in signals.each() {
        both.0 = both.0.union(lowered);
        if !matches!(overlay, Overlay::Location | Overlay::Bluetooth | Overlay::Notifications) {
            both.1 = both.1.union(lowered);
        }
    }
    both
}
