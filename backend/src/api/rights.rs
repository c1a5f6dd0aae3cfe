//! `POST /v1/rights`: what shoppers ask for: to see, and to leave.

use axum::Json;
use axum::extract::State;
use patron_core::sync::wire::{RefusedRight, RightsReply, RightsRequest};

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::{Kind, Problem};
use crate::rights;
use crate::store::Work;

/// Does what is asked, in order. Answered only when it is on disk; sent again, it changes nothing.
#[utoipa::path(
    post,
    path = "/v1/rights",
    request_body(content = ref("#/components/schemas/RightsRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "What is done, and what never will be", body = ref("#/components/schemas/RightsReply")),
        (status = 400, description = "Nothing was done", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn rights(caller: Caller, State(app): State<App>, body: Packed) -> Result<Json<RightsReply>, Problem> {
    let body = body.open(&app).await?;
    let sent: RightsRequest = body.json()?;
    let asked = tokio::task::spawn_blocking(move || {
        let requests = sent.requests.iter();
        requests.map(|one| rights::read(one).map_err(|reason| RefusedRight { id: one.id, reason })).collect()
    })
    .await
    .map_err(|_| Problem::new(Kind::Internal, "checking the signatures failed"))?;
    let reply = app.writer.ask(|reply| Work::Rights { tenant: caller.tenant, asked, reply }).await?;
    Ok(Json(reply))
}
