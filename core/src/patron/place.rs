//! The handle's calls on where the shopper is.

use std::time::Duration;

use super::Patron;
use crate::engine::Command;
use crate::error::Error;
use crate::place::beacon::{Heard, NEAREST_MS, Scan, ZoneChange};
use crate::place::checkin::CheckedIn;
use crate::place::plan::{Limits, Wake};
use crate::place::{FixInput, Plan, Transition, Visit};

impl Patron {
    /// Takes in a position; resolves with what happened to visits since the last one, dwells that
    /// came due by time alone among it. [`Patron::subscribe`] tells the same as it happens.
    ///
    /// With coarse consent alone the position is rounded to 2 km before anything sees it, and no
    /// visit follows from it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field; [`Error::NotPermitted`] without a location grant.
    pub async fn update_location(&self, fix: FixInput) -> Result<Vec<Transition>, Error> {
        self.ask(|answer| Command::Fix(fix, answer)).await
    }

    /// Takes in what the phone heard of beacons; resolves with what followed.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field; [`Error::NotPermitted`] without a grant of `Beacons`:
    /// nothing was looked at.
    pub async fn hear(&self, scan: Scan) -> Result<Heard, Error> {
        self.ask(|answer| Command::Scan(scan, answer)).await
    }

    /// The beacon that is nearest now, of those that were heard within the last minute: which shelf the shopper is at.
    pub fn nearest_beacon(&self) -> Option<ZoneChange> {
        let shared = &self.inner.shared;
        let (nearest, heard) = shared.snapshot.load().nearest.clone()?;
        let ago = shared.clock.now().since(&heard)?;
        (ago <= Duration::from_millis(NEAREST_MS)).then_some(nearest)
    }

    /// The shopper scanned a code in a store, or held the phone to a tag: presence that the shopper
    /// chose, without any permission. Works offline. The visit is recorded under `Engagement`, and
    /// without that it is known here and nowhere else.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with words for the shopper: no code, not this retailer's, of another
    /// minute, scanned a moment ago.
    pub async fn check_in(&self, code: String) -> Result<CheckedIn, Error> {
        self.ask(|answer| Command::CheckIn(code, answer)).await
    }

    /// Plans what the platform is to watch while the app sleeps, around the last position. Offline
    /// too. To be asked again at [`crate::Change::Plan`] and [`crate::Change::Consent`], after a wake that says
    /// so, and when the phone has started.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without a grant of `PreciseLocation`: stop watching;
    /// [`Error::Unavailable`] before the first position; [`Error::InvalidInput`] for limits of nothing.
    pub async fn plan(&self, limits: Limits) -> Result<Plan, Error> {
        self.ask(|answer| Command::PlanWatch(limits, answer)).await
    }

    /// The platform woke the app for this region: what to do. A wake is a hint and makes no visit. Of the safe circle tell
    /// leaving alone: whoever left it is planned around nowhere until the next position.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without a grant of `PreciseLocation`.
    pub async fn woke(&self, region: String) -> Result<Wake, Error> {
        self.ask(|answer| Command::Woke(region, answer)).await
    }

    /// In how long the next position is due, while positions are followed: when the nearest boundary
    /// could be reached.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without a grant of `PreciseLocation`.
    pub async fn next_fix(&self) -> Result<Duration, Error> {
        self.ask(Command::NextFix).await
    }

    /// Ids of the places that the shopper is near, within their approach threshold, and not at.
    pub fn approaching(&self) -> Vec<String> {
        self.inner.shared.snapshot.load().approaching.as_ref().clone()
    }

    /// The visits that are open now.
    pub fn visits(&self) -> Vec<Visit> {
        self.inner.shared.snapshot.load().visits.as_ref().clone()
    }
}
