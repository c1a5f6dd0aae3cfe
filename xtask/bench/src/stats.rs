//! Percentiles and pacing.

use std::time::{Duration, Instant};

/// The value below which `share` of the samples lie. Sorts them.
pub fn percentile(samples: &mut [u64], share: f64) -> u64 {
    samples.sort_unstable();
    samples[((samples.len() - 1) as f64 * share).round() as usize]
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Calls `work` at `rate` a second and answers how long each call took, nanoseconds.
///
/// Paced, because an app does not track in a loop: a cold cache is part of what the caller feels.
pub fn paced(calls: usize, rate: u32, mut work: impl FnMut(usize)) -> Vec<u64> {
    let (start, step) = (Instant::now(), Duration::from_secs(1) / rate);
    (0..calls)
        .map(|i| {
            let due = start + step * i as u32;
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            let before = Instant::now();
            work(i);
            before.elapsed().as_nanos() as u64
        })
        .collect()
}
