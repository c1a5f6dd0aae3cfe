//! What a receiver's noise alone does: phones that lie still, and people who walk through.
//!
//! The noise wanders: per axis a bell curve of σ that forgets itself over a minute, as reflections
//! in a street do. Seeded, so that a number here is the same tomorrow.

use uuid::Uuid;

use super::*;
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};

const CENTRE: (f64, f64) = (60.0, 25.0);
const DEGREE_M: (f64, f64) = (111_412.0, 55_800.0);
const STEP_S: f64 = 10.0;
const MEMORY_S: f64 = 60.0;

struct Receiver {
    tracker: VisitTracker,
    rng: fastrand::Rng,
    sigma_m: f64,
    error: [f64; 2],
    now: Now,
    ids: u128,
}

impl Receiver {
    fn new(radius_m: f64, sigma_m: f64, seed: u64) -> Self {
        let circle = Circle { latitude: CENTRE.0, longitude: CENTRE.1, radius_m };
        let place = Place { dwell_s: 86_400, ..Place::new("a", "a", circle) };
        let mut rng = fastrand::Rng::with_seed(seed);
        let error = [bell(&mut rng) * sigma_m, bell(&mut rng) * sigma_m];
        let now = Now { wall_ms: 0, mono_ms: 1, boot: Uuid::nil() };
        Self { tracker: VisitTracker::new(vec![place]), rng, sigma_m, error, now, ids: 0 }
    }

    /// A fix of someone who really is at `x`, `y` metres from the centre.
    fn at(&mut self, x: f64, y: f64) -> Vec<TransitionKind> {
        self.now.mono_ms += (STEP_S * 1e3) as u64;
        self.now.wall_ms += (STEP_S * 1e3) as i64;
        let keep = (-STEP_S / MEMORY_S).exp();
        for axis in &mut self.error {
            *axis = *axis * keep + bell(&mut self.rng) * self.sigma_m * (1.0 - keep * keep).sqrt();
        }
        let input = FixInput {
            latitude: CENTRE.0 + (y + self.error[1]) / DEGREE_M.0,
            longitude: CENTRE.1 + (x + self.error[0]) / DEGREE_M.1,
            accuracy_m: Some(self.sigma_m * 1.51),
            age_ms: 0,
            mock: false,
        };
        let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
        let fix = Fix::new(input, self.now).unwrap();
        let ids = &mut self.ids;
        let told = self.tracker.update(&gate.permit().unwrap(), &fix, &mut |_| {
            *ids += 1;
            Uuid::from_u128(*ids)
        });
        told.into_iter().map(|transition| transition.kind).collect()
    }
}

/// Marsaglia's polar method.
fn bell(rng: &mut fastrand::Rng) -> f64 {
    loop {
        let (u, v) = (rng.f64() * 2.0 - 1.0, rng.f64() * 2.0 - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

/// False transitions an hour of phones parked within 50 m of the edge of a fence of 100 m.
fn parked_per_hour(sigma_m: f64, phones: u64) -> f64 {
    const HOURS: usize = 4;
    let mut transitions = 0;
    for seed in 0..phones {
        let mut receiver = Receiver::new(100.0, sigma_m, seed);
        let from_centre = 100.0 + (receiver.rng.f64() - 0.5) * 100.0;
        // The first fix may rightly say that one is there.
        let first = 60;
        for step in 0..HOURS * 360 + first {
            let told = receiver.at(from_centre, 0.0);
            transitions += if step < first { 0 } else { told.len() };
        }
    }
    transitions as f64 / (phones as usize * HOURS) as f64
}

#[test]
fn a_phone_that_lies_near_the_edge_seldom_opens_the_door() {
    for (sigma_m, most) in [(5.0, 0.15), (15.0, 0.8), (50.0, 2.5)] {
        let seen = parked_per_hour(sigma_m, 100);
        println!("σ {sigma_m} m: {seen:.3} false transitions an hour");
        assert!(seen <= most, "σ {sigma_m} m: {seen:.3} an hour, at most {most}");
    }
}

#[test]
fn whoever_walks_through_the_middle_is_seen() {
    let mut missed = Vec::new();
    for seed in 0..1_500 {
        let sigma_m = [5.0, 15.0, 50.0][seed as usize % 3];
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xfeed);
        let radius_m = sigma_m * (3.0 + 5.0 * rng.f64());
        let heading = rng.f64() * std::f64::consts::TAU;
        let far = radius_m + 6.0 * sigma_m + 100.0;
        let mut receiver = Receiver::new(radius_m, sigma_m, seed);
        let mut along = -far - 14.0 * rng.f64();
        let mut seen = Vec::new();
        while along < far {
            seen.extend(receiver.at(along * heading.cos(), along * heading.sin()));
            along += 1.4 * STEP_S;
        }
        if seen.is_empty() {
            missed.push((seed, sigma_m, radius_m));
        }
    }
    println!("{} of 1500 missed: {missed:?}", missed.len());
    assert!(missed.is_empty(), "{} of 1500 missed: {missed:?}", missed.len());
}
