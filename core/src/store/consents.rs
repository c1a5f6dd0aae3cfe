//! The shopper's decisions in the database, each with its entry in the ledger.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row};

use super::transaction::Tx;
use super::{Store, StoreError};
use crate::consent::{ConsentStatus, Consents, Decision, Purpose, PurposeKind, PurposeSet, Seal};

/// From this schema on decisions have entries.
const SEALED_FROM: i64 = 3;

/// A decision, and its entry once it has one.
pub(crate) type Stored = (Decision, Option<Seal>);

impl Store {
    /// The decisions later than `epoch`, oldest first.
    pub(crate) fn decisions_after(&self, epoch: u64) -> Result<Vec<Stored>, StoreError> {
        read(&self.main, epoch)
    }
}

/// What decisions come to.
pub(crate) fn fold<'a>(decisions: impl IntoIterator<Item = &'a Stored>) -> Consents {
    let mut consents = Consents::default();
    decisions.into_iter().for_each(|(decision, _)| consents.apply(decision));
    consents
}

/// Appends a decision. What follows for the trigger is [`allow`]'s to write.
pub(crate) fn append(tx: &Tx<'_>, decision: &Decision, seal: Option<&Seal>) -> Result<(), StoreError> {
    let d = decision;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO decision (epoch, id, purpose, partner, status, decided_at_ms, entry, signature, own)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .and_then(|mut insert| {
        insert.execute((
            d.epoch as i64,
            d.id,
            d.purpose.kind() as u8,
            d.purpose.partner(),
            d.status.as_str(),
            d.decided_at_ms,
            seal.map(|seal| &seal.entry),
            seal.map(|seal| seal.signature),
            d.own,
        ))
    })
    .map_err(StoreError::sql("decision"))?;
    Ok(())
}

/// Enters a decision of before the ledger into it.
pub(crate) fn adopt(tx: &Tx<'_>, epoch: u64, seal: &Seal) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE decision SET entry = ?2, signature = ?3 WHERE epoch = ?1",
        (epoch as i64, &seal.entry, seal.signature),
    )
    .map_err(StoreError::sql("decision"))?;
    Ok(())
}

/// Tells the trigger what is granted.
pub(crate) fn allow(tx: &Tx<'_>, granted: PurposeSet) -> Result<(), StoreError> {
    let sql = StoreError::sql("granted");
    for kind in PurposeKind::ALL {
        let change = if granted.contains(kind) {
            "INSERT OR IGNORE INTO granted (purpose) VALUES (?1)"
        } else {
            "DELETE FROM granted WHERE purpose = ?1"
        };
        tx.prepare_cached(change).and_then(|mut change| change.execute([kind as u8])).map_err(&sql)?;
    }
    Ok(())
}

/// What the trigger goes by.
pub(super) fn granted(db: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let sql = StoreError::sql("granted");
    let mut select = db.prepare("SELECT purpose FROM granted").map_err(&sql)?;
    let rows = select.query_map([], |row| row.get(0)).map_err(&sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}

/// Removes every decision on `purpose`. What follows for the trigger is [`allow`]'s to write.
pub(crate) fn remove(tx: &Tx<'_>, purpose: &Purpose) -> Result<(), StoreError> {
    tx.execute("DELETE FROM decision WHERE purpose = ?1 AND partner IS ?2", (purpose.kind() as u8, purpose.partner()))
        .map_err(StoreError::sql("decision"))?;
    Ok(())
}

/// Forgets every decision: the next shopper starts unasked.
pub(crate) fn forget(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute_batch("DELETE FROM decision; DELETE FROM granted;").map_err(StoreError::sql("decision"))
}

pub(super) fn read(db: &Connection, after: u64) -> Result<Vec<Stored>, StoreError> {
    let sql = StoreError::sql("decisions");
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(&sql)?;
    let ledger = if version < SEALED_FROM { "NULL, NULL, 1" } else { "entry, signature, own" };
    let mut select = db
        .prepare_cached(&format!(
            "SELECT epoch, id, purpose, partner, status, decided_at_ms, {ledger} FROM decision
             WHERE epoch > ?1 ORDER BY epoch"
        ))
        .map_err(&sql)?;
    let rows = select.query_map([after as i64], from_row).map_err(&sql)?;
    // A row of a purpose that only a newer version knows grants nothing here.
    rows.filter_map(|row| row.transpose()).collect::<rusqlite::Result<_>>().map_err(sql)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Stored>> {
    let partner: Option<String> = row.get(3)?;
    let purpose = PurposeKind::from_code(row.get(2)?).and_then(|kind| Purpose::from_parts(kind, partner.as_deref()));
    let status = ConsentStatus::from_name(&row.get::<_, String>(4)?);
    let (Some(purpose), Some(status)) = (purpose, status) else { return Ok(None) };
    let epoch = row.get::<_, i64>(0)?.max(0) as u64;
    let mut decision = Decision::new(row.get(1)?, purpose, status, row.get(5)?, epoch);
    decision.own = row.get(8)?;
    let (Some(entry), Some(signature)) = (row.get::<_, Option<String>>(6)?, row.get::<_, Option<[u8; 64]>>(7)?) else {
        return Ok(Some((decision, None)));
    };
    let seal = Seal { entry, signature };
    // What stands in columns is what is acted on; whether it is what was signed is for
    // `verify_ledger` to say. An entry that does not read makes the row one without a yes.
    match seal.read(epoch).and_then(|entry| entry.decision(seal.hash(), epoch, decision.own)) {
        Ok(signed) => {
            let told = decision;
            decision = signed;
            (decision.id, decision.purpose, decision.status) = (told.id, told.purpose, told.status);
            decision.decided_at_ms = told.decided_at_ms;
            Ok(Some((decision, Some(seal))))
        }
        Err(_) => Ok(Some((decision, Some(seal)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Durability;

    /// As code would that forgot to ask.
    fn insert(store: &mut Store, id: u8, kind: PurposeKind) -> Result<usize, StoreError> {
        store.transact(Durability::Normal, |tx| {
            tx.execute(
                "INSERT INTO event (id, kind, purpose, run, epoch, wall_ms, mono_ms, priority, tries, data)
                 VALUES (?1, 'dev.patron.custom', ?2, 1, 1, 0, 0, 1, 0, x'7B7D')",
                ([id; 16], kind as u8),
            )
            .map_err(StoreError::sql("test"))
        })
    }

    #[test]
    fn the_database_refuses_an_event_of_a_purpose_that_is_not_granted_whatever_the_code_believes() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), None, 0).unwrap();
        let refused = insert(&mut store, 1, PurposeKind::Engagement).unwrap_err();
        assert!(refused.to_string().contains("event without consent"), "{refused}");
        let mut allowed = |kinds: &[PurposeKind]| {
            store.transact(Durability::Normal, |tx| allow(tx, PurposeSet::of(kinds))).unwrap();
            [insert(&mut store, 2, PurposeKind::Engagement), insert(&mut store, 3, PurposeKind::Dialogue)]
                .map(|it| it.is_ok())
        };
        assert_eq!(allowed(&[PurposeKind::Engagement]), [true, false]);
        assert_eq!(allowed(&[]), [false, false]);
    }
}
