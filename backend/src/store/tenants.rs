//! Tenants, their keys and their partners', and their catalogues. Written before the backend serves, read once.

use std::collections::HashMap;

use axum::body::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::{now, past};
use crate::catalogue::{Published, Words};
use crate::tenant::{Holder, KeyHash, Keys, PartnerKey, Tenant};

/// Makes sure that `key` opens `tenant`.
pub(crate) fn add_key(connection: &Connection, tenant: &Tenant, key: &KeyHash) -> rusqlite::Result<()> {
    add_tenant(connection, tenant)?;
    connection.execute(
        "INSERT INTO api_key (hash, tenant, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![key, tenant.as_str(), now()],
    )?;
    Ok(())
}

/// Makes sure that `key` opens what is shared with its partner.
pub(crate) fn add_partner_key(connection: &Connection, key: &PartnerKey) -> rusqlite::Result<()> {
    add_tenant(connection, &key.tenant)?;
    connection.execute(
        "INSERT INTO partner_key (hash, tenant, partner, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET partner = excluded.partner",
        params![key.hash, key.tenant.as_str(), key.partner, now()],
    )?;
    Ok(())
}

fn add_tenant(connection: &Connection, tenant: &Tenant) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO tenant (name, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![tenant.as_str(), now()],
    )?;
    Ok(())
}

/// Replaces what `tenant` asks its shoppers. Answers the revision that stands in its way: a later one, or the
/// same with other words.
pub(crate) fn publish_words(
    connection: &Connection,
    tenant: &Tenant,
    words: &Words,
) -> rusqlite::Result<Result<(), i64>> {
    let stored = connection
        .query_row("SELECT revision, body FROM consent_catalogue WHERE tenant = ?1", [tenant.as_str()], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    match stored {
        Some((revision, body)) if revision == words.revision && body == words.body => return Ok(Ok(())),
        Some((revision, _)) if revision >= words.revision => return Ok(Err(revision)),
        _ => {}
    }
    connection.execute(
        "INSERT INTO consent_catalogue (tenant, revision, body, published_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET revision = excluded.revision, body = excluded.body,
             published_at = excluded.published_at",
        params![tenant.as_str(), words.revision, words.body, now()],
    )?;
    Ok(Ok(()))
}

/// Replaces what `tenant` has published; what it had published stays among the past ones for a while.
pub(crate) fn publish(connection: &Connection, tenant: &Tenant, catalogue: &Published) -> rusqlite::Result<()> {
    past::keep(connection, tenant, catalogue)?;
    connection.execute(
        "INSERT INTO catalogue (tenant, version, body, published_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body, published_at = excluded.published_at
         WHERE body <> excluded.body",
        params![tenant.as_str(), catalogue.version, &catalogue.body[..], now()],
    )?;
    Ok(())
}

/// Every key.
pub(crate) fn keys(connection: &Connection) -> rusqlite::Result<Keys> {
    let mut query = connection
        .prepare("SELECT hash, tenant, NULL FROM api_key UNION ALL SELECT hash, tenant, partner FROM partner_key")?;
    let rows = query.query_map([], |row| {
        let tenant = Tenant::stored(&row.get::<_, String>(1)?);
        let partner: Option<String> = row.get(2)?;
        Ok((row.get(0)?, Holder { tenant, partner: partner.map(Into::into) }))
    })?;
    rows.collect::<rusqlite::Result<Vec<_>>>().map(Keys::new)
}

/// What every tenant has published; an empty catalogue where it is nothing yet.
pub(crate) fn catalogues(connection: &Connection) -> rusqlite::Result<HashMap<Tenant, Published>> {
    let mut query =
        connection.prepare("SELECT name, version, body FROM tenant LEFT JOIN catalogue ON tenant = name")?;
    let rows = query.query_map([], |row| {
        let version: Option<String> = row.get(1)?;
        let body: Option<Vec<u8>> = row.get(2)?;
        let published = version.zip(body).map(|(version, body)| Published::new(version, Bytes::from(body)));
        Ok((Tenant::stored(&row.get::<_, String>(0)?), published.unwrap_or_else(Published::empty)))
    })?;
    rows.collect()
}
