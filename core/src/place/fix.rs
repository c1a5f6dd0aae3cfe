//! A position, validated at the door.

use crate::clock::Now;
use crate::consent::{CoarseLocation, Permit};
use crate::error::Error;

/// What a platform or a trace says of a position, unchecked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixInput {
    /// Degrees, WGS 84, −90 to 90.
    pub latitude: f64,
    /// Degrees, WGS 84, −180 to 180.
    pub longitude: f64,
    /// Radius of 68 % confidence in metres; `None` where the source tells none.
    pub accuracy_m: Option<f64>,
    /// How long ago the position was taken, in milliseconds: 0 for a fresh one.
    pub age_ms: u64,
    /// The platform says that someone made the position up.
    pub mock: bool,
}

/// Assumed where a source tells no accuracy: a phone's GPS in a street.
pub(super) const ASSUMED_ACCURACY_M: f64 = 15.0;

/// What coarse consent leaves of a position.
const COARSE_M: f64 = 2_000.0;

/// [`COARSE_M`] along a meridian.
const COARSE_DEG: f64 = COARSE_M / 111_320.0;

/// A position that passed the checks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) accuracy_m: f64,
    pub(crate) accuracy_assumed: bool,
    pub(crate) at: Now,
    pub(crate) age_ms: u64,
    pub(crate) mock: bool,
}

impl Fix {
    /// Checks `input`, which arrived at `now`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field that is not a number or out of range.
    pub fn new(input: FixInput, now: Now) -> Result<Self, Error> {
        check("fix.latitude", input.latitude, 90.0)?;
        check("fix.longitude", input.longitude, 180.0)?;
        if let Some(accuracy) = input.accuracy_m
            && !(accuracy.is_finite() && accuracy >= 0.0)
        {
            return Err(Error::invalid("fix.accuracy_m", format!("{accuracy} is not a distance in metres")));
        }
        let at = Now {
            wall_ms: now.wall_ms.saturating_sub_unsigned(input.age_ms),
            mono_ms: now.mono_ms.saturating_sub(input.age_ms),
            boot: now.boot,
        };
        // A receiver that claims to be perfect is not: 1 m keeps the mathematics honest.
        let accuracy_m = input.accuracy_m.unwrap_or(ASSUMED_ACCURACY_M).max(1.0);
        Ok(Self {
            latitude: input.latitude,
            longitude: input.longitude,
            accuracy_m,
            accuracy_assumed: input.accuracy_m.is_none(),
            at,
            age_ms: input.age_ms,
            mock: input.mock,
        })
    }

    /// The fix as coarse consent sees it: the middle of a square of about 2 km, and a time to the
    /// minute. What was exact is gone, and no visit follows from the rest.
    ///
    /// It takes a yes of its own:
    ///
    /// ```compile_fail,E0308
    /// # use patron_core::{consent::{Gate, PreciseLocation, PurposeKind}, place::Fix};
    /// fn coarse(fix: &Fix) -> Option<Fix> {
    ///     let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
    ///     gate.permit::<PreciseLocation>().map(|permit| fix.coarse(&permit))
    /// }
    /// ```
    pub fn coarse(&self, _permit: &Permit<'_, CoarseLocation>) -> Self {
        // Squares of equal height; as wide as high at any latitude short of the poles.
        let rows = (self.latitude / COARSE_DEG).floor();
        let latitude = (rows + 0.5) * COARSE_DEG;
        let wide = COARSE_DEG / latitude.to_radians().cos().abs().max(0.01);
        let longitude = ((self.longitude / wide).floor() + 0.5) * wide;
        let minute = |ms: i64| ms - ms.rem_euclid(60_000);
        Self {
            latitude: latitude.clamp(-90.0, 90.0),
            longitude: longitude.clamp(-180.0, 180.0),
            accuracy_m: self.accuracy_m.max(COARSE_M),
            at: Now { wall_ms: minute(self.at.wall_ms), ..self.at },
            ..*self
        }
    }
}

fn check(what: &str, value: f64, bound: f64) -> Result<(), Error> {
    if value.is_finite() && value.abs() <= bound {
        Ok(())
    } else {
        Err(Error::invalid(what, format!("{value} is not within ±{bound} degrees")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Now = Now { wall_ms: 1_000, mono_ms: 500, boot: Uuid::nil() };

    fn input(latitude: f64, longitude: f64) -> FixInput {
        FixInput { latitude, longitude, accuracy_m: None, age_ms: 0, mock: false }
    }

    #[test]
    fn what_is_no_position_is_refused_with_its_field() {
        for (lat, lon, field) in
            [(f64::NAN, 0.0, "fix.latitude"), (91.0, 0.0, "fix.latitude"), (0.0, f64::INFINITY, "fix.longitude")]
        {
            assert!(matches!(Fix::new(input(lat, lon), NOW), Err(Error::InvalidInput { what, .. }) if what == field));
        }
    }

    #[test]
    fn a_coarse_position_tells_nothing_within_its_square() {
        use crate::consent::{Gate, PurposeKind};
        let gate = Gate::new(1, [PurposeKind::CoarseLocation]);
        let coarse = |latitude, longitude| {
            let fix = Fix::new(input(latitude, longitude), NOW).unwrap().coarse(&gate.permit().unwrap());
            assert!(fix.accuracy_m >= 2_000.0);
            (fix.latitude, fix.longitude)
        };
        let mut seen: Vec<_> = (0..1_000).map(|i| coarse(60.0, 24.0 + f64::from(i) * 1e-4)).collect();
        seen.dedup();
        assert!(seen.len() <= 4, "5.6 km to the east are at most four squares: {}", seen.len());
        for edge in [(90.0, 180.0), (-90.0, -180.0), (0.0, 180.0)] {
            let (latitude, longitude) = coarse(edge.0, edge.1);
            assert!(latitude.abs() <= 90.0 && longitude.abs() <= 180.0);
        }
    }

    #[test]
    fn a_missing_accuracy_is_assumed_and_said_so() {
        let fix = Fix::new(input(60.0, 25.0), NOW).unwrap();
        assert_eq!((fix.accuracy_m, fix.accuracy_assumed), (ASSUMED_ACCURACY_M, true));
    }
}
