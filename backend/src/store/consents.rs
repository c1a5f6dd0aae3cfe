//! Decisions of consent: each appended once, in a chain, and what is answered to a report of them.

use patron_core::consent::{ConsentStatus, PurposeKind, Sha};
use patron_core::sync::wire::{ConsentAck, SignedEntry};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::writer::StoreError;
use super::{accounts, now, now_ms, preferences, rights, signing};
use crate::report::{Report, Signed};
use crate::tenant::Tenant;

/// Decisions of other devices in one answer: what those report at most in one request. The next answer has more.
const MAX_OTHERS: i64 = 500;

/// Stores what is new of a report. All of it or, on a conflict, nothing. `erased` tells that a no took something along.
pub(crate) fn store(
    connection: &Connection,
    tenant: &Tenant,
    report: &Report,
    erased: &mut bool,
) -> Result<ConsentAck, StoreError> {
    rights::refuse_erased(connection, tenant.as_str(), &report.installation.to_string())?;
    let held = held_epoch(connection, tenant, report.installation)?;
    let mut book = Book::open(connection, tenant, report.installation)?;
    for (place, decision) in report.decisions.iter().enumerate() {
        book.enter(place, decision)?;
    }
    let head = book.head;
    if book.ends_personalisation {
        *erased |= preferences::end(connection, book.tenant, &book.installation)?;
    }
    // An old report that comes late says nothing of now.
    let told = report.decisions.iter().map(|decision| decision.epoch).max();
    let is_late = told.is_none_or(|told| told == held)
        && knows_later(connection, tenant.as_str(), &report.installation.to_string(), report.standing)?;
    if told.is_none_or(|told| told >= held) && !is_late {
        let (name, installation) = (tenant.as_str(), report.installation.to_string());
        let was_lowered = preferences::is_lowered(connection, name, &installation)?;
        keep_standing(connection, tenant, report)?;
        // Once: said again it is no news, and what another device told meanwhile rests on that one's yes.
        if !was_lowered && preferences::is_lowered(connection, name, &installation)? {
            *erased |= preferences::forget_of(connection, name, &installation)?;
        }
    }
    if let Some(account) = &report.account {
        accounts::store(connection, tenant, report.installation, account, now_ms())?;
    }
    Ok(ConsentAck {
        epoch: held.max(told.unwrap_or_default()),
        anchor: head.map(|head| signing::anchor(connection, tenant, report.installation, head)).transpose()?,
        others: others(connection, tenant, report.installation)?,
        catalogue: catalogue(connection, tenant, report.catalogue_revision)?,
    })
}

/// The highest epoch held for an installation; 0 before its first decision.
pub(crate) fn held_epoch(connection: &Connection, tenant: &Tenant, installation: Uuid) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(epoch), 0) FROM decision WHERE tenant = ?1 AND installation = ?2")?
        .query_row(params![tenant.as_str(), installation.to_string()], |row| epoch(row, 0))
}

/// Epochs are positive in the schema.
pub(super) fn epoch(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

/// A hash as the schema keeps it.
pub(super) fn sha(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Sha>> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    bytes.map(|bytes| Sha::from_bytes(&bytes).ok_or(rusqlite::Error::InvalidQuery)).transpose()
}

/// The last entry of an installation's own ledger that is held, with its epoch.
pub(super) fn head(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<Option<(u64, Sha)>> {
    let head = connection
        .prepare_cached(
            "SELECT epoch, hash FROM decision
             WHERE tenant = ?1 AND installation = ?2 AND own AND hash IS NOT NULL ORDER BY epoch DESC LIMIT 1",
        )?
        .query_row(params![tenant, installation], |row| Ok((epoch(row, 0)?, sha(row, 1)?)))
        .optional()?;
    Ok(head.and_then(|(epoch, hash)| Some((epoch, hash?))))
}

/// The decisions of one installation.
struct Book<'a> {
    connection: &'a Connection,
    tenant: &'a str,
    installation: String,
    head: Option<(u64, Sha)>,
    received_at: String,
    /// A no to personalisation came that was not held.
    ends_personalisation: bool,
}

/// A decision that is held under the id of one that came.
struct Held {
    hash: Option<Sha>,
    /// Whether it says the same, as far as a device without a ledger said it.
    agrees: bool,
}

impl<'a> Book<'a> {
    fn open(connection: &'a Connection, tenant: &'a Tenant, installation: Uuid) -> rusqlite::Result<Self> {
        let installation = installation.to_string();
        let head = head(connection, tenant.as_str(), &installation)?;
        let (tenant, received_at) = (tenant.as_str(), now());
        Ok(Self { connection, tenant, installation, head, received_at, ends_personalisation: false })
    }

    fn enter(&mut self, place: usize, decision: &Signed) -> Result<(), StoreError> {
        let conflict = |why: &str| Err(StoreError::Conflict(format!("decisions[{place}].{why}")));
        let held = self.held(decision)?;
        match &held {
            // A device that lost its file hears of the others anew, under another epoch.
            Some(held) if held.hash == Some(decision.hash) => return Ok(self.renumber(decision)?),
            Some(held) if held.hash.is_some() || !held.agrees => {
                return conflict(&format!("entry.id: {} was sent before with another content", decision.entry.id));
            }
            _ => {}
        }
        let own = self.is_own(decision)?;
        if own && decision.entry.seq != decision.epoch {
            return conflict("epoch: is not the seq of an entry of this installation's own");
        }
        if own && self.is_followed(decision.entry.prev)? {
            return conflict("entry.prev: forks the ledger: another entry comes after the same one");
        }
        if held.is_none() {
            let entry = &decision.entry;
            self.ends_personalisation |=
                entry.purpose == PurposeKind::Personalisation && entry.status != ConsentStatus::Granted;
            self.insert(decision, own)?
        } else {
            self.adopt(decision, own)?
        }
        if own {
            self.know_key(&decision.entry.key)?;
            if self.head.is_none_or(|(epoch, _)| epoch < decision.epoch) {
                self.head = Some((decision.epoch, decision.hash));
            }
        }
        Ok(())
    }

    fn held(&self, decision: &Signed) -> rusqlite::Result<Option<Held>> {
        self.connection
            .prepare_cached(
                "SELECT hash, purpose = :purpose AND partner = :partner AND status = :status AND epoch = :epoch
                 FROM decision WHERE tenant = :tenant AND installation = :installation AND id = :id",
            )?
            .query_row(
                named_params! {
                    ":tenant": self.tenant,
                    ":installation": self.installation,
                    ":id": decision.entry.id.to_string(),
                    ":purpose": decision.entry.purpose.as_str(),
                    ":partner": decision.entry.partner.as_deref().unwrap_or_default(),
                    ":status": decision.entry.status.as_str(),
                    ":epoch": decision.epoch as i64, // checked to fit
                },
                |row| Ok(Held { hash: sha(row, 0)?, agrees: row.get(1)? }),
            )
            .optional()
    }

    /// Whether an entry belongs to this installation's own ledger. Its key says so once it is known. A new key
    /// comes with the first entry, or with one that goes on where the ledger stands: a device may lose its
    /// key, and nobody else knows the head.
    fn is_own(&self, decision: &Signed) -> rusqlite::Result<bool> {
        Ok(match signs_with(self.connection, self.tenant, &decision.entry.key)? {
            Some(installation) => installation == self.installation,
            None => {
                let head = self.head.map_or(Sha::NONE, |(_, head)| head);
                decision.entry.prev == head && decision.entry.seq == decision.epoch
            }
        })
    }

    fn is_followed(&self, prev: Sha) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM decision WHERE tenant = ?1 AND installation = ?2 AND prev = ?3)",
            )?
            .query_row(params![self.tenant, self.installation, prev.as_bytes()], |row| row.get(0))
    }

    fn renumber(&self, decision: &Signed) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE decision SET epoch = ?4
                 WHERE tenant = ?1 AND installation = ?2 AND id = ?3 AND NOT own AND epoch <> ?4",
            )?
            .execute(params![self.tenant, self.installation, decision.entry.id.to_string(), decision.epoch as i64])?;
        Ok(())
    }

    fn insert(&self, decision: &Signed, own: bool) -> rusqlite::Result<()> {
        let entry = &decision.entry;
        self.connection
            .prepare_cached(
                "INSERT INTO decision (tenant, id, installation, purpose, partner, status, decided_at, epoch,
                                       received_at, own, account, entry, signature, hash, prev)
                 VALUES (:tenant, :id, :installation, :purpose, :partner, :status, :decided_at, :epoch,
                         :received_at, :own, :account, :entry, :signature, :hash, :prev)",
            )?
            .execute(named_params! {
                ":tenant": self.tenant,
                ":id": entry.id.to_string(),
                ":installation": self.installation,
                ":purpose": entry.purpose.as_str(),
                ":partner": entry.partner.as_deref().unwrap_or_default(),
                ":status": entry.status.as_str(),
                ":decided_at": entry.decided_at,
                ":epoch": decision.epoch as i64, // checked to fit
                ":received_at": self.received_at,
                ":own": own,
                ":account": entry.account,
                ":entry": decision.text,
                ":signature": decision.signature,
                ":hash": decision.hash.as_bytes(),
                ":prev": own.then(|| *entry.prev.as_bytes()),
            })?;
        Ok(())
    }

    /// A decision of before there was a ledger gets its entry.
    fn adopt(&self, decision: &Signed, own: bool) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE decision SET own = :own, account = :account, entry = :entry, signature = :signature,
                                     hash = :hash, prev = :prev
                 WHERE tenant = :tenant AND installation = :installation AND id = :id",
            )?
            .execute(named_params! {
                ":tenant": self.tenant,
                ":installation": self.installation,
                ":id": decision.entry.id.to_string(),
                ":own": own,
                ":account": decision.entry.account,
                ":entry": decision.text,
                ":signature": decision.signature,
                ":hash": decision.hash.as_bytes(),
                ":prev": own.then(|| *decision.entry.prev.as_bytes()),
            })?;
        Ok(())
    }

    fn know_key(&self, key: &str) -> rusqlite::Result<()> {
        know_key(self.connection, self.tenant, &self.installation, key)
    }
}

/// The installation that signs with `key`.
fn signs_with(connection: &Connection, tenant: &str, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT installation FROM device_key WHERE tenant = ?1 AND key = ?2")?
        .query_row(params![tenant, key], |row| row.get(0))
        .optional()
}

/// Whether an installation may sign with `key`. Where none of its keys is known yet, for it has decided nothing itself, the
/// first one that comes is its own.
pub(super) fn may_sign(connection: &Connection, tenant: &str, installation: &str, key: &str) -> rusqlite::Result<bool> {
    if let Some(owner) = signs_with(connection, tenant, key)? {
        return Ok(owner == installation);
    }
    let has_another: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM device_key WHERE tenant = ?1 AND installation = ?2)")?
        .query_row(params![tenant, installation], |row| row.get(0))?;
    Ok(!has_another)
}

/// Remembers that an installation signs with `key`, whoever else may claim to later.
pub(super) fn know_key(connection: &Connection, tenant: &str, installation: &str, key: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO device_key (tenant, key, installation, since) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant, key, installation, now()])?;
    Ok(())
}

/// Whether a later word on what stands is held than `told`; one that counts nothing is taken as it comes.
pub(super) fn knows_later(
    connection: &Connection,
    tenant: &str,
    installation: &str,
    told: Option<u64>,
) -> rusqlite::Result<bool> {
    let held: Option<i64> = connection
        .prepare_cached("SELECT standing FROM standing WHERE tenant = ?1 AND installation = ?2")?
        .query_row(params![tenant, installation], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(held.zip(told).is_some_and(|(held, told)| told < held.cast_unsigned()))
}

/// What the installation says of now, in place of what it said before.
fn keep_standing(connection: &Connection, tenant: &Tenant, report: &Report) -> rusqlite::Result<()> {
    let (tenant, installation) = (tenant.as_str(), report.installation.to_string());
    let lowered: Vec<&str> = report.lowered.iter().copied().map(PurposeKind::as_str).collect();
    connection
        .prepare_cached(
            "INSERT INTO standing (tenant, installation, lowered, catalogue_revision, reported_at, standing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET lowered = excluded.lowered, catalogue_revision = excluded.catalogue_revision,
                 reported_at = excluded.reported_at, standing = excluded.standing",
        )?
        .execute(params![
            tenant,
            installation,
            serde_json::json!(lowered).to_string(),
            report.catalogue_revision as i64, // checked to fit
            now(),
            report.standing.map(|standing| standing as i64), // checked to fit
        ])?;
    connection
        .prepare_cached("UPDATE pseudonym SET told = 0 WHERE tenant = ?1 AND installation = ?2")?
        .execute(params![tenant, installation])?;
    // Under another name than before, the shopper is somebody else to the partner.
    let mut insert = connection.prepare_cached(
        "INSERT INTO pseudonym (tenant, installation, partner, name) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET told = 1, name = excluded.name,
             since = CASE WHEN name = excluded.name THEN since ELSE (SELECT coalesce(max(seq), 0) FROM event) END",
    )?;
    for (partner, name) in &report.pseudonyms {
        insert.execute(params![tenant, installation, partner, name.to_string()])?;
    }
    Ok(())
}

/// What the shopper decided on other devices and this one has not reported yet, oldest first. What was
/// allowed before signing in holds where it was allowed, and nowhere else; a refusal holds everywhere.
fn others(connection: &Connection, tenant: &Tenant, installation: Uuid) -> rusqlite::Result<Vec<SignedEntry>> {
    let mut query = connection.prepare_cached(
        "WITH me (shopper) AS (
             SELECT shopper FROM identity WHERE tenant = :tenant AND installation = :installation
             ORDER BY linked_at DESC LIMIT 1)
         SELECT entry, signature FROM decision AS theirs
         WHERE tenant = :tenant
           AND installation IN (SELECT installation FROM identity
                                WHERE shopper = (SELECT shopper FROM me) AND installation <> :installation)
           AND own AND entry IS NOT NULL AND (account OR status <> 'granted')
           AND NOT EXISTS (SELECT 1 FROM decision AS mine WHERE mine.tenant = :tenant
                           AND mine.installation = :installation AND mine.id = theirs.id)
         ORDER BY seq LIMIT :most",
    )?;
    let installation = installation.to_string();
    let rows = query.query_map(
        named_params! { ":tenant": tenant.as_str(), ":installation": installation, ":most": MAX_OTHERS },
        |row| Ok(SignedEntry { entry: row.get(0)?, signature: row.get(1)? }),
    )?;
    rows.collect()
}

/// What the tenant has published of consent, when it is newer.
fn catalogue(connection: &Connection, tenant: &Tenant, revision: u64) -> rusqlite::Result<Option<Box<RawValue>>> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM consent_catalogue WHERE tenant = ?1 AND revision > ?2")?
        .query_row(params![tenant.as_str(), revision as i64], |row| row.get(0)) // checked to fit
        .optional()?;
    // It was checked when it was published.
    Ok(body.and_then(|body| RawValue::from_string(body).ok()))
}
