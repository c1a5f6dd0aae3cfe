//! Everything that is held of an installation, in words of the wire; each event with the yes that it rests on.

use patron_core::consent::PurposeKind;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::standing::{Timelines, purpose_of};
use super::{consents, now};

/// The form of an export.
const FORMAT: &str = "patron-backend-export-1";

/// Of events, as they are told, the newest first; the rest is counted. A device takes 6 MiB in all.
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;

/// The same of decisions.
const MAX_DECISION_BYTES: usize = 1024 * 1024;

/// What fits into so many bytes, in the order in which it came, and how much did not.
struct Room {
    items: Vec<Value>,
    left_out: u64,
    bytes: usize,
}

impl Room {
    fn of(bytes: usize) -> Self {
        Self { items: Vec::new(), left_out: 0, bytes }
    }

    fn is_full(&self) -> bool {
        self.left_out > 0
    }

    fn take(&mut self, item: Value) {
        match self.bytes.checked_sub(item.to_string().len() + 1).filter(|_| !self.is_full()) {
            Some(left) => {
                self.bytes = left;
                self.items.push(item);
            }
            None => self.left_out += 1,
        }
    }
}

/// Everything of `installation`, or the proof that it was erased.
pub(super) fn of(connection: &Connection, tenant: &str, installation: &str) -> rusqlite::Result<Value> {
    let source = Source { connection, tenant, installation };
    let events = source.events()?;
    let mut decisions = Room::of(MAX_DECISION_BYTES);
    source.decisions()?.into_iter().rev().for_each(|decision| decisions.take(decision));
    decisions.items.reverse();
    Ok(json!({
        "format": FORMAT,
        "made_at": now(),
        "installation": installation,
        "decisions": decisions.items,
        "decisions_left_out": decisions.left_out,
        "events": events.items,
        "events_left_out": events.left_out,
        "identities": source.list(
            "SELECT alias, linked_at FROM identity WHERE tenant = ?1 AND installation = ?2 ORDER BY linked_at",
            |row| Ok(json!({ "alias": row.get::<_, String>(0)?, "linked_at": row.get::<_, String>(1)? })),
        )?,
        "names_for_partners": source.list(
            "SELECT partner, name FROM pseudonym WHERE tenant = ?1 AND installation = ?2 ORDER BY partner",
            |row| Ok(json!({ "partner": row.get::<_, String>(0)?, "name": row.get::<_, String>(1)? })),
        )?,
        "preferences": source.one(
            "SELECT document, stored_at FROM preferences WHERE shopper =
             (SELECT shopper FROM identity WHERE tenant = ?1 AND installation = ?2 AND shopper IS NOT NULL
              ORDER BY linked_at DESC LIMIT 1)",
            |row| {
                Ok(json!({
                    "origin": "your devices",
                    "use": PurposeKind::Personalisation,
                    "stored_at": row.get::<_, String>(1)?,
                    "content": read(row.get(0)?),
                }))
            },
        )?,
        "lowered_by_signals": source.one(
            "SELECT lowered FROM standing WHERE tenant = ?1 AND installation = ?2",
            |row| Ok(read(row.get(0)?)),
        )?,
        "account": source.one(
            "SELECT accepted, delivered, queued, reasons, received_at FROM account
             WHERE tenant = ?1 AND installation = ?2",
            |row| {
                Ok(json!({
                    "accepted": row.get::<_, i64>(0)?,
                    "delivered": row.get::<_, i64>(1)?,
                    "queued": row.get::<_, i64>(2)?,
                    "reasons": read(row.get(3)?),
                    "received_at": row.get::<_, String>(4)?,
                }))
            },
        )?,
        "requests": source.list(
            "SELECT kind, purpose, partner, done_at FROM rights_request
             WHERE tenant = ?1 AND installation = ?2 ORDER BY done_at",
            |row| {
                Ok(json!({
                    "kind": row.get::<_, String>(0)?,
                    "purpose": row.get::<_, Option<String>>(1)?,
                    "partner": row.get::<_, Option<String>>(2)?,
                    "done_at": row.get::<_, String>(3)?,
                }))
            },
        )?,
        "erased": source.one(
            "SELECT request, erased_at FROM erasure WHERE tenant = ?1 AND installation = ?2",
            |row| Ok(json!({ "request": row.get::<_, String>(0)?, "erased_at": row.get::<_, String>(1)? })),
        )?,
    }))
}

struct Source<'a> {
    connection: &'a Connection,
    tenant: &'a str,
    installation: &'a str,
}

impl Source<'_> {
    fn list(
        &self,
        sql: &str,
        item: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<Value>,
    ) -> rusqlite::Result<Vec<Value>> {
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_map(params![self.tenant, self.installation], item)?.collect()
    }

    fn one(
        &self,
        sql: &str,
        item: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<Value>,
    ) -> rusqlite::Result<Option<Value>> {
        self.connection.prepare_cached(sql)?.query_row(params![self.tenant, self.installation], item).optional()
    }

    /// The decisions, oldest first.
    fn decisions(&self) -> rusqlite::Result<Vec<Value>> {
        self.list(
            "SELECT epoch, own, entry, signature, id, purpose, partner, status, decided_at, received_at
             FROM decision WHERE tenant = ?1 AND installation = ?2 ORDER BY seq",
            |row| {
                let entry: Option<String> = row.get(2)?;
                Ok(json!({
                    "origin": if row.get(1)? { "this device" } else { "another device of yours" },
                    "epoch": consents::epoch(row, 0)?,
                    "id": row.get::<_, String>(4)?,
                    "purpose": row.get::<_, String>(5)?,
                    "partner": row.get::<_, String>(6)?,
                    "status": row.get::<_, String>(7)?,
                    "decided_at": row.get::<_, String>(8)?,
                    "received_at": row.get::<_, String>(9)?,
                    "entry": entry,
                    "signature": row.get::<_, Option<String>>(3)?,
                }))
            },
        )
    }

    /// The events, newest first.
    fn events(&self) -> rusqlite::Result<Room> {
        let mut query = self.connection.prepare_cached(
            "SELECT body, purpose, partner, consent_epoch, received_at, occurred_at FROM event
             WHERE tenant = ?1 AND installation = ?2 AND erased_at IS NULL ORDER BY seq DESC",
        )?;
        let mut rows = query.query(params![self.tenant, self.installation])?;
        let mut timelines = Timelines::default();
        let mut events = Room::of(MAX_EVENT_BYTES);
        while let Some(row) = rows.next()? {
            if events.is_full() {
                events.left_out += 1;
                continue;
            }
            let body: String = row.get(0)?;
            let (kind, partner): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            let kind = PurposeKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let grant = match kind.and_then(|kind| purpose_of(kind, partner.as_deref())) {
                Some(purpose) => {
                    let here = (self.tenant, self.installation);
                    timelines.yes_at(self.connection, here, purpose, consents::epoch(row, 3)?)?
                }
                None => None,
            };
            events.take(json!({
                "origin": "this device",
                "use": kind.map(PurposeKind::as_str),
                "grant": grant,
                "received_at": row.get::<_, String>(4)?,
                "happened_at": row.get::<_, Option<String>>(5)?,
                "content": read(body),
            }));
        }
        Ok(events)
    }
}

/// JSON as it came; as text where it is more than a value can hold.
fn read(json: String) -> Value {
    serde_json::from_str(&json).unwrap_or(Value::String(json))
}
