//! What of a damaged main file can still be read, row by row: a page that is gone takes its own
//! rows along and no others.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::aside::Remembered;
use super::sound::PLAUSIBLE;
use super::transaction::{Tail, Tx};
use super::{QueuedEvent, StoreError, account, aside, consents, dead_letters, events, meta, transaction};
use crate::account::{Fate, reason};
use crate::consent::signal::Signals;
use crate::consent::{Consents, PurposeKind, PurposeSet};
use crate::diagnostics::{CarriedOver, DeadLetter};

/// What must be the same person's to be kept.
const OF_THE_PERSON: [&str; 5] = ["installation", "identity", "secret", "anchor", "keys"];

/// What limits whatever is granted, or is still to be done: whoever's it is.
const LIMITS: [&str; 6] = ["consent_catalogue", "rights", "former", "proof", "prompts", "moments"];

const SIGNALS: &str = "signals";
const PURGE: &str = "purge";
const PURGE_UNSURE: &str = "purge_unsure";

/// The queue's columns as [`events::from_row`] wants them, by schema.
const COLUMNS: [&str; 4] = [
    "event.id, kind, purpose, partner, unhex(replace(subject, '-', '')), epoch, wall_ms, mono_ms, boot, session, data,
     seq FROM event",
    OF_RUNS,
    OF_RUNS,
    OF_RUNS,
];

/// From schema 2 on.
const OF_RUNS: &str = "event.id, kind, purpose, partner, subject, epoch, wall_ms, mono_ms, boot, session, data,
     seq FROM event JOIN run ON run.id = run";

/// Carries over from `old` into `fresh` what can be read of decisions, queue, dead letters and counters. Answers what that
/// was, and what the old one remembered of files before it.
pub(super) fn carry_over(old: &Path, fresh: &mut Connection) -> Result<(Vec<Remembered>, CarriedOver), StoreError> {
    let Ok(old) = Connection::open_with_flags(old, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Ok((Vec::new(), CarriedOver::default()));
    };
    transaction::run(fresh, &mut Tail::default(), |tx| {
        // If not all decisions can be read, none counts: a yes may not outlive the no that
        // followed it on the page that is gone.
        let decisions = consents::read(&old, 0);
        let same_person = decisions.is_ok();
        let count = decisions.as_ref().ok().map(|decisions| decisions.len() as u64);
        for (decision, seal) in decisions.iter().flatten() {
            consents::append(tx, decision, seal.as_ref())?;
        }
        let consents = consents::fold(decisions.iter().flatten());
        consents::allow(tx, consents.granted())?;
        let schema = schema_of(&old);
        let read = queue(&old, schema);
        let highest = read.iter().map(|event| event.seq).filter(|seq| PLAUSIBLE.contains(seq)).max().unwrap_or(0);
        let saved = keep(tx, read, &consents)?;
        let lost_events = counters(&old, tx, highest, saved, same_person)?;
        let letters = keep_letters(tx, &dead_letters::salvage(&old, schema), &consents)?;
        // Without the decisions the numbers of their epochs begin anew, so the pseudonym must too.
        for key in OF_THE_PERSON {
            if same_person && let Ok(Some(value)) = meta::get::<Value>(&old, key) {
                meta::set(tx, key, &value)?;
            }
        }
        for key in LIMITS {
            if let Ok(Some(value)) = meta::get::<Value>(&old, key) {
                meta::set(tx, key, &value)?;
            }
        }
        // A grant may not outlive what lowers it, nor what was withdrawn the file that it is still to leave:
        // what does not read may have been anything.
        match small::<Signals>(&old, SIGNALS) {
            Small::Is(signals) => meta::set(tx, SIGNALS, &signals)?,
            Small::Unreadable if same_person => meta::set(tx, SIGNALS, &Signals::unreadable())?,
            // Nothing is granted that could be lowered: the shopper is asked anew.
            Small::Unreadable | Small::Absent => {}
        }
        match small::<u64>(&old, PURGE) {
            Small::Is(kinds) => meta::set(tx, PURGE, &kinds)?,
            Small::Unreadable => {
                meta::set(tx, PURGE, &PurposeKind::ALL.into_iter().collect::<PurposeSet>().bits())?;
                meta::set(tx, PURGE_UNSURE, &true)?;
            }
            Small::Absent => {}
        }
        let carried = CarriedOver { decisions: count, events: saved.max(0) as u64, dead_letters: letters, lost_events };
        Ok((aside::remembered(&old).unwrap_or_default(), carried))
    })
}

fn schema_of(old: &Connection) -> i64 {
    old.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap_or(0)
}

/// A small value of a damaged file.
enum Small<T> {
    Is(T),
    Absent,
    Unreadable,
}

fn small<T: DeserializeOwned>(old: &Connection, key: &str) -> Small<T> {
    let known = || old.query_row("SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)", [key], |row| row.get(0));
    match meta::get(old, key) {
        Ok(Some(value)) => Small::Is(value),
        Ok(None) if known() == Ok(false) => Small::Absent,
        _ => Small::Unreadable,
    }
}

/// The events that can be read: from the front up to the damage, and from the end back to it.
fn queue(old: &Connection, schema: i64) -> Vec<QueuedEvent> {
    let Some(columns) = COLUMNS.get((schema - 1).clamp(0, COLUMNS.len() as i64 - 1) as usize) else {
        return Vec::new();
    };
    let run = |order: &str, stop: &dyn Fn(i64) -> bool| {
        let mut events = Vec::new();
        if let Ok(mut select) = old.prepare(&format!("SELECT {columns} ORDER BY seq {order}"))
            && let Ok(mut rows) = select.query([])
        {
            while let Ok(Some(row)) = rows.next() {
                let Ok(event) = events::from_row(row) else { continue };
                if stop(event.seq) {
                    break;
                }
                events.push(event);
            }
        }
        events
    };
    let mut events = run("ASC", &|_| false);
    let front = events.last().map_or(i64::MIN, |event| event.seq);
    let back = run("DESC", &|seq| seq <= front);
    events.extend(back.into_iter().rev());
    events
}

/// Queues what the decisions that were carried over still cover; answers how many that were.
fn keep(tx: &Tx<'_>, events: Vec<QueuedEvent>, consents: &Consents) -> Result<i64, StoreError> {
    let mut saved = 0;
    for event in events {
        if consents.stood_in(event.record.purpose(), event.record.epoch()) {
            events::import(tx, consents, &event.record, event.subject)?;
            saved += 1;
        }
    }
    Ok(saved)
}

/// Keeps the letters of what is still granted; answers how many that were. The others would have gone with the
/// withdrawal that nobody can read.
fn keep_letters(tx: &Tx<'_>, letters: &[DeadLetter], consents: &Consents) -> Result<u64, StoreError> {
    let granted = consents.granted();
    let mut kept = 0;
    for letter in letters.iter().filter(|letter| granted.contains(letter.purpose.kind())) {
        dead_letters::adopt(tx, letter)?;
        kept += 1;
    }
    Ok(kept)
}

/// Carries the account over. What could not be carried over is a loss, and the account says so; answers how much that
/// is, unless the counter to tell by is gone. Where the installation stays, so does what was counted before it.
fn counters(
    old: &Connection,
    tx: &Tx<'_>,
    highest: i64,
    saved: i64,
    same_installation: bool,
) -> Result<Option<u64>, StoreError> {
    let known: Vec<(String, i64)> = account::all(old).into_iter().filter(|(_, n)| PLAUSIBLE.contains(n)).collect();
    let of = |wanted: &str| known.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    // Before schema 2 every event was in the counter.
    let on_top = of("counted").map_or(0, |counted| highest.saturating_sub(counted).max(0));
    let mut settled = 0_i64;
    for (name, value) in &known {
        let (fate, why) = name.split_once(':').unwrap_or((name, reason::EARLIER));
        if name == "delivered" {
            account::add(tx, name, *value)?;
        } else if Fate::ALL.iter().any(|known| known.as_str() == fate) {
            account::add(tx, &format!("{fate}:{why}"), *value)?;
        } else {
            continue;
        }
        settled = settled.saturating_add(*value);
    }
    for (of, value) in known.iter().filter_map(|(name, value)| Some((account::of_before(name)?, *value))) {
        if same_installation {
            account::adopt_before(tx, of, value)?;
        }
    }
    let kept = settled.saturating_add(saved);
    let accepted = of("accepted").unwrap_or(0).saturating_add(on_top).max(kept);
    account::add(tx, "accepted", accepted.saturating_sub(saved))?;
    let lost = accepted.saturating_sub(kept).max(0) as u64;
    account::lost(tx, Fate::Evicted, reason::DAMAGE, lost)?;
    Ok(of("accepted").map(|_| lost))
}
