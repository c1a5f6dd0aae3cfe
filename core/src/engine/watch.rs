//! What the platform watches while the app sleeps: planned on request, held against each position,
//! and told to be out of date when it is.

use std::sync::Arc;
use std::time::Duration;

use super::{Effects, Engine};
use crate::clock::Now;
use crate::consent::{PreciseLocation, Purpose, PurposeKind};
use crate::error::Error;
use crate::observe::Change;
use crate::place::plan::{Limits, Wake, WakePlan};
use crate::place::{Plan, accuracy_after};

/// What the platform was told to watch last, in this process.
pub(super) struct Watched {
    limits: Limits,
    plan: WakePlan,
    /// The app has been told to ask anew.
    outdated: bool,
}

impl Engine {
    /// Plans around the last position, also one of an earlier process; the longer ago, the further the shopper may
    /// have come from it.
    pub(super) fn plan_watch(&mut self, limits: Limits, now: Now) -> Result<Plan, Error> {
        if limits.regions == 0 || !(limits.least_radius_m.is_finite() && limits.least_radius_m > 0.0) {
            return Err(Error::invalid("limits", "take a region or more, of a radius above 0"));
        }
        let gate = self.gate();
        let permit =
            gate.permit::<PreciseLocation>().ok_or(Error::NotPermitted { purpose: Purpose::PreciseLocation })?;
        let Some((latitude, longitude, accuracy_m)) = self.tracker.position(&permit) else {
            let why = "no position has been told yet: hand one over, then plan".to_owned();
            return Err(Error::Unavailable { why, retry_after: None });
        };
        // Whoever left the safe circle is not where they were, however slow they seemed: by train a city lies in between.
        let is_before = |at: Now| self.left_safe.is_some_and(|left| left.boot != at.boot || at.mono_ms <= left.mono_ms);
        let has_left = self.tracker.position_at(&permit).is_some_and(is_before);
        let age = self.tracker.position_age(&permit, &now).filter(|_| !has_left);
        let accuracy_m = accuracy_after(accuracy_m, age, self.pace);
        let places = Arc::clone(self.tracker.known());
        let plan = WakePlan::new(&places, (latitude, longitude), accuracy_m, limits);
        let told = Plan::new(&plan, &places, self.next_fix_among(&places, (latitude, longitude), accuracy_m));
        self.watched = Some(Watched { limits, plan, outdated: false });
        self.touch();
        Ok(told)
    }

    /// When the last position was taken, where the platform has been told what to watch.
    pub(super) fn watched_from(&self) -> Option<Now> {
        let gate = self.gate();
        let permit = gate.permit::<PreciseLocation>().filter(|_| self.watched.is_some())?;
        self.tracker.position_at(&permit)
    }

    /// What a wake for a region is good for. After a restart nothing is known of regions: look, and
    /// plan anew.
    pub(super) fn woke(&mut self, region: &str, now: Now) -> Result<Wake, Error> {
        if !self.gate().allows(PurposeKind::PreciseLocation) {
            return Err(Error::NotPermitted { purpose: Purpose::PreciseLocation });
        }
        self.tracker.woken(now);
        if region == WakePlan::SAFE {
            self.left_safe = Some(now);
        }
        Ok(self.watched.as_ref().map_or(Wake { look: true, replan: true }, |watched| watched.plan.woke(region)))
    }

    /// When the next position is due, while positions are followed.
    pub(super) fn next_fix(&self) -> Result<Duration, Error> {
        let gate = self.gate();
        let permit =
            gate.permit::<PreciseLocation>().ok_or(Error::NotPermitted { purpose: Purpose::PreciseLocation })?;
        let places = self.tracker.known();
        Ok(self.tracker.position(&permit).map_or(Duration::ZERO, |(latitude, longitude, accuracy_m)| {
            self.next_fix_among(places, (latitude, longitude), accuracy_m)
        }))
    }

    fn next_fix_among(&self, places: &crate::place::Places, at: (f64, f64), accuracy_m: f64) -> Duration {
        match &self.pace {
            Some(pace) => pace.next_fix(places),
            None => crate::place::plan::next_fix(places, at, accuracy_m, None),
        }
    }

    /// Holds the plan against the position that has just come.
    pub(super) fn hold_plan(&mut self, effects: &mut Effects) {
        let (Some(watched), Some((position, _))) = (&self.watched, self.position) else { return };
        let at = (position.latitude, position.longitude);
        let outdated = if watched.plan.looking.is_some() {
            // Looking ends as soon as there is a plan without it; and what is watched for when it ends by itself, with
            // the process, is to be around here.
            watched.plan.is_left_behind(position.latitude, position.longitude)
                || WakePlan::new(self.tracker.known(), at, position.accuracy_m, watched.limits).looking.is_none()
        } else {
            // Whoever has come into a region around a place, and not surely to the place, is told of by no
            // more wakes: the next plan says that positions are needed.
            watched.plan.is_spent(position.latitude, position.longitude, position.accuracy_m)
                || watched.plan.is_entered(self.tracker.known(), at, position.accuracy_m)
        };
        if outdated {
            self.outdate_plan(effects);
        }
    }

    /// Tells the app, once, that its regions are to be planned anew.
    pub(super) fn outdate_plan(&mut self, effects: &mut Effects) {
        if let Some(watched) = self.watched.as_mut().filter(|watched| !watched.outdated) {
            watched.outdated = true;
            effects.changes.push(Change::Plan);
        }
    }
}
