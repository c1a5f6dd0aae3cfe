//! The key of each tenant: made once, kept in the database, which is its owner's alone to read.

use std::collections::HashMap;

use patron_core::consent::{Anchor, Sha, Signer};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::now;
use super::writer::StoreError;
use crate::tenant::Tenant;

/// Makes sure that every tenant has a key. Returns their public halves, in hexadecimal digits.
pub(crate) fn public_keys(connection: &Connection) -> Result<HashMap<Tenant, String>, StoreError> {
    let mut query = connection.prepare("SELECT name FROM tenant")?;
    let tenants = query.query_map([], |row| Ok(Tenant::stored(&row.get::<_, String>(0)?)))?;
    tenants
        .map(|tenant| {
            let tenant = tenant?;
            let public = Signer::from_seed(&seed(connection, &tenant)?).public();
            Ok((tenant, public))
        })
        .collect()
}

/// What the tenant's key is made from, and whatever else nobody but the backend may know.
pub(super) fn seed(connection: &Connection, tenant: &Tenant) -> Result<[u8; 32], StoreError> {
    let stored = connection
        .prepare_cached("SELECT seed FROM tenant_key WHERE tenant = ?1")?
        .query_row([tenant.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(seed) = stored {
        return Ok(seed);
    }
    let seed = secret()?;
    connection.execute(
        "INSERT INTO tenant_key (tenant, seed, created_at) VALUES (?1, ?2, ?3)",
        params![tenant.as_str(), seed, now()],
    )?;
    Ok(seed)
}

/// 32 bytes that nobody can guess.
pub(super) fn secret() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| StoreError::Random(why.to_string()))?;
    Ok(bytes)
}

/// Countersigns the head of an installation's ledger.
pub(super) fn anchor(
    connection: &Connection,
    tenant: &Tenant,
    installation: Uuid,
    (epoch, head): (u64, Sha),
) -> Result<Anchor, StoreError> {
    let signer = Signer::from_seed(&seed(connection, tenant)?);
    let at = now();
    let signature = signer.sign(Anchor::message(installation, epoch, head, &at).as_bytes());
    Ok(Anchor { head, epoch, at, key: signer.public(), signature })
}
