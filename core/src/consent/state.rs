//! The shopper's decisions, and what follows from them.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Gate, Purpose, PurposeKind};

/// What stands for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentStatus {
    /// The shopper was never asked; counts as no.
    NotAsked,
    /// Yes.
    Granted,
    /// No, said at once.
    Denied,
    /// No, said after a yes.
    Withdrawn,
}

impl ConsentStatus {
    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NotAsked, Self::Granted, Self::Denied, Self::Withdrawn].into_iter().find(|s| s.as_str() == name)
    }
}

/// A purpose and what stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    /// The purpose.
    pub purpose: Purpose,
    /// What stands.
    pub status: ConsentStatus,
    /// When it was decided, wall clock of the device; `None` when never asked.
    pub decided_at_ms: Option<i64>,
}

/// One decision of the shopper, refusals included. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Identifies it on the device and at the backend.
    pub id: Uuid,
    /// What it is about.
    pub purpose: Purpose,
    /// Granted, denied or withdrawn.
    pub status: ConsentStatus,
    /// When, by the device's wall clock. Shown, never used to order: `epoch` orders.
    pub decided_at_ms: i64,
    /// The consent epoch that it began.
    pub epoch: u64,
}

/// Proof that decisions are stored on the device and will reach the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The decisions, in the order in which they were made.
    pub decisions: Vec<Decision>,
    /// The consent epoch from now on.
    pub epoch: u64,
}

/// What a withdrawal removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The decision itself.
    pub receipt: Receipt,
    /// Events of the purpose that were queued and are gone from the device.
    pub purged_events: u64,
    /// Those among them that were sent, and of which no answer came: they may have arrived.
    pub in_doubt: u64,
    /// Visits that were forgotten.
    pub purged_visits: u64,
}

/// The latest decision of each purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consents {
    epoch: u64,
    latest: BTreeMap<Purpose, (ConsentStatus, i64)>,
    /// For what is granted to all: the epoch in which this yes began.
    granted_since: BTreeMap<PurposeKind, u64>,
}

impl Consents {
    /// Applies a stored decision; to be called in the order of epochs.
    pub fn apply(&mut self, decision: &Decision) {
        self.epoch = decision.epoch;
        if decision.purpose.partner().is_none() {
            let kind = decision.purpose.kind();
            if decision.status == ConsentStatus::Granted {
                self.granted_since.entry(kind).or_insert(decision.epoch);
            } else {
                self.granted_since.remove(&kind);
            }
        }
        self.latest.insert(decision.purpose.clone(), (decision.status, decision.decided_at_ms));
    }

    /// What stands for `purpose`.
    pub fn state(&self, purpose: &Purpose) -> ConsentState {
        let (status, at) =
            self.latest.get(purpose).map_or((ConsentStatus::NotAsked, None), |(status, at)| (*status, Some(*at)));
        ConsentState { purpose: purpose.clone(), status, decided_at_ms: at }
    }

    /// Every purpose that was decided on.
    pub fn decided(&self) -> impl Iterator<Item = ConsentState> + '_ {
        self.latest.keys().map(|purpose| self.state(purpose))
    }

    /// Counts the changes.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What the shopper allows now. A purpose per partner never opens the gate for all.
    pub fn gate(&self) -> Gate {
        let granted = self
            .latest
            .iter()
            .filter(|(purpose, (status, _))| *status == ConsentStatus::Granted && purpose.partner().is_none())
            .map(|(purpose, _)| purpose.kind());
        Gate::new(self.epoch, granted)
    }

    /// Whether something recorded under `kind` in `epoch` is still covered: the yes of then is the
    /// yes of now. A yes that was taken back and given again covers nothing from before; and nothing
    /// is covered by an epoch to come: a power loss undid the decision that began it.
    pub fn covers(&self, kind: PurposeKind, epoch: u64) -> bool {
        self.granted_since.get(&kind).is_some_and(|since| (*since..=self.epoch).contains(&epoch))
    }

    /// What a refusal of `purpose` is called: withdrawn after a yes, denied otherwise.
    pub fn refusal(&self, purpose: &Purpose) -> ConsentStatus {
        match self.state(purpose).status {
            ConsentStatus::Granted | ConsentStatus::Withdrawn => ConsentStatus::Withdrawn,
            ConsentStatus::NotAsked | ConsentStatus::Denied => ConsentStatus::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(epoch: u64, purpose: Purpose, status: ConsentStatus) -> Decision {
        Decision { id: Uuid::from_u128(u128::from(epoch)), purpose, status, decided_at_ms: epoch as i64, epoch }
    }

    #[test]
    fn the_latest_decision_stands() {
        let mut consents = Consents::default();
        consents.apply(&decide(1, Purpose::Engagement, ConsentStatus::Granted));
        assert!(consents.gate().allows(PurposeKind::Engagement));
        consents.apply(&decide(2, Purpose::Engagement, ConsentStatus::Withdrawn));
        assert!(!consents.gate().allows(PurposeKind::Engagement));
        assert_eq!(consents.gate().epoch(), 2);
    }

    #[test]
    fn sharing_with_one_partner_is_not_sharing_with_all() {
        let mut consents = Consents::default();
        let acme = Purpose::PartnerSharing { partner: "acme".into() };
        consents.apply(&decide(1, acme.clone(), ConsentStatus::Granted));
        assert!(!consents.gate().allows(PurposeKind::PartnerSharing));
        assert_eq!(consents.state(&acme).status, ConsentStatus::Granted);
    }

    #[test]
    fn a_yes_given_again_covers_nothing_from_before() {
        let mut consents = Consents::default();
        consents.apply(&decide(1, Purpose::Engagement, ConsentStatus::Granted));
        consents.apply(&decide(2, Purpose::PreciseLocation, ConsentStatus::Granted));
        assert!(consents.covers(PurposeKind::Engagement, 1) && consents.covers(PurposeKind::Engagement, 2));
        assert!(!consents.covers(PurposeKind::Engagement, 3), "of a decision that did not survive");
        consents.apply(&decide(3, Purpose::Engagement, ConsentStatus::Withdrawn));
        assert!(!consents.covers(PurposeKind::Engagement, 2));
        consents.apply(&decide(4, Purpose::Engagement, ConsentStatus::Granted));
        assert!(!consents.covers(PurposeKind::Engagement, 2) && consents.covers(PurposeKind::Engagement, 4));
    }

    #[test]
    fn saying_no_first_is_a_denial_and_later_a_withdrawal() {
        let mut consents = Consents::default();
        assert_eq!(consents.refusal(&Purpose::Engagement), ConsentStatus::Denied);
        consents.apply(&decide(1, Purpose::Engagement, ConsentStatus::Granted));
        assert_eq!(consents.refusal(&Purpose::Engagement), ConsentStatus::Withdrawn);
    }
}
