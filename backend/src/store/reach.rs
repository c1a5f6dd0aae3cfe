//! How many installations an offer reached, from the events that are stored. What may be told of that is
//! [`crate::floor`]'s to say.
//!
//! A scan of what was received lately, the newest first, in steps between which other readers have their turn; no
//! index, since each event would pay for it and a publisher asks now and then.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{Failure, Reader};
use crate::tenant::Tenant;

/// Rows of one step: some ten milliseconds.
const STEP: i64 = 20_000;

/// Rows that are looked at altogether.
const MOST: i64 = 2_000_000;

/// What a shopper did with an offer, as the events name it.
pub(crate) const DID: [&str; 4] =
    ["dev.patron.offer.impression", "dev.patron.offer.clicked", "dev.patron.offer.saved", "dev.patron.offer.redeemed"];

/// How many installations did each of [`DID`], each installation once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) counts: [u64; DID.len()],
    /// Whether all that was received since was looked at.
    pub(crate) whole: bool,
}

impl Reader {
    /// Counts for `offer` what happened since `since` (RFC 3339 in UTC with milliseconds, by the backend's clock).
    pub(crate) async fn reach(&self, tenant: Tenant, offer: String, since: String) -> Result<Touched, Failure> {
        let mut seen: HashMap<Uuid, u8> = HashMap::new();
        let mut before = i64::MAX;
        let mut whole = false;
        for _ in 0..MOST / STEP {
            let (tenant, offer, since) = (tenant.clone(), offer.clone(), since.clone());
            let step = self.read(move |connection| Ok(step(connection, &tenant, &offer, &since, before)?)).await?;
            for (installation, did) in step.found {
                *seen.entry(installation).or_default() |= 1 << did;
            }
            match step.next {
                Some(next) => before = next,
                None => {
                    whole = true;
                    break;
                }
            }
        }
        let counts = std::array::from_fn(|did| seen.values().filter(|mask| **mask & (1 << did) != 0).count() as u64);
        Ok(Touched { counts, whole })
    }
}

struct Step {
    /// Installations, and which of [`DID`].
    found: Vec<(Uuid, usize)>,
    /// Where the next one ends; `None` behind the last.
    next: Option<i64>,
}

fn step(connection: &Connection, tenant: &Tenant, offer: &str, since: &str, before: i64) -> rusqlite::Result<Step> {
    let (first, rows, received): (Option<i64>, i64, Option<String>) = connection
        .prepare_cached(
            "SELECT min(seq), count(*), max(received_at)
             FROM (SELECT seq, received_at FROM event WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2)",
        )?
        .query_row(params![before, STEP], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // Nothing happened after it was received: where all of a step came before `since`, what lies before it did too.
    let (Some(first), true) = (first, received.is_some_and(|received| received.as_str() >= since)) else {
        return Ok(Step { found: Vec::new(), next: None });
    };
    let mut query = connection.prepare_cached(
        "SELECT installation, type, body FROM event
         WHERE seq >= ?1 AND seq < ?2 AND tenant = ?3 AND erased_at IS NULL AND type LIKE 'dev.patron.offer.%'
           AND coalesce(occurred_at, received_at) >= ?4",
    )?;
    let mut found = Vec::new();
    let mut events = query.query(params![first, before, tenant.as_str(), since])?;
    while let Some(row) = events.next()? {
        let kind: String = row.get(1)?;
        let Some(did) = DID.iter().position(|known| *known == kind) else { continue };
        let (installation, body): (String, String) = (row.get(0)?, row.get(2)?);
        if of_offer(&body, offer)
            && let Ok(installation) = installation.parse()
        {
            found.push((installation, did));
        }
    }
    Ok(Step { found, next: (rows == STEP).then_some(first) })
}

/// Whether the event tells of `offer`. Read here and not by SQL: an app may put into `data` what SQLite's own
/// functions refuse with an error.
fn of_offer(body: &str, offer: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Event {
        data: Data,
    }
    #[derive(serde::Deserialize)]
    struct Data {
        offer: String,
    }
    serde_json::from_str::<Event>(body).is_ok_and(|event| event.data.offer == offer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{add_key, open};
    use crate::tenant::hash_key;

    #[test]
    fn an_event_tells_of_the_offer_in_its_data_and_of_no_other() {
        assert!(of_offer(r#"{"id":"x","data":{"place":"p","offer":"cup"}}"#, "cup"));
        for other in
            [r#"{"data":{"offer":"cups"}}"#, r#"{"offer":"cup","data":{}}"#, r#"{"data":{"offer":1}}"#, "", "cup"]
        {
            assert!(!of_offer(other, "cup"), "{other}");
        }
    }

    #[tokio::test]
    async fn a_scan_of_several_steps_misses_nobody_and_ends_where_it_was_asked_to() {
        let data = tempfile::tempdir().unwrap();
        let opened = open(data.path()).unwrap();
        let tenant = Tenant::stored("demo");
        add_key(&opened.connection, &tenant, &hash_key("pk_demo")).unwrap();
        // An event each second from 2026-11-22T00:00:00Z on, of 700 installations in turn; every fifth is a click.
        let events = r#"WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1 - 1)
            INSERT INTO event (tenant, id, installation, batch, type, purpose, consent_epoch, time, received_at,
                               occurred_at, body)
            SELECT 'demo', 'e' || n, printf('0193b1a0-0000-7000-8000-%012d', n % 700), '',
                   CASE WHEN n % 5 = 0 THEN 'dev.patron.offer.clicked' ELSE 'dev.patron.offer.impression' END,
                   'engagement', 1, '', strftime('%Y-%m-%dT%H:%M:%S.000Z', 1795305600 + n, 'unixepoch'),
                   strftime('%Y-%m-%dT%H:%M:%S.000Z', 1795305600 + n, 'unixepoch'), '{"data":{"offer":"cup"}}'
            FROM n"#;
        opened.connection.execute(events, [STEP * 2 + 500]).unwrap();
        let reach = |since: &str| opened.reader.reach(tenant.clone(), "cup".to_owned(), since.to_owned());
        let all = reach("2026-01-01T00:00:00.000Z").await.unwrap();
        assert_eq!(all, Touched { counts: [560, 140, 0, 0], whole: true });
        let last_ten_seconds = reach("2026-11-22T11:14:50.000Z").await.unwrap();
        assert_eq!(last_ten_seconds, Touched { counts: [8, 2, 0, 0], whole: true });
        assert_eq!(reach("2026-11-23T00:00:00.000Z").await.unwrap().counts, [0; 4]);
        let other = opened.reader.reach(Tenant::stored("acme"), "cup".to_owned(), String::new()).await.unwrap();
        assert_eq!(other.counts, [0; 4]);
    }
}
