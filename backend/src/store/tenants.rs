//! Tenants, their keys and their catalogues. Written before the backend serves, read once.

use std::collections::HashMap;

use axum::body::Bytes;
use rusqlite::{Connection, params};

use super::now;
use crate::catalogue::Published;
use crate::tenant::{KeyHash, Keys, Tenant};

/// Makes sure that `key` opens `tenant`.
pub(crate) fn add_key(connection: &Connection, tenant: &Tenant, key: &KeyHash) -> rusqlite::Result<()> {
    let now = now();
    connection.execute(
        "INSERT INTO tenant (name, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![tenant.as_str(), now],
    )?;
    connection.execute(
        "INSERT INTO api_key (hash, tenant, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![key, tenant.as_str(), now],
    )?;
    Ok(())
}

/// Replaces what `tenant` has published.
pub(crate) fn publish(connection: &Connection, tenant: &Tenant, catalogue: &Published) -> rusqlite::Result<()> {
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
    let mut query = connection.prepare("SELECT hash, tenant FROM api_key")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, Tenant::stored(&row.get::<_, String>(1)?))))?;
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
