//! `POST /v1/consent`: the shopper's decisions, stored once each.

use axum::Json;
use axum::extract::State;
use patron_core::sync::wire::{ConsentAck, ConsentReport};

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::{Kind, Problem};
use crate::report;
use crate::store::Work;

/// Stores decisions of consent.
#[utoipa::path(
    post,
    path = "/v1/consent",
    request_body(content = ref("#/components/schemas/ConsentReport"), content_type = "application/json"),
    responses(
        (status = 200, description = "Every decision is stored; with the countersigned head, and what other devices decided", body = ref("#/components/schemas/ConsentAck")),
        (status = 400, description = "Nothing was stored", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 409, description = "A decision's id was used for another decision, the ledger forks, or its installation was erased", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn consent(caller: Caller, State(app): State<App>, body: Packed) -> Result<Json<ConsentAck>, Problem> {
    let body = body.open(&app).await?;
    let report: ConsentReport = body.json()?;
    let report = tokio::task::spawn_blocking(move || report::read(report))
        .await
        .map_err(|_| Problem::new(Kind::Internal, "checking the signatures failed"))?
        .map_err(Problem::malformed)?;
    let ack = app.writer.ask(|reply| Work::Consent { tenant: caller.tenant, report, reply }).await?;
    Ok(Json(ack))
}
