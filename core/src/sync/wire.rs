//! The wire protocol, version 1, as types. docs/protocol.md says it in words.
//!
//! Names on the wire are snake_case, events follow CloudEvents 1.0. A field that a peer does not
//! know is ignored, never an error: the two halves are released apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::consent::{Anchor, PurposeKind};

/// Where offers, places and partners come from.
pub const CATALOGUE_PATH: &str = "/v1/catalogue";
/// Where decisions of consent go.
pub const CONSENT_PATH: &str = "/v1/consent";
/// Where the shopper's rights are asked for: to see, and to leave.
pub const RIGHTS_PATH: &str = "/v1/rights";
/// Where an installation is tied to an account.
pub const IDENTITY_PATH: &str = "/v1/identity";
/// Where the shopper's rules go, for the shopper's other devices.
pub const PREFERENCES_PATH: &str = "/v1/preferences";
/// Where batches of events go.
pub const EVENTS_PATH: &str = "/v1/events";

/// A batch holds at most this many events.
pub const MAX_BATCH_EVENTS: usize = 500;
/// A batch is at most this long before it is packed.
pub const MAX_BATCH_BYTES: usize = 256 * 1024;

/// One event: CloudEvents 1.0 in JSON, with Patron's extension attributes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CloudEvent {
    /// Always `1.0`.
    pub specversion: String,
    /// Idempotency key: UUIDv7, or UUIDv8 derived from a visit's transition.
    pub id: Uuid,
    /// `/installations/{uuid}`.
    pub source: String,
    /// For example `dev.patron.offer.saved`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The account's alias on this installation; absent while anonymous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The device's wall clock when it happened, RFC 3339.
    pub time: String,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// The purpose it was recorded under.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub purpose: PurposeKind,
    /// The partner whose offer or place it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The consent epoch under which it was recorded.
    pub consentepoch: u64,
    /// Milliseconds, counting sleep, since a moment before the boot that the installation chose.
    pub monotonicms: u64,
    /// Under which boot `monotonicms` counts.
    pub bootid: Uuid,
    /// One run of the app.
    pub sessionid: Uuid,
    /// Version of the vocabulary that `data` follows.
    pub schemaversion: u32,
    /// The event's own content.
    pub data: Box<RawValue>,
}

/// Body of `POST /v1/events`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventBatch {
    /// Names this batch; a retry carries the same id and the same events.
    pub batch: Uuid,
    /// Which installation sends.
    pub installation: Uuid,
    /// The device's wall clock at sending, RFC 3339.
    pub sent_at: String,
    /// The device's monotonic clock at sending. An event of the same boot happened
    /// `sent_clock.monotonicms - event.monotonicms` before, whatever the wall clock said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_clock: Option<SentClock>,
    /// What became of every event of this installation, as of the making of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountReport>,
    /// At most [`MAX_BATCH_EVENTS`].
    pub events: Vec<CloudEvent>,
}

/// One reading of a device's monotonic clock, as an installation tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentClock {
    /// Milliseconds since a moment before the boot that the installation chose, counting sleep.
    pub monotonicms: u64,
    /// Under which boot `monotonicms` counts.
    pub bootid: Uuid,
}

/// The account of an installation's events: `accepted = delivered + queued + dead + evicted +
/// purged`, where each of the last three is the sum of its reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountReport {
    /// Taken from callers, and visits that were recorded.
    pub accepted: u64,
    /// Acknowledged by the backend.
    pub delivered: u64,
    /// On the device, the events of this batch among them.
    pub queued: u64,
    /// Refused by the backend for good, by its reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dead: BTreeMap<String, u64>,
    /// Given up by the device, by reason: `count`, `bytes`, `age`, `damage`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evicted: BTreeMap<String, u64>,
    /// Removed at the shopper's word, by reason: `withdrawn`, `overtaken`, `signed_out`, `erased`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purged: BTreeMap<String, u64>,
}

/// What the backend decided on one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Stored.
    Ok,
    /// Was stored before; as good as [`VerdictKind::Ok`].
    Duplicate,
    /// Send it again.
    Retry,
    /// Will never be taken; `reason` says why.
    Drop,
    /// A word that this version does not know: counts as [`VerdictKind::Retry`].
    #[serde(other)]
    Unknown,
}

/// The verdict on one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The event.
    pub id: Uuid,
    /// What became of it.
    pub verdict: VerdictKind,
    /// Why, for `drop` and `retry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of the answer to `POST /v1/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReply {
    /// The batch that was answered.
    pub batch: Uuid,
    /// One per event; an event without one counts as `retry`.
    pub verdicts: Vec<Verdict>,
    /// The backend's clock, RFC 3339.
    pub server_time: String,
}

/// One decision of consent on the wire: an entry of the shopper's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentDecision {
    /// The consent epoch that it began on the device that reports it. For a decision of another
    /// device of the shopper that is not the `seq` of the entry.
    pub epoch: u64,
    /// The JSON of a [`crate::consent::Entry`], byte for byte as it was signed.
    pub entry: String,
    /// Ed25519 by the entry's key, in hexadecimal digits.
    pub signature: String,
}

/// Body of `POST /v1/consent`: the decisions that the backend has not acknowledged, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentReport {
    /// Which installation decides.
    pub installation: Uuid,
    /// The decisions.
    pub decisions: Vec<ConsentDecision>,
    /// The purposes that signals from outside lower now, whatever was granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lowered: Vec<PurposeKind>,
    /// The partners that may hear of the shopper now, each with the name that it alone knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pseudonyms: BTreeMap<String, Uuid>,
    /// The consent catalogue that the device goes by.
    #[serde(default)]
    pub catalogue_revision: u64,
    /// Which report of what stands besides the decisions this is: of two that know of the same decisions the
    /// higher number is the later word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<u64>,
    /// What became of every event of this installation, as of the making of this report: what was purged by the decision
    /// that it tells of is told with it. One that does not read costs no decision, and is as none.
    #[serde(default, deserialize_with = "if_it_reads", skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountReport>,
}

/// What stands there, where it is one.
fn if_it_reads<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AccountReport>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// Body of the answer to `POST /v1/consent`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ConsentAck {
    /// The highest epoch that the backend holds for this installation.
    pub epoch: u64,
    /// The head of the installation's own ledger, countersigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// What the shopper decided on other devices, as far as it holds here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<SignedEntry>,
    /// A newer consent catalogue than the device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Box<RawValue>>,
}

/// An entry of some ledger, and its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// As [`ConsentDecision::entry`].
    pub entry: String,
    /// As [`ConsentDecision::signature`].
    pub signature: String,
}

/// What a shopper may ask of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightKind {
    /// That what was sent under one purpose be erased.
    ErasePurpose,
    /// That everything be erased but the proof of it.
    Erase,
    /// To see everything.
    Export,
}

/// What is asked, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightStatement {
    /// The form of the statement: 1.
    pub version: u32,
    /// Idempotency key.
    pub id: Uuid,
    /// Whose data.
    pub installation: Uuid,
    /// What is asked.
    pub kind: RightKind,
    /// For [`RightKind::ErasePurpose`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeKind>,
    /// The partner, for `partner_sharing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// For [`RightKind::ErasePurpose`]: up to this consent epoch. Without it, up to the withdrawal that was
    /// decided at [`RightStatement::asked_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// The device's wall clock, RFC 3339.
    pub asked_at: String,
    /// The Ed25519 key that signs: the one that the installation's decisions are signed with.
    pub key: String,
}

/// A statement, byte for byte as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRight {
    /// The statement's id.
    pub id: Uuid,
    /// What is asked.
    pub kind: RightKind,
    /// The JSON of a [`RightStatement`].
    pub statement: String,
    /// Ed25519, in hexadecimal digits.
    pub signature: String,
}

/// Body of `POST /v1/rights`: what was not done yet, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightsRequest {
    /// What is asked.
    pub requests: Vec<SignedRight>,
}

/// A request that the backend will never do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRight {
    /// The request.
    pub id: Uuid,
    /// Why.
    pub reason: String,
}

/// Body of the answer to `POST /v1/rights`. What is neither done nor refused is asked again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightsReply {
    /// What is done: for good, and in every copy that the backend answers from.
    pub done: Vec<Uuid>,
    /// What it will never do; asked no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRight>,
    /// Everything that the backend knows, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<serde_json::Value>,
}

/// Body of the answer to `POST /v1/identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityReply {
    /// What the account's names for partners are made from: 32 bytes in hexadecimal digits, the
    /// same on all of the shopper's devices.
    pub secret: String,
}

/// Body of `POST /v1/identity`; answered by an [`IdentityReply`], or by 204 from a backend without
/// partners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityLink {
    /// Which installation.
    pub installation: Uuid,
    /// The `subject` of events recorded from now on.
    pub alias: Uuid,
    /// The retailer's token for the shopper, opaque to Patron.
    pub token: String,
}

/// What a device says of the shopper's rules, wishes and saved offers, as it is signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreferencesStatement {
    /// The form of the statement: 1.
    pub version: u32,
    /// Which installation.
    pub installation: Uuid,
    /// The consent epoch under which it is said: the yes of then must be the one that stands.
    pub epoch: u64,
    /// The report of what stands besides the decisions behind which it is said; see [`ConsentReport::standing`]. A copy of
    /// before a later one comes too late: what was held then may have been erased since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<u64>,
    /// The revision that the device began from; 0 for none.
    pub base: u64,
    /// The whole of them, by kind and id; absent where nothing was changed since `base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<serde_json::Value>,
    /// The Ed25519 key that signs: the one that the installation's decisions are signed with.
    pub key: String,
}

/// Body of `POST /v1/preferences`: a statement, byte for byte as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPreferences {
    /// The JSON of a [`PreferencesStatement`].
    pub statement: String,
    /// Ed25519, in hexadecimal digits.
    pub signature: String,
}

/// Body of the answer to `POST /v1/preferences`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PreferencesReply {
    /// The revision that is held now, greater than all before it; 0 for none.
    pub revision: u64,
    /// What came is held now, under that revision.
    #[serde(default)]
    pub stored: bool,
    /// What is held, where the device began from another; nothing was stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<serde_json::Value>,
    /// What is held came from what the device began from, by changes that devices told: what it lacks was taken back.
    /// Not so behind an erasure, or where the backend was put back from a copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows: bool,
}

/// Body of an error answer: RFC 9457, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable name of the problem, as a URI reference.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// What was wrong with this request, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
