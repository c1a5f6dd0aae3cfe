//! What must be so in the end, when all that could be delivered has been.

use super::{Books, Excuse, Told};
use crate::account::{Fate, reason};
use crate::diagnostics::Diagnostics;
use crate::simulation::backend::Backend;
use crate::simulation::time::Moment;
use crate::simulation::{Held, ensure};

/// An event that waited for longer is given up.
const TTL_MS: i64 = 30 * 86_400_000;

impl Books {
    /// Holds everything against everything.
    pub(in crate::simulation) fn close(&self, found: &Diagnostics, backend: &Backend, now: Moment) -> Held {
        let account = &found.account;
        self.balance(account)?;
        ensure(account.queued == 0, || format!("{} events are never sent: {account:?}", account.queued))?;
        let evicted = |why: &[&str]| -> u64 {
            let lost = found.losses.iter().filter(|loss| loss.fate == Fate::Evicted && why.contains(&&*loss.reason));
            lost.map(|loss| loss.events).sum()
        };
        let (for_quota, for_age) = (evicted(&[reason::COUNT, reason::BYTES]), evicted(&[reason::AGE]));
        ensure(for_quota + for_age == account.evicted, || format!("given up for damage that nobody did: {account:?}"))?;
        ensure(self.may_outgrow || for_quota == 0, || format!("given up though there was room: {account:?}"))?;
        let is_old = |told: &Told| {
            let may_age = |at: Moment| at.may_be_older(TTL_MS, &now, backend.clock.widest_ms);
            told.at.map_or(self.may_age, may_age)
        };
        let missing: Vec<_> = (self.events.iter())
            .filter(|(id, event)| event.excuse.is_none() && !event.poison && !backend.holds(id))
            .map(|(id, event)| (id, event.durable, is_old(event)))
            .collect();
        // What was erased behind the backup is dead in the copy, and one that went on anew has purged what rests on a yes
        // that nobody can vouch for.
        let anew = self.went_anew || self.copy_of.is_some_and(|copied| copied != found.installation);
        let dead = if self.copy_of.is_some() { account.dead } else { 0 };
        let counted = account.evicted + dead + if anew { account.purged } else { 0 };
        ensure(missing.len() as u64 <= counted, || {
            format!("{} events were lost: {:?} …; {account:?}", missing.len(), missing.first())
        })?;
        // Which ones a full queue gives up is the queue's to say.
        let young = missing.iter().find(|(_, _, old)| !old);
        ensure(self.copy_of.is_some() || self.may_outgrow || young.is_none(), || {
            format!("given up, and not old: {young:?}; {account:?}")
        })?;
        let shown = self.events.iter().find(|(id, told)| told.taken_back && !told.elsewhere && backend.shows(id));
        ensure(self.backend_restored || shown.is_none(), || {
            format!("{:?} was withdrawn, and the backend shows it", shown.map(|(id, _)| id))
        })?;
        if self.power_lost {
            // What was committed comes back from the ring under numbers of its own, and what was counted may be
            // counted again: from here on there are no sums.
            return Ok(());
        }
        // Events that no caller knows: of processes that died before they could tell, and of steps that purged them.
        let unknown = self.accepted - self.events.len() as u64;
        let count = |wanted: &dyn Fn(&Told) -> bool| self.events.values().filter(|told| wanted(told)).count() as u64;
        let old = count(&is_old) + if self.may_age { unknown } else { 0 };
        ensure(for_age <= old, || format!("{for_age} were given up for their age, {old} had it: {account:?}"))?;
        let poison = count(&|told| told.poison);
        ensure(account.dead <= poison, || format!("{} are dead, {poison} should be: {account:?}", account.dead))?;
        let is_purged = |told: &Told| matches!(told.excuse, Some(Excuse::Purged | Excuse::PerhapsPurged));
        let purged = count(&is_purged) + unknown;
        ensure(account.purged <= purged, || {
            format!("{} were purged, {purged} were withdrawn: {account:?}", account.purged)
        })?;
        let (stored, delivered) = (backend.stored(), account.delivered);
        let in_doubt = if self.unclear_purge {
            // Nobody heard how many of them may have arrived: those that did.
            let arrived = self.events.iter().filter(|(id, told)| is_purged(told) && backend.holds(id)).count();
            arrived as u64 + unknown
        } else {
            self.in_doubt
        };
        // What was sent without an answer, and then given up before it was sent again, may have arrived as well.
        ensure((delivered..=delivered + in_doubt + for_age + for_quota).contains(&stored), || {
            format!("delivered {delivered}, in doubt {in_doubt}, stored {stored}: {account:?}")
        })
    }
}
