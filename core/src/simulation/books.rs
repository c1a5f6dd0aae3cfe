//! What callers were told, kept apart from the engine: what it promised is held against it here.
//!
//! Exact as long as no power was lost: then the account has to equal what callers counted. A power
//! loss may take what was not said to be durable, and bring back from the ring what was committed
//! long ago; from then on what holds is that the account balances by itself, that nothing durable
//! is lost, and that nothing arrives which may not.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::backend::{Arrived, Backend};
use super::{Held, broken, ensure};
use crate::account::Account;
use crate::consent::signal::{Overlay, Signals};
use crate::consent::{ConsentCatalogue, ConsentStatus, Consents, Purpose, PurposeKind, PurposeSet};

/// Why an event need not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excuse {
    /// Its purpose was withdrawn or the shopper signed out: it must not arrive any more.
    Purged,
    /// The same, but no one was told that it worked: it may arrive and it may not.
    PerhapsPurged,
    /// The power went before anyone was told that it is durable.
    PowerLost,
}

struct Told {
    purpose: PurposeKind,
    durable: bool,
    poison: bool,
    excuse: Option<Excuse>,
}

/// What the shopper decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) consents: BTreeMap<Purpose, ConsentStatus>,
    pub(super) signed_in: bool,
    /// What the host declared of the world outside.
    pub(super) signals: Signals,
}

impl Standing {
    /// As the store tells it.
    pub(super) fn found(consents: &Consents, signed_in: bool, signals: Signals) -> Self {
        // Under the catalogue that ships nothing is stale, and before all time nothing has run out.
        let catalogue = ConsentCatalogue::standard();
        let status = |purpose: &Purpose| (purpose.clone(), consents.status(purpose, &catalogue, i64::MIN));
        Self { consents: consents.decided().map(status).collect(), signed_in, signals }
    }

    fn grants(&self, purpose: &Purpose) -> bool {
        self.consents.get(purpose) == Some(&ConsentStatus::Granted)
    }

    /// What may be acted on.
    fn allows(&self, purpose: &Purpose) -> bool {
        self.grants(purpose) && !self.signals.lowered().contains(purpose.kind())
    }

    /// What is left of this shopper when the next one comes: what the world outside says stays said.
    fn of_the_next(&self) -> Self {
        Self { signals: self.signals.clone(), ..Self::default() }
    }
}

/// What signals take away by more than a permission of the platform.
fn forbidden(signals: &Signals) -> PurposeSet {
    let platform = [Overlay::Location, Overlay::Bluetooth, Overlay::Notifications];
    let others = signals.each().into_iter().filter(|(overlay, _)| !platform.contains(overlay));
    others.fold(PurposeSet::EMPTY, |all, (_, lowered)| all.union(lowered))
}

/// The books of one device.
#[derive(Default)]
pub(super) struct Books {
    events: BTreeMap<Uuid, Told>,
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
    /// There was a reason to give events up.
    may_evict: bool,
    /// What was sent without an answer may have grown too old to be sent again, and arrived all the same.
    months_passed: bool,
}

impl Books {
    // -- what callers hear --

    pub(super) fn recorded(&mut self, id: Uuid, purpose: PurposeKind, poison: bool) {
        self.accepted += 1;
        // A no that got no clear answer may be found behind the next start, and stand.
        let says_no = |stands: &Standing| !stands.consents.keys().any(|of| of.kind() == purpose && stands.allows(of));
        let excuse = self.perhaps.iter().any(says_no).then_some(Excuse::PerhapsPurged);
        self.unclear_purge |= excuse.is_some();
        self.events.insert(id, Told { purpose, durable: false, poison, excuse });
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

    pub(super) fn signed_out(&mut self, in_doubt: u64) {
        self.in_doubt += in_doubt;
        self.excuse(None, Excuse::Purged);
        self.stands_now(self.stands.of_the_next(), true);
        self.signed_out.extend(self.installation.take());
    }

    pub(super) fn perhaps_signed_out(&mut self) {
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

    /// What `signals` would forbid anew of what was granted, and have removed.
    pub(super) fn lowers(&self, signals: &Signals) -> PurposeSet {
        let newly = forbidden(signals).without(forbidden(&self.stands.signals));
        let granted = self.stands.consents.keys().filter(|purpose| purpose.partner().is_none());
        let granted = granted.filter(|purpose| self.stands.grants(purpose)).map(Purpose::kind);
        granted.filter(|kind| newly.contains(*kind)).collect()
    }

    /// Whether an event of `purpose` may be recorded: it stands, or a no got no clear answer.
    pub(super) fn may_record(&self, purpose: &Purpose) -> bool {
        let yes = |stands: &Standing| stands.allows(purpose);
        yes(&self.stands) || self.perhaps.iter().any(yes)
    }

    fn excuse(&mut self, purpose: Option<PurposeKind>, excuse: Excuse) {
        for event in self.events.values_mut().filter(|event| purpose.is_none_or(|purpose| event.purpose == purpose)) {
            if event.excuse != Some(Excuse::Purged) {
                event.excuse = Some(excuse);
            }
        }
    }

    /// From now on events may be given up: for the quota, or by a clock that was set.
    pub(super) fn may_evict(&mut self) {
        self.may_evict = true;
    }

    /// So much time passes that events are too old.
    pub(super) fn months_pass(&mut self) {
        self.may_evict = true;
        self.months_passed = true;
    }

    // -- what happens to the device --

    pub(super) fn power_lost(&mut self) {
        self.power_lost = true;
        for event in self.events.values_mut().filter(|event| !event.durable && event.excuse.is_none()) {
            event.excuse = Some(Excuse::PowerLost);
        }
    }

    /// Holds a store that was opened anew against what was told. `untold`: so many visits may have
    /// been recorded of which the process told no one before it died.
    pub(super) fn reopened(&mut self, account: &Account, found: Standing, installation: Uuid, untold: u64) -> Held {
        ensure(account.balances(), || format!("after opening: {account:?}"))?;
        let told = self.accepted..=self.accepted + untold;
        ensure(self.power_lost || told.contains(&account.accepted), || {
            format!("callers were told of {} events (and {untold} visits), the store says {account:?}", self.accepted)
        })?;
        self.accepted = account.accepted;
        ensure(found == self.stands || self.perhaps.contains(&found), || {
            format!("{:?} stands (or {:?}), the store says {found:?}", self.stands, self.perhaps)
        })?;
        if found != self.stands {
            self.perhaps.push(std::mem::replace(&mut self.stands, found));
        }
        ensure(!self.signed_out.contains(&installation), || "a pseudonym that was signed out came back".to_owned())?;
        if self.installation_durable && self.installation.is_some_and(|known| known != installation) {
            return broken("the installation has another pseudonym than before");
        }
        self.installation = Some(installation);
        Ok(())
    }

    pub(super) fn installed_as(&mut self, installation: Uuid) {
        self.installation = Some(installation);
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

    /// Holds everything against everything, when all that could be delivered has been.
    pub(super) fn close(&self, account: &Account, backend: &Backend) -> Held {
        self.balance(account)?;
        ensure(account.queued == 0, || format!("{} events are never sent: {account:?}", account.queued))?;
        let poison = self.events.values().filter(|event| event.poison).count() as u64;
        let missing: Vec<_> = (self.events.iter())
            .filter(|(id, event)| event.excuse.is_none() && !event.poison && !backend.holds(id))
            .map(|(id, event)| (id, event.durable))
            .collect();
        ensure(self.may_evict || account.evicted == 0, || format!("given up without a reason: {account:?}"))?;
        ensure(missing.len() as u64 <= account.evicted, || {
            format!("{} events were lost: {:?} …; {account:?}", missing.len(), missing.first())
        })?;
        if self.power_lost {
            return Ok(());
        }
        ensure(account.dead <= poison, || format!("{} are dead, {poison} should be: {account:?}", account.dead))?;
        let (stored, delivered) = (backend.stored(), account.delivered);
        let in_doubt = if self.unclear_purge || self.months_passed { stored } else { self.in_doubt };
        ensure((delivered..=delivered + in_doubt).contains(&stored), || {
            format!("delivered {delivered}, in doubt {in_doubt}, stored {stored}: {account:?}")
        })
    }

    /// Events that callers were told of.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }
}
