//! Builds the requests of every lane.
//!
//! Pure: what is to be said goes in, a [`Request`] comes out. Choosing what to say is the
//! engine's, and when is [`super::SyncState`]'s.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::wire::{
    AccountReport, CATALOGUE_PATH, CONSENT_PATH, CloudEvent, ConsentDecision, ConsentReport, EVENTS_PATH, EventBatch,
    IDENTITY_PATH, IdentityLink, PREFERENCES_PATH, RIGHTS_PATH, RightsRequest, SentClock, SignedPreferences,
    SignedRight,
};
use super::{DELTA_IM, MAX_RESPONSE_BYTES, Method, Request};
use crate::clock::Now;
use crate::consent::{PurposeSet, Seal};
use crate::event::Record;

/// What [`CloudEvent::data`] follows.
const SCHEMA_VERSION: u32 = 1;

/// A batch of 256 KiB needs some seconds on a weak network; a request that takes longer than
/// this had better begin anew.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Up to 5 MiB come down with the catalogue.
const CATALOGUE_TIMEOUT: Duration = Duration::from_secs(120);

/// The fixed part of an event on the wire is shorter than this.
const ENVELOPE: usize = 640;

/// zstd's own default: the higher levels cost a phone more than they save it.
const LEVEL: i32 = 3;

/// An event whose data is not JSON cannot be sent, now or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the data of event {0} is not JSON")]
pub struct NotJson(pub Uuid);

/// Makes requests to one backend for one installation.
pub struct Requests {
    base: String,
    authorization: String,
    installation: Uuid,
    packs: bool,
}

/// Without the key.
impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Requests").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Requests {
    /// To the backend at `endpoint`, with or without a slash at its end.
    pub fn new(endpoint: &str, key: &str, installation: Uuid) -> Self {
        Self {
            base: endpoint.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {key}"),
            installation,
            packs: true,
        }
    }

    /// For a backend in the process: bodies go as they are.
    #[must_use]
    pub fn unpacked(self) -> Self {
        Self { packs: false, ..self }
    }

    /// A batch of events, each with the account's alias under which it was recorded; `account` as
    /// of now goes along.
    ///
    /// # Errors
    /// [`NotJson`] names the first event that cannot be sent; it belongs to the dead letters.
    pub fn events(
        &self,
        batch: Uuid,
        now: Now,
        account: Option<AccountReport>,
        events: &[(&Record, Option<Uuid>)],
    ) -> Result<Request, NotJson> {
        let source = format!("/installations/{}", self.installation);
        let mut clocks = Clocks::of(self.installation);
        let events = events
            .iter()
            .map(|(record, alias)| cloud_event(record, *alias, &source, clocks.tell(record.at())))
            .collect::<Result<_, _>>();
        let batch = EventBatch {
            batch,
            installation: self.installation,
            sent_at: now.rfc3339(),
            sent_clock: Some(clocks.tell(now)),
            account,
            events: events?,
        };
        Ok(self.post(EVENTS_PATH, &batch))
    }

    /// The decisions that the backend has not acknowledged, oldest first, each with the epoch that it
    /// began here; and what the shopper's consent comes to besides.
    pub fn consent(
        &self,
        decisions: &[(u64, Seal)],
        lowered: PurposeSet,
        pseudonyms: Vec<(String, Uuid)>,
        catalogue_revision: u64,
        standing: Option<u64>,
        account: Option<AccountReport>,
    ) -> Request {
        let decisions = decisions
            .iter()
            .map(|(epoch, seal)| ConsentDecision {
                epoch: *epoch,
                entry: seal.entry.clone(),
                signature: seal.signature_hex(),
            })
            .collect();
        let report = ConsentReport {
            installation: self.installation,
            decisions,
            lowered: lowered.iter().collect(),
            pseudonyms: pseudonyms.into_iter().collect(),
            catalogue_revision,
            standing,
            account,
        };
        self.post(CONSENT_PATH, &report)
    }

    /// What the shopper asks of the backend.
    pub fn rights(&self, requests: &[SignedRight]) -> Request {
        self.post(RIGHTS_PATH, &RightsRequest { requests: requests.to_vec() })
    }

    /// What the shopper's other devices are to have.
    pub fn preferences(&self, told: &SignedPreferences) -> Request {
        self.post(PREFERENCES_PATH, told)
    }

    /// Ties this installation to the account that `token` stands for.
    pub fn identity(&self, alias: Uuid, token: &str) -> Request {
        let link = IdentityLink { installation: self.installation, alias, token: token.to_owned() };
        self.post(IDENTITY_PATH, &link)
    }

    /// The catalogue, if it is another than the one with `etag`.
    pub fn catalogue(&self, etag: Option<&str>) -> Request {
        self.fetch(etag.map(|etag| ("if-none-match", etag)))
    }

    /// The same; where the backend still knows the one with `etag`, what changed since will do.
    pub fn catalogue_delta(&self, etag: &str) -> Request {
        self.fetch([("if-none-match", etag), ("a-im", DELTA_IM)])
    }

    fn fetch<'a>(&self, more: impl IntoIterator<Item = (&'a str, &'a str)>) -> Request {
        let mut headers = self.headers();
        headers.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let url = format!("{}{CATALOGUE_PATH}", self.base);
        let (method, body) = (Method::Get, Vec::new());
        Request { method, url, headers, body, timeout: CATALOGUE_TIMEOUT, max_bytes: MAX_RESPONSE_BYTES }
    }

    fn headers(&self) -> Vec<(String, String)> {
        vec![
            ("authorization".to_owned(), self.authorization.clone()),
            ("accept".to_owned(), "application/json".to_owned()),
        ]
    }

    fn post(&self, path: &str, body: &impl Serialize) -> Request {
        let mut headers = self.headers();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        // Writing these types to memory cannot fail; an empty body would be refused, not believed.
        let mut body = serde_json::to_vec(body).unwrap_or_default();
        if self.packs
            && let Ok(packed) = zstd::bulk::compress(&body, LEVEL)
            && packed.len() < body.len()
        {
            headers.push(("content-encoding".to_owned(), "zstd".to_owned()));
            body = packed;
        }
        let url = format!("{}{path}", self.base);
        Request { method: Method::Post, url, headers, body, timeout: TIMEOUT, max_bytes: MAX_RESPONSE_BYTES }
    }
}

/// At most this long is `record` on the wire, before it is packed.
pub fn wire_size(record: &Record) -> usize {
    // A partner's id may need escapes; nothing else does.
    ENVELOPE + record.kind().len() + record.partner().map_or(0, |partner| partner.len() * 6) + record.data().len()
}

/// The device's monotonic clock as one installation tells it.
///
/// The system's id of a boot is the same for every app of the phone and for the next shopper, and so is the moment at which
/// the phone was started: by either, two installations could be told to be one phone. So each has a name of its own for a
/// boot, and counts from a moment of its own. Differences are what they were, and they are all that anybody needs.
struct Clocks {
    installation: Uuid,
    /// The boot that was told last: a batch rarely has two.
    last: Option<(Uuid, SentClock)>,
}

impl Clocks {
    fn of(installation: Uuid) -> Self {
        Self { installation, last: None }
    }

    fn tell(&mut self, at: Now) -> SentClock {
        let begin = match self.last {
            Some((boot, begin)) if boot == at.boot => begin,
            _ => self.last.insert((at.boot, begin(self.installation, at.boot))).1,
        };
        SentClock { monotonicms: begin.monotonicms.saturating_add(at.mono_ms), ..begin }
    }
}

/// Where a clock begins under `boot`: within 35 years, so that the sum stays a number of any JSON.
fn begin(installation: Uuid, boot: Uuid) -> SentClock {
    let hash = Sha256::new().chain_update(installation.as_bytes()).chain_update(boot.as_bytes()).finalize();
    let (mut name, mut ahead) = ([0; 16], [0; 8]);
    name.iter_mut().chain(&mut ahead[..5]).zip(hash.iter()).for_each(|(to, from)| *to = *from);
    SentClock { monotonicms: u64::from_le_bytes(ahead), bootid: Uuid::new_v8(name) }
}

fn cloud_event(record: &Record, alias: Option<Uuid>, source: &str, clock: SentClock) -> Result<CloudEvent, NotJson> {
    let data = String::from_utf8(record.data().to_vec()).ok().and_then(|text| RawValue::from_string(text).ok());
    Ok(CloudEvent {
        specversion: "1.0".to_owned(),
        id: record.id(),
        source: source.to_owned(),
        kind: record.kind().to_owned(),
        subject: alias.map(|alias| alias.to_string()),
        time: record.at().rfc3339(),
        datacontenttype: "application/json".to_owned(),
        purpose: record.purpose(),
        partner: record.partner().map(str::to_owned),
        consentepoch: record.epoch(),
        monotonicms: clock.monotonicms,
        bootid: clock.bootid,
        sessionid: record.session(),
        schemaversion: SCHEMA_VERSION,
        data: data.ok_or(NotJson(record.id()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentStatus, Decision, Entry, Purpose, PurposeKind, Sha, Signer};
    use crate::event::Draft;

    const NOW: Now = Now { wall_ms: 0, mono_ms: 9, boot: Uuid::nil() };

    fn record(n: u128, data: &str) -> Record {
        record_of("lumi", n, data)
    }

    fn record_of(partner: &str, n: u128, data: &str) -> Record {
        Draft {
            id: Uuid::from_u128(n),
            kind: "dev.patron.offer.saved".into(),
            partner: Some(partner.into()),
            at: Now { wall_ms: 1_795_341_600_000, mono_ms: u64::MAX, boot: Uuid::max() },
            session: Uuid::max(),
            data: data.as_bytes().to_vec(),
        }
        .stamped(PurposeKind::Personalisation, u64::MAX)
    }

    fn requests() -> Requests {
        Requests::new("https://shop.example/", "pk_1", Uuid::from_u128(7))
    }

    fn unpacked(request: &Request) -> Vec<u8> {
        let packed = request.headers.iter().any(|header| *header == ("content-encoding".into(), "zstd".into()));
        if packed { zstd::bulk::decompress(&request.body, 1 << 20).unwrap() } else { request.body.clone() }
    }

    #[test]
    fn a_batch_says_who_what_and_when_and_is_packed() {
        let (first, second) = (record(1, r#"{"offer":"cup"}"#), record(2, "{}"));
        let alias = Uuid::from_u128(9);
        let request =
            requests().events(Uuid::from_u128(3), NOW, None, &[(&first, Some(alias)), (&second, None)]).unwrap();
        assert_eq!(request.url, "https://shop.example/v1/events");
        assert!(request.headers.contains(&("authorization".into(), "Bearer pk_1".into())));
        let raw = unpacked(&request);
        assert!(request.body.len() < raw.len());
        let batch: EventBatch = serde_json::from_slice(&raw).unwrap();
        assert_eq!((batch.batch, batch.installation), (Uuid::from_u128(3), Uuid::from_u128(7)));
        assert_eq!(batch.sent_at, "1970-01-01T00:00:00.000Z");
        assert_eq!(batch.sent_clock, Some(Clocks::of(Uuid::from_u128(7)).tell(NOW)));
        assert_eq!(batch.events[0].subject.as_deref(), Some(alias.to_string().as_str()));
        assert_eq!(batch.events[0].data.get(), r#"{"offer":"cup"}"#);
        assert_eq!((batch.events[1].id, &batch.events[1].subject), (Uuid::from_u128(2), &None));
        assert_eq!(batch.events[1].time, "2026-11-22T10:00:00.000Z");
    }

    #[test]
    fn a_clock_tells_an_installation_how_long_something_took_and_not_which_phone_it_is() {
        let (boot, next) = (Uuid::from_u128(77), Uuid::from_u128(78));
        let told = |installation| {
            let mut clocks = Clocks::of(Uuid::from_u128(installation));
            [(boot, 5), (next, 5), (boot, 1_005)].map(|(boot, mono_ms)| clocks.tell(Now { boot, mono_ms, ..NOW }))
        };
        let (ours, theirs) = (told(1), told(2));
        assert!(ours[0].bootid == ours[2].bootid && ours[0].bootid != ours[1].bootid && ours[0].bootid != boot);
        assert_eq!(ours[2].monotonicms - ours[0].monotonicms, 1_000);
        assert!(ours.iter().zip(&theirs).all(|(a, b)| a.bootid != b.bootid && a.monotonicms != b.monotonicms));
        assert!(ours.iter().all(|clock| clock.monotonicms < 1 << 41), "{ours:?}");
    }

    #[test]
    fn data_that_is_not_json_spoils_no_batch() {
        let (good, bad) = (record(1, "{}"), record(2, "{\"a\":"));
        let made = requests().events(Uuid::nil(), NOW, None, &[(&good, None), (&bad, None)]);
        assert_eq!(made, Err(NotJson(Uuid::from_u128(2))));
    }

    #[test]
    fn an_event_is_never_longer_than_was_reckoned() {
        let long = record_of(&"\u{1}\"".repeat(100), 1, r#"{"offer":"cup"}"#);
        let clock = SentClock { monotonicms: u64::MAX, bootid: Uuid::max() };
        let event = cloud_event(&long, Some(Uuid::max()), &format!("/installations/{}", Uuid::max()), clock);
        let event = event.unwrap();
        assert!(serde_json::to_vec(&event).unwrap().len() <= wire_size(&long));
    }

    #[test]
    fn consent_identity_and_catalogue_go_to_their_own_addresses() {
        let lumi = Purpose::PartnerSharing { partner: "lumi".into() };
        let mut decision = Decision::new(Uuid::from_u128(1), lumi, ConsentStatus::Withdrawn, 0, 5);
        let seal = Signer::from_seed(&[1; 32]).seal(&mut decision, Sha::NONE);
        let lowered = PurposeSet::of(&[PurposeKind::Personalisation]);
        let consent =
            requests().consent(&[(5, seal)], lowered, vec![("acme".into(), Uuid::from_u128(9))], 3, None, None);
        let report: ConsentReport = serde_json::from_slice(&unpacked(&consent)).unwrap();
        assert_eq!(consent.url, "https://shop.example/v1/consent");
        let entry: Entry = serde_json::from_str(&report.decisions[0].entry).unwrap();
        assert_eq!((entry.partner.as_deref(), entry.status), (Some("lumi"), ConsentStatus::Withdrawn));
        assert_eq!((report.decisions[0].epoch, report.lowered), (5, vec![PurposeKind::Personalisation]));
        assert_eq!(report.pseudonyms.get("acme"), Some(&Uuid::from_u128(9)));
        let identity = requests().identity(Uuid::from_u128(2), "token");
        assert_eq!(identity.url, "https://shop.example/v1/identity");
        let catalogue = requests().catalogue(Some("\"v1\""));
        assert_eq!((catalogue.method, catalogue.url.as_str()), (Method::Get, "https://shop.example/v1/catalogue"));
        assert!(catalogue.headers.contains(&("if-none-match".into(), "\"v1\"".into())));
        assert!(!catalogue.headers.iter().any(|(name, _)| name == "a-im"));
        let delta = requests().catalogue_delta("\"v1\"");
        assert_eq!(delta.headers[..3], catalogue.headers[..]);
        assert_eq!(delta.headers[3..], [("a-im".to_owned(), "patron-delta".to_owned())]);
    }

    #[test]
    fn neither_key_nor_token_reaches_a_log() {
        let request = requests().identity(Uuid::nil(), "secret");
        let shown = format!("{:?} {request:?}", requests());
        assert!(!shown.contains("pk_1") && !shown.contains("secret"), "{shown}");
    }
}
