//! The offer catalogue's bytes in their own file; what the shopper put away, in the main one.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;

use super::transaction::Tx;
use super::{Store, StoreError};

/// The catalogue as it came, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CachedBody {
    pub(crate) etag: Option<String>,
    pub(crate) fetched_at_ms: i64,
    pub(crate) body: Vec<u8>,
    /// Without partners' offers.
    pub(crate) own_only: bool,
}

impl Store {
    /// The cached catalogue, if one was ever fetched; one that no longer reads counts as none.
    pub(crate) fn cached_catalogue(&self) -> Result<Option<CachedBody>, StoreError> {
        let cached = self
            .offers
            .query_row("SELECT etag, fetched_at_ms, body, own_only FROM catalogue", [], |row| {
                let (etag, fetched_at_ms) = (row.get(0)?, row.get(1)?);
                Ok(CachedBody { etag, fetched_at_ms, body: row.get(2)?, own_only: row.get(3)? })
            })
            .optional()
            .map_err(StoreError::sql("catalogue"));
        cached.or_else(|error| if error.is_unreadable() { Ok(None) } else { Err(error) })
    }

    /// Replaces the cached catalogue.
    pub(crate) fn cache_catalogue(&self, cached: &CachedBody) -> Result<(), StoreError> {
        self.offers
            .execute(
                "INSERT INTO catalogue (one, etag, fetched_at_ms, body, own_only) VALUES (1, ?1, ?2, ?3, ?4)
                 ON CONFLICT (one) DO UPDATE SET etag = excluded.etag, fetched_at_ms = excluded.fetched_at_ms,
                    body = excluded.body, own_only = excluded.own_only",
                (&cached.etag, cached.fetched_at_ms, &cached.body, cached.own_only),
            )
            .map_err(StoreError::sql("catalogue"))?;
        Ok(())
    }

    /// The cached catalogue was confirmed by the backend at `now_ms`.
    pub(crate) fn touch_catalogue(&self, now_ms: i64) -> Result<(), StoreError> {
        self.offers
            .execute("UPDATE catalogue SET fetched_at_ms = ?1", [now_ms])
            .map_err(StoreError::sql("catalogue"))?;
        Ok(())
    }
}

/// The shopper wants to see `offer` again.
pub(crate) fn take_up(tx: &Tx<'_>, offer: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM dismissed WHERE offer = ?1", [offer]).map_err(StoreError::sql("dismissed"))?;
    Ok(())
}

/// Keeps that the shopper put `offer` away.
pub(crate) fn dismiss(tx: &Tx<'_>, offer: &str) -> Result<(), StoreError> {
    tx.execute("INSERT OR IGNORE INTO dismissed (offer) VALUES (?1)", [offer]).map_err(StoreError::sql("dismiss"))?;
    Ok(())
}

/// Forgets what was put away.
pub(crate) fn forget_dismissed(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM dismissed", []).map_err(StoreError::sql("dismiss"))?;
    Ok(())
}

impl Store {
    /// The offers that the shopper put away; a row that does not read is none.
    pub(crate) fn dismissed(&self) -> Result<BTreeSet<String>, StoreError> {
        let sql = StoreError::sql("dismissed");
        let mut select = self.main.prepare("SELECT offer FROM dismissed WHERE typeof(offer) = 'text'").map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        let mut dismissed = BTreeSet::new();
        while let Some(row) = rows.next().map_err(&sql)? {
            dismissed.extend(row.get::<_, String>(0));
        }
        Ok(dismissed)
    }
}
