//! The shopper's decisions in the database.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row};

use super::transaction::Tx;
use super::{Store, StoreError};
use crate::consent::{ConsentStatus, Consents, Decision, Purpose, PurposeKind};

const COLUMNS: &str = "epoch, id, purpose, partner, status, decided_at_ms";

impl Store {
    /// Everything that was decided, folded into what stands.
    pub(crate) fn consents(&self) -> Result<Consents, StoreError> {
        let mut consents = Consents::default();
        for decision in self.decisions_after(0)? {
            consents.apply(&decision);
        }
        Ok(consents)
    }

    /// The decisions later than `epoch`, oldest first.
    pub(crate) fn decisions_after(&self, epoch: u64) -> Result<Vec<Decision>, StoreError> {
        read(&self.main, epoch)
    }
}

/// Appends a decision, and tells the trigger of it.
pub(crate) fn append(tx: &Tx<'_>, decision: &Decision) -> Result<(), StoreError> {
    insert(tx, decision).map_err(StoreError::sql("decision"))?;
    let purpose = decision.purpose.kind() as u8;
    if decision.purpose.partner().is_some() {
        return Ok(());
    }
    let sql = match decision.status {
        ConsentStatus::Granted => "INSERT OR IGNORE INTO granted (purpose) VALUES (?1)",
        ConsentStatus::NotAsked | ConsentStatus::Denied | ConsentStatus::Withdrawn => {
            "DELETE FROM granted WHERE purpose = ?1"
        }
    };
    tx.execute(sql, [purpose]).map_err(StoreError::sql("grant"))?;
    Ok(())
}

/// What the trigger goes by.
pub(super) fn granted(db: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let sql = StoreError::sql("granted");
    let mut select = db.prepare("SELECT purpose FROM granted").map_err(&sql)?;
    let rows = select.query_map([], |row| row.get(0)).map_err(&sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}

/// Forgets every decision: the next shopper starts unasked.
pub(crate) fn forget(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute_batch("DELETE FROM decision; DELETE FROM granted;").map_err(StoreError::sql("decision"))
}

fn insert(db: &Connection, d: &Decision) -> rusqlite::Result<usize> {
    db.prepare_cached(&format!("INSERT OR IGNORE INTO decision ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"))?.execute(
        (d.epoch as i64, d.id, d.purpose.kind() as u8, d.purpose.partner(), d.status.as_str(), d.decided_at_ms),
    )
}

pub(super) fn read(db: &Connection, after: u64) -> Result<Vec<Decision>, StoreError> {
    let sql = StoreError::sql("decisions");
    let mut select =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM decision WHERE epoch > ?1 ORDER BY epoch")).map_err(&sql)?;
    let rows = select.query_map([after as i64], from_row).map_err(&sql)?;
    // A row of a purpose that only a newer version knows grants nothing here.
    rows.filter_map(|row| row.transpose()).collect::<rusqlite::Result<_>>().map_err(sql)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Decision>> {
    let partner: Option<String> = row.get(3)?;
    let purpose = PurposeKind::from_code(row.get(2)?).and_then(|kind| Purpose::from_parts(kind, partner.as_deref()));
    let status = ConsentStatus::from_name(&row.get::<_, String>(4)?);
    let (Some(purpose), Some(status)) = (purpose, status) else { return Ok(None) };
    Ok(Some(Decision {
        epoch: row.get::<_, i64>(0)?.max(0) as u64,
        id: row.get(1)?,
        purpose,
        status,
        decided_at_ms: row.get(5)?,
    }))
}
