//! What the log tells of refusals and of what a withdrawal purged.

use super::*;

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

#[test]
fn the_log_tells_the_first_refusal_of_each_purpose_and_reason() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let (patron, lines) = logged(config(folder.path()), &model, clock);
    let words = Engagement::Feedback { about: None, text: "a word".into() };
    for i in 0..100 {
        assert_eq!(patron.track(&saved(i)), Ok(Tracked::NotPermitted));
        assert_eq!(patron.track(&words), Ok(Tracked::NotPermitted));
    }
    let told = lines.of("track:");
    assert!(told.iter().all(|(level, line)| *level == Level::Warn && line.contains("no consent")), "{told:?}");
    assert_eq!(told.iter().map(|(_, line)| line.contains("engagement")).collect::<Vec<_>>(), [true, false]);
    assert!(told[1].1.contains("dialogue"));
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let holding =
        Arc::new(Holding { holds: Barrier::new(2), goes_on: Barrier::new(2), has_held: AtomicBool::new(false) });
    let _subscription = patron.subscribe(holding.clone());
    patron.set_network(Network::Offline).unwrap();
    holding.holds.wait();
    for _ in 0..2 {
        while patron.track(&saved(0)) != Ok(Tracked::Busy) {}
    }
    holding.goes_on.wait();
    let told = lines.of("track:");
    assert_eq!((told.len(), told[2].1.contains("engagement"), told[2].1.contains("diagnostics")), (3, true, true));
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

#[test]
fn what_a_withdrawal_purged_is_told_with_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    track(&patron, (0..3).map(saved));
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let told = held.reports[&installation].account.clone().unwrap();
    assert_eq!((told.accepted, told.queued, told.purged["withdrawn"]), (3, 0, 3));
    assert!(held.batches.is_empty(), "no batch has said so");
}
