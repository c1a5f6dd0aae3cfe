//! Fences and positions to look them up for, from one seed.

use patron_core::place::{Circle, Place};

/// Degrees: about Europe, 3,300 by 2,700 km.
const SOUTH: f64 = 36.0;
const HIGH: f64 = 24.0;
const WEST: f64 = -10.0;
const WIDE: f64 = 40.0;

pub struct Country {
    pub circles: Vec<Circle>,
    /// Latitude and longitude; every other one within a kilometre of a fence.
    pub positions: Vec<(f64, f64)>,
}

impl Country {
    pub fn of(fences: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(fences as u64);
        // As dense whatever their number: ten fences are a town.
        let side = (fences as f64 / 1e6).sqrt();
        let anywhere =
            |rng: &mut fastrand::Rng| (48.0 + (rng.f64() - 0.5) * HIGH * side, 10.0 + (rng.f64() - 0.5) * WIDE * side);
        let circles: Vec<Circle> = (0..fences)
            .map(|_| {
                let (latitude, longitude) = anywhere(&mut rng);
                Circle { latitude, longitude, radius_m: 30.0 + 270.0 * rng.f64() }
            })
            .collect();
        debug_assert!(circles.iter().all(|c| c.latitude >= SOUTH && c.longitude >= WEST));
        let positions = (0..100_000)
            .map(|i| {
                if i % 2 == 0 {
                    return anywhere(&mut rng);
                }
                let near = circles[rng.usize(..fences)];
                (near.latitude + (rng.f64() - 0.5) * 0.018, near.longitude + (rng.f64() - 0.5) * 0.026)
            })
            .collect();
        Self { circles, positions }
    }

    pub fn places(&self) -> Vec<Place> {
        let place = |(at, circle): (usize, &Circle)| Place::new(format!("{at:07}"), "", *circle);
        self.circles.iter().enumerate().map(place).collect()
    }

    /// The box around a circle in degrees: west, south, east, north.
    pub fn bounds(circle: &Circle) -> [f64; 4] {
        let high = circle.radius_m / 110_574.0;
        let wide = circle.radius_m / (111_320.0 * circle.latitude.to_radians().cos()) * 1.001;
        [circle.longitude - wide, circle.latitude - high, circle.longitude + wide, circle.latitude + high]
    }

    /// What peers refine with.
    pub fn haversine_m(a: (f64, f64), b: (f64, f64)) -> f64 {
        let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
        let (north, east) = ((lat_b - lat_a) / 2.0, (b.1 - a.1).to_radians() / 2.0);
        let h = north.sin().powi(2) + lat_a.cos() * lat_b.cos() * east.sin().powi(2);
        2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
    }
}
