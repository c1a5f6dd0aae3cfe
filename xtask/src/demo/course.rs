//! Where the stores stand along a walk.
//!
//! Pure: a trace goes in, circles on the ground come out. What is sold there is left to
//! [`super::catalogue`].

use geo::{Distance, Haversine};

use super::trace::{Point, Trace};

/// So many stores tell the whole story and still fit on one screen.
const STORES: usize = 5;
/// A store with its forecourt; smaller, and a street's GPS could miss it.
const MIN_RADIUS_M: f64 = 75.0;
/// A catalogue takes places of up to 100 km; half of it leaves room for the sparsest trace.
const MAX_RADIUS_M: f64 = 50_000.0;
/// A leg counts as no more than this many usual ones, so that a receiver's leap across a
/// continent does not draw all stores to itself.
const LEAP: f64 = 20.0;

/// A store of the demo's town.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Site {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) radius_m: f64,
    pub(crate) dwell_s: u32,
}

/// A trace with its distances.
pub(crate) struct Course {
    /// Metres from the start to each point.
    pub(crate) metres: Vec<f64>,
    /// The same with leaps shortened: what "evenly" means below.
    paced: Vec<f64>,
}

pub(crate) fn metres_between(a: &Point, b: &Point) -> f64 {
    Haversine.distance(geo::Point::new(a.longitude, a.latitude), geo::Point::new(b.longitude, b.latitude))
}

impl Course {
    pub(crate) fn of(trace: &Trace) -> Self {
        let legs: Vec<f64> = trace.points.windows(2).map(|pair| metres_between(&pair[0], &pair[1])).collect();
        let cap = match percentile(legs.iter().copied(), 0.5) {
            usual if usual > 0.0 => usual * LEAP,
            _ => f64::INFINITY,
        };
        let sum = |cap: f64| {
            std::iter::once(0.0)
                .chain(legs.iter().scan(0.0, move |so_far, leg| {
                    *so_far += leg.min(cap);
                    Some(*so_far)
                }))
                .collect::<Vec<f64>>()
        };
        Self { metres: sum(f64::INFINITY), paced: sum(cap) }
    }

    /// The first point at or after `fraction` of the way. A walk that never moves has no way: then
    /// it is a fraction of its points.
    pub(crate) fn index_at(&self, fraction: f64) -> usize {
        let last = self.paced.len() - 1;
        let total = self.paced[last];
        if total > 0.0 {
            self.paced.partition_point(|metres| *metres < total * fraction).min(last)
        } else {
            ((last as f64 * fraction).round() as usize).min(last)
        }
    }

    /// Lays stores along the walk: evenly by distance, each where the walker lingers most within
    /// its stretch, and so large that a few fixes fall into it at the walker's pace.
    pub(crate) fn sites(&self, trace: &Trace) -> Vec<Site> {
        let usual = self.radius(trace, 0, trace.points.len() - 1);
        let room = (self.paced[self.paced.len() - 1] / (3.0 * usual)).floor() as usize;
        let stretches = room.clamp(1, STORES);
        let mut sites: Vec<(Site, Point)> = Vec::new();
        for stretch in 0..stretches {
            let at = |within: f64| self.index_at((stretch as f64 + within) / stretches as f64);
            let (from, to) = (at(0.25), at(0.75));
            let radius_m = self.radius(trace, at(0.0), at(1.0));
            let centre = self.liveliest(trace, from, to, radius_m);
            let point = trace.points[centre];
            if sites.iter().any(|(site, there)| metres_between(there, &point) < site.radius_m + radius_m + 50.0) {
                continue;
            }
            let stay_s = self.stay_ms(trace, centre, radius_m) as f64 / 1_000.0;
            let site = Site {
                latitude: round6(point.latitude),
                longitude: round6(point.longitude),
                radius_m,
                // Less than the walker's stay, so that most stores see more than a passer-by.
                dwell_s: (stay_s * 0.4).clamp(10.0, 300.0) as u32,
            };
            sites.push((site, point));
        }
        sites.into_iter().map(|(site, _)| site).collect()
    }

    /// Three usual legs, and three times what the receiver says of its own error.
    fn radius(&self, trace: &Trace, from: usize, to: usize) -> f64 {
        let legs = self.metres[from..=to].windows(2).map(|pair| pair[1] - pair[0]).filter(|leg| *leg > 0.0);
        let errors = trace.points[from..=to].iter().filter_map(|p| p.accuracy_m);
        let radius = 3.0 * percentile(legs, 0.75).max(percentile(errors, 0.75));
        radius.clamp(MIN_RADIUS_M, MAX_RADIUS_M).round()
    }

    /// The point between `from` and `to` around which most time is spent.
    fn liveliest(&self, trace: &Trace, from: usize, to: usize, radius_m: f64) -> usize {
        let middle = from.midpoint(to);
        // A few hundred candidates find the pause as well as all of a million would.
        let step = ((to - from) / 200).max(1);
        (from..=to)
            .step_by(step)
            .max_by_key(|at| (self.stay_ms(trace, *at, radius_m), std::cmp::Reverse(at.abs_diff(middle))))
            .unwrap_or(middle)
    }

    /// How long the walk stays within `radius_m` around the point `at`. A night's gap in the
    /// record counts as ten minutes.
    fn stay_ms(&self, trace: &Trace, at: usize, radius_m: f64) -> i64 {
        let centre = trace.points[at];
        let near = |p: &&Point| metres_between(&centre, p) <= radius_m;
        let after = trace.points[at..].iter().take_while(near).count();
        let before = trace.points[..at].iter().rev().take_while(near).count();
        trace.points[at - before..at + after].windows(2).map(|pair| (pair[1].at_ms - pair[0].at_ms).min(600_000)).sum()
    }
}

fn round6(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

fn percentile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::trace::LeftOut;

    fn trace(points: impl IntoIterator<Item = (i64, f64, f64)>) -> Trace {
        let points = points.into_iter().map(|(s, latitude, longitude)| Point {
            at_ms: s * 1_000,
            latitude,
            longitude,
            accuracy_m: None,
        });
        Trace { name: "test".into(), points: points.collect(), left_out: LeftOut::default() }
    }

    fn sites(trace: &Trace) -> Vec<Site> {
        Course::of(trace).sites(trace)
    }

    /// Fixes within the circle, which is what a visit is made of.
    fn fixes_at(trace: &Trace, site: &Site) -> usize {
        let centre = Point { at_ms: 0, latitude: site.latitude, longitude: site.longitude, accuracy_m: None };
        trace.points.iter().filter(|p| metres_between(&centre, p) <= site.radius_m).count()
    }

    #[test]
    fn a_walk_gets_five_stores_that_do_not_overlap() {
        let walk = trace((0..3_600).map(|s| (s, 60.0 + s as f64 * 1.3e-5, 25.0)));
        let sites = sites(&walk);
        assert_eq!(sites.len(), 5);
        assert!(sites.iter().all(|s| s.radius_m == MIN_RADIUS_M && fixes_at(&walk, s) > 50));
    }

    #[test]
    fn a_ride_with_a_fix_a_minute_still_sees_its_stores() {
        let ride = trace((0..180).map(|m| (m * 60, 47.0, 10.0 + m as f64 * 6.6e-3)));
        let sites = sites(&ride);
        assert!(sites.len() >= 4 && sites.iter().all(|s| fixes_at(&ride, s) >= 5), "{sites:?}");
    }

    #[test]
    fn stores_stand_across_the_date_line_and_at_the_poles() {
        let sail = trace((0..400).map(|m| {
            let longitude = 179.0 + m as f64 * 0.005;
            (m * 60, -17.0, if longitude > 180.0 { longitude - 360.0 } else { longitude })
        }));
        assert!(sites(&sail).iter().all(|s| fixes_at(&sail, s) >= 5));
        let pole = trace((0..400).map(|m| (m * 60, 89.9 + m as f64 * 2.5e-4, 0.0)));
        assert!(sites(&pole).iter().all(|s| s.latitude <= 90.0 && fixes_at(&pole, s) >= 5));
    }

    #[test]
    fn a_walk_that_never_moves_has_one_store() {
        for points in [1, 2, 500] {
            let still = trace((0..points).map(|s| (s, 1.0, 2.0)));
            assert_eq!(sites(&still).len(), 1);
            assert_eq!(Course::of(&still).index_at(1.0), points as usize - 1);
        }
    }

    #[test]
    fn one_leap_across_the_world_does_not_take_the_stores_along() {
        let mut walk = trace((0..3_600).map(|s| (s, 60.0 + s as f64 * 1.3e-5, 25.0)));
        walk.points[1_000].longitude = -120.0;
        assert!(sites(&walk).iter().filter(|s| fixes_at(&walk, s) > 50).count() >= 4);
    }

    #[test]
    fn a_store_stands_where_the_walker_lingers() {
        let mut at = 0;
        let walk = trace((0..2_000).map(|s| {
            at += if s == 1_000 { 500 } else { 1 };
            (at, 60.0 + s as f64 * 1.3e-5, 25.0)
        }));
        let pause = walk.points[1_000];
        let centre = |s: &Site| Point { latitude: s.latitude, longitude: s.longitude, ..pause };
        assert!(sites(&walk).iter().any(|s| metres_between(&centre(s), &pause) <= s.radius_m));
    }
}
