//! By what a shopper can be known to be at a place, and whether that is open.
//!
//! A place is also where its parts are: whoever is in a zone is in its store and at its chain. None of it decides
//! anything: whoever is at no place of an offer does not see it. [`super::why`] and [`super::blockers`] say what would
//! change that.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::{DecisionInput, Offer};
use crate::consent::PurposeKind;
use crate::place::{Place, Witness, ancestors};

/// Hours of an offer and of its places that meet in no more turns than this are not said to meet at all.
const TURNS: usize = 16;

/// Whether a place is there; the later, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stands {
    /// It will not be there again.
    Over,
    /// It opens later.
    Closed,
    /// Now.
    Open,
}

/// A place, or several, as somewhere to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) stands: Stands,
    /// A position says who is there.
    pub(super) fence: bool,
    /// A beacon does.
    pub(super) beacons: bool,
    /// Nothing but its code does, for which nothing is asked.
    code: bool,
}

impl Site {
    fn of(place: &Place, now_ms: i64) -> Self {
        let stands = match place.open_until(now_ms) {
            Some(_) => Stands::Open,
            None if place.opens_after(now_ms).is_some() => Stands::Closed,
            None => Stands::Over,
        };
        let (fence, beacons) = (place.fence.is_some(), !place.beacons.is_empty());
        Self { stands, fence, beacons, code: !fence && !beacons }
    }

    /// Either of the two: of one that is closed nothing is asked while the other is open.
    fn or(self, other: Self) -> Self {
        match self.stands.cmp(&other.stands) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => Self {
                stands: self.stands,
                fence: self.fence || other.fence,
                beacons: self.beacons || other.beacons,
                code: self.code || other.code,
            },
        }
    }

    /// By what the shopper can be known to be there; `Err` is what they have to allow first.
    pub(super) fn way(self, precise: bool, beacons: bool) -> Result<Witness, PurposeKind> {
        match self {
            Self { fence: true, .. } if precise => Ok(Witness::Position),
            Self { beacons: true, .. } if beacons => Ok(Witness::Beacon),
            Self { code: true, .. } => Ok(Witness::CheckIn),
            Self { fence: true, .. } => Err(PurposeKind::PreciseLocation),
            Self { .. } => Err(PurposeKind::Beacons),
        }
    }
}

/// The places of a catalogue, as somewhere to be at one moment.
pub(super) struct Sites<'a> {
    input: &'a DecisionInput<'a>,
    parts: BTreeMap<&'a str, Vec<&'a Place>>,
    /// By address: many offers are at one place, and hours take long to read.
    known: RefCell<HashMap<*const Place, Site>>,
}

impl<'a> Sites<'a> {
    pub(super) fn new(input: &'a DecisionInput<'a>) -> Self {
        let places = &input.catalogue.places;
        let mut parts: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
        for place in places.iter().filter(|place| place.parent.is_some()) {
            ancestors(places, &place.id).for_each(|whole| parts.entry(&whole.id).or_default().push(place));
        }
        Self { input, parts, known: RefCell::default() }
    }

    /// The places of `offer`.
    pub(super) fn places(&self, offer: &Offer) -> impl Iterator<Item = &'a Place> {
        let catalogue = self.input.catalogue;
        offer.places.iter().filter_map(|id| catalogue.place(id))
    }

    /// Any of the places of `offer`; `None` where it has none.
    pub(super) fn any_of(&self, offer: &Offer) -> Option<Site> {
        self.places(offer).map(|place| self.of(place)).reduce(Site::or)
    }

    /// One place, with what is in it.
    pub(super) fn of(&self, place: &'a Place) -> Site {
        let now_ms = self.input.now_ms;
        let look = || self.family(place).map(|one| Site::of(one, now_ms)).reduce(Site::or);
        let mut known = self.known.borrow_mut();
        *known.entry(std::ptr::from_ref(place)).or_insert_with(|| look().unwrap_or_else(|| Site::of(place, now_ms)))
    }

    /// The first moment from `from_ms` on at which both `offer` and one of its places are open; `None` where it ends
    /// before that.
    pub(super) fn opens_from(&self, offer: &Offer, from_ms: i64) -> Option<i64> {
        let mut at_ms = from_ms;
        for _ in 0..TURNS {
            let own_ms = match offer.schedule.as_deref() {
                Some(hours) if hours.open_until(at_ms).is_none() => hours.opens_after(at_ms)?,
                Some(_) | None => at_ms,
            };
            let there_ms = self.places_open_from(offer, own_ms)?;
            if there_ms == own_ms {
                return offer.expires_at_ms.is_none_or(|ends| own_ms < ends).then_some(own_ms);
            }
            at_ms = there_ms;
        }
        None
    }

    fn places_open_from(&self, offer: &Offer, from_ms: i64) -> Option<i64> {
        let opens = |place: &Place| place.open_until(from_ms).map(|_| from_ms).or_else(|| place.opens_after(from_ms));
        let mut all = self.places(offer).flat_map(|place| self.family(place)).peekable();
        if all.peek().is_none() { Some(from_ms) } else { all.filter_map(opens).min() }
    }

    /// Where one is who is at `place`: there, or in what it has inside. What has parts and neither fence nor beacons
    /// is a chain, which is nowhere but in them.
    fn family(&self, place: &'a Place) -> impl Iterator<Item = &'a Place> {
        let parts = self.parts_of(place).iter().copied();
        std::iter::once(place).chain(parts).filter(|one| one.is_somewhere() || self.parts_of(one).is_empty())
    }

    fn parts_of(&self, place: &Place) -> &[&'a Place] {
        self.parts.get(place.id.as_str()).map(Vec::as_slice).unwrap_or_default()
    }
}
