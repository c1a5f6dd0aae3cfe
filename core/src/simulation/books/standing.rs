//! What the shopper decided and the world outside says, as far as anyone was told.

use std::collections::BTreeMap;

use crate::consent::signal::{Overlay, Signals};
use crate::consent::{ConsentCatalogue, ConsentStatus, Consents, Purpose, PurposeSet};

/// What the shopper decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::simulation) struct Standing {
    pub(in crate::simulation) consents: BTreeMap<Purpose, ConsentStatus>,
    pub(in crate::simulation) signed_in: bool,
    /// What the host declared of the world outside.
    pub(in crate::simulation) signals: Signals,
}

impl Standing {
    /// As the store tells it.
    pub(in crate::simulation) fn found(consents: &Consents, signed_in: bool, signals: Signals) -> Self {
        // Under the catalogue that ships nothing is stale, and before all time nothing has run out.
        let catalogue = ConsentCatalogue::standard();
        let status = |purpose: &Purpose| (purpose.clone(), consents.status(purpose, &catalogue, i64::MIN));
        Self { consents: consents.decided().map(status).collect(), signed_in, signals }
    }

    pub(super) fn grants(&self, purpose: &Purpose) -> bool {
        self.consents.get(purpose) == Some(&ConsentStatus::Granted)
    }

    /// What may be acted on.
    pub(super) fn allows(&self, purpose: &Purpose) -> bool {
        self.grants(purpose) && !self.signals.lowered().contains(purpose.kind())
    }

    /// What is left of this shopper when the next one comes: what the world outside says stays said.
    pub(super) fn of_the_next(&self) -> Self {
        Self { signals: self.signals.clone(), ..Self::default() }
    }
}

/// What signals take away by more than a permission of the platform.
pub(super) fn forbidden(signals: &Signals) -> PurposeSet {
    let platform = [Overlay::Location, Overlay::Bluetooth, Overlay::Notifications];
    let others = signals.each().into_iter().filter(|(overlay, _)| !platform.contains(overlay));
    others.fold(PurposeSet::EMPTY, |all, (_, lowered)| all.union(lowered))
}
