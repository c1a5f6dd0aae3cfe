//! Moving events from the hand-over ring into the queue.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Effects, Engine, key};
use crate::consent::PurposeSet;
use crate::error::Error;
use crate::event::{Record, RecordError};
use crate::log::Level;
use crate::store::ring::Recovered;
use crate::store::{Durability, StoreError, events, meta};

/// One group commit takes at most this much: the cost of a commit is shared, and a caller that
/// waits for one does not wait long.
const GROUP_EVENTS: usize = 256;
const GROUP_BYTES: usize = 64 * 1024;

impl Engine {
    /// Moves one group; answers whether there was any. The ring gives its space back only after
    /// the commit, so an error here loses nothing.
    pub(crate) fn import(&mut self, effects: &mut Effects) -> Result<bool, StoreError> {
        Ok(self.import_group(Durability::Normal, effects)?.is_some())
    }

    /// Moves one group; answers up to where in the ring that was.
    fn import_group(&mut self, durability: Durability, effects: &mut Effects) -> Result<Option<u64>, StoreError> {
        let mut records = Vec::new();
        let Some(taken) = self.ring.take(GROUP_EVENTS, GROUP_BYTES, &mut |bytes| records.push(bytes.to_vec())) else {
            return Ok(None);
        };
        let end = taken.end();
        let damaged = self.ring.damaged_bytes();
        if damaged > self.ring_damage {
            let bytes = damaged - std::mem::replace(&mut self.ring_damage, damaged);
            self.log
                .line(Level::Error, || format!("ring: {bytes} bytes of it were damaged, and what they held is lost"));
        }
        if let Err(error) = self.store_records(&records, durability, Fallen::default(), effects) {
            self.held_up = Some(error.to_string());
            return Err(error);
        }
        self.held_up = None;
        self.ring.release(taken);
        // Behind the release: an event that is given up while the ring still has it would come
        // again after a kill, and count twice.
        self.make_room();
        self.keep_log_short(false);
        Ok(Some(end))
    }

    /// Moves everything that was handed over before this call; answers whether there was any. What comes
    /// meanwhile waits for the next: a producer that never pauses would hold up the caller for ever.
    fn import_up_to_now(&mut self, durability: Durability, effects: &mut Effects) -> Result<bool, StoreError> {
        let (mark, mut any) = (self.ring.head(), false);
        while let Some(end) = self.import_group(durability, effects)? {
            any = true;
            if end >= mark {
                break;
            }
        }
        Ok(any)
    }

    /// Moves everything that was handed over before this call.
    pub(super) fn import_all(&mut self, effects: &mut Effects) -> Result<(), StoreError> {
        self.import_up_to_now(Durability::Normal, effects).map(drop)
    }

    /// Whether the yes that `record` rests on stood when it was recorded, and stands.
    fn is_covered(&self, record: &Record) -> bool {
        let Early { session, epoch, kinds } = &self.early;
        let early = record.session() == *session && record.epoch() <= *epoch && kinds.contains(record.purpose());
        !early && self.consents.covers(record.purpose(), record.epoch(), record.at().wall_ms)
    }

    /// Takes in what a killed process left. An event that had reached the queue before the kill
    /// is recognised by its id: it is among those that came last.
    pub(super) fn import_recovered(&mut self, recovered: &Recovered) -> Result<(), StoreError> {
        if recovered.damaged {
            self.log.line(Level::Error, || "ring: a part of it was damaged and is lost".into());
        }
        if let Some(file) = recovered.foreign.as_ref().and_then(|file| file.file_name()) {
            let file = file.to_string_lossy();
            self.log.line(Level::Error, || format!("ring: a file that cannot be used was set aside as {file}"));
        }
        if !recovered.records.is_empty() {
            let money =
                recovered.records.iter().filter_map(|bytes| Record::decode(bytes).ok()).any(|it| it.is_durable());
            let known = self.store.latest_ids(2 * recovered.records.len() + GROUP_EVENTS)?;
            let is_new = |bytes: &&Vec<u8>| Record::decode(bytes).map_or(true, |record| !known.contains(&record.id()));
            let new: Vec<Vec<u8>> = recovered.records.iter().filter(is_new).cloned().collect();
            let mut fallen = Fallen::again(self.store.meta(key::FALLEN)?.unwrap_or_default());
            for group in new.chunks(GROUP_EVENTS) {
                fallen = self.store_records(group, Durability::Normal, fallen, &mut Effects::default())?;
            }
            if money {
                // What is known already was committed by a process that may have died before the disk had it.
                self.make_durable()?;
            }
        }
        self.ring.clear_recovered();
        self.make_room();
        Ok(())
    }

    /// Answers everyone who waits for a commit, behind one commit: the more wait, the less each
    /// of them pays. To be called when no other command is at hand.
    pub(crate) fn commit_for_all(&mut self, effects: &mut Effects) {
        let waiting = std::mem::take(&mut self.flushes);
        if waiting.is_empty() {
            return;
        }
        let full = waiting.iter().any(|(durability, _)| *durability == Durability::Full);
        let result = self.commit(if full { Durability::Full } else { Durability::Normal }, effects);
        for (_, answer) in waiting {
            effects.answer(answer, result.clone());
        }
    }

    /// Everything handed over so far is committed, and as durable as that.
    pub(super) fn commit(&mut self, durability: Durability, effects: &mut Effects) -> Result<(), Error> {
        let committed = self.import_up_to_now(durability, effects)?;
        if durability == Durability::Full && !committed {
            // What is waited for went in with an earlier group.
            self.make_durable()?;
        }
        Ok(())
    }

    /// What is committed survives a power failure.
    pub(super) fn make_durable(&mut self) -> Result<(), StoreError> {
        // A FULL commit syncs the log up to and including itself, so all before it as well. It must
        // change something: SQLite neither writes nor syncs a page that stays as it was.
        let mark = self.ids.draw(|rng| rng.u64(..));
        self.store.transact(Durability::Full, |tx| meta::set(tx, key::FLUSHED, &mark))
    }

    fn store_records(
        &mut self,
        records: &[Vec<u8>],
        durability: Durability,
        mut fallen: Fallen,
        effects: &mut Effects,
    ) -> Result<Fallen, StoreError> {
        let (consents, subject) = (&self.consents, self.subject());
        let mut dismissed = Vec::new();
        let decoded: Vec<Result<Record, RecordError>> = records.iter().map(|bytes| Record::decode(bytes)).collect();
        let is_durable = decoded.iter().flatten().any(Record::is_durable);
        let durability = if is_durable { Durability::Full } else { durability };
        let covered: Vec<bool> =
            decoded.iter().map(|decoded| decoded.as_ref().is_ok_and(|record| self.is_covered(record))).collect();
        let meant = || decoded.iter().zip(&covered).filter(|(_, covered)| **covered).flat_map(|(decoded, _)| decoded);
        let person = if self.may_learn() { self.learn(&meant().cloned().collect::<Vec<_>>(), &[]) } else { None };
        let log = &self.log;
        self.store.transact(durability, |tx| {
            for ((bytes, decoded), &covered) in records.iter().zip(&decoded).zip(&covered) {
                match decoded {
                    Ok(record) => {
                        if !covered {
                            if fallen.falls(record.id()) {
                                events::import_overtaken(tx)?;
                            }
                            continue;
                        }
                        events::import(tx, consents, record, subject)?;
                        if let Some(offer) = record.dismissed_offer() {
                            crate::store::offers::dismiss(tx, &offer)?;
                            dismissed.push(offer);
                        }
                    }
                    // Its checksum held, so it was written like this: by a version that knows more.
                    // A call was told that it is recorded, so the account must have it.
                    Err(error) if fallen.falls(name_of(bytes)) => {
                        log.line(Level::Error, || format!("ring: {error}"));
                        events::import_unreadable(tx)?;
                    }
                    Err(_) => {}
                }
            }
            person.as_ref().map_or(Ok(()), |person| meta::set(tx, key::PERSON, person))?;
            if fallen.grew {
                meta::set(tx, key::FALLEN, &fallen.ids)?;
            }
            Ok(())
        })?;
        self.speak_of_events(meant().map(Record::kind));
        if let Some(person) = person {
            std::sync::Arc::make_mut(&mut self.own).person = person;
            self.touch();
        }
        if !dismissed.is_empty() {
            self.dismissed.extend(dismissed);
            self.touch();
            effects.changes.push(crate::observe::Change::Offers);
        }
        Ok(fallen)
    }
}

/// What the gate of the last run let into the ring before the store was open, and no yes covers: the app
/// came with a catalogue that means more by it, or what was decided does not read any more.
pub(super) struct Early {
    /// The session that the process began with.
    pub(super) session: Uuid,
    /// The epoch that stood then.
    pub(super) epoch: u64,
    pub(super) kinds: PurposeSet,
}

/// Records that were counted and not queued: a withdrawal overtook them, or they do not read. A
/// kill before the ring gives them up brings them again, and the queue, which knows the others by
/// their ids, does not know these.
#[derive(Default)]
struct Fallen {
    ids: BTreeSet<Uuid>,
    grew: bool,
}

impl Fallen {
    /// What a killed process left comes again: `ids` were counted by it.
    fn again(ids: BTreeSet<Uuid>) -> Self {
        Self { ids, grew: false }
    }

    /// Whether it is to be counted: it falls for the first time.
    fn falls(&mut self, id: Uuid) -> bool {
        let new = self.ids.insert(id);
        self.grew |= new;
        new
    }
}

/// The name of a record that does not read.
fn name_of(bytes: &[u8]) -> Uuid {
    let digest = Sha256::digest(bytes);
    Uuid::from_slice(&digest[..16]).unwrap_or_default()
}
