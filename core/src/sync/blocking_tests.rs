use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Waker;

use super::super::Method;
use super::*;

/// Does what the URL says, and tells what it was asked.
struct Host {
    told: Sender<String>,
    /// Ends a request that hangs.
    released: Mutex<Receiver<()>>,
    release: Sender<()>,
    /// Whether it keeps its word when asked to break off.
    obeys: bool,
}

impl Host {
    fn new(obeys: bool) -> (Arc<Self>, Receiver<String>) {
        let (told, hears) = channel();
        let (release, released) = channel();
        (Arc::new(Self { told, released: Mutex::new(released), release, obeys }), hears)
    }

    fn tell(&self, what: String) {
        // Nobody listens any more to a request that outlived its test.
        let _ = self.told.send(what);
    }
}

impl BlockingTransport for Host {
    fn send(&self, id: u64, request: Request) -> Result<Response, TransportError> {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        self.tell(format!("{thread}: {id} {}", request.url));
        match request.url.as_str() {
            "hang" => {
                self.released.lock().unwrap().recv().unwrap();
                self.tell(format!("returns from {id}"));
                Err(TransportError::Timeout)
            }
            "panic" => panic!("a host's mistake"),
            _ => Ok(Response { status: 204, headers: vec![], body: request.body }),
        }
    }

    fn cancel(&self, id: u64) {
        self.tell(format!("cancel {id}"));
        if self.obeys {
            self.release.send(()).unwrap();
        }
    }
}

fn transport(host: &Arc<Host>, patience: Duration) -> OnThread {
    OnThread { patience, ..OnThread::new(Arc::clone(host) as _, Threads::default()) }
}

fn request(url: &str) -> Request {
    let timeout = Duration::from_secs(3_600);
    Request {
        method: Method::Post,
        url: url.into(),
        headers: vec![],
        body: b"body".to_vec(),
        timeout,
        max_bytes: 1 << 20,
    }
}

fn wait(pending: Pending<'_>) -> Result<Response, TransportError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(pending)
}

/// Begins, and waits until the host is at it.
fn begin<'a>(transport: &'a OnThread, hears: &Receiver<String>) -> Pending<'a> {
    let mut pending = transport.send(request("hang"));
    assert!(pending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(hears.recv().unwrap().starts_with("patron-transport: "));
    pending
}

#[test]
fn each_request_is_carried_on_a_thread_of_its_own_and_answered() {
    let (host, hears) = Host::new(true);
    let transport = transport(&host, PATIENCE);
    for n in 0..3 {
        let answer = wait(transport.send(request("go"))).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (204, b"body".as_slice()));
        assert_eq!(hears.recv().unwrap(), format!("patron-transport: {n} go"));
    }
    assert!(hears.try_recv().is_err(), "nothing that was answered is broken off");
}

#[test]
fn a_dropped_request_is_broken_off_and_waited_for() {
    let (host, hears) = Host::new(true);
    let transport = transport(&host, Duration::from_secs(20));
    drop(begin(&transport, &hears));
    assert_eq!(hears.try_recv().unwrap(), "cancel 0");
    assert_eq!(hears.try_recv().unwrap(), "returns from 0");
    assert!(wait(transport.send(request("go"))).is_ok());
}

#[test]
fn a_host_that_does_not_let_go_holds_nobody_up_and_gets_nothing_more() {
    let (host, hears) = Host::new(false);
    let transport = transport(&host, Duration::ZERO);
    drop(begin(&transport, &hears));
    let next = wait(transport.send(request("go")));
    assert!(matches!(&next, Err(TransportError::Network(why)) if why.contains("let go")), "{next:?}");
    host.release.send(()).unwrap();
}

#[test]
fn a_host_that_panics_is_an_error_and_the_next_request_goes_on() {
    let (host, _hears) = Host::new(true);
    let transport = transport(&host, PATIENCE);
    let answer = wait(transport.send(request("panic")));
    assert!(matches!(&answer, Err(TransportError::Network(why)) if why.contains("panicked")), "{answer:?}");
    assert!(wait(transport.send(request("go"))).is_ok());
}
