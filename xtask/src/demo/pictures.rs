//! The server of the town's pictures: another than the backend's, and behind the walker's network like that one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use patron_core::sync::{HttpTransport, Pending, Request, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Where the catalogue says that pictures lie: a host that no network has.
pub(crate) const AT: &str = "https://pictures.demo.invalid/";

/// The one picture that there is, whatever is asked for.
const PICTURE: &[u8] = include_bytes!("../../../core/src/sandbox/pictures/lumi-cup.webp");

/// Serves until it is dropped.
pub(crate) struct Pictures {
    pub(crate) address: SocketAddr,
    served: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Pictures {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, served) = (listener.local_addr()?, Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&served);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&count)));
            }
        });
        Ok(Self { address, served, task })
    }

    /// How many pictures it was asked for.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for Pictures {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request and one answer; what is no request gets none.
async fn serve(mut stream: TcpStream, served: Arc<AtomicU64>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
        if head.len() > 8_192 {
            return Ok(());
        }
    }
    served.fetch_add(1, Ordering::Relaxed);
    let length = PICTURE.len();
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: image/webp\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.write_all(PICTURE).await?;
    stream.shutdown().await
}

/// The phone's way to both servers. Nobody has a certificate for a host that does not exist, so pictures are looked for
/// at a port of this machine; all else of the requests is as the core wrote it.
pub(crate) struct Way {
    pub(crate) http: HttpTransport,
    pub(crate) pictures: SocketAddr,
}

impl Transport for Way {
    fn send(&self, mut request: Request) -> Pending<'_> {
        if let Some(name) = request.url.strip_prefix(AT) {
            request.url = format!("http://{}/{name}", self.pictures);
        }
        self.http.send(request)
    }
}
