//! Tenants, their keys, their partners' and their publishers', and their words. Written before the backend serves,
//! read once.

use rusqlite::{Connection, OptionalExtension, params};

use super::now;
use crate::catalogue::Words;
use crate::tenant::{Holder, KeyHash, Keys, Opens, PartnerKey, PublisherKey, Tenant};

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

/// Makes sure that `key` opens its tenant's admin.
pub(crate) fn add_publisher_key(connection: &Connection, key: &PublisherKey) -> rusqlite::Result<()> {
    add_tenant(connection, &key.tenant)?;
    connection.execute(
        "INSERT INTO publisher_key (hash, tenant, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![key.hash, key.tenant.as_str(), now()],
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

/// Every key.
pub(crate) fn keys(connection: &Connection) -> rusqlite::Result<Keys> {
    let mut query = connection.prepare(
        "SELECT hash, tenant, NULL, 0 FROM api_key UNION ALL SELECT hash, tenant, partner, 0 FROM partner_key
         UNION ALL SELECT hash, tenant, NULL, 1 FROM publisher_key",
    )?;
    let rows = query.query_map([], |row| {
        let tenant = Tenant::stored(&row.get::<_, String>(1)?);
        let opens = match (row.get::<_, Option<String>>(2)?, row.get(3)?) {
            (Some(partner), _) => Opens::Partner(partner.into()),
            (None, true) => Opens::Admin,
            (None, false) => Opens::Wire,
        };
        Ok((row.get(0)?, Holder { tenant, opens }))
    })?;
    rows.collect::<rusqlite::Result<Vec<_>>>().map(Keys::new)
}
