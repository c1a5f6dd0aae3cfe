use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use super::super::{Method, Pending};
use super::*;

type Answer = (Ticket, Result<Response, TransportError>);

/// Does what the path of the URL says.
#[derive(Default)]
struct Scripted {
    sent: AtomicUsize,
    dropped: Arc<AtomicBool>,
}

struct Noticed(Arc<AtomicBool>);

impl Drop for Noticed {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request) -> Pending<'_> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let noticed = Noticed(Arc::clone(&self.dropped));
        match request.url.as_str() {
            "panic at once" => panic!("a host's mistake"),
            "panic later" => Box::pin(async {
                tokio::task::yield_now().await;
                panic!("a host's mistake")
            }),
            "never" => Box::pin(async move {
                let _held = noticed;
                std::future::pending().await
            }),
            "huge" => {
                Box::pin(async { Ok(Response { status: 200, headers: vec![], body: vec![0; MAX_RESPONSE_BYTES + 1] }) })
            }
            _ => Box::pin(async {
                Ok(Response { status: 200, headers: vec![("ETag".into(), "x".into())], body: request.url.into_bytes() })
            }),
        }
    }
}

fn start() -> (Courier, Arc<Scripted>, Receiver<Answer>) {
    let transport = Arc::new(Scripted::default());
    let (answers, received) = channel();
    let done = Box::new(move |ticket, answer| answers.send((ticket, answer)).unwrap());
    (
        Courier::start(
            &Threads::default(),
            Arc::clone(&transport) as Arc<dyn Transport>,
            Log::silent(),
            Box::new(|| 0),
            done,
        )
        .unwrap(),
        transport,
        received,
    )
}

fn request(url: &str) -> Request {
    let timeout = Duration::from_secs(3_600);
    Request { method: Method::Get, url: url.into(), headers: vec![], body: vec![], timeout, max_bytes: usize::MAX }
}

fn until_sent(transport: &Scripted) {
    while transport.sent.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
}

#[test]
fn answers_come_one_for_each_request_in_order_with_lower_case_headers() {
    let (courier, _, answers) = start();
    for n in 0..5 {
        courier.send(Ticket(n), request(&n.to_string()), None);
    }
    for n in 0..5 {
        let (ticket, answer) = answers.recv().unwrap();
        let answer = answer.unwrap();
        assert_eq!((ticket, answer.body.as_slice()), (Ticket(n), n.to_string().as_bytes()));
        assert_eq!(answer.header("etag"), Some("x"));
    }
}

#[test]
fn a_transport_that_panics_is_an_error_and_the_next_request_goes_on() {
    let (courier, _, answers) = start();
    for url in ["panic at once", "panic later"] {
        courier.send(Ticket(1), request(url), None);
        assert_eq!(answers.recv().unwrap(), (Ticket(1), Err(panicked())));
    }
    courier.send(Ticket(2), request("fine"), None);
    assert!(answers.recv().unwrap().1.is_ok());
}

#[test]
fn a_transport_that_answers_too_much_is_cut_off() {
    let (courier, _, answers) = start();
    courier.send(Ticket(1), request("huge"), None);
    assert_eq!(answers.recv().unwrap().1, Err(TransportError::TooLarge));
}

#[test]
fn a_transport_that_hangs_is_given_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let transport = Scripted::default();
    let out_of_time = Request { timeout: Duration::ZERO, ..request("never") };
    let answer = runtime.block_on(contained(&transport, out_of_time, Duration::ZERO));
    assert_eq!(answer, Err(TransportError::Timeout));
}

#[test]
fn an_abort_returns_behind_the_drop_of_the_request_and_no_answer_follows() {
    let (courier, transport, answers) = start();
    courier.send(Ticket(1), request("never"), None);
    until_sent(&transport);
    assert!(courier.abort(Ticket(1)).wait(), "it was under way");
    assert!(transport.dropped.load(Ordering::SeqCst));
    courier.send(Ticket(2), request("fine"), None);
    assert_eq!(answers.recv().unwrap().0, Ticket(2));
}

#[test]
fn what_waits_its_turn_can_be_taken_back_and_is_never_sent() {
    let (courier, transport, answers) = start();
    courier.send(Ticket(1), request("never"), None);
    until_sent(&transport);
    courier.send(Ticket(2), request("fine"), None);
    assert!(!courier.abort(Ticket(2)).wait(), "it was not under way");
    assert!(!courier.abort(Ticket(99)).wait(), "there is no such request");
    courier.abort(Ticket(1)).wait();
    drop(courier);
    assert!(answers.recv().is_err(), "nothing was answered");
    assert_eq!(transport.sent.load(Ordering::SeqCst), 1);
}

#[test]
fn dropping_the_courier_aborts_and_ends_the_thread() {
    let (courier, transport, answers) = start();
    courier.send(Ticket(1), request("never"), None);
    until_sent(&transport);
    drop(courier);
    assert!(transport.dropped.load(Ordering::SeqCst));
    assert!(answers.recv().is_err(), "the thread is gone, and its callback with it");
    assert_eq!(Arc::strong_count(&transport), 1);
}

#[test]
fn a_receiver_that_panics_does_not_end_sync() {
    let (answers, received) = channel();
    let done: Done = Box::new(move |ticket, _| {
        answers.send(ticket).unwrap();
        assert_ne!(ticket, Ticket(1), "a mistake in the receiver");
    });
    let courier =
        Courier::start(&Threads::default(), Arc::new(Scripted::default()), Log::silent(), Box::new(|| 0), done)
            .unwrap();
    courier.send(Ticket(1), request("fine"), None);
    courier.send(Ticket(2), request("fine"), None);
    assert_eq!((received.recv(), received.recv()), (Ok(Ticket(1)), Ok(Ticket(2))));
}

#[test]
fn what_rests_on_another_consent_is_not_begun() {
    let (answers, received) = channel();
    let stands = Arc::new(AtomicUsize::new(4));
    let epoch = {
        let stands = Arc::clone(&stands);
        Box::new(move || stands.load(Ordering::SeqCst) as u64)
    };
    let transport = Arc::new(Scripted::default());
    let done = Box::new(move |ticket, answer| answers.send((ticket, answer)).unwrap());
    let carried = Arc::clone(&transport) as Arc<dyn Transport>;
    let courier = Courier::start(&Threads::default(), carried, Log::silent(), epoch, done).unwrap();
    courier.send(Ticket(1), request("fine"), Some(4));
    assert!(received.recv().unwrap().1.is_ok());
    stands.store(5, Ordering::SeqCst);
    courier.send(Ticket(2), request("fine"), Some(4));
    assert_eq!(received.recv().unwrap(), (Ticket(2), Err(TransportError::Overtaken)));
    courier.send(Ticket(3), request("fine"), None);
    assert!(received.recv().unwrap().1.is_ok());
    assert_eq!(transport.sent.load(Ordering::SeqCst), 2);
}

/// Writes a byte at a time onto a wire that everyone sees, as a socket would that is always ready.
struct Wire(Arc<AtomicUsize>);

impl Transport for Wire {
    fn send(&self, request: Request) -> Pending<'_> {
        let wire = Arc::clone(&self.0);
        Box::pin(async move {
            for _ in 0..request.body.len() {
                wire.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
            Ok(Response { status: 200, headers: vec![], body: vec![] })
        })
    }
}

/// `PATRON_INTERLEAVINGS` for more: a million takes about a minute with optimisation.
#[test]
fn nothing_is_written_once_an_abort_has_returned_however_the_threads_meet() {
    let times = std::env::var("PATRON_INTERLEAVINGS").ok().and_then(|times| times.parse().ok()).unwrap_or(5_000);
    let written = Arc::new(AtomicUsize::new(0));
    let (answers, received) = channel();
    let done = Box::new(move |ticket, _| {
        let _ = answers.send(ticket);
    });
    let carried = Arc::new(Wire(Arc::clone(&written))) as Arc<dyn Transport>;
    let courier = Courier::start(&Threads::default(), carried, Log::silent(), Box::new(|| 0), done).unwrap();
    let mut rng = fastrand::Rng::with_seed(11);
    let (mut met_under_way, mut met_before, mut met_after) = (0, 0, 0);
    for ticket in 0..times {
        let body = vec![0; rng.usize(1..40)];
        let length = body.len();
        let before = written.load(Ordering::SeqCst);
        courier.send(Ticket(ticket), Request { body, ..request("wire") }, None);
        for _ in 0..rng.u32(0..400) {
            std::hint::spin_loop();
        }
        if rng.u8(0..8) == 0 {
            std::thread::yield_now();
        }
        let was_under_way = courier.abort(Ticket(ticket)).wait();
        let returned = written.load(Ordering::SeqCst);
        for _ in 0..rng.u32(0..200) {
            std::hint::spin_loop();
        }
        assert_eq!(written.load(Ordering::SeqCst), returned, "a byte behind the abort, seed 11, turn {ticket}");
        match (was_under_way, returned - before) {
            (true, _) => met_under_way += 1,
            (false, 0) => met_before += 1,
            (false, all) => {
                assert_eq!(all, length, "it was not under way, and a part of it is on the wire");
                met_after += 1;
            }
        }
        received.try_iter().for_each(drop);
    }
    let met = (met_before, met_under_way, met_after);
    assert!(met_under_way > 0 && met_before + met_after > 0, "the threads never met otherwise: {met:?}");
}
