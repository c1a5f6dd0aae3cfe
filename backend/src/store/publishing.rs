//! What tenants have published, and what waits for its time. [`crate::shelf`] holds the same in memory.

use std::collections::HashMap;

use axum::body::Bytes;
use patron_core::clock::{parse_rfc3339, rfc3339};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{now, past};
use crate::catalogue::Published;
use crate::shelf::{Stand, Waiting};
use crate::tenant::Tenant;

/// What becomes of a tenant's catalogues.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// This one is served from now on. What waits goes on waiting.
    Publish(Published),
    /// This one waits, in place of one that may wait already.
    Schedule(Waiting),
    /// What waits is dropped.
    Cancel,
    /// What waits is served if its time has come by then, milliseconds since the Unix epoch.
    Due(i64),
}

/// Makes a change; answers since when the live catalogue is published, RFC 3339.
pub(crate) fn change(connection: &Connection, tenant: &Tenant, change: &Change) -> rusqlite::Result<Option<String>> {
    match change {
        Change::Publish(catalogue) => publish(connection, tenant, catalogue, &now())?,
        Change::Schedule(Waiting { catalogue, at_ms }) => {
            connection.execute(
                "INSERT INTO scheduled_catalogue (tenant, version, body, publish_at, stored_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body,
                     publish_at = excluded.publish_at, stored_at = excluded.stored_at",
                params![tenant.as_str(), catalogue.version, &catalogue.body[..], rfc3339(*at_ms), now()],
            )?;
        }
        Change::Cancel => {
            connection.execute("DELETE FROM scheduled_catalogue WHERE tenant = ?1", [tenant.as_str()])?;
        }
        Change::Due(now_ms) => due(connection, tenant, *now_ms)?,
    }
    connection
        .query_row("SELECT published_at FROM catalogue WHERE tenant = ?1", [tenant.as_str()], |row| row.get(0))
        .optional()
}

/// Replaces what `tenant` has published; it counts as published at `at`, RFC 3339, and what stood before stays
/// among the past ones for a while. The same once more changes nothing.
fn publish(connection: &Connection, tenant: &Tenant, catalogue: &Published, at: &str) -> rusqlite::Result<()> {
    past::keep(connection, tenant, catalogue)?;
    connection.execute(
        "INSERT INTO catalogue (tenant, version, body, published_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body, published_at = excluded.published_at
         WHERE body <> excluded.body",
        params![tenant.as_str(), catalogue.version, &catalogue.body[..], at],
    )?;
    Ok(())
}

/// Publishes what waits if its time has come; it counts as published at that time.
fn due(connection: &Connection, tenant: &Tenant, now_ms: i64) -> rusqlite::Result<()> {
    let of = params![tenant.as_str(), rfc3339(now_ms)];
    let waits = connection
        .query_row(
            "SELECT version, body, publish_at FROM scheduled_catalogue WHERE tenant = ?1 AND publish_at <= ?2",
            of,
            |row| Ok((catalogue(row, 0)?, row.get::<_, String>(2)?)),
        )
        .optional()?;
    if let Some((Some(catalogue), at)) = waits {
        publish(connection, tenant, &catalogue, &at)?;
        connection.execute("DELETE FROM scheduled_catalogue WHERE tenant = ?1 AND publish_at <= ?2", of)?;
    }
    Ok(())
}

/// What every tenant serves, and what waits: as the backend starts.
pub(crate) fn shelf(connection: &Connection) -> rusqlite::Result<HashMap<Tenant, Stand>> {
    let mut query = connection.prepare(
        "SELECT name, live.version, live.body, live.published_at, later.version, later.body, later.publish_at
         FROM tenant LEFT JOIN catalogue AS live ON live.tenant = name
         LEFT JOIN scheduled_catalogue AS later ON later.tenant = name",
    )?;
    let rows = query.query_map([], |row| {
        let stand = Stand {
            live: catalogue(row, 1)?.unwrap_or_else(Published::empty),
            published_at: row.get(3)?,
            waiting: match (catalogue(row, 4)?, row.get::<_, Option<String>>(6)?) {
                // A time that does not read, which nothing here writes, is long past.
                (Some(catalogue), Some(at)) => Some(Waiting { catalogue, at_ms: parse_rfc3339(&at).unwrap_or(0) }),
                _ => None,
            },
        };
        Ok((Tenant::stored(&row.get::<_, String>(0)?), stand))
    })?;
    rows.collect()
}

/// Version and body at `column` and the one behind it.
fn catalogue(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Published>> {
    let version: Option<String> = row.get(column)?;
    let body: Option<Vec<u8>> = row.get(column + 1)?;
    Ok(version.zip(body).map(|(version, body)| Published::new(version, Bytes::from(body))))
}
