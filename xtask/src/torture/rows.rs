//! What a backend that has ended holds: what each of its events says, read from its database.

use std::path::Path;

use anyhow::{Context, bail};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::protocol::{Key, Turn, call};

/// A key for each row, the double ones too; and how many rows the shopper had erased, which say nothing.
pub(super) fn read(database: &Path) -> anyhow::Result<(Vec<Key>, u64)> {
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("opening {}", database.display()))?;
    let erased: i64 = db.query_row("SELECT count(*) FROM event WHERE erased_at IS NOT NULL", [], |row| row.get(0))?;
    let mut select = db.prepare("SELECT body FROM event WHERE erased_at IS NULL")?;
    let bodies = select.query_map([], |row| row.get::<_, String>(0))?;
    let keys = bodies.map(|body| key(&body?)).collect::<anyhow::Result<_>>()?;
    Ok((keys, erased.max(0) as u64))
}

fn key(body: &str) -> anyhow::Result<Key> {
    let event: Value = serde_json::from_str(body).with_context(|| format!("a row of the backend: {body}"))?;
    let turn = match event["type"].as_str().unwrap_or_default() {
        "dev.patron.visit.entered" => Turn::Entered,
        "dev.patron.visit.dwelt" => Turn::Dwelt,
        "dev.patron.visit.left" => Turn::Left,
        "dev.patron.visit.passed" => Turn::Passed,
        _ => match event["data"]["offer"].as_str().and_then(call) {
            Some(call) => return Ok(call),
            None => bail!("the backend holds an event that the torture did not make: {body}"),
        },
    };
    let visit = event["data"]["visit"].as_str().and_then(|visit| visit.parse().ok());
    Ok(Key::Turn { visit: visit.with_context(|| format!("a visit without its id: {body}"))?, turn })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_row_is_known_by_what_it_says() {
        let saved = r#"{"id":"x","type":"dev.patron.offer.saved","data":{"offer":"call-2-1-9"}}"#;
        assert_eq!(key(saved).unwrap(), Key::Call { life: 2, thread: 1, n: 9 });
        let left =
            format!(r#"{{"type":"dev.patron.visit.left","data":{{"visit":"{}","place":"store"}}}}"#, Uuid::nil());
        assert_eq!(key(&left).unwrap(), Key::Turn { visit: Uuid::nil(), turn: Turn::Left });
        assert!(key(r#"{"type":"dev.patron.offer.saved","data":{"offer":"tote"}}"#).is_err());
    }
}
