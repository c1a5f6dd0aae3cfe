//! Which shopper an alias stands for, and on which devices.
//!
//! Tokens are opaque and renewed, so a shopper is known by every token that was seen: by the one that
//! comes, or else by the alias that it comes with.

use patron_core::consent::to_hex;
use patron_core::sync::wire::{IdentityLink, IdentityReply};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::writer::StoreError;
use super::{now, preferences, rights, signing};
use crate::tenant::Tenant;

/// Ties an alias to a shopper; answers what the shopper's names for partners are made from. A token may be
/// renewed for the same shopper, so the latest one stands. `erased` tells that something was left without an owner.
pub(crate) fn store(
    connection: &Connection,
    tenant: &Tenant,
    link: &IdentityLink,
    erased: &mut bool,
) -> Result<IdentityReply, StoreError> {
    let (name, installation, alias) = (tenant.as_str(), link.installation.to_string(), link.alias.to_string());
    rights::refuse_erased(connection, name, &installation)?;
    let token_hash: [u8; 32] = Sha256::digest(link.token.as_bytes()).into();
    let by_token = connection
        .prepare_cached("SELECT shopper FROM shopper_token WHERE tenant = ?1 AND token_hash = ?2")?
        .query_row(params![name, token_hash], |row| row.get::<_, i64>(0))
        .optional()?;
    let shopper = match by_token {
        Some(shopper) => shopper,
        None => {
            let by_alias = connection
                .prepare_cached(
                    "SELECT shopper FROM identity WHERE tenant = ?1 AND installation = ?2 AND alias = ?3
                     AND shopper IS NOT NULL",
                )?
                .query_row(params![name, installation, alias], |row| row.get(0))
                .optional()?;
            let shopper = match by_alias {
                Some(shopper) => shopper,
                None => {
                    connection
                        .prepare_cached("INSERT INTO shopper (tenant, created_at) VALUES (?1, ?2)")?
                        .execute(params![name, now()])?;
                    connection.last_insert_rowid()
                }
            };
            connection
                .prepare_cached("INSERT INTO shopper_token (tenant, token_hash, shopper) VALUES (?1, ?2, ?3)")?
                .execute(params![name, token_hash, shopper])?;
            shopper
        }
    };
    if is_anothers(connection, name, &installation, &alias, shopper)? {
        let why = "installation: another shopper signed in under it; a copy of a store has to go on under its own name";
        return Err(StoreError::Conflict(why.to_owned()));
    }
    let before = preferences::shopper(connection, name, &installation)?;
    connection
        .prepare_cached(
            "INSERT INTO identity (tenant, installation, alias, token_hash, linked_at, shopper)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET token_hash = excluded.token_hash, linked_at = excluded.linked_at,
                 shopper = excluded.shopper
             WHERE token_hash <> excluded.token_hash OR shopper IS NOT excluded.shopper",
        )?
        .execute(params![name, installation, alias, token_hash, now(), shopper])?;
    if let Some(before) = before.filter(|before| *before != shopper)
        && !is_linked(connection, before)?
    {
        // Nobody is left who could ask for it, or have it erased.
        *erased |= preferences::forget(connection, before)?;
    }
    Ok(IdentityReply { secret: to_hex(&secret(connection, shopper)?) })
}

/// Whether somebody else is signed in on the installation, under an alias of theirs. A device makes one alias for as
/// long as its shopper stays, so these are two: of a copied store, on which each signed in.
fn is_anothers(
    connection: &Connection,
    tenant: &str,
    installation: &str,
    alias: &str,
    shopper: i64,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM identity
             WHERE tenant = ?1 AND installation = ?2 AND alias <> ?3 AND shopper <> ?4)",
        )?
        .query_row(params![tenant, installation, alias, shopper], |row| row.get(0))
}

/// Whether the shopper has a device.
pub(super) fn is_linked(connection: &Connection, shopper: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM identity WHERE shopper = ?1)")?
        .query_row([shopper], |row| row.get(0))
}

/// The shopper's secret, drawn when it is first asked for.
fn secret(connection: &Connection, shopper: i64) -> Result<[u8; 32], StoreError> {
    let stored: Option<[u8; 32]> = connection
        .prepare_cached("SELECT secret FROM shopper WHERE id = ?1")?
        .query_row([shopper], |row| row.get(0))?;
    if let Some(secret) = stored {
        return Ok(secret);
    }
    let secret = signing::secret()?;
    connection.execute("UPDATE shopper SET secret = ?2 WHERE id = ?1", params![shopper, secret])?;
    Ok(secret)
}
