//! Plans what the platform should watch while the app sleeps, and when to look again.
//!
//! Platforms watch a few circles: 20 on an iPhone, 100 on Android. The plan chooses at most that
//! many, and a safe circle around the shopper whose exit asks for the next plan, so that *every
//! fence is monitored, covered by a region, or outside the safe circle with margin*; a test and a
//! benchmark hold it to that. Where a region would begin around the shopper, nobody would be told
//! of entering it: the plan says then that positions must be asked for. Pure; a wake is a hint to
//! look, never a visit.

use std::time::Duration;

#[cfg(any(test, feature = "simulation"))]
use super::Fence;
use super::evidence::reach_m;
use super::geometry::Point;
use super::{Circle, Places};

/// What a platform can watch at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Regions, the safe circle apart.
    pub regions: u32,
    /// A smaller region wakes nobody, or late; metres.
    pub least_radius_m: f64,
}

impl Limits {
    /// Apple watches 20: 18, the safe circle, and one for the app.
    pub const IOS: Self = Self { regions: 18, least_radius_m: 100.0 };
    /// Android watches 100 for an app: 95, the safe circle, and four for the app.
    pub const ANDROID: Self = Self { regions: 95, least_radius_m: 100.0 };

    fn most(&self) -> usize {
        // Among more fences than the horizon has there is nothing left to share.
        (self.regions as usize).min(HORIZON)
    }
}

/// Between the safe circle and the nearest fence that nobody watches: a wake comes late, and
/// circles are as good as the platform's position.
pub const MARGIN_M: f64 = 100.0;

/// A safe circle of this radius lasts a walk of a quarter of an hour. Where watching each fence by
/// itself leaves less, regions share.
pub(super) const WANTED_M: f64 = 1_500.0;

/// No safe circle is larger: catalogues change, and a day's drive should ask anew.
const MOST_M: f64 = 50_000.0;

/// So many fences are looked at; those beyond lie outside.
const HORIZON: usize = 512;

/// A region for the platform to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// To be handed back to [`WakePlan::woke`]: `fence:` and the place's id, or `cover:` and a number.
    pub id: String,
    /// What to watch.
    pub circle: Circle,
    /// The places whose fences lie in it, as positions in [`Places::all`].
    pub places: Vec<usize>,
}

impl Region {
    /// Whether someone within `error_m` of `here` may be in it already, and not surely at its place.
    fn is_around(&self, places: &Places, here: Point, error_m: f64) -> bool {
        if self.circle.centre().distance_m(here) - self.circle.radius_m > error_m {
            return false;
        }
        match self.places.as_slice() {
            // Leaving is told, and nothing else can happen to someone who is in.
            [one] => {
                let fence = places.all().get(*one).and_then(|place| place.fence.as_ref());
                fence.is_none_or(|fence| fence.edge_from(here) > -error_m)
            }
            _ => true,
        }
    }
}

/// How a fence is taken care of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Care {
    /// By this region alone, as a position in [`WakePlan::regions`].
    Monitored(usize),
    /// Together with others by this region.
    Covered(usize),
    /// Outside the safe circle, whose exit asks for the next plan.
    Outside,
}

/// Why positions must be asked for: a wake alone would miss something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looking {
    /// The shopper may be in a region already that has just been set.
    InRegion,
    /// Fences are so many and so near that no safe circle is left.
    Crowded,
    /// The position is too poor for the distances here.
    Unsure,
}

/// What to watch, and around what.
#[derive(Debug, Clone, PartialEq)]
pub struct WakePlan {
    /// At most as many as the platform can watch.
    pub regions: Vec<Region>,
    /// Leaving it asks for the next plan. Its id for the platform is [`WakePlan::SAFE`].
    pub safe: Circle,
    /// Positions are needed too, until a plan without this.
    pub looking: Option<Looking>,
}

/// What a wake is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wake {
    /// Ask for a position now: only that makes a visit.
    pub look: bool,
    /// Plan anew with it.
    pub replan: bool,
}

impl WakePlan {
    /// The id of the safe circle.
    pub const SAFE: &'static str = "safe";

    /// Plans around a position in degrees of this accuracy (68 %, metres).
    ///
    /// Takes some 100 µs among 10,000 fences.
    pub fn new(places: &Places, (latitude, longitude): (f64, f64), accuracy_m: f64, limits: Limits) -> Self {
        let here = Point::at(latitude, longitude);
        let error_m = reach_m(accuracy_m);
        let nearest = places.index().nearest(latitude, longitude, HORIZON + 1);
        let free_m = |first: usize| nearest.get(first).map_or(MOST_M, |(_, edge_m)| (edge_m - MARGIN_M).min(MOST_M));
        let mut watched = nearest.len().min(limits.most());
        if free_m(watched) < WANTED_M {
            watched = nearest.iter().take_while(|(_, edge_m)| *edge_m < WANTED_M + MARGIN_M).count().min(HORIZON);
        }
        let regions = regions(places, nearest.get(..watched).unwrap_or_default(), limits);
        let safe_m = free_m(watched);
        let least_m = limits.least_radius_m.max(error_m + MARGIN_M);
        let looking = if safe_m < least_m {
            Some(if error_m > WANTED_M { Looking::Unsure } else { Looking::Crowded })
        } else {
            regions.iter().any(|region| region.is_around(places, here, error_m)).then_some(Looking::InRegion)
        };
        let safe = Circle { latitude, longitude, radius_m: safe_m.max(limits.least_radius_m) };
        Self { regions, safe, looking }
    }

    /// How each of these places is taken care of; `None` for one without a fence.
    pub fn care(&self, places: &Places) -> Vec<Option<Care>> {
        let mut care: Vec<_> = places.all().iter().map(|place| place.fence.as_ref().map(|_| Care::Outside)).collect();
        for (at, region) in self.regions.iter().enumerate() {
            let how = if region.places.len() == 1 { Care::Monitored(at) } else { Care::Covered(at) };
            for place in &region.places {
                if let Some(slot) = care.get_mut(*place) {
                    *slot = Some(how);
                }
            }
        }
        care
    }

    /// Whether someone at a position of this accuracy may have come into a region, and is not surely at
    /// its place: entering the region is over then, and nobody would be told of entering the place.
    pub(crate) fn is_entered(&self, places: &Places, (latitude, longitude): (f64, f64), accuracy_m: f64) -> bool {
        let (here, error_m) = (Point::at(latitude, longitude), reach_m(accuracy_m));
        self.regions.iter().any(|region| region.is_around(places, here, error_m))
    }

    /// What to do now that the platform woke the app for a region. One that is not of this plan is
    /// left over from an earlier one.
    pub fn woke(&self, region: &str) -> Wake {
        match self.regions.iter().find(|known| known.id == region) {
            Some(known) => Wake { look: true, replan: known.places.len() > 1 },
            None => Wake { look: true, replan: true },
        }
    }
}

/// A region for each fence, or for several: the nearest half keep one each, the others share.
fn regions(places: &Places, fences: &[(usize, f64)], limits: Limits) -> Vec<Region> {
    let around = |at: usize| places.all().get(at).and_then(|place| Some((place, place.fence.as_ref()?.around())));
    let alone = |(at, _): &(usize, f64)| {
        let (place, circle) = around(*at)?;
        let radius_m = circle.radius_m.max(limits.least_radius_m);
        Some(Region { id: format!("fence:{}", place.id), circle: Circle { radius_m, ..circle }, places: vec![*at] })
    };
    let most = limits.most();
    if fences.len() <= most {
        return fences.iter().filter_map(alone).collect();
    }
    let (near, far) = fences.split_at(most / 2);
    let mut regions: Vec<Region> = near.iter().filter_map(alone).collect();
    let far: Vec<(usize, Circle, Point)> =
        far.iter().filter_map(|(at, _)| around(*at).map(|(_, circle)| (*at, circle, circle.centre()))).collect();
    // Gonzalez: each next seed is what lies furthest from all before; at most twice the best there is.
    let mut nearest_seed: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); far.len()];
    let mut seeds = vec![0];
    for seed in 0..most - near.len() {
        let Some(centre) = seeds.get(seed).and_then(|at| far.get(*at)).map(|(_, _, centre)| *centre) else { break };
        for ((_, circle, point), slot) in far.iter().zip(&mut nearest_seed) {
            let reach_m = centre.distance_m(*point) + circle.radius_m;
            if reach_m < slot.0 {
                *slot = (reach_m, seed);
            }
        }
        let furthest = (0..far.len()).max_by(|a, b| nearest_seed[*a].0.total_cmp(&nearest_seed[*b].0));
        seeds.extend(furthest.filter(|at| !seeds.contains(at)));
    }
    for (seed, at) in seeds.iter().enumerate().take(most - near.len()) {
        let of_seed = || far.iter().zip(&nearest_seed).filter(move |(_, (_, nearest))| *nearest == seed);
        let reach_m = of_seed().map(|(_, (reach_m, _))| *reach_m).fold(limits.least_radius_m, f64::max);
        let members: Vec<usize> = of_seed().map(|((at, _, _), _)| *at).collect();
        if let Some((_, circle, _)) = far.get(*at).filter(|_| !members.is_empty()) {
            // A metre for what distances leave open.
            let circle = Circle { radius_m: reach_m + 1.0, ..*circle };
            regions.push(Region { id: format!("cover:{seed}"), circle, places: members });
        }
    }
    regions
}

/// Nobody is asked for a position more often than this …
const SOONEST: Duration = Duration::from_secs(5);
/// … or less often, while positions are followed at all: the last one says for ten minutes where the shopper is, and the
/// next may be a while in coming.
const LATEST: Duration = Duration::from_secs(480);
/// Someone who runs for a bus. Whoever was faster a moment ago may stay so.
pub(super) const RUNNING_M_S: f64 = 3.0;

/// When the next position is due: when the nearest boundary could be reached, on either side of it.
///
/// `speed_m_s` is how fast the shopper was seen to be, if that is known.
pub fn next_fix(
    places: &Places,
    (latitude, longitude): (f64, f64),
    accuracy_m: f64,
    speed_m_s: Option<f64>,
) -> Duration {
    let mut count = 32;
    let boundary_m = loop {
        let nearest = places.index().nearest(latitude, longitude, count);
        let boundary_m = nearest.iter().map(|(_, edge_m)| edge_m.abs()).fold(f64::INFINITY, f64::min);
        // Those that hold the shopper come first, and in a crowd they may be all of them.
        if nearest.len() < count || nearest.last().is_some_and(|(_, edge_m)| *edge_m >= boundary_m) {
            break boundary_m;
        }
        count *= 4;
    };
    let way_m = (boundary_m - reach_m(accuracy_m)).max(0.0);
    let seconds = way_m / speed_m_s.unwrap_or(0.0).max(RUNNING_M_S);
    Duration::from_secs_f64(seconds.clamp(SOONEST.as_secs_f64(), LATEST.as_secs_f64()))
}

/// What of the promise a plan breaks, in words; for tests and benchmarks, which check it their own way.
#[cfg(any(test, feature = "simulation"))]
#[doc(hidden)]
pub fn violation(plan: &WakePlan, places: &Places, limits: Limits) -> Option<String> {
    if plan.regions.len() > limits.most() {
        return Some(format!("{} regions", plan.regions.len()));
    }
    let centre = (plan.safe.latitude, plan.safe.longitude);
    for (place, care) in places.all().iter().zip(plan.care(places)) {
        let (Some(fence), Some(care)) = (&place.fence, care) else { continue };
        let around = fence.around();
        let held = |region: usize| {
            let circle = plan.regions[region].circle;
            let corners = match fence {
                Fence::Circle(_) => Vec::new(),
                Fence::Area(area) => area.edges().collect(),
            };
            circle.distance_m(around.latitude, around.longitude) + around.radius_m <= circle.radius_m + 0.5
                && corners.iter().flatten().all(|at| circle.distance_m(at.0, at.1) <= circle.radius_m + 0.5)
        };
        let edge_m = fence.edge_m(centre.0, centre.1);
        let kept = match care {
            Care::Monitored(region) | Care::Covered(region) => held(region),
            // Where no safe circle is left, the plan has to say so.
            Care::Outside => {
                let none_left = matches!(plan.looking, Some(Looking::Crowded | Looking::Unsure));
                edge_m >= plan.safe.radius_m + MARGIN_M - 0.5 || none_left
            }
        };
        if !kept {
            return Some(format!("{}: {care:?}, {edge_m:.0} m from the centre of {:?}", place.id, plan.safe));
        }
    }
    None
}

/// [`layout`], with polygons, some with holes and some in two parts, in place of every third circle.
#[cfg(any(test, feature = "simulation"))]
#[doc(hidden)]
pub fn outlined(seed: u64) -> (Places, (f64, f64), f64) {
    let (places, here, accuracy_m) = layout(seed);
    let mut rng = fastrand::Rng::with_seed(!seed);
    let mut outline = |circle: Circle| {
        let ring = |rng: &mut fastrand::Rng, scale: f64, east_m: f64| {
            let corners = rng.usize(3..9);
            let at = |corner: usize| {
                let angle = std::f64::consts::TAU * corner as f64 / corners as f64;
                let reach_m = circle.radius_m * scale * (0.6 + 0.4 * rng.f64());
                let latitude = circle.latitude + reach_m * angle.sin() / 111_320.0;
                let degree_m = 111_320.0 * latitude.to_radians().cos().max(1e-4);
                let longitude = circle.longitude + (reach_m * angle.cos() + east_m) / degree_m;
                ((longitude + 540.0).rem_euclid(360.0) - 180.0, latitude.clamp(-90.0, 90.0))
            };
            (0..corners).map(at).collect::<Vec<_>>()
        };
        let mut first = vec![ring(&mut rng, 1.0, 0.0)];
        if rng.bool() {
            first.push(ring(&mut rng, 0.2, 0.0));
        }
        let mut polygons = vec![first];
        if rng.bool() {
            polygons.push(vec![ring(&mut rng, 0.8, 2.5 * circle.radius_m)]);
        }
        // Around a pole, or where a hole touches the rim, it may be refused.
        super::Area::new(&polygons).ok()
    };
    let each = |(at, place): (usize, &super::Place)| match &place.fence {
        Some(Fence::Circle(circle)) if at % 3 == 0 => {
            super::Place { fence: outline(*circle).map(Fence::from).or(place.fence.clone()), ..place.clone() }
        }
        _ => place.clone(),
    };
    (Places::new(places.all().iter().enumerate().map(each).collect()), here, accuracy_m)
}

/// A layout of fences and a position among them, from a seed: towns, poles, the antimeridian, and
/// now and then 500 fences in a kilometre.
#[cfg(any(test, feature = "simulation"))]
#[doc(hidden)]
pub fn layout(seed: u64) -> (Places, (f64, f64), f64) {
    use super::Place;
    let mut rng = fastrand::Rng::with_seed(seed);
    let pick = rng.usize(..20);
    let centre = match pick {
        0 => (89.99 - 0.02 * rng.f64(), 360.0 * rng.f64() - 180.0),
        1 => (-90.0 + 0.02 * rng.f64(), 360.0 * rng.f64() - 180.0),
        2 => (120.0 * rng.f64() - 60.0, if rng.bool() { 179.99 } else { -179.99 }),
        _ => (140.0 * rng.f64() - 70.0, 360.0 * rng.f64() - 180.0),
    };
    let count = if rng.usize(..200) == 0 { 500 } else { rng.usize(..60) };
    // From a street to a region.
    let spread_m = if count == 500 { 500.0 } else { 10f64.powf(2.0 + 3.5 * rng.f64()) };
    let somewhere = |rng: &mut fastrand::Rng, spread_m: f64| {
        let (north_m, east_m) = ((rng.f64() * 2.0 - 1.0) * spread_m, (rng.f64() * 2.0 - 1.0) * spread_m);
        let latitude: f64 = (centre.0 + north_m / 111_320.0).clamp(-90.0, 90.0);
        let east = east_m / (111_320.0 * latitude.to_radians().cos().max(1e-4));
        (latitude, (centre.1 + east + 540.0).rem_euclid(360.0) - 180.0)
    };
    let places = (0..count)
        .map(|at| {
            let (latitude, longitude) = somewhere(&mut rng, spread_m);
            let radius_m = 10f64.powf(1.0 + 2.5 * rng.f64() * rng.f64());
            Place::new(format!("{at:03}"), "", Circle { latitude, longitude, radius_m })
        })
        .collect();
    let here = somewhere(&mut rng, spread_m * 1.5);
    (Places::new(places), here, 10f64.powf(0.5 + 2.5 * rng.f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn shops(north_m: impl IntoIterator<Item = f64>) -> Places {
        let place = |(at, north_m): (usize, f64)| {
            let circle = Circle { latitude: 60.0 + north_m / 111_412.0, longitude: 25.0, radius_m: 50.0 };
            Place::new(format!("{at:03}"), "", circle)
        };
        Places::new(north_m.into_iter().enumerate().map(place).collect())
    }

    const HERE: (f64, f64) = (60.0, 25.0);

    /// `PATRON_CASES` for more.
    fn cases(usual: u64) -> u64 {
        std::env::var("PATRON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
    }

    #[test]
    fn every_fence_is_monitored_covered_or_outside_with_margin() {
        let mut areas = 0;
        for seed in 0..cases(2_000) {
            for (places, here, accuracy_m) in [layout(seed), outlined(seed)] {
                areas += places.all().iter().filter(|place| matches!(place.fence, Some(Fence::Area(_)))).count();
                for limits in [Limits::IOS, Limits::ANDROID] {
                    let plan = WakePlan::new(&places, here, accuracy_m, limits);
                    assert_eq!(violation(&plan, &places, limits), None, "seed {seed}");
                }
            }
        }
        assert!(areas > 1_000, "{areas}");
    }

    #[test]
    fn few_fences_are_watched_one_by_one() {
        let places = shops([1_000.0, 2_000.0, 90_000.0]);
        let plan = WakePlan::new(&places, HERE, 10.0, Limits::IOS);
        assert_eq!(plan.regions.len(), 3);
        assert!(plan.looking.is_none() && plan.safe.radius_m == MOST_M);
        assert_eq!(plan.care(&places)[1], Some(Care::Monitored(1)));
        assert_eq!(plan.woke("fence:000"), Wake { look: true, replan: false });
        assert_eq!(plan.woke(WakePlan::SAFE), Wake { look: true, replan: true });
    }

    #[test]
    fn what_lies_beyond_the_safe_circle_waits_for_the_next_plan() {
        let places = shops((1..=100).map(|i| f64::from(i) * 500.0));
        let plan = WakePlan::new(&places, HERE, 10.0, Limits::IOS);
        assert_eq!(plan.regions.len(), 18);
        assert!((plan.safe.radius_m - (19.0 * 500.0 - 50.0 - MARGIN_M)).abs() < 1.0);
        assert_eq!(plan.care(&places)[18], Some(Care::Outside));
    }

    #[test]
    fn a_crowd_shares_regions_and_whoever_is_in_one_is_looked_for() {
        let places = shops((0..500).map(|i| 2.0 * f64::from(i)));
        let plan = WakePlan::new(&places, HERE, 10.0, Limits::IOS);
        assert!(plan.regions.len() == 18 && plan.regions.iter().any(|region| region.places.len() > 10));
        assert_eq!(plan.looking, Some(Looking::InRegion));
        let far = WakePlan::new(&places, (59.99, 25.0), 10.0, Limits::IOS);
        assert_eq!(far.looking, None, "a kilometre away nobody looks");
    }

    #[test]
    fn a_position_as_poor_as_the_safe_circle_makes_none() {
        let places = shops((1..=600).map(|i| f64::from(i) * 3.0 + 300.0));
        assert_eq!(WakePlan::new(&places, HERE, 2_000.0, Limits::IOS).looking, Some(Looking::Unsure));
    }

    #[test]
    fn the_next_position_is_due_when_a_boundary_could_be_reached() {
        let places = shops([1_000.0]);
        let due = |north_m: f64, speed| next_fix(&places, (60.0 + north_m / 111_412.0, 25.0), 10.0, speed).as_secs();
        assert!((due(0.0, None) as f64 - (950.0 - 20.0) / 3.0).abs() < 3.0);
        assert_eq!(due(0.0, Some(30.0)), 31);
        assert_eq!((due(940.0, None), due(-90_000.0, None)), (5, 480));
        assert!(due(1_000.0, None) <= 10, "and so is the way out");
        // Forty fences deep, and a small one 30 m ahead.
        let deep = |at: usize| {
            let radius_m = if at == 40 { 20.0 } else { 5_000.0 };
            let latitude = if at == 40 { 60.0 + 80.0 / 111_412.0 } else { 60.0 };
            Place::new(format!("{at:03}"), "", Circle { latitude, longitude: 25.0, radius_m })
        };
        let crowd = Places::new((0..41).map(deep).collect());
        assert!(next_fix(&crowd, HERE, 10.0, None).as_secs() <= 14, "also among many that hold the shopper");
        assert_eq!(next_fix(&Places::default(), HERE, 10.0, None), LATEST);
    }
}
