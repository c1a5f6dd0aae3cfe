//! What a shopper's devices have in common: one document, and who may change it.
//!
//! Decides by the revision alone whether what comes is kept. What the document means, and how two of them become one,
//! is the devices' to know. [`super::writer`] calls it, a request at a time.

use patron_core::consent::{Purpose, PurposeKind};
use patron_core::sync::wire::PreferencesReply;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use serde_json::Value;

use super::standing::Timeline;
use super::writer::StoreError;
use super::{consents, now, now_ms, rights};
use crate::preferences::Told;
use crate::tenant::Tenant;

/// Revisions that are remembered of a shopper: whoever was away for more changes than these merges as if nothing had
/// been agreed on, and loses nothing by it.
const MAX_PAST: i64 = 1_000;

/// Keeps the document that comes, where the device began from the one that is held; else answers with that.
pub(crate) fn exchange(connection: &Connection, tenant: &Tenant, told: &Told) -> Result<PreferencesReply, StoreError> {
    let (shopper, expires_ms) = entitled(connection, tenant.as_str(), told)?;
    let held: Option<(i64, String, Option<i64>)> = connection
        .prepare_cached("SELECT revision, document, expires_ms FROM preferences WHERE shopper = ?1")?
        .query_row([shopper], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let has_ended = held.as_ref().is_some_and(|(.., expires)| expires.is_some_and(|expires| expires <= now_ms()));
    if has_ended {
        // The sweep comes by the hour.
        forget(connection, shopper)?;
    }
    let held = held.filter(|_| !has_ended).map(|(revision, document, _)| (revision, document));
    let revision = held.as_ref().map_or(0, |(revision, _)| revision.cast_unsigned());
    if revision != told.base {
        // It was checked before it was stored.
        let document = held.and_then(|(_, document)| serde_json::from_str::<Value>(&document).ok());
        let follows = document.is_some() && came_from(connection, shopper, told.base)?;
        return Ok(PreferencesReply { revision, document, follows, ..PreferencesReply::default() });
    }
    let Some(document) = &told.document else {
        extend(connection, shopper, expires_ms)?;
        return Ok(PreferencesReply { revision, ..PreferencesReply::default() });
    };
    connection.prepare_cached("DELETE FROM preferences WHERE shopper = ?1")?.execute([shopper])?;
    connection
        .prepare_cached(
            "INSERT INTO preferences (revision, shopper, document, stored_at, expires_ms)
             VALUES (max(?4, 1 + (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'preferences')),
                     ?1, ?2, ?3, ?5)",
        )?
        .execute(params![shopper, document, now(), now_ms(), expires_ms])?;
    let revision = connection.last_insert_rowid();
    remember(connection, shopper, revision)?;
    Ok(PreferencesReply { revision: revision.cast_unsigned(), stored: true, ..PreferencesReply::default() })
}

/// What is held rests on the yes of every device that has it: on the one that lasts longest.
fn extend(connection: &Connection, shopper: i64, expires_ms: Option<i64>) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE preferences SET expires_ms = ?2
             WHERE shopper = ?1 AND expires_ms IS NOT NULL AND (?2 IS NULL OR ?2 > expires_ms)",
        )?
        .execute(params![shopper, expires_ms])?;
    Ok(())
}

/// Whether what is held came from `base`.
fn came_from(connection: &Connection, shopper: i64, base: u64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM preferences_past WHERE shopper = ?1 AND revision = ?2)")?
        .query_row(params![shopper, base.cast_signed()], |row| row.get(0))
}

fn remember(connection: &Connection, shopper: i64, revision: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO preferences_past (shopper, revision) VALUES (?1, ?2)")?
        .execute([shopper, revision])?;
    connection
        .prepare_cached(
            "DELETE FROM preferences_past WHERE shopper = ?1 AND revision <=
                 (SELECT revision FROM preferences_past WHERE shopper = ?1 ORDER BY revision DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute([shopper, MAX_PAST])?;
    Ok(())
}

/// The shopper whose document `told` speaks of, where it is that shopper's device, under that shopper's yes; and when
/// that yes runs out.
fn entitled(connection: &Connection, tenant: &str, told: &Told) -> Result<(i64, Option<i64>), StoreError> {
    let conflict = |why: &str| Err(StoreError::Conflict(why.to_owned()));
    let installation = told.installation.to_string();
    rights::refuse_erased(connection, tenant, &installation)?;
    if !consents::may_sign(connection, tenant, &installation, &told.key)? {
        return conflict("key: the installation's decisions are signed with another");
    }
    let Some(shopper) = shopper(connection, tenant, &installation)? else {
        return conflict("installation: is tied to no account");
    };
    // As an event, it rests on the yes of its own epoch: a copy of before a withdrawal that comes late is of no yes.
    let timeline = Timeline::read(connection, tenant, &installation, &Purpose::Personalisation)?;
    if !timeline.covers(told.epoch, now_ms(), now_ms()) {
        return conflict("epoch: no yes to personalisation has stood since");
    }
    // A copy of before a signal lowered it, behind the end of that signal, is of what was erased.
    if consents::knows_later(connection, tenant, &installation, told.standing)? {
        return conflict("standing: another report of what stands has come since");
    }
    if is_lowered(connection, tenant, &installation)? {
        return conflict("installation: something stands against personalisation there");
    }
    if unheard_no(connection, tenant, &installation, shopper, &Purpose::Personalisation)? {
        return conflict("installation: another device of its shopper said no to personalisation");
    }
    consents::know_key(connection, tenant, &installation, &told.key)?;
    Ok((shopper, timeline.runs_out_at()))
}

/// Whether the installation said last that a signal speaks against it: what was told before that comes too late.
pub(super) fn is_lowered(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<bool> {
    let lowered: Option<String> = connection
        .prepare_cached("SELECT lowered FROM standing WHERE tenant = ?1 AND installation = ?2")?
        .query_row([tenant, installation], |row| row.get(0))
        .optional()?;
    let purposes: Vec<String> = lowered.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    Ok(purposes.iter().any(|purpose| purpose == PurposeKind::Personalisation.as_str()))
}

/// Whether the shopper said no on another device, and this one has not reported that it heard of it.
pub(super) fn unheard_no(
    connection: &Connection,
    tenant: &str,
    installation: &str,
    shopper: i64,
    purpose: &Purpose,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (
                 SELECT 1 FROM decision AS theirs
                 WHERE tenant = :tenant
                   AND installation IN (SELECT installation FROM identity
                                        WHERE shopper = :shopper AND installation <> :installation)
                   AND purpose = :purpose AND partner = :partner AND status <> 'granted' AND own AND entry IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM decision AS mine WHERE mine.tenant = :tenant
                                   AND mine.installation = :installation AND mine.id = theirs.id))",
        )?
        .query_row(
            named_params! {
                ":tenant": tenant,
                ":installation": installation,
                ":shopper": shopper,
                ":purpose": purpose.kind().as_str(),
                ":partner": purpose.partner().unwrap_or_default(),
            },
            |row| row.get(0),
        )
}

/// The installation said no to personalisation: where no yes of it stands, nothing is held of its shopper.
/// Answers whether something was.
pub(super) fn end(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<bool> {
    let timeline = Timeline::read(connection, tenant, installation, &Purpose::Personalisation)?;
    let shopper = shopper(connection, tenant, installation)?.filter(|_| timeline.yes_at(u64::MAX).is_none());
    shopper.map_or(Ok(false), |shopper| forget(connection, shopper))
}

/// Nothing is held of the shopper whose installation it is. Another device tells its own again, under its own yes.
/// Answers whether something was.
pub(super) fn forget_of(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<bool> {
    shopper(connection, tenant, installation)?.map_or(Ok(false), |shopper| forget(connection, shopper))
}

/// Nothing is held of the shopper any more; answers whether something was.
pub(super) fn forget(connection: &Connection, shopper: i64) -> rusqlite::Result<bool> {
    connection.prepare_cached("DELETE FROM preferences_past WHERE shopper = ?1")?.execute([shopper])?;
    let rows = connection.prepare_cached("DELETE FROM preferences WHERE shopper = ?1")?.execute([shopper])?;
    Ok(rows > 0)
}

/// Forgets what rests on a yes that has run out by `now_ms`, of `most` shoppers at most; answers of how many.
pub(super) fn expire(connection: &Connection, now_ms: i64, most: usize) -> rusqlite::Result<usize> {
    let mut ended = connection.prepare_cached("SELECT shopper FROM preferences WHERE expires_ms <= ?1 LIMIT ?2")?;
    let shoppers: Vec<i64> =
        ended.query_map([now_ms, most as i64], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    shoppers.iter().try_for_each(|shopper| forget(connection, *shopper).map(drop))?;
    Ok(shoppers.len())
}

/// Whose installation it is: by the alias that was linked last.
pub(super) fn shopper(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT shopper FROM identity WHERE tenant = ?1 AND installation = ?2 AND shopper IS NOT NULL
             ORDER BY linked_at DESC LIMIT 1",
        )?
        .query_row(params![tenant, installation], |row| row.get(0))
        .optional()
}
