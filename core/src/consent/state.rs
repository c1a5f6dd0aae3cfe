//! What the shopper's decisions come to, on one device or several.
//!
//! Decisions form a graph: each names those on the same purpose that it knew of. A yes stands when
//! every no is in its past, that is, whoever said yes knew of each no. So the causally later
//! decision wins, of two that did not know of each other the more restrictive one does, and no
//! clock has a say. What stands follows from the set of decisions alone: in whatever order, and
//! however often, two devices tell each other theirs, they agree, and together they never allow
//! what neither of them did.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{ConsentCatalogue, ConsentStatus, Decision, Gate, Purpose, PurposeKind, PurposeSet, Sha, SharingGate};

/// What of a decision counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    hash: Sha,
    status: ConsentStatus,
    epoch: u64,
    at_ms: i64,
    expires_at_ms: Option<i64>,
    meaning: u32,
    keeps_captured: bool,
    account: bool,
}

/// What stands for a purpose, by the decisions alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    hash: Sha,
    status: ConsentStatus,
    /// In which it was decided.
    epoch: u64,
    at_ms: i64,
    expires_at_ms: Option<i64>,
    meaning: u32,
    /// It was taken back, and by every word of that what was captured is kept.
    keeps_captured: bool,
    /// It was said while somebody was signed in.
    account: bool,
}

/// Every decision of the shopper that this device knows, and what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consents {
    epoch: u64,
    /// What still decides: a no that knew of all before it leaves nothing of them to say, nor does a
    /// yes where nobody said no.
    known: BTreeMap<Purpose, Vec<Known>>,
    /// The withdrawals that erase and that no other one of them knew of. Each is remembered also where a word that keeps knew
    /// of it: a word that keeps from elsewhere has to have known of it too.
    erasing: BTreeMap<Purpose, Vec<Sha>>,
    /// What every decision that was applied knew of, by their entries.
    parents: BTreeMap<Sha, Vec<Sha>>,
    stands: BTreeMap<Purpose, Standing>,
    /// For what is granted to all: the epoch in which this yes began.
    granted_since: BTreeMap<PurposeKind, u64>,
    /// While it goes on so: of which epochs the yes was, and from when on, wall clock, it had run out.
    lapses: BTreeMap<PurposeKind, Vec<(Range<u64>, i64)>>,
    /// What the world outside forbids, whatever was granted.
    forbidden: PurposeSet,
}

impl Consents {
    /// Applies a stored decision; to be called in the order of epochs. One that is known already
    /// changes nothing but the epoch.
    pub fn apply(&mut self, decision: &Decision) {
        self.epoch = decision.epoch;
        if decision.status == ConsentStatus::NotAsked {
            // Signed out: the next shopper starts unasked.
            self.known.remove(&decision.purpose);
            self.erasing.remove(&decision.purpose);
            self.stands.remove(&decision.purpose);
            self.granted_since.remove(&decision.purpose.kind());
            self.lapses.remove(&decision.purpose.kind());
            return;
        }
        // A device knows of its own: also where the decision is from before there was a ledger to say so.
        let parents = if decision.own && decision.parents.is_empty() {
            self.heads(&decision.purpose)
        } else {
            decision.parents.clone()
        };
        if self.parents.contains_key(&decision.hash) {
            return;
        }
        self.parents.insert(decision.hash, parents);
        let known = self.known.entry(decision.purpose.clone()).or_default();
        known.push(Known {
            hash: decision.hash,
            status: decision.status,
            epoch: decision.epoch,
            at_ms: decision.decided_at_ms,
            expires_at_ms: decision.expires_at_ms,
            meaning: decision.meaning,
            // Only what was taken back can be kept.
            keeps_captured: decision.keeps_captured && decision.status == ConsentStatus::Withdrawn,
            account: decision.account,
        });
        settle(known, &self.parents);
        let erasing = self.erasing.entry(decision.purpose.clone()).or_default();
        if decision.erases_captured() {
            let past = past(decision.hash, &self.parents);
            erasing.retain(|earlier| !past.contains(earlier));
            erasing.push(decision.hash);
        }
        let stands = stand(known, erasing, &self.parents);
        let before = self.stands.insert(decision.purpose.clone(), stands);
        if decision.purpose.partner().is_none() {
            let kind = decision.purpose.kind();
            // One that had run out and is given again goes on: what was recorded before was meant, and what
            // was recorded in between is not covered.
            if stands.status == ConsentStatus::Granted {
                self.granted_since.entry(kind).or_insert(decision.epoch);
                let ran_out = before.and_then(|before| Some((before.epoch, before.expires_at_ms?)));
                if let Some((began, from)) = ran_out.filter(|(_, from)| *from <= decision.decided_at_ms) {
                    self.lapses.entry(kind).or_default().push((began..decision.epoch, from));
                }
            } else {
                self.granted_since.remove(&kind);
                self.lapses.remove(&kind);
            }
        }
    }

    /// What the decisions on `purpose` come to at `now_ms`, under what `catalogue` means by it, and
    /// when that was decided and runs out.
    pub fn status(&self, purpose: &Purpose, catalogue: &ConsentCatalogue, now_ms: i64) -> ConsentStatus {
        let Some(stands) = self.stands.get(purpose) else { return ConsentStatus::NotAsked };
        match stands.status {
            ConsentStatus::Granted if stands.expires_at_ms.is_some_and(|expiry| expiry <= now_ms) => {
                ConsentStatus::Expired
            }
            ConsentStatus::Granted if stands.meaning < catalogue.meaning(purpose) => ConsentStatus::Stale,
            status => status,
        }
    }

    /// When what stands for `purpose` was decided, wall clock of the device where it was.
    pub fn decided_at(&self, purpose: &Purpose) -> Option<i64> {
        self.stands.get(purpose).map(|stands| stands.at_ms)
    }

    /// The yes that stands for `purpose`: its entry in the ledger, and when it was said.
    pub fn grant(&self, purpose: &Purpose) -> Option<(Sha, i64)> {
        let stands = self.stands.get(purpose).filter(|stands| stands.status == ConsentStatus::Granted)?;
        Some((stands.hash, stands.at_ms))
    }

    /// Whether what was captured under `purpose` may be held: a yes stands, or the shopper took it back and said that this is
    /// kept. Nothing else is, and a second withdrawal takes that as well. As a yes, the word that keeps has to have known of
    /// every one that erases: what an older one took, it did not bring back, and of two that did not know of each other the
    /// one that erases is followed.
    pub fn holds_captured(&self, purpose: &Purpose) -> bool {
        self.stands.get(purpose).is_some_and(|stands| stands.status == ConsentStatus::Granted || stands.keeps_captured)
    }

    /// Whether what a device that goes by this has captured under the purpose of `heard` goes with it, where `after` is what it
    /// goes by from then on. Also where a later yes or a later word that keeps came with it, or was known before it: neither
    /// covers what was captured before.
    pub(crate) fn loses_captured(&self, heard: &Decision, after: &Self) -> bool {
        let takes = heard.erases_captured() || !after.holds_captured(&heard.purpose);
        takes && self.holds_captured(&heard.purpose)
    }

    /// Whether what stands for `purpose` was said while somebody was signed in, and so is the account's.
    pub fn is_the_accounts(&self, purpose: &Purpose) -> bool {
        self.stands.get(purpose).is_some_and(|stands| stands.account)
    }

    /// Whether the decision of that entry is known.
    pub fn knows(&self, hash: Sha) -> bool {
        self.parents.contains_key(&hash)
    }

    /// When the yes to `purpose` runs out.
    pub fn expires_at(&self, purpose: &Purpose) -> Option<i64> {
        self.stands.get(purpose).and_then(|stands| stands.expires_at_ms)
    }

    /// The meaning under which `purpose` was decided on last; `None` when it never was.
    pub fn meaning(&self, purpose: &Purpose) -> Option<u32> {
        self.known.get(purpose)?.iter().map(|known| known.meaning).max()
    }

    /// Every purpose that was decided on.
    pub fn decided(&self) -> impl Iterator<Item = &Purpose> + '_ {
        self.stands.keys()
    }

    /// Counts the decisions that this device knows.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How many decisions on `purpose` are weighed against each other: those that no later one has settled.
    pub fn unsettled(&self, purpose: &Purpose) -> usize {
        self.known.get(purpose).map_or(0, Vec::len)
    }

    /// What a new decision on `purpose` comes after: those that no other known one does.
    pub fn heads(&self, purpose: &Purpose) -> Vec<Sha> {
        let known = self.known.get(purpose).map(Vec::as_slice).unwrap_or_default();
        let parents = known.iter().filter_map(|decision| self.parents.get(&decision.hash));
        let passed: BTreeSet<Sha> = parents.flatten().copied().collect();
        known.iter().map(|decision| decision.hash).filter(|hash| !passed.contains(hash)).collect()
    }

    /// What is granted by decision, whatever has run out or is lowered.
    pub fn granted(&self) -> PurposeSet {
        let yes = self
            .stands
            .iter()
            .filter(|(purpose, stands)| stands.status == ConsentStatus::Granted && purpose.partner().is_none());
        yes.map(|(purpose, _)| purpose.kind()).collect()
    }

    /// Every purpose whose yes stands, whatever has run out or is lowered, and was said in `epoch` or before.
    pub fn granted_by(&self, epoch: u64) -> Vec<Purpose> {
        let yes = self.stands.iter().filter(|(_, stands)| stands.status == ConsentStatus::Granted);
        yes.filter(|(_, stands)| stands.epoch <= epoch).map(|(purpose, _)| purpose.clone()).collect()
    }

    /// What is granted, has not run out at `now_ms` and means what it meant.
    pub fn allowed(&self, catalogue: &ConsentCatalogue, now_ms: i64) -> PurposeSet {
        let all = self.stands.keys().filter(|purpose| purpose.partner().is_none());
        all.filter(|purpose| self.status(purpose, catalogue, now_ms) == ConsentStatus::Granted)
            .map(Purpose::kind)
            .collect()
    }

    /// The partners that may hear of the shopper. A purpose per partner never opens the gate for all.
    pub fn sharing(&self, catalogue: &ConsentCatalogue, now_ms: i64) -> SharingGate {
        let partners = self.stands.keys().filter(|purpose| purpose.kind() == PurposeKind::PartnerSharing);
        let granted = partners.filter(|purpose| self.status(purpose, catalogue, now_ms) == ConsentStatus::Granted);
        SharingGate::new(self.epoch, granted.filter_map(|purpose| purpose.partner().map(str::to_owned)))
    }

    /// The gate for what is granted by decision alone. The engine's has outside signals in it too.
    pub fn gate(&self) -> Gate {
        Gate::of(self.epoch, self.granted())
    }

    /// When the next yes after `now_ms` runs out.
    pub fn next_expiry(&self, now_ms: i64) -> Option<i64> {
        let granted = self.stands.values().filter(|stands| stands.status == ConsentStatus::Granted);
        granted.filter_map(|stands| stands.expires_at_ms).filter(|expiry| *expiry > now_ms).min()
    }

    /// The world outside forbids these, until it is told otherwise: nothing under them is covered.
    pub fn forbid(&mut self, kinds: PurposeSet) {
        self.forbidden = kinds;
    }

    /// Whether the yes to `kind` of `epoch` is the yes of now. A yes that was taken back and given again
    /// covers nothing from before; and nothing is covered by an epoch to come: a power loss undid the
    /// decision that began it.
    pub fn stood_in(&self, kind: PurposeKind, epoch: u64) -> bool {
        let stood = self.granted_since.get(&kind).is_some_and(|since| (*since..=self.epoch).contains(&epoch));
        stood && !self.forbidden.contains(kind)
    }

    /// Whether something recorded under `kind` in `epoch` at `at_ms`, wall clock, is still covered: the
    /// yes of then is the yes of now, and had not run out.
    pub fn covers(&self, kind: PurposeKind, epoch: u64, at_ms: i64) -> bool {
        let ran_out = Purpose::from_parts(kind, None).is_some_and(|purpose| self.had_run_out(&purpose, epoch, at_ms));
        let lapses = self.lapses.get(&kind).map(Vec::as_slice).unwrap_or_default();
        let lapsed = lapses.iter().any(|(of, from)| of.contains(&epoch) && *from <= at_ms);
        self.stood_in(kind, epoch) && !ran_out && !lapsed
    }

    /// Whether the yes that stands was the one of `epoch`, and had run out by `at_ms`. A clock that was set back may
    /// have let it be renewed before the one before it ended: that one covers what was recorded under it.
    fn had_run_out(&self, purpose: &Purpose, epoch: u64, at_ms: i64) -> bool {
        let Some(stands) = self.stands.get(purpose) else { return false };
        epoch >= stands.epoch && stands.expires_at_ms.is_some_and(|expiry| expiry <= at_ms)
    }

    /// What a refusal of `purpose` is called: withdrawn after a yes, denied otherwise.
    pub fn refusal(&self, purpose: &Purpose) -> ConsentStatus {
        match self.stands.get(purpose).map(|stands| stands.status) {
            Some(ConsentStatus::Granted | ConsentStatus::Withdrawn) => ConsentStatus::Withdrawn,
            _ => ConsentStatus::Denied,
        }
    }
}

/// Drops what has nothing more to say behind the last one: all of it, where that one knew of all,
/// unless it is a yes to a no. That no must stay: a yes from elsewhere has to have known of it too.
fn settle(known: &mut Vec<Known>, parents: &BTreeMap<Sha, Vec<Sha>>) {
    let Some((last, earlier)) = known.split_last() else { return };
    let yes_to_a_no = last.status == ConsentStatus::Granted
        && earlier.iter().any(|decision| decision.status != ConsentStatus::Granted);
    if yes_to_a_no || earlier.is_empty() {
        return;
    }
    let past = past(last.hash, parents);
    if earlier.iter().all(|decision| past.contains(&decision.hash)) {
        known.drain(..known.len() - 1);
    }
}

/// What these decisions on one purpose come to, where `erasing` are the withdrawals that did not keep what was captured.
fn stand(known: &[Known], erasing: &[Sha], parents: &BTreeMap<Sha, Vec<Sha>>) -> Standing {
    let refusals: Vec<&Known> = known.iter().filter(|decision| decision.status != ConsentStatus::Granted).collect();
    let pasts: Vec<(&Known, BTreeSet<Sha>)> = known
        .iter()
        .filter(|decision| decision.status == ConsentStatus::Granted)
        .map(|grant| (grant, past(grant.hash, parents)))
        .filter(|(_, past)| refusals.iter().all(|refusal| past.contains(&refusal.hash)))
        .collect();
    // Of those that stand, the last word of each device; of several, the most restrictive.
    let latest = pasts.iter().filter(|(grant, _)| !pasts.iter().any(|(_, past)| past.contains(&grant.hash)));
    let yes = latest.map(|(grant, _)| *grant).reduce(|a, b| {
        let sooner = |known: &Known| known.expires_at_ms.unwrap_or(i64::MAX);
        if (a.meaning, sooner(a), a.hash) <= (b.meaning, sooner(b), b.hash) { a } else { b }
    });
    // Of refusals that did not know of each other, one taken back says more than one never given.
    let no = || refusals.iter().copied().max_by_key(|no| (no.status == ConsentStatus::Withdrawn, no.epoch));
    let word = yes.or_else(no);
    // One word must have known of all that erase. If it were enough that each of those is known to some word that keeps, two
    // devices that each erased and later kept would together keep what neither of them does.
    let knows_all_that_erase = |no: &Known| {
        let past = past(no.hash, parents);
        erasing.iter().all(|erases| past.contains(erases))
    };
    let keeps_captured = yes.is_none() && refusals.iter().any(|no| no.keeps_captured && knows_all_that_erase(no));
    Standing {
        hash: word.map_or(Sha::NONE, |word| word.hash),
        status: word.map_or(ConsentStatus::NotAsked, |word| word.status),
        epoch: word.map_or(0, |word| word.epoch),
        at_ms: word.map_or(0, |word| word.at_ms),
        expires_at_ms: yes.and_then(|yes| yes.expires_at_ms),
        meaning: word.map_or(0, |word| word.meaning),
        keeps_captured,
        account: word.is_some_and(|word| word.account),
    }
}

/// Everything that came before the decision of that entry. A parent that is not known is no past: its
/// own parents cannot be vouched for.
fn past(of: Sha, parents: &BTreeMap<Sha, Vec<Sha>>) -> BTreeSet<Sha> {
    let mut past = BTreeSet::new();
    let mut left: Vec<Sha> = parents.get(&of).cloned().unwrap_or_default();
    while let Some(hash) = left.pop() {
        if past.insert(hash)
            && let Some(further) = parents.get(&hash)
        {
            left.extend(further);
        }
    }
    past
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
