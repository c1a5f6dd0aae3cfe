//! The backend's half of the protocol, in process: no socket, no key, no clock of its own.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::sync::wire::{
    BatchReply, CATALOGUE_PATH, CONSENT_PATH, ConsentAck, ConsentReport, EVENTS_PATH, EventBatch, IDENTITY_PATH,
    IdentityLink, Problem, RIGHTS_PATH, RightKind, RightsReply, RightsRequest, Verdict, VerdictKind,
};
use crate::sync::{Method, Pending, Request, Response, Transport};

/// Where the town's pictures lie: a host that no network has.
const PICTURES_AT: &str = "https://patron-town.invalid/";

/// Drawn from the SVG files beside them: `rsvg-convert -w 720 -h 240`, then `cwebp -q 60 -m 6`.
const PICTURES: [(&str, &[u8]); 5] = [
    ("aarre-layers.webp", include_bytes!("pictures/aarre-layers.webp")),
    ("kelo-boots.webp", include_bytes!("pictures/kelo-boots.webp")),
    ("lumi-cup.webp", include_bytes!("pictures/lumi-cup.webp")),
    ("nuotti-listen.webp", include_bytes!("pictures/nuotti-listen.webp")),
    ("vadelma-breakfast.webp", include_bytes!("pictures/vadelma-breakfast.webp")),
];

/// Answers as the reference backend would, from one catalogue, and as the server of the town's pictures. Remembers the ids of events, so
/// that the second copy of one is a duplicate, and nothing else of them.
pub struct SandboxTransport {
    catalogue: Vec<u8>,
    etag: String,
    seen: Mutex<HashSet<Uuid>>,
}

impl SandboxTransport {
    /// Serves `catalogue`, which is the JSON of `GET /v1/catalogue`.
    pub fn new(catalogue: impl Into<Vec<u8>>) -> Self {
        let catalogue = catalogue.into();
        let etag = format!("\"{:08x}\"", crc32fast::hash(&catalogue));
        Self { catalogue, etag, seen: Mutex::default() }
    }

    /// How many different events have arrived.
    pub fn stored(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn answer(&self, request: &Request) -> Response {
        if let Some(name) = request.url.strip_prefix(PICTURES_AT) {
            return picture(name);
        }
        let path = request.url.find("/v1/").map_or("", |at| &request.url[at..]);
        match (request.method, path) {
            (Method::Get, CATALOGUE_PATH) => self.catalogue(request),
            (Method::Post, CONSENT_PATH) => with_body(request, |report: ConsentReport| {
                let epoch = report.decisions.iter().map(|decision| decision.epoch).max().unwrap_or(0);
                json(200, &ConsentAck { epoch, ..ConsentAck::default() })
            }),
            (Method::Post, RIGHTS_PATH) => with_body(request, |asked: RightsRequest| {
                let export = asked.requests.iter().any(|right| right.kind == RightKind::Export);
                let done = asked.requests.iter().map(|right| right.id).collect();
                // It remembers ids of events, and nothing of whose they are.
                let export = export.then(|| serde_json::json!({"events": []}));
                json(200, &RightsReply { done, export, ..RightsReply::default() })
            }),
            (Method::Post, IDENTITY_PATH) => with_body(request, |_: IdentityLink| status(204)),
            (Method::Post, EVENTS_PATH) => with_body(request, |batch: EventBatch| self.events(batch)),
            _ => problem(404, "Not found", format!("the sandbox has no {path}")),
        }
    }

    fn catalogue(&self, request: &Request) -> Response {
        if header(request, "if-none-match") == Some(self.etag.as_str()) {
            return status(304);
        }
        let headers =
            vec![("content-type".to_owned(), "application/json".to_owned()), ("etag".to_owned(), self.etag.clone())];
        Response { status: 200, headers, body: self.catalogue.clone() }
    }

    fn events(&self, batch: EventBatch) -> Response {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let verdicts = batch
            .events
            .iter()
            .map(|event| {
                let verdict = if seen.insert(event.id) { VerdictKind::Ok } else { VerdictKind::Duplicate };
                Verdict { id: event.id, verdict, reason: None }
            })
            .collect();
        // Its clock is the device's: a replayed day stays in that day.
        json(200, &BatchReply { batch: batch.batch, verdicts, server_time: batch.sent_at })
    }
}

impl std::fmt::Debug for SandboxTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxTransport").field("etag", &self.etag).field("stored", &self.stored()).finish()
    }
}

impl Transport for SandboxTransport {
    fn send(&self, request: Request) -> Pending<'_> {
        Box::pin(async move { Ok(self.answer(&request)) })
    }
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

fn with_body<T: DeserializeOwned>(request: &Request, answer: impl FnOnce(T) -> Response) -> Response {
    // A phone packs and never unpacks: nothing is won by it within one process.
    if let Some(other) = header(request, "content-encoding") {
        return problem(415, "Unknown encoding", other.to_owned());
    }
    match serde_json::from_slice(&request.body) {
        Ok(body) => answer(body),
        Err(why) => problem(400, "Malformed", why.to_string()),
    }
}

fn picture(name: &str) -> Response {
    match PICTURES.iter().find(|(file, _)| *file == name) {
        Some((_, bytes)) => {
            let headers = vec![("content-type".to_owned(), "image/webp".to_owned())];
            Response { status: 200, headers, body: bytes.to_vec() }
        }
        None => problem(404, "Not found", format!("the sandbox has no picture {name}")),
    }
}

fn status(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: Vec::new() }
}

fn json(status: u16, body: &impl Serialize) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    // These types are written to memory, which cannot fail.
    Response { status, headers, body: serde_json::to_vec(body).unwrap_or_default() }
}

fn problem(status: u16, title: &str, detail: String) -> Response {
    let kind = "about:blank".to_owned();
    json(status, &Problem { kind, title: title.to_owned(), status, detail: Some(detail) })
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::clock::Now;
    use crate::consent::{ConsentStatus, Decision, Purpose, PurposeKind, PurposeSet, Sha, Signer};
    use crate::event::Draft;
    use crate::sync::{
        CatalogueOutcome, ConsentOutcome, EventsOutcome, IdentityOutcome, Requests, Settlement, TransportError,
        image_request, interpret_catalogue, interpret_consent, interpret_events, interpret_identity, interpret_image,
    };

    /// It never waits, so one poll is all it takes.
    fn exchange(sandbox: &SandboxTransport, request: Request) -> Result<Response, TransportError> {
        match sandbox.send(request).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("the sandbox waits for something"),
        }
    }

    fn requests() -> Requests {
        Requests::new("https://sandbox.invalid/", "pk_sandbox", Uuid::from_u128(1)).unpacked()
    }

    #[test]
    fn the_catalogue_comes_once_and_then_its_tag_says_enough() {
        let sandbox = SandboxTransport::new("{}");
        let first = interpret_catalogue(&exchange(&sandbox, requests().catalogue(None)), 0);
        let CatalogueOutcome::New { body, etag: Some(etag) } = first else { panic!("{first:?}") };
        assert_eq!(body, b"{}");
        let second = exchange(&sandbox, requests().catalogue(Some(&etag)));
        assert_eq!(interpret_catalogue(&second, 0), CatalogueOutcome::NotModified);
    }

    #[test]
    fn each_event_is_delivered_once() {
        let sandbox = SandboxTransport::new("{}");
        let record = Draft {
            id: Uuid::from_u128(5),
            kind: "dev.patron.offer.saved".into(),
            partner: None,
            at: Now { wall_ms: 5_000, mono_ms: 0, boot: Uuid::nil() },
            session: Uuid::nil(),
            data: b"{}".to_vec(),
        }
        .stamped(PurposeKind::Engagement, 1);
        for _ in 0..2 {
            let request = requests().events(Uuid::from_u128(9), record.at(), None, &[(&record, None)]).unwrap();
            let outcome = interpret_events(&exchange(&sandbox, request), Uuid::from_u128(9), &[record.id()], 0);
            let verdicts = vec![(record.id(), Settlement::Delivered)];
            assert_eq!(outcome, EventsOutcome::Settled { verdicts, server_time_ms: Some(5_000) });
        }
        assert_eq!(sandbox.stored(), 1);
    }

    #[test]
    fn each_picture_of_the_town_is_there() {
        let sandbox = SandboxTransport::new("{}");
        let (town, _) = crate::offer::OfferCatalogue::parse(crate::sandbox::TOWN_JSON.as_bytes()).unwrap();
        let images: Vec<_> = town.offers.iter().flat_map(|offer| &offer.images).collect();
        assert_eq!(images.len(), PICTURES.len());
        for image in images {
            let bytes = interpret_image(exchange(&sandbox, image_request(&image.url)), image.sha256).unwrap();
            assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WEBP"[..]), "{}", image.url);
        }
        assert_eq!(exchange(&sandbox, image_request("https://patron-town.invalid/none")).unwrap().status, 404);
    }

    #[test]
    fn consent_is_acknowledged_and_identity_taken() {
        let sandbox = SandboxTransport::new("{}");
        let mut decision = Decision::new(Uuid::nil(), Purpose::Engagement, ConsentStatus::Granted, 0, 7);
        let seal = Signer::from_seed(&[1; 32]).seal(&mut decision, Sha::NONE);
        let consent =
            exchange(&sandbox, requests().consent(&[(7, seal)], PurposeSet::EMPTY, Vec::new(), 1, None, None));
        let outcome = interpret_consent(&consent, 0);
        assert!(matches!(outcome, ConsentOutcome::Acknowledged(ConsentAck { epoch: 7, .. })), "{outcome:?}");
        let identity = exchange(&sandbox, requests().identity(Uuid::nil(), "token"));
        assert_eq!(interpret_identity(&identity, 0), IdentityOutcome::Linked { secret: None });
    }

    #[test]
    fn what_it_does_not_know_it_refuses_as_the_backend_would() {
        let sandbox = SandboxTransport::new("{}");
        let mut request = requests().identity(Uuid::nil(), "token");
        request.body = b"not json".to_vec();
        request.headers.clear();
        assert_eq!(exchange(&sandbox, request.clone()).unwrap().status, 400);
        request.headers = vec![("content-encoding".into(), "br".into())];
        assert_eq!(exchange(&sandbox, request.clone()).unwrap().status, 415);
        request.url = "https://sandbox.invalid/v2/identity".into();
        assert_eq!(exchange(&sandbox, request).unwrap().status, 404);
    }
}
