//! What a receiver's noise alone does at a fence: phones that lie still, and people who walk
//! through. For tests, benchmarks and pictures; no app has it.
//!
//! The noise is that of [`super::noise`], seeded, so that a number here is the same tomorrow. Beside Patron's rule stand
//! those of others, re-expressed from their public sources, under the same noise.

use uuid::Uuid;

use super::evidence::{Bounds, Evidence, Sign};
use super::noise::{ACCURACY_SIGMAS, Noise};
use super::{Circle, Fix, FixInput, Place, TransitionKind, VisitTracker};
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};

const CENTRE: (f64, f64) = (60.0, 25.0);
const DEGREE_M: (f64, f64) = (111_412.0, 55_800.0);
/// Seconds between fixes.
const STEP_S: f64 = 10.0;
/// Metres a second.
const WALK_M_S: f64 = 1.4;

/// Whose rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// This one's.
    Patron,
    /// Inside or outside, as the fix says.
    Naive,
    /// As the fix says too, but none of an accuracy from 1,000 m on: radar-sdk-ios,
    /// `RadarOfflineManager` behind the filter of `RadarLocationManager`.
    Radar,
    /// In at the radius, out a tenth of it and at least 20 m further: Tracelet's
    /// `geofence_evaluator`.
    Tracelet,
    /// This one's with other bounds: one of [`Rule::TRIED`], by its place there.
    Tried(u8),
}

/// Other bounds, each in words; the first are those that hold.
const TRIED: [(&str, Bounds); 9] = {
    let chosen = Bounds::CHOSEN;
    [
        ("left −2.3, sure 2.0", chosen),
        ("left −1.8, sure 3.0", Bounds { exit: -1.8, sure_inside: 3.0, ..chosen }),
        ("left −1.8, sure 2.5", Bounds { exit: -1.8, sure_inside: 2.5, ..chosen }),
        ("left −1.8, sure 2.0", Bounds { exit: -1.8, ..chosen }),
        ("left −1.8, sure 2.0, forgets in 20 s", Bounds { exit: -1.8, memory_s: 20.0, ..chosen }),
        ("left −2.3, arrived from 0.6 on", Bounds { enter: 0.6, ..chosen }),
        ("left −2.0, sure 2.2", Bounds { exit: -2.0, sure_inside: 2.2, ..chosen }),
        ("left −2.0, sure 1.8", Bounds { exit: -2.0, sure_inside: 1.8, ..chosen }),
        ("left −2.6, sure 2.0", Bounds { exit: -2.6, ..chosen }),
    ]
};

impl Rule {
    /// This one's with other bounds than those that hold.
    pub const TRIED: [Self; 8] = [
        Self::Tried(1),
        Self::Tried(2),
        Self::Tried(3),
        Self::Tried(4),
        Self::Tried(5),
        Self::Tried(6),
        Self::Tried(7),
        Self::Tried(8),
    ];

    /// All of them, ours first.
    pub const ALL: [Self; 4] = [Self::Patron, Self::Naive, Self::Radar, Self::Tracelet];

    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patron => "Patron",
            Self::Naive => "as the fix says",
            Self::Radar => "Radar's rule",
            Self::Tracelet => "Tracelet's rule",
            Self::Tried(which) => TRIED.get(usize::from(which)).map_or("unknown", |(name, _)| name),
        }
    }
}

/// A phone, what its receiver makes of where it is, and one rule.
#[derive(Debug)]
struct Phone {
    rule: Rule,
    tracker: VisitTracker,
    /// For the rules of others, and for other bounds.
    inside: Option<bool>,
    evidence: Option<Evidence>,
    rng: fastrand::Rng,
    radius_m: f64,
    sigma_m: f64,
    noise: Noise,
    now: Now,
    ids: u128,
}

impl Phone {
    fn new(rule: Rule, radius_m: f64, sigma_m: f64, seed: u64) -> Self {
        let circle = Circle { latitude: CENTRE.0, longitude: CENTRE.1, radius_m };
        let place = Place { dwell_s: 86_400, ..Place::new("a", "a", circle) };
        let mut rng = fastrand::Rng::with_seed(seed);
        let noise = Noise::new(&mut rng);
        let now = Now { wall_ms: 0, mono_ms: 1, boot: Uuid::nil() };
        let (tracker, inside, evidence) = (VisitTracker::new(vec![place]), None, None);
        Self { rule, tracker, inside, evidence, rng, radius_m, sigma_m, noise, now, ids: 0 }
    }

    /// A fix of someone who really is at `x`, `y` metres from the centre.
    fn at(&mut self, x: f64, y: f64) -> Vec<TransitionKind> {
        self.now.mono_ms += (STEP_S * 1e3) as u64;
        self.now.wall_ms += (STEP_S * 1e3) as i64;
        let error = self.noise.wander(STEP_S, &mut self.rng);
        self.see(x + error[0] * self.sigma_m, y + error[1] * self.sigma_m, self.sigma_m * ACCURACY_SIGMAS)
    }

    fn see(&mut self, x: f64, y: f64, accuracy_m: f64) -> Vec<TransitionKind> {
        let distance_m = x.hypot(y);
        let inside = match self.rule {
            Rule::Patron => return self.track(x, y, accuracy_m),
            Rule::Radar if accuracy_m >= 1_000.0 => return Vec::new(),
            Rule::Naive | Rule::Radar => distance_m <= self.radius_m,
            Rule::Tracelet => {
                let further_m = if self.inside == Some(true) { (self.radius_m * 0.1).max(20.0) } else { 0.0 };
                distance_m <= self.radius_m + further_m
            }
            Rule::Tried(which) => match TRIED.get(usize::from(which)) {
                Some((_, bounds)) => self.weigh(bounds, Sign::new(distance_m - self.radius_m, accuracy_m)),
                None => return Vec::new(),
            },
        };
        match self.inside.replace(inside).unwrap_or(false) {
            before if before == inside => Vec::new(),
            true => vec![TransitionKind::Left],
            false => vec![TransitionKind::Entered],
        }
    }

    /// Whether the shopper is inside now, by other bounds.
    fn weigh(&mut self, bounds: &Bounds, sign: Sign) -> bool {
        let before = self.evidence.map(|evidence| evidence.after_by(bounds, sign, Some(STEP_S)));
        let evidence = *self.evidence.insert(before.unwrap_or_else(|| Evidence::first(sign)));
        match self.inside {
            Some(true) => !evidence.has_left_by(bounds, sign),
            _ => evidence.has_entered_by(bounds, sign),
        }
    }

    fn track(&mut self, x: f64, y: f64, accuracy_m: f64) -> Vec<TransitionKind> {
        let input = FixInput {
            latitude: CENTRE.0 + y / DEGREE_M.0,
            longitude: CENTRE.1 + x / DEGREE_M.1,
            accuracy_m: Some(accuracy_m),
            age_ms: 0,
            mock: false,
        };
        let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
        let (Ok(fix), Some(permit)) = (Fix::new(input, self.now), gate.permit()) else { return Vec::new() };
        let ids = &mut self.ids;
        let told = self.tracker.update(&permit, &fix, &mut |_| {
            *ids += 1;
            Uuid::from_u128(*ids)
        });
        told.into_iter().map(|transition| transition.kind).collect()
    }
}

/// The rule's bounds were chosen on the seeds from 0 on. It is judged on others, which it has never met.
const HELD_OUT: u64 = 1_000_000;

fn judged(phones: u64) -> std::ops::Range<u64> {
    HELD_OUT..HELD_OUT + phones
}

/// What a first fix says is no transition, and what noise makes of the next few minutes settles.
const SETTLING: usize = 60;

/// False transitions an hour of phones parked uniformly within 50 m of the edge of a fence of
/// 100 m, each for `hours`.
pub fn parked_per_hour(rule: Rule, sigma_m: f64, phones: u64, hours: usize) -> f64 {
    let mut transitions = 0;
    for seed in judged(phones) {
        let mut phone = Phone::new(rule, 100.0, sigma_m, seed);
        let from_centre_m = 100.0 + (phone.rng.f64() - 0.5) * 100.0;
        for step in 0..hours * 360 + SETTLING {
            let told = phone.at(from_centre_m, 0.0);
            transitions += if step < SETTLING { 0 } else { told.len() };
        }
    }
    transitions as f64 / (phones as usize * hours) as f64
}

/// Transitions that `phones` phones, an hour each, make up 200 m outside a fence of 100 m, when one
/// fix in ten has σ 150 m and the others 10 m.
pub fn mixed_false(rule: Rule, phones: u64) -> usize {
    let mut transitions = 0;
    for seed in judged(phones) {
        let mut phone = Phone::new(rule, 100.0, 10.0, seed);
        for _ in 0..360 {
            phone.sigma_m = if phone.rng.f64() < 0.1 { 150.0 } else { 10.0 };
            transitions += phone.at(300.0, 0.0).len();
        }
    }
    transitions
}

/// Of `walks` straight through the centre, with σ of 5, 15 and 50 m in turn and radii from 3 σ to
/// 8 σ: how many nothing was told of.
pub fn walks_missed(rule: Rule, walks: u64) -> usize {
    judged(walks)
        .filter(|seed| {
            let sigma_m = [5.0, 15.0, 50.0][*seed as usize % 3];
            let mut rng = fastrand::Rng::with_seed(seed ^ 0xfeed);
            let radius_m = sigma_m * (3.0 + 5.0 * rng.f64());
            let heading = rng.f64() * std::f64::consts::TAU;
            let far_m = radius_m + 6.0 * sigma_m + 100.0;
            let mut phone = Phone::new(rule, radius_m, sigma_m, *seed);
            let mut along_m = -far_m - WALK_M_S * STEP_S * rng.f64();
            let mut silent = true;
            while along_m < far_m {
                silent &= phone.at(along_m * heading.cos(), along_m * heading.sin()).is_empty();
                along_m += WALK_M_S * STEP_S;
            }
            silent
        })
        .count()
}

/// The median of how many seconds after crossing the edge of a fence of 100 m someone who walks to
/// its centre is told to have arrived; `None` when most never are.
pub fn arrival_delay_s(rule: Rule, sigma_m: f64, walks: u64) -> Option<f64> {
    let mut delays: Vec<f64> = judged(walks)
        .map(|seed| {
            let mut phone = Phone::new(rule, 100.0, sigma_m, seed);
            let mut from_centre_m = 100.0 + 6.0 * sigma_m + 200.0 + WALK_M_S * STEP_S * phone.rng.f64();
            let mut since_edge_s = f64::NEG_INFINITY;
            for _ in 0..1_000 {
                if phone.at(from_centre_m.max(0.0), 0.0).contains(&TransitionKind::Entered) {
                    return since_edge_s.max((100.0 - from_centre_m) / WALK_M_S);
                }
                if from_centre_m <= 0.0 {
                    since_edge_s = since_edge_s.max(100.0 / WALK_M_S) + STEP_S;
                }
                from_centre_m -= WALK_M_S * STEP_S;
            }
            f64::INFINITY
        })
        .collect();
    delays.sort_by(f64::total_cmp);
    delays.get(delays.len() / 2).copied().filter(|delay| delay.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_lies_near_the_edge_seldom_opens_the_door() {
        for (sigma_m, most) in [(5.0, 0.15), (15.0, 0.8), (50.0, 2.5)] {
            let seen = parked_per_hour(Rule::Patron, sigma_m, 100, 4);
            println!("σ {sigma_m} m: {seen:.3} false transitions an hour");
            assert!(seen <= most, "σ {sigma_m} m: {seen:.3} an hour, at most {most}");
        }
    }

    #[test]
    fn whoever_walks_through_the_middle_is_seen() {
        assert_eq!(walks_missed(Rule::Patron, 1_500), 0);
    }

    #[test]
    fn an_arrival_is_told_within_half_a_minute() {
        for sigma_m in [5.0, 15.0] {
            let delay_s = arrival_delay_s(Rule::Patron, sigma_m, 300).unwrap();
            println!("σ {sigma_m} m: {delay_s:.0} s");
            assert!(delay_s <= 30.0, "σ {sigma_m} m: {delay_s:.0} s");
        }
    }

    #[test]
    fn a_poor_fix_among_good_ones_makes_nobody_arrive() {
        assert_eq!(mixed_false(Rule::Patron, 100), 0);
    }

    #[test]
    fn the_bounds_that_hold_are_tried_as_the_tracker_has_them() {
        let [tracked, tried] = [Rule::Patron, Rule::Tried(0)]
            .map(|rule| (parked_per_hour(rule, 15.0, 200, 4), arrival_delay_s(rule, 15.0, 300).unwrap()));
        assert!((tracked.0 - tried.0).abs() < 0.1 && (tracked.1 - tried.1).abs() < 1.0, "{tracked:?} {tried:?}");
        let sooner = parked_per_hour(Rule::TRIED[2], 15.0, 200, 4);
        assert!(sooner > tried.0, "who leaves sooner is wrong more often: {sooner}");
    }

    #[test]
    fn the_rules_of_others_are_told_apart() {
        let [naive, radar, tracelet] =
            [Rule::Naive, Rule::Radar, Rule::Tracelet].map(|rule| parked_per_hour(rule, 15.0, 20, 4));
        assert!(naive == radar && tracelet < naive && naive > 10.0, "{naive} {radar} {tracelet}");
    }
}
