//! The ledger as a consent record that others can read: the shape of ISO/IEC TS 27560, with the
//! terms of the W3C's Data Privacy Vocabulary (DPV 2).
//!
//! The signed entries go along as they are: whoever has the record can check it without Patron.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Anchor, ConsentCatalogue, ConsentStatus, Decision, Purpose, PurposeKind, Seal};
use crate::clock;

/// What stands in `schema_version`.
const SCHEMA: &str = "ISO/IEC TS 27560:2023";

/// The record of every decision in `ledger`, oldest first, made at `now_ms`.
pub fn consent_record(
    installation: Uuid,
    ledger: &[(Decision, Seal)],
    catalogue: &ConsentCatalogue,
    anchor: Option<&Anchor>,
    now_ms: i64,
) -> Value {
    let mut purposes: Vec<&Purpose> = ledger.iter().map(|(decision, _)| &decision.purpose).collect();
    purposes.sort();
    purposes.dedup();
    let processing: Vec<Value> = purposes.iter().map(|purpose| processing(purpose, catalogue)).collect();
    let events: Vec<Value> = ledger.iter().map(|(decision, seal)| event(decision, seal)).collect();
    json!({
        "@context": {"dpv": "https://w3id.org/dpv#", "pd": "https://w3id.org/dpv/pd#"},
        "header": {
            "schema_version": SCHEMA,
            "record_id": format!("urn:uuid:{installation}"),
            "pii_principal_id": format!("/installations/{installation}"),
            "created_at": clock::rfc3339(now_ms),
        },
        "pii_processing": {
            "privacy_notice": catalogue.version,
            "privacy_notice_hash": catalogue.hash(),
            "lawful_basis": "dpv:Consent",
            "purposes": processing,
        },
        "consent_events": events,
        "countersigned": anchor,
    })
}

fn processing(purpose: &Purpose, catalogue: &ConsentCatalogue) -> Value {
    let (term, data) = terms(purpose.kind());
    json!({
        "purpose": purpose.kind(),
        "purpose_type": term,
        "pii_type": data,
        "recipient_third_parties": purpose.partner().into_iter().collect::<Vec<_>>(),
        "title": catalogue.text(purpose, "en", None).map(|(_, text)| text.title),
        "meaning": catalogue.meaning(purpose),
        "storage_location": storage(purpose.kind()),
        "withdrawal_method": "in the app, at any time, offline too",
    })
}

fn event(decision: &Decision, seal: &Seal) -> Value {
    json!({
        "event_time": clock::rfc3339(decision.decided_at_ms),
        // A refusal is no consent of any type.
        "event_type": (decision.status == ConsentStatus::Granted).then_some("dpv:ExplicitlyExpressedConsent"),
        "event_state": state(decision.status),
        "purpose": decision.purpose.kind(),
        "partner": decision.purpose.partner(),
        // What became of what rested on the yes until then; of a partner nothing is held here.
        "captured_data": (decision.status == ConsentStatus::Withdrawn && decision.purpose.partner().is_none())
            .then_some(if decision.keeps_captured { "kept" } else { "erased" }),
        "valid_until": decision.expires_at_ms.map(clock::rfc3339),
        "notice_hash": decision.text,
        "notice_language": decision.locale,
        "collection_method": decision.surface,
        "signed": {"entry": seal.entry, "signature": seal.signature_hex(), "algorithm": "Ed25519"},
    })
}

fn state(status: ConsentStatus) -> &'static str {
    match status {
        ConsentStatus::Granted => "dpv:ConsentGiven",
        ConsentStatus::Denied => "dpv:ConsentRefused",
        ConsentStatus::Withdrawn => "dpv:ConsentWithdrawn",
        ConsentStatus::Expired => "dpv:ConsentExpired",
        ConsentStatus::Stale => "dpv:ConsentInvalidated",
        ConsentStatus::NotAsked => "dpv:ConsentUnknown",
    }
}

/// Where what is taken lies: what is recorded is sent, and the rest stays on the device.
fn storage(kind: PurposeKind) -> &'static [&'static str] {
    match kind {
        PurposeKind::PartnerOffers
        | PurposeKind::CoarseLocation
        | PurposeKind::Personalisation
        | PurposeKind::Notifications => &["dpv:WithinDevice"],
        PurposeKind::PreciseLocation
        | PurposeKind::Beacons
        | PurposeKind::Engagement
        | PurposeKind::Dialogue
        | PurposeKind::PartnerSharing => &["dpv:WithinDevice", "dpv:RemoteLocation"],
    }
}

/// What the purpose is for and what it takes, in the vocabulary's terms.
fn terms(kind: PurposeKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        PurposeKind::PartnerOffers => ("dpv:Advertising", &["pd:Preference"]),
        PurposeKind::CoarseLocation => ("dpv:ServicePersonalisation", &["pd:Location"]),
        PurposeKind::PreciseLocation => ("dpv:ServicePersonalisation", &["pd:Location", "pd:GPSCoordinate"]),
        PurposeKind::Beacons => ("dpv:ServicePersonalisation", &["pd:Location"]),
        PurposeKind::Engagement => ("dpv:ServiceUsageAnalytics", &["pd:PurchasesAndSpendingHabit", "pd:Interest"]),
        PurposeKind::Personalisation => ("dpv:PersonalisedAdvertising", &["pd:Interest", "pd:Preference"]),
        PurposeKind::PartnerSharing => ("dpv:ThirdPartyPersonalisedAdvertising", &["pd:Interest"]),
        PurposeKind::Notifications => ("dpv:DirectMarketing", &["pd:Preference"]),
        PurposeKind::Dialogue => ("dpv:CommunicationForCustomerCare", &["pd:Communication"]),
    }
}
