//! Publishers' documents: larger than anything a device sends, fewer, and a while at work.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use patron_core::offer::MAX_BYTES;
use tokio::sync::Semaphore;

use super::App;
use super::body::{BODY_TIMEOUT, Encoding, check_type};
use super::problem::{Kind, Problem};

/// On the wire and inflated: a catalogue of the largest size, and beside it as much of a sample again.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 2 * MAX_BYTES;

/// Documents that are held and looked at at one time, some 50 MiB each with what is made of them. One core is left
/// to devices.
const AT_WORK: usize = 2;

/// Bounds what publishers take of the machine. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Semaphore>);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_WORK)))
    }

    /// Does `work`, which takes a while, where it holds up nobody.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.0)
            .try_acquire_owned()
            .map_err(|_| Problem::new(Kind::Overloaded, "other documents are being looked at"))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        done.await.map_err(|_| Problem::new(Kind::Internal, "looking at the document failed"))
    }
}

/// A publisher's document as it came.
pub(crate) struct Document {
    encoding: Encoding,
    bytes: Bytes,
}

impl Document {
    /// Inflates it, where that holds up nobody.
    pub(crate) fn open(self) -> Result<Bytes, Problem> {
        match self.encoding {
            Encoding::Identity => Ok(self.bytes),
            packing => packing.inflate_within(&self.bytes, MAX_DOCUMENT_BYTES).map(Bytes::from),
        }
    }
}

impl FromRequest<App> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let encoding = Encoding::of(request.headers())?;
        check_type(request.headers())?;
        match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, app)).await {
            Ok(Ok(bytes)) => Ok(Self { encoding, bytes }),
            Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
                Err(Problem::new(Kind::TooLarge, format!("the body is longer than {MAX_DOCUMENT_BYTES} bytes")))
            }
            Ok(Err(error)) => Err(Problem::malformed(format!("the body broke off: {error}"))),
            Err(_) => Err(Problem::new(Kind::BodyTimeout, format!("not complete after {} s", BODY_TIMEOUT.as_secs()))),
        }
    }
}
