//! A disk in memory that knows, of every file, what is durable and what is only written.
//!
//! Decides what a read gives, which call fails, and what is left when the power goes. It knows
//! nothing of SQLite: [`super::vfs`] is its face there. A process that is killed leaves everything
//! it wrote; a power loss leaves what was synced, and of the rest whatever chance makes of it:
//! whole writes vanish, sectors of a write tear, later writes survive earlier ones, and a file that
//! was made or deleted may not have been.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::content::{Change, Content, Outcome};

/// Why a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No room for a file to grow.
    Full,
    /// The device answered with an error, or the process is gone.
    Io,
    /// No file of that name.
    Missing,
}

/// Faults that come and go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Files cannot grow.
    pub(super) full: bool,
    /// One in so many reads fails; 0 for none.
    pub(super) read: u32,
    /// One in so many writes, truncations and deletions fails, some of them half done.
    pub(super) write: u32,
    /// One in so many syncs fails.
    pub(super) sync: u32,
}

/// When the process ends in the middle of what it does.
pub(super) struct Cut {
    /// So many changes of the disk from now.
    pub(super) after: u64,
    /// The last of them is a write that only half happens.
    pub(super) halfway: bool,
    /// Called at that very moment: memory that outlives the process is to be looked at now.
    pub(super) hook: Box<dyn FnOnce() + Send>,
}

/// The disk of one simulated device.
pub(super) struct Disk {
    state: Mutex<State>,
}

struct State {
    files: BTreeMap<u64, Content>,
    /// Names as the running system sees them.
    names: BTreeMap<String, u64>,
    /// Names as they are after a power loss that keeps nothing else.
    durable_names: BTreeMap<String, u64>,
    next: u64,
    rng: fastrand::Rng,
    faults: Faults,
    /// Writes, truncations, syncs and deletions so far.
    changes: u64,
    /// The changes that were syncs.
    syncs: Vec<u64>,
    failed: u64,
    cut: Option<(u64, Cut)>,
    dead: bool,
}

impl Disk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(State {
                files: BTreeMap::new(),
                names: BTreeMap::new(),
                durable_names: BTreeMap::new(),
                next: 1,
                rng: fastrand::Rng::with_seed(seed),
                faults: Faults::default(),
                changes: 0,
                syncs: Vec::new(),
                failed: 0,
                cut: None,
                dead: false,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // -- what a file system offers --

    /// The file of that name, made if `create` and missing.
    pub(super) fn open(&self, name: &str, create: bool) -> Result<u64, Refusal> {
        let mut state = self.state();
        state.alive()?;
        if let Some(file) = state.names.get(name) {
            return Ok(*file);
        }
        if !create {
            return Err(Refusal::Missing);
        }
        let file = state.next;
        state.next += 1;
        state.files.insert(file, Content::default());
        state.names.insert(name.to_owned(), file);
        Ok(file)
    }

    /// Whether there is such a file with something in it, which is how SQLite's own asks.
    pub(super) fn exists(&self, name: &str) -> Result<bool, Refusal> {
        let state = self.state();
        state.alive()?;
        Ok(state.names.get(name).and_then(|file| state.files.get(file)).is_some_and(|file| !file.written.is_empty()))
    }

    /// Removes the name; `sync`: and that is durable.
    pub(super) fn delete(&self, name: &str, sync: bool) -> Result<(), Refusal> {
        let mut state = self.state();
        state.alive()?;
        state.may_fail(|faults| faults.write)?;
        state.names.remove(name).ok_or(Refusal::Missing)?;
        if sync {
            state.durable_names.remove(name);
        }
        state.changed();
        Ok(())
    }

    /// Fills `to` from `offset`; answers how many bytes there were.
    pub(super) fn read(&self, file: u64, to: &mut [u8], offset: usize) -> Result<usize, Refusal> {
        let mut state = self.state();
        state.alive()?;
        state.may_fail(|faults| faults.read)?;
        let bytes = &state.file(file)?.written;
        let from = bytes.get(offset..).unwrap_or_default();
        let len = from.len().min(to.len());
        to[..len].copy_from_slice(&from[..len]);
        Ok(len)
    }

    pub(super) fn write(&self, file: u64, bytes: &[u8], offset: usize) -> Result<(), Refusal> {
        let mut state = self.state();
        state.alive()?;
        let grows = offset + bytes.len() > state.file(file)?.written.len();
        if state.faults.full && grows {
            state.failed += 1;
            return Err(Refusal::Full);
        }
        let failed = state.may_fail(|faults| faults.write);
        let halfway = state.cut.as_ref().is_some_and(|(at, cut)| *at == state.changes + 1 && cut.halfway);
        let mut len = bytes.len();
        if failed.is_err() || halfway {
            len = state.rng.usize(0..=len);
        }
        state.file(file)?.apply(Change::Write(offset, bytes[..len].to_vec()));
        state.changed();
        failed
    }

    pub(super) fn truncate(&self, file: u64, len: usize) -> Result<(), Refusal> {
        let mut state = self.state();
        state.alive()?;
        state.may_fail(|faults| faults.write)?;
        state.file(file)?.apply(Change::Truncate(len));
        state.changed();
        Ok(())
    }

    /// Makes the file, and its name if it is new, durable.
    pub(super) fn sync(&self, file: u64) -> Result<(), Refusal> {
        let mut state = self.state();
        state.alive()?;
        state.may_fail(|faults| faults.sync)?;
        state.file(file)?.settle();
        let name = state.names.iter().find(|(_, entry)| **entry == file).map(|(name, _)| name.clone());
        if let Some(name) = name {
            state.durable_names.insert(name, file);
        }
        let at = state.changes + 1;
        state.syncs.push(at);
        state.changed();
        Ok(())
    }

    pub(super) fn len(&self, file: u64) -> Result<usize, Refusal> {
        let mut state = self.state();
        state.alive()?;
        Ok(state.file(file)?.written.len())
    }

    // -- what the world does to it --

    pub(super) fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    pub(super) fn faults(&self) -> Faults {
        self.state().faults
    }

    /// The process is to end at `cut`.
    pub(super) fn arm(&self, cut: Cut) {
        let mut state = self.state();
        let at = state.changes + cut.after.max(1);
        state.cut = Some((at, cut));
    }

    /// From now on every call fails: the process that made it is gone.
    pub(super) fn die(&self) {
        self.state().dead = true;
    }

    /// Whether the process is gone: by [`Disk::die`], or because its cut was reached.
    pub(super) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// The next process finds what the last one wrote.
    pub(super) fn restart(&self) {
        let mut state = self.state();
        state.dead = false;
        state.cut = None;
        state.forget_the_nameless();
    }

    /// The next process finds what a power loss left.
    pub(super) fn lose_power(&self, outcome: Outcome) {
        let mut state = self.state();
        let State { files, names, durable_names, rng, .. } = &mut *state;
        let all: BTreeSet<String> = names.keys().chain(durable_names.keys()).cloned().collect();
        for name in all {
            let keeps = match outcome {
                Outcome::Kept => true,
                Outcome::Vanished => false,
                Outcome::Prefix | Outcome::Reordered | Outcome::Torn => rng.bool(),
            };
            let left = if keeps { names.get(&name) } else { durable_names.get(&name) }.copied();
            match left {
                Some(file) => names.insert(name, file),
                None => names.remove(&name),
            };
        }
        *durable_names = names.clone();
        files.values_mut().for_each(|file| file.lose_power(outcome, rng));
        drop(state);
        self.restart();
    }

    /// How often the disk was changed, and at which of these times by a sync.
    #[cfg(test)]
    pub(super) fn history(&self) -> (u64, Vec<u64>) {
        let state = self.state();
        (state.changes, state.syncs.clone())
    }

    /// Whether `bytes` stand in a file whose name has `part` in it.
    pub(super) fn holds(&self, part: &str, bytes: &[u8]) -> bool {
        let state = self.state();
        let named = state.names.iter().filter(|(name, _)| name.contains(part));
        let mut contents = named.filter_map(|(_, file)| state.files.get(file));
        contents.any(|file| file.written.windows(bytes.len()).any(|window| window == bytes))
    }

    /// Every file as it is now.
    pub(super) fn copy(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        let file = |(name, file): (&String, &u64)| Some((name.clone(), state.files.get(file)?.written.clone()));
        state.names.iter().filter_map(file).collect()
    }

    /// The files of `copy` take the place of all that there are; the next process finds them.
    pub(super) fn put_back(&self, copy: &BTreeMap<String, Vec<u8>>) {
        let mut state = self.state();
        state.names.clear();
        for (name, bytes) in copy {
            let file = state.next;
            state.next += 1;
            state.files.insert(file, Content::durable(bytes));
            state.names.insert(name.clone(), file);
        }
        state.durable_names = state.names.clone();
        drop(state);
        self.restart();
    }

    /// How many calls were made to fail.
    pub(super) fn failed(&self) -> u64 {
        self.state().failed
    }
}

impl State {
    fn alive(&self) -> Result<(), Refusal> {
        if self.dead { Err(Refusal::Io) } else { Ok(()) }
    }

    fn may_fail(&mut self, one_in: impl Fn(&Faults) -> u32) -> Result<(), Refusal> {
        let one_in = one_in(&self.faults);
        if one_in > 0 && self.rng.u32(0..one_in) == 0 {
            self.failed += 1;
            return Err(Refusal::Io);
        }
        Ok(())
    }

    fn file(&mut self, file: u64) -> Result<&mut Content, Refusal> {
        self.files.get_mut(&file).ok_or(Refusal::Missing)
    }

    fn changed(&mut self) {
        self.changes += 1;
        if self.cut.as_ref().is_some_and(|(at, _)| *at <= self.changes)
            && let Some((_, cut)) = self.cut.take()
        {
            self.dead = true;
            (cut.hook)();
        }
    }

    /// A file that has no name and no process is gone.
    fn forget_the_nameless(&mut self) {
        let named: BTreeSet<u64> = self.names.values().chain(self.durable_names.values()).copied().collect();
        self.files.retain(|file, _| named.contains(file));
    }
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
