//! One event as it is handed over and stored: the envelope's fields beside its data.

use uuid::Uuid;

use super::kind::Kind;
use crate::clock::Now;
use crate::consent::{Gate, Permit, PurposeKind, PurposeType};

/// An event between the call that recorded it and the backend.
///
/// Made with a [`Permit`] ([`Record::new`]), or read back from where one was written.
/// [`Record::encode_into`] and [`Record::decode`] are its form in the hand-over ring, where a record
/// must be whole or not at all.
///
/// ```
/// # use patron_core::{clock::Now, consent::{Engagement, Gate, PurposeKind}, event::Record};
/// # use uuid::Uuid;
/// # let (id, at) = (Uuid::nil(), Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() });
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit = gate.permit::<Engagement>().unwrap();
/// let record = Record::new(&permit, id, "dev.patron.custom", None, at, Uuid::nil(), Vec::new());
/// assert_eq!((record.purpose(), record.epoch()), (PurposeKind::Engagement, 1));
/// ```
///
/// No literal makes one:
///
/// ```compile_fail,E0451
/// # use patron_core::{clock::Now, consent::{Engagement, Gate, PurposeKind}, event::Record};
/// # use uuid::Uuid;
/// # let (id, at) = (Uuid::nil(), Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() });
/// let (kind, purpose) = ("dev.patron.custom".to_owned(), PurposeKind::Engagement);
/// let record = Record { id, kind, purpose, partner: None, epoch: 1, at, session: Uuid::nil(), data: Vec::new() };
/// assert_eq!((record.purpose(), record.epoch()), (PurposeKind::Engagement, 1));
/// ```
///
/// And what was permitted cannot be turned into something else, neither into another purpose, another partner's event
/// nor one of a later yes:
///
/// ```compile_fail,E0616
/// # use patron_core::{clock::Now, consent::{Engagement, Gate, PurposeKind}, event::Record};
/// # use uuid::Uuid;
/// # let (id, at) = (Uuid::nil(), Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() });
/// # let gate = Gate::new(1, [PurposeKind::Engagement]);
/// # let permit = gate.permit::<Engagement>().unwrap();
/// let mut record = Record::new(&permit, id, "dev.patron.custom", None, at, Uuid::nil(), Vec::new());
/// record.purpose = PurposeKind::Dialogue;
/// ```
///
/// ```compile_fail,E0616
/// # use patron_core::{clock::Now, consent::{Engagement, Gate, PurposeKind}, event::Record};
/// # use uuid::Uuid;
/// # let (id, at) = (Uuid::nil(), Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() });
/// # let gate = Gate::new(1, [PurposeKind::Engagement]);
/// # let permit = gate.permit::<Engagement>().unwrap();
/// let mut record = Record::new(&permit, id, "dev.patron.custom", None, at, Uuid::nil(), Vec::new());
/// record.partner = Some("lumi".to_owned());
/// ```
///
/// ```compile_fail,E0616
/// # use patron_core::{clock::Now, consent::{Engagement, Gate, PurposeKind}, event::Record};
/// # use uuid::Uuid;
/// # let (id, at) = (Uuid::nil(), Now { wall_ms: 0, mono_ms: 0, boot: Uuid::nil() });
/// # let gate = Gate::new(1, [PurposeKind::Engagement]);
/// # let permit = gate.permit::<Engagement>().unwrap();
/// let mut record = Record::new(&permit, id, "dev.patron.custom", None, at, Uuid::nil(), Vec::new());
/// record.epoch = 2;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    id: Uuid,
    kind: String,
    purpose: PurposeKind,
    partner: Option<String>,
    epoch: u64,
    at: Now,
    session: Uuid,
    data: Vec<u8>,
}

/// All of a record but the permit.
pub(crate) struct Draft {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) partner: Option<String>,
    pub(crate) at: Now,
    pub(crate) session: Uuid,
    pub(crate) data: Vec<u8>,
}

impl Draft {
    /// The record, if `gate` permits `P`.
    pub(super) fn under<P: PurposeType>(self, gate: &Gate) -> Option<Record> {
        let permit = gate.permit::<P>()?;
        Some(self.stamped(permit.kind(), permit.epoch()))
    }

    /// The record as it was permitted, read back from where it was written. Who records asks for a permit instead.
    pub(crate) fn stamped(self, purpose: PurposeKind, epoch: u64) -> Record {
        let Self { id, kind, partner, at, session, data } = self;
        Record { id, kind, purpose, partner, epoch, at, session, data }
    }
}

/// A record in the ring that is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a record: {0}")]
pub struct RecordError(pub &'static str);

impl Record {
    /// A record of `kind`, permitted by `permit`.
    pub fn new<P: PurposeType>(
        permit: &Permit<'_, P>,
        id: Uuid,
        kind: &str,
        partner: Option<String>,
        at: Now,
        session: Uuid,
        data: Vec<u8>,
    ) -> Self {
        Draft { id, kind: kind.to_owned(), partner, at, session, data }.stamped(permit.kind(), permit.epoch())
    }

    /// Idempotency key.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The CloudEvents type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it was recorded under.
    pub fn purpose(&self) -> PurposeKind {
        self.purpose
    }

    /// The partner it concerns.
    pub fn partner(&self) -> Option<&str> {
        self.partner.as_deref()
    }

    /// The consent epoch it was recorded under.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// When it happened.
    pub fn at(&self) -> Now {
        self.at
    }

    /// One run of the app.
    pub fn session(&self) -> Uuid {
        self.session
    }

    /// JSON.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Whether its commit survives a loss of power.
    pub(crate) fn is_durable(&self) -> bool {
        Kind::named(&self.kind).is_some_and(Kind::is_durable)
    }

    /// The offer that this event puts away, if it does.
    pub fn dismissed_offer(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Offer {
            offer: String,
        }
        (self.kind == Kind::Dismissed.name())
            .then(|| serde_json::from_slice::<Offer>(&self.data).ok())?
            .map(|data| data.offer)
    }

    /// The record's compact form; see [`Record::encode_into`].
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode_into(&mut bytes);
        bytes
    }

    /// Appends the record's compact form, version 1: numbers little-endian, texts and data behind
    /// their lengths. Reusing `out` keeps the hot path free of allocation.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.reserve(FIXED + 12 + self.kind.len() + self.partner.as_ref().map_or(0, String::len) + self.data.len());
        out.extend([VERSION, self.purpose as u8, u8::from(self.partner.is_some())]);
        out.extend(self.id.as_bytes());
        out.extend(self.epoch.to_le_bytes());
        out.extend(self.at.wall_ms.to_le_bytes());
        out.extend(self.at.mono_ms.to_le_bytes());
        out.extend(self.at.boot.as_bytes());
        out.extend(self.session.as_bytes());
        put(out, self.kind.as_bytes());
        if let Some(partner) = &self.partner {
            put(out, partner.as_bytes());
        }
        put(out, &self.data);
    }

    /// The record that [`Record::encode_into`] wrote. Takes any bytes and never panics; whether
    /// `data` is JSON is left to whoever reads it.
    ///
    /// # Errors
    /// What is wrong with `bytes`: a version of the future, a purpose this version does not know,
    /// too few bytes or too many.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut rest = Reader(bytes);
        let [version, purpose, with_partner] = rest.array()?;
        if version != VERSION {
            return Err(RecordError("a version that is not known here"));
        }
        let record = Self {
            purpose: PurposeKind::from_code(purpose).ok_or(RecordError("a purpose that is not known here"))?,
            id: Uuid::from_bytes(rest.array()?),
            epoch: u64::from_le_bytes(rest.array()?),
            at: Now {
                wall_ms: i64::from_le_bytes(rest.array()?),
                mono_ms: u64::from_le_bytes(rest.array()?),
                boot: Uuid::from_bytes(rest.array()?),
            },
            session: Uuid::from_bytes(rest.array()?),
            kind: rest.text()?,
            partner: match with_partner {
                0 => None,
                1 => Some(rest.text()?),
                _ => return Err(RecordError("neither with nor without a partner")),
            },
            data: rest.run()?.to_vec(),
        };
        if rest.0.is_empty() { Ok(record) } else { Err(RecordError("more bytes than a record has")) }
    }
}

/// Of the compact form. A ring outlives the app's update, so an old form stays readable.
const VERSION: u8 = 1;

/// Bytes of the compact form in front of its texts.
const FIXED: usize = 3 + 16 + 8 + 8 + 8 + 16 + 16;

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

/// Takes from the front, and never more than there is.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(RecordError("it ends early"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn run(&mut self) -> Result<&'a [u8], RecordError> {
        let len = u32::from_le_bytes(self.array()?) as usize;
        let (head, rest) = self.0.split_at_checked(len).ok_or(RecordError("it ends early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn text(&mut self) -> Result<String, RecordError> {
        std::str::from_utf8(self.run()?).map(str::to_owned).map_err(|_| RecordError("a text that is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records() -> impl Strategy<Value = Record> {
        (
            (any::<u128>(), ".{0,40}", 0..PurposeKind::ALL.len(), prop::option::of(".{0,40}"), any::<u64>()),
            (any::<i64>(), any::<u64>(), any::<u128>(), any::<u128>(), prop::collection::vec(any::<u8>(), 0..300)),
        )
            .prop_map(|((id, kind, purpose, partner, epoch), (wall_ms, mono_ms, boot, session, data))| {
                Record {
                    id: Uuid::from_u128(id),
                    kind,
                    purpose: PurposeKind::ALL[purpose],
                    partner,
                    epoch,
                    at: Now { wall_ms, mono_ms, boot: Uuid::from_u128(boot) },
                    session: Uuid::from_u128(session),
                    data,
                }
            })
    }

    fn encoded(record: &Record) -> Vec<u8> {
        let mut bytes = Vec::new();
        record.encode_into(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(record in records()) {
            prop_assert_eq!(Record::decode(&encoded(&record)), Ok(record));
        }

        #[test]
        fn any_bytes_are_a_record_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(record) = Record::decode(&bytes) {
                prop_assert_eq!(encoded(&record), bytes);
            }
        }

        #[test]
        fn a_hurt_record_is_a_record_or_an_error(record in records(), at in any::<usize>(), byte in any::<u8>()) {
            let mut bytes = encoded(&record);
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(record) = Record::decode(&bytes) {
                prop_assert_eq!(encoded(&record), bytes);
            }
        }

        #[test]
        fn a_cut_or_lengthened_record_is_an_error(record in records(), cut in any::<usize>()) {
            let mut bytes = encoded(&record);
            prop_assert!(Record::decode(&bytes[..cut % bytes.len()]).is_err());
            bytes.push(0);
            prop_assert!(Record::decode(&bytes).is_err());
        }
    }

    #[test]
    fn the_form_of_version_1_stays_readable() {
        let mut bytes = vec![1, 5, 1];
        bytes.extend([0xAA; 16]);
        bytes.extend(7_u64.to_le_bytes());
        bytes.extend((-3_i64).to_le_bytes());
        bytes.extend(9_u64.to_le_bytes());
        bytes.extend([0xBB; 16]);
        bytes.extend([0xCC; 16]);
        for text in ["dev.patron.custom", "lumi", "{}"] {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        let record = Record::decode(&bytes).unwrap();
        assert_eq!(record.purpose, PurposeKind::Engagement);
        assert_eq!((record.epoch, record.at.wall_ms, record.at.mono_ms), (7, -3, 9));
        assert_eq!((record.kind.as_str(), record.partner.as_deref()), ("dev.patron.custom", Some("lumi")));
        assert_eq!(record.data, b"{}");
        assert_eq!(encoded(&record), bytes);
    }
}
