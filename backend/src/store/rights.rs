//! The right to leave and to see, done: events become tombstones, all else goes, and the proof stays.

use patron_core::consent::{Purpose, Sha};
use patron_core::sync::wire::{CloudEvent, RefusedRight, RightsReply};
use rusqlite::{Connection, OptionalExtension, params};

use super::writer::StoreError;
use super::{consents, export, identities, now, preferences};
use crate::rights::{Asked, What};
use crate::tenant::Tenant;

/// What stays of an event that its shopper had erased: the id by which a late try is known, and the day of
/// receipt, by which the id itself is forgotten. `?1` is the time.
const TOMBSTONE: &str = "UPDATE event SET erased_at = ?1, installation = '', batch = '', type = '', purpose = '',
        partner = NULL, subject = NULL, consent_epoch = 0, time = '', occurred_at = NULL, body = '',
        received_at = substr(received_at, 1, 10) || 'T00:00:00.000Z'";

/// Does what can be done of `asked`, in the order in which it was asked.
pub(crate) fn fulfil(
    connection: &Connection,
    tenant: &Tenant,
    asked: &[Result<Asked, RefusedRight>],
) -> Result<RightsReply, StoreError> {
    let mut reply = RightsReply::default();
    let mut export_of = None;
    for asked in asked {
        match asked {
            Err(refused) => reply.refused.push(refused.clone()),
            Ok(asked) => {
                let clerk = Clerk { connection, tenant: tenant.as_str(), installation: asked.installation.to_string() };
                match clerk.refusal(asked)? {
                    Some(reason) => reply.refused.push(RefusedRight { id: asked.id, reason: reason.to_owned() }),
                    None => {
                        clerk.fulfil(asked)?;
                        reply.done.push(asked.id);
                        if matches!(asked.what, What::Export) {
                            export_of = Some(clerk.installation);
                        }
                    }
                }
            }
        }
    }
    // Once, however often it was asked for: others wait for the writer meanwhile.
    if let Some(installation) = export_of {
        reply.export = Some(export::of(connection, tenant.as_str(), &installation)?);
    }
    Ok(reply)
}

/// Nothing more is taken of an installation whose shopper has left.
pub(super) fn refuse_erased(connection: &Connection, tenant: &str, installation: &str) -> Result<(), StoreError> {
    if is_erased(connection, tenant, installation)? {
        return Err(StoreError::Conflict("installation: everything of it was erased at its shopper's word".to_owned()));
    }
    Ok(())
}

fn is_erased(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM erasure WHERE tenant = ?1 AND installation = ?2)")?
        .query_row(params![tenant, installation], |row| row.get(0))
}

/// What the shopper of an installation had erased, and what of it may come late.
pub(super) struct Erased {
    everything: bool,
    /// With the partner where that is a part of the purpose; up to this epoch.
    purposes: Vec<(String, Option<String>, u64)>,
}

impl Erased {
    pub(super) fn read(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<Self> {
        let mut query = connection.prepare_cached(
            "SELECT purpose, partner, max(epoch) FROM rights_request
             WHERE tenant = ?1 AND installation = ?2 AND kind = 'erase_purpose' GROUP BY purpose, partner",
        )?;
        let rows = query
            .query_map(params![tenant, installation], |row| Ok((row.get(0)?, row.get(1)?, consents::epoch(row, 2)?)))?;
        let purposes = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Self { everything: is_erased(connection, tenant, installation)?, purposes })
    }

    pub(super) fn everything(&self) -> bool {
        self.everything
    }

    /// Whether `event` is of what was erased.
    pub(super) fn covers(&self, event: &CloudEvent) -> bool {
        self.everything
            || self.purposes.iter().any(|(purpose, partner, epoch)| {
                event.purpose.as_str() == purpose
                    && event.consentepoch <= *epoch
                    && (partner.is_none() || *partner == event.partner)
            })
    }
}

/// One installation's matters.
struct Clerk<'a> {
    connection: &'a Connection,
    tenant: &'a str,
    installation: String,
}

impl Clerk<'_> {
    /// Why it will never be done. Whoever asks must hold the key that the installation signs with.
    fn refusal(&self, asked: &Asked) -> rusqlite::Result<Option<&'static str>> {
        let earlier: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT statement FROM rights_request WHERE tenant = ?1 AND id = ?2")?
            .query_row(params![self.tenant, asked.id.to_string()], |row| row.get(0))
            .optional()?;
        if earlier.is_some_and(|statement| statement != asked.hash.as_bytes()) {
            return Ok(Some("conflict: the id was used before for another request"));
        }
        let of_this = consents::may_sign(self.connection, self.tenant, &self.installation, &asked.key)?;
        Ok((!of_this).then_some("wrong_key: the installation's decisions are signed with another key"))
    }

    fn fulfil(&self, asked: &Asked) -> rusqlite::Result<()> {
        consents::know_key(self.connection, self.tenant, &self.installation, &asked.key)?;
        match &asked.what {
            What::ErasePurpose(purpose) => {
                let epoch = match asked.until {
                    Some(epoch) => epoch as i64, // checked to fit
                    None => self.until(purpose, &asked.asked_at)?,
                };
                if self.note(asked, epoch)? { self.erase_purpose(purpose, epoch) } else { Ok(()) }
            }
            What::Erase if self.note(asked, 0)? => self.erase(asked),
            What::Export => self.note(asked, 0).map(drop),
            What::Erase => Ok(()),
        }
    }

    /// Up to which epoch a purpose is erased: to the withdrawal that the request came with, which was decided
    /// in the same moment. A yes that was given again since has events of its own. Where that decision is not
    /// held: all that is.
    fn until(&self, purpose: &Purpose, asked_at: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(
                "SELECT coalesce(
                     max(epoch) FILTER (WHERE own AND purpose = ?3 AND partner = ?4 AND status <> 'granted'
                                        AND decided_at = ?5),
                     max(epoch), 0)
                 FROM decision WHERE tenant = ?1 AND installation = ?2",
            )?
            .query_row(
                params![
                    self.tenant,
                    self.installation,
                    purpose.kind().as_str(),
                    purpose.partner().unwrap_or_default(),
                    asked_at
                ],
                |row| row.get(0),
            )
    }

    /// Writes the request down; answers whether it is new.
    fn note(&self, asked: &Asked, epoch: i64) -> rusqlite::Result<bool> {
        let purpose = match &asked.what {
            What::ErasePurpose(purpose) => Some(purpose),
            What::Erase | What::Export => None,
        };
        let rows = self
            .connection
            .prepare_cached(
                "INSERT INTO rights_request (tenant, id, installation, kind, purpose, partner, epoch, statement, done_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.tenant,
                asked.id.to_string(),
                self.installation,
                asked.what.as_str(),
                purpose.map(|purpose| purpose.kind().as_str()),
                purpose.and_then(Purpose::partner),
                epoch,
                asked.hash.as_bytes(),
                now()
            ])?;
        Ok(rows == 1)
    }

    fn erase_purpose(&self, purpose: &Purpose, epoch: i64) -> rusqlite::Result<()> {
        let erased = self
            .connection
            .prepare_cached(&format!(
                "{TOMBSTONE} WHERE tenant = ?2 AND installation = ?3 AND erased_at IS NULL
                     AND purpose = ?4 AND (?5 IS NULL OR partner = ?5) AND consent_epoch <= ?6"
            ))?
            .execute(params![
                now(),
                self.tenant,
                self.installation,
                purpose.kind().as_str(),
                purpose.partner(),
                epoch
            ])?;
        if let Some(partner) = purpose.partner() {
            // The name that the partner knew goes once it is told no more.
            self.connection
                .prepare_cached(
                    "DELETE FROM pseudonym WHERE tenant = ?1 AND installation = ?2 AND partner = ?3 AND NOT told",
                )?
                .execute(params![self.tenant, self.installation, partner])?;
        }
        if *purpose == Purpose::Personalisation {
            self.forget_preferences()?;
        }
        super::count(self.connection, "erased", erased)
    }

    /// What the shopper's devices have in common. Another device that goes on tells its own again, under its own yes.
    fn forget_preferences(&self) -> rusqlite::Result<()> {
        self.shoppers()?.into_iter().try_for_each(|shopper| preferences::forget(self.connection, shopper).map(drop))
    }

    /// Those whose installation it is, or was.
    fn shoppers(&self) -> rusqlite::Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT DISTINCT shopper FROM identity
                 WHERE tenant = ?1 AND installation = ?2 AND shopper IS NOT NULL",
            )?
            .query_map(params![self.tenant, self.installation], |row| row.get(0))?
            .collect()
    }

    fn erase(&self, asked: &Asked) -> rusqlite::Result<()> {
        let head = consents::head(self.connection, self.tenant, &self.installation)?;
        let erased = self
            .connection
            .prepare_cached(&format!("{TOMBSTONE} WHERE tenant = ?2 AND installation = ?3 AND erased_at IS NULL"))?
            .execute(params![now(), self.tenant, self.installation])?;
        super::count(self.connection, "erased", erased)?;
        let here = params![self.tenant, self.installation];
        self.forget_preferences()?;
        let shoppers = self.shoppers()?;
        for table in ["decision", "standing", "pseudonym", "identity", "account"] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE tenant = ?1 AND installation = ?2"), here)?;
        }
        self.connection.execute(
            "DELETE FROM rights_request WHERE tenant = ?1 AND installation = ?2 AND id <> ?3",
            params![self.tenant, self.installation, asked.id.to_string()],
        )?;
        shoppers.into_iter().try_for_each(|shopper| self.forget_if_nobody(shopper))?;
        self.connection.execute(
            "INSERT INTO erasure (tenant, installation, request, head, erased_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            params![
                self.tenant,
                self.installation,
                asked.id.to_string(),
                head.map_or(Sha::NONE, |(_, head)| head).as_bytes(),
                now()
            ],
        )?;
        Ok(())
    }

    /// A shopper without a device is nobody.
    fn forget_if_nobody(&self, shopper: i64) -> rusqlite::Result<()> {
        if !identities::is_linked(self.connection, shopper)? {
            self.connection.execute("DELETE FROM shopper_token WHERE shopper = ?1", [shopper])?;
            self.connection.execute("DELETE FROM shopper WHERE id = ?1", [shopper])?;
        }
        Ok(())
    }
}
