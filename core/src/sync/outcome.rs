//! Reads the backend's answers: what is settled, what to try again, what to stop.
//!
//! Pure, and suspicious: an answer that is not understood settles nothing. What follows for the
//! queue is the engine's; when to try again is [`super::SyncState`]'s.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::wire::{BatchReply, ConsentAck, IdentityReply, PreferencesReply, Problem, RightsReply, VerdictKind};
use super::{DELTA_IM, Response, TransportError, backoff};
use crate::clock;

/// An address that is gone is not back within minutes; a release of the backend is within hours.
const GONE_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Why a request achieved nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Try again, not before `after` where the backend asked for that.
    Later {
        /// The backend's wish.
        after: Option<Duration>,
        /// For the log and for diagnostics.
        why: String,
    },
    /// The backend refuses what was sent, alone. Try again, later each time; a network that is back makes
    /// no difference to that.
    Refused {
        /// For the log and for diagnostics.
        why: String,
    },
    /// The key is refused: keep everything, send nothing, say so.
    KeyRefused {
        /// 401 or 403.
        status: u16,
    },
    /// The backend knows no such address, method or encoding: wait for its next release.
    Gone {
        /// For how long.
        pause: Duration,
        /// The status.
        status: u16,
    },
}

/// What becomes of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The backend holds it.
    Delivered,
    /// Not yet: it stays in the queue.
    Retry,
    /// Not yet: the backend does not hold the consent that it rests on.
    ConsentUnknown,
    /// A batch of this event alone was refused. Whether that is the event's fault shows by the others.
    Refused(String),
    /// The backend will never take it.
    Dead(String),
}

/// What the answer to a batch means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsOutcome {
    /// One settlement for each event that was sent, in that order.
    Settled {
        /// Event and settlement.
        verdicts: Vec<(Uuid, Settlement)>,
        /// The backend's clock, where it told it.
        server_time_ms: Option<i64>,
    },
    /// One event spoils the batch: send the halves apart.
    Bisect,
    /// Nothing is settled.
    Failed(Failure),
}

/// What the answer to a consent report means.
#[derive(Debug, Clone)]
pub enum ConsentOutcome {
    /// The backend holds every decision up to the epoch that it tells.
    Acknowledged(ConsentAck),
    /// The backend holds another ledger of this installation: this one goes on from an earlier copy of
    /// itself, out of a backup. It will never be taken.
    Forked(String),
    /// Nothing is acknowledged. Decisions are never dropped.
    Failed(Failure),
}

/// What the answer to an identity link means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityOutcome {
    /// The installation is tied to the account.
    Linked {
        /// See [`IdentityReply::secret`].
        secret: Option<String>,
    },
    /// The token is no good; sending it again will not help.
    Refused(String),
    /// Under this installation another shopper has signed in, or it was erased: this store is a copy.
    Taken(String),
    /// Nothing is decided.
    Failed(Failure),
}

/// What the answer to the shopper's rules means.
#[derive(Debug, Clone, PartialEq)]
pub enum PreferencesOutcome {
    /// They are kept, or others are told instead.
    Answered(PreferencesReply),
    /// The backend knows of no account or no yes, or of a no that this device has not heard of: it is to be asked
    /// what it knows of consent. Otherwise a failure, which says when it may be tried again.
    Refused(Failure),
    /// Nothing is settled.
    Failed(Failure),
}

/// What the answer to a catalogue request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogueOutcome {
    /// A catalogue, not yet looked at.
    New {
        /// JSON, as it came.
        body: Vec<u8>,
        /// To be sent along the next time.
        etag: Option<String>,
    },
    /// What changed since the one on the device, not yet looked at.
    Delta {
        /// For [`super::apply_delta`], as it came.
        body: Vec<u8>,
        /// Of the new one.
        etag: Option<String>,
        /// The tag of the one that it was made for.
        base: String,
    },
    /// The one on the device is the latest.
    NotModified,
    /// None came.
    Failed(Failure),
}

/// The backend's word for [`Settlement::ConsentUnknown`].
const CONSENT_NOT_HELD: &str = "consent_not_held";

/// The backend's words for an event that a no stands against, which its device may not have heard of.
const REFUSED_FOR_A_NO: [&str; 2] = ["not_permitted", "erased"];

impl Settlement {
    /// Whether the backend knows of a no to what was recorded here: said on a copy of this store, or behind a backup.
    pub fn speaks_of_a_no(&self) -> bool {
        matches!(self, Self::Dead(reason) if REFUSED_FOR_A_NO.contains(&reason.as_str()))
    }
}

type Reply = Result<Response, TransportError>;

/// Reads the answer to batch `batch` of the events `sent`.
pub fn interpret_events(reply: &Reply, batch: Uuid, sent: &[Uuid], now_ms: i64) -> EventsOutcome {
    let response = match answered(reply, now_ms) {
        Ok(response) => response,
        Err(failure) => return EventsOutcome::Failed(failure),
    };
    let verdicts = serde_json::from_slice::<BatchReply>(&response.body).ok().filter(|reply| reply.batch == batch);
    match (verdicts, response.status) {
        (Some(reply), 200..=299 | 400..=499) => settle(reply, sent),
        (None, status) if is_about_the_request(status, response) => match sent {
            // A gateway's own limit is no word of the backend's, and may be another tomorrow.
            [only] => EventsOutcome::Settled {
                verdicts: vec![(
                    *only,
                    if is_problem(response) { Settlement::Refused(words(response)) } else { Settlement::Retry },
                )],
                server_time_ms: None,
            },
            _ => EventsOutcome::Bisect,
        },
        _ => EventsOutcome::Failed(not_understood(response)),
    }
}

/// Reads the answer to a consent report.
pub fn interpret_consent(reply: &Reply, now_ms: i64) -> ConsentOutcome {
    let response = match answered(reply, now_ms) {
        Ok(response) => response,
        Err(failure) => return ConsentOutcome::Failed(failure),
    };
    match (response.status, serde_json::from_slice::<ConsentAck>(&response.body)) {
        (200..=299, Ok(ack)) => ConsentOutcome::Acknowledged(ack),
        (409, _) if is_problem(response) => ConsentOutcome::Forked(words(response)),
        _ => ConsentOutcome::Failed(not_understood(response)),
    }
}

/// Reads the answer to an identity link.
pub fn interpret_identity(reply: &Reply, now_ms: i64) -> IdentityOutcome {
    match answered(reply, now_ms) {
        Err(failure) => IdentityOutcome::Failed(failure),
        Ok(response) => match response.status {
            // Nothing but the word of the protocol: a page to sign in at says 200 to everything, and
            // the token would be forgotten.
            204 => IdentityOutcome::Linked { secret: None },
            200 => match serde_json::from_slice::<IdentityReply>(&response.body) {
                Ok(reply) => IdentityOutcome::Linked { secret: Some(reply.secret) },
                Err(_) => IdentityOutcome::Failed(not_understood(response)),
            },
            409 if is_problem(response) => IdentityOutcome::Taken(words(response)),
            // A proxy's own limit may halve a batch; it must not cost the shopper the account.
            status if is_about_the_request(status, response) && is_problem(response) => {
                IdentityOutcome::Refused(words(response))
            }
            _ => IdentityOutcome::Failed(not_understood(response)),
        },
    }
}

/// Reads the answer to what the shopper asks of the backend.
///
/// # Errors
/// Why nothing of it is settled.
pub fn interpret_rights(reply: &Reply, now_ms: i64) -> Result<RightsReply, Failure> {
    let response = answered(reply, now_ms)?;
    match (response.status, serde_json::from_slice(&response.body)) {
        (200, Ok(reply)) => Ok(reply),
        _ => Err(not_understood(response)),
    }
}

/// Reads the answer to what a device said of the shopper's rules.
pub fn interpret_preferences(reply: &Reply, now_ms: i64) -> PreferencesOutcome {
    let response = match answered(reply, now_ms) {
        Ok(response) => response,
        Err(failure) => return PreferencesOutcome::Failed(failure),
    };
    match (response.status, serde_json::from_slice::<PreferencesReply>(&response.body)) {
        // What counts further than any backend could not be named in the next request.
        (200, Ok(reply)) if i64::try_from(reply.revision).is_ok() => PreferencesOutcome::Answered(reply),
        (status, _) if is_about_the_request(status, response) => {
            PreferencesOutcome::Refused(Failure::Later { after: Some(GONE_PAUSE), why: words(response) })
        }
        _ => PreferencesOutcome::Failed(not_understood(response)),
    }
}

/// Reads the answer to a catalogue request.
pub fn interpret_catalogue(reply: &Reply, now_ms: i64) -> CatalogueOutcome {
    match answered(reply, now_ms) {
        Err(failure) => CatalogueOutcome::Failed(failure),
        Ok(response) => match response.status {
            200 => {
                CatalogueOutcome::New { body: response.body.clone(), etag: response.header("etag").map(str::to_owned) }
            }
            304 => CatalogueOutcome::NotModified,
            226 => delta(response).unwrap_or_else(|| CatalogueOutcome::Failed(not_understood(response))),
            _ => CatalogueOutcome::Failed(not_understood(response)),
        },
    }
}

/// RFC 3229: `im` says how the delta was made, `delta-base` for what. Without both it is anyone's guess.
fn delta(response: &Response) -> Option<CatalogueOutcome> {
    let base = response.header("delta-base")?.to_owned();
    let is_ours = response.header("im")?.trim().eq_ignore_ascii_case(DELTA_IM);
    let etag = response.header("etag").map(str::to_owned);
    is_ours.then(|| CatalogueOutcome::Delta { body: response.body.clone(), etag, base })
}

/// What all lanes have in common; an answer that comes back is one that the lane must read.
fn answered(reply: &Reply, now_ms: i64) -> Result<&Response, Failure> {
    let response = match reply {
        Ok(response) => response,
        Err(e) => return Err(Failure::Later { after: None, why: e.to_string() }),
    };
    let asked = || {
        let value = response.header("retry-after")?;
        backoff::retry_after(value, response.header("date"), now_ms)
    };
    match response.status {
        // A page to sign in at says so too, and nobody brings another key for that.
        401 | 403 if is_problem(response) => Err(Failure::KeyRefused { status: response.status }),
        404 | 405 | 406 | 410 | 415 => Err(Failure::Gone { pause: GONE_PAUSE, status: response.status }),
        408 | 425 | 429 | 500.. => Err(Failure::Later { after: asked(), why: words(response) }),
        _ => Ok(response),
    }
}

/// Whether a refusal is the backend's own, of what was sent. Anything on the way may answer 4xx as
/// well (a proxy, a firewall, a page to sign in at), and that must not cost an event.
fn is_about_the_request(status: u16, response: &Response) -> bool {
    match status {
        413 => true,
        400 | 409 | 422 => is_problem(response),
        _ => false,
    }
}

/// Whether the answer is the backend's own and not of something on the way.
fn is_problem(response: &Response) -> bool {
    serde_json::from_slice::<Problem>(&response.body).is_ok()
}

fn settle(reply: BatchReply, sent: &[Uuid]) -> EventsOutcome {
    let mut by_id: HashMap<Uuid, Settlement> = HashMap::with_capacity(reply.verdicts.len());
    for verdict in reply.verdicts {
        let settlement = match verdict.verdict {
            VerdictKind::Ok | VerdictKind::Duplicate => Settlement::Delivered,
            VerdictKind::Drop => Settlement::Dead(verdict.reason.unwrap_or_else(|| "no reason given".to_owned())),
            VerdictKind::Retry if verdict.reason.as_deref() == Some(CONSENT_NOT_HELD) => Settlement::ConsentUnknown,
            VerdictKind::Retry | VerdictKind::Unknown => Settlement::Retry,
        };
        by_id
            .entry(verdict.id)
            // Two verdicts that contradict each other are none.
            .and_modify(|first| {
                if *first != settlement {
                    *first = Settlement::Retry;
                }
            })
            .or_insert(settlement);
    }
    let verdicts = sent.iter().map(|id| (*id, by_id.remove(id).unwrap_or(Settlement::Retry))).collect();
    let server_time_ms = clock::parse_rfc3339(&reply.server_time);
    EventsOutcome::Settled { verdicts, server_time_ms }
}

fn not_understood(response: &Response) -> Failure {
    Failure::Later { after: None, why: format!("an answer that is not understood: {}", words(response)) }
}

/// The status, and what the backend said to it; bounded, for it goes into logs.
fn words(response: &Response) -> String {
    let said = serde_json::from_slice::<Problem>(&response.body)
        .map(|problem| problem.detail.unwrap_or(problem.title))
        .unwrap_or_default();
    let said: String = said.chars().take(200).collect();
    if said.is_empty() { format!("status {}", response.status) } else { format!("status {}: {said}", response.status) }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
