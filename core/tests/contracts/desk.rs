//! A handle with a scripted transport that keeps every batch it was given, and time in our hands.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use patron_core::clock::{Clock, ManualClock};
use patron_core::consent::{PlainVault, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::log::{Level, Log, LogSink};
use patron_core::sync::wire::EventBatch;
use patron_core::sync::{Pending, Request, Transport};
use patron_core::{Account, Config, Diagnostics, Edges, Patron, Threads};

use crate::support::{Fault, MONDAY_10, Model, unpack, wait};

/// A batch as it came.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) batch: EventBatch,
    pub(crate) headers: Vec<(String, String)>,
}

impl Sent {
    /// The offers that its events name.
    pub(crate) fn offers(&self) -> Vec<String> {
        let offer = |data: &str| serde_json::from_str::<serde_json::Value>(data).unwrap()["offer"].clone();
        self.batch.events.iter().map(|event| offer(event.data.get()).as_str().unwrap().to_owned()).collect()
    }
}

/// Hears every request, and then asks the model.
#[derive(Default)]
pub(crate) struct Heard {
    model: Model,
    sent: Mutex<Vec<Sent>>,
    /// A batch that has an event of this offer is answered so; each, without a name.
    pub(crate) poison: Mutex<Option<(String, Fault)>>,
    pub(crate) keys: Mutex<Vec<Option<String>>>,
    under_way: AtomicUsize,
    pub(crate) most_under_way: AtomicUsize,
}

impl Transport for Heard {
    fn send(&self, request: Request) -> Pending<'_> {
        let key = request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, key)| key.clone());
        self.keys.lock().unwrap().push(key);
        if request.url.ends_with("/v1/events") {
            let batch = serde_json::from_slice(&unpack(&request)).unwrap();
            let sent = Sent { batch, headers: request.headers.clone() };
            if let Some((offer, fault)) = &*self.poison.lock().unwrap()
                && (offer.is_empty() || sent.offers().contains(offer))
            {
                self.model.fail("/v1/events", fault.clone());
            }
            self.sent.lock().unwrap().push(sent);
        }
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(now, Ordering::SeqCst);
        Box::pin(async move {
            let answer = self.model.send(request).await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

#[derive(Clone, Default)]
pub(crate) struct Lines(pub(crate) Arc<Mutex<VecDeque<String>>>);

impl LogSink for Lines {
    fn log(&self, level: Level, line: &str) {
        self.0.lock().unwrap().push_back(format!("{level:?} {line}"));
    }
}

/// One store, and everything around it.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    pub(crate) model: Model,
    pub(crate) heard: Arc<Heard>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) lines: Lines,
    max_events: u64,
    patron: Option<Patron>,
}

impl Desk {
    /// A store whose shopper allows engagement, whose backend knows, and which has nothing to send.
    pub(crate) fn new() -> Self {
        Self::with_room_for(50_000)
    }

    pub(crate) fn with_room_for(max_events: u64) -> Self {
        let model = Model::town();
        let heard = Arc::new(Heard { model: model.clone(), ..Heard::default() });
        let clock = Arc::new(ManualClock::at(MONDAY_10));
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Self { folder, model, heard, clock, lines: Lines::default(), max_events, patron: None };
        desk.reopen();
        wait(desk.patron().grant(vec![Purpose::Engagement])).unwrap();
        assert!(wait(desk.patron().drain(Duration::from_secs(60), None)).unwrap().done);
        desk
    }

    pub(crate) fn patron(&self) -> &Patron {
        self.patron.as_ref().unwrap()
    }

    /// Ends the process, as far as the store can tell, and begins the next.
    pub(crate) fn reopen(&mut self) {
        drop(self.patron.take());
        let folder: &Path = self.folder.path();
        let config = Config { max_events: self.max_events, ..Config::new(folder, "https://model.invalid", "pk_test") };
        let edges = Edges {
            clock: self.clock.clone(),
            transport: self.heard.clone(),
            seed: Some(7),
            vault: PlainVault::shared(),
            log: Log::to(Arc::new(self.lines.clone()), Level::Warn),
            threads: Threads::default(),
        };
        let patron = Patron::open(config, edges).unwrap();
        wait(patron.ready()).unwrap();
        self.patron = Some(patron);
    }

    pub(crate) fn track(&self, offers: impl IntoIterator<Item = String>) {
        for offer in offers {
            assert_eq!(self.patron().track(&Engagement::Saved { offer }), Ok(Tracked::Recorded));
        }
    }

    /// Tracks `n` events and sends them as one batch: the network comes back when all are there.
    pub(crate) fn send(&self, n: usize) {
        self.patron().set_online(false).unwrap();
        self.track((0..n).map(|i| format!("offer-{i}")));
        wait(self.patron().flush()).unwrap();
        self.patron().set_online(true).unwrap();
    }

    /// The next batches are answered so.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = (u16, Option<&'static str>)>) {
        for (status, retry_after) in answers {
            let headers = retry_after.map(|after| ("retry-after", after)).into_iter().collect();
            self.model.fail("/v1/events", Fault::Answer(status, headers, ""));
        }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.heard.sent.lock().unwrap().clone()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.heard.sent.lock().unwrap().len()
    }

    pub(crate) fn diagnostics(&self) -> Diagnostics {
        wait(self.patron().diagnostics()).unwrap()
    }

    pub(crate) fn account(&self) -> Account {
        self.diagnostics().account
    }

    /// Waits until the `n`th batch ever was answered and failed; how long sync waits then.
    pub(crate) fn wait_behind(&self, n: usize) -> Duration {
        let at = self.until(|desk| desk.diagnostics().next_attempt_at_ms.filter(|_| desk.attempts() == n));
        Duration::from_millis((at - self.clock.now().wall_ms).try_into().unwrap())
    }

    /// Waits until nothing is queued.
    pub(crate) fn delivered(&self) -> Account {
        self.until(|desk| Some(desk.account()).filter(|account| account.queued == 0))
    }

    /// Moves time on, wait by wait, until nothing is queued.
    pub(crate) fn delivered_in_time(&self) -> Account {
        self.until(|desk| {
            let found = desk.diagnostics();
            if let Some(at) = found.next_attempt_at_ms {
                desk.pass(Duration::from_millis((at - desk.clock.now().wall_ms).max(0) as u64));
            }
            Some(found.account).filter(|account| account.queued == 0)
        })
    }

    /// Moves time on, and lets the engine look at it.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
        wait(self.patron().ready()).unwrap();
    }

    /// Answers come on other threads; ten real seconds are a failure.
    pub(crate) fn until<T>(&self, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "it hangs: {:?}", self.account());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
