//! A backend that understands every request and says yes, for as long as a script wants that.

use patron_core::sync::wire::{
    BatchReply, ConsentAck, ConsentReport, EventBatch, PreferencesReply, PreferencesStatement, RightsReply,
    RightsRequest, SignedPreferences, Verdict, VerdictKind,
};
use patron_core::sync::{Request, Response};

/// The answer that everything hopes for. Panics on a request that does not keep to the protocol.
pub(crate) fn yes(request: &Request) -> Response {
    let packed = request.headers.iter().any(|(name, value)| name == "content-encoding" && value == "zstd");
    let body = if packed { zstd::decode_all(request.body.as_slice()).expect("zstd") } else { request.body.clone() };
    let json = |body: Vec<u8>| Response { status: 200, headers: Vec::new(), body };
    let path = request.url.strip_prefix("https://fuzz.invalid").expect("requests go to the endpoint");
    match path {
        "/v1/catalogue" => Response { status: 200, headers: Vec::new(), body: HAMLET.into() },
        "/v1/identity" => Response { status: 204, headers: Vec::new(), body: Vec::new() },
        "/v1/consent" => {
            let report: ConsentReport = serde_json::from_slice(&body).expect("a consent report");
            let epoch = report.decisions.iter().map(|decision| decision.epoch).max().unwrap_or(0);
            json(serde_json::to_vec(&ConsentAck { epoch, ..ConsentAck::default() }).expect("JSON"))
        }
        "/v1/rights" => {
            let asked: RightsRequest = serde_json::from_slice(&body).expect("a request of rights");
            let done = asked.requests.iter().map(|right| right.id).collect();
            json(serde_json::to_vec(&RightsReply { done, ..RightsReply::default() }).expect("JSON"))
        }
        "/v1/preferences" => {
            let told: SignedPreferences = serde_json::from_slice(&body).expect("what was said of rules");
            let told: PreferencesStatement = serde_json::from_str(&told.statement).expect("a statement");
            let stored = told.document.is_some();
            let reply =
                PreferencesReply { revision: told.base + u64::from(stored), stored, ..PreferencesReply::default() };
            json(serde_json::to_vec(&reply).expect("JSON"))
        }
        "/v1/events" => {
            let batch: EventBatch = serde_json::from_slice(&body).expect("a batch");
            let ok = |id| Verdict { id, verdict: VerdictKind::Ok, reason: None };
            let verdicts = batch.events.iter().map(|event| ok(event.id)).collect();
            let reply = BatchReply { batch: batch.batch, verdicts, server_time: "2026-11-23T08:00:00Z".to_owned() };
            json(serde_json::to_vec(&reply).expect("JSON"))
        }
        other => panic!("a request to {other}"),
    }
}

/// A catalogue with one place and one offer: enough for a visit, and quick to read.
pub(crate) const HAMLET: &str = r#"{"version":"1","ttl_s":3600,
"places":[{"id":"square","name":"Square","circle":{"latitude":60.1675,"longitude":24.9525,"radius_m":60},"dwell_s":60}],
"offers":[{"id":"wool","version":1,"priority":1,"placements":["home"],"title":"Wool","body":"","benefit":{"kind":"access"}}]}"#;
