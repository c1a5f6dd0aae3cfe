//! The network between the device and the backend, with its faults at hand.
//!
//! It carries bytes and understands just enough HTTP to tell one request from the next, so that a
//! fault hits exactly one of them. Which fault hits which request is the [`Weather`]'s to say.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

/// A head that does not end within this is no request of ours.
const MAX_HEAD: usize = 64 * 1024;

/// Of so many batches one is remembered, to come once more when [`Fate::Echoed`] says so.
const REMEMBERED: u64 = 5;
/// How an answer begins that sends the device away for a while.
const TOO_MANY: &[u8] = b"HTTP/1.1 429 ";

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives, and so does the answer.
    Carried,
    /// It arrives late.
    Delayed(Duration),
    /// It arrives, and the answer does not.
    AnswerLost,
    /// The connection breaks behind so many bytes of it.
    RequestCut(usize),
    /// It arrives, and the connection breaks behind so many bytes of the answer.
    AnswerCut(usize),
    /// It arrives twice; the device hears the second answer.
    Doubled,
    /// A batch of long ago arrives once more before it.
    Echoed,
    /// It does not arrive: something on the way answers with these bytes.
    Answered(Vec<u8>),
}

/// A request that has come in whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// How many came before it.
    pub(crate) number: u64,
    /// Whether it carries events.
    pub(crate) is_batch: bool,
    /// Whether it asks for the offers.
    pub(crate) is_catalogue: bool,
    /// Its length, head and body.
    pub(crate) len: usize,
}

/// Says what happens to each request.
pub(crate) type Weather = Arc<dyn Fn(Seen) -> Fate + Send + Sync>;

/// A running proxy; ends when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    way: watch::Sender<Option<SocketAddr>>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    weather: Weather,
    requests: AtomicU64,
    lost: AtomicU64,
    refused: AtomicU64,
    held_up: AtomicU64,
    memory: Mutex<Option<Vec<u8>>>,
}

impl Proxy {
    pub(crate) async fn start(backend: Option<SocketAddr>, weather: Weather) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (way, leads) = watch::channel(backend);
        let shared = Arc::new(Shared {
            weather,
            requests: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            held_up: AtomicU64::new(0),
            memory: Mutex::new(None),
        });
        let task = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (mut leads, shared) = (leads.clone(), Arc::clone(&shared));
                    let Some(backend) = *leads.borrow_and_update() else {
                        shared.refused.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    tokio::spawn(async move {
                        tokio::select! {
                            biased;
                            // Both sockets close with this: that is what a cut looks like from either end.
                            _ = leads.changed() => {}
                            _ = carry(client, backend, &shared) => {}
                        }
                    });
                }
            }
        });
        Ok(Self { address, way, shared, task })
    }

    /// Breaks every connection; new ones lead to `backend`, or are refused where there is none.
    pub(crate) fn lead(&self, backend: Option<SocketAddr>) {
        let _ = self.way.send(backend);
    }

    /// Answers that the backend gave and the device never got, or not whole.
    pub(crate) fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Connections that were refused because there was no way.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Answers of the backend by which the device was told to come back later: 429.
    pub(crate) fn held_up(&self) -> u64 {
        self.shared.held_up.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.lead(None);
        self.task.abort();
    }
}

/// One connection. Requests on it follow each other: the device has one in flight.
async fn carry(mut client: TcpStream, backend: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(backend).await?;
    let (mut unread, mut down) = (Vec::new(), vec![0; 16 * 1024]);
    // Bytes of the present answer that still get through; `None` for all.
    let mut left = None;
    loop {
        tokio::select! {
            biased;
            read = client.read_buf(&mut unread) => {
                if read? == 0 { return Ok(()) }
                let Some(request) = whole_request(&mut unread) else { continue };
                let is_batch = request.starts_with(b"POST /v1/events");
                let is_catalogue = request.starts_with(b"GET /v1/catalogue");
                let number = shared.requests.fetch_add(1, Ordering::Relaxed);
                left = None;
                match (shared.weather)(Seen { number, is_batch, is_catalogue, len: request.len() }) {
                    Fate::Carried => {}
                    Fate::Delayed(time) => tokio::time::sleep(time).await,
                    Fate::AnswerLost => left = Some(0),
                    Fate::AnswerCut(bytes) => left = Some(bytes),
                    Fate::RequestCut(bytes) => {
                        return server.write_all(&request[..bytes.min(request.len())]).await;
                    }
                    Fate::Doubled => send_apart(backend, &request).await?,
                    Fate::Echoed => {
                        if let Some(old) = shared.memory.lock().await.as_deref() {
                            send_apart(backend, old).await?;
                        }
                    }
                    Fate::Answered(answer) => {
                        client.write_all(&answer).await?;
                        continue;
                    }
                }
                server.write_all(&request).await?;
                if is_batch && number.is_multiple_of(REMEMBERED) {
                    *shared.memory.lock().await = Some(request);
                }
            }
            read = server.read(&mut down) => {
                let read = read?;
                if read == 0 { return Ok(()) }
                let through = left.map_or(read, |left: usize| left.min(read));
                if down[..through].starts_with(TOO_MANY) {
                    shared.held_up.fetch_add(1, Ordering::Relaxed);
                }
                client.write_all(&down[..through]).await?;
                left = left.map(|left| left - through);
                if left == Some(0) {
                    shared.lost.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
    }
}

/// Sends a request on a connection of its own, and waits until its answer begins.
async fn send_apart(backend: SocketAddr, request: &[u8]) -> std::io::Result<()> {
    let mut server = TcpStream::connect(backend).await?;
    server.write_all(request).await?;
    server.read(&mut [0; 64]).await.map(drop)
}

/// Takes the first request from the front of `unread`, if it has come whole.
fn whole_request(unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    let head = unread.windows(4).take(MAX_HEAD).position(|end| end == b"\r\n\r\n")? + 4;
    let words = String::from_utf8_lossy(&unread[..head]).to_ascii_lowercase();
    let length = words.lines().find_map(|line| line.strip_prefix("content-length:"));
    let len = head + length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0);
    (unread.len() >= len).then(|| unread.drain(..len).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers every request with "ok", after counting it whole.
    async fn backend() -> (SocketAddr, Arc<AtomicU64>) {
        backend_saying(b"ok").await
    }

    /// The same, with other words.
    async fn backend_saying(answer: &'static [u8]) -> (SocketAddr, Arc<AtomicU64>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, served) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        tokio::spawn({
            let served = Arc::clone(&served);
            async move {
                loop {
                    let (mut socket, _) = listener.accept().await.unwrap();
                    let served = Arc::clone(&served);
                    tokio::spawn(async move {
                        let mut unread = Vec::new();
                        while socket.read_buf(&mut unread).await.is_ok_and(|n| n > 0) {
                            while whole_request(&mut unread).is_some() {
                                served.fetch_add(1, Ordering::SeqCst);
                                if socket.write_all(answer).await.is_err() {
                                    return;
                                }
                            }
                        }
                    });
                }
            }
        });
        (address, served)
    }

    const BATCH: &[u8] = b"POST /v1/events HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";

    /// What a device hears of one batch under `fate`, and how often the backend got it.
    async fn hears(fate: Fate) -> (Vec<u8>, u64) {
        let (address, served) = backend().await;
        let proxy = Proxy::start(Some(address), Arc::new(move |_| fate.clone())).await.unwrap();
        let heard = ask(&proxy).await;
        (heard, served.load(Ordering::SeqCst))
    }

    async fn ask(proxy: &Proxy) -> Vec<u8> {
        let mut socket = TcpStream::connect(proxy.address).await.unwrap();
        let mut reply = [0; 16];
        // In two pieces: a request is not what one read brings.
        let _ = socket.write_all(&BATCH[..30]).await;
        tokio::task::yield_now().await;
        let _ = socket.write_all(&BATCH[30..]).await;
        let n = socket.read(&mut reply).await.unwrap_or(0);
        reply[..n].to_vec()
    }

    #[tokio::test]
    async fn each_fate_does_what_it_says() {
        assert_eq!(hears(Fate::Carried).await, (b"ok".to_vec(), 1));
        assert_eq!(hears(Fate::Delayed(Duration::from_millis(1))).await, (b"ok".to_vec(), 1));
        assert_eq!(hears(Fate::AnswerLost).await, (vec![], 1));
        assert_eq!(hears(Fate::AnswerCut(1)).await, (b"o".to_vec(), 1));
        assert_eq!(hears(Fate::RequestCut(50)).await, (vec![], 0));
        assert_eq!(hears(Fate::Doubled).await, (b"ok".to_vec(), 2));
        assert_eq!(hears(Fate::Answered(b"no".to_vec())).await, (b"no".to_vec(), 0));
    }

    #[tokio::test]
    async fn an_echo_is_a_batch_of_before() {
        let (address, served) = backend().await;
        let weather = |seen: Seen| if seen.number == 1 { Fate::Echoed } else { Fate::Carried };
        let proxy = Proxy::start(Some(address), Arc::new(weather)).await.unwrap();
        assert_eq!(ask(&proxy).await, b"ok");
        assert_eq!(ask(&proxy).await, b"ok");
        assert_eq!(served.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_lost_answer_is_counted() {
        let (address, _) = backend().await;
        let proxy = Proxy::start(Some(address), Arc::new(|_| Fate::AnswerLost)).await.unwrap();
        assert_eq!(ask(&proxy).await, b"");
        assert_eq!((proxy.lost(), proxy.held_up()), (1, 0));
    }

    #[tokio::test]
    async fn an_answer_that_sends_the_device_away_is_counted_once_it_gets_through() {
        for (fate, held_up) in [(Fate::Carried, 1), (Fate::AnswerLost, 0)] {
            let (address, _) = backend_saying(b"HTTP/1.1 429 ").await;
            let proxy = Proxy::start(Some(address), Arc::new(move |_| fate.clone())).await.unwrap();
            ask(&proxy).await;
            assert_eq!(proxy.held_up(), held_up);
        }
    }

    #[tokio::test]
    async fn without_a_way_nothing_is_carried_and_with_a_new_one_it_is() {
        let (address, served) = backend().await;
        let proxy = Proxy::start(Some(address), Arc::new(|_: Seen| Fate::Carried)).await.unwrap();
        proxy.lead(None);
        assert_eq!(ask(&proxy).await, b"");
        assert_eq!((served.load(Ordering::SeqCst), proxy.refused()), (0, 1));
        proxy.lead(Some(address));
        assert_eq!(ask(&proxy).await, b"ok");
    }
}
