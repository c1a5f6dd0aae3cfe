//! Decides how much one tenant may ask for, so that it starves no other.
//!
//! A bucket for requests and one for events, and a share of the places at work. Only known tenants
//! get them: a key that no tenant has costs nothing here. What happens to a refused request is the
//! API's to say; [`crate::api`] asks, with the time passed in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use patron_core::sync::wire::MAX_BATCH_EVENTS;
use tokio::sync::Semaphore;

use crate::tenant::Tenant;

/// A bucket holds this many seconds' worth: a town of phones that comes back online after an outage
/// sends at once what it would have sent over time.
const BURST_S: u64 = 10;

/// A tenant at its limit is named in the log this often at most.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// What one tenant may send, on average, each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests of any kind that name the tenant.
    pub requests: u32,
    /// Events, stored or not.
    pub events: u32,
}

impl Default for Rates {
    /// More than two cores serve, shared by a few tenants of a normal size.
    fn default() -> Self {
        Self { requests: 1_000, events: 20_000 }
    }
}

/// A token bucket, kept as the moment until which it is spent: filling needs no timer.
#[derive(Debug)]
struct Bucket {
    /// Nanoseconds in which one token comes.
    token_ns: u64,
    /// How far ahead of now it may be spent.
    burst_ns: u64,
    spent_until_ns: AtomicU64,
}

impl Bucket {
    /// Begins full. Holds at least `least` tokens, or what is asked for at once would never come.
    fn new(per_second: u32, least: u64) -> Self {
        let token_ns = 1_000_000_000 / u64::from(per_second.max(1));
        let burst_ns = (BURST_S * 1_000_000_000).max(token_ns * least);
        Self { token_ns, burst_ns, spent_until_ns: AtomicU64::new(0) }
    }

    /// Takes `tokens` at `now_ns`, or none and says how long until they are there.
    fn take(&self, now_ns: u64, tokens: usize) -> Result<(), Duration> {
        let after = |until: u64| until.max(now_ns).saturating_add(self.token_ns.saturating_mul(tokens as u64));
        let fits = |until: u64| after(until).saturating_sub(now_ns) <= self.burst_ns;
        match self.spent_until_ns.fetch_update(Relaxed, Relaxed, |until| fits(until).then(|| after(until))) {
            Ok(_) => Ok(()),
            Err(until) => Err(Duration::from_nanos(after(until) - now_ns - self.burst_ns)),
        }
    }

    /// Whether one token is there at `now_ns`; takes none.
    fn check(&self, now_ns: u64) -> Result<(), Duration> {
        let needed = (self.spent_until_ns.load(Relaxed).max(now_ns) + self.token_ns).saturating_sub(now_ns);
        match needed.checked_sub(self.burst_ns) {
            None | Some(0) => Ok(()),
            Some(wait) => Err(Duration::from_nanos(wait)),
        }
    }
}

/// What one tenant has left.
#[derive(Debug)]
pub(crate) struct Allowance {
    start: Instant,
    requests: Bucket,
    events: Bucket,
    /// Bodies of this tenant that wait or are at work.
    pub(crate) places: Arc<Semaphore>,
    /// Until then, a refusal is no news.
    quiet_until_ns: AtomicU64,
}

impl Allowance {
    fn new(start: Instant, rates: Rates, places: usize) -> Self {
        Self {
            start,
            requests: Bucket::new(rates.requests, 1),
            events: Bucket::new(rates.events, MAX_BATCH_EVENTS as u64),
            places: Arc::new(Semaphore::new(places)),
            quiet_until_ns: AtomicU64::new(0),
        }
    }

    /// Takes one request, or says how long until the next one.
    pub(crate) fn request(&self, now: Instant) -> Result<(), Duration> {
        self.requests.take(self.ns(now), 1)
    }

    /// Takes `count` events, at most a batch of them, or none and says how long until they are free.
    pub(crate) fn events(&self, now: Instant, count: usize) -> Result<(), Duration> {
        self.events.take(self.ns(now), count)
    }

    /// Whether an event at all would be taken: asked before a body is worth inflating.
    pub(crate) fn any_event(&self, now: Instant) -> Result<(), Duration> {
        self.events.check(self.ns(now))
    }

    /// Whether a refusal should be told in the log: the first one, and then one a minute.
    pub(crate) fn worth_telling(&self, now: Instant) -> bool {
        let now_ns = self.ns(now);
        let news = |quiet_until: u64| (now_ns >= quiet_until).then(|| now_ns + TOLD_EVERY.as_nanos() as u64);
        self.quiet_until_ns.fetch_update(Relaxed, Relaxed, news).is_ok()
    }

    /// Some 584 years fit.
    fn ns(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_nanos() as u64
    }
}

/// Every tenant's allowance.
#[derive(Debug)]
pub(crate) struct Limits {
    start: Instant,
    rates: Rates,
    /// Places of one tenant.
    places: usize,
    tenants: Mutex<HashMap<Tenant, Arc<Allowance>>>,
}

impl Limits {
    pub(crate) fn new(start: Instant, rates: Rates, places: usize) -> Self {
        Self { start, rates, places, tenants: Mutex::default() }
    }

    /// The allowance of `tenant`, who is known.
    pub(crate) fn of(&self, tenant: &Tenant) -> Arc<Allowance> {
        // Whoever panicked with the lock held has left a whole map: there is nothing but the look-up.
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(allowance) = tenants.get(tenant) {
            return Arc::clone(allowance);
        }
        let allowance = Arc::new(Allowance::new(self.start, self.rates, self.places));
        tenants.insert(tenant.clone(), Arc::clone(&allowance));
        allowance
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn the_documented_limits_are_the_limits() {
        let protocol = include_str!("../../docs/protocol.md");
        assert_eq!(Rates::default(), Rates { requests: 1_000, events: 20_000 });
        assert!(protocol.contains("`--requests-per-second` (1,000)"));
        assert!(protocol.contains("`--events-per-second` (20,000)"));
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds_and_the_wait_is_exact() {
        let bucket = Bucket::new(4, 1);
        assert!((0..40).all(|_| bucket.take(0, 1).is_ok()), "ten seconds' worth");
        assert_eq!(bucket.take(0, 1), Err(Duration::from_millis(250)));
        assert_eq!(bucket.take(0, 8), Err(Duration::from_secs(2)), "eight at once take longer");
        assert_eq!(bucket.check(SECOND / 4 - 1), Err(Duration::from_nanos(1)));
        assert_eq!((bucket.check(SECOND / 4), bucket.take(SECOND / 4, 1)), (Ok(()), Ok(())));
        assert!(bucket.take(SECOND / 4, 1).is_err());
    }

    #[test]
    fn a_refusal_takes_nothing() {
        let bucket = Bucket::new(10, 1);
        assert!(bucket.take(0, 95).is_ok());
        assert!(bucket.take(0, 6).is_err());
        assert!(bucket.take(0, 5).is_ok());
    }

    #[test]
    fn a_full_batch_passes_however_low_the_rate() {
        let allowance = Allowance::new(Instant::now(), Rates { requests: 1, events: 1 }, 1);
        assert_eq!(allowance.events(allowance.start, MAX_BATCH_EVENTS), Ok(()));
        assert_eq!(allowance.any_event(allowance.start), Err(Duration::from_secs(1)));
        let wait = allowance.events(allowance.start, MAX_BATCH_EVENTS).unwrap_err();
        assert_eq!(wait, Duration::from_secs(500));
        assert_eq!(allowance.events(allowance.start + wait, MAX_BATCH_EVENTS), Ok(()));
    }

    #[test]
    fn one_tenants_limit_is_not_anothers_and_two_keys_of_one_tenant_share() {
        let start = Instant::now();
        let limits = Limits::new(start, Rates { requests: 1, events: 1 }, 1);
        let (greedy, modest) = (Tenant::stored("greedy"), Tenant::stored("modest"));
        while limits.of(&greedy).request(start).is_ok() {}
        assert!(limits.of(&greedy).request(start).is_err());
        assert!(limits.of(&modest).request(start).is_ok());
    }

    #[test]
    fn a_flood_of_refusals_is_told_once_a_minute() {
        let start = Instant::now();
        let allowance = Allowance::new(start, Rates::default(), 1);
        let told = |at: u64| allowance.worth_telling(start + Duration::from_secs(at));
        assert_eq!([0, 1, 59, 60, 61, 119, 121].map(told), [true, false, false, true, false, false, true]);
    }

    proptest! {
        #[test]
        fn no_span_of_time_ever_lets_more_through_than_burst_and_rate(
            rate in 1u32..2_000, calls in prop::collection::vec((0u64..2 * SECOND, 1usize..600), 1..200),
        ) {
            let bucket = Bucket::new(rate, 500);
            let (mut now, mut passed) = (0, 0u64);
            for (later, tokens) in calls {
                now += later;
                match bucket.take(now, tokens) {
                    Ok(()) => passed += tokens as u64,
                    Err(wait) if tokens <= 500 => {
                        prop_assert!(would_pass(&bucket, now + wait.as_nanos() as u64, tokens));
                    }
                    Err(_) => {}
                }
                prop_assert!(passed * bucket.token_ns <= bucket.burst_ns + now);
            }
        }
    }

    /// Whether `tokens` would pass at `now`, on a copy.
    fn would_pass(bucket: &Bucket, now: u64, tokens: usize) -> bool {
        let copy = Bucket {
            token_ns: bucket.token_ns,
            burst_ns: bucket.burst_ns,
            spent_until_ns: AtomicU64::new(bucket.spent_until_ns.load(Relaxed)),
        };
        copy.take(now, tokens).is_ok()
    }
}
