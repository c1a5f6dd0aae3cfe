//! `GET /openapi.json`: the paths from the handlers, the bodies from `schemas.json`.
//!
//! The wire types belong to the core, which knows nothing of OpenAPI; their schemas stand beside
//! this file, and a test compares each with the type it describes.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::problem::{Kind, Problem};

const SCHEMAS: &str = include_str!("schemas.json");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Patron backend",
        description = "The other half of Patron's wire protocol, version 1. docs/protocol.md says it in words.",
    ),
    paths(
        super::catalogue::catalogue,
        super::consent::consent,
        super::identity::identity,
        super::rights::rights,
        super::preferences::preferences,
        super::events::events,
        super::keys::keys,
        super::partner::events,
        super::admin::standing,
        super::admin::publish,
        super::admin::cancel,
        super::dry_run::dry_run,
        super::reach::reach,
        super::health::health,
        openapi,
    ),
    modifiers(&Key)
)]
struct Api;

/// How a key is sent.
struct Key;

impl Modify for Key {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The tenant's API key, a partner's for /v1/partner, a publisher's for /v1/admin"))
            .build();
        api.components.get_or_insert_default().add_security_scheme("key", SecurityScheme::Http(key));
    }
}

static DOCUMENT: LazyLock<serde_json::Result<String>> = LazyLock::new(|| {
    let schemas: Map<String, Value> = serde_json::from_str(SCHEMAS)?;
    let mut api = serde_json::to_value(Api::openapi())?;
    if let Some(described) = api.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        described.extend(schemas);
    }
    serde_json::to_string(&api)
});

/// This description. Needs no key.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object))
)]
pub(crate) async fn openapi() -> Result<Response, Problem> {
    match &*DOCUMENT {
        Ok(document) => Ok(([(header::CONTENT_TYPE, "application/json")], document.as_str()).into_response()),
        Err(why) => Err(Problem::new(Kind::Internal, format!("openapi.json: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use patron_core::consent::{Anchor, ConsentStatus, Entry, PurposeKind, Sha};
    use patron_core::sync::{Delta, Piece, wire};
    use serde::Serialize;
    use uuid::Uuid;

    use super::*;

    fn document() -> Value {
        serde_json::from_str(DOCUMENT.as_ref().unwrap()).unwrap()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let served: BTreeSet<(String, String)> = super::super::routes()
            .into_iter()
            .map(|(path, method, _)| (path.to_owned(), method.as_str().to_lowercase()))
            .collect();
        let document = document();
        let described = document["paths"].as_object().unwrap().iter();
        let described: BTreeSet<(String, String)> = described
            .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())))
            .collect();
        assert_eq!(served, described);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }

    /// `full` has every optional field.
    fn assert_described(name: &str, full: &impl Serialize) {
        let full = serde_json::to_value(full).unwrap();
        let document = document();
        let schema = &document["components"]["schemas"][name];
        let fields: BTreeSet<&String> = full.as_object().unwrap().keys().collect();
        let described: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(fields, described, "{name}");
        for required in schema["required"].as_array().unwrap() {
            assert!(fields.contains(&required.as_str().unwrap().to_owned()), "{name} requires {required}");
        }
    }

    #[test]
    fn every_wire_type_is_described_field_by_field() {
        let id = Uuid::from_u128(1);
        let text = String::new;
        let event = wire::CloudEvent {
            specversion: text(),
            id,
            source: text(),
            kind: text(),
            subject: Some(text()),
            time: text(),
            datacontenttype: text(),
            purpose: PurposeKind::Engagement,
            partner: Some(text()),
            consentepoch: 1,
            monotonicms: 1,
            bootid: id,
            sessionid: id,
            schemaversion: 1,
            data: serde_json::value::RawValue::from_string("{}".into()).unwrap(),
        };
        let verdict = wire::Verdict { id, verdict: wire::VerdictKind::Drop, reason: Some(text()) };
        let decision = wire::ConsentDecision { epoch: 1, entry: text(), signature: text() };
        assert_described("CloudEvent", &event);
        let clock = wire::SentClock { monotonicms: 1, bootid: id };
        let reasons = || std::collections::BTreeMap::from([(text(), 1)]);
        let account = wire::AccountReport {
            accepted: 3,
            delivered: 0,
            queued: 0,
            dead: reasons(),
            evicted: reasons(),
            purged: reasons(),
        };
        assert_described("SentClock", &clock);
        assert_described("AccountReport", &account);
        assert_described("Verdict", &verdict);
        assert_described("ConsentDecision", &decision);
        assert_described(
            "EventBatch",
            &wire::EventBatch {
                batch: id,
                installation: id,
                sent_at: text(),
                sent_clock: Some(clock),
                account: Some(account.clone()),
                events: vec![event],
            },
        );
        assert_described("BatchReply", &wire::BatchReply { batch: id, verdicts: vec![verdict], server_time: text() });
        assert_described(
            "ConsentReport",
            &wire::ConsentReport {
                installation: id,
                decisions: vec![decision],
                lowered: vec![PurposeKind::Engagement],
                pseudonyms: [(text(), id)].into(),
                catalogue_revision: 1,
                standing: Some(1),
                account: Some(account),
            },
        );
        let other = wire::SignedEntry { entry: text(), signature: text() };
        assert_described("SignedEntry", &other);
        let anchor = Anchor { head: Sha::NONE, epoch: 1, at: text(), key: text(), signature: text() };
        assert_described("Anchor", &anchor);
        let words = serde_json::value::RawValue::from_string("{}".into()).unwrap();
        assert_described(
            "ConsentAck",
            &wire::ConsentAck { epoch: 1, anchor: Some(anchor), others: vec![other], catalogue: Some(words) },
        );
        let right = wire::SignedRight { id, kind: wire::RightKind::Erase, statement: text(), signature: text() };
        assert_described("SignedRight", &right);
        assert_described("RightsRequest", &wire::RightsRequest { requests: vec![right] });
        let refused = wire::RefusedRight { id, reason: text() };
        assert_described("RefusedRight", &refused);
        assert_described(
            "RightsReply",
            &wire::RightsReply { done: vec![id], refused: vec![refused], export: Some(Value::Null) },
        );
        assert_described(
            "RightStatement",
            &wire::RightStatement {
                version: 1,
                id,
                installation: id,
                kind: wire::RightKind::ErasePurpose,
                purpose: Some(PurposeKind::PartnerSharing),
                partner: Some(text()),
                until: Some(1),
                asked_at: text(),
                key: text(),
            },
        );
        assert_described("Entry", &entry(id));
        assert_described("Delta", &Delta { sha256: Sha::NONE, pieces: vec![Piece::Copy(0, 1)] });
        assert_described(
            "PreferencesStatement",
            &wire::PreferencesStatement {
                version: 1,
                installation: id,
                epoch: 1,
                standing: Some(1),
                base: 1,
                document: Some(Value::Null),
                key: text(),
            },
        );
        assert_described("SignedPreferences", &wire::SignedPreferences { statement: text(), signature: text() });
        assert_described(
            "PreferencesReply",
            &wire::PreferencesReply { revision: 1, stored: true, document: Some(Value::Null), follows: true },
        );
        assert_described("IdentityReply", &wire::IdentityReply { secret: text() });
        assert_described("IdentityLink", &wire::IdentityLink { installation: id, alias: id, token: text() });
        assert_described("Problem", &wire::Problem { kind: text(), title: text(), status: 1, detail: Some(text()) });
    }

    /// With every optional field.
    fn entry(id: Uuid) -> Entry {
        Entry {
            version: 1,
            id,
            seq: 1,
            prev: Sha::NONE,
            parents: vec![Sha::NONE],
            purpose: PurposeKind::PartnerSharing,
            partner: Some(String::new()),
            status: ConsentStatus::Granted,
            decided_at: String::new(),
            expires_at: Some(String::new()),
            meaning: 1,
            text: Some(Sha::NONE),
            locale: Some(String::new()),
            surface: Some(String::new()),
            account: true,
            keeps_captured: true,
            key: String::new(),
        }
    }

    #[test]
    fn every_purpose_is_described() {
        let document = document();
        let described = document["components"]["schemas"]["Purpose"]["enum"].as_array().unwrap();
        let known: Vec<Value> = PurposeKind::ALL.iter().map(|purpose| purpose.as_str().into()).collect();
        assert_eq!(described, &known);
    }
}
