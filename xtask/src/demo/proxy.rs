//! The network between the device and the backend, with its faults at hand.
//!
//! It carries bytes and understands just enough HTTP to tell a request's start from its rest, so
//! that it can lose exactly the reply to a batch of events: the backend has stored them, and the
//! device never hears of it. Which replies are lost follows from the seed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::dice::Dice;

/// The share of replies to batches that never arrive, in percent.
const LOST_PERCENT: u64 = 25;
/// Which replies after the network came back are lost whatever the dice say, lowest bit first, so
/// that each run shows what a lost reply does: the one to the batch that was under way, and, once
/// that has got through, the one to all that had gathered behind it.
const DOOMED: u64 = 0b101;

/// A running proxy; ends when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    up: watch::Sender<bool>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    /// Replies to batches so far; numbers the dice.
    replies: AtomicU64,
    lost: AtomicU64,
    refused: AtomicU64,
    /// What is left of [`DOOMED`].
    doomed: AtomicU64,
}

impl Proxy {
    pub(crate) async fn start(backend: SocketAddr, dice: Dice) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (up, is_up) = watch::channel(true);
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    if *is_up.borrow() {
                        let (is_up, shared) = (is_up.clone(), Arc::clone(&shared));
                        tokio::spawn(carry(client, backend, is_up, shared, dice));
                    } else {
                        shared.refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        });
        Ok(Self { address, up, shared, task })
    }

    /// Breaks every connection and refuses new ones.
    pub(crate) fn cut(&self) {
        let _ = self.up.send(false);
    }

    /// Carries again; some of the first replies will be lost.
    pub(crate) fn mend(&self) {
        self.shared.doomed.store(DOOMED, Ordering::Relaxed);
        let _ = self.up.send(true);
    }

    /// Replies that the backend gave and the device never got.
    pub(crate) fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Connections that were refused while the network was gone.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.task.abort();
    }
}

impl Shared {
    /// Whether the reply that begins now is lost.
    fn loses(&self, dice: Dice) -> bool {
        let number = self.replies.fetch_add(1, Ordering::Relaxed);
        let shift = |pattern: u64| Some(pattern >> 1);
        let doomed = self.doomed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, shift).is_ok_and(|p| p & 1 == 1);
        let lost = doomed || dice.roll("reply", number) % 100 < LOST_PERCENT;
        self.lost.fetch_add(u64::from(lost), Ordering::Relaxed);
        lost
    }
}

/// One connection. Requests on it follow each other: the device has one in flight.
async fn carry(
    mut client: TcpStream,
    backend: SocketAddr,
    mut is_up: watch::Receiver<bool>,
    shared: Arc<Shared>,
    dice: Dice,
) {
    let Ok(mut server) = TcpStream::connect(backend).await else { return };
    let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut replying = true;
    let mut batch = false;
    loop {
        tokio::select! {
            biased;
            // Both sockets close with the return: that is what a cut looks like from either end.
            () = gone(&mut is_up) => return,
            read = client.read(&mut up) => match read {
                Ok(n) if n > 0 => {
                    if replying {
                        batch = up[..n].starts_with(b"POST /v1/events");
                        replying = false;
                    }
                    if server.write_all(&up[..n]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(n) if n > 0 => {
                    if !replying && batch && shared.loses(dice) { return }
                    replying = true;
                    if client.write_all(&down[..n]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}

/// Resolves when the network is cut.
async fn gone(is_up: &mut watch::Receiver<bool>) {
    let _ = is_up.wait_for(|up| !up).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers every request with "ok", after counting it.
    async fn backend() -> (SocketAddr, Arc<AtomicU64>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, served) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        tokio::spawn({
            let served = Arc::clone(&served);
            async move {
                loop {
                    let (mut socket, _) = listener.accept().await.unwrap();
                    let served = Arc::clone(&served);
                    tokio::spawn(async move {
                        let mut buffer = [0; 1_024];
                        while socket.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                            served.fetch_add(1, Ordering::SeqCst);
                            if socket.write_all(b"ok").await.is_err() {
                                return;
                            }
                        }
                    });
                }
            }
        });
        (address, served)
    }

    async fn ask(proxy: &Proxy, request: &[u8]) -> Vec<u8> {
        let mut socket = TcpStream::connect(proxy.address).await.unwrap();
        let mut reply = [0; 16];
        let _ = socket.write_all(request).await;
        let n = socket.read(&mut reply).await.unwrap_or(0);
        reply[..n].to_vec()
    }

    #[tokio::test]
    async fn a_lost_reply_reached_the_backend_and_not_the_device() {
        let (address, served) = backend().await;
        let proxy = Proxy::start(address, Dice::new(1)).await.unwrap();
        proxy.mend();
        assert_eq!(ask(&proxy, b"POST /v1/consent").await, b"ok");
        assert_eq!(ask(&proxy, b"POST /v1/events").await, b"");
        assert_eq!((served.load(Ordering::SeqCst), proxy.lost()), (2, 1));
    }

    #[tokio::test]
    async fn a_cut_network_carries_nothing_and_a_mended_one_does() {
        let (address, served) = backend().await;
        let proxy = Proxy::start(address, Dice::new(1)).await.unwrap();
        proxy.cut();
        assert_eq!(ask(&proxy, b"GET /v1/catalogue").await, b"");
        assert_eq!((served.load(Ordering::SeqCst), proxy.refused()), (0, 1));
        proxy.mend();
        assert_eq!(ask(&proxy, b"GET /v1/catalogue").await, b"ok");
    }
}
