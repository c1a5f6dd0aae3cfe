//! A sound database file with anything in its rows.

use std::path::Path;
use std::time::Duration;

use patron_core::Error;
use patron_core::fuzzing::Device;
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::Target;
use crate::device::{LATER, answer_all, folder, lived, ring};
use crate::input::{Input, Seed};

pub(crate) const TARGET: Target = Target {
    name: "row",
    promise: "whatever stands in its rows, a store opens, records and tells; nothing hangs",
    max_len: 512,
    words: &[
        "installation",
        "identity",
        "visits",
        "sync",
        "flushed",
        "readable_from",
        "accepted",
        "counted",
        "delivered",
        "dead:conflict",
        "evicted:age",
        "purged:withdrawn",
        "granted",
        "withdrawn",
        "not_asked",
        "{\"alias\":",
        "null",
        "\"batch\":{\"id\":",
        "\"first\":",
        "\"last\":",
        "\"true_time\":{",
        "\"server_ms\":",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
    ],
    run,
    seeds,
};

/// A table, its key, and its columns.
type Table = (&'static str, &'static str, &'static [&'static str]);

const MAIN: &[Table] = &[
    ("meta", "key", &["key", "value"]),
    ("counter", "name", &["name", "value"]),
    ("decision", "epoch", &["epoch", "id", "purpose", "partner", "status", "decided_at_ms"]),
    (
        "event",
        "seq",
        &["seq", "id", "kind", "purpose", "partner", "run", "epoch", "wall_ms", "mono_ms", "priority", "tries", "data"],
    ),
    ("run", "id", &["id", "boot", "session", "subject"]),
    (
        "dead_letter",
        "id",
        &["id", "kind", "purpose", "partner", "wall_ms", "given_up_ms", "refusals", "reason", "data"],
    ),
    ("dismissed", "offer", &["offer"]),
    ("granted", "purpose", &["purpose"]),
];

const OFFERS: &[Table] = &[("catalogue", "one", &["etag", "fetched_at_ms", "body"])];

/// More changes than this are no longer a row.
const MOST: usize = 12;

const NUMBERS: [i64; 10] = [i64::MIN, i64::MIN + 1, -1, 0, 1, 255, 256, u32::MAX as i64, i64::MAX - 1, i64::MAX];

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let folder = folder();
    lived().lay(folder.path());
    overwrite(folder.path(), &mut input);
    // What it made of the rows is a store too.
    for life in ["the first", "the second"] {
        if let Err(error) = live_on(folder.path()) {
            panic!("{life} life behind it: {error}");
        }
    }
}

/// Opens, tells, records, sends and rests. Where a shopper is may not be asked for any more.
///
/// # Errors
/// What the store said, which is of a store.
pub(crate) fn live_on(folder: &Path) -> Result<(), Error> {
    let mut device = Device::open(folder, ring(), LATER).inspect_err(told)?;
    device.diagnostics().inspect_err(told)?;
    device.track("dev.patron.offer.saved", br#"{"offer":"wool"}"#).inspect_err(told)?;
    for _ in 0..4 {
        answer_all(&mut device, 16);
        device.advance(Duration::from_secs(400));
    }
    let _ = device.locate(60.1675, 24.9525).inspect_err(told);
    device.rest();
    device.diagnostics().inspect_err(told).map(drop)
}

fn told(error: &Error) {
    match error {
        Error::Storage { why } => assert!(!why.is_empty()),
        Error::Unavailable { .. } | Error::NotPermitted { .. } | Error::Busy => {}
        other => panic!("{other:?} says nothing of a store"),
    }
}

fn overwrite(folder: &Path, input: &mut Input<'_>) {
    let main = Connection::open(folder.join(MAIN_FILE)).expect("a sound file");
    let offers = Connection::open(folder.join(OFFERS_FILE)).expect("a sound file");
    for db in [&main, &offers] {
        db.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;").expect("a pragma");
    }
    let flags = input.u8();
    if flags & 1 != 0 {
        // What stands in a file need not keep to what its tables ask for.
        let relax = "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE type = 'table';
             PRAGMA writable_schema = RESET;";
        main.execute_batch(relax).expect("a schema without demands");
        offers.execute_batch(relax).expect("a schema without demands");
    }
    if flags & 2 != 0 {
        main.execute_batch("DROP TRIGGER event_needs_consent").expect("the trigger");
    }
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        let (db, tables) = if input.one_in(8) { (&offers, OFFERS) } else { (&main, MAIN) };
        change(db, input.one_of(tables), input);
    }
    for db in [main, offers] {
        // Back to how a store leaves its files; a change of mode writes the header.
        db.execute_batch("PRAGMA journal_mode = WAL;").expect("a pragma");
    }
}

/// One change; what SQLite does not take is none.
fn change(db: &Connection, (table, key, columns): &Table, input: &mut Input<'_>) {
    let row = format!("{key} = (SELECT {key} FROM {table} LIMIT 1 OFFSET ?1)");
    let at = i64::from(input.u8() % 16);
    let _ = match input.u8() % 5 {
        0 => db.execute(&format!("DELETE FROM {table} WHERE {row}"), [at]),
        1 => {
            // A row more, like another but for one value.
            let column = input.one_of(columns);
            let list: Vec<&str> = columns.iter().map(|c| if c == column { "?2" } else { *c }).collect();
            let into = columns.join(", ");
            let from = list.join(", ");
            let sql = format!("INSERT OR REPLACE INTO {table} ({into}) SELECT {from} FROM {table} WHERE {row}");
            db.execute(&sql, params![at, value(input)])
        }
        2 => db.execute(&format!("UPDATE OR REPLACE {table} SET {} = ?1", input.one_of(columns)), [value(input)]),
        _ => {
            let column = input.one_of(columns);
            db.execute(&format!("UPDATE OR REPLACE {table} SET {column} = ?2 WHERE {row}"), params![at, value(input)])
        }
    };
}

fn value(input: &mut Input<'_>) -> Value {
    match input.u8() % 8 {
        0 => Value::Null,
        1 => Value::Integer(*input.one_of(&NUMBERS)),
        2 => Value::Integer(input.i64()),
        3 => Value::Real(f64::from_bits(input.i64() as u64)),
        4 => Value::Blob(input.run().to_vec()),
        5 => Value::Blob(vec![0; usize::from(input.u16()) * 4]),
        6 => Value::Text("9".repeat(usize::from(input.u16()))),
        _ => Value::Text(input.text()),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    // Each column of each table once, with a value that does not belong there.
    for (at, (_, _, columns)) in MAIN.iter().enumerate() {
        for column in 0..columns.len() as u8 {
            let number = column % NUMBERS.len() as u8;
            seeds.push(vec![3, 1, at as u8, 1, 3, column, 1, number, 1, at as u8, 0, 3, column, 0]);
        }
    }
    let text = |table: u8, row: u8, column: u8, text: &str| {
        Seed::default().raw([0, 1, table, row, 3, column, 7]).run(text).done()
    };
    seeds.push(text(0, 5, 1, r#"{"batch":{"id":"00000000-0000-0000-0000-000000000001","first":-9,"last":99}}"#));
    seeds.push(text(2, 0, 4, "withdrawn"));
    // The run that events belong to is gone.
    seeds.push(vec![0, 1, 4, 0, 0]);
    seeds.push(vec![0, 0, 0, 0, 3, 1, 1, 9]);
    seeds
}
