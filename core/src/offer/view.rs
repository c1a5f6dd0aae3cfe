//! One offer at a time: which facts speak for it.
//!
//! What takes consent is behind a permit here and nowhere else: a partner's offer, where the shopper
//! is, and who the shopper is.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::decide::Presence;
use super::history::{Seen, exhausted};
use super::personal::{Personal, distance_m};
use super::rule::{Rule, Trace};
use super::score::Fit;
use super::site::{Site, Sites, Stands};
use super::{DecisionInput, Freshness, Hold, Offer, Schedule, Shopper, Verdict};
use crate::consent::{PartnerOffers, Permit, PurposeKind};
use crate::place::{Place, Witness, ancestors};

/// The input, with each consent asked for once.
pub(super) struct View<'a> {
    pub(super) input: &'a DecisionInput<'a>,
    pub(super) shopper: &'a Shopper<'a>,
    partner_offers: Option<Permit<'a, PartnerOffers>>,
    presence: Presence<'a>,
    personal: Option<Personal<'a>>,
    /// The shopper's rule that holds back whatever was not asked for.
    standing: Option<Hold>,
    /// By address: offers with the same hours share one schedule, which is then read once.
    hours: RefCell<HashMap<*const Schedule, Option<i64>>>,
    /// By address: offers with the same audience share one rule.
    audiences: RefCell<HashMap<*const Rule, bool>>,
    seen: OnceCell<Seen<'a>>,
    pseudonym: OnceCell<String>,
    sites: OnceCell<Sites<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn new(input: &'a DecisionInput<'a>, shopper: &'a Shopper<'a>) -> Self {
        let unasked = !shopper.asked && !shopper.moments.is_empty();
        let presence = Presence::new(input);
        Self {
            input,
            shopper,
            partner_offers: input.gate.permit(),
            personal: input.gate.permit().map(|permit| Personal::new(&permit, input, shopper, &presence)),
            presence,
            standing: if unasked { shopper.moments.standing(input.now_ms, shopper.zone) } else { None },
            hours: RefCell::default(),
            audiences: RefCell::default(),
            seen: OnceCell::new(),
            pseudonym: OnceCell::new(),
            sites: OnceCell::new(),
        }
    }

    /// Which facts speak for `offer`. The audience's rule is judged only when all else holds, and what would have to be
    /// for the shopper to be at its places is not looked at, unless `thorough`. Nothing is said of its score; see
    /// [`View::fit`].
    pub(super) fn judge(&self, offer: &Offer, thorough: bool) -> Verdict {
        match (&offer.partner, &self.partner_offers) {
            (None, _) => self.evaluate(offer, thorough),
            (Some(_), Some(permit)) => self.evaluate_partners(permit, offer, thorough),
            (Some(_), None) => Verdict { switched_on: !self.input.catalogue.sdk.off, ..Verdict::BARRED },
        }
    }

    /// A partner's offer, which takes the shopper's consent to partners' offers.
    fn evaluate_partners(&self, _permit: &Permit<'_, PartnerOffers>, offer: &Offer, thorough: bool) -> Verdict {
        self.evaluate(offer, thorough)
    }

    fn evaluate(&self, offer: &Offer, thorough: bool) -> Verdict {
        let input = self.input;
        let closes = offer.schedule.as_ref().map(|hours| self.open_until(hours));
        let present = offer.places.is_empty() || offer.places.iter().any(|place| self.is_at(place));
        let mut verdict = Verdict {
            switched_on: !input.catalogue.sdk.off,
            current: input.freshness != Freshness::Expired,
            partner_allowed: true,
            location_allowed: present || self.presence.precise,
            beacons_allowed: true,
            personal_allowed: offer.audience.is_none() || self.personal.is_some(),
            placed: input.placement.is_none_or(|here| {
                offer.placements.is_empty() || offer.placements.iter().any(|placement| placement == here)
            }),
            started: offer.starts_at_ms.is_none_or(|at| at <= input.now_ms),
            unexpired: offer.expires_at_ms.is_none_or(|at| input.now_ms < at),
            open: closes.is_none_or(|until| until.is_some()),
            present,
            kept: !input.dismissed.contains(&offer.id),
            in_audience: true,
            in_experiment: offer.experiment.as_ref().is_none_or(|trial| trial.shows_to(self.pseudonym())),
            under_caps: !self.capped(offer),
            called: self.shopper.asked || !offer.only_for_who_asks(),
            hold: self.hold(offer),
            distance_m: None,
            ends_at_ms: [offer.expires_at_ms, closes.flatten()].into_iter().flatten().min(),
            ..Verdict::BARRED
        };
        if thorough
            && !present
            && let Some(site) = self.site(offer)
        {
            let way = self.way_to(site);
            verdict.location_allowed = way != Err(PurposeKind::PreciseLocation);
            verdict.beacons_allowed = way != Err(PurposeKind::Beacons);
            verdict.open &= site.stands != Stands::Closed;
            verdict.unexpired &= site.stands != Stands::Over;
        }
        if let (Some(rule), Some(personal)) = (&offer.audience, &self.personal)
            && (thorough || verdict.shown())
        {
            verdict.in_audience = self.is_in(rule, personal);
        }
        verdict
    }

    fn is_in(&self, rule: &Arc<Rule>, personal: &Personal<'a>) -> bool {
        let judge = || rule.judge_by(personal).truth.eligible();
        // A rule of one offer is judged sooner than looked up.
        if Arc::strong_count(rule) == 1 {
            return judge();
        }
        *self.audiences.borrow_mut().entry(Arc::as_ptr(rule)).or_insert_with(judge)
    }

    /// How the audience's rule came to its outcome; `None` for everyone's, and without consent.
    pub(super) fn trace(&self, offer: &Offer) -> Option<Trace> {
        let (rule, personal) = (offer.audience.as_ref()?, self.personal.as_ref()?);
        Some(rule.explain_by(personal))
    }

    fn capped(&self, offer: &Offer) -> bool {
        if offer.caps.is_empty() || self.shopper.history.is_empty() {
            return false;
        }
        let seen = self.seen();
        exhausted(&offer.caps, self.input.now_ms, |since| seen.offer_since(&offer.id, since)) && !self.is_counted(offer)
    }

    /// Whether its card is being looked at, or waits for the look: it was counted, and stays.
    pub(super) fn is_counted(&self, offer: &Offer) -> bool {
        self.seen().is_counted(&offer.id, self.input.now_ms)
    }

    /// Whether one more of the offer, of its partner's, or of all were too many. A notice is shown anew, also while
    /// its card is being looked at.
    pub(super) fn too_often(&self, offer: &Offer) -> bool {
        let (catalogue, now, seen) = (self.input.catalogue, self.input.now_ms, self.seen());
        let partner = offer.partner.as_deref().and_then(|id| catalogue.partner(id));
        exhausted(&offer.caps, now, |since| seen.offer_since(&offer.id, since))
            || exhausted(&catalogue.caps, now, |since| seen.all_since(since))
            || partner.is_some_and(|p| exhausted(&p.caps, now, |since| seen.partner_since(&p.id, since)))
    }

    fn hold(&self, offer: &Offer) -> Option<Hold> {
        let moments = self.shopper.moments;
        moments.refused(offer, self.input.now_ms).or(self.standing)
    }

    /// Says of a verdict how far the offer's places are and how well it fits.
    /// `offer` comes with its place in the catalogue.
    pub(super) fn fit(&self, (at, offer): (usize, &Offer), verdict: &mut Verdict) {
        let input = self.input;
        // Looking up where places are costs more than all the rest: only here.
        verdict.distance_m = self.distance_m(offer);
        let affinity = self.personal.as_ref().and_then(|personal| personal.person.affinity(&offer.topics));
        verdict.score = Fit {
            wish: self.shopper.wanted.by(at, input.now_ms).map(|(_, how)| how),
            there: verdict.location_allowed && verdict.present && !offer.places.is_empty(),
            distance_m: verdict.distance_m,
            affinity: affinity.map_or(0, |(_, percent)| percent),
            left_ms: verdict.ends_at_ms.map(|at| at.saturating_sub(input.now_ms)),
            value: offer.value,
        }
        .score();
    }

    /// The topic that the shopper is drawn to most of the offer's.
    pub(super) fn drawn_to<'o>(&self, offer: &'o Offer) -> Option<&'o str> {
        self.personal.as_ref()?.person.affinity(&offer.topics).map(|(topic, _)| topic)
    }

    /// What was shown, for looking up.
    pub(super) fn seen(&self) -> &Seen<'a> {
        self.seen.get_or_init(|| Seen::of(self.shopper.history))
    }

    /// The name of the offer's place where the shopper is; `None` elsewhere, and without consent.
    pub(super) fn here(&self, offer: &Offer) -> Option<&'a str> {
        let at = offer.places.iter().find(|place| self.is_at(place))?;
        self.input.catalogue.place(at).map(|place| place.name.as_str())
    }

    /// When the latest of the visits began by which the shopper is at one of the offer's places, wall clock; `None`
    /// elsewhere, and without consent.
    pub(super) fn here_since_ms(&self, offer: &Offer) -> Option<i64> {
        let is_of = |place: &str| offer.places.iter().any(|of| of == place);
        let within = |place: &str| ancestors(&self.input.catalogue.places, place).any(|around| is_of(&around.id));
        let visits = self.input.visits.iter().filter(|visit| self.is_at(&visit.place));
        visits.filter(|visit| is_of(&visit.place) || within(&visit.place)).map(|visit| visit.entered_at_ms).max()
    }

    /// Whether the shopper is at that place; not known without consent.
    pub(super) fn is_at(&self, place: &str) -> bool {
        self.presence.at.contains(place)
    }

    /// The catalogue's places, as somewhere to be.
    pub(super) fn sites(&self) -> &Sites<'a> {
        self.sites.get_or_init(|| Sites::new(self.input))
    }

    /// The offer's places, as somewhere to be; `None` where it is bound to none.
    pub(super) fn site(&self, offer: &Offer) -> Option<Site> {
        if offer.places.is_empty() { None } else { self.sites().any_of(offer) }
    }

    /// By what it can be known that the shopper is there; `Err` is the purpose that is missing.
    fn way_to(&self, site: Site) -> Result<Witness, PurposeKind> {
        site.way(self.presence.precise, self.presence.beacons)
    }

    /// The offer's places where being is enough now, and what would say that the shopper is there.
    pub(super) fn ways(&self, offer: &Offer) -> impl Iterator<Item = (&'a Place, Witness)> {
        let sites = self.sites().places(offer).map(|place| (place, self.sites().of(place)));
        let open = sites.filter(|(_, site)| site.stands == Stands::Open);
        open.filter_map(|(place, site)| Some((place, self.way_to(site).ok()?)))
    }

    /// The zone in which the hours of `offer` are meant, or those of its places.
    pub(super) fn zone_of<'o>(&self, offer: &'o Offer) -> Option<&'o TimeZone>
    where
        'a: 'o,
    {
        let own = offer.schedule.as_deref();
        own.or_else(|| self.sites().places(offer).find_map(|place| place.hours.as_deref())).map(Schedule::zone)
    }

    /// Whether beacons may be heard.
    pub(super) fn hears_beacons(&self) -> bool {
        self.presence.beacons
    }

    /// Whether positions may be looked at.
    pub(super) fn knows_positions(&self) -> bool {
        self.presence.precise
    }

    fn pseudonym(&self) -> &str {
        self.pseudonym.get_or_init(|| self.shopper.installation.to_string())
    }

    fn open_until(&self, hours: &Arc<Schedule>) -> Option<i64> {
        let mut known = self.hours.borrow_mut();
        *known.entry(Arc::as_ptr(hours)).or_insert_with(|| hours.open_until(self.input.now_ms))
    }

    fn distance_m(&self, offer: &Offer) -> Option<f64> {
        offer.places.iter().filter_map(|id| self.distance_to(id)).min_by(f64::total_cmp)
    }

    /// Metres to that place; `None` where either is not known.
    pub(super) fn distance_to(&self, place: &str) -> Option<f64> {
        distance_m(self.input, self.presence.position?, place)
    }
}
