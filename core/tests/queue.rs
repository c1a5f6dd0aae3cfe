//! The queue's rules: what it gives up and when, what it says of it, and what the host can tell it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[path = "queue/ages.rs"]
mod ages;
#[path = "queue/drains.rs"]
mod drains;
#[path = "queue/logs.rs"]
mod logs;
#[path = "queue/losses.rs"]
mod losses;
#[path = "queue/sessions.rs"]
mod sessions;
mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use patron_core::clock::{Clock, ManualClock, Now};
use patron_core::consent::{PlainVault, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::log::{Level, Log, LogSink};
use patron_core::store::MAIN_FILE;
use patron_core::{Change, Config, Diagnostics, Edges, Error, Fate, Listener, Network, Patron, Threads};
use support::{Fault, KEY_REFUSED, MONDAY_10, Model, config, open, open_with, wait};

const DAY: Duration = Duration::from_secs(86_400);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

fn saved(i: usize) -> Engagement {
    Engagement::Saved { offer: format!("offer-{i}") }
}

fn seen(i: usize) -> Engagement {
    Engagement::Impression { offer: format!("offer-{i}") }
}

fn track(patron: &Patron, events: impl IntoIterator<Item = Engagement>) {
    for event in events {
        assert_eq!(patron.track(&event), Ok(Tracked::Recorded));
    }
    wait(patron.flush()).unwrap();
}

/// A granted store that is offline.
fn offline(config: Config, model: &Model, clock: &Arc<ManualClock>) -> Patron {
    let patron = open_with(config, model, clock).unwrap();
    patron.set_network(Network::Offline).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron
}

/// Holds the engine's thread at the first change of sync that it hears of.
struct Holding {
    holds: Barrier,
    goes_on: Barrier,
    has_held: AtomicBool,
}

impl Listener for Holding {
    fn changed(&self, changes: &[Change]) {
        if changes.contains(&Change::Sync) && !self.has_held.swap(true, Ordering::SeqCst) {
            self.holds.wait();
            self.goes_on.wait();
        }
    }
}

/// Keeps what is logged.
#[derive(Default)]
struct Lines(Mutex<Vec<(Level, String)>>);

impl LogSink for Lines {
    fn log(&self, level: Level, line: &str) {
        self.0.lock().unwrap().push((level, line.to_owned()));
    }
}

impl Lines {
    fn of(&self, begins: &str) -> Vec<(Level, String)> {
        self.0.lock().unwrap().iter().filter(|(_, line)| line.starts_with(begins)).cloned().collect()
    }
}

fn logged(config: Config, model: &Model, clock: Arc<dyn Clock>) -> (Patron, Arc<Lines>) {
    let lines = Arc::new(Lines::default());
    let edges = Edges {
        clock,
        transport: Arc::new(model.clone()),
        seed: Some(7),
        vault: PlainVault::shared(),
        log: Log::to(lines.clone(), Level::Info),
        threads: Threads::default(),
    };
    (Patron::open(config, edges).unwrap(), lines)
}

/// A phone in a drawer: as soon as the engine wants to sleep until some time, that time has come.
struct Drawer(ManualClock, AtomicBool);

impl Clock for Drawer {
    fn now(&self) -> Now {
        self.0.now()
    }

    fn sleep_until(&self, wall_ms: i64) -> Option<Duration> {
        if self.1.load(Ordering::SeqCst) {
            let left = (wall_ms - self.0.now().wall_ms).max(0) as u64;
            self.0.advance(Duration::from_millis(left));
            return Some(Duration::ZERO);
        }
        None
    }
}

fn lost(diagnostics: &Diagnostics) -> Vec<(Fate, &str, u64)> {
    diagnostics.losses.iter().map(|loss| (loss.fate, loss.reason.as_str(), loss.events)).collect()
}

#[test]
fn no_call_waits_for_a_producer_that_never_pauses() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(Config { max_events: 2_000, ..config(folder.path()) }, &model, &clock);
    let stop = AtomicBool::new(false);
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = patron.track(&saved(1));
            }
        });
        // Asserted behind the thread: a panic in here would wait for it for ever.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            wait(patron.flush()).unwrap();
            wait(patron.diagnostics()).unwrap();
            wait(patron.drain(Duration::ZERO, None)).unwrap();
            wait(patron.sign_out()).unwrap();
        }));
        stop.store(true, Ordering::Relaxed);
        done
    });
    assert!(done.is_ok());
}

#[test]
fn on_a_metered_network_events_wait_for_more_company() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    patron.set_network(Network::Metered).unwrap();
    track(&patron, (0..1).map(saved));
    assert!(wait(patron.drain(DAY, None)).unwrap().done, "who waits for a drain does not wait for company");
    track(&patron, (1..61).map(saved));
    clock.advance(Duration::from_secs(60));
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 60);
    track(&patron, (61..101).map(saved));
    wait(async {
        while patron.diagnostics().await.unwrap().account.queued > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
}

#[test]
fn a_hurry_that_found_nothing_to_send_hurries_no_later_event() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let hurries: [&dyn Fn(); 3] = [
        &|| assert!(wait(patron.drain(DAY, None)).unwrap().done),
        &|| patron.set_network(Network::Metered).unwrap(),
        &|| patron.set_foreground(false).unwrap(),
    ];
    for hurry in hurries {
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        hurry();
        track(&patron, [saved(0)]);
        let waiting = wait(patron.diagnostics()).unwrap();
        // The time of a next attempt: it neither went nor is on its way.
        assert!(waiting.account.queued == 1 && waiting.next_attempt_at_ms.is_some(), "{waiting:?}");
    }
}

#[test]
fn leaving_the_app_sends_what_is_queued() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    track(&patron, [saved(0)]);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1, "one event waits for company");
    patron.set_foreground(false).unwrap();
    wait(async {
        while model.stored() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
}

#[test]
fn a_renewed_key_sends_what_the_refused_one_kept() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    model.fail("/v1/events", Fault::Answer(403, vec![], KEY_REFUSED));
    track(&patron, (0..3).map(saved));
    assert_eq!(wait(patron.drain(DAY, None)).unwrap().left, 3);
    assert!(matches!(patron.renew_key("with space".into()), Err(Error::InvalidInput { .. })));
    patron.renew_key("pk_renewed".into()).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.stored(), 3);
    assert_eq!(model.0.lock().unwrap().keys.last().unwrap(), "Bearer pk_renewed");
}

#[test]
fn the_refusal_of_a_key_that_was_renewed_meanwhile_says_nothing_of_the_new_one() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    model.fail("/v1/events", Fault::Late(401, KEY_REFUSED));
    track(&patron, (0..3).map(saved));
    let drained = wait(async {
        let sent = model.0.lock().unwrap().keys.len();
        let renewed = async {
            while model.0.lock().unwrap().keys.len() == sent {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            patron.renew_key("pk_renewed".into()).unwrap();
        };
        tokio::join!(patron.drain(DAY, None), renewed).0
    });
    assert!(drained.unwrap().done);
    assert_eq!(model.stored(), 3);
}

#[test]
fn the_databases_log_stays_short_while_events_come_without_a_pause() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    let log = folder.path().join(format!("{MAIN_FILE}-wal"));
    let mut longest = 0;
    for round in 0..80 {
        let long = |n| Engagement::Saved { offer: format!("{n:0>250}") };
        track(&patron, (round * 250..(round + 1) * 250).map(long));
        wait(patron.flush()).unwrap();
        longest = longest.max(std::fs::metadata(&log).map_or(0, |log| log.len()));
    }
    let queue = std::fs::metadata(folder.path().join(MAIN_FILE)).unwrap().len();
    assert!(longest < 5 << 20, "{longest} bytes of log");
    assert!(queue > 5 << 20, "more went through it than it holds: {queue}");
}

#[test]
fn the_backends_clock_corrects_the_phones() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.0.lock().unwrap().server_time = Some("2026-11-23T08:00:00Z".into());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(wait(patron.diagnostics()).unwrap().clock_skew_ms, None);
    track(&patron, [saved(0)]);
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    clock.set_wall(MONDAY_10 + 3_600_000);
    assert_eq!(wait(patron.diagnostics()).unwrap().clock_skew_ms, Some(3_600_000));
}

#[test]
fn a_publisher_that_samples_shows_offers_to_all_and_records_of_some() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let mut town: serde_json::Value = serde_json::from_str(patron_core::sandbox::TOWN_JSON).unwrap();
    town["sdk"]["sampling"] = 0.0.into();
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.refresh()).unwrap();
    assert_eq!(patron.track(&saved(0)), Ok(Tracked::NotPermitted));
    assert!(wait(patron.diagnostics()).unwrap().sampled_out);
    assert!(!patron.offers("home").unwrap().is_empty());
    // The next process is gated by it before its database is open.
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    assert_eq!(patron.track(&saved(1)), Ok(Tracked::NotPermitted));
    town["sdk"]["sampling"] = 1.0.into();
    model.0.lock().unwrap().catalogue = town.to_string().into_bytes();
    wait(patron.refresh()).unwrap();
    assert_eq!(patron.track(&saved(2)), Ok(Tracked::Recorded));
}

#[test]
fn a_token_that_is_renewed_while_the_old_one_is_told_is_told_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    wait(patron.identify_as("first".into(), "7".into())).unwrap();
    let alias = wait(patron.diagnostics()).unwrap().account_alias;
    model.fail("/v1/identity", Fault::Slow);
    patron.set_network(Network::Unmetered).unwrap();
    wait(async {
        while !model.0.lock().unwrap().requests.iter().any(|url| url.ends_with("/identity")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        patron.identify_as("second".into(), "7".into()).await.unwrap();
    });
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.0.lock().unwrap().tokens, ["first", "second"]);
    assert_eq!(wait(patron.diagnostics()).unwrap().account_alias, alias, "it is the same shopper");
}

#[test]
fn what_waits_behind_too_much_else_to_be_durable_is_recorded_and_counts_once() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let holding =
        Arc::new(Holding { holds: Barrier::new(2), goes_on: Barrier::new(2), has_held: AtomicBool::new(false) });
    let subscription = patron.subscribe(holding.clone());
    patron.set_network(Network::Metered).unwrap();
    holding.holds.wait();
    while patron.set_network(Network::Offline).is_ok() {}
    let tracked = wait(patron.track_durable(&saved(0)));
    holding.goes_on.wait();
    drop(subscription);
    assert_eq!(tracked, Ok(Tracked::NotYetDurable));
    wait(async {
        while patron.flush().await == Err(Error::Busy) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(wait(patron.track_durable(&saved(1))), Ok(Tracked::Recorded));
    assert_eq!(wait(patron.diagnostics()).unwrap().account.accepted, 2);
}

#[test]
fn the_next_shoppers_installation_tells_an_account_of_its_own() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.0.lock().unwrap().drops = Some(("bad".to_owned(), "conflict".to_owned()));
    let patron = offline(Config { max_events: 40, ..config(folder.path()) }, &model, &clock);
    let bad = |i: usize| Engagement::Saved { offer: format!("bad-{i}") };
    let deliver = || {
        patron.set_network(Network::Unmetered).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        patron.set_network(Network::Offline).unwrap();
    };
    track(&patron, (0..45).map(saved));
    deliver();
    track(&patron, (0..7).map(bad));
    deliver();
    track(&patron, (0..9).map(saved));
    let first = wait(patron.diagnostics()).unwrap();
    wait(patron.sign_out()).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track(&patron, (0..3).map(saved));
    deliver();
    track(&patron, [bad(7), saved(3)]);
    deliver();
    track(&patron, [saved(4)]);
    deliver();
    let second = wait(patron.diagnostics()).unwrap();
    let told = |installation| {
        let held = model.0.lock().unwrap();
        let batches = held.batches.iter().filter(|batch| batch.installation == installation);
        batches.map(|batch| batch.account.clone().unwrap()).collect::<Vec<_>>()
    };
    let (of_first, of_second) = (told(first.installation), told(second.installation));
    let last_of_first = of_first.last().unwrap();
    assert_eq!((last_of_first.accepted, last_of_first.delivered, last_of_first.queued), (52, 39, 7));
    assert_eq!(last_of_first.evicted["count"], 6);
    let own: Vec<_> = of_second.iter().map(|told| (told.accepted, told.delivered, told.queued)).collect();
    assert_eq!(own, [(3, 0, 3), (5, 3, 2), (6, 4, 1)]);
    assert_eq!(of_second[2].dead.iter().collect::<Vec<_>>(), [(&"conflict".to_owned(), &1)]);
    assert!(of_second.iter().all(|told| told.evicted.is_empty() && told.purged.is_empty()), "{of_second:?}");
    // The device's own account goes on.
    assert_eq!((second.account.accepted, second.account.delivered), (67, 44));
    assert!(second.account.balances());
    assert!(second.consent_epoch > first.consent_epoch + 3, "the next number would name the installation before");
    // Also for the process that comes next.
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    track(&patron, [saved(5)]);
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let of_second = told(second.installation);
    let last = of_second.last().unwrap();
    assert_eq!((last.accepted, last.delivered, last.queued), (7, 5, 1));
}
