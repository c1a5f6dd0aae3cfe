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
        let beacons =
            (0u32..).zip(&places).flat_map(|(at, place)| place.beacons.iter().map(move |beacon| (*beacon, at)));
        Self { beacons: beacons.collect(), places, index, furthest_approach_m }
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

    /// The place in which a beacon is heard.
    pub fn of_beacon(&self, beacon: &BeaconId) -> Option<&Place> {
        self.beacons.get(beacon).and_then(|at| self.places.get(*at as usize))
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
