//! Events: each stored once, and only under a consent that the backend holds.

use patron_core::clock::rfc3339;
use patron_core::consent::PurposeKind;
use patron_core::sync::wire::{Verdict, VerdictKind};
use rusqlite::{Connection, OptionalExtension, named_params, params};
use uuid::Uuid;

use super::standing::{Timelines, purpose_of};
use super::writer::StoreError;
use super::{Keep, accounts, consents, rights};
use crate::batch::{self, Batch, Incoming, Judged, reason};
use crate::occurred::{self, Sent};
use crate::tenant::Tenant;

/// Stores what is new and permitted, and the device's account; a verdict for each event, in the order of the batch.
pub(crate) fn store(
    connection: &Connection,
    tenant: &Tenant,
    batch: Batch,
    received_ms: i64,
    keep: Option<Keep>,
) -> Result<Vec<Verdict>, StoreError> {
    let installation = batch.installation.to_string();
    let mut desk = Desk {
        connection,
        tenant: tenant.as_str(),
        erased: rights::Erased::read(connection, tenant.as_str(), &installation)?,
        installation,
        batch: batch.id.to_string(),
        sent: batch.sent,
        received_ms,
        keep,
        received_at: rfc3339(received_ms),
        held: consents::held_epoch(connection, tenant, batch.installation)?,
        standing: Timelines::default(),
    };
    let mut verdicts = Vec::with_capacity(batch.events.len());
    for judged in batch.events {
        verdicts.push(match judged {
            Judged::Drop { id, reason } => Verdict { id, verdict: VerdictKind::Drop, reason: Some(reason) },
            Judged::Take(incoming) => desk.take(&incoming)?,
        });
    }
    for (name, kind) in
        [("duplicates", VerdictKind::Duplicate), ("dropped", VerdictKind::Drop), ("retried", VerdictKind::Retry)]
    {
        super::count(connection, name, verdicts.iter().filter(|verdict| verdict.verdict == kind).count())?;
    }
    if let Some(account) = &batch.account
        && !desk.erased.everything()
    {
        accounts::store(connection, tenant, batch.installation, account, received_ms)?;
    }
    Ok(verdicts)
}

/// One batch at work.
struct Desk<'a> {
    connection: &'a Connection,
    tenant: &'a str,
    installation: String,
    batch: String,
    sent: Sent,
    received_ms: i64,
    /// For how long events are kept, if not for good.
    keep: Option<Keep>,
    received_at: String,
    /// The highest consent epoch of the installation that the backend holds.
    held: u64,
    /// What its shopper had erased.
    erased: rights::Erased,
    standing: Timelines,
}

impl Desk<'_> {
    fn take(&mut self, incoming: &Incoming) -> Result<Verdict, StoreError> {
        let event = &incoming.event;
        let verdict =
            |verdict, reason: Option<&str>| Verdict { id: event.id, verdict, reason: reason.map(str::to_owned) };
        // Ids that are new are the rule: the insert itself finds the others.
        let refused = match self.refusal(incoming)? {
            None if self.insert(incoming)? => return Ok(verdict(VerdictKind::Ok, None)),
            refused => refused,
        };
        match (self.stored(event.id)?, refused) {
            // Of one that was erased its id is left, which is enough.
            (Some(stored), _) if stored.as_ref().is_none_or(|body| batch::same(body, incoming)) => {
                Ok(verdict(VerdictKind::Duplicate, None))
            }
            (Some(_), _) => Ok(verdict(VerdictKind::Drop, Some(reason::CONFLICT))),
            (None, Some((kind, reason))) => Ok(verdict(kind, Some(reason))),
            // It was neither stored nor there: the table does not do what it is trusted to do.
            (None, None) => Err(StoreError::Sqlite(rusqlite::Error::StatementChangedRows(0))),
        }
    }

    /// Why an event that is new would not be stored.
    fn refusal(&mut self, incoming: &Incoming) -> rusqlite::Result<Option<(VerdictKind, &'static str)>> {
        let event = &incoming.event;
        let happened_ms = occurred::at(incoming.stamp, self.sent, self.received_ms);
        Ok(if self.erased.covers(event) {
            Some((VerdictKind::Drop, reason::ERASED))
        } else if self.keep.is_some_and(|keep| keep.may_be_forgotten(happened_ms, self.received_ms)) {
            Some((VerdictKind::Drop, reason::TOO_OLD))
        } else if event.consentepoch > self.held {
            Some((VerdictKind::Retry, reason::CONSENT_NOT_HELD))
        } else if !self.permitted(event.purpose, event.partner.as_deref(), event.consentepoch)? {
            Some((VerdictKind::Drop, reason::NOT_PERMITTED))
        } else {
            None
        })
    }

    /// The event of that id, `Some(None)` when its shopper had it erased.
    fn stored(&self, id: Uuid) -> rusqlite::Result<Option<Option<String>>> {
        self.connection
            .prepare_cached(
                "SELECT CASE WHEN erased_at IS NULL THEN body END FROM event WHERE tenant = ?1 AND id = ?2",
            )?
            .query_row(params![self.tenant, id.to_string()], |row| row.get(0))
            .optional()
    }

    /// Whether what had been decided at `epoch` came to a yes.
    fn permitted(&mut self, purpose: PurposeKind, partner: Option<&str>, epoch: u64) -> rusqlite::Result<bool> {
        // Sharing with nobody is granted by nobody.
        let Some(purpose) = purpose_of(purpose, partner) else { return Ok(false) };
        let yes = self.standing.yes_at(self.connection, (self.tenant, &self.installation), purpose, epoch)?;
        Ok(yes.is_some())
    }

    /// Returns whether it is stored now and was not before.
    fn insert(&self, incoming: &Incoming) -> rusqlite::Result<bool> {
        let event = &incoming.event;
        let rows = self
            .connection
            .prepare_cached(
                "INSERT INTO event (tenant, id, installation, batch, type, purpose, partner, subject,
                                    consent_epoch, time, occurred_at, received_at, body)
                 VALUES (:tenant, :id, :installation, :batch, :type, :purpose, :partner, :subject,
                         :consent_epoch, :time, :occurred_at, :received_at, :body)
                 ON CONFLICT (tenant, id) DO NOTHING",
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
                ":occurred_at": rfc3339(occurred::at(incoming.stamp, self.sent, self.received_ms)),
                ":received_at": self.received_at,
                ":body": incoming.body,
            })?;
        Ok(rows == 1)
    }
}
