//! What readers see: an immutable picture that the engine replaces whole.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::Terms;
use super::place::POSITION_HOLDS_MS;
use super::shopper::Own;
use crate::clock::Now;
use crate::consent::signal::Overlay;
use crate::consent::{ConsentCatalogue, Consents, Gate, Purpose, PurposeKind, PurposeSet};
use crate::error::Error;
use crate::offer::{DecisionInput, Freshness, OfferCatalogue, Outlook, Phone, Position};
use crate::place::Visit;
use crate::place::beacon::ZoneChange;

/// The catalogue that is shown from.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) catalogue: Arc<OfferCatalogue>,
    pub(crate) etag: Option<String>,
    pub(crate) fetched_at_ms: i64,
    pub(crate) quarantined: Arc<Vec<String>>,
    /// Partners' offers are not in it.
    pub(crate) own_only: bool,
    /// The whole body, while partners' offers may not be kept on the disk.
    pub(crate) unsaved: Option<Arc<Vec<u8>>>,
}

impl Shown {
    pub(crate) fn freshness(&self, now_ms: i64) -> Freshness {
        Freshness::of(now_ms.saturating_sub(self.fetched_at_ms), self.catalogue.ttl_s)
    }

    /// When it is stale, or shown no more, next; `None` once it is not.
    pub(crate) fn next_age_ms(&self, now_ms: i64) -> Option<i64> {
        let ages = Freshness::ages_ms(self.catalogue.ttl_s);
        ages.into_iter().map(|age| self.fetched_at_ms.saturating_add(age)).filter(|at| *at > now_ms).min()
    }
}

/// Everything a reader needs, as of the engine's last step.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) gate: Gate,
    /// What events recorded now belong to.
    pub(crate) session: Uuid,
    pub(crate) consents: Arc<Consents>,
    pub(crate) terms: Arc<Terms>,
    pub(crate) shown: Option<Shown>,
    pub(crate) visits: Arc<Vec<Visit>>,
    pub(crate) approaching: Arc<Vec<String>>,
    /// The nearest beacon, and when it was last received.
    pub(crate) nearest: Option<(ZoneChange, Now)>,
    /// The last position, and when it was taken.
    pub(crate) position: Option<(Position, Now)>,
    /// When the last position was taken, where the platform watches for the next.
    pub(crate) watched_from: Option<Now>,
    pub(crate) dismissed: Arc<BTreeSet<String>>,
    pub(crate) own: Arc<Own>,
    pub(crate) installation: Uuid,
    /// What the shopper granted and an overlay lowers.
    pub(crate) lowered: PurposeSet,
    pub(crate) online: bool,
    pub(crate) key_refused: bool,
    /// Why the store could not be opened; every call says so.
    pub(crate) failure: Option<Error>,
}

impl Snapshot {
    /// Before the database is open: the gate that the ring mirrored, and nothing to show.
    pub(crate) fn opening(gate: Gate, session: Uuid, own: &ConsentCatalogue) -> Self {
        Self {
            gate,
            session,
            consents: Arc::default(),
            terms: Arc::new(Terms::unread(own)),
            shown: None,
            visits: Arc::default(),
            approaching: Arc::default(),
            nearest: None,
            position: None,
            watched_from: None,
            dismissed: Arc::default(),
            own: Arc::default(),
            installation: Uuid::nil(),
            lowered: PurposeSet::EMPTY,
            online: true,
            key_refused: false,
            failure: None,
        }
    }

    /// `gate` without what has run out by `now_ms`, where the engine has yet to see it.
    pub(crate) fn still_open(&self, gate: Gate, now_ms: i64) -> Gate {
        if self.terms.change_at.is_none_or(|at| now_ms < at) {
            return gate;
        }
        let allowed = self.consents.allowed(&self.terms.catalogue, now_ms);
        Gate::of(gate.epoch(), gate.granted().iter().filter(|kind| allowed.contains(*kind)).collect())
    }

    /// What a consent screen lists, in its order; sharing once for each partner, with its name.
    pub(crate) fn purposes(&self) -> Vec<(Purpose, Option<String>)> {
        let partners = self.shown.iter().flat_map(|shown| &shown.catalogue.partners);
        let sharing: Vec<_> = partners
            .map(|partner| (Purpose::PartnerSharing { partner: partner.id.clone() }, Some(partner.name.clone())))
            .collect();
        let all = PurposeKind::ALL.into_iter();
        all.flat_map(|kind| match Purpose::from_parts(kind, None) {
            Some(purpose) => vec![(purpose, None)],
            None => sharing.clone(),
        })
        .collect()
    }

    /// Its own gate, without what has run out by `now_ms`.
    pub(crate) fn gate_at(&self, now_ms: i64) -> Gate {
        self.still_open(self.gate, now_ms)
    }

    /// Where the shopper is at `now`, as far as a position of a while ago still says so.
    fn here(&self, now: Now) -> Option<Position> {
        let (position, taken) = self.position?;
        let ago = now.since(&taken)?;
        (ago < Duration::from_millis(POSITION_HOLDS_MS)).then_some(position)
    }

    /// The facts of a decision at `now`, behind that moment's gate; `None` while there is no catalogue.
    pub(crate) fn decision<'a>(
        &'a self,
        gate: &'a Gate,
        now: Now,
        placement: Option<&'a str>,
        locale: &'a str,
    ) -> Option<DecisionInput<'a>> {
        let shown = self.shown.as_ref()?;
        let now_ms = now.wall_ms;
        Some(DecisionInput {
            catalogue: &shown.catalogue,
            freshness: shown.freshness(now_ms),
            gate,
            visits: &self.visits,
            position: self.here(now),
            now_ms,
            dismissed: &self.dismissed,
            placement,
            locale,
        })
    }

    /// What the phone lets the app do.
    pub(crate) fn phone(&self, now: &Now) -> Phone {
        // Where something else lowers it as well, the system's permission would change nothing.
        let refused = |kind, by| self.lowered.contains(kind) && self.terms.signals.reasons(kind) == [by];
        Phone {
            location_refused: refused(PurposeKind::PreciseLocation, Overlay::Location),
            beacons_refused: refused(PurposeKind::Beacons, Overlay::Bluetooth),
            notices_refused: refused(PurposeKind::Notifications, Overlay::Notifications),
            lowered: self.lowered,
            unheard: self.watched_from.and_then(|taken| now.since(&taken)),
        }
    }

    /// What stands between the shopper and offers besides the decision itself.
    pub(crate) fn outlook(&self) -> Outlook {
        Outlook { online: self.online, key_refused: self.key_refused }
    }
}
