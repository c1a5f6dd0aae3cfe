//! A device's half of consent, small enough to be wrong on purpose: a key, a ledger, and what it signs.

use patron_core::clock;
use patron_core::consent::{Anchor, ConsentStatus, Decision, Entry, Purpose, PurposeKind, Sha, Signer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::Backend;
use crate::client::Response;

/// 2026-11-22T10:00:00Z.
const MORNING: i64 = 1_795_341_600_000;

/// One installation of the app.
pub(crate) struct Shopper {
    pub(crate) installation: Uuid,
    pub(crate) signer: Signer,
    /// Whether decisions are made while signed in.
    pub(crate) signed_in: bool,
    head: Sha,
    pub(crate) epoch: u64,
    /// What it knows, its own and what it heard: purpose, hash, parents.
    known: Vec<(Purpose, Sha, Vec<Sha>)>,
}

impl Shopper {
    pub(crate) fn new() -> Self {
        Self::of(Uuid::now_v7())
    }

    /// The same installation has the same key.
    pub(crate) fn of(installation: Uuid) -> Self {
        let seed = *Sha::of(installation.as_bytes()).as_bytes();
        Self {
            installation,
            signer: Signer::from_seed(&seed),
            signed_in: false,
            head: Sha::NONE,
            epoch: 0,
            known: Vec::new(),
        }
    }

    /// Decides, and says so as the wire has it.
    pub(crate) fn decides(&mut self, purpose: &str, status: ConsentStatus) -> Value {
        self.adopts(Uuid::now_v7(), purpose, status)
    }

    /// Says yes to `purpose` until a time.
    pub(crate) fn decides_until(&mut self, purpose: &str, expires_at_ms: i64) -> Value {
        self.enters(Uuid::now_v7(), purpose, ConsentStatus::Granted, Some(expires_at_ms))
    }

    /// Enters a decision that has an id already.
    pub(crate) fn adopts(&mut self, id: Uuid, purpose: &str, status: ConsentStatus) -> Value {
        self.enters(id, purpose, status, None)
    }

    fn enters(&mut self, id: Uuid, purpose: &str, status: ConsentStatus, expires_at_ms: Option<i64>) -> Value {
        self.epoch += 1;
        let at_ms = MORNING + self.epoch as i64 * 1_000;
        let mut decision = Decision::new(id, self::purpose(purpose), status, at_ms, self.epoch);
        decision.parents = self.heads(&decision.purpose);
        decision.account = self.signed_in;
        decision.expires_at_ms = expires_at_ms;
        let seal = self.signer.seal(&mut decision, self.head);
        self.head = decision.hash;
        self.known.push((decision.purpose, decision.hash, decision.parents));
        json!({ "epoch": self.epoch, "entry": seal.entry, "signature": seal.signature_hex() })
    }

    /// Takes in what another device decided, and reports it under an epoch of its own.
    pub(crate) fn hears(&mut self, entry: &Value) -> Value {
        self.epoch += 1;
        let text = entry["entry"].as_str().unwrap();
        let read: Entry = serde_json::from_str(text).unwrap();
        let purpose = Purpose::from_parts(read.purpose, read.partner.as_deref()).unwrap();
        self.known.push((purpose, Sha::of(text.as_bytes()), read.parents));
        json!({ "epoch": self.epoch, "entry": text, "signature": entry["signature"] })
    }

    fn heads(&self, purpose: &Purpose) -> Vec<Sha> {
        let about = || self.known.iter().filter(|(known, _, _)| known == purpose);
        let passed: Vec<Sha> = about().flat_map(|(_, _, parents)| parents.clone()).collect();
        about().map(|(_, hash, _)| *hash).filter(|hash| !passed.contains(hash)).collect()
    }

    pub(crate) fn report(&self, decisions: &[Value]) -> Value {
        json!({ "installation": self.installation, "decisions": decisions })
    }

    /// Reports `decisions`; what is answered.
    #[track_caller]
    pub(crate) fn tells(&self, backend: &Backend, decisions: &[Value]) -> Value {
        let reply = backend.post("/v1/consent", &self.report(decisions));
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// Decides and reports.
    #[track_caller]
    pub(crate) fn grants(&mut self, backend: &Backend, purpose: &str) {
        let yes = self.decides(purpose, ConsentStatus::Granted);
        self.tells(backend, &[yes]);
    }

    /// Signs in; what is answered.
    pub(crate) fn links(&mut self, backend: &Backend, token: &str) -> Response {
        self.signed_in = true;
        let link = json!({ "installation": self.installation, "alias": Uuid::now_v7(), "token": token });
        backend.post("/v1/identity", &link)
    }

    /// A request as the wire has it; `more` replaces fields of the statement before it is signed.
    pub(crate) fn asks(&self, kind: &str, more: Value) -> Value {
        let mut statement = json!({
            "version": 1, "id": Uuid::now_v7(), "installation": self.installation, "kind": kind,
            "asked_at": clock::rfc3339(MORNING + self.epoch as i64 * 1_000), "key": self.signer.public() });
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let text = statement.to_string();
        json!({ "id": statement["id"], "kind": kind, "statement": text,
                "signature": self.signer.sign(text.as_bytes()) })
    }

    /// Whether the answer's head is the one that this ledger has, countersigned for this installation.
    pub(crate) fn is_anchored(&self, ack: &Value) -> bool {
        let anchor: Anchor = serde_json::from_value(ack["anchor"].clone()).unwrap();
        anchor.holds(self.installation) && anchor.head == self.head
    }

    pub(crate) fn head(&self) -> Sha {
        self.head
    }
}

/// By its name on the wire; `partner_sharing/lumi` with its partner.
fn purpose(name: &str) -> Purpose {
    let (kind, partner) = name.split_once('/').map_or((name, None), |(kind, partner)| (kind, Some(partner)));
    let kind = PurposeKind::ALL.into_iter().find(|known| known.as_str() == kind).unwrap();
    Purpose::from_parts(kind, partner).unwrap()
}

/// Asks for `requests`; what is answered.
#[track_caller]
pub(crate) fn ask(backend: &Backend, requests: &[&Value]) -> Value {
    let reply = backend.post("/v1/rights", &json!({ "requests": requests }));
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}
