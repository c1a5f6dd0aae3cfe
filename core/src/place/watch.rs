//! What an app hands to its platform's geofencing, in the platform's terms.
//!
//! Decides nothing: [`super::plan`] does. Here a plan is put into words that cross to the app, and
//! is held against where the shopper is by now.

use std::time::Duration;

use super::evidence::reach_m;
use super::geometry::Point;
use super::plan::{Looking, RUNNING_M_S, WANTED_M, WakePlan, next_fix};
use super::{Circle, Places};

/// A circle for the platform to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct WakeRegion {
    /// To be handed back to [`crate::Patron::woke`].
    pub id: String,
    /// Degrees, WGS 84.
    pub latitude: f64,
    /// Degrees, WGS 84.
    pub longitude: f64,
    /// Metres.
    pub radius_m: f64,
    /// Ids of the places whose fences lie in it: one that is monitored by itself, or several that
    /// are covered together. Empty for the safe circle.
    pub places: Vec<String>,
}

/// What to watch while the app sleeps, and why that is enough.
///
/// Every fence is monitored by a region alone, covered by one together with others, or outside the
/// safe circle; see [`super::plan`].
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Watch these, in place of all that was watched before: entering and leaving.
    pub regions: Vec<WakeRegion>,
    /// Watch that it is left; then ask for the next plan.
    pub safe: WakeRegion,
    /// So many fences lie outside the safe circle and are not watched.
    pub outside: u32,
    /// Positions are needed too, until a plan without this: a wake alone would miss something.
    pub looking: Option<Looking>,
    /// The next position is due in so long, while positions are followed.
    pub next_fix: Duration,
}

impl Plan {
    /// The plan in the platform's terms, made at a position of this accuracy (68 %, metres).
    pub(crate) fn new(plan: &WakePlan, places: &Places, next_fix: Duration) -> Self {
        let name = |at: &usize| places.all().get(*at).map(|place| place.id.clone());
        let regions: Vec<WakeRegion> = (plan.regions.iter())
            .map(|region| region_of(&region.id, region.circle, region.places.iter().filter_map(name).collect()))
            .collect();
        let watched: usize = regions.iter().map(|region| region.places.len()).sum();
        let fences = places.all().iter().filter(|place| place.fence.is_some()).count();
        Self {
            safe: region_of(WakePlan::SAFE, plan.safe, Vec::new()),
            outside: u32::try_from(fences.saturating_sub(watched)).unwrap_or(u32::MAX),
            looking: plan.looking,
            next_fix,
            regions,
        }
    }
}

fn region_of(id: &str, circle: Circle, places: Vec<String>) -> WakeRegion {
    let Circle { latitude, longitude, radius_m } = circle;
    WakeRegion { id: id.to_owned(), latitude, longitude, radius_m, places }
}

/// A position on the move: where the shopper was last seen and how fast that was reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pace {
    latitude: f64,
    longitude: f64,
    accuracy_m: f64,
    mono_ms: u64,
    speed_m_s: Option<f64>,
}

impl Pace {
    /// A position at a moment of the monotonic clock, after the one before.
    pub(crate) fn after(
        before: Option<Self>,
        (latitude, longitude): (f64, f64),
        accuracy_m: f64,
        mono_ms: u64,
    ) -> Self {
        let speed_m_s = before.and_then(|before| {
            let elapsed_ms = mono_ms.checked_sub(before.mono_ms).filter(|ms| (1..=600_000).contains(ms))?;
            let way_m = Point::at(before.latitude, before.longitude).distance_m(Point::at(latitude, longitude));
            // What the receivers' errors may account for is no movement.
            let surely_m = (way_m - before.accuracy_m.hypot(accuracy_m)).max(0.0);
            Some(surely_m * 1_000.0 / elapsed_ms as f64)
        });
        Self { latitude, longitude, accuracy_m, mono_ms, speed_m_s }
    }

    /// When the next position is due; see [`next_fix`].
    pub(crate) fn next_fix(&self, places: &Places) -> Duration {
        next_fix(places, (self.latitude, self.longitude), self.accuracy_m, self.speed_m_s)
    }
}

/// An accuracy beyond all distances between stores: the shopper may be anywhere.
const ANYWHERE_M: f64 = 1e6;

/// What the accuracy of a position, metres, has become after `age`: the shopper may have gone on, at a run or as fast
/// as seen before. `None`: nobody knows how long ago it was.
pub(crate) fn accuracy_after(accuracy_m: f64, age: Option<Duration>, pace: Option<Pace>) -> f64 {
    let speed_m_s = pace.and_then(|pace| pace.speed_m_s).unwrap_or(0.0).max(RUNNING_M_S);
    age.map_or(ANYWHERE_M, |age| (accuracy_m + speed_m_s * age.as_secs_f64()).min(ANYWHERE_M))
}

impl WakePlan {
    /// Whether someone at a position of this accuracy may have left the safe circle.
    pub(crate) fn is_spent(&self, latitude: f64, longitude: f64, accuracy_m: f64) -> bool {
        self.safe.edge_m(latitude, longitude) + reach_m(accuracy_m) >= 0.0
    }

    /// Whether someone has come so far from where it was made that other fences are the nearest.
    pub(crate) fn is_left_behind(&self, latitude: f64, longitude: f64) -> bool {
        self.safe.centre().distance_m(Point::at(latitude, longitude)) >= WANTED_M
    }
}
