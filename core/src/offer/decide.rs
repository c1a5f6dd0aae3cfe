//! The decision: which offers show, and in which order.
//!
//! Order: fit to the shopper first ([`super::Score`]), then the publisher's priority, then a local
//! partner's, then expiry, then id. It is total, so the same facts give the same cards. Which facts speak for an offer is
//! found by [`super::view`], one offer at a time; limits on many offers together are kept here, best
//! first, so that an offer that does not show never changes what else does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::history::{Seen, exhausted};
use super::hold::day_start_ms;
use super::view::View;
use super::{Hold, Offer, OfferCatalogue, PartnerKind, Schedule, Shopper, Verdict};
use crate::consent::{Beacons, Gate, Permit, PreciseLocation};
use crate::place::{Visit, Witness, ancestors};

/// Beyond this age a cached catalogue is no longer shown: prices and promises in it may be void.
const MAX_AGE_MS: i64 = 7 * 86_400_000;

/// A phone's clock is put right by seconds or minutes, and a zone that was set wrong does not move it.
const CORRECTION_MS: i64 = 3_600_000;

/// A rule that looks at the clock is judged anew at each quarter of an hour, as hours are set.
const QUARTER_MS: i64 = 900_000;

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
    /// What a catalogue is that was last confirmed `age_ms` ago.
    ///
    /// A negative age says that the clock was set back since, and nothing of how long ago that was. Within an hour the
    /// clock was put right; beyond, it is expired: a catalogue that had been must not come back with the clock.
    pub fn of(age_ms: i64, ttl_s: u32) -> Self {
        if !(-CORRECTION_MS..=MAX_AGE_MS).contains(&age_ms) {
            Self::Expired
        } else if age_ms > i64::from(ttl_s) * 1_000 {
            Self::Stale
        } else {
            Self::Fresh
        }
    }

    /// At which ages a catalogue becomes another.
    pub(crate) fn ages_ms(ttl_s: u32) -> [i64; 2] {
        [i64::from(ttl_s) * 1_000 + 1, MAX_AGE_MS + 1]
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

/// What a decision looks at of the publisher and of the moment; [`Shopper`] has the rest.
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
    /// The last position, for distances, while it says where the shopper is. Looked at only under [`PreciseLocation`].
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

/// A decision on every offer of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// One for each of `catalogue.offers`, in that order.
    ///
    /// Whether the shopper is in an audience is looked at last, and only where all else holds; in
    /// other verdicts it is left as holding. So are hours and beacons of its places: that the shopper is at none of
    /// them says enough. Scores and distances are of those that show.
    pub verdicts: Vec<Verdict>,
    /// Indices of those that show, best first.
    pub chosen: Vec<usize>,
}

/// Decides on every offer.
pub fn decide(input: &DecisionInput<'_>, shopper: &Shopper<'_>) -> Decision {
    decide_all(input, shopper, false)
}

/// As [`decide`]; `thorough`: verdicts say of offers that do not show whether the shopper is in their audience, and
/// what would have to be for them to be at one of their places, too.
pub(super) fn decide_all(input: &DecisionInput<'_>, shopper: &Shopper<'_>, thorough: bool) -> Decision {
    let view = View::new(input, shopper);
    let offers = &input.catalogue.offers;
    let mut verdicts = Vec::with_capacity(offers.len());
    let mut ranked: Vec<Rank> = Vec::new();
    for (at, offer) in offers.iter().enumerate() {
        let mut verdict = view.judge(offer, thorough);
        if verdict.shown() {
            view.fit((at, offer), &mut verdict);
            ranked.push(Rank::new((at, offer), &verdict));
        }
        verdicts.push(verdict);
    }
    ranked.sort_unstable();
    let chosen: Vec<usize> = ranked.into_iter().map(|rank| rank.at).collect();
    let chosen = if limited(input, shopper) { limit(&view, &mut verdicts, chosen) } else { chosen };
    Decision { verdicts, chosen }
}

/// Decides on one offer; what [`decide`] says of it, with the facts that it leaves out.
pub(super) fn judge(input: &DecisionInput<'_>, shopper: &Shopper<'_>, (at, offer): (usize, &Offer)) -> Verdict {
    let view = View::new(input, shopper);
    let mut verdict = view.judge(offer, true);
    if verdict.partner_allowed {
        view.fit((at, offer), &mut verdict);
    }
    if verdict.shown()
        && limited(input, shopper)
        && let Some(limited) = decide(input, shopper).verdicts.get(at)
    {
        (verdict.under_caps, verdict.hold) = (limited.under_caps, limited.hold);
    }
    verdict
}

/// Whether there is a limit on many offers together.
fn limited(input: &DecisionInput<'_>, shopper: &Shopper<'_>) -> bool {
    let catalogue = input.catalogue;
    (!shopper.asked && shopper.moments.daily().is_some())
        || !catalogue.caps.is_empty()
        || catalogue.partners.iter().any(|partner| !partner.caps.is_empty())
}

/// Takes away what is too much, best first: each partner's offers, all offers, and what comes by
/// itself today.
fn limit(view: &View<'_>, verdicts: &mut [Verdict], ranked: Vec<usize>) -> Vec<usize> {
    let (input, shopper) = (view.input, view.shopper);
    let seen = view.seen();
    let daily = shopper.moments.daily().filter(|_| !shopper.asked).map(usize::from);
    let today = day_start_ms(input.now_ms, 0, shopper.zone).unwrap_or(input.now_ms);
    let mut came = if daily.is_some() { shopper.history.came_since(today) } else { BTreeSet::new() };
    let mut new = New::default();
    let mut chosen = Vec::with_capacity(ranked.len());
    for at in ranked {
        let (Some(offer), Some(verdict)) = (input.catalogue.offers.get(at), verdicts.get_mut(at)) else { continue };
        let counted = seen.is_counted(&offer.id, input.now_ms);
        if !counted && new.too_many(input, seen, offer) {
            verdict.under_caps = false;
        } else if daily.is_some_and(|most| came.len() >= most && !came.contains(offer.id.as_str())) {
            verdict.hold = Some(Hold::DailyLimit);
        } else {
            chosen.push(at);
            came.insert(&offer.id);
            if !counted {
                new.count(offer);
            }
        }
    }
    chosen
}

/// What a decision itself adds to what was seen.
#[derive(Default)]
struct New<'a> {
    all: usize,
    by_partner: BTreeMap<&'a str, usize>,
}

impl<'a> New<'a> {
    fn too_many(&self, input: &DecisionInput<'_>, seen: &Seen<'_>, offer: &Offer) -> bool {
        let now = input.now_ms;
        if exhausted(&input.catalogue.caps, now, |since| self.all + seen.all_since(since)) {
            return true;
        }
        let Some(partner) = offer.partner.as_deref().and_then(|id| input.catalogue.partner(id)) else { return false };
        let more = self.by_partner.get(partner.id.as_str()).copied().unwrap_or_default();
        exhausted(&partner.caps, now, |since| more + seen.partner_since(&partner.id, since))
    }

    fn count(&mut self, offer: &'a Offer) {
        self.all += 1;
        if let Some(partner) = &offer.partner {
            *self.by_partner.entry(partner).or_default() += 1;
        }
    }
}

/// When the decision may change by time alone: the next start, end, opening or closing of an
/// offer. `None` when time changes nothing. The shopper's side is [`Shopper::next_change_ms`].
pub fn next_change_ms(catalogue: &OfferCatalogue, now_ms: i64) -> Option<i64> {
    let mut seen: HashSet<*const Schedule> = HashSet::new();
    catalogue
        .offers
        .iter()
        .flat_map(|offer| {
            let hours = offer.schedule.as_ref().filter(|hours| seen.insert(Arc::as_ptr(hours)));
            let turn = hours.and_then(|hours| hours.open_until(now_ms).or_else(|| hours.opens_after(now_ms)));
            let quarter = offer.clocked.then(|| now_ms - now_ms.rem_euclid(QUARTER_MS) + QUARTER_MS);
            [offer.starts_at_ms, offer.expires_at_ms, turn, quarter]
        })
        .flatten()
        .filter(|at| *at > now_ms)
        .min()
}

/// Where the shopper is, as far as those who say so may be heard: a position and a beacon with a
/// permit, the shopper's own scan always.
pub(super) struct Presence<'a> {
    pub(super) at: BTreeSet<&'a str>,
    pub(super) position: Option<Position>,
    /// Positions may be looked at.
    pub(super) precise: bool,
    /// Beacons may be heard.
    pub(super) beacons: bool,
}

impl<'a> Presence<'a> {
    pub(super) fn new(input: &DecisionInput<'a>) -> Self {
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
        Self {
            at: at.collect(),
            position: input.position.filter(|_| precise.is_some()),
            precise: precise.is_some(),
            beacons: beacons.is_some(),
        }
    }
}

/// An offer that would show, in the order of the list: the best is the least.
pub(super) struct Candidate<'a> {
    pub(super) offer: &'a Offer,
    pub(super) rank: Rank,
}

impl<'a> Candidate<'a> {
    /// `None` when it does not show. Limits on many offers together are not looked at.
    pub(super) fn of(view: &View<'_>, (at, offer): (usize, &'a Offer)) -> Option<Self> {
        let mut verdict = view.judge(offer, false);
        view.fit((at, offer), &mut verdict);
        verdict.shown().then(|| Self { offer, rank: Rank::new((at, offer), &verdict) })
    }
}

/// What cards are sorted by, in this order; see the head of the module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    score: Reverse<u16>,
    priority: Reverse<i32>,
    /// `false` for a local partner's: between equals the bakery around the corner goes first.
    from_afar: bool,
    expires_at_ms: i64,
    /// Its place in the catalogue, where offers stand in the order of their ids.
    at: usize,
}

impl Rank {
    fn new((at, offer): (usize, &Offer), verdict: &Verdict) -> Self {
        Self {
            score: Reverse(verdict.score.total()),
            priority: Reverse(offer.priority),
            from_afar: offer.partner_kind != Some(PartnerKind::Local),
            expires_at_ms: offer.expires_at_ms.unwrap_or(i64::MAX),
            at,
        }
    }
}
