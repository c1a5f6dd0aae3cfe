//! Decides whether what a shopper asks for is asked by the shopper's own device, as far as the words say.
//!
//! Pure: signed statements go in. Whether the key is the installation's, only the database knows; that is
//! left to [`crate::store`].

use patron_core::clock;
use patron_core::consent::{Purpose, Sha, verify_hex};
use patron_core::sync::wire::{RightKind, RightStatement, SignedRight};
use uuid::Uuid;

use crate::batch::{MAX_DETAIL, MAX_NAME_BYTES, is_name};

/// A statement is some 400 bytes long; a partner's name may need escapes.
const MAX_STATEMENT_BYTES: usize = 4 * 1024;

/// A statement that its key has signed.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: Uuid,
    /// Whose data.
    pub(crate) installation: Uuid,
    pub(crate) what: What,
    /// Up to which epoch a purpose is to be erased, where it says so; fits into 63 bits.
    pub(crate) until: Option<u64>,
    /// By the device's clock, as it was written.
    pub(crate) asked_at: String,
    /// In hexadecimal digits.
    pub(crate) key: String,
    /// Of the statement.
    pub(crate) hash: Sha,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) enum What {
    /// That what was sent under one purpose be erased.
    ErasePurpose(Purpose),
    /// That everything be erased but the proof of it.
    Erase,
    /// To see everything.
    Export,
}

impl What {
    /// The name on the wire and in the database.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::ErasePurpose(_) => "erase_purpose",
            Self::Erase => "erase",
            Self::Export => "export",
        }
    }
}

/// Reads one request; an error says why it will never be done. The word before a colon is stable.
pub(crate) fn read(sent: &SignedRight) -> Result<Asked, String> {
    let malformed = |why: &str| format!("malformed: {why}");
    if sent.statement.len() > MAX_STATEMENT_BYTES {
        return Err(malformed("the statement is longer than 4096 bytes"));
    }
    let statement: RightStatement = serde_json::from_str(&sent.statement)
        .map_err(|why| malformed(&format!("statement: {:.MAX_DETAIL$}", why.to_string())))?;
    if !verify_hex(&statement.key, sent.statement.as_bytes(), &sent.signature) {
        return Err("bad_signature: it is not of this statement by its key".to_owned());
    }
    if statement.version != 1 {
        return Err(malformed("statement.version is not 1"));
    }
    if (statement.id, statement.kind) != (sent.id, sent.kind) {
        return Err(malformed("the request's id or kind is not the statement's"));
    }
    if clock::parse_rfc3339(&statement.asked_at).is_none() {
        return Err(malformed("statement.asked_at is not a time of RFC 3339"));
    }
    if statement.partner.as_ref().is_some_and(|partner| !is_name(partner, MAX_NAME_BYTES)) {
        return Err(malformed("statement.partner takes 1 to 256 bytes, and no control characters"));
    }
    if statement.until.is_some_and(|epoch| i64::try_from(epoch).is_err()) {
        return Err(malformed("statement.until is no epoch"));
    }
    let purpose = statement.purpose.and_then(|kind| Purpose::from_parts(kind, statement.partner.as_deref()));
    let what = match (statement.kind, purpose) {
        (RightKind::ErasePurpose, Some(purpose)) => What::ErasePurpose(purpose),
        (RightKind::ErasePurpose, None) => return Err(malformed("statement.purpose and partner name no purpose")),
        (RightKind::Erase, _) => What::Erase,
        (RightKind::Export, _) => What::Export,
    };
    Ok(Asked {
        id: statement.id,
        installation: statement.installation,
        what,
        until: statement.until,
        asked_at: statement.asked_at,
        key: statement.key,
        hash: Sha::of(sent.statement.as_bytes()),
    })
}
