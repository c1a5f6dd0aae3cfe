//! Which account an alias stands for.

use patron_core::sync::wire::IdentityLink;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::now;
use super::writer::StoreError;
use crate::tenant::Tenant;

/// Ties an alias to an account. A token may be renewed for the same account, so the latest one stands.
pub(crate) fn store(connection: &Connection, tenant: &Tenant, link: &IdentityLink) -> Result<(), StoreError> {
    let token_hash: [u8; 32] = Sha256::digest(link.token.as_bytes()).into();
    connection
        .prepare_cached(
            "INSERT INTO identity (tenant, installation, alias, token_hash, linked_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET token_hash = excluded.token_hash, linked_at = excluded.linked_at
             WHERE token_hash <> excluded.token_hash",
        )?
        .execute(params![tenant.as_str(), link.installation.to_string(), link.alias.to_string(), token_hash, now()])?;
    Ok(())
}
