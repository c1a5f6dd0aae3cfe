//! Bodies within bounds: packed on the wire, and again while they are inflated.
//!
//! A body is inflated into a buffer that stops growing at the limit, so a bomb costs what an honest
//! batch costs. Only so many bodies are inflated at once; the next one is told to come back.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use patron_core::sync::wire::MAX_BATCH_BYTES;
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::problem::{Kind, Problem};
use crate::batch::MAX_DETAIL;
use crate::limits::Allowance;
use crate::store::now_ms;

/// On the wire. A full batch that does not pack at all, and its envelope.
pub(crate) const MAX_PACKED_BYTES: usize = MAX_BATCH_BYTES + 16 * 1024;

/// Inflated: four full batches, since a device may count its bytes in another way than we do.
pub(crate) const MAX_INFLATED_BYTES: usize = 1024 * 1024;

/// zstd's own advice to decoders (RFC 8878, 3.1.1.1.2): a window of 8 MiB, and no more than that.
const MAX_ZSTD_WINDOW_LOG: u32 = 23;

/// A quarter of a megabyte over a bad mobile network takes a while; longer than this holds a connection for nothing.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bodies being inflated, parsed and stored at one time, some 1 MiB each.
const AT_WORK: usize = 32;

/// Bodies at work, and those that are on their way or wait for their turn, packed: up to 272 KiB each,
/// and with those at work some 75 MiB in all. Beyond that a device is better off trying again than waiting.
const ADMITTED: usize = AT_WORK + 128;

/// Of those, of one tenant: a tenant that sends all it can, or whose bodies come slowly, leaves the other
/// half to the others.
pub(crate) const ADMITTED_OF_ONE: usize = ADMITTED / 2;

/// A turn comes within milliseconds, unless the disk hangs.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// Bounds the memory of all bodies together. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Turns {
    admitted: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { admitted: Arc::new(Semaphore::new(ADMITTED)), at_work: Arc::new(Semaphore::new(AT_WORK)) }
    }

    /// A place for a body, before its first byte is read.
    fn admit(&self, allowance: &Allowance) -> Result<Place, Problem> {
        let share = Arc::clone(&allowance.places).try_acquire_owned().map_err(|_| {
            Problem::new(Kind::TooManyRequests, "more requests of this tenant are waiting than it has places")
        })?;
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| overloaded())?;
        Ok(Place { _share: share, _admitted: admitted })
    }

    async fn take(&self, place: Place) -> Result<Turn, Problem> {
        match tokio::time::timeout(TURN_TIMEOUT, Arc::clone(&self.at_work).acquire_owned()).await {
            Ok(Ok(at_work)) => Ok(Turn { _place: place, _at_work: at_work }),
            Ok(Err(_)) | Err(_) => Err(overloaded()),
        }
    }
}

fn overloaded() -> Problem {
    Problem::new(Kind::Overloaded, "more requests are waiting than can be worked on")
}

/// Room for a body, from before it is read until its answer is ready.
struct Place {
    _share: OwnedSemaphorePermit,
    _admitted: OwnedSemaphorePermit,
}

/// A body's turn; the next one begins when it is dropped.
struct Turn {
    _place: Place,
    _at_work: OwnedSemaphorePermit,
}

/// A body as it came.
pub(crate) struct Packed {
    encoding: Encoding,
    bytes: Bytes,
    place: Place,
    /// When the request's head had arrived, milliseconds since the Unix epoch: what was still on its way
    /// then is not the event's age.
    pub(crate) received_ms: i64,
}

impl Packed {
    /// Waits for a turn and inflates.
    pub(crate) async fn open(self, app: &App) -> Result<Body, Problem> {
        let turn = app.turns.take(self.place).await?;
        let bytes = match self.encoding {
            Encoding::Identity => self.bytes.into(),
            packing => tokio::task::spawn_blocking(move || packing.inflate(&self.bytes))
                .await
                .map_err(|_| Problem::new(Kind::Internal, "inflating the body failed"))??,
        };
        Ok(Body { bytes, _turn: turn })
    }
}

/// A body that was read, inflated and found within bounds.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// Held until the answer is ready.
    _turn: Turn,
}

impl Body {
    /// Parses the whole body as one value.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.bytes)
            .map_err(|e| Problem::malformed(format!("body: {:.MAX_DETAIL$}", e.to_string())))
    }
}

impl FromRequest<App> for Packed {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let received_ms = now_ms();
        let encoding = Encoding::of(request.headers())?;
        check_type(request.headers())?;
        check_length(request.headers())?;
        // A handler asks who calls before it asks for the body.
        let Some(allowance) = request.extensions().get::<Arc<Allowance>>() else {
            return Err(Problem::new(Kind::Internal, "a body of nobody"));
        };
        let place = app.turns.admit(allowance)?;
        match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, app)).await {
            Ok(Ok(bytes)) => Ok(Self { encoding, bytes, place, received_ms }),
            Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
                Err(too_large_packed())
            }
            Ok(Err(error)) => Err(Problem::malformed(format!("the body broke off: {error}"))),
            Err(_) => Err(Problem::new(Kind::BodyTimeout, format!("not complete after {} s", BODY_TIMEOUT.as_secs()))),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

impl Encoding {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
        let Some(value) = values.next() else { return Ok(Self::Identity) };
        let name = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
        match (name.as_str(), values.next()) {
            ("" | "identity", None) => Ok(Self::Identity),
            ("gzip" | "x-gzip", None) => Ok(Self::Gzip),
            ("zstd", None) => Ok(Self::Zstd),
            _ => Err(Problem::new(
                Kind::UnsupportedEncoding,
                format!("content-encoding: {name:.40} is not zstd, gzip or identity, once"),
            )),
        }
    }

    fn inflate(self, packed: &[u8]) -> Result<Vec<u8>, Problem> {
        self.inflate_within(packed, MAX_INFLATED_BYTES)
    }

    /// Inflates to `most` bytes at most.
    pub(super) fn inflate_within(self, packed: &[u8], most: usize) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Identity => Ok(packed.to_vec()),
            Self::Gzip => read_bounded("gzip", flate2::read::MultiGzDecoder::new(packed), most),
            Self::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(packed).map_err(|e| unreadable("zstd", &e))?;
                decoder.window_log_max(MAX_ZSTD_WINDOW_LOG).map_err(|e| unreadable("zstd", &e))?;
                read_bounded("zstd", decoder, most)
            }
        }
    }
}

/// Reads to the end, or to one byte beyond `most`.
fn read_bounded(name: &str, inflated: impl Read, most: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    inflated.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(name, &e))?;
    if bytes.len() > most {
        return Err(Problem::new(Kind::TooLarge, format!("the body inflates to more than {most} bytes")));
    }
    Ok(bytes)
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    Problem::malformed(format!("content-encoding: the body is not whole {name}: {error}"))
}

fn too_large_packed() -> Problem {
    Problem::new(Kind::TooLarge, format!("the body is longer than {MAX_PACKED_BYTES} bytes"))
}

/// Answers before the first byte of a body that announces itself as too long.
fn check_length(headers: &HeaderMap) -> Result<(), Problem> {
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > MAX_PACKED_BYTES as u64) { Err(too_large_packed()) } else { Ok(()) }
}

/// No content type at all is taken for JSON; a wrong one is a client that talks to the wrong server.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let name = value.to_str().unwrap_or("?").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if name == "application/json" {
        Ok(())
    } else {
        Err(Problem::new(Kind::UnsupportedType, format!("content-type: {name:.40} is not application/json")))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Instant;

    use super::*;
    use crate::limits::{Limits, Rates};
    use crate::tenant::Tenant;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn a_tenant_that_takes_every_place_it_can_leaves_room_for_another() {
        let limits = Limits::new(Instant::now(), Rates::default(), ADMITTED_OF_ONE);
        let turns = Turns::new();
        let ask = |name: &str| {
            let (tenant, turns) = (Tenant::stored(name), turns.clone());
            let allowance = limits.of(&tenant);
            tokio::spawn(async move { turns.take(turns.admit(&allowance)?).await })
        };
        let greedy: Vec<_> = (0..ADMITTED_OF_ONE).map(|_| ask("greedy")).collect();
        assert_eq!(ask("greedy").await.unwrap().err().unwrap().kind, Kind::TooManyRequests);
        let modest = ask("modest");
        // Some of the greedy one's are at work and end, the others let theirs go as they wait.
        for waiting in greedy {
            waiting.abort();
            drop(waiting.await);
        }
        assert!(modest.await.unwrap().is_ok());
        let anew: Vec<_> = (0..AT_WORK).map(|_| ask("greedy")).collect();
        for ask in anew {
            assert!(ask.await.unwrap().is_ok(), "a place that was left is free again");
        }
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit_and_what_just_fits_is_taken() {
        let fits = vec![b' '; MAX_INFLATED_BYTES];
        let bomb = vec![b' '; MAX_INFLATED_BYTES + 1];
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        assert_eq!(Encoding::Gzip.inflate(&gzip(&fits)).unwrap().len(), MAX_INFLATED_BYTES);
        assert_eq!(Encoding::Zstd.inflate(&zstd(&fits)).unwrap().len(), MAX_INFLATED_BYTES);
        assert_eq!(Encoding::Gzip.inflate(&gzip(&bomb)).unwrap_err().kind, Kind::TooLarge);
        assert_eq!(Encoding::Zstd.inflate(&zstd(&bomb)).unwrap_err().kind, Kind::TooLarge);
    }

    #[test]
    fn a_body_cut_short_anywhere_is_malformed() {
        let text = br#"{"batch":"0193b1a0-0000-7000-8000-000000000001","installation":"0193b1a0"}"#;
        for (encoding, packed) in
            [(Encoding::Gzip, gzip(text)), (Encoding::Zstd, zstd::encode_all(&text[..], 3).unwrap())]
        {
            for cut in 1..packed.len() {
                assert_eq!(
                    encoding.inflate(&packed[..cut]).unwrap_err().kind,
                    Kind::Malformed,
                    "{encoding:?} at {cut}"
                );
            }
        }
    }

    #[test]
    fn a_window_beyond_the_advice_is_refused() {
        // Magic, a descriptor without a content size, a window of 2^(10 + exponent), then an empty last block.
        let frame = |exponent: u8| [0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3, 0x01, 0x00, 0x00];
        assert_eq!(Encoding::Zstd.inflate(&frame(13)), Ok(Vec::new()));
        assert_eq!(Encoding::Zstd.inflate(&frame(14)).unwrap_err().kind, Kind::Malformed);
    }
}
