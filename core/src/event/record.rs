//! One event as it is handed over and stored: the envelope's fields beside its data.

use uuid::Uuid;

use crate::clock::Now;
use crate::consent::{Permit, PurposeKind, PurposeType};

/// An event between the call that recorded it and the backend.
///
/// Made only with a [`Permit`]. [`Record::encode`] and [`Record::decode`] are its form in the
/// hand-over ring, where a record must be whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Idempotency key.
    pub id: Uuid,
    /// The CloudEvents type.
    pub kind: String,
    /// What it was recorded under.
    pub purpose: PurposeKind,
    /// The partner it concerns.
    pub partner: Option<String>,
    /// The consent epoch it was recorded under.
    pub epoch: u64,
    /// When it happened.
    pub at: Now,
    /// One run of the app.
    pub session: Uuid,
    /// JSON.
    pub data: Vec<u8>,
}

/// The three ways a visit becomes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitTransition {
    /// `dev.patron.visit.entered`
    Entered,
    /// `dev.patron.visit.dwelt`
    Dwelt,
    /// `dev.patron.visit.left`
    Left,
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
        Self { id, kind: kind.to_owned(), purpose: permit.kind(), partner, epoch: permit.epoch(), at, session, data }
    }
}
