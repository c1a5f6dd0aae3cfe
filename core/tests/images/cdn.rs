//! A server of pictures on a real loopback socket, which keeps what it was sent.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use patron_core::sync::{HttpTransport, Pending, Request, Transport};

use crate::support::Model;

/// Where the catalogue says that pictures lie.
pub const CDN: &str = "https://cdn.example";

/// What is answered for a path.
#[derive(Clone)]
pub enum Serve {
    Picture(Vec<u8>),
    Answer(&'static str, Vec<u8>),
    /// Nothing, until the other side has had enough.
    Hang,
}

#[derive(Default)]
struct Shared {
    served: Mutex<BTreeMap<String, Serve>>,
    heads: Mutex<Vec<String>>,
    ended: AtomicBool,
}

pub struct Cdn {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// A hanging request has arrived, and then: the other side has closed it.
    pub hung: Receiver<&'static str>,
}

impl Cdn {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (shared, (tell, hung)) = (Arc::new(Shared::default()), channel());
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming() {
                    if shared.ended.load(Ordering::SeqCst) {
                        return;
                    }
                    answer(stream.unwrap(), &shared, &tell);
                }
            }
        });
        Self { address, shared, thread: Some(thread), hung }
    }

    pub fn serve(&self, path: &str, what: Serve) {
        self.shared.served.lock().unwrap().insert(path.to_owned(), what);
    }

    /// The heads of all requests so far, in lower case.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }

    /// Pictures come from here, all else from `model`.
    pub fn transport(&self, model: &Model) -> Arc<dyn Transport> {
        let here = format!("http://{}", self.address);
        Arc::new(Routed { http: HttpTransport::new(&here).unwrap(), here, model: model.clone() })
    }
}

impl Drop for Cdn {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Routed {
    http: HttpTransport,
    here: String,
    model: Model,
}

impl Transport for Routed {
    fn send(&self, request: Request) -> Pending<'_> {
        match request.url.strip_prefix(CDN) {
            // The real transport over a real socket; only the name of the host is another, for want of a certificate.
            Some(path) => self.http.send(Request { url: format!("{}{path}", self.here), ..request }),
            None => self.model.send(request),
        }
    }
}

fn answer(mut stream: TcpStream, shared: &Shared, tell: &Sender<&'static str>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    shared.heads.lock().unwrap().push(head.to_lowercase());
    let what = shared.served.lock().unwrap().get(&path).cloned();
    let (first, body) = match what {
        Some(Serve::Picture(body)) => ("200 OK\r\ncontent-type: image/webp\r\nset-cookie: who=you", body),
        Some(Serve::Answer(first, body)) => (first, body),
        Some(Serve::Hang) => {
            let _ = tell.send("arrived");
            let ended = stream.read(&mut byte);
            assert!(ended.unwrap_or(0) == 0, "the request goes on");
            let _ = tell.send("closed");
            return;
        }
        None => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {first}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    // Who finds it too large hangs up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
