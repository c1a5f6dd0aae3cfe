//! The places of a catalogue: by id, by where they are, and by what they are parts of.

use std::collections::BTreeMap;

use super::beacon::BeaconId;
use super::{FenceIndex, Place};

/// A zone in a store of a chain of a group is four deep; more is a mistake, or a circle.
pub(crate) const MAX_DEPTH: usize = 8;

/// All places of one catalogue. Built once and swapped whole.
#[derive(Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    index: FenceIndex,
    furthest_approach_m: u32,
    beacons: BTreeMap<BeaconId, u32>,
}

impl Places {
    /// Sorts and indexes the places; takes O(n log n).
    pub fn new(mut places: Vec<Place>) -> Self {
        places.sort_by(|a, b| a.id.cmp(&b.id));
        let index = FenceIndex::new((0u32..).zip(&places).filter_map(|(at, place)| Some((at, place.fence.as_ref()?))));
        let furthest_approach_m = places.iter().filter_map(|place| place.approach_m).max().unwrap_or(0);
        let beacons = (named_by(&places).into_iter())
            .filter_map(|(beacon, at)| Some((beacon, u32::try_from(standing(&places, &at).0?).ok()?)))
            .collect();
        Self { beacons, places, index, furthest_approach_m }
    }

    /// The places, sorted by id.
    pub fn all(&self) -> &[Place] {
        &self.places
    }

    /// Where in [`Places::all`] the place of that id stands.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.places.binary_search_by(|place| place.id.as_str().cmp(id)).ok()
    }

    /// The place of that id.
    pub fn get(&self, id: &str) -> Option<&Place> {
        self.position(id).and_then(|at| self.places.get(at))
    }

    /// The place in which a beacon is heard. Of one that several places name it is the part of all the
    /// others, else the nearest place that they are parts of: whoever hears it is somewhere in there.
    /// `None` where there is no such place, for then nobody knows where.
    pub fn of_beacon(&self, beacon: &BeaconId) -> Option<&Place> {
        self.beacons.get(beacon).and_then(|at| self.places.get(*at as usize))
    }

    /// Where someone is who is surely at the place of that id: there, and in what it is a part of, the
    /// outermost first. A chain, with neither fence nor beacons, is no place to be at.
    pub fn presence(&self, id: &str) -> Vec<&Place> {
        let own = self.get(id);
        let around = own.into_iter().flat_map(|_| ancestors(&self.places, id)).filter(|place| place.is_somewhere());
        let mut presence: Vec<&Place> = own.into_iter().chain(around).collect();
        presence.reverse();
        presence
    }

    /// Where they are; numbers are positions in [`Places::all`].
    pub fn index(&self) -> &FenceIndex {
        &self.index
    }

    /// The largest of their approach thresholds, metres.
    pub(super) fn furthest_approach_m(&self) -> f64 {
        f64::from(self.furthest_approach_m)
    }
}

/// A beacon that several places name of which none is a part of all the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedBeacon {
    /// Which.
    pub beacon: BeaconId,
    /// Ids of the places that name it, sorted.
    pub places: Vec<String>,
    /// The id of the place in which it is heard all the same: the nearest that they are parts of.
    pub heard_at: Option<String>,
}

/// The beacons whose place is hardly meant like that, among places sorted by id.
pub fn shared_beacons(places: &[Place]) -> Vec<SharedBeacon> {
    let id = |at: usize| places.get(at).map(|place| place.id.clone());
    let shared = |(beacon, named): (BeaconId, Vec<usize>)| {
        let (at, is_shared) = standing(places, &named);
        let names = || named.iter().filter_map(|at| id(*at)).collect();
        is_shared.then(|| SharedBeacon { beacon, places: names(), heard_at: at.and_then(id) })
    };
    named_by(places).into_iter().filter_map(shared).collect()
}

/// Which places name each beacon.
fn named_by(places: &[Place]) -> BTreeMap<BeaconId, Vec<usize>> {
    let mut named: BTreeMap<BeaconId, Vec<usize>> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        for beacon in &place.beacons {
            let by = named.entry(*beacon).or_default();
            if by.last() != Some(&at) {
                by.push(at);
            }
        }
    }
    named
}

/// Where a beacon stands that these places name, and whether that is in doubt.
fn standing(places: &[Place], named: &[usize]) -> (Option<usize>, bool) {
    if let [one] = named {
        return (Some(*one), false);
    }
    let position = |place: &Place| places.binary_search_by(|other| other.id.cmp(&place.id)).ok();
    let up = |at: &usize| {
        let around = places.get(*at).into_iter().flat_map(|place| ancestors(places, &place.id));
        std::iter::once(*at).chain(around.filter_map(position)).collect::<Vec<_>>()
    };
    let ways: Vec<Vec<usize>> = named.iter().map(up).collect();
    let [first, others @ ..] = ways.as_slice() else { return (None, false) };
    // Whoever has all the others above is in all of them.
    if let Some(inmost) = ways.iter().find(|way| named.iter().all(|at| way.contains(at))) {
        return (inmost.first().copied(), false);
    }
    let somewhere = |at: usize| places.get(at).is_some_and(Place::is_somewhere);
    let shared = first.iter().find(|at| somewhere(**at) && others.iter().all(|way| way.contains(at)));
    (shared.copied(), true)
}

/// The places that `id` is a part of, nearest first: of a zone its store, then the chain.
pub fn ancestors<'a>(places: &'a [Place], id: &str) -> impl Iterator<Item = &'a Place> + use<'a> {
    let find = |id: &str| places.binary_search_by(|place| place.id.as_str().cmp(id)).ok().and_then(|at| places.get(at));
    let parent = move |place: &&'a Place| find(place.parent.as_deref()?);
    std::iter::successors(find(id).and_then(|place| parent(&place)), parent).take(MAX_DEPTH)
}

/// What is wrong with the parents of places: by id, why. Empty when all of them lead to a root.
pub(crate) fn parent_flaws(places: &[Place]) -> BTreeMap<String, String> {
    places.iter().filter_map(|place| Some((place.id.clone(), parent_flaw(places, place)?))).collect()
}

fn parent_flaw(places: &[Place], place: &Place) -> Option<String> {
    place.parent.as_ref()?;
    let root = ancestors(places, &place.id).last().unwrap_or(place);
    let missing = root.parent.as_deref()?;
    Some(match places.binary_search_by(|place| place.id.as_str().cmp(missing)) {
        Ok(_) => format!("leads in a circle, or deeper than {MAX_DEPTH}"),
        Err(_) => format!("there is no good place {missing:?} in the catalogue"),
    })
}
