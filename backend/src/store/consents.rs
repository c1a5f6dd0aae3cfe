//! Decisions of consent: appended once each, and what stood when.

use patron_core::consent::{ConsentStatus, PurposeKind};
use patron_core::sync::wire::{ConsentAck, ConsentDecision, ConsentReport};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use super::now;
use super::writer::StoreError;
use crate::tenant::Tenant;

/// Stores the decisions that are new. All of them or, on a conflict, none.
pub(crate) fn store(
    connection: &Connection,
    tenant: &Tenant,
    report: &ConsentReport,
) -> Result<ConsentAck, StoreError> {
    let received_at = now();
    for (place, decision) in report.decisions.iter().enumerate() {
        match stored(connection, tenant, decision.id)? {
            None => insert(connection, tenant, report.installation, decision, &received_at)?,
            Some((installation, known)) if installation == report.installation.to_string() && known == *decision => {}
            Some(_) => {
                return Err(StoreError::Conflict(format!(
                    "decisions[{place}].id: {} was sent before with another content",
                    decision.id
                )));
            }
        }
    }
    Ok(ConsentAck { epoch: held_epoch(connection, tenant, report.installation)? })
}

/// The highest epoch held for an installation; 0 before its first decision.
pub(crate) fn held_epoch(connection: &Connection, tenant: &Tenant, installation: Uuid) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(epoch), 0) FROM decision WHERE tenant = ?1 AND installation = ?2")?
        .query_row(params![tenant.as_str(), installation.to_string()], |row| epoch(row, 0))
}

/// Epochs are positive in the schema.
fn epoch(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

/// What stood at `epoch`; `None` when nothing had been decided. Within one epoch the later decision stands.
pub(crate) fn standing(
    connection: &Connection,
    tenant: &str,
    installation: &str,
    purpose: PurposeKind,
    partner: &str,
    epoch: u64,
) -> rusqlite::Result<Option<ConsentStatus>> {
    let status: Option<String> = connection
        .prepare_cached(
            "SELECT status FROM decision
             WHERE tenant = :tenant AND installation = :installation AND purpose = :purpose
               AND partner = :partner AND epoch <= :epoch
             ORDER BY epoch DESC, seq DESC LIMIT 1",
        )?
        .query_row(
            named_params! {
                ":tenant": tenant,
                ":installation": installation,
                ":purpose": purpose.as_str(),
                ":partner": partner,
                ":epoch": epoch as i64, // judged to fit
            },
            |row| row.get(0),
        )
        .optional()?;
    Ok(status.as_deref().and_then(ConsentStatus::from_name))
}

fn stored(connection: &Connection, tenant: &Tenant, id: Uuid) -> rusqlite::Result<Option<(String, ConsentDecision)>> {
    connection
        .prepare_cached(
            "SELECT installation, purpose, partner, status, decided_at, epoch FROM decision
             WHERE tenant = ?1 AND id = ?2",
        )?
        .query_row(params![tenant.as_str(), id.to_string()], |row| {
            let purpose: String = row.get(1)?;
            let partner: String = row.get(2)?;
            let purpose = PurposeKind::ALL.into_iter().find(|kind| kind.as_str() == purpose);
            Ok((
                row.get(0)?,
                ConsentDecision {
                    id,
                    purpose: purpose.ok_or(rusqlite::Error::InvalidQuery)?,
                    partner: (!partner.is_empty()).then_some(partner),
                    status: row.get(3)?,
                    decided_at: row.get(4)?,
                    epoch: epoch(row, 5)?,
                },
            ))
        })
        .optional()
}

fn insert(
    connection: &Connection,
    tenant: &Tenant,
    installation: Uuid,
    decision: &ConsentDecision,
    received_at: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO decision (tenant, id, installation, purpose, partner, status, decided_at, epoch, received_at)
             VALUES (:tenant, :id, :installation, :purpose, :partner, :status, :decided_at, :epoch, :received_at)",
        )?
        .execute(named_params! {
            ":tenant": tenant.as_str(),
            ":id": decision.id.to_string(),
            ":installation": installation.to_string(),
            ":purpose": decision.purpose.as_str(),
            ":partner": decision.partner.as_deref().unwrap_or_default(),
            ":status": decision.status,
            ":decided_at": decision.decided_at,
            ":epoch": decision.epoch as i64, // checked to fit
            ":received_at": received_at,
        })?;
    Ok(())
}
