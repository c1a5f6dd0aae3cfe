//! What is on the wire behind a withdrawal, counted by whoever stands at its other end: the whole of Patron, its own
//! transport, real sockets.
//!
//! The other end reads the head of a batch and not a byte more until it is told to. Its window is small, and so are the
//! segments that it takes: the kernel holds a part of the batch, and the rest is still the app's. What both kernels hold
//! stands in `/proc/net/tcp`, so that what is read later is known to have left before.
#![cfg(all(feature = "http", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::sync::{MAX_RESPONSE_BYTES, Method, Request};
use patron_core::{Config, Edges, Patron};
use support::{Model, wait};

const DEADLINE: Duration = Duration::from_secs(10);

/// In the text of every event that is withdrawn.
const CANARY: &str = "canary-of-the-withdrawn";

/// Together one batch, and several times what the kernels take of it.
const EVENTS: usize = 30;
const TEXT: usize = 8_000;

/// A backend at the other end of real sockets, which counts what it reads.
struct OtherEnd {
    port: u16,
    model: Model,
    counted: Arc<Counted>,
    /// The head of a batch has been read, of that declared length.
    reached: Receiver<u64>,
    /// The body may be read.
    go_on: Sender<()>,
}

#[derive(Default)]
struct Counted {
    /// Bytes of the bodies of batches.
    body: AtomicU64,
    /// Bodies that ended before they were whole.
    cut: AtomicU64,
    /// What came whole, head and body, in the clear.
    whole: Mutex<Vec<u8>>,
}

/// What a connection has to wait for.
struct Turnstile {
    reached: Sender<u64>,
    go_on: Receiver<()>,
}

impl OtherEnd {
    fn start(model: Model) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        option(&listener, libc::SOL_SOCKET, libc::SO_RCVBUF, 4_096);
        option(&listener, libc::IPPROTO_TCP, libc::TCP_MAXSEG, 536);
        let port = listener.local_addr().unwrap().port();
        let (told, reached) = channel();
        let (go_on, may) = channel();
        let turnstile = Arc::new(Mutex::new(Turnstile { reached: told, go_on: may }));
        let counted = Arc::new(Counted::default());
        let (backend, counts) = (model.clone(), Arc::clone(&counted));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (backend, counts, turnstile) = (backend.clone(), Arc::clone(&counts), Arc::clone(&turnstile));
                std::thread::spawn(move || while serve(&stream, &backend, &counts, &turnstile) {});
            }
        });
        Self { port, model, counted, reached, go_on }
    }

    /// A device of this backend, whose decisions it has.
    fn device(&self, folder: &std::path::Path) -> Patron {
        let config = Config::new(folder, format!("http://127.0.0.1:{}", self.port), "pk_test");
        let patron = Patron::open(config.clone(), Edges::system(&config).unwrap()).unwrap();
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        assert!(wait(patron.drain(DEADLINE, None)).unwrap().done);
        patron
    }
}

fn option(listener: &TcpListener, level: libc::c_int, name: libc::c_int, value: libc::c_int) {
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the descriptor is the listener's, and the value is as long as is said.
    #[allow(unsafe_code, reason = "the standard library sets none of these")]
    let refused = unsafe { libc::setsockopt(listener.as_raw_fd(), level, name, (&raw const value).cast(), size) };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
}

/// One request and its answer; false when there is no other.
fn serve(stream: &std::io::Result<TcpStream>, model: &Model, counted: &Counted, turnstile: &Mutex<Turnstile>) -> bool {
    let mut stream = stream.as_ref().unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    let text = String::from_utf8(head).unwrap().to_lowercase();
    let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length: u64 = header("content-length:").map_or(0, |length| length.parse().unwrap());
    let is_batch = text.starts_with("post /v1/events ");
    if is_batch {
        let turnstile = turnstile.lock().unwrap();
        turnstile.reached.send(length).unwrap();
        turnstile.go_on.recv().unwrap();
    }
    let mut body = Vec::new();
    while (body.len() as u64) < length {
        let mut some = [0; 1_024];
        let most = some.len().min(length as usize - body.len());
        match stream.read(&mut some[..most]) {
            Ok(0) => break,
            Ok(read) => body.extend_from_slice(&some[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
        if is_batch {
            counted.body.store(body.len() as u64, Ordering::SeqCst);
        }
    }
    if (body.len() as u64) < length {
        counted.cut.fetch_add(1, Ordering::SeqCst);
        return false;
    }
    let encoding = header("content-encoding:").map(|encoding| ("content-encoding".to_owned(), encoding.to_owned()));
    let path = text.split(' ').nth(1).unwrap();
    let request = Request {
        method: if text.starts_with("get ") { Method::Get } else { Method::Post },
        url: format!("http://127.0.0.1{path}"),
        headers: encoding.into_iter().collect(),
        body,
        timeout: DEADLINE,
        max_bytes: MAX_RESPONSE_BYTES,
    };
    counted.whole.lock().unwrap().extend(support::unpack(&request));
    let response = model.answer(&request);
    let head = format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\n\r\n", response.status, response.body.len());
    stream.write_all(&[head.as_bytes(), &response.body].concat()).is_ok()
}

/// The sockets between the device and `port`: the ports of those that the device still has open, and the bytes that both
/// kernels hold for the backend to read.
fn kernel(port: u16) -> (Vec<u16>, u64) {
    const ESTABLISHED: &str = "01";
    const LISTEN: &str = "0A";
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let (mut open, mut held) = (Vec::new(), 0);
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [local, remote, state, queues] = fields[1..5] else { panic!("{line}") };
        let number = |hex: &str| u64::from_str_radix(hex, 16).unwrap();
        let port_of = |address: &str| number(address.split(':').nth(1).unwrap()) as u16;
        let (sending, reading) = queues.split_once(':').unwrap();
        if port_of(remote) == port {
            open.extend((state == ESTABLISHED).then(|| port_of(local)));
            held += number(sending);
        } else if port_of(local) == port && state != LISTEN {
            held += number(reading);
        }
    }
    (open, held)
}

/// Waits until the kernel takes no more of the batch.
fn until_full(port: u16) -> u64 {
    let mut last = 0;
    let deadline = std::time::Instant::now() + DEADLINE;
    loop {
        let (_, held) = kernel(port);
        if held > 0 && held == last {
            return held;
        }
        last = held;
        assert!(std::time::Instant::now() < deadline, "the kernel holds {held}, and never the same");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An event that packs badly.
fn event(rng: &mut fastrand::Rng) -> Engagement {
    let text: String = std::iter::repeat_with(|| rng.alphanumeric()).take(TEXT).collect();
    let properties = [("canary".to_owned(), CANARY.to_owned()), ("text".to_owned(), text)];
    Engagement::Custom { name: "lab.large".to_owned(), properties: properties.into() }
}

#[test]
fn once_a_withdrawal_has_returned_not_a_byte_of_its_events_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let other_end = OtherEnd::start(Model::town());
    let patron = other_end.device(folder.path());
    let mut rng = fastrand::Rng::with_seed(5);
    patron.set_online(false).unwrap();
    for _ in 0..EVENTS {
        assert_eq!(patron.track(&event(&mut rng)), Ok(Tracked::Recorded));
    }
    wait(patron.flush()).unwrap();
    patron.set_online(true).unwrap();
    let declared = other_end.reached.recv_timeout(DEADLINE).unwrap();
    let under_way = until_full(other_end.port);
    assert!(under_way < declared, "{under_way} of {declared}: a part of the batch is still to be written");
    let (open, _) = kernel(other_end.port);
    let [socket] = open[..] else { panic!("one request is under way: {open:?}") };

    let gone = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    let (open, held) = kernel(other_end.port);
    // Another may be open already: the backend is told of the withdrawal.
    assert!(!open.contains(&socket), "its socket is closed: {open:?}");
    assert!(gone.in_doubt > 0 && gone.purged_events == EVENTS as u64, "{gone:?}");

    // What the kernels hold is all that comes; where the connection was reset not even that.
    other_end.go_on.send(()).unwrap();
    wait(async {
        while other_end.counted.cut.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let read = other_end.counted.body.load(Ordering::SeqCst);
    assert!(read <= held, "{read} bytes were read, of which the kernels held {held} when the withdrawal returned");
    assert!(read < declared, "and so the batch is never whole");

    // Nor does anything of it come on another way.
    assert!(wait(patron.drain(DEADLINE, None)).unwrap().done);
    patron.close();
    let whole = other_end.counted.whole.lock().unwrap();
    assert!(!whole.is_empty() && !whole.windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes()));
    assert_eq!(other_end.model.stored(), 0);
}
