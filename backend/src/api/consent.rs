//! `POST /v1/consent`: the shopper's decisions, stored once each.

use axum::Json;
use axum::extract::State;
use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::sync::wire::{ConsentAck, ConsentDecision, ConsentReport};

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::Problem;
use crate::store::Work;

/// Stores decisions of consent.
#[utoipa::path(
    post,
    path = "/v1/consent",
    request_body(content = ref("#/components/schemas/ConsentReport"), content_type = "application/json"),
    responses(
        (status = 200, description = "Every decision is stored", body = ref("#/components/schemas/ConsentAck")),
        (status = 400, description = "Nothing was stored", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 409, description = "A decision's id was used for another decision", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn consent(caller: Caller, State(app): State<App>, body: Packed) -> Result<Json<ConsentAck>, Problem> {
    let body = body.open(&app, &caller).await?;
    let report: ConsentReport = body.json()?;
    for (place, decision) in report.decisions.iter().enumerate() {
        check(place, decision)?;
    }
    let ack = app.writer.ask(|reply| Work::Consent { tenant: caller.tenant, report, reply }).await?;
    Ok(Json(ack))
}

fn check(place: usize, decision: &ConsentDecision) -> Result<(), Problem> {
    let at = |field: &str, why: &str| Err(Problem::malformed(format!("decisions[{place}].{field}: {why}")));
    match ConsentStatus::from_name(&decision.status) {
        Some(ConsentStatus::Granted | ConsentStatus::Denied | ConsentStatus::Withdrawn) => {}
        Some(ConsentStatus::NotAsked) | None => return at("status", "is not granted, denied or withdrawn"),
    }
    if Purpose::from_parts(decision.purpose, decision.partner.as_deref()).is_none() {
        return at("partner", "goes with partner_sharing, always, and with no other purpose");
    }
    if decision.partner.as_ref().is_some_and(|partner| partner.is_empty() || partner.len() > 256) {
        return at("partner", "takes 1 to 256 bytes");
    }
    if decision.decided_at.parse::<jiff::Timestamp>().is_err() {
        return at("decided_at", "is not a time of RFC 3339");
    }
    if decision.epoch == 0 || i64::try_from(decision.epoch).is_err() {
        return at("epoch", "is not within 1..=9223372036854775807");
    }
    Ok(())
}
