//! The offer catalogue on this device: in memory to be shown from, on the disk to be there offline.
//!
//! Partners' offers reach the disk only while the shopper allows it. Until then they are kept in
//! memory, where nothing shows them, so that a yes needs no network.

use std::sync::Arc;

use super::{Effects, Engine, Shown};
use crate::clock::Now;
use crate::consent::PurposeKind;
use crate::log::{Level, Log};
use crate::observe::Change;
use crate::offer::{OfferCatalogue, without_partners};
use crate::store::{CachedBody, Store, StoreError};
use crate::sync::{Failure, apply_delta};

/// What is cached, if it reads.
pub(super) fn open(store: &Store, log: &Log) -> Result<Option<Shown>, StoreError> {
    let Some(cached) = store.cached_catalogue()? else { return Ok(None) };
    match OfferCatalogue::parse(&cached.body) {
        Ok((catalogue, quarantined)) => Ok(Some(Shown {
            catalogue: Arc::new(catalogue),
            etag: cached.etag,
            fetched_at_ms: cached.fetched_at_ms,
            quarantined: Arc::new(quarantined.iter().map(ToString::to_string).collect()),
            own_only: cached.own_only,
            unsaved: None,
        })),
        Err(error) => {
            // Cached by another version; the next refresh replaces it.
            log.line(Level::Warn, || format!("offers: the cached catalogue does not read: {error}"));
            Ok(None)
        }
    }
}

impl Engine {
    /// Takes in the catalogue that the backend sent.
    pub(super) fn shelve(
        &mut self,
        body: Vec<u8>,
        etag: Option<String>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Option<Failure>, StoreError> {
        let (catalogue, quarantined) = match OfferCatalogue::parse(&body) {
            Ok(parsed) => parsed,
            Err(error) => return Ok(Some(Failure::Later { after: None, why: error.to_string() })),
        };
        for entry in &quarantined {
            self.log.line(Level::Warn, || format!("offers: left out {entry}"));
        }
        let whole = self.may_keep_partners() || catalogue.offers.iter().all(|offer| offer.partner.is_none());
        let (kept, unsaved) = if whole { (body, None) } else { (without_partners(&body), Some(Arc::new(body))) };
        self.store.cache_catalogue(&CachedBody {
            etag: etag.clone(),
            fetched_at_ms: now.wall_ms,
            body: kept,
            own_only: !whole,
        })?;
        self.shown = Some(Shown {
            catalogue: catalogue.into(),
            etag,
            fetched_at_ms: now.wall_ms,
            quarantined: quarantined.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
            own_only: false,
            unsaved,
        });
        self.images.catalogue_changed();
        self.mirror_gate();
        self.match_wishes();
        self.foresee_offers(now);
        if let Err(error) = self.swap_places(now, effects) {
            self.log.line(Level::Error, || format!("place: {error}"));
        }
        Ok(None)
    }

    /// The tag of a body that is here whole, so that what changed since is enough. A body without partners'
    /// offers is none, nor is one that has no strong tag: the same tag must mean the same bytes.
    pub(super) fn delta_base(&self) -> Option<String> {
        let shown = self.shown.as_ref().filter(|shown| !shown.own_only && !self.sync.whole_only)?;
        shown.etag.clone().filter(|etag| etag.starts_with('"'))
    }

    /// The whole new body, out of the one that is here and of what changed since `base`; else why not.
    pub(super) fn whole_of(
        &self,
        delta: &[u8],
        base: &str,
        asked: Option<&str>,
    ) -> Result<Result<Vec<u8>, String>, StoreError> {
        if Some(base) != asked {
            return Ok(Err(format!("the delta is for {base:.80}")));
        }
        // A withdrawal may have taken the base away while the delta was on its way.
        let shown = self.shown.as_ref().filter(|shown| !shown.own_only && shown.etag.as_deref() == asked);
        let applied = match shown.map(|shown| &shown.unsaved) {
            None => return Ok(Err("what the delta is for is gone".to_owned())),
            Some(Some(unsaved)) => apply_delta(unsaved, delta),
            Some(None) => match self.store.cached_catalogue()? {
                Some(kept) if !kept.own_only && kept.etag.as_deref() == asked => apply_delta(&kept.body, delta),
                _ => return Ok(Err("what the delta is for is gone from the disk".to_owned())),
            },
        };
        Ok(applied.map_err(|error| error.to_string()))
    }

    /// The shopper allows it now: what was held back goes to the disk.
    pub(super) fn keep_partner_offers(&mut self) {
        if !self.may_keep_partners() {
            return;
        }
        let Some(shown) = &mut self.shown else { return };
        let Some(body) = shown.unsaved.take() else { return };
        let cached = CachedBody {
            etag: shown.etag.clone(),
            fetched_at_ms: shown.fetched_at_ms,
            body: Arc::unwrap_or_clone(body),
            own_only: false,
        };
        if let Err(error) = self.store.cache_catalogue(&cached) {
            // Shown all the same, and fetched again by the next process.
            self.log.line(Level::Error, || format!("offers: {error}"));
        }
    }

    /// Whether partners' offers are wanted and not here: a yes that came after they had been dropped.
    pub(super) fn lacks_partners(&self) -> bool {
        self.may_keep_partners() && self.shown.as_ref().is_some_and(|shown| shown.own_only)
    }

    /// The yes to keep them has run out, or means less than it must: partners' offers leave the disk.
    pub(super) fn shed_partner_offers(&mut self, effects: &mut Effects) {
        let of_partners = |shown: &Shown| shown.catalogue.offers.iter().any(|offer| offer.partner.is_some());
        let kept = self.shown.as_ref().is_some_and(|shown| shown.unsaved.is_none() && of_partners(shown));
        if kept
            && !self.may_keep_partners()
            && let Err(error) = self.drop_partner_offers(effects)
        {
            // Dropped anew when the store is opened next; nothing shows them meanwhile.
            self.log.line(Level::Error, || format!("offers: {error}"));
        }
    }

    /// Drops partners' offers from disk and memory; answers how many there were.
    pub(super) fn drop_partner_offers(&mut self, effects: &mut Effects) -> Result<u64, StoreError> {
        if let Some(cached) = self.store.cached_catalogue()?.filter(|cached| !cached.own_only) {
            let body = without_partners(&cached.body);
            self.store.cache_catalogue(&CachedBody { body, own_only: true, ..cached })?;
            #[cfg(test)]
            crate::stop::behind(crate::stop::Step::OffersWritten);
            self.store.scrub_offers()?;
        }
        let Some(shown) = &mut self.shown else { return Ok(0) };
        let before = shown.catalogue.offers.len();
        Arc::make_mut(&mut shown.catalogue).offers.retain(|offer| offer.partner.is_none());
        let dropped = (before - shown.catalogue.offers.len()) as u64;
        shown.unsaved = None;
        shown.own_only = true;
        self.match_wishes();
        self.images.catalogue_changed();
        self.touch();
        effects.changes.push(Change::Offers);
        Ok(dropped)
    }

    fn may_keep_partners(&self) -> bool {
        self.terms.allowed.contains(PurposeKind::PartnerOffers)
    }
}
