//! Decides what a batch says, event by event, so that a broken one does not sink the others.
//!
//! Pure: bytes go in, judged events come out. Whether an event is new, and whether its shopper had
//! consented, only the database knows; that is left to [`crate::store`].

use std::fmt;

use patron_core::consent::PurposeKind;
use patron_core::event::MAX_EVENT_BYTES;
use patron_core::sync::wire::{CloudEvent, MAX_BATCH_EVENTS};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::account::{self, Account, Unreadable};
use crate::occurred::{Sent, Stamp};

/// A type is a name in the retailer's vocabulary; longer ones are a mistake.
const MAX_TYPE_BYTES: usize = 128;

/// A partner's id and an alias are short; the bound keeps a mistake out of the indexes.
pub(crate) const MAX_NAME_BYTES: usize = 256;

/// Characters. A parser's error repeats what it tripped over, which may be as long as the event.
pub(crate) const MAX_DETAIL: usize = 300;

/// Why an event will never be taken. The word before a colon is stable; what follows is for people.
pub(crate) mod reason {
    pub(crate) const MALFORMED: &str = "malformed";
    pub(crate) const SPEC_VERSION: &str = "bad_specversion";
    pub(crate) const SOURCE: &str = "bad_source";
    pub(crate) const TYPE: &str = "bad_type";
    pub(crate) const TIME: &str = "bad_time";
    pub(crate) const CONTENT_TYPE: &str = "bad_datacontenttype";
    pub(crate) const PURPOSE: &str = "unknown_purpose";
    pub(crate) const OVERSIZE: &str = "oversize";
    pub(crate) const NOT_PERMITTED: &str = "not_permitted";
    pub(crate) const CONFLICT: &str = "conflict";
    /// Its shopper had it erased, or everything.
    pub(crate) const ERASED: &str = "erased";
    /// It happened so long ago that its id may have been forgotten.
    pub(crate) const TOO_OLD: &str = "too_old";
    /// Goes with `retry`: the decision it rests on has not arrived.
    pub(crate) const CONSENT_NOT_HELD: &str = "consent_not_held";

    /// Every reason; docs/protocol.md lists them.
    #[cfg(test)]
    pub(crate) const ALL: [&str; 13] = [
        MALFORMED,
        SPEC_VERSION,
        SOURCE,
        TYPE,
        TIME,
        CONTENT_TYPE,
        PURPOSE,
        OVERSIZE,
        NOT_PERMITTED,
        CONFLICT,
        ERASED,
        TOO_OLD,
        CONSENT_NOT_HELD,
    ];
}

/// A batch of which every event was looked at on its own.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) id: Uuid,
    pub(crate) installation: Uuid,
    /// The device's clocks at sending.
    pub(crate) sent: Sent,
    /// What the device says of all its events, if it does.
    pub(crate) account: Option<Result<Account, Unreadable>>,
    /// In the order in which they were sent.
    pub(crate) events: Vec<Judged>,
    /// Events without a readable id. Nothing can be said about them: the answer has no verdict for them.
    pub(crate) nameless: usize,
}

/// What can be said of an event without a look into the database.
#[derive(Debug)]
pub(crate) enum Judged {
    /// Well formed.
    Take(Box<Incoming>),
    /// Will never be taken.
    Drop { id: Uuid, reason: String },
}

/// A well-formed event.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) event: CloudEvent,
    /// When it happened, by the device's clocks.
    pub(crate) stamp: Stamp,
    /// The JSON as it came, stored as it is: what a newer device says beyond this version is kept.
    pub(crate) body: String,
}

/// Why a batch as a whole is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BatchError {
    #[error("{0}")]
    Malformed(String),
    #[error("a batch holds at most {MAX_BATCH_EVENTS} events")]
    TooMany,
}

/// [`patron_core::sync::wire::EventBatch`] with its events unread, and with all unread that must not cost an event.
#[derive(Deserialize)]
struct Envelope<'a> {
    batch: Uuid,
    installation: Uuid,
    #[serde(borrow, default)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sent_clock: Option<&'a RawValue>,
    #[serde(borrow, default)]
    account: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Events<'a>,
}

/// At most one more than is allowed, so that a list of a million zeros costs no memory.
struct Events<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Events<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of events")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut events = Vec::new();
                while events.len() <= MAX_BATCH_EVENTS
                    && let Some(event) = list.next_element()?
                {
                    events.push(event);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(events)
            }
        }
        deserializer.deserialize_seq(List).map(Events)
    }
}

/// Reads the body of `POST /v1/events`.
pub(crate) fn read(body: &[u8]) -> Result<Batch, BatchError> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)
        .map_err(|e| BatchError::Malformed(format!("body: {:.MAX_DETAIL$}", e.to_string())))?;
    if envelope.events.0.len() > MAX_BATCH_EVENTS {
        return Err(BatchError::TooMany);
    }
    let source = format!("/installations/{}", envelope.installation);
    let offered = envelope.events.0.len();
    let events: Vec<Judged> = envelope.events.0.into_iter().filter_map(|raw| judge(raw.get(), &source)).collect();
    Ok(Batch {
        id: envelope.batch,
        installation: envelope.installation,
        sent: Sent {
            wall_ms: envelope.sent_at.and_then(|raw| serde_json::from_str::<&str>(raw.get()).ok()).and_then(wall_ms),
            clock: envelope.sent_clock.and_then(|raw| serde_json::from_str(raw.get()).ok()),
        },
        account: envelope.account.map(account::read),
        nameless: offered - events.len(),
        events,
    })
}

/// Milliseconds since the Unix epoch.
fn wall_ms(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

fn judge(raw: &str, source: &str) -> Option<Judged> {
    match serde_json::from_str::<CloudEvent>(raw) {
        Ok(event) => Some(match check(&event, source) {
            Ok(wall_ms) => {
                let stamp = Stamp { wall_ms, mono_ms: event.monotonicms, boot: event.bootid };
                Judged::Take(Box::new(Incoming { event, stamp, body: raw.to_owned() }))
            }
            Err(reason) => Judged::Drop { id: event.id, reason },
        }),
        Err(error) => named_at_least(raw, &error),
    }
}

/// An event that does not read as one can still be refused by name, if it has one.
fn named_at_least(raw: &str, error: &serde_json::Error) -> Option<Judged> {
    #[derive(Deserialize)]
    struct Named {
        id: Uuid,
        #[serde(default)]
        purpose: serde_json::Value,
    }
    let named: Named = serde_json::from_str(raw).ok()?;
    let purpose_known = named.purpose.as_str().is_none_or(|name| PurposeKind::ALL.iter().any(|p| p.as_str() == name));
    let reason = if purpose_known {
        format!("{}: {:.MAX_DETAIL$}", reason::MALFORMED, error.to_string())
    } else {
        reason::PURPOSE.to_owned()
    };
    Some(Judged::Drop { id: named.id, reason })
}

/// When it happened by the device's wall clock, or why it is not taken.
fn check(event: &CloudEvent, source: &str) -> Result<i64, String> {
    let malformed = |what: &str| Err(format!("{}: {what}", reason::MALFORMED));
    if event.specversion != "1.0" {
        Err(reason::SPEC_VERSION.to_owned())
    } else if event.source != source {
        Err(reason::SOURCE.to_owned())
    } else if !is_name(&event.kind, MAX_TYPE_BYTES) {
        Err(reason::TYPE.to_owned())
    } else if event.datacontenttype != "application/json" {
        Err(reason::CONTENT_TYPE.to_owned())
    } else if event.data.get().len() > MAX_EVENT_BYTES {
        Err(reason::OVERSIZE.to_owned())
    } else if event.partner.as_ref().is_some_and(|partner| !is_name(partner, MAX_NAME_BYTES)) {
        malformed("partner is empty or too long")
    } else if event.subject.as_ref().is_some_and(|subject| !is_name(subject, MAX_NAME_BYTES)) {
        malformed("subject is empty or too long")
    } else if i64::try_from(event.consentepoch).is_err() {
        malformed("consentepoch is beyond 2^63")
    } else {
        wall_ms(&event.time).ok_or_else(|| reason::TIME.to_owned())
    }
}

pub(crate) fn is_name(name: &str, longest: usize) -> bool {
    !name.is_empty() && name.len() <= longest && !name.chars().any(char::is_control)
}

/// What two events of one id have in common, or one of them is a conflict. Not whose they are: a device whose store was
/// put back from a backup goes on as another installation, and sends again what it no longer knows to have arrived. So
/// `source` is not among them, nor what is the installation's own: the name of a boot (`bootid`), and where its clock
/// begins (`monotonicms`).
const COMPARED: [&str; 12] = [
    "specversion",
    "id",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "purpose",
    "partner",
    "consentepoch",
    "sessionid",
    "schemaversion",
    "data",
];

/// Whether two events of one id say the same, whatever their spacing or the order of their fields; a field that only one
/// of them has is a difference. What this version does not know is not compared: a device that was updated between two
/// tries, or whose update was taken back, may say more or less of it.
pub(crate) fn same(stored: &str, incoming: &Incoming) -> bool {
    if stored == incoming.body {
        return true;
    }
    type Fields = serde_json::Map<String, serde_json::Value>;
    let (Ok(a), Ok(b)) = (serde_json::from_str::<Fields>(stored), serde_json::from_str::<Fields>(&incoming.body))
    else {
        return false;
    };
    let said = |fields: &Fields, name: &str| fields.get(name).filter(|value| !value.is_null()).cloned();
    COMPARED.iter().all(|name| said(&a, name) == said(&b, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALLATION: &str = "0193b1a0-0000-7000-8000-000000000001";

    fn event(change: impl FnOnce(&mut serde_json::Value)) -> serde_json::Value {
        let mut event = serde_json::json!({
            "specversion": "1.0", "id": "0193b1a0-0000-7000-8000-0000000000aa",
            "source": format!("/installations/{INSTALLATION}"), "type": "dev.patron.offer.saved",
            "time": "2026-11-22T10:00:00.000Z", "datacontenttype": "application/json", "purpose": "engagement",
            "consentepoch": 1, "monotonicms": 5, "bootid": INSTALLATION, "sessionid": INSTALLATION,
            "schemaversion": 1, "data": {"offer": "cup"}
        });
        change(&mut event);
        event
    }

    fn read_one(event: serde_json::Value) -> Batch {
        let body = serde_json::json!({
            "batch": INSTALLATION, "installation": INSTALLATION, "sent_at": "2026-11-22T10:00:00Z",
            "events": [event, self::event(|e| e["id"] = "0193b1a0-0000-7000-8000-0000000000bb".into())]
        });
        read(body.to_string().as_bytes()).unwrap()
    }

    fn reason_of(event: serde_json::Value) -> String {
        let batch = read_one(event);
        assert!(matches!(batch.events[1], Judged::Take(_)), "the good neighbour was not taken");
        match &batch.events[0] {
            Judged::Drop { reason, .. } => reason.split(':').next().unwrap().to_owned(),
            Judged::Take(_) => "taken".to_owned(),
        }
    }

    #[test]
    fn each_flaw_has_its_word_and_spares_the_neighbour() {
        assert_eq!(reason_of(event(|_| ())), "taken");
        assert_eq!(reason_of(event(|e| e["specversion"] = "0.3".into())), reason::SPEC_VERSION);
        assert_eq!(reason_of(event(|e| e["source"] = "/installations/other".into())), reason::SOURCE);
        assert_eq!(reason_of(event(|e| e["type"] = "".into())), reason::TYPE);
        assert_eq!(reason_of(event(|e| e["type"] = "a\nb".into())), reason::TYPE);
        assert_eq!(reason_of(event(|e| e["time"] = "yesterday".into())), reason::TIME);
        assert_eq!(reason_of(event(|e| e["datacontenttype"] = "text/xml".into())), reason::CONTENT_TYPE);
        assert_eq!(reason_of(event(|e| e["purpose"] = "world_domination".into())), reason::PURPOSE);
        assert_eq!(reason_of(event(|e| e["data"] = "x".repeat(MAX_EVENT_BYTES).into())), reason::OVERSIZE);
        assert_eq!(reason_of(event(|e| e["consentepoch"] = u64::MAX.into())), reason::MALFORMED);
        assert_eq!(reason_of(event(|e| e["consentepoch"] = (-1).into())), reason::MALFORMED);
        assert_eq!(reason_of(event(|e| e["bootid"] = 7.into())), reason::MALFORMED);
        assert_eq!(reason_of(event(|e| drop(e.as_object_mut().unwrap().remove("data")))), reason::MALFORMED);
        assert_eq!(reason_of(event(|e| e["fromthefuture"] = 1.into())), "taken");
    }

    #[test]
    fn an_event_without_a_name_gets_no_verdict_and_spares_the_neighbour() {
        for nameless in [event(|e| e["id"] = "no uuid".into()), 7.into(), serde_json::Value::Null, "x".into()] {
            let batch = read_one(nameless);
            assert_eq!((batch.nameless, batch.events.len()), (1, 1));
        }
    }

    #[test]
    fn what_is_no_batch_says_where() {
        for (body, says) in [
            ("", "body: EOF while parsing"),
            ("{\"batch\":", "line 1 column 9"),
            ("[]", "line 1 column"),
            (r#"{"batch":"x","installation":"x","events":[]}"#, "line 1 column 12"),
            ("\u{feff}{}", "line 1 column 1"),
        ] {
            let error = read(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let wrong = format!(r#"{{"batch":"{INSTALLATION}","installation":"{INSTALLATION}","events":{{}}}}"#);
        assert!(read(wrong.as_bytes()).unwrap_err().to_string().contains("expected a list of events"));
    }

    #[test]
    fn a_list_beyond_the_limit_is_refused_as_such() {
        let zeros = vec!["0"; MAX_BATCH_EVENTS + 1].join(",");
        let body = format!(r#"{{"batch":"{INSTALLATION}","installation":"{INSTALLATION}","events":[{zeros}]}}"#);
        assert_eq!(read(body.as_bytes()).unwrap_err(), BatchError::TooMany);
    }

    #[test]
    fn no_nonsense_beside_the_events_costs_one_of_them() {
        let with = |field: &str, value: serde_json::Value| {
            let mut batch = serde_json::json!({
                "batch": INSTALLATION, "installation": INSTALLATION, "events": [event(|_| ())]
            });
            batch[field] = value;
            let batch = read(batch.to_string().as_bytes()).unwrap();
            assert!(matches!(batch.events[..], [Judged::Take(_)]), "{field}");
            batch
        };
        let clock = serde_json::json!({ "monotonicms": 9, "bootid": INSTALLATION });
        assert_eq!(with("sent_clock", clock).sent.clock.unwrap().monotonicms, 9);
        assert_eq!(with("sent_at", "1970-01-01T00:00:07.5Z".into()).sent.wall_ms, Some(7_500));
        for nonsense in [7.into(), "soon".into(), serde_json::json!([]), serde_json::json!({}), serde_json::Value::Null]
        {
            assert_eq!(with("sent_at", nonsense.clone()).sent, Sent::default());
            assert_eq!(with("sent_clock", nonsense.clone()).sent, Sent::default());
            let refused = with("account", nonsense.clone()).account;
            assert_eq!(refused, (!nonsense.is_null()).then_some(Err(Unreadable)));
        }
    }

    #[test]
    fn the_same_event_may_be_spelled_otherwise_but_not_say_otherwise() {
        let incoming = |event: serde_json::Value| {
            let Some(Judged::Take(incoming)) =
                judge(&serde_json::to_string_pretty(&event).unwrap(), &format!("/installations/{INSTALLATION}"))
            else {
                panic!("{event} was not taken");
            };
            incoming
        };
        let stored = event(|_| ()).to_string();
        assert!(same(&stored, &incoming(event(|_| ()))));
        assert!(same(&stored, &incoming(event(|e| e["newer"] = 1.into()))));
        let elsewhere = event(|e| {
            e["source"] = "/installations/of-before".into();
            e["bootid"] = "0193b1a0-0000-7000-8000-000000000002".into();
            e["monotonicms"] = 700.into();
        })
        .to_string();
        assert!(same(&elsewhere, &incoming(event(|_| ()))), "the device goes on as another installation");
        assert!(!same(&stored, &incoming(event(|e| e["data"]["offer"] = "mug".into()))));
        assert!(!same(&stored, &incoming(event(|e| e["type"] = "dev.patron.offer.clicked".into()))));
    }

    #[test]
    fn a_field_that_one_of_two_events_lacks_is_a_difference_unless_nobody_knows_it() {
        let incoming = |event: &serde_json::Value| {
            let Some(Judged::Take(incoming)) = judge(&event.to_string(), &format!("/installations/{INSTALLATION}"))
            else {
                panic!("{event} was not taken");
            };
            incoming
        };
        let plain = event(|_| ());
        for field in ["partner", "subject"] {
            let with = event(|e| e[field] = "lumi".into());
            assert!(!same(&with.to_string(), &incoming(&plain)), "{field} was left out");
            assert!(!same(&plain.to_string(), &incoming(&with)), "{field} came in addition");
            let null = event(|e| e[field] = serde_json::Value::Null);
            assert!(same(&null.to_string(), &incoming(&plain)), "{field} is not there either way");
        }
        let newer = event(|e| e["newer"] = 1.into());
        assert!(same(&newer.to_string(), &incoming(&plain)), "the update was taken back");
    }

    #[test]
    fn what_is_compared_is_all_that_an_event_has_but_what_is_the_installations_own() {
        let Judged::Take(whole) = &read_one(event(|e| {
            e["partner"] = "lumi".into();
            e["subject"] = "alias".into();
        }))
        .events[0] else {
            panic!("it was not taken");
        };
        let written = serde_json::to_value(&whole.event).unwrap();
        let own = ["source", "bootid", "monotonicms"];
        let mut fields: Vec<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
        fields.retain(|field| !own.contains(field));
        let mut compared = COMPARED;
        fields.sort_unstable();
        compared.sort_unstable();
        assert_eq!(fields, compared);
    }
}
