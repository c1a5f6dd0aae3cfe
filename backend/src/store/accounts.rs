//! What each installation last said of its events.

use patron_core::clock::rfc3339;
use rusqlite::{Connection, named_params};
use serde_json::json;
use uuid::Uuid;

use crate::account::{Account, Unreadable};
use crate::tenant::Tenant;

/// Keeps a report unless a later one was kept before; counts one that could not be read.
///
/// On the device, what was accepted and what has left the queue only grow: that orders reports which
/// overtook each other, and no clock does.
pub(crate) fn store(
    connection: &Connection,
    tenant: &Tenant,
    installation: Uuid,
    account: &Result<Account, Unreadable>,
    received_ms: i64,
) -> rusqlite::Result<()> {
    let Ok(account) = account else {
        return super::count(connection, "accounts_unreadable", 1);
    };
    let report = &account.report;
    let reasons = json!({ "dead": report.dead, "evicted": report.evicted, "purged": report.purged });
    connection
        .prepare_cached(
            "INSERT INTO account (tenant, installation, accepted, delivered, queued, dead, evicted, purged,
                                  reasons, received_at)
             VALUES (:tenant, :installation, :accepted, :delivered, :queued, :dead, :evicted, :purged,
                     :reasons, :received_at)
             ON CONFLICT DO UPDATE SET
                 accepted = excluded.accepted, delivered = excluded.delivered, queued = excluded.queued,
                 dead = excluded.dead, evicted = excluded.evicted, purged = excluded.purged,
                 reasons = excluded.reasons, received_at = excluded.received_at
             WHERE (excluded.accepted, excluded.delivered + excluded.dead + excluded.evicted + excluded.purged)
                >= (accepted, delivered + dead + evicted + purged)",
        )?
        .execute(named_params! {
            ":tenant": tenant.as_str(),
            ":installation": installation.to_string(),
            // Each was read to fit.
            ":accepted": report.accepted as i64,
            ":delivered": report.delivered as i64,
            ":queued": report.queued as i64,
            ":dead": account.dead as i64,
            ":evicted": account.evicted as i64,
            ":purged": account.purged as i64,
            ":reasons": reasons.to_string(),
            ":received_at": rfc3339(received_ms),
        })?;
    Ok(())
}
