//! What devices decided: their ledgers, as they report them.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Answer, Backend, json, problem};
use crate::consent::{Consents, Decision, LedgerError, Purpose, PurposeKind, Seal, Sha};
use crate::simulation::{Broken, broken};
use crate::sync::wire::{ConsentAck, ConsentDecision, ConsentReport};

/// An entry of a ledger.
pub(super) struct Entered {
    told: ConsentDecision,
    pub(super) decision: Decision,
    /// The entry that it comes after.
    prev: Sha,
}

impl Backend {
    /// From now on there is a copy of this installation's store.
    pub(in crate::simulation) fn is_copied(&mut self, installation: Uuid) {
        self.copied.insert(installation);
        self.heard_since.remove(&installation);
    }

    /// Whether decisions of the installation are held that began later than `epoch`, and what stands by all of them.
    pub(in crate::simulation) fn knows_more(&self, installation: &Uuid, epoch: u64) -> Option<Vec<Purpose>> {
        let held = self.decisions.get(installation)?;
        held.keys().next_back().filter(|last| **last > epoch)?;
        let mut stands = Consents::default();
        held.values().for_each(|entered| stands.apply(&entered.decision));
        Some(stands.granted_by(u64::MAX))
    }

    /// Whether a later word of the installation on what stands has come than `told`.
    pub(super) fn knows_later(&self, installation: &Uuid, told: Option<u64>) -> bool {
        self.standings.get(installation).zip(told).is_some_and(|(held, told)| told < *held)
    }

    pub(super) fn consent(&mut self, report: ConsentReport) -> Result<Answer, Broken> {
        if self.is_erased(&report.installation) {
            return Ok(problem(409, "conflict", "it was erased"));
        }
        self.heard_since.insert(report.installation);
        let copied = self.copied.contains(&report.installation);
        let held = self.decisions.entry(report.installation).or_default();
        let mut new = Vec::new();
        for told in report.decisions {
            let epoch = told.epoch;
            let entered = match enter(told) {
                Ok(entered) => entered,
                Err(why) => return broken(format!("an entry that does not hold left the device: {why}")),
            };
            if let Some(other) = forks(held, &entered) {
                // All decisions of a report are stored, or none.
                return if copied {
                    Ok(problem(409, "conflict", "the ledger forks"))
                } else {
                    broken(format!("epoch {epoch} was decided twice: {:?} and {:?}", other.told, entered.told))
                };
            }
            new.push((epoch, entered));
        }
        held.extend(new);
        let epoch = held.keys().next_back().copied().unwrap_or(0);
        let mut stands = Consents::default();
        held.values().for_each(|entered| stands.apply(&entered.decision));
        let said = held.values().any(|entered| entered.decision.purpose.kind() == PurposeKind::Personalisation);
        let is_late = self.knows_later(&report.installation, report.standing);
        let lowered = !is_late && report.lowered.contains(&PurposeKind::Personalisation);
        if let Some(standing) = report.standing.filter(|_| !is_late) {
            self.standings.insert(report.installation, standing);
        }
        if lowered || said && !stands.granted().contains(PurposeKind::Personalisation) {
            self.rules.forget();
        }
        if self.restored.get(&report.installation).is_some_and(|lost| *lost <= epoch) {
            self.restored.remove(&report.installation);
        }
        Ok(json(&ConsentAck { epoch, ..ConsentAck::default() }))
    }
}

/// The entry that is held and that another one comes in the place of, or after the same one.
fn forks<'a>(held: &'a BTreeMap<u64, Entered>, new: &Entered) -> Option<&'a Entered> {
    let is_other = |known: &&Entered| known.told != new.told;
    let twice = held.get(&new.told.epoch).filter(is_other);
    twice.or_else(|| held.values().find(|known| known.prev == new.prev && is_other(known)))
}

fn enter(told: ConsentDecision) -> Result<Entered, LedgerError> {
    let unreadable = LedgerError::Unreadable { epoch: told.epoch };
    let seal = Seal::from_hex(told.entry.clone(), &told.signature).ok_or(unreadable)?;
    let entry = seal.open(told.epoch)?;
    let prev = entry.prev;
    Ok(Entered { decision: entry.decision(seal.hash(), told.epoch, true)?, told, prev })
}
