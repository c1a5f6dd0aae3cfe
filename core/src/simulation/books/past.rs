//! What happens to a device, and what of its past it may forget or bring back by it.

use uuid::Uuid;

use super::standing::Standing;
use super::{Books, Excuse, Told};
use crate::account::Account;
use crate::consent::{ConsentStatus, Purpose};
use crate::simulation::{Held, broken, ensure};

impl Books {
    /// From now on events may be given up for the quota.
    pub(in crate::simulation) fn may_outgrow(&mut self) {
        self.may_outgrow = true;
    }

    /// So much time passes, or a clock is set so far, that events may be too old.
    pub(in crate::simulation) fn may_age(&mut self) {
        self.may_age = true;
    }

    /// A backup of then takes the store's place. `known`: what stands by what the backend knows of `installation`, if it
    /// knows of decisions that the backup has not.
    pub(in crate::simulation) fn put_back(&mut self, backup: &Self, installation: Uuid, known: Option<&[Purpose]>) {
        let now = std::mem::replace(self, backup.clone());
        let granted = self.stands.consents.keys().filter(|purpose| self.stands.grants(purpose));
        let gone = |purpose: &&Purpose| known.is_some_and(|known| !known.contains(purpose));
        self.brought_back = granted.filter(gone).cloned().collect();
        self.batches.extend(now.batches);
        // What went on anew since has a name that the backup knows nothing of, and took that name along.
        let anew = now.installation != Some(installation);
        for (id, told) in now.events {
            match self.events.get_mut(&id) {
                Some(then) => {
                    then.elsewhere |= anew || told.elsewhere;
                    if matches!(told.excuse, Some(Excuse::Purged | Excuse::PerhapsPurged)) && then.excuse.is_none() {
                        then.excuse = Some(Excuse::PerhapsPurged);
                    }
                }
                // What the backend was still to be asked about it went with the store. What rests on a later decision than
                // the backup knows of no word of it reaches.
                None => {
                    let elsewhere = told.elsewhere || told.asked > self.asked;
                    let gone = Told { excuse: Some(Excuse::PutBack), taken_back: false, elsewhere, ..told };
                    self.events.insert(id, gone);
                }
            }
        }
        // A backup of a copy that had gone on under another name: what that one purged is gone here too.
        self.went_anew |= self.copy_of.is_some_and(|copied| copied != installation);
        self.copy_of = Some(installation);
        self.may_outgrow |= now.may_outgrow;
        self.may_age |= now.may_age;
        // Its past may come back as it may with the power, and more of it.
        self.power_lost = true;
    }

    /// The backend was restored from a copy: what it knew it may know no more.
    pub(in crate::simulation) fn backend_forgot(&mut self) {
        self.brought_back.clear();
        self.backend_restored = true;
    }

    /// Whether a yes to `purpose` is one that a backup alone gives. Until the device has heard of it, it cannot know:
    /// once it goes on under another name than the copy's it does.
    pub(in crate::simulation) fn was_taken_back(&self, purpose: &Purpose, installation: Uuid, has_heard: bool) -> bool {
        let knows = has_heard || self.copy_of.is_some_and(|copied| copied != installation);
        knows && self.brought_back.contains(purpose)
    }

    /// Goes on under another name, where the store is a copy: what is no yes any more was one that nobody could vouch
    /// for. Answers whether that is what happened, to what stood or may have stood.
    fn began_anew(&self, found: &Standing) -> bool {
        let stays = |purpose: &Purpose, status: &ConsentStatus| found.consents.get(purpose) == Some(status);
        let lowered = |(purpose, status): (&Purpose, &ConsentStatus)| {
            stays(purpose, status) || *status == ConsentStatus::Granted && !found.grants(purpose)
        };
        let of = |stood: &Standing| {
            let same = found.signed_in == stood.signed_in && found.signals == stood.signals;
            same && stood.consents.iter().all(lowered)
        };
        self.copy_of.is_some() && (of(&self.stands) || self.perhaps.iter().any(of))
    }

    pub(in crate::simulation) fn power_lost(&mut self) {
        self.power_lost = true;
        for event in self.events.values_mut().filter(|event| !event.durable && event.excuse.is_none()) {
            event.excuse = Some(Excuse::PowerLost);
        }
    }

    /// Holds a store that was opened anew against what was told. `untold`: so many visits may have
    /// been recorded of which the process told no one before it died.
    pub(in crate::simulation) fn reopened(
        &mut self,
        account: &Account,
        found: Standing,
        installation: Uuid,
        untold: u64,
    ) -> Held {
        ensure(account.balances(), || format!("after opening: {account:?}"))?;
        let told = self.accepted..=self.accepted + untold;
        ensure(self.power_lost || told.contains(&account.accepted), || {
            format!("callers were told of {} events (and {untold} visits), the store says {account:?}", self.accepted)
        })?;
        self.accepted = account.accepted;
        let anew = self.began_anew(&found);
        ensure(anew || found == self.stands || self.perhaps.contains(&found), || {
            format!("{:?} stands (or {:?}), the store says {found:?}", self.stands, self.perhaps)
        })?;
        if found != self.stands {
            self.perhaps.push(std::mem::replace(&mut self.stands, found));
        }
        ensure(!self.signed_out.contains(&installation), || "a pseudonym that was signed out came back".to_owned())?;
        if self.copy_of.is_none()
            && self.installation_durable
            && self.installation.is_some_and(|known| known != installation)
        {
            return broken("the installation has another pseudonym than before");
        }
        self.installation = Some(installation);
        Ok(())
    }

    pub(in crate::simulation) fn installed_as(&mut self, installation: Uuid) {
        self.installation = Some(installation);
    }
}
