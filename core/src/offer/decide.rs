//! The decision: which offers show, and in which order.
//!
//! Order: fit to the shopper first (at its place, then nearer, then ending sooner), then the
//! publisher's priority, then expiry, then id. It is total, so the same facts give the same cards.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{Offer, OfferCatalogue, Schedule};
use crate::consent::{Beacons, Gate, PartnerOffers, Permit, PreciseLocation};
use crate::place::{Visit, Witness, ancestors};

/// Beyond this age a cached catalogue is no longer shown: prices and promises in it may be void.
const MAX_AGE_MS: i64 = 7 * 86_400_000;

/// Distances are compared in steps of this, so that the noise of a position does not shuffle cards.
const DISTANCE_STEP_M: f64 = 25.0;

const HOUR_MS: i64 = 3_600_000;

/// How current the cached catalogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Within the publisher's time to live.
    Fresh,
    /// Older; shown, and shown as stale.
    Stale,
    /// More than seven days old; not shown.
    Expired,
}

impl Freshness {
    /// What a catalogue is that was last confirmed `age_ms` ago. A negative age (the clock was set
    /// back) counts as fresh.
    pub fn of(age_ms: i64, ttl_s: u32) -> Self {
        if age_ms > MAX_AGE_MS {
            Self::Expired
        } else if age_ms > i64::from(ttl_s) * 1_000 {
            Self::Stale
        } else {
            Self::Fresh
        }
    }
}

/// Where the shopper was last seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees, WGS 84.
    pub latitude: f64,
    /// Degrees, WGS 84.
    pub longitude: f64,
    /// Radius of 68 % confidence, metres.
    pub accuracy_m: f64,
}

/// Everything that a decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct DecisionInput<'a> {
    /// What is published.
    pub catalogue: &'a OfferCatalogue,
    /// How current that is.
    pub freshness: Freshness,
    /// What the shopper allows.
    pub gate: &'a Gate,
    /// The visits that are open. Each is looked at only under the consent of whoever saw the shopper
    /// come; one that the shopper's own scan began always.
    pub visits: &'a [Visit],
    /// The last position, for distances. Looked at only under [`PreciseLocation`].
    pub position: Option<Position>,
    /// The wall clock, milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// Ids of the offers that the shopper put away.
    pub dismissed: &'a BTreeSet<String>,
    /// Where in the app the cards will stand; `None` means anywhere.
    pub placement: Option<&'a str>,
    /// The shopper's language, for example `fi-FI`.
    pub locale: &'a str,
}

/// What was decided on one offer. Each field is a fact; all must hold for it to show.
///
/// A partner's offer without consent to partners' offers is not looked at: its other facts are
/// left as holding and say nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The remote switch leaves the SDK on.
    pub switched_on: bool,
    /// The catalogue is not too old.
    pub current: bool,
    /// No partner's, or partners' offers are granted.
    pub partner_allowed: bool,
    /// Bound to no place, or an exact position is granted, or the shopper is there as beacons or a check-in say.
    pub location_allowed: bool,
    /// It may stand at this placement.
    pub placed: bool,
    /// Its start has come.
    pub started: bool,
    /// Its end has not.
    pub unexpired: bool,
    /// Its weekly hours are open.
    pub open: bool,
    /// Bound to no place, or the shopper is at one of its places.
    pub present: bool,
    /// The shopper did not put it away.
    pub kept: bool,
    /// Metres from the shopper to the centre of the nearest of its places, where both are known.
    pub distance_m: Option<f64>,
    /// When it stops being good: its expiry or the end of today's hours, whichever comes first.
    pub ends_at_ms: Option<i64>,
}

impl Verdict {
    /// On a partner's offer that may not be looked at.
    const BARRED: Self = Self {
        switched_on: true,
        current: true,
        partner_allowed: false,
        location_allowed: true,
        placed: true,
        started: true,
        unexpired: true,
        open: true,
        present: true,
        kept: true,
        distance_m: None,
        ends_at_ms: None,
    };

    /// Whether the offer shows.
    pub fn shown(&self) -> bool {
        self.shown_but_for_presence() && self.present
    }

    /// Whether being there is all that is missing, or nothing is.
    pub(super) fn shown_but_for_presence(&self) -> bool {
        self.eligible() && self.placed && self.started && self.unexpired && self.open && self.kept
    }

    fn eligible(&self) -> bool {
        self.switched_on && self.current && self.partner_allowed && self.location_allowed
    }
}

/// A decision on every offer of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// One for each of `catalogue.offers`, in that order.
    pub verdicts: Vec<Verdict>,
    /// Indices of those that show, best first.
    pub chosen: Vec<usize>,
}

/// Decides on every offer.
pub fn decide(input: &DecisionInput<'_>) -> Decision {
    let view = View::new(input);
    let verdicts: Vec<Verdict> = (input.catalogue.offers.iter())
        .map(|offer| {
            let verdict = view.judge(offer);
            // Looking up where places are costs more than all the rest: only for what shows.
            if verdict.shown() { Verdict { distance_m: view.distance_m(offer), ..verdict } } else { verdict }
        })
        .collect();
    let mut ranked: Vec<(Rank<'_>, usize)> = (input.catalogue.offers.iter().zip(&verdicts).enumerate())
        .filter(|(_, (_, verdict))| verdict.shown())
        .map(|(at, (offer, verdict))| (Rank::new(offer, verdict, input.now_ms), at))
        .collect();
    ranked.sort_unstable();
    Decision { verdicts, chosen: ranked.into_iter().map(|(_, at)| at).collect() }
}

/// Decides on one offer; what [`decide`] says of it.
pub(super) fn judge(input: &DecisionInput<'_>, offer: &Offer) -> Verdict {
    let view = View::new(input);
    let verdict = view.judge(offer);
    let known = verdict.partner_allowed;
    Verdict { distance_m: known.then(|| view.distance_m(offer)).flatten(), ..verdict }
}

/// When the decision may change by time alone: the next start, end, opening or closing of an
/// offer. `None` when time changes nothing.
pub fn next_change_ms(catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
    let mut seen: HashSet<*const Schedule> = HashSet::new();
    catalogue
        .offers
        .iter()
        .flat_map(|offer| {
            let hours = offer.schedule.as_ref().filter(|hours| seen.insert(Arc::as_ptr(hours)));
            let turn = hours.and_then(|hours| hours.open_until(now_ms).or_else(|| hours.opens_after(now_ms)));
            [offer.starts_at_ms, offer.expires_at_ms, turn]
        })
        .flatten()
        .filter(|at| *at > now_ms)
        .min()
}

/// The input, with each consent asked for once.
struct View<'a> {
    input: &'a DecisionInput<'a>,
    partner_offers: Option<Permit<'a, PartnerOffers>>,
    presence: Presence<'a>,
    /// By address: offers with the same hours share one schedule, which is then read once.
    hours: RefCell<HashMap<*const Schedule, Option<i64>>>,
}

/// Where the shopper is, as far as those who say so may be heard: a position and a beacon with a
/// permit, the shopper's own scan always.
struct Presence<'a> {
    at: BTreeSet<&'a str>,
    position: Option<Position>,
    /// Positions may be looked at.
    precise: bool,
}

impl<'a> Presence<'a> {
    fn new(input: &DecisionInput<'a>) -> Self {
        let precise: Option<Permit<'_, PreciseLocation>> = input.gate.permit();
        let beacons: Option<Permit<'_, Beacons>> = input.gate.permit();
        let may_know = |by: Witness| match by {
            Witness::Position => precise.is_some(),
            Witness::Beacon => beacons.is_some(),
            Witness::CheckIn => true,
        };
        // Who is in a zone is in its store and at its chain too.
        let places = &input.catalogue.places;
        let at = input.visits.iter().filter(|visit| may_know(visit.by)).flat_map(|visit| {
            std::iter::once(visit.place.as_str()).chain(ancestors(places, &visit.place).map(|place| place.id.as_str()))
        });
        Self { at: at.collect(), position: input.position.filter(|_| precise.is_some()), precise: precise.is_some() }
    }

    fn is_at_any(&self, places: &[String]) -> bool {
        places.iter().any(|place| self.at.contains(place.as_str()))
    }
}

impl<'a> View<'a> {
    fn new(input: &'a DecisionInput<'a>) -> Self {
        Self { input, partner_offers: input.gate.permit(), presence: Presence::new(input), hours: RefCell::default() }
    }

    fn judge(&self, offer: &Offer) -> Verdict {
        match (&offer.partner, &self.partner_offers) {
            (None, _) => self.evaluate(offer),
            (Some(_), Some(permit)) => self.evaluate_partners(permit, offer),
            (Some(_), None) => Verdict { switched_on: !self.input.catalogue.sdk.off, ..Verdict::BARRED },
        }
    }

    /// A partner's offer, which takes the shopper's consent to partners' offers.
    fn evaluate_partners(&self, _permit: &Permit<'_, PartnerOffers>, offer: &Offer) -> Verdict {
        self.evaluate(offer)
    }

    fn evaluate(&self, offer: &Offer) -> Verdict {
        let input = self.input;
        let closes = offer.schedule.as_ref().map(|hours| self.open_until(hours));
        let bound = !offer.places.is_empty();
        let present = !bound || self.presence.is_at_any(&offer.places);
        Verdict {
            switched_on: !input.catalogue.sdk.off,
            current: input.freshness != Freshness::Expired,
            partner_allowed: true,
            location_allowed: present || self.presence.precise,
            placed: input.placement.is_none_or(|here| {
                offer.placements.is_empty() || offer.placements.iter().any(|placement| placement == here)
            }),
            started: offer.starts_at_ms.is_none_or(|at| at <= input.now_ms),
            unexpired: offer.expires_at_ms.is_none_or(|at| input.now_ms < at),
            open: closes.is_none_or(|until| until.is_some()),
            present,
            kept: !input.dismissed.contains(&offer.id),
            distance_m: None,
            ends_at_ms: [offer.expires_at_ms, closes.flatten()].into_iter().flatten().min(),
        }
    }

    fn open_until(&self, hours: &Arc<Schedule>) -> Option<i64> {
        let mut known = self.hours.borrow_mut();
        *known.entry(Arc::as_ptr(hours)).or_insert_with(|| hours.open_until(self.input.now_ms))
    }

    fn distance_m(&self, offer: &Offer) -> Option<f64> {
        let here = self.presence.position?;
        offer
            .places
            .iter()
            .filter_map(|id| self.input.catalogue.place(id))
            .filter_map(|place| place.fence.as_ref())
            .map(|fence| fence.around().distance_m(here.latitude, here.longitude))
            .min_by(f64::total_cmp)
    }
}

/// What cards are sorted by, in this order; see the head of the module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank<'a> {
    anywhere: bool,
    distance_step: u64,
    urgency: Urgency,
    priority: Reverse<i32>,
    expires_at_ms: i64,
    id: &'a str,
}

/// How soon it ends, coarsely: were it exact, no two offers would tie and priority meant nothing.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    WithinTheHour,
    WithinTheDay,
    Later,
}

impl<'a> Rank<'a> {
    fn new(offer: &'a Offer, verdict: &Verdict, now_ms: i64) -> Self {
        let left = verdict.ends_at_ms.map_or(i64::MAX, |at| at.saturating_sub(now_ms));
        Self {
            anywhere: offer.places.is_empty(),
            distance_step: verdict.distance_m.map_or(u64::MAX, |metres| (metres / DISTANCE_STEP_M) as u64),
            urgency: match left {
                ..=HOUR_MS => Urgency::WithinTheHour,
                _ if left <= 24 * HOUR_MS => Urgency::WithinTheDay,
                _ => Urgency::Later,
            },
            priority: Reverse(offer.priority),
            expires_at_ms: offer.expires_at_ms.unwrap_or(i64::MAX),
            id: &offer.id,
        }
    }
}
