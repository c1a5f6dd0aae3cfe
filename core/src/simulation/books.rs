//! What callers were told, kept apart from the engine: what it promised is held against it here.
//!
//! Exact as long as no power was lost: then the account has to equal what callers counted. A power
//! loss may take what was not said to be durable, and bring back from the ring what was committed
//! long ago; from then on what holds is that the account balances by itself, that nothing durable
//! is lost, and that nothing arrives which may not.

mod closing;
mod past;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use standing::forbidden;
use uuid::Uuid;

pub(super) use standing::Standing;

use super::backend::Arrived;
use super::time::Moment;
use super::{Held, ensure};
use crate::account::Account;
use crate::consent::signal::Signals;
use crate::consent::{ConsentStatus, Purpose, PurposeKind, PurposeSet};

/// Why an event need not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excuse {
    /// Its purpose was withdrawn or the shopper signed out: it must not arrive any more.
    Purged,
    /// The same, but no one was told that it worked: it may arrive and it may not.
    PerhapsPurged,
    /// The power went before anyone was told that it is durable.
    PowerLost,
    /// It was recorded behind the backup that was put back.
    PutBack,
}

#[derive(Clone)]
struct Told {
    purpose: PurposeKind,
    /// When it was recorded; of a visit nobody says when it was.
    at: Option<Moment>,
    durable: bool,
    poison: bool,
    /// Whose it is: what they ask to be erased is their own.
    shopper: u32,
    /// Its yes was withdrawn, and the backend was to erase it.
    taken_back: bool,
    /// So many decisions had been asked for when it was recorded; see [`Books::asked`].
    asked: u64,
    /// A copy may have sent it under a name that this store never had.
    elsewhere: bool,
    excuse: Option<Excuse>,
}

/// What a caller tracked, as far as it makes a difference to its fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tracked {
    /// One of many.
    Plain,
    /// A redemption or a purchase: once it is queued, no loss of power takes it.
    Money,
    /// The backend never takes it.
    Poison,
}

/// The books of one device.
#[derive(Clone, Default)]
pub(super) struct Books {
    events: BTreeMap<Uuid, Told>,
    /// Of them, those that money hangs by and that may not be queued yet.
    handed_over: Vec<Uuid>,
    /// Calls that were told "recorded", and visits that were told.
    accepted: u64,
    /// Events that withdrawals named as perhaps arrived.
    in_doubt: u64,
    /// What stands, as the last answer said.
    stands: Standing,
    /// What else may stand: calls that got no clear answer may have gone through, and what was
    /// found after one of them is durable only behind the next one that did.
    perhaps: Vec<Standing>,
    installation: Option<Uuid>,
    /// The installation's pseudonym is behind a commit that was told to be durable.
    installation_durable: bool,
    power_lost: bool,
    /// A purge went through or did not: how many events it left in doubt, nobody heard.
    unclear_purge: bool,
    /// Members of each batch when it was sent first.
    batches: BTreeMap<Uuid, Vec<Uuid>>,
    signed_out: Vec<Uuid>,
    /// The backend has events of decisions that it does not know: up to which one it is to erase, it cannot tell.
    backend_restored: bool,
    /// Counts those who left, and who perhaps did.
    shopper: u32,
    /// The queue may outgrow its quota.
    may_outgrow: bool,
    /// So much time passed, or by some clock it did, that a visit may have grown too old.
    may_age: bool,
    /// The store is a copy of an earlier one of this installation.
    copy_of: Option<Uuid>,
    /// The copy is one of a copy that had gone on under another name.
    went_anew: bool,
    /// Decisions that were asked for, whatever became of them: events of later ones lie beyond what an earlier copy of the
    /// store can speak of.
    asked: u64,
    /// What the copy allowed when it was put back and had been taken back, as the backend knew.
    brought_back: BTreeSet<Purpose>,
}

impl Books {
    // -- what callers hear --

    /// A call was told "recorded".
    pub(super) fn recorded(&mut self, id: Uuid, purpose: PurposeKind, at: Moment, kind: Tracked) {
        if kind == Tracked::Money {
            self.handed_over.push(id);
        }
        let (poison, shopper) = (kind == Tracked::Poison, self.shopper);
        self.enter(
            id,
            Told {
                purpose,
                at: Some(at),
                durable: false,
                poison,
                shopper,
                asked: self.asked,
                taken_back: false,
                elsewhere: false,
                excuse: None,
            },
        );
    }

    /// A visit or a beacon was told, and recorded under `purpose`.
    pub(super) fn visited(&mut self, id: Uuid, purpose: PurposeKind) {
        let shopper = self.shopper;
        self.enter(
            id,
            Told {
                purpose,
                at: None,
                durable: false,
                poison: false,
                shopper,
                asked: self.asked,
                taken_back: false,
                elsewhere: false,
                excuse: None,
            },
        );
    }

    fn enter(&mut self, id: Uuid, told: Told) {
        self.accepted += 1;
        let purpose = told.purpose;
        // A no that got no clear answer may be found behind the next start, and stand.
        let says_no = |stands: &Standing| !stands.consents.keys().any(|of| of.kind() == purpose && stands.allows(of));
        let excuse = self.perhaps.iter().any(says_no).then_some(Excuse::PerhapsPurged);
        self.unclear_purge |= excuse.is_some();
        self.events.insert(id, Told { excuse, ..told });
    }

    /// Nothing is left in the ring: what money hangs by is behind a FULL commit.
    pub(super) fn queued(&mut self) {
        for id in self.handed_over.drain(..) {
            self.events.entry(id).and_modify(|event| event.durable = true);
        }
    }

    /// So many events were recorded and purged in one step, and nobody was told.
    pub(super) fn unsaid(&mut self, events: u64) {
        self.accepted += events;
    }

    /// A FULL flush was answered: all that was recorded before it survives a power loss.
    pub(super) fn flushed(&mut self) {
        self.events.values_mut().for_each(|event| event.durable = true);
        self.now_durable();
    }

    /// Decisions were answered, or got no clear answer.
    pub(super) fn decided(&mut self, decisions: &[(Purpose, ConsentStatus)], clear: bool) {
        self.asked += 1;
        self.brought_back.retain(|purpose| decisions.iter().all(|(decided, _)| decided != purpose));
        let mut stands = self.stands.clone();
        stands.consents.extend(decisions.iter().cloned());
        self.stands_now(stands, clear);
    }

    /// A sign-in was answered, or got no clear answer.
    pub(super) fn identified(&mut self, clear: bool) {
        let stands = Standing { signed_in: true, ..self.stands.clone() };
        self.stands_now(stands, clear);
    }

    fn stands_now(&mut self, stands: Standing, clear: bool) {
        if clear {
            self.stands = stands;
            self.now_durable();
        } else {
            self.perhaps.push(stands);
        }
    }

    fn now_durable(&mut self) {
        self.perhaps.clear();
        self.installation_durable = true;
    }

    /// A withdrawal was answered. `None` in doubt: the answer does not say.
    pub(super) fn purged(&mut self, purpose: PurposeKind, in_doubt: Option<u64>) {
        self.in_doubt += in_doubt.unwrap_or(0);
        self.unclear_purge |= in_doubt.is_none();
        self.excuse(Some(purpose), Excuse::Purged);
    }

    pub(super) fn perhaps_purged(&mut self, purpose: Option<PurposeKind>) {
        self.unclear_purge = true;
        self.excuse(purpose, Excuse::PerhapsPurged);
    }

    /// What was recorded under a purpose (or under any) was withdrawn, and the backend is asked to erase it.
    pub(super) fn taken_back(&mut self, purpose: Option<PurposeKind>) {
        let shopper = self.shopper;
        let meant = self.events.values_mut().filter(|event| purpose.is_none_or(|purpose| event.purpose == purpose));
        meant.filter(|event| event.shopper == shopper).for_each(|event| event.taken_back = true);
    }

    pub(super) fn signed_out(&mut self, in_doubt: u64) {
        self.brought_back.clear();
        self.shopper += 1;
        self.in_doubt += in_doubt;
        self.excuse(None, Excuse::Purged);
        self.stands_now(self.stands.of_the_next(), true);
        self.signed_out.extend(self.installation.take());
    }

    pub(super) fn perhaps_signed_out(&mut self) {
        self.brought_back.clear();
        self.shopper += 1;
        self.perhaps_purged(None);
        self.stands_now(self.stands.of_the_next(), false);
        self.installation_durable = false;
    }

    /// Whether `purpose` stands as granted, as far as anyone was told.
    pub(super) fn grants(&self, purpose: &Purpose) -> bool {
        self.stands.grants(purpose)
    }

    /// Whether a yes to `purpose` was taken back, as far as anyone was told.
    pub(super) fn was_withdrawn(&self, purpose: &Purpose) -> bool {
        self.stands.consents.get(purpose) == Some(&ConsentStatus::Withdrawn)
    }

    /// The host declared something, or it is not clear whether it did.
    pub(super) fn declared(&mut self, signals: Signals, clear: bool) {
        let stands = Standing { signals, ..self.stands.clone() };
        self.stands_now(stands, clear);
    }

    /// What `signals` would forbid anew of what was granted, or taken back and perhaps kept, and have removed.
    pub(super) fn lowers(&self, signals: &Signals) -> PurposeSet {
        let newly = forbidden(signals).without(forbidden(&self.stands.signals));
        let decided = self.stands.consents.keys().filter(|purpose| purpose.partner().is_none());
        let held = decided.filter(|purpose| self.stands.grants(purpose) || self.was_withdrawn(purpose));
        held.map(Purpose::kind).filter(|kind| newly.contains(*kind)).collect()
    }

    /// Whether an event of `purpose` may be recorded: it stands, or a no got no clear answer.
    pub(super) fn may_record(&self, purpose: PurposeKind) -> bool {
        let allowed = |of: &Purpose, stands: &Standing| of.kind() == purpose && stands.allows(of);
        let yes = |stands: &Standing| stands.consents.keys().any(|of| allowed(of, stands));
        yes(&self.stands) || self.perhaps.iter().any(yes)
    }

    fn excuse(&mut self, purpose: Option<PurposeKind>, excuse: Excuse) {
        for event in self.events.values_mut().filter(|event| purpose.is_none_or(|purpose| event.purpose == purpose)) {
            if event.excuse != Some(Excuse::Purged) {
                event.excuse = Some(excuse);
            }
        }
    }

    // -- what leaves the device, and what arrives --

    /// A batch goes out: a retry never has more than the first try.
    pub(super) fn sends(&mut self, batch: Uuid, installation: Uuid, members: Vec<Uuid>) -> Held {
        ensure(!self.signed_out.contains(&installation), || format!("{installation} was signed out, and sends"))?;
        match self.batches.get(&batch) {
            None => drop(self.batches.insert(batch, members)),
            Some(first) => {
                let new = members.iter().find(|id| !first.contains(id));
                ensure(new.is_none(), || format!("batch {batch} has {new:?}, which it had not at first"))?;
            }
        }
        Ok(())
    }

    /// Events arrived at the backend; `fresh`: the device wrote them just now.
    pub(super) fn arrived(&self, arrived: &[Arrived], fresh: bool) -> Held {
        for event in arrived {
            // What a power loss undid happens again: a visit ends anew under the id of its end, a
            // record comes back from the ring to someone who has signed in since. One is stored.
            ensure(!event.conflict || self.power_lost, || format!("{} arrived with another content", event.id))?;
            let Some(told) = self.events.get(&event.id) else {
                let visit = event.kind.starts_with("dev.patron.visit.") || event.kind == "dev.patron.beacon.zone";
                ensure(visit, || format!("{} ({}) arrived, and no caller knows of it", event.id, event.kind))?;
                continue;
            };
            ensure(told.purpose == event.purpose, || format!("{} arrived under {:?}", event.id, event.purpose))?;
            ensure(!fresh || told.excuse != Some(Excuse::Purged), || {
                format!("{} of {:?} was sent after its consent was withdrawn", event.id, event.purpose)
            })?;
            told.at.map_or(Ok(()), |at| at.is_found(event))?;
        }
        Ok(())
    }

    // -- the end --

    /// Holds the account against what callers were told, at any moment.
    pub(super) fn balance(&self, account: &Account) -> Held {
        ensure(account.balances(), || format!("{account:?}"))?;
        ensure(account.accepted == self.accepted, || {
            format!("callers were told of {} events, the store says {account:?}", self.accepted)
        })
    }

    /// Events that callers were told of.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }
}
