//! A backend as docs/protocol.md describes it, in memory, that also knows what must never arrive.
//!
//! It judges what it is sent; whether that may still be sent at all is the books' to say
//! ([`super::books`]). A request that no device of ours may make is an error, not an answer.

mod ledgers;
mod rights;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::network::Sending;
use super::rules::{self, Shelf};
use super::time::{BackendClock, Moment, Receipt};
use super::{Broken, broken};
use crate::consent::{Consents, PurposeKind};
use crate::sync::Response;
use crate::sync::wire::{
    BatchReply, CONSENT_PATH, CloudEvent, EVENTS_PATH, EventBatch, IDENTITY_PATH, IdentityLink, PREFERENCES_PATH,
    Problem, RIGHTS_PATH, SignedPreferences, Verdict, VerdictKind,
};

/// In an event's data: this backend drops it.
pub(super) const POISON_DROP: &str = "poison-drop";

/// In an event's data: this backend refuses the whole batch that holds it.
pub(super) const POISON_BATCH: &str = "poison-batch";

/// In an event's data: this backend puts it off, again and again, for as long as it is
/// [`Backend::puts_off`].
pub(super) const POISON_RETRY: &str = "poison-retry";

/// An event that arrived, and how.
pub(super) struct Arrived {
    pub(super) id: Uuid,
    pub(super) purpose: PurposeKind,
    pub(super) kind: String,
    /// Its id stands for an event that says something else.
    pub(super) conflict: bool,
    /// When it happened, by what the backend was told.
    pub(super) happened_ms: i64,
    pub(super) sent: Moment,
    pub(super) receipt: Receipt,
}

/// What became of a request.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) arrived: Vec<Arrived>,
}

/// An event that is stored.
struct Stored {
    /// What it says, by hash.
    content: u64,
    installation: Uuid,
    purpose: PurposeKind,
    partner: Option<String>,
    epoch: u64,
    /// It names an offer.
    names_offer: bool,
    /// Its shopper had it erased: that it was there is all that is left.
    erased: bool,
}

/// What the backend holds.
#[derive(Default)]
pub(super) struct Backend {
    decisions: BTreeMap<Uuid, BTreeMap<u64, ledgers::Entered>>,
    /// Installations of which there are copies: their ledgers may fork, and what they believe of the backend may be old.
    copied: BTreeSet<Uuid>,
    /// Of those, the ones that have told of their consent since they were put back, and so hear what it comes to.
    pub(super) heard_since: BTreeSet<Uuid>,
    /// Which report of what stands besides the decisions came last.
    standings: BTreeMap<Uuid, u64>,
    /// Installations whose decisions were lost when the backend was restored from a copy.
    restored: BTreeMap<Uuid, u64>,
    events: BTreeMap<Uuid, Stored>,
    erasures: Vec<rights::Erasure>,
    /// Requests for rights that were done: what is asked twice is done once.
    done: BTreeSet<Uuid>,
    aliases: BTreeMap<Uuid, Uuid>,
    pub(super) rules: Shelf,
    pub(super) clock: BackendClock,
    /// Which catalogue is published.
    pub(super) edition: usize,
    /// A gateway refuses larger batches with 413.
    pub(super) max_events: usize,
    /// Whether it is of a mind to put events off.
    pub(super) puts_off: bool,
}

/// The protocol's own bound.
pub(super) const MAX_EVENTS: usize = crate::sync::wire::MAX_BATCH_EVENTS;

impl Backend {
    pub(super) fn new() -> Self {
        Self { max_events: MAX_EVENTS, puts_off: true, ..Self::default() }
    }

    /// Whether the event is stored.
    pub(super) fn holds(&self, id: &Uuid) -> bool {
        self.events.contains_key(id)
    }

    /// Whether it shows the event to anyone.
    pub(super) fn shows(&self, id: &Uuid) -> bool {
        self.events.get(id).is_some_and(|stored| !stored.erased)
    }

    /// How many events it shows.
    #[cfg(test)]
    pub(super) fn shown(&self) -> usize {
        self.events.values().filter(|stored| !stored.erased).count()
    }

    /// Whether the installation is tied to an account.
    pub(super) fn is_linked(&self, installation: &Uuid) -> bool {
        self.aliases.values().any(|linked| linked == installation)
    }

    /// Whether the account behind `alias` is known.
    pub(super) fn knows(&self, alias: &Uuid) -> bool {
        self.aliases.contains_key(alias)
    }

    /// How many events are stored.
    pub(super) fn stored(&self) -> u64 {
        self.events.len() as u64
    }

    /// A copy from before the latest decisions takes the backend's place.
    pub(super) fn restore(&mut self, rng: &mut fastrand::Rng) {
        for (installation, decisions) in &mut self.decisions {
            let held = decisions.keys().next_back().copied().unwrap_or(0);
            let kept = rng.u64(0..=held);
            decisions.retain(|epoch, _| *epoch <= kept);
            // Of two copies the device has told the most before the first.
            let lost = self.restored.entry(*installation).or_default();
            *lost = held.max(*lost);
        }
        self.rules.restore(rng);
    }

    /// Takes a request as it arrived, whole or cut off.
    pub(super) fn take(&mut self, sending: &Sending) -> Result<Answer, Broken> {
        let request = &sending.request;
        let packed = request.headers.iter().any(|(name, _)| name == "content-encoding");
        let body = if packed { zstd::decode_all(request.body.as_slice()).ok() } else { Some(request.body.clone()) };
        let Some(body) = body else { return Ok(problem(400, "malformed", "the body does not unpack")) };
        let path = request.url.find("/v1/").map_or("", |at| &request.url[at..]);
        match path {
            CONSENT_PATH => read(&body, |report| self.consent(report)),
            IDENTITY_PATH => read(&body, |link: IdentityLink| {
                self.aliases.insert(link.alias, link.installation);
                Ok(plain(204, Vec::new()))
            }),
            RIGHTS_PATH => read(&body, |asked| self.rights(asked)),
            PREFERENCES_PATH => read(&body, |told| self.preferences(&told)),
            EVENTS_PATH => read(&body, |batch| self.batch(batch, sending.at)),
            _ => Ok(self.catalogue(request)),
        }
    }

    fn catalogue(&self, request: &crate::sync::Request) -> Answer {
        let edition = &EDITIONS[self.edition % EDITIONS.len()];
        let etag = format!("\"edition-{}\"", self.edition % EDITIONS.len());
        let held = request.headers.iter().any(|(name, value)| name == "if-none-match" && *value == etag);
        let mut answer = if held { plain(304, Vec::new()) } else { plain(200, edition.clone()) };
        answer.response.headers.push(("etag".to_owned(), etag));
        answer
    }

    /// Keeps to the yes of the epoch under which it is said, as with events.
    fn preferences(&mut self, told: &SignedPreferences) -> Result<Answer, Broken> {
        let statement = rules::read(told)?;
        let installation = statement.installation;
        if !self.is_linked(&installation) {
            if !self.copied.is_empty() {
                // One that goes on anew is nobody's until the shopper signs in again.
                return Ok(problem(409, "conflict", "nobody's"));
            }
            return broken(format!("{installation} is nobody's, and told of rules"));
        }
        let decisions = self.decisions.entry(installation).or_default();
        if decisions.keys().next_back().is_none_or(|held| *held < statement.epoch) {
            if self.restored.contains_key(&installation) || self.copied.contains(&installation) {
                return Ok(problem(409, "conflict", "no yes"));
            }
            return broken(format!("{installation} told of rules before the consent of epoch {}", statement.epoch));
        }
        let mut stood = Consents::default();
        decisions.range(..=statement.epoch).for_each(|(_, entered)| stood.apply(&entered.decision));
        if !stood.granted().contains(PurposeKind::Personalisation) {
            return broken(format!("{installation} told of rules without consent"));
        }
        for (_, entered) in decisions.range(statement.epoch + 1..) {
            stood.apply(&entered.decision);
            if !stood.granted().contains(PurposeKind::Personalisation) {
                return Ok(problem(409, "conflict", "that yes stands no more"));
            }
        }
        if self.knows_later(&installation, statement.standing) {
            return Ok(problem(409, "conflict", "another report has come since"));
        }
        Ok(json(&self.rules.exchange(statement)))
    }

    fn batch(&mut self, batch: EventBatch, sent: Moment) -> Result<Answer, Broken> {
        if batch.events.len() > self.max_events.max(1) {
            return Ok(plain(413, b"<html>too large</html>".to_vec()));
        }
        if batch.events.iter().any(|event| event.data.get().contains(POISON_BATCH)) {
            return Ok(problem(400, "malformed", "an event that nobody can read"));
        }
        let receipt = self.clock.receipt();
        let mut arrived = Vec::with_capacity(batch.events.len());
        let mut verdicts = Vec::with_capacity(batch.events.len());
        for event in &batch.events {
            let (verdict, reason) = self.judge(event, batch.installation)?;
            let conflict = reason == Some("conflict");
            let happened_ms = receipt.happened(event, &batch);
            let (id, purpose, kind) = (event.id, event.purpose, event.kind.clone());
            arrived.push(Arrived { id, purpose, kind, conflict, happened_ms, sent, receipt });
            verdicts.push(Verdict { id: event.id, verdict, reason: reason.map(str::to_owned) });
        }
        let reply = BatchReply { batch: batch.batch, verdicts, server_time: self.clock.told() };
        Ok(Answer { arrived, ..json(&reply) })
    }

    fn judge(&mut self, event: &CloudEvent, installation: Uuid) -> Result<(VerdictKind, Option<&'static str>), Broken> {
        if event.source != format!("/installations/{installation}") {
            return broken(format!("{} comes from {} in a batch of {installation}", event.id, event.source));
        }
        if let Some(alias) = event.subject.as_deref().and_then(|alias| alias.parse::<Uuid>().ok())
            && self.aliases.get(&alias).is_some_and(|linked| *linked != installation && !self.copied.contains(linked))
        {
            return broken(format!("{} carries the alias of another installation", event.id));
        }
        let content = content_of(event);
        if let Some(known) = self.events.get(&event.id) {
            return Ok(if known.content == content {
                (VerdictKind::Duplicate, None)
            } else {
                (VerdictKind::Drop, Some("conflict"))
            });
        }
        if self.erasures.iter().any(|erasure| erasure.takes(installation, event)) {
            return Ok((VerdictKind::Drop, Some("erased")));
        }
        let decisions = self.decisions.entry(installation).or_default();
        if decisions.keys().next_back().is_none_or(|held| *held < event.consentepoch) {
            if self.restored.contains_key(&installation) || self.copied.contains(&installation) {
                return Ok((VerdictKind::Retry, Some("consent_not_held")));
            }
            return broken(format!(
                "{} arrived before the consent of epoch {}: {installation} told of {:?}",
                event.id,
                event.consentepoch,
                decisions.keys()
            ));
        }
        let mut stood = Consents::default();
        decisions.range(..=event.consentepoch).for_each(|(_, entered)| stood.apply(&entered.decision));
        if !stood.granted().contains(event.purpose) {
            return broken(format!("{} was recorded without consent to {:?}", event.id, event.purpose));
        }
        if event.data.get().contains(POISON_DROP) {
            return Ok((VerdictKind::Drop, Some("malformed: nobody can read it")));
        }
        if self.puts_off && event.data.get().contains(POISON_RETRY) {
            return Ok((VerdictKind::Retry, None));
        }
        let stored = Stored {
            content,
            installation,
            purpose: event.purpose,
            partner: event.partner.clone(),
            epoch: event.consentepoch,
            names_offer: event.data.get().contains("offer-"),
            erased: false,
        };
        self.events.insert(event.id, stored);
        Ok((VerdictKind::Ok, None))
    }
}

/// A conflict is the same id with other words. From which installation it comes is none of them: one that was put back
/// from a backup goes on as another, and sends again what it does not know to have arrived. The name of a boot, and
/// where its clock begins, are the installation's own.
fn content_of(event: &CloudEvent) -> u64 {
    let mut hasher = DefaultHasher::new();
    let CloudEvent { id, kind, subject, time, partner, consentepoch, sessionid, .. } = event;
    (id, kind, subject, time, partner, consentepoch, sessionid).hash(&mut hasher);
    (event.purpose.as_str(), event.data.get()).hash(&mut hasher);
    hasher.finish()
}

fn read<T: serde::de::DeserializeOwned>(
    body: &[u8],
    then: impl FnOnce(T) -> Result<Answer, Broken>,
) -> Result<Answer, Broken> {
    match serde_json::from_slice(body) {
        Ok(value) => then(value),
        Err(error) => Ok(problem(400, "malformed", &error.to_string())),
    }
}

fn plain(status: u16, body: Vec<u8>) -> Answer {
    Answer { response: Response { status, headers: Vec::new(), body }, arrived: Vec::new() }
}

fn json(value: &impl Serialize) -> Answer {
    plain(200, serde_json::to_vec(value).unwrap_or_default())
}

fn problem(status: u16, kind: &str, detail: &str) -> Answer {
    let problem =
        Problem { kind: format!("/problems/{kind}"), title: kind.to_owned(), status, detail: Some(detail.to_owned()) };
    plain(status, serde_json::to_vec(&problem).unwrap_or_default())
}

/// Catalogues that follow each other: the town, the town with recording switched off, the town with every other place
/// closed, and the town as half of all installations record it.
static EDITIONS: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
    let town: Value = serde_json::from_str(crate::sandbox::TOWN_JSON).unwrap_or_default();
    let mut off = town.clone();
    off["sdk"]["off"] = Value::Bool(true);
    let mut sampled = town.clone();
    sampled["sdk"]["sampling"] = 0.5.into();
    let mut smaller = town.clone();
    if let Some(places) = smaller["places"].as_array_mut() {
        let mut n = 0;
        places.retain(|_| {
            n += 1;
            n % 2 == 0
        });
    }
    [town, off, smaller, sampled].map(|edition| edition.to_string().into_bytes())
});
