//! What a shopper may ask of a backend: to see, and to be forgotten.

use serde_json::json;
use uuid::Uuid;

use super::{Answer, Backend};
use crate::clock::rfc3339;
use crate::consent::{ConsentStatus, PurposeKind, verify_hex};
use crate::simulation::{Broken, broken};
use crate::sync::wire::{CloudEvent, RightKind, RightStatement, RightsReply, RightsRequest};

/// What was erased, and is not taken any more when it comes late.
pub(super) struct Erasure {
    installation: Uuid,
    /// `None`: everything, and the installation with it.
    purpose: Option<PurposeKind>,
    partner: Option<String>,
    /// Up to this epoch.
    until: u64,
}

impl Erasure {
    fn reaches(&self, installation: Uuid, purpose: PurposeKind, partner: Option<&str>, epoch: u64) -> bool {
        let meant = self.purpose.is_none_or(|erased| erased == purpose);
        let whose = self.partner.as_deref().is_none_or(|erased| Some(erased) == partner);
        self.installation == installation && meant && whose && epoch <= self.until
    }

    pub(super) fn takes(&self, installation: Uuid, event: &CloudEvent) -> bool {
        self.reaches(installation, event.purpose, event.partner.as_deref(), event.consentepoch)
    }
}

impl Backend {
    /// Whether the installation had everything erased.
    pub(super) fn is_erased(&self, installation: &Uuid) -> bool {
        self.erasures.iter().any(|erasure| erasure.installation == *installation && erasure.purpose.is_none())
    }

    /// Does at once what a device may ask for, and nothing that it may not.
    pub(super) fn rights(&mut self, asked: RightsRequest) -> Result<Answer, Broken> {
        let mut reply = RightsReply::default();
        for right in &asked.requests {
            let Ok(statement) = serde_json::from_str::<RightStatement>(&right.statement) else {
                return broken(format!("a statement that does not read left the device: {}", right.statement));
            };
            if !verify_hex(&statement.key, right.statement.as_bytes(), &right.signature) || statement.id != right.id {
                return broken(format!("a statement that does not hold left the device: {}", right.statement));
            }
            if statement.kind == RightKind::Erase || statement.purpose == Some(PurposeKind::Personalisation) {
                self.rules.forget();
            }
            match statement.kind {
                RightKind::Export => reply.export = Some(self.shown_to(&statement.installation)),
                RightKind::Erase | RightKind::ErasePurpose if self.done.insert(right.id) => self.erase(statement),
                RightKind::Erase | RightKind::ErasePurpose => {}
            }
            reply.done.push(right.id);
        }
        Ok(super::json(&reply))
    }

    fn erase(&mut self, asked: RightStatement) {
        let (purpose, partner) = (asked.purpose, asked.partner);
        let held = self.decisions.get(&asked.installation);
        let until = purpose.map(|purpose| {
            // Up to the last withdrawal of the same moment; where none is held, all that is.
            let said = asked.until.or_else(|| {
                let mut no = held?.values().map(|entered| &entered.decision);
                let no = no.rfind(|said| {
                    said.purpose.kind() == purpose
                        && said.purpose.partner() == partner.as_deref()
                        && said.status != ConsentStatus::Granted
                        && rfc3339(said.decided_at_ms) == asked.asked_at
                });
                no.map(|said| said.epoch)
            });
            said.or_else(|| held?.keys().next_back().copied()).unwrap_or(0)
        });
        let erasure = Erasure { installation: asked.installation, purpose, partner, until: until.unwrap_or(u64::MAX) };
        for stored in self.events.values_mut() {
            let partner = stored.partner.as_deref();
            stored.erased |= erasure.reaches(stored.installation, stored.purpose, partner, stored.epoch);
        }
        self.erasures.push(erasure);
    }

    /// What is held of an installation, as far as a canary goes: the offers that its events name.
    fn shown_to(&self, installation: &Uuid) -> serde_json::Value {
        let held = self.events.values().filter(|stored| stored.installation == *installation && !stored.erased);
        let naming = held.filter(|stored| stored.names_offer).take(3);
        json!({ "events": naming.map(|_| json!({ "data": { "offer": "offer-7" } })).collect::<Vec<_>>() })
    }
}
