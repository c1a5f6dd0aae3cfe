//! Keeps the last catalogues that a tenant published, for deltas against them.
//!
//! Finding what changed is [`crate::delta`]'s. What is here is a convenience: a device whose catalogue is
//! not among them gets the whole.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Failure, Reader, now};
use crate::catalogue::Published;
use crate::tenant::Tenant;

/// So many, and none of them older: a device that missed more is days behind, and a delta would hardly be half as long.
const KEPT: i64 = 8;

/// Of one tenant in all: three of the longest catalogues, many more of the usual ones.
const KEPT_BYTES: i64 = 16 * 1024 * 1024;

/// To be called before `tenant`'s catalogue becomes `next`, in the same transaction: what stands now goes
/// to the past. Of what is published again the past one goes: a body is one or the other.
pub(super) fn keep(connection: &Connection, tenant: &Tenant, next: &Published) -> rusqlite::Result<()> {
    let stands: Option<(String, Vec<u8>)> = connection
        .query_row("SELECT version, body FROM catalogue WHERE tenant = ?1", [tenant.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some(stands) = stands.map(|(version, body)| Published::new(version, body.into())) else { return Ok(()) };
    if stands.etag == next.etag {
        return Ok(());
    }
    let forget = "DELETE FROM catalogue_past WHERE tenant = ?1 AND etag IN (?2, ?3)";
    connection.execute(forget, [tenant.as_str(), &stands.etag, &next.etag])?;
    connection.execute(
        "INSERT INTO catalogue_past (tenant, etag, body, replaced_at) VALUES (?1, ?2, ?3, ?4)",
        params![tenant.as_str(), stands.etag, &stands.body[..], now()],
    )?;
    connection.execute(
        "DELETE FROM catalogue_past WHERE seq IN (
             SELECT seq FROM (
                 SELECT seq, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes
                 FROM catalogue_past WHERE tenant = ?1
                 WINDOW newest AS (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING)
             ) WHERE place > ?2 OR bytes > ?3
         )",
        params![tenant.as_str(), KEPT, KEPT_BYTES],
    )?;
    Ok(())
}

impl Reader {
    /// What `tenant` once served under `etag`, if it is still known.
    pub(crate) async fn past_catalogue(&self, tenant: Tenant, etag: String) -> Result<Option<Vec<u8>>, Failure> {
        self.read(move |connection| {
            let sql = "SELECT body FROM catalogue_past WHERE tenant = ?1 AND etag = ?2";
            Ok(connection.query_row(sql, [tenant.as_str(), &etag], |row| row.get(0)).optional()?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Change, add_key, change, open};
    use crate::tenant::hash_key;

    fn published(n: usize, bytes: usize) -> Published {
        Published::new(n.to_string(), format!("{n}{}", " ".repeat(bytes)).into())
    }

    fn publish(connection: &Connection, tenant: &Tenant, catalogue: Published) {
        change(connection, tenant, &Change::Publish(catalogue)).unwrap();
    }

    fn shop(connection: &Connection) -> Tenant {
        let tenant = Tenant::stored("shop");
        add_key(connection, &tenant, &hash_key("pk_shop")).unwrap();
        tenant
    }

    fn kept(connection: &Connection, tenant: &Tenant) -> Vec<String> {
        let sql =
            "SELECT substr(body, 1, instr(body || ' ', ' ') - 1) FROM catalogue_past WHERE tenant = ?1 ORDER BY seq";
        let mut query = connection.prepare(sql).unwrap();
        let body = |row: &rusqlite::Row<'_>| Ok(String::from_utf8(row.get_ref(0)?.as_bytes()?.to_vec()).unwrap());
        query.query_map([tenant.as_str()], body).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn the_last_eight_are_kept_and_what_stands_is_not_among_them() {
        let data = tempfile::tempdir().unwrap();
        let opened = open(data.path()).unwrap();
        let (connection, tenant) = (&opened.connection, shop(&opened.connection));
        (0..12).for_each(|n| publish(connection, &tenant, published(n, 3)));
        assert_eq!(kept(connection, &tenant), ["3", "4", "5", "6", "7", "8", "9", "10"]);
        publish(connection, &tenant, published(11, 3));
        assert_eq!(kept(connection, &tenant).len(), 8, "the same again is no change");
        publish(connection, &tenant, published(9, 3));
        assert_eq!(kept(connection, &tenant), ["3", "4", "5", "6", "7", "8", "10", "11"], "taken back to the ninth");
    }

    #[test]
    fn long_ones_are_kept_as_far_as_their_bytes_go_and_tenants_do_not_share() {
        let data = tempfile::tempdir().unwrap();
        let opened = open(data.path()).unwrap();
        let (connection, tenant) = (&opened.connection, shop(&opened.connection));
        (0..6).for_each(|n| publish(connection, &tenant, published(n, 5 << 20)));
        assert_eq!(kept(connection, &tenant), ["2", "3", "4"]);
        let other = Tenant::stored("other");
        add_key(connection, &other, &hash_key("pk_other")).unwrap();
        (0..2).for_each(|n| publish(connection, &other, published(n, 5 << 20)));
        assert_eq!((kept(connection, &tenant).len(), kept(connection, &other)), (3, vec!["0".to_owned()]));
    }
}
