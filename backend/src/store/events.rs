//! Events: each stored once, and only under a consent that the backend holds.

use std::collections::HashMap;

use patron_core::consent::{ConsentStatus, PurposeKind};
use patron_core::sync::wire::{Verdict, VerdictKind};
use rusqlite::{Connection, OptionalExtension, named_params, params};
use uuid::Uuid;

use super::writer::StoreError;
use super::{consents, now};
use crate::batch::{self, Batch, Incoming, Judged, reason};
use crate::tenant::Tenant;

/// Stores what is new and permitted; a verdict for each, in the order of the batch.
pub(crate) fn store(connection: &Connection, tenant: &Tenant, batch: Batch) -> Result<Vec<Verdict>, StoreError> {
    let mut desk = Desk {
        connection,
        tenant: tenant.as_str(),
        installation: batch.installation.to_string(),
        batch: batch.id.to_string(),
        received_at: now(),
        held: consents::held_epoch(connection, tenant, batch.installation)?,
        standing: HashMap::new(),
    };
    let mut verdicts = Vec::with_capacity(batch.events.len());
    for judged in batch.events {
        verdicts.push(match judged {
            Judged::Drop { id, reason } => Verdict { id, verdict: VerdictKind::Drop, reason: Some(reason) },
            Judged::Take(incoming) => desk.take(&incoming)?,
        });
    }
    count(connection, &verdicts)?;
    Ok(verdicts)
}

/// One batch at work.
struct Desk<'a> {
    connection: &'a Connection,
    tenant: &'a str,
    installation: String,
    batch: String,
    received_at: String,
    /// The highest consent epoch of the installation that the backend holds.
    held: u64,
    /// What stood for a purpose (of a partner) at an epoch: a batch asks the same few times over.
    standing: HashMap<(PurposeKind, String, u64), bool>,
}

impl Desk<'_> {
    fn take(&mut self, incoming: &Incoming) -> Result<Verdict, StoreError> {
        let event = &incoming.event;
        let verdict =
            |verdict, reason: Option<&str>| Verdict { id: event.id, verdict, reason: reason.map(str::to_owned) };
        if let Some(stored) = self.stored(event.id)? {
            return Ok(if batch::same(&stored, incoming) {
                verdict(VerdictKind::Duplicate, None)
            } else {
                verdict(VerdictKind::Drop, Some(reason::CONFLICT))
            });
        }
        if event.consentepoch > self.held {
            return Ok(verdict(VerdictKind::Retry, Some(reason::CONSENT_NOT_HELD)));
        }
        if !self.permitted(event.purpose, event.partner.as_deref(), event.consentepoch)? {
            return Ok(verdict(VerdictKind::Drop, Some(reason::NOT_PERMITTED)));
        }
        self.insert(incoming)?;
        Ok(verdict(VerdictKind::Ok, None))
    }

    fn stored(&self, id: Uuid) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT body FROM event WHERE tenant = ?1 AND id = ?2")?
            .query_row(params![self.tenant, id.to_string()], |row| row.get(0))
            .optional()
    }

    /// Whether the decision that stood at `epoch` was a yes.
    fn permitted(&mut self, purpose: PurposeKind, partner: Option<&str>, epoch: u64) -> rusqlite::Result<bool> {
        // Only this purpose is granted per partner; for the others the partner says whom the event concerns.
        let partner = if purpose == PurposeKind::PartnerSharing { partner.unwrap_or_default() } else { "" };
        let key = (purpose, partner.to_owned(), epoch);
        if let Some(known) = self.standing.get(&key) {
            return Ok(*known);
        }
        let status = consents::standing(self.connection, self.tenant, &self.installation, purpose, partner, epoch)?;
        let granted = status == Some(ConsentStatus::Granted);
        self.standing.insert(key, granted);
        Ok(granted)
    }

    fn insert(&self, incoming: &Incoming) -> rusqlite::Result<()> {
        let event = &incoming.event;
        self.connection
            .prepare_cached(
                "INSERT INTO event (tenant, id, installation, batch, type, purpose, partner, subject,
                                    consent_epoch, time, received_at, body)
                 VALUES (:tenant, :id, :installation, :batch, :type, :purpose, :partner, :subject,
                         :consent_epoch, :time, :received_at, :body)",
            )?
            .execute(named_params! {
                ":tenant": self.tenant,
                ":id": event.id.to_string(),
                ":installation": self.installation,
                ":batch": self.batch,
                ":type": event.kind,
                ":purpose": event.purpose.as_str(),
                ":partner": event.partner,
                ":subject": event.subject,
                ":consent_epoch": event.consentepoch as i64, // judged to fit
                ":time": event.time,
                ":received_at": self.received_at,
                ":body": incoming.body,
            })?;
        Ok(())
    }
}

/// What leaves no row is counted, in the same transaction.
fn count(connection: &Connection, verdicts: &[Verdict]) -> rusqlite::Result<()> {
    for (name, kind) in
        [("duplicates", VerdictKind::Duplicate), ("dropped", VerdictKind::Drop), ("retried", VerdictKind::Retry)]
    {
        let more = verdicts.iter().filter(|verdict| verdict.verdict == kind).count();
        if more > 0 {
            connection
                .prepare_cached("UPDATE counter SET value = value + ?2 WHERE name = ?1")?
                .execute(params![name, more as i64])?;
        }
    }
    Ok(())
}
