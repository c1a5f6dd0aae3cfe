//! A receiver's noise from a seed: an error that wanders. For tests, benchmarks and tools; no app has it.
//!
//! Per axis a bell curve of σ that forgets itself over a minute, as reflections in a street do. The same seed makes the
//! same noise tomorrow.

/// How long an error keeps its direction, seconds.
const MEMORY_S: f64 = 60.0;

/// 68 % of a bell curve in two dimensions lie within so many standard deviations of an axis: the accuracy that platforms
/// report, in σ.
pub const ACCURACY_SIGMAS: f64 = 1.51;

/// The error of either axis, in σ.
#[derive(Debug, Clone, Copy)]
pub struct Noise([f64; 2]);

impl Noise {
    /// Somewhere on the curve.
    pub fn new(rng: &mut fastrand::Rng) -> Self {
        Self([bell(rng), bell(rng)])
    }

    /// The error `after_s` seconds later.
    pub fn wander(&mut self, after_s: f64, rng: &mut fastrand::Rng) -> [f64; 2] {
        let keep = (-after_s / MEMORY_S).exp();
        self.0 = self.0.map(|axis| axis * keep + bell(rng) * (1.0 - keep * keep).sqrt());
        self.0
    }
}

/// A bell curve of σ 1, by Marsaglia's polar method.
fn bell(rng: &mut fastrand::Rng) -> f64 {
    loop {
        let (u, v) = (rng.f64() * 2.0 - 1.0, rng.f64() * 2.0 - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}
