//! A shopper who walks and drives from place to place, a platform that watches what each plan says,
//! and an app that does what each wake says. Nobody enters a fence while nobody looks.
//!
//! Three hundred walks by default; `PATRON_CASES=1000000` for a night. A walk that fails is named by its seed.

use super::evidence::reach_m;
use super::geometry::Point;
use super::plan::{Limits, WakePlan, next_fix, outlined};
use super::{Circle, Places};

/// Positions are asked for at most so often; whoever enters meanwhile is seen then.
const SOONEST_S: f64 = 5.0;

/// Far below the margin of a plan.
const STEP_M: f64 = 20.0;

struct Shopper<'a> {
    places: &'a Places,
    limits: Limits,
    rng: fastrand::Rng,
    at: (f64, f64),
    accuracy_m: f64,
    speed_m_s: f64,
    now_s: f64,
    plan: WakePlan,
    /// Of each region, and last of the safe circle: the platform saw the shopper in it.
    inside: Vec<bool>,
    /// When the next position is due, while positions are followed.
    due_s: f64,
    /// Of each place: the shopper is there, …
    there: Vec<bool>,
    /// … and the app has seen that.
    seen: Vec<bool>,
}

impl<'a> Shopper<'a> {
    fn new(places: &'a Places, at: (f64, f64), accuracy_m: f64, limits: Limits, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let speed_m_s = [1.4, 3.0, 8.0, 25.0][rng.usize(..4)];
        let plan = WakePlan::new(places, at, accuracy_m, limits);
        let count = places.all().len();
        let (there, seen) = (vec![false; count], vec![false; count]);
        let (inside, now_s, due_s) = (Vec::new(), 0.0, 0.0);
        let mut shopper =
            Self { places, limits, rng, at, accuracy_m, speed_m_s, now_s, plan, inside, due_s, there, seen };
        shopper.there = shopper.are_there();
        shopper.look(true);
        shopper
    }

    /// The phone is turned on somewhere around `to`.
    fn appear(&mut self, to: (f64, f64)) {
        let (off_m, angle) = (200.0 + 2_000.0 * self.rng.f64(), std::f64::consts::TAU * self.rng.f64());
        self.at = moved(to, off_m * angle.sin(), off_m * angle.cos());
        self.now_s += 3_600.0;
        self.there = self.are_there();
        self.seen.fill(false);
        self.look(true);
    }

    fn are_there(&self) -> Vec<bool> {
        let here = Point::at(self.at.0, self.at.1);
        self.places.all().iter().map(|place| place.fence.as_ref().is_some_and(|f| f.edge_from(here) <= 0.0)).collect()
    }

    fn watched(&self) -> impl Iterator<Item = (&str, &Circle)> {
        let regions = self.plan.regions.iter().map(|region| (region.id.as_str(), &region.circle));
        regions.chain([(WakePlan::SAFE, &self.plan.safe)])
    }

    fn are_inside(&self) -> Vec<bool> {
        self.watched().map(|(_, circle)| circle.edge_m(self.at.0, self.at.1) <= 0.0).collect()
    }

    /// One position, off by no more than it says, and what the app does with it.
    fn look(&mut self, replan: bool) {
        let error_m = reach_m(self.accuracy_m);
        let (off_m, angle) = (error_m * 0.98 * self.rng.f64(), std::f64::consts::TAU * self.rng.f64());
        let fix = moved(self.at, off_m * angle.sin(), off_m * angle.cos());
        let here = Point::at(fix.0, fix.1);
        for (place, seen) in self.places.all().iter().zip(&mut self.seen) {
            let edge_m = place.fence.as_ref().map_or(f64::INFINITY, |fence| fence.edge_from(here));
            if edge_m.abs() >= error_m {
                *seen = edge_m < 0.0;
            }
        }
        let outdated = if self.plan.looking.is_some() {
            WakePlan::new(self.places, fix, self.accuracy_m, self.limits).looking.is_none()
        } else {
            self.plan.is_spent(fix.0, fix.1, self.accuracy_m) || self.plan.is_entered(self.places, fix, self.accuracy_m)
        };
        if replan || outdated {
            self.plan = WakePlan::new(self.places, fix, self.accuracy_m, self.limits);
            self.inside = self.are_inside();
        }
        self.due_s = self.now_s + next_fix(self.places, fix, self.accuracy_m, Some(self.speed_m_s)).as_secs_f64();
    }

    /// Goes on, and tells which place was entered while nobody looked.
    fn step(&mut self, north: f64, east: f64) -> Result<(), String> {
        self.at = moved(self.at, north * STEP_M, east * STEP_M);
        self.now_s += STEP_M / self.speed_m_s;
        let (inside, there) = (self.are_inside(), self.are_there());
        let crossed: Vec<usize> = (0..inside.len()).filter(|at| inside[*at] != self.inside[*at]).collect();
        for (at, place) in self.places.all().iter().enumerate().filter(|(at, _)| there[*at] && !self.there[*at]) {
            // At the door, if the region is no larger than the place.
            let wakes = self
                .plan
                .regions
                .iter()
                .enumerate()
                .any(|(r, region)| region.places.contains(&at) && crossed.contains(&r));
            let looks = self.plan.looking.is_some() && self.due_s <= self.now_s + SOONEST_S;
            if !wakes && !looks && !self.seen[at] {
                let care = self.plan.care(self.places)[at];
                let (looking, next_s) = (self.plan.looking, self.due_s - self.now_s);
                return Err(format!(
                    "{} was entered in silence: {care:?}, {looking:?}, the next position in {next_s:.0} s",
                    place.id
                ));
            }
        }
        (self.inside, self.there) = (inside, there);
        let wakes: Vec<bool> = crossed
            .into_iter()
            .filter_map(|at| self.watched().nth(at))
            .map(|(region, _)| self.plan.woke(region).replan)
            .collect();
        if !wakes.is_empty() {
            self.look(wakes.contains(&true));
        } else if self.plan.looking.is_some() && self.due_s <= self.now_s {
            self.look(false);
        }
        Ok(())
    }
}

/// Nobody walks further from one place to the next: the phone is off on the way, and the first plan is made there.
const FAR_M: f64 = 4_000.0;

fn moved((latitude, longitude): (f64, f64), north_m: f64, east_m: f64) -> (f64, f64) {
    let degree_m = 111_320.0 * latitude.to_radians().cos();
    (latitude + north_m / 111_320.0, (longitude + east_m / degree_m + 540.0).rem_euclid(360.0) - 180.0)
}

/// From one place to another, and to nowhere in between. Answers how many were entered.
fn walk(seed: u64) -> Result<usize, String> {
    let (places, here, accuracy_m) = outlined(seed);
    if places.all().is_empty() || here.0.abs() > 80.0 {
        // Around a pole a step north is none.
        return Ok(0);
    }
    let limits = if seed.is_multiple_of(2) { Limits::IOS } else { Limits::ANDROID };
    let mut shopper = Shopper::new(&places, here, accuracy_m.min(100.0), limits, seed);
    let (mut entered, mut steps) = (0, 0);
    while steps < 800 {
        let place = &places.all()[shopper.rng.usize(..places.all().len())];
        let to = place.fence.as_ref().expect("a fence").around();
        let aside = |rng: &mut fastrand::Rng| (rng.f64() - 0.5) * 3.0 * to.radius_m;
        let (north_m, east_m) = (aside(&mut shopper.rng), aside(&mut shopper.rng));
        let to = moved((to.latitude, to.longitude), north_m, east_m);
        let around = Circle { latitude: to.0, longitude: to.1, radius_m: FAR_M };
        if around.edge_m(shopper.at.0, shopper.at.1) > 0.0 {
            shopper.appear(to);
        }
        let north_m = (to.0 - shopper.at.0) * 111_320.0;
        let east = (to.1 - shopper.at.1 + 540.0).rem_euclid(360.0) - 180.0;
        let east_m = east * 111_320.0 * shopper.at.0.to_radians().cos();
        let way_m = north_m.hypot(east_m).max(1.0);
        for _ in 0..((way_m / STEP_M).ceil() as usize).min(400) {
            let before = shopper.there.iter().filter(|there| **there).count();
            shopper.step(north_m / way_m, east_m / way_m).map_err(|why| format!("seed {seed}, step {steps}: {why}"))?;
            entered += shopper.there.iter().filter(|there| **there).count().saturating_sub(before);
            steps += 1;
        }
    }
    Ok(entered)
}

#[test]
fn nobody_who_moves_from_plan_to_plan_enters_a_place_while_nobody_looks() {
    let cases = std::env::var("PATRON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    let walks: Vec<_> = (0..cases).map(walk).collect();
    let violations: Vec<&String> = walks.iter().filter_map(|walk| walk.as_ref().err()).collect();
    assert!(violations.is_empty(), "{} of {cases} walks: {violations:#?}", violations.len());
    let entered: usize = walks.into_iter().flatten().sum();
    assert!(entered as u64 > cases, "{entered} places entered in {cases} walks");
}
